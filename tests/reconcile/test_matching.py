"""Which records of different vendors are taken for one appointment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.model.appointment import Appointment, Client, Status
from syncd.model.record import BadRow
from tests.reconcile.world import (
    JANE,
    NOW,
    OMAR,
    known,
    left_alone,
    listing,
    mapping,
    only,
    part,
    plan_for,
    record,
    rules,
    slot,
    told,
    visit,
)

NOBODY = Client()


def linked(one: Appointment, other: Appointment) -> bool:
    """Whether a record of crm and one of office, both unknown so far, are taken for one appointment."""
    plan = plan_for([listing("crm", record("crm", one)), listing("office", record("office", other))])
    return told(plan) == ["adopt office"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({}, {}, True),
        ({}, {"title": "Another title", "notes": "n"}, True),
        ({}, {"slot": slot(10, 0, minutes=90)}, True),
        ({}, {"slot": slot(10, 1)}, False),
        ({}, {"clients": (OMAR,)}, False),
        ({}, {"clients": (OMAR, JANE)}, True),
        ({}, {"clients": (replace(JANE, email="JANE@Example.com", phone="", first_name="J"),)}, True),
        ({}, {"clients": (replace(JANE, email="other@example.com"),)}, False),
        ({}, {"clients": (replace(OMAR, email="", phone="(555) 0101"),)}, False),
        ({}, {"clients": (replace(OMAR, email="", phone="+381 555-0100"),)}, True),
        ({}, {"clients": (Client(first_name="jane", last_name="SMITH"),)}, True),
        ({}, {"clients": (), "title": " visit "}, True),
        ({}, {"clients": (), "title": "Another"}, False),
        ({}, {"clients": (NOBODY,), "title": "Visit"}, True),
        ({"clients": ()}, {"clients": ()}, True),
    ],
)
def test_two_records_are_one_appointment_by_start_and_client_or_title(
    one: dict[str, Any], other: dict[str, Any], same: bool
) -> None:
    """The start in minutes and the client decide: by e-mail, else phone, else name; without a client, the title."""
    assert linked(visit(**one), visit(**other)) is same


def test_linking_writes_nothing() -> None:
    """What two vendors have already is linked as it is: their differences are accepted and not levelled."""
    one, other = visit(notes="crm's", title="A"), visit(notes="office's", title="B", slot=slot(minutes=60))
    plan = plan_for([listing("crm", record("crm", one)), listing("office", record("office", other))])
    assert told(plan) == ["adopt office"]
    assert only(plan).agreed.slot == one.slot
    assert only(plan).agreed.notes == "crm's"


def test_what_the_first_vendor_leaves_empty_is_filled_from_the_next() -> None:
    """An empty field of the founding record takes the value of a linked one, and nobody is written to for it."""
    plan = plan_for(
        [
            listing("crm", record("crm", visit(title="", clients=(replace(JANE, phone=""),)))),
            listing("office", record("office", visit(notes="Ring"))),
        ]
    )
    assert told(plan) == ["adopt office"]
    assert (only(plan).agreed.title, only(plan).agreed.notes) == ("Visit", "Ring")
    assert only(plan).agreed.clients == (JANE,)


def test_a_record_that_nobody_else_has_is_created_elsewhere() -> None:
    """An appointment that one vendor has is created at those that lack it, each with the reason."""
    plan = plan_for([listing("crm", record("crm")), listing("office"), listing("site")])
    assert told(plan) == ["create office", "create site"]
    assert {operation.reason for operation in plan.operations} == {
        "crm has it; office does not",
        "crm has it; site does not",
    }


def test_identical_twins_are_paired_off() -> None:
    """Two records that nothing tells apart meet two others like them: each finds one, and nothing is created."""
    twins = [listing(vendor, record(vendor), record(vendor, remote_id="2")) for vendor in ("crm", "office")]
    plan = plan_for(twins)
    assert told(plan) == ["adopt office", "adopt office"]
    assert {len(outlook.mappings) for outlook in plan.outlooks} == {2}


def test_the_third_of_three_twins_is_an_appointment_of_its_own() -> None:
    """Where one vendor has a twin more than the other, the one left over is created there."""
    plan = plan_for(
        [
            listing("crm", record("crm"), record("crm", remote_id="2")),
            listing("office", *(record("office", remote_id=key) for key in "123")),
        ]
    )
    assert told(plan) == ["adopt office", "adopt office", "create crm"]


def test_fits_that_something_tells_apart_are_ambiguous() -> None:
    """Two records that fit one appointment and differ are named, not guessed, and not created anywhere either."""
    plan = plan_for(
        [
            listing("crm", record("crm")),
            listing("office", record("office", visit(notes="x")), record("office", visit(notes="y"), "2")),
            listing("site"),
        ],
        policy=rules("crm", "office", "site"),
    )
    assert told(plan) == ["create site"]
    assert [(entry.vendor, entry.remote_id) for entry in plan.quarantined] == [("office", "1"), ("office", "2")]
    assert "nothing says which belongs to which" in plan.quarantined[0].reason


def test_a_record_that_shows_client_and_title_unites_those_that_show_one() -> None:
    """One vendor has the title alone, another the client alone: the record that shows both belongs to both."""
    titled, named = visit(title="Visit", clients=()), visit(title="")
    plan = plan_for(
        [
            listing("crm", record("crm", titled)),
            listing("office", record("office", named)),
            listing("site"),
            listing("book", record("book")),
        ],
        policy=rules("crm", "office", "book", "site"),
    )
    assert told(plan) == ["adopt office", "adopt book", "create site"]
    assert len(plan.outlooks) == 1


def test_two_clients_at_one_time_are_united_by_nothing() -> None:
    """A record that shows two clients fits the appointments of both, and belongs to neither for certain."""
    both = visit(clients=(JANE, OMAR))
    plan = plan_for(
        [
            listing("crm", record("crm")),
            listing("office", record("office", visit(clients=(OMAR,)))),
            listing("book", record("book", both)),
        ],
        policy=rules("crm", "office", "book"),
    )
    assert [entry.vendor for entry in plan.quarantined] == ["book"]
    assert not plan.operations


def test_one_that_is_known_and_one_that_is_new_may_turn_out_to_be_one() -> None:
    """As long as a record could be of both, neither is created where the other has its own."""
    plan = plan_for(
        [
            listing("crm", unchanged={"1"}),
            listing("office", record("office", visit(clients=(OMAR,)))),
            listing("book", record("book", visit(clients=(JANE, OMAR)))),
        ],
        known(mapping("crm")),
        policy=rules("crm", "office", "book"),
    )
    assert [entry.vendor for entry in plan.quarantined] == ["book"]
    assert not plan.operations


def test_an_ambiguity_does_not_reach_beyond_its_own_records() -> None:
    """Another client's record at the same time is linked all the same."""
    plan = plan_for(
        [
            listing("crm", record("crm"), record("crm", visit(clients=(OMAR,)), "2")),
            listing(
                "office",
                record("office", visit(notes="x")),
                record("office", visit(notes="y"), "2"),
                record("office", visit(clients=(OMAR,)), "3"),
            ),
        ]
    )
    assert told(plan) == ["adopt office"]
    assert len(plan.quarantined) == 2


def test_an_ambiguity_is_new_once() -> None:
    """An ambiguity that was reported before is reported as known."""
    snapshots = [
        listing("crm", record("crm")),
        listing("office", record("office", visit(notes="x")), record("office", visit(notes="y"), "2")),
    ]
    first = plan_for(snapshots)
    second = plan_for(snapshots, quarantines=left_alone(first.quarantined))
    assert [entry.new for entry in first.quarantined] == [True, True]
    assert [entry.new for entry in second.quarantined] == [False, False]


@pytest.mark.parametrize("since", [None, timedelta(minutes=1), timedelta(minutes=59)])
def test_nothing_is_created_that_an_unreadable_row_could_be(since: timedelta | None) -> None:
    """A row of which not even the start can be told keeps all creates back at its vendor, for an hour."""
    bad = BadRow(vendor="office", remote_id="7", reason="no date", fingerprint=b"x")
    snapshots = [listing("crm", record("crm")), listing("office", bad_rows=(bad,)), listing("site")]
    first = plan_for(snapshots)
    memory: dict[str, Any] = {} if since is None else {"quarantines": left_alone(first.quarantined, NOW - since)}
    plan = plan_for(snapshots, **memory)
    assert told(plan) == ["create site"]
    assert "office that could be it cannot be read (7: no date)" in plan.waiting[0]
    assert only(plan).pending


def test_a_row_that_stays_unreadable_keeps_creates_back_for_an_hour_alone() -> None:
    """After that the vendor would stand still for one row of which the operator knows."""
    bad = BadRow(vendor="office", remote_id="7", reason="no date", fingerprint=b"x")
    snapshots = [listing("crm", record("crm")), listing("office", bad_rows=(bad,))]
    memory: dict[str, Any] = {"quarantines": left_alone(plan_for(snapshots).quarantined, NOW - timedelta(hours=1))}
    assert told(plan_for(snapshots, **memory)) == ["create office"]


@pytest.mark.parametrize(("hour", "created"), [(10, []), (11, ["create office"])])
@pytest.mark.parametrize("age", [timedelta(0), timedelta(days=3)])
def test_an_unreadable_row_that_shows_its_start_could_be_what_starts_then(
    hour: int, created: list[str], age: timedelta
) -> None:
    """Only creates at that time are kept back, as long as it cannot be read."""
    bad = BadRow(vendor="office", remote_id="7", reason="no client", starts=frozenset({visit().slot.minute}))
    snapshots = [listing("crm", record("crm", visit(slot=slot(hour)))), listing("office", bad_rows=(bad,))]
    memory: dict[str, Any] = {"quarantines": left_alone(plan_for(snapshots).quarantined, NOW - age)}
    assert told(plan_for(snapshots, **memory)) == created


def test_an_unreadable_row_that_is_mapped_keeps_no_create_back() -> None:
    """It is known whose it is."""
    bad = BadRow(vendor="office", remote_id="1", reason="no date")
    other = known(mapping("office", visit(slot=slot(15))), mapping("crm", visit(slot=slot(15))))
    crm = listing("crm", record("crm", remote_id="2"), unchanged={"1"})
    assert told(plan_for([crm, listing("office", bad_rows=(bad,))], other)) == ["create office"]
    strange = replace(bad, remote_id="7")
    assert told(plan_for([crm, listing("office", bad_rows=(bad, strange))], other)) == []


def test_half_a_listing_links_and_founds_nothing() -> None:
    """The rest of a partial listing may hold the record that makes a link ambiguous."""
    plan = plan_for([part("crm", record("crm")), listing("office", record("office"))])
    assert told(plan) == []
    assert plan.waiting == ("1 create(s) at crm put off: crm was not listed completely",)


@pytest.mark.parametrize("days", [-2, 91])
def test_records_outside_the_window_concern_nobody(days: int) -> None:
    """A record that starts outside the window is neither linked nor created elsewhere."""
    plan = plan_for([listing("crm", record("crm", visit(slot=slot(day=days)))), listing("office")])
    assert not plan.operations
    assert not plan.outlooks


@pytest.mark.parametrize(
    "content", [visit(slot=slot(7, day=0)), visit(status=Status.COMPLETED), visit(status=Status.NO_SHOW)]
)
def test_what_is_past_or_over_is_created_nowhere(content: Appointment) -> None:
    """An appointment that has begun, or is over, is remembered and not created."""
    plan = plan_for([listing("crm", record("crm", content)), listing("office")])
    assert not plan.operations
    assert not plan.waiting


def test_an_appointment_that_begins_now_is_past() -> None:
    """What starts at this very moment is not created any more; a second later it would be."""
    content = visit(slot=replace(slot(8, day=0)))
    snapshots = [listing("crm", record("crm", content)), listing("office")]
    assert told(plan_for(snapshots, now=NOW)) == []
    assert told(plan_for(snapshots, now=NOW - timedelta(seconds=1))) == ["create office"]


def test_a_cancelled_record_is_created_nowhere() -> None:
    """What was cancelled before syncd knew it stays with the vendor that has it."""
    plan = plan_for([listing("crm", record("crm", visit(status=Status.CANCELLED))), listing("site")])
    assert not plan.operations


def test_no_create_that_an_unread_row_could_turn_out_to_be() -> None:
    """A row that could not be read yet blocks creates at its own time, and no others."""
    unread = {"7": record("site", visit(clients=()), "7", whole=False)}
    plan = plan_for(
        [
            listing("crm", record("crm"), record("crm", visit(slot=slot(12)), "2")),
            listing("site", unread=unread),
        ]
    )
    assert told(plan) == ["create site"]
    assert plan.operations[0].target.slot == slot(12)
    assert plan.waiting == ("1 create(s) at site put off: site has a row at this time that is not read yet",)


def test_an_unread_row_blocks_at_every_time_that_it_may_mean() -> None:
    """Of an unread row with an ambiguous local time, each reading counts."""
    row = record("site", visit(slot=slot(9)), "7", whole=False, other_readings=(slot(10),))
    assert not plan_for([listing("crm", record("crm")), listing("site", unread={"7": row})]).operations


def test_of_an_ambiguous_local_time_the_reading_that_others_have_counts() -> None:
    """A record whose local time means two instants is linked by the second, and then stands for that one."""
    late = slot(11)
    plan = plan_for(
        [
            listing("crm", record("crm", visit(slot=late))),
            listing("office", record("office", visit(), other_readings=(late,))),
        ]
    )
    assert told(plan) == ["adopt office"]
    assert {m.base.slot for m in only(plan).mappings} == {late}


def test_a_record_without_a_match_is_read_as_the_earlier_instant() -> None:
    """Where nobody else has it, an ambiguous local time is what the vendor's codec made of it."""
    plan = plan_for([listing("crm"), listing("office", record("office", visit(), other_readings=(slot(11),)))])
    assert told(plan) == ["create crm"]
    assert plan.operations[0].target.slot == slot(10)


def test_a_record_at_the_new_time_of_a_moved_appointment_is_linked() -> None:
    """Moved at one vendor and made by hand at the new time at another, it is one appointment and not two."""
    moved = visit(slot=slot(15))
    plan = plan_for(
        [listing("crm", record("crm", moved)), listing("office", record("office", moved))], known(mapping("crm"))
    )
    assert told(plan) == ["adopt office"]
    assert only(plan).agreed.slot == slot(15)


def test_a_record_at_the_old_time_of_a_moved_appointment_is_linked_and_moved() -> None:
    """A copy that stands at the time that the appointment had is brought to the time that it has."""
    plan = plan_for(
        [listing("crm", record("crm", visit(slot=slot(15)))), listing("office", record("office"))],
        known(mapping("crm")),
    )
    assert told(plan) == ["adopt office", "move office slot"]


def test_a_copy_at_the_time_that_a_vendor_still_has_is_moved_too() -> None:
    """A copy that is found at the time of a vendor that is behind is not accepted there: it is behind as well."""
    agreed = visit(slot=slot(15))
    before = known(mapping("crm"), mapping("site", agreed), agreed=agreed)
    plan = plan_for(
        [listing("crm", unchanged={"1"}), listing("office", record("office")), listing("site", unchanged={"1"})],
        before,
    )
    assert told(plan) == ["adopt office", "move crm slot", "move office slot"]


def test_an_appointment_that_has_its_record_takes_no_second() -> None:
    """A further record of the same client and start at a vendor that has one is an appointment of its own."""
    before = known(mapping("crm"), mapping("office"))
    twin = record("office", remote_id="2")
    plan = plan_for([listing("crm", unchanged={"1"}), listing("office", twin, unchanged={"1"})], before)
    assert told(plan) == ["create crm"]


def test_a_record_of_an_ended_appointment_is_never_founded_anew() -> None:
    """A record with a tombstone is known: as long as it is cancelled, nothing comes of it."""
    ended = visit(status=Status.CANCELLED)
    before = known(mapping("crm", ended), mapping("site", ended, tombstone="replaced"), agreed=ended)
    plan = plan_for([listing("crm", unchanged={"1"}), listing("site", record("site", ended))], before)
    assert not plan.operations
    assert len(plan.outlooks) == 1


def test_a_vendor_that_was_taken_out_of_the_configuration_is_remembered() -> None:
    """Mappings of a vendor that is configured no more stay as they are, and the others go on."""
    before = known(mapping("crm"), mapping("book"))
    moved = record("crm", visit(slot=slot(15)))
    plan = plan_for([listing("crm", moved), listing("office")], before, policy=rules("crm", "office"))
    assert told(plan) == ["create office"]
    assert {m.vendor for m in only(plan).mappings} == {"crm", "book"}


def test_of_two_that_are_known_each_is_made_where_it_lacks_whatever_could_be_either() -> None:
    """Both were told apart before: a record of office's that fits both keeps them from office alone."""
    one, other = visit(notes="Back door"), visit(notes="Front door")
    before = (
        known(mapping("book", one), mapping("crm", one), mapping("site", one)),
        known(mapping("book", other, "2"), mapping("site", other, "2"), id="b"),
    )
    snapshots = [
        listing("crm", unchanged={"1"}),
        listing("book", unchanged={"1", "2"}),
        listing("site", unchanged={"1", "2"}),
        listing("office", record("office", visit(notes="Side door"), "9")),
    ]
    plan = plan_for(snapshots, *before)
    assert [(operation.vendor, operation.appointment) for operation in plan.operations] == [("crm", "b")]
    assert [entry.remote_id for entry in plan.quarantined] == ["9"]

"""Which records of different vendors are taken for one appointment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.model.appointment import Appointment, Client, Status
from syncd.model.memory import FORMER
from syncd.model.times import Slot
from tests.reconcile.world import (
    JANE,
    NOW,
    OMAR,
    known,
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
    return "adopt office" in told(plan)


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
        ({}, {"clients": (replace(OMAR, email="", phone="+381 555-0100"),)}, False),
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
    """The start in minutes and the client decide, by all that both tell; without a client, the title."""
    assert linked(visit(**one), visit(**other)) is same


def test_linking_writes_nothing() -> None:
    """What two vendors have already is linked as it is: their differences are not levelled."""
    one, other = visit(notes="crm's", title="A"), visit(notes="office's", title="B", slot=slot(minutes=60))
    plan = plan_for([listing("crm", record("crm", one)), listing("office", record("office", other))])
    assert told(plan) == ["adopt office"]
    assert only(plan).agreed.slot == one.slot
    assert only(plan).agreed.notes == "crm's"


def test_what_the_first_vendor_leaves_empty_is_filled_from_the_next() -> None:
    """An empty field of the founding record takes the value of a linked one."""
    plan = plan_for(
        [
            listing("crm", record("crm", visit(title="", clients=(replace(JANE, phone=""),)))),
            listing("office", record("office", visit(notes="Ring"))),
        ]
    )
    assert told(plan) == ["adopt office", "update crm notes clients"]
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
    assert {len(next_state.mappings) for next_state in plan.next_states} == {2}


def test_the_third_of_three_twins_is_an_appointment_of_its_own() -> None:
    """Where one vendor has a twin more than the other, the one left over is created there."""
    plan = plan_for(
        [
            listing("crm", record("crm"), record("crm", remote_id="2")),
            listing("office", *(record("office", remote_id=key) for key in "123")),
        ]
    )
    assert told(plan) == ["adopt office", "adopt office", "create crm"]


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
    assert not plan.next_states


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
    assert len(plan.next_states) == 1


def test_a_vendor_that_was_taken_out_of_the_configuration_is_remembered() -> None:
    """Mappings of a vendor that is configured no more stay as they are, and the others go on."""
    before = known(mapping("crm"), mapping("book"))
    moved = record("crm", visit(slot=slot(15)))
    plan = plan_for([listing("crm", moved), listing("office")], before, policy=rules("crm", "office"))
    assert told(plan) == ["create office"]
    assert {m.vendor for m in only(plan).mappings} == {"crm", "book"}


@pytest.mark.parametrize(("agreed", "made"), [(slot(10, 7), []), (slot(11, 7), ["create office"])])
def test_a_record_of_a_new_account_is_known_by_what_the_one_before_had_shown(agreed: Slot, made: list[str]) -> None:
    """The office keeps 10:05 of 10:07, in its new account as well; once that was moved, it says nothing."""
    taken, shown = visit(slot=slot(10, 7)), visit(slot=slot(10, 5))
    former = replace(mapping("office", taken), vendor=f"office{FORMER}2030", base=shown, tombstone="another account")
    before = known(mapping("site", visit(slot=agreed)), former, agreed=visit(slot=agreed))
    plan = plan_for([listing("site", unchanged={"1"}), listing("office", record("office", shown, "7"))], before)
    assert [one for one in told(plan) if one == "create office"] == made
    assert ("adopt office" in told(plan)) is not bool(made)

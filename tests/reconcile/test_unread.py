"""Rows that cannot be read, or not yet: what they could turn out to be is not created."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.model.appointment import Field
from syncd.model.memory import Assigned, Known, Quarantine
from syncd.model.record import BadRow, Snapshot
from syncd.reconcile.decision import decide
from tests.reconcile.world import (
    NOW,
    OMAR,
    again,
    ago,
    known,
    left_alone,
    listing,
    mapping,
    only,
    origin,
    plan_for,
    record,
    rules,
    slot,
    told,
    visit,
)


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
    assert only(plan).needs_another_cycle


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


@pytest.mark.parametrize(("hour", "created"), [(10, []), (11, ["create office"])])
def test_a_record_whose_client_cannot_be_told_blocks_its_own_start_alone(hour: int, created: list[str]) -> None:
    """And nothing is made of it: it could be the one that another vendor has."""
    hidden = record("office", visit(clients=()), "7", untold="the key may not read clients")
    snapshots = [listing("crm", record("crm", visit(slot=slot(hour)))), listing("office", unread={"7": hidden})]
    plan = plan_for(snapshots)
    assert told(plan) == created
    assert len(plan.next_states) == 1
    said = "office has a row at this time of which the key may not read clients"
    assert any(said in sentence for sentence in plan.waiting) is not bool(created)


LEFT = replace(origin("office", minutes_ago=5), left=(slot(9).minute, slot().minute))
MOVED: dict[str, Any] = {"agreed": visit(slot=slot(15)), "provenance": {"slot": LEFT}}
AT_THREE = (mapping("crm", visit(slot=slot(15))), mapping("office", visit(slot=slot(15))))
ELSEWHERE: list[Snapshot] = [listing("crm", unchanged={"1"}), listing("office", unchanged={"1"})]


def test_a_record_that_is_read_after_its_appointment_was_moved_may_be_that_one() -> None:
    """It was listed at the site before anybody could read it: founded anew, the appointment would be there twice."""
    plan = plan_for([*ELSEWHERE, listing("site", record("site"), read_before=False)], known(*AT_THREE, **MOVED))
    assert told(plan) == []
    [asked] = plan.quarantined
    assert (asked.vendor, asked.remote_id, asked.appointment) == ("site", "1", "a")
    assert "was moved before this record could be read" in asked.reason
    assert any("was moved before this record could be read" in said for said in plan.waiting)
    # It is asked until somebody says, also once the site was read whole.
    later = again(plan)
    kept: dict[str, Any] = {"quarantines": left_alone(plan.quarantined)}
    assert told(plan_for([*ELSEWHERE, listing("site", record("site"))], later, **kept)) == []
    released = plan_for([*ELSEWHERE, listing("site", record("site"))], later, said={("site", "1"): False}, **kept)
    assert told(released) == ["create site", "create crm", "create office"]
    said: dict[str, Any] = {"whose": {("site", "1"): Assigned(appointment="a")}}
    assert "adopt site" in told(plan_for([*ELSEWHERE, listing("site", record("site"))], later, **said, **kept))


@pytest.mark.parametrize(
    "seen",
    [
        listing("site", record("site"), lingering={"1"}),
        listing("site", record("site"), read_at=ago(600)),
    ],
    ids=["a row that could not be read", "not listed since before it was moved"],
)
def test_so_may_one_whose_row_could_not_be_read_or_whose_vendor(seen: Snapshot) -> None:
    """Either may have stood there when its appointment was moved."""
    plan = plan_for([*ELSEWHERE, seen], known(*AT_THREE, **MOVED))
    assert (told(plan), [one.remote_id for one in plan.quarantined]) == ([], ["1"])


def test_so_may_any_where_a_row_had_no_id() -> None:
    """Which record that was, nobody knows."""
    bad = Quarantine(vendor="site", key="row", reason="a row without an id", since=NOW)
    seen = listing("site", record("site"))
    plan = plan_for([*ELSEWHERE, seen], known(*AT_THREE, **MOVED), quarantines=(bad,))
    assert (told(plan), [one.remote_id for one in plan.quarantined]) == ([], ["1"])


@pytest.mark.parametrize(
    ("seen", "before"),
    [
        (listing("site", record("site")), known(*AT_THREE, **MOVED)),
        (listing("site", record("site"), read_at=ago(200)), known(*AT_THREE, **MOVED)),
        (listing("site", record("site"), read_before=False), known(*AT_THREE, agreed=visit(slot=slot(15)))),
        (listing("site", record("site", visit(slot=slot(12))), read_before=False), known(*AT_THREE, **MOVED)),
        (listing("site", record("site", visit(clients=(OMAR,))), read_before=False), known(*AT_THREE, **MOVED)),
    ],
    ids=["all was read before", "read since it was moved", "never moved", "never was at that time", "somebody else"],
)
def test_any_other_is_another_booking(seen: Snapshot, before: Known) -> None:
    """It was not there before, or the appointment never was at another time, or it is not that client's."""
    assert told(plan_for([*ELSEWHERE, seen], before)) == ["create site", "create crm", "create office"]


def test_of_several_that_it_may_be_all_wait() -> None:
    """Two of hers were at that time once: neither is made at the site before somebody says which one it is."""
    first = known(*AT_THREE, **MOVED)
    moved = (mapping("crm", visit(slot=slot(16)), "2"), mapping("office", visit(slot=slot(16)), "2"))
    second = replace(known(*moved, agreed=visit(slot=slot(16)), provenance=MOVED["provenance"]), id="b")
    seen = [listing("crm", unchanged={"1", "2"}), listing("office", unchanged={"1", "2"})]
    seen.append(listing("site", record("site"), read_before=False))
    plan = plan_for(seen, first, second)
    assert (told(plan), len(plan.quarantined)) == ([], 1)
    assert "appointment a or b of the same client" in plan.quarantined[0].reason
    kept: dict[str, Any] = {"quarantines": left_alone(plan.quarantined)}
    assert told(plan_for([*seen[:2], listing("site", record("site"))], first, second, **kept)) == []


def test_nothing_is_made_beside_a_record_that_waits() -> None:
    """Somebody enters that very appointment at the office, while the site's record waits for a person."""
    new = listing("office", record("office", remote_id="7"), unchanged={"1"})
    doubted = listing("site", record("site"), read_before=False)
    plan = plan_for([ELSEWHERE[0], new, doubted], known(*AT_THREE, **MOVED), policy=rules("site", "crm", "office"))
    assert told(plan) == ["create crm"]
    assert any("site's record 1 may be it, and waits for a person" in said for said in plan.waiting)


def test_an_appointment_remembers_the_starts_that_it_had() -> None:
    """The last eight, by people's moves and an operator's decisions; a change of its length is none."""
    before = known(mapping("crm"), mapping("office"), mapping("site"))
    for hour in (11, 12):
        moved = listing("crm", record("crm", visit(slot=slot(hour))))
        before = again(plan_for([moved, *[listing(v, unchanged={"1"}) for v in ("office", "site")]], before))
    longer = listing("crm", record("crm", visit(slot=slot(12, minutes=60))))
    before = again(plan_for([longer, *[listing(v, unchanged={"1"}) for v in ("office", "site")]], before))
    assert before.provenance["slot"].left == (slot().minute, slot(11).minute)
    values = {"crm": (Field.SLOT, slot(12)), "office": (Field.SLOT, slot(17))}
    said = decide(before, values, "office", None, NOW)
    assert said.provenance["slot"].left == (slot().minute, slot(11).minute, slot(12).minute)

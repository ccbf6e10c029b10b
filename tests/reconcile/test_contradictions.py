"""Records found cancelled at one vendor and standing at another: a person decides."""

from __future__ import annotations

import pytest

from syncd.model.appointment import Field, Status
from syncd.model.record import Complete
from tests.reconcile.world import (
    again,
    known,
    listing,
    mapping,
    plan_for,
    record,
    rules,
    told,
    visit,
)


def test_cancelled_here_and_standing_there_is_left_to_a_person() -> None:
    """Records found cancelled at one vendor and not at another are linked, and nothing is written or created."""
    snapshots = [
        listing("crm", record("crm")),
        listing("office", record("office", visit(status=Status.CANCELLED))),
        listing("site"),
    ]
    plan = plan_for(snapshots, policy=rules("crm", "office", "site"))
    assert told(plan) == ["adopt office"]
    [conflict] = plan.conflicts
    assert (conflict.field, conflict.winner) == (Field.STATUS, None)
    assert conflict.values == {"crm": Status.SCHEDULED, "office": Status.CANCELLED}
    assert [entry.vendor for entry in plan.quarantined] == ["site"]


def test_a_contradiction_waits_as_long_as_it_stands() -> None:
    """In the cycle after, cancelled here and standing there still creates nothing at a third vendor."""
    policy = rules("crm", "office", "site")
    gone = visit(status=Status.CANCELLED)
    before = known(mapping("crm"), mapping("office", visit(), base=gone))
    plan = plan_for(
        [listing("crm", unchanged={"1"}), listing("office", unchanged={"1"}), listing("site")], before, policy=policy
    )
    assert told(plan) == []
    assert len(plan.conflicts) == 1


def test_a_contradiction_that_is_settled_blocks_nothing() -> None:
    """When the cancelled record is scheduled again, the third vendor gets the appointment."""
    policy = rules("crm", "office", "site")
    before = known(mapping("crm"), mapping("office", visit(), base=visit(status=Status.CANCELLED)))
    snapshots = [listing("crm", unchanged={"1"}), listing("office", record("office")), listing("site")]
    plan = plan_for(snapshots, before, policy=policy)
    assert told(plan) == ["create site"]
    assert not plan.conflicts


def test_the_contradiction_ends_when_the_live_record_is_cancelled_too() -> None:
    """Cancelled at the other vendor as well, both agree; scheduled again there, it is revived at both."""
    policy = rules("crm", "site")
    gone = visit(status=Status.CANCELLED)
    before = known(mapping("crm"), mapping("site", base=mapping("site", gone).base))
    ended = plan_for([listing("crm", record("crm", gone)), listing("site", unchanged={"1"})], before, policy=policy)
    assert not ended.operations
    assert not ended.conflicts
    snapshots = [listing("crm", record("crm")), listing("site", unchanged={"1"})]
    revived = plan_for(snapshots, again(ended), policy=policy)
    assert told(revived) == ["update site status"]


@pytest.mark.parametrize(("before", "operations"), [(True, ["create crm"]), (False, ["adopt office"])])
def test_booked_again_is_another_appointment(before: bool, operations: list[str]) -> None:
    """A live record that appears after its like was cancelled is new; on a vendor's first listing it is a question."""
    ended = known(mapping("crm", visit(status=Status.CANCELLED)))
    office: Complete = listing("office", record("office"), read_before=before)
    plan = plan_for([listing("crm", unchanged={"1"}), office], ended)
    assert told(plan) == operations
    assert bool(plan.conflicts) is not before


def test_what_was_there_and_could_not_be_read_is_nobodys_second_booking() -> None:
    """It stood there before its like was cancelled, as far as anybody knows: that is a question, too."""
    ended = known(mapping("crm", visit(status=Status.CANCELLED)))
    office: Complete = listing("office", record("office"), lingering={"1"})
    plan = plan_for([listing("crm", unchanged={"1"}), office], ended)
    assert told(plan) == ["adopt office"]
    assert [conflict.winner for conflict in plan.conflicts] == [None]


@pytest.mark.parametrize("before", [True, False])
def test_booked_again_where_it_was_deleted_is_another_appointment(before: bool) -> None:
    """The vendor deleted its own record, so the live one is nobody's contradiction, even on a listing after a gap."""
    gone = visit(status=Status.CANCELLED)
    ended = known(mapping("crm", gone), mapping("office", gone, tombstone="gone"), agreed=gone)
    office: Complete = listing("office", record("office", remote_id="2"), read_before=before)
    plan = plan_for([listing("crm", unchanged={"1"}), office], ended)
    assert told(plan) == ["create crm"]
    assert not plan.conflicts

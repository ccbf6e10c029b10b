"""Names of operations and quarantines: the same for the same situation, another when anything moved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncd.model.appointment import Appointment, Field
from syncd.model.memory import Quarantine
from syncd.model.plan import Adopt, Create, Plan, Step
from syncd.model.record import BadRow, Snapshot
from tests.reconcile.world import (
    OMAR,
    again,
    known,
    left_alone,
    listing,
    mapping,
    only,
    plan_for,
    record,
    rules,
    slot,
    told,
    visit,
)

NOON = visit(slot=slot(12))
BAD = BadRow(vendor="site", remote_id="7", reason="30 February", fingerprint=b"one")


def the_move(site: Appointment | None = None, to: Appointment = NOON, **more: Any) -> Step:
    """The move at site that follows from a move at crm."""
    before = known(mapping("crm"), mapping("site", **more) if site is None else mapping("site", site, **more))
    [operation] = plan_for([listing("crm", record("crm", to)), listing("site", unchanged={"1"})], before).operations
    return operation


def the_create(content: Appointment) -> Step:
    """The create at site of an appointment that crm has."""
    [operation] = plan_for([listing("crm", record("crm", content)), listing("site")]).operations
    return operation


def test_an_operation_that_was_not_carried_out_is_the_same_next_time() -> None:
    """Nothing moved: the next cycle plans the operation under the same name, whatever it read anew."""
    plan = plan_for(
        [listing("crm", record("crm", NOON)), listing("site", unchanged={"1"})], known(mapping("crm"), mapping("site"))
    )
    quiet = [listing("crm", unchanged={"1"}), listing("site", unchanged={"1"})]
    decoded = [listing("crm", record("crm", NOON)), listing("site", record("site"))]
    for snapshots in (quiet, decoded):
        following = plan_for(snapshots, again(plan))
        assert [operation.id for operation in following.operations] == [operation.id for operation in plan.operations]


def test_a_create_that_was_not_carried_out_is_the_same_next_time() -> None:
    """The founding record known or not, a create has the same name."""
    plan = plan_for([listing("crm", record("crm")), listing("site")])
    following = plan_for([listing("crm", unchanged={"1"}), listing("site")], again(plan))
    assert [operation.id for operation in following.operations] == [operation.id for operation in plan.operations]


@pytest.mark.parametrize(
    "other",
    [
        the_move(to=visit(slot=slot(15))),
        the_move(revision=4),
        the_move(visit(clients=(OMAR,))),
    ],
    ids=["target", "version", "state"],
)
def test_an_operation_has_another_name_when_anything_moved(other: Step) -> None:
    """Another target, another version or another state of the record is another operation."""
    assert other.id != the_move().id


def test_a_create_has_another_name_for_another_target() -> None:
    """Moved or noted before it was made, it is another create."""
    assert len({the_create(content).id for content in (visit(), NOON, visit(notes="Ring"))}) == 3


def refused(plan: Plan) -> tuple[Quarantine, ...]:
    """Quarantines as an engine keeps them after every operation of a plan was refused."""
    return tuple(
        Quarantine(vendor=o.vendor, key=o.id, reason="the slot is taken", appointment=o.appointment)
        for o in plan.operations
        if not isinstance(o, Adopt)
    )


class TestRefused:
    """An operation that a vendor refused."""

    snapshots: tuple[Snapshot, ...] = (listing("crm", record("crm", NOON)), listing("site", unchanged={"1"}))
    first = plan_for(snapshots, known(mapping("crm"), mapping("site")))

    def test_it_is_left_alone_while_nothing_changes(self) -> None:
        """The same operation is not tried again; it is shown, with the vendor's reason, as known."""
        quiet = [listing("crm", unchanged={"1"}), listing("site", unchanged={"1"})]
        plan = plan_for(quiet, again(self.first), quarantines=refused(self.first))
        assert not plan.operations
        [entry] = plan.quarantined
        assert (entry.key, entry.reason) == (self.first.operations[0].id, "the slot is taken")
        assert entry.operation
        assert not entry.new
        assert only(plan).needs_another_cycle

    def test_it_is_tried_again_when_something_changed(self) -> None:
        """Moved once more, or edited at the vendor that refused, the operation is tried again."""
        elsewhere = [listing("crm", record("crm", visit(slot=slot(15)))), listing("site", unchanged={"1"})]
        there = [listing("crm", unchanged={"1"}), listing("site", record("site", visit(notes="Ring")))]
        for snapshots in (elsewhere, there):
            plan = plan_for(snapshots, again(self.first), quarantines=refused(self.first))
            assert "move site slot" in told(plan)

    def test_it_does_not_hold_up_other_vendors(self) -> None:
        """A refusal at one vendor concerns that vendor alone."""
        before = known(mapping("crm"), mapping("site"), mapping("office"))
        snapshots = [*self.snapshots, listing("office", unchanged={"1"})]
        plan = plan_for(snapshots, before, quarantines=refused(self.first))
        assert told(plan) == ["move office slot"]


class TestObjections:
    """Appointments that a vendor could not take at all."""

    able = rules("site").vendors[0]
    policy = rules(
        "crm", replace(able, capabilities=replace(able.capabilities, objection=lambda one: f"no {one.title} here"))
    )

    def test_it_is_quarantined_with_the_vendors_reason(self) -> None:
        """A create to which the vendor would object is not planned; the reason is shown, once as new."""
        snapshots = [listing("crm", record("crm")), listing("site")]
        plan = plan_for(snapshots, policy=self.policy)
        [entry] = plan.quarantined
        assert (entry.vendor, entry.reason, entry.new) == ("site", "no Visit here", True)
        assert isinstance(entry.operation, Create)
        assert not plan.operations
        following = plan_for(snapshots, policy=self.policy, quarantines=left_alone(plan.quarantined))
        assert [one.new for one in following.quarantined] == [False]

    def test_when_the_objection_falls_it_is_created(self) -> None:
        """A quarantined objection does not block the create once the catalogue has what it lacked."""
        snapshots = [listing("crm", record("crm")), listing("site")]
        objected = plan_for(snapshots, policy=self.policy).quarantined
        assert told(plan_for(snapshots, quarantines=left_alone(objected))) == ["create site"]

    def test_when_a_contradiction_is_settled_it_is_created(self) -> None:
        """Nor does a quarantine for a contradiction between two records, once that is settled."""
        policy = rules("crm", "office", "site")
        torn = [
            listing("crm", record("crm")),
            listing("office", record("office", visit(status=visit().status.CANCELLED))),
            listing("site"),
        ]
        first = plan_for(torn, policy=policy)
        settled = [listing("crm", unchanged={"1"}), listing("office", record("office")), listing("site")]
        plan = plan_for(settled, again(first), policy=policy, quarantines=left_alone(first.quarantined))
        assert told(plan) == ["create site"]


class TestBadRows:
    """Rows that cannot be read."""

    def keys(self, *rows: BadRow, **memory: Any) -> list[tuple[str, bool]]:
        """Name and newness of each quarantined row."""
        plan = plan_for([listing("site", bad_rows=rows), listing("crm")], **memory)
        assert not plan.operations
        return [(entry.key, entry.new) for entry in plan.quarantined]

    def test_a_row_is_quarantined_until_it_changes(self) -> None:
        """The same row keeps its name; a changed row, or one without an id and another reason, has another."""
        [(key, new)] = self.keys(BAD)
        assert new
        assert self.keys(BAD, quarantines=(Quarantine(vendor="site", key=key, reason="r"),)) == [(key, False)]
        others = (replace(BAD, fingerprint=b"two"), replace(BAD, remote_id="8"), replace(BAD, fingerprint=b""))
        assert len({key, *(self.keys(row)[0][0] for row in others)}) == 4

    def test_equal_rows_are_reported_once(self) -> None:
        """Two rows of the same name are one quarantine."""
        assert len(self.keys(BAD, BAD)) == 1


def test_the_fields_of_an_operation_tell_old_and_new() -> None:
    """A move says from when to when."""
    assert the_move().changes == {Field.SLOT: (slot(), slot(12))}

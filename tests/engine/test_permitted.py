"""What a plan that is made in the middle of a cycle may do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeVar

from syncd.engine.permitted import newly_said, only_adoptions
from syncd.model.appointment import Appointment, Field
from syncd.model.memory import Known, Memory, UnsettledCreate, Waiting
from syncd.model.plan import Adopt, Cancel, Conflict, Create, Held, NextState, Operation, Plan, Quarantined
from syncd.model.times import Slot

Kind = TypeVar("Kind", bound=Operation)
NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)
VISIT = Appointment(slot=Slot(start=NOW + timedelta(days=2), end=NOW + timedelta(days=2, hours=1)))


def step(kind: type[Kind], appointment: str, vendor: str = "site") -> Kind:
    """An operation for an appointment at a vendor, named for both."""
    return kind(
        id=f"{appointment} at {vendor}",
        vendor=vendor,
        appointment=appointment,
        target=VISIT,
        changes={},
        reason="the crm has it",
        remote_id=None if kind is Create else "58",
    )


def conflict(appointment: str) -> Conflict:
    """Two vendors have its title otherwise."""
    return Conflict(appointment=appointment, field=Field.TITLE, values={}, winner=None, rule="manual")


def lost(entry: str, vendor: str) -> UnsettledCreate:
    """A create without an answer, by the name of its entry in the journal."""
    return UnsettledCreate(operation=entry, vendor=vendor, intended=VISIT, token="mark", intended_at=NOW)


def state(appointment: str, *settled: str) -> NextState:
    """What is remembered of an appointment, of which these creates are settled."""
    return NextState(id=appointment, agreed=VISIT, provenance={}, mappings=(), settled=settled)


MEMORY = Memory(
    known=(
        Known(id="A", agreed=VISIT, unsettled=(lost("1", "site"), lost("2", "book"))),
        Known(id="B", agreed=VISIT, unsettled=(lost("3", "site"),)),
    ),
    held={"held A at site": Waiting(reason="many", vendor="site", appointment="A", values={})},
)


def test_a_look_for_lost_creates_adopts_and_does_nothing_else() -> None:
    """Neither what else its listing shows, nor what follows from the adoption: the next cycle has all before it."""
    plan = Plan(
        operations=(step(Adopt, "A"), step(Create, "A", "book"), step(Cancel, "B"), step(Adopt, "C")),
        held=(Held(operation=step(Cancel, "A"), reason="many"),),
        quarantined=(Quarantined(vendor="site", key="row", reason="cannot be read"),),
        conflicts=(conflict("A"), conflict("B")),
        unlike=(conflict("A"), conflict("B")),
        next_states=(state("A", "1", "2"), state("B", "3")),
        waiting=("1 create(s) at book put off",),
        remarks=("a title differs",),
    )
    found = only_adoptions(plan, {"A", "B"}, MEMORY)
    assert found.operations == (step(Adopt, "A"),)
    assert (found.conflicts, found.unlike) == ((conflict("A"),), (conflict("A"),))
    assert (found.held, found.quarantined, found.waiting, found.remarks) == ((), (), (), ())
    [remembered] = found.next_states
    assert remembered.id == "A"
    assert remembered.needs_another_cycle


def test_only_the_create_that_was_found_is_settled() -> None:
    """That another one is not there is for the next cycle to say: it may still come."""
    plan = Plan(operations=(step(Adopt, "A"),), next_states=(state("A", "1", "2"),))
    [remembered] = only_adoptions(plan, {"A"}, MEMORY).next_states
    assert remembered.settled == ("1",)


def test_nothing_found_is_nothing_decided() -> None:
    """Not even that the appointment is as it was."""
    plan = Plan(operations=(step(Cancel, "A"),), next_states=(state("A", "1"), state("B", "3")))
    assert only_adoptions(plan, {"A", "B"}, MEMORY) == Plan()


def test_a_second_merge_says_what_the_cycle_has_not_said() -> None:
    """All it decided stays; what is held or left alone since the cycle's own plan is told by that."""
    before, now = (
        Held(operation=step(Cancel, "held A"), reason="many"),
        Held(operation=step(Cancel, "B"), reason="many"),
    )
    old = Quarantined(vendor="site", key="old", reason="refused", new=False)
    new = Quarantined(vendor="site", key="new", reason="refused")
    plan = Plan(
        operations=(step(Cancel, "A"),),
        held=(before, now),
        quarantined=(old, new),
        conflicts=(conflict("A"),),
        next_states=(state("A"),),
        waiting=("1 create(s) at book put off",),
        remarks=("a title differs",),
    )
    said = newly_said(plan, MEMORY)
    assert (said.held, said.quarantined) == ((now,), (new,))
    assert (said.operations, said.conflicts, said.next_states) == (plan.operations, plan.conflicts, plan.next_states)
    assert (said.waiting, said.remarks) == (plan.waiting, plan.remarks)

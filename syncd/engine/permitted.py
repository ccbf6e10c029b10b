"""What of a plan may be carried out, where that is less than all of it. Pure.

An operator may have chosen operations of an earlier plan (`restricted`), which alone go out.

Two follow-ups reconcile once more (`follow_up`). Each has seen only a part of what there is, so
neither may conclude more from it than that part shows:

    a merge of records that moved under their operations may do whatever the rules and the guard
    allow, for these appointments; what it holds or leaves alone is said only if the cycle's plan
    did not say it already

    a look for creates without an answer may adopt what they made, and nothing else:
    09:05 a create gets no answer; the vendor is listed once more
    09:06 the record is there: it is the appointment's; what else that listing shows is left
    09:06 or it is not there: it may still come, so nothing is settled, and nothing created again
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace

from syncd.model.memory import Memory
from syncd.model.plan import Adopt, Conflict, NextState, Plan, Step


def newly_said(plan: Plan, memory: Memory) -> Plan:
    """A merge's plan without what the cycle's own plan holds and leaves alone already."""
    return replace(
        plan,
        held=tuple(entry for entry in plan.held if entry.operation.id not in memory.held),
        quarantined=tuple(entry for entry in plan.quarantined if entry.new),
    )


def only_adoptions(plan: Plan, wanted: abc.Set[str], memory: Memory) -> Plan:
    """Of a plan the adoptions for these appointments, and what is remembered and asked because of
    them.
    """
    adoptions = tuple(
        one for one in plan.operations if isinstance(one, Adopt) and one.appointment in wanted
    )
    adopted = {one.appointment for one in adoptions}
    # Others may have been settled by what one vendor's listing alone cannot prove.
    found = _found(adoptions, memory)
    states = [one for one in plan.next_states if one.id in adopted]
    return Plan(
        operations=adoptions,
        next_states=tuple(_half_known(one, found) for one in states),
        conflicts=_of(adopted, plan.conflicts),
        unlike=_of(adopted, plan.unlike),
    )


def _of(wanted: abc.Container[str], conflicts: abc.Iterable[Conflict]) -> tuple[Conflict, ...]:
    return tuple(one for one in conflicts if one.appointment in wanted)


def _half_known(next_state: NextState, found: abc.Container[str]) -> NextState:
    """It needs another cycle, which has all vendors before it; and of the settled creates only
    those are settled whose record was found.
    """
    settled = tuple(create for create in next_state.settled if create in found)
    return replace(next_state, needs_another_cycle=True, settled=settled)


def _found(adoptions: abc.Iterable[Adopt], memory: Memory) -> set[str]:
    """The creates without an answer whose record is adopted, by their names in the journal."""
    places = {(one.appointment, one.vendor) for one in adoptions}
    found = set[str]()
    for known in memory.known:
        found |= {one.operation for one in known.unsettled if (known.id, one.vendor) in places}
    return found


Chosen = abc.Mapping[str, tuple[str, str]]
"""Operations of an earlier plan: their ids, each with its appointment and its vendor."""


def restricted(plan: Plan, only: Chosen | None) -> Plan:
    """The plan with these operations alone, and adoptions, which send nothing. None: all of it."""
    if only is None:
        return plan
    chosen = only.keys() - _of_moved(plan, only)
    go = [one for one in plan.operations if one.id in chosen or isinstance(one, Adopt)]
    blocks = tuple(one for one in plan.blocks if one.id in chosen)
    next_states = _looked_at_again(plan, {one.id for one in go})
    return replace(plan, operations=tuple(go), blocks=blocks, next_states=next_states)


def _looked_at_again(plan: Plan, kept: abc.Container[str]) -> tuple[NextState, ...]:
    """What is remembered: what was not kept of a plan is planned again by the next cycle, if that
    has a look at its appointment.
    """
    left_out = {one.appointment for one in plan.operations if one.id not in kept}
    return tuple(
        replace(one, needs_another_cycle=one.needs_another_cycle or one.id in left_out)
        for one in plan.next_states
    )


def refused(plan: Plan, only: Chosen | None) -> frozenset[str]:
    """The chosen operations that the plan has no longer, or instead of which it has others."""
    if only is None:
        return frozenset()
    known = {one.id for one in _planned(plan)}
    return frozenset(only.keys() - known) | _of_moved(plan, only)


def _of_moved(plan: Plan, only: Chosen) -> frozenset[str]:
    """The chosen ones of appointments for which another is planned at the same vendor now."""
    targets = set(only.values())
    # 09:00 a plan is saved: the office's record to 16:00
    # 09:10 people move the appointment on, to 17:00
    # 09:15 the plan is applied: 17:00 is another operation there, and 16:00 is refused
    others = [one for one in _planned(plan) if one.id not in only]
    moved = {one.appointment for one in others if (one.appointment, one.vendor) in targets}
    return frozenset(key for key, (appointment, _) in only.items() if appointment in moved)


def _planned(plan: Plan) -> list[Step]:
    return [*plan.operations, *plan.blocks, *(held.operation for held in plan.held)]

"""What a plan may do that is made in the middle of a cycle: less than the cycle's own. Pure.

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
from syncd.model.plan import Adopt, Plan


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

    Each of them needs another cycle, which has all vendors before it. Of their settled creates only
    those are settled whose record was found.
    """
    adoptions = tuple(
        one for one in plan.operations if isinstance(one, Adopt) and one.appointment in wanted
    )
    adopted = {one.appointment for one in adoptions}
    found = _found(adoptions, memory)
    return Plan(
        operations=adoptions,
        next_states=tuple(
            replace(
                next_state,
                needs_another_cycle=True,
                settled=tuple(create for create in next_state.settled if create in found),
            )
            for next_state in plan.next_states
            if next_state.id in adopted
        ),
        conflicts=tuple(one for one in plan.conflicts if one.appointment in adopted),
        unlike=tuple(one for one in plan.unlike if one.appointment in adopted),
    )


def _found(adoptions: abc.Iterable[Adopt], memory: Memory) -> set[str]:
    """The creates without an answer whose record is adopted, by their names in the journal."""
    places = {(one.appointment, one.vendor) for one in adoptions}
    found = set[str]()
    for known in memory.known:
        found |= {one.operation for one in known.unsettled if (known.id, one.vendor) in places}
    return found

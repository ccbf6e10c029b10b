"""A part of a plan: operations that an operator chose from an earlier one, and still fit. Pure."""

from __future__ import annotations

from collections import abc
from dataclasses import replace

from syncd.model.plan import Adopt, Plan

Chosen = abc.Mapping[str, tuple[str, str]]
"""Operations of an earlier plan: their ids, each with its appointment and its vendor."""


def restricted(plan: Plan, only: Chosen | None) -> Plan:
    """The plan with these operations alone, and adoptions, which send nothing. None: all of it."""
    if only is None:
        return plan
    chosen = only.keys() - _of_moved(plan, only)
    go = [one for one in plan.operations if one.id in chosen or isinstance(one, Adopt)]
    kept = {one.id for one in go}
    left_out = {one.appointment for one in plan.operations if one.id not in kept}
    next_states = tuple(
        replace(one, needs_another_cycle=one.needs_another_cycle or one.id in left_out)
        for one in plan.next_states
    )
    return replace(plan, operations=tuple(go), next_states=next_states)


def refused(plan: Plan, only: Chosen | None) -> frozenset[str]:
    """The chosen operations that the plan has no longer, or instead of which it has others."""
    if only is None:
        return frozenset()
    known = {operation.id for operation in plan.operations} | {
        held.operation.id for held in plan.held
    }
    return frozenset(only.keys() - known) | _of_moved(plan, only)


def _of_moved(plan: Plan, only: Chosen) -> frozenset[str]:
    """The chosen ones of appointments for which another is planned at the same vendor now."""
    now = (*plan.operations, *(held.operation for held in plan.held))
    targets = set(only.values())
    moved = {
        o.appointment for o in now if o.id not in only and (o.appointment, o.vendor) in targets
    }
    return frozenset(key for key, (appointment, _) in only.items() if appointment in moved)

"""A part of a plan: operations that an operator chose from an earlier one, and still fit. Pure."""

from __future__ import annotations

from collections import abc
from dataclasses import replace

from syncd.model.plan import Adopt, Plan, Step

Chosen = abc.Mapping[str, tuple[str, str]]
"""Operations of an earlier plan: their ids, each with its appointment and its vendor."""


def restricted(plan: Plan, only: Chosen | None) -> Plan:
    """The plan with these operations alone, and adoptions, which send nothing. None: all of it."""
    if only is None:
        return plan
    chosen = only.keys() - _of_moved(plan, only)
    go = [one for one in plan.operations if one.id in chosen or isinstance(one, Adopt)]
    kept = {one.id for one in go}
    # What was not chosen is planned again by the next cycle, if it has a look at its appointment.
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
    known = {one.id for one in _planned(plan)}
    return frozenset(only.keys() - known) | _of_moved(plan, only)


def _of_moved(plan: Plan, only: Chosen) -> frozenset[str]:
    """The chosen ones of appointments for which another is planned at the same vendor now."""
    targets = set(only.values())
    others = [one for one in _planned(plan) if one.id not in only]
    moved = {one.appointment for one in others if (one.appointment, one.vendor) in targets}
    return frozenset(key for key, (appointment, _) in only.items() if appointment in moved)


def _planned(plan: Plan) -> list[Step]:
    return [*plan.operations, *(held.operation for held in plan.held)]

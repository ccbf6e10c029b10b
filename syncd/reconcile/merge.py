"""Field-wise N-way three-way merge: the changes of all vendors of one appointment, to one appointment.

The order in which vendors or changes are given does not matter. A field that several changed differently is a
conflict, decided by the policy's rule; under `manual` it is frozen until a person decides.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from typing import Any

from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.memory import Provenance
from syncd.model.plan import Conflict
from syncd.model.policy import ConflictRule, Policy
from syncd.reconcile.changes import Change
from syncd.reconcile.sameness import same_value
from syncd.reconcile.wording import decided, describe

CANCEL_WINS = "cancel_wins"


@dataclass(slots=True)
class Merged:
    """What the changes come to. `frozen` fields wait for a person and keep the agreed value."""

    appointment: Appointment
    provenance: dict[Field, Provenance]
    conflicts: list[Conflict] = field(default_factory=list)
    frozen: set[Field] = field(default_factory=set)


def merge(
    appointment: str,
    agreed: Appointment,
    provenance: abc.Mapping[Field, Provenance],
    changes: abc.Iterable[Change],
    policy: Policy,
) -> Merged:
    """Merge all changes into the agreed values."""
    ordered = sorted(changes, key=lambda c: (c.field, policy.rank(c.vendor), c.undelivered, repr(c.new)))
    merged = Merged(agreed, dict(provenance))
    cancels = [c for c in ordered if c.field is Field.STATUS and c.new is Status.CANCELLED]
    others = [c for c in ordered if c not in cancels and c.vendor not in {cancel.vendor for cancel in cancels}]
    if cancels and others:
        others = _cancel_against(appointment, cancels, others, merged, policy)
    elif cancels:
        _take(merged, cancels[0], Status.CANCELLED, describe(cancels[0]))
    for name in Field:
        rivals = [change for change in others if change.field is name and name not in merged.frozen]
        if rivals:
            _merge_field(appointment, name, rivals, merged, policy)
    return merged


def _cancel_against(
    appointment: str, cancels: list[Change], others: list[Change], merged: Merged, policy: Policy
) -> list[Change]:
    """One cancelled, another changed something else. Returns the changes that are still to be merged."""
    if policy.cancel_wins:
        winner: Change | None = cancels[0]
        rule = CANCEL_WINS
    else:
        winner, rule = decide([cancels[0], *others], policy)
    cancelled = winner is cancels[0]
    for name in sorted({change.field for change in others}):
        losing = [change for change in others if change.field is name]
        values = {change.vendor: change.new for change in [*losing, *cancels]}
        text = _explain(winner, [*losing] if cancelled else cancels, rule)
        merged.conflicts.append(
            Conflict(
                appointment=appointment,
                field=name,
                values=values,
                winner=winner.vendor if winner else None,
                rule=rule,
                explanation=text,
            )
        )
    if winner is None:
        merged.frozen |= {Field.STATUS, *(change.field for change in others)}
        return []
    if cancelled:
        _take(merged, winner, Status.CANCELLED, _explain(winner, others, rule))
        return [change for change in others if change.field is not Field.STATUS]
    if not any(change.field is Field.STATUS for change in others):
        status = merged.appointment.status if merged.appointment.status.live else Status.SCHEDULED
        _take(merged, replace(winner, field=Field.STATUS), status, _explain(winner, cancels, rule))
    return others


def _merge_field(appointment: str, name: Field, rivals: list[Change], merged: Merged, policy: Policy) -> None:
    groups: list[list[Change]] = []
    for change in rivals:
        for group in groups:
            if _same_change(group[0], change, policy):
                group.append(change)
                break
        else:
            groups.append([change])
    if len(groups) == 1:
        chosen = _fullest(groups[0], policy)
        _take(merged, chosen, _carried(chosen, merged.appointment, policy), describe(chosen))
        return
    winner, rule = decide([_latest(group) for group in groups], policy)
    losers = [change for change in rivals if winner is None or not _same_change(change, winner, policy)]
    text = _explain(winner, losers, rule)
    values = {change.vendor: change.new for change in rivals}
    merged.conflicts.append(
        Conflict(
            appointment=appointment,
            field=name,
            values=values,
            winner=winner.vendor if winner else None,
            rule=rule,
            explanation=text,
        )
    )
    if winner is None:
        merged.frozen.add(name)
    else:
        _take(merged, winner, _carried(winner, merged.appointment, policy), text)


def decide(rivals: abc.Sequence[Change], policy: Policy) -> tuple[Change | None, str]:
    """The winner among changes that differ, and the rule that decided; None: a person must."""
    if policy.conflict is ConflictRule.MANUAL:
        return None, ConflictRule.MANUAL.value
    if policy.conflict is ConflictRule.NEWEST:
        for change in rivals:
            if all(other is change or other.when.surely_before(change.when) for other in rivals):
                return change, ConflictRule.NEWEST.value
    first = min(rivals, key=lambda change: (policy.rank(change.vendor), change.undelivered))
    return first, ConflictRule.PRIORITY.value


def _explain(winner: Change | None, losers: abc.Sequence[Change], rule: str) -> str:
    if winner is None:
        return f'{"; ".join(describe(change) for change in losers)}: it waits for a person (conflict = "manual")'
    return decided(winner, losers, rule) if losers else describe(winner)


def _take(merged: Merged, change: Change, value: Any, text: str) -> None:
    merged.appointment = merged.appointment.with_values({change.field: value})
    merged.provenance[change.field] = Provenance(vendor=change.vendor, when=change.when, text=text)


def _same_change(one: Change, other: Change, policy: Policy) -> bool:
    if one.field is Field.SLOT and not (_sets_end(one, policy) and _sets_end(other, policy)):
        return bool(one.new.minute == other.new.minute)
    return same_value(one.field, one.new, other.new)


def _sets_end(change: Change, policy: Policy) -> bool:
    return policy.traits(change.vendor).capabilities.sets_end


def _fullest(group: list[Change], policy: Policy) -> Change:
    """Of equal changes, the one that says most: a vendor that cannot choose the end does not decide it."""
    return min(group, key=lambda c: (not _sets_end(c, policy), c.undelivered, policy.rank(c.vendor)))


def _latest(group: list[Change]) -> Change:
    return max(group, key=lambda c: (c.when.earliest, not c.undelivered))


def _carried(change: Change, agreed: Appointment, policy: Policy) -> Any:
    """The new value, with what the vendor cannot show taken over from what was agreed."""
    if change.field is not Field.CLIENTS or change.undelivered:
        return change.new
    parts = policy.traits(change.vendor).capabilities.client_parts
    kept = list(agreed.clients)
    if len(change.old) == len(change.new) <= len(kept):
        for old, new in zip(change.old, change.new, strict=True):
            index = next((i for i, client in enumerate(kept) if client.same_person(old)), None)
            if index is None:
                return change.new
            kept[index] = _overlay(kept[index], old, new, parts)
        return tuple(kept)
    return tuple(_completed(new, agreed.clients, parts) for new in change.new)


def _overlay(agreed: Client, old: Client, new: Client, parts: abc.Set[str]) -> Client:
    changed = {part: getattr(new, part) for part in parts if getattr(new, part) != getattr(old, part)}
    return replace(agreed, **changed)


def _completed(new: Client, agreed: tuple[Client, ...], parts: abc.Set[str]) -> Client:
    like = next((client for client in agreed if client.same_person(new)), None)
    hidden = {"first_name", "last_name", "email", "phone"} - parts
    return replace(new, **{part: getattr(like, part) for part in hidden}) if like else new

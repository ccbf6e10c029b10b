"""The guard: what looks like an accident is held until an operator approves it.

Per vendor and cycle: too many cancellations, too many reschedules and updates, or cancellations that come from a vendor whose
listing lost everything, or from records that are missing without the vendor's own word.
"""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import dataclass, field

from syncd.model.plan import Cancel, Held, Reschedule, Step, Update
from syncd.model.policy import Policy
from syncd.model.record import Complete, Listed, Snapshot


@dataclass(slots=True)
class Draft:
    """An operation, with the vendors whose missing records brought it about."""

    operation: Step
    absent_at: frozenset[str] = frozenset()
    doubtful_at: abc.Mapping[str, str] = field(default_factory=dict)


def guard(
    drafts: abc.Sequence[Draft], snapshots: abc.Mapping[str, Snapshot], policy: Policy, approved: abc.Set[str]
) -> tuple[list[Step], list[Held]]:
    """Part the operations into those to carry out and those to hold. Doubtful ones are held even if approved."""
    reasons: dict[str, str] = {}
    for draft in drafts:
        for vendor, why in draft.doubtful_at.items():
            reasons[draft.operation.id] = f"it is missing at {vendor}: {why}"
        if draft.operation.id in approved:
            continue
        for vendor in sorted(draft.absent_at - set(draft.doubtful_at)):
            if _lost_everything(snapshots.get(vendor)):
                reasons[draft.operation.id] = f"{vendor} lists nothing at all any more"
    by_vendor: dict[str, list[Step]] = defaultdict(list)
    for draft in drafts:
        if draft.operation.id not in approved:
            by_vendor[draft.operation.vendor].append(draft.operation)
    for vendor, operations in by_vendor.items():
        for operation, why in _over_limit(vendor, operations, snapshots.get(vendor), policy):
            reasons.setdefault(operation.id, why)
    release = "; 'syncd approve' releases it"
    go = [draft.operation for draft in drafts if draft.operation.id not in reasons]
    held = [
        Held(operation=draft.operation, reason=reasons[draft.operation.id] + release)
        for draft in drafts
        if draft.operation.id in reasons
    ]
    return go, held


def _lost_everything(snapshot: Snapshot | None) -> bool:
    return isinstance(snapshot, Complete) and snapshot.listed == 0 and snapshot.expected > 0


def _over_limit(
    vendor: str, operations: list[Step], snapshot: Snapshot | None, policy: Policy
) -> list[tuple[Step, str]]:
    live = snapshot.live if isinstance(snapshot, Listed) else 0
    held: list[tuple[Step, str]] = []
    for kinds, limit, name, noun in (
        ((Cancel,), policy.guard.max_cancels, "max_cancels", "cancellations"),
        ((Reschedule, Update), policy.guard.max_changes, "max_changes", "reschedules and updates"),
    ):
        some = [operation for operation in operations if isinstance(operation, kinds)]
        if limit.exceeded(len(some), live):
            why = (
                f"{len(some)} {noun} at {vendor} in one cycle, of {live} live records: more than {limit.count} "
                f"and more than {limit.percent:g} % (guard.{name})"
            )
            held += [(operation, why) for operation in some]
    return held

"""The guard: what looks like an accident is held until an operator approves it.

Per vendor and cycle: too many cancellations, too many reschedules and updates, or cancellations
that come from records that are missing without the vendor's own word. What only fills what a record
was linked without is none of these: it overwrites nothing. What was held for a limit stays held
until it is approved. Approved ones count towards the limits as well: an approval releases what was
shown, and nothing that came to it since.
"""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import dataclass, field

from syncd.model.memory import Memory
from syncd.model.plan import Cancel, Held, Reschedule, Step, Update
from syncd.model.policy import Policy
from syncd.model.record import Listed, Snapshot

_RELEASE = "; 'syncd approve' releases it"


@dataclass(slots=True)
class Draft:
    """An operation, with the vendors at which a record is missing without their own word, each with
    the reason.
    """

    operation: Step
    doubtful_at: abc.Mapping[str, str] = field(default_factory=dict)


def guard(
    drafts: abc.Sequence[Draft],
    snapshots: abc.Mapping[str, Snapshot],
    policy: Policy,
    memory: Memory,
) -> tuple[list[Step], list[Held]]:
    """Part the operations into those to carry out and those to hold. Doubtful ones are held even if
    approved.
    """
    reasons = _doubtful(drafts)
    by_vendor: dict[str, list[Step]] = defaultdict(list)
    for draft in drafts:
        if not draft.doubtful_at:
            by_vendor[draft.operation.vendor].append(draft.operation)
    for vendor, operations in by_vendor.items():
        for operation, why in _over_limit(vendor, operations, snapshots.get(vendor), policy):
            if operation.id not in memory.approved:
                reasons.setdefault(operation.id, why)
        for operation in operations:
            if operation.id in memory.held:
                reasons.setdefault(operation.id, "it was held before, and nobody has approved it")
    go = [draft.operation for draft in drafts if draft.operation.id not in reasons]
    held = [draft for draft in drafts if draft.operation.id in reasons]
    return go, [_held(draft, reasons[draft.operation.id]) for draft in held]


def _doubtful(drafts: abc.Iterable[Draft]) -> dict[str, str]:
    """By operation: why what follows from an absence is held."""
    found = {}
    for draft in drafts:
        for vendor, why in draft.doubtful_at.items():
            found[draft.operation.id] = f"it is missing at {vendor}: {why}"
    return found


def _held(draft: Draft, reason: str) -> Held:
    doubtful = bool(draft.doubtful_at)
    return Held(operation=draft.operation, reason=reason + _RELEASE, doubtful=doubtful)


def _over_limit(
    vendor: str, operations: list[Step], snapshot: Snapshot | None, policy: Policy
) -> list[tuple[Step, str]]:
    live = snapshot.live if isinstance(snapshot, Listed) else 0
    held: list[tuple[Step, str]] = []
    for kinds, limit, name, noun in (
        ((Cancel,), policy.guard.max_cancels, "max_cancels", "cancellations"),
        ((Reschedule, Update), policy.guard.max_changes, "max_changes", "reschedules and updates"),
    ):
        some = [
            operation
            for operation in operations
            if isinstance(operation, kinds) and not operation.fills
        ]
        if limit.exceeded(len(some), live):
            why = (
                f"{len(some)} {noun} at {vendor} in one cycle, of {live} live records: more than "
                f"{limit.count} and more than {limit.percent:g} % (guard.{name})"
            )
            held += [(operation, why) for operation in some]
    return held

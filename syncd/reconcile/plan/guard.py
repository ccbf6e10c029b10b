"""The guard: what looks like an accident is held until an operator approves it, or rejects it.

Per vendor and cycle: too many cancellations, too many reschedules and updates, or cancellations
that come from records that are missing without the vendor's own word. Of cancellations a share
counts alone from three on, so that a small account is guarded too; one or two are never held for
it. Taking one of several clients out of a record is a cancellation, too. What only fills what a
record was linked without is none of these: it overwrites nothing.

What was held for a limit stays held until somebody decides, and says for what it was held first:
    09:00 twelve cancellations are held, of twenty records
    09:05 nine of them are taken back at their vendor: three are left, which alone would go
    09:05 they are held still, as three of twelve
Approved ones count towards the limits as well: an approval releases what was shown, and nothing
that came to it since.
"""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import dataclass, field, replace

from syncd.compare.seats import leaving
from syncd.model.appointment import Field
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Memory, Waiting
from syncd.model.plan import Cancel, Held, Reschedule, Step, Update
from syncd.model.policy import Policy
from syncd.model.record import Listed, Snapshot, Snapshots
from syncd.model.wording import by_the_clock

_WAYS_OUT = "; 'syncd approve' releases it, 'syncd reject' takes back what led to it"


@dataclass(slots=True)
class Draft:
    """An operation, with the vendors at which a record is missing without their own word, each with
    the reason.
    """

    operation: Step
    doubtful_at: abc.Mapping[str, str] = field(default_factory=dict)


def guard(
    drafts: abc.Sequence[Draft],
    snapshots: Snapshots,
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
        reasons |= _beyond(vendor, operations, snapshots.get(vendor), policy, memory)
    go = [_released(draft.operation, memory) for draft in drafts if _id(draft) not in reasons]
    held = [draft for draft in drafts if _id(draft) in reasons]
    return go, [_held(draft, reasons[_id(draft)], policy) for draft in held]


def _id(draft: Draft) -> str:
    return draft.operation.id


def _doubtful(drafts: abc.Iterable[Draft]) -> dict[str, str]:
    """By operation: why what follows from an absence is held."""
    found = {}
    for draft in drafts:
        for vendor, why in draft.doubtful_at.items():
            found[_id(draft)] = f"it is missing at {vendor}: {why}{_WAYS_OUT}"
    return found


def _beyond(
    vendor: str,
    operations: list[Step],
    snapshot: Snapshot | None,
    policy: Policy,
    memory: Memory,
) -> dict[str, str]:
    """By operation at one vendor that nobody approved: why it is held, or was held before."""
    found = {operation.id: why for operation, why in _over(vendor, operations, snapshot, policy)}
    waiting = _waiting_at(vendor, memory)
    for operation in operations:
        parts = (one for one in waiting[operation.appointment] if _is_of(operation, one))
        held = memory.held.get(operation.id) or next(parts, None)
        if held is not None:
            found[operation.id] = held.reason
    return {key: why for key, why in found.items() if key not in memory.approved}


def _waiting_at(vendor: str, memory: Memory) -> dict[str, list[Waiting]]:
    """By appointment: what was held at a vendor, and nobody has released."""
    found: dict[str, list[Waiting]] = defaultdict(list)
    for one in memory.held.values():
        if one.vendor == vendor:
            found[one.appointment].append(one)
    return found


def _is_of(operation: Step, waiting: Waiting) -> bool:
    """Whether an operation is what is left of one that was held, or all of it.

    09:00 the CRM's move and the site's new address go to the office in one write, which is held
    09:05 the move is taken back: the address is left, which is another operation, and is held
    """
    new = {name: value for name, (_, value) in operation.changes.items()}
    return all(name in waiting.values and waiting.values[name] == new[name] for name in new)


def _over(
    vendor: str, operations: list[Step], snapshot: Snapshot | None, policy: Policy
) -> abc.Iterator[tuple[Step, str]]:
    """The operations of which there are too many, of the live records from the window's beginning
    on, each with the count and the rule.
    """
    live = snapshot.live if isinstance(snapshot, Listed) else 0
    for kinds, count in (
        ((Cancel,), _cancels),
        ((Reschedule, Update), _changes),
    ):
        some = [one for one in operations if _counts_as(one) in kinds and not one.fills]
        number = sum(_deleted(one, policy.traits(vendor).capabilities) for one in some)
        rule = count(number, live + number - len(some), policy, vendor)
        if rule is not None:
            for operation in some:
                yield operation, rule + _WAYS_OUT


def _counts_as(operation: Step) -> type[Step]:
    """What an operation is to the guard: taking a client out is a cancellation."""
    return Cancel if ends_seats(operation) else type(operation)


def _deleted(operation: Step, able: Capabilities) -> int:
    """How many operations one is to the guard: of a class, as many as records are deleted for
    good.
    """
    if able.soft_cancel or not able.seats(operation.target) or operation.mapping is None:
        return 1
    if isinstance(operation, Cancel):
        return max(1, len(operation.mapping.parts))
    old, new = operation.changes.get(Field.CLIENTS, ((), ()))
    return max(1, len(leaving(old or (), new or (), old or ())))


def ends_seats(operation: Step) -> bool:
    """Whether an operation takes clients out of a record."""
    old, new = operation.changes.get(Field.CLIENTS, ((), ()))
    return isinstance(operation, Update) and bool(leaving(old or (), new or (), old or ()))


def _cancels(number: int, live: int, policy: Policy, vendor: str) -> str | None:
    """Why so many cancellations are held; None where they are not."""
    said = f"{number} cancellations at {vendor} in one cycle, of {live} live records: "
    limit, able = policy.guard.max_cancels, policy.able(vendor)
    if limit.exceeded(number, live):
        return (
            f"{said}more than {limit.count} and more than {limit.percent:g} % (guard.max_cancels)"
        )
    share = policy.guard.share_of_cancels(able)
    if not share.reached(number, live):
        return None
    ending = "" if able.soft_cancel else f", and {vendor} deletes for good"
    return (
        f"{said}at least {share.least} and at least {share.percent} %{ending} (guard.max_cancels)"
    )


def _changes(number: int, live: int, policy: Policy, vendor: str) -> str | None:
    """The same of reschedules and updates."""
    limit = policy.guard.max_changes
    if not limit.exceeded(number, live):
        return None
    return (
        f"{number} reschedules and updates at {vendor} in one cycle, of {live} live records: more "
        f"than {limit.count} and more than {limit.percent:g} % (guard.max_changes)"
    )


def _released(operation: Step, memory: Memory) -> Step:
    """An operation that may be done; who released it is a part of why."""
    by = memory.released.get(operation.id)
    return replace(operation, reason=f"{operation.reason}; released by {by}") if by else operation


def _held(draft: Draft, reason: str, policy: Policy) -> Held:
    operation, clock = draft.operation, policy.clock_of(draft.operation.vendor)
    slots = operation.changes.get(Field.SLOT, (None, operation.target.slot))
    local = "" if clock is None else by_the_clock(clock, *(slot for slot in slots if slot))
    missing_at = tuple(draft.doubtful_at)
    return Held(operation=operation, reason=reason, local=local, missing_at=missing_at)

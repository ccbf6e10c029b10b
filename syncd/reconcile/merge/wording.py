"""The sentences that say what somebody changed, and how a conflict was decided. Notes and clients
are never quoted.
"""

from __future__ import annotations

from collections import abc

from syncd.model.appointment import Field, Status
from syncd.model.wording import quote
from syncd.reconcile.diff.changes import Change

_UNTOLD = (
    "which was later cannot be told, as the clock was set back since, or the database is from "
    "another host"
)
"""Why a change has no time: of any other, there was an earlier look at the record."""


def describe(change: Change) -> str:
    """One change as a clause: who changed what, from what to what, when."""
    if change.undelivered:
        return change.why
    when = str(change.when)
    if change.of_seat:
        return _of_seat(change, when)
    if change.cancels:
        return (
            f"{change.vendor} deleted it {when} ({change.why})"
            if change.why
            else f"{change.vendor} cancelled it {when}"
        )
    if change.field is Field.STATUS and change.old is Status.CANCELLED and change.new.open:
        return f"{change.vendor} scheduled it again {when}"
    if change.field is Field.SLOT:
        return f"{change.vendor} moved it from {change.old} to {change.new} {when}"
    if change.field in (Field.NOTES, Field.CLIENTS):
        return f"{change.vendor} changed its {change.field} {when}"
    values = f"from {quote(change.old)} to {quote(change.new)}"
    return f"{change.vendor} changed its {change.field} {values} {when}"


def _of_seat(change: Change, when: str) -> str:
    if change.joint and change.comes:
        return f"{change.vendor} changed its clients {when}: {len(change.comes)} came"
    if not change.leaves:
        return f"{change.vendor} scheduled one client's seat again {when}"
    if change.comes:
        return f"{change.vendor} changed its clients {when}: one's seat is somebody else's now"
    if change.why:
        return f"{change.vendor} deleted one client's seat {when} ({change.why})"
    return f"{change.vendor} cancelled one client's seat {when}"


def decided(winner: Change, losers: abc.Sequence[Change], rule: str) -> str:
    """How a conflict was decided."""
    against = "; ".join(describe(loser) for loser in losers)
    first = f"{winner.vendor} comes first in the priority"
    if any(change.when.unknown for change in (winner, *losers)):
        first = f"{_UNTOLD}: {first}"
    because = {
        "newest": "the later change wins",
        "priority": first,
        "cancel_wins": "a cancellation wins (cancel_wins)",
    }[rule]
    return f"{describe(winner)}; against that, {against}: {because}"

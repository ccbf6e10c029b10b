"""Of moves that a vendor refused: which wait for one another, so that none can be first. Pure.

    10:00 A, 11:00 B; people exchange them elsewhere
    A to 11:00 is refused, B is there; B to 10:00 is refused, A is there

Moving one out of the way for a moment would show its client a time that nobody agreed, so that is
left to people.
"""

from __future__ import annotations

from collections import abc

from syncd.model.plan import Operation, Reschedule, Step
from syncd.model.times import Slot


def in_each_others_way(operation: Step, refused: abc.Iterable[Step]) -> str | None:
    """A sentence on a record that has this move's new time and waits as well, if there is one."""
    if not isinstance(operation, Reschedule):
        return None
    wanted = operation.target.slot
    for other in refused:
        if other.appointment != operation.appointment and _occupies(other, wanted):
            return (
                f"record {other.remote_id} has that time and was to move away as well: exchange "
                f"the two at {operation.vendor} by hand, or move one of them to a free time first"
            )
    return None


def _occupies(other: Operation, wanted: Slot) -> bool:
    if not isinstance(other, Reschedule) or other.mapping is None:
        return False
    held = other.mapping.base.slot
    return held.start < wanted.end and wanted.start < held.end

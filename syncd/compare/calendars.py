"""When two records are in each other's way: the same time in the same calendar. Pure."""

from __future__ import annotations

from syncd.model.appointment import UNLISTED, Appointment
from syncd.model.capabilities import Capabilities
from syncd.model.plan import Operation
from syncd.model.times import Slot


def calendar_of(shown: Appointment, able: Capabilities) -> str | None:
    """The calendar in which a record with these values stands; None where nobody knows."""
    staff = shown.staff or ""
    return (
        staff.removeprefix(UNLISTED) if staff.startswith(UNLISTED) else able.whose_calendar(shown)
    )


def same_calendar(one: str | None, other: str | None) -> bool:
    """Whether two calendars may be one: one that nobody knows may be any."""
    return one is None or other is None or one == other


def overlap(one: Slot, other: Slot) -> bool:
    """Whether two stretches of time have a moment in common."""
    return one.start < other.end and other.start < one.end


def room_for(operation: Operation, able: Capabilities) -> Slot:
    """The time that an operation needs at its vendor: longer than its appointment, where a type or
    the record that is moved is.
    """
    target, mapping = operation.target, operation.mapping
    length = max(target.slot.duration, able.books(target) or target.slot.duration)
    if mapping is not None and not able.end_can_be_set:
        length = max(length, mapping.base.slot.duration)
    return Slot(start=target.slot.start, end=target.slot.start + length)

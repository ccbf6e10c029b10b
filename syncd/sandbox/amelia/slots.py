"""What stands in an Amelia appointment's way, and which appointment it would join."""

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo

from syncd.sandbox.amelia.bookings import Appointment


def on_grid(start: datetime, zone: tzinfo, minutes: int | None) -> bool:
    """Whether a start falls on the employee's slots, which lie `minutes` apart from local midnight; None: anywhere."""
    if minutes is None:
        return True
    local = start.astimezone(zone)
    return (local.hour * 60 + local.minute) % minutes == 0 and local.second == 0


def employee_is_free(wanted: Appointment, entries: Iterable[Appointment]) -> bool:
    """Whether no other live appointment takes the employee's time."""
    return all(other.provider != wanted.provider for other in _overlapping(wanted, entries))


def customers_are_free(wanted: Appointment, entries: Iterable[Appointment]) -> bool:
    """Whether none of its customers is in another live appointment at that time."""
    own = {booking.customer_id for booking in wanted.bookings}
    return all(own.isdisjoint(each.customer_id for each in other.bookings) for other in _overlapping(wanted, entries))


def joined(entries: Iterable[Appointment], service: int, provider: int, start: datetime) -> Appointment | None:
    """The appointment that a create for a group service joins: even a cancelled one (field-notes)."""
    for entry in entries:
        if entry.start == start and entry.service == service and entry.provider == provider:
            return entry
    return None


def _overlapping(wanted: Appointment, entries: Iterable[Appointment]) -> Iterator[Appointment]:
    start, end = wanted.start, wanted.end
    return (
        other
        for other in entries
        if other.start < end and other.end > start and other.id != wanted.id and other.is_live
    )

"""What stands in an Amelia appointment's way, and which appointment it would join.

An employee's free slots begin at the start of each *free interval*: of the working day, and of what is left of it after
each appointment. So after one of 45 minutes at 09:00 the starts are 09:45, 10:15, …, and 10:00 is refused for the rest
of the day (measured on 1.2.34, 2.1.3 and 2.4.3). Round the clock the shifted grid runs on to the end of the month.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from syncd.sandbox.amelia.bookings import ENDED, Appointment

_DAYS_BACK = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When an employee works: `hours` on the site's wall clock or None, `step` in minutes or None."""

    zone: tzinfo
    hours: Sequence[str] | None
    step: int | None

    def opening(self, start: datetime) -> datetime:
        """Where the grid of the working time that `start` falls into begins."""
        day = start.astimezone(self.zone).date()
        return self._at(day.replace(day=1), "00:00") if self.hours is None else self._at(day, self.hours[0])

    def closing(self, start: datetime) -> datetime | None:
        """The end of that working time; None where it has none."""
        return None if self.hours is None else self._at(start.astimezone(self.zone).date(), self.hours[1])

    def _at(self, day: date, clock: str) -> datetime:
        return datetime.combine(day, time.fromisoformat(clock), self.zone).astimezone(UTC)


def is_free(wanted: Appointment, entries: Iterable[Appointment], calendar: Calendar, now: datetime) -> bool:
    """Whether one of its employee's free slots begins at its start and is long enough.

    No slot lies more than a year back (measured: refused; 400 days ahead is accepted).
    """
    busy = [other for other in entries if other.provider == wanted.provider and other.is_live and other.id != wanted.id]
    if any(_overlap(wanted, other) for other in busy) or wanted.start < now - _DAYS_BACK:
        return False
    opening, closing = calendar.opening(wanted.start), calendar.closing(wanted.start)
    if wanted.start < opening or (closing is not None and wanted.end > closing):
        return False
    if calendar.step is None:
        return True
    ends = [other.end for other in busy if opening < other.end <= wanted.start]
    return not (wanted.start - max([opening, *ends])) % timedelta(minutes=calendar.step)


def customers_are_free(wanted: Appointment, entries: Iterable[Appointment]) -> bool:
    """Whether none of its customers is in another live appointment at that time."""
    own = {booking.customer_id for booking in wanted.bookings}
    return all(own.isdisjoint(each.customer_id for each in other.bookings) for other in _others(wanted, entries))


def joined(
    wanted: Appointment, entries: Iterable[Appointment], accepts: Callable[[Appointment], bool]
) -> Appointment | None:
    """The first appointment of the same start, service and employee that accepts its booking."""
    for entry in entries:
        same = (entry.start, entry.service, entry.provider)
        if same == (wanted.start, wanted.service, wanted.provider) and accepts(entry):
            return entry
    return None


def is_cancelled(entry: Appointment) -> bool:
    """Whether a create of the oldest generation takes it over."""
    return entry.word in ENDED


def _others(wanted: Appointment, entries: Iterable[Appointment]) -> Iterator[Appointment]:
    return (other for other in entries if other.id != wanted.id and other.is_live and _overlap(wanted, other))


def _overlap(one: Appointment, other: Appointment) -> bool:
    return other.start < one.end and other.end > one.start

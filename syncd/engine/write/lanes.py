"""The order of one vendor's operations, and which of those that it refused are worth another try.
Pure.

Where the starts that are free depend on the appointments around, records are moved and cancelled
before others are made, and those are made day by day from today on, latest first in each day: so no
new one takes the start of another.
    a step of 30 minutes, 45 minutes at 09:00 and an hour at 10:00
    09:00 first: free again from 09:45 on, 10:15 … : 10:00 is refused
    10:00 first: free from the beginning of the day on: 09:00 is taken too

Where somebody works round the clock, what a day ends with counts on to the end of the month. So
those behind a day's last one that shifts no start wait for the rest of that month, and are then
made latest first, whatever their day.
    Monday 15:00, 45 minutes; Tuesday 09:00, an hour
    Monday first: free from 15:45 on, by night too, … 08:45, 09:15: Tuesday 09:00 is refused, as is
        all until the 30th
    Tuesday first: both are taken; on Monday what ends on the grid was made before, and the 15:00
        alone had to wait
"""

from __future__ import annotations

from collections import abc
from datetime import date, datetime

from syncd.model.appointment import Appointment
from syncd.model.capabilities import CalendarDay, Capabilities
from syncd.model.plan import Create, Operation, Step


def arranged(operations: abc.Iterable[Step], able: Capabilities) -> list[Step]:
    """The operations in the order in which they are carried out."""
    day = able.calendar_day
    given = list(operations)
    if day is None:
        return given
    creates = [operation for operation in given if isinstance(operation, Create)]
    return [*(one for one in given if not isinstance(one, Create)), *_in_days(creates, day, able)]


def _in_days(
    creates: list[Create], day: abc.Callable[[Appointment], CalendarDay], able: Capabilities
) -> list[Create]:
    """Creates day by day, latest first; what would shift the next day's starts ends its month."""
    # The last start of each day that shifts none: what is behind it shifts the starts of tomorrow.
    plain: dict[CalendarDay, datetime] = {}
    for target in (one.target for one in creates if not able.shifts(one.target)):
        start = target.slot.start
        plain[day(target)] = max(start, plain.get(day(target), start))

    def order(create: Create) -> tuple[date, bool, date, float]:
        start, (local, whose) = create.target.slot.start, day(create.target)
        last = plain.get((local, whose))
        closing = last is None or start > last
        month = local.replace(day=1)
        return month, closing, month if closing else local, -start.timestamp()

    return sorted(creates, key=order)


def another_try(
    refused: abc.Iterable[Step],
    cleared: abc.Iterable[tuple[Step, int]],
    attempts: abc.Mapping[str, int],
    able: Capabilities,
) -> list[Step]:
    """Of the refused operations those after whose last attempt another made room, perhaps for them.

    `attempts` holds the number of each operation's last attempt; `cleared` are those that made
    room, each with the number of the attempt by which it did.
    """
    # Another try costs a request: only where something has changed since the last one.
    latest: dict[CalendarDay | None, int] = {}
    for operation, number in cleared:
        for day in _days(operation, able):
            latest[day] = max(latest.get(day, 0), number)
    return [
        operation
        for operation in refused
        if any(latest.get(day, 0) > attempts[operation.id] for day in _days(operation, able))
    ]


def _days(operation: Operation, able: Capabilities) -> set[CalendarDay | None]:
    """The calendar days that an operation concerns; one for all where days say nothing."""
    day = able.calendar_day
    if day is None:
        return {None}
    before = () if operation.mapping is None else (operation.mapping.base,)
    return {day(appointment) for appointment in (operation.target, *before)}

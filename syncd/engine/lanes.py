"""The order of one vendor's operations, and which of those that it refused are worth another try. Pure.

Where the starts that are free depend on the appointments around, records are moved and cancelled before others are
made, and those are made day by day from today on, latest first in each day: so no new one takes the start of another.
    a step of 30 minutes, 45 minutes at 09:00 and an hour at 10:00
    09:00 first: free again from 09:45 on, 10:15 … : 10:00 is refused
    10:00 first: free from the beginning of the day on: 09:00 is taken too
"""

from __future__ import annotations

from collections import abc

from syncd.model.capabilities import CalendarDay, Capabilities
from syncd.model.plan import Create, Operation, Step


def arranged(operations: abc.Iterable[Step], able: Capabilities) -> list[Step]:
    """The operations in the order in which they are carried out."""
    day = able.calendar_day
    given = list(operations)
    if day is None:
        return given
    creates = [operation for operation in given if isinstance(operation, Create)]
    creates.sort(key=lambda one: (day(one.target)[0], -one.target.slot.start.timestamp()))
    return [*(one for one in given if not isinstance(one, Create)), *creates]


def another_try(
    refused: abc.Iterable[Step],
    done: abc.Iterable[Step],
    attempts: abc.Mapping[str, int],
    able: Capabilities,
) -> list[Step]:
    """Of the refused operations those after whose last attempt another was done that may have made room for them.

    `attempts` holds the number of each operation's last attempt.
    """
    latest: dict[CalendarDay | None, int] = {}
    for operation in done:
        for day in _days(operation, able):
            latest[day] = max(latest.get(day, 0), attempts.get(operation.id, 0))
    return [
        operation
        for operation in refused
        if any(latest.get(day, 0) > attempts[operation.id] for day in _days(operation, able))
    ]


def _days(operation: Operation, able: Capabilities) -> set[CalendarDay | None]:
    """The calendar days that an operation concerns, before and after it; one for all where days say nothing."""
    day = able.calendar_day
    if day is None:
        return {None}
    before = () if operation.mapping is None else (operation.mapping.base,)
    return {day(appointment) for appointment in (operation.target, *before)}

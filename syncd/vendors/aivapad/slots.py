"""Aivapad's `date`, `startTime`, `endTime`, `allDay`, and the slots that they mean in the account's zone.

The times carry no zone and at most minutes are documented. An `endTime` before `startTime` is the next day's, an equal
one is no length at all; `allDay` is the whole local day, whatever the times say (field-notes).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.model.appointment import Appointment
from syncd.model.errors import InvalidSlot, InvalidTime, Malformed
from syncd.model.times import Slot, reckonable
from syncd.model.wallclock import WallClock
from syncd.vendors.aivapad.schemas import AppointmentRow

_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:T00:00(?::00(?:\.0+)?)?(?:Z|\+00:?00)?)?")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?")
_DAY = timedelta(days=1)


def read_slot(row: AppointmentRow, wall: WallClock, hint: Appointment | None) -> tuple[Slot, tuple[Slot, ...]]:
    """The slot of a row, and the other slots that it may mean. `wall` is the account's clock.

    In an overlap of daylight saving `hint`, what is known of the appointment, decides, else what the clock's owner
    means. Raises `Malformed`, naming the key.
    """
    local = _day(row.date)
    try:
        if row.allDay:
            return _whole_day(local, wall), ()
        readings = _readings(local, _time("startTime", row.startTime), _time("endTime", row.endTime, last=_DAY), wall)
    except InvalidTime as error:
        raise Malformed(f"date with startTime or endTime: {error}") from None
    except (InvalidSlot, OverflowError):
        raise Malformed("date with startTime and endTime makes no time that can be reckoned with") from None
    if not readings:
        raise Malformed("endTime equals startTime: it takes no time, and Aivapad has no date for an end")
    return _chosen(readings, None if hint is None else hint.slot)


def write_slot(slot: Slot, wall: WallClock) -> dict[str, Any]:
    """The vendor's words for a slot that it `holds`; seconds are dropped."""
    start, end = wall.local(slot.start), wall.local(slot.end)
    if slot.all_day and _is_whole_day(slot, wall):
        # The times of an all-day record mean nothing; these two are in order for whoever compares them.
        return {"date": start.date().isoformat(), "startTime": "00:00", "endTime": "23:59", "allDay": True}
    return {
        "date": start.date().isoformat(),
        "startTime": start.time().isoformat("minutes"),
        "endTime": end.time().isoformat("minutes"),
        "allDay": False,
    }


def holds(slot: Slot, wall: WallClock) -> bool:
    """Whether the vendor's words can mean this slot, apart from its seconds."""
    try:
        if slot.all_day and _is_whole_day(slot, wall):
            return True
        words = write_slot(slot, wall)
        if words["startTime"] == words["endTime"]:  # an hour in which clocks are set back: it reads as no length
            return False
        begins, ends = _time("startTime", words["startTime"]), _time("endTime", words["endTime"])
        readings = _readings(_day(words["date"]), begins, ends, wall)
    except (InvalidTime, InvalidSlot, OverflowError):
        return False
    return any(_same(reading, slot) for reading in readings)


def modified(text: str | None) -> datetime | None:
    """An ISO moment with an offset, in UTC, that can be reckoned with; None for anything else."""
    try:
        found = datetime.fromisoformat((text or "").strip())
        return found.astimezone(UTC) if found.utcoffset() is not None and reckonable(found) else None
    except (ValueError, OverflowError):
        return None


def _is_whole_day(slot: Slot, wall: WallClock) -> bool:
    return slot.covers(_whole_day(wall.local(slot.start), wall))


def _whole_day(local: datetime, wall: WallClock) -> Slot:
    return Slot(start=wall.next_midnight(local, days=0), end=wall.next_midnight(local), all_day=True)


def _readings(day: datetime, begins: timedelta, ends: timedelta, wall: WallClock) -> list[Slot]:
    """Every slot that the words may mean, the plain one first; none where they mean no time at all."""
    starts = wall.readings(day + begins)
    finishes: list[datetime] = []
    if ends != begins:
        finishes += wall.readings(day + ends + (_DAY if ends < begins else timedelta(0)))
    if ends <= begins:
        # When clocks are set back, they show an earlier time after a later one on the same day.
        finishes += _same_day(day + ends, wall)
    return [Slot(start=start, end=end) for start in starts for end in finishes if end > start]


def _same_day(local: datetime, wall: WallClock) -> tuple[datetime, ...]:
    try:
        return wall.readings(local)
    except InvalidTime:
        return ()


def _chosen(readings: list[Slot], hint: Slot | None) -> tuple[Slot, tuple[Slot, ...]]:
    if hint is not None:
        exact = [slot for slot in readings if _same(slot, hint)]
        if exact:
            return exact[0], ()
        readings = [slot for slot in readings if slot.minute == hint.minute] or readings
    return readings[0], tuple(readings[1:])


def _same(one: Slot, other: Slot) -> bool:
    return _minute(one.start) == _minute(other.start) and _minute(one.end) == _minute(other.end)


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _day(text: str) -> datetime:
    if not text.strip():
        raise Malformed("date is missing")
    match = _DATE.fullmatch(text.strip())
    if match is None:
        raise Malformed("date is not written as YYYY-MM-DD")
    try:
        return datetime(int(match[1]), int(match[2]), int(match[3]))  # noqa: DTZ001 - a wall-clock day
    except ValueError:
        raise Malformed(f"date: there is no {match[1]}-{match[2]}-{match[3]}") from None


def _time(key: str, text: str, last: timedelta = _DAY - timedelta(microseconds=1)) -> timedelta:
    if not text.strip():
        raise Malformed(f"{key} is missing")
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise Malformed(f"{key} is not written as HH:MM")
    hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3] or 0)
    found = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if minutes > 59 or seconds > 59 or found > last:
        raise Malformed(f"{key}: there is no {match[0]}")
    return found

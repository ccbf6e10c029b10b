"""When an Acuity calendar is free, and the three availability endpoints.

Decides what stands in the way of a booking without admin rights; how a refusal of one reads is left to the caller. The
free times that are listed lie between nine and five in the calendar's zone.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum, auto
from typing import Any
from zoneinfo import ZoneInfo

from syncd.sandbox.acuity import requests
from syncd.sandbox.acuity.catalogue import (
    AppointmentType,
    Calendar,
    asked_addons,
    asked_type,
    known_calendar,
    length,
)
from syncd.sandbox.acuity.requests import Invalid, Slot
from syncd.sandbox.acuity.rows import OFF, offset_stamp
from syncd.sandbox.frame.exchange import Call
from syncd.sandbox.frame.records import Entry

_OPENS, _CLOSES = time(9), time(17)
_COOLING = timedelta(minutes=10)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


class Obstacle(Enum):
    """Why a slot cannot be booked."""

    PAST = auto()
    SAME_START = auto()
    OVERLAP = auto()
    JUST_CANCELLED = auto()
    FULL = auto()


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody would like to book: a type from a start to an end."""

    kind: AppointmentType
    start: datetime
    end: datetime

    def shares(self, entry: Entry) -> bool:
        """Whether a booking has a seat in the class that this one is for."""
        return self.kind.class_size is not None and (entry.service, entry.start) == (self.kind.id, self.start)


def obstacle(
    entries: Iterable[Entry], calendar_id: int, wish: Wish, *, now: datetime, cooling: bool
) -> Obstacle | None:
    """What stands in the way of it on this calendar; `cooling`: a slot just cancelled is blocked for a while."""
    if wish.start <= now:
        return Obstacle.PAST
    seats = 0
    for entry in entries:
        if entry.staff != calendar_id or entry.start >= wish.end or entry.end <= wish.start:
            continue
        if wish.shares(entry):
            seats += entry.status not in OFF
            continue
        if entry.status not in OFF:
            return Obstacle.SAME_START if entry.start == wish.start else Obstacle.OVERLAP
        if cooling and now - entry.modified_at < _COOLING:
            return Obstacle.JUST_CANCELLED
    return Obstacle.FULL if wish.kind.class_size is not None and seats >= wish.kind.class_size else None


class Taken(Exception):
    """No calendar takes the slot; `code` is `double_booked`, `not_available` or `no_available_calendar`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Availability:
    """The free time of one account's calendars. `zone` tells a calendar's zone, and with None the account's.

    `blocked` says whether somebody blocked a time of a calendar; a class is held all the same (the vendor's help).
    """

    types: Mapping[int, AppointmentType]
    calendars: Mapping[int, Calendar]
    entries: Mapping[str, Entry]
    now: Callable[[], datetime]
    zone: Callable[[int | None], ZoneInfo]
    behaviour: Mapping[str, Any]
    blocked: Callable[[int, datetime, datetime], bool]

    def calendar(self, slot: Slot, kind: AppointmentType, minutes: int, *, skip: str | None = None) -> int:
        """The first calendar that can take the slot; `skip` is an appointment that moves. Raises `Taken`, `Invalid`."""
        wish = Wish(kind, slot.start, slot.start + timedelta(minutes=minutes))
        if slot.calendar_id is None:
            free = (each for each in self.calendars if self._obstacle(wish, each, skip) is None)
            found = next(free, None)
            if found is None:
                raise Taken("no_available_calendar")
            return found
        wanted = known_calendar(self.calendars, slot.calendar_id)
        in_the_way = self._obstacle(wish, wanted, skip)
        if in_the_way is not None:
            raise Taken("double_booked" if in_the_way is Obstacle.SAME_START else "not_available")
        return wanted

    def checked(self, call: Call) -> Any:
        """The answer to `check-times`: about one slot or a list of them, shaped as the question. Raises `Invalid`."""
        try:
            asked = call.json()
        except ValueError:
            asked = None
        if isinstance(asked, list) and all(isinstance(item, dict) for item in asked):
            return [self._checked(item) for item in asked]
        return self._checked(requests.json_object(call))

    def _checked(self, asked: dict[str, Any]) -> dict[str, Any]:
        slot, kind = requests.slot(asked, self.zone), asked_type(self.types, asked)
        zone = requests.zone_of(asked) or self.zone(slot.calendar_id)
        own = length(kind, asked_addons(asked))
        minutes = requests.identifier(asked, "duration", "bad_request") or own
        result: dict[str, Any] = {
            "datetime": offset_stamp(slot.start.astimezone(zone)),
            "appointmentTypeID": kind.id,
            "calendarID": slot.calendar_id,
            "timezone": str(zone),
            "duration": minutes,
            "price": asked.get("price") or kind.price,
        }
        key = self.behaviour["check_times"]
        try:
            return {**result, "calendarID": self.calendar(slot, kind, minutes), key: True}
        except Taken:
            return {**result, key: False, "message": "time_unavailable"}

    def free_days(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """The answer to `availability/dates`. Raises `Invalid`."""
        days = _month_days(query.get("month", ""))
        return [{"date": day.isoformat()} for day in days if next(self._free(query, day), None) is not None]

    def free_times(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """The answer to `availability/times`; recorded rows say how many may book (field-notes). Raises `Invalid`."""
        more = {"slotsAvailable": 1} if self.behaviour["check_times"] == "valid" else {}
        day = requests.day(query.get("date", ""), "date")
        return [{"time": offset_stamp(start), **more} for start in self._free(query, day)]

    def _free(self, query: Mapping[str, str], day: date) -> Iterator[datetime]:
        kind = asked_type(self.types, query)
        calendar = requests.identifier(query, "calendarID", "invalid_calendar")
        wanted = [*self.calendars] if calendar is None else [known_calendar(self.calendars, calendar)]
        zone = requests.zone_of(query) or self.zone(calendar)
        for start in _openings(day, self.zone(calendar), kind.minutes):
            wish = Wish(kind, start, start + timedelta(minutes=kind.minutes))
            if any(self._obstacle(wish, each, None) is None for each in wanted):
                yield start.astimezone(zone)

    def _obstacle(self, wish: Wish, calendar: int, skip: str | None) -> Obstacle | None:
        if wish.kind.class_size is None and self.blocked(calendar, wish.start, wish.end):
            return Obstacle.OVERLAP
        others = (entry for entry in self.entries.values() if entry.id != skip)
        cooling = self.behaviour["recent_cancel_blocks"]
        return obstacle(others, calendar, wish, now=self.now(), cooling=cooling)


def _month_days(text: str) -> list[date]:
    found = _MONTH.fullmatch(text)
    if found is None:
        raise Invalid("bad_request", 'The parameter "month" must be YYYY-MM.')
    first = date(int(found[1]), int(found[2]), 1)
    days = (first + timedelta(days=number) for number in range(31))
    return [day for day in days if day.month == first.month]


def _openings(day: date, zone: ZoneInfo, minutes: int) -> Iterator[datetime]:
    """The starts that a calendar offers on a day, taken or not: one every `minutes` while it is open."""
    start = datetime.combine(day, _OPENS, zone)
    while start + timedelta(minutes=minutes) <= datetime.combine(day, _CLOSES, zone):
        yield start
        start += timedelta(minutes=minutes)

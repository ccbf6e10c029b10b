"""What Aivapad accepts in a request, and how it turns its wall-clock words into instants and back.

Its times carry no zone: they are the account's. An `endTime` before `startTime` is the next day's, an equal one is no
length at all; all-day is the whole local day. Half of this is known from the reference, the rest is the plainest
reading of it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from syncd.sandbox.frame.records import Entry, Person

_STRICT_DATE, _STRICT_TIME = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d\d:\d\d")
_LOOSE_DATE, _LOOSE_TIME = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?:T.*)?"), re.compile(r"(\d\d?):(\d\d)(?::\d\d)?")
_TIMES = ("date", "startTime", "endTime", "allDay")
_CLIENT = {"clientFirstName": "first_name", "clientLastName": "last_name", "clientEmail": "email"}
_PLAIN = {"title": "title", "location": "location", "notes": "notes"}


class Invalid(ValueError):
    """A payload that the vendor turns down with 400; the text is the vendor's."""


@dataclass(frozen=True, slots=True)
class Wall:
    """A record's times as the vendor shows them."""

    day: date
    begins: time
    ends: time


def wall_of(entry: Entry, zone: ZoneInfo) -> Wall:
    """The local day, and the local times to the minute."""
    start, end = entry.start.astimezone(zone), entry.end.astimezone(zone)
    return Wall(
        start.date(), start.time().replace(second=0, microsecond=0), end.time().replace(second=0, microsecond=0)
    )


def slot_of(wall: Wall, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants of wall-clock times; of two possible ones the earlier."""
    last = wall.day + timedelta(days=wall.ends < wall.begins)
    return _instant(wall.day, wall.begins, zone), _instant(last, wall.ends, zone)


def whole_day(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From local midnight to the next."""
    return _instant(day, time(0), zone), _instant(day + timedelta(days=1), time(0), zone)


def refuse_unknown(keys: Iterable[str]) -> None:
    """No filter is documented: what is asked for and would be ignored is turned down. Raises `Invalid`."""
    for key in sorted(keys):
        raise Invalid(f"Parâmetro desconhecido: {key}")


def moves(body: Mapping[str, Any]) -> bool:
    """Whether a body speaks of times."""
    return any(key in body for key in _TIMES)


def fields(body: Mapping[str, Any], old: Entry | None) -> dict[str, Any]:
    """The fields of a record, without its times and its status, that a create or an update gives. Raises `Invalid`."""
    given: dict[str, Any] = {}
    for key in (*_PLAIN, *_CLIENT):
        if not isinstance(body.get(key, ""), (str, type(None))):
            raise Invalid(f"O campo {key} deve ser texto")
    for key in ("notificationEnabled", "allDay"):
        if not isinstance(body.get(key, True), bool):
            raise Invalid(f"O campo {key} deve ser booleano")
    if (old is None or "title" in body) and not (body.get("title") or "").strip():
        raise Invalid("O campo title é obrigatório")
    given |= {name: body[key] or "" for key, name in _PLAIN.items() if key in body}
    if "notificationEnabled" in body:
        given["notify"] = body["notificationEnabled"]
    if any(key in body for key in _CLIENT):
        given["people"] = _people(body, old)
    return given


def slot(
    body: Mapping[str, Any], old: Entry | None, zone: ZoneInfo, today: date, *, strict: bool, empty: bool = True
) -> dict[str, Any]:
    """`start`, `end` and `all_day` of a record after a create or an update. Raises `Invalid`.

    An update keeps the wall-clock values that it does not name. Without `strict`, a create may leave out what it likes:
    it then falls on `today`, at midnight, for an hour; and `9:00` or `2026-4-1` will do. `empty` takes equal times,
    which are no length at all.
    """
    known = None if old is None else wall_of(old, zone)
    all_day = bool(body.get("allDay", old is not None and old.all_day))
    day = _day(body, known.day if known else None if strict else today, strict)
    if all_day:
        start, end = whole_day(day, zone)
        return {"start": start, "end": end, "all_day": True}
    begins = _time(body, "startTime", known.begins if known else None if strict else time(0), strict)
    later = (datetime.combine(day, begins) + timedelta(hours=1)).time()
    ends = _time(body, "endTime", known.ends if known else None if strict else later, strict)
    start, end = slot_of(Wall(day, begins, ends), zone)
    if start == end and not empty:
        raise Invalid("O campo endTime deve ser posterior a startTime")
    return {"start": start, "end": end, "all_day": False}


def _people(body: Mapping[str, Any], old: Entry | None) -> list[Person]:
    first = old.people[0] if old is not None and old.people else Person()
    named = {name: getattr(first, name) for name in ("first_name", "last_name", "email", "phone")}
    named |= {name: body[key] or "" for key, name in _CLIENT.items() if key in body}
    return [Person(**named)] if any(named.values()) else []


def _day(body: Mapping[str, Any], default: date | None, strict: bool) -> date:
    if body.get("date") is None and default is not None:
        return default
    text = str(body.get("date", ""))
    found = _LOOSE_DATE.fullmatch(text)
    if found is not None and (not strict or _STRICT_DATE.fullmatch(text)):
        try:
            return date(*map(int, found.groups()))
        except ValueError:
            pass
    raise Invalid("O campo date é inválido")


def _time(body: Mapping[str, Any], key: str, default: time | None, strict: bool) -> time:
    if body.get(key) is None and default is not None:
        return default
    text = str(body.get(key, ""))
    found = _LOOSE_TIME.fullmatch(text)
    if found is not None and (not strict or _STRICT_TIME.fullmatch(text)):
        try:
            return time(int(found[1]), int(found[2]))
        except ValueError:
            pass
    raise Invalid(f"O campo {key} é inválido")


def _instant(day: date, moment: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, moment, tzinfo=zone).astimezone(UTC)

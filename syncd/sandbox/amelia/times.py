"""Amelia's wall-clock times: the site's zone, how a time is written there, and how one in a request is understood."""

import re
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from syncd.sandbox.frame.zones import is_zone_name

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?")


class Unparsable(ValueError):
    """A text that is no time."""


def is_zone(name: Any) -> bool:
    """Whether a site can be set to it: a zone's name, or a fixed offset such as `+02:00`."""
    return is_zone_name(name) or (isinstance(name, str) and _OFFSET.fullmatch(name) is not None)


def zone_of(name: str) -> tzinfo:
    """The zone by name or by fixed offset."""
    found = _OFFSET.fullmatch(name)
    if found is None:
        return ZoneInfo(name)
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-offset if found[1] == "-" else offset)


def local_text(instant: datetime, zone: tzinfo) -> str:
    """`2026-01-14 13:00:00`, on the site's wall clock."""
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def instant_of(text: Any, zone: tzinfo) -> datetime:
    """A wall-clock time as an instant: a time in a gap is moved past it, of a double one the *second* counts.

    Both is what PHP does (measured). Raises `Unparsable`.
    """
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise Unparsable(f"Failed to parse time string ({text})")
    try:
        naive = datetime.fromisoformat(text)
    except ValueError:
        raise Unparsable(f"Failed to parse time string ({text})") from None
    # Both lie in the later of the two readings: of a gap that is the first, of a repeated hour the second.
    return max(naive.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def stored(instant: datetime, zone: tzinfo) -> datetime:
    """What is left of an instant once the site has kept it: it is turned into local text and read back.

    So of the two instants of a repeated hour the later one is always stored: 00:30Z as 01:30Z in Belgrade, even with
    `utc: true` (measured).
    """
    return instant_of(local_text(instant, zone), zone)


def asked_start(body: dict[str, Any], zone: tzinfo, before: datetime | None = None) -> datetime:
    """The start that a request means; `before` is that of the appointment which it changes.

    `utc: true` makes the text UTC, else `timeZone` names its zone, else it is the site's. An update without
    `bookingStart` reads the *stored wall-clock time* in that way: so `utc` or `timeZone` alone move the appointment
    (field-notes). Raises `Unparsable`.
    """
    meant: tzinfo = zone
    if body.get("utc"):
        meant = UTC
    elif body.get("timeZone"):
        if not is_zone(body["timeZone"]):
            raise Unparsable(f"Unknown or bad timezone ({body['timeZone']})")
        meant = zone_of(body["timeZone"])
    if body.get("bookingStart") is not None:
        return stored(instant_of(body["bookingStart"], meant), zone)
    if before is None:
        raise Unparsable("Failed to parse time string ()")
    return before if meant is zone else stored(instant_of(local_text(before, zone), meant), zone)


def day_range(dates: str, zone: tzinfo, today: datetime) -> tuple[datetime | None, datetime | None]:
    """`A,B` as a half-open range of instants, both days included; a day that is malformed is silently today.

    So is one that is empty: `A,` ends today (measured). Without a comma nothing ends it, without dates nothing bounds.
    """
    if not dates:
        return None, None
    first, comma, last = dates.partition(",")
    return _midnight(first, zone, today, 0), _midnight(last, zone, today, 1) if comma else None


def _midnight(day: str, zone: tzinfo, today: datetime, after: int) -> datetime:
    try:
        date = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        date = today.astimezone(zone).date()
    return datetime.combine(date + timedelta(days=after), time(), zone).astimezone(UTC)

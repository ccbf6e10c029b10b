"""A vendor's wall clock: local times without an offset, to instants and back.

A time in a gap of daylight saving is refused; a time in an overlap has two readings: what is known (`hint`) decides,
else which of them the clock's owner means. Arithmetic is done in UTC alone.
"""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum

from syncd.model.edition import EDITION
from syncd.model.errors import InvalidTime

zoneinfo.reset_tzpath(())  # the tzdata wheel, so that an old system's rules cannot differ from a new one's

_FIXED = re.compile(r"^(?:UTC)?([+-])(\d{1,2})(?::?(\d{2}))?$")
_HOURS, _MINUTES = 14, 59
_HALF_HOUR = timedelta(minutes=30)
"""No two zones differ for less."""


class Repeated(StrEnum):
    """Which of two equal times a vendor means by the one that its clock shows twice, when it is set back."""

    FIRST = "first"
    SECOND = "second"


class WallClock:
    """The clock on the wall of one vendor: an IANA zone name (`Europe/Belgrade`) or a fixed offset (`+02:00`, `UTC+2`).

    `repeated` is what its owner means by a time that it shows twice. Raises `InvalidTime` when the zone is not known.
    """

    def __init__(self, zone: str, *, repeated: Repeated = Repeated.FIRST) -> None:
        self.name = zone
        self._zone = _zone(zone)
        self._backwards = repeated is Repeated.SECOND

    def readings(self, local: datetime) -> tuple[datetime, ...]:
        """The instants (UTC) at which this clock shows the naive `local`: one, or two in an overlap.

        The one that is meant comes first. Raises `InvalidTime` in a gap.
        """
        if local.tzinfo is not None:
            raise InvalidTime(f"{local.isoformat()} is not a wall-clock time: it has an offset")
        found = []
        for fold in (0, 1):
            instant = local.replace(tzinfo=self._zone, fold=fold).astimezone(UTC)
            if instant.astimezone(self._zone).replace(tzinfo=None, fold=0) == local and instant not in found:
                found.append(instant)
        if not found:
            raise InvalidTime(f"{local:%Y-%m-%d %H:%M} does not exist in {self.name}: the clocks skip it")
        return tuple(sorted(found, reverse=self._backwards))

    def instant(self, local: datetime, hint: datetime | None = None) -> datetime:
        """The instant of a naive local time: in an overlap `hint` if it is one of the two, else the one meant."""
        found = self.readings(local)
        return hint if hint is not None and hint in found else found[0]

    def local(self, instant: datetime) -> datetime:
        """What this clock shows at an instant: naive, fold 0."""
        return instant.astimezone(self._zone).replace(tzinfo=None, fold=0)

    def told(self, instant: datetime) -> str:
        """What this clock shows at an instant, after the edition of the zone database and its name."""
        return f"{EDITION} {self.name} {self.local(instant).isoformat(timespec='minutes')}"

    def ambiguous(self, instant: datetime) -> bool:
        """Whether the clock shows this time twice."""
        return len(self.readings(self.local(instant))) > 1

    def next_midnight(self, local: datetime, days: int = 1) -> datetime:
        """The first instant of the local day `days` after the one of `local` (which may not start at 00:00)."""
        day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0) + timedelta(days=days)
        for minutes in range(0, 181, 15):
            try:
                return min(self.readings(day + timedelta(minutes=minutes)))
            except InvalidTime:
                continue
        raise InvalidTime(f"{day:%Y-%m-%d} has no beginning in {self.name}")


def first_difference(one: WallClock, other: WallClock, since: datetime, until: datetime) -> datetime | None:
    """The first instant of a stretch at which two clocks show different times, to the half-hour; None where none is.

    What counts is what they show: `+01:00` and `Europe/Belgrade` are one clock until March.
    """
    if one.name == other.name:
        return None
    moment = since.astimezone(UTC)
    while moment < until:
        if one.local(moment) != other.local(moment):
            return moment
        moment += _HALF_HOUR
    return None


def _zone(name: str) -> tzinfo:
    fixed = _FIXED.match(name.strip())
    if fixed:
        hours, minutes = int(fixed[2]), int(fixed[3] or 0)
        if hours > _HOURS or minutes > _MINUTES:
            raise InvalidTime(f"'{name}' is no offset from UTC")
        offset = timedelta(hours=hours, minutes=minutes)
        return timezone(-offset if fixed[1] == "-" else offset)
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidTime(f"'{name}' is no time zone; use a name such as 'Europe/Belgrade' or '+02:00'") from None


def only_rules_changed(before: str, now: str) -> bool:
    """Whether what a clock told before is what it tells now, by another edition of the database or another zone."""
    one, other = before.split(" "), now.split(" ")
    return len(one) == len(other) == 3 and one[2] == other[2] and one[:2] != other[:2]


def zone_changed(before: str, now: str) -> bool:
    """Whether that is so, and the zone is another one."""
    return only_rules_changed(before, now) and before.split(" ")[1] != now.split(" ")[1]

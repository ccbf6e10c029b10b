"""Stretches of time: the slot of an appointment, the window of a cycle, the interval in which a change happened.

Every moment here is an instant: an aware `datetime` in UTC. Wall clocks live in `wallclock`, at a vendor's edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta

from syncd.model.errors import InvalidSlot

LONG_AGO = datetime.fromtimestamp(0, UTC)
"""A moment before anything: what is known since then has no known moment (the clock was set back since, say)."""


def reckonable(moment: datetime) -> bool:
    """Whether a moment can be moved by any zone's offset: the first and the last year of the calendar cannot.

    The year 9999 is what programs write for "never", and no appointment takes place then.
    """
    return MINYEAR < moment.year < MAXYEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The half-open stretch of time that an appointment takes: two instants, one unit.

    `all_day` says that the vendor shows whole local days. Raises `InvalidSlot` for a naive time, an end that is not
    after its start, or a time that cannot be reckoned with.
    """

    start: datetime
    end: datetime
    all_day: bool = False

    def __post_init__(self) -> None:
        if self.start.utcoffset() is None or self.end.utcoffset() is None or self.end <= self.start:
            raise InvalidSlot(self.start, self.end)
        if not (reckonable(self.start) and reckonable(self.end)):
            raise InvalidSlot(self.start, self.end, "it lies in a year that no calendar reckons with")
        if self.start.tzinfo is not UTC:
            object.__setattr__(self, "start", self.start.astimezone(UTC))
        if self.end.tzinfo is not UTC:
            object.__setattr__(self, "end", self.end.astimezone(UTC))

    @property
    def minute(self) -> int:
        """The start in whole minutes since 1970: what two vendors' starts are compared by (some drop seconds)."""
        return minute_of(self.start)

    @property
    def duration(self) -> timedelta:
        """How long it takes."""
        return self.end - self.start

    @property
    def whole_days(self) -> bool:
        """Whether it takes whole days: what a booking page has no appointment type for."""
        return self.all_day or self.duration >= timedelta(days=1)

    def covers(self, other: Slot) -> bool:
        """Whether both are the same stretch of time, whichever way it is shown (`all_day` does not count)."""
        return self.start == other.start and self.end == other.end

    def __str__(self) -> str:
        day = f"{self.start:%Y-%m-%d}"
        if self.all_day:
            return f"{day} all day ({self.start:%H:%M} UTC, {self.duration.total_seconds() / 3600:g} h)"
        if self.end.date() == self.start.date():
            return f"{day} {self.start:%H:%M}–{self.end:%H:%M} UTC"
        return f"{day} {self.start:%H:%M}–{self.end:%Y-%m-%d %H:%M} UTC"


def minute_of(moment: datetime) -> int:
    """Whole minutes since 1970-01-01T00:00Z, rounded down."""
    return int(moment.timestamp() // 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The stretch of starts that a cycle looks at: `since` (inclusive) to `until` (exclusive), two instants."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.since.utcoffset() is None or self.until.utcoffset() is None or self.until <= self.since:
            raise InvalidSlot(self.since, self.until)

    def __contains__(self, moment: datetime) -> bool:
        return self.since <= moment < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """When something happened: surely after `earliest` and not after `latest`, on syncd's clock."""

    earliest: datetime
    latest: datetime

    @property
    def unknown(self) -> bool:
        """Whether nothing tells when it began to be possible: it may have happened at any time before `latest`."""
        return self.earliest <= LONG_AGO

    def surely_before(self, other: Interval) -> bool:
        """Whether this happened before the other, whatever the two uncertainties."""
        return self.latest < other.earliest

    def __str__(self) -> str:
        if self.unknown:
            return f"at some time before {self.latest:%Y-%m-%d %H:%M:%S} UTC"
        if self.latest - self.earliest <= timedelta(seconds=5):
            return f"at {self.latest:%Y-%m-%d %H:%M:%S} UTC"
        same_day = self.earliest.date() == self.latest.date()
        until = f"{self.latest:%H:%M:%S}" if same_day else f"{self.latest:%Y-%m-%d %H:%M:%S}"
        return f"between {self.earliest:%Y-%m-%d %H:%M:%S} and {until} UTC"

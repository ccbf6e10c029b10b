"""The operator's rules, as reconciliation needs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from syncd.model.capabilities import Capabilities
from syncd.model.times import Window
from syncd.model.wallclock import WallClock


class ConflictRule(StrEnum):
    """How two different changes of one field are decided."""

    NEWEST = "newest"
    PRIORITY = "priority"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A guard's threshold: exceeded when more than `count` and more than `percent` of the vendor's live mappings."""

    count: int
    percent: float

    def exceeded(self, number: int, of: int) -> bool:
        """Whether `number` out of `of` is beyond both."""
        return number > self.count and number * 100 > self.percent * of


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share that counts alone, in a small account too: reached by `least` or more that are `percent` or more."""

    least: int
    percent: int

    def reached(self, number: int, of: int) -> bool:
        """Whether `number` out of `of` is that much."""
        return number >= self.least and number * 100 >= self.percent * of


_OF_CANCELS = Share(least=3, percent=50)
_OF_DELETIONS = Share(least=3, percent=25)
"""Where a cancelled record is deleted for good, less is an accident already: nothing brings it back as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What may be done at one vendor in one cycle without asking."""

    max_cancels: Limit = Limit(count=10, percent=20)
    max_changes: Limit = Limit(count=10, percent=50)

    def share_of_cancels(self, able: Capabilities) -> Share:
        """The cancellations that are held at a vendor whatever `max_cancels` says."""
        return _OF_CANCELS if able.soft_cancel else _OF_DELETIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """A configured vendor as reconciliation sees it.

    So long after a write without an answer (`settle`) what it did may still be on its way: until then nothing that a
    listing lacks counts as not done. `clock` is that by which its people read a time, where it is known. `shift` is by
    how much nearly all of its records moved in this cycle, where that is a zone's doing and nobody's.
    """

    name: str
    capabilities: Capabilities
    read_only: bool = False
    settle: timedelta = timedelta()
    clock: WallClock | None = None
    shift: timedelta | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Vendors in the order of their priority (first wins), and the rules.

    `region` (two letters, ISO 3166) is where telephone numbers without a country are from; None: nobody knows.
    """

    vendors: tuple[Traits, ...]
    window: Window
    conflict: ConflictRule = ConflictRule.NEWEST
    cancel_wins: bool = True
    guard: Guard = Guard()
    region: str | None = None

    def traits(self, vendor: str) -> Traits:
        """The traits of a configured vendor; KeyError for another."""
        for traits in self.vendors:
            if traits.name == vendor:
                return traits
        raise KeyError(vendor)

    def traits_of(self, vendor: str) -> Traits | None:
        """The traits of a vendor, None where it is not configured any more."""
        return next((traits for traits in self.vendors if traits.name == vendor), None)

    def clock_of(self, vendor: str) -> WallClock | None:
        """The clock by which a person reads a time at a vendor: its own, else the first that is known."""
        own = self.traits(vendor).clock
        return own or next((traits.clock for traits in self.vendors if traits.clock is not None), None)

    def rank(self, vendor: str) -> int:
        """The vendor's place in the priority, 0 first."""
        return next(i for i, traits in enumerate(self.vendors) if traits.name == vendor)

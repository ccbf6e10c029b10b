"""The operator's rules, as reconciliation needs them."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from syncd.model.appointment import Appointment
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
    how much nearly all of its records moved in this cycle, where that is a zone's doing and nobody's. `slots_held`: a
    person is asked about its zone, and until that is answered no time is written there. `busy`: what it has of whole
    days is blocked time elsewhere.
    """

    name: str
    capabilities: Capabilities
    read_only: bool = False
    settle: timedelta = timedelta()
    clock: WallClock | None = None
    shift: timedelta | None = None
    slots_held: bool = False
    busy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Vendors in the order of their priority (first wins), and the rules.

    `region` (two letters, ISO 3166) is where telephone numbers without a country are from; None: nobody knows.
    What takes whole days of one of the `busy_services` is blocked time.
    """

    vendors: tuple[Traits, ...]
    window: Window
    conflict: ConflictRule = ConflictRule.NEWEST
    cancel_wins: bool = True
    guard: Guard = Guard()
    region: str | None = None
    busy_services: frozenset[str] = frozenset()
    _by_name: abc.Mapping[str, Traits] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {traits.name: traits for traits in self.vendors})

    @property
    def blocks(self) -> bool:
        """Whether anything may be blocked time at all."""
        return bool(self.busy_services) or any(traits.busy for traits in self.vendors)

    def is_busy(self, appointment: Appointment, at: abc.Iterable[str]) -> bool:
        """Whether an appointment with records at these vendors is blocked time where a vendor has it."""
        if not appointment.slot.whole_days:
            return False
        busy = {traits.name for traits in self.vendors if traits.busy}
        return appointment.service in self.busy_services or not busy.isdisjoint(at)

    def traits(self, vendor: str) -> Traits:
        """The traits of a configured vendor; KeyError for another."""
        return self._by_name[vendor]

    def able(self, vendor: str) -> Capabilities:
        """What a configured vendor can do; KeyError for another."""
        return self._by_name[vendor].capabilities

    def traits_of(self, vendor: str) -> Traits | None:
        """The traits of a vendor, None where it is not configured any more."""
        return self._by_name.get(vendor)

    def is_class(self, appointment: Appointment) -> bool:
        """Whether some vendor has a record for each participant of it: they come and go one by one then."""
        return any(traits.capabilities.seats(appointment) for traits in self.vendors)

    def clock_of(self, vendor: str) -> WallClock | None:
        """The clock by which a person reads a time at a vendor: its own, else the first that is known."""
        own = self.traits(vendor).clock
        return own or next((traits.clock for traits in self.vendors if traits.clock is not None), None)

    def rank(self, vendor: str) -> int:
        """The vendor's place in the priority, 0 first."""
        return next(i for i, traits in enumerate(self.vendors) if traits.name == vendor)

"""The operator's rules, as reconciliation needs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from syncd.model.capabilities import Capabilities
from syncd.model.times import Window


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
class Guard:
    """What may be done at one vendor in one cycle without asking."""

    max_cancels: Limit = Limit(count=10, percent=20)
    max_changes: Limit = Limit(count=10, percent=50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """A configured vendor as reconciliation sees it.

    So long after a write without an answer (`settle`) what it did may still be on its way: until then nothing that a
    listing lacks counts as not done. `shift` is by how much nearly all of its records moved in this cycle, where that
    is a zone's doing and nobody's.
    """

    name: str
    capabilities: Capabilities
    read_only: bool = False
    settle: timedelta = timedelta()
    shift: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Vendors in the order of their priority (first wins), and the rules."""

    vendors: tuple[Traits, ...]
    window: Window
    conflict: ConflictRule = ConflictRule.NEWEST
    cancel_wins: bool = True
    guard: Guard = Guard()

    def traits(self, vendor: str) -> Traits:
        """The traits of a configured vendor; KeyError for another."""
        for traits in self.vendors:
            if traits.name == vendor:
                return traits
        raise KeyError(vendor)

    def traits_of(self, vendor: str) -> Traits | None:
        """The traits of a vendor, None where it is not configured any more."""
        return next((traits for traits in self.vendors if traits.name == vendor), None)

    def rank(self, vendor: str) -> int:
        """The vendor's place in the priority, 0 first."""
        return next(i for i, traits in enumerate(self.vendors) if traits.name == vendor)

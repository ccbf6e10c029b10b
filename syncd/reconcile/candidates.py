"""An appointment as matching sees it, and whether a record may be its own.

Which of several candidates a record goes to is `matching`.
"""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import dataclass, field

from syncd.model.appointment import Appointment, Client, normal_text
from syncd.model.memory import Known, UnsettledCreate
from syncd.model.record import Record
from syncd.model.times import Slot

_LAST_DIGITS = 7


@dataclass(slots=True)
class Candidate:
    """An appointment as matching sees it: what is known of it, and what was linked to it in this cycle.

    `vendors` are those that need no further record. `blocked` holds, per vendor, why no create may be made there.
    `contested` are linked records that are cancelled while the appointment stands, or the other way round.
    """

    id: str
    known: Known | None
    contents: list[Appointment]
    vendors: set[str]
    live: bool
    linked: list[Record] = field(default_factory=list)
    blocked: dict[str, str] = field(default_factory=dict)
    contested: list[Record] = field(default_factory=list)
    recovered: list[tuple[Record, UnsettledCreate]] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)

    @property
    def clients(self) -> list[Client]:
        """Every client that any of its records shows."""
        return [client for content in self.contents for client in content.clients if not client.empty]

    @property
    def titles(self) -> set[str]:
        """Every title that any of its records goes by."""
        return {normal_text(content.display_title) for content in self.contents}

    @property
    def minutes(self) -> set[int]:
        """Every start that any of its records has, in whole minutes."""
        return {content.slot.minute for content in self.contents}

    def link(self, record: Record) -> None:
        """Take a record in."""
        self.linked.append(record)
        self.contents.append(record.content)
        self.vendors.add(record.vendor)


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A record that fits several appointments, or one of several records that fit one: left alone."""

    record: Record
    reason: str


@dataclass(slots=True)
class Matched:
    """The result: every candidate, old and new, and the records that nobody dares to link."""

    candidates: list[Candidate]
    ambiguous: list[Ambiguity] = field(default_factory=list)


def fits(record: Record, candidate: Candidate) -> bool:
    """Same start, and the same client or, where a side has no client, the same title."""
    if {slot.minute for slot in readings(record)}.isdisjoint(candidate.minutes):
        return False
    return alike(record.content, candidate.contents)


def alike(content: Appointment, others: abc.Iterable[Appointment]) -> bool:
    """The same client or, where a side has no client, the same title."""
    several = tuple(others)
    mine = [client for client in content.clients if not client.empty]
    theirs = [client for other in several for client in other.clients if not client.empty]
    if mine and theirs:
        return any(one.same_person(other) for one in mine for other in theirs)
    title = normal_text(content.display_title)
    return any(title == normal_text(other.display_title) for other in several)


def readings(record: Record) -> tuple[Slot, ...]:
    """Every slot that a record may mean."""
    return (record.content.slot, *record.other_readings)


def handles(content: Appointment) -> set[tuple[str, str]]:
    """Keys of which two contents that are `alike` share at least one: so that nobody compares all with all."""
    found = {("title", normal_text(content.display_title))}
    for client in content.clients:
        found |= {("email", email) for email in client.emails}
        if client.digits:
            found.add(("phone", client.digits.lstrip("0")[-_LAST_DIGITS:]))
        if client.name:
            found.add(("name", client.name.casefold()))
    return found


def by_start_and_handle(candidates: abc.Iterable[Candidate]) -> dict[tuple[int, tuple[str, str]], list[Candidate]]:
    """Candidates by every start that they have together with every handle."""
    index: dict[tuple[int, tuple[str, str]], list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        keys = set[tuple[str, str]]().union(*(handles(content) for content in candidate.contents))
        for minute in candidate.minutes:
            for key in keys:
                index[minute, key].append(candidate)
    return index

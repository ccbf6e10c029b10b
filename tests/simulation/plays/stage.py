"""What every play has: a world at rest, people who enter appointments there, cycles, and an eye on what syncd writes.

A play is the last stage of a history. It begins when everything that the history left has come to rest, so that it
finds appointments of any past, at vendors of any behaviour; what it claims it knows from what it did itself.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections import abc
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from syncd.engine.result import CycleResult
from syncd.engine.store.entries import held_of
from syncd.engine.store.ledger import StoreError
from syncd.sandbox.amelia.server import Amelia
from syncd.sandbox.frame.faults import Fault
from syncd.sandbox.frame.records import Entry, Person
from tests.simulation.deeds import Key
from tests.simulation.faults import Fate, any_death
from tests.simulation.oracle import Oracle
from tests.simulation.people import OPEN, deletes, is_awkward, is_closed
from tests.simulation.world import Died, World

_SOON = timedelta(hours=6)
_FIRST_DAY, _DAYS = 27, 14
"""Days after a history's beginning on which people enter appointments in a play: no other one is there."""

_APART = timedelta(hours=3)
_MOST = 12
"""Cycles until all is done that can be done."""


class Written(NamedTuple):
    """A record that syncd changed: None where it was not there, or is not any more."""

    key: Key
    before: Entry | None
    after: Entry | None

    @property
    def calls_off(self) -> bool:
        """Whether a standing record was cancelled or deleted."""
        return is_live(self.before) and not is_live(self.after)

    @property
    def makes(self) -> bool:
        """Whether a record stands that did not."""
        return is_live(self.after) and not is_live(self.before)


@dataclass(frozen=True, slots=True)
class Standing:
    """An appointment that stands at several vendors at one time, and about which nothing waits: its record at each."""

    id: str
    records: abc.Mapping[str, str]
    start: datetime


@dataclass(slots=True)
class Stage(ABC):
    """One playing of it. `tell` has the story say what a cycle did."""

    world: World
    oracle: Oracle
    fate: Fate
    rng: random.Random
    say: abc.Callable[[str], None]
    tell: abc.Callable[[CycleResult], None]
    written: list[Written] = field(default_factory=list)
    _entered: int = 0

    @abstractmethod
    async def play(self) -> None:
        """From rest to rest."""

    def claim(self, holds: bool, sentence: str) -> None:
        """Remember what does not hold."""
        self.oracle.claim(holds, f"{type(self).__name__}: {sentence}")

    @property
    def broken(self) -> bool:
        """Whether something did not hold."""
        return bool(self.oracle.violations)

    def count(self, what: str, number: int = 1) -> None:
        """Count something for the figures."""
        self.oracle.figures[f"play: {what}"] += number

    # -- cycles -------------------------------------------------------------------------------------------------

    async def cycle(self, *, disturbed: bool = False) -> CycleResult | None:
        """One cycle, perhaps with something that befalls it; None where the process died. What it wrote is kept."""
        before, result = self.entries(), None
        mails = self._mails()
        if disturbed:
            self._disturb()
        try:
            result = await self.world.running.cycle()
            self.tell(result)
        except (Died, StoreError):
            self.say("  the process is gone")
            self.world.died()
        self.fate.set(None)
        for vendor in self.world.vendors.values():
            vendor.faults.clear()
        self._note(before)
        self.claim(self._mails() == mails, "clients were mailed")
        self.world.clock.advance(120)
        return result

    async def quiet(self, *, spared: abc.Container[str] = (), most: int = _MOST) -> None:
        """Cycles until nothing is left to do, with an operator who approves what is held, but for appointments that are
        `spared`.
        """
        for _ in range(most):
            result = await self.cycle()
            if result is None or self.broken:
                return
            if self.approve(spared):
                continue
            if not result.writes and not self.world.desk.counts().pending:
                return

    def approve(self, spared: abc.Container[str] = ()) -> bool:
        """An operator approves what is held, but for some appointments; whether there was any."""
        held = self.world.desk.held()
        chosen = [one.operation for one in held if one.approved_at is None and one.appointment not in spared]
        if chosen:
            self.say(f"  an operator approves {len(self.world.desk.approve(chosen))}")
        return bool(chosen)

    def _disturb(self) -> None:
        if self.rng.random() < 0.3:
            self.fate.set(any_death(self.rng))
        if self.rng.random() < 0.4:
            kind, name = self.rng.choice(("html", "hang", "reset")), self.rng.choice(sorted(self.world.vendors))
            self.world.vendors[name].faults.add(Fault(kind, operation="list"))

    def _note(self, before: abc.Mapping[Key, Entry]) -> None:
        now = self.entries()
        for key in sorted(before.keys() | now.keys()):
            if before.get(key) is not now.get(key):
                self.written.append(Written(key, before.get(key), now.get(key)))

    def _mails(self) -> int:
        return sum(vendor.counters.notifications for vendor in self.world.vendors.values())

    # -- what is there ------------------------------------------------------------------------------------------

    @property
    def site(self) -> Amelia:
        """The site."""
        found = self.world.vendors["site"]
        assert isinstance(found, Amelia)
        return found

    def entries(self) -> dict[Key, Entry]:
        """All records."""
        vendors = self.world.vendors.items()
        return {(name, key): entry for name, vendor in vendors for key, entry in vendor.entries.items()}

    def entry(self, vendor: str, record: str) -> Entry | None:
        """A record, if it is there."""
        return self.world.vendors[vendor].entries.get(record)

    def mapped(self) -> dict[str, dict[str, str]]:
        """By appointment: the record at each vendor that syncd has for its own."""
        found: dict[str, dict[str, str]] = {}
        with self.world.ledger.store.read() as tx:
            for name in self.world.vendors:
                for entry in tx.index(name, float("-inf")):
                    if not entry.tombstone:
                        found.setdefault(entry.appointment_id, {})[name] = entry.remote_id
        return found

    def waiting(self) -> set[str]:
        """The appointments about which something waits."""
        with self.world.ledger.store.read() as tx:
            found = {row.appointment_id for row in tx.quarantines()} | set(tx.appointments_pending())
            held = {held_of(row).appointment for row in tx.held()}
            asked = {row.appointment_id for row in tx.conflicts_open()}
            return {id for id in found | held | asked if id is not None}

    def standing(self, *, everywhere: bool = False) -> list[Standing]:
        """The appointments that stand at one time at two vendors or more; `everywhere`: at all of them."""
        waiting, found = self.waiting(), []
        for id, records in self.mapped().items():
            there = [self.entry(name, key) for name, key in records.items()]
            starts = {one.start for one in there if one is not None}
            open_ones = all(one is not None and one.status in OPEN for one in there)
            steady = open_ones and len(starts) == 1 and id not in waiting
            enough = len(records) > 1 and (not everywhere or len(records) == len(self.world.vendors))
            if steady and enough and min(starts) > self.world.clock() + _SOON:
                found.append(Standing(id, records, min(starts)))
        return sorted(found, key=lambda one: (one.start, one.id))

    def starts(self, one: Standing) -> dict[str, datetime | None]:
        """When it is at each of its vendors now, by whatever record stands for it there; None where none does."""
        records = self.mapped().get(one.id, {})
        found = {name: self.entry(name, records[name]) if name in records else None for name in one.records}
        return {name: entry.start if entry and is_live(entry) else None for name, entry in found.items()}

    def standing_at(self, vendor: str) -> list[Entry]:
        """The records of a vendor that stand."""
        return [entry for entry in self.world.vendors[vendor].entries.values() if is_live(entry)]

    # -- people -------------------------------------------------------------------------------------------------

    def person(self) -> Person:
        """Somebody new."""
        self._entered += 1
        number = self._entered
        phone = f"66277{number:05d}"
        return Person(f"Bea{number:02d}", f"Q{number:02d}{'xyz'[number % 3]}", f"q{number:02d}@example.com", phone)

    def enter(self, vendor: str, **given: Any) -> Entry:
        """Somebody enters an appointment at a vendor, for somebody new and at a time of its own unless it is given."""
        people = given.pop("people", None) or [self.person()]
        start = given.pop("start", None) or self.free_start()
        filled = {"start": start, "end": start + timedelta(minutes=30), "people": people, **given}
        if vendor in ("crm", "office"):
            filled.setdefault("title", f"Visit of {people[0].name}")
        if vendor == "crm":
            filled.setdefault("service", "showing")
        if vendor == "site":
            filled.setdefault("service", 2)
        made = self.world.vendors[vendor].person_insert(**filled)
        self.say(f"  somebody enters {made.id[:8]} at {vendor}: {made.start:%m-%d %H:%M}Z, {people[0].name}")
        return made

    def free_start(self) -> datetime:
        """A time at which nothing is in a play, that every vendor can keep."""
        first = self.world.cast.start.replace(minute=0, second=0, microsecond=0) + timedelta(days=_FIRST_DAY)
        taken = {entry.start for entry in self.entries().values()}
        number = self.rng.randrange(40)
        for attempt in range(_DAYS * 8):
            start = first + _APART * ((number + attempt) % (_DAYS * 8))
            quarters = (start + timedelta(minutes=15) * n for n in range(-8, 9))
            if start not in taken and not is_closed(self.world, start) and not any(map(self._awkward, quarters)):
                return start
        raise AssertionError("a play has no more times")

    def _awkward(self, moment: datetime) -> bool:
        return is_awkward(self.world, moment)

    async def at_least(self, number: int, *, everywhere: bool = False) -> list[Standing]:
        """The standing appointments, of which people enter as many as are lacking; some may not come to stand."""
        there = self.standing(everywhere=everywhere)
        for _ in range(number - len(there)):
            self.enter(self.rng.choice(sorted(self.world.vendors)))
        if len(there) < number:
            await self.quiet()
        return self.standing(everywhere=everywhere)

    def move(self, vendor: str, record: str, start: datetime | None = None) -> datetime:
        """Somebody moves a record; when it is then."""
        entry = self.world.vendors[vendor].entries[record]
        start = start or self.free_start()
        self.world.vendors[vendor].person_edit(record, start=start, end=start + (entry.end - entry.start))
        self.say(f"  somebody at {vendor} moves {record[:8]} to {start:%m-%d %H:%M}Z")
        return start

    def call_off(self, vendor: str, record: str) -> None:
        """Somebody calls a record off, as that is done there."""
        place = self.world.vendors[vendor]
        place.person_delete(record) if deletes(place) else place.person_cancel(record)
        self.say(f"  somebody at {vendor} calls off {record[:8]}")


def is_live(entry: Entry | None) -> bool:
    """Whether a record is there and stands."""
    return entry is not None and not entry.is_cancelled

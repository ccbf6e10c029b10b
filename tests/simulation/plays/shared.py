"""Two people with one address, as that of a front desk, at one start: no evidence makes them one.

    09:00 at the CRM Ann Lee is entered for 15:00, front@example.com; in the office Ben Moss, with the same address
    09:05 a cycle: one address says that they are one, name and number that they are two: it waits
    09:06 the CRM's people call Ann's off; or Ben gets an address of his own; or the operator says that they are two
    09:10 a cycle, and perhaps its end in the middle

What must hold, after every cycle:

- No record names both, and none that named the one names the other: nobody's details reach another.
- No vendor has two records of either, and only theirs is called off who was.

In the end each of them is at every vendor, or a person is asked about it there: the site gives an address to one
customer.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime

from syncd.sandbox.amelia.bookings import Appointment
from syncd.sandbox.frame.records import Entry, Person
from tests.simulation.plays.stage import Stage, is_live

ANN = Person("Ann", "Lee", "front@example.com", "6627755501")
BEN = Person("Ben", "Moss", "front@example.com", "6627755502")


@dataclass(slots=True)
class SharedAddress(Stage):
    """A front desk's address."""

    homes: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By first name: the vendor at which they were entered, and the record there."""
    off: set[str] = field(default_factory=set)
    """Who was called off."""

    async def play(self) -> None:
        """From two entries to rest."""
        start, places = self.free_start(), self._places()
        for who, place in zip((ANN, BEN), places, strict=True):
            self.homes[who.first_name] = place, self.enter(place, start=start, people=[who]).id
        if self.rng.random() < 0.3:
            await self._look(disturbed=True)
        steps = self.rng.sample(("call off", "own address", "released"), self.rng.randint(1, 3))
        for step in steps:
            self.count(f"shared address, {step}")
            self._happens(step, start)
            for number in range(2):
                await self._look(disturbed=number == 0)
        for _ in range(5):
            self._release()
            await self._look()
            self.approve()
        self._everywhere(start)

    def _places(self) -> list[str]:
        """Where the two are entered: the site, which has one customer of an address, for one of them at most."""
        while True:
            places = [self.rng.choice(sorted(self.world.vendors)) for _ in range(2)]
            if places.count("site") < 2:
                return places

    async def _look(self, *, disturbed: bool = False) -> None:
        self.written.clear()
        await self.cycle(disturbed=disturbed)
        for one in self.written:
            before, after = _names(one.before), _names(one.after)
            self.claim(len(before | after) < 2, f"{one.key} named {before}, and names {after}")
            if one.calls_off:
                self.claim(bool(before) and before <= self.off, f"{one.key} of {before} was called off")
        for name in self.world.vendors:
            there = [_names(entry) for entry in self.standing_at(name)]
            for who in self.homes:
                number = sum(who in names for names in there)
                self.claim(number <= 1, f"{name} has {who} {number} times")

    # -- people -------------------------------------------------------------------------------------------------

    def _happens(self, step: str, start: datetime) -> None:
        who = self.rng.choice(sorted(self.homes))
        place, record = self.homes[who]
        entry = self.entry(place, record)
        if step == "released":
            self._release()
        elif entry is None or not is_live(entry):
            return
        elif step == "call off":
            self.off.add(who)
            self.call_off(place, record)
        elif place != "site":  # there it would be the other's address as well
            own = dataclasses.replace(entry.people[0], email=f"{who.lower()}@example.com")
            self.world.vendors[place].person_edit(record, people=[own])
            self.say(f"  somebody at {place} gives {who} an address of their own")

    def _release(self) -> None:
        for row in self.world.desk.quarantines():
            if row.remote_id is not None and (row.vendor, row.remote_id) in self.homes.values():
                self.world.desk.release([row.id])
                self.say(f"  an operator says that {row.vendor}'s {row.remote_id[:8]} is somebody else's")

    # -- in the end ---------------------------------------------------------------------------------------------

    def _everywhere(self, start: datetime) -> None:
        asked = {row.vendor for row in self.world.desk.quarantines()}
        asked |= set(self.world.vendors) if self.world.desk.conflicts() else set()
        for who in self.homes:
            places = [name for name in self.world.vendors if any(who in _names(e) for e in self.standing_at(name))]
            if who in self.off:
                left = sorted(set(places) - asked)
                self.claim(not left, f"{who} was called off, and is at {left} still")
                continue
            lacking = sorted(self.world.vendors.keys() - set(places) - asked)
            self.claim(not lacking, f"{who} is lacking at {lacking}")
            place, record = self.homes[who]
            self.claim(is_live(self.entry(place, record)), f"{who}'s record at {place} is called off")


def _names(entry: Entry | None) -> set[str]:
    """Which of the two a record names, by its client or its title; of Amelia's, by bookings that stand.

    09:00 Ben's appointment is called off at the site
    09:05 Ann's is made there, at the same time: Amelia puts her booking into his record, beside his cancelled one
    """
    if entry is None:
        return set()
    people = entry.people
    if isinstance(entry, Appointment):
        both = zip(entry.people, entry.bookings, strict=True)
        people = [one for one, booking in both if booking.status not in ("canceled", "rejected")]
    words = {*(word.strip(",:") for word in entry.title.split()), *(one.first_name for one in people)}
    return words & {ANN.first_name, BEN.first_name}

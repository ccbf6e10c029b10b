"""A class: several attend one appointment, who come and go one by one; two vendors have a record for each of them.

    09:00 at the site Ann, Ben and Cleo are in a class; the booking page and the office have three records each
    09:05 at the booking page Dan comes, Ann moves hers to another time, or all three are moved; at the site Ben leaves
    09:10 a cycle, and perhaps its end in the middle: between two seats, too

What must hold, when nothing is left to do:

- Whoever comes has one seat at each vendor, where the class is; whoever left has none; nobody else's ended.
- At a vendor that has one record for all, there is one at each time at which anybody comes.
- Whatever waits for a person: nobody has two seats.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from syncd.sandbox.frame.records import Entry, Person
from tests.open_house import AT_SITE, EACH_HAS_ONE, LENGTH, ROW, SERVICE, seat_at
from tests.simulation.plays.stage import Stage, is_live

_KINDS = {"comes": 3, "leaves": 4, "comes again": 1, "moves alone": 2, "is moved": 3, "is corrected": 2, "ends": 1}
_TO_THE_OTHERS = 0.5
_TAKEN = ("approved", "pending")


@dataclass(slots=True)
class Attendee:
    """Somebody, by all the addresses that they had, and the time at which they come, if they do."""

    addresses: list[str]
    at: datetime | None


@dataclass(slots=True)
class Classes(Stage):
    """Several records a class."""

    everybody: list[Attendee] = field(default_factory=list)
    times: set[datetime] = field(default_factory=set)
    """All times at which anybody ever came."""

    async def play(self) -> None:
        """From the first of them to rest."""
        self.world.vendors["book"].set_behaviour(classes=True)
        self.site.set_behaviour(**AT_SITE)
        self.world.vendors["office"].set_behaviour(enforce_conflicts=False)
        self.world.rows += ROW
        self.world.died()
        place, start = self.rng.choice(("site", *EACH_HAS_ONE)), self.free_start()
        people = [self.person() for _ in range(self.rng.randint(2, 4))]
        if place == "site":
            self._enter_class(start, people)
        for one in people:
            if place != "site":
                self._enter_seat(place, start, one)
            self.everybody.append(Attendee([one.email], start))
        if not await self._settled(f"begins at {place}"):
            return
        for _ in range(self.rng.randint(1, 4)):
            kind = self.rng.choices(list(_KINDS), list(_KINDS.values()))[0]
            if self._happens(kind) and not await self._settled(kind):
                return

    async def _settled(self, kind: str) -> bool:
        """Cycles until nothing is left to do; whether all was done then that is to be."""
        self.count(f"class, {kind}")
        self.times |= {one.at for one in self.everybody if one.at}
        await self.cycle(disturbed=True)
        await self.quiet()
        self._nobody_twice(kind)
        if self.waiting() & self._mine():
            self.count("class, waiting in the end")
            self._nobody_lost(kind)
            return False
        self._holds(kind)
        return not self.broken

    # -- what is there ------------------------------------------------------------------------------------------

    def _mine(self) -> set[str]:
        """The appointments that have a record at a time of a class."""
        times, found = self.times, set()
        for id, records in self.mapped().items():
            entries = (self.entry(name, key) for name, key in records.items())
            if any(one is not None and one.start in times for one in entries):
                found.add(id)
        return found

    def _who(self, email: str) -> int | None:
        return next((n for n, one in enumerate(self.everybody) if email in one.addresses), None)

    def _seat(self, place: str, who: int) -> Entry | None:
        """Somebody's record, where each has one."""
        return next((one for one in self.standing_at(place) if self._owner(one) == who), None)

    def _owner(self, entry: Entry) -> int | None:
        return self._who(entry.people[0].email) if entry.people else None

    def _class(self, place: str, start: datetime) -> Entry | None:
        """The record of a class, where it has one."""
        mine = {records.get(place) for records in self.mapped().values()}
        found = (one for one in self.standing_at(place) if one.start == start and one.id in mine)
        return next(found, None)

    def _seats(self, place: str) -> list[tuple[int, datetime]]:
        """Who has a seat at a vendor, and when."""
        if place != "site":
            owned = ((self._owner(entry), entry.start) for entry in self.standing_at(place))
            return sorted((who, start) for who, start in owned if who is not None)
        found = []
        for entry in self.standing_at("site"):
            for booking in self.site.kept(entry).bookings:
                who = self._who(self.site.customers[booking.customer_id].person.email)
                if who is not None and booking.status in _TAKEN:
                    found.append((who, entry.start))
        return sorted(found)

    # -- people -------------------------------------------------------------------------------------------------

    def _enter_class(self, start: datetime, people: list[Person]) -> None:
        staff = {"provider": 1, "location": 1}
        self.enter("site", start=start, end=start + LENGTH, people=people, service=SERVICE, staff=staff)

    def _enter_seat(self, place: str, start: datetime, who: Person) -> None:
        self.enter(place, start=start, end=start + LENGTH, people=[who], **seat_at(place, who.name))

    def _happens(self, kind: str) -> bool:
        """Whether something happened."""
        coming = [n for n, one in enumerate(self.everybody) if one.at]
        if not coming:
            return False
        who = self.rng.choice(coming)
        start = self.everybody[who].at
        assert start is not None
        match kind:
            case "comes":
                return self._comes(start)
            case "leaves":
                return self._leaves(who, start)
            case "comes again":
                return self._comes_again()
            case "moves alone":
                seat = self._seat(place := self.rng.choice(EACH_HAS_ONE), who)
                if seat is not None:
                    self.everybody[who].at = self.move(place, seat.id, self._another_time(start))
                return seat is not None
            case "is moved":
                return self._is_moved(start)
            case "is corrected":
                return self._is_corrected(who)
            case _:
                return self._ends(start)

    def _another_time(self, start: datetime) -> datetime | None:
        """Now and then that of another class, into which she goes then."""
        others = sorted({one.at for one in self.everybody if one.at} - {start})
        return self.rng.choice(others) if others and self.rng.random() < _TO_THE_OTHERS else None

    def _comes(self, start: datetime) -> bool:
        place, who = self.rng.choice(("site", *EACH_HAS_ONE)), self.person()
        if place == "site":
            entry = self._class("site", start)
            if entry is None or any(one.status not in _TAKEN for one in self.site.kept(entry).bookings):
                return False
            self.site.person_edit(entry.id, people=[*entry.people, who])
            self.say(f"  somebody at site: {who.email} comes too")
        else:
            self._enter_seat(place, start, who)
        self.everybody.append(Attendee([who.email], start))
        return True

    def _leaves(self, who: int, start: datetime) -> bool:
        place = self.rng.choice(("site", *EACH_HAS_ONE))
        if place == "site":
            if not self._booking(who, start, "canceled"):
                return False
        else:
            seat = self._seat(place, who)
            if seat is None:
                return False
            self.call_off(place, seat.id)
        self.everybody[who].at = None
        return True

    def _comes_again(self) -> bool:
        """A booking that was cancelled stands again, in a class that others are in."""
        gone = [n for n, one in enumerate(self.everybody) if not one.at]
        for start in sorted({one.at for one in self.everybody if one.at}):
            for who in gone:
                if self._booking(who, start, "approved"):
                    self.everybody[who].at = start
                    return True
        return False

    def _booking(self, who: int, start: datetime, word: str) -> bool:
        """Somebody's booking at the site is given another word; whether there is one that has not that word."""
        entry = self._class("site", start)
        if entry is None:
            return False
        for place, one in enumerate(self.site.kept(entry).bookings):
            mine = self._who(self.site.customers[one.customer_id].person.email) == who
            if mine and (one.status in _TAKEN) is not (word in _TAKEN):
                self.site.person_rebook(entry.id, place, status=word)
                break
        else:
            return False
        self.say(f"  somebody at site: the booking of {self.everybody[who].addresses[-1]} is {word}")
        return True

    def _is_moved(self, start: datetime) -> bool:
        place = self.rng.choice(sorted(self.world.vendors))
        records = self._records(place, start)
        if not records:
            return False
        to = self.free_start()
        for entry in records:
            self.move(place, entry.id, to)
        for one in self.everybody:
            one.at = to if one.at == start else one.at
        return True

    def _ends(self, start: datetime) -> bool:
        place = self.rng.choice(sorted(self.world.vendors))
        records = self._records(place, start)
        for entry in records:
            self.call_off(place, entry.id)
        if records:
            for one in self.everybody:
                one.at = None if one.at == start else one.at
        return bool(records)

    def _records(self, place: str, start: datetime) -> list[Entry]:
        """All records of the class of a time."""
        if place in EACH_HAS_ONE:
            return [one for one in self.standing_at(place) if one.start == start and self._owner(one) is not None]
        entry = self._class(place, start)
        return [] if entry is None else [entry]

    def _is_corrected(self, who: int) -> bool:
        place = self.rng.choice(EACH_HAS_ONE)
        seat = self._seat(place, who)
        if seat is None:
            return False
        email = f"new.{seat.people[0].email}"
        self.world.vendors[place].person_edit(seat.id, people=[dataclasses.replace(seat.people[0], email=email)])
        self.everybody[who].addresses.append(email)
        self.say(f"  somebody at {place}: {seat.people[0].email} is {email}")
        return True

    # -- what must hold -----------------------------------------------------------------------------------------

    def _nobody_twice(self, kind: str) -> None:
        for place in ("site", *EACH_HAS_ONE):
            twice = [who for who, number in Counter(who for who, _ in self._seats(place)).items() if number > 1]
            self.claim(not twice, f"after '{kind}' {place} has two seats of {twice}: {self._seats(place)}")

    def _nobody_lost(self, kind: str) -> None:
        """Whoever comes has a seat somewhere, when that is, even if something waits."""
        there = {seat for place in ("site", *EACH_HAS_ONE) for seat in self._seats(place)}
        lost = [(n, one.at) for n, one in enumerate(self.everybody) if one.at and (n, one.at) not in there]
        self.claim(not lost, f"after '{kind}' {lost} have no seat anywhere")

    def _holds(self, kind: str) -> None:
        expected = sorted((n, one.at) for n, one in enumerate(self.everybody) if one.at)
        for place in ("site", *EACH_HAS_ONE):
            found = self._seats(place)
            self.claim(found == expected, f"after '{kind}' {place} has the seats {found}, and {expected} come")
        coming = {start for _, start in expected}
        for place in ("crm", "site"):
            there = Counter(one.start for one in self.world.vendors[place].entries.values() if is_live(one))
            wrong = {start: there[start] for start in self.times if there[start] != (start in coming)}
            self.claim(not wrong, f"after '{kind}' {place} has so many records at these times: {wrong}")

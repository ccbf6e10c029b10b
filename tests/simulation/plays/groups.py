"""A group: several clients at the site, one of whom each record names that has room for one.

    09:00 at the site Ann, Ben and Cleo have one appointment; at the booking page and in the office the record is Ann's
    09:05 the booking page's people cancel Ann's; or the site's take Ben out, or a fourth comes; or the group is moved
    09:10 a cycle, and perhaps its end in the middle

What must hold, when nothing is left to do:

- Those whose seat ended are out at the site, and nobody else is; the others' appointment stands.
- A record with room for one is its own client's, or ended: it becomes nobody else's, and none is made for another.
- Who is corrected is corrected wherever that can be written, and nobody else is.
- The group is at one time everywhere; with the last of them it is called off.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from syncd.sandbox.frame.records import Entry, Person
from tests.simulation.people import deletes
from tests.simulation.plays.stage import Stage, is_live

_SEATS = ("book", "office")
"""Where a record has room for one."""

_KINDS = {"seat ends": 3, "taken out": 3, "comes": 2, "corrected": 2, "moved": 2, "comes again": 1, "all": 1}


@dataclass(slots=True)
class Someone:
    """One client of the group: by all the addresses that they had, the last one their own now."""

    addresses: list[str]
    comes: bool = True


@dataclass(slots=True)
class Groups(Stage):
    """Several clients a record."""

    group: list[Someone] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    """The record at each vendor, while it stands there."""
    mine: str = ""

    async def play(self) -> None:
        """From several clients to rest."""
        people = [self.person() for _ in range(self.rng.randint(2, 4))]
        entry = self.enter("site", people=people)
        self.group = [Someone([one.email]) for one in people]
        await self.quiet()
        self._find(entry)
        if self.broken or not self.mine or self.mine in self.waiting() or len(self.ids) < len(self.world.vendors):
            return
        seats = {name: self._who(name) for name in _SEATS}
        if any(who != 0 for who in seats.values()):
            return
        for _ in range(self.rng.randint(1, 3)):
            kind = self.rng.choices(list(_KINDS), list(_KINDS.values()))[0]
            if not self._happens(kind):
                continue
            self.count(f"group, {kind}")
            await self.cycle(disturbed=True)
            await self.quiet()
            self._find(entry)
            if self.mine in self.waiting():
                self.count("group, waiting in the end")
                break
            self._holds(kind)
            if self.oracle.violations or not any(one.comes for one in self.group):
                return

    # -- what is there ------------------------------------------------------------------------------------------

    def _find(self, entry: Entry) -> None:
        for id, records in self.mapped().items():
            if records.get("site") == entry.id:
                self.mine = id
                self.ids = {name: key for name, key in records.items() if is_live(self.entry(name, key))}

    def _who(self, name: str) -> int | None:
        """Whose the record of a vendor with room for one is."""
        entry = self.entry(name, self.ids.get(name, ""))
        email = entry.people[0].email if entry is not None and entry.people else ""
        return next((n for n, one in enumerate(self.group) if email in one.addresses), None)

    def _bookings(self) -> list[tuple[str, str]]:
        """At the site: each client's address, and the word for their booking."""
        entry = self.entry("site", self.ids.get("site", ""))
        if entry is None:
            return []
        site = self.site
        return [(site.customers[one.customer_id].person.email, one.status) for one in site.kept(entry).bookings]

    # -- people -------------------------------------------------------------------------------------------------

    def _happens(self, kind: str) -> bool:
        match kind:
            case "seat ends":
                return self._seat_ends()
            case "taken out":
                return self._books(self.rng.randrange(len(self.group)), comes=False)
            case "comes again":
                return self._books(self.rng.randrange(len(self.group)), comes=True)
            case "comes":
                return self._comes()
            case "corrected":
                return self._corrected()
            case "moved":
                place = self.rng.choice(sorted(self.ids))
                self.move(place, self.ids[place])
                return True
            case _:
                self.call_off("site", self.ids["site"])
                self._change(dict.fromkeys(range(len(self.group)), False))
                return True

    def _seat_ends(self) -> bool:
        place = self.rng.choice(_SEATS)
        who = self._who(place) if place in self.ids else None
        if who is None or not self.group[who].comes:
            return False
        vendor = self.world.vendors[place]
        vendor.person_delete(self.ids[place]) if deletes(vendor) else vendor.person_cancel(self.ids[place])
        self._change({who: False})
        self.say(f"  somebody at {place} calls off the seat of {self.group[who].addresses[-1]}")
        return True

    def _books(self, who: int, *, comes: bool) -> bool:
        """One booking at the site is cancelled, or stands again."""
        stored = self.site.kept(self.site.entries[self.ids["site"]])
        if self.group[who].comes is comes or who >= len(stored.bookings):
            return False
        word = "approved" if comes else "canceled"
        self.site.person_rebook(stored.id, who, status=word)
        self._change({who: comes})
        self.say(f"  somebody at site: the booking of {self.group[who].addresses[-1]} is {word}")
        return True

    def _comes(self) -> bool:
        stored = self.site.kept(self.site.entries[self.ids["site"]])
        if stored.bookings[0].status != "approved":
            return False
        made = self.person()
        self.site.person_edit(stored.id, people=[*stored.people, made])
        self.group.append(Someone([made.email]))
        self.say(f"  somebody at site: {made.email} comes too")
        return True

    def _corrected(self) -> bool:
        place = self.rng.choice(_SEATS)
        who = self._who(place) if place in self.ids else None
        if who is None or not self.group[who].comes:
            return False
        entry = self.site.entries[self.ids["site"]] if place == "site" else self.entry(place, self.ids[place])
        assert entry is not None
        person: Person = entry.people[0]
        email = f"new.{person.email}"
        self.world.vendors[place].person_edit(entry.id, people=[dataclasses.replace(person, email=email)])
        self.group[who].addresses.append(email)
        self.say(f"  somebody at {place}: {person.email} is {email}")
        return True

    def _change(self, comes: dict[int, bool]) -> None:
        for who, does in comes.items():
            self.group[who].comes = does

    # -- what must hold -----------------------------------------------------------------------------------------

    def _holds(self, kind: str) -> None:
        coming = [one for one in self.group if one.comes]
        there = [email for email, word in self._bookings() if word in ("approved", "pending")]
        if coming:
            wanted: list[set[str]] = [set(one.addresses) for one in coming]
            fits = len(there) == len(wanted) and all(any(email in some for email in there) for some in wanted)
            self.claim(fits, f"after '{kind}' {there} come to the site, and {[one.addresses[-1] for one in coming]} do")
        for name in ("crm", "site"):
            stands = name in self.ids
            self.claim(stands is bool(coming), f"after '{kind}' the group stands at {name}: {stands}")
        for name in _SEATS:
            self._seat_holds(name, kind)
        starts: set[Any] = {entry.start for name, key in self.ids.items() if (entry := self.entry(name, key))}
        self.claim(len(starts) <= 1, f"after '{kind}' the group is at {starts}")

    def _seat_holds(self, name: str, kind: str) -> None:
        """The first one's, or nobody's."""
        first = self.group[0]
        mine = [e for e in self.standing_at(name) if e.people and self._of(e.people[0].email) is not None]
        owners = [self._of(entry.people[0].email) for entry in mine]
        if first.comes:
            self.claim(owners == [0], f"after '{kind}' {name} has the seats of {owners}, and the first one's is there")
            shown = mine[0].people[0].email if mine else ""
            self.claim(shown == first.addresses[-1], f"after '{kind}' {name} shows {shown}")
        else:
            self.claim(owners == [], f"after '{kind}' {name} has the seats of {owners}, and hers ended")

    def _of(self, email: str) -> int | None:
        return next((n for n, one in enumerate(self.group) if email in one.addresses), None)

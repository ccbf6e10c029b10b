"""Who gives an appointment, and as which service, is changed by people, at vendors that take that from others or not.

    09:00 an appointment is with Jordan, everywhere that has staff
    09:05 at the site Robin takes it over; at the booking page somebody makes a consultation of a showing
    09:10 a cycle, and perhaps its end in the middle

What must hold, when nothing is left to do:

- Where the configuration knows Robin, and the vendor can be given staff (the booking page), the appointment is Robin's.
- Nothing else is written for it: no time, no client and no text is other than it was, nothing is made and nothing is
  called off; whoever cannot be given staff or service keeps its own. But a CRM whose listing shows no notes is read
  now, as its service is another one: what was noted there before comes to light, and goes to all.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from syncd.sandbox.frame.records import Entry
from tests.simulation.plays.stage import Stage, Standing, is_live

_ROBIN = {"book": 14209020, "site": {"provider": 2, "location": 1}}
_ROW = '[[staff]]\nname = "Robin"\nids = { book = 14209020, site = { provider = 2, location = 1 } }\n'
_SERVICES = {"crm": ("showing", "meeting"), "book": (94517100, 94517101), "site": (2, 1)}
"""What a service may become there; at the site both are as long."""


@dataclass(slots=True)
class Staffing(Stage):
    """Staff and services are edited."""

    known: bool = True
    """Whether the configuration has a row for Robin."""
    robins: list[Standing] = field(default_factory=list)

    async def play(self) -> None:
        """From the edits to rest."""
        everybody = await self.at_least(self.rng.randint(1, 3), everywhere=True)
        if not everybody or self.broken:
            return
        self.known = self.rng.random() < 0.7
        if self.known:
            self.world.rows += _ROW
            self.world.died()
            await self.quiet()
        concerned = self.standing(everywhere=True)
        if not concerned:
            return
        self.written.clear()
        before, waited = self.entries(), self.waiting()
        for one in self.rng.sample(concerned, min(len(concerned), 2)):
            before |= self._edited(one)
        await self.cycle(disturbed=True)
        await self.quiet()
        self._holds(before, waited)

    def _edited(self, one: Standing) -> dict[tuple[str, str], Entry]:
        """Somebody changes staff or service at one vendor; the record as it is then."""
        kind = self.rng.choice(("staff", "service"))
        place = self.rng.choice(sorted(_ROBIN if kind == "staff" else _SERVICES))
        record, vendor = one.records[place], self.world.vendors[place]
        entry = vendor.entries[record]
        if kind == "staff":
            vendor.person_edit(record, staff=_ROBIN[place])
            self.robins.append(one)
        elif place != "book" or self.rng.random() < 0.5:
            first, second = _SERVICES[place]
            given = {"start": entry.start, "end": entry.end}  # it may be longer as a consultation, and is not
            vendor.person_edit(record, service=second if entry.service == first else first, **given)
        self.count(f"staffing, {kind} at {place}")
        self.say(f"  somebody at {place} changes the {kind} of {record[:8]}")
        return {(place, record): vendor.entries[record]}

    def _holds(self, before: dict[tuple[str, str], Entry], waited: set[str]) -> None:
        owner = {(name, key): id for id, records in self.mapped().items() for name, key in records.items()}
        had = {(owner[key], key[0]): True for key, entry in before.items() if key in owner and is_live(entry)}
        mine = {one.records["book"] for one in self.robins}
        noted = self._noted(before)
        for one in self.written:
            was, now = before.get(one.key), self.entry(*one.key)
            if was is None and owner.get(one.key) in waited and not had.get((owner[one.key], one.key[0])):
                continue  # it had no record there, as the one who gives it had no time: that is another one now
            self.claim(was is not None and now is not None, f"{one.key} was made or removed, as staff was edited")
            if was is None or now is None:
                continue
            same = (was.start, was.status, was.people) == (now.start, now.status, now.people)
            same &= now.notes == was.notes or _plain(now.notes) == noted.get(one.key)
            self.claim(same, f"{one.key} was {was}, and is {now}, as staff was edited")
            ours = was.staff == now.staff or (one.key[0] == "book" and one.key[1] in mine)
            self.claim(ours and was.service == now.service, f"{one.key} was given {now.staff}, {now.service}")
        waiting = self.waiting()
        for standing in self.robins if self.known else ():
            entry = self.entry("book", standing.records["book"])
            staff = entry.staff if entry is not None else None
            fits = staff == _ROBIN["book"] or standing.id in waiting
            self.claim(fits, f"{standing.id} is with {staff} at the booking page")

    def _noted(self, before: dict[tuple[str, str], Entry]) -> dict[tuple[str, str], str]:
        """By record: what its appointment's record at the CRM had for notes before, if no listing shows them: what was
        typed there is found once that record is read, whatever the others have by then.
        """
        found: dict[tuple[str, str], str] = {}
        if self.world.vendors["crm"].behaviour["list_rows"] != "reference":
            return found
        for records in self.mapped().values():
            crm = before.get(("crm", records.get("crm", "")))
            if crm is not None and _plain(crm.notes):
                found |= {(name, key): _plain(crm.notes) for name, key in records.items()}
        return found


def _plain(notes: str) -> str:
    """Without syncd's mark."""
    return notes.partition("[syncd:")[0].strip()

"""All ids of one vendor are new: its database was restored, or imported, while people went on with their work.

    09:00 the office has four records, each of its appointment
    09:05 it is restored: the four have new ids; one is at an older time again, another lacks the note of yesterday
    09:06 at the CRM somebody moves one of the appointments
    09:10 a cycle, and perhaps its end in the middle

What must hold:

- What was restored as it was, or with other words, is written nowhere for that, made nowhere and called off nowhere; it
  goes on under its new id: who is moved is moved there.
- What was moved, or called off, at another vendor meanwhile is so at that one as well, under the new id.
- What was restored at another time is neither called off nor made anywhere: it waits, until the operator says whose it
  is. Then it is brought to the time that was agreed on. (One record at least is at its time, so that it shows that the
  ids are new: three that are gone, and three others of the same clients at other times, are just that.)
- What was not restored is called off, as any deletion is.
- Where an old record is there again beside the new one, nothing is written; called off elsewhere, it is not scheduled
  again; and where the new one ends, a person is asked.

Left out are appointments whose record there named nobody: of a title alone nobody can tell whether it is the same one.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from syncd.engine.store.conflicts import is_left
from syncd.engine.store.refusals import NotFound, NotJoined
from syncd.sandbox.frame.records import Entry
from tests.simulation.plays.stage import Stage, Standing, is_live

_KINDS = {"plain": 10, "reworded": 2, "moved back": 2, "gone": 1, "moved elsewhere": 2, "called off elsewhere": 2}


@dataclass(slots=True)
class NewIds(Stage):
    """One vendor is restored."""

    vendor: str = ""
    kinds: dict[str, str] = field(default_factory=dict)
    """What became of each appointment in the moment of the restore."""
    expected: dict[str, datetime | None] = field(default_factory=dict)
    """When each is to be in the end; None: called off."""
    old_ids: dict[str, str] = field(default_factory=dict)
    new_ids: dict[str, str] = field(default_factory=dict)
    alike: set[str] = field(default_factory=set)
    """Appointments whose new record may be another one: of the same client and start, or of a create without an answer
    that may still be carried out. Then a person may be asked."""
    not_yet: set[str] = field(default_factory=set)
    """Those of which a person could not yet say whose the new record is, for such a create."""

    async def play(self) -> None:
        """From the restore to rest."""
        self.vendor = self.rng.choice(sorted(self.world.vendors))
        everybody = await self.at_least(self.rng.randint(2, 5))
        concerned = [one for one in everybody if self._names_somebody(one)]
        if not concerned or self.broken:
            return
        self._happens(concerned)
        self.written.clear()
        for number in range(3):
            await self.cycle(disturbed=number == 0)
        await self.cycle()
        self._untouched(concerned)
        if self.broken:
            return
        self.not_yet = self._answer(concerned)
        await self.quiet(spared=self.not_yet)
        self._in_step(concerned)
        if not self.broken:
            await self._goes_on(concerned)

    def _names_somebody(self, one: Standing) -> bool:
        entry = self.entry(self.vendor, one.records.get(self.vendor, ""))
        return entry is not None and bool(entry.people) and entry.people[0].email != "desk@example.com"

    # -- what happens -------------------------------------------------------------------------------------------

    def _happens(self, concerned: list[Standing]) -> None:
        changes: dict[str, dict[str, Any] | None] = {}
        for one in concerned:
            kind = self.rng.choices(list(_KINDS), list(_KINDS.values()))[0]
            if one is concerned[0]:  # were all at other times, nothing would tell that it was a restore
                kind = kind if kind == "reworded" else "plain"
            if self._has_like(one) or self._may_be_late(one):
                self.alike.add(one.id)
                kind = kind if kind == "reworded" else "plain"
            self.kinds[one.id], self.expected[one.id] = kind, one.start
            self.old_ids[one.id] = one.records[self.vendor]
            other = self.rng.choice([name for name in sorted(one.records) if name != self.vendor])
            match kind:
                case "reworded":
                    changes[one.records[self.vendor]] = {"notes": "As it was last week"}
                case "moved back":
                    changes[one.records[self.vendor]] = {"start": self.free_start()}
                case "gone":
                    changes[one.records[self.vendor]], self.expected[one.id] = None, None
                case "moved elsewhere":
                    self.expected[one.id] = self.move(other, one.records[other])
                case "called off elsewhere":
                    self.call_off(other, one.records[other])
                    self.expected[one.id] = None
                case _:
                    pass
            self.count(f"new ids, {kind}")
        self._restore(changes)

    def _has_like(self, one: Standing) -> bool:
        mine = self.world.vendors[self.vendor].entries[one.records[self.vendor]]
        # One that its vendor had no room for is known by the others.
        there = {name: self.standing_at(name) for name in self.world.vendors}
        same = {n: [e for e in es if e.start == one.start and _may_be_same(e, mine)] for n, es in there.items()}
        return any(len(entries) > 1 for entries in same.values())

    def _may_be_late(self, one: Standing) -> bool:
        known = self.world.desk.explain(one.id).known
        return any(create.vendor == self.vendor for create in (*known.unsettled, *known.late))

    def _has_no_answer(self, one: Standing) -> bool:
        """Whether a write to it, at whatever vendor, may still be carried out."""
        known = self.world.desk.explain(one.id).known
        in_flight = any(mapping.in_flight is not None for mapping in known.mappings)
        return bool(known.unsettled or known.late) or in_flight

    def _restore(self, changes: dict[str, dict[str, Any] | None]) -> None:
        place, given = self.world.vendors[self.vendor], {}
        before = list(place.entries.values())
        place.entries.clear()
        place.forget_rows()
        for entry in before:
            change = changes.get(entry.id, {})
            if change is None:
                continue
            if "start" in change:
                change["end"] = change["start"] + (entry.end - entry.start)
            made = place.insert(dataclasses.replace(entry, id=place.new_id(), **change), by="person")
            given[entry.id] = made.id
        self.new_ids = {id: given[old] for id, old in self.old_ids.items() if old in given}
        told = ", ".join(f"{old[:8]} is {new[:8]} {self._kind_of(old)}" for old, new in given.items())
        self.say(f"— all ids of {self.vendor} are new: {told}")

    def _kind_of(self, old: str) -> str:
        return next((f"({self.kinds[id]})" for id, key in self.old_ids.items() if key == old), "")

    # -- what must hold -----------------------------------------------------------------------------------------

    def _untouched(self, concerned: list[Standing]) -> None:
        """Before anybody has said anything."""
        of = {(name, key): one.id for one in concerned for name, key in one.records.items()}
        of |= {(self.vendor, key): id for id, key in self.new_ids.items()}
        for one in self.written:
            kind = self.kinds.get(of.get(one.key, ""), "")
            if kind in ("plain", "reworded"):
                self.claim(False, f"{one.key} was written, of an appointment whose record has a new id ({kind})")
            elif kind in ("moved back", "moved elsewhere"):
                self.claim(not one.calls_off, f"{one.key} was called off ({kind})")
            made = one.after if one.before is None and one.makes else None
            mine = made is not None and made.start in self._starts(concerned)
            self.claim(not mine, f"{one.key} was made, of an appointment that stands there ({one.after})")
        with self.world.ledger.store.read() as tx:  # a text that a vendor never took is no question
            left = {row.appointment_id for row in tx.conflicts_open() if is_left(row)}
        waiting = self.waiting() - left
        for standing in concerned:
            if self.kinds[standing.id] == "plain" and standing.id not in self.alike:
                self.claim(standing.id not in waiting, f"{standing.id} waits, and only its record's id is new")

    def _starts(self, concerned: list[Standing]) -> set[datetime]:
        changed = [entry for key in self.new_ids.values() if (entry := self.entry(self.vendor, key))]
        return {one.start for one in concerned} | {entry.start for entry in changed}

    def _answer(self, concerned: list[Standing]) -> set[str]:
        """The operator says whose the records are that wait; returns those of which that could not be said yet."""
        left = set()
        desk = self.world.desk
        asked = {(row.vendor, row.remote_id) for row in desk.quarantines()}
        for one in concerned:
            is_asked = (self.vendor, self.new_ids.get(one.id, "")) in asked
            if self.kinds[one.id] != "moved back" and not (is_asked and one.id in self.alike):
                continue
            new, old = (f"{self.vendor}:{ids[one.id]}" for ids in (self.new_ids, self.old_ids))
            try:
                desk.link(new, old)
                self.say(f"  an operator says that {new} is {old}")
            except (NotFound, NotJoined) as error:
                self.say(f"  {new} cannot be linked to {old} yet: {error}")
                late = "got no answer" in str(error) and self._has_no_answer(one)
                self.claim(late, f"{new} cannot be linked to {old}: {error}")
                left.add(one.id)
        return left

    def _in_step(self, concerned: list[Standing]) -> None:
        waiting = self.waiting()
        for one in concerned:
            kind, wanted = self.kinds[one.id], self.expected[one.id]
            if one.id in waiting and (kind != "plain" or one.id in self.not_yet):
                self.count("new ids, waiting in the end")
                self._stands_somewhere(one)
                continue
            shown = self.starts(one)
            self.claim(set(shown.values()) == {wanted}, f"{one.id} ({kind}) is at {shown} and not at {wanted}")
        self._not_twice(concerned)

    def _stands_somewhere(self, one: Standing) -> None:
        if self.expected[one.id] is not None:
            self.claim(any(self.starts(one).values()), f"{one.id} ({self.kinds[one.id]}) is lost")

    def _not_twice(self, concerned: list[Standing]) -> None:
        for one in concerned:
            email = self._email(one)
            for name in self.world.vendors:
                there = [e for e in self.standing_at(name) if e.people and e.people[0].email == email]
                same = [e for e in there if e.start == self.expected[one.id]]
                self.claim(len(same) <= 1 or one.id in self.alike, f"{name} has {one.id} {len(same)} times")

    def _email(self, one: Standing) -> str:
        entry = self.entry(self.vendor, self.new_ids.get(one.id, ""))
        return entry.people[0].email if entry and entry.people else ""

    async def _goes_on(self, concerned: list[Standing]) -> None:
        """Who is moved elsewhere is moved under the new id too."""
        plain = [one for one in concerned if self.kinds[one.id] == "plain" and one.id not in self.not_yet]
        if not plain:
            return
        one = self.rng.choice(plain)
        other = self.rng.choice([name for name in sorted(one.records) if name != self.vendor])
        self.expected[one.id] = self.move(other, one.records[other])
        await self.quiet()
        if one.id not in self.waiting():
            shown = self.starts(one)
            self.claim(
                set(shown.values()) == {self.expected[one.id]}, f"{one.id} was moved at {other}, and is at {shown}"
            )
            self.claim(is_live(self.entry(self.vendor, self.new_ids[one.id])), f"{one.id}'s new record is called off")
            await self._back_in_part(one)

    # -- the restore is undone in part --------------------------------------------------------------------------

    async def _back_in_part(self, one: Standing) -> None:
        """The old record of an appointment is there again, beside the new one, and in the end one of the two is not."""
        entry = self.entry(self.vendor, self.new_ids[one.id])
        single = all(len(e.people) == 1 for name, key in one.records.items() if (e := self.entry(name, key)))
        if self.broken or entry is None or one.id in self.waiting() or not single:
            return
        if one.id in self.alike:  # the old record may count as the former one of the other
            return
        place, old = self.world.vendors[self.vendor], self.old_ids[one.id]
        place.insert(dataclasses.replace(entry, id=old), by="person")
        place.forget_rows()
        self.say(f"— {old[:8]} is at {self.vendor} again, beside {entry.id[:8]}")
        self.written.clear()
        await self.cycle(disturbed=True)
        await self.cycle()
        self._left_as_they_are(one, "stands twice")
        how = self.rng.choice(("the old one ends", "called off elsewhere", "the new one ends"))
        self.count(f"new ids, back in part: {how}")
        other = self.rng.choice([name for name in sorted(one.records) if name != self.vendor])
        match how:
            case "the old one ends":
                self.call_off(self.vendor, old)
            case "called off elsewhere":
                self.call_off(other, self.mapped()[one.id][other])
                self.expected[one.id] = None
            case _:
                self.call_off(self.vendor, entry.id)
                await self.cycle(disturbed=True)
                await self.cycle()
                self._left_as_they_are(one, "one of two ended")
                self._decide(one, self.rng.choice((self.vendor, other)))
        for _ in range(2):
            await self.quiet()
        waits = one.id in self.waiting()
        shown = {name: start for name, start in self.starts(one).items() if name != self.vendor}
        self.claim(waits or set(shown.values()) == {self.expected[one.id]}, f"{one.id} ({how}) is at {shown}")
        if not waits and self.expected[one.id] is not None:
            there = [e.id for e in (self.entry(self.vendor, key) for key in (old, entry.id)) if e and is_live(e)]
            self.claim(len(there) == 1, f"{one.id} ({how}) has {there} at {self.vendor}")
            self.claim(self.mapped()[one.id].get(self.vendor) in there, f"{one.id} ({how}) is not in {there}")

    def _left_as_they_are(self, one: Standing, what: str) -> None:
        records = {*self.mapped()[one.id].items(), *one.records.items(), (self.vendor, self.new_ids[one.id])}
        for written in self.written:
            there = written.after or written.before
            mine = written.key in records or (there is not None and there.start == self.expected[one.id])
            self.claim(not mine, f"{written.key} was written, of an appointment that {what}")

    def _decide(self, one: Standing, winner: str) -> None:
        """The operator says whether it is called off (as its vendor's record says) or goes on."""
        asked = [row for row in self.world.desk.conflicts() if row.appointment == one.id]
        held = [row for row in self.world.desk.held() if row.appointment == one.id]
        self.claim(
            len(asked) == 1 or bool(held),
            f"{len(asked)} questions stand on {one.id}, of which one of two records ended",
        )
        if held:  # its vendor's word was doubted: what would follow is approved
            self.expected[one.id] = None
        for row in asked:
            self.world.desk.resolve(row.id, winner)
            self.say(f"  an operator decides for {winner}")
            if winner == self.vendor:
                self.expected[one.id] = None


def _may_be_same(one: Entry, other: Entry) -> bool:
    """Whether two records may be of one client: by the first one's address, number or name."""
    mine, theirs = ({word for p in entry.people[:1] for word in (p.email, p.phone, p.name)} for entry in (one, other))
    return one is other or bool((mine & theirs) - {""})

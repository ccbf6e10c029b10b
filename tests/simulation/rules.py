"""The last stage of some histories: a new edition of the zone database, when all is at rest.

What must hold:

- Nobody moved anything, so that no record is changed, whatever befalls the cycle that first has the new rules. (What
  was refused before may be tried once more, as the record is another one by now.)
- Of each appointment that takes place at a clock which goes by new rules, and elsewhere, a person is asked.
- Whoever's time is right, all records are there in the end: by syncd's clocks, as the vendors' go on as before.

Left out are appointments about which something waited before, that are past or over at a vendor, whose records were not
all at one time anyway, or at which the two zones are not an hour apart.
"""

from __future__ import annotations

import random
from collections import abc
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from syncd.engine.store.ledger import StoreError
from syncd.model.plan import Found, Outcome
from syncd.sandbox.frame.faults import Fault
from syncd.sandbox.frame.records import Entry
from tests.simulation.deeds import ENDED
from tests.simulation.faults import Fate, any_death
from tests.simulation.oracle import Oracle
from tests.simulation.world import Died, World
from tests.simulation.zones import EARLIER, HOUR, Zones, zone_of

_SOON = timedelta(hours=6)
_FIRST, _MOST = 3, 10
"""Cycles until all is asked, and until all that was decided is done, approvals included."""

Records = dict[str, str]
"""An appointment's records: the id by vendor."""


@dataclass(slots=True)
class NewRules:
    """One playing of it."""

    world: World
    oracle: Oracle
    fate: Fate
    zones: Zones
    rng: random.Random
    say: abc.Callable[[str], None]
    _moved: frozenset[str] = field(default=frozenset())

    async def play(self) -> None:
        """From the new edition to rest."""
        places = [name for name in self.world.vendors if zone_of(self.world, name)]
        if not places:
            return
        chosen = self.rng.sample(places, self.rng.randint(1, len(places)))
        names = {zone_of(self.world, name) for name in chosen}
        self._moved = frozenset(name for name in places if zone_of(self.world, name) in names)
        concerned = self._concerned()
        waiting, before = self._waiting() | self._unheard(), self._entries()
        self.say(f"— a new edition of the zone database moves {', '.join(sorted(names))}")
        self.zones.publish({name: EARLIER[name] for name in names})
        self.world.died()
        for number in range(_FIRST):
            await self._cycle(disturbed=number == 0)
        changed = self._changed(before) - waiting
        self.oracle.claim(not changed, f"{sorted(changed)} was written, as a zone's rules changed")
        asked = {row.appointment: row for row in self.world.desk.conflicts() if row.rule == Found.ZONE_DATA}
        silent = sorted(concerned.keys() - asked.keys())
        self.oracle.claim(not silent, f"nobody is asked about {silent}, at which a zone's rules changed")
        self.oracle.figures["asked about, as a zone's rules changed"] += len(asked)
        if self.oracle.violations:
            return
        await self._decide(concerned, go_along=self.rng.random() < 0.5)

    async def _decide(self, concerned: abc.Mapping[str, Records], *, go_along: bool) -> None:
        starts = {id: self._starts(records)[1] for id, records in concerned.items()}
        for row in self.world.desk.conflicts():
            winners = [name for name in sorted(row.values) if (name in self._moved) is go_along]
            if row.rule == Found.ZONE_DATA and winners:
                self.world.desk.resolve(row.id, self.rng.choice(winners))
        self.say(f"— an operator decides that {'the clocks that moved are' if go_along else 'the others are'} right")
        for _ in range(_MOST):
            if await self._cycle():
                break
        open_ones = self._waiting()
        for id, records in concerned.items():
            if id in open_ones:
                continue
            shown, _ = self._starts(records)
            expected = starts[id] - HOUR if go_along else starts[id]
            self.oracle.figures["level again after a zone's rules changed"] += 1
            self.oracle.claim(set(shown.values()) == {expected}, f"{id} is not at {expected} everywhere: {shown}")

    async def _cycle(self, *, disturbed: bool = False) -> bool:
        """One cycle, perhaps with something that befalls it; whether it had nothing to do."""
        if disturbed:
            self._disturb()
        done = False
        try:
            result = await self.world.running.cycle()
            done = not result.writes and result.exit_code == 0 and not self.world.desk.counts().pending
            if any(step.outcome is Outcome.HELD for step in result.steps):
                self.say(f"  an operator approves {len(self.world.desk.approve([]))}")
        except (Died, StoreError):
            self.world.died()
        self.fate.set(None)
        for vendor in self.world.vendors.values():
            vendor.faults.clear()
        self.world.clock.advance(120)
        return done

    def _disturb(self) -> None:
        if self.rng.random() < 0.3:
            self.fate.set(any_death(self.rng))
        if self.rng.random() < 0.4:
            kind, name = self.rng.choice(("html", "hang", "reset")), self.rng.choice(sorted(self.world.vendors))
            self.world.vendors[name].faults.add(Fault(kind, operation="list"))

    def _entries(self) -> dict[tuple[str, str], Entry]:
        vendors = self.world.vendors.items()
        return {(name, key): entry for name, vendor in vendors for key, entry in vendor.entries.items()}

    def _changed(self, before: abc.Mapping[tuple[str, str], Entry]) -> set[str]:
        """The appointments one of whose records is another than before; `vendor record` of one that is nobody's."""
        now = self._entries()
        changed = {key for key in before.keys() | now.keys() if before.get(key) is not now.get(key)}
        with self.world.ledger.store.read() as tx:
            of = {
                (name, one.remote_id): one.appointment_id
                for name in self.world.vendors
                for one in tx.index(name, float("-inf"))
            }
        return {of.get((name, key), f"{name} {key}") for name, key in changed}

    def _waiting(self) -> set[str]:
        """The appointments about which something waits."""
        with self.world.ledger.store.read() as tx:
            found = {row.appointment_id for row in tx.quarantines()} | set(tx.appointments_pending())
            return {id for id in found | {row.appointment_id for row in tx.conflicts_open()} if id is not None}

    def _unheard(self) -> set[str]:
        """The appointments whose notes somebody emptied where no row showed it: it may come to light as rows are read
        anew.

            00:15 the office's people empty the only notes that there are; its rows leave the key out, as ever
            01:05 a record with notes comes there: from now on a row without the key has none
            01:18 the zone has new rules, and rows are read anew that had not changed
        """
        deeds = (deed for some in self.oracle.register.deeds.values() for deed in some)
        keys = {deed.key for deed in deeds if deed.name == "notes" and not deed.value and deed.optional}
        return {id for id, records in self._linked().items() if keys & records.items()}

    def _linked(self) -> dict[str, Records]:
        """All records that are linked and live, by appointment."""
        found: dict[str, Records] = {}
        with self.world.ledger.store.read() as tx:
            for name in self.world.vendors:
                for entry in tx.index(name, float("-inf")):
                    if entry.live and not entry.tombstone:
                        found.setdefault(entry.appointment_id, {})[name] = entry.remote_id
        return found

    def _concerned(self) -> dict[str, Records]:
        found, waiting = self._linked(), self._waiting()
        return {id: records for id, records in found.items() if id not in waiting and self._counts(records)}

    def _counts(self, records: Records) -> bool:
        entries = {name: self.world.vendors[name].entries.get(key) for name, key in records.items()}
        there = {name: one for name, one in entries.items() if one is not None and not one.is_cancelled}
        if there.keys() != entries.keys() or not self._moved & there.keys() or there.keys() <= self._moved:
            return False
        if any(ENDED.get(name) == one.status for name, one in there.items()):  # it is moved no more
            return False
        coming = min(one.start for one in there.values()) > self.world.clock() + _SOON
        apart = all(_is_an_hour_apart(one, zone_of(self.world, name)) for name, one in there.items())
        return coming and apart and len({one.start for one in there.values()}) == 1

    def _starts(self, records: Records) -> tuple[dict[str, datetime | None], datetime]:
        """Each record's start by the clocks that syncd has for them now, and the true start of one of them."""
        entries = {name: self.world.vendors[name].entries.get(key) for name, key in records.items()}
        true = {name: one.start for name, one in entries.items() if one is not None}
        shown = {
            name: true[name] - (HOUR if name in self._moved else 0 * HOUR) if name in true else None for name in entries
        }
        return shown, min(true.values(), default=datetime.min.replace(tzinfo=UTC))


def _is_an_hour_apart(entry: Entry, zone: str) -> bool:
    """Whether another zone's clock shows the times of an entry an hour earlier, each of them once."""
    if entry.all_day:
        return False
    return not zone or all(
        moment.astimezone(ZoneInfo(zone)).replace(tzinfo=ZoneInfo(EARLIER[zone]), fold=fold).astimezone(UTC)
        == moment - HOUR
        and moment.astimezone(ZoneInfo(zone)).replace(fold=fold).astimezone(UTC) == moment
        for moment in (entry.start, entry.end)
        for fold in (0, 1)
    )

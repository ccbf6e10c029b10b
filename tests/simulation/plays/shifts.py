"""A zone changes at a vendor whose times have none, or all of its records are moved at once.

    09:00 five appointments, each at one time everywhere
    09:05 the office's account gets another zone: its clock shows 11:00 for what was 10:00; the configuration does not
    09:06 at the CRM somebody adds a note to one appointment, and calls another one off
    09:10 a cycle: by the configuration the office's five are an hour later; nobody moved one

It is the vendor's own clock (`clock`), the configuration's (`configured`), or people (`moved`) who move all of it by
whole hours. What must hold:

- Where at least five records moved by one offset, nine in ten of the vendor's, or the clock has another name: no time
  is written anywhere, and nothing is made; the cycle ends with 4, and of each appointment a person is asked. What is no
  time goes on, there as well.
- After one answer for all of them each appointment is at one time everywhere, by syncd's clocks: at that of the vendor
  in question, as it shows it, or at that of before.
- Put right in the configuration instead, nothing is asked any more, and no time was touched.
- Where fewer moved, they are moved as ever.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from syncd.model.plan import Found
from syncd.sandbox.frame.records import Entry
from tests.simulation.people import is_awkward
from tests.simulation.plays.stage import Stage, Standing
from tests.simulation.zones import EARLIER, zone_of

_FEWEST, _TENTHS = 5, 9
_OFFSETS = (timedelta(hours=-1), timedelta(hours=1), timedelta(hours=-3), timedelta(hours=9, minutes=30))


@dataclass(slots=True)
class ZoneChanges(Stage):
    """One vendor's times are others."""

    vendor: str = ""
    mode: str = ""
    clocks: tuple[str, str] | None = None
    """The vendor's zone, and that by which syncd reads it."""
    expected: dict[str, datetime | None] = field(default_factory=dict)
    waited: set[str] = field(default_factory=set)
    """The appointments about which something waited before: what was put off may be made once nothing is asked."""

    async def play(self) -> None:
        """From the change to rest."""
        places = [name for name in sorted(self.world.vendors) if zone_of(self.world, name)]
        self.mode = self.rng.choice(("clock", "configured", "moved") if places else ("moved",))
        self.vendor = self.rng.choice(sorted(self.world.vendors) if self.mode == "moved" else places)
        wanted = self.rng.choice((4, 5, 6, 7))
        everybody = await self.at_least(wanted)
        concerned = [one for one in everybody if self.vendor in one.records]
        if not concerned or self.broken:
            return
        self.expected = {one.id: one.start for one in concerned}
        # A record that is nobody's, as a person is asked whose it is, has no time that could have changed.
        known = {records.get(self.vendor) for records in self.mapped().values()}
        before = {entry.id: self._shown(entry) for entry in self.standing_at(self.vendor) if entry.id in known}
        self.waited = self.waiting()
        self._change()
        is_asked = self._is_asked(before)
        self.count(f"zone {self.mode}, {'asked' if is_asked else 'as ever'}")
        self.written.clear()
        if is_asked:
            await self._waits(concerned)
        else:
            await self._as_ever(concerned)

    # -- what happens -------------------------------------------------------------------------------------------

    def _change(self) -> None:
        zone = zone_of(self.world, self.vendor)
        place = self.world.vendors[self.vendor]
        match self.mode:
            case "clock":
                self.world.options[self.vendor] = {"timezone": zone}
                place.set_behaviour(zone=EARLIER[zone])
                self.clocks = EARLIER[zone], zone
                self.world.died()
            case "configured":
                self.world.options[self.vendor] = {"timezone": EARLIER[zone]}
                self.clocks = zone, EARLIER[zone]
                self.world.died()
            case _:
                by = self.rng.choice(_OFFSETS)
                chosen = self.standing_at(self.vendor)
                if self.rng.random() < 0.3:
                    chosen = chosen[: self.rng.randint(1, len(chosen))]
                for entry in chosen:
                    place.person_edit(entry.id, start=entry.start + by, end=entry.end + by)
                self.say(f"  {len(chosen)} of {len(self.standing_at(self.vendor))} are moved by {by}")
        self.say(f"— other times at {self.vendor}: {self.mode} {self.clocks or ''}")

    def _shown(self, entry: Entry) -> datetime:
        """When a record is, by syncd's clock for its vendor."""
        if self.clocks is None:
            return entry.start
        own, read = map(ZoneInfo, self.clocks)
        return entry.start.astimezone(own).replace(tzinfo=read).astimezone(UTC)

    def _is_asked(self, before: dict[str, datetime]) -> bool:
        offsets = Counter(
            self._shown(entry) - before[entry.id] for entry in self.standing_at(self.vendor) if entry.id in before
        )
        moved = {by: number for by, number in offsets.items() if by}
        if self.mode == "configured":
            return bool(moved)
        most = max(moved.values(), default=0)
        return most >= _FEWEST and most * 10 >= sum(offsets.values()) * _TENTHS

    # -- what must hold -----------------------------------------------------------------------------------------

    async def _waits(self, concerned: list[Standing]) -> None:
        texted, gone = self._others_go_on(concerned)
        refused = ""
        for number in range(3):
            result = await self.cycle(disturbed=number == 0)
            if result is not None and number:
                self.claim(result.exit_code in (3, 4), f"a cycle ends with {result.exit_code}, and a zone changed")
                refused = next(v.error or "" for v in result.vendors if v.name == self.vendor)
        if "timezone" not in refused:  # it tells its zone itself, and is not read by another one
            self._held_up(concerned)
        for one in self.written:
            if one.before is not None and one.after is not None:
                self.claim(one.before.start == one.after.start, f"{one.key} was moved, as {self.vendor}'s zone changed")
            elif one.makes:
                self.claim(False, f"{one.key} was made, as {self.vendor}'s zone changed")
        if self.broken:
            return
        ways = [] if "timezone" in refused else ["theirs", "others'"]
        ways += ["put right"] if self.clocks else []
        await self._answered(concerned, self.rng.choice(ways), {*texted, *gone})

    def _held_up(self, concerned: list[Standing]) -> None:
        asked = {row.appointment for row in self.world.desk.conflicts() if row.rule == Found.ZONE_DATA}
        held = {entry.appointment for entry in self.world.desk.held()}
        for one in concerned:
            there = self.entry(self.vendor, one.records[self.vendor])
            moved = there is not None and self._shown(there) != one.start
            if moved and self.expected[one.id] is not None and one.id not in held:
                self.claim(one.id in asked, f"nobody is asked about {one.id}, as {self.vendor}'s zone changed")

    def _others_go_on(self, concerned: list[Standing]) -> tuple[list[str], list[str]]:
        """Somebody elsewhere calls one off, another one notes something; whom that concerns."""
        if self.rng.random() < 0.4 or len(concerned) < 3:
            return [], []
        first, second = self.rng.sample(concerned, 2)
        place = self.rng.choice([name for name in sorted(first.records) if name != self.vendor])
        self.call_off(place, first.records[place])
        self.expected[first.id] = None
        if "book" in second.records and self.vendor != "book":
            self.world.vendors["book"].person_edit(second.records["book"], notes="Ring twice")
            self.say(f"  somebody at book adds a note to {second.records['book']}")
        return [second.id], [first.id]

    async def _answered(self, concerned: list[Standing], way: str, edited: set[str]) -> None:
        self.count(f"zone {self.mode}, {way}")
        self.say(f"  an operator decides: {way}")
        if way == "put right":
            await self._put_right(concerned)
            return
        for row in self.world.desk.conflicts():
            winners = [name for name in sorted(row.values) if (name == self.vendor) is (way == "theirs")]
            if row.rule == Found.ZONE_DATA and winners:
                self.world.desk.resolve(row.id, self.rng.choice(winners))
        for one in concerned:
            there = self.entry(self.vendor, one.records[self.vendor])
            if way == "theirs" and there is not None and self.expected[one.id] is not None:
                self.expected[one.id] = self._shown(there)
        await self.quiet()
        self._in_step(concerned)

    async def _put_right(self, concerned: list[Standing]) -> None:
        """The configuration says the vendor's own zone."""
        own, _ = self.clocks or ("", "")
        self.world.options[self.vendor] = {"timezone": own}
        self.clocks = None
        self.world.died()
        await self.quiet()
        asked = {row.appointment for row in self.world.desk.conflicts() if row.rule == Found.ZONE_DATA}
        mine = sorted(asked & {one.id for one in concerned})
        self.claim(not mine, f"{mine} are asked about, as a zone was put right")
        late = {one for id, records in self.mapped().items() if id in self.waited for one in records.items()}
        for one in self.written:
            same = one.before is None or one.after is None or one.before.start == one.after.start
            allowed = same and (not one.makes or one.key in late)
            self.claim(allowed, f"{one.key} was moved or made, as a zone was put right")
        self._in_step(concerned)

    async def _as_ever(self, concerned: list[Standing]) -> None:
        for one in concerned:
            there = self.entry(self.vendor, one.records[self.vendor])
            if there is not None:
                self.expected[one.id] = self._shown(there)
        await self.quiet()
        asked = [row.id for row in self.world.desk.conflicts() if row.rule == Found.ZONE_DATA]
        self.claim(not asked, f"{len(asked)} are asked about, and a person moved them")
        self._in_step(concerned)

    def _in_step(self, concerned: list[Standing]) -> None:
        waiting = self.waiting()
        for one in concerned:
            if one.id in waiting:
                self.count("zone, waiting in the end")
                continue
            wanted = self.expected[one.id]
            if wanted is not None and is_awkward(self.world, wanted):
                self.count("zone, moved to a time that some vendor cannot hold")
                continue
            shown = self.starts(one)
            if shown.get(self.vendor) is not None:
                there = self.entry(self.vendor, self.mapped()[one.id][self.vendor])
                shown[self.vendor] = None if there is None else self._shown(there)
            self.claim(set(shown.values()) == {wanted}, f"{one.id} is at {shown} and not at {wanted}")

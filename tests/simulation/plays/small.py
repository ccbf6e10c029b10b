"""A small account in which records vanish, or are called off by accident, at once: the guard's share counts from three.

    09:00 the office has four live records, as every vendor has
    09:05 three of them are gone there: nobody meant that
    09:10 a cycle, and perhaps its end in the middle: three of four is a half or more
    09:15 the operator looks at what is held, and rejects it, or approves it

What must hold, at each other vendor, by its own count of live records:

- At least three that are half or more of them (a quarter, where a cancellation deletes) are held: none is called off.
- One or two are never held for their share, where the vendor's word on them counts: they are called off.
- Approved, all are called off everywhere. Rejected, all stand everywhere again, at the time that they had.

Left out are histories whose operator has limits of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from syncd.engine.store.refusals import NotRejectable
from syncd.model.appointment import Status
from syncd.model.plan import Action
from tests.simulation.people import deletes
from tests.simulation.plays.stage import Stage, Standing, is_live

_LEAST = 3
_PERCENT = {True: 25, False: 50}
"""The share that is held, by whether a cancellation deletes."""


@dataclass(slots=True)
class SmallAccount(Stage):
    """Records vanish at one vendor."""

    vendor: str = ""
    lost: list[Standing] = field(default_factory=list)
    left: bool = False
    """Whether any record stands there beside those that vanish: without one its word on them does not count."""
    live: dict[str, int] = field(default_factory=dict)
    heard: set[tuple[int | None, str]] = field(default_factory=set)
    """The conflicts that were on record before that, each with when it was last seen."""

    async def play(self) -> None:
        """From the accident to rest."""
        if self.world.cast.guard:
            return
        self.vendor = self.rng.choice(sorted(self.world.vendors))
        everybody = await self.at_least(self.rng.randint(1, 5), everywhere=True)
        if not everybody or self.broken:
            return
        number = self.rng.randint(1, len(everybody))
        self.lost = self.rng.sample(everybody, min(len(everybody), max(number, self.rng.choice((1, 3)))))
        self.live = {name: len(self.standing_at(name)) for name in self.world.vendors}
        self.left = self.live[self.vendor] > len(self.lost)
        self.heard = {place for one in self.lost for place in self._ended_in(one)}
        self._vanish()
        self.written.clear()
        for count in range(3):
            await self.cycle(disturbed=count == 0)
        await self.cycle()
        self._guarded()
        if self.broken:
            return
        await self._decided(reject=self.rng.random() < 0.5)

    def _vanish(self) -> None:
        place = self.world.vendors[self.vendor]
        called_off = self.rng.random() < 0.4 and not deletes(place)
        for one in self.lost:
            if called_off:
                place.person_cancel(one.records[self.vendor])
            else:
                place.person_delete(one.records[self.vendor])
        # What is called off stands in the listing still, but where that leaves it out: then it may be empty.
        self.left = self.left or (called_off and place.behaviour.get("cancelled_listed", True))
        self.count(f"small account, {len(self.lost)} of {self.live[self.vendor]}")
        how = "called off" if called_off else "gone"
        self.say(f"— {len(self.lost)} of {self.live[self.vendor]} live records at {self.vendor} are {how} at once")

    # -- what must hold -----------------------------------------------------------------------------------------

    def _held_at(self, name: str) -> bool:
        percent = _PERCENT[deletes(self.world.vendors[name])]
        return len(self.lost) >= _LEAST and len(self.lost) * 100 >= percent * self.live[name]

    def _guarded(self) -> None:
        """Before anybody has decided anything."""
        for name in sorted(self.world.vendors.keys() - {self.vendor}):
            standing = [one for one in self.lost if is_live(self.entry(name, one.records[name]))]
            if self._held_at(name):
                gone = len(self.lost) - len(standing)
                self.claim(not gone, f"{gone} of {self.live[name]} were called off at {name}, and nobody approved it")
            elif len(self.lost) < _LEAST and self.left:
                self.claim(not standing, f"{len(standing)} of {self.live[name]} at {name} wait, which no share holds")

    def _went_against(self, one: Standing) -> bool:
        """Whether an earlier edit, of which syncd heard only now, won against the cancellation, which is on record."""
        return not self.oracle.cancel_wins and bool(self._ended_in(one) - self.heard)

    def _ended_in(self, one: Standing) -> set[tuple[int | None, str]]:
        """The conflicts on record of an appointment in which some vendor has it cancelled."""
        with self.world.ledger.store.read() as tx:
            rows = tx.conflicts_of(one.id)
        return {(row.id, row.seen_at) for row in rows if Status.CANCELLED.value in row.values_json}

    async def _decided(self, *, reject: bool) -> None:
        """The operator looks at what is held."""
        waiting = {one.appointment for one in self.world.desk.held()}
        mine = [one for one in self.lost if one.id in waiting]
        self.count(f"small account, held: {'rejected' if reject else 'approved'}", len(mine))
        refused = set()
        for one in mine if reject else ():
            if not self._reject(one):
                refused.add(one.id)
        await self.quiet(spared={one.id for one in mine} if reject else ())
        open_ones = {row.appointment_id for row in self._quarantines()}
        for one in self.lost:
            stands = {name: is_live(self._now(one, name)) for name in one.records}
            if reject and one in mine:
                if one.id not in refused | open_ones:
                    self.claim(all(stands.values()), f"{one.id} was to stand again, and does so at {stands}")
                    shown = set(self.starts(one).values())
                    self.claim(shown == {one.start}, f"{one.id} stands again at {shown}, and was at {one.start}")
                else:
                    self.claim(any(stands.values()), f"{one.id} is lost, and was to stand again")
            elif not self._went_against(one):
                self.claim(not any(stands.values()), f"{one.id} was called off, and stands at {stands}")

    def _reject(self, one: Standing) -> bool:
        held = [entry for entry in self.world.desk.held() if entry.appointment == one.id]
        for entry in held:
            if entry.operation not in {left.operation for left in self.world.desk.held()}:
                continue  # it went with the one before
            self.claim(entry.action == Action.CANCEL, f"{entry.action} is held, and nothing but cancellations may be")
            try:
                self.world.desk.reject([entry.operation])
            except NotRejectable as error:
                self.say(f"  {one.id} cannot be rejected: {error}")
                return False
        self.say(f"  an operator rejects what is held of {one.id}")
        return True

    def _now(self, one: Standing, name: str):  # type: ignore[no-untyped-def]
        return self.entry(name, self.mapped().get(one.id, {}).get(name, one.records[name]))

    def _quarantines(self) -> list:  # type: ignore[type-arg]
        with self.world.ledger.store.read() as tx:
            return list(tx.quarantines())

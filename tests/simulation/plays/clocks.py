"""The clock of syncd's machine is set back, between two cycles or in the middle of one, while people move things.

    11:00 a cycle; the office has the appointment at 9:00, as the booking page has
    11:58 at the booking page somebody moves it to 15:00
    11:59 the clock is set back, to 10:59; at the site somebody moves it to 16:00
    11:00 a cycle: which of the two was later, nothing tells

What must hold:

- Of two moves at vendors that tell no times the one comes first that has priority, where newest wins: not the one that
  was listed last. In any case one of the two stands everywhere, and the other one is on record.
- In the cycles after it nothing is written any more, and the next move goes everywhere as ever.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.sandbox.frame.exchange import Call
from syncd.sandbox.frame.vendor import SandboxVendor
from tests.simulation.plays.stage import Stage, Standing

_UNDATED = ("book", "site")
_STEPS = (-1_800, -3_600, -10_800, -86_400, 3_600)


@dataclass(slots=True)
class SetBack(Stage):
    """Another time on syncd's machine."""

    async def play(self) -> None:
        """From the step to rest."""
        there = await self.at_least(1, everywhere=True)
        if not there or self.broken:
            return
        await self.quiet()
        one, step = self.rng.choice(there), self.rng.choice(_STEPS)
        places = list(_UNDATED) if self.rng.random() < 0.6 else self.rng.sample(sorted(one.records), 2)
        self.rng.shuffle(places)
        within = self.rng.random() < 0.3
        told = {places[0]: self.move(places[0], one.records[places[0]])}
        self.world.clock.advance(self.rng.choice((30, 600)))
        if not within:
            self._step(step)
        told[places[1]] = self.move(places[1], one.records[places[1]])
        self.world.clock.advance(60)
        await self._cycle_with(step if within else 0)
        await self.quiet()
        self.count(f"clock {'within a cycle' if within else 'between cycles'}, {'back' if step < 0 else 'on'}")
        self._decided(one, told, first=not within and step < 0 and set(places) == set(_UNDATED))
        if not self.broken:
            await self._goes_on(one)

    def _step(self, seconds: float) -> None:
        self.world.step += timedelta(seconds=seconds)
        self.say(f"  somebody sets the clock of syncd's machine by {seconds} s")

    async def _cycle_with(self, step: float) -> None:
        """A cycle, in the middle of which the clock may be set."""
        if not step:
            await self.cycle(disturbed=True)
            return
        number, hooks = self.rng.randint(1, 8), self.world.hooks
        self.world.hooks = _Stepping(hooks, number, lambda: self._step(step))
        await self.cycle()
        self.world.hooks = hooks

    def _decided(self, one: Standing, told: dict[str, datetime], *, first: bool) -> None:
        if one.id in self.waiting():
            self.count("clock, waiting in the end")
            return
        shown = set(self.starts(one).values())
        self.claim(len(shown) == 1 and shown <= set(told.values()), f"{one.id} is at {shown}, and was moved to {told}")
        rule, priority = self.world.cast.sync["conflict"], self.world.cast.sync["priority"]
        winner = min(told, key=priority.index)
        if first and rule == "newest":
            self.claim(shown == {told[winner]}, f"{one.id} is at {shown}: of {told} {winner} comes first")
        texts = [json.dumps(row.values, default=str) for row in self.world.desk.explain(one.id).conflicts]
        for start in told.values():
            on_record = any(f"{start:%Y-%m-%dT%H:%M}" in text for text in texts)
            self.claim({start} == shown or on_record, f"the move to {start} is nowhere, and on no record")

    async def _goes_on(self, one: Standing) -> None:
        place = self.rng.choice(sorted(one.records))
        record = self.mapped().get(one.id, {}).get(place)
        if record is None or one.id in self.waiting():
            return
        start = self.move(place, record)
        await self.quiet()
        if one.id not in self.waiting():
            shown = set(self.starts(one).values())
            self.claim(shown == {start}, f"{one.id} was moved to {start} after that, and is at {shown}")


class _Stepping:
    """A world's hooks, which do something before one request."""

    def __init__(self, hooks, number, act) -> None:  # type: ignore[no-untyped-def]
        self._hooks, self._left, self._act = hooks, number, act

    def before_request(self, vendor: SandboxVendor, call: Call) -> None:
        """Whatever happens while a request is on its way."""
        self._left -= 1
        if self._left == 0:
            self._act()
        self._hooks.before_request(vendor, call)

    def __getattr__(self, name: str):  # type: ignore[no-untyped-def]
        return getattr(self._hooks, name)

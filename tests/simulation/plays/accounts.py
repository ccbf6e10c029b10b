"""Another account under one vendor's configuration: by mistake, or as its appointments moved there; or a new key alone.

    09:00 book's records 7, 8 and 9 are known
    09:05 its key is another one. It opens the account of a branch, which has a 7 too: somebody else's
    09:06 at the CRM somebody calls one appointment off, and moves another
    09:10 a cycle, and perhaps its end in the middle

What must hold:

- As long as the account is in doubt that vendor is neither read nor written, nothing of it is called off or moved
  elsewhere, the cycle ends with 3, and the message names the vendor and the ways out. The others go on meanwhile.
- Put back, it gets what it missed. What the other account has is untouched.
- Where the appointments moved, and the operator says so, each is linked to its record of the new account by time and
  client; what the account lacks is made there, and nothing is called off or doubled.
- A new key of the same account is no news.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from syncd.engine.result import CycleResult
from syncd.engine.store.accounts import moved_to
from syncd.sandbox.frame.records import Entry
from tests.simulation.deeds import Key
from tests.simulation.plays.stage import Stage, Standing

_KEYS = {"crm": ("api_key",), "book": ("user_id", "api_key"), "office": ("token",), "site": ("api_key",)}
"""What opens each vendor's account."""

_MODES = {"rotated": 2, "by mistake": 4, "moved": 4}
_LACKING = 0.25
"""The share of appointments that a new account lacks."""


@dataclass(slots=True)
class Account(Stage):
    """One vendor's account is another one."""

    vendor: str = ""
    expected: dict[str, datetime | None] = field(default_factory=dict)
    """When each appointment is to be in the end; None: called off."""
    before: dict[datetime, int] = field(default_factory=dict)
    """How many records start there when one of them does."""
    of: dict[Key, str] = field(default_factory=dict)
    """Whose each record was before."""

    async def play(self) -> None:
        """From another key to rest."""
        self.vendor = self.rng.choice(sorted(self.world.vendors))
        everybody = await self.at_least(self.rng.randint(2, 4))
        concerned = [one for one in everybody if self.vendor in one.records]
        if not concerned or self.broken:
            return
        self.expected = {one.id: one.start for one in concerned}
        self.before = {one.start: self._number_at(one.start) for one in concerned}
        for one in everybody:
            self.of |= dict.fromkeys(one.records.items(), one.id)
        mode = self.rng.choices(list(_MODES), list(_MODES.values()))[0]
        self.count(f"account {mode}")
        self.written.clear()
        match mode:
            case "rotated":
                await self._rotated(concerned)
            case "by mistake":
                await self._by_mistake(concerned)
            case _:
                await self._moved(concerned)
        if not self.broken:
            self._in_step(concerned)

    # -- the account --------------------------------------------------------------------------------------------

    def _open(self, keys: dict[str, str]) -> None:
        for name, value in keys.items():
            setattr(self.world.vendors[self.vendor], name, value)
        self.world.died()
        self.say(f"— {self.vendor} is opened with another key: {', '.join(keys)}")

    def _keys(self) -> dict[str, str]:
        return {name: getattr(self.world.vendors[self.vendor], name) for name in _KEYS[self.vendor]}

    def _other_keys(self) -> dict[str, str]:
        return {name: _changed(value) for name, value in self._keys().items()}

    def _have(self, entries: dict[str, Entry]) -> None:
        """From now on the vendor's records are these."""
        place = self.world.vendors[self.vendor]
        place.entries.clear()
        place.forget_rows()
        place.entries.update(entries)

    # -- what happens -------------------------------------------------------------------------------------------

    async def _rotated(self, concerned: list[Standing]) -> None:
        """A new key; somebody moves one of the appointments meanwhile, and all the others prove the account."""
        keys = self._other_keys()
        if self.vendor == "book":
            del keys["user_id"]
        if len(concerned) > 1:
            self._edited(concerned[-1], self.vendor)
        self._open(keys)
        await self.cycle(disturbed=True)
        result = await self.cycle()
        self.claim(result is not None and self._read(result) == "complete", f"{self.vendor}'s new key is doubted")
        await self.quiet()

    async def _by_mistake(self, concerned: list[Standing]) -> None:
        place, keys, own = self.world.vendors[self.vendor], self._keys(), dict(self.world.vendors[self.vendor].entries)
        self._open(self._other_keys())
        self._have({})
        for one in self.rng.sample(concerned, self.rng.randint(0, len(concerned))):  # the branch has these ids too
            self.enter(self.vendor, id=one.records[self.vendor])
        self.enter(self.vendor)
        theirs = dict(place.entries)
        self._others_go_on(concerned)
        await self._in_doubt()
        self.claim(place.entries == theirs, f"another account's records at {self.vendor} were written")
        self._open(keys)
        self._have(own)
        self.written.clear()
        await self.quiet()

    async def _moved(self, concerned: list[Standing]) -> None:
        place = self.world.vendors[self.vendor]
        own = list(place.entries.values())
        kept = {one.records[self.vendor] for one in concerned if self.rng.random() > _LACKING}
        concerned_ids = {one.records[self.vendor] for one in concerned}
        self._open(self._other_keys())
        self._have({})
        for entry in own:
            if entry.id in kept or entry.id not in concerned_ids:
                place.insert(dataclasses.replace(entry, id=place.new_id()), by="person")
        self.say(f"  {len(kept)} of {len(concerned)} are there, under other ids")
        await self._in_doubt()
        if self.broken:
            return
        sign = self.world.running.vendors[self.vendor].sign
        moved_to(self.world.ledger, self.vendor, sign)
        self.world.died()
        self.say("  an operator says that the appointments moved to this account")
        await self.cycle(disturbed=True)
        await self.quiet()
        self.claim(not any(one.calls_off for one in self.written), "something was called off, as an account moved")

    def _others_go_on(self, concerned: list[Standing]) -> None:
        """Somebody at another vendor moves one of them, and calls one off."""
        for kind, one in zip(("move", "call off"), self.rng.sample(concerned, min(2, len(concerned))), strict=False):
            others = [name for name in sorted(one.records) if name != self.vendor]
            place = self.rng.choice(others)
            if kind == "move":
                self._edited(one, place)
            else:
                self.call_off(place, one.records[place])
                self.expected[one.id] = None

    def _edited(self, one: Standing, place: str) -> None:
        self.expected[one.id] = self.move(place, one.records[place])

    # -- what must hold -----------------------------------------------------------------------------------------

    async def _in_doubt(self) -> None:
        """Three cycles in which nothing of that vendor is concluded."""
        called_off = {id for id, start in self.expected.items() if start is None}
        for number in range(3):
            before = self.world.vendors[self.vendor].counters.writes
            result = await self.cycle(disturbed=number == 0)
            wrote = self.world.vendors[self.vendor].counters.writes - before
            self.claim(not wrote, f"{self.vendor} was written, whose account is in doubt")
            if result is not None:
                self._told(result)
        for one in self.written:
            if one.calls_off:
                self.claim(
                    self.of.get(one.key) in called_off,
                    f"{one.key} was called off, as {self.vendor} has another account",
                )

    def _told(self, result: CycleResult) -> None:
        [mine] = [vendor for vendor in result.vendors if vendor.name == self.vendor]
        self.claim(mine.snapshot == "failed", f"{self.vendor} was read, and its account is in doubt: {mine}")
        self.claim(result.exit_code == 3, f"a cycle ends with {result.exit_code}, and an account is in doubt")
        said = f"syncd account moved {self.vendor}"
        self.claim(said in (mine.error or ""), f"nobody is told the way out: {mine.error}")

    def _read(self, result: CycleResult) -> str:
        return next(vendor.snapshot for vendor in result.vendors if vendor.name == self.vendor)

    def _in_step(self, concerned: list[Standing]) -> None:
        waiting = self.waiting()
        for one in concerned:
            if one.id in waiting:
                self.count("account, waiting in the end")
                continue
            shown = self.starts(one)
            wanted: set[Any] = {self.expected[one.id]}
            self.claim(set(shown.values()) == wanted, f"{one.id} is at {shown} and not at {wanted}")
            at = self._number_at(one.start)
            most = self.before[one.start]
            self.claim(at <= most, f"{self.vendor} has {at} records at {one.start}, and had {most}")

    def _number_at(self, start: datetime) -> int:
        return sum(entry.start == start for entry in self.standing_at(self.vendor))


def _changed(value: str) -> str:
    """Another key of the same form."""
    return "".join(str(9 - int(one)) if one.isdigit() else one for one in value)

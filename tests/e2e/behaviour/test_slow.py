"""One vendor's listing takes longer than the others wait: they go on among themselves, and it joins them later."""

from __future__ import annotations

import asyncio
from collections import abc
from typing import Any

import pytest

from syncd.engine.read.listing import Listing
from syncd.engine.read.stragglers import Stragglers
from syncd.model.times import Window
from syncd.vendors.port import Page
from tests.e2e.behaviour.world import ALL, World, at, of, origin_for, steps

EACH_VENDOR = pytest.mark.parametrize("name", ALL)


class Slow:
    """A vendor whose listing stops after its first page until it may go on."""

    def __init__(self, vendor: Any) -> None:
        self._vendor = vendor
        self.gate = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._vendor, name)

    async def pages(self, window: Window) -> abc.AsyncIterator[Page]:
        """The vendor's, late."""
        async for page in self._vendor.pages(window):
            yield page
            await self.gate.wait()


def slow(world: World, name: str) -> Slow:
    """A daemon's engine, one of whose vendors is slow."""
    made = Slow(world.vendors[name])
    world.engine.vendors = {**world.vendors, name: made}
    passed = [0.0]

    async def wait(tasks: abc.Set[asyncio.Task[Listing]], seconds: float | None) -> None:
        for _ in range(500):
            await asyncio.sleep(0)
        passed[0] += seconds or 0.0

    budgets = dict.fromkeys(world.vendors, 900.0)
    world.engine.stragglers = Stragglers(budgets, lambda: passed[0], wait)
    return made


@EACH_VENDOR
async def test_the_others_go_on_and_it_joins_with_what_it_had_to_say(world: World, name: str) -> None:
    """Moved at one of the others, and at the slow one: nothing is written there meanwhile, and nothing is lost."""
    entry = world.enter_everywhere(at(15))
    await world.settle()
    late = world.enter(name, at(9))
    made = slow(world, name)
    mover, other = [vendor for vendor in ALL if vendor != name][:2]
    world.move(mover, world.the("crm", entry.id, mover).id, at(16))
    result = await world.cycle()
    assert {step.operation.vendor for step in steps(result)} == set(ALL) - {mover, name}
    assert any(line.startswith(f"{name}: its listing is not at its end") for line in result.waiting)
    assert world.calendars([vendor for vendor in ALL if vendor != name]) == [[at(16)]]
    world.enter(other, at(18))
    await world.cycle()
    assert at(18) not in world.starts(name)
    assert world.written(name) == 0
    made.gate.set()
    for _ in range(500):
        await asyncio.sleep(0)
    joined = await world.cycle()
    assert of(joined, name).snapshot == "complete"
    await world.settle()
    assert world.calendars() == [[at(9), at(16), at(18)]]
    assert world.servers[name].entries[late.id].start == at(9)
    assert origin_for(name) != name


async def test_a_listing_that_was_compared_with_what_is_known_no_more_is_made_anew(world: World) -> None:
    """Somebody decided meanwhile, so that the site's records are known otherwise than when it began."""
    entry = world.enter_everywhere(at(15))
    await world.settle()
    made = slow(world, "site")
    await world.cycle()
    appointment = world.desk.explain(f"crm:{entry.id}").known.id
    with world.ledger.store.write() as tx:
        [row] = [one for one in tx.mappings_of([appointment]) if one.vendor == "site"]
        tx.forget_fingerprints(["site"])
    made.gate.set()
    for _ in range(500):
        await asyncio.sleep(0)
    assert row.fingerprint is not None
    result = await world.cycle()
    assert "site" not in {vendor.name for vendor in result.vendors}
    assert (await world.cycle()).exit_code == 0
    assert world.calendars() == [[at(15)]]

"""Who waits for whom while vendors are listed: the loop is asked for turns, and the clock is set by hand."""

from __future__ import annotations

import asyncio
from collections import abc
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from syncd.engine.read.listing import Listing
from syncd.engine.read.stragglers import Begin, Stragglers

MINUTE = 60.0


@dataclass
class Vendors:
    """Listings that end when they are told to, and a clock that moves when everybody waits."""

    now: float = 0.0
    step: float = 5 * MINUTE
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)

    def begin(self, *names: str) -> dict[str, Begin]:
        """How each of these is listed."""
        return {name: lambda name=name: self._list(name) for name in names}  # type: ignore[misc]

    async def _list(self, name: str) -> Listing:
        self.begun.append(name)
        if name in self.gates:
            await self.gates[name].wait()
        return cast(Listing, name)

    async def wait(self, tasks: abc.Set[asyncio.Task[Listing]], seconds: float | None) -> None:
        """Some turns of the loop; where nothing comes of them, time passes."""
        for _ in range(20):
            await asyncio.sleep(0)
        if not any(task.done() for task in tasks):
            self.now += self.step if seconds is None else min(self.step, seconds)


def over(vendors: Vendors, **budgets: float) -> Stragglers:
    """Their stragglers, with these budgets in minutes."""
    seconds = {name: minutes * MINUTE for name, minutes in budgets.items()}
    return Stragglers(seconds, lambda: vendors.now, vendors.wait)


async def listed(stragglers: Stragglers, begin: dict[str, Begin]) -> tuple[list[str], list[str]]:
    """What `gather` gives, by the names that stand for the listings here."""
    ready, joining = await stragglers.gather(begin)
    return cast("list[str]", ready), cast("list[str]", joining)


async def test_those_that_are_there_wait_no_longer_than_they_may_take_themselves() -> None:
    """The site is slow: after the CRM's quarter of an hour the two others go on, and it joins when it is there."""
    vendors = Vendors(gates={"site": asyncio.Event()})
    stragglers = over(vendors, crm=15, office=30, site=120)
    assert await listed(stragglers, vendors.begin("crm", "office", "site")) == (["crm", "office"], [])
    assert vendors.now == 15 * MINUTE
    assert await listed(stragglers, vendors.begin("crm", "office", "site")) == (["crm", "office"], [])
    assert vendors.now == 15 * MINUTE  # nobody waits for it a second time
    vendors.gates["site"].set()
    await vendors.wait(set(stragglers.left.values()), None)
    assert await listed(stragglers, vendors.begin("crm", "office", "site")) == (["crm", "office"], ["site"])
    assert vendors.begun.count("site") == 1
    assert await listed(stragglers, vendors.begin("crm", "office", "site")) == (["crm", "office", "site"], [])


async def test_one_alone_is_waited_for() -> None:
    """There is nobody who could go on without it."""
    vendors = Vendors(gates={"crm": asyncio.Event()})
    stragglers = over(vendors, crm=15)
    waiting = asyncio.create_task(listed(stragglers, vendors.begin("crm")))
    for _ in range(1_000):
        await asyncio.sleep(0)
    assert (waiting.done(), vendors.now > 60 * MINUTE) == (False, True)
    vendors.gates["crm"].set()
    assert await waiting == (["crm"], [])


async def test_what_breaks_ends_all_of_them() -> None:
    """A store that fails is no vendor's affair: nothing goes on behind the cycle's back."""
    vendors = Vendors(gates={"site": asyncio.Event()})
    ended: list[str] = []

    async def breaks() -> Listing:
        raise RuntimeError("the store")

    async def slow() -> Listing:
        try:
            await vendors.gates["site"].wait()
        finally:
            ended.append("site")
        raise AssertionError

    stragglers = over(vendors, crm=15, site=15)
    with pytest.raises(RuntimeError, match="the store"):
        await stragglers.gather(cast("dict[str, Any]", {"crm": breaks, "site": slow}))
    assert (ended, stragglers.left) == (["site"], {})


async def test_a_process_that_ends_ends_its_listings() -> None:
    """Stopped, or with another configuration."""
    vendors = Vendors(gates={"site": asyncio.Event()})
    stragglers = over(vendors, crm=15, site=15)
    await listed(stragglers, vendors.begin("crm", "site"))
    [task] = stragglers.left.values()
    await stragglers.give_up()
    assert (task.cancelled(), stragglers.left) == (True, {})

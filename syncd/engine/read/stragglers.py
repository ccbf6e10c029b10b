"""Listings that take longer than anybody waits for them: they go on over cycles, and join the one
that finds them done.

    12:00 the CRM, the office and the site are listed; each may take 15 minutes
    12:01 two of them are there
    12:15 the site is not at its end: the two are reconciled, and it counts as not polled
    12:40 its listing is complete: the next cycle takes it in as it is
No record of a vendor that is not polled is written, so that what the listing was compared with
still holds.
"""

from __future__ import annotations

import asyncio
from collections import abc
from dataclasses import dataclass, field

from syncd.engine.read.listing import Listing

Begin = abc.Callable[[], abc.Coroutine[object, object, Listing]]
Wait = abc.Callable[[abc.Set["asyncio.Task[Listing]"], float | None], abc.Awaitable[None]]


async def until_one_is_done(tasks: abc.Set[asyncio.Task[Listing]], seconds: float | None) -> None:
    """Wait for the first of these, and no longer than so many seconds."""
    await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)


@dataclass(slots=True)
class Stragglers:
    """Who waits for whom. `budgets` are the seconds that each vendor's listing may take, by which
    it also waits for others; `seconds` counts them. `left` are the listings that go on.
    """

    budgets: abc.Mapping[str, float]
    seconds: abc.Callable[[], float]
    wait: Wait = until_one_is_done
    left: dict[str, asyncio.Task[Listing]] = field(default_factory=dict)

    async def gather(self, begin: abc.Mapping[str, Begin]) -> tuple[list[Listing], list[Listing]]:
        """The listings that are there now, and those of earlier cycles that came to their end, by
        who is to be listed.

        Nobody waits for a listing that was left behind before.
        """
        # One that is under way is not begun a second time: that would cost the rate twice.
        left_before = set(self.left)
        joining = self._ended_of(begin)
        tasks = {
            name: asyncio.create_task(start())
            for name, start in begin.items()
            if name not in left_before
        }
        try:
            await self._until_nobody_waits(tasks)
            ready = [task.result() for task in tasks.values() if task.done()]
        except BaseException:
            await _cancel(tasks.values())
            raise
        self.left |= {name: task for name, task in tasks.items() if not task.done()}
        return ready, joining

    def _ended_of(self, names: abc.Iterable[str]) -> list[Listing]:
        ended = [name for name in names if name in self.left and self.left[name].done()]
        return [self.left.pop(name).result() for name in ended]

    async def _until_nobody_waits(self, tasks: abc.Mapping[str, asyncio.Task[Listing]]) -> None:
        begun = self.seconds()
        while pending := {task for task in tasks.values() if not task.done()}:
            # Whoever is done waits for the others as long as its own listing might have taken.
            budgets = [self.budgets[name] for name, task in tasks.items() if task.done()]
            remaining = min(budgets) - (self.seconds() - begun) if budgets else None
            if remaining is not None and remaining <= 0:
                return
            await self.wait(pending, remaining)

    async def give_up(self) -> None:
        """End the listings that go on: their process does, or their configuration."""
        await _cancel(self.left.values())
        self.left.clear()


async def _cancel(tasks: abc.Iterable[asyncio.Task[Listing]]) -> None:
    going_on = [task for task in tasks if not task.done()]
    for task in going_on:
        task.cancel()
    await asyncio.gather(*going_on, return_exceptions=True)

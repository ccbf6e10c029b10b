"""The daemon: polls every vendor on its interval, runs one reconciliation at a time, and stops gracefully.

What is due when a cycle starts goes into that cycle, what becomes due meanwhile into the next one, so no poll is
dropped or doubled. A SIGHUP changes the configuration between two cycles. A sign of life goes to systemd only while
cycles progress.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections import abc
from dataclasses import dataclass, field
from datetime import timedelta
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple

from syncd.daemon.notify import notify, watchdog_seconds
from syncd.engine.cycle import Engine
from syncd.engine.result import CycleResult
from syncd.logs.lean import structlog

if TYPE_CHECKING:
    from syncd.daemon.rhythm import Rhythm

log = structlog.get_logger(__name__)

SETTLE_SECONDS = 10.0
"""How long a stop waits for the write in flight to be settled."""

_STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


class Work(NamedTuple):
    """What a configuration asks of a daemon: an engine, and how often its vendors are polled."""

    engine: Engine
    interval: timedelta


Handler = abc.Callable[[int, FrameType | None], None]
"""What a signal calls, in the main thread."""

Reload = abc.Callable[[], abc.Awaitable[Work | None]]
"""Reads the configuration again: the work that it asks for now, or None where that cannot be done, which it says."""


@dataclass(slots=True)
class Daemon:
    """Runs an engine until it is stopped. `on_cycle` is told every result; a SIGHUP asks `reload` for other work."""

    engine: Engine
    interval: timedelta
    on_cycle: abc.Callable[[CycleResult], None] | None = None
    reload: Reload | None = None
    settle_seconds: float = SETTLE_SECONDS
    _due: set[str] = field(default_factory=set)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _running: asyncio.Task[CycleResult] | None = None
    _life: int = -1
    _outdated: bool = False

    def nudge(self, vendor: str) -> None:
        """A vendor is due now."""
        self._due.add(vendor)
        self._wake.set()

    def stop(self) -> None:
        """End after the write in flight is settled; a cycle that only reads is given up at once."""
        self._stop.set()
        self._wake.set()
        self.engine.stopping.set()
        if self._running is not None and not self.engine.writing:
            self._running.cancel()

    def hang_up(self) -> None:
        """Read the configuration again before the next cycle."""
        self._outdated = True
        self._wake.set()

    async def run(self) -> None:
        """Poll until stopped, by a signal too. Raises syncd_state.StoreError, or whatever
        unexpected a cycle raised.
        """
        with _signals(self.stop, self.hang_up):
            from syncd.daemon.rhythm import Rhythm  # one cycle alone needs no scheduler

            rhythm = Rhythm()
            rhythm.start()
            self._take_up(rhythm)
            seconds = watchdog_seconds()
            if seconds is not None:
                rhythm.every(seconds / 2, "watchdog", self._beat, after=seconds / 2)
            notify("READY=1")
            log.info("daemon_started", vendors=list(self.engine.vendors), interval=self.interval.total_seconds())
            try:
                await self._rounds(rhythm)
            finally:
                notify("STOPPING=1")
                rhythm.stop()
                await self._give_up_listings()
                log.info("daemon_stopped")

    async def _rounds(self, rhythm: Rhythm) -> None:
        while not self._stop.is_set():
            await self._wake.wait()
            self._wake.clear()
            if self._outdated and not self._stop.is_set():
                self._outdated = False
                await self._renew(rhythm)
            if not self._stop.is_set():
                await self._cycle()

    async def _renew(self, rhythm: Rhythm) -> None:
        work = None if self.reload is None else await self.reload()
        if work is None:
            return
        rhythm.drop(_poll_of(name) for name in self.engine.vendors)
        await self._give_up_listings()
        self.engine, self.interval = work
        if self._stop.is_set():
            self.engine.stopping.set()
        self._due.clear()
        self._take_up(rhythm)
        log.info("configuration_reloaded", vendors=list(self.engine.vendors), interval=self.interval.total_seconds())

    async def _give_up_listings(self) -> None:
        if self.engine.stragglers is not None:
            await self.engine.stragglers.give_up()

    def _take_up(self, rhythm: Rhythm) -> None:
        """Poll every vendor of the engine on the interval, and now."""
        for name in self.engine.vendors:
            rhythm.every(self.interval.total_seconds(), _poll_of(name), self._poll, name)

    async def _cycle(self) -> None:
        due, self._due = frozenset(self._due), set()
        if not due:
            return
        self._running = asyncio.create_task(self.engine.cycle(due=due))
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({self._running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not self._running.done():
                await asyncio.wait({self._running}, timeout=self.settle_seconds)
            if not self._running.done():
                log.warning("stopped_before_settled", seconds=self.settle_seconds)
                self._running.cancel()
            await self._ended(self._running)
        finally:
            stopping.cancel()
            self._running = None

    async def _ended(self, running: asyncio.Task[CycleResult]) -> None:
        try:
            result = await running
        except asyncio.CancelledError:
            if not self._stop.is_set():
                raise
            return
        log.info(
            "cycle_finished",
            cycle=result.id,
            exit_code=result.exit_code,
            writes=result.writes,
            held=sum(step.outcome.value == "held" for step in result.steps),
            quarantined=len(result.quarantined),
            failed_vendors=[vendor.name for vendor in result.vendors if vendor.snapshot != "complete"],
        )
        notify("WATCHDOG=1")
        if self.on_cycle is not None:
            self.on_cycle(result)

    async def _poll(self, vendor: str) -> None:
        self.nudge(vendor)

    async def _beat(self) -> None:
        """A sign of life: between cycles, or while a cycle goes on sending requests."""
        life = sum(vendor.traffic.requests for vendor in self.engine.vendors.values())
        if self._running is None or life != self._life:
            notify("WATCHDOG=1")
        self._life = life


def _poll_of(vendor: str) -> str:
    return f"poll {vendor}"


@contextlib.contextmanager
def _signals(
    stop: abc.Callable[[], None], hang_up: abc.Callable[[], None] = lambda: None, *, after: Handler | None = None
) -> abc.Iterator[None]:
    """Call `stop` in the loop at a SIGTERM, SIGINT or SIGQUIT, `hang_up` at a SIGHUP.

    Whatever comes after a stop, even after this, changes nothing. With `after`, that is told of the stop instead, and
    of all that come after this. The loop's own handlers would do, but for a moment at their end in which a signal
    kills.
    """
    loop = asyncio.get_running_loop()
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked |= number in _STOPS
        if after is not None and number in _STOPS:
            after(number, frame)

    def hear() -> None:
        numbers = set(heard.recv(4096))
        if numbers & set(_STOPS):
            stop()
        elif signal.SIGHUP in numbers:
            hang_up()

    heard, told = socket.socketpair()
    heard.setblocking(False)
    told.setblocking(False)
    waking = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    loop.add_reader(heard, hear)
    before = {number: signal.signal(number, ask) for number in (*_STOPS, signal.SIGHUP)}
    try:
        yield
    finally:
        loop.remove_reader(heard)
        signal.set_wakeup_fd(waking)
        heard.close()
        told.close()
        if not asked and after is None:
            for number, handler in before.items():
                signal.signal(number, handler)


async def once(engine: Engine, *, after: Handler | None = None, **options: object) -> CycleResult:
    """One cycle that a stop ends as it would end the daemon's: after the write in flight is settled.

    From its end on a stop is told to `after` alone: what was done is still to be reported. Raises
    asyncio.CancelledError where nothing was being written.
    """
    running: asyncio.Task[CycleResult] = asyncio.create_task(engine.cycle(**options))  # type: ignore[arg-type]
    loop = asyncio.get_running_loop()

    def stop() -> None:
        engine.stopping.set()
        if engine.writing:
            loop.call_later(SETTLE_SECONDS, running.cancel)
        else:
            running.cancel()

    with _signals(stop, after=after):
        return await running

"""When the daemon's jobs are due: by the loop's clock, which nobody sets. APScheduler runs them.

APScheduler's own triggers count by the wall clock:
    12:00 a job is due every two minutes; 12:01 somebody sets the clock back to 11:01
    12:02 the scheduler wakes, and it is 11:02: nothing is due before 12:02
    so nothing is polled for an hour, or until the watchdog ends the daemon
So each job is handed to it at its own time, as one that was due long ago.
"""

from __future__ import annotations

import asyncio
from collections import abc
from datetime import UTC, datetime
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

Job = abc.Callable[..., abc.Coroutine[Any, Any, None]]

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Due whatever the wall clock shows."""


class Rhythm:
    """Jobs that come round, each under a name of its own; for use within a running loop."""

    def __init__(self) -> None:
        options = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=options)
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def start(self) -> None:
        """Run from here on what is due."""
        self._scheduler.start()

    def stop(self) -> None:
        """Run nothing more."""
        self.drop(tuple(self._timers))
        self._scheduler.shutdown(wait=False)

    def every(self, seconds: float, name: str, job: Job, *args: object, after: float = 0.0) -> None:
        """Run a job every so many seconds, `after` so many for the first time; instead of the one of that name."""
        loop = asyncio.get_running_loop()
        self.drop([name])

        def come_round(due: float) -> None:
            self._scheduler.add_job(job, DateTrigger(_LONG_AGO), args, id=name, replace_existing=True)
            # What a stalled loop missed is not made up for: one run stands for all of it.
            missed = max(0, int((loop.time() - due) // seconds))
            following = due + (missed + 1) * seconds
            self._timers[name] = loop.call_at(following, come_round, following)

        first = loop.time() + after
        self._timers[name] = loop.call_at(first, come_round, first)

    def drop(self, names: abc.Iterable[str]) -> None:
        """These come round no more."""
        for name in names:
            timer = self._timers.pop(name, None)
            if timer is not None:
                timer.cancel()

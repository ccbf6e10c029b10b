"""How the ledger's calls to the store are run, each a short transaction: in a thread of their own,
or at once.
"""

from __future__ import annotations

import asyncio
import signal
from collections import abc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)


class Runner(Protocol):
    """What runs the ledger's calls, in the order in which they were asked for."""

    async def __call__(self, call: abc.Callable[[], Any], /) -> Any:
        """What the call returns. The call goes on where whoever asked for it is cancelled."""

    def close(self) -> None:
        """Return once no call is under way any more; may be called twice."""


def _one_thread() -> ThreadPoolExecutor:
    # A signal is the main thread's to hear: one that this thread took could come after its handlers
    # are gone. One thread, so that what was asked first is committed first.
    return ThreadPoolExecutor(1, "ledger", signal.pthread_sigmask, (signal.SIG_BLOCK, _SIGNALS))


@dataclass(frozen=True, slots=True)
class WriterThread:
    """Runs every call in one thread of its own."""

    _executor: ThreadPoolExecutor = field(default_factory=_one_thread)

    async def __call__(self, call: abc.Callable[[], Any], /) -> Any:
        """As `Runner`."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    def close(self) -> None:
        """As `Runner`."""
        self._executor.shutdown()


@dataclass(frozen=True, slots=True)
class _AtOnce:
    async def __call__(self, call: abc.Callable[[], Any], /) -> Any:
        return call()

    def close(self) -> None:
        pass


at_once = _AtOnce()
"""Runs every call in the caller's thread: for simulations."""

"""How the ledger's calls to the store are run, each a short transaction: in a thread of their own,
or at once.
"""

from __future__ import annotations

import asyncio
import signal
from collections import abc
from concurrent.futures import ThreadPoolExecutor
from typing import Any

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)

Runner = abc.Callable[[abc.Callable[[], Any]], abc.Awaitable[Any]]


def writer_thread() -> Runner:
    """Runs every call in one thread of its own, in order.

    A signal is the main thread's to hear: one that this thread took could come after its handlers
    are gone.
    """
    executor = ThreadPoolExecutor(1, "ledger", signal.pthread_sigmask, (signal.SIG_BLOCK, _SIGNALS))

    # One thread, so that what was asked first is committed first.
    async def run(call: abc.Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(executor, call)

    return run


async def at_once(call: abc.Callable[[], Any]) -> Any:
    """Runs every call in the caller's thread: for simulations."""
    return call()

"""Being asked to stop, by SIGTERM or SIGINT: heeded at whatever moment it comes, and once.

Loads nothing of syncd: it works before the rest is loaded, which takes most of a second.
"""

from __future__ import annotations

import signal
from collections import abc
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)

_asked = False


def hold() -> None:
    """Remember from here on that a stop was asked for, for `heed`."""
    _handle(_remember)


def interrupt() -> None:
    """Raise KeyboardInterrupt, and no second one."""
    _handle(_remember)
    raise KeyboardInterrupt


def heed(stop: abc.Callable[[], None] = interrupt) -> None:
    """From here on, being asked to stop calls `stop`, wherever the main thread is then.

    Calls it at once where a stop was asked for while that was held.
    """
    _handle(lambda _number, _frame: stop())
    if _asked:
        stop()


def end() -> None:
    """Go on to the end from here, whatever is asked."""
    _handle(_remember)
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # the interpreter takes handlers down before it has ended


def _handle(handler: signal._HANDLER) -> None:
    for number in SIGNALS:
        signal.signal(number, handler)


def _remember(_number: int, _frame: FrameType | None) -> None:
    global _asked  # noqa: PLW0603 - signals are the process's own, and so is what they asked for
    _asked = True

"""Being asked to stop, by SIGTERM, SIGINT or SIGQUIT: heeded at whatever moment it comes, and once.

No other signal that people send ends a run: SIGUSR1 and SIGUSR2 mean nothing, and SIGHUP is the daemon's own to hear
("read the configuration again"). Loads nothing of syncd: it works before the rest is loaded, which takes most of a
second.
"""

from __future__ import annotations

import signal
from collections import abc
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
_MEANINGLESS = (signal.SIGUSR1, signal.SIGUSR2)

_asked = False
_hung_up = False


def hold() -> None:
    """Remember from here on that a stop was asked for, for `heed`."""
    for number in _MEANINGLESS:
        signal.signal(number, signal.SIG_IGN)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup leaves it
        signal.signal(signal.SIGHUP, _remember_hangup)
    _handle(remember)


def interrupt() -> None:
    """Raise KeyboardInterrupt, and no second one."""
    _handle(remember)
    raise KeyboardInterrupt


def heed(stop: abc.Callable[[], None] = interrupt, *, hangup: bool = False) -> None:
    """From here on, being asked to stop calls `stop`, wherever the main thread is then.

    Calls it at once where a stop was asked for while that was held. With `hangup`, a terminal that is closed asks for
    it, too.
    """
    _handle(lambda _number, _frame: stop())
    if hangup and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda _number, _frame: stop())
    if _asked or (hangup and _hung_up):
        stop()


def asked() -> bool:
    """Whether a stop was asked for that has been remembered."""
    return _asked


def end() -> None:
    """Go on to the end from here, whatever is asked."""
    _handle(remember)
    # The interpreter takes handlers down before it has ended.
    signal.pthread_sigmask(signal.SIG_BLOCK, (*SIGNALS, signal.SIGHUP))


def _handle(handler: signal._HANDLER) -> None:
    for number in SIGNALS:
        signal.signal(number, handler)


def remember(_number: int, _frame: FrameType | None) -> None:
    """Remember that a stop was asked for."""
    global _asked  # noqa: PLW0603 - signals are the process's own, and so is what they asked for
    _asked = True


def _remember_hangup(_number: int, _frame: FrameType | None) -> None:
    global _hung_up  # noqa: PLW0603 - as above
    _hung_up = True

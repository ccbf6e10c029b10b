"""The store's own seconds: they never run backwards, whatever becomes of the system's clock, and go
on over restarts.

    12:00 a create gets no answer, and the process ends
    12:01 the system's clock is set back to 11:01, and the process starts again
By the system's clock the create would not have been sent yet. By these seconds it was sent a moment
ago: of the time between two processes as much counts as the system's clock shows, and nothing where
it shows less than none.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from datetime import datetime, timedelta

_EXACT = 1.0
_LEAP = 86400.0
_DRIFT = 0.001
"""A clock that is set by a server runs slower than the monotonic one by up to half a thousandth."""


@dataclass(slots=True)
class Ticks:
    """Counts seconds from where the last process left off. `monotonic` gives seconds from any
    origin.

    `leapt` says that in this process the system's clock was set ahead by more than a day, or stood
    still with the machine: nobody knows which.
    """

    clock: abc.Callable[[], datetime]
    monotonic: abc.Callable[[], float]
    leapt: bool = False
    _at: float = 0.0
    _wall: float | None = None
    _ran: float = 0.0

    def resume(self, left: str | None) -> bool:
        """Go on from what `left` said, or from the last call. Returns whether the system's clock
        was set back since.
        """
        wall, ran = self.clock().timestamp(), self.monotonic()
        # Within one process the monotonic clock says how much time has passed; between two, the
        # system's own does, as far as it goes forwards.
        if self._wall is not None:
            passed = ran - self._ran
            back = wall - self._wall < passed - _EXACT - _DRIFT * passed
            # 12:00 a cycle; 12:05 by the machine, and May of next year by the clock
            # Either the clock is wrong now, or it was before: nobody can tell by these alone.
            self.leapt |= wall - self._wall > passed + _LEAP
            at = self._at + max(passed, 0.0)
        else:
            before, then = (float(part) for part in left.split()) if left else (wall, wall)
            back = wall < then - _EXACT
            at = before + max(wall - then, 0.0)
        self._at, self._wall, self._ran = at, wall, ran
        return back

    def now(self) -> float:
        """The seconds now. `resume` was called before."""
        assert self._wall is not None
        return self._at + max(self.monotonic() - self._ran, 0.0)

    def moment(self, sent: float) -> datetime:
        """When that was, as the system's clock counts now."""
        return self.clock() - timedelta(seconds=max(self.now() - sent, 0.0))

    def left(self) -> str:
        """What another process needs to go on."""
        # As Python writes a number, so that it comes back to the last digit.
        return f"{self.now()!r} {self.clock().timestamp()!r}"

"""How far a vendor's clock is ahead of syncd's, narrowed down answer by answer. What follows is the engine's."""

from __future__ import annotations

from datetime import datetime, timedelta

_FURTHEST = timedelta(days=1)
"""No clock of a server is further off; a Date that is was made up on the way, or is broken."""


class ClockOffset:
    """Seconds by which a vendor's clock is ahead, from its Date headers.

    A Date has whole seconds and is made at some moment between sending and receiving, so that one answer gives a range;
    the ranges of several answers are intersected. An answer outside of the range starts a new one: a clock was set. A
    Date that is more than a day off tells nothing.
    """

    def __init__(self) -> None:
        self._range: tuple[float, float] | None = None

    def learn(self, date: datetime, sent: datetime, received: datetime) -> None:
        """Take in one answer: its Date, and when it was asked for and received on syncd's clock."""
        if not -_FURTHEST < date - received < _FURTHEST:
            return
        low = (date - received).total_seconds()
        high = (date - sent).total_seconds() + 1.0
        if self._range is not None:
            narrowed = max(low, self._range[0]), min(high, self._range[1])
            if narrowed[0] <= narrowed[1]:
                low, high = narrowed
        self._range = (low, high)

    @property
    def seconds(self) -> float | None:
        """The middle of the range; 0 where the range allows that the clocks agree; None without any Date."""
        if self._range is None:
            return None
        low, high = self._range
        return 0.0 if low <= 0.0 <= high else (low + high) / 2

"""A vendor's rate limit, by a clock that is passed in."""

from collections import deque
from datetime import datetime, timedelta


class RateWindow:
    """At most `limit` requests in `seconds`: over the last seconds, or in windows that begin with a first request."""

    def __init__(self, limit: int, seconds: float, *, slides: bool) -> None:
        self.limit = limit
        self._length = timedelta(seconds=seconds)
        self._slides = slides
        self._taken: deque[datetime] = deque()

    def admits(self, now: datetime) -> bool:
        """Whether one more request is allowed; if so, it is counted. A refused one does not count."""
        self._forget(now)
        if len(self._taken) >= self.limit:
            return False
        self._taken.append(now)
        return True

    def remaining(self, now: datetime) -> int:
        """How many more are allowed at this moment."""
        self._forget(now)
        return self.limit - len(self._taken)

    def resets_in(self, now: datetime) -> float:
        """Seconds until the window begins afresh; if it slides, until one more is allowed. 0 when it is empty."""
        self._forget(now)
        return (self._taken[0] + self._length - now).total_seconds() if self._taken else 0.0

    def _forget(self, now: datetime) -> None:
        if self._slides:
            while self._taken and self._taken[0] + self._length <= now:
                self._taken.popleft()
        elif self._taken and self._taken[0] + self._length <= now:
            self._taken.clear()

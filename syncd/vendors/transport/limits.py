"""Rate limits: when the next request to a host may go.

It decides how long to wait and what is kept free for the urgent. Time is a number that it is given, and nothing here
sleeps: the transport does.
"""

from __future__ import annotations

import bisect
import math
from collections import abc

from pyrate_limiter import InMemoryBucket, Rate, RateItem

_MARGIN_MS = 50
"""Added to the vendor's interval: requests may arrive closer together than they were sent."""
_LONGEST_PAUSE = 900.0
"""Seconds: the most that one answer may keep us from asking again."""
_RESERVED_SHARE = 10
"""One request in so many is kept for writes and the reads that they need."""


class _Window:
    """The requests of the last interval, of which there may be `limit`. Times are in milliseconds."""

    def __init__(self, limit: int, interval_ms: int) -> None:
        self._limit = limit
        self._interval_ms = interval_ms
        self._bucket = InMemoryBucket([Rate(limit, interval_ms)])

    def take(self, now_ms: int) -> None:
        """Count one request."""
        self._bucket.put(RateItem("request", now_ms))

    def count(self, now_ms: int) -> int:
        """How many there are."""
        self._bucket.leak(now_ms)
        return self._bucket.count()

    def wait(self, now_ms: int) -> float:
        """Seconds until there is room for one more."""
        blocking = self._bucket.peek(self._limit - 1) if self.count(now_ms) >= self._limit else None
        return 0.0 if blocking is None else (blocking.timestamp + self._interval_ms + 1 - now_ms) / 1000

    def room(self, now_ms: int, later_ms: int) -> int:
        """How many more there may be at a later time, if none is sent until then."""
        self._bucket.leak(now_ms)
        items = self._bucket.items
        gone = bisect.bisect_left(items, later_ms - self._interval_ms, key=lambda item: item.timestamp)
        return self._limit - (len(items) - gone)


class Limiter:
    """One host's rate: requests per seconds, in a sliding window, shared by every vendor of that host.

    `seconds` is the time in seconds from any origin. Beside its own count it obeys what the host says of itself:
    a pause (429), and how many requests it has left. A share is kept for the urgent; what they use of it is theirs, and
    holds up no others.
    """

    def __init__(self, rate: tuple[int, float], seconds: abc.Callable[[], float]) -> None:
        self.rate = rate
        self._seconds = seconds
        self._reserve = rate[0] // _RESERVED_SHARE
        self._interval_ms = round(rate[1] * 1000) + _MARGIN_MS
        self._all = _Window(rate[0], self._interval_ms)
        self._ordinary = _Window(rate[0] - self._reserve, self._interval_ms)
        self._latest_ms = 0
        self._paused_until = float("-inf")
        self._left = rate[0]
        self._left_until = float("-inf")

    def wait(self, *, urgent: bool = False) -> float:
        """Seconds until a request may go; 0 means now. Without `urgent`, a share of the rate is left free."""
        now_ms = self._now_ms()
        now = now_ms / 1000
        waits = [self._paused_until - now, self._all.wait(now_ms)]
        if not urgent:
            waits.append(self._ordinary.wait(now_ms))
        if self._left <= (0 if urgent else self._kept(now_ms)):
            waits.append(self._left_until - now)
        return max(0.0, *waits)

    def take(self, *, urgent: bool = False) -> None:
        """Count one request as sent now."""
        now_ms = self._now_ms()
        self._all.take(now_ms)
        if not urgent:
            self._ordinary.take(now_ms)
        self._left -= 1

    def spare(self, cost: int = 0, every: float = math.inf) -> int:
        """Requests that may go right now, leaving the reserve free.

        And so that from now on `cost` requests every `every` seconds still find room, as those before them run out.
        """
        now_ms = self._now_ms()
        now = now_ms / 1000
        if self._paused_until > now:
            return 0
        rooms = [
            window.room(now_ms, now_ms + round(times * every * 1000) if times else now_ms) - times * cost
            for times in range(_times(self._interval_ms / 1000, every) + 1)
            for window in (self._all, self._ordinary)
        ]
        if self._left_until > now:
            rooms.append(self._left - self._kept(now_ms) - cost * _times(self._left_until - now, every))
        return max(0, min(rooms))

    def pause(self, seconds: float) -> None:
        """The host asked to be left alone for that long (at most 15 minutes are obeyed)."""
        self._paused_until = max(self._paused_until, self._seconds() + min(seconds, _LONGEST_PAUSE))

    def told(self, left: int, reset: float) -> None:
        """The host said how many requests it still takes, and in how many seconds it takes more."""
        self._left = left
        self._left_until = self._seconds() + min(reset, _LONGEST_PAUSE)

    def _kept(self, now_ms: int) -> int:
        """What is left of the reserve."""
        urgent = self._all.count(now_ms) - self._ordinary.count(now_ms)
        return max(0, self._reserve - urgent)

    def _now_ms(self) -> int:
        # The window is searched by time, so time must not run backwards in it.
        self._latest_ms = max(self._latest_ms, int(self._seconds() * 1000))
        return self._latest_ms


def _times(within: float, every: float) -> int:
    """How often something happens in so many seconds from now."""
    return int(within // every) if 0 < every < math.inf else 0


class Limits:
    """The limiters of all hosts, by host (with its port) and rate. One instance serves a whole process."""

    def __init__(self) -> None:
        self._limiters: dict[tuple[str, tuple[int, float]], Limiter] = {}

    def limiter(self, host: str, rate: tuple[int, float], seconds: abc.Callable[[], float]) -> Limiter:
        """The limiter of a host; made with the clock `seconds` when it is first asked for."""
        key = (host.lower(), rate)
        if key not in self._limiters:
            self._limiters[key] = Limiter(rate, seconds)
        return self._limiters[key]

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


class Limiter:
    """One host's rate: requests per seconds, in a sliding window, shared by every vendor of that host.

    `seconds` is the time in seconds from any origin. Beside its own count it obeys what the host says of itself:
    a pause (429), and how many requests it has left.
    """

    def __init__(self, rate: tuple[int, float], seconds: abc.Callable[[], float]) -> None:
        self.rate = rate
        self._seconds = seconds
        self._interval_ms = round(rate[1] * 1000) + _MARGIN_MS
        self._bucket = InMemoryBucket([Rate(rate[0], self._interval_ms)])
        self._reserve = rate[0] // _RESERVED_SHARE
        self._latest_ms = 0
        self._paused_until = float("-inf")
        self._left = rate[0]
        self._left_until = float("-inf")

    def wait(self, *, urgent: bool = False) -> float:
        """Seconds until a request may go; 0 means now. Without `urgent`, a share of the rate is left free."""
        reserve = 0 if urgent else self._reserve
        now_ms = self._now_ms()
        now = now_ms / 1000
        waits = [self._paused_until - now]
        if self._left <= reserve:
            waits.append(self._left_until - now)
        if self._room(now_ms) <= reserve:
            blocking = self._bucket.peek(self.rate[0] - reserve - 1)
            if blocking is not None:
                waits.append((blocking.timestamp + self._interval_ms + 1 - now_ms) / 1000)
        return max(0.0, *waits)

    def take(self) -> None:
        """Count one request as sent now."""
        self._bucket.put(RateItem("request", self._now_ms()))
        self._left -= 1

    def spare(self, cost: int = 0, every: float = math.inf) -> int:
        """Requests that may go right now, leaving the reserve free.

        And so that from now on `cost` requests every `every` seconds still find room, as those before them run out.
        """
        now_ms = self._now_ms()
        now = now_ms / 1000
        if self._paused_until > now:
            return 0
        room = self._room(now_ms)
        for times in range(1, _times(self._interval_ms / 1000, every) + 1):
            counted = self._counted_at(now_ms + round(times * every * 1000))
            room = min(room, self.rate[0] - counted - times * cost)
        if self._left_until > now:
            room = min(room, self._left - cost * _times(self._left_until - now, every))
        return max(0, room - self._reserve)

    def pause(self, seconds: float) -> None:
        """The host asked to be left alone for that long (at most 15 minutes are obeyed)."""
        self._paused_until = max(self._paused_until, self._seconds() + min(seconds, _LONGEST_PAUSE))

    def told(self, left: int, reset: float) -> None:
        """The host said how many requests it still takes, and in how many seconds it takes more."""
        self._left = left
        self._left_until = self._seconds() + min(reset, _LONGEST_PAUSE)

    def _room(self, now_ms: int) -> int:
        self._bucket.leak(now_ms)
        return self.rate[0] - self._bucket.count()

    def _counted_at(self, later_ms: int) -> int:
        """How many of the requests that are counted now will still be counted then."""
        items = self._bucket.items
        return len(items) - bisect.bisect_left(items, later_ms - self._interval_ms, key=lambda item: item.timestamp)

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

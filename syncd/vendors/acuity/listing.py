"""Reading every appointment of a stretch of days, whichever way Acuity pages.

Its documents disagree, so each request carries both ways: the vendor's (`max` rows in one answer, no pages) and the
reference's (`limit` rows a page, `max` rows in all pages together). This module decides from the answers alone when
all was read. What a row is, and the request itself, are the client's.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from syncd.model.errors import Unreadable
from syncd.model.times import Window
from syncd.vendors.port import Page, Row

PAGE = 200
"""Rows a page that are asked for: the most by the reference."""
DEFAULT_PAGE = 20
"""Rows a page of a server that pages and ignores `limit`."""
MOST = 9_999
"""Rows in all that are asked for. No limit is documented; so many still fit well into one answer."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """A stretch of calendar days, both ends included."""

    first: date
    last: date

    @classmethod
    def around(cls, window: Window) -> Days:
        """The days that a window can touch in any time zone: which zones the calendars have is not known before."""
        return cls(window.since.astimezone(UTC).date() - _DAY, window.until.astimezone(UTC).date() + _DAY)

    def halves(self) -> tuple[Days, ...]:
        """The two halves of the stretch; nothing for a single day."""
        if self.first == self.last:
            return ()
        middle = self.first + (self.last - self.first) // 2
        return Days(self.first, middle), Days(middle + _DAY, self.last)


@dataclass(frozen=True, slots=True)
class Slice:
    """One answer to a list request, `count` rows in all.

    `rows` are those of our calendars, `ids` those of every row, `nameless` the fingerprints of rows without an id.
    """

    rows: tuple[Row, ...]
    ids: frozenset[str]
    count: int
    nameless: tuple[bytes, ...] = ()


Fetch = abc.Callable[[Days, int], abc.Awaitable[Slice]]
"""Asks for a page (from 1) of the appointments on some days."""


class Listing:
    """One reading of a vendor's appointments."""

    def __init__(self, vendor: str, fetch: Fetch) -> None:
        self._vendor = vendor
        self._fetch = fetch
        self._given: set[tuple[str, bytes]] = set()
        self._doubtful: list[date] = []

    async def pages(self, days: Days) -> abc.AsyncIterator[Page]:
        """Every row of these days. A stretch that was cut off, or moved while it was read, is read again in halves.

        Raises `Unreadable` after all else was given if a single day could not be read whole.
        """
        waiting = [days]
        while waiting:
            stretch = waiting.pop()
            reading = _Reading()
            while not reading.ended:
                part = await self._fetch(stretch, reading.pages + 1)
                reading.take(part)
                yield self._page(part)
            if reading.doubtful:
                halves = stretch.halves()
                waiting.extend(reversed(halves))
                if not halves:
                    self._doubtful.append(stretch.first)
        if self._doubtful:
            shown = ", ".join(str(day) for day in self._doubtful[:3])
            raise Unreadable(
                self._vendor,
                f"{self._vendor}: the appointments of {shown} could not be listed whole ({MOST} or more on one day, or "
                "they changed while they were read); name fewer calendars in calendar_ids if this stays so",
            )

    def _page(self, part: Slice) -> Page:
        rows = tuple(row for row in part.rows if self._new(row.remote_id, row.fingerprint))
        nameless = sum(self._new("", fingerprint) for fingerprint in part.nameless)
        return Page(rows=rows, unidentified=("an appointment shows no `id`",) * nameless)

    def _new(self, remote_id: str, fingerprint: bytes) -> bool:
        given = (remote_id, fingerprint) in self._given
        self._given.add((remote_id, fingerprint))
        return not given


class _Reading:
    """What the pages of one stretch have shown so far: whether more follow, and whether some may be missing."""

    def __init__(self) -> None:
        self.pages = 0
        self.ended = False
        self._ids: set[str] = set()
        self._size = 0
        self._total = 0
        self._moved = False

    @property
    def doubtful(self) -> bool:
        """Whether there may be rows that no page showed."""
        return self._moved or self._total >= MOST

    def take(self, part: Slice) -> None:
        """Judge one more page. A page that brings nothing new ends the reading, and so does a short one."""
        self.pages += 1
        fresh = part.ids - self._ids
        if self.pages == 1:
            self._size = part.count
            full = part.count in (DEFAULT_PAGE, PAGE)  # more than a page: the server does not page at all
        elif not fresh:
            self.ended = True
            return
        else:
            full = part.count == self._size
            self._moved = self._moved or fresh != part.ids
        self._ids |= part.ids
        self._total += part.count
        self.ended = not full or self._total >= MOST

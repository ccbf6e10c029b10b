"""Reading every appointment of a stretch of days, whichever way Acuity pages.

Its documents disagree, so each request carries both ways: the vendor's (`max` rows in one answer, no pages) and the
reference's (`limit` rows a page, `max` rows in all pages together). This module decides from the answers alone when
all was read. What a row is, and the request itself, are the client's.

Nothing in an answer says whether it was cut, and a limit is a round number. So a listing of a round number of rows is
read once more in two halves:
    149 rows: all there is;
    150 rows: 80 and 70 in the halves: all there is, for two requests more;
    100 rows: 50 and 100 in the halves: it was cut at 100, and the second half may be: it is read in halves in turn.
A half that brings fewer rows than the whole did is no longer than a limit at that number lets through.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
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

_ROUND, _LEAST = 50, 100
"""A listing may have been cut at a multiple of the first, from the second on (field-notes)."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """A stretch of calendar days, both ends included. `newest` asks for the latest appointment first.

    `limit` is the number of rows at which an answer that holds this stretch may have been cut; None: any round one.
    """

    first: date
    last: date
    newest: bool = False
    limit: int | None = None

    @classmethod
    def around(cls, window: Window) -> Days:
        """The days that a window can touch in any time zone: which zones the calendars have is not known before."""
        return cls(window.since.astimezone(UTC).date() - _DAY, window.until.astimezone(UTC).date() + _DAY)

    def halves(self, at: date | None = None) -> tuple[Days, ...]:
        """The two parts before and from `at`, by default the middle; nothing for a single day."""
        if self.first == self.last:
            return ()
        middle = self.first + (self.last - self.first) // 2 + _DAY if at is None else at
        second = min(max(middle, self.first + _DAY), self.last)
        return replace(self, last=second - _DAY), replace(self, first=second)


@dataclass(frozen=True, slots=True)
class Slice:
    """One answer to a list request, `count` rows in all.

    `rows` are those of our calendars, `ids` those of every row, `nameless` the fingerprints of rows without an id.
    `days` are the days (`2026-07-15`) of all rows that show one, on the clocks of their calendars.
    """

    rows: tuple[Row, ...]
    ids: frozenset[str]
    count: int
    nameless: tuple[bytes, ...] = ()
    days: tuple[str, ...] = ()


Fetch = abc.Callable[[Days, int], abc.Awaitable[Slice]]
"""Asks for a page (from 1) of the appointments on some days."""


class Listing:
    """One reading of a vendor's appointments."""

    def __init__(self, vendor: str, fetch: Fetch) -> None:
        self._vendor = vendor
        self._fetch = fetch
        self._given: set[tuple[str, bytes]] = set()
        self._doubtful: list[date] = []
        self._shown: set[str] = set()

    async def pages(self, days: Days) -> abc.AsyncIterator[Page]:
        """Every row of these days. A stretch that was cut off, or moved while it was read, is read again in halves.

        Raises `Unreadable` after all else was given if a single day could not be read whole.
        """
        waiting = [days]
        while waiting:
            stretch = waiting.pop()
            reading = _Reading(stretch)
            while not reading.ended:
                part = await self._fetch(stretch, reading.pages + 1)
                reading.take(part)
                page = self._page(part)
                del part
                yield page
                del page
            if stretch.newest:
                self._doubtful += [] if reading.same_as(self._shown) else [stretch.first]
            elif reading.doubtful or reading.round:
                waiting.extend(reversed(self._once_more(stretch, reading)))
        if self._doubtful:
            shown = ", ".join(str(day) for day in self._doubtful[:3])
            raise Unreadable(
                self._vendor,
                f"{self._vendor}: the appointments of {shown} could not be listed whole (too many on one day, or they "
                "changed while they were read); name fewer calendars in calendar_ids if this stays so",
            )

    def _once_more(self, stretch: Days, reading: _Reading) -> tuple[Days, ...]:
        """What to read again. A single day that may have been cut is read from its other end.

        It shows the same rows then, or it was.
        """
        limit, middle = (stretch.limit, None) if reading.doubtful else (reading.total, reading.middle)
        if halves := replace(stretch, limit=limit).halves(middle):
            return halves
        if reading.doubtful:
            self._doubtful.append(stretch.first)
            return ()
        self._shown = reading.ids
        return (replace(stretch, newest=True),)

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

    def __init__(self, stretch: Days) -> None:
        self.pages = 0
        self.ended = False
        self.ids: set[str] = set()
        self.total = 0
        self._limit = stretch.limit
        self._days: list[str] = []
        self._size = 0
        self._moved = False

    @property
    def doubtful(self) -> bool:
        """Whether there may be rows that no page showed, and more than any limit had to do with it."""
        return self._moved or self.total >= MOST

    @property
    def round(self) -> bool:
        """Whether it may have been cut without a word."""
        if self._limit is not None:
            return self.total >= self._limit
        return self.total >= _LEAST and self.total % _ROUND == 0

    @property
    def middle(self) -> date | None:
        """The day by which its rows fall into two halves; None where they do not say."""
        days = sorted(self._days)
        try:
            middle = date.fromisoformat(days[len(days) // 2])
            return middle + _DAY if days[0] == days[len(days) // 2] else middle
        except (IndexError, ValueError, OverflowError):
            return None

    def same_as(self, shown: set[str]) -> bool:
        """Whether it showed these rows and no other."""
        return not self.doubtful and self.ids == shown

    def take(self, part: Slice) -> None:
        """Judge one more page. A page that brings nothing new ends the reading, and so does a short one."""
        self.pages += 1
        fresh = part.ids - self.ids
        if self.pages == 1:
            self._size = part.count
            full = part.count in (DEFAULT_PAGE, PAGE)  # more than a page: the server does not page at all
        elif not fresh:
            self.ended = True
            return
        else:
            full = part.count == self._size
            self._moved = self._moved or fresh != part.ids
        self.ids |= part.ids
        self.total += part.count
        self._days += part.days
        self.ended = not full or self.total >= MOST

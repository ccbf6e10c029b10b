"""How one stretch of days is listed at an Amelia site: in pages where its build honours their size, else in one answer.

Unpaged, a listing costs rows in the window times bookings ever made; in pages of 500 by id it is cheap on the builds
that honour `limit` (amelia-measured). Older ones ignore it and give pages of their own size. Which it is, the answers
alone decide: a first page that is short although there are more. Pages that do not add up to their total moved while
they were read, so that a row may be missing: then the stretch is read again in one answer.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from syncd.vendors.amelia.client import PAGE, Amelia, Listed
from syncd.vendors.port import Page

_AGAIN = timedelta(days=1)
"""So long a site that ignores the size of pages is not asked for pages: the plugin may have been updated by then."""


class Paging:
    """The listings of one site."""

    def __init__(self, client: Amelia, clock: abc.Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self._unpaged_since: datetime | None = None

    @property
    def kept(self) -> float | None:
        """When it last ignored the size of a page, in seconds since 1970; None: it never did."""
        return None if self._unpaged_since is None else self._unpaged_since.timestamp()

    def recall(self, kept: float | None) -> None:
        """Take in what `kept` was in an earlier process."""
        self._unpaged_since = None if kept is None else datetime.fromtimestamp(kept, UTC)

    async def pages(self, first: date, last: date) -> abc.AsyncIterator[Page]:
        """Every appointment that starts on these days, both included. Rows may come twice."""
        since = self._unpaged_since
        if since is None or not timedelta(0) <= self._clock() - since < _AGAIN:
            self._unpaged_since = None
            reading = _Reading()
            while reading.goes_on:
                part = await self._client.appointments(first, last, page=reading.number)
                yield part.page
                reading.take(part)
            if reading.whole:
                return
            if reading.ignored:
                self._unpaged_since = self._clock()
        yield (await self._client.appointments(first, last)).page


@dataclass(slots=True)
class _Reading:
    """What the pages of one stretch have shown so far.

    `whole`: every row was given. `ignored`: the build has pages of its own size, or says no total to hold them against.
    """

    number: int = 1
    goes_on: bool = True
    whole: bool = False
    ignored: bool = False
    _ids: set[str] = field(default_factory=set)
    _nameless: int = 0
    _total: int | None = None

    def take(self, part: Listed) -> None:
        """Judge one more page. A total that changes, or that the pages do not come to, says that rows moved."""
        count = len(part.page.rows) + len(part.page.unidentified)
        fresh = {row.remote_id for row in part.page.rows} - self._ids
        self._ids |= fresh
        self._nameless += len(part.page.unidentified)
        held, first = len(self._ids) + self._nameless, self.number == 1
        self._total = part.total if first else self._total
        self.number += 1
        self.goes_on = False
        if first and (count == 0 or part.total is None):
            self.whole, self.ignored = count == 0 and not part.total, count > 0
        elif held == part.total == self._total:
            self.whole = True
        elif first and count < PAGE:
            self.ignored = True
        else:
            self.goes_on = count == PAGE and bool(fresh) and part.total == self._total

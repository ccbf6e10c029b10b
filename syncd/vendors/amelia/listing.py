"""How one stretch of days is listed at an Amelia site: in pages where its build honours their size,
else in one answer.

Unpaged, a listing costs rows in the window times bookings ever made; in pages of 500 by id it is
cheap on the builds that honour `limit` (amelia-measured). Older ones ignore it and give pages of
their own size. Which it is, the answers alone decide: a first page that is short although there are
more. Pages that do not add up to their total moved while they were read, so that a row may be
missing: then the stretch is read again in one answer. (One row that leaves and another that comes
between two pages make up for each other; a mapped record that is skipped so is asked for by id.)
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from datetime import date, datetime

from syncd.vendors.amelia.client import PAGE, ApiClient, Listed
from syncd.vendors.port import Page

_AGAIN = 86400.0
"""Seconds for which a site that ignores their size is not asked for pages; until an update, perhaps."""


class Listing:
    """The listings of one site."""

    def __init__(self, client: ApiClient, clock: abc.Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self.unpaged: float | None = None
        """When it last ignored the size of a page, in seconds since 1970; None: it never did."""

    async def pages(self, first: date, last: date) -> abc.AsyncIterator[Page]:
        """Every appointment that starts on these days, both included. Rows may come twice."""
        now = self._clock().timestamp()
        if self.unpaged is None or not 0 <= now - self.unpaged < _AGAIN:
            self.unpaged = None
            reading = _Reading()
            while reading.goes_on:
                part = await self._client.page(first, last, reading.number)
                reading.take(part)
                for some in part.rows.pages(PAGE):
                    yield some
                    del some
                del part
            if reading.whole:
                return
            if reading.ignored:
                self.unpaged = now
        whole = await self._client.page(first, last)
        for some in whole.rows.pages(PAGE):
            yield some
            del some


@dataclass(slots=True)
class _Reading:
    """What the pages of one stretch have shown so far.

    `whole`: every row was given. `ignored`: the build has pages of its own size, or says no total
    to hold them against.
    """

    number: int = 1
    goes_on: bool = True
    whole: bool = False
    ignored: bool = False
    _ids: set[str] = field(default_factory=set)
    _nameless: int = 0
    _total: int | None = None

    def take(self, part: Listed) -> None:
        """Judge one more page. Pages that do not come to one and the same total moved meanwhile."""
        count = part.rows.count
        fresh = {remote_id for remote_id, _ in part.rows.found} - self._ids
        self._ids |= fresh
        self._nameless += len(part.rows.unidentified)
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

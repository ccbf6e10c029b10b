"""Every appointment of ActuallyCare, page by page, and the proof that these were all.

Neither the order of a listing nor the meaning of its date filter is known (field-notes), and pages shift while people
work. So every page is read, rows are counted by their ids, and the vendor's own total must agree and stand still.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field

from syncd.model.errors import Unreadable
from syncd.vendors.actuallycare.client import ApiClient, ListPage, client_of, row_id
from syncd.vendors.actuallycare.people import People
from syncd.vendors.port import Page, Row

_PASSES = 2


@dataclass(slots=True)
class _Count:
    """What one pass through the pages has brought so far."""

    ids: set[str] = field(default_factory=set)
    nameless: int = 0
    total: int | None = None
    moved: bool = False
    more: bool | None = None
    grew: bool = True

    def take(self, page: ListPage, rows: list[Row]) -> None:
        before = self.found
        self.ids.update(row.remote_id for row in rows)
        self.nameless += len(page.rows) - len(rows)
        self.moved = self.moved or self.total not in (None, page.total)
        self.total, self.more = page.total, page.more
        self.grew = self.found > before

    @property
    def found(self) -> int:
        return len(self.ids) + self.nameless

    @property
    def goes_on(self) -> bool:
        lacking = (self.total or 0) - self.found
        return self.grew and (lacking > 0 or (lacking == 0 and self.more is True))

    @property
    def whole(self) -> bool:
        return self.found == self.total and not self.moved and self.more is not True


class Listing:
    """The listings of one account, by its configured name. `people` learn whom the rows of a whole one name."""

    def __init__(self, vendor: str, client: ApiClient, people: People) -> None:
        self._vendor = vendor
        self._client = client
        self._people = people

    async def pages(self) -> abc.AsyncIterator[Page]:
        """All rows. A listing that moved while it was read is read once more; rows already given are not given again.

        Raises `Unreadable` when the rows and the vendor's total still disagree: half a listing.
        """
        given: dict[str, bytes] = {}
        count = _Count()
        for _ in range(_PASSES):
            count, named = _Count(), set[str]()
            number = 0
            while number == 0 or count.goes_on:
                number += 1
                page = await self._client.page(number)
                rows = self._rows(page)
                named |= {key for row in rows if (key := client_of(row.raw))}
                count.take(page, rows)
                fresh = tuple(row for row in rows if given.get(row.remote_id) != row.fingerprint)
                given.update((row.remote_id, row.fingerprint) for row in fresh)
                unidentified = ("a row of the listing has no id",) * (len(page.rows) - len(rows))
                del page, rows
                yield Page(rows=fresh, unidentified=unidentified)
                del fresh
            if count.whole:
                self._people.listed(named)
                return
        counted = f"{count.total}{', which moved meanwhile' if count.moved else ''}"
        reason = f"half a listing: {count.found} rows, where the vendor counts {counted}; it is tried again later"
        raise Unreadable(self._vendor, f"{self._vendor}: GET /appointments: {reason}")

    def _rows(self, page: ListPage) -> list[Row]:
        identified = ((row_id(raw), raw) for raw in page.rows)
        beside = self._people.beside
        return [Row.of(name, raw, beside(client_of(raw))) for name, raw in identified if name is not None]

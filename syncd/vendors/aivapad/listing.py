"""Every appointment of Aivapad in one listing, and the doubt whether these were all.

No paging is documented. Should the API ever page, that is said, rather than taking the first page for everything
(field-notes): the rest would look deleted.
"""

from __future__ import annotations

from typing import Any

import msgspec

from syncd.model.errors import Unreadable
from syncd.vendors.aivapad.answers import Keys
from syncd.vendors.aivapad.client import ApiClient
from syncd.vendors.aivapad.schemas import plain, row_id
from syncd.vendors.payloads import unpack
from syncd.vendors.port import Page, Row

_NESTED = ("meta", "pagination", "paging", "pageInfo")
_MORE = ("hasMore", "hasNext", "hasNextPage", "next", "nextPage", "nextCursor", "cursor")
_TOTALS = ("total", "totalCount", "totalItems", "count")
_PAGES = ("totalPages", "pages", "pageCount", "lastPage")
_SIZES = ("limit", "pageSize", "perPage", "per_page")


class Listing:
    """The listing of one account; `vendor` is its configured name."""

    def __init__(self, vendor: str, client: ApiClient) -> None:
        self._vendor = vendor
        self._client = client

    async def page(self) -> Page:
        """All rows. Raises `Unreadable` where the answer is no list, or says that there are more than it shows."""
        data = await self._client.page()
        found = unpack(data.raw, list[msgspec.Raw])
        if found is None:
            raise self._unreadable("the listing is not a list of appointments")
        rows = tuple(Row.of(name, bytes(raw)) for raw in found if (name := row_id(raw)) is not None)
        nameless = len(found) - len(rows)
        doubt = _doubt(_said(data.beside), len({row.remote_id for row in rows}) + nameless)
        if doubt is not None:
            raise self._unreadable(f"half a listing: {doubt}, and paging is not documented for Aivapad")
        return Page(rows=rows, unidentified=("a row of the listing has no id",) * nameless)

    def _unreadable(self, what: str) -> Unreadable:
        return Unreadable(self._vendor, f"{self._vendor}: GET /appointments: {what}; nothing is concluded from it")


def _said(beside: Keys) -> dict[str, Any]:
    """What the vendor says beside the rows, with what stands in a table of its own lifted."""
    said: dict[str, Any] = {}
    for key, raw in beside.items():
        inner = unpack(raw, Keys) if key in _NESTED else None
        for name, value in ({key: raw} if inner is None else inner).items():
            said[name] = plain(value)
    return said


def _doubt(said: dict[str, Any], shown: int) -> str | None:
    """Why these may not be all rows; None where nothing says so."""
    for key in _MORE:
        if said.get(key) not in (None, False, "", 0, "false", {}, []):
            return f"its {key} says that there are more rows"
    for key in _TOTALS:
        total = _number(said.get(key))
        if total is not None and total != shown:
            return f"its {key} is {total}, and it shows {shown} rows"
    for key in _PAGES:
        pages = _number(said.get(key))
        if pages is not None and pages > 1:
            return f"its {key} is {pages}"
    page = _number(said.get("page"))
    if page is not None and (page > 1 or any(_number(said.get(key)) == shown for key in _SIZES)):
        return f"it is page {page}, and full"
    return None


def _number(value: Any) -> int | None:
    if isinstance(value, bool) or not str(value).isdecimal() or len(str(value)) > 18:
        return None
    return int(value)

"""ActuallyCare's endpoints as typed calls: bytes of rows in and out, every failure as an error of the model.

It decides nothing about appointments; `codec` reads the rows, `listing` judges whether they are all.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from syncd.model.errors import Unreadable
from syncd.vendors.actuallycare.schemas import Body, Identity, ListData, unpack
from syncd.vendors.actuallycare.verdicts import Failure, data_of
from syncd.vendors.port import Uncertain
from syncd.vendors.transport import Answer, Transport

_COLLECTION = "/appointments"
PAGE_SIZE = 100
"""The most rows that a page may have (reference)."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the listing: its rows as JSON, and what the vendor says of the whole."""

    rows: tuple[bytes, ...]
    total: int
    more: bool | None


class Client:
    """The appointment endpoints under one key.

    Reads raise `Unreachable`, `BudgetSpent`, `Misconfigured` or `Unreadable`; writes also `Refused` and `Stale`, and
    answer `Uncertain` where nobody can tell.
    """

    def __init__(self, vendor: str, transport: Transport) -> None:
        self._vendor = vendor
        self._transport = transport

    async def page(self, number: int, size: int = PAGE_SIZE) -> ListPage:
        """One page, counted from 1. No filter is sent: what `start_date` means is not known."""
        answer = await self._transport.read("GET", _COLLECTION, params={"page": number, "limit": size})
        found = self._data(answer, f"GET {_COLLECTION}")
        data = unpack(found, ListData)
        if data is None or data.meta.total < 0:
            raise self._unreadable(f"GET {_COLLECTION}", "the listing has not the form of one")
        more = data.meta.hasMore
        if more is None and data.meta.totalPages is not None:
            more = number < data.meta.totalPages
        return ListPage(tuple(bytes(row) for row in data.appointments), data.meta.total, more)

    async def get(self, remote_id: str) -> bytes | None:
        """One record; None for the vendor's own "not found"."""
        path = _path(remote_id)
        answer = await self._transport.read("GET", path, urgent=True)
        found = data_of(answer)
        if isinstance(found, Failure) and found.not_found:
            return None
        row = self._data(answer, f"GET {path}")
        if not _is(row, remote_id):
            raise self._unreadable(f"GET {path}", "the answer is not the record that was asked for")
        return row

    async def create(self, body: Body) -> bytes | Uncertain:
        """Make a record; its row as far as the vendor shows it."""
        answer = await self._transport.write("POST", _COLLECTION, json=body)
        return self._written(answer, f"POST {_COLLECTION}")

    async def update(self, remote_id: str, body: Body) -> bytes | Uncertain:
        """Change a record; its row afterwards."""
        path = _path(remote_id)
        answer = await self._transport.write("PUT", path, json=body)
        return self._written(answer, f"PUT {path}", updated=remote_id)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    def _data(self, answer: Answer, request: str) -> bytes:
        found = data_of(answer)
        if isinstance(found, Failure):
            raise found.error(self._vendor, request)
        if found is None:
            raise self._unreadable(request, f"answered {answer.status} without the vendor's JSON")
        return found

    def _written(self, answer: Answer | Uncertain, request: str, updated: str | None = None) -> bytes | Uncertain:
        if isinstance(answer, Uncertain):
            return answer
        found = data_of(answer)
        if isinstance(found, Failure):
            raise found.error(self._vendor, request, update=updated is not None, write=True)
        if found is None or not _is(found, updated):
            said = f"answered {answer.status} without the record; whether it was done is not known"
            return Uncertain(reason=f"{self._vendor}: {request}: {said}")
        return found

    def _unreadable(self, request: str, what: str) -> Unreadable:
        return Unreadable(self._vendor, f"{self._vendor}: {request}: {what}; it is tried again later")


def row_id(raw: bytes) -> str | None:
    """The id of a row, or None where it has none."""
    identity = unpack(raw, Identity)
    return None if identity is None or identity.id == "" else str(identity.id)


def _is(raw: bytes, remote_id: str | None) -> bool:
    """Whether this is the record of that id, or of any where none is given."""
    found = row_id(raw)
    return found is not None and (remote_id is None or found.casefold() == remote_id.casefold())


def _path(remote_id: str) -> str:
    return f"{_COLLECTION}/{quote(remote_id, safe='')}"

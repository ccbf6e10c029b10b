"""ActuallyCare's endpoints as typed calls: bytes of rows in and out, every failure as an error of the model.

It decides nothing about appointments; `codec` reads the rows, `listing` judges whether they are all.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from syncd.model.errors import Unreadable
from syncd.vendors.actuallycare.answers import Failure, data_of
from syncd.vendors.actuallycare.schemas import ClientData, Identity, ListData
from syncd.vendors.actuallycare.settings import RATE, Settings
from syncd.vendors.bounds import usable_id
from syncd.vendors.payloads import Body, unpack
from syncd.vendors.port import Uncertain
from syncd.vendors.transport import Answer, Surroundings, Transport

_COLLECTION = "/appointments"
_CLIENTS = "/clients"
_WEBHOOKS = "/webhooks"
PAGE_SIZE = 100
"""The most rows that a page may have (reference)."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the listing: its rows as JSON, and what the vendor says of the whole."""

    rows: tuple[bytes, ...]
    total: int
    more: bool | None


@dataclass(frozen=True, slots=True)
class Denied:
    """The vendor's own word that the key may not read clients; `said` is its status and code."""

    said: str


def transport_of(name: str, settings: Settings, surroundings: Surroundings) -> Transport:
    """The connections to a configured account."""
    return Transport(
        vendor=name,
        base_url=settings.base_url,
        headers=settings.credentials(),
        timeout=settings.timeout,
        rate=settings.rate or RATE,
        surroundings=surroundings,
        ca_file=settings.ca_file,
        secrets=(settings.api_key.get_secret_value(),),
    )


class ApiClient:
    """The endpoints for appointments, clients and webhooks under one key.

    Of webhooks (their endpoints take an administrator's JWT only, by the vendor's page) and of a client's update and
    deletion no document shows an answer: these methods return the `data` as it came. Reads raise `Unreachable`,
    `BudgetSpent`, `Misconfigured` or `Unreadable`; writes also `Refused` and `Stale`, and answer `Uncertain` where
    nobody can tell.
    """

    def __init__(self, vendor: str, transport: Transport) -> None:
        self._vendor = vendor
        self._transport = transport

    async def page(self, number: int, size: int = PAGE_SIZE) -> ListPage:
        """One page, counted from 1. No filter is sent: what `start_date` means is not known."""
        answer = await self._transport.read("GET", _COLLECTION, params={"page": number, "limit": size})
        found = self._data(answer, f"GET {_COLLECTION}")
        data = unpack(found, ListData, strict=False)
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

    async def delete(self, remote_id: str) -> bytes | Uncertain:
        """Delete a record; whether that is for good the reference does not say, so syncd cancels instead."""
        return await self._sent("DELETE", _path(remote_id))

    # -- clients ------------------------------------------------------------------------------------------------

    async def clients_page(self, number: int, size: int = PAGE_SIZE) -> ListPage | Denied:
        """One page of all clients, counted from 1."""
        answer = await self._transport.read("GET", _CLIENTS, params={"page": number, "limit": size})
        failed = data_of(answer)
        if isinstance(failed, Failure) and failed.denied:
            return Denied(failed.said)
        data = unpack(self._data(answer, f"GET {_CLIENTS}"), ClientData, strict=False)
        if data is None:
            raise self._unreadable(f"GET {_CLIENTS}", "the listing has not the form of one")
        more = data.meta.hasMore
        if more is None:
            more = number * size < data.meta.total
        return ListPage(tuple(bytes(row) for row in data.clients), data.meta.total, more)

    async def client(self, client_id: str, *, urgent: bool = False) -> bytes | Denied | None:
        """One client; None for the vendor's own "not found"."""
        path = _path(client_id, _CLIENTS)
        answer = await self._transport.read("GET", path, urgent=urgent)
        failed = data_of(answer)
        if isinstance(failed, Failure) and failed.not_found:
            return None
        if isinstance(failed, Failure) and failed.denied:
            return Denied(failed.said)
        row = self._data(answer, f"GET {_CLIENTS}/…")
        if not _is(row, client_id):
            raise self._unreadable(f"GET {_CLIENTS}/…", "the answer is not the client that was asked for")
        return row

    async def create_client(self, body: Body) -> bytes | Uncertain:
        """Make a client: both names and `client_type` are needed (the vendor's page)."""
        answer = await self._transport.write("POST", _CLIENTS, json=body)
        return self._written(answer, f"POST {_CLIENTS}")

    async def update_client(self, client_id: str, body: Body) -> bytes | Uncertain:
        """Change a client."""
        return await self._sent("PUT", _path(client_id, _CLIENTS), body)

    async def delete_client(self, client_id: str) -> bytes | Uncertain:
        """Delete a client."""
        return await self._sent("DELETE", _path(client_id, _CLIENTS))

    # -- webhooks -----------------------------------------------------------------------------------------------

    async def webhooks(self) -> bytes:
        """The subscriptions."""
        return await self._got(_WEBHOOKS)

    async def webhook_events(self) -> bytes:
        """The events that there are: `entity.action`."""
        return await self._got(f"{_WEBHOOKS}/events")

    async def webhook_categories(self) -> bytes:
        """The categories of events."""
        return await self._got(f"{_WEBHOOKS}/events/categories")

    async def webhook_logs(self, webhook_id: str) -> bytes:
        """What was delivered of one subscription."""
        return await self._got(f"{_path(webhook_id, _WEBHOOKS)}/logs")

    async def create_webhook(self, body: Body) -> bytes | Uncertain:
        """Subscribe; the secret has at least ten characters (the vendor's page)."""
        return await self._sent("POST", _WEBHOOKS, body)

    async def update_webhook(self, webhook_id: str, body: Body) -> bytes | Uncertain:
        """Change a subscription."""
        return await self._sent("PUT", _path(webhook_id, _WEBHOOKS), body)

    async def delete_webhook(self, webhook_id: str) -> bytes | Uncertain:
        """Deactivate a subscription."""
        return await self._sent("DELETE", _path(webhook_id, _WEBHOOKS))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def _got(self, path: str) -> bytes:
        return self._data(await self._transport.read("GET", path), f"GET {path}")

    async def _sent(self, method: str, path: str, body: Body | None = None) -> bytes | Uncertain:
        """The `data` of a write's answer, whatever it shows."""
        answer = await self._transport.write(method, path, json=body)
        if isinstance(answer, Uncertain):
            return answer
        failed = data_of(answer)
        if isinstance(failed, Failure):
            raise failed.error(self._vendor, f"{method} {path}", write=True)
        return self._data(answer, f"{method} {path}")

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
    identity = unpack(raw, Identity, strict=False)
    return None if identity is None or not usable_id(str(identity.id)) else str(identity.id)


def client_of(raw: bytes) -> str:
    """The id by which a row names its client; empty where it names none."""
    identity = unpack(raw, Identity, strict=False)
    return "" if identity is None else identity.client


def _is(raw: bytes, remote_id: str | None) -> bool:
    """Whether this is the record of that id, or of any where none is given."""
    found = row_id(raw)
    return found is not None and (remote_id is None or found.casefold() == remote_id.casefold())


def _path(remote_id: str, collection: str = _COLLECTION) -> str:
    return f"{collection}/{quote(remote_id, safe='')}"

"""Amelia's endpoints over the transport: which answer is a refusal, which leaves the outcome unknown.

Everything is GET or POST. Bodies and rows are Amelia's words; the codec knows what they mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

import msgspec
from pydantic import TypeAdapter, ValidationError

from syncd.model.errors import Misconfigured, Refused, Stale, Taken, TooSlow, Unreadable
from syncd.vendors.amelia.answers import Reply, fault, final, parse, understood
from syncd.vendors.amelia.schemas import CATALOGUE, CUSTOMER, CUSTOMERS, Customer, as_count, as_id
from syncd.vendors.amelia.settings import RATE, Settings
from syncd.vendors.amelia.slices import Slices, identify, slice_rows
from syncd.vendors.port import Uncertain
from syncd.vendors.transport import Surroundings, Transport

CONNECTIONS = 4
"""At once: a WordPress site has few PHP workers, and visitors who need them."""

CUSTOMERS_A_PAGE = 100
PAGE = 500
"""Appointments a page that are asked for: the most that any build gives (amelia-measured)."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows of one answer to a listing, and how many there are in all by its own word, None where it has none."""

    rows: Slices
    total: int | None


def transport_of(name: str, settings: Settings, surroundings: Surroundings) -> Transport:
    """The connections to a configured site."""
    key = settings.api_key.get_secret_value()
    return Transport(
        vendor=name,
        base_url=settings.endpoint,
        always=settings.further,
        headers={"Amelia": key},
        timeout=settings.timeout,
        rate=settings.rate or RATE,
        ca_file=settings.ca_file,
        max_connections=CONNECTIONS,
        surroundings=surroundings,
        secrets=(key,),
        final=final,
    )


class ApiClient:
    """One site's API. `vendor` is its configured name, for messages."""

    def __init__(self, vendor: str, transport: Transport) -> None:
        self._vendor = vendor
        self._transport = transport

    async def page(self, first: date, last: date, number: int | None = None) -> Listed:
        """The appointments that start on these days of the site, both included, in any status.

        All of them in one answer, or the page of that `number` (from 1) of at most `PAGE`, by id. Raises `TooMuch`
        where that may have been asked for too many.
        """
        what = "listing the appointments"
        params: dict[str, Any] = {"dates": f"{first},{last}", "asArray": True}
        params |= {"skipServices": 1, "skipProviders": 1}
        if number is not None:
            params |= {"page": number, "limit": PAGE, "sort": "id"}
        reply = understood(
            self._vendor, what, await self._transport.read("GET", "/appointments", params=params, heavy=True)
        )
        total = reply.data.get("total", b"")
        try:
            found = slice_rows(reply.data.get("appointments", b"null"))
        except (msgspec.DecodeError, RecursionError):
            failed = self._unreadable(what, reply)
            if reply.status != 500:
                raise failed from None
            reason = f"{failed}; it is tried again in the next cycle"
            raise TooSlow(self._vendor, reason) from None
        return Listed(found, as_count(total))

    async def settings(self) -> bytes:
        """The JSON of the site's settings, if the key may read them; what stands in it is the caller's to judge."""
        what = "reading the settings"
        reply = understood(self._vendor, what, await self._transport.read("GET", "/settings"))
        raw = reply.data.get("settings")
        if raw is None:
            raise self._unreadable(what, reply)
        return raw

    async def get(self, remote_id: str, *, urgent: bool = False) -> bytes | None:
        """The JSON of one appointment; None for Amelia's own "not found"."""
        what = f"reading appointment {remote_id}"
        if as_id(remote_id) is None:
            raise Unreadable(self._vendor, f"{self._vendor}: {what}: this is no id of Amelia's, which are numbers")
        answer = await self._transport.read("GET", _path(remote_id), urgent=urgent)
        reply = understood(self._vendor, what, answer)
        raw = reply.data.get("appointment")
        if raw is None and reply.says_absent(remote_id):
            return None
        if raw is None or identify(raw) != remote_id:
            raise self._unreadable(what, reply)
        return raw

    async def create(self, body: dict[str, Any]) -> bytes | Uncertain:
        """Make an appointment; as answered. It may be one that existed before (a group service)."""
        return await self._write("creating an appointment", "/appointments", body, "appointment")

    async def update(self, remote_id: str, body: dict[str, Any], *, idempotent: bool = False) -> bytes | Uncertain:
        """Change what the body names; the appointment as answered, which lacks much of a record."""
        what = f"changing appointment {remote_id}"
        path = _path(remote_id)
        return await self._write(what, path, body, "appointment", remote_id, idempotent=idempotent)

    async def set_status(self, remote_id: str, word: str) -> bytes | Uncertain:
        """Set the status of an appointment and of all its bookings; the appointment as answered."""
        what = f"setting appointment {remote_id} to {word}"
        body = {"status": word, "packageCustomerId": None}
        return await self._write(what, _path(remote_id, "/appointments/status"), body, "appointment", remote_id)

    async def delete(self, remote_id: str) -> bytes | Uncertain:
        """Delete an appointment for good, which syncd never does: it cancels. Answered with it, as `rejected`."""
        what, path = f"deleting appointment {remote_id}", _path(remote_id, "/appointments/delete")
        return await self._write(what, path, {}, "appointment", remote_id)

    async def customers(self, search: str, page: int, *, urgent: bool) -> tuple[list[Customer], int | None]:
        """A page (from 1) of the customers that a search loosely fits, and how many there are if that is told."""
        what = "reading the customers"
        params = {"search": search or None, "page": page, "limit": CUSTOMERS_A_PAGE}
        answer = await self._transport.read("GET", "/users/customers", params=params, urgent=urgent)
        reply = understood(self._vendor, what, answer)
        rows = self._rows(what, reply, CUSTOMERS, "users")
        return rows, as_count(reply.data.get("filteredCount", b""))

    async def add_customer(self, body: dict[str, Any]) -> Customer | Uncertain:
        """Make a customer. Raises `Refused`, also where the e-mail address is taken."""
        what = "creating a customer"
        raw = await self._write(what, "/users/customers", body, "user")
        if isinstance(raw, Uncertain):
            return raw
        try:
            return CUSTOMER.validate_json(raw)
        except ValidationError:
            return Uncertain(reason=f"{self._vendor}: {what}: the answer shows no customer")

    async def employees(self) -> list[Customer]:
        """Everybody who works there: people like customers, who are none."""
        what = "reading the employees"
        answer = await self._transport.read("GET", "/users/providers", urgent=True)
        found: list[Customer] = self._rows(what, understood(self._vendor, what, answer), CUSTOMERS, "users")
        return found

    async def catalogue_ids(self, path: str, key: str) -> frozenset[str]:
        """The ids of `/services` (`services`), `/users/providers` (`users`) or `/locations` (`locations`)."""
        what = f"reading {path}"
        reply = understood(self._vendor, what, await self._transport.read("GET", path))
        return frozenset(row.id for row in self._rows(what, reply, CATALOGUE, key) if row.id is not None)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def _write(
        self,
        what: str,
        path: str,
        body: dict[str, Any],
        expected: str,
        remote_id: str = "",
        *,
        idempotent: bool = False,
    ) -> bytes | Uncertain:
        """The member of the answer's data that proves success. Raises `Refused`, `Stale` and the rest."""
        answer = await self._transport.write("POST", path, json=body, idempotent=idempotent)
        if isinstance(answer, Uncertain):
            return answer
        failed = fault(self._vendor, what, answer)
        if failed is not None:
            raise failed
        reply = parse(answer)
        if reply is None and answer.status < 300:
            return Uncertain(
                reason=f"{self._vendor}: {what}: the answer is not Amelia's JSON; whether it was done is open"
            )
        if reply is None:
            raise Refused(self._vendor, f"{self._vendor}: {what}: answered {answer.status}")
        if remote_id and reply.says_absent(remote_id):
            raise Stale(self._vendor, f"{self._vendor}: {what}: it does not exist any more")
        if reply.data.get("reauthorize") == b"true":
            raise Misconfigured(self._vendor, f"{self._vendor}: {what}: {reply.reason}; correct api_key")
        raw = reply.data.get(expected, b"null")
        if raw == b"null" or reply.problem:
            refusal = Taken if reply.taken else Refused
            raise refusal(self._vendor, self._transport.scrub(f"{self._vendor}: {what}: {reply.reason}"))
        return raw

    def _rows(self, what: str, reply: Reply, shape: TypeAdapter[Any], key: str) -> list[Any]:
        try:
            rows: list[Any] = shape.validate_json(reply.data.get(key, b"null"))
        except ValidationError:
            raise self._unreadable(what, reply) from None
        return rows

    def _unreadable(self, what: str, reply: Reply) -> Unreadable:
        reason = f"the answer ({reply.status}) lacks what was asked for: {reply.reason}"
        return Unreadable(self._vendor, self._transport.scrub(f"{self._vendor}: {what}: {reason}"))


def _path(remote_id: str, collection: str = "/appointments") -> str:
    return f"{collection}/{quote(remote_id, safe='')}"

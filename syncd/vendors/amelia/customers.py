"""Amelia's customers: who a booking's customer is, and which customer a client is.

What was seen of customers is kept, because an appointment read by id shows their ids alone. A client without a customer
gets one; two creates at once never make two customers of one person.
"""

from __future__ import annotations

import asyncio
from collections import abc
from dataclasses import dataclass

from syncd.compare.addresses import addresses
from syncd.model.appointment import Client
from syncd.model.errors import Refused, Unreachable, Unreadable, VendorError
from syncd.vendors.amelia import people
from syncd.vendors.amelia.client import ApiClient
from syncd.vendors.amelia.schemas import AppointmentRow, Customer
from syncd.vendors.port import Uncertain

_MOST_PAGES = 2_000
"""Of customers: more than any site has, and no answer makes the search go on for ever."""


@dataclass(frozen=True, slots=True)
class Found:
    """The customers of some clients, in their order; `made` counts those that did not exist before.

    `renamed` counts those that go by another name there: Amelia gives an e-mail address to one person alone.
    """

    ids: list[int]
    made: int
    renamed: int = 0


class Customers:
    """The customers of one site, as far as they were met."""

    def __init__(self, vendor: str, client: ApiClient) -> None:
        self._vendor = vendor
        self._client = client
        self._one_at_a_time = asyncio.Lock()
        self._unknown: set[str] = set()
        self.seen: dict[str, Client] = {}
        self.idle: set[int] = set()
        """Customers that syncd made and that have no appointment yet, as far as that is remembered."""

    def meet(self, row: AppointmentRow) -> None:
        """Keep what a row shows of its customers."""
        for booking in row.bookings or ():
            if self.idle and booking.who is not None and booking.who.isdecimal():
                self.idle.discard(int(booking.who))
            if booking.customer is not None and booking.who is not None:
                self.seen[booking.who] = people.told(booking.customer)

    def ask_again(self) -> None:
        """Customers that were not found may exist by now."""
        self._unknown.clear()

    async def look_up(self, row: AppointmentRow) -> None:
        """Read the customers of a row that were never met. One that is not found is not asked for again for now."""
        shown = {booking.who for booking in row.bookings or () if booking.customer is None}
        async with self._one_at_a_time:
            missing = {one for one in shown if one is not None and one not in self.seen and one not in self._unknown}
            if not missing:
                return
            async for customer in self._matching("", urgent=False):
                missing.discard(customer.id or "")
                if not missing:
                    return
            self._unknown |= missing

    async def find_or_make(self, clients: abc.Sequence[Client]) -> Found:
        """The customers that these clients are. Raises `Refused`, or `Unreachable` where one may have been made."""
        ids: dict[int, None] = {}
        made = renamed = 0
        async with self._one_at_a_time:
            for client in clients:
                customer = await self._find(client)
                if customer is None:
                    customer = await self._make(client)
                    made += 1
                elif not people.goes_by(client, self.seen[str(customer)]):
                    renamed += 1
                ids[customer] = None
        return Found(list(ids), made, renamed)

    async def exists(self, customer_id: str) -> bool:
        """Whether there is a customer with this id."""
        async for customer in self._matching("", urgent=False):
            if customer.id == customer_id:
                return True
        return False

    async def _find(self, client: Client) -> int | None:
        queries = sorted(addresses(client.email)) or [client.name or client.phone]
        for query in queries:
            fitting = [
                int(customer.id)
                async for customer in self._matching(query, urgent=True)
                if customer.id is not None and customer.id.isdigit() and people.is_customer(client, customer)
            ]
            if fitting:
                return min(fitting)
        return None

    async def _make(self, client: Client) -> int:
        try:
            made = await self._client.add_customer(people.body(client))
        except Refused:
            # Somebody else may have made this very customer since it was looked for.
            found = await self._find(client)
            if found is None and client.email.strip() and await self._is_employee(client):
                reason = "an employee of the site has this e-mail address, and Amelia gives it to nobody else"
                raise Refused(
                    self._vendor,
                    f"{self._vendor}: creating a customer: {reason}: give the client or the employee another one",
                ) from None
            if found is None:
                raise
            return found
        if isinstance(made, Uncertain) or made.id is None or not made.id.isdigit():
            found = await self._find(client)
            if found is None:
                reason = "whether a customer was created is not known; the appointment was not, and is tried again"
                raise Unreachable(self._vendor, f"{self._vendor}: creating a customer: {reason}")
            return found
        kept = people.told(made)
        if not kept.empty:
            self.seen[made.id] = kept
        self.idle.add(int(made.id))
        return int(made.id)

    async def _is_employee(self, client: Client) -> bool:
        """Whether an employee has the client's e-mail address; False too where that cannot be read."""
        try:
            return any(people.is_customer(client, one) for one in await self._client.employees())
        except VendorError:
            return False

    async def _matching(self, search: str, *, urgent: bool) -> abc.AsyncIterator[Customer]:
        """Every customer that a search brings, page by page, until a page brings nobody new."""
        ids: set[str] = set()
        for page in range(1, _MOST_PAGES + 1):
            rows, count = await self._client.customers(search, page, urgent=urgent)
            fresh = [row for row in rows if row.id is not None and row.id not in ids]
            for row in fresh:
                ids.add(row.id or "")
                self.seen[row.id or ""] = people.told(row)
                yield row
            if not fresh or (count is not None and len(ids) >= count):
                return
        reason = f"they did not come to an end after {_MOST_PAGES} pages"
        raise Unreadable(self._vendor, f"{self._vendor}: reading the customers: {reason}")

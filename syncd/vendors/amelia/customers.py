"""Amelia's customers: who a booking's customer is, and which customer a client is.

What was seen of customers is kept, because an appointment read by id shows their ids alone. A client without a customer
gets one; two creates at once never make two customers of one person.
"""

from __future__ import annotations

import asyncio
from collections import abc
from dataclasses import dataclass
from itertools import combinations

from syncd.compare.addresses import addresses
from syncd.model.appointment import Client
from syncd.model.errors import Contradicted, Refused, Unreachable, Unreadable, VendorError
from syncd.model.wording import would_be_another
from syncd.vendors.amelia import people
from syncd.vendors.amelia.client import ApiClient
from syncd.vendors.amelia.schemas import AppointmentRow, Customer
from syncd.vendors.port import Uncertain

_MOST_PAGES = 2_000
"""Of customers: more than any site has, and no answer makes the search go on for ever."""


@dataclass(frozen=True, slots=True)
class Found:
    """The customers of some clients, in their order; `made` counts those that did not exist before."""

    ids: list[int]
    made: int


def _contradict_each_other(clients: abc.Sequence[Client]) -> bool:
    """Whether two clients of one appointment have one address, and are two people."""
    return any(
        not addresses(one.email).isdisjoint(addresses(other.email)) and people.would_be_another(one, other)
        for one, other in combinations(clients, 2)
    )


def _by_address(seen: abc.Mapping[str, Client]) -> dict[str, set[str]]:
    """The ids of customers by each of their addresses."""
    found: dict[str, set[str]] = {}
    for customer_id, client in seen.items():
        for one in addresses(client.email):
            found.setdefault(one, set()).add(customer_id)
    return found


class Customers:
    """The customers of one site, as far as they were met."""

    def __init__(self, vendor: str, client: ApiClient) -> None:
        self._vendor = vendor
        self._client = client
        self._one_at_a_time = asyncio.Lock()
        self._unknown: set[str] = set()
        self._by_address: dict[str, set[str]] | None = None
        self.seen: dict[str, Client] = {}
        self.idle: set[int] = set()
        """Customers that syncd made and that have no appointment yet, as far as that is remembered."""

    def meet(self, row: AppointmentRow) -> None:
        """Keep what a row shows of its customers."""
        for booking in row.bookings or ():
            if self.idle and booking.who is not None and booking.who.isdecimal():
                self.idle.discard(int(booking.who))
            if booking.customer is not None and booking.who is not None:
                self._keep(booking.who, people.told(booking.customer))

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
        """The customers that these clients are. Raises `Refused`, or `Unreachable` where one may have been made.

        Amelia gives an e-mail address to one customer alone. Where that may be somebody else (`Contradicted`), nobody
        is made either: the appointment would be that person's there.
        """
        ids: dict[int, None] = {}
        made = 0
        async with self._one_at_a_time:
            if _contradict_each_other(clients):
                raise self._contradicted()
            there = [await self._find(client) for client in clients]
            for client, found in zip(clients, there, strict=True):
                # Two descriptions of one person, who was made just now.
                customer = await self._find(client) if found is None and made else found
                if customer is None:
                    customer = await self._make(client)
                    made += 1
                ids[customer] = None
        return Found(list(ids), made)

    def are(self, clients: abc.Sequence[Client]) -> bool | None:
        """Whether the customers who have these clients' addresses are they; None where one was never met."""
        if _contradict_each_other(clients):
            return False
        found = [self._is_met(client) for client in clients]
        return False if False in found else None if None in found else True

    def _is_met(self, client: Client) -> bool | None:
        if self._by_address is None:
            self._by_address = _by_address(self.seen)
        ids = set[str]().union(*(self._by_address.get(one, ()) for one in addresses(client.email)))
        if not ids:
            return None
        return any(not people.would_be_another(client, self.seen[one]) for one in ids)

    def _keep(self, customer_id: str, shown: Client) -> None:
        if self.seen.get(customer_id) != shown:
            self.seen[customer_id] = shown
            self._by_address = None

    def _contradicted(self) -> Contradicted:
        return Contradicted(self._vendor, f"{self._vendor}: finding a customer: {would_be_another(self._vendor)}")

    async def exists(self, customer_id: str) -> bool:
        """Whether there is a customer with this id."""
        async for customer in self._matching("", urgent=False):
            if customer.id == customer_id:
                return True
        return False

    async def _find(self, client: Client) -> int | None:
        """The customer that a client is. Raises `Contradicted` where all who have the address may be somebody else."""
        queries = sorted(addresses(client.email)) or [client.name or client.phone]
        others = False
        for query in queries:
            fitting = [
                int(customer.id)
                async for customer in self._matching(query, urgent=True)
                if customer.id is not None and customer.id.isdigit() and people.is_customer(client, customer)
            ]
            own = [one for one in fitting if not people.would_be_another(client, self.seen[str(one)])]
            if own:
                return min(own)
            others = others or bool(fitting)
        if others:
            raise self._contradicted()
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
            self._keep(made.id, kept)
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
                self._keep(row.id or "", people.told(row))
                yield row
            if not fresh or (count is not None and len(ids) >= count):
                return
        reason = f"they did not come to an end after {_MOST_PAGES} pages"
        raise Unreadable(self._vendor, f"{self._vendor}: reading the customers: {reason}")

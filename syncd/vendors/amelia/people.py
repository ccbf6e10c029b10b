"""The clients of an Amelia appointment, from its bookings and customers, and back to a customer's body.

Who a customer is may be told in the booking, by what was seen of the customer elsewhere, or by the booking's own note
of who made it. Reading and making customers is another module's.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from syncd.compare.addresses import addresses, main_address
from syncd.compare.people import Evidence, same_person, weighed
from syncd.compare.phones import may_be_number
from syncd.model.appointment import Appointment, Client, normal_text
from syncd.vendors.amelia.schemas import AppointmentRow, Booking, Customer
from syncd.vendors.ours import Ours

NO_NAME = "-"
"""Stands for the first name that a client does not have: Amelia requires one, and nobody is called it."""

_NOT_COMING = frozenset({"canceled", "rejected", "waiting"})


@dataclass(frozen=True, slots=True)
class People:
    """The translation of clients; `placeholder` is the id of the customer that stands for "no client".

    Somebody with an address of `ours` is no client.
    """

    placeholder: str | None = None
    ours: Ours = field(default_factory=Ours)

    def clients(
        self, row: AppointmentRow, seen: abc.Mapping[str, Client], hint: Appointment | None, *, settled: bool
    ) -> tuple[Client, ...] | None:
        """Everybody with a booking that stands; everybody at all where none does. None: the row does not tell.

        `seen` are customers by id. `settled` says that all was done to know them: then a booking's own note counts.
        """
        if row.bookings is None:
            return None
        known = () if hint is None else hint.clients
        standing = [booking for booking in row.bookings if booking.status not in _NOT_COMING]
        found: dict[str | None, Client] = {}
        for booking in sorted(standing or row.bookings, key=lambda booking: booking.order):
            if booking.who is not None and booking.who == self.placeholder:
                continue
            client = _told(booking, seen) or (_noted(booking, known) if settled else None)
            if client is None:
                return None
            found.setdefault(booking.who, client)
        people = self.ours.without(client for client in found.values() if not client.empty)
        if standing:
            return people
        # Bookings that were cancelled one by one before do not come back when the whole appointment is cancelled.
        return tuple(one for one in people if any(same_person(one, other) for other in known)) or people


def told(customer: Customer) -> Client:
    """A customer as a client."""
    first = "" if customer.first_name == NO_NAME else customer.first_name
    return Client(first_name=first, last_name=customer.last_name, email=customer.email, phone=customer.phone)


def main_email(client: Client) -> str:
    """The one e-mail address that a customer can have; empty where the client has none."""
    return main_address(client.email)


def body(client: Client) -> dict[str, Any]:
    """The body that makes a customer of a client."""
    return {
        "type": "customer",
        "firstName": client.first_name.strip() or NO_NAME,
        "lastName": client.last_name.strip(),
        "email": main_email(client),
        "phone": client.phone.strip(),
    }


def is_customer(client: Client, customer: Customer) -> bool:
    """Whether a customer is this client: the same e-mail; without one, the same name and phone number.

    Where neither has a phone number, the name suffices only if the customer has no e-mail either.
    """
    shown = told(customer)
    mine, theirs = addresses(client.email), addresses(shown.email)
    if mine:
        return not mine.isdisjoint(theirs)
    if normal_text(shown.name) != normal_text(client.name):
        return False
    if client.digits and shown.digits:
        return may_be_number(client.phone, shown.phone)
    return not client.digits and not shown.digits and not theirs


def would_be_another(client: Client, shown: Client) -> bool:
    """Whether a customer who has the client's address is somebody else, or may be."""
    return weighed(client, shown) in (Evidence.ANOTHER, Evidence.DOUBT)


def _told(booking: Booking, seen: abc.Mapping[str, Client]) -> Client | None:
    if booking.customer is not None:
        return told(booking.customer)
    return seen.get(booking.who or "")


def _noted(booking: Booking, known: abc.Sequence[Client]) -> Client | None:
    """Who made a booking by its own note, which has no e-mail: what is known of the same person is more."""
    try:
        note = msgspec.json.decode(booking.info, type=_Info)
    except (msgspec.DecodeError, RecursionError):
        return None
    words = {part: text.strip() if isinstance(text, str) else "" for part, text in msgspec.structs.asdict(note).items()}
    client = Client(**words)
    if client.empty:
        return None
    same = [one for one in known if same_person(replace(one, email=""), client)]
    return (same or [client])[0]


class _Info(msgspec.Struct, rename={"first_name": "firstName", "last_name": "lastName"}):
    first_name: Any = ""
    last_name: Any = ""
    phone: Any = ""

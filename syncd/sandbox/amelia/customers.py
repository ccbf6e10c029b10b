"""The customers of the sandbox's Amelia site: a register of their own, which bookings point into.

Decides who counts as the same customer (an e-mail belongs to one; without one, equal names and phone) and what the
plugin's loose search finds. Source: field-notes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from syncd.sandbox.frame.records import Person

DESK = 10
"""The customer for appointments that have none."""
_DESK_PERSON = Person("Front", "Desk", "desk@example.com", "5550100")


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer; `person` is never changed in place."""

    id: int
    person: Person


class Customers:
    """The register. `reword` is how the site writes what it is given."""

    def __init__(self, reword: Callable[[Person], Person]) -> None:
        self._reword = reword
        self._by_id: dict[int, Customer] = {}
        self._by_key: dict[tuple[str, ...], int] = {}
        self._keep(Customer(DESK, _DESK_PERSON))

    def __contains__(self, customer_id: object) -> bool:
        return customer_id in self._by_id

    def __getitem__(self, customer_id: int) -> Customer:
        return self._by_id[customer_id]

    def __iter__(self) -> Iterator[Customer]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def same(self, person: Person) -> Customer | None:
        """The customer who has this e-mail; without one, whose details are all equal."""
        found = self._by_key.get(_key(self._reword(person)))
        return None if found is None else self._by_id[found]

    def add(self, person: Person) -> Customer:
        """Register a new customer."""
        return self._keep(Customer(max(self._by_id) + 1, self._reword(person)))

    def change(self, customer: Customer, person: Person) -> Customer:
        """Write other details for the same customer."""
        self._by_key.pop(_key(customer.person), None)
        return self._keep(replace(customer, person=self._reword(person)))

    def remove(self, customer: Customer) -> None:
        """Take a customer out of the register."""
        del self._by_id[customer.id]
        self._by_key.pop(_key(customer.person), None)

    def search(self, words: str) -> list[Customer]:
        """Customers in whose name or e-mail any of the words occurs; all of them without a word."""
        wanted = words.lower().split()
        return [each for each in self if not wanted or any(word in _searched(each.person) for word in wanted)]

    def _keep(self, customer: Customer) -> Customer:
        self._by_id[customer.id] = customer
        self._by_key[_key(customer.person)] = customer.id
        return customer


def _key(person: Person) -> tuple[str, ...]:
    return (person.email.lower(),) if person.email else (person.first_name, person.last_name, person.phone)


def _searched(person: Person) -> str:
    return f"{person.name} {person.email}".lower()


def customer_json(customer: Customer) -> dict[str, Any]:
    """A customer inside a booking, and in the answer to a new one."""
    person = customer.person
    return {
        "id": customer.id,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "birthday": None,
        "email": person.email,
        "phone": person.phone or None,
        "type": "customer",
        "status": "visible",
        "note": None,
        "zoomUserId": None,
        "countryPhoneIso": None,
        "externalId": None,
        "pictureFullPath": None,
        "pictureThumbPath": None,
        "translations": None,
        "gender": None,
    }


def customer_row(customer: Customer) -> dict[str, Any]:
    """A row of `/users/customers`, where what is unknown is an empty text and not null."""
    person = customer.person
    return {
        "id": customer.id,
        "status": "visible",
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": person.email,
        "phone": person.phone,
        "countryPhoneIso": "",
        "gender": "",
        "externalId": "",
        "translations": "",
        "birthday": "",
        "note": "",
        "lastAppointment": "",
        "totalAppointments": 0,
        "countPendingAppointments": 0,
        "wpName": "",
        "wpUserPhotoUrl": "",
    }

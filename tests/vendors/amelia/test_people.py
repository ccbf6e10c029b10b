"""Who an Amelia appointment is with, and which customer a client is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from syncd.model.appointment import Appointment, Client
from syncd.vendors.amelia.people import People, body, is_customer, told
from syncd.vendors.amelia.schemas import AppointmentRow, Customer
from tests.vendors.amelia.world import DESK, JANE, OMAR, at, booking, customer, row, slot

PEOPLE = People(str(DESK))
INFO = json.dumps({"firstName": "Jane", "lastName": "Smith", "phone": "+12125550123", "locale": "en_US"})


def clients(
    *bookings: dict[str, Any],
    seen: dict[str, Client] | None = None,
    known: tuple[Client, ...] | None = None,
    settled: bool = True,
) -> tuple[Client, ...] | None:
    """The clients of a row with these bookings."""
    hint = None if known is None else Appointment(slot=slot(at(8)), clients=known)
    return PEOPLE.clients(
        AppointmentRow.model_validate(row(bookings=list(bookings))), seen or {}, hint, settled=settled
    )


def shown(client: Client, number: int = 1) -> Customer:
    """A client as a customer's row."""
    return Customer.model_validate(customer(number, client))


def test_everybody_with_a_booking_is_a_client_in_the_order_of_the_bookings() -> None:
    """A group appointment has several clients; a customer who booked twice is one."""
    assert clients(booking(981, OMAR), booking(979), booking(982, customerId=79)) == (JANE, OMAR)


@pytest.mark.parametrize("word", ["canceled", "rejected", "waiting"])
def test_who_does_not_come_is_no_client(word: str) -> None:
    """A booking that was cancelled on its own, or waits for a place, is nobody's appointment."""
    assert clients(booking(979), booking(980, OMAR, status=word)) == (JANE,)


def test_a_cancelled_appointment_keeps_its_clients() -> None:
    """Cancelling sets all bookings: no client vanishes by that, and none comes back."""
    both = (booking(979, status="canceled"), booking(980, OMAR, status="canceled"))
    assert clients(*both) == (JANE, OMAR)
    assert clients(*both, known=(OMAR,)) == (OMAR,)


def test_the_placeholder_is_no_client() -> None:
    """The configured customer stands for nobody, and goes to no other vendor."""
    assert clients(booking(900 + DESK, OMAR)) == ()
    assert clients(booking(900 + DESK, None)) == ()


def test_customers_that_a_row_does_not_describe_are_those_that_were_met() -> None:
    """An appointment by id shows customers' numbers alone."""
    assert clients(booking(979, None), seen={"79": JANE}) == (JANE,)
    assert clients(booking(979, None), settled=False) is None


@pytest.mark.parametrize(
    ("info", "known", "expected"),
    [
        (INFO, None, (Client(first_name="Jane", last_name="Smith", phone="+12125550123"),)),
        (INFO, (JANE,), (JANE,)),
        (INFO, (OMAR,), (Client(first_name="Jane", last_name="Smith", phone="+12125550123"),)),
        ('{"firstName": "", "lastName": null}', None, None),
        ("{broken", None, None),
        ("[1]", None, None),
        (None, None, None),
    ],
)
def test_a_booking_s_own_note_tells_what_the_customers_do_not(
    info: str | None, known: tuple[Client, ...] | None, expected: tuple[Client, ...] | None
) -> None:
    """Where a customer cannot be read, the booking's note counts, or what is known of the same person."""
    assert clients(booking(979, None, info=info), known=known) == expected
    assert clients(booking(979, None, info=info), known=known, settled=False) is None


@pytest.mark.parametrize(
    "client", [JANE, OMAR, Client(first_name="Mary Ann"), Client(last_name="Smith"), Client(phone="5550100")]
)
def test_a_client_reads_back_from_the_customer_made_of_it(client: Client) -> None:
    """What stands in for a missing name is not taken for a name."""
    assert told(Customer.model_validate(body(client))) == client


def test_of_two_addresses_a_customer_has_the_first() -> None:
    """A customer has one e-mail address."""
    assert body(Client(email=" a@example.com , b@example.com"))["email"] == "a@example.com"


@pytest.mark.parametrize(
    ("client", "other", "same"),
    [
        (JANE, Client(first_name="J", email="JANE@Example.com"), True),
        (JANE, Client(first_name="Jane", last_name="Smith", email="jane@example.com.au", phone=JANE.phone), False),
        (Client(email="x@example.com,jane@example.com"), JANE, True),
        (Client(first_name="jane", last_name=" smith", phone="212 555 0123"), JANE, True),
        (Client(first_name="Jane", last_name="Smith", phone="5550199"), JANE, False),
        (Client(first_name="Jane", last_name="Smith"), JANE, False),
        (Client(first_name="Jane", last_name="Smith"), Client(first_name="Jane", email="a@example.com"), False),
        (Client(first_name="Ann"), Client(first_name="ann"), True),
        (Client(first_name="Ann"), Client(first_name="ann", email="a@example.com"), False),
        (Client(first_name="Ann", phone="5550199"), Client(first_name="Ann"), False),
    ],
)
def test_a_customer_is_a_client_s_by_exact_details(client: Client, other: Client, same: bool) -> None:
    """The same e-mail; without one, the same name and phone; a name alone never takes over somebody's e-mail."""
    assert is_customer(client, shown(other)) is same

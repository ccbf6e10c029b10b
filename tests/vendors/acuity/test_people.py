"""The one client of an Acuity appointment."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.model.appointment import Client
from syncd.vendors.acuity.people import People
from syncd.vendors.acuity.schemas import AppointmentRow
from tests.vendors.acuity.world import JANE, PLACEHOLDER

STAND_IN = Client(**PLACEHOLDER)
PEOPLE = People(STAND_IN)


def row(first: str = "", last: str = "", email: str | None = "", phone: str | None = "") -> AppointmentRow:
    """A row with this client."""
    keys: dict[str, Any] = {"firstName": first, "lastName": last, "email": email, "phone": phone}
    return AppointmentRow.model_validate(keys)


@pytest.mark.parametrize(
    "shown",
    [
        row("Client", "Unknown", "desk@example.com", "5550100"),
        row(" client ", "UNKNOWN", "Desk@Example.com", "555-0100"),
        row("Client", "Unknown", "desk@example.com", "+1 212 555 0100"),
        row("Client", "Unknown", "desk@example.com", None),
        row("", "", None, None),
        row("-", "-"),
    ],
)
def test_the_placeholder_is_no_client(shown: AppointmentRow) -> None:
    """However Acuity writes it, the stand-in is never taken for a person."""
    assert PEOPLE.decode(shown) == ()


def test_parts_of_the_placeholder_do_not_travel() -> None:
    """A client without a phone got the desk's: it reads back as having none."""
    shown = row("Jane", "Smith", "jane@example.com", "555-0100")
    assert PEOPLE.decode(shown) == (Client(first_name="Jane", last_name="Smith", email="jane@example.com"),)


def test_a_phone_that_only_ends_like_the_placeholders_is_a_persons() -> None:
    """A desk's number without area code is not mistaken for a client's longer one."""
    assert PEOPLE.decode(row("Jane", "Smith", "jane@example.com", "2125550100"))[0].phone == "2125550100"
    assert PEOPLE.decode(row("Client", "Unknown", "desk@example.com", "2125550177")) == (Client(phone="2125550177"),)


@pytest.mark.parametrize(
    ("shown", "email"),
    [
        ("desk@example.com, jane@example.com", "jane@example.com"),
        ("jane@example.com,Desk@Example.com", "jane@example.com"),
        ("jane@example.com, js@example.com", "jane@example.com, js@example.com"),
        ("jane@example.com ,js@example.com", "jane@example.com ,js@example.com"),
        ("desk@example.com,", ""),
    ],
)
def test_an_address_beside_the_placeholders_is_the_clients_alone(shown: str, email: str) -> None:
    """Somebody adds the client's own to the field in which the desk's stood in."""
    [client] = PEOPLE.decode(row("Jane", "Smith", shown, "2125550123"))
    assert client.email == email


@pytest.mark.parametrize("shown", ["6615550100", "16615550100", "5550100"])
def test_the_placeholders_phone_is_known_without_its_country_code(shown: str) -> None:
    """A vendor keeps the digits that it likes, and they are nobody's number beside a real name and address."""
    people = People(Client(first_name="Client", last_name="Unknown", email="desk@example.com", phone="+1 661 555-0100"))
    assert people.decode(row("Jane", "Smith", "jane@example.com", shown))[0].phone == ""


BOTH = frozenset({"email", "phone"})


@pytest.mark.parametrize(
    ("client", "needed", "words"),
    [
        (Client(first_name="Cher", email="c@example.com", phone="1"), BOTH, ("Cher", "-", "c@example.com", "1")),
        (Client(last_name="Smith", email="c@example.com", phone="1"), BOTH, ("-", "Smith", "c@example.com", "1")),
        (Client(email="c@example.com"), BOTH, ("Client", "Unknown", "c@example.com", "5550100")),
        (Client(email="c@example.com"), frozenset(), ("Client", "Unknown", "c@example.com", "")),
        (Client(first_name="Jane", phone="n/a"), BOTH, ("Jane", "-", "desk@example.com", "5550100")),
        (Client(first_name="Jane", phone="n/a"), frozenset({"phone"}), ("Jane", "-", "", "5550100")),
        (Client(first_name="Jane", phone="n/a"), frozenset(), ("Jane", "-", "", "")),
        (None, frozenset(), ("Client", "Unknown", "desk@example.com", "5550100")),
    ],
)
def test_only_what_the_account_insists_on_is_filled(
    client: Client | None, needed: frozenset[str], words: tuple[str, ...]
) -> None:
    """A single name is completed with a dash, a missing one from the placeholder; the rest is as it is."""
    assert tuple(PEOPLE.encode(client, needed).values()) == words


def test_without_a_placeholder_a_lacking_part_is_named() -> None:
    """The operator learns which part is missing; a client with one name lacks nothing."""
    cher = Client(first_name="Cher", email="c@example.com")
    assert People().lacking((), BOTH) == ("name", "e-mail", "phone")
    assert People().lacking((cher,), BOTH) == ("phone",)
    assert People().lacking((cher,)) == People().lacking((JANE,), BOTH) == ()
    assert PEOPLE.lacking((), BOTH) == ()


def test_only_what_differs_is_sent() -> None:
    """A phone is its digits, so that Acuity's way to write it is no difference."""
    wanted = Client(first_name="Jane", last_name="Smith", email="js@example.com", phone="(212) 555-0123")
    assert PEOPLE.changes(JANE, wanted) == {"email": "js@example.com"}


def test_a_part_that_neither_side_has_is_left_alone() -> None:
    """A booking that somebody entered without an e-mail does not get the placeholder's by an update of its phone."""
    shown = Client(first_name="Jane", last_name="Smith", phone="2125550123")
    wanted = Client(first_name="Jane", last_name="Smith", phone="2125550124")
    assert PEOPLE.changes(shown, wanted) == {"phone": "2125550124"}


def test_a_part_that_is_taken_away_is_emptied_or_filled() -> None:
    """Emptied at Acuity as it was elsewhere; only an account that insists on it gets the placeholder's."""
    wanted = Client(first_name="Jane", last_name="Smith", email="jane@example.com")
    assert PEOPLE.changes(JANE, wanted) == {"phone": ""}
    assert PEOPLE.changes(JANE, wanted, BOTH) == {"phone": "5550100"}


def test_names_are_replaced_together() -> None:
    """From the placeholder to a single name, no half of the placeholder's name stays."""
    assert PEOPLE.changes(None, Client(first_name="Cher")) == {"firstName": "Cher", "lastName": "-"}
    assert PEOPLE.changes(Client(first_name="Cher"), None) == {"firstName": "Client", "lastName": "Unknown"}

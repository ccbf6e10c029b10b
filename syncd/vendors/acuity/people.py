"""The one client of an Acuity appointment, to Acuity's words and back.

Acuity requires both names. Whether an admin's booking needs an e-mail and a phone is the account's affair (the vendor's
page; the reference requires them): what there is is sent, and the stand-in's only where the account has refused to do
without. What was filled reads back as missing, so that no stand-in ever travels to another vendor or is taken for a
person.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace

from syncd.compare.addresses import addresses, without_addresses
from syncd.compare.phones import same_number
from syncd.model.appointment import Client, normal_text
from syncd.vendors.acuity.schemas import AppointmentRow
from syncd.vendors.ours import Ours

NO_NAME = "-"
"""Stands for the name that a client with one name does not have: people read it as "none", and nobody is called it."""

CONTACTS = {"email": "e-mail", "phone": "phone"}
"""What an account may insist on, in Acuity's words and as people call it."""
_WORDS = {"first_name": "firstName", "last_name": "lastName", "email": "email", "phone": "phone"}
_LOCAL_DIGITS = 7


@dataclass(frozen=True, slots=True)
class People:
    """The translation of clients; `placeholder` is the configured stand-in for a client that is missing.

    Somebody with an address of `ours` is no client.
    """

    placeholder: Client | None = None
    ours: Ours = field(default_factory=Ours)

    def decode(self, row: AppointmentRow, known: abc.Sequence[Client] = ()) -> tuple[Client, ...]:
        """The client of a row; none where the row holds nothing of a person, or the placeholder.

        A part whose key the row lacks is as it is `known`: nobody emptied it.
        """
        first, last = (_real(name) for name in (row.first_name, row.last_name))
        client = Client(first_name=first, last_name=last, email=row.email, phone=row.phone)
        if self.placeholder is not None:
            client = _without(client, self.placeholder)
        for one in known[:1]:
            untold = _WORDS.keys() - row.model_fields_set
            client = replace(client, **{part: getattr(one, part) for part in untold})
        return () if client.empty or self.ours.own(client) else (client,)

    def encode(self, client: Client | None, needed: abc.Set[str] = frozenset()) -> dict[str, str]:
        """All four parts in Acuity's words. A part stays empty where it is not `needed`, or nothing can fill it.

        Of an appointment without a client it is the whole stand-in.
        """
        stand_in = self.placeholder or Client()
        if client is None or client.empty:
            return {word: getattr(stand_in, part) for part, word in _WORDS.items()}
        first, last = client.first_name.strip(), client.last_name.strip()
        if not first and not last:
            first, last = stand_in.first_name, stand_in.last_name
        else:
            first, last = first or NO_NAME, last or NO_NAME
        own = {"email": client.email.strip(), "phone": client.phone.strip() if client.digits else ""}
        filled = {part: value or (getattr(stand_in, part) if part in needed else "") for part, value in own.items()}
        return {"firstName": first, "lastName": last, **filled}

    def changes(
        self, shown: Client | None, wanted: Client | None, needed: abc.Set[str] = frozenset()
    ) -> dict[str, str]:
        """The parts of `encode(wanted)` that a record showing `shown` lacks. A phone is what its digits are."""
        before, after = shown or Client(), wanted or Client()
        words = self.encode(wanted, needed)
        same = {
            "first_name": before.first_name == after.first_name.strip() and bool(before.name) == bool(after.name),
            "last_name": before.last_name == after.last_name.strip() and bool(before.name) == bool(after.name),
            "email": before.email == after.email.strip(),
            "phone": before.digits == after.digits,
        }
        return {word: words[word] for part, word in _WORDS.items() if not same[part]}

    def lacking(self, clients: abc.Sequence[Client], needed: abc.Set[str] = frozenset()) -> tuple[str, ...]:
        """The parts that are required and neither the first client nor the stand-in has, as people call them."""
        words = self.encode(clients[0] if clients else None, needed)
        names = () if words["firstName"] else ("name",)
        return names + tuple(called for part, called in CONTACTS.items() if part in needed and not words[part])


def _real(name: str) -> str:
    return "" if name == NO_NAME else name


def _without(client: Client, stand_in: Client) -> Client:
    """The client less every part that is the stand-in's; the names are one part.

    A phone counts without its area code only beside the stand-in's name and e-mail: elsewhere it may be a person's.
    """
    same_name = normal_text(client.name) == normal_text(stand_in.name)
    email = without_addresses(client.email, addresses(stand_in.email))
    same_digits = _is_its_phone(client.digits, stand_in.digits)
    if same_name and not email and client.email.strip() and client.digits:
        same_digits = same_digits or _may_be_its_phone(client, stand_in)
    return Client(
        first_name="" if same_name else client.first_name,
        last_name="" if same_name else client.last_name,
        email=email,
        phone="" if same_digits else client.phone,
    )


def _may_be_its_phone(client: Client, stand_in: Client) -> bool:
    """Not another number: without its area code, or with one more, it may be the stand-in's."""
    return bool(stand_in.digits) and same_number(client.phone, stand_in.phone) is not False


def _is_its_phone(shown: str, stand_in: str) -> bool:
    """The same digits, or those of the stand-in without its country code: a longer number is somebody's own."""
    if shown == stand_in:
        return True
    return len(shown) >= _LOCAL_DIGITS and stand_in.lstrip("0").endswith(shown)

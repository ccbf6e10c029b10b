"""The one client of an Acuity appointment, to Acuity's words and back.

Acuity requires both names, an e-mail and a phone. What a client lacks is filled on the way out, and what was filled
reads back as missing, so that no stand-in ever travels to another vendor or is taken for a person.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace

from syncd.model.appointment import Client, normal_text, same_phone
from syncd.vendors.acuity.schemas import AppointmentRow
from syncd.vendors.ours import Ours

NO_NAME = "-"
"""Stands for the name that a client with one name does not have: people read it as "none", and nobody is called it."""

_WORDS = {"first_name": "firstName", "last_name": "lastName", "email": "email", "phone": "phone"}


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

    def encode(self, client: Client | None) -> dict[str, str]:
        """All four parts in Acuity's words; a part stays empty where there is no placeholder to fill it."""
        stand_in = self.placeholder or Client()
        client = client or Client()
        first, last = client.first_name.strip(), client.last_name.strip()
        if not first and not last:
            first, last = stand_in.first_name, stand_in.last_name
        else:
            first, last = first or NO_NAME, last or NO_NAME
        filled = Client(
            first_name=first,
            last_name=last,
            email=client.email.strip() or stand_in.email,
            phone=client.phone.strip() if client.digits else stand_in.phone,
        )
        return {word: getattr(filled, part) for part, word in _WORDS.items()}

    def changes(self, shown: Client | None, wanted: Client | None) -> dict[str, str]:
        """The parts of `encode(wanted)` that a record showing `shown` lacks. A phone is what its digits are."""
        before, after = shown or Client(), wanted or Client()
        words = self.encode(wanted)
        same = {
            "first_name": before.first_name == after.first_name.strip() and bool(before.name) == bool(after.name),
            "last_name": before.last_name == after.last_name.strip() and bool(before.name) == bool(after.name),
            "email": before.email == after.email.strip(),
            "phone": before.digits == after.digits,
        }
        return {word: words[word] for part, word in _WORDS.items() if not same[part]}

    def lacking(self, clients: abc.Sequence[Client]) -> tuple[str, ...]:
        """The parts that Acuity requires and neither the first client nor the placeholder has, as people call them."""
        words = self.encode(clients[0] if clients else None)
        names = () if words["firstName"] else ("name",)
        return names + tuple(part for part, word in (("e-mail", "email"), ("phone", "phone")) if not words[word])


def _real(name: str) -> str:
    return "" if name == NO_NAME else name


def _without(client: Client, stand_in: Client) -> Client:
    """The client less every part that is the stand-in's; the names are one part.

    A phone counts without its area code only beside the stand-in's name and e-mail: elsewhere it may be a person's.
    """
    same_name = normal_text(client.name) == normal_text(stand_in.name)
    same_email = client.emails == stand_in.emails
    same_digits = client.digits == stand_in.digits
    if same_name and same_email and client.digits:
        same_digits = same_phone(client.digits, stand_in.digits)
    return Client(
        first_name="" if same_name else client.first_name,
        last_name="" if same_name else client.last_name,
        email="" if same_email else client.email,
        phone="" if same_digits else client.phone,
    )

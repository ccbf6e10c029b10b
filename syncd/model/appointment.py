"""The canonical appointment: what the records of one real-life appointment agree on.

Knows values and their sameness. Which vendor can hold which field is `capabilities`; who wins is `reconcile`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from syncd.model.errors import cut
from syncd.model.times import Slot

_IN_ONE_LINE, _MOST_NAMED = 120, 10
"""Letters of a title or a name, and people, that a summary shows."""
UNLISTED = "#"
"""Starts a service or staff value that a vendor shows by an id that no catalogue row has: `#<id>`. It is kept and
compared, and goes to no other vendor."""


DAMAGE = "\ufffd"
"""Stands in a text for what no letter could be made of. Nobody types it."""


class Field(StrEnum):
    """The fields of an appointment, each merged on its own."""

    SLOT = "slot"
    STATUS = "status"
    TITLE = "title"
    LOCATION = "location"
    NOTES = "notes"
    CLIENTS = "clients"
    SERVICE = "service"
    STAFF = "staff"


ALL_FIELDS = frozenset(Field)
TEXTS = frozenset({Field.TITLE, Field.LOCATION, Field.NOTES})
"""The fields that are free text, which a vendor may trim or drop."""


class Status(StrEnum):
    """What became of the appointment."""

    PENDING = "pending"
    SCHEDULED = "scheduled"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"

    @property
    def live(self) -> bool:
        """Whether it still stands (everything but cancelled)."""
        return self is not Status.CANCELLED

    @property
    def open(self) -> bool:
        """Whether it is still to come about: only such appointments are created elsewhere."""
        return self in (Status.PENDING, Status.SCHEDULED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A person the appointment is with.

    Any part may be empty; two e-mails or numbers stand in one text as the vendor has them. Who is who is not decided
    here, but in `compare.people`.
    """

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""

    @property
    def name(self) -> str:
        """First and last name with one blank between."""
        return " ".join(f"{self.first_name} {self.last_name}".split())

    @property
    def digits(self) -> str:
        """The digits of the phone number."""
        return re.sub(r"\D", "", self.phone)

    @property
    def empty(self) -> bool:
        """Whether nothing at all is known of the person."""
        return not (self.first_name.strip() or self.last_name.strip() or self.email.strip() or self.digits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """An appointment's values. `service` and `staff` are names from the catalogue, `#<id>` (unlisted), or None."""

    slot: Slot
    status: Status = Status.SCHEDULED
    title: str = ""
    location: str = ""
    notes: str = ""
    clients: tuple[Client, ...] = ()
    service: str | None = None
    staff: str | None = None

    def get(self, field: Field) -> Any:
        """The value of one field."""
        return getattr(self, field)

    def with_values(self, values: dict[Field, Any]) -> Appointment:
        """A copy with some fields replaced; itself, where it has these very values."""
        changed = {field.value: value for field, value in values.items() if getattr(self, field) is not value}
        return replace(self, **changed) if changed else self

    def damaged(self, field: Field) -> bool:
        """Whether a text of the field holds what no letter could be made of: half a character, another encoding."""
        if field is Field.CLIENTS:
            return any(DAMAGE in f"{one.first_name}{one.last_name}{one.email}{one.phone}" for one in self.clients)
        return field in TEXTS and DAMAGE in self.get(field)

    @property
    def display_title(self) -> str:
        """The title, or where it has none: service and client, so that a person recognises it."""
        return self.title.strip() or self.made_title

    @property
    def made_title(self) -> str:
        """What syncd calls an appointment without a title: by its service and its clients."""
        names = [client.name or client.email or client.phone for client in self.clients]
        service = "" if self.service is None or self.service.startswith(UNLISTED) else self.service
        return ", ".join(part for part in (service, *names) if part) or "Appointment"

    def summary(self) -> str:
        """One line by which an operator recognises it: what, who, when. For reports, never for logs."""
        names = [client.name or client.email for client in self.clients if client.name or client.email]
        title = self.display_title
        who = [name for name in names if name not in title]
        shown = [cut(text, _IN_ONE_LINE) for text in (title, *who[:_MOST_NAMED])]
        others = [f"{len(who) - _MOST_NAMED} more"] if len(who) > _MOST_NAMED else []
        return ", ".join((*shown, *others, str(self.slot)))


def normal_text(text: str) -> str:
    """Text as it is compared for sameness: case-folded, blanks collapsed."""
    return " ".join(text.split()).casefold()

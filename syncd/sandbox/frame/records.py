"""A record at a sandbox vendor, in neutral terms. Each vendor serves it in words of its own."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Person:
    """A client of an appointment."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True, kw_only=True)
class Entry:
    """One record. Never change one in place: a vendor's `amend` and `person_edit` store changed copies.

    `start`, `end`, `created_at` and `modified_at` are aware instants. `status` is pending, scheduled, completed,
    cancelled, no_show, or a raw word of the vendor's that has no neutral one. `service` and `staff` are the vendor's
    own ids. `notify` is the stored flag of a vendor that has one. `extra` holds raw fields that are served as they are.
    """

    id: str
    start: datetime
    end: datetime
    created_at: datetime
    modified_at: datetime
    status: str = "scheduled"
    title: str = ""
    location: str = ""
    notes: str = ""
    people: list[Person] = field(default_factory=list)
    service: Any = None
    staff: Any = None
    all_day: bool = False
    version: int = 1
    notify: bool = True
    extra: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.start.utcoffset() is None or self.end.utcoffset() is None:
            raise ValueError("start, end: an instant needs an offset")

    @property
    def is_cancelled(self) -> bool:
        """Whether it was called off."""
        return self.status == "cancelled"

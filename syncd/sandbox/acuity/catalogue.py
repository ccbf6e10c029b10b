"""What the sandbox's Acuity account offers: appointment types and calendars, as the vendor lists them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AppointmentType:
    """A kind of appointment. Its length in minutes is fixed: it decides every appointment's end."""

    id: int
    name: str
    minutes: int
    price: str = "0.00"
    category: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The schedule of one member of staff."""

    id: int
    name: str
    email: str = ""
    location: str = ""


TYPES = (AppointmentType(94517100, "Showing", 30), AppointmentType(94517101, "Consultation ", 60, price="45.00"))
"""A recorded trap is kept: a name may end in a blank (field-notes)."""
CALENDARS = (Calendar(14209019, "Jordan", "jordan@example.com"), Calendar(14209020, "Robin", "robin@example.com"))


def types_json(types: Iterable[AppointmentType], calendars: Iterable[Calendar]) -> list[dict[str, Any]]:
    """The answer to `GET /appointment-types`."""
    offered = [calendar.id for calendar in calendars]
    return [
        {
            "id": kind.id,
            "active": True,
            "name": kind.name,
            "description": None,
            "duration": kind.minutes,
            "price": kind.price,
            "category": kind.category,
            "color": "#ED7087",
            "private": False,
            "type": "service",
            "classSize": None,
            "paddingAfter": 0,
            "paddingBefore": 0,
            "calendarIDs": offered,
        }
        for kind in types
    ]


def calendars_json(calendars: Iterable[Calendar], zone: str) -> list[dict[str, Any]]:
    """The answer to `GET /calendars`. An image may be `false` (field-notes)."""
    return [
        {
            "id": calendar.id,
            "name": calendar.name,
            "email": calendar.email,
            "replyTo": calendar.email,
            "description": "",
            "location": calendar.location,
            "timezone": zone,
            "thumbnail": "",
            "image": False,
        }
        for calendar in calendars
    ]

"""What the sandbox's Acuity account offers: appointment types, add-ons and calendars, as the vendor lists them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from syncd.sandbox.acuity import requests
from syncd.sandbox.acuity.requests import Invalid


@dataclass(frozen=True, slots=True)
class AppointmentType:
    """A kind of appointment. Its length in minutes is fixed, and add-ons alone lengthen it.

    `form` is `service`, `class` or `series`; the latter two take `class_size` clients at one start.
    """

    id: int
    name: str
    minutes: int
    price: str = "0.00"
    category: str = ""
    form: str = "service"
    class_size: int | None = None


@dataclass(frozen=True, slots=True)
class Addon:
    """What a client may book besides a type; it makes the appointment so many minutes longer (the vendor's page)."""

    id: int
    name: str
    minutes: int
    price: str = "0.00"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The schedule of one member of staff. `zone` is its own where the account's calendars differ in that."""

    id: int
    name: str
    email: str = ""
    location: str = ""
    zone: str = ""


TYPES = (AppointmentType(94517100, "Showing", 30), AppointmentType(94517101, "Consultation ", 60, price="45.00"))
"""A recorded trap is kept: a name may end in a blank (field-notes)."""
CLASSES = (
    AppointmentType(94517110, "Open House", 45, form="class", class_size=8),
    AppointmentType(94517111, "Buyers' Course", 90, form="series", class_size=12),
)
ADDONS = (Addon(3107, "Second Viewing", 15, "10.00"), Addon(3108, "Printed Report", 0, "5.00"))
CALENDARS = (
    Calendar(14209019, "Jordan", "jordan@example.com"),
    Calendar(14209020, "Robin", "robin@example.com", zone="Pacific/Auckland"),
)


def asked_type(types: Mapping[int, AppointmentType], given: Mapping[str, Any]) -> AppointmentType:
    """The type that a body or a query names. Raises `Invalid`."""
    type_id = requests.identifier(given, "appointmentTypeID", "invalid_appointment_type")
    if type_id is None:
        raise Invalid("required_appointment_type_id", 'The parameter "appointmentTypeID" is required.')
    if type_id not in types:
        raise Invalid("invalid_appointment_type", f'The appointment type "{type_id}" does not exist.')
    return types[type_id]


def known_calendar(calendars: Mapping[int, Calendar], calendar_id: int) -> int:
    """The id, if it is a calendar's. Raises `Invalid`."""
    if calendar_id not in calendars:
        raise Invalid("invalid_calendar", f'The calendar "{calendar_id}" does not exist.')
    return calendar_id


def asked_addons(given: Mapping[str, Any]) -> list[int]:
    """The add-ons that a booking names. Raises `Invalid`; which code the vendor has for that is not known."""
    asked = given.get("addonIDs") or []
    known = {addon.id for addon in ADDONS}
    if not isinstance(asked, list) or not known.issuperset(each for each in asked if isinstance(each, int)):
        raise Invalid("bad_request", 'The parameter "addonIDs" must be a list of add-ons.')
    return asked


def length(kind: AppointmentType, addon_ids: Iterable[int] = ()) -> int:
    """The minutes of an appointment of this type with these add-ons."""
    longer = {addon.id: addon.minutes for addon in ADDONS}
    return kind.minutes + sum(longer.get(each, 0) for each in addon_ids)


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
            "type": kind.form,
            "classSize": kind.class_size,
            "paddingAfter": 0,
            "paddingBefore": 0,
            "calendarIDs": offered,
        }
        for kind in types
    ]


def addons_json() -> list[dict[str, Any]]:
    """The answer to `GET /appointment-addons` (the vendor's page on add-ons)."""
    return [
        {"id": addon.id, "name": addon.name, "duration": addon.minutes, "price": addon.price, "private": False}
        for addon in ADDONS
    ]


def calendars_json(calendars: Iterable[Calendar], zones: Mapping[int, str]) -> list[dict[str, Any]]:
    """The answer to `GET /calendars`; `zones` by calendar. An image may be `false` (field-notes)."""
    return [
        {
            "id": calendar.id,
            "name": calendar.name,
            "email": calendar.email,
            "replyTo": calendar.email,
            "description": "",
            "location": calendar.location,
            "timezone": zones[calendar.id],
            "thumbnail": "",
            "image": False,
        }
        for calendar in calendars
    ]

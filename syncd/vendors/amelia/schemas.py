"""What Amelia sends, in its own words: lenient payload types.

They accept ids and flags as text or number, null for text, and PHP's habit of sending a list with gaps as an object.
What a row means, and whether it suffices for an appointment, is the codec's.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from pydantic import BeforeValidator, Field, TypeAdapter

from syncd.vendors.payloads import AnyText, Payload, as_flag, read_as

_DIGITS = 18
_NUMBER = re.compile("[0-9]+")


def _identity(value: Any) -> Any:
    if value is None or value == "":
        return None
    number = as_id(value)
    if number is None:
        raise ValueError(f"an id is a number of at most {_DIGITS} digits")
    return number


def as_id(value: Any) -> str | None:
    """An id as text, None for what is none: Amelia's are whole numbers, and go into addresses."""
    plain = isinstance(value, str | int) and not isinstance(value, bool)
    text = value.strip() if isinstance(value, str) else str(value) if plain and abs(value) < 10**_DIGITS else ""
    return text if len(text) <= _DIGITS and _NUMBER.fullmatch(text) else None


def as_count(raw: bytes) -> int | None:
    """A whole number that an answer gives as JSON; None for anything else."""
    return int(raw) if len(raw) <= _DIGITS and raw.isdigit() else None


def _flag(value: Any) -> Any:
    """Every spelling of "off" that occurs is off, anything else is on; null says nothing, so it may be on."""
    return as_flag(value) is not False


def _seconds(value: Any) -> Any:
    """A positive number of seconds, else None."""
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 < number < 10**9 and not isinstance(value, bool) else None


def _rows(value: Any) -> Any:
    return list(value.values()) if isinstance(value, dict) else value


Identity = Annotated[str | None, BeforeValidator(_identity)]
OwnIdentity = Annotated[str | None, BeforeValidator(as_id)]
"""Of a row of a list that is looked through: one that has none is nobody that could be named."""
Flag = Annotated[bool, BeforeValidator(_flag)]
Seconds = Annotated[int | None, BeforeValidator(_seconds)]


class Customer(Payload):
    """A person, in a booking or as a row of `GET /users/customers`."""

    id: OwnIdentity = None
    first_name: AnyText = Field("", alias="firstName")
    last_name: AnyText = Field("", alias="lastName")
    email: AnyText = ""
    phone: AnyText = ""


class Booking(Payload):
    """One customer's place in an appointment. `duration` is in seconds; `info` is JSON in text."""

    id: Identity = None
    customer_id: Identity = Field(None, alias="customerId")
    customer: Customer | None = None
    status: AnyText = ""
    duration: Seconds = None
    extras: Any = None
    info: AnyText = ""

    @property
    def who(self) -> str | None:
        """The customer's id."""
        return self.customer_id or (self.customer.id if self.customer is not None else None)

    @property
    def order(self) -> tuple[int, str]:
        """Sorts bookings by age."""
        number = self.id or ""
        return (int(number) if number.isascii() and number.isdigit() else 0, number)


class AppointmentRow(Payload):
    """An appointment, as a list row or by id. Times are on the site's wall clock.

    `notify` is the stored `notifyParticipants`; where the row does not show it, it may be on.
    """

    id: Identity = None
    start: AnyText = Field("", alias="bookingStart")
    end: AnyText = Field("", alias="bookingEnd")
    status: AnyText = ""
    notes: AnyText = Field("", alias="internalNotes")
    service_id: Identity = Field(None, alias="serviceId")
    provider_id: Identity = Field(None, alias="providerId")
    location_id: Identity = Field(None, alias="locationId")
    parent_id: Identity = Field(None, alias="parentId")
    notify: Flag = Field(default=True, alias="notifyParticipants")
    bookings: Annotated[list[Booking], BeforeValidator(_rows)] | None = None


class CatalogueRow(Payload):
    """A row of `/services`, `/users/providers` or `/locations`, as far as its id."""

    id: OwnIdentity = None


class Glance(msgspec.Struct):
    """The little that a listing needs of each item: an appointment's id, or the appointments of a day."""

    id: Any = None
    appointments: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_APPOINTMENT = TypeAdapter(AppointmentRow)
CUSTOMER = TypeAdapter(Customer)
CUSTOMERS = TypeAdapter(Annotated[list[Customer], BeforeValidator(_rows)])
CATALOGUE = TypeAdapter(Annotated[list[CatalogueRow], BeforeValidator(_rows)])


def read_row(raw: bytes) -> AppointmentRow:
    """An appointment's JSON in Amelia's words. Raises `Malformed`, naming the key, without client details."""
    return read_as(_APPOINTMENT, raw)

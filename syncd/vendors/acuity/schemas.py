"""What Acuity sends, in its own words: lenient payload types.

They accept both the recorded shape and the reference's (field-notes), ids as text or number, null for text. What a row
means, and whether it suffices for an appointment, is the codec's.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from pydantic import AliasChoices, BeforeValidator, Field, TypeAdapter

from syncd.vendors.payloads import AnyText, Payload, as_flag, read_as


def _identity(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("an id is a number")
    return str(value).strip()


def _flag(value: Any) -> bool | str:
    """True or false in any of their spellings; another word is kept as it is."""
    if value is None:
        return False
    known = as_flag(value)
    return str(value).strip() if known is None else known


def _numbers(value: Any) -> Any:
    """Ids of add-ons; None where they cannot be told."""
    if not isinstance(value, list) or not all(str(each).isdecimal() for each in value):
        return None
    return tuple(int(each) for each in value)


Identity = Annotated[str | None, BeforeValidator(_identity)]
Flag = Annotated[bool | str, BeforeValidator(_flag)]
Addons = Annotated[tuple[int, ...] | None, BeforeValidator(_numbers)]


class AppointmentRow(Payload):
    """An appointment, as a list row or by id.

    Recorded: `start` (`datetime`, with an offset) and `duration` (minutes, as text); `time` and `endTime` are for
    display. Reference: `time` and `endTime` are ISO, the others may be absent. `canceled` and `no_show` are words
    where they are neither true nor false. `status` is a key that Acuity is not known to send. `addon_ids`: recorded,
    None where the row does not say which add-ons it has. `class_id` is there in a booking of a class alone.
    """

    id: Identity = None
    first_name: AnyText = Field("", alias="firstName")
    last_name: AnyText = Field("", alias="lastName")
    email: AnyText = ""
    phone: AnyText = ""
    start: AnyText = Field("", alias="datetime")
    duration: AnyText = ""
    time: AnyText = ""
    end_time: AnyText = Field("", alias="endTime")
    type_id: Identity = Field(None, alias="appointmentTypeID")
    addon_ids: Addons = Field(None, alias="addonIDs")
    type_name: AnyText = Field("", alias="type")
    calendar_id: Identity = Field(None, alias="calendarID")
    class_id: Identity = Field(None, alias="classID")
    zone: AnyText = Field("", validation_alias=AliasChoices("calendarTimezone", "calendarTimeZone"))
    location: AnyText = ""
    notes: AnyText = ""
    canceled: Flag = False
    no_show: Flag = Field(default=False, alias="noShow")
    status: AnyText = ""


class Calendar(Payload):
    """A row of `GET /calendars`."""

    id: Identity = None
    name: AnyText = ""
    timezone: AnyText = ""


class AppointmentType(Payload):
    """A row of `GET /appointment-types`; `duration` in minutes, as text. `form` is `service`, `class` or `series`."""

    id: Identity = None
    name: AnyText = ""
    duration: AnyText = ""
    active: Flag = True
    form: AnyText = Field("", alias="type")


class BlockRow(Payload):
    """A row of `GET /blocks`: the keys that a create takes, and an id, which exceeds 2^32 (field-notes)."""

    id: Identity = None
    calendar_id: Identity = Field(None, alias="calendarID")
    start: AnyText = ""
    end: AnyText = ""
    notes: AnyText = ""


class Webhook(Payload):
    """A row of `GET /webhooks`, by the reference."""

    id: Identity = None
    event: AnyText = ""
    target: AnyText = ""
    status: AnyText = ""


_APPOINTMENT = TypeAdapter(AppointmentRow)
CALENDARS = TypeAdapter(list[Calendar])
WEBHOOKS = TypeAdapter(list[Webhook])
BLOCKS = TypeAdapter(list[BlockRow])
BLOCK = TypeAdapter(BlockRow)
APPOINTMENT_TYPES = TypeAdapter(list[AppointmentType])


class Glance(msgspec.Struct):
    """The little that a listing needs of each row before anybody reads it. Of any type: a row's id must survive."""

    id: Any = None
    calendar_id: Any = msgspec.field(default=None, name="calendarID")
    start: Any = msgspec.field(default=None, name="datetime")
    time: Any = None
    zone: Any = msgspec.field(default=None, name="calendarTimezone")
    reference_zone: Any = msgspec.field(default=None, name="calendarTimeZone")
    class_id: Any = msgspec.field(default=None, name="classID")
    type_id: Any = msgspec.field(default=None, name="appointmentTypeID")


class Envelope(Payload):
    """An error: `{"status_code", "message", "error"}`."""

    status_code: AnyText = ""
    error: AnyText = ""
    message: AnyText = ""


def read_row(raw: bytes) -> AppointmentRow:
    """An appointment's JSON in Acuity's words. Raises `Malformed`, naming the key, without client details."""
    return read_as(_APPOINTMENT, raw)

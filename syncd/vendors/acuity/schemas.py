"""What Acuity sends, in its own words: lenient payload types.

They accept both the recorded shape and the reference's (field-notes), ids as text or number, null for text. What a row
means, and whether it suffices for an appointment, is the codec's.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no", ""})


def _text(value: Any) -> Any:
    """Text without blanks around it; null, `false` (seen for `image`) and what is no text at all count as empty."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _identity(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("an id is a number")
    return str(value).strip()


def _flag(value: Any) -> Any:
    """True or false in any of their spellings; another word is kept as it is."""
    if value is None or isinstance(value, bool):
        return bool(value)
    word = str(value).strip()
    if word.casefold() in _TRUE:
        return True
    return False if word.casefold() in _FALSE else word


def _numbers(value: Any) -> Any:
    """Ids of add-ons; None where they cannot be told."""
    if not isinstance(value, list) or not all(str(each).isdecimal() for each in value):
        return None
    return tuple(int(each) for each in value)


Text = Annotated[str, BeforeValidator(_text)]
Identity = Annotated[str | None, BeforeValidator(_identity)]
Flag = Annotated[bool | str, BeforeValidator(_flag)]
Addons = Annotated[tuple[int, ...] | None, BeforeValidator(_numbers)]


class Payload(BaseModel):
    """An object of Acuity's. Keys that are not named here are ignored."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class AppointmentRow(Payload):
    """An appointment, as a list row or by id.

    Recorded: `start` (`datetime`, with an offset) and `duration` (minutes, as text); `time` and `endTime` are for
    display. Reference: `time` and `endTime` are ISO, the others may be absent. `canceled` and `no_show` are words
    where they are neither true nor false. `status` is a key that Acuity is not known to send. `addon_ids`: recorded,
    None where the row does not say which add-ons it has.
    """

    id: Identity = None
    first_name: Text = Field("", alias="firstName")
    last_name: Text = Field("", alias="lastName")
    email: Text = ""
    phone: Text = ""
    start: Text = Field("", alias="datetime")
    duration: Text = ""
    time: Text = ""
    end_time: Text = Field("", alias="endTime")
    type_id: Identity = Field(None, alias="appointmentTypeID")
    addon_ids: Addons = Field(None, alias="addonIDs")
    type_name: Text = Field("", alias="type")
    calendar_id: Identity = Field(None, alias="calendarID")
    zone: Text = Field("", validation_alias=AliasChoices("calendarTimezone", "calendarTimeZone"))
    location: Text = ""
    notes: Text = ""
    canceled: Flag = False
    no_show: Flag = Field(default=False, alias="noShow")
    status: Text = ""


class Calendar(Payload):
    """A row of `GET /calendars`."""

    id: Identity = None
    name: Text = ""
    timezone: Text = ""


class AppointmentType(Payload):
    """A row of `GET /appointment-types`; `duration` in minutes, as text. `form` is `service`, `class` or `series`."""

    id: Identity = None
    name: Text = ""
    duration: Text = ""
    active: Flag = True
    form: Text = Field("", alias="type")


class Webhook(Payload):
    """A row of `GET /webhooks`, by the reference."""

    id: Identity = None
    event: Text = ""
    target: Text = ""
    status: Text = ""


APPOINTMENT = TypeAdapter(AppointmentRow)
CALENDARS = TypeAdapter(list[Calendar])
WEBHOOKS = TypeAdapter(list[Webhook])
APPOINTMENT_TYPES = TypeAdapter(list[AppointmentType])


class Glance(msgspec.Struct):
    """The little that a listing needs of each row before anybody reads it. Of any type: a row's id must survive."""

    id: Any = None
    calendar_id: Any = msgspec.field(default=None, name="calendarID")
    start: Any = msgspec.field(default=None, name="datetime")
    time: Any = None
    zone: Any = msgspec.field(default=None, name="calendarTimezone")
    reference_zone: Any = msgspec.field(default=None, name="calendarTimeZone")


class Envelope(Payload):
    """An error: `{"status_code", "message", "error"}`."""

    status_code: Text = ""
    error: Text = ""
    message: Text = ""

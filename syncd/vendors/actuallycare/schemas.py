"""What ActuallyCare's JSON looks like, and what of it is tolerated.

Envelopes are sliced without being decoded; single rows are read leniently: unknown keys are ignored, numbers may be
text and the other way round, null for a text is empty. Only what makes no appointment at all is an error.
"""

from __future__ import annotations

from collections import abc
from typing import Annotated, Any, TypeVar

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter

from syncd.vendors.bounds import usable_id

_DIGITS = 18

T = TypeVar("T")


class Envelope(msgspec.Struct):
    """Every answer: `success` with `data`, or without it and with `error`."""

    success: bool | None = None
    data: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)
    error: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)


class Meta(msgspec.Struct):
    """What a listing says of itself. Without `total` nothing tells whether it is whole."""

    total: int
    totalPages: int | None = None  # noqa: N815 - the vendor's key
    hasMore: bool | None = None  # noqa: N815


class ListData(msgspec.Struct):
    """The `data` of a listing."""

    appointments: list[msgspec.Raw]
    meta: Meta


class ClientData(msgspec.Struct):
    """The `data` of a listing of clients."""

    clients: list[msgspec.Raw]
    meta: Meta


class Identity(msgspec.Struct):
    """The one key that every row must have, and the one by which an appointment names its client."""

    id: str | int
    client_id: Any = None

    @property
    def client(self) -> str:
        """The id of the client; empty where none is named."""
        named = self.client_id
        text = str(named).strip() if isinstance(named, str | int) and not isinstance(named, bool) else ""
        return text if usable_id(text) else ""


class ErrorBody(msgspec.Struct):
    """The `error` of a refusal. Its message is never branched on."""

    code: str


def _text(value: Any) -> Any:
    return "" if value is None else value


def _number(value: Any) -> int | None:
    """A whole number, as such or as text; None for anything else.

    One that is too long for a version is an error: without it, nothing would guard a write.
    """
    digits = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(digits, str) or not digits.isascii() or not digits.removeprefix("-").isdigit():
        return None
    if len(digits) > _DIGITS:
        raise ValueError(f"a number of more than {_DIGITS} digits")
    return int(digits)


def _optional_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


Text = Annotated[str, BeforeValidator(_text)]
Number = Annotated[int | None, BeforeValidator(_number)]
OptionalText = Annotated[str | None, BeforeValidator(_optional_text)]


class Attendee(BaseModel):
    """A person of an appointment; the name is one text."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    name: Text = ""
    email: Text = ""
    phone: Text = ""


class ClientPayload(BaseModel):
    """One client, by the vendor's clients page."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    id: str
    first_name: Text = ""
    last_name: Text = ""
    email: Text = ""
    phone: Text = ""


class AppointmentPayload(BaseModel):
    """One appointment. List rows of the reference lack `version`, `updated_at`, `attendees` and `notes`."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    id: str
    start_time: str
    end_time: str
    title: Text = ""
    location: Text = ""
    notes: Text = ""
    status: Text = ""
    appointment_type: Text = ""
    client_id: Text = ""
    attendees: list[Attendee] | None = None
    version: Number = None
    updated_at: OptionalText = None

    def shown(self, key: str) -> bool:
        """Whether the answer had this key at all."""
        return key in self.model_fields_set


_CLIENT = TypeAdapter(ClientPayload)
_ROW = TypeAdapter(AppointmentPayload)


def parse_row(raw: bytes) -> AppointmentPayload:
    """One row. Raises pydantic's `ValidationError`."""
    return _ROW.validate_json(raw)


def parse_client(raw: bytes) -> ClientPayload:
    """One client. Raises pydantic's `ValidationError`."""
    return _CLIENT.validate_json(raw)


def unpack(raw: bytes | msgspec.Raw, shape: type[T]) -> T | None:
    """The value of that shape, or None where these bytes are something else."""
    try:
        return msgspec.json.decode(raw, type=shape, strict=False)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


Body = abc.Mapping[str, Any]
"""What is sent: an object by the vendor's keys."""

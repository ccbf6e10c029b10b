"""What ActuallyCare's JSON looks like, and what of it is tolerated.

Envelopes are sliced without being decoded; single rows are read leniently: unknown keys are ignored, numbers may be
text and the other way round, null for a text is empty. Only what makes no appointment at all is an error.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from pydantic import BeforeValidator, TypeAdapter

from syncd.vendors.payloads import Fault, OptionalText, Payload, Text, plain_id, read_as

_DIGITS = 18


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
        return plain_id(self.client_id)


class ErrorBody(msgspec.Struct):
    """The `error` of a refusal. Its message is never branched on."""

    code: str


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


Number = Annotated[int | None, BeforeValidator(_number)]


class Attendee(Payload):
    """A person of an appointment; the name is one text."""

    name: Text = ""
    email: Text = ""
    phone: Text = ""


class ClientRow(Payload):
    """One client, by the vendor's clients page."""

    id: str
    first_name: Text = ""
    last_name: Text = ""
    email: Text = ""
    phone: Text = ""


class AppointmentRow(Payload):
    """One appointment. List rows of the reference lack `version`, `updated_at`, `attendees` and `notes`."""

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


_CLIENT = TypeAdapter(ClientRow)
_APPOINTMENT = TypeAdapter(AppointmentRow)


def read_row(raw: bytes) -> AppointmentRow:
    """An appointment's JSON in ActuallyCare's words. Raises `Malformed`, naming the key, without client details."""
    return read_as(_APPOINTMENT, raw, _said)


def read_client(raw: bytes) -> ClientRow:
    """A client's JSON. Raises `Malformed`."""
    return read_as(_CLIENT, raw, _said)


def _said(fault: Fault) -> str:
    if not fault.key:
        return "it is no JSON object that can be read"
    if fault.kind == "missing":
        return f"{fault.key} is missing"
    why = fault.message.removeprefix("Value error, ")
    return f"{fault.key} cannot be read: {why[:1].lower()}{why[1:]}"

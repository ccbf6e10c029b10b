"""What Aivapad's JSON looks like, and what of it is tolerated.

Envelopes are sliced without being decoded; single rows are read leniently: unknown keys are ignored, numbers may be
text, null for a text is empty. A value of another shape is an error: reading it as empty would empty it elsewhere.
"""

from __future__ import annotations

from typing import Annotated, Any, cast

import msgspec
from pydantic import BeforeValidator, TypeAdapter

from syncd.vendors.bounds import usable_id
from syncd.vendors.payloads import Fault, OptionalText, Payload, Text, read_as, unpack


class Identity(msgspec.Struct):
    """The id of a row: `_id`, sometimes `id`."""

    primary: str | int | None = msgspec.field(default=None, name="_id")
    plain: str | int | None = msgspec.field(default=None, name="id")


class Conflicts(msgspec.Struct):
    """The answer of the conflict check; of a record in conflict the reference shows no example."""

    hasConflict: bool  # noqa: N815 - the vendor's key
    conflictingAppointments: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)  # noqa: N815


def _flag(value: Any) -> Any:
    return False if value is None or value == "" else value


def _optional_flag(value: Any) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())


Flag = Annotated[bool, BeforeValidator(_flag)]
OptionalFlag = Annotated[bool | None, BeforeValidator(_optional_flag)]


class AppointmentRow(Payload):
    """One appointment. Which keys an answer had is in `model_fields_set`; the names are the vendor's."""

    title: Text = ""
    date: Text = ""
    startTime: Text = ""  # noqa: N815
    endTime: Text = ""  # noqa: N815
    status: Text = ""
    clientFirstName: Text = ""  # noqa: N815
    clientLastName: Text = ""  # noqa: N815
    clientEmail: Text = ""  # noqa: N815
    location: Text = ""
    notes: Text = ""
    allDay: Flag = False  # noqa: N815
    notificationEnabled: OptionalFlag = None  # noqa: N815
    updatedAt: OptionalText = None  # noqa: N815


_APPOINTMENT = TypeAdapter(AppointmentRow)


def read_row(raw: bytes) -> AppointmentRow:
    """An appointment's JSON in Aivapad's words. Raises `Malformed`, naming the key, without client details."""
    return read_as(_APPOINTMENT, raw, _said)


def plain(raw: msgspec.Raw) -> Any:
    """The value of any JSON; None where there is none."""
    return unpack(raw, cast("type[Any]", Any))


def row_id(raw: bytes | msgspec.Raw) -> str | None:
    """The id of a row, or None where it has none."""
    identity = unpack(raw, Identity)
    for found in (identity.primary, identity.plain) if identity else ():
        if found is not None and usable_id(str(found)):
            return str(found)
    return None


def _said(fault: Fault) -> str:
    return f"{fault.key} cannot be read" if fault.key else "it is no JSON object that can be read"

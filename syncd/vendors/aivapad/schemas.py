"""What Aivapad's JSON looks like, and what of it is tolerated.

Envelopes are sliced without being decoded; single rows are read leniently: unknown keys are ignored, numbers may be
text, null for a text is empty. A value of another shape is an error: reading it as empty would empty it elsewhere.
"""

from __future__ import annotations

from collections import abc
from typing import Annotated, Any, TypeVar, cast

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter

from syncd.vendors.bounds import usable_id

T = TypeVar("T")

Body = abc.Mapping[str, Any]
"""What is sent: an object by the vendor's keys."""


class Identity(msgspec.Struct):
    """The id of a row: `_id`, sometimes `id`."""

    primary: str | int | None = msgspec.field(default=None, name="_id")
    plain: str | int | None = msgspec.field(default=None, name="id")


class Conflicts(msgspec.Struct):
    """The answer of the conflict check; of a record in conflict the reference shows no example."""

    hasConflict: bool  # noqa: N815 - the vendor's key
    conflictingAppointments: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)  # noqa: N815


def _text(value: Any) -> Any:
    return "" if value is None else value


def _flag(value: Any) -> Any:
    return False if value is None or value == "" else value


def _optional_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _optional_flag(value: Any) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())


Text = Annotated[str, BeforeValidator(_text)]
Flag = Annotated[bool, BeforeValidator(_flag)]
OptionalText = Annotated[str | None, BeforeValidator(_optional_text)]
OptionalFlag = Annotated[bool | None, BeforeValidator(_optional_flag)]


class AppointmentPayload(BaseModel):
    """One appointment. Which keys an answer had is in `model_fields_set`; the names are the vendor's."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

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

    def shown(self, *keys: str) -> bool:
        """Whether the answer had all of these keys."""
        return self.model_fields_set.issuperset(keys)


_ROW = TypeAdapter(AppointmentPayload)


def parse_row(raw: bytes) -> AppointmentPayload:
    """One row. Raises pydantic's `ValidationError`."""
    return _ROW.validate_json(raw)


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


def unpack(raw: bytes | msgspec.Raw, shape: type[T]) -> T | None:
    """The value of that shape, or None where these bytes are something else."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None

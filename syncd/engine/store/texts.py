"""Canonical values as JSON, for the store and for saved plans. Lossless both ways.

msgspec knows frozen dataclasses, so the model needs no third-party code for this.
"""

from __future__ import annotations

from collections import abc
from typing import Any

import msgspec

from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.memory import Aspect, Provenance
from syncd.model.times import Slot


class Shown(msgspec.Struct, frozen=True):
    """What a record showed: its values, and which of them mean anything; the marks are as in a
    `Mapping`.
    """

    values: Appointment
    shows: frozenset[Field]
    missing: bool = False
    lapsed: bool = False
    keeps_word: bool = False
    aside: bool = False
    parts: tuple[str, ...] = ()
    surplus: bool = False
    guests: dict[str, str] = {}
    unlike: frozenset[Aspect] = frozenset()
    wall: str = ""
    unconfirmed: bool = False


_ENCODER = msgspec.json.Encoder(order="deterministic")
_APPOINTMENT = msgspec.json.Decoder(Appointment)
_SHOWN = msgspec.json.Decoder(Shown)
_PROVENANCE = msgspec.json.Decoder(dict[str, Provenance])
_TYPES: dict[Field, Any] = {
    Field.SLOT: Slot,
    Field.STATUS: Status,
    Field.CLIENTS: tuple[Client, ...],
    Field.SERVICE: str | None,
    Field.STAFF: str | None,
}


def to_json(value: Any) -> str:
    """Any canonical value as JSON text."""
    return _ENCODER.encode(value).decode()


def appointment_from(text: str) -> Appointment:
    """An appointment from its JSON. Raises msgspec.ValidationError or InvalidSlot for none."""
    return _APPOINTMENT.decode(text)


def shown_from(text: str) -> Shown:
    """What a record showed, from its JSON. Raises like `appointment_from`."""
    return _SHOWN.decode(text)


def provenance_from(text: str) -> dict[str, Provenance]:
    """Provenance by atom from its JSON."""
    return _PROVENANCE.decode(text)


def values_to_json(values: abc.Mapping[str, Any]) -> str:
    """Values of one field by vendor."""
    return to_json(dict(values))


def parsed(text: str) -> Any:
    """Plain JSON."""
    return msgspec.json.decode(text)


def value_from(field: Field, value: Any) -> Any:
    """A plain JSON value of a field as a canonical one; None where there was none."""
    return None if value is None else typed(value, _TYPES.get(field, str))


def typed(value: Any, kind: Any) -> Any:
    """A plain JSON value as a canonical type."""
    return msgspec.convert(value, kind)

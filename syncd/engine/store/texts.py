"""Canonical values as JSON, for the store and for saved plans. Lossless both ways.

msgspec knows frozen dataclasses, so the model needs no third-party code for this.
"""

from __future__ import annotations

from typing import Any, get_type_hints

import msgspec

from syncd.model.appointment import Appointment, Field
from syncd.model.memory import Aspect, Mapping, Provenance


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
    base_unseen: bool = False
    glimpsed: frozenset[Field] = frozenset()
    parts: tuple[str, ...] = ()
    surplus: bool = False
    guests: dict[str, str] = {}
    unlike: frozenset[Aspect] = frozenset()
    wall: str = ""
    unconfirmed: bool = False
    asked_of_seat: bool = False
    beside: bool = False

    @classmethod
    def of(cls, mapping: Mapping) -> Shown:
        """What the record of a mapping showed last."""
        return cls(mapping.base, mapping.shows, **_marks(mapping))

    @property
    def marks(self) -> dict[str, Any]:
        """Everything but the values, by the names that it has in a mapping."""
        return _marks(self)


def _marks(one: Shown | Mapping) -> dict[str, Any]:
    # A mark that is added to both classes is stored from then on: nothing else names them.
    return {name: getattr(one, name) for name in Shown.__struct_fields__[2:]}


_ENCODER = msgspec.json.Encoder(order="deterministic")

appointment_from = msgspec.json.Decoder(Appointment).decode
"""An appointment from its JSON. Raises msgspec.ValidationError or InvalidSlot for none."""

shown_from = msgspec.json.Decoder(Shown).decode
"""What a record showed, from its JSON. Raises like `appointment_from`."""

provenance_from = msgspec.json.Decoder(dict[str, Provenance]).decode
"""Provenance by atom from its JSON."""

parsed = msgspec.json.decode
"""Plain JSON."""

typed = msgspec.convert
"""A plain JSON value as a canonical type."""


PARTED = '"parts":["'
"""Stands in the text of what a record showed, where it consists of parts."""


def to_json(value: Any) -> str:
    """Any canonical value as JSON text."""
    return _ENCODER.encode(value).decode()


_KINDS = get_type_hints(Appointment)
"""Of what kind the value of each field is."""


def value_from(field: Field, value: Any) -> Any:
    """A plain JSON value of a field as a canonical one; None where there was none."""
    return None if value is None else typed(value, _KINDS[field])

"""A standing record that took another booking in: what that made of it is nobody's edit.

    09:00 Jane's record stands at the vendor, with notes of hers
    09:02 Omar's create is put into it: it shows both clients, both notes, and the longer of the two times
Taken for an edit of Jane's appointment, Omar's name and notes would reach her records elsewhere.
"""

from __future__ import annotations

from dataclasses import replace

from syncd.model.appointment import Field
from syncd.model.memory import Mapping
from syncd.model.record import Record

_GAINED = frozenset({Field.CLIENTS, Field.STATUS, Field.NOTES, Field.SLOT})


def as_host(mapping: Mapping, record: Record) -> Mapping:
    """The mapping, based on the record in all that a join changes. Another start is not that: it is a person's."""
    moved = record.content.slot.minute != mapping.base.slot.minute
    gained = record.shows & (_GAINED - {Field.SLOT} if moved else _GAINED)
    return replace(mapping, base=mapping.base.with_values({name: record.content.get(name) for name in gained}))

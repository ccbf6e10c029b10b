"""Texts that came damaged (half a character, letters of another encoding), and what that costs a
record. No I/O.

A record with a mapping keeps the rest: a damaged text is nobody's change
(`compare.sameness.differs`). One without may be the like of a record elsewhere that only its
client or its title tells: where those are damaged it is neither linked nor made anywhere until they
are corrected.
"""

from __future__ import annotations

from collections import abc

from syncd.model.appointment import Field
from syncd.model.record import BadRow, Record

_WAY_OUT = (
    "a character in it was cut in half or is in another encoding (shown as \ufffd); "
    "correct it there"
)


def damaged_fields(record: Record) -> tuple[Field, ...]:
    """The fields that a record shows with a damaged text."""
    return tuple(name for name in Field if name in record.shows and record.content.damaged(name))


def unrecognisable(record: Record) -> BadRow | None:
    """A whole record without a mapping that is not to be told from others: its name is damaged."""
    # Before anything is made of a row, its record is read by id.
    if not record.whole:
        return None
    told_by = {Field.CLIENTS}
    # Without a client the title is all that tells one record from its neighbour.
    if all(client.empty for client in record.content.clients):
        told_by.add(Field.TITLE)
    struck = told_by.intersection(damaged_fields(record))
    if not struck:
        return None
    return unreadable(record, f"its {' and '.join(sorted(struck))} cannot be read: {_WAY_OUT}")


def unreadable(record: Record, reason: str) -> BadRow:
    """A record that is there, and of which nothing is to be made."""
    return BadRow(
        vendor=record.vendor,
        remote_id=record.remote_id,
        reason=reason,
        fingerprint=record.fingerprint or b"",
        starts=starts_of(record),
    )


def starts_of(record: Record) -> frozenset[int]:
    """The minutes since 1970 in which it may start, in all its readings."""
    return frozenset(slot.minute for slot in (record.content.slot, *record.other_readings))


def said_of(vendor: str, records: abc.Iterable[Record]) -> list[str]:
    """What an operator should know of new and changed records: which fields are damaged."""
    said = []
    for record in sorted(records, key=lambda one: one.remote_id):
        struck = damaged_fields(record)
        if struck:
            names = " and ".join(struck)
            said.append(f"{vendor}: the {names} of its record {record.remote_id}: {_WAY_OUT}")
    return said

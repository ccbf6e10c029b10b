"""A standing record that took another booking in: what that made of it is nobody's edit, and the
booking not its own.

    09:00 Jane's record stands at the vendor, with notes of hers
    09:02 Omar's create is put into it: it shows both clients, both notes, and the longer of the two
          times
    09:30 Jane is cancelled elsewhere; cancelled as a whole, the record would end Omar's booking
          with hers
So the booking is remembered as a guest, without which the record is read and written from then on.
The notes alone cannot be told apart.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace

from syncd.compare.people import named
from syncd.model.appointment import Appointment, Field, normal_text
from syncd.model.memory import Mapping
from syncd.model.record import Record, names_of

_SHARED = frozenset({Field.SLOT, Field.STATUS, Field.CLIENTS})
"""What a record that was read with its guests says of all of them together."""


@dataclass(frozen=True, slots=True)
class Guest:
    """An appointment whose booking went into another's record, and what it was meant to be."""

    appointment: str
    intended: Appointment


def as_host(
    mapping: Mapping, record: Record, guests: abc.Sequence[Guest], names: abc.Iterable[str] = ()
) -> Mapping:
    """The mapping, based on the record in all that taking these in changes, as a write of ours.

    `names` are what they became in it, where that was told; else it is what did not stand there
    before. Of several nobody knows which is whose. Notes that do not hold the other's are a
    person's.
    """
    gained = record.shows & {Field.NOTES} if _holds_notes(record, guests) else frozenset[Field]()
    new = tuple(names) or new_in(record, mapping, guests)
    owner = guests[0].appointment if len(guests) == 1 else ""
    known = {**mapping.guests, **dict.fromkeys(new, owner)}
    return replace(
        mapping,
        base=mapping.base.with_values({name: record.content.get(name) for name in gained}),
        written=mapping.written | gained,
        parts=_own_parts(record, known) or mapping.parts,
        guests=known,
        fingerprint=None,
    )


def _holds_notes(record: Record, guests: abc.Iterable[Guest]) -> bool:
    """Whether the notes of one that was taken in stand in those of the record."""
    notes = normal_text(record.content.notes)
    texts = (normal_text(guest.intended.notes) for guest in guests)
    return any(text and text in notes for text in texts)


def _own_parts(record: Record, guests: abc.Mapping[str, str]) -> tuple[str, ...]:
    """The parts of a record that are none of its guests'."""
    return tuple(part for part in record.parts if not guests.keys() & names_of([part]))


def new_in(record: Record, mapping: Mapping, guests: abc.Iterable[Guest]) -> tuple[str, ...]:
    """The parts that did not stand before; the youngest where nobody knows which did: one for each
    client.
    """
    before, now = names_of(mapping.parts), names_of(record.parts)
    if before:
        return tuple(name for name in now if name not in before)
    return now[-sum(max(1, len(named(guest.intended.clients))) for guest in guests) :]


def without_guests(record: Record, mapping: Mapping) -> Record:
    """A record that was read before its guests were known: what it says of all together is not its
    own.
    """
    own = _own_parts(record, mapping.guests)
    return replace(record, shows=record.shows - _SHARED, parts=own, fingerprint=None)

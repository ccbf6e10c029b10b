"""A standing record that took another booking in: what that made of it is nobody's edit.

    09:00 Jane's record stands at the vendor, with notes of hers
    09:02 Omar's create is put into it: it shows both clients, both notes, and the longer of the two times
Taken for an edit of Jane's appointment, Omar's name and notes would reach her records elsewhere.
"""

from __future__ import annotations

from dataclasses import replace

from syncd.model.appointment import Appointment, Field, normal_text
from syncd.model.memory import Mapping
from syncd.model.record import Record


def as_host(mapping: Mapping, record: Record, joining: Appointment) -> Mapping:
    """The mapping, based on the record in all that taking in the booking of `joining` changes.

    Notes that do not hold the other's, and another time than its length explains, are a person's.
    """
    now = record.content
    gained = record.shows & {Field.CLIENTS, Field.STATUS}
    theirs = normal_text(joining.notes)
    if theirs and theirs in normal_text(now.notes):
        gained |= record.shows & {Field.NOTES}
    if now.slot.minute == mapping.base.slot.minute and now.slot.duration == joining.slot.duration:
        gained |= {Field.SLOT}
    return replace(mapping, base=mapping.base.with_values({name: now.get(name) for name in gained}))

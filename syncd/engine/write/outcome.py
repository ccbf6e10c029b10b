"""What a write came to: the record as read back, against what was asked, to what is remembered.
Pure.

A vendor may round, trim or reformat; that is accepted as it is. A person may have been quicker;
that stays visible to the next cycle. A vendor that says "done" and did not is caught for the fields
that decide: the start and the status.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from syncd.compare.attribution import ROUNDING, edited_since, shown_over, told_by
from syncd.compare.people import named
from syncd.compare.sameness import rounded, same_at
from syncd.model.appointment import ALL_FIELDS, TEXTS, Appointment, Field
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Mapping
from syncd.model.plan import Operation
from syncd.model.record import Record
from syncd.model.times import Slot
from syncd.model.wording import unlike_length
from syncd.vendors.port import Written


def created_mapping(
    able: Capabilities,
    operation: Operation,
    answer: Written,
    kept: Record | None,
    asked_at: datetime,
) -> Mapping:
    """The mapping of a record that was just made.

    What no reading shows (`kept` None: nothing) is as it was asked for.
    """
    target = operation.asked
    given = frozenset(name for name in able.seen if able.ability(name).created)
    asked = _as_made(able, target, given)
    made = Mapping(
        vendor=operation.vendor,
        remote_id=answer.remote_id,
        base=asked,
        shows=given,
        acknowledged=operation.target,
        known_at=asked_at,
    )
    # Its vendor may not have it at all: that it is not found is then no deletion.
    if kept is None:
        return replace(made, unconfirmed=True)
    # What a person typed in between the answer and the reading is no part of the base.
    edited = edited_since(kept, answer.record, target, ALL_FIELDS)
    base = shown_over(asked, kept).with_values(edited)
    return replace(
        made,
        base=base,
        shows=kept.shows,
        revision=kept.revision,
        modified_at=kept.modified_at,
        parts=kept.parts,
        wall=kept.wall if base.slot == kept.content.slot else "",
    )


def _as_made(able: Capabilities, target: Appointment, given: abc.Set[Field]) -> Appointment:
    """What was asked for, in what a vendor takes of it on create (`given`), and as long as it books
    that.

    It is made with a title, whether it was given one or not: that is nobody's edit when it is first
    read. A vendor that can be given no client has none in it until a person names one.
    """
    asked = target.with_values(dict.fromkeys(TEXTS - given, ""))
    if Field.CLIENTS not in given:
        asked = asked.with_values({Field.CLIENTS: ()})
    if Field.TITLE in able.seen and (Field.TITLE not in given or not target.title.strip()):
        asked = asked.with_values({Field.TITLE: target.display_title})
    return asked.with_values({Field.SLOT: _lasting(target.slot, able.books(target))})


def left_out(able: Capabilities, operation: Operation) -> str | None:
    """What a record that was just made lacks of the appointment's clients: a sentence, if any."""
    vendor, ability = operation.vendor, able.ability(Field.CLIENTS)
    clients = [one for one in operation.target.clients if not one.empty]
    if clients and ability.seen and not ability.created:
        return f"the record carries no client: {vendor} lets none be named in a write"
    room = able.room(operation.target)
    dropped = 0 if room is None else len(clients) - room
    if dropped > 0:
        return (
            f"{vendor} has a place for {room} client(s): {dropped} further one(s) "
            "are not in its record"
        )
    return None


def fewer_clients(operation: Operation, kept: Record | None) -> str | None:
    """A sentence on a record that was given some clients, and shows fewer of them."""
    if kept is None or Field.CLIENTS not in operation.changes or Field.CLIENTS not in kept.shows:
        return None
    asked, there = len(named(operation.asked.clients)), len(named(kept.content.clients))
    if there >= asked:
        return None
    return f"{operation.vendor} was given {asked} clients, and its record has {there} of them"


def mapping_assumed_written(
    able: Capabilities, before: Mapping, operation: Operation, asked_at: datetime
) -> Mapping:
    """The mapping after a change that was confirmed and could not be read back: as asked for.

    Where a vendor makes the end of a record, a move keeps the length that the record has there:
        10:00 the booking page has half an hour of the hour and a half that are agreed
        10:05 a move to 16:00 is confirmed, and the record cannot be read: until 16:30, not 17:30
        10:06 it is there until 16:30: by an end as asked for, somebody made it shorter
    """
    asked = {name: operation.asked.get(name) for name in operation.changes}
    if Field.SLOT in asked and not able.end_can_be_set:
        asked[Field.SLOT] = _lasting(operation.asked.slot, before.base.slot.duration)
    stands = {name: operation.target.get(name) for name in operation.changes}
    return replace(
        before,
        base=before.base.with_values(asked),
        shows=before.shows | asked.keys(),
        acknowledged=before.acknowledged.with_values(stands),
        known_at=asked_at,
        # Its row will be another one: it is to be decoded, whatever it was before.
        fingerprint=None,
    )


def _lasting(slot: Slot, length: timedelta | None) -> Slot:
    """A slot of another length, from the same start; of its own where that is not known."""
    return slot if length is None else replace(slot, end=slot.start + length)


def as_confirmed(
    able: Capabilities, before: Mapping, operation: Operation, asked_at: datetime
) -> Mapping:
    """The mapping after a change that the vendor confirmed and that could not be read back.

    It is believed, but for a revival: some vendors confirm one and keep the record as it was, which
    would look like somebody's cancellation. What it shows when it can be read again tells.
    """
    revived = not before.base.status.live and operation.target.status.live
    # 10:00 a revival is answered with "done", and cannot be read back
    # 10:05 the record shows "cancelled", as before: by the answer somebody has called it off
    if revived and Field.STATUS in operation.changes:
        return before
    return mapping_assumed_written(able, before, operation, asked_at)


def changed_mapping(
    able: Capabilities,
    before: Mapping,
    operation: Operation,
    answer: Written,
    kept: Record,
    asked_at: datetime,
    wrong: bool,
) -> Mapping:
    """The mapping after a change: only the written fields are taken over, so that an edit in
    between stays visible.
    """
    fields = frozenset(operation.changes)
    taken = _taken_over(before, operation, answer, kept)
    base = before.base.with_values(taken)
    # What was not done stays behind what is agreed: it is planned again, and is in quarantine then.
    # What was done beside that is not to be done once more, and is what the record stands for:
    #   09:00 a revival that makes two hours of one: it has two hours, and is cancelled as before
    #   09:05 the CRM makes it one hour again: so is the record to be, if it ever stands again
    done = {name for name in fields if not wrong or same_at(name, operation.asked, base, able)}
    stands = {name: operation.target.get(name) for name in done}
    return replace(
        before,
        base=base,
        shows=before.shows | (fields & kept.shows),
        acknowledged=before.acknowledged.with_values(stands),
        known_at=asked_at,
        fingerprint=None,
        revision=before.revision if kept.revision is None else kept.revision,
        modified_at=kept.modified_at or before.modified_at,
        parts=kept.parts or before.parts,
        wall=_wall(before, kept, taken.get(Field.SLOT)),
        glimpsed=frozenset(),
        unconfirmed=False,
    )


def _taken_over(
    before: Mapping, operation: Operation, answer: Written, kept: Record
) -> dict[Field, Any]:
    """The base of a record in the fields that were written.

    A field that the reading for once does not show is as it was asked for: read again, it is
    nobody's edit.
    """
    fields = frozenset(operation.changes)
    told = told_by(kept)
    taken = {name: kept.content.get(name) for name in fields & told}
    taken.update({name: operation.asked.get(name) for name in fields & before.shows - told})
    taken.update(edited_since(kept, answer.record, operation.asked, fields, before.base))
    return taken


def _wall(before: Mapping, kept: Record, taken: Slot | None) -> str:
    """What the record's clock shows; nothing where the start that was taken over is not its own."""
    if taken is None:
        return before.wall
    return kept.wall if taken == kept.content.slot else ""


def other_length(operation: Operation, kept: Record | None) -> str | None:
    """A sentence on a record, just made or moved, that takes another time than was agreed."""
    if kept is None or Field.SLOT not in operation.changes:
        return None
    return unlike_length(operation.vendor, kept.content.slot, operation.target.slot)


def tells(kept: Record, before: Mapping, fields: abc.Set[Field]) -> bool:
    """Whether a reading after a write shows what was written of the fields that decide: the start
    and the status.

    Some vendors answer as they were asked, and do otherwise.
    """
    return fields & before.shows & {Field.SLOT, Field.STATUS} <= told_by(kept)


def silently_rejected(
    operation: Operation, answer: Written, read: Record, before: Appointment | None
) -> str | None:
    """Why the vendor did not do what it said, for the fields that decide: the start and the status.

    A field that its answer had as asked, and that is another when read back, a person changed
    meanwhile.
    """
    target, vendor, kept = operation.target, operation.vendor, read.content
    asked = frozenset(operation.changes)
    fields = asked - edited_since(read, answer.record, target, asked, before).keys()
    if Field.STATUS in fields and before is not None and kept.status != target.status:
        return f"{vendor} accepted the status {target.status} and still shows {kept.status}"
    if Field.SLOT in fields and _is_elsewhere(kept.slot, target.slot, before):
        return (
            f"{vendor} accepted the time {target.slot} and shows {kept.slot}: is its time zone "
            "right?"
        )
    return None


def _is_elsewhere(kept: Slot, target: Slot, before: Appointment | None) -> bool:
    """Whether a record is not at the time that was written, rounded or not."""
    # A vendor that shows times to the minute has not ignored a change of seconds.
    off = abs(kept.start - target.start)
    ignored = before is not None and kept == before.slot and off >= timedelta(minutes=1)
    return not rounded(kept, target) and (ignored or off >= ROUNDING)


def stands_as_before(planned: Operation, sent: Operation, before: Mapping, after: Mapping) -> bool:
    """Whether a record that was to be cancelled, or to be scheduled again, is not so after a write,
    as far as nobody was seen to change it back. That it stands aside for a moment was not planned.
    """
    asked = Field.STATUS in planned.changes and Field.STATUS in sent.changes
    was, now = before.base.status.live, after.base.status.live
    return asked and was == now != sent.target.status.live

"""What a write came to: the record as read back, against what was asked, to what is remembered. Pure.

A vendor may round, trim or reformat; that is accepted as it is. A person may have been quicker; that stays visible to
the next cycle. A vendor that says "done" and did not is caught for the fields that decide: the start and the status.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from datetime import datetime, timedelta

from syncd.model.appointment import ALL_FIELDS, Appointment, Field
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Mapping
from syncd.model.plan import Operation
from syncd.model.record import Record
from syncd.reconcile.changes import differs
from syncd.reconcile.sameness import resembles, rounded
from syncd.reconcile.sight import shown_over
from syncd.vendors.port import Written

ROUNDING = timedelta(minutes=30)
"""A vendor that keeps a start this near to the one it was given has rounded it; further off, something is wrong."""

_TEXTS = frozenset({Field.TITLE, Field.LOCATION, Field.NOTES})
_CONTENT = _TEXTS | {Field.CLIENTS}


def as_planned(base: Appointment, operation: Operation) -> Appointment:
    """The record as the operation was planned on it.

    That is its base, and where a field waits for a person, so that the base stays behind, what the record showed.
    """
    expected, mapping = operation.expected, operation.mapping
    if expected is None or mapping is None:
        return base
    waiting = [name for name in expected.shows if differs(name, mapping.base, expected.content)]
    return base.with_values({name: expected.content.get(name) for name in waiting})


def untouched(kept: Record, before: Appointment, operation: Operation) -> bool:
    """Whether a reading shows nothing of a write: it is stale, or the vendor said "done" and did nothing."""
    asked = [name for name in operation.changes if name in kept.shows and differs(name, before, operation.target)]
    return bool(asked) and not any(differs(name, before, kept.content) for name in asked)


def older(kept: Record, answer: Record | None) -> bool:
    """Whether a reading is older than the vendor's own answer to the write before it."""
    return (
        answer is not None and kept.version is not None and answer.version is not None and kept.version < answer.version
    )


def edited_since(kept: Record, answer: Written, target: Appointment, fields: abc.Set[Field]) -> dict[Field, object]:
    """Fields that the vendor's answer had as asked, and that are something else when read back: a person was quicker.

    Where the answer shows no record, what cannot be made of a text or a client that was asked for is a person's too.
    Their base is the answer, so that the next cycle sees the person's change.
    """
    said = answer.record
    if said is kept:
        return {}
    shown = kept.shows & fields if said is None else kept.shows & fields & said.shows
    if said is None:  # nothing was confirmed: an emptied text, another time or status may be the vendor's own doing
        shown = frozenset(name for name in shown & _CONTENT if kept.content.get(name))
    # Where it has no title, the one by which syncd calls it is asked for: that is nobody's edit.
    asked = target if target.title.strip() else target.with_values({Field.TITLE: target.display_title})
    confirmed = asked if said is None else said.content
    return {
        name: confirmed.get(name)
        for name in shown
        if differs(name, confirmed, kept.content)
        and resembles(name, confirmed.get(name), asked.get(name))
        and not resembles(name, kept.content.get(name), asked.get(name))
    }


def created_mapping(
    vendor: str, able: Capabilities, operation: Operation, answer: Written, kept: Record | None, asked_at: datetime
) -> Mapping:
    """The mapping of a record that was just made.

    Without a reading (`kept` None) the target stands in for it, in what the vendor takes of it on create.
    """
    target = operation.target
    if kept is None:
        given = frozenset(name for name in able.seen if able.ability(name).created)
        return Mapping(
            vendor=vendor,
            remote_id=answer.remote_id,
            base=target.with_values(dict.fromkeys(_TEXTS - given, "")),
            shows=given,
            accepted=target,
            known_at=asked_at,
        )
    base = shown_over(target, kept)
    return Mapping(
        vendor=vendor,
        remote_id=answer.remote_id,
        base=base.with_values(edited_since(kept, answer, target, ALL_FIELDS)),
        shows=kept.shows,
        accepted=target,
        known_at=asked_at,
        version=kept.version,
        modified_at=kept.modified_at,
    )


def believed_mapping(before: Mapping, operation: Operation, asked_at: datetime) -> Mapping:
    """The mapping after a change that the vendor confirmed and that could not be read back: as it was asked for."""
    asked = {name: operation.target.get(name) for name in operation.changes}
    return replace(
        before,
        base=before.base.with_values(asked),
        accepted=before.accepted.with_values(asked),
        known_at=asked_at,
        fingerprint=None,
    )


def changed_mapping(
    before: Mapping, operation: Operation, answer: Written, kept: Record, asked_at: datetime, wrong: bool
) -> Mapping:
    """The mapping after a change: only the written fields are taken over, so that an edit in between stays visible."""
    fields = frozenset(operation.changes)
    taken = {name: kept.content.get(name) for name in fields & kept.shows}
    taken.update(edited_since(kept, answer, operation.target, fields))
    done = {} if wrong else {name: operation.target.get(name) for name in fields}
    return replace(
        before,
        base=before.base.with_values(taken),
        shows=before.shows | (fields & kept.shows),
        accepted=before.accepted.with_values(done),
        known_at=asked_at,
        fingerprint=None,
        version=before.version if kept.version is None else kept.version,
        modified_at=kept.modified_at or before.modified_at,
        pending=None,
    )


def not_kept(operation: Operation, answer: Written, read: Record, before: Appointment | None) -> str | None:
    """Why the vendor did not do what it said, for the fields that decide: the start and the status.

    A field that its answer had as asked, and that is another when read back, a person changed meanwhile.
    """
    target, vendor, kept = operation.target, operation.vendor, read.content
    fields = operation.changes.keys() - edited_since(read, answer, target, frozenset(operation.changes)).keys()
    if Field.SLOT in fields:
        off = abs(kept.slot.start - target.slot.start)
        ignored = before is not None and kept.slot == before.slot and off >= timedelta(minutes=1)
        if not rounded(kept.slot, target.slot) and (ignored or off >= ROUNDING):
            return f"{vendor} accepted the time {target.slot} and shows {kept.slot}: is its time zone right?"
    if Field.STATUS in fields and before is not None and kept.status != target.status:
        return f"{vendor} accepted the status {target.status} and still shows {kept.status}"
    return None

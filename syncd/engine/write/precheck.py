"""The first step of a write: is the record still as the operation was planned on? It is read once
more, by id.

Nothing is written over what somebody did since: then the operation is stale, and the record is
merged again.

    09:00 listed: 15:00; planned: to 16:00
    09:01 somebody moves it to 18:00
    09:02 it is looked at: 18:00 is not what was planned on, and nothing is sent
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from syncd.compare.attribution import is_unsettled
from syncd.compare.sameness import differs, is_known, same_value
from syncd.model.appointment import TEXTS, Appointment, Field
from syncd.model.errors import Refused
from syncd.model.memory import Mapping
from syncd.model.plan import Cancel, Operation, Reschedule, Update
from syncd.model.record import Absent, Record
from syncd.model.wording import left_fixed
from syncd.vendors.port import Vendor

_TOLD_FIRST = TEXTS | {Field.CLIENTS, Field.SLOT}


@dataclass(frozen=True, slots=True)
class Ready:
    """A write that may be sent: `operation` as far as it is, its record's mapping and the record as
    it is now.

    `owed` is what the write takes from the record and must give back.
    """

    operation: Reschedule | Update | Cancel
    before: Mapping
    current: Record
    owed: str


async def precheck(
    vendor: Vendor, operation: Reschedule | Update | Cancel, before: Mapping
) -> Ready | str:
    """Look at the record of an operation: what may be sent, or a sentence on why nothing may.

    `before` is the record's mapping. Raises the vendor's errors, and Refused for a fixed record.
    """
    current = await vendor.get(before.remote_id, before.base, before.guests)
    if isinstance(current, Absent):
        return f"{vendor.name} no longer has the record"
    # Such as a meeting whose server would mail the attendees for any write.
    if current.fixed:
        raise Refused(vendor.name, left_fixed(vendor.name, current.fixed))
    moved = changed_since_planned(before, operation, current)
    if moved:
        return f"somebody changed its {', '.join(sorted(moved))} at {vendor.name} since it was read"
    sent = without_unmerged_edits(before, operation, current)
    before = without_what_landed(before, current)
    before = with_current_revision(before, current, frozenset(sent.changes))
    # An answer without a version takes no guard away: the one that is known refuses what was
    # written since.
    current = replace(current, parts=before.parts, revision=before.revision)
    return Ready(sent, before, current, vendor.owed(current))


def changed_since_planned(before: Mapping, operation: Operation, current: Record) -> list[Field]:
    """The fields in which a record is not any more as the operation was planned on it.

    Of a cancelled record, only its start and its status count: what else became of it is told when
    it is revived.
    """
    planned_on, now = _as_planned(before.base, operation), current.content
    known = [name for name in current.shows if is_known(name, before)]
    moved = [name for name in known if differs(name, planned_on, now)]
    if now.status.live or planned_on.status.live:
        return moved
    # To the minute, as some vendors drop the seconds.
    counts = {Field.STATUS}
    if planned_on.slot.minute != now.slot.minute:
        counts.add(Field.SLOT)
    return [name for name in moved if name in counts]


def without_unmerged_edits(
    before: Mapping, operation: Reschedule | Update | Cancel, current: Record
) -> Reschedule | Update | Cancel:
    """A revival without the fields that a person changed in the cancelled record: those are told
    before they are written, as what the next cycle sees in a record that is live again. So is a
    length that was given to it.
    """
    if current.content.status.live or not operation.target.status.live:
        return operation
    content = [name for name in operation.changes if name in _TOLD_FIRST and is_known(name, before)]
    untold = {name for name in content if differs(name, before.base, current.content)}
    left = {name: change for name, change in operation.changes.items() if name not in untold}
    return replace(operation, changes=left)


def without_what_landed(before: Mapping, current: Record) -> Mapping:
    """A mapping to whose record nothing is in flight any more, where the look right before a write
    shows that an earlier one was carried out.

        10:00 a cancellation is accepted, and cannot be read back; no listing shows it after that
        10:40 to be scheduled again, it is looked at, and is cancelled: that was carried out
        10:41 scheduled again, it is cancelled once more: somebody did that, and no late write
    """
    asked, shown = before.in_flight, before.in_flight_fields & current.shows
    if asked is None or not shown or is_unsettled(before, current):
        return before
    done = all(same_value(name, current.content.get(name), asked.get(name)) for name in shown)
    return replace(before, in_flight=None) if done else before


def with_current_revision(before: Mapping, current: Record, fields: frozenset[Field]) -> Mapping:
    """The mapping of a record that was looked at right before a write of these fields, and is as it
    was.

    It may have been written and put back since: what a later version tells begins here. And a
    listing may lag behind the write from here on.
    """
    revision = before.revision if current.revision is None else current.revision
    return replace(
        before,
        revision=revision,
        modified_at=current.modified_at or before.modified_at,
        parts=current.parts or before.parts,
        written=before.written | fields,
        glimpsed=frozenset(),
    )


def _as_planned(base: Appointment, operation: Operation) -> Appointment:
    """The base, and where a field waits for a person, so that the base stays behind, what the
    record showed.

    What a cancelled record showed beyond its base waits for nobody: it is told when it is revived.
    """
    expected, mapping = operation.expected, operation.mapping
    if expected is None or mapping is None or not expected.content.status.live:
        return base
    waiting = [name for name in expected.shows if differs(name, mapping.base, expected.content)]
    return base.with_values({name: expected.content.get(name) for name in waiting})

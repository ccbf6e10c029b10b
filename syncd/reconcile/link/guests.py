"""Bookings that stand in another appointment's record: whose the record is, and what a person has
to do about them.

    09:00 Omar's create is put into Jane's standing record, and waits for a person
    09:30 Jane is cancelled: her booking ends, his stands
    09:32 the record shows Omar alone, at his time: it is his from now on, and Jane stays ended
Where that cannot be, or before, nothing is made a second time and nothing is ended: a person takes
the booking out.
"""

from __future__ import annotations

from collections import abc

from syncd.model.appointment import Field
from syncd.model.memory import Known, Mapping, UnsettledCreate
from syncd.model.record import Record, Ref, Snapshots, names_of, record_in
from syncd.model.wording import bookings, joined, superfluous
from syncd.reconcile.link.candidates import Candidate
from syncd.reconcile.link.takeover import Takeover

_Hosted = tuple[Known, Mapping, Record]
"""An appointment, its mapping of a record, and that record as it is for the guests in it that
stand.
"""


def left_to_guests(known: abc.Iterable[Known], snapshots: Snapshots) -> dict[Ref, Takeover]:
    """By vendor and id: records whose appointment has ended, and that stand for one other alone, at
    that one's time.
    """
    by_id = {one.id: one for one in known}
    found: dict[Ref, Takeover] = {}
    for _, mapping, theirs in _hosted(by_id.values(), snapshots):
        owners = {mapping.guests.get(name, "") for name in names_of(theirs.parts)}
        guest = by_id.get(owners.pop()) if len(owners) == 1 else None
        ended = not mapping.base.status.live and not _stands(mapping, snapshots)
        if ended and guest is not None and _takes_over(guest, mapping, theirs):
            create = _as_made(guest, mapping, theirs)
            found[mapping.ref] = Takeover(record=theirs, create=create, appointment=guest.id)
    return found


def tell_of_guests(candidates: abc.Iterable[Candidate], snapshots: Snapshots) -> None:
    """Say of guests what a person has to do, where the record is not theirs by now.

    Of one that has or needs no record there, or that nobody knows, the appointment is told in whose
    record it is.
    """
    by_id = {candidate.id: candidate for candidate in candidates}
    everybody = [candidate.known for candidate in by_id.values() if candidate.known]
    for host, mapping, theirs in _hosted(everybody, snapshots):
        for owner, part in _by_owner(mapping, theirs):
            guest = by_id.get(owner)
            if guest is not None and guest.lacks(mapping.vendor):
                guest.joined[mapping.vendor] = joined(
                    mapping.vendor, mapping.remote_id, host.id, part
                )
            else:
                reason = superfluous(mapping.vendor, mapping.remote_id, part, owner)
                by_id[host.id].left[mapping.vendor] = (mapping.remote_id, reason)


def _by_owner(mapping: Mapping, theirs: Record) -> abc.Iterator[tuple[str, str]]:
    """Whose bookings stand in a record, by their appointments, each with these in words."""
    names = names_of(theirs.parts)
    for owner in sorted({mapping.guests.get(name, "") for name in names}):
        yield owner, bookings(name for name in names if mapping.guests.get(name, "") == owner)


def _hosted(known: abc.Iterable[Known], snapshots: Snapshots) -> abc.Iterator[_Hosted]:
    for one in known:
        for mapping in one.mappings:
            record = record_in(snapshots, mapping.ref) if mapping.guests else None
            if record is not None and record.of_guests is not None:
                yield one, mapping, record.of_guests


def _stands(mapping: Mapping, snapshots: Snapshots) -> bool:
    """Whether a record stands for its own appointment as well."""
    record = record_in(snapshots, mapping.ref)
    return record is not None and record.content.status.live


def _takes_over(guest: Known, mapping: Mapping, theirs: Record) -> bool:
    """Whether an appointment has no other record at that vendor, and this one is whole and at its
    time.
    """
    unsettled = any(create.vendor == mapping.vendor for create in guest.unsettled)
    there = theirs.content.slot.minute == guest.agreed.slot.minute
    return theirs.whole and there and not unsettled and guest.at(mapping.vendor) is None


def _as_made(guest: Known, mapping: Mapping, theirs: Record) -> UnsettledCreate:
    """The create by which a guest's booking came to be.

    The notes are those of both, and the status is as it was made: that they are behind lets its own
    be written.
    """
    shown = {name: theirs.content.get(name) for name in (Field.NOTES, Field.STATUS)}
    return UnsettledCreate(
        operation="",
        vendor=mapping.vendor,
        intended=guest.agreed.with_values(shown),
        token="",
        intended_at=mapping.known_at,
    )

"""Creates without an answer that may have gone into a standing record of another appointment, whose
clients are several then.

    09:00 Omar's create goes into Jane's record at the vendor; no answer comes
    09:05 her record shows both: his booking is there, and is not made again
What a record became by that is `compare.hosting`; what a person has to do about it, `guests`.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from itertools import chain

from syncd.compare.attribution import shown_over
from syncd.compare.hosting import Guest, new_in
from syncd.compare.people import share_somebody
from syncd.compare.sameness import resembles
from syncd.model.appointment import Appointment, Field
from syncd.model.memory import Known, Mapping, UnsettledCreate
from syncd.model.record import Listed, Partial, Record, Snapshot
from syncd.model.wording import bookings, joined
from syncd.reconcile.link.candidates import Candidate, Matched


@dataclass(frozen=True, slots=True)
class Group:
    """A record of several clients, as it is now, and the appointment that it belongs to."""

    owner: Candidate
    mapping: Mapping
    record: Record | None
    content: Appointment

    def may_hold(self, intended: Appointment) -> bool:
        """Whether somebody of an intended appointment is in it, at its time, and somebody else."""
        there = resembles(Field.SLOT, self.content.slot, intended.slot)
        ours = [share_somebody((one,), intended.clients) for one in self.content.clients]
        return there and any(ours) and not all(ours)


def doubt(snapshot: Snapshot | None, matched: Matched, around: abc.Iterable[Known]) -> None:
    """Let records say nothing that may hold the booking of a create without an answer, until a
    listing is complete.

    `around` are further appointments whose creates that may be.
    09:00 Omar's create goes into Jane's record; no answer comes
    09:02 half a listing shows both in it: taken for an edit of hers, he would be her client
          everywhere
    """
    if not isinstance(snapshot, Partial):
        return
    known = [candidate.known for candidate in matched.candidates if candidate.known]
    sent = {one.id: _without_answer(one, snapshot.vendor) for one in (*known, *around)}
    for group in groups_in(snapshot, matched) if any(sent.values()) else ():
        others = chain.from_iterable(sent[key] for key in sent if key != group.owner.id)
        if any(map(group.may_hold, others)):
            group.owner.doubted.add(snapshot.vendor)


def _without_answer(known: Known, vendor: str) -> list[Appointment]:
    """What an appointment that has no record at a vendor was to be made as there."""
    if known.at(vendor) is not None:
        return []
    return [create.intended for create in known.unsettled if create.vendor == vendor]


def groups_in(snapshot: Listed, matched: Matched) -> abc.Iterator[Group]:
    """The records of several clients at one vendor that stand."""
    for candidate in matched.candidates:
        mapping = candidate.known.at(snapshot.vendor) if candidate.known else None
        if mapping is not None:
            record = snapshot.records.get(mapping.remote_id)
            content = shown_over(mapping.base, record) if record else mapping.base
            if content.status.live and len(content.clients) > 1:
                yield Group(candidate, mapping, record, content)


def joined_one(candidate: Candidate, create: UnsettledCreate, groups: abc.Iterable[Group]) -> bool:
    """Whether a booking whose answer was lost went into a record of another appointment: that is
    not done again.
    """
    home = next((group for group in groups if group.may_hold(create.intended)), None)
    if home is None or home.owner is candidate or create.vendor in candidate.vendors:
        return False
    guest = Guest(candidate.id, create.intended)
    part = bookings(new_in(home.record, home.mapping, [guest])) if home.record is not None else ""
    candidate.joined[create.vendor] = joined(
        create.vendor, home.mapping.remote_id, home.owner.id, part or "the later booking"
    )
    candidate.settled.append(create.operation)
    home.owner.hosts.setdefault(create.vendor, []).append(guest)
    return True

"""Creates whose answer was lost, and of which no record is clearly what they made (`lost_creates`):
which records they may have made all the same, and when they count as not done.

That there is none is shown by two complete listings, each begun long enough after the create was
sent. What stays undecidable is left to a person.

    12:00:00 a create is sent, and the process is killed
    12:00:01 started again, it lists the vendor, which does not have the record yet; it is carried
          out at 12:00:06
"""

from __future__ import annotations

from collections import abc
from datetime import datetime
from itertools import chain

from syncd.compare.identity import AMONG, LOST, among, lost_key
from syncd.compare.sameness import on_grid
from syncd.model.appointment import Appointment
from syncd.model.memory import UnsettledCreate
from syncd.model.policy import Traits
from syncd.model.record import Complete, Record, Ref
from syncd.model.wording import may_be_lost_create, may_be_waiting
from syncd.reconcile.link.absorbed import groups_in, joined_one
from syncd.reconcile.link.candidates import Ambiguity, Matched, readings
from syncd.reconcile.link.late import ask
from syncd.reconcile.link.lost_creates import Sent, Unfound
from syncd.reconcile.link.unreadable import PATIENCE

LOOKS = 2
"""So many listings that do not show what a create without an answer made let it count as
not done.
"""


def without_lost(records: list[Record], unfound: Unfound, matched: Matched) -> list[Record]:
    """Records without those that creates may have made which nothing else accounts for: people may
    have changed them since. They wait until a person says what they are, and none of the creates is
    made again; what no record can have become counts as missed.

    It comes last: what fits another appointment as it is, or may be one of which a person is asked
    already, is that one's first.
    """
    vendor = unfound.snapshot.vendor
    found = _perhaps_made(unfound, matched) if unfound.sent else {}
    before = _left_alone(vendor, matched)
    for key, (record, several) in found.items():
        _leave_open(record, several, before.get(key), matched)
    for key in sorted(before.keys() - found.keys()):
        _ask_if_called_off(before[key], matched)
    waiting = _left_alone(vendor, matched)
    return [record for record in records if record.remote_id not in waiting]


def _left_alone(vendor: str, matched: Matched) -> dict[str, Ambiguity]:
    """What is left to people of a vendor's records, by their ids."""
    return {one.record.remote_id: one for one in matched.ambiguous if one.record.vendor == vendor}


def _perhaps_made(unfound: Unfound, matched: Matched) -> dict[str, tuple[Record, list[Sent]]]:
    """The records that creates may have made, by their ids, each with these; a create that may have
    made none counts as missed.
    """
    groups = list(groups_in(unfound.snapshot, matched))
    linked = {one.ref for one in chain.from_iterable(one.linked for one in matched.candidates)}
    found: dict[str, tuple[Record, list[Sent]]] = {}
    for one in unfound.sent:
        if _waits_for_row(one, unfound) or joined_one(one.candidate, one.create, groups):
            continue
        near = [record for record in _may_have_become(one) if record.ref not in linked]
        for record in near:
            found.setdefault(record.remote_id, (record, []))[1].append(one)
        if not near:
            _count_as_missed(one, unfound)
    return found


def _waits_for_row(sent: Sent, unfound: Unfound) -> bool:
    """Whether a person is asked if one of the listing's rows is what a create made, and that cannot
    be read now.
    """
    rows = unfound.asked.unread_in(unfound.snapshot)
    return any(row.key.startswith(LOST) and sent.candidate.id in among(row.key) for row in rows)


def _may_have_become(sent: Sent) -> list[Record]:
    """The records that a create may have become: those that look like its own; else those of its
    client or title, which somebody may have moved. Where it is called off, those that stand; none,
    where another record has its place.

    12:00 a create gets no answer; 12:01 the office moves what it made, which carries no mark
    12:02 the appointment is called off elsewhere: was it moved, or booked anew?
    """
    near = sent.chosen or sent.perhaps_ours
    if sent.candidate.live:
        return near if sent.is_free else []
    return [record for record in near if record.content.status.live]


def _count_as_missed(sent: Sent, unfound: Unfound) -> None:
    """Count a listing that does not show what a create made, if it would: with the last one, the
    create is given up.
    """
    candidate, create, snapshot = sent.candidate, sent.create, unfound.snapshot
    begun_late_enough = snapshot.started_at >= settles_at(create, unfound.traits)
    shown = _reached(create.intended, snapshot, unfound.mapped)
    if begun_late_enough and shown and not _may_be_unread(create, snapshot, unfound.mapped):
        missed = candidate.missed if create.missed + 1 < LOOKS else candidate.given_up
        missed.append(create.operation)


def settles_at(create: UnsettledCreate, traits: Traits) -> datetime:
    """From when on a listing that does not show what a create made counts."""
    return (create.sent_by or create.intended_at) + traits.settle


def _reached(intended: Appointment, snapshot: Complete, mapped: abc.Container[Ref]) -> bool:
    """Whether the listing would show the record, and shows no row that could be it and is not read
    yet or cannot be.
    """
    unread = chain.from_iterable(map(readings, snapshot.unread.values()))
    minutes = {slot.minute for slot in unread}
    for row in snapshot.bad_rows:
        if (row.vendor, row.remote_id or "") not in mapped:
            minutes.update(row.starts)
    wanted = intended.slot.minute
    near = any(minute == wanted or on_grid(minute, wanted) for minute in minutes)
    return intended.slot.start in snapshot.window and not near


def _may_be_unread(create: UnsettledCreate, snapshot: Complete, mapped: abc.Container[Ref]) -> bool:
    """Whether a row that is not read yet may be what a create made, moved since: for `PATIENCE`
    each may that is no appointment's.
    """
    if snapshot.started_at - create.intended_at >= PATIENCE:
        return False
    unread = (row for row in snapshot.unread.values() if row.ref not in mapped)
    return any(row.untold is None for row in unread)


def _leave_open(
    record: Record, several: abc.Sequence[Sent], before: Ambiguity | None, matched: Matched
) -> None:
    """Leave a record to a person that any of several creates may have made; one that is left alone
    already, for another reason, keeps that.
    """
    standing = [one.candidate for one in several if one.is_free]
    for candidate in standing:
        reason = may_be_waiting(record.vendor, record.remote_id)
        candidate.blocked.setdefault(record.vendor, reason)
    ids = sorted(one.id for one in standing)
    if before is not None and not (_is_lost(before) or _is_among(before, ids)):
        return
    if before is not None:
        matched.ambiguous.remove(before)
    if standing:
        reason = may_be_lost_create(record.vendor, ids)
        key = lost_key(record.remote_id, ids)
        matched.ambiguous.append(Ambiguity(record, reason, key))
    else:
        ask(several[0].candidate, record, matched, as_sent=False)


def _is_lost(one: Ambiguity) -> bool:
    return one.key is not None and one.key.startswith(LOST)


def _is_among(one: Ambiguity, ids: abc.Collection[str]) -> bool:
    """Whether a record may be of these appointments alone."""
    return one.key is not None and one.key.startswith(AMONG) and set(among(one.key)) <= set(ids)


def _ask_if_called_off(one: Ambiguity, matched: Matched) -> None:
    """Ask of a record that a create may have made, which is not waited for any more, whether it is
    to end, once its appointment is called off.

    12:02 the CRM's record may be what became of a create, and somebody moved it
    12:03 the appointment is called off at the office: the record is no new booking for that
    """
    if not _is_lost(one):
        return
    assert one.key is not None
    ids = among(one.key)
    whose = [candidate for candidate in matched.separate() if candidate.id in ids]
    if len(whose) < len(ids) or any(candidate.live for candidate in whose):
        return
    matched.ambiguous.remove(one)
    if one.record.content.status.live:
        ask(whose[0], one.record, matched, as_sent=False)

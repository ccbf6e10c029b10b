"""Records of which nobody can tell whether they are an appointment's: what their clients tell
agrees and contradicts, or several fit.

09:00 Ann's appointment is at two vendors; at a third, which is down, somebody corrects her e-mail
09:05 syncd reads it there for the first time: linked, it might be another Ann's; with an
      appointment of its own, hers would be there twice. Nor is it another's once hers is moved: it
      waits for a person
09:05 or two records of a third vendor are hers by all that they tell: neither is linked, nor is one
      of them an appointment of its own as soon as hers is moved
09:05 or a third vendor lists a record that cannot be read before 09:10, or cannot be listed itself
09:06 hers is moved; 09:10 that record is read: it is of Ann, at the time that hers had
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from syncd.compare.identity import DOUBT, OF_SEVERAL, among, among_key
from syncd.compare.people import may_share_somebody
from syncd.model.appointment import Field
from syncd.model.memory import Quarantine
from syncd.model.record import Complete, Record
from syncd.model.times import LONG_AGO
from syncd.model.wording import doubtful_client, may_be_waiting, moved_meanwhile
from syncd.reconcile.link.candidates import (
    Ambiguity,
    Candidate,
    Index,
    Matched,
    alike,
    contacts,
    filed_by,
    found_by,
    starts_of,
)
from syncd.reconcile.link.late import Asked


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Whose a record may be, what a person is asked, and who may be made a second time by it.

    `whose` is None where that may be several.
    """

    key: str
    whose: str | None
    reason: str
    candidates: abc.Sequence[Candidate]


def without_doubtful(
    snapshot: Complete, records: list[Record], matched: Matched, asked: Asked
) -> list[Record]:
    """Records without those whose client may be that of an appointment at the same time, or
    somebody else.

    What was asked once stays open until the appointment has a record there, or a person says that
    it is another's.
    """
    if not records:
        return []
    vendor = snapshot.vendor
    everybody = {candidate.id: candidate for candidate in matched.separate()}
    lacking = [one for one in everybody.values() if vendor not in one.vendors]
    # A doubt shares an address or a number.
    starting = filed_by(lacking, lambda one: product(one.minutes, contacts(one.clients)))
    moved = _moved(lacking)
    left = []
    for record in records:
        doubt = (
            _doubt(record, starting)
            or _asked_before(vendor, record, asked, everybody)
            or _moved_meanwhile(record, snapshot, moved, asked)
        )
        if doubt is None or asked.is_theirs(record):
            left.append(record)
            continue
        matched.ambiguous.append(Ambiguity(record, doubt.reason, doubt.key, doubt.whose))
        for candidate in doubt.candidates:
            candidate.blocked.setdefault(vendor, doubt.reason)
    return left


def block_for_asked(snapshot: Complete, matched: Matched, asked: Asked) -> None:
    """Make nothing that a record may be about which a person is asked, while that cannot be read.

    09:00 two records of the office may be Ann's; 09:05 hers is moved, and a row is damaged: what is
          in it may be hers still
    """
    for row in asked.unread_in(snapshot):
        ids = _whose(row)
        for candidate in matched.separate():
            if candidate.id in ids and candidate.lacks(snapshot.vendor):
                reason = may_be_waiting(snapshot.vendor, str(row.remote_id))
                candidate.blocked.setdefault(snapshot.vendor, reason)


def _whose(before: Quarantine) -> tuple[str, ...]:
    """The appointments of which a record may be that was asked about."""
    if before.key.startswith(OF_SEVERAL):
        return among(before.key)
    return () if before.appointment is None else (before.appointment,)


def _doubt(record: Record, starting: Index) -> _Doubt | None:
    clients = record.content.clients
    near = found_by(product(starts_of(record), sorted(contacts(clients))), starting)
    doubtful = [one for one in near if may_share_somebody(clients, one.clients)]
    if not doubtful:
        return None
    vendors = set().union(*(candidate.vendors for candidate in doubtful))
    reason = doubtful_client(sorted(vendors))
    return _Doubt(f"{DOUBT}{record.remote_id}", doubtful[0].id, reason, doubtful)


def _moved(lacking: abc.Iterable[Candidate]) -> Index:
    """The appointments that were moved, by the starts that they had."""
    standing = (one for one in lacking if one.live)
    return filed_by(standing, _starts_left)


def _starts_left(one: Candidate) -> tuple[int, ...]:
    origin = None if one.known is None else one.known.provenance.get(Field.SLOT)
    return () if origin is None else origin.left


def _last_move(one: Candidate) -> datetime:
    assert one.known is not None
    return one.known.provenance[Field.SLOT].when.latest


def _moved_meanwhile(
    record: Record, snapshot: Complete, moved: Index, asked: Asked
) -> _Doubt | None:
    """A record that may be an appointment which was moved while nobody could read the record."""
    if not (moved and record.content.status.live):
        return None
    since = _not_there_at(record, snapshot, asked)
    near = found_by(starts_of(record), moved)
    later = [one for one in near if _last_move(one) > since]
    theirs = [one for one in later if alike(record.content, one.contents)]
    if not theirs:
        return None
    ids = sorted(one.id for one in theirs)
    reason = moved_meanwhile(ids)
    if len(ids) == 1:
        return _Doubt(f"{DOUBT}{record.remote_id}", ids[0], reason, theirs)
    return _Doubt(among_key(record.remote_id, ids), None, reason, theirs)


def _not_there_at(record: Record, snapshot: Complete, asked: Asked) -> datetime:
    """When its vendor surely did not have a record yet; long ago, where it may have been listed and
    not read.
    """
    may_be_old = record.remote_id in snapshot.lingering or asked.nameless
    if not snapshot.read_before or may_be_old:
        return LONG_AGO
    return snapshot.started_at if snapshot.read_at is None else snapshot.read_at


def _asked_before(
    vendor: str, record: Record, asked: Asked, everybody: abc.Mapping[str, Candidate]
) -> _Doubt | None:
    """What was asked about a record that nothing makes doubtful now."""
    before = asked.doubts.get(record.remote_id) or asked.ambiguous.get(record.remote_id)
    if before is None:
        return None
    unpaired = [one for one in _whose(before) if not _has_record(everybody.get(one), vendor)]
    if not unpaired:
        return None
    there = [everybody[one] for one in unpaired if one in everybody]
    return _Doubt(before.key, before.appointment, before.reason, there)


def _has_record(one: Candidate | None, vendor: str) -> bool:
    return one is not None and vendor in one.vendors

"""Records whose client contradicts one of an appointment in one part of three: nobody can tell
whether it is hers.

09:00 Ann's appointment is at two vendors; at a third, which is down, somebody corrects her e-mail
09:05 syncd reads it there for the first time: linked, it might be another Ann's; with an
      appointment of its own, hers would be there twice. Nor is it another's once hers is moved: it
      waits for a person
"""

from __future__ import annotations

from collections import defaultdict
from itertools import chain

from syncd.compare.identity import DOUBT
from syncd.compare.people import is_doubtful
from syncd.model.record import Record
from syncd.model.wording import doubtful_client
from syncd.reconcile.link.candidates import Ambiguity, Candidate, Matched, readings
from syncd.reconcile.link.late import Asked


def without_doubtful(
    vendor: str, records: list[Record], matched: Matched, asked: Asked
) -> list[Record]:
    """Records without those whose client may be that of an appointment at the same time, or
    somebody else.

    What was asked once stays open until the appointment has a record there, or a person says that
    it is another's.
    """
    lacking = (
        [candidate for candidate in matched.separate() if vendor not in candidate.vendors]
        if records
        else []
    )
    at: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in lacking:
        for minute in candidate.minutes:
            at[minute].append(candidate)
    by_id = {candidate.id: candidate for candidate in matched.separate()}
    left = []
    for record in records:
        near = chain.from_iterable(at.get(slot.minute, ()) for slot in readings(record))
        doubtful = [candidate for candidate in near if _may_be_of(record, candidate)]
        reason = doubtful_client(sorted(set().union(*(one.vendors for one in doubtful))))
        whose = doubtful[0].id if doubtful else None
        before = asked.doubts.get(record.remote_id)
        if before is not None and not doubtful:
            one = by_id.get(before.appointment or "")
            doubtful = [] if one is None or vendor in one.vendors else [one]
            reason, whose = before.reason, before.appointment if one is None or doubtful else None
        if whose is None or asked.is_theirs(record):
            left.append(record)
            continue
        matched.ambiguous.append(Ambiguity(record, reason, f"{DOUBT}{record.remote_id}", whose))
        for candidate in doubtful:
            candidate.blocked.setdefault(vendor, reason)
    return left


def _may_be_of(record: Record, candidate: Candidate) -> bool:
    theirs = candidate.clients
    return any(any(is_doubtful(one, other) for other in theirs) for one in record.content.clients)

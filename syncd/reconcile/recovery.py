"""Creates whose answer was lost: which record each of them made, if any.

syncd's own mark in a record is proof. Without one, a live record that looks as intended is taken for it; only a
complete listing that holds nothing like it shows that the create did not happen. What stays undecidable is left to a
person.
"""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import dataclass, field

from syncd.model.appointment import Appointment, normal_text
from syncd.model.memory import UnsettledCreate
from syncd.model.record import Complete, Record
from syncd.reconcile.candidates import (
    Ambiguity,
    Candidate,
    Handle,
    Matched,
    alike,
    filed_under,
    fits,
    readings,
    sought_under,
)
from syncd.reconcile.identity import content_key


@dataclass(slots=True)
class _Fresh:
    """The records of one vendor that have no mapping, while creates take theirs."""

    records: dict[str, Record]
    by_handle: dict[Handle, list[Record]] = field(default_factory=lambda: defaultdict(list))

    def like(self, intended: Appointment) -> list[Record]:
        """Unmarked records of the same client or title, whatever their time, in the order of their ids."""
        near = {r.remote_id: r for key in sought_under(intended) for r in self.by_handle.get(key, ())}
        return [near[key] for key in sorted(near) if key in self.records and alike(near[key].content, [intended])]


def recover(snapshot: Complete, records: list[Record], matched: Matched) -> list[Record]:
    """Link the records of lost creates to their appointments; returns the records that are none."""
    waiting = [
        (candidate, create)
        for candidate in matched.candidates
        if candidate.known
        for create in candidate.known.unsettled
        if create.vendor == snapshot.vendor
    ]
    if not waiting:
        return records
    fresh = _Fresh({record.remote_id: record for record in records})
    marked = {record.token: record for record in records if record.token is not None}
    for record in records:
        if record.token is None:
            for key in filed_under([record.content]):
                fresh.by_handle[key].append(record)
    unmarked = []
    for candidate, create in waiting:  # the mark is proof, so it goes before every resemblance
        hit = marked.pop(create.token, None)
        if hit is None:
            unmarked.append((candidate, create))
        else:
            _take(candidate, hit, create, fresh, matched)
    for candidate, create in unmarked:
        _by_resemblance(candidate, create, snapshot, fresh, matched)
    return list(fresh.records.values())


def _take(candidate: Candidate, record: Record, create: UnsettledCreate, fresh: _Fresh, matched: Matched) -> None:
    del fresh.records[record.remote_id]
    if create.vendor in candidate.vendors:
        reason = f"syncd made it for an appointment that has another record at {create.vendor}: remove one of the two"
        matched.ambiguous.append(Ambiguity(record, reason))
    else:
        candidate.link(record)
        candidate.recovered.append((record, create))
    candidate.settled.append(create.operation)


def _by_resemblance(
    candidate: Candidate, create: UnsettledCreate, snapshot: Complete, fresh: _Fresh, matched: Matched
) -> None:
    wanted = Candidate(candidate.id, None, [create.intended], set(), True)
    like = fresh.like(create.intended)
    hits = [record for record in like if record.content.status.live and fits(record, wanted)]
    chosen = [record for record in hits if _equal_text(record.content, create.intended)] or hits
    alone = len({content_key(record.content) for record in chosen}) == 1
    if alone and create.vendor not in candidate.vendors:
        _take(candidate, chosen[0], create, fresh, matched)
        return
    near = chosen or like
    if near:
        reason = (
            f"its create got no answer, and {create.vendor} now shows {len(near)} record(s) that it could have become: "
            "check there, then 'syncd quarantine release'"
        )
        candidate.blocked[create.vendor] = reason
        for record in near:
            matched.ambiguous.append(Ambiguity(record, f"may be the unanswered create of another record: {reason}"))
            del fresh.records[record.remote_id]
    elif _reached(create.intended, snapshot):
        candidate.settled.append(create.operation)  # a complete listing shows that it did not happen


def _reached(intended: Appointment, snapshot: Complete) -> bool:
    """Whether the listing would show the record, and shows no row at its time that is not read yet."""
    unread: abc.Iterable[Record] = snapshot.unread.values()
    minutes = {slot.minute for row in unread for slot in readings(row)}
    return intended.slot.start in snapshot.window and intended.slot.minute not in minutes


def _equal_text(one: Appointment, other: Appointment) -> bool:
    return (normal_text(one.display_title), normal_text(one.notes)) == (
        normal_text(other.display_title),
        normal_text(other.notes),
    )

"""Creates that got no answer, count as not done, and are carried out all the same: for a day they
may.

    12:00 a create gets no answer; by 12:04 two listings do not show it, and it is made again
    12:30 the first one is carried out after all: the vendor has two records of one appointment
Or the appointment is cancelled at 12:10, and at 12:30 it is there again, as if somebody had booked
it anew. Our mark in the record is proof. Without one the record may be a person's new booking: it
is neither ended nor carried on to another vendor until somebody says what it is.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass

from syncd.compare.identity import DOUBT, LATE, OF_SEVERAL
from syncd.model.memory import Memory, Quarantine
from syncd.model.record import Complete, Record
from syncd.reconcile.link.candidates import Ambiguity, Candidate, Matched

_MAY_BE_ITS_OWN = (
    "record {record} there may be its own, which a person has to say: see 'syncd quarantine'"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What people were asked of one vendor's records, by the records' ids, and what they said:
    whether it is ours. `nameless`: it had rows without an id, any of which may be any record.
    """

    questions: abc.Mapping[str, Quarantine]
    said: abc.Mapping[str, bool]
    doubts: abc.Mapping[str, Quarantine]
    ambiguous: abc.Mapping[str, Quarantine]
    nameless: bool = False

    @classmethod
    def of(cls, memory: Memory, vendor: str) -> Asked:
        """What is remembered of a vendor."""
        mine = [entry for entry in memory.quarantines if entry.vendor == vendor]
        # Beside a question there may be an entry about the row in which its record cannot be read.
        questions, doubts, ambiguous = (
            _by_record(kind, mine) for kind in (LATE, DOUBT, OF_SEVERAL)
        )
        said = {
            remote_id: ours for (name, remote_id), ours in memory.said.items() if name == vendor
        }
        nameless = any(one.remote_id is None and one.appointment is None for one in mine)
        return cls(questions, said, doubts, ambiguous, nameless)

    def unread_in(self, snapshot: Complete) -> list[Quarantine]:
        """What was asked about records that a listing has and that cannot be read now."""
        rows = {**self.questions, **self.doubts, **self.ambiguous}
        return [row for key, row in rows.items() if snapshot.has_unread(key)]

    def is_theirs(self, record: Record) -> bool:
        """Whether a person said that it is a new booking."""
        return self.said.get(record.remote_id) is False


def _by_record(
    kind: str | tuple[str, str], mine: abc.Iterable[Quarantine]
) -> dict[str, Quarantine]:
    """What of a kind is asked about records, by the ids of these."""
    of_kind = (entry for entry in mine if entry.key.startswith(kind))
    return {entry.remote_id: entry for entry in of_kind if entry.remote_id is not None}


def ask(candidate: Candidate, record: Record, matched: Matched, *, as_sent: bool = True) -> None:
    """Leave a record that merely equals what syncd sent, or did before somebody changed it, to a
    person, in one sentence with both readings.
    """
    vendor = record.vendor
    if candidate.live:
        twice = (
            f"{vendor} has another record of that appointment, which syncd made when no answer came"
        )
        reading = f"probably ours, twice: {twice}"
    else:
        reading = (
            "a create of ours that got no answer, carried out late: the appointment was called off "
            "meanwhile"
        )
    if as_sent:
        other = "a new booking that equals it"
    else:
        other = "a new booking of that client or title: it is not as it was sent"
    reason = (
        f"it may be {reading}; or {other}. Until somebody says which, it is "
        "neither ended nor carried on: 'syncd quarantine end' ends it there, "
        "'syncd quarantine release' takes it for a new booking"
    )
    matched.ambiguous.append(Ambiguity(record, reason, f"{LATE}{record.remote_id}", candidate.id))


def still_asked(records: dict[str, Record], asked: Asked, matched: Matched) -> None:
    """Go on leaving alone what a person has not said anything about, however long ago it was that
    it was sent.

    What they called ours is ended, and is then of the appointment about which they were asked.
    """
    by_id = {candidate.id: candidate for candidate in matched.candidates}
    for remote_id, question in asked.questions.items():
        record = records.get(remote_id)
        if record is None or asked.is_theirs(record):
            continue
        candidate = by_id.get(question.appointment or "")
        if asked.said.get(remote_id) and candidate is not None:
            candidate.surplus.append((record, "somebody said that syncd made it"))
        else:
            matched.ambiguous.append(
                Ambiguity(record, question.reason, question.key, question.appointment)
            )
            if candidate is not None:  # scheduled again meanwhile, it would be there twice
                candidate.blocked.setdefault(
                    record.vendor, _MAY_BE_ITS_OWN.format(record=remote_id)
                )
        del records[remote_id]

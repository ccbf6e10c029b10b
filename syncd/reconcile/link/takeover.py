"""Creates without an answer that went into a record which was cancelled before, and so took it
over.

    09:00 Ana is cancelled at the vendor, and Omar is made there at the same time; the answer is
          lost
    09:02 Ana's record lives again, with Omar in it and the mark of his create
That is nobody's revival of Ana: the record is Omar's now, and Ana stays ended. The mark is the
proof; without it nothing is taken over.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace

from syncd.model.appointment import Field, Status
from syncd.model.memory import Known, UnsettledCreate
from syncd.model.record import Complete, Partial, Record, Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """A record that is another appointment's from now on, and the create that made it so."""

    record: Record
    create: UnsettledCreate
    appointment: str


def takeovers(
    known: abc.Iterable[Known], snapshots: abc.Mapping[str, Snapshot]
) -> dict[tuple[str, str], Takeover]:
    """By vendor and id: the records that were taken over. Their notes count as behind: they are
    those of both.
    """
    everybody = tuple(known)
    marks = _marks(everybody)
    found: dict[tuple[str, str], Takeover] = {}
    for one in everybody if marks else ():
        for mapping in one.mappings:
            record = _listed(snapshots.get(mapping.vendor), mapping.remote_id)
            ended = mapping.tombstone is not None or mapping.base.status is Status.CANCELLED
            if (
                record is None
                or record.token is None
                or not ended
                or not record.content.status.live
            ):
                continue
            appointment, create = marks.get((mapping.vendor, record.token), (None, None))
            if appointment is not None and create is not None:
                intended = create.intended.with_values({Field.NOTES: record.content.notes})
                found[mapping.ref] = Takeover(
                    record=record,
                    create=replace(create, intended=intended),
                    appointment=appointment,
                )
    return found


def _marks(
    known: abc.Iterable[Known],
) -> dict[tuple[str, str], tuple[str, UnsettledCreate]]:
    """By vendor and mark: the creates of appointments that have no record there, and whose."""
    found: dict[tuple[str, str], tuple[str, UnsettledCreate]] = {}
    for one in known:
        for create in (*one.unsettled, *one.late):
            if one.at(create.vendor) is None:
                found[create.vendor, create.token] = (one.id, create)
    return found


def without(known: Known, taken: abc.Container[tuple[str, str]]) -> Known:
    """An appointment without the records that are another's from now on."""
    left = tuple(m for m in known.mappings if m.ref not in taken)
    return known if len(left) == len(known.mappings) else replace(known, mappings=left)


def _listed(snapshot: Snapshot | None, remote_id: str) -> Record | None:
    return snapshot.records.get(remote_id) if isinstance(snapshot, Complete | Partial) else None

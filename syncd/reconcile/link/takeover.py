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
from itertools import chain

from syncd.model.appointment import Field, Status
from syncd.model.memory import Known, Mapping, UnsettledCreate
from syncd.model.record import Record, Ref, Snapshots, record_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """A record that is another appointment's from now on, and the create that made it so."""

    record: Record
    create: UnsettledCreate
    appointment: str


def takeovers(known: abc.Iterable[Known], snapshots: Snapshots) -> dict[Ref, Takeover]:
    """By vendor and id: the records that were taken over. Their notes count as behind: they are
    those of both.
    """
    everybody = tuple(known)
    marks = _marks(everybody)
    found: dict[Ref, Takeover] = {}
    for mapping in chain.from_iterable(one.mappings for one in everybody) if marks else ():
        record = _standing_again(mapping, snapshots)
        mark = None if record is None else marks.get((mapping.vendor, record.token))
        if record is not None and mark is not None:
            owner, create = mark
            intended = create.intended.with_values({Field.NOTES: record.content.notes})
            create = replace(create, intended=intended)
            found[mapping.ref] = Takeover(record=record, create=create, appointment=owner)
    return found


def _standing_again(mapping: Mapping, snapshots: Snapshots) -> Record | None:
    """The record, if it was cancelled or gone and lives."""
    if mapping.tombstone is None and mapping.base.status is not Status.CANCELLED:
        return None
    record = record_in(snapshots, mapping.ref)
    return record if record is not None and record.content.status.live else None


def _marks(
    known: abc.Iterable[Known],
) -> dict[tuple[str, str | None], tuple[str, UnsettledCreate]]:
    """By vendor and mark: the creates of appointments that have no record there, and whose."""
    found: dict[tuple[str, str | None], tuple[str, UnsettledCreate]] = {}
    for one in known:
        for create in (*one.unsettled, *one.late):
            if one.at(create.vendor) is None:
                found[create.vendor, create.token] = (one.id, create)
    return found


def without(known: Known, taken: abc.Container[Ref]) -> Known:
    """An appointment without the records that are another's from now on."""
    left = tuple(m for m in known.mappings if m.ref not in taken)
    return known if len(left) == len(known.mappings) else replace(known, mappings=left)

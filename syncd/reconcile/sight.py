"""What this cycle sees of a known appointment at one vendor: its record, its absence, or nothing.

Own writes that were never settled are recognised here, so that they do not look like a person's edit.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
from enum import Enum, auto

from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Known, Mapping
from syncd.model.record import Complete, Failed, NotPolled, Partial, Record, Snapshot
from syncd.reconcile.sameness import resembles


class Seen(Enum):
    """How the record behind a mapping shows in this cycle."""

    NEW = auto()  # a record was decoded: it may differ from the base
    SAME = auto()  # listed, and its fingerprint holds
    GONE = auto()  # the vendor says that it does not exist
    DOUBTFUL = auto()  # missing, without that evidence
    OUTSIDE = auto()  # the vendor was read, but its listing does not reach this record
    UNSEEN = auto()  # the vendor was not read, or this record could not be


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A mapping with what is seen of it now. `record` is there for NEW alone. `why` explains GONE and DOUBTFUL."""

    mapping: Mapping
    seen: Seen
    record: Record | None = None
    why: str = ""

    @property
    def content(self) -> Appointment:
        """The record's values as far as they are known: as seen now, else the base."""
        if self.record is None:
            return self.mapping.base
        return shown_over(self.mapping.base, self.record)

    @property
    def readable(self) -> bool:
        """Whether the vendor may be written for this mapping in this cycle."""
        return self.seen is not Seen.UNSEEN


def shown_over(base: Appointment, record: Record) -> Appointment:
    """The base with every field that the record shows replaced."""
    return base.with_values({field: record.content.get(field) for field in record.shows})


def look(known: Known, snapshots: abc.Mapping[str, Snapshot]) -> tuple[Sight, ...]:
    """What is seen of each of an appointment's records, those that it had once included when they come back."""
    sights = []
    for mapping in known.mappings:
        snapshot = snapshots.get(mapping.vendor)
        sight = _sight(mapping, snapshot)
        if mapping.tombstone is None:
            sights.append(absorb(sight))
        elif sight.record is not None and sight.record.content.status.live and known.at(mapping.vendor) is None:
            sights.append(_returned(sight))
    return tuple(sights)


def _sight(mapping: Mapping, snapshot: Snapshot | None) -> Sight:
    match snapshot:
        case None | Failed() | NotPolled():
            return Sight(mapping=mapping, seen=Seen.UNSEEN)
        case Complete() | Partial():
            return _listed_sight(mapping, snapshot)


def _listed_sight(mapping: Mapping, snapshot: Complete | Partial) -> Sight:
    remote = mapping.remote_id
    record = snapshot.records.get(remote)
    if record is not None:
        if record.version is not None and mapping.version is not None and record.version < mapping.version:
            return Sight(mapping=mapping, seen=Seen.SAME)  # a stale read says nothing
        return Sight(mapping=mapping, seen=Seen.NEW, record=record)
    if remote in snapshot.unchanged:
        return Sight(mapping=mapping, seen=Seen.SAME)
    if remote in snapshot.gone:
        return Sight(mapping=mapping, seen=Seen.GONE, why=f"{mapping.vendor} says that it no longer exists")
    if remote in snapshot.doubtful:
        return Sight(mapping=mapping, seen=Seen.DOUBTFUL, why=snapshot.doubtful[remote])
    if remote in snapshot.unread:
        return Sight(mapping=mapping, seen=Seen.UNSEEN)
    unreadable = any(row.remote_id == remote for row in snapshot.bad_rows)
    if unreadable or isinstance(snapshot, Partial) or mapping.base.slot.start in snapshot.window:
        return Sight(mapping=mapping, seen=Seen.UNSEEN)
    return Sight(mapping=mapping, seen=Seen.OUTSIDE)


def _returned(sight: Sight) -> Sight:
    """A record that was gone and is back, live: its appointment is scheduled again, as a change of that vendor."""
    ended = sight.mapping.base.with_values({Field.STATUS: Status.CANCELLED})
    mapping = replace(sight.mapping, tombstone=None, base=ended, accepted=ended, pending=None)
    return replace(sight, mapping=mapping)


def absorb(sight: Sight) -> Sight:
    """Take what an unsettled write of ours brought about as taken, not as a person's change."""
    mapping, intended = sight.mapping, sight.mapping.pending
    if intended is None:
        return sight
    landed = dict[Field, object]()
    if sight.record is not None:
        landed = {
            field: sight.record.content.get(field)
            for field in sight.record.shows & mapping.shows & mapping.pending_fields
            if resembles(field, sight.record.content.get(field), intended.get(field))
        }
    elif sight.seen is Seen.GONE and not intended.status.live:
        landed = {Field.STATUS: Status.CANCELLED}
    accepted = mapping.accepted.with_values({field: intended.get(field) for field in landed})
    return replace(sight, mapping=replace(mapping, base=mapping.base.with_values(landed), accepted=accepted))

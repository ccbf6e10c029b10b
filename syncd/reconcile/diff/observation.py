"""What this cycle sees of a known appointment at one vendor: its record, its absence, or nothing.

Own writes that were never settled are recognised here, so that they do not look like a person's edit.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from syncd.compare.attribution import brought_about, is_taken_back, landed, put_back, shown_over
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Known, Mapping
from syncd.model.policy import Policy
from syncd.model.record import Complete, Failed, NotPolled, Partial, Record, Snapshot
from syncd.model.times import minute_of

SECOND = timedelta(seconds=1)
LAG = timedelta(minutes=15)
"""How long a vendor may go on showing a record as it was before its last modification."""


class Seen(Enum):
    """How the record behind a mapping shows in this cycle."""

    NEW = auto()  # a record was decoded: it may differ from the base
    SAME = auto()  # listed, and its fingerprint holds
    GONE = auto()  # the vendor says that it does not exist
    DOUBTFUL = auto()  # missing, without that evidence or with too much of it
    OUTSIDE = (
        auto()
    )  # the vendor was read, but its listing need not hold this record: another time, aside, or cancelled
    UNSEEN = auto()  # the vendor was not read, or this record could not be


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A mapping with what is seen of it now. `record` is there for NEW alone. `why` explains GONE and DOUBTFUL.

    `aside` says that the listing leaves out the part of the vendor in which the record lies. `until` is set where an
    unsettled write of ours, which the record does not show, may still be carried out: nothing is written until then.
    """

    mapping: Mapping
    seen: Seen
    aside: bool = False
    record: Record | None = None
    why: str = ""
    until: datetime | None = None

    @property
    def content(self) -> Appointment:
        """The record's values as far as they are known: as seen now, else the base."""
        if self.record is None:
            return self.mapping.base
        return shown_over(self.mapping.base, self.record)

    @property
    def lapsed(self) -> bool:
        """Whether its absence says nothing any more, as the appointment was called off meanwhile."""
        return self.seen is Seen.DOUBTFUL and self.mapping.lapsed

    @property
    def readable(self) -> bool:
        """Whether the vendor may be written for this mapping in this cycle."""
        return self.seen is not Seen.UNSEEN


def look(
    known: Known, snapshots: abc.Mapping[str, Snapshot], policy: Policy, *, believe: bool = False
) -> tuple[Sight, ...]:
    """What is seen of each of an appointment's records, those that it had once included when they stand again.

    The word of a vendor that lost everything is doubted, unless it is to be believed.
    """
    sights = []
    for mapping in known.mappings:
        snapshot = snapshots.get(mapping.vendor)
        sight = sight_of(mapping, snapshot)
        if sight.seen is Seen.GONE and lost_everything(snapshot) and not believe:
            sight = replace(sight, seen=Seen.DOUBTFUL, why=f"{mapping.vendor} lists nothing at all any more")
        if mapping.tombstone is None:
            sights.append(replace(absorb(sight), until=_in_flight_until(sight, snapshot, policy)))
        elif _stands(sight, policy) and known.at(mapping.vendor) is None and not _is_to_end(mapping):
            sights.append(_returned(sight))
    return tuple(sights)


def kept_up(mapping: Mapping, snapshot: Snapshot | None, policy: Policy) -> Mapping:
    """A record that is the appointment's no longer, and did not come back, as it was last seen.

    Once it was cancelled, what else a person calls it is that record's own affair.
    """
    record = sight_of(mapping, snapshot).record
    stands = _stands(Sight(mapping=mapping, seen=Seen.NEW, record=record), policy)
    if record is None or (stands and not _is_to_end(mapping)):
        return mapping
    base = shown_over(mapping.base, record)
    if not mapping.base.status.live:
        base = base.with_values({Field.STATUS: mapping.base.status})
    return replace(
        mapping,
        base=base,
        fingerprint=record.fingerprint,
        version=mapping.version if record.version is None else record.version,
        modified_at=record.modified_at or mapping.modified_at,
        pending=None,
    )


def _is_to_end(mapping: Mapping) -> bool:
    """Whether syncd made the record once too often and has not ended it yet."""
    return mapping.surplus and mapping.base.status.live


def _stands(sight: Sight, policy: Policy) -> bool:
    """Whether a record is there and stands: what was replaced as a no-show does not come back as one."""
    able = {traits.name: traits.capabilities for traits in policy.vendors}.get(sight.mapping.vendor)
    return sight.record is not None and able is not None and not able.ends(sight.record.content.status)


def lost_everything(snapshot: Snapshot | None) -> bool:
    """Whether a vendor that should list some records lists none."""
    return isinstance(snapshot, Complete) and snapshot.listed == 0 and snapshot.expected > 0


def sight_of(mapping: Mapping, snapshot: Snapshot | None) -> Sight:
    """What is seen of one record, whether it is the appointment's still or not."""
    match snapshot:
        case None | Failed() | NotPolled():
            return Sight(mapping=mapping, seen=Seen.UNSEEN)
        case Complete() | Partial():
            return _listed_sight(mapping, snapshot)


def _listed_sight(mapping: Mapping, snapshot: Complete | Partial) -> Sight:
    remote = mapping.remote_id
    record = snapshot.records.get(remote)
    if record is not None:
        if _is_stale(record, mapping, snapshot):
            return Sight(mapping=mapping, seen=Seen.UNSEEN)  # it says nothing
        return Sight(mapping=mapping, seen=Seen.NEW, record=_as_before(record, mapping))
    if remote in snapshot.unchanged:
        return Sight(mapping=mapping, seen=Seen.SAME)
    if remote in snapshot.gone:
        return Sight(mapping=mapping, seen=Seen.GONE, why=f"{mapping.vendor} says that it no longer exists")
    if remote in snapshot.doubtful:
        return Sight(mapping=mapping, seen=Seen.DOUBTFUL, why=snapshot.doubtful[remote])
    if remote in snapshot.unread:
        return Sight(mapping=mapping, seen=Seen.UNSEEN)
    expected = mapping.base.status.live and remote not in snapshot.aside
    listed = expected and mapping.base.slot.start in snapshot.window
    if isinstance(snapshot, Partial) or listed:
        return Sight(mapping=mapping, seen=Seen.UNSEEN)
    if remote in snapshot.unreadable:
        return Sight(mapping=mapping, seen=Seen.UNSEEN)
    return Sight(mapping=mapping, seen=Seen.OUTSIDE, aside=remote in snapshot.aside)


def _is_stale(record: Record, mapping: Mapping, snapshot: Complete | Partial) -> bool:
    """Whether a reading is older than one that there was before: lower in its version, or last modified earlier.

    A vendor's clock may be set back, so an earlier time shows that only while a copy may still lag behind; a time that
    is yet to come shows nothing.
    """
    if record.version is not None and mapping.version is not None:
        return record.version < mapping.version
    if record.modified_at is None or mapping.modified_at is None:
        return False
    if mapping.modified_at - record.modified_at < SECOND:  # a list may show fewer digits of it
        return False
    ahead = timedelta(seconds=snapshot.clock_offset or 0.0)
    return -LAG < snapshot.ended_at - (mapping.modified_at - ahead) < LAG


def _as_before(record: Record, mapping: Mapping) -> Record:
    """Of the readings of an ambiguous local time, the one that the base has, or else an unsettled write of ours."""
    if not record.other_readings:
        return record
    readings = {
        (slot.minute, minute_of(slot.end)): slot for slot in (*reversed(record.other_readings), record.content.slot)
    }
    for ours in (mapping.base, mapping.pending):
        slot = None if ours is None else readings.get((ours.slot.minute, minute_of(ours.slot.end)))
        if slot is not None:
            return replace(record, content=record.content.with_values({Field.SLOT: slot}))
    return record


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
    taken = dict[Field, object]()
    if sight.record is not None:
        content = sight.record.content
        taken = {
            field: brought_about(field, mapping.base.get(field), content.get(field), intended.get(field))
            for field in sight.record.shows & mapping.shows & mapping.pending_fields
            if landed(field, mapping.base.get(field), content.get(field), intended.get(field))
        }
        if is_taken_back(sight.record, mapping):
            taken = {field: intended.get(field) for field in put_back(mapping, content)} | taken
    elif sight.seen is Seen.GONE and not intended.status.live:
        taken = {Field.STATUS: Status.CANCELLED}
    accepted = mapping.accepted.with_values({field: intended.get(field) for field in taken})
    return replace(sight, mapping=replace(mapping, base=mapping.base.with_values(taken), accepted=accepted))


def _in_flight_until(sight: Sight, snapshot: Snapshot | None, policy: Policy) -> datetime | None:
    """Until when an unsettled write of ours may still be carried out; None where it was, or is not waited for.

    Where a vendor has versions, one that comes late is refused as soon as anything else was written: so that is done.
        12:00 a move to 16:00 gets no answer; 12:01 somebody moves it to 17:00 at another vendor
        12:02 written at once, 17:00 would be undone by the move that is carried out at 12:03
    """
    mapping, traits = sight.mapping, policy.traits_of(sight.mapping.vendor)
    asked, sent = mapping.pending, mapping.pending_at
    if asked is None or sent is None or traits is None:
        return None
    until = sent + traits.settle
    if not isinstance(snapshot, Complete | Partial) or snapshot.started_at >= until:
        return None
    record = sight.record
    if sight.seen is Seen.GONE or record is None:
        return None if sight.seen is Seen.GONE else until
    content, base = record.content, mapping.base
    shown = record.shows & mapping.pending_fields
    done = all(landed(name, base.get(name), content.get(name), asked.get(name)) for name in shown)
    return None if done and shown else until

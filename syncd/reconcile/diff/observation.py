"""What this cycle sees of a known appointment at one vendor: its record, its absence, or nothing.

Own writes that were never settled are recognised here, so that they do not look like a person's
edit.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import partial
from typing import Any

from syncd.compare.attribution import brought_about, landed, shown_over
from syncd.compare.sameness import same_value
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Known, Mapping, with_changes
from syncd.model.policy import Policy, Traits
from syncd.model.record import Complete, Listed, Partial, Record, Snapshot, Snapshots
from syncd.model.revision import is_earlier, writes_between
from syncd.model.times import minute_of

SECOND = timedelta(seconds=1)
LAG = timedelta(minutes=15)
"""How long a vendor may go on showing a record as it was before its last modification."""


class Presence(Enum):
    """How the record behind a mapping shows in this cycle."""

    DECODED = auto()  # a record was decoded: it may differ from the base
    UNCHANGED = auto()  # listed, and its fingerprint holds
    GONE = auto()  # the vendor says that it does not exist
    MISSING = auto()  # not there, without that evidence or with too much of it
    OUT_OF_WINDOW = (
        auto()
    )  # its listing need not hold this record: another time, aside, or cancelled
    UNREAD = auto()  # the vendor was not read, or this record could not be


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """A mapping with what is seen of it now. `record` is there where it was decoded; `why` it is
    gone or missing.

    `aside` says that the listing leaves out the part of the vendor in which the record lies.
    `until` is set where an unsettled write of ours, which the record does not show, may still be
    carried out: nothing is written until then. `shown` says of an unread one that it was listed,
    though in an older state, or so that it cannot be read; `row` is how, if that tells anything;
    `vanished` that it was listed, and is not found by id.
    """

    mapping: Mapping
    presence: Presence
    aside: bool = False
    record: Record | None = None
    why: str = ""
    until: datetime | None = None
    shown: bool = False
    row: Record | None = None
    vanished: bool = False

    @property
    def content(self) -> Appointment:
        """The record's values as far as they are known: as seen now, else the base."""
        if self.record is None:
            return self.mapping.base
        return shown_over(self.mapping.base, self.record)

    @property
    def unfound(self) -> bool:
        """Whether its vendor's last listing did not have it, without the vendor's word; that is not
        over where the vendor cannot be read.
        """
        if self.readable or self.shown:
            return self.presence is Presence.MISSING
        return self.mapping.missing

    @property
    def readable(self) -> bool:
        """Whether the vendor may be written for this mapping in this cycle."""
        return self.presence is not Presence.UNREAD

    @property
    def gone(self) -> bool:
        """Whether its vendor says that it does not exist, and that is believed."""
        return self.presence is Presence.GONE

    def doubted(self, why: str | None) -> Replica:
        """The same, where there is a reason not to believe that it is gone."""
        if why is None or not self.gone:
            return self
        return replace(self, presence=Presence.MISSING, why=why)

    def with_mapping(self, **changes: Any) -> Replica:
        """The same, with a mapping that has these values."""
        mapping = with_changes(self.mapping, **changes)
        return self if mapping is self.mapping else replace(self, mapping=mapping)


Replicas = abc.Mapping[str, Replica]
"""What is seen of an appointment, by vendor."""


def look(
    known: Known, snapshots: Snapshots, policy: Policy, *, believe: bool = False
) -> tuple[Replica, ...]:
    """What is seen of each of an appointment's records, those that it had once included when they
    stand again.

    A vendor's word that a record is gone may be doubted (`doubt_of`), unless it is to be believed.
    """
    replicas = []
    for mapping in known.mappings:
        snapshot = snapshots.get(mapping.vendor)
        replica = replica_of(mapping, snapshot)
        if not believe:
            replica = replica.doubted(doubt_of(mapping, snapshot))
        if mapping.tombstone is None:
            until = _in_flight_until(replica, snapshot, policy)
            replicas.append(replace(absorb(replica), until=until))
        elif _comes_back(replica, known, policy):
            replicas.append(_returned(replica))
    return tuple(replicas)


def _comes_back(replica: Replica, known: Known, policy: Policy) -> bool:
    """Whether a record that was the appointment's once stands, no other is in its place, and it did
    not stand all the time.
    """
    mapping = replica.mapping
    alone = known.at(mapping.vendor) is None and not mapping.beside
    return alone and _stands(replica, policy) and not is_to_end(mapping)


def kept_up(mapping: Mapping, snapshot: Snapshot | None, policy: Policy) -> Mapping:
    """A record that is the appointment's no longer, and did not come back, as it was last seen.

    Once it was cancelled, what else a person calls it is that record's own affair; that it stands
    is told (`diff.beside`). It is read in each cycle until it has ended.
    """
    replica = replica_of(mapping, snapshot)
    record, stands = replica.record, _stands(replica, policy)
    if stands and not is_to_end(mapping):
        return replace(mapping, beside=True, missing=False, fingerprint=None)
    if record is None:
        return _unseen(mapping, snapshot)
    mapping = replace(mapping, beside=False, missing=False)
    base = shown_over(mapping.base, record)
    if not mapping.base.status.live:
        base = base.with_values({Field.STATUS: mapping.base.status})
    return replace(
        mapping,
        base=base,
        fingerprint=record.fingerprint,
        revision=mapping.revision if record.revision is None else record.revision,
        modified_at=record.modified_at or mapping.modified_at,
        in_flight=None,
    )


def _unseen(mapping: Mapping, snapshot: Snapshot | None) -> Mapping:
    """A record that was given up and stood again, where no row of it could be read: it has ended
    once two complete listings left it out, as nobody asks for it by id.
    """
    remote = mapping.remote_id
    if not mapping.beside or not isinstance(snapshot, Complete):
        return mapping
    if remote in snapshot.unread or remote in snapshot.unreadable:
        return mapping
    ended = mapping.missing or remote in snapshot.gone
    return replace(mapping, beside=not ended, missing=not ended)


def is_to_end(mapping: Mapping) -> bool:
    """Whether syncd made the record once too often and has not ended it yet."""
    return mapping.surplus and mapping.base.status.live


def _stands(replica: Replica, policy: Policy) -> bool:
    """Whether a record is there and stands: what was replaced as a no-show does not come back as
    one.
    """
    record, traits = replica.record, policy.traits_of(replica.mapping.vendor)
    if record is None or traits is None:
        return False
    return not traits.capabilities.ends(record.content.status)


def doubt_of(mapping: Mapping, snapshot: Snapshot | None) -> str | None:
    """Why a vendor's word that it has no such record is doubted; None where it is believed.

    One that lost everything may have it again tomorrow. And of a record that syncd made, and that
    nothing ever showed, nobody can tell whether a person deleted it or the vendor named it wrongly,
    or never kept it:
        09:00 a create is answered with record 7, and reading record 7 fails
        09:05 the listing has no record 7, and by id it is not found
    """
    if isinstance(snapshot, Complete) and snapshot.blank:
        return f"{mapping.vendor} lists nothing at all any more"
    if isinstance(snapshot, Complete | Partial) and mapping.remote_id in snapshot.unbelieved:
        return snapshot.unbelieved[mapping.remote_id]
    return "nothing has shown it since syncd made it" if mapping.unconfirmed else None


def replica_of(mapping: Mapping, snapshot: Snapshot | None) -> Replica:
    """What is seen of one record, whether it is the appointment's still or not."""
    if isinstance(snapshot, Listed):
        return _listed_replica(mapping, snapshot)
    return Replica(mapping=mapping, presence=Presence.UNREAD)


def _listed_replica(mapping: Mapping, snapshot: Listed) -> Replica:
    remote, of = mapping.remote_id, partial(Replica, mapping=mapping)
    record = snapshot.records.get(remote)
    if record is not None:
        if _is_stale(record, mapping, snapshot):
            return of(presence=Presence.UNREAD, shown=True)  # it says nothing else
        return of(presence=Presence.DECODED, record=_as_before(record, mapping))
    if remote in snapshot.unchanged:
        return of(presence=Presence.UNCHANGED)
    if remote in snapshot.gone:
        return of(presence=Presence.GONE, why=f"{mapping.vendor} says that it no longer exists")
    if remote in snapshot.doubtful:
        return of(presence=Presence.MISSING, why=snapshot.doubtful[remote])
    if remote in snapshot.unread or remote in snapshot.unreadable:
        return of(presence=Presence.UNREAD, shown=True, row=snapshot.unread.get(remote))
    if _may_be_there(mapping, snapshot):
        vanished = isinstance(snapshot, Partial) and remote in snapshot.vanished
        return of(presence=Presence.UNREAD, vanished=vanished)
    return of(presence=Presence.OUT_OF_WINDOW, aside=remote in snapshot.aside)


def _may_be_there(mapping: Mapping, snapshot: Listed) -> bool:
    """Whether a listing that does not show a record says nothing of it: half of it is lacking, or
    the record should have been in it.
    """
    remote = mapping.remote_id
    expected = mapping.base.status.live and remote not in snapshot.aside
    listed = expected and mapping.base.slot.start in snapshot.window
    return isinstance(snapshot, Partial) or listed


def _is_stale(record: Record, mapping: Mapping, snapshot: Listed) -> bool:
    """Whether a reading is older than one that there was before: lower in its version, or last
    modified earlier.

    A vendor's clock may be set back, so an earlier time shows that only while a copy may still lag
    behind; a time that is yet to come shows nothing.
    """
    if writes_between(mapping.revision, record.revision) is not None:
        return is_earlier(record.revision, mapping.revision)
    if record.modified_at is None or mapping.modified_at is None:
        return False
    if mapping.modified_at - record.modified_at < SECOND:  # a list may show fewer digits of it
        return False
    ahead = timedelta(seconds=snapshot.clock_offset or 0.0)
    return -LAG < snapshot.ended_at - (mapping.modified_at - ahead) < LAG


def _as_before(record: Record, mapping: Mapping) -> Record:
    """Of the readings of an ambiguous local time, the one that the base has, or else an unsettled
    write of ours.
    """
    if not record.other_readings:
        return record
    readings = {
        (slot.minute, minute_of(slot.end)): slot
        for slot in (*reversed(record.other_readings), record.content.slot)
    }
    for ours in (mapping.base, mapping.in_flight):
        slot = None if ours is None else readings.get((ours.slot.minute, minute_of(ours.slot.end)))
        if slot is not None:
            return replace(record, content=record.content.with_values({Field.SLOT: slot}))
    return record


def _returned(replica: Replica) -> Replica:
    """A record that was gone and is back, live: its appointment is scheduled again, as a change of
    that vendor.
    """
    ended = replica.mapping.base.with_values({Field.STATUS: Status.CANCELLED})
    return replica.with_mapping(tombstone=None, base=ended, acknowledged=ended, in_flight=None)


def absorb(replica: Replica) -> Replica:
    """Take what an unsettled write of ours brought about as taken, not as a person's change."""
    mapping, intended = replica.mapping, replica.mapping.in_flight
    if intended is None:
        return replica
    taken = dict[Field, object]()
    if replica.record is not None:
        taken = _ours_in(replica.record, mapping, intended)
    elif replica.gone and not intended.status.live:
        taken = {Field.STATUS: Status.CANCELLED}
    acknowledged = mapping.acknowledged.with_values({field: intended.get(field) for field in taken})
    return replica.with_mapping(base=mapping.base.with_values(taken), acknowledged=acknowledged)


def glimpsed(replica: Replica) -> frozenset[Field]:
    """What an unsettled write of ours was to change, and has, by a row that may be an old one.

    09:00 a cancellation gets no answer; 09:05 the list shows the record cancelled, and the
          record itself cannot be read
    09:10 it stands: the write was carried out, and somebody scheduled it again; or the list
          showed it as it was once, long before
    """
    mapping, row, asked = replica.mapping, replica.row, replica.mapping.in_flight
    if asked is None:
        return frozenset()
    if row is None:
        return mapping.glimpsed
    # A row may show less than the record: what it lacks is nobody's doing.
    return mapping.glimpsed | {
        name
        for name in row.shows & mapping.shows & mapping.in_flight_fields
        if same_value(name, row.content.get(name), asked.get(name))
        and not same_value(name, mapping.base.get(name), asked.get(name))
    }


def _ours_in(record: Record, mapping: Mapping, intended: Appointment) -> dict[Field, object]:
    """What an unsettled write of ours brought about of a record's values."""
    found = dict[Field, object]()
    for name in record.shows & mapping.shows & mapping.in_flight_fields:
        three = tuple(one.get(name) for one in (mapping.base, record.content, intended))
        if landed(name, *three):
            found[name] = brought_about(name, *three)
    return found


def _in_flight_until(
    replica: Replica, snapshot: Snapshot | None, policy: Policy
) -> datetime | None:
    """Until when an unsettled write of ours may still be carried out; None where it was, or is not
    waited for.

    Where a vendor has versions, one that comes late is refused as soon as anything else was
    written: so that is done.
        12:00 a move to 16:00 gets no answer; 12:01 somebody moves it to 17:00 at another vendor
        12:02 written at once, 17:00 would be undone by the move that is carried out at 12:03
    """
    mapping, traits = replica.mapping, policy.traits_of(replica.mapping.vendor)
    asked, sent = mapping.in_flight, mapping.in_flight_sent_by or mapping.in_flight_since
    if asked is None or sent is None or traits is None:
        return None
    # A seat that is made again is made twice, if the first one comes after all.
    until = sent + traits.settle * (2 if _adds_seat(mapping, asked, traits) else 1)
    waited = isinstance(snapshot, Listed) and snapshot.started_at < until
    if not waited or replica.gone or _is_shown(replica, asked):
        return None
    return until


def _adds_seat(mapping: Mapping, asked: Appointment, traits: Traits) -> bool:
    """Whether a write of ours was to give somebody a seat in a record that has room for all."""
    seats = Field.CLIENTS in mapping.in_flight_fields and traits.capabilities.room(asked) is None
    return seats and len(asked.clients) > len(mapping.base.clients)


def _is_shown(replica: Replica, asked: Appointment) -> bool:
    """Whether a record shows that a write of ours was carried out."""
    mapping, record = replica.mapping, replica.record
    if record is None:
        return False
    shown = record.shows & mapping.in_flight_fields
    base, content = mapping.base, record.content
    done = all(landed(name, base.get(name), content.get(name), asked.get(name)) for name in shown)
    return done and bool(shown)

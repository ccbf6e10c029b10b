"""Records that were cancelled and stand again: for the one who was in them, for somebody else, or
nobody can tell.

    09:00 Ana's appointment is cancelled, at every vendor
    09:02 Omar books the same time online, and the vendor puts that into Ana's old record
    09:05 the record lives, with Omar in it, and with the notes and the mark that were Ana's
Taken for a revival, that would schedule Ana's appointment again everywhere, under Omar's name. It
is his alone: the record goes to an appointment of its own, or to his that others have, and Ana's
stays as it was, without a record there. A person who gives a record to another client when
scheduling it again says the same. Where it cannot be told who is in it, a person is asked; and a
listing that broke off tells nothing of such a record.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import product
from typing import Any

from syncd.compare.attribution import asked_to_stand
from syncd.compare.identity import appointment_id
from syncd.compare.people import Evidence, everybody_in, named, weighed
from syncd.compare.seats import Clients
from syncd.model.appointment import TEXTS, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Known, Mapping
from syncd.model.policy import Policy
from syncd.model.record import Listed, Partial, Record, Ref, Snapshot, Snapshots
from syncd.model.wording import whose_unclear
from syncd.reconcile.diff.observation import Replica, Replicas, replica_of
from syncd.reconcile.diff.unclear import Unclear
from syncd.reconcile.link.takeover import takeovers


class Whose(Enum):
    """Whose a record is that was cancelled and stands again."""

    SAME = auto()  # somebody of those who were in it, or nothing says otherwise
    ANOTHERS = auto()  # nobody of them, by all that is known of both
    UNCLEAR = auto()  # it says nothing of whom it did before, or contradicts itself
    UNREAD = auto()  # its row does not say, and by id it could not be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Reuse:
    """A record that is another's now, and the appointment that it belonged to.

    `record` is without the texts that may be of the one before, which are `left` in it, and without
    the mark. `guests` are bookings in it of others, as in a `Mapping`.
    """

    record: Record
    former: Known
    left: abc.Mapping[Field, Any]
    guests: abc.Mapping[str, str]

    @property
    def appointment(self) -> str:
        """The id of the appointment that it founds: the record may have founded the former one,
        too.
        """
        return appointment_id(self.record.vendor, f"{self.record.remote_id}\n{self.former.id}")


def reuses(known: abc.Iterable[Known], snapshots: Snapshots, policy: Policy) -> dict[Ref, Reuse]:
    """The records that complete listings show to be another's now; not those that a create of ours
    took over.
    """
    found = {}
    for key, one, replica, whose in _standing_again(known, snapshots, policy):
        if whose is Whose.ANOTHERS and replica.record is not None:
            able = policy.traits(key[0]).capabilities
            left = {name: replica.record.content.get(name) for name in _texts(replica.record, able)}
            content = replica.record.content.with_values(dict.fromkeys(left, ""))
            record = replace(replica.record, content=content, token=None)
            found[key] = Reuse(record=record, former=one, left=left, guests=replica.mapping.guests)
    return found


def set_apart(
    known: abc.Iterable[Known], snapshots: Snapshots, policy: Policy
) -> dict[str, Snapshot]:
    """The snapshots, in which such records count as not read that nothing is to be concluded from
    yet.

    Those are all but the same ones' in a listing that broke off: half of it may lack the
    appointment that they are of.
    """
    unread: dict[str, dict[str, Record]] = {}
    for (vendor, remote_id), _, replica, whose in _standing_again(known, snapshots, policy):
        half = isinstance(snapshots[vendor], Partial) and whose is not Whose.SAME
        if replica.record is not None and (half or whose is Whose.UNREAD):
            unread.setdefault(vendor, {})[remote_id] = replica.record
    return {name: _without(snapshot, unread.get(name, {})) for name, snapshot in snapshots.items()}


def unclear_among(known: Known, replicas: Replicas, policy: Policy) -> dict[str, Unclear]:
    """The vendors whose record of an appointment stands again, nobody can tell for whom, and what a
    person is asked.
    """
    before = {mapping.ref: mapping for mapping in known.mappings}
    found: dict[str, Unclear] = {}
    for vendor, replica in replicas.items():
        mapping, record = before.get(replica.mapping.ref), replica.record
        if mapping is None or record is None:
            continue
        if _whose(known, mapping, record, policy.able(vendor)) is Whose.UNCLEAR:
            found[vendor] = Unclear(whose_unclear(*mapping.ref), whose=True)
    return found


def unsettled_again(known: Known, replica: Replica) -> Replica:
    """The replica without what an unsettled write of ours may have brought about: that is a part of
    the question.
    """
    before = known.at(replica.mapping.vendor)
    return replica if before is None else replace(replica, mapping=before)


def with_texts(replica: Replica, left: abc.Mapping[Field, Any]) -> Replica:
    """The replica of a record that was linked without these texts: they are no news, nor are they
    the appointment's.
    """
    texts = dict(left)
    if not texts or replica.record is None:
        return replica
    record = replace(replica.record, content=replica.record.content.with_values(texts))
    base = replica.mapping.base.with_values(texts)
    return replace(replica.with_mapping(base=base), record=record)


def _standing_again(
    known: abc.Iterable[Known], snapshots: Snapshots, policy: Policy
) -> abc.Iterator[tuple[Ref, Known, Replica, Whose]]:
    """Every record that was cancelled and stands again, and whose it is."""
    everybody = tuple(known)
    able = {traits.name: traits.capabilities for traits in policy.vendors}
    ours = takeovers(everybody, snapshots)
    for one in everybody:
        for mapping in one.mappings:
            if mapping.vendor not in able or mapping.ref in ours or not _has_ended(one, mapping):
                continue
            replica = replica_of(mapping, snapshots.get(mapping.vendor))
            record = replica.record
            if record is None:
                continue
            whose = _whose(one, mapping, record, able[mapping.vendor])
            if whose is not None:
                yield mapping.ref, one, replica, whose


def _whose(known: Known, mapping: Mapping, record: Record, able: Capabilities) -> Whose | None:
    """None: it was not cancelled before, or does not stand."""
    status, replaced = record.content.status, mapping.tombstone is not None
    if not _has_ended(known, mapping) or (able.ends(status) if replaced else not status.live):
        return None
    found = _by_people(known, mapping, record)
    if found is Whose.ANOTHERS and asked_to_stand(mapping):
        found = Whose.UNCLEAR
    if not replaced and mapping.base.status.live:
        return _of_called_off(found, mapping)
    return found


def _of_called_off(found: Whose, mapping: Mapping) -> Whose:
    """Whose a record is that was never cancelled, while its appointment was."""
    if found is not Whose.ANOTHERS:
        return Whose.SAME
    # Her time was given to him, or her details were corrected.
    return found if asked_to_stand(mapping) is False else Whose.UNCLEAR


def _has_ended(known: Known, mapping: Mapping) -> bool:
    return (
        Status.CANCELLED in (mapping.base.status, known.agreed.status)
        or mapping.tombstone is not None
    )


def _by_people(known: Known, mapping: Mapping, record: Record) -> Whose:
    showed = Field.CLIENTS in mapping.shows
    told = Field.CLIENTS in record.shows and not record.content.damaged(Field.CLIENTS)
    now = named(record.content.clients) if told else ()
    if not now:
        if not (showed and named(mapping.base.clients)):
            return Whose.SAME
        return Whose.UNCLEAR if told or record.whole else Whose.UNREAD
    before = _who_was_in(known, mapping)
    if not before:
        return Whose.UNCLEAR if showed else Whose.SAME
    return _by_evidence(now, before)


def _by_evidence(now: Clients, before: Clients) -> Whose:
    """Whose a record is that shows some clients, and was others'."""
    compared = {weighed(*both) for both in product(now, before)}
    if Evidence.SAME in compared:
        return Whose.SAME
    return Whose.ANOTHERS if compared == {Evidence.ANOTHER} else Whose.UNCLEAR


def _who_was_in(known: Known, mapping: Mapping) -> Clients:
    """Everybody whom the appointment was with, as was agreed, and as the record has them or is to
    have them.

    What other vendors show may be less, and so hide what is otherwise now.
    """
    contents = [known.agreed, mapping.base, mapping.acknowledged]
    contents += [mapping.in_flight] if mapping.in_flight is not None else []
    return everybody_in(contents)


def _texts(record: Record, able: Capabilities) -> list[Field]:
    """The texts that people type into a record: nothing says of whom those speak that are in it
    already.
    """
    typed = [name for name in TEXTS if able.ability(name).created or able.ability(name).updated]
    return sorted(name for name in record.shows.intersection(typed) if record.content.get(name))


def _without(snapshot: Snapshot, unread: abc.Mapping[str, Record]) -> Snapshot:
    if not unread or not isinstance(snapshot, Listed):
        return snapshot
    records = {key: record for key, record in snapshot.records.items() if key not in unread}
    return replace(snapshot, records=records, unread={**snapshot.unread, **unread})

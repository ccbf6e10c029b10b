"""An appointment and its records as this cycle sees them, before it is asked who changed what.

What is no change of anybody's is taken in here, step by step: what a zone's new rules make of a
time, what a record brings that joins the appointment, bookings of others in a record. What remains
different from a record's base after that was changed by somebody.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace

from syncd.compare.hosting import Guest, as_host, without_guests
from syncd.compare.people import same_people
from syncd.model.appointment import Appointment, Field
from syncd.model.memory import Known, with_changes
from syncd.model.policy import Policy
from syncd.model.record import Record, Snapshots
from syncd.reconcile.diff.beside import ended_beside
from syncd.reconcile.diff.observation import Presence, Replica, look
from syncd.reconcile.diff.rezoned import rezoned
from syncd.reconcile.diff.unclear import Unclear, unclear_records
from syncd.reconcile.link.candidates import Candidate
from syncd.reconcile.link.founding import filled, founded, lengthened, new_mapping
from syncd.reconcile.link.renumbered import carried_over
from syncd.reconcile.link.revived import unclear_among, unsettled_again, with_texts
from syncd.reconcile.merge.apart import as_found, gaining, without_questions
from syncd.reconcile.merge.seating import seat_at, with_group_of
from syncd.reconcile.merge.unlike import levelled


@dataclass(slots=True)
class Seen:
    """An appointment, its records by vendor, and whose of them nobody can tell what it says.

    `unclear` has what a person is asked about each of those.
    """

    known: Known
    replicas: dict[str, Replica]
    unclear: dict[str, Unclear] = field(default_factory=dict)

    @property
    def agreed(self) -> Appointment:
        """The values against which the records are seen."""
        return self.known.agreed

    def agree(self, agreed: Appointment) -> None:
        """Let other values be agreed on, by what was found and not by anybody's change."""
        self.known = replace(self.known, agreed=agreed)


def see(candidate: Candidate, snapshots: Snapshots, policy: Policy, *, believe: bool) -> Seen:
    """An appointment with all its records: first those that are known, then those just linked.

    The order matters where one step changes what the next one compares:
        09:00 the office's zone has new rules: its base means 10:00 now, and so does what is agreed
        09:00 a record joins that is at 10:00: it is in step, and was not a minute before
    """
    seen = _looked_at(candidate, snapshots, policy, believe=believe)
    _follow_zones(seen, policy)
    _seat_by_seat(seen)
    _take_in(seen, candidate, policy)
    _drop_settled_differences(seen, policy)
    _count_differences_as_taken(seen)
    _part_from_guests(seen, candidate)
    _tell_first_clients(seen)
    _remember_who_came(seen, policy)
    _leave_unclear(seen, snapshots, policy)
    _add_linked(seen, candidate, snapshots)
    _note_differences(seen, candidate, policy)
    return seen


def _looked_at(
    candidate: Candidate, snapshots: Snapshots, policy: Policy, *, believe: bool
) -> Seen:
    """The records that are known, of vendors that are configured; none, where it is founded now."""
    known = candidate.known or founded(candidate, policy)
    replicas = [
        replica if believe else replica.doubted(candidate.doubts.get(replica.mapping.vendor))
        for replica in look(known, snapshots, policy, believe=believe)
    ]
    replicas += [_renumbered(record, candidate, known) for record in candidate.renumbered]
    configured = {traits.name for traits in policy.vendors}
    return Seen(known, {r.mapping.vendor: r for r in replicas if r.mapping.vendor in configured})


def _renumbered(record: Record, candidate: Candidate, known: Known) -> Replica:
    """A record that goes on in the place of another under a new id: as if nothing had happened."""
    mapping = carried_over(record, candidate.successors[record.vendor], known.agreed)
    return Replica(mapping=mapping, presence=Presence.DECODED, record=record)


def _follow_zones(seen: Seen, policy: Policy) -> None:
    """What a record's time means by the zone of today; see `rezoned` and `shifted`."""
    shifts = {one.name: one.shift for one in policy.vendors if one.shift is not None}
    seen.replicas, agreed = rezoned(seen.replicas, seen.agreed, shifts)
    seen.agree(agreed)


def _seat_by_seat(seen: Seen) -> None:
    """A record that stood for all of a class, and is one participant's seat by now: it has taken
    those who have one.
    """
    for vendor, replica in seen.replicas.items():
        record, mapping = replica.record, replica.mapping
        if record is None or record.seat_of is None or not record.parts or mapping.parts:
            continue
        taken = mapping.acknowledged.clients
        there = same_people(taken, record.content.clients)
        seated = tuple(one for place, one in enumerate(taken) if place in there)
        acknowledged = mapping.acknowledged.with_values({Field.CLIENTS: seated})
        mapping = replace(mapping, acknowledged=acknowledged)
        seen.replicas[vendor] = replace(replica, mapping=mapping)


def _take_in(seen: Seen, candidate: Candidate, policy: Policy) -> None:
    """What is agreed gains what a joining record has more: a client, a note, a length; and of a
    client what a known one tells at last.
    """
    joining = candidate.joining
    before = seen.agreed
    gained = filled(before, [*joining, *_telling_at_last(seen)], policy)
    agreed = lengthened(gained, seen.replicas, joining, policy)
    if agreed != before:
        for vendor, replica in seen.replicas.items():
            seen.replicas[vendor] = gaining(replica, before, agreed, policy)
        seen.agree(agreed)


def _telling_at_last(seen: Seen) -> list[Record]:
    """Records that show whole for the first time whom they were linked with in part. Of them the
    client alone is new: that is nobody's change.

    11:10 the office's rows lack the key of the address: hers is founded as Ann Lee's, no more
    11:11 they have it again: Ann Lee, ann@example.com; that is agreed, and the others lack it
    Not where somebody changed the client since: what was taken out would come back by that.
    """
    if not seen.agreed.clients or any(
        key.startswith(Field.CLIENTS) for key in seen.known.provenance
    ):
        return []
    return [
        replace(record, shows=frozenset({Field.CLIENTS}))
        for one in seen.replicas.values()
        if (record := one.record) is not None
        and record.content.status.live
        and Field.CLIENTS in record.shows - one.mapping.shows
        and one.mapping.base.clients
        and not record.content.damaged(Field.CLIENTS)
    ]


def _drop_settled_differences(seen: Seen, policy: Policy) -> None:
    """Records that were linked unlike each other and are alike by now have nothing of their own."""
    seen.replicas, agreed = without_questions(seen.known, seen.replicas, seen.agreed, policy)
    seen.agree(agreed)


def _count_differences_as_taken(seen: Seen) -> None:
    """In what a record keeps its own, it stands for what is agreed: there it is not behind."""
    for vendor, replica in seen.replicas.items():
        mapping = levelled(replica.mapping, seen.agreed)
        seen.replicas[vendor] = replace(replica, mapping=mapping)


def _part_from_guests(seen: Seen, candidate: Candidate) -> None:
    """What others' bookings made of a record is nobody's change; what may be such a thing waits."""
    for vendor in candidate.doubted & seen.replicas.keys():
        replica = seen.replicas[vendor]
        listed = replica.shown or replica.record is not None
        unread = replace(replica, presence=Presence.UNREAD, record=None, shown=listed)
        seen.replicas[vendor] = unread
    for vendor, guests in candidate.hosts.items():
        if vendor in seen.replicas:
            seen.replicas[vendor] = _as_host(seen.replicas[vendor], guests)


def _as_host(replica: Replica, guests: abc.Sequence[Guest]) -> Replica:
    """A record that took others' bookings in: from the next look on it is read without them."""
    if replica.record is None:
        return replica
    mapping = as_host(replica.mapping, replica.record, guests)
    return replace(replica, mapping=mapping, record=without_guests(replica.record, mapping))


def _tell_first_clients(seen: Seen) -> None:
    """An appointment that has no client gets the one whom a record names for the first time.

    Where one is agreed on, that a record's own could not be told before is no change.
    """
    for vendor, replica in seen.replicas.items():
        if seen.agreed.clients or replica.record is None or replica.mapping.base.clients:
            continue
        shows = replica.mapping.shows | {Field.CLIENTS}
        seen.replicas[vendor] = replica.with_mapping(shows=shows)


def _remember_who_came(seen: Seen, policy: Policy) -> None:
    """A record that is one seat of several is so whether its vendor has heard of the others or not.

    09:00 Ann's record is known, and the booking page is down; Omar comes at the office
    09:05 it is down still, and Ann leaves there
    09:10 it is up: the record is hers, and does not become Omar's
    """
    seen.replicas = with_group_of(seen.known, seen.replicas, policy)


def _leave_unclear(seen: Seen, snapshots: Snapshots, policy: Policy) -> None:
    """Records about which a person is asked stay as they were before, own writes included."""
    seen.unclear = unclear_among(seen.known, seen.replicas, policy)
    seen.unclear |= unclear_records(seen.known, seen.replicas, policy)
    # That one seat of several ended is asked and said of its client alone.
    single = {
        name: one for name, one in seen.replicas.items() if seat_at(seen.known, one, policy) is None
    }
    seen.unclear |= ended_beside(seen.known, single, snapshots, policy)
    for vendor in seen.unclear:
        seen.replicas[vendor] = unsettled_again(seen.known, seen.replicas[vendor])


def _add_linked(seen: Seen, candidate: Candidate, snapshots: Snapshots) -> None:
    """The records that were linked in this cycle, each based on itself or on the create of it."""
    for record in candidate.linked:
        vendor = record.vendor
        if vendor in candidate.successors:
            continue  # it is there from the beginning
        create = candidate.create_of(record)
        mapping = new_mapping(record, seen.agreed, create, snapshots.get(vendor))
        mapping = with_changes(mapping, guests=candidate.guests.get(vendor, mapping.guests))
        replica = Replica(mapping=mapping, presence=Presence.DECODED, record=record)
        seen.replicas[vendor] = with_texts(replica, candidate.texts.get(vendor, {}))


def _note_differences(seen: Seen, candidate: Candidate, policy: Policy) -> None:
    """What records that people made have otherwise than the others they keep, until one decides."""
    by_people = {one.vendor for one in candidate.linked if candidate.create_of(one) is None}
    new = by_people - candidate.texts.keys() - candidate.unaltered
    seen.replicas = as_found(seen.replicas, new, seen.agreed, policy)

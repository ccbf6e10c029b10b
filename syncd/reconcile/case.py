"""Where one appointment stands: its replicas, what changed, what was merged, and what its mappings
become.

Everything that `steps` needs to say which operations are left to do, gathered once per appointment.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from typing import Any

from syncd.compare.atoms import Atom, agreed_beside, origins_of, same
from syncd.compare.attribution import is_unsettled, shown_over
from syncd.compare.sameness import is_known, same_at, same_value
from syncd.compare.seats import (
    Clients,
    Seat,
    coming,
    fitting,
    leaving,
    room_at,
    seat_of,
    seated_first,
    with_group,
)
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Known, Mapping
from syncd.model.plan import Adopt, Conflict
from syncd.model.policy import Policy
from syncd.model.record import Partial, Record, Snapshot
from syncd.reconcile.diff.changes import Change, People, changes_of
from syncd.reconcile.diff.observation import Presence, Replica, kept_up
from syncd.reconcile.diff.unclear import Unclear, asked_about, unless_called_off, waiting_for
from syncd.reconcile.link.adoptions import adoptions
from syncd.reconcile.link.candidates import Candidate
from syncd.reconcile.link.founding import surplus
from syncd.reconcile.merge.apart import (
    once_said,
    sides,
    unlike_of,
)
from syncd.reconcile.merge.contested import contested, disputed
from syncd.reconcile.merge.hearing import can_be_told, is_only_heard
from syncd.reconcile.merge.merge import Merged, merge
from syncd.reconcile.merge.seats import OfSeats, acknowledging, as_seated, of_seats, still_unclear
from syncd.reconcile.merge.taking import taken
from syncd.reconcile.merge.undelivered import undelivered
from syncd.reconcile.merge.unlike import as_said, in_own_terms, questions
from syncd.reconcile.seen import Seen, see


@dataclass(slots=True)
class Case:
    """One appointment in this cycle.

    `changes` are those of its records' own people. `disputed` are vendors whose record is cancelled
    while the appointment stands, or the other way round, and nobody changed it: it was found so.
    `again` are vendors of which single records were read a second time in this cycle, `unclear`
    those of whose record nobody can tell what it says of the appointment, each with what a person
    is asked. `unlike` are the differences with which its records were linked. `seats` is what was
    said by records that are one client's of several.
    """

    candidate: Candidate
    known: Known
    replicas: dict[str, Replica]
    changes: tuple[Change, ...]
    merged: Merged
    policy: Policy
    again: frozenset[str] = frozenset()
    unclear: abc.Mapping[str, Unclear] = field(default_factory=dict)
    disputed: tuple[str, ...] = ()
    adopted: tuple[Adopt, ...] = ()
    tombstones: list[Mapping] = field(default_factory=list)
    unlike: list[Conflict] = field(default_factory=list)
    seats: OfSeats = field(default_factory=OfSeats)

    def acknowledged(self, vendor: str) -> Appointment:
        """The agreed values that a vendor's record stands for: what changed as it is now, the rest
        as acknowledged.
        """
        acknowledged = self.replicas[vendor].mapping.acknowledged
        agreed = self.known.agreed.clients
        for change in self.changes:
            if change.vendor == vendor and change.of_seat:
                acknowledged = acknowledging(acknowledged, change, agreed)
            elif change.vendor == vendor:
                acknowledged = taken(acknowledged, change, agreed, self.policy)
        return acknowledged

    def in_terms_of(self, vendor: str, values: Appointment) -> Appointment:
        """Agreed values as a vendor's record is to have them, which keeps its own where it was
        linked otherwise.
        """
        replica = self.replicas[vendor]
        own = in_own_terms(values, replica.mapping.unlike, replica.content)
        if self.policy.traits(vendor).capabilities.seats(replica.mapping.base):
            own = own.with_values({Field.SERVICE: replica.mapping.base.service})
        return as_seated(own, self.seat_of(vendor, values))

    def seat_of(self, vendor: str, values: Appointment) -> Seat | None:
        """Whom of some values' clients a vendor's record stands for, where it has no room for
        all.
        """
        replica, able = self.replicas[vendor], self.policy.traits(vendor).capabilities
        taken = replica.mapping.acknowledged.clients
        room = room_at(able, replica.mapping.base, values)
        if room is None or max(len(taken), len(values.clients)) <= room:  # as nearly always
            return None
        content = replica.content
        own = content.clients if content.status.live else replica.mapping.base.clients
        return seat_of(own, self.acknowledged(vendor).clients, values.clients, room)

    def new_seats(self, vendor: str, stands: Appointment, shown: Appointment) -> Clients:
        """Who is to get a seat in a vendor's record that can be given one: of a class, which some
        vendor has seat by seat.
        """
        agreed, traits = self.merged.appointment, self.policy.traits(vendor)
        if not traits.capabilities.adds_seats or not self.policy.is_class(agreed):
            return ()
        return coming(stands.clients, agreed.clients, shown.clients)

    def _has_room_for_hers(self, vendor: str, stands: Appointment) -> bool:
        """Whether a seat's record has what is agreed of those whose it is: the others it only
        hears of.
        """
        agreed, able = self.merged.appointment, self.policy.traits(vendor).capabilities
        mine = self.seat_of(vendor, agreed)
        own = self.seat_of(vendor, stands)
        if mine is None or own is None or not (mine.places and own.places):
            return False
        hers = agreed.with_values({Field.CLIENTS: seated_first(agreed.clients, mine)})
        taken = stands.with_values({Field.CLIENTS: seated_first(stands.clients, own)})
        return same_at(Field.CLIENTS, fitting(hers, able), fitting(taken, able), able)

    def _has_left(self, vendor: str) -> bool:
        """Whether a record is the seat of somebody who is not in the appointment any more."""
        seat = self.seat_of(vendor, self.merged.appointment)
        return seat is not None and seat.left

    def mapping_after(self, vendor: str) -> Mapping:
        """The vendor's mapping with what was seen taken into its base; frozen fields stay as they
        were.

            09:00 base: Viewing at 15:00; the office's people move it to 16:00 and rename it
            09:05 the titles clash, and wait for a person: the base has 16:00 and the old title
            09:10 so the new title is still a change, which the decision will find
        """
        replica = self.replicas[vendor]
        mapping = replace(replica.mapping, asked_of_seat=vendor in self.seats.asked)
        if vendor in self.unclear:  # as it was, until a person decided
            return replace(mapping, fingerprint=None, missing=False, lapsed=False)
        if replica.presence is Presence.GONE:
            return mapping if Field.STATUS in self.merged.frozen else _ended(mapping, replica.why)
        if replica.presence is Presence.MISSING or (mapping.missing and not replica.readable):
            lapsed = mapping.lapsed or not self.merged.appointment.status.live
            return replace(mapping, missing=True, lapsed=lapsed)
        mapping = replace(mapping, missing=False, lapsed=False)
        if replica.record is not None:
            return self._as_read(mapping, replica, replica.record)
        match replica.presence:
            case Presence.UNCHANGED:
                return self._as_listed(mapping)
            case Presence.OUT_OF_WINDOW:
                # Without a fingerprint it is looked at anew when it is listed again.
                fingerprint = None if replica.aside else mapping.fingerprint
                return replace(mapping, aside=replica.aside, fingerprint=fingerprint)
            case _:
                return mapping

    def _as_listed(self, mapping: Mapping) -> Mapping:
        """The mapping of a record that was listed as it was before: nothing is on its way there."""
        acknowledged = self._next_acknowledged(mapping.vendor, mapping.base)
        return replace(
            mapping,
            acknowledged=acknowledged,
            in_flight=None,
            unconfirmed=False,
            keeps_word=self._keeps(mapping, acknowledged),
        )

    def _as_read(self, mapping: Mapping, replica: Replica, record: Record) -> Mapping:
        """The mapping of a record that was read: based on it, but for what waits for a person."""
        frozen = self.merged.frozen
        base = shown_over(mapping.base, record).with_values(self._untold(mapping, record))
        acknowledged = self._next_acknowledged(mapping.vendor, base)
        base = base.with_values({name: mapping.base.get(name) for name in frozen})
        kept = {name: mapping.acknowledged.get(name) for name in frozen}
        acknowledged = acknowledged.with_values(kept)
        unsettled = is_unsettled(mapping, record) or replica.until is not None
        modified_at = None if frozen else record.modified_at
        same_time = base.slot == record.content.slot
        # Guests that stand are looked at in each cycle.
        anew = bool(frozen) or unsettled or record.of_guests is not None
        return replace(
            mapping,
            base=base,
            shows=mapping.shows | record.shows,
            acknowledged=acknowledged,
            fingerprint=None if anew else record.fingerprint,
            revision=mapping.revision if record.revision is None else record.revision,
            modified_at=modified_at or mapping.modified_at,
            parts=record.parts or mapping.parts,
            wall=record.wall if record.wall and same_time else mapping.wall,
            in_flight=mapping.in_flight if unsettled else None,
            unconfirmed=False,
            keeps_word=self._keeps(mapping, acknowledged),
            aside=False,
        )

    def _keeps(self, mapping: Mapping, acknowledged: Appointment) -> bool:
        """Whether a record still keeps its word against the status that was agreed, and nobody
        spoke since.
        """
        agreed = self.merged.appointment.status
        spoke = Field.STATUS in self._changed_at(mapping.vendor)
        return mapping.keeps_word and not spoke and acknowledged.status is agreed

    def _changed_at(self, vendor: str) -> set[Field]:
        """The fields that a vendor's own people changed in its record; not that a seat ended."""
        own = (change for change in self.changes if change.vendor == vendor)
        return {change.field for change in own if change.comes or not change.leaves}

    def awaits_acknowledgement(self) -> bool:
        """Whether a record has yet to be seen beside an agreed value that no write brings there."""
        if not self.merged.appointment.status.live:
            return False
        listed = (Presence.DECODED, Presence.UNCHANGED, Presence.UNREAD)
        there = [name for name, replica in self.replicas.items() if replica.presence in listed]
        return any(self._lacks(vendor) for vendor in there if not self._has_left(vendor))

    def _lacks(self, vendor: str) -> bool:
        """Whether a vendor has only to hear of an agreed value, and has not yet."""
        agreed, able = self.merged.appointment, self.policy.traits(vendor).capabilities
        names = [name for name in Field if self._may_be_unheard(name, able)]
        if not names:
            return False
        after = self.mapping_after(vendor)
        for name in names:
            alike = same_value(name, after.acknowledged.get(name), agreed.get(name))
            shown = after.base.status
            if not alike and is_only_heard(name, agreed, after.acknowledged, shown, able):
                return True
        return False

    def _may_be_unheard(self, name: Field, able: Capabilities) -> bool:
        """Whether somebody gave a field its agreed value, and no write may bring it to a vendor."""
        given = bool(origins_of(self.merged.provenance, Atom(name)))
        if not given or name in self.merged.frozen or not able.ability(name).seen:
            return False
        agreed = self.merged.appointment
        return name in (Field.SLOT, Field.STATUS) or not can_be_told(name, agreed, able)

    def _untold(self, mapping: Mapping, record: Record) -> dict[Field, Any]:
        """What the base keeps where a cancelled record shows something else: others hear of it if
        it is revived.
        """
        if record.content.status.live:
            return {}
        untold = record.shows - self._changed_at(mapping.vendor) - {Field.STATUS}
        return {name: mapping.base.get(name) for name in untold if is_known(name, mapping)}

    def _next_acknowledged(self, vendor: str, base: Appointment) -> Appointment:
        """The agreed values that a record stands for.

        What no write brings there counts as told when a later cycle sees the record without a
        change of its own. Otherwise its old value would go against the agreed one for ever:
            09:00 agreed: Jane; the site cannot be given a client, and shows its own
            09:05 the site is listed, and nobody changed anything there: it has heard of Jane
        """
        stands, agreed, before = (
            self.acknowledged(vendor),
            self.merged.appointment,
            self.known.agreed,
        )
        able = self.policy.traits(vendor).capabilities
        own = self._changed_at(vendor)
        if self._has_left(vendor):
            # Whose it was is remembered, and that it ended with her.
            ended = {} if base.status.live else {Field.STATUS: Status.CANCELLED}
            return stands.with_values(ended)
        if Field.CLIENTS not in self.merged.frozen and self._has_room_for_hers(vendor, stands):
            stands = stands.with_values({Field.CLIENTS: agreed.clients})
        owes = leaving(stands.clients, agreed.clients, base.clients) if able.ends_seats else ()
        owes = owes or self.new_seats(vendor, stands, base)
        told: dict[Field, Any] = {}
        for name in Field:
            if name in self.merged.frozen:
                continue
            heard = vendor not in self.again and name not in own
            made = name is Field.TITLE and stands.title == agreed.display_title
            if made or base.get(name) == agreed.get(name):
                told[name] = agreed.get(name)
            elif name is Field.CLIENTS and owes:
                continue
            elif heard and is_only_heard(name, before, stands, base.status, able):
                told[name] = before.get(name)
        return stands.with_values(told)


def evaluate(
    candidate: Candidate,
    snapshots: abc.Mapping[str, Snapshot],
    policy: Policy,
    *,
    suppose: bool = False,
    believe: bool = False,
) -> Case:
    """What becomes of one appointment in this cycle.

        SEE      its records as they are now, with what is nobody's change taken in    `seen`
        DIFF     what people changed in them since their bases    `diff.changes`
        MERGE    what is agreed from now on, and what goes against each other    `merge`
        ASK      what nobody's change explains, and a person has to decide

    A record that is missing without the vendor's own word is no change, unless `suppose` asks what
    would follow if it were; nor is one of a vendor that lost everything, unless `believe` says that
    its word is to be believed.
    """
    seen = see(candidate, snapshots, policy, believe=believe)
    said = of_seats(
        seen.known, seen.replicas, _changes(seen, snapshots, policy, suppose=suppose), policy
    )
    changes = tuple(said.changes)
    unclear = still_unclear(seen.known, seen.replicas, seen.unclear, policy) | said.unclear
    seen.unclear = unless_called_off(unclear, changes, policy)
    merged = _merged(seen, changes, policy, said.waiting, suppose=suppose)
    if Field.CLIENTS in merged.frozen:  # what a seat said is said again, once that is decided
        waits = Unclear("", frozenset())
        seen.unclear |= {change.vendor: waits for change in changes if change.of_seat}
    decided = [one for one in changes if one.field not in merged.frozen and not one.of_seat]
    replicas = once_said(seen.replicas, decided)
    case = Case(
        candidate=candidate,
        known=seen.known,
        replicas=replicas,
        changes=changes,
        merged=merged,
        policy=policy,
        again=_read_again(snapshots),
        unclear=seen.unclear,
        disputed=disputed(replicas, changes, merged, said.spoke),
        adopted=adoptions(candidate, seen.known),
        seats=said,
    )
    case.tombstones = _former(case, snapshots)
    merged.conflicts += _to_decide(case)
    case.unlike = _unlike(case)
    return case


def _changes(
    seen: Seen, snapshots: abc.Mapping[str, Snapshot], policy: Policy, *, suppose: bool
) -> tuple[Change, ...]:
    """What people changed in the records, each as far as it says something of the appointment."""
    found: list[Change] = []
    for vendor, replica in seen.replicas.items():
        able = policy.traits(vendor).capabilities
        people = People(seen.agreed.clients, able.client_parts, seen.known.provenance)
        own = changes_of(replica, snapshots.get(vendor), people, suppose=suppose)
        found += [as_said(change, replica.mapping.unlike, seen.agreed) for change in own]
    return tuple(found)


def _merged(
    seen: Seen,
    changes: abc.Sequence[Change],
    policy: Policy,
    asked: frozenset[Field],
    *,
    suppose: bool,
) -> Merged:
    """The changes merged, with those of earlier cycles that some vendor has not taken yet.

    `asked` are the fields that wait for a person for the sake of one client's seat.
    """
    known, replicas = seen.known, seen.replicas
    news = [c for c in changes if not _caught_up(c, replicas[c.vendor].mapping, known)]
    late = undelivered(known, replicas.values(), [one for one in changes if not one.of_seat])
    news += [change for change in late if policy.traits_of(change.vendor) is not None]
    waiting = _waiting(known, replicas, suppose) | waiting_for(seen.unclear, changes)
    return merge(known.id, seen.agreed, known.provenance, news, policy, waiting | asked)


def _read_again(snapshots: abc.Mapping[str, Snapshot]) -> frozenset[str]:
    """The vendors of which single records were read a second time in this cycle."""
    return frozenset(
        name for name, one in snapshots.items() if isinstance(one, Partial) and one.again
    )


def _former(case: Case, snapshots: abc.Mapping[str, Snapshot]) -> list[Mapping]:
    """The mappings of records that are the appointment's no longer, and of those never to be."""
    current = {(one.mapping.vendor, one.mapping.remote_id) for one in case.replicas.values()}
    former = [m for m in case.known.mappings if (m.vendor, m.remote_id) not in current]
    found = [kept_up(mapping, snapshots.get(mapping.vendor), case.policy) for mapping in former]
    return found + [surplus(record, why) for record, why in case.candidate.surplus]


def _to_decide(case: Case) -> list[Conflict]:
    """The conflicts about what no change explains."""
    known, replicas = case.known, case.replicas
    found = contested(known.id, replicas, case.disputed)
    found += [] if case.seats.conflict is None else [case.seats.conflict]
    return found + asked_about(known, case.unclear, replicas)


def _unlike(case: Case) -> list[Conflict]:
    """What a person is asked of records that are unlike each other, and nobody edited one.

    They are shown at the time that each has once this cycle's moves are made.
    """
    agreed = case.merged.appointment
    shown = []
    for one in sides(case.replicas, case.policy):
        to_be = case.in_terms_of(one.vendor, agreed).slot
        shown.append(replace(one, content=one.content.with_values({Field.SLOT: to_be})))
    return questions(case.known.id, agreed, shown, unlike_of(case.replicas), case.policy)


def _waiting(known: Known, replicas: abc.Mapping[str, Replica], suppose: bool) -> frozenset[Field]:
    """The fields that a person has yet to decide about, where a vendor that differs cannot be seen
    now.

    That the others agree without it decides nothing.
    """
    hidden = (Presence.UNREAD,) if suppose else (Presence.UNREAD, Presence.MISSING)
    unseen = {vendor for vendor, replica in replicas.items() if replica.presence in hidden}
    return frozenset(name for name, vendors in known.undecided.items() if vendors & unseen)


def _caught_up(change: Change, mapping: Mapping, known: Known) -> bool:
    """Whether a vendor that was behind came to the agreed value by itself: that goes against
    nobody's later change.
    """
    if change.of_seat:
        return False
    both = agreed_beside(mapping.acknowledged, known.agreed, known.provenance)
    stands, wanted = both.get(change.atom, (change.new, change.new))
    return not same(change.atom, stands, wanted) and same(change.atom, change.new, wanted)


def _ended(mapping: Mapping, why: str) -> Mapping:
    """The mapping of a record that is gone.

    Without a fingerprint it is looked at anew, should it come back as it was.
    """
    ended = mapping.base.with_values({Field.STATUS: Status.CANCELLED})
    return replace(
        mapping,
        base=ended,
        acknowledged=with_group(ended, mapping),
        fingerprint=None,
        in_flight=None,
        tombstone=why,
    )

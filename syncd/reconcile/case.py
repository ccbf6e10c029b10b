"""Where one appointment stands: its replicas, what changed, what was merged, and what its mappings
become.

Everything that `steps` needs to say which operations are left to do, gathered once per appointment.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from typing import Any

from syncd.compare.atoms import Atom, origins_of
from syncd.compare.attribution import is_unsettled, shown_over
from syncd.compare.sameness import is_known, same_at, same_value
from syncd.compare.seats import (
    Clients,
    Seat,
    coming,
    fitting,
    grown,
    leaving,
    seated_first,
    told_apart,
    with_group,
)
from syncd.model.appointment import ALL_FIELDS, Appointment, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Known, Mapping, with_changes
from syncd.model.plan import Adopt, Conflict
from syncd.model.policy import Policy
from syncd.model.record import Record
from syncd.reconcile.diff.changes import Change
from syncd.reconcile.diff.observation import Presence, Replica, glimpsed
from syncd.reconcile.diff.unclear import Unclear
from syncd.reconcile.link.candidates import Candidate
from syncd.reconcile.merge.hearing import can_be_told, is_only_heard
from syncd.reconcile.merge.merged import Merged
from syncd.reconcile.merge.seating import acknowledging, as_seated, seat_among
from syncd.reconcile.merge.seats import OfSeats
from syncd.reconcile.merge.taking import taken
from syncd.reconcile.merge.unlike import in_own_terms


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

    @property
    def missing(self) -> dict[str, str]:
        """The vendors whose record is missing without their own word, each with the reason."""
        found = (one for one in self.replicas.values() if one.presence is Presence.MISSING)
        return {one.mapping.vendor: one.why for one in found}

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
        taken = self.acknowledged(vendor).clients
        return seat_among(self.known, self.replicas[vendor], taken, values, self.policy)

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
        agreed, able = self.merged.appointment, self.policy.able(vendor)
        mine = self.seat_of(vendor, agreed)
        own = self.seat_of(vendor, stands)
        if mine is None or not mine.places or (own is not None and not own.places):
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
        mapping = with_changes(replica.mapping, asked_of_seat=vendor in self.seats.asked)
        if vendor in self.unclear:  # as it was, until a person decided
            unseen = replica.presence is not Presence.UNCHANGED
            mapping = replace(mapping, base_unseen=unseen)
            return replace(mapping, fingerprint=None, missing=False, lapsed=False)
        if replica.gone:
            if Field.STATUS in self.merged.frozen:
                return mapping
            return _ended(replace(mapping, acknowledged=self.acknowledged(vendor)), replica.why)
        called_off = not self.merged.appointment.status.live
        # 09:00 called off at the CRM; about to be cancelled at the office, it is not found there
        # 09:01 the site schedules it again; that the office's record is gone is older than that,
        #       also where both are seen in one look
        called_off |= replica.vanished and not self.known.agreed.status.live
        if replica.unfound or (replica.vanished and called_off):
            return replace(mapping, missing=True, lapsed=mapping.lapsed or called_off)
        return self._as_seen(with_changes(mapping, missing=False, lapsed=False), replica)

    def _as_seen(self, mapping: Mapping, replica: Replica) -> Mapping:
        """The mapping of a record that is not missing, by what this cycle shows of it."""
        if replica.record is not None:
            return self._as_read(mapping, replica, replica.record)
        match replica.presence:
            case Presence.UNCHANGED:
                return self._as_listed(mapping)
            case Presence.OUT_OF_WINDOW:
                # Without a fingerprint it is looked at anew when it is listed again.
                fingerprint = None if replica.aside else mapping.fingerprint
                return replace(mapping, aside=replica.aside, fingerprint=fingerprint)
            case Presence.UNREAD if replica.shown:
                # 09:55 somebody moves it, and its row cannot be read; 10:00 it is listed so
                # 10:05 it can be read, and was moved: since 09:50, and not since 10:00
                seen = glimpsed(replica)
                return replace(mapping, base_unseen=True, glimpsed=seen, fingerprint=None)
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
            base_unseen=False,
            glimpsed=frozenset(),
            keeps_word=self._keeps(mapping, acknowledged),
        )

    def _as_read(self, mapping: Mapping, replica: Replica, record: Record) -> Mapping:
        """The mapping of a record that was read: based on it, but for what waits for a person."""
        frozen = self._waits_at(mapping.vendor)
        shown = shown_over(mapping.base, record).with_values(self._untold(mapping, record))
        acknowledged = self._next_acknowledged(mapping.vendor, shown)
        acknowledged = _but_for(frozen, acknowledged, mapping.acknowledged)
        base = _but_for(frozen, shown, mapping.base)
        unsettled = is_unsettled(mapping, record) or replica.until is not None
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
            modified_at=(not frozen and record.modified_at) or mapping.modified_at,
            parts=record.parts or mapping.parts,
            wall=(same_time and record.wall) or mapping.wall,
            in_flight=mapping.in_flight if unsettled else None,
            unconfirmed=False,
            keeps_word=self._keeps(mapping, acknowledged),
            aside=False,
            base_unseen=False,
            glimpsed=mapping.glimpsed if unsettled else frozenset(),
        )

    def _waits_at(self, vendor: str) -> abc.Set[Field]:
        """The fields of a vendor's record that wait for a person. The time of a cancelled one that
        was moved in vain does not: whoever is right about it, that move is lost, and on record.

            09:00 moved and cancelled at the CRM; an operator decides that the appointment stands
            09:05 the office and the site move it to two times, and a person is asked which
            09:05 based on its old time still, the CRM's record would count as moved by somebody
                  right before each write, and would not be scheduled again
        """
        settled = {Field.SLOT} if vendor in self.merged.outdone else set[Field]()
        return self.merged.frozen - settled

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
        if not self.merged.appointment.status.live or not self.merged.provenance:
            return False
        listed = (Presence.DECODED, Presence.UNCHANGED, Presence.UNREAD)
        there = [name for name, replica in self.replicas.items() if replica.presence in listed]
        return any(self._has_yet_to_hear(vendor) for vendor in there if not self._has_left(vendor))

    def _has_yet_to_hear(self, vendor: str) -> bool:
        """Whether a vendor has only to hear of an agreed value, and has not yet."""
        agreed, able = self.merged.appointment, self.policy.able(vendor)
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
        stands, agreed = self.acknowledged(vendor), self.merged.appointment
        if self._has_left(vendor):
            # Whose it was is remembered, that it ended with her, and who was in it beside her: what
            # a create is just found to have made has heard of nobody who came since, and a namesake
            # of hers was left out as long as it stood.
            several = grown(stands.clients, self.known.agreed.clients)
            ended = {} if base.status.live else {Field.STATUS: Status.CANCELLED}
            return stands.with_values({Field.CLIENTS: several, **ended})
        if Field.CLIENTS not in self.merged.frozen and self._has_room_for_hers(vendor, stands):
            stands = stands.with_values({Field.CLIENTS: agreed.clients})
        told = stands.with_values(self._told(vendor, stands, base))
        if self.seat_of(vendor, agreed) is None:
            return told
        before = self.acknowledged(vendor).clients
        clients = told_apart(base.clients, before, told.clients)
        return told.with_values({Field.CLIENTS: clients})

    def _told(self, vendor: str, stands: Appointment, base: Appointment) -> dict[Field, Any]:
        """What a record is to stand for in the fields of which it was told."""
        agreed, before = self.merged.appointment, self.known.agreed
        able = self.policy.able(vendor)
        own = ALL_FIELDS if vendor in self.again else self._changed_at(vendor)
        if self._owes_seats(vendor, stands, base):
            own = own | {Field.CLIENTS}
        told: dict[Field, Any] = {}
        for name in ALL_FIELDS - self.merged.frozen:
            made = name is Field.TITLE and stands.title == agreed.display_title
            if made or base.get(name) == agreed.get(name):
                told[name] = agreed.get(name)
            elif name not in own and is_only_heard(name, before, stands, base.status, able):
                told[name] = before.get(name)
        return told

    def _owes_seats(self, vendor: str, stands: Appointment, base: Appointment) -> bool:
        """Whether a record has a seat yet to lose or to get."""
        agreed = self.merged.appointment.clients
        if self.policy.able(vendor).ends_seats and leaving(stands.clients, agreed, base.clients):
            return True
        return bool(self.new_seats(vendor, stands, base))


def _but_for(names: abc.Iterable[Field], values: Appointment, before: Appointment) -> Appointment:
    """Values, with those before of some fields."""
    return values.with_values({name: before.get(name) for name in names})


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

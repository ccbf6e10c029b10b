"""What is left to do for one appointment, as it is gathered, and the records that vendors lack of
it.

A record is made only of what is to come, once it is sure that there is none: what cannot be made
now says why.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from syncd.compare.atoms import origins_of_changes
from syncd.compare.identity import digest, operation_id
from syncd.compare.seats import Seat, fitting, seated_first
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.catalogue import minutes_of
from syncd.model.memory import Mapping, UnsettledCreate
from syncd.model.plan import Action, Changes, Create, Found, Quarantined, Step
from syncd.model.policy import Traits
from syncd.model.record import Complete, Failed, Listed, NotPolled, Partial, Snapshot
from syncd.model.wording import (
    answer_lost,
    former_stands,
    not_blocked,
    seat_unclear,
    would_be_another,
    zone_in_question,
)
from syncd.reconcile.case import Case
from syncd.reconcile.diff.beside import beside
from syncd.reconcile.diff.observation import Presence, Replica
from syncd.reconcile.link.unfound import settles_at
from syncd.reconcile.merge.merged import Merged
from syncd.reconcile.merge.seating import seat_among


@dataclass(slots=True)
class Planned:
    """The operations for one appointment. `unfinished` says that it needs another look whatever
    becomes of them.

    `blocked` are vendors at which a create is put off, `delayed` those at which a change is, each
    with the reason; `unanswered`: as the answer to an earlier write was lost.

    `mappings` are those that do not just become what was seen: of records that are replaced, or
    keep their word. `remarks` are sentences on what stays different, by vendor.
    """

    operations: list[Step] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    blocked: list[tuple[str, str]] = field(default_factory=list)
    delayed: list[tuple[str, str]] = field(default_factory=list)
    unanswered: bool = False
    mappings: dict[str, Mapping] = field(default_factory=dict)
    remarks: list[tuple[str, str]] = field(default_factory=list)
    unfinished: bool = False


@dataclass(frozen=True, slots=True)
class AtVendor:
    """One appointment at one vendor, while it is planned; what is to be done goes into `steps`."""

    case: Case
    traits: Traits
    snapshot: Snapshot | None
    now: datetime
    steps: Planned

    @property
    def vendor(self) -> str:
        """The vendor's name."""
        return self.traits.name

    @property
    def able(self) -> Capabilities:
        """What the vendor can do."""
        return self.traits.capabilities

    @property
    def merged(self) -> Merged:
        """What the changes of this cycle came to."""
        return self.case.merged

    def is_due(self) -> bool:
        """Whether a record that is lacking may be made at all: of what is to come, in the window.

        What is called completed before its time stands, too, and is made again where there was a
        record of it.
        """
        agreed, window = self.merged.appointment, self.case.policy.window
        stands = agreed.status is Status.COMPLETED and self.case.known.ever_at(self.vendor)
        coming = agreed.slot.start > self.now and agreed.slot.start in window
        return not self.traits.read_only and coming and (agreed.status.open or stands)

    def create(self, replacing: Replica | None = None) -> None:
        """Make the record that is lacking, if this is the time for it."""
        if not self.is_due() or self._is_blocked_time():
            return
        seat = self._former_seat()
        if seat is not None and not seat.places:
            self.say_unknown(seat)
            return
        if replacing:
            old = self.case.mapping_after(self.vendor)
            reason = old.tombstone or f"replaced: it was {replacing.content.status} for good"
            self.steps.mappings[self.vendor] = replace(old, tombstone=reason)
        why_not = self._not_now(replacing)
        if why_not:
            self._put_off(why_not)
            return
        made = self._draft(seat, replacing)
        refusal = self._refusal(made)
        if refusal is None:
            self.steps.operations.append(made)
        else:
            self.leave_alone(*refusal, operation=made)

    def _is_blocked_time(self) -> bool:
        """Whether the vendor blocks this time instead, or leaves it alone, which is said."""
        agreed = _as_made(self.merged.appointment)
        replicas = self.case.replicas.items()
        at = (name for name, one in replicas if one.presence is not Presence.GONE)
        if not (self.case.policy.is_busy(agreed, at) and self.able.objects(agreed)):
            return False
        if not self.able.blocks:
            said = f"{agreed.summary()}: {not_blocked(self.vendor)}"
            self.steps.remarks.append((self.vendor, said))
        return True

    def leave_alone(
        self, key: str, reason: str, remote_id: str | None = None, operation: Step | None = None
    ) -> None:
        """Leave something to a person. It is decided anew in the next cycle."""
        self.steps.unfinished = True
        self.steps.quarantined.append(
            Quarantined(
                vendor=self.vendor,
                key=key,
                reason=reason,
                appointment=self.case.known.id,
                remote_id=remote_id,
                operation=operation,
            )
        )

    def _put_off(self, reason: str) -> None:
        self.steps.unfinished = True
        self.steps.unanswered |= bool(self.case.candidate.open_at(self.vendor))
        self.steps.blocked.append((self.vendor, reason))

    def _draft(self, seat: Seat | None, replacing: Replica | None) -> Create:
        able, vendor, case = self.able, self.vendor, self.case
        agreed = _as_made(case.merged.appointment)
        agreed = agreed.with_values({Field.CLIENTS: seated_first(agreed.clients, seat)})
        held = fitting(agreed, able)
        changes = {
            name: (None, held.get(name))
            for name in Field
            if able.ability(name).created and (agreed.get(name) or name is Field.STATUS)
        }
        former = _former(case, vendor)
        return Create(
            id=operation_id(Action.CREATE, vendor, case.known.id, changes, None, None),
            vendor=vendor,
            appointment=case.known.id,
            target=agreed,
            changes=changes,
            reason=_why_made(case, vendor, replacing)
            + _other_length(able, agreed, former)
            + _left_out(able, agreed)
            + _other_people(able, agreed, vendor),
            replaces=former.remote_id if former else None,
        )

    def _refusal(self, made: Create) -> tuple[str, str] | None:
        """Why a create must not even be tried, after the key under which that is remembered."""
        joined = self.case.candidate.joined.get(self.vendor)
        if joined:
            return made.id, joined
        former = _former(self.case, self.vendor)
        said = self.able.objects(made.target, former.base if former else None)
        if said is None and self.case.disputed:
            said = "a record of it is cancelled and another is not: settle that first"
        return None if said is None else (digest([made.id, said]), said)

    def _former_seat(self) -> Seat | None:
        """Whom the record stood for that the vendor had of it last, where that was one seat of
        several.

        It ended with her: to make one of somebody else would book those who never booked there.
        """
        if self.vendor in self.case.replicas:
            return self.case.seat_of(self.vendor, self.merged.appointment)
        former = _former(self.case, self.vendor)
        if former is None:
            return None
        last, taken = Replica(mapping=former, presence=Presence.UNREAD), former.acknowledged.clients
        agreed, case = self.merged.appointment, self.case
        return seat_among(case.known, last, taken, agreed, case.policy)

    def say_unknown(self, seat: Seat) -> None:
        """That nothing tells whose a record is, once those who are in the appointment change."""
        agreed = self.merged.appointment
        if not seat.known and agreed.clients != self.case.known.agreed.clients:
            said = seat_unclear(self.vendor, agreed)
            self.steps.remarks.append((self.vendor, said))

    def _is_blank_for_the_first_time(self) -> bool:
        """Whether its vendor lists nothing, for the first time: people may have entered the
        appointment there as well, and a second listing may show that.
        """
        shown = self.snapshot
        return isinstance(shown, Complete) and shown.blank and shown.listed_before != 0

    def _is_in_doubt(self, replica: Replica) -> bool:
        """Whether a record may have been deleted, of which nobody has said what follows.

        09:00  it is missing at the site, whose answer by id cannot be read
        09:05  the site's listing fails: nothing is known of it that was not known before
        09:10  so it is made nowhere else until the site says, or is out of the configuration
        """
        configured = self.case.policy.traits_of(replica.mapping.vendor) is not None
        return configured and replica.unfound and not replica.mapping.lapsed

    def _is_asked_when(self) -> bool:
        """Whether a person is asked at which of two times the appointment is, as a zone changed.

        09:00  the site refuses 10:00, where another one stands; the office's zone changes
        09:05  the other one is called off: 10:00 is free, but may be no time of this one
        09:30  the question is answered, and it is made at the time that is right
        """
        return any(one.found is Found.ZONE_DATA for one in self.case.unlike)

    def _not_now(self, replacing: Replica | None) -> str | None:
        """Why no create may be made in this cycle, or None."""
        if replacing is not None and replacing.until is not None:
            return answer_lost(replacing.until)
        if self.traits.slots_held:
            return zone_in_question(self.vendor)
        if self.merged.frozen or self._is_asked_when():
            return "a conflict about it waits for a person"
        missing = [name for name, one in self.case.replicas.items() if self._is_in_doubt(one)]
        if missing:
            return f"it is missing at {min(missing)}, which does not say that it was deleted"
        former = beside(self.case.known, self.vendor, self.snapshot, self.case.policy)
        if former:
            return former_stands(self.vendor, sorted(one.remote_id for one in former))
        return self._perhaps_there()

    def _perhaps_there(self) -> str | None:
        """Why the vendor may have a record of it that nobody knows of, or None."""
        candidate = self.case.candidate
        if self.vendor in candidate.blocked:
            return candidate.blocked[self.vendor]
        unanswered = candidate.open_at(self.vendor)
        if unanswered:
            return _still_waits(unanswered, self.traits, self.snapshot)
        if self._is_blank_for_the_first_time() and self.vendor not in self.case.replicas:
            return f"{self.vendor} lists nothing at all any more"
        return _not_seen(self.vendor, self.snapshot)


def _why_made(case: Case, vendor: str, replacing: Replica | None) -> str:
    if replacing:
        said = why(case, vendor, {Field.STATUS: (None, None)})
        nobody_came = replacing.content.status is Status.NO_SHOW
        cannot = "take back that nobody came" if nobody_came else "un-cancel its record"
        return f"{said}; {vendor} cannot {cannot}, so it is made anew"
    others = [replica for replica in case.replicas.values() if replica.mapping.vendor != vendor]
    has = sorted(replica.mapping.vendor for replica in others if replica.content.status.live) or [
        "syncd"
    ]
    return f"{', '.join(has)} {'has' if len(has) == 1 else 'have'} it; {vendor} does not"


def booked_for(case: Case, traits: Traits, agreed: Appointment) -> timedelta:
    """How long a record would be there that is made of the appointment now."""
    return _booked(traits.capabilities, agreed, _former(case, traits.name))


def _booked(able: Capabilities, agreed: Appointment, former: Mapping | None) -> timedelta:
    """As its service says, where that decides; made again as it was, as long as it was."""
    wanted = agreed.slot.duration
    if former and able.objection_again and former.base.slot.duration == wanted:
        return wanted
    return able.books(agreed) or wanted


def _other_length(able: Capabilities, agreed: Appointment, former: Mapping | None) -> str:
    """What is to be said where a record will not be as long as the appointment."""
    booked, wanted = _booked(able, agreed, former), agreed.slot.duration
    if booked == wanted:
        return ""
    asked, there = minutes_of(wanted), minutes_of(booked)
    return f"; no service there takes {asked}, so that it is booked for {there}"


def _other_people(able: Capabilities, agreed: Appointment, vendor: str) -> str:
    """What is to be said where the vendor will refuse it, as its client would be somebody else."""
    refuses = able.are_themselves(agreed) is False
    return f"; it will be refused: {would_be_another(vendor)}" if refuses else ""


def _left_out(able: Capabilities, agreed: Appointment) -> str:
    """What is to be said where a record will not have all clients."""
    there, wanted = len(fitting(agreed, able).clients), len(agreed.clients)
    if there == wanted:
        return ""
    return f"; there is room for {there} of its {wanted} clients there"


def _as_made(agreed: Appointment) -> Appointment:
    """The appointment as a record of it is made: that it is completed is said to the record that is
    there.
    """
    return agreed if agreed.status.open else agreed.with_values({Field.STATUS: Status.SCHEDULED})


def _former(case: Case, vendor: str) -> Mapping | None:
    """The record that a vendor had of it last, if that has ended."""
    ended = [mapping for mapping in case.tombstones if mapping.vendor == vendor]
    ended += [case.replicas[vendor].mapping] if vendor in case.replicas else []
    # Of two that are known since the same cycle, the latter is the last one.
    return max(reversed(ended), key=lambda mapping: mapping.known_at, default=None)


def _not_seen(vendor: str, snapshot: Snapshot | None) -> str | None:
    """Why a listing does not show that a vendor has no such record, or None."""
    match snapshot:
        case Complete():
            return None
        case Partial(again=True):
            moved = "it moved while syncd was about to write"
            return f"{moved}; it is decided in the next cycle, by a new listing"
        case Partial():
            return f"{vendor} was not listed completely"
        case Failed():
            return f"{vendor} could not be read"
        case None | NotPolled():
            return f"{vendor} was not polled in this cycle"


def _still_waits(
    unanswered: abc.Sequence[UnsettledCreate], traits: Traits, snapshot: Snapshot | None
) -> str:
    """Until when a create without an answer may still be on its way; once that has passed, what it
    waits for then.
    """
    until = max(settles_at(create, traits) for create in unanswered)
    if not isinstance(snapshot, Listed) or snapshot.started_at < until:
        return f"waits until {until:%H:%M} UTC: its answer was lost"
    return "waits for one more complete listing: its answer was lost"


def why(case: Case, vendor: str, changes: Changes) -> str:
    """Whose values are written, and why they are agreed on: each sentence once."""
    said = {origin.text: None for origin in origins_of_changes(case.merged.provenance, changes)}
    if not said:
        return f"{vendor} is behind in {', '.join(changes)}"
    changed = {change.vendor for change in case.changes}
    alone = len(said) == len(changed) == 1 and not case.merged.conflicts
    return f"{'. '.join(said)}{'; unchanged elsewhere' if alone else ''}"

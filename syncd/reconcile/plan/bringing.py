"""What a record that is there is written, so that it is in step with what is agreed.

Only what a vendor can take is asked of it. What cannot be done now says why.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace

from syncd.compare.atoms import Atom, origins_of
from syncd.compare.identity import digest, operation_id
from syncd.compare.sameness import same_at, same_value
from syncd.compare.seats import fitting, leaving, seated_first
from syncd.compare.words import says, word_for
from syncd.model.appointment import UNLISTED, Appointment, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.plan import Action, Cancel, Changes, Reschedule, Step, Update
from syncd.model.wording import (
    answer_lost,
    kept_place,
    kept_word,
    left_fixed,
    seat_over,
    zone_in_question,
)
from syncd.reconcile.case import Case
from syncd.reconcile.diff.observation import Replica
from syncd.reconcile.merge.unlike import filled_in, only_adds
from syncd.reconcile.plan.making import AtVendor, why

_KINDS: dict[Action, type[Step]] = {
    Action.RESCHEDULE: Reschedule,
    Action.UPDATE: Update,
    Action.CANCEL: Cancel,
}
_STATUS = frozenset({Field.STATUS})


@dataclass(frozen=True, slots=True)
class Own(AtVendor):
    """One vendor's record of an appointment, beside what is agreed.

    `agreed` is what it is to have, and `stands` the agreed values that it stands for, both in its
    own terms.
    """

    replica: Replica
    agreed: Appointment
    stands: Appointment

    @classmethod
    def of(cls, at: AtVendor, replica: Replica) -> Own:
        """The record of the appointment at that vendor."""
        case = at.case
        agreed = case.in_terms_of(at.vendor, case.merged.appointment)
        stands = case.in_terms_of(at.vendor, case.acknowledged(at.vendor))
        return cls(case, at.traits, at.snapshot, at.now, at.steps, replica, agreed, stands)

    def bring(self) -> None:
        """Bring it in step: end it, make it anew, let it be, or write what it lacks."""
        if self.waits():
            return
        if not self.agreed.status.live:
            self.end()
            return
        if self._is_over_and_unknown():
            return
        word = self.word()
        ended = word is None and self.over
        if ended and self.is_due():
            self.create(replacing=self.replica)
            return
        if word is None and not self.gone:
            self.keep_word()
        if not ended:
            self.write(word or self.shown.status)

    @property
    def shown(self) -> Appointment:
        """The record's values as far as they are known."""
        return self.replica.content

    @property
    def gone(self) -> bool:
        """Whether the record is not there any more."""
        return self.replica.gone

    @property
    def over(self) -> bool:
        """Whether it is not there any more, or says that the appointment is over."""
        return self.gone or self.able.ends(self.shown.status)

    def waits(self) -> bool:
        """Whether nothing is done before a person has said whether the appointment stands."""
        here, agreed = self.shown.status.live and not self.gone, self.agreed.status.live
        if Field.STATUS in self.merged.frozen and not (here and agreed):
            return True
        return agreed and not here and self.vendor in self.case.disputed

    def _is_over_and_unknown(self) -> bool:
        """Whether it does not stand, and nothing tells whose it was: then it is nobody else's, and
        neither revived nor made anew. That nothing tells whose it is, is said in any case.
        """
        seat = self.case.seat_of(self.vendor, self.merged.appointment)
        if seat is None or seat.places:
            return False
        self.say_unknown(seat)
        return self.gone or not self.shown.status.live

    def end(self) -> None:
        """Cancel it, if it took that the appointment stands."""
        stands, target = self.stands, self.agreed
        stood = stands.status.live and self.shown.status.live and not self.gone
        agreed = self.merged.appointment
        if not agreed.status.live:
            if stood:
                self._add(Action.CANCEL, _STATUS, stands, target)
            return
        # It is the seat of somebody who is not in it any more; nobody else's ends.
        if stood:
            hers = target.with_values({Field.CLIENTS: self.shown.clients})
            self._add(Action.CANCEL, _STATUS, stands, hers)
        if self.replica.mapping.base.status.live:
            self.steps.remarks.append((self.vendor, seat_over(self.vendor, agreed)))

    def word(self) -> Status | None:
        """The status that a record is to have, or has already; None where that is none of the
        vendor's, or comes too late.

        A word that merely stands in for the agreed one is given while the appointment lies ahead.
        What the record was found with, or waits for a person, stays.
        """
        if self.gone:
            return None
        agreed, shown = self.merged.appointment, self.shown.status
        took = self.case.acknowledged(self.vendor).status
        if took is agreed.status and not self.replica.mapping.keeps_word:
            return shown
        if Field.STATUS in self.merged.frozen:
            return shown
        word = word_for(agreed.status, shown, self.able)
        late = agreed.slot.start <= self.now
        stands_in = word is not None and word is not shown and not says(word, agreed.status)
        return None if stands_in and late else word

    def keep_word(self) -> None:
        """Let a record be as it is, which the report says once. Otherwise each cycle would find the
        vendor behind.
        """
        agreed, mapping = self.merged.appointment, self.case.mapping_after(self.vendor)
        ahead = agreed.slot.start > self.now
        if self.traits.read_only or mapping.keeps_word or (agreed.status.open and ahead):
            return
        taken = mapping.acknowledged.with_values({Field.STATUS: agreed.status})
        self.steps.mappings[self.vendor] = replace(mapping, acknowledged=taken, keeps_word=True)
        shown = self.shown.status
        too_late = not ahead and self.able.ends(shown)
        said = kept_word(self.vendor, shown, agreed, too_late=too_late)
        self.steps.remarks.append((self.vendor, said))

    def write(self, status: Status) -> None:
        """Write what it lacks of the agreed values, with a status that its vendor has.

        What else became of a cancelled record is told when it lives again. Until then, seen or not,
        it needs the same.
        """
        able, frozen = self.able, self.merged.frozen
        agreed, stands, needed = self._to_be(status)
        if able.ends(self.shown.status) and not able.uncancels:
            needed -= self._stay_put(needed)
        if self.traits.slots_held and Field.SLOT in needed:
            needed = self._where_it_is(needed)
        elif agreed.slot.end > self.now and Field.SLOT not in frozen | needed:
            self._say_untaken()
        if able.ends_seats and Field.CLIENTS not in frozen:
            self._bring_seats()
        for group in _groups(needed, able):
            action = Action.RESCHEDULE if Field.SLOT in group else Action.UPDATE
            self._add(action, group, stands, agreed)

    def _to_be(self, status: Status) -> tuple[Appointment, Appointment, frozenset[Field]]:
        """The agreed values with this status as it is to have them, what it stands for beside that,
        and in what it is behind.
        """
        shown = self.shown
        agreed, stands = self._seated(self.agreed.with_values({Field.STATUS: status}), self.stands)
        agreed, stands = _called(agreed, stands, shown)
        before = shown if shown.status.live else self.case.mapping_after(self.vendor).base
        needed = self._needs(agreed, stands, before)
        if Field.CLIENTS in needed and shown.clients:
            agreed, stands = self._beside_those_there(agreed, stands)
            needed = self._needs(agreed, stands, before)
        return agreed, stands, needed

    def _bring_seats(self) -> None:
        """Take those out who are not in the appointment any more, and into a class those who are
        new, where that is all that can be done about clients.
        """
        shown, stands = self.shown, self.stands
        out = leaving(stands.clients, self.agreed.clients, shown.clients)
        new = self.case.new_seats(self.vendor, stands, shown)
        if out or new:
            left = tuple(one for one in shown.clients if one not in out)
            target = self.agreed.with_values({Field.CLIENTS: (*left, *new)})
            stands = stands.with_values({Field.CLIENTS: shown.clients})
            self._add(Action.UPDATE, frozenset({Field.CLIENTS}), stands, target)

    def _seated(self, agreed: Appointment, stands: Appointment) -> tuple[Appointment, Appointment]:
        """The agreed clients, and those whom the record stands for, each with those first whose
        seat it is, where it is one.
        """
        found = []
        for one in (agreed, stands):
            clients = seated_first(one.clients, self.case.seat_of(self.vendor, one))
            found.append(one.with_values({Field.CLIENTS: clients}))
        return found[0], found[1]

    def _needs(
        self, agreed: Appointment, stands: Appointment, before: Appointment
    ) -> frozenset[Field]:
        """What it lacks and may be given. Of clients, that is what it has room for; who is in a
        record of which nobody knows whose it is stays as that one is.
        """
        seat = self.case.seat_of(self.vendor, self.merged.appointment)
        needed = _needed(fitting(agreed, self.able), fitting(stands, self.able), before, self.able)
        if seat is not None and not seat.known:
            needed -= {Field.CLIENTS}
        return needed - self.merged.frozen

    def _beside_those_there(
        self, agreed: Appointment, stands: Appointment
    ) -> tuple[Appointment, Appointment]:
        """The agreed clients as a record is given them that has clients of its own, and what it
        stands for beside that: where it only lacks something, nothing else is written over.
        """
        own, able = self.shown.clients, self.able
        if only_adds(fitting(stands, able).clients, fitting(agreed, able).clients):
            filled = filled_in(own, agreed.clients, able)
            agreed = agreed.with_values({Field.CLIENTS: filled})
            stands = stands.with_values({Field.CLIENTS: own})
        return agreed, stands

    def _stay_put(self, needed: frozenset[Field]) -> frozenset[Field]:
        """The needed fields that a record which has ended is not given: it is not moved. The report
        says so once.
        """
        groups = (group for group in self.able.together if Field.SLOT in group)
        unmoved = needed & frozenset[Field]().union(*groups)
        if unmoved and not self.traits.read_only:
            agreed, mapping = self.merged.appointment, self.case.mapping_after(self.vendor)
            taken = mapping.acknowledged.with_values({name: agreed.get(name) for name in unmoved})
            self.steps.mappings[self.vendor] = replace(mapping, acknowledged=taken)
            self.steps.remarks.append((self.vendor, kept_place(self.vendor, self.shown, agreed)))
        return unmoved

    def _where_it_is(self, needed: frozenset[Field]) -> frozenset[Field]:
        """The needed fields that a record is given while no time may be written there. It is not
        revived where it was: somebody moved the appointment away from there.
        """
        self.steps.unfinished = True
        self.steps.delayed.append((self.vendor, zone_in_question(self.vendor)))
        return needed - {Field.SLOT} if self.shown.status.live else frozenset()

    def _say_untaken(self) -> None:
        """A record that stays at another time than was agreed, as its vendor cannot hold that one:
        a person must know.
        """
        able, agreed, shown = self.able, self.agreed, self.shown
        can_be_moved = able.ability(Field.SLOT).updated and not self.traits.read_only
        if not can_be_moved:
            return
        if any(same_at(Field.SLOT, agreed, one, able) for one in (self.stands, shown)):
            return
        if able.holds(Field.SLOT, agreed):
            return
        objection = able.objection(agreed) or f"{self.vendor} cannot hold {agreed.slot}"
        by_hand = "enter it there by hand, or give it another time"
        remote_id = self.replica.mapping.remote_id
        self.leave_alone(
            digest(["untaken", remote_id, str(agreed.slot), str(shown.slot)]),
            f"{objection}: it stays at {shown.slot} there; {by_hand}",
            remote_id,
        )

    def _add(
        self, action: Action, fields: frozenset[Field], stands: Appointment, target: Appointment
    ) -> None:
        """Add an operation, if it may be done now: from what the record stands for to what it is to
        be, in its own terms.
        """
        until = self.replica.until
        if self.traits.read_only:
            return
        if not self.replica.readable:
            self.steps.unfinished = True
        elif until is not None and not self.able.guards_writes:
            self.steps.unfinished = self.steps.unanswered = True
            self.steps.delayed.append((self.vendor, answer_lost(until)))
        else:
            self._plan(self._step(action, fields, stands, target))

    def _plan(self, step: Step) -> None:
        """Have an operation done, or left to a person where the record is fixed."""
        record = self.replica.record
        if record is None or not record.fixed:
            self.steps.operations.append(step)
        else:
            reason = left_fixed(self.vendor, record.fixed)
            self.leave_alone(digest(["fixed", step.id]), reason, step.remote_id, step)

    def _step(
        self, action: Action, fields: frozenset[Field], stands: Appointment, target: Appointment
    ) -> Step:
        case, vendor, record = self.case, self.vendor, self.replica.record
        old, new = fitting(stands, self.able), fitting(target, self.able)
        changes = {name: (old.get(name), new.get(name)) for name in Field if name in fields}
        mapping = self.steps.mappings.get(vendor) or case.mapping_after(vendor)
        given = any(origins_of(case.merged.provenance, Atom(name)) for name in changes)
        fills = not given and all(only_adds(*change) for change in changes.values())
        return _KINDS[action](
            id=operation_id(action, vendor, case.known.id, changes, mapping, record),
            vendor=vendor,
            appointment=case.known.id,
            target=target,
            changes=changes,
            reason=_why_filled(case, vendor, fields) if fills else self._why(changes),
            remote_id=mapping.remote_id,
            expected=record,
            mapping=mapping,
            fills=fills,
        )

    def _why(self, changes: Changes) -> str:
        """Why it is written; that a seat ends comes from who is in the appointment."""
        case, agreed = self.case, self.merged.appointment
        if Field.STATUS in changes and agreed.status.live and self.able.room(agreed) is not None:
            seat = case.seat_of(self.vendor, agreed)
            if seat is not None and seat.left:
                taken = case.acknowledged(self.vendor).clients
                return why(case, self.vendor, {Field.CLIENTS: (taken, agreed.clients)})
        return why(case, self.vendor, changes)


def _called(
    agreed: Appointment, stands: Appointment, shown: Appointment
) -> tuple[Appointment, Appointment]:
    """The agreed values, and those that a record stands for, each with the title that syncd makes
    of them, where the record has one of those.

        09:00 an appointment without a title is made at the office, as "Consultation, Ann Lee"
        10:00 somebody corrects her name to Anne: there it is to be called "Consultation, Anne Lee"
        10:00 or the office's people had called it "First visit": that is theirs, and stays
    """
    made = stands.display_title
    if agreed.title.strip() or not same_value(Field.TITLE, made, shown.title):
        return agreed, stands
    titled = agreed.with_values({Field.TITLE: agreed.display_title})
    return titled, stands.with_values({Field.TITLE: made})


def _needed(
    agreed: Appointment, stands: Appointment, shown: Appointment, able: Capabilities
) -> frozenset[Field]:
    """The fields in which a vendor is behind and that it can take."""
    if agreed == stands:  # as mostly
        return frozenset()
    # What a vendor can take is asked last, as that takes longest.
    return frozenset(
        name
        for name in Field
        if not same_at(name, agreed, stands, able)
        and not same_at(name, agreed, shown, able)
        and _takes(name, agreed, able)
    )


def _takes(name: Field, agreed: Appointment, able: Capabilities) -> bool:
    """Whether a vendor can be given an agreed value."""
    if not able.ability(name).updated or _unlisted(name, agreed):
        return False
    said = name is not Field.STATUS or agreed.status in able.statuses
    return said and able.holds(name, agreed)


def _unlisted(name: Field, agreed: Appointment) -> bool:
    """Whether it is one vendor's own id of a service or of staff, which says nothing to another."""
    return name in (Field.SERVICE, Field.STAFF) and (agreed.get(name) or "").startswith(UNLISTED)


def _groups(needed: frozenset[Field], able: Capabilities) -> list[frozenset[Field]]:
    """The needed fields by the writes that can carry them; a status goes first, so that a revived
    record can move.
    """
    groups = [needed & group for group in able.together]
    alone = needed.difference(*able.together)
    groups += [frozenset({name}) for name in sorted(alone)]
    return sorted(
        (group for group in groups if group),
        key=lambda group: (Field.STATUS not in group, sorted(group)),
    )


def _why_filled(case: Case, vendor: str, fields: abc.Iterable[Field]) -> str:
    """Why a record is given what it was linked without."""
    names = sorted(fields)
    contents = {name: replica.content for name, replica in case.replicas.items()}
    having = {name for name, one in contents.items() if any(one.get(each) for each in names)}
    others = sorted(having - {vendor})
    has = " and ".join(others) or "syncd"
    verb = "have" if len(others) > 1 else "has"
    return f"{has} {verb} more of its {' and '.join(names)}; {vendor} lacks that"

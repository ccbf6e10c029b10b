"""Which operations are left for one appointment: for each vendor the fewest writes that bring it in
step.

Only what a vendor can take is asked of it. What cannot be done now says why.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from datetime import datetime

from syncd.compare.atoms import Atom, origins_of
from syncd.compare.identity import digest, operation_id
from syncd.compare.sameness import same_at
from syncd.compare.words import says, word_for
from syncd.model.appointment import UNLISTED, Appointment, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Aspect
from syncd.model.plan import Action, Cancel, Quarantined, Reschedule, Step, Update
from syncd.model.policy import Policy, Traits
from syncd.model.record import Snapshot
from syncd.model.wording import answer_lost, kept_place, kept_word, unlike_length
from syncd.reconcile.case import Case
from syncd.reconcile.diff.observation import Presence, Replica
from syncd.reconcile.merge.unlike import filled_in, only_adds, those_there
from syncd.reconcile.plan.making import Planned, create, is_due, why
from syncd.reconcile.plan.replaced import put_right

_KINDS: dict[Action, type[Step]] = {
    Action.RESCHEDULE: Reschedule,
    Action.UPDATE: Update,
    Action.CANCEL: Cancel,
}


def steps_for(
    case: Case, snapshots: abc.Mapping[str, Snapshot], policy: Policy, now: datetime
) -> Planned:
    """What is left to do for one appointment at every vendor, in the order of priority."""
    steps = Planned(unfinished=bool(case.merged.frozen))
    for traits in policy.vendors:
        snapshot = snapshots.get(traits.name)
        replica = case.replicas.get(traits.name)
        if replica is None:
            create(case, traits, snapshot, policy, now, steps)
        elif replica.presence is Presence.MISSING or traits.name in case.unclear:
            steps.unfinished = True
        else:
            _bring(case, traits, replica, snapshot, policy, now, steps)
            _tell_length(case, traits, replica, steps)
        put_right(case, traits, snapshot, steps)
        _say_left(case, traits, steps)
    return steps


def _say_left(case: Case, traits: Traits, steps: Planned) -> None:
    """A booking of another appointment's in a record of this one, of which that one has no use: a
    person must know.
    """
    left = case.candidate.left.get(traits.name)
    if left is None:
        return
    remote_id, reason = left
    steps.quarantined.append(
        Quarantined(
            vendor=traits.name,
            key=digest(["left", remote_id, reason]),
            reason=reason,
            appointment=case.known.id,
            remote_id=remote_id,
        )
    )


def _tell_length(case: Case, traits: Traits, replica: Replica, steps: Planned) -> None:
    """Say once that a record takes another time than was agreed, where nothing is to be done about
    that.
    """
    agreed, name = case.merged.appointment, traits.name
    said = unlike_length(name, replica.content.slot, agreed.slot)
    if (
        said is None
        or Aspect.LENGTH in replica.mapping.unlike
        or Field.SLOT in case.merged.frozen
        or not agreed.status.live
    ):
        return
    found = any(linked.vendor == name for linked in case.candidate.linked)
    before = unlike_length(name, replica.mapping.base.slot, case.known.agreed.slot)
    written = {
        operation.vendor for operation in steps.operations if Field.SLOT in operation.changes
    }
    ended = replica.content.status in (
        Status.CANCELLED,
        Status.NO_SHOW,
    )  # some vendors end such a record at its start
    if (found or said != before) and name not in written and not ended:
        steps.remarks.append((name, f"{agreed.summary()}: {said}"))


def _bring(
    case: Case,
    traits: Traits,
    replica: Replica,
    snapshot: Snapshot | None,
    policy: Policy,
    now: datetime,
    steps: Planned,
) -> None:
    """Bring an existing record in step."""
    agreed = case.in_terms_of(traits.name, case.merged.appointment)
    stands, shown = case.in_terms_of(traits.name, case.acknowledged(traits.name)), replica.content
    able, frozen = traits.capabilities, case.merged.frozen
    live = shown.status.live and replica.presence is not Presence.GONE
    if Field.STATUS in frozen and not (live and agreed.status.live):
        return
    if not agreed.status.live:
        if stands.status.live and live:
            _add(
                case,
                traits,
                replica,
                Action.CANCEL,
                frozenset({Field.STATUS}),
                steps,
                (stands, agreed),
            )
        return
    if not live and traits.name in case.disputed:
        return
    word = None if replica.presence is Presence.GONE else _word(case, traits, replica, now)
    ended = word is None and (replica.presence is Presence.GONE or able.ends(shown.status))
    if ended and is_due(case, traits, policy, now):
        create(case, traits, snapshot, policy, now, steps, replacing=replica)
        return
    if word is None and replica.presence is not Presence.GONE:
        _keep_word(case, traits, replica, now, steps)
    if ended:
        return
    agreed = agreed.with_values({Field.STATUS: word or shown.status})
    # What else became of a cancelled record is told when it lives again. Until then, seen or not,
    # it needs the same.
    before = shown if shown.status.live else case.mapping_after(traits.name).base
    needed = _needed(agreed, stands, before, able) - frozen
    if Field.CLIENTS in needed and shown.clients:
        agreed, stands = _for_those_there(agreed, stands, shown, able)
        needed = _needed(agreed, stands, before, able) - frozen
    if able.ends(shown.status) and not able.uncancels:
        needed -= _stay_put(case, traits, replica, needed, steps)
    if agreed.slot.end > now and Field.SLOT not in frozen | needed:
        _say_untaken(case, traits, replica, steps)
    for group in _groups(needed, able):
        action = Action.RESCHEDULE if Field.SLOT in group else Action.UPDATE
        _add(case, traits, replica, action, group, steps, (stands, agreed))


def _for_those_there(
    agreed: Appointment, stands: Appointment, shown: Appointment, able: Capabilities
) -> tuple[Appointment, Appointment]:
    """The agreed clients as a record is given them that has clients of its own, and what it stands
    for beside that.

    A record without room for all keeps those whose it is. Where it only lacks something, nothing
    else is written over.
    """
    if able.places is not None and len(agreed.clients) > able.places:
        there = those_there(shown.clients, stands.clients, agreed.clients)
        agreed = agreed.with_values({Field.CLIENTS: there})
        stands = stands.with_values(
            {Field.CLIENTS: those_there(shown.clients, stands.clients, stands.clients)}
        )
    if only_adds(stands.clients, agreed.clients):
        agreed = agreed.with_values({Field.CLIENTS: filled_in(shown.clients, agreed.clients, able)})
        stands = stands.with_values({Field.CLIENTS: shown.clients})
    return agreed, stands


def _say_untaken(case: Case, traits: Traits, replica: Replica, steps: Planned) -> None:
    """A record that stays at another time than was agreed, as its vendor cannot hold that one: a
    person must know.
    """
    agreed = case.in_terms_of(traits.name, case.merged.appointment)
    stands = case.in_terms_of(traits.name, case.acknowledged(traits.name))
    able, shown = traits.capabilities, replica.content.slot
    untold = not same_at(Field.SLOT, agreed, stands, able) and not same_at(
        Field.SLOT, agreed, replica.content, able
    )
    if (
        traits.read_only
        or not able.ability(Field.SLOT).updated
        or not untold
        or able.holds(Field.SLOT, agreed)
    ):
        return
    steps.unfinished = True
    objection = able.objection(agreed) or f"{traits.name} cannot hold {agreed.slot}"
    by_hand = "enter it there by hand, or give it another time"
    steps.quarantined.append(
        Quarantined(
            vendor=traits.name,
            key=digest(["untaken", replica.mapping.remote_id, str(agreed.slot), str(shown)]),
            reason=f"{objection}: it stays at {shown} there; {by_hand}",
            appointment=case.known.id,
            remote_id=replica.mapping.remote_id,
        )
    )


def _word(case: Case, traits: Traits, replica: Replica, now: datetime) -> Status | None:
    """The status that a record is to have, or has already; None where that is none of the vendor's,
    or comes too late.

    A word that merely stands in for the agreed one is given while the appointment lies ahead. What
    the record was found with, or waits for a person, stays.
    """
    agreed, shown = case.merged.appointment, replica.content
    acknowledged = (
        case.acknowledged(traits.name).status is agreed.status and not replica.mapping.keeps_word
    )
    if acknowledged or Field.STATUS in case.merged.frozen:
        return shown.status
    word = word_for(agreed.status, shown.status, traits.capabilities)
    if word is None or word is shown.status or says(word, agreed.status) or agreed.slot.start > now:
        return word
    return None


def _stay_put(
    case: Case, traits: Traits, replica: Replica, needed: frozenset[Field], steps: Planned
) -> frozenset[Field]:
    """The needed fields that a record which has ended is not given: it is not moved. The report
    says so once.
    """
    groups = (group for group in traits.capabilities.together if Field.SLOT in group)
    unmoved = needed & frozenset[Field]().union(*groups)
    if unmoved and not traits.read_only:
        agreed, mapping = case.merged.appointment, case.mapping_after(traits.name)
        taken = mapping.acknowledged.with_values({name: agreed.get(name) for name in unmoved})
        steps.mappings[traits.name] = replace(mapping, acknowledged=taken)
        steps.remarks.append((traits.name, kept_place(traits.name, replica.content, agreed)))
    return unmoved


def _keep_word(case: Case, traits: Traits, replica: Replica, now: datetime, steps: Planned) -> None:
    """Let a record be as it is, which the report says once. Otherwise each cycle would find the
    vendor behind.
    """
    agreed, mapping = case.merged.appointment, case.mapping_after(traits.name)
    if traits.read_only or mapping.keeps_word or (agreed.status.open and agreed.slot.start > now):
        return
    taken = mapping.acknowledged.with_values({Field.STATUS: agreed.status})
    steps.mappings[traits.name] = replace(mapping, acknowledged=taken, keeps_word=True)
    shown = replica.content.status
    too_late = agreed.slot.start <= now and traits.capabilities.ends(shown)
    steps.remarks.append((traits.name, kept_word(traits.name, shown, agreed, too_late=too_late)))


def _needed(
    agreed: Appointment, stands: Appointment, shown: Appointment, able: Capabilities
) -> frozenset[Field]:
    """The fields in which a vendor is behind and that it can take."""
    return frozenset(
        name
        for name in Field
        if able.ability(name).updated
        and not same_at(name, agreed, stands, able)
        and not same_at(name, agreed, shown, able)
        and (name is not Field.STATUS or agreed.status in able.statuses)
        and able.holds(name, agreed)
        and not _unlisted(name, agreed)
    )


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


def _add(
    case: Case,
    traits: Traits,
    replica: Replica,
    action: Action,
    fields: frozenset[Field],
    steps: Planned,
    between: tuple[Appointment, Appointment],
) -> None:
    """Add an operation: from what the record stands for to what it is to be, in its own terms."""
    if traits.read_only:
        return
    if not replica.readable:
        steps.unfinished = True
        return
    if replica.until is not None and not traits.capabilities.versions:
        steps.unfinished = steps.unanswered = True
        steps.delayed.append((traits.name, answer_lost(replica.until)))
        return
    stands, target = between
    changes = {name: (stands.get(name), target.get(name)) for name in Field if name in fields}
    mapping = steps.mappings.get(traits.name) or case.mapping_after(traits.name)
    given = case.merged.provenance
    fills = all(
        not origins_of(given, Atom(name)) and only_adds(*change) for name, change in changes.items()
    )
    reason = _lacks(case, traits.name, fields) if fills else why(case, traits.name, changes)
    steps.operations.append(
        _KINDS[action](
            id=operation_id(action, traits.name, case.known.id, changes, mapping, replica.record),
            vendor=traits.name,
            appointment=case.known.id,
            target=target,
            changes=changes,
            reason=reason,
            remote_id=mapping.remote_id,
            expected=replica.record,
            mapping=mapping,
            fills=fills,
        )
    )


def _lacks(case: Case, vendor: str, fields: abc.Iterable[Field]) -> str:
    """Why a record is given what it was linked without."""
    names = sorted(fields)
    others = {
        name
        for name, replica in case.replicas.items()
        if any(replica.content.get(each) for each in names)
    } - {vendor}
    has = " and ".join(sorted(others)) or "syncd"
    verb = "have" if len(others) > 1 else "has"
    return f"{has} {verb} more of its {' and '.join(names)}; {vendor} lacks that"

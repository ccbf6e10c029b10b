"""Which operations are left for one appointment: for each vendor the fewest writes that bring it in step.

Only what a vendor can take is asked of it. What cannot be done now says why.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from datetime import datetime

from syncd.compare.identity import digest, operation_id
from syncd.compare.sameness import same_at
from syncd.compare.words import says, word_for
from syncd.model.appointment import UNLISTED, Appointment, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Atom
from syncd.model.plan import Action, Cancel, Quarantined, Reschedule, Step, Update
from syncd.model.policy import Policy, Traits
from syncd.model.record import Snapshot
from syncd.model.wording import answer_lost, kept_place, kept_word, unlike_length
from syncd.reconcile.case import Standing
from syncd.reconcile.diff.observation import Seen, Sight
from syncd.reconcile.merge.unlike import filled_in, only_adds, those_there
from syncd.reconcile.plan.making import Steps, create, is_due, why
from syncd.reconcile.plan.replaced import put_right

_KINDS: dict[Action, type[Step]] = {
    Action.RESCHEDULE: Reschedule,
    Action.UPDATE: Update,
    Action.CANCEL: Cancel,
}


def steps_for(standing: Standing, snapshots: abc.Mapping[str, Snapshot], policy: Policy, now: datetime) -> Steps:
    """What is left to do for one appointment at every vendor, in the order of priority."""
    steps = Steps(unfinished=bool(standing.merged.frozen))
    for traits in policy.vendors:
        snapshot = snapshots.get(traits.name)
        sight = standing.sights.get(traits.name)
        if sight is None:
            create(standing, traits, snapshot, policy, now, steps)
        elif sight.seen is Seen.DOUBTFUL or traits.name in standing.unclear:
            steps.unfinished = True
        else:
            _bring(standing, traits, sight, snapshot, policy, now, steps)
            _tell_length(standing, traits, sight, steps)
        put_right(standing, traits, snapshot, steps)
        _say_left(standing, traits, steps)
    return steps


def _say_left(standing: Standing, traits: Traits, steps: Steps) -> None:
    """A booking of another appointment's in a record of this one, of which that one has no use: a person must know."""
    left = standing.candidate.left.get(traits.name)
    if left is None:
        return
    remote_id, reason = left
    steps.quarantined.append(
        Quarantined(
            vendor=traits.name,
            key=digest(["left", remote_id, reason]),
            reason=reason,
            appointment=standing.known.id,
            remote_id=remote_id,
        )
    )


def _tell_length(standing: Standing, traits: Traits, sight: Sight, steps: Steps) -> None:
    """Say once that a record takes another time than was agreed, where nothing is to be done about that."""
    agreed, name = standing.merged.appointment, traits.name
    said = unlike_length(name, sight.content.slot, agreed.slot)
    if (
        said is None
        or Atom.LENGTH in sight.mapping.unlike
        or Field.SLOT in standing.merged.frozen
        or not agreed.status.live
    ):
        return
    found = any(linked.vendor == name for linked in standing.candidate.linked)
    before = unlike_length(name, sight.mapping.base.slot, standing.known.agreed.slot)
    written = {operation.vendor for operation in steps.operations if Field.SLOT in operation.changes}
    ended = sight.content.status in (Status.CANCELLED, Status.NO_SHOW)  # some vendors end such a record at its start
    if (found or said != before) and name not in written and not ended:
        steps.remarks.append((name, f"{agreed.summary()}: {said}"))


def _bring(
    standing: Standing,
    traits: Traits,
    sight: Sight,
    snapshot: Snapshot | None,
    policy: Policy,
    now: datetime,
    steps: Steps,
) -> None:
    """Bring an existing record in step."""
    agreed = standing.in_terms_of(traits.name, standing.merged.appointment)
    stands, shown = standing.in_terms_of(traits.name, standing.stands(traits.name)), sight.content
    able, frozen = traits.capabilities, standing.merged.frozen
    live = shown.status.live and sight.seen is not Seen.GONE
    if Field.STATUS in frozen and not (live and agreed.status.live):
        return
    if not agreed.status.live:
        if stands.status.live and live:
            _add(standing, traits, sight, Action.CANCEL, frozenset({Field.STATUS}), steps, (stands, agreed))
        return
    if not live and traits.name in standing.disputed:
        return
    word = None if sight.seen is Seen.GONE else _word(standing, traits, sight, now)
    ended = word is None and (sight.seen is Seen.GONE or able.ends(shown.status))
    if ended and is_due(standing, traits, policy, now):
        create(standing, traits, snapshot, policy, now, steps, replacing=sight)
        return
    if word is None and sight.seen is not Seen.GONE:
        _keep_word(standing, traits, sight, now, steps)
    if ended:
        return
    agreed = agreed.with_values({Field.STATUS: word or shown.status})
    # What else became of a cancelled record is told when it lives again. Until then, seen or not, it needs the same.
    before = shown if shown.status.live else standing.mapping_after(traits.name).base
    needed = _needed(agreed, stands, before, able) - frozen
    if Field.CLIENTS in needed and shown.clients:
        agreed, stands = _for_those_there(agreed, stands, shown, able)
        needed = _needed(agreed, stands, before, able) - frozen
    if able.ends(shown.status) and not able.uncancels:
        needed -= _stay_put(standing, traits, sight, needed, steps)
    if agreed.slot.end > now and Field.SLOT not in frozen | needed:
        _say_untaken(standing, traits, sight, steps)
    for group in _groups(needed, able):
        action = Action.RESCHEDULE if Field.SLOT in group else Action.UPDATE
        _add(standing, traits, sight, action, group, steps, (stands, agreed))


def _for_those_there(
    agreed: Appointment, stands: Appointment, shown: Appointment, able: Capabilities
) -> tuple[Appointment, Appointment]:
    """The agreed clients as a record is given them that has clients of its own, and what it stands for beside that.

    A record without room for all keeps those whose it is. Where it only lacks something, nothing else is written over.
    """
    if able.places is not None and len(agreed.clients) > able.places:
        there = those_there(shown.clients, stands.clients, agreed.clients)
        agreed = agreed.with_values({Field.CLIENTS: there})
        stands = stands.with_values({Field.CLIENTS: those_there(shown.clients, stands.clients, stands.clients)})
    if only_adds(stands.clients, agreed.clients):
        agreed = agreed.with_values({Field.CLIENTS: filled_in(shown.clients, agreed.clients, able)})
        stands = stands.with_values({Field.CLIENTS: shown.clients})
    return agreed, stands


def _say_untaken(standing: Standing, traits: Traits, sight: Sight, steps: Steps) -> None:
    """A record that stays at another time than was agreed, as its vendor cannot hold that one: a person must know."""
    agreed = standing.in_terms_of(traits.name, standing.merged.appointment)
    stands = standing.in_terms_of(traits.name, standing.stands(traits.name))
    able, shown = traits.capabilities, sight.content.slot
    untold = not same_at(Field.SLOT, agreed, stands, able) and not same_at(Field.SLOT, agreed, sight.content, able)
    if traits.read_only or not able.ability(Field.SLOT).updated or not untold or able.holds(Field.SLOT, agreed):
        return
    steps.unfinished = True
    why = able.objection(agreed) or f"{traits.name} cannot hold {agreed.slot}"
    steps.quarantined.append(
        Quarantined(
            vendor=traits.name,
            key=digest(["untaken", sight.mapping.remote_id, str(agreed.slot), str(shown)]),
            reason=f"{why}: it stays at {shown} there; enter it there by hand, or give it another time",
            appointment=standing.known.id,
            remote_id=sight.mapping.remote_id,
        )
    )


def _word(standing: Standing, traits: Traits, sight: Sight, now: datetime) -> Status | None:
    """The status that a record is to have, or has already; None where that is none of the vendor's, or comes too late.

    A word that merely stands in for the agreed one is given while the appointment lies ahead. What the record was
    found with, or waits for a person, stays.
    """
    agreed, shown = standing.merged.appointment, sight.content
    accepted = standing.stands(traits.name).status is agreed.status and not sight.mapping.keeps_word
    if accepted or Field.STATUS in standing.merged.frozen:
        return shown.status
    word = word_for(agreed.status, shown.status, traits.capabilities)
    if word is None or word is shown.status or says(word, agreed.status) or agreed.slot.start > now:
        return word
    return None


def _stay_put(
    standing: Standing, traits: Traits, sight: Sight, needed: frozenset[Field], steps: Steps
) -> frozenset[Field]:
    """The needed fields that a record which has ended is not given: it is not moved. The report says so once."""
    groups = (group for group in traits.capabilities.together if Field.SLOT in group)
    unmoved = needed & frozenset[Field]().union(*groups)
    if unmoved and not traits.read_only:
        agreed, mapping = standing.merged.appointment, standing.mapping_after(traits.name)
        taken = mapping.accepted.with_values({name: agreed.get(name) for name in unmoved})
        steps.mappings[traits.name] = replace(mapping, accepted=taken)
        steps.remarks.append((traits.name, kept_place(traits.name, sight.content, agreed)))
    return unmoved


def _keep_word(standing: Standing, traits: Traits, sight: Sight, now: datetime, steps: Steps) -> None:
    """Let a record be as it is, which the report says once. Otherwise each cycle would find the vendor behind."""
    agreed, mapping = standing.merged.appointment, standing.mapping_after(traits.name)
    if traits.read_only or mapping.keeps_word or (agreed.status.open and agreed.slot.start > now):
        return
    taken = mapping.accepted.with_values({Field.STATUS: agreed.status})
    steps.mappings[traits.name] = replace(mapping, accepted=taken, keeps_word=True)
    shown = sight.content.status
    too_late = agreed.slot.start <= now and traits.capabilities.ends(shown)
    steps.remarks.append((traits.name, kept_word(traits.name, shown, agreed, too_late=too_late)))


def _needed(agreed: Appointment, stands: Appointment, shown: Appointment, able: Capabilities) -> frozenset[Field]:
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
    """The needed fields by the writes that can carry them; a status goes first, so that a revived record can move."""
    groups = [needed & group for group in able.together]
    alone = needed.difference(*able.together)
    groups += [frozenset({name}) for name in sorted(alone)]
    return sorted((group for group in groups if group), key=lambda group: (Field.STATUS not in group, sorted(group)))


def _add(
    standing: Standing,
    traits: Traits,
    sight: Sight,
    action: Action,
    fields: frozenset[Field],
    steps: Steps,
    between: tuple[Appointment, Appointment],
) -> None:
    """Add an operation: from what the record stands for to what it is to be, in its own terms."""
    if traits.read_only:
        return
    if not sight.readable:
        steps.unfinished = True
        return
    if sight.until is not None and not traits.capabilities.versions:
        steps.unfinished = steps.unanswered = True
        steps.delayed.append((traits.name, answer_lost(sight.until)))
        return
    stands, target = between
    changes = {name: (stands.get(name), target.get(name)) for name in Field if name in fields}
    mapping = steps.mappings.get(traits.name) or standing.mapping_after(traits.name)
    fills = all(name not in standing.merged.provenance and only_adds(*change) for name, change in changes.items())
    reason = _lacks(standing, traits.name, fields) if fills else why(standing, traits.name, changes)
    steps.operations.append(
        _KINDS[action](
            id=operation_id(action, traits.name, standing.known.id, changes, mapping, sight.record),
            vendor=traits.name,
            appointment=standing.known.id,
            target=target,
            changes=changes,
            reason=reason,
            remote_id=mapping.remote_id,
            expected=sight.record,
            mapping=mapping,
            fills=fills,
        )
    )


def _lacks(standing: Standing, vendor: str, fields: abc.Iterable[Field]) -> str:
    """Why a record is given what it was linked without."""
    names = sorted(fields)
    others = {name for name, sight in standing.sights.items() if any(sight.content.get(each) for each in names)} - {
        vendor
    }
    has = " and ".join(sorted(others)) or "syncd"
    return f"{has} {'have' if len(others) > 1 else 'has'} more of its {' and '.join(names)}; {vendor} lacks that"

"""Which operations are left for one appointment: for each vendor the fewest writes that bring it in step.

Only what a vendor can take is asked of it. What cannot be done now says why.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from syncd.model.appointment import UNLISTED, Appointment, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Mapping
from syncd.model.plan import Action, Cancel, Create, Quarantined, Reschedule, Step, Update
from syncd.model.policy import Policy, Traits
from syncd.model.record import Complete, Failed, NotPolled, Partial, Snapshot
from syncd.reconcile.identity import digest, operation_id
from syncd.reconcile.sameness import same_at
from syncd.reconcile.sight import Seen, Sight
from syncd.reconcile.standing import Standing

_KINDS: dict[Action, type[Step]] = {
    Action.CREATE: Create,
    Action.RESCHEDULE: Reschedule,
    Action.UPDATE: Update,
    Action.CANCEL: Cancel,
}


@dataclass(slots=True)
class Steps:
    """The operations for one appointment. `unfinished` says that it needs another look whatever becomes of them."""

    operations: list[Step] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    blocked: list[tuple[str, str]] = field(default_factory=list)
    replaced: dict[str, Mapping] = field(default_factory=dict)
    unfinished: bool = False


def steps_for(standing: Standing, snapshots: abc.Mapping[str, Snapshot], policy: Policy, now: datetime) -> Steps:
    """What is left to do for one appointment at every vendor, in the order of priority."""
    steps = Steps(unfinished=bool(standing.merged.frozen))
    for traits in policy.vendors:
        snapshot = snapshots.get(traits.name)
        sight = standing.sights.get(traits.name)
        if sight is None:
            _create(standing, traits, snapshot, policy, now, steps)
        elif sight.seen is Seen.DOUBTFUL:
            steps.unfinished = True
        else:
            _bring(standing, traits, sight, snapshot, policy, now, steps)
    return steps


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
    agreed, stands, shown = standing.merged.appointment, standing.stands(traits.name), sight.content
    live = shown.status.live and sight.seen is not Seen.GONE
    if Field.STATUS in standing.merged.frozen and not (live and agreed.status.live):
        return
    if not agreed.status.live:
        if stands.status.live and live:
            _add(standing, traits, sight, Action.CANCEL, frozenset({Field.STATUS}), steps, agreed)
        return
    if not live:
        if traits.name in standing.disputed:
            return
        revived = None if sight.seen is Seen.GONE else _revived(agreed, traits.capabilities)
        if revived is None:
            _create(standing, traits, snapshot, policy, now, steps, replacing=sight)
            return
        agreed = revived
    needed = _needed(agreed, stands, shown, traits.capabilities) - standing.merged.frozen
    if agreed.slot.end > now and Field.SLOT not in standing.merged.frozen | needed:
        _say_untaken(standing, traits, sight, steps)
    for group in _groups(needed, traits.capabilities):
        action = Action.RESCHEDULE if Field.SLOT in group else Action.UPDATE
        _add(standing, traits, sight, action, group, steps, agreed)


def _say_untaken(standing: Standing, traits: Traits, sight: Sight, steps: Steps) -> None:
    """A record that stays at another time than was agreed, as its vendor cannot hold that one: a person must know."""
    agreed, able, shown = standing.merged.appointment, traits.capabilities, sight.content.slot
    stands = standing.stands(traits.name)
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


def _revived(agreed: Appointment, able: Capabilities) -> Appointment | None:
    """The agreed values as a cancelled record is revived with them, or None where it cannot be.

    What is pending is scheduled to a vendor that has no word for pending, as it is when it is made there.
    """
    if not (able.uncancels and able.ability(Field.STATUS).updated):
        return None
    if agreed.status is Status.PENDING and Status.PENDING not in able.statuses:
        agreed = agreed.with_values({Field.STATUS: Status.SCHEDULED})
    return agreed if agreed.status in able.statuses else None


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
    target: Appointment,
) -> None:
    if traits.read_only:
        return
    if not sight.readable:
        steps.unfinished = True
        return
    stands = standing.stands(traits.name)
    changes = {name: (stands.get(name), target.get(name)) for name in Field if name in fields}
    mapping = standing.mapping_after(traits.name)
    reason = _why(standing, traits.name, changes)
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
        )
    )


def _why(standing: Standing, vendor: str, changes: abc.Mapping[Field, Any]) -> str:
    """The provenance of the fields concerned, each sentence once."""
    said: list[str] = []
    for name in changes:
        origin = standing.merged.provenance.get(name)
        if origin and origin.text not in said:
            said.append(origin.text)
    if not said:
        return f"{vendor} is behind in {', '.join(changes)}"
    changed = {change.vendor for change in standing.changes}
    alone = len(said) == 1 and len(changed) == 1 and not standing.merged.conflicts
    return f"{'. '.join(said)}{'; unchanged elsewhere' if alone else ''}"


def _create(
    standing: Standing,
    traits: Traits,
    snapshot: Snapshot | None,
    policy: Policy,
    now: datetime,
    steps: Steps,
    replacing: Sight | None = None,
) -> None:
    """Make the record that a vendor lacks, if this is the time for it."""
    agreed = standing.merged.appointment
    if traits.read_only or not agreed.status.open or agreed.slot.start <= now:
        return
    if agreed.slot.start not in policy.window:
        return
    if replacing:
        old = standing.mapping_after(traits.name)
        reason = old.tombstone or "replaced: it cannot be un-cancelled"
        steps.replaced[traits.name] = replace(old, tombstone=reason)
    why_not = _not_now(standing, traits, snapshot)
    if why_not:
        steps.unfinished = True
        steps.blocked.append((traits.name, why_not))
        return
    able = traits.capabilities
    changes = {
        name: (None, agreed.get(name))
        for name in Field
        if able.ability(name).created and (agreed.get(name) or name is Field.STATUS)
    }
    key = operation_id(Action.CREATE, traits.name, standing.known.id, changes, None, None)
    others = [sight for sight in standing.sights.values() if sight.mapping.vendor != traits.name]
    has = sorted(sight.mapping.vendor for sight in others if sight.content.status.live) or ["syncd"]
    reason = f"{', '.join(has)} {'has' if len(has) == 1 else 'have'} it; {traits.name} does not"
    if replacing:
        why = _why(standing, traits.name, {Field.STATUS: None})
        reason = f"{why}; {traits.name} cannot un-cancel its record, so it is made anew"
    create = Create(
        id=key, vendor=traits.name, appointment=standing.known.id, target=agreed, changes=changes, reason=reason
    )
    if traits.name in standing.candidate.joined:
        steps.unfinished = True
        steps.quarantined.append(
            Quarantined(
                vendor=traits.name,
                key=key,
                reason=standing.candidate.joined[traits.name],
                appointment=standing.known.id,
                operation=create,
            )
        )
        return
    objection = able.objection(agreed)
    if objection or standing.disputed:
        said = objection or "a record of it is cancelled and another is not: settle that first"
        steps.unfinished = True
        steps.quarantined.append(
            Quarantined(
                vendor=traits.name,
                key=digest([key, said]),
                reason=said,
                appointment=standing.known.id,
                operation=create,
            )
        )
        return
    steps.operations.append(create)


def _not_now(standing: Standing, traits: Traits, snapshot: Snapshot | None) -> str | None:
    """Why no create may be made at this vendor in this cycle, or None."""
    if standing.merged.frozen:
        return "a conflict about it waits for a person"
    missing = sorted(s.mapping.vendor for s in standing.sights.values() if s.seen is Seen.DOUBTFUL and not s.lapsed)
    if missing:
        return f"it is missing at {missing[0]}, which does not say that it was deleted"
    if traits.name in standing.candidate.blocked:
        return standing.candidate.blocked[traits.name]
    waiting = {create.operation for create in standing.known.unsettled if create.vendor == traits.name}
    if waiting - set(standing.candidate.settled):
        return "an earlier create got no answer"
    match snapshot:
        case Complete():
            return None
        case Partial():
            return f"{traits.name} was not listed completely"
        case Failed():
            return f"{traits.name} could not be read"
        case None | NotPolled():
            return f"{traits.name} was not polled in this cycle"

"""Which operations are left for one appointment: for each vendor the fewest writes that bring it in
step.

What a record that is there lacks is `bringing`, what is to be made `making`.
"""

from __future__ import annotations

from collections import abc
from datetime import datetime

from syncd.compare.identity import digest
from syncd.model.appointment import Field, Status
from syncd.model.memory import Aspect
from syncd.model.plan import Quarantined
from syncd.model.policy import Policy, Traits
from syncd.model.record import Snapshot
from syncd.model.wording import unlike_length
from syncd.reconcile.case import Case
from syncd.reconcile.diff.observation import Presence, Replica
from syncd.reconcile.plan.bringing import bring
from syncd.reconcile.plan.making import Planned, create
from syncd.reconcile.plan.replaced import put_right


def steps_for(
    case: Case, snapshots: abc.Mapping[str, Snapshot], policy: Policy, now: datetime
) -> Planned:
    """What is left to do for one appointment at every vendor, in the order of priority.

    A vendor that is paused gets it when a person has answered: until then it is looked at again.
    """
    paused = any(traits.paused for traits in policy.vendors)
    steps = Planned(unfinished=paused or bool(case.merged.frozen))
    steps.remarks += case.seats.remarks
    for traits in policy.vendors:
        snapshot = snapshots.get(traits.name)
        replica = case.replicas.get(traits.name)
        if replica is None:
            create(case, traits, snapshot, policy, now, steps)
        elif replica.presence is Presence.MISSING or traits.name in case.unclear:
            steps.unfinished = True
        else:
            bring(case, traits, replica, snapshot, policy, now, steps)
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
    agreed, name, mapping = case.merged.appointment, traits.name, replica.mapping
    said = unlike_length(name, replica.content.slot, agreed.slot)
    asked = Aspect.LENGTH in mapping.unlike or Field.SLOT in case.merged.frozen
    if said is None or asked or not agreed.status.live:
        return
    # Some vendors end such a record at its start.
    ended = replica.content.status in (Status.CANCELLED, Status.NO_SHOW)
    moved = [one for one in steps.operations if one.vendor == name and Field.SLOT in one.changes]
    if ended or moved:
        return
    found = any(linked.vendor == name for linked in case.candidate.linked)
    if found or said != unlike_length(name, mapping.base.slot, case.known.agreed.slot):
        steps.remarks.append((name, f"{agreed.summary()}: {said}"))

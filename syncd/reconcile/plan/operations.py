"""Which operations are left for one appointment: for each vendor the fewest writes that bring it in
step.

What a record that is there lacks is `bringing`, what is to be made `making`.
"""

from __future__ import annotations

from datetime import datetime

from syncd.compare.identity import digest
from syncd.model.appointment import Field, Status
from syncd.model.memory import Aspect
from syncd.model.plan import Quarantined
from syncd.model.record import Listed, Snapshots
from syncd.model.wording import stand_beside, unlike_length
from syncd.reconcile.case import Case
from syncd.reconcile.diff.beside import beside
from syncd.reconcile.diff.observation import Presence, Replica
from syncd.reconcile.plan.bringing import Own
from syncd.reconcile.plan.making import AtVendor, Planned
from syncd.reconcile.plan.replaced import put_right


def steps_for(case: Case, snapshots: Snapshots, now: datetime) -> Planned:
    """What is left to do for one appointment at every vendor, in the order of priority."""
    steps = Planned(unfinished=bool(case.merged.frozen), remarks=list(case.seats.remarks))
    for traits in case.policy.vendors:
        snapshot, replica = snapshots.get(traits.name), case.replicas.get(traits.name)
        at = AtVendor(case, traits, snapshot, now, steps)
        if replica is None:
            at.create()
        elif replica.presence is Presence.MISSING or traits.name in case.unclear:
            steps.unfinished = True
        else:
            Own(case, traits, snapshot, now, steps, replica).bring()
            _tell_length(at, replica)
        put_right(at)
        _say_left(at)
        _say_beside(at)
    return steps


def _say_beside(at: AtVendor) -> None:
    """That a record which was given up stands, in each cycle that shows it: a person has to end
    it.
    """
    if not isinstance(at.snapshot, Listed):
        return
    current = at.case.replicas.get(at.vendor)
    in_use = current.mapping.remote_id if current is not None and not current.gone else None
    for one in beside(at.case.known, at.vendor, at.snapshot, at.case.policy):
        if one.remote_id in at.snapshot.records and one.remote_id != in_use:
            said = stand_beside(at.vendor, one.remote_id, one.tombstone or "", in_use)
            at.steps.remarks.append((at.vendor, f"{at.case.merged.appointment.summary()}: {said}"))


def _say_left(at: AtVendor) -> None:
    """A booking of another appointment's in a record of this one, of which that one has no use: a
    person must know.
    """
    left = at.case.candidate.left.get(at.vendor)
    if left is None:
        return
    remote_id, reason = left
    at.steps.quarantined.append(
        Quarantined(
            vendor=at.vendor,
            key=digest(["left", remote_id, reason]),
            reason=reason,
            appointment=at.case.known.id,
            remote_id=remote_id,
        )
    )


def _tell_length(at: AtVendor, replica: Replica) -> None:
    """Say once that a record takes another time than was agreed, where nothing is to be done about
    that.
    """
    case, name = at.case, at.vendor
    said = unlike_length(name, replica.content.slot, case.merged.appointment.slot)
    if said is None or _is_seen_to(at, replica):
        return
    found = any(linked.vendor == name for linked in case.candidate.linked)
    before = unlike_length(name, replica.mapping.base.slot, case.known.agreed.slot)
    if found or said != before:
        at.steps.remarks.append((name, f"{case.merged.appointment.summary()}: {said}"))


def _is_seen_to(at: AtVendor, replica: Replica) -> bool:
    """Whether nothing has to be said of a record's length: a person is asked, it has ended, or it
    is moved.
    """
    merged = at.merged
    asked = Aspect.LENGTH in replica.mapping.unlike or Field.SLOT in merged.frozen
    # Some vendors end such a record at its start.
    over = replica.content.status in (Status.CANCELLED, Status.NO_SHOW)
    moved = (Field.SLOT in one.changes for one in at.steps.operations if one.vendor == at.vendor)
    return asked or over or not merged.appointment.status.live or any(moved)

"""Which operations are left for one appointment: for each vendor the fewest writes that bring it in
step.

What a record that is there lacks is `bringing`, what is to be made `making`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from syncd.compare.identity import digest
from syncd.model.appointment import Field, Status
from syncd.model.memory import Aspect
from syncd.model.plan import Quarantined
from syncd.model.record import Listed, Snapshots
from syncd.model.wording import one_of_two, stand_beside, unlike_length
from syncd.reconcile.case import Case
from syncd.reconcile.diff.beside import beside, is_in_use
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
        elif not _gives_way(at, replica):
            Own.of(at, replica).bring()
            _tell_length(at, replica)
        put_right(at)
        _say_left(at)
        _say_beside(at)
    return steps


def _gives_way(at: AtVendor, replica: Replica) -> bool:
    """Whether a record that ended is given up, as the appointment goes on and another record of it
    stands there: to schedule this one again would make two of one.

    09:00 19 was cancelled while 7 stood beside it, and a person said that the appointment goes on
    09:05 19 is given up; 09:10 7 is the appointment's again, where it fits
    """
    ended = not replica.mapping.base.status.live and not replica.content.status.live
    if not ended or replica.gone or not at.merged.appointment.status.live:
        return False
    if Field.STATUS in at.merged.frozen or at.case.seat_of(at.vendor, at.merged.appointment):
        return False
    others = beside(at.case.known, at.vendor, at.snapshot, at.case.policy)
    if not others:
        return False
    said = one_of_two(sorted(one.remote_id for one in others))
    mapping = at.case.mapping_after(at.vendor)
    given_up = replace(mapping, tombstone=said, fingerprint=None, in_flight=None)
    at.steps.mappings[at.vendor] = given_up
    at.steps.unfinished = True
    return True


def _say_beside(at: AtVendor) -> None:
    """That a record which was given up stands, in each cycle that shows it: a person has to end
    it. Not while a person is asked which of two goes on, or it may be the one that does.
    """
    current, agreed = at.case.replicas.get(at.vendor), at.merged.appointment
    in_use = is_in_use(current)
    open_to_it = current is not None and not in_use and agreed.status.live
    if not isinstance(at.snapshot, Listed) or open_to_it:
        return
    now = current.mapping.remote_id if current is not None and in_use else None
    for one in beside(at.case.known, at.vendor, at.snapshot, at.case.policy):
        if one.remote_id in at.snapshot.records and one.remote_id != now:
            said = stand_beside(at.vendor, one.remote_id, one.tombstone or "", now)
            at.steps.remarks.append((at.vendor, f"{agreed.summary()}: {said}"))


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

"""Records that are the appointment's no longer, or never were, and still say what is not so.

Those in whose place another was made:
    09:00 a vendor's record says that nobody came; it can never be scheduled again
    09:05 another vendor calls the appointment scheduled: it is made anew, and the first record is
          called cancelled
    09:10 the appointment is cancelled, or the new record never came to be: the first one says
          nothing false of it
A no-show counts against the client, so it does not stay behind, whatever became of the record that
took its place. And those that syncd made once too often, as the answer to a create was lost: see
`late`.
"""

from __future__ import annotations

from syncd.compare.identity import operation_id
from syncd.compare.words import word_for
from syncd.model.appointment import Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Mapping
from syncd.model.plan import Cancel, Update
from syncd.model.policy import Traits
from syncd.model.record import Snapshot
from syncd.reconcile.case import Case
from syncd.reconcile.diff.observation import Presence, replica_of
from syncd.reconcile.plan.making import Planned, why

_SHOWN = (Presence.DECODED, Presence.UNCHANGED)


def put_right(case: Case, traits: Traits, snapshot: Snapshot | None, steps: Planned) -> None:
    """Call cancelled what was replaced at a vendor, where it says that the appointment ended in
    another way; end what was made there once too often.
    """
    if traits.read_only:
        return
    former = (*case.tombstones, *steps.mappings.values())
    for mapping in former:
        if mapping.vendor != traits.name or mapping.tombstone is None:
            continue
        too_often = mapping.surplus and mapping.base.status.live
        if not too_often and not _is_untrue(mapping, case, traits.capabilities):
            continue
        seen = replica_of(mapping, snapshot)
        steps.unfinished |= seen.presence is Presence.UNREAD
        if seen.presence in _SHOWN or (too_often and _was_just_found(mapping, case)):
            operation = _ending(case, mapping) if too_often else _taking_back(case, mapping)
            steps.operations.append(operation)


def _was_just_found(mapping: Mapping, case: Case) -> bool:
    return any(record.remote_id == mapping.remote_id for record, _ in case.candidate.surplus)


def _is_untrue(mapping: Mapping, case: Case, able: Capabilities) -> bool:
    """Whether a replaced record bears a word that ended it, is not the agreed one, and can be made
    "cancelled".
    """
    agreed, shown = case.merged.appointment.status, mapping.base.status
    if Field.STATUS in case.merged.frozen:
        return False
    ended = shown.live and able.ends(shown)
    return (
        ended
        and shown is not agreed
        and word_for(Status.CANCELLED, shown, able) is Status.CANCELLED
    )


def _ending(case: Case, mapping: Mapping) -> Cancel | Update:
    vendor = mapping.vendor
    own = case.replicas.get(vendor)
    instead = (
        f"{vendor} has record {own.mapping.remote_id} of that appointment"
        if own
        else "it was called off"
    )
    cancelled = f"{vendor}'s record {mapping.remote_id} is cancelled"
    reason = f"{cancelled}, as syncd {mapping.tombstone}; {instead}"
    return _as_cancelled(Cancel, case, mapping, reason)


def _taking_back(case: Case, mapping: Mapping) -> Cancel | Update:
    vendor, shown = mapping.vendor, mapping.base.status
    said = why(case, vendor, {Field.STATUS: (shown, Status.CANCELLED)})
    replaced = f"{vendor}'s record {mapping.remote_id} was replaced"
    reason = f"{said}; {replaced}, and '{shown}' is not so any more"
    return _as_cancelled(Update, case, mapping, reason)


def _as_cancelled(
    kind: type[Cancel | Update], case: Case, mapping: Mapping, reason: str
) -> Cancel | Update:
    changes = {Field.STATUS: (mapping.base.status, Status.CANCELLED)}
    return kind(
        id=operation_id(kind.action, mapping.vendor, case.known.id, changes, mapping, None),
        vendor=mapping.vendor,
        appointment=case.known.id,
        target=mapping.base.with_values({Field.STATUS: Status.CANCELLED}),
        changes=changes,
        reason=reason,
        remote_id=mapping.remote_id,
        mapping=mapping,
    )

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
from syncd.reconcile.case import Case
from syncd.reconcile.diff.observation import Presence, is_to_end, replica_of
from syncd.reconcile.plan.making import AtVendor, why

_SHOWN = (Presence.DECODED, Presence.UNCHANGED)


def put_right(at: AtVendor) -> None:
    """Call cancelled what was replaced at a vendor, where it says that the appointment ended in
    another way; end what was made there once too often.
    """
    former = () if at.traits.read_only else (*at.case.tombstones, *at.steps.mappings.values())
    for mapping in former:
        if mapping.vendor != at.vendor or mapping.tombstone is None:
            continue
        if is_to_end(mapping):
            found = _was_just_found(mapping, at.case)
            _end(at, mapping, _ending(at.case, mapping), found)
        elif not mapping.beside and _is_untrue(mapping, at.case, at.able):
            _end(at, mapping, _taking_back(at.case, mapping))


def _end(at: AtVendor, mapping: Mapping, by: Cancel | Update, found: bool = False) -> None:
    """End a record that its vendor shows, or that was `found` just now."""
    seen = replica_of(mapping, at.snapshot).presence
    at.steps.unfinished |= seen is Presence.UNREAD
    if seen in _SHOWN or found:
        at.steps.operations.append(by)


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

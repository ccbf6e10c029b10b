"""What is left alone, in the state store: kept while it is found again, forgotten once it was
looked at and is not.

Records of which nothing can be made are kept by their ids, as they are no news when something can:
    09:00 a row of the CRM cannot be read, or nobody can tell whose it is; Acuity has the same
    11:00 the client calls off at Acuity
    13:00 the row is mended: it was there all along, nobody booked anew: a person is asked
"""

from __future__ import annotations

from collections import abc

from syncd.compare.identity import ABOUT_WHOSE, ELSEWHERE, NOT_KEPT, until_elsewhere
from syncd.compare.sameness import same_value
from syncd.engine.store.rows import quarantine_row
from syncd.engine.store.texts import parsed, to_json, typed
from syncd.model.appointment import Appointment, Field
from syncd.model.memory import Memory, Quarantine
from syncd.model.plan import NextState, Plan
from syncd.model.record import Complete, Snapshot
from syncd_state import QuarantineRow, Transaction

_UNTOLD = "untold:"
"""Starts the name of the single value that keeps which of a vendor's records are untold."""

_STRANGERS = "strangers:"
"""Starts the name of the single value that keeps where a vendor's records stand that are nobody's.
"""

_SAID = "said"
"""The single value that keeps what people said of records that may be ours."""


def said_of(tx: Transaction) -> dict[tuple[str, str], bool]:
    """What people said of records, by vendor and id: whether syncd made it."""
    kept = parsed(tx.get_meta(_SAID) or "[]")
    return {(vendor, remote_id): ours for vendor, remote_id, ours in kept}


def say(tx: Transaction, vendor: str, remote_id: str, *, ours: bool) -> None:
    """Keep what a person said of a record."""
    _keep_said(tx, said_of(tx) | {(vendor, remote_id): ours})


def unsay(tx: Transaction, records: abc.Set[tuple[str, str]]) -> None:
    """Forget what people said of these records, by vendor and id: no listing shows them now."""
    said = said_of(tx)
    if said.keys() & records:
        _keep_said(tx, {key: ours for key, ours in said.items() if key not in records})


def _keep_said(tx: Transaction, said: abc.Mapping[tuple[str, str], bool]) -> None:
    tx.put_meta(_SAID, to_json([[*key, ours] for key, ours in sorted(said.items())]))


def put_quarantines(
    tx: Transaction,
    cycle: str,
    now: str,
    plan: Plan,
    snapshots: abc.Mapping[str, Snapshot],
    memory: Memory,
) -> None:
    """Store what is quarantined; forget what was looked at again and is not any more."""
    current = {(entry.vendor, entry.key): entry for entry in plan.quarantined}
    for entry in current.values():
        if entry.new:
            tx.put_quarantine(quarantine_row(cycle, now, entry))
    looked_at = {known.id for known in memory.known}
    decided = {state.id: state for state in plan.next_states}
    for old in memory.quarantines:
        over = _is_over(old, snapshots.get(old.vendor), looked_at, decided)
        if over and (old.vendor, old.key) not in current:
            tx.drop_quarantine(old.vendor, old.key)


def _is_over(
    old: Quarantine,
    snapshot: Snapshot | None,
    looked_at: abc.Set[str],
    decided: abc.Mapping[str, NextState],
) -> bool:
    """Whether something was looked at again, and may be forgotten where it is not found anew."""
    if old.key.startswith((NOT_KEPT, ELSEWHERE)):
        state = decided.get(old.appointment or "")
        return state is not None and not _stands_apart(state, old)
    again = old.appointment is None or old.appointment in looked_at
    return again and _listing_tells(snapshot, old)


def _listing_tells(snapshot: Snapshot | None, old: Quarantine) -> bool:
    """Whether a vendor's listing tells that something is not quarantined any more: an outage
    releases nothing, and while the record cannot be read, what is asked about it is asked still.
    """
    if not isinstance(snapshot, Complete) or snapshot.blank:
        return False
    return not (old.key.startswith(ABOUT_WHOSE) and snapshot.has_unread(old.remote_id))


def _stands_apart(state: NextState, old: Quarantine) -> bool:
    """Whether a record is still as it was left alone: it did not keep its status, or was found at
    another time. The decision tells that: the record may be in no listing, or nothing of that may
    be to be written.

        09:00 a revival at the site is not kept; the appointment stands, the site's record does not
        09:10 the site cannot be read; the CRM calls it off: both are cancelled, and that is over
    """
    if old.key.startswith(NOT_KEPT):
        return _stands_otherwise(state, old.vendor)
    return _stands_elsewhere(state, old.vendor, old.key)


def _stands_otherwise(state: NextState, vendor: str) -> bool:
    """Whether a vendor's record is cancelled and its appointment stands, or the other way round."""
    here = (one for one in state.mappings if one.vendor == vendor)
    return any(one.stands_against(state.agreed) for one in here)


def _stands_elsewhere(state: NextState, vendor: str, key: str) -> bool:
    """Whether a vendor's record is where it was found then, and its appointment stands at another
    time.
    """
    if not state.agreed.status.live:
        return False
    here = [one for one in state.mappings if one.vendor == vendor and one.tombstone is None]
    return any(
        until_elsewhere(state.id, one.base.slot) == key
        and not same_value(Field.SLOT, one.base.slot, state.agreed.slot)
        for one in here
    )


def put_untold(tx: Transaction, snapshot: Complete) -> None:
    """Keep which records of a complete listing are untold."""
    untold = {key for key, row in snapshot.unread.items() if row.untold is not None}
    # An idle cycle writes nothing that stands there already.
    if untold != untold_of(tx, snapshot.vendor):
        tx.put_meta(f"{_UNTOLD}{snapshot.vendor}", to_json(sorted(untold)))


def untold_of(tx: Transaction, vendor: str) -> frozenset[str]:
    """The ids of the records of a vendor that were untold in its last complete listing."""
    return frozenset(parsed(tx.get_meta(f"{_UNTOLD}{vendor}") or "[]"))


def put_strangers(tx: Transaction, vendor: str, places: abc.Mapping[str, Appointment]) -> None:
    """Keep where the records of a vendor stand that are no appointment's, by their ids."""
    if places != strangers_of(tx, vendor):
        tx.put_meta(f"{_STRANGERS}{vendor}", to_json(places))


def strangers_of(tx: Transaction, vendor: str) -> dict[str, Appointment]:
    """Where they stood in its last complete listing."""
    kept = parsed(tx.get_meta(f"{_STRANGERS}{vendor}") or "{}")
    return typed(kept, dict[str, Appointment])


def forget_vendor(tx: Transaction, vendor: str) -> None:
    """Forget what was untold of a vendor's records and where they stood, and what people said of
    them.
    """
    unsay(tx, {key for key in said_of(tx) if key[0] == vendor})
    if untold_of(tx, vendor):
        tx.put_meta(f"{_UNTOLD}{vendor}", to_json([]))
    put_strangers(tx, vendor, {})


def unlinked(vendor: str, quarantines: abc.Iterable[QuarantineRow]) -> frozenset[str]:
    """The ids of the records of a vendor that are in quarantine and belong to no appointment."""
    mine = (row for row in quarantines if row.vendor == vendor and row.appointment_id is None)
    return frozenset(row.remote_id for row in mine if row.remote_id is not None)

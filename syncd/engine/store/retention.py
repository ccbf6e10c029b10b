"""What may be forgotten, in the state store: a few appointments at a time, after the cycle that
looked at the rest.

    2025-01-07 10:30  the appointment ends; `keep` is 400 days, and the window begins a day ago
    2026-02-11 10:32  nothing of it is open: it goes, with its mappings, journal and conflicts
A mapping, also one that is a tombstone, is why a record is not taken for a new one. It can go when
no listing's window reaches the record: all records of the appointment start before `keep`, which is
a week longer than the window. What could still bring one of them back stays, however old: work, an
open question, a write without an answer, a debt, a record that was made once too often, a record
that is shared with an appointment that stays; and what was moved so far back within `keep`, as a
slip of the year is mended by moving it forward again.
"""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from syncd.engine.store.debts import owed_by
from syncd.engine.store.quarantines import unsay
from syncd.engine.store.texts import shown_from
from syncd_state import FIRST, Bygone, Ended, MappingRow, Store, Transaction

_BATCH = 50
"""So many appointments, journal entries, conflicts and cycles go in one transaction."""


class Forgotten(NamedTuple):
    """What one step came to: how many appointments went, and whether there may be more."""

    appointments: int
    more: bool


@dataclass(slots=True)
class Retention:
    """Goes through what is over, step by step, oldest first; a pass may take several cycles."""

    _after: Ended = FIRST

    def step(self, store: Store, bygone: Bygone, kept: abc.Set[str]) -> Forgotten:
        """Forget a batch, in one transaction; none is begun where there is nothing to forget.

        `kept` are appointments that something was just seen of. Raises `syncd_state.StoreError`.
        """
        with store.read() as tx:
            found = tx.appointments_over(bygone, self._after, _BATCH)
            anything = tx.is_anything_before(bygone) or bool(_free(tx, bygone, found, kept))
        gone, aged = set[str](), 0
        if anything:
            with store.write() as tx:  # asked once more: an operator may have come between
                found = tx.appointments_over(bygone, self._after, _BATCH)
                gone = _free(tx, bygone, found, kept)
                _forget(tx, gone)
                aged = tx.forget_before(bygone, _BATCH)
        more = len(found) == _BATCH
        self._after = found[-1] if more else FIRST
        return Forgotten(appointments=len(gone), more=more or aged >= _BATCH)


def _forget(tx: Transaction, gone: abc.Set[str]) -> None:
    if gone:
        unsay(tx, {(row.vendor, row.remote_id) for row in tx.mappings_of(gone)})
        tx.forget_appointments(sorted(gone))


def _free(
    tx: Transaction,
    bygone: Bygone,
    found: abc.Sequence[Ended],
    kept: abc.Set[str],
) -> set[str]:
    """Those of which nothing is open, and nothing of any that they share a record with."""
    if not found:
        return set()
    # A booking may stand in a record whose own appointment is over, and the other way round: who
    # shares a record goes with the others, or not at all.
    chosen, ties = {one.id for one in found}, _ties(tx)
    group = _reached(chosen, ties)
    others = {row.id for row in tx.appointments(group - chosen)}
    over = chosen | tx.are_over(bygone, others)
    rows = tx.mappings_of(over)
    owed = set[tuple[str, str]]()
    for vendor in {row.vendor for row in rows}:
        owed |= {(vendor, key) for key in owed_by(tx, vendor)}
    # Of what a listing has just shown something may come yet.
    stay = (others - over) | (kept & group)
    stay |= {row.appointment_id for row in rows if _is_open(row, owed)}
    return over - _reached(stay, ties)


def _is_open(row: MappingRow, owed: abc.Set[tuple[str, str]]) -> bool:
    """Whether a record is owed something, or was made once too often and still stands."""
    shown = shown_from(row.base)
    return (row.vendor, row.remote_id) in owed or (shown.surplus and shown.values.status.live)


def _ties(tx: Transaction) -> abc.Mapping[str, abc.Set[str]]:
    """By appointment: those whose bookings stand in its records, and those in whose records its own
    do.
    """
    ties: dict[str, set[str]] = defaultdict(set)
    for row in tx.mappings_shared():
        for owner in shown_from(row.base).guests.values():
            if owner:  # of some nobody knows whose they are
                ties[row.appointment_id].add(owner)
                ties[owner].add(row.appointment_id)
    return ties


def _reached(ids: abc.Set[str], ties: abc.Mapping[str, abc.Set[str]]) -> set[str]:
    """These appointments, and all that share a record with them, directly or through others."""
    reached, left = set(ids), list(ids)
    while left:
        new = ties.get(left.pop(), set()) - reached
        reached |= new
        left += new
    return reached

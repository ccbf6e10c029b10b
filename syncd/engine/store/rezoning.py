"""The desk's word on a vendor whose zone changed: one answer for all of its appointments.

Where nobody moved anything, an appointment's time is that of the vendor from which the others have
theirs (`reconcile.whose_time`); what nothing tells of stays a question. As all that an operator
decides it is one transaction, and what the operator was shown is released for the guard with it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from syncd.engine.store.conflicts import own_value
from syncd.engine.store.entries import ConflictEntry, conflict_of
from syncd.engine.store.lookup import Lookup
from syncd.engine.store.texts import parsed
from syncd.model.appointment import Field
from syncd.model.plan import Action, Found
from syncd.reconcile import whose_time
from syncd_state import ConflictRow, JournalRow, JournalState, Transaction

SHOWN = "it follows from what was said of a changed zone"
"""Why what was shown with an answer waits in the guard, released."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A question that a changed zone brought, and for whom it is answered; None: nothing tells."""

    conflict: ConflictEntry
    winner: str | None


def timed(ledger: Lookup, tx: Transaction, vendor: str, *, moved: bool) -> list[Timed]:
    """The answers to all such questions of a vendor: its own time where all of it was `moved`, else
    that of the vendor from which the others have theirs.
    """
    rows = [row for row in tx.conflicts_open() if row.rule == Found.ZONE_DATA]
    of = [row for row in rows if vendor in parsed(row.values_json)]
    return [
        Timed(conflict_of(row), vendor if moved else _source(ledger, tx, row, vendor)) for row in of
    ]


def _source(ledger: Lookup, tx: Transaction, row: ConflictRow, vendor: str) -> str | None:
    values = parsed(row.values_json)
    starts = {name: own_value(Field(row.field), value)[1] for name, value in values.items()}
    [known] = ledger.known_in(tx, [row.appointment_id])
    journal = tx.journal_of(row.appointment_id)
    return whose_time(known, starts, vendor, Counter(one.vendor for one in journal if _made(one)))


def _made(row: JournalRow) -> bool:
    """Whether an entry of the journal is of a create that made its record, also where that was
    found only later.
    """
    found = row.state == JournalState.RESOLVED and row.missed is None
    return row.action == Action.CREATE and (found or row.state == JournalState.DONE)

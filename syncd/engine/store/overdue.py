"""Creates that got no answer and count as not done: for a day they may still be carried out, and
then be found.

    Fri 16:00 a create gets no answer, and two listings do not show what it made
    Fri 17:00 the daemon is stopped
    Sat 13:00 it is carried out after all
    Mon 09:00 the first listing since shows the record
So what counts is not when the day is over, but the first complete listing that began after it: that
one shows for the last time what the create may have made.
"""

from __future__ import annotations

from collections import abc, defaultdict
from datetime import datetime

import syncd_state
from syncd.engine.store.rows import Moment, create_from
from syncd.engine.store.texts import parsed, to_json
from syncd.engine.store.ticks import Ticks
from syncd.model.memory import UnsettledCreate
from syncd.model.record import Complete, Snapshot

LATE = 86400.0
"""For so many seconds a create that got no answer may still be carried out."""

_LISTED = "listed"
"""By vendor, when the last complete listing began that was decided on, in the store's own seconds.
"""


def overdue(tx: syncd_state.Transaction) -> list[syncd_state.JournalRow]:
    """The journal's entries of such creates."""
    listed = _listed(tx)
    rows = tx.journal_late(expected_since(tx))
    return [
        row
        for row in rows
        if row.sent is not None and row.sent > listed.get(row.vendor, 0.0) - LATE
    ]


def expected_since(tx: syncd_state.Transaction) -> float:
    """From when on creates may still be found, whose vendor was listed least of all; in the store's
    own seconds.
    """
    return min(_listed(tx).values(), default=0.0) - LATE


def overdue_by_appointment(
    tx: syncd_state.Transaction, moment: Moment
) -> dict[str, list[UnsettledCreate]]:
    """The same as creates, by appointment."""
    found: dict[str, list[UnsettledCreate]] = defaultdict(list)
    for row in overdue(tx):
        found[row.appointment_id].append(create_from(row, moment))
    return found


def note_listed(
    tx: syncd_state.Transaction, snapshots: abc.Iterable[Snapshot], ticks: Ticks, now: datetime
) -> None:
    """Remember which complete listings are decided on with this transaction. `now` is on the
    system's clock.
    """
    listed = _listed(tx)
    for snapshot in snapshots:
        ago = (
            (now - snapshot.started_at).total_seconds() if isinstance(snapshot, Complete) else None
        )
        listed[snapshot.vendor] = (
            listed.get(snapshot.vendor, 0.0) if ago is None else ticks.now() - max(ago, 0.0)
        )
    tx.put_meta(_LISTED, to_json(listed))


def _listed(tx: syncd_state.Transaction) -> dict[str, float]:
    return dict(parsed(tx.get_meta(_LISTED) or "{}"))

"""What is left alone, in the state store: kept while it is found again, forgotten once it was looked at and is not."""

from __future__ import annotations

from collections import abc

import state
from syncd.engine.rows import quarantine_row
from syncd.model.memory import Memory, Quarantine
from syncd.model.plan import Quarantined
from syncd.model.record import Complete, Snapshot


def put_quarantines(
    tx: state.Transaction,
    cycle: str,
    now: str,
    quarantined: abc.Iterable[Quarantined],
    snapshots: abc.Mapping[str, Snapshot],
    memory: Memory,
) -> None:
    """Store what is quarantined; forget what was looked at again and is not any more."""
    current = {(entry.vendor, entry.key): entry for entry in quarantined}
    for entry in current.values():
        if entry.new:
            kept = Quarantine(
                vendor=entry.vendor,
                key=entry.key,
                reason=entry.reason,
                appointment=entry.appointment,
                remote_id=entry.remote_id,
            )
            tx.put_quarantine(quarantine_row(cycle, now, kept))
    looked_at = {known.id for known in memory.known}
    for old in memory.quarantines:
        complete = isinstance(snapshots.get(old.vendor), Complete)
        again = old.appointment in looked_at if old.appointment is not None else complete
        if again and complete and (old.vendor, old.key) not in current:
            tx.drop_quarantine(old.vendor, old.key)

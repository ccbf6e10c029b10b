"""What is left alone, in the state store: kept while it is found again, forgotten once it was looked at and is not."""

from __future__ import annotations

from collections import abc

import state
from syncd.engine.rows import quarantine_row
from syncd.engine.wire import parsed, to_json
from syncd.model.memory import Memory, Quarantine
from syncd.model.plan import Quarantined
from syncd.model.record import Complete, Snapshot

_SAID = "said"
"""The single value that keeps what people said of records that may be ours."""


def said_of(tx: state.Transaction) -> dict[tuple[str, str], bool]:
    """What people said of records, by vendor and id: whether syncd made it."""
    kept = parsed(tx.get_meta(_SAID) or "[]")
    return {(vendor, remote_id): ours for vendor, remote_id, ours in kept}


def say(tx: state.Transaction, vendor: str, remote_id: str, *, ours: bool) -> None:
    """Keep what a person said of a record."""
    said = said_of(tx) | {(vendor, remote_id): ours}
    tx.put_meta(_SAID, to_json([[*key, value] for key, value in sorted(said.items())]))


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

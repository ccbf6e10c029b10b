"""What is known of the vendors' records, narrow: from shortly before the window on, and further
back where it is asked.

A cycle costs what its window holds, not what lies before it. A record whose appointment is long
over is still known by its id, and looked up when a listing shows it:

    2025-03-01  record 7 was of that day; its mapping is kept
    2026-02-01  people move it to next week: the listing shows 7, which is no recent record
    2026-02-01  it is looked up, and found: the appointment moves, and nothing is made twice
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

import syncd_state
from syncd.engine.store.whose import whose_of
from syncd.model.memory import Memory
from syncd.model.policy import Policy
from syncd_state import Transaction

IndexEntry = syncd_state.IndexEntry

_BEFORE = timedelta(days=1)
"""So much before the window an overview begins: times that may mean another one lie beside its
edge.
"""

_PIECES = 64
"""In so many pieces the past is asked for at most; in more, all from the first to the last is."""

Stretch = tuple[float, float]
"""A half-open stretch of time, in seconds since the epoch."""


@dataclass(slots=True)
class Index:
    """What is known of one vendor's records, narrow: to compare a listing with.

    `entries` are by remote id, those of an `Overview` and others that were looked up since. `live`
    counts the live records from the window's beginning on, of which the guard's percentages are.
    `read_before`: an earlier cycle saw all of it, with nothing left unread but what nobody can
    tell, the last one at `read_at`, which had `listed_before` records. `lingering` are the ids of
    records that were there before, although nothing could be made of them.
    """

    vendor: str
    entries: dict[str, IndexEntry]
    live: int
    read_before: bool
    read_at: datetime | None
    listed_before: int | None
    lingering: frozenset[str]


@dataclass(frozen=True, slots=True)
class Overview:
    """All that a cycle of a policy needs before it knows which appointments are concerned.

    The indexes hold the records that start at `since` (seconds since the epoch) or later; see
    `Ledger.find`, `reach`. `late` have a create that counts as not done and may still land. The
    `memory` is of no appointment yet.
    """

    policy: Policy
    indexes: dict[str, Index]
    since: float
    pending: tuple[str, ...]
    late: tuple[str, ...]
    memory: Memory
    approved_appointments: frozenset[str]


def beginning(since: datetime) -> float:
    """Where an overview for a window that begins then itself begins, in seconds since the epoch."""
    return (since - _BEFORE).timestamp()


class Reader:
    """Reads entries of indexes within one transaction.

    They are without fingerprints where an unchanged row proves nothing: its time was read
    `by_other_rules` of its vendor's zone, or a write to the record is unsettled. That may have been
    carried out and undone by a person, which a version tells. So are those of which a person said
    whose they are: they are looked at anew.
    """

    def __init__(self, tx: Transaction, by_other_rules: abc.Container[str]) -> None:
        self._tx = tx
        self._by_other_rules = by_other_rules
        self._open = {(row.vendor, row.remote_id) for row in tx.journal_unsettled()}
        self._open |= whose_of(tx).keys()

    def since(self, vendor: str, start: float) -> dict[str, IndexEntry]:
        """Those of records that start then or later."""
        return self._entries(vendor, self._tx.index(vendor, start))

    def between(self, vendor: str, stretches: abc.Iterable[Stretch]) -> dict[str, IndexEntry]:
        """Those of records that start in one of these stretches."""
        read = [self._tx.index_between(vendor, start, end) for start, end in stretches]
        return self._entries(vendor, chain.from_iterable(read))

    def of(self, vendor: str, ids: abc.Iterable[str]) -> dict[str, IndexEntry]:
        """Those of these records, whenever they start."""
        return self._entries(vendor, self._tx.index_of(vendor, ids))

    def _entries(self, vendor: str, rows: abc.Iterable[IndexEntry]) -> dict[str, IndexEntry]:
        found = {row.remote_id: row for row in rows}
        for key, row in found.items():
            if vendor in self._by_other_rules or (vendor, key) in self._open:
                found[key] = row._replace(fingerprint=None)
        return found


def live_from(entries: abc.Mapping[str, IndexEntry], since: datetime) -> int:
    """How many live records start then or later."""
    start = since.timestamp()
    coming = [one for one in entries.values() if one.start is not None and one.start >= start]
    return sum(entry.live for entry in coming)


def earlier(since: float, stretches: abc.Iterable[Stretch]) -> list[Stretch]:
    """What of these stretches lies before that moment, in order, without overlaps, and in few
    pieces.
    """
    pieces: list[Stretch] = []
    for start, end in sorted((start, min(end, since)) for start, end in stretches if start < since):
        # They are in order, so that only the last one can overlap with this.
        if pieces and start <= pieces[-1][1]:
            pieces[-1] = (pieces[-1][0], max(pieces[-1][1], end))
        else:
            pieces.append((start, end))
    return pieces if len(pieces) <= _PIECES else [(pieces[0][0], pieces[-1][1])]

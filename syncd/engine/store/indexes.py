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
from datetime import datetime, timedelta
from itertools import chain

import syncd_state
from syncd.engine.store.rows import Index, IndexEntry, looked_at_anew
from syncd.engine.store.whose import whose_of

_BEFORE = timedelta(days=1)
"""So much before the window an overview begins: times that may mean another one lie beside its
edge.
"""

_PIECES = 64
"""In so many pieces the past is asked for at most; in more, all from the first to the last is."""

Stretch = tuple[float, float]
"""A half-open stretch of time, in seconds since the epoch."""


def beginning(since: datetime) -> float:
    """Where an overview for a window that begins then itself begins, in seconds since the epoch."""
    return (since - _BEFORE).timestamp()


class Reader:
    """Reads entries of indexes within one transaction, those of `by_other_rules` without
    fingerprints; so are those of which a person said whose they are, which are looked at anew.
    """

    def __init__(self, tx: syncd_state.Transaction, by_other_rules: abc.Container[str]) -> None:
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
        anew = vendor in self._by_other_rules
        return {row.remote_id: looked_at_anew(vendor, row, self._open, anew) for row in rows}


def unknown(index: Index, ids: abc.Iterable[str]) -> list[str]:
    """Those of these ids that an index does not hold."""
    return [key for key in ids if key not in index.entries]


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
        if pieces and start <= pieces[-1][1]:
            pieces[-1] = (pieces[-1][0], max(pieces[-1][1], end))
        else:
            pieces.append((start, end))
    return pieces if len(pieces) <= _PIECES else [(pieces[0][0], pieces[-1][1])]

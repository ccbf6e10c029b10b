"""Rows that may show what was before syncd's own writes: a listing out of a cache, or a copy that
lags behind. No I/O.

    09:00 syncd moves the record from 15:00 to 16:00, and at 09:02 to 17:00; the base is 17:00
    09:04 a cache answers with the listing of 08:58: 15:00

Where a vendor shows a version or a modification time, that tells. Elsewhere a record that shows
another value in what syncd ever wrote is read by id before that counts as a person's change,
whichever value it is: how many writes a cache has missed cannot be told. So is, everywhere, a
record that is gone and is listed again.
"""

from __future__ import annotations

from syncd.compare.sameness import differs
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Mapping
from syncd.model.record import Absent, Record
from syncd.model.revision import Revisions


def may_lag(record: Record, mapping: Mapping, able: Capabilities) -> bool:
    """Whether a row may show what was before a write of ours to its record."""
    if mapping.tombstone is not None:
        return not able.ends(record.content.status)
    if able.revisions is Revisions.ORDERED or able.modification_times:
        return False
    ours = record.shows & mapping.written
    return any(differs(name, mapping.base, record.content) for name in ours)


def has_lagged(row: Record, found: Record | Absent, mapping: Mapping, able: Capabilities) -> bool:
    """Whether reading by id proves a row old: what that shows again is as we wrote it, or gone."""
    if isinstance(found, Absent) or mapping.tombstone is not None:
        return isinstance(found, Absent) or able.ends(found.content.status)
    told = row.shows & found.shows & mapping.written
    again = [name for name in told if differs(name, mapping.base, row.content)]
    return bool(again) and not any(differs(name, mapping.base, found.content) for name in again)

"""Rows that may be what is lacking at their vendor: no create may be made that one of them could
turn out to be. Pure.

Some are not read yet, and some cannot be read at all.
"""

from __future__ import annotations

from collections import abc
from datetime import datetime, timedelta

from syncd.compare.identity import row_key
from syncd.model.memory import Memory
from syncd.model.record import BadRow, Complete, Snapshots
from syncd.reconcile.link.candidates import Candidate, Matched, readings

PATIENCE = timedelta(hours=1)
"""So long a row that says nothing of itself may be any appointment that is lacking at its
vendor.
"""


def block_for_unread(matched: Matched, snapshots: Snapshots) -> None:
    """No create may be made that a row not read yet could turn out to be."""
    for snapshot in snapshots.values():
        if isinstance(snapshot, Complete) and snapshot.unread:
            _block(snapshot.vendor, matched.candidates, None, _unread(snapshot))


def _unread(snapshot: Complete) -> dict[int, str]:
    """By the minutes in which a row that is not read yet may start: why no create is made then."""
    why = dict[int, str]()
    for row in snapshot.unread.values():
        reason = "that is not read yet" if row.untold is None else f"of which {row.untold}"
        minutes = (slot.minute for slot in readings(row))
        why |= dict.fromkeys(minutes, f"{snapshot.vendor} has a row at this time {reason}")
    return why


def block_for_unreadable(
    matched: Matched, snapshots: Snapshots, memory: Memory, now: datetime
) -> None:
    """No create may be made that a row which cannot be read could turn out to be.

    Where not even its start can be told, that may be any; so for `PATIENCE` nothing is made at its
    vendor. Most such faults have passed by then, and of the others the operator was told.
    """
    mapped = memory.mapped
    for snapshot in snapshots.values():
        if not isinstance(snapshot, Complete) or not snapshot.bad_rows:
            continue
        lasting = _lasting(snapshot.vendor, memory, now)
        anywhere: str | None = None
        starting: dict[int, str] = {}
        for row in snapshot.bad_rows:
            if (row.vendor, row.remote_id) in mapped:
                continue
            for minute in row.starts:
                starting.setdefault(minute, _said(row))
            if not row.starts and row_key(row) not in lasting:
                anywhere = anywhere or _said(row)
        _block(snapshot.vendor, matched.candidates, anywhere, starting)


def _lasting(vendor: str, memory: Memory, now: datetime) -> set[str]:
    """The keys of what has been left alone at a vendor for longer than `PATIENCE`."""
    mine = (entry for entry in memory.quarantines if entry.vendor == vendor)
    return {one.key for one in mine if one.since is not None and now - one.since >= PATIENCE}


def _said(row: BadRow) -> str:
    said = f"{row.remote_id}: {row.reason}"
    return f"a row of {row.vendor} that could be it cannot be read ({said})"


def _block(
    vendor: str,
    candidates: abc.Iterable[Candidate],
    anywhere: str | None,
    starting: abc.Mapping[int, str],
) -> None:
    """Make nothing at a vendor that one of its rows could be: one that may start at any time, or
    those that start in a minute. Each with the reason.
    """
    for candidate in candidates:
        minutes = (minute for minute in sorted(candidate.minutes) if minute in starting)
        first = next(minutes, None)
        said = anywhere if first is None else starting[first]
        if said is not None and vendor not in candidate.vendors:
            candidate.blocked.setdefault(vendor, said)

"""Zones in the state store: by which clocks the vendors' records were read, and which vendors'
times wait for a person, as their zone changed.
"""

from __future__ import annotations

from collections import abc

from syncd.engine.store.texts import parsed, to_json
from syncd.model.edition import EDITION
from syncd.model.plan import Found
from syncd_state import Transaction

_EDITION = "zones"
"""The single value that names the edition of the zone database by which times on a wall were read.
"""

_CLOCKS = "clocks"
"""The single value that names the zone by which each such vendor's were."""

_SHIFTED = "shifted"
"""The single value that names the vendors whose zone changed."""


def read_otherwise(tx: Transaction, clocks: abc.Mapping[str, str]) -> frozenset[str]:
    """The vendors whose times were read by another edition of the zone database, or by another zone
    than that of these `clocks`: their rows are read again.
    """
    if tx.get_meta(_EDITION) != EDITION:
        return frozenset(clocks)
    before = parsed(tx.get_meta(_CLOCKS) or "{}")
    return frozenset(vendor for vendor, zone in clocks.items() if before.get(vendor) != zone)


def put_clocks(tx: Transaction, clocks: abc.Mapping[str, str]) -> None:
    """From now on they are read by these."""
    tx.put_meta(_EDITION, EDITION)
    before = parsed(tx.get_meta(_CLOCKS) or "{}")
    if {**before, **clocks} != before:
        tx.put_meta(_CLOCKS, to_json({**before, **clocks}))


def shifted_in(tx: Transaction) -> frozenset[str]:
    """The vendors whose zone changed, for as long as a question about that is open."""
    kept = parsed(tx.get_meta(_SHIFTED) or "[]")
    if not kept:
        return frozenset()
    asked = any(row.rule == Found.ZONE_DATA for row in tx.conflicts_open())
    return frozenset(kept) if asked else frozenset()


def put_shifted(tx: Transaction, found: abc.Set[str]) -> None:
    """Keep which they are, after the questions were stored: without one, nobody is asked."""
    before = parsed(tx.get_meta(_SHIFTED) or "[]")
    if not (before or found):
        return
    tx.put_meta(_SHIFTED, to_json(sorted({*before, *found})))
    now = sorted(shifted_in(tx))
    tx.put_meta(_SHIFTED, to_json(now))

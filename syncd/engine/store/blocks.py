"""Which blocked time syncd made at each vendor, as ids in the state store."""

from __future__ import annotations

from collections import abc

from syncd.engine.store.texts import parsed, to_json
from syncd_state import Transaction

_BLOCKS = "blocks:"
"""Starts the name of the single value that keeps a vendor's."""


def blocks_of(tx: Transaction, vendor: str) -> frozenset[str]:
    """The ids of the blocks that were made at a vendor, and have not ended."""
    return frozenset(parsed(tx.get_meta(f"{_BLOCKS}{vendor}") or "[]"))


def keep_blocks(tx: Transaction, made: abc.Mapping[str, abc.Iterable[str]]) -> None:
    """From now on they are these."""
    for vendor, ids in made.items():
        tx.put_meta(f"{_BLOCKS}{vendor}", to_json(sorted(ids)))

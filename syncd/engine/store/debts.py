"""What records are owed, in the state store: by vendor, each record with the text that its vendor
made of it.
"""

from __future__ import annotations

from collections import abc

import syncd_state
from syncd.engine.store.texts import parsed, to_json
from syncd.model.plan import NextState

_OWED = "owed:"
"""Starts the name of the single value that keeps what is owed to a vendor's records."""


def put_owed(tx: syncd_state.Transaction, vendor: str, remote_id: str, owed: str) -> None:
    """Keep what a write is about to take from a record."""
    _put(tx, vendor, {**owed_by(tx, vendor), remote_id: owed})


def owed_by(tx: syncd_state.Transaction, vendor: str) -> dict[str, str]:
    """What a vendor's records are owed, by their ids."""
    kept = tx.get_meta(f"{_OWED}{vendor}")
    return {} if kept is None else dict(parsed(kept))


def drop_owed(tx: syncd_state.Transaction, vendor: str, remote_id: str) -> None:
    """Forget what a record was owed, unless a write to it is open: that may still land, and take it
    again.
    """
    open_ones = {(row.vendor, row.remote_id) for row in tx.journal_unsettled()}
    if (vendor, remote_id) not in open_ones:
        forget_owed(tx, vendor, remote_id)


def forget_owed(tx: syncd_state.Transaction, vendor: str, remote_id: str) -> None:
    """Forget what a record was owed whatever may still land: it is gone, or another appointment's
    now.
    """
    owed = owed_by(tx, vendor)
    if owed.pop(remote_id, None) is not None:
        _put(tx, vendor, owed)


def forget_all_owed(tx: syncd_state.Transaction, vendor: str) -> None:
    """Forget what a vendor's records were owed: they are out of reach."""
    if owed_by(tx, vendor):
        _put(tx, vendor, {})


def forget_of_taken(tx: syncd_state.Transaction, next_states: abc.Iterable[NextState]) -> None:
    """Forget what records were owed that another appointment takes over by these; called before
    they are stored.
    """
    owed: dict[str, dict[str, str]] = {}
    for next_state in next_states:
        for mapping in next_state.mappings:
            vendor, remote_id = mapping.vendor, mapping.remote_id
            if vendor not in owed:
                owed[vendor] = owed_by(tx, vendor)
            before = tx.mapping(vendor, remote_id) if remote_id in owed[vendor] else None
            if before is not None and before.appointment_id != next_state.id:
                forget_owed(tx, vendor, remote_id)


def _put(tx: syncd_state.Transaction, vendor: str, owed: abc.Mapping[str, str]) -> None:
    tx.put_meta(f"{_OWED}{vendor}", to_json(owed))

"""What records are owed, in the state store: by vendor, each record with the text that its vendor
made of it.
"""

from __future__ import annotations

from collections import abc
from datetime import datetime

from syncd.engine.store.texts import parsed, to_json
from syncd.model.plan import NextState
from syncd_state import Transaction

_OWED = "owed:"
"""Starts the name of the single value that keeps what is owed to a vendor's records."""


def put_owed(tx: Transaction, vendor: str, remote_id: str, owed: str) -> None:
    """Keep what a write is about to take from a record."""
    _put(tx, vendor, {**owed_by(tx, vendor), remote_id: owed})


def owed_by(tx: Transaction, vendor: str) -> dict[str, str]:
    """What a vendor's records are owed, by their ids."""
    return dict(parsed(tx.get_meta(f"{_OWED}{vendor}") or "{}"))


def drop_owed(tx: Transaction, vendor: str, remote_id: str) -> None:
    """A record has again what it was owed: that is forgotten unless a write to it is open, which
    may still land, and take it again.

    09:00 a write that switches reminders off gets no answer
    09:01 they are on: it has not landed
    09:02 it lands; what is owed has been kept, and the next cycle switches them on
    """
    open_ones = {(row.vendor, row.remote_id) for row in tx.journal_unsettled()}
    if (vendor, remote_id) not in open_ones:
        forget_owed(tx, vendor, remote_id)


def forget_owed(tx: Transaction, vendor: str, remote_id: str) -> None:
    """Forget what a record was owed whatever may still land: it is gone, or another appointment's
    now.
    """
    owed = owed_by(tx, vendor)
    if owed.pop(remote_id, None) is not None:
        _put(tx, vendor, owed)


def forget_all_owed(tx: Transaction, vendor: str) -> None:
    """Forget what a vendor's records were owed: they are out of reach."""
    if owed_by(tx, vendor):
        _put(tx, vendor, {})


def counts_on(tx: Transaction, vendor: str, remote_id: str, now: datetime) -> bool:
    """Whether a record stands for an appointment that is to come, as far as is known."""
    row = tx.mapping(vendor, remote_id)
    return row is not None and row.live and (row.start or 0.0) > now.timestamp()


def forget_of_taken(tx: Transaction, next_states: abc.Iterable[NextState]) -> None:
    """Forget what records were owed that another appointment takes over by these; called before
    they are stored.
    """
    owed: dict[str, dict[str, str]] = {}
    for next_state in next_states:
        for mapping in next_state.mappings:
            vendor, remote_id = mapping.vendor, mapping.remote_id
            if vendor not in owed:
                owed[vendor] = owed_by(tx, vendor)
            # The store is asked only about records that are owed something: a handful, if any.
            before = tx.mapping(vendor, remote_id) if remote_id in owed[vendor] else None
            if before is not None and before.appointment_id != next_state.id:
                forget_owed(tx, vendor, remote_id)


def _put(tx: Transaction, vendor: str, owed: abc.Mapping[str, str]) -> None:
    tx.put_meta(f"{_OWED}{vendor}", to_json(owed))

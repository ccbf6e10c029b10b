"""What people said of whose a record is, in the state store: kept until a cycle has done it."""

from __future__ import annotations

from collections import abc

import syncd_state
from syncd.engine.store.texts import parsed, to_json
from syncd.model.memory import Assigned

_WHOSE = "whose"
"""The single value that keeps it."""

Said = abc.Mapping[tuple[str, str], Assigned]
"""By vendor and id of a record."""


def whose_of(tx: syncd_state.Transaction) -> dict[tuple[str, str], Assigned]:
    """What was said and is not done yet, by vendor and id of the record."""
    kept = parsed(tx.get_meta(_WHOSE) or "[]")
    return {
        (vendor, remote_id): Assigned(appointment=appointment, former=former, founds=founds)
        for vendor, remote_id, appointment, former, founds in kept
    }


def say_whose(tx: syncd_state.Transaction, said: Said) -> None:
    """Keep what a person said of some records, in the place of what was said of these before."""
    _put(tx, whose_of(tx) | dict(said))


def close_done(tx: syncd_state.Transaction) -> None:
    """Forget what was said of records that are where they are to be, and appointments that have no
    record left for it; their history is that of the ones they are part of now.
    """
    said = whose_of(tx)
    done = {key: one for key, one in said.items() if _owner(tx, key) == one.appointment}
    if not done:
        return
    _put(tx, {key: one for key, one in said.items() if key not in done})
    for one in done.values():
        if one.former is not None and not one.founds and not tx.mappings_of([one.former]):
            tx.hand_over_journal(one.former, one.appointment)
            tx.forget_appointments([one.former])


def _owner(tx: syncd_state.Transaction, key: tuple[str, str]) -> str | None:
    row = tx.mapping(*key)
    return None if row is None else row.appointment_id


def _put(tx: syncd_state.Transaction, said: Said) -> None:
    rows = [[*key, one.appointment, one.former, one.founds] for key, one in sorted(said.items())]
    tx.put_meta(_WHOSE, to_json(rows))

"""What is put a second time replaces what was there, column by column."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest

from syncd_state import Store, Transaction
from tests.state.world import appointment, conflict, held, mapping, observation, refusal


@dataclass(frozen=True)
class Kind:
    """A table that is written by key: a row with no column empty, and the columns that stay as they were first put."""

    row: Any
    stays: tuple[str, ...]
    put: Callable[[Transaction, Any], object]
    found: Callable[[Transaction], object]


KINDS = {
    "appointment": Kind(
        appointment(),
        ("id", "created_at"),
        lambda tx, row: tx.upsert_appointments([row]),
        lambda tx: tx.appointments(["a1"]),
    ),
    "mapping": Kind(
        mapping(tombstone_reason="deleted at crm", written="[]", id=1),
        ("vendor", "remote_id", "id"),
        lambda tx, row: tx.upsert_mappings([row]),
        lambda tx: [tx.mapping("crm", "7")],
    ),
    "quarantine": Kind(
        refusal(appointment_id="a1", id=1),
        ("vendor", "key", "since", "id"),
        lambda tx, row: tx.put_quarantine(row),
        lambda tx: tx.quarantines(),
    ),
    "conflict": Kind(
        conflict(winner="crm", id=1),
        ("key", "resolved_at", "resolution", "id"),
        lambda tx, row: tx.put_conflicts([row]),
        lambda tx: [tx.conflict(1)],
    ),
    "observation": Kind(
        observation(clock_offset=0.5),
        ("vendor",),
        lambda tx, row: tx.put_observation(row),
        lambda tx: list(tx.observations().values()),
    ),
    "held": Kind(
        held(),
        ("operation_id", "approved_at", "approved_by"),
        lambda tx, row: tx.replace_held(row.cycle_id, [row]),
        lambda tx: tx.held(),
    ),
}


def another(value: object) -> object:
    """A value of the same type that is not this one."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return f"{value}, another"
        case bytes():
            return value + b"another"
        case _:
            raise AssertionError(f"{value!r}: give the row a value in every column that may change")


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_row_that_is_put_again_replaces_every_column(store: Store, kind: Kind) -> None:
    """But for those that say since when it is there, and what became of it: those stay."""
    changed = {one.name: another(getattr(kind.row, one.name)) for one in fields(kind.row) if one.name not in kind.stays}
    with store.write() as tx:
        tx.upsert_appointments([appointment("a1"), appointment(str(another("a1")))])
        kind.put(tx, kind.row)
        assert kind.found(tx) == [kind.row]
        kind.put(tx, replace(kind.row, **changed))
        assert kind.found(tx) == [replace(kind.row, **changed)]

"""Conflicts in the state store: recorded with all values, open until a person decides or people end
them themselves.
"""

from __future__ import annotations

from collections import abc, defaultdict
from typing import Any, NamedTuple

from syncd.compare.identity import digest
from syncd.engine.store.texts import parsed, to_json, value_from
from syncd.model.appointment import Field, Status
from syncd.model.plan import Conflict, Found, Plan
from syncd_state import ConflictRow, Transaction

FOUND = frozenset(Found)
"""The rules that are stored where nobody edited a record: each keeps its own until a person
decides.
"""

_OTHER_VALUES = "the values changed"

_TO_DECIDE = frozenset({Field.SLOT, Field.STATUS})


def put_conflicts(tx: Transaction, cycle: str, now: str, plan: Plan) -> None:
    """Store the conflicts; close those that wait for a person and are none any more, or are one of
    other values now.
    """
    rows = rows_of(cycle, now, plan)
    keys = {row.key for row in rows}
    fields = {(row.appointment_id, row.field) for row in rows}
    undecided = {next_state.id: next_state.undecided for next_state in plan.next_states}
    for old in tx.conflicts_open():
        if old.key in keys or old.rule in FOUND:
            continue
        if (old.appointment_id, old.field) in fields:
            _close(tx, old, _OTHER_VALUES, now)
        # Of an appointment that was not looked at, nobody knows whether anything was decided.
        elif Field(old.field) not in undecided.get(old.appointment_id, {Field(old.field)}):
            _close(tx, old, "there is nothing left to decide", now)
    tx.put_conflicts(rows)
    put_unlike(tx, cycle, now, plan)


def put_unlike(tx: Transaction, cycle: str, now: str, plan: Plan) -> None:
    """Store what records have otherwise than each other without anybody's edit; close what they
    have not any more.
    """
    rows = [conflict_row(cycle, one, now) for one in (*plan.conflicts, *plan.unlike) if one.found]
    keys, looked_at = {row.key for row in rows}, {next_state.id for next_state in plan.next_states}
    for old in _found(tx):
        if old.appointment_id in looked_at and old.key not in keys:
            _close(tx, old, _OTHER_VALUES, now)
    tx.put_conflicts(rows)


def close_past(tx: Transaction, since: float, now: str) -> None:
    """Close what was found and never decided, of appointments that ended before this: nobody needs
    to know any more.
    """
    ends = {row.id: row.end for row in tx.appointments(one.appointment_id for one in _found(tx))}
    for row in _found(tx):
        if ends.get(row.appointment_id, since) < since:
            _close(tx, row, "its time has passed", now)


def _found(tx: Transaction) -> list[ConflictRow]:
    return [row for row in tx.conflicts_open() if row.rule in FOUND]


def _close(tx: Transaction, row: ConflictRow, why: str, now: str) -> None:
    assert row.id is not None
    tx.resolve_conflict(row.id, resolution=f"overtaken: {why}", resolved_at=now)


def rows_of(cycle: str, now: str, plan: Plan) -> list[ConflictRow]:
    """The conflicts of changes as rows."""
    return [conflict_row(cycle, conflict, now) for conflict in plan.conflicts if not conflict.found]


class Questions(NamedTuple):
    """How many conflicts are open, and how many texts are left that differed when their records
    were linked.
    """

    asked: int = 0
    left: int = 0


def questions_of(tx: Transaction) -> Questions:
    """What the store holds of them."""
    rows = tx.conflicts_open()
    left = sum(is_left(row) for row in rows)
    return Questions(asked=len(rows) - left, left=left)


def undecided_of(
    tx: Transaction,
) -> abc.Mapping[str, abc.Mapping[Field, frozenset[str]]]:
    """By appointment: the fields of its open conflicts, each with the vendors that differ."""
    found: dict[str, dict[Field, frozenset[str]]] = defaultdict(lambda: defaultdict(frozenset))
    for row in tx.conflicts_open():
        if row.rule in FOUND:
            continue
        values, field = parsed(row.values_json), Field(row.field)
        for name in {field, *(own_value(field, value)[0] for value in values.values())}:
            found[row.appointment_id][name] |= values.keys()
    return found


def conflict_row(cycle: str, conflict: Conflict, now: str) -> ConflictRow:
    """A conflict as its row; one that is decided is kept once a cycle, one that is open once."""
    field, told = conflict.field, conflict.values.items()
    values = to_json({vendor: _told(field, value) for vendor, value in told})
    rule = conflict.found or conflict.rule
    # A decided one is news in each cycle that decides it; one that waits is one question.
    once = cycle if conflict.winner else ""
    return ConflictRow(
        cycle_id=cycle,
        appointment_id=conflict.appointment,
        field=field.value,
        values_json=values,
        winner=conflict.winner,
        rule=rule,
        key=digest([conflict.appointment, field.value, values, rule, once]),
        open=conflict.winner is None,
        seen_at=now,
    )


def is_left(row: ConflictRow) -> bool:
    """Whether a conflict is of texts that differed at linking: nobody has to decide about it."""
    return row.rule in FOUND and Field(row.field) not in _TO_DECIDE


def _told(field: Field, value: Any) -> Any:
    """A value of a conflict; a status against another field's change is marked, as a text may be
    the same word.
    """
    if isinstance(value, Status) and field is not Field.STATUS:
        return {Field.STATUS.value: value.value}
    return value


def own_value(field: Field, value: Any) -> tuple[Field, Any]:
    """A stored value of a conflict, typed; a cancellation against another field's change is a
    status.
    """
    if isinstance(value, dict) and Field.STATUS.value in value:
        return Field.STATUS, Status(value[Field.STATUS.value])
    return field, value_from(field, value)

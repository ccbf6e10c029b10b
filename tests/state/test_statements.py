"""The words of statements: those of SQLAlchemy about the tables, with few shapes for lists of any length."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    Boolean,
    ClauseElement,
    ColumnElement,
    Integer,
    ScalarSelect,
    bindparam,
    delete,
    func,
    insert,
    null,
    select,
    text,
    update,
)
from sqlalchemy import Table as Declared
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert as insert_or

from syncd_state import cycles, journal, tables
from syncd_state.columns import APPOINTMENT, META, TABLES, Table
from syncd_state.rows import CycleRow, JournalRow
from syncd_state.statements import Shape, deleting, inserting, parameters_of, selecting, updating, upserting

_DIALECT = sqlite.dialect(paramstyle="named")
_CYCLE, _JOURNAL, _META = tables.Cycle.__table__, tables.Journal.__table__, tables.Meta.__table__


def rendered(statement: ClauseElement, columns: Iterable[str] | None = None) -> str:
    """SQLAlchemy's words for it; `columns` are the parameters of an insert or update, by default all columns."""
    keys = None if columns is None else list(columns)
    return str(statement.compile(dialect=_DIALECT, column_keys=keys, compile_kwargs={"render_postcompile": True}))


def conditions(declared: Declared, shape: Shape) -> list[ColumnElement[bool]]:
    """A shape of condition, as SQLAlchemy has it."""
    return [
        declared.c[column] == bindparam(f"{column}_is")
        if count is None
        else declared.c[column].in_([bindparam(f"{column}_is_{number}") for number in range(count)])
        for column, count in shape
    ]


def whole(declared: Declared, columns: Iterable[str]) -> tuple[str, ...]:
    """These columns, and those of a key that the database does not give by itself: no row is made without."""
    key = [column.name for column in declared.primary_key if not isinstance(column.type, Integer)]
    return tuple(dict.fromkeys([*columns, *key]))


TABLE = st.sampled_from(sorted(TABLES)).map(TABLES.__getitem__)


@st.composite
def asked(draw: st.DrawFn) -> tuple[Table, Declared, list[str], Shape, list[str]]:
    """A table, as it is known here and as it is declared; columns in any order, a condition, and other columns."""
    table = draw(TABLE)
    columns = st.lists(st.sampled_from(table.columns), min_size=1, unique=True)
    shape = draw(
        st.lists(
            st.tuples(st.sampled_from(table.columns), st.sampled_from([None, 1, 2, 4, 512])),
            max_size=3,
            unique_by=lambda one: one[0],
        )
    )
    return table, tables.metadata.tables[table.name], draw(columns), tuple(shape), draw(columns)


@pytest.mark.parametrize("declared", tables.metadata.sorted_tables, ids=lambda table: table.name)
def test_a_table_is_known_as_it_is_declared(declared: Declared) -> None:
    """Its columns in their order, and which of them hold truth values."""
    known = TABLES[declared.name]
    assert known.columns == tuple(declared.c.keys())
    assert known.flags == {column.name for column in declared.c if isinstance(column.type, Boolean)}


def test_every_table_is_known() -> None:
    """And no other."""
    assert set(TABLES) == set(tables.metadata.tables)


@given(asked())
def test_rows_are_chosen_in_sqlalchemys_words(
    question: tuple[Table, Declared, list[str], Shape, list[str]],
) -> None:
    """Whatever columns of whatever table, by whatever condition, in whatever order."""
    table, declared, columns, shape, order = question
    chosen = select(*(declared.c[column] for column in columns)).where(*conditions(declared, shape))
    assert selecting(table, tuple(columns), shape, ()) == rendered(chosen)
    in_order = chosen.order_by(*(declared.c[column] for column in order))
    assert selecting(table, tuple(columns), shape, tuple(order)) == rendered(in_order)


@given(asked())
def test_rows_are_written_in_sqlalchemys_words(
    question: tuple[Table, Declared, list[str], Shape, list[str]],
) -> None:
    """Inserted, updated and deleted."""
    table, declared, columns, shape, _ = question
    row, where = whole(declared, columns), conditions(declared, shape)
    assert inserting(table, row) == rendered(insert(declared), row)
    assert updating(table, tuple(columns), shape) == rendered(update(declared).where(*where), columns)
    assert deleting(table, shape) == rendered(delete(declared).where(*where))


@given(asked())
def test_rows_are_replaced_in_sqlalchemys_words(
    question: tuple[Table, Declared, list[str], Shape, list[str]],
) -> None:
    """By a key, but for some columns."""
    table, declared, columns, _, others = question
    row, key, keep = whole(declared, columns), tuple(others[:2]), tuple(others[2:])
    statement = insert_or(declared)
    replaced = {name: statement.excluded[name] for name in row if name not in key and name not in keep}
    if replaced:
        expected = rendered(statement.on_conflict_do_update(index_elements=list(key), set_=replaced), row)
        assert upserting(table, row, key, keep) == expected


def _number(declared: Declared, *where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(declared).where(*where).scalar_subquery()


def _counts() -> ClauseElement:
    appointment, mapping, held = (kind.__table__.c for kind in (tables.Appointment, tables.Mapping, tables.Held))
    conflict = tables.Conflict.__table__
    unsettled: list[Any] = [bindparam("state_is_0"), bindparam("state_is_1")]
    return select(
        _number(tables.Appointment.__table__),
        _number(tables.Appointment.__table__, appointment.ended),
        _number(tables.Appointment.__table__, appointment.pending),
        _number(tables.Mapping.__table__),
        _number(tables.Mapping.__table__, mapping.live),
        _number(tables.Mapping.__table__, mapping.tombstone),
        _number(tables.Quarantine.__table__),
        _number(conflict, conflict.c.open),
        _number(tables.Held.__table__),
        _number(tables.Held.__table__, held.approved_at.is_not(None)),
        _number(_JOURNAL, _JOURNAL.c.state.in_(unsettled)),
    )


def _late() -> ClauseElement:
    entry = _JOURNAL.c
    chosen = select(*(entry[field.name] for field in fields(JournalRow)))
    late = (entry.missed.is_not(None), entry.state == bindparam("state"), entry.sent > bindparam("since"))
    return chosen.where(*late).order_by(entry.id)


def _last() -> ClauseElement:
    newest_first = (_CYCLE.c.started_at.desc(), _CYCLE.c.id.desc())
    newest = select(_CYCLE.c.id).order_by(*newest_first).limit(bindparam("number")).offset(bindparam("first"))
    chosen = select(*(_CYCLE.c[field.name] for field in fields(CycleRow)))
    return chosen.where(_CYCLE.c.id.in_(newest)).order_by(*newest_first)


def _drop_idle() -> ClauseElement:
    [index] = [index for index in _CYCLE.indexes if index.name == "ix_cycle_idle"]
    idle = text(str(index.dialect_options["sqlite"]["where"]))
    return update(_CYCLE).where(idle).where(_CYCLE.c.id != bindparam("but")).values(report=null())


@pytest.mark.parametrize(
    ("said", "declared"),
    [
        (journal.LATE, _late()),
        (cycles.LAST, _last()),
        (cycles.DROP_IDLE, _drop_idle()),
        (cycles.VALUE, select(_META.c.value).where(_META.c.key == bindparam("wanted"))),
        (cycles.COUNTS, _counts()),
    ],
    ids=["late", "last", "drop idle", "value", "counts"],
)
def test_what_is_asked_otherwise_is_asked_in_sqlalchemys_words(said: str, declared: ClauseElement) -> None:
    """What no common shape has."""
    assert said == rendered(declared)


@pytest.mark.parametrize(("length", "places"), [(1, 1), (2, 2), (3, 4), (5, 8), (500, 512)])
def test_lists_of_like_length_share_a_shape(length: int, places: int) -> None:
    """The places that are left over repeat the last value."""
    values = [f"r{number}" for number in range(length)]
    shape, parameters = parameters_of({"id": values})
    assert shape == (("id", places),)
    assert list(parameters.values()) == values + values[-1:] * (places - length)


def test_a_parameter_that_was_not_given_is_no_null() -> None:
    """The driver refuses the statement."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE meta (key, value)")
        with pytest.raises(sqlite3.ProgrammingError, match="key_is"):
            connection.execute(selecting(META, ("value",), (("key", None),), ()), {})


@pytest.mark.parametrize(
    "ask",
    [
        lambda: selecting(APPOINTMENT, ("id", "colour"), (), ()),
        lambda: selecting(APPOINTMENT, ("id",), (("colour", None),), ()),
        lambda: selecting(APPOINTMENT, ("id",), (), ("colour",)),
        lambda: inserting(APPOINTMENT, ("id", "colour")),
        lambda: updating(APPOINTMENT, ("colour",), ()),
        lambda: updating(APPOINTMENT, ("start",), (("colour", 2),)),
        lambda: deleting(APPOINTMENT, (("colour", None),)),
        lambda: upserting(APPOINTMENT, ("id", "colour"), ("id",), ()),
    ],
)
def test_a_column_that_a_table_does_not_have_is_a_bug(ask: Any) -> None:
    """SQLite would call it one that the file lacks, and so the file damaged."""
    with pytest.raises((KeyError, ValueError)):
        ask()

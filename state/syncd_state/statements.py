"""SQL about the tables: SQLAlchemy builds and compiles each shape of statement once, and the driver carries it out.

Decides the words of the statements and keeps them. To have SQLAlchemy build, look up and carry out a statement takes
thirty times as long as SQLite takes, at every call. Leaves to `access` what is handed over and what comes back.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ClauseElement, ColumnElement, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.sql.compiler import SQLCompiler

_DIALECT = sqlite.dialect(paramstyle="named")

Shape = tuple[tuple[str, int | None], ...]
"""Columns that must equal a value (None), or be among so many."""


class Statement(NamedTuple):
    """SQL with named parameters, and the values of those that are the same at every call."""

    sql: str
    constants: Mapping[str, Any]


def compiled(statement: ClauseElement, columns: Iterable[str] | None = None) -> Statement:
    """The statement in SQLite's words; `columns` are the parameters of an insert or update, by default all columns."""
    made = statement.compile(
        dialect=_DIALECT,
        column_keys=None if columns is None else list(columns),
        compile_kwargs={"render_postcompile": True},
    )
    assert isinstance(made, SQLCompiler)
    given = {name for parameter, name in made.bind_names.items() if parameter.required}
    return Statement(str(made), {name: value for name, value in made.params.items() if name not in given})


def parameters_of(where: Mapping[str, Any]) -> tuple[Shape, dict[str, Any]]:
    """What shape of condition this is, and its parameters: columns with a value, or with a list of values.

    A list is filled up with its last value to the next power of two, so that there are few shapes.
    """
    shape: list[tuple[str, int | None]] = []
    parameters: dict[str, Any] = {}
    for column, value in where.items():
        if isinstance(value, list):
            count = 1 << (len(value) - 1).bit_length()
            filled = value + value[-1:] * (count - len(value))
            parameters.update((f"{column}_is_{number}", one) for number, one in enumerate(filled))
            shape.append((column, count))
        else:
            parameters[f"{column}_is"] = value
            shape.append((column, None))
    return tuple(shape), parameters


def _conditions(table: Table, shape: Shape) -> list[ColumnElement[bool]]:
    return [
        table.c[column] == bindparam(f"{column}_is")
        if count is None
        else table.c[column].in_([bindparam(f"{column}_is_{number}") for number in range(count)])
        for column, count in shape
    ]


@cache
def selecting(table: Table, columns: Sequence[str], shape: Shape, order: Sequence[str]) -> Statement:
    """These columns of the rows that meet the condition."""
    chosen = select(*(table.c[column] for column in columns)).where(*_conditions(table, shape))
    return compiled(chosen.order_by(*(table.c[column] for column in order)))


@cache
def inserting(table: Table, columns: Sequence[str]) -> Statement:
    """One row, of these columns."""
    return compiled(insert(table), columns)


@cache
def updating(table: Table, columns: Sequence[str], shape: Shape) -> Statement:
    """These columns of the rows that meet the condition."""
    return compiled(update(table).where(*_conditions(table, shape)), columns)


@cache
def deleting(table: Table, shape: Shape) -> Statement:
    """The rows that meet the condition."""
    return compiled(delete(table).where(*_conditions(table, shape)))


@cache
def upserting(table: Table, columns: Sequence[str], key: Sequence[str], keep: Sequence[str]) -> Statement:
    """One row, of these columns. See `Access._upsert`."""
    statement = insert_or(table)
    replaced = {name: statement.excluded[name] for name in columns if name not in key and name not in keep}
    return compiled(statement.on_conflict_do_update(index_elements=list(key), set_=replaced), columns)

"""SQL about the tables: the words of each shape of statement, made once, which the driver carries out.

They are SQLAlchemy's words for the same about `tables`, to the letter, which the tests hold for every table, column and
condition. To have SQLAlchemy itself say them takes longer than a cycle in which nothing happened, and to have it carry
a statement out thirty times as long as SQLite takes. Leaves to `access` what is handed over and what comes back.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from syncd_state.columns import Table

Shape = tuple[tuple[str, int | None], ...]
"""Columns that must equal a value (None), or be among so many."""

_WORDS_OF_SQL = frozenset({"conflict", "end", "key"})
"""Names that must be quoted."""


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


@cache
def selecting(table: Table, columns: Sequence[str], shape: Shape, order: Sequence[str] = ()) -> str:
    """These columns of the rows that meet the condition."""
    chosen = _listed(_of(table, column) for column in columns)
    where = f" \nWHERE {_conditions(table, shape)}" if shape else ""
    by = f" ORDER BY {_listed(_of(table, column) for column in order)}" if order else ""
    return f"SELECT {chosen} \nFROM {_quoted(table.name)}{where}{by}"


@cache
def inserting(table: Table, columns: Sequence[str]) -> str:
    """One row, of these columns."""
    given = _in_order(table, columns)
    values = _listed(f":{column}" for column in given)
    return f"INSERT INTO {_quoted(table.name)} ({_listed(map(_quoted, given))}) VALUES ({values})"  # noqa: S608 (own names)


@cache
def updating(table: Table, columns: Sequence[str], shape: Shape) -> str:
    """These columns of the rows that meet the condition."""
    values = _listed(f"{_quoted(column)}=:{column}" for column in _in_order(table, columns))
    return f"UPDATE {_quoted(table.name)} SET {values}{_where(table, shape)}"  # noqa: S608 (own names)


@cache
def deleting(table: Table, shape: Shape) -> str:
    """The rows that meet the condition."""
    return f"DELETE FROM {_quoted(table.name)}{_where(table, shape)}"  # noqa: S608 (own names)


@cache
def upserting(table: Table, columns: Sequence[str], key: Sequence[str], keep: Sequence[str] = ()) -> str:
    """One row, of these columns; where the key exists already, all of them but `key` and `keep` are replaced."""
    replaced = [_quoted(column) for column in _in_order(table, columns) if column not in key and column not in keep]
    values = _listed(f"{column} = excluded.{column}" for column in replaced)
    return f"{inserting(table, columns)} ON CONFLICT ({_listed(map(_quoted, key))}) DO UPDATE SET {values}"


def _where(table: Table, shape: Shape) -> str:
    return f" WHERE {_conditions(table, shape)}" if shape else ""


def _conditions(table: Table, shape: Shape) -> str:
    return " AND ".join(_condition(table, column, count) for column, count in shape)


def _condition(table: Table, column: str, count: int | None) -> str:
    if count is None:
        return f"{_of(table, column)} = :{column}_is"
    return f"{_of(table, column)} IN ({_listed(f':{column}_is_{number}' for number in range(count))})"


def _of(table: Table, column: str) -> str:
    if column not in table.columns:
        raise KeyError(f"{table.name}.{column}")  # SQLite would take it for damage of the file
    return f"{_quoted(table.name)}.{_quoted(column)}"


def _in_order(table: Table, columns: Sequence[str]) -> list[str]:
    """The columns as the table has them. Raises ValueError for one that it lacks."""
    return sorted(columns, key=table.columns.index)


def _quoted(name: str) -> str:
    return f'"{name}"' if name in _WORDS_OF_SQL else name


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)

"""One open transaction: how statements reach the database and rows come back.

Decides that a transaction which is over, or which only reads, cannot write, and how long an IN list may be. Leaves
what is asked to the groups of methods built on it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, CursorResult, Executable, Select, Table, select
from sqlalchemy.dialects.sqlite import Insert, insert

from state.errors import Misused

Row = TypeVar("Row")
Key = TypeVar("Key")

_IN_LIST = 500
"""How many values one IN list takes; older builds of SQLite admit 999 parameters a statement."""


class Access:
    """The connection of one transaction, as the groups of store methods use it."""

    def __init__(self, connection: Connection, *, writable: bool) -> None:
        self._connection = connection
        self._writable = writable

    def _execute(self, statement: Executable) -> CursorResult[*tuple[Any, ...]]:
        return self._open().execute(statement)

    def _write(
        self, statement: Executable, rows: Sequence[dict[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        if not self._writable:
            raise Misused("a reading transaction cannot write; this is a bug, please report it")
        try:
            return self._open().execute(statement, rows)
        except (OverflowError, UnicodeError) as error:
            # Neither is an error of SQLite's: the driver cannot hand it half a surrogate pair or a number of 65 bits.
            raise Misused(f"a value cannot be stored ({error}); this is a bug, please report it") from error

    def _open(self) -> Connection:
        if self._connection.closed:
            raise Misused("the transaction is over; this is a bug, please report it")
        return self._connection

    def _tuples(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The driver's own tuples: for what is read by the thousand in every cycle."""
        cursor = self._open().connection.cursor()
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())

    def _rows(
        self,
        row: Callable[..., Row],
        table: Table,
        *where: ColumnElement[bool],
        order: Sequence[ColumnElement[Any]] = (),
    ) -> list[Row]:
        found = self._execute(_select_of(row, table).where(*where).order_by(*order))
        return [row(*values) for values in found]

    def _upsert(self, table: Table, rows: Sequence[object], *, key: Sequence[str], keep: Sequence[str] = ()) -> None:
        """Insert the rows; where the key exists already, replace all columns but those of `keep`."""
        if not rows:
            return
        names, upsert = _upsert_of(_kind(rows[0]), table, tuple(key), tuple(keep))
        self._write(upsert, [{name: getattr(row, name) for name in names} for row in rows])


def chunks(values: Iterable[Key]) -> Iterator[list[Key]]:
    """The distinct values, in their order, in lists that fit one statement."""
    distinct = list(dict.fromkeys(values))
    for first in range(0, len(distinct), _IN_LIST):
        yield distinct[first : first + _IN_LIST]


def values_of(row: object) -> dict[str, Any]:
    """The row as columns and values, without an id that the database has yet to give."""
    values = {name: getattr(row, name) for name in _names(_kind(row))}
    return {name: value for name, value in values.items() if name != "id" or value is not None}


def _kind(row: object) -> Callable[..., object]:
    return type(row)


@cache
def _names(row: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(row))


@cache
def _columns(row: Callable[..., object], table: Table) -> tuple[Column[Any], ...]:
    return tuple(table.c[name] for name in _names(row))


@cache
def _select_of(row: Callable[..., object], table: Table) -> Select[*tuple[Any, ...]]:
    """All columns that a row has: naming them takes longer than reading them."""
    return select(*_columns(row, table))


@cache
def _upsert_of(
    row: Callable[..., object], table: Table, key: tuple[str, ...], keep: tuple[str, ...]
) -> tuple[tuple[str, ...], Insert]:
    """The columns that an upsert writes, and its statement: building one takes longer than executing it."""
    names = tuple(column.name for column in _columns(row, table) if column.name != "id" or "id" in key)
    statement = insert(table)
    replaced = {name: statement.excluded[name] for name in names if name not in key and name not in keep}
    return names, statement.on_conflict_do_update(index_elements=list(key), set_=replaced)

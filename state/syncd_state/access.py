"""One open transaction: how statements reach the database and rows come back.

Decides that a transaction which is over, or which only reads, cannot write, and how long an IN list may be. Leaves
what is asked to the groups of methods built on it, and how it is said to `statements`.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from syncd_state.columns import Table
from syncd_state.errors import Misused
from syncd_state.statements import deleting, inserting, parameters_of, selecting, updating, upserting

Row = TypeVar("Row")
Key = TypeVar("Key")

_IN_LIST = 512
"""How many values one IN list takes; older builds of SQLite admit 999 parameters a statement."""


class Access:
    """The connection of one transaction, as the groups of store methods use it.

    `where` are columns, each with the value that it must have, or with a list of those that it may have.
    """

    def __init__(self, connection: sqlite3.Connection, *, writable: bool) -> None:
        self._connection: sqlite3.Connection | None = connection
        self._writable = writable

    def close(self) -> None:
        """The transaction is over: nothing more is read or written by way of it."""
        self._connection = None

    def _cursor(self) -> sqlite3.Cursor:
        if self._connection is None:
            raise Misused("the transaction is over; this is a bug, please report it")
        return self._connection.cursor()

    def _read(self, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
        return self._cursor().execute(sql, parameters).fetchall()

    def _write(self, sql: str, *rows: Mapping[str, Any]) -> sqlite3.Cursor:
        """Carry the statement out once with each row of parameters."""
        if not self._writable:
            raise Misused("a reading transaction cannot write; this is a bug, please report it")
        cursor = self._cursor()
        try:
            # Only a single row tells its id.
            return cursor.execute(sql, rows[0]) if len(rows) == 1 else cursor.executemany(sql, rows)
        except (OverflowError, UnicodeError) as error:
            # Neither is an error of SQLite's: the driver cannot hand it half a surrogate pair or a number of 65 bits.
            raise Misused(f"a value cannot be stored ({error}); this is a bug, please report it") from error

    def _tuples(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The driver's own tuples: for what is read by the thousand in every cycle."""
        return self._cursor().execute(sql, parameters).fetchall()

    def _rows(self, kind: Callable[..., Row], table: Table, /, *, order: Sequence[str] = (), **where: Any) -> list[Row]:
        shape, parameters = parameters_of(where)
        found = self._read(selecting(table, names_of(kind), shape, tuple(order)), **parameters)
        return [kind(*values) for values in _with_flags(found, _flags(kind, table))]

    def _insert(self, table: Table, /, *rows: Mapping[str, Any]) -> sqlite3.Cursor:
        """Insert rows, which all have the same columns."""
        return self._write(inserting(table, tuple(rows[0])), *rows)

    def _update(self, table: Table, values: Mapping[str, Any], /, **where: Any) -> int:
        """Set these columns. Returns in how many rows."""
        shape, parameters = parameters_of(where)
        return self._write(updating(table, tuple(values), shape), {**values, **parameters}).rowcount

    def _delete(self, table: Table, /, **where: Any) -> int:
        """Returns how many rows there were."""
        shape, parameters = parameters_of(where)
        return self._write(deleting(table, shape), parameters).rowcount

    def _upsert(
        self,
        table: Table,
        rows: Sequence[object],
        *,
        key: Sequence[str],
        keep: Sequence[str] = (),
    ) -> None:
        """Insert the rows; where the key exists already, replace all columns but those of `keep`."""
        if not rows:
            return
        names = tuple(name for name in names_of(_kind(rows[0])) if name != "id" or "id" in key)
        sql = upserting(table, names, tuple(key), tuple(keep))
        self._write(sql, *({name: getattr(row, name) for name in names} for row in rows))


def chunks(values: Iterable[Key]) -> Iterator[list[Key]]:
    """The distinct values, in their order, in lists that fit one statement."""
    distinct = list(dict.fromkeys(values))
    for first in range(0, len(distinct), _IN_LIST):
        yield distinct[first : first + _IN_LIST]


def values_of(row: object) -> dict[str, Any]:
    """The row as columns and values, without an id that the database has yet to give."""
    values = {name: getattr(row, name) for name in names_of(_kind(row))}
    return {name: value for name, value in values.items() if name != "id" or value is not None}


def _kind(row: object) -> Callable[..., object]:
    return type(row)


@cache
def names_of(kind: Any) -> tuple[str, ...]:
    """The columns that a row of this kind carries, in its own order."""
    return tuple(field.name for field in fields(kind))


@cache
def _flags(kind: Callable[..., object], table: Table) -> tuple[int, ...]:
    """Where in its rows are truth values."""
    return tuple(place for place, name in enumerate(names_of(kind)) if name in table.flags)


def _with_flags(rows: Iterable[tuple[Any, ...]], flags: tuple[int, ...]) -> Iterator[Sequence[Any]]:
    """The rows with True and False in these places, for which SQLite has 1 and 0."""
    for row in rows:
        values = list(row)
        for place in flags:
            values[place] = bool(values[place])
        yield values

"""A later version's schema, and the statements of an upgrade as boundaries.

The shipped schema has few revisions, so a later version is played by revisions of the tests' own: they rebuild the
largest tables, which is the most that a migration does.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections import abc
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from syncd_state.connecting import Connections
from syncd_state.schema import Schema
from tests.state.test_migrations import REBUILD, revised

_REBUILD_MAPPING = """
    with op.batch_alter_table("mapping") as table:
        table.add_column(sa.Column("shape", sa.String(), nullable=False, server_default="round"))
"""


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="syncd-interruption-revisions-")


@lru_cache(maxsize=1)
def later_version() -> Schema:
    """Two revisions later than the shipped schema."""
    return revised(Path(_folder().name), REBUILD, _REBUILD_MAPPING)


@contextmanager
def statements(boundary: abc.Callable[[str], None]) -> abc.Iterator[None]:
    """Inside the block every statement of a migration, and every begin and commit, is preceded by a boundary."""
    begin = Connections.begin

    @contextmanager
    def counted(connections: Connections) -> abc.Iterator[sqlite3.Connection]:
        before_begin(connections)
        with begin(connections) as connection:
            yield connection
            before_commit(connections)

    def before_statement(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        boundary(f"at the start: before {' '.join(statement.split())[:80]}")

    def before_begin(connection: Any) -> None:
        boundary("at the start: before a begin")

    def before_commit(connection: Any) -> None:
        boundary("at the start: before a commit")

    listeners = (("before_cursor_execute", before_statement), ("begin", before_begin), ("commit", before_commit))
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    Connections.begin = counted  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)
        Connections.begin = begin  # type: ignore[method-assign]

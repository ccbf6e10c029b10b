"""The schema's revisions, and bringing a database to the newest.

Decides that all migrations of one upgrade are one transaction, with a copy of the file made before it, and that a file
from a later version is left alone. The revisions themselves are in `migrations`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from itertools import count
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING

from syncd_state.columns import HEAD, TABLES
from syncd_state.connecting import OpenFile, connect, sync_folder, writing
from syncd_state.errors import (
    Busy,
    Corrupt,
    MigrationFailed,
    Misused,
    NewerSchema,
    Unwritable,
    corrupt,
    translated,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Schema:
    """The shipped migrations, and further ones: folders of revisions that follow them, ending at `head`."""

    def __init__(self, *further: Path, head: str = HEAD) -> None:
        self.head = head
        self._further = further

    def revision(self, path: Path, connection: sqlite3.Connection) -> str:
        """The revision of the file at `path`, which `connection` reads.

        Raises `Corrupt` where it is another program's or lacks a part, and `NewerSchema`.
        """
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            raise corrupt(str(path), "it has no schema of this program")
        revisions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        if len(revisions) != 1:
            raise corrupt(str(path), "it names no single schema revision")
        revision = self._known(path, str(revisions[0][0]))
        if revision == HEAD and (missing := _missing(connection)):
            raise corrupt(str(path), f"it lacks {missing}")
        return revision

    def is_at_head(self, path: Path, connection: Connection) -> bool:
        """Whether nothing is left to do for the file at `path`, as `connection` reads it. Raises `NewerSchema`."""
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        return self._known(path, str(revision)) == self.head

    def _known(self, path: Path, revision: str) -> str:
        # SQLAlchemy and Alembic take half a second to import; a file at the newest revision needs none of them.
        if revision != self.head:
            from syncd_state import upgrading

            if revision not in upgrading.revisions(self._further):
                raise NewerSchema(
                    f"the state store {path} has schema {revision}, newer than {self.head}, which this version knows; "
                    "it was left as it is: run the version that wrote it, or a later one"
                )
        return revision

    def upgrade(self, connection: Connection) -> None:
        """Carry out the migrations that are missing, in the connection's transaction."""
        from syncd_state import upgrading

        upgrading.upgrade(connection, self._further)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone()
        if broken is not None:
            raise MigrationFailed(f"a migration left a row of {broken[0]} without the row of {broken[2]} it names")

    def upgrade_memory(self, place: str, connection: sqlite3.Connection) -> None:
        """Upgrade a database in memory; `place` is for messages."""
        from syncd_state import upgrading

        with _failing_as_migration(place):
            connection.execute("PRAGMA foreign_keys=OFF")
            with upgrading.transaction(connection) as transaction:
                self.upgrade(transaction)

    @cached_property
    def image(self) -> bytes:
        """An empty database at the newest revision, as the bytes of its file."""
        with closing(connect(":memory:")) as connection:
            self.upgrade_memory("(new)", connection)
            return bytes(connection.serialize())


def _missing(connection: sqlite3.Connection) -> str | None:
    """A table or column of this version's schema that a database lacks."""
    for table in TABLES.values():
        there = {name for (name,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table.name,))}
        for column in table.columns:
            if column not in there:
                return f"the column {column} of the table {table.name}" if there else f"the table {table.name}"
    return None


SHIPPED = Schema()
"""The schema of this version."""


def upgrade_file(path: Path, revision: str, schema: Schema, timeout: float) -> None:
    """Bring a file from `revision` to the newest. On failure it holds what it held, and the copy is removed."""
    from syncd_state import upgrading

    file = OpenFile(path)
    try:
        with (
            _failing_as_migration(str(path)),
            closing(writing(file, timeout=timeout, foreign_keys=False)) as opened,
            upgrading.transaction(opened) as connection,
        ):
            # Another process may have upgraded it while this one waited for the write lock.
            if not schema.is_at_head(path, connection):
                with _copied(path, revision):
                    schema.upgrade(connection)
    finally:
        file.release()


@contextmanager
def _failing_as_migration(place: str) -> Iterator[None]:
    try:
        with translated(place, migrating=True):
            yield
    except (Busy, Corrupt, NewerSchema, OSError, Unwritable):
        raise
    except Exception as error:
        detail = error.__cause__ if isinstance(error, Misused) else error
        raise MigrationFailed(
            f"the state store {place} could not be brought to this version's schema ({detail}); "
            "it holds what it held before: go on with the version that wrote it, and report this"
        ) from error


@contextmanager
def _copied(path: Path, revision: str) -> Iterator[None]:
    """Keep a copy of the file, unless the block fails: then the file is as it was, and copies must not pile up."""
    copy = _copy(path, revision)
    try:
        yield
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def _copy(path: Path, revision: str) -> Path:
    """A copy of the file, under a name that says what it is once it is whole."""
    descriptor, name = mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(descriptor)
    try:
        with closing(connect(str(path))) as source, closing(connect(name)) as target:
            source.backup(target)
        copy = _named(path, revision, name)
    finally:
        os.unlink(name)
    sync_folder(path.parent)
    return copy


def _named(path: Path, revision: str, name: str) -> Path:
    for number in count(1):
        copy = Path(f"{path}.backup-{revision}-{number}")
        with suppress(FileExistsError):
            os.link(name, copy)
            return copy
    raise AssertionError("there is always one more number")

"""Opening a store: in a file, in memory, or as a private copy of a file.

Decides what is accepted as a state store and that a file is looked at before anything is changed, leaving to
`soundness` whether it is looked through. A file that is
missing is made whole elsewhere and then given its name, so that an empty or half-written one is always damage, never
a new store: taking a truncated store for a new one would forget the tombstones.
"""

import glob
import os
import sqlite3
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import mkstemp
from typing import NamedTuple

from syncd_state.connecting import (
    BUSY_TIMEOUT,
    Connections,
    OpenFile,
    beside,
    connect,
    database_path,
    in_memory,
    make_private,
    reader,
    sync_folder,
    writer,
)
from syncd_state.errors import corrupt, obstructed, several_names, translated, unwritable
from syncd_state.look import look
from syncd_state.schema import SHIPPED, Schema, upgrade_file
from syncd_state.soundness import is_due, left, require_sound
from syncd_state.store import Store

Hook = Callable[[], None]


class _Parts(NamedTuple):
    writer: Connections
    reader: Connections
    file: OpenFile | None = None
    looked_through: float = 0.0


class _Seen(NamedTuple):
    """The revision of a file, and when it was last looked through for damage."""

    revision: str
    looked_through: float


def open_store(
    url: str,
    *,
    readonly: bool = False,
    busy_timeout: float = BUSY_TIMEOUT,
    schema: Schema = SHIPPED,
    clock: Callable[[], float] = time.time,
    before_commit: Hook | None = None,
    after_commit: Hook | None = None,
) -> Store:
    """Open the store at `sqlite:///PATH`, or a new one in memory at `sqlite://`.

    A missing file is created (mode 0600; its folder must exist), an older schema is upgraded after a copy was made
    beside the file. With `readonly`, no file is created or changed: the store is a copy in memory of what the file
    holds, or empty where there is none, and what is written to it is forgotten. `busy_timeout` is in seconds,
    `clock` tells seconds since the epoch.

    Raises `BadUrl`, `Busy`, `Corrupt`, `NewerSchema`, `Unwritable`, `MigrationFailed`.
    """
    path = database_path(url)
    if path is not None:
        path = path.resolve()  # SQLite keeps its own files beside what a symbolic link leads to
    place = "(memory)" if path is None else str(path)
    try:
        with translated(place):
            if path is None:
                parts = _empty(schema)
            elif not _is_file(path):
                parts = _empty(schema) if readonly else _created(path, schema, busy_timeout, clock())
            else:
                parts = (_private if readonly else _in_place)(path, schema, busy_timeout, clock())
    except OSError as error:
        raise unwritable(place, str(error)) from error
    return Store(place, **parts._asdict(), before_commit=before_commit, after_commit=after_commit)


def _is_file(path: Path) -> bool:
    """Whether there is a file to open. Raises `Corrupt` or `Unwritable` for what can neither be opened nor created."""
    if not path.parent.is_dir():
        raise unwritable(str(path), f"the folder {path.parent} does not exist; create it")
    if not path.exists():
        return False
    if not path.is_file():
        raise unwritable(str(path), "it is not a file")
    if path.stat().st_size == 0:
        raise corrupt(str(path), "it is empty")
    _require_files_of_its_own(path)
    return True


def _require_files_of_its_own(path: Path) -> None:
    """Raises `Unwritable` where another name or a link leads to or from the store's files."""
    for file in beside(path):
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(file.lstat().st_mode):
                raise obstructed(file)
    names = path.stat().st_nlink - len(_half_made(path))
    if names > 1:
        raise several_names(path, names)


def _half_made(path: Path) -> list[Path]:
    """Further names of the file at `path`, under which it was made by somebody who was killed meanwhile."""
    found = []
    for name in path.parent.glob(f".{glob.escape(path.name)}.*"):
        with suppress(FileNotFoundError):
            if name.samefile(path):
                found.append(name)
    return found


def _empty(schema: Schema) -> _Parts:
    connection = connect(":memory:")
    connection.deserialize(schema.image)
    connections = in_memory(connection)
    return _Parts(connections, connections)


def _looked_at(path: Path, schema: Schema, now: float, seen: sqlite3.Connection) -> _Seen:
    """What the file at `path` is, which `seen` reads. Raises `Corrupt` and `NewerSchema`."""
    noted = left(seen)
    due = is_due(path, noted, now)
    if due:
        require_sound(path, seen)
    revision = schema.revision(path, seen)
    if revision != schema.head and not due:
        require_sound(path, seen)  # what is upgraded is written anew, whatever it was
    return _Seen(revision, now if noted is None or due else noted.looked_through)


def _private(path: Path, schema: Schema, timeout: float, now: float) -> _Parts:
    connection = connect(":memory:")

    def copy(seen: sqlite3.Connection) -> str:
        revision = _looked_at(path, schema, now, seen).revision
        seen.backup(connection)
        return revision

    try:
        revision = look(path, timeout, copy)
        if revision != schema.head:
            schema.upgrade_memory(str(path), connection)
    except BaseException:
        connection.close()
        raise
    connections = in_memory(connection)
    return _Parts(connections, connections)


def _created(path: Path, schema: Schema, timeout: float, now: float) -> _Parts:
    descriptor, name = mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(schema.image)
            file.flush()
            os.fsync(descriptor)
        # Another process may have been first: then its file is the store.
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink(missing_ok=True)
    sync_folder(path.parent)
    return _in_place(path, schema, timeout, now)


def _in_place(path: Path, schema: Schema, timeout: float, now: float) -> _Parts:
    revision, looked_through = look(path, timeout, partial(_looked_at, path, schema, now))
    make_private(path)
    for name in _half_made(path):
        name.unlink(missing_ok=True)
    if revision != schema.head:
        upgrade_file(path, revision, schema, timeout)
    file = OpenFile(path)
    parts = _Parts(writer(file, timeout=timeout), reader(file, timeout=timeout), file, looked_through)
    try:
        # A file that cannot be written is better known now than in the middle of a cycle.
        with parts.writer.begin():
            pass
    except BaseException:
        parts.writer.close()
        file.release()
        raise
    return parts

"""Reading a database file without changing a byte of it or of what lies beside it.

SQLite itself cannot: opening a file in WAL mode, even with `mode=ro`, makes or rewrites the index beside it. So a file
at rest is read as immutable, and one with a log is copied to a private folder first; both under SQLite's own locks
(sqlite.org/lockingv3.html, sqlite.org/walformat.html), which other processes honour. Leaves to `schema` and `opening`
what to make of what was seen.
"""

import fcntl
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar

from syncd_state.connecting import beside, connect, is_open_here
from syncd_state.errors import busy, corrupt

Seen = TypeVar("Seen")

_PAUSE = 0.01
"""Seconds between two attempts at a lock."""

_CHUNK = 1 << 20
"""Bytes that are copied at a time."""


class _Bytes(NamedTuple):
    """A stretch of a file that SQLite locks."""

    start: int
    length: int


# Held shared on the database, nobody can take the log or its index away.
_SHARED = _Bytes(0x4000_0002, 510)
# Held shared on the index, nobody can move pages from the log to the database, or start the log over: it only grows.
_CHECKPOINT = _Bytes(121, 1)
_LAST_READER = _Bytes(127, 1)


def look(path: Path, timeout: float, see: Callable[[sqlite3.Connection], Seen]) -> Seen:
    """What `see` makes of the file as it is now, log included; `timeout` in seconds. `see` may be called repeatedly.

    Where this process itself has the file open, closing a second descriptor would drop SQLite's own locks on it
    (sqlite.org/howtocorrupt.html, 2.2): there SQLite reads it, and the index beside it is in use anyway.
    """
    if is_open_here(path):
        with closing(connect(f"{path.as_uri()}?mode=ro", timeout=timeout, uri=True)) as connection:
            return see(connection)
    deadline = time.monotonic() + timeout
    while True:
        try:
            return _look_once(path, deadline, see)
        except _Opened as error:
            if time.monotonic() >= deadline:
                raise busy(str(path)) from error


class _Opened(Exception):
    """Another process opened the file at rest while it was looked at, and may have written to it."""


def _look_once(path: Path, deadline: float, see: Callable[[sqlite3.Connection], Seen]) -> Seen:
    _, index, _ = beside(path)
    with _locked(path, path, deadline, _SHARED) as database:
        if not any(file.exists() for file in beside(path)):
            with closing(connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
                try:
                    _require_whole_pages(path, connection)
                    return see(connection)
                finally:
                    # Before the connection is closed, which drops the lock that keeps an index from vanishing.
                    _require_unopened(index)
        with tempfile.TemporaryDirectory(prefix="state-") as folder:
            if index.exists():
                with _locked(path, index, deadline, _CHECKPOINT, _LAST_READER):
                    copy = _copy(path, database, Path(folder))
            else:
                copy = _copy(path, database, Path(folder))
                _require_unopened(index)
            with closing(connect(str(copy))) as connection:
                return see(connection)


def _require_unopened(index: Path) -> None:
    if index.exists():
        raise _Opened


def _require_whole_pages(path: Path, connection: sqlite3.Connection) -> None:
    """A file at rest is cut off within its last page: SQLite itself would take what is missing there for zeros."""
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    if path.stat().st_size % size:
        raise corrupt(str(path), "its last page is cut off")


def _copy(path: Path, database: BinaryIO, folder: Path) -> Path:
    copy = folder / "copy.db"
    log, _, journal = beside(path)
    copy_of_log, _, copy_of_journal = beside(copy)
    with open(copy, "wb") as target:
        shutil.copyfileobj(database, target, _CHUNK)
    # SQLite makes the index anew from the log.
    for source, destination in ((log, copy_of_log), (journal, copy_of_journal)):
        if source.exists():
            shutil.copyfile(source, destination)
    return copy


@contextmanager
def _locked(path: Path, file: Path, deadline: float, *stretches: _Bytes) -> Iterator[BinaryIO]:
    """The file, open, with these stretches locked shared. Raises `Busy` about `path` where that takes too long."""
    with open(file, "rb") as opened:
        while not all(_take(opened, stretch) for stretch in stretches):
            if time.monotonic() >= deadline:
                raise busy(str(path))
            time.sleep(_PAUSE)
        yield opened


def _take(file: BinaryIO, stretch: _Bytes) -> bool:
    try:
        fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, stretch.length, stretch.start)
    except (BlockingIOError, PermissionError):
        return False
    return True

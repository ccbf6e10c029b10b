"""Connections to SQLite, and the settings that make them safe.

Decides that writers take the write lock when they begin (SQLite's own default lets two readers turn into writers and
loses an update), that a commit is on the disk when it returns, and that a folder entry is too. Leaves what a file must
hold to `opening`.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from weakref import WeakSet

from sqlalchemy import Connection, Engine, Pool, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool, StaticPool

from syncd_state.errors import BadUrl

BUSY_TIMEOUT = 5.0
"""Seconds to wait for another process's write lock."""


def database_path(url: str) -> Path | None:
    """The absolute path of the file that a store URL names; None for a database in memory.

    A relative path counts from the working directory. Raises `BadUrl` for anything but `sqlite://` and
    `sqlite:///PATH`.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise BadUrl(f"{url!r} is no database URL; write sqlite:///PATH") from error
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite") or parsed.host or parsed.query:
        # The URL of another database may carry a password: it is not repeated.
        raise BadUrl(f"a {parsed.drivername} URL with a host or options names no state store; write sqlite:///PATH")
    if parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database)).absolute()


def connect(database: str, *, timeout: float = BUSY_TIMEOUT, uri: bool = False) -> sqlite3.Connection:
    """A plain connection that begins no transaction by itself; `timeout` in seconds."""
    return sqlite3.connect(database, timeout=timeout, isolation_level=None, check_same_thread=False, uri=uri)


class OpenFile:
    """A database file that this process holds open: until it is released, or the last engine on it is gone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._identity = _identity(path)
        _open_here.add(self)

    def release(self) -> None:
        """The file is open here no more."""
        _open_here.discard(self)

    def is_at(self, path: Path) -> bool:
        """Whether this is the file at `path`, under whatever name."""
        return self._identity == _identity(path)


_open_here: WeakSet[OpenFile] = WeakSet()


def is_open_here(path: Path) -> bool:
    """Whether this process holds the file open."""
    return any(file.is_at(path) for file in list(_open_here))


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def writer(file: OpenFile, *, timeout: float, foreign_keys: bool = True) -> Engine:
    """An engine with one connection, whose transactions hold the write lock from their beginning."""
    settings = ("journal_mode=WAL", "synchronous=FULL", f"foreign_keys={'ON' if foreign_keys else 'OFF'}")
    return _engine(
        lambda: _connection(file, timeout, settings), "BEGIN IMMEDIATE", QueuePool, pool_size=1, max_overflow=0
    )


def reader(file: OpenFile, *, timeout: float) -> Engine:
    """An engine whose transactions each see one state of the file, and cannot write; as many at once as are asked."""
    return _engine(lambda: _connection(file, timeout, ("query_only=ON",)), "BEGIN", QueuePool, max_overflow=-1)


def in_memory(connection: sqlite3.Connection, *, foreign_keys: bool = True) -> Engine:
    """An engine on this one connection, for reading and writing."""
    connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
    return _engine(lambda: connection, "BEGIN IMMEDIATE", StaticPool)


def _connection(file: OpenFile, timeout: float, settings: tuple[str, ...]) -> sqlite3.Connection:
    connection = connect(str(file.path), timeout=timeout)
    try:
        # Clients' details must not spill into a temporary folder.
        for setting in ("temp_store=MEMORY", *settings):
            connection.execute(f"PRAGMA {setting}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _engine(creator: Callable[[], sqlite3.Connection], begin: str, pool: type[Pool], **size: int) -> Engine:
    engine = create_engine("sqlite://", creator=creator, poolclass=pool, hide_parameters=True, **size)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Not by way of SQLAlchemy, which makes more of it than of the rest of a short transaction.
        connection.connection.cursor().execute(begin)

    return engine


def beside(path: Path) -> tuple[Path, Path, Path]:
    """Where SQLite keeps the write-ahead log, its index and the rollback journal of a database."""
    return Path(f"{path}-wal"), Path(f"{path}-shm"), Path(f"{path}-journal")


def make_private(path: Path) -> None:
    """Take the rights of everybody but the owner from the file and from SQLite's files beside it."""
    for file in (path, *beside(path)):
        with suppress(FileNotFoundError):
            if file.stat().st_mode & 0o077:
                file.chmod(0o600)


def sync_folder(folder: Path) -> None:
    """Make the entries of a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

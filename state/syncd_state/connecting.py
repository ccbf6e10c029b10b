"""Connections to SQLite, and the settings that make them safe.

Decides that writers take the write lock when they begin (SQLite's own default lets two readers turn into writers and
loses an update), that a commit is on the disk when it returns, and that a folder entry is too. Leaves what a file must
hold to `opening`.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from weakref import WeakSet

from syncd_state.errors import BadUrl

BUSY_TIMEOUT = 5.0
"""Seconds to wait for another process's write lock."""

_IN_MEMORY, _IN_A_FILE = "sqlite://", "sqlite:///"
_MEANING = frozenset("?%")
"""What means something of its own behind them."""


def database_path(url: str) -> Path | None:
    """The absolute path of the file that a store URL names; None for a database in memory.

    A relative path counts from the working directory. Raises `BadUrl` for anything but `sqlite://` and
    `sqlite:///PATH`.
    """
    plain = url == _IN_MEMORY or (url.startswith(_IN_A_FILE) and not _MEANING.intersection(url))
    place = url.removeprefix(_IN_MEMORY).removeprefix("/") if plain else _place(url)
    return None if place in ("", ":memory:") else Path(place).absolute()


def _place(url: str) -> str:
    """What any other URL says, in its many forms."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise BadUrl(f"{url!r} is no database URL; write sqlite:///PATH") from error
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite") or parsed.host or parsed.query:
        # The URL of another database may carry a password: it is not repeated.
        raise BadUrl(f"a {parsed.drivername} URL with a host or options names no state store; write sqlite:///PATH")
    return parsed.database or ""


def connect(database: str, *, timeout: float = BUSY_TIMEOUT, uri: bool = False) -> sqlite3.Connection:
    """A plain connection that begins no transaction by itself; `timeout` in seconds."""
    return sqlite3.connect(database, timeout=timeout, isolation_level=None, check_same_thread=False, uri=uri)


class OpenFile:
    """A database file that this process holds open: until it is released, or the last connections to it are gone."""

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


class Connections:
    """Connections to one database, each of which has one transaction at a time and is kept for the next.

    `begin` is how a transaction begins; `connect` makes a connection where none of those `made` so far is idle.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], begin: str, *made: sqlite3.Connection) -> None:
        self._connect = connect
        self._begin = begin
        self._idle = list(made)
        self._closed = False

    @contextmanager
    def begin(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is committed when the block ends, and rolled back where it, or the commit, fails."""
        connection = self._take()
        try:
            connection.execute(self._begin)
            yield connection
            connection.commit()
        finally:
            self._give_back(connection)

    def _take(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:  # asked first, another thread could take the last one
            return self._connect()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.rollback()
        if self._closed:
            connection.close()
        else:
            self._idle.append(connection)

    def close(self) -> None:
        """Close them all; one that has a transaction, when that ends."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()


def writer(file: OpenFile, *, timeout: float) -> Connections:
    """One connection at a time, whose transactions hold the write lock from their beginning."""
    return Connections(lambda: writing(file, timeout=timeout), "BEGIN IMMEDIATE")


def reader(file: OpenFile, *, timeout: float) -> Connections:
    """As many at once as are asked, whose transactions each see one state of the file, and cannot write."""
    return Connections(lambda: _connection(file, timeout, ("query_only=ON",)), "BEGIN")


def in_memory(connection: sqlite3.Connection) -> Connections:
    """This one connection, for reading and writing."""
    connection.execute("PRAGMA foreign_keys=ON")
    return Connections(lambda: connection, "BEGIN IMMEDIATE", connection)


def writing(file: OpenFile, *, timeout: float, foreign_keys: bool = True) -> sqlite3.Connection:
    """A connection for writing, whose commits are on the disk when they return."""
    checks = f"foreign_keys={'ON' if foreign_keys else 'OFF'}"
    return _connection(file, timeout, ("journal_mode=WAL", "synchronous=FULL", checks))


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

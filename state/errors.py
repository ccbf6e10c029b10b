"""What can go wrong with the store, by what its user can do about it.

Decides which of SQLite's and SQLAlchemy's errors means what, and the words an operator reads. Leaves exit codes to
the caller. Every message names the file and the way out; the original error stays as the cause.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError


class StoreError(Exception):
    """The state store could not do what was asked; nothing of the transaction was kept."""


class BadUrl(StoreError):
    """The URL names no SQLite file and no SQLite database in memory."""


class Busy(StoreError):
    """Another process kept the write lock for longer than the busy timeout. Trying later may help."""


class Corrupt(StoreError):
    """The file is damaged, truncated, or no database of this program."""


class NewerSchema(StoreError):
    """The file was written by a newer version of the program. It was left as it is."""


class Unwritable(StoreError):
    """The file or its folder cannot be created, read or written: disk full, rights, input/output error."""


class MigrationFailed(StoreError):
    """A migration failed. It was rolled back whole: the file holds what it held before."""


class Misused(StoreError):
    """The caller broke a rule of the store (a constraint, a finished transaction): a bug, not a state of the disk."""


class Locked(StoreError):
    """Another instance holds the lock of this store.

    `pid` is the holder's process id, or None where it left none.
    """

    def __init__(self, message: str, pid: int | None) -> None:
        super().__init__(message)
        self.pid = pid


_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_UNWRITABLE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOLFS,
}
_MAGIC = b"SQLite format 3\x00"
"""How every database file begins."""


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn any error of SQLite or SQLAlchemy inside the block into a `StoreError` about `place`."""
    try:
        yield
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise _meaning(error, place) from error


def _meaning(error: Exception, place: str) -> StoreError:
    origin = driver_error(error)
    code = getattr(origin, "sqlite_errorcode", None)
    # The low byte is the error; the rest only says where in SQLite it arose.
    primary = None if code is None else code & 0xFF
    if primary in _BUSY:
        return busy(place)
    # What stands in a damaged file decides whether SQLite calls it damaged, or an error of the disk, or a full one.
    cut_off = code == sqlite3.SQLITE_IOERR_SHORT_READ
    if primary in _CORRUPT or cut_off or (primary in _UNWRITABLE and _is_overwritten(place)):
        return corrupt(place, str(origin))
    if primary in _UNWRITABLE:
        return unwritable(place, str(origin))
    return Misused(f"the state store {place} refused a statement: {origin}; this is a bug, please report it")


_looked_at: dict[tuple[int, int], int] = {}
"""Descriptors of files that were looked at, by device and inode: one each, however often.

They stay open: closing one would drop this process's own locks on the file (sqlite.org/howtocorrupt.html, 2.2).
"""


def _is_overwritten(place: str) -> bool:
    """Whether there is a file at `place` that does not begin as a database does."""
    try:
        return os.pread(_descriptor(place), len(_MAGIC), 0) != _MAGIC
    except OSError:
        return False


def _descriptor(place: str) -> int:
    """One to look at the file at `place` with. Raises OSError where there is none."""
    status = os.stat(place)
    identity = (status.st_dev, status.st_ino)
    if identity not in _looked_at:
        _looked_at[identity] = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    return _looked_at[identity]


def driver_error(error: BaseException | None) -> BaseException | None:
    """SQLite's own error below SQLAlchemy's, whose text also repeats the statement; else the error itself."""
    return error.orig if isinstance(error, DBAPIError) else error


def busy(place: str) -> Busy:
    """Somebody else is writing to `place`."""
    return Busy(
        f"the state store {place} is busy: another process keeps its write lock; "
        "wait until that process is done, or stop it, then try again"
    )


def corrupt(place: str, detail: str) -> Corrupt:
    """`place` is no usable database, because of `detail`."""
    return Corrupt(
        f"the state store {place} is damaged or not a state store ({detail}); restore a copy of it "
        f"(for example {place}.backup-*), or move it away to begin with an empty one"
    )


def unwritable(place: str, detail: str) -> Unwritable:
    """`place` cannot be created, read or written, because of `detail`."""
    return Unwritable(
        f"the state store {place} cannot be read or written ({detail}); "
        "check the free space, the rights of the file and of its folder, and the disk, then try again"
    )

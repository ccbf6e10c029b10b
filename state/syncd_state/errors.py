"""What can go wrong with the store, by what its user can do about it.

Decides which of SQLite's errors means what, and the words an operator reads. Leaves exit codes to
the caller. Every message names the file and the way out; the original error stays as the cause.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
_MISSING = ("no such table", "no such column", "unsupported file format")
"""How SQLite says that a file lacks what this version's schema has."""
_NO_TEXT = "Could not decode to UTF-8"
"""How Python's driver says that a text is none."""
_MAGIC = b"SQLite format 3\x00"
"""How every database file begins."""


@contextmanager
def translated(place: str, *, migrating: bool = False) -> Iterator[None]:
    """Turn any error of SQLite inside the block into a `StoreError` about `place`.

    What is not there is damage, or where a migration looks for it that one's fault.
    """
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise _meaning(error, place, migrating=migrating) from error


def _meaning(error: Exception, place: str, *, migrating: bool) -> StoreError:
    code = getattr(error, "sqlite_errorcode", None)
    # The low byte is the error; the rest only says where in SQLite it arose.
    primary = None if code is None else code & 0xFF
    if primary in _BUSY:
        return busy(place)
    if isinstance(error, UnicodeDecodeError) or (code is None and str(error).startswith(_NO_TEXT)):
        return corrupt(place, "a text in it is none")  # which may be a client's details: it is not repeated
    # What stands in a damaged file decides whether SQLite calls it damaged, or an error of the disk, or a full one.
    cut_off = code == sqlite3.SQLITE_IOERR_SHORT_READ
    if primary in _CORRUPT or cut_off or (primary in _UNWRITABLE and _is_overwritten(place)):
        return corrupt(place, str(error))
    if primary in _UNWRITABLE:
        return unwritable(place, str(error))
    if primary == sqlite3.SQLITE_ERROR and not migrating and str(error).startswith(_MISSING):
        return corrupt(place, str(error))
    return Misused(f"the state store {place} refused a statement: {error}; this is a bug, please report it")


_LAGGING = 1 << 26
_looked_at: dict[tuple[int, int], int] = {}
"""Descriptors of files that were looked at, by device and inode: one each, however often.

They stay open: closing one would drop this process's own locks on the file (sqlite.org/howtocorrupt.html, 2.2).
"""


def _is_overwritten(place: str) -> bool:
    """Whether there is a file at `place` that does not begin as a database does (sqlite.org/fileformat.html, 1.3)."""
    try:
        header = os.pread(_descriptor(place), 100, 0)
        size = os.fstat(_descriptor(place)).st_size
    except OSError:
        return False
    if len(header) < 100 or not header.startswith(_MAGIC) or not {header[18], header[19]} <= {1, 2}:
        return True
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    # A log that was not wholly moved into the file leaves it somewhat shorter than it says.
    return header[21:24] != bytes((64, 32, 32)) or pages * (page if page > 1 else 65536) > 2 * size + _LAGGING


def _descriptor(place: str) -> int:
    """One to look at the file at `place` with. Raises OSError where there is none."""
    status = os.stat(place)
    identity = (status.st_dev, status.st_ino)
    if identity not in _looked_at:
        _looked_at[identity] = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    return _looked_at[identity]


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


def obstructed(file: Path) -> Unwritable:
    """A link, a pipe or the like stands where `file` of a state store must be a file of its own."""
    return Unwritable(
        f"{file} is a link, or no file at all; a state store keeps its own files there, and follows no link: "
        "see what it is, and move it away"
    )


def several_names(path: Path, names: int) -> Unwritable:
    """The file at `path` has this many names, and what is beside one of them is not beside the others."""
    return Unwritable(
        f"the state store {path} has {names} names (hard links), and two runs under different names would damage it: "
        f"leave one, and remove the others (find them with: find / -xdev -samefile {path})"
    )


def unwritable(place: str, detail: str) -> Unwritable:
    """`place` cannot be created, read or written, because of `detail`."""
    return Unwritable(
        f"the state store {place} cannot be read or written ({detail}); "
        "check the free space, the rights of the file and of its folder, and the disk, then try again"
    )

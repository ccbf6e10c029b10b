"""Whether a file has to be looked through for damage before it is used, and looking through it.

That (`PRAGMA quick_check`) reads every page, and a store that is opened every few minutes is as it was left nearly each
time. So a file is looked through
- unless it was left in order: its time is then one that is noted within it, and nothing of SQLite's lies beside it. A
  process that is killed leaves the log there; whoever restores, copies or edits the file gives it another time.
- where that was done longer than a day ago, for what changes by itself on a disk.

    12:00 the last connection is closed: what it notes in the file is 12:00, and becomes the file's time
    12:05 opened: both are the same, so nobody wrote to it: it is not looked through
    12:06 somebody puts a copy in its place, of whatever age: its time is not what it notes

Damage that neither tells is told by whatever meets it (`errors`), and before anything else is said of what goes wrong
in such a file (`Store`).
"""

import os
import sqlite3
import time
from pathlib import Path
from typing import NamedTuple

from syncd_state.columns import META
from syncd_state.connecting import beside
from syncd_state.errors import corrupt
from syncd_state.statements import selecting, upserting

DAY = 86_400.0
"""Seconds after which a file is looked through in any case."""

_KEY = "left"
_LEFT = selecting(META, ("value",), (("key", None),))
_LEAVE = upserting(META, ("key", "value"), ("key",))


class Left(NamedTuple):
    """How a file was left: the time that it has since, in nanoseconds (0: not in order), and when it was last looked
    through, in seconds since the epoch.
    """

    modified: int
    looked_through: float


def left(connection: sqlite3.Connection) -> Left | None:
    """What is noted in a file; None where there is nothing that can be read."""
    try:
        [(text,)] = connection.execute(_LEFT, {"key_is": _KEY}).fetchall()
        modified, looked_through = text.split()
        return Left(int(modified), float(looked_through))
    except (sqlite3.Error, AttributeError, ValueError):
        return None


def is_due(path: Path, noted: Left | None, now: float) -> bool:
    """Whether the file at `path` has to be looked through; `now` is in seconds since the epoch."""
    if noted is None or any(file.exists() for file in beside(path)):
        return True
    return path.stat().st_mtime_ns != noted.modified or not 0 <= now - noted.looked_through < DAY


def require_sound(path: Path, connection: sqlite3.Connection, *, indexes: bool = False) -> None:
    """Look through the file that `connection` reads; `indexes` compares them with their tables, which takes long.

    Raises `Corrupt` where it is damaged.
    """
    (verdict,) = connection.execute(f"PRAGMA {'integrity' if indexes else 'quick'}_check(1)").fetchone()
    if verdict != "ok":
        raise corrupt(str(path), " ".join(str(verdict).split()))


def note(connection: sqlite3.Connection, noted: Left) -> None:
    """Note it, in the connection's transaction."""
    connection.execute(_LEAVE, {"key": _KEY, "value": f"{noted.modified} {noted.looked_through}"})


def leaving(connection: sqlite3.Connection, looked_through: float) -> int:
    """Note that the file is left in order, in the connection's transaction; returns the time that it is to have."""
    modified = time.time_ns()
    note(connection, Left(modified, looked_through))
    return modified


def leave(path: Path, modified: int | None) -> None:
    """Give a file that is closed the time that is noted within; None: another one, so that it is looked through next.

    Raises OSError.
    """
    os.utime(path, ns=(path.stat().st_atime_ns, time.time_ns() if modified is None else modified))

"""One instance per state store: a lock of the kernel's, which dies with its holder.

Decides who may run; leaves to SQLite who may write at this moment. The lock file is never deleted: whoever deletes it
while another process has it open lets a third one lock a file of the same name.
"""

import errno
import fcntl
import os
import stat
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from syncd_state.errors import Locked, obstructed, unwritable

_MODE = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""Through a link another file would be emptied, and at a pipe one would wait."""


class InstanceLock:
    """The lock of the store in the file `path`, on `<path>.lock` (mode 0600); for a `with` statement.

    Taking it raises `Locked` at once where another instance has it, and `Unwritable` where the file cannot be made.
    """

    def __init__(self, path: Path | str) -> None:
        # By the file that it really is: a symbolic link must not be a second name to lock.
        self.path = Path(f"{Path(path).resolve()}.lock")
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock without waiting for it."""
        try:
            descriptor = os.open(self.path, _MODE, 0o600)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO):  # a link, or a pipe or socket that nobody is at
                raise obstructed(self.path) from error
            raise unwritable(str(self.path), str(error)) from error
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise obstructed(self.path)
            _take(descriptor, self.path)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; without effect where it is not held."""
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        # The next holder is not yet known by then; better no process id than a wrong one.
        os.ftruncate(descriptor, 0)
        os.close(descriptor)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _take(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        pid = _holder(descriptor)
        who = "another instance" if pid is None else f"another instance (process {pid})"
        raise Locked(
            f"{who} runs on this state store: it holds {path}; stop it, or wait until it is done", pid
        ) from error
    except OSError as error:
        raise unwritable(str(path), str(error)) from error
    with suppress(OSError):  # on a full disk the lock holds as well; it only cannot say whose it is
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)


def _holder(descriptor: int) -> int | None:
    text = os.pread(descriptor, 20, 0).strip()
    return int(text) if text.isdigit() else None

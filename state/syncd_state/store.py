"""The open store: where transactions begin and end.

Decides that one thread has one transaction at a time, that writers come one after another, and that nothing is kept
unless the block ends well; that a file in which something went wrong is not left as one in order, and that nothing is
called a bug or a full disk before the file was looked through for damage. Leaves what is read and written to
`Transaction`.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from functools import partial
from threading import Lock, local
from types import TracebackType
from typing import Self

from syncd_state.connecting import Connections, OpenFile
from syncd_state.errors import Corrupt, Misused, StoreError, Unwritable, corrupt, translated
from syncd_state.look import look
from syncd_state.soundness import leave, leaving, require_sound
from syncd_state.transaction import Transaction


class Store:
    """Appointments, mappings, journal and the rest, in one SQLite database; made by `open_store`.

    May be used from several threads. `before_commit` and `after_commit` are called around every commit of `write()`,
    so that a test can fail or stop there: what the first raises undoes the transaction, what the second raises does
    not.
    """

    def __init__(
        self,
        place: str,
        *,
        writer: Connections,
        reader: Connections,
        file: OpenFile | None = None,
        looked_through: float = 0.0,
        before_commit: Callable[[], None] | None = None,
        after_commit: Callable[[], None] | None = None,
    ) -> None:
        self.place = place
        self._writer = writer
        self._reader = reader
        self._file = file
        self._looked_through = looked_through
        self._in_order = True
        self._before_commit = before_commit
        self._after_commit = after_commit
        self._writing = Lock()
        # A database in memory has one connection, so there readers wait as well.
        self._reading: AbstractContextManager[object] = self._writing if reader is writer else nullcontext()
        self._thread = local()
        self._closed = False

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction that holds the write lock and is committed, durably, when the block ends.

        Rolled back when the block raises. Raises `Busy`, `Unwritable` or `Corrupt`; `Misused` inside another
        transaction of the same thread.
        """
        with self._told(), self._one_a_thread(), self._writing:
            with _transaction(self._writer, writable=True) as transaction:
                yield transaction
                if self._before_commit is not None:
                    self._before_commit()
            if self._after_commit is not None:
                self._after_commit()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that sees one state of the store, whatever is written meanwhile. Errors as of `write`."""
        with (
            self._told(),
            self._one_a_thread(),
            self._reading,
            _transaction(self._reader, writable=False) as transaction,
        ):
            yield transaction

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            with translated(self.place):
                yield
        except StoreError as error:
            self._in_order = False
            # An index that lacks what its table has looks like a mistake of ours.
            doubtful = isinstance(error, Misused | Unwritable) and isinstance(error.__cause__, sqlite3.Error)
            damage = self._damage() if doubtful else None
            if damage is not None:
                raise damage from error.__cause__
            raise

    def _damage(self) -> Corrupt | None:
        """What is wrong with the file, as far as looking through it tells."""
        if self._file is not None:
            try:
                with translated(self.place):
                    look(self._file.path, 0.0, partial(require_sound, self._file.path, indexes=True))
            except Corrupt as error:
                return error
            except (StoreError, OSError):
                pass  # it cannot be read now: what went wrong before says more
        return None

    @contextmanager
    def _one_a_thread(self) -> Iterator[None]:
        if self._closed:
            raise Misused("the store is closed; this is a bug, please report it")
        if getattr(self._thread, "inside", False):
            raise Misused("a transaction is open in this thread already; this is a bug, please report it")
        self._thread.inside = True
        try:
            yield
        finally:
            self._thread.inside = False

    def damaged(self, detail: str) -> Corrupt:
        """What to raise where something that was read from it cannot be what was written, because of `detail`."""
        return corrupt(self.place, detail)

    def close(self) -> None:
        """Close all connections; the log is moved into the file. A store in memory is gone. May be called twice."""
        if self._closed:
            return
        modified = self._noted_as_left()
        self._closed = True
        with translated(self.place):
            self._reader.close()
            self._writer.close()
        if self._file is not None:
            self._file.release()
            with suppress(OSError):
                leave(self._file.path, modified)

    def _noted_as_left(self) -> int | None:
        """Note in a file that it is left in order, where it is; returns the time that it is to have then."""
        if self._file is None or not self._in_order or not self._writing.acquire(blocking=False):
            return None
        try:
            with translated(self.place), self._writer.begin() as connection:
                return leaving(connection, self._looked_through)
        except StoreError:
            return None  # it is looked through when it is opened next
        finally:
            self._writing.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextmanager
def _transaction(connections: Connections, *, writable: bool) -> Iterator[Transaction]:
    with connections.begin() as connection, closing(Transaction(connection, writable=writable)) as transaction:
        yield transaction

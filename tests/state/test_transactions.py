"""Where a transaction begins and ends, and what survives it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from syncd_state import Busy, Misused, Store, StoreError, Transaction, open_store
from tests.state.world import appointment, mapping, url


class Injected(Exception):
    """A failure that a test causes."""


def test_what_was_written_is_read_by_the_next_transaction(store: Store) -> None:
    """A committed transaction is seen by every later one."""
    with store.write() as tx:
        tx.put_meta("token", "1")
    with store.read() as tx:
        assert tx.get_meta("token") == "1"


def test_what_was_committed_survives_reopening(path: Path) -> None:
    """A store that is opened again holds what was committed."""
    with open_store(url(path)) as store, store.write() as tx:
        tx.put_meta("token", "1")
    with open_store(url(path)) as store, store.read() as tx:
        assert tx.get_meta("token") == "1"


def test_a_block_that_raises_leaves_nothing_behind(store: Store) -> None:
    """An exception inside the block undoes the whole transaction and reaches the caller as it is."""

    def write_and_fail() -> None:
        with store.write() as tx:
            tx.put_meta("token", "1")
            raise Injected

    with pytest.raises(Injected):
        write_and_fail()
    with store.read() as tx:
        assert tx.get_meta("token") is None


@pytest.mark.parametrize(("hook", "kept"), [("before_commit", 1), ("after_commit", 2)])
@pytest.mark.parametrize("place", ["file", "memory"])
def test_a_hook_can_fail_at_the_nth_commit(path: Path, place: str, hook: str, kept: int) -> None:
    """What fails before a commit undoes it; what fails after it comes too late for that."""
    calls = 0

    def second_fails() -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Injected

    target = url(path) if place == "file" else "sqlite://"
    hooks = {hook: second_fails}
    with open_store(target, **hooks) as store:  # type: ignore[arg-type]
        with store.write() as tx:
            tx.put_meta("step", "1")
        with pytest.raises(Injected), store.write() as tx:
            tx.put_meta("step", "2")
        with store.read() as tx:
            assert tx.get_meta("step") == str(kept)
        with store.write() as tx:
            tx.put_meta("step", "3")
        with store.read() as tx:
            assert tx.get_meta("step") == "3"


def test_a_reading_transaction_cannot_write(store: Store) -> None:
    """Writing inside read() is refused, in a file and in memory alike."""
    with pytest.raises(Misused, match="cannot write"), store.read() as tx:
        tx.put_meta("token", "1")


@pytest.mark.parametrize("use", [Transaction.observations, Transaction.appointments_pending])
def test_a_transaction_that_is_over_answers_no_more(store: Store, use: Callable[[Transaction], object]) -> None:
    """Keeping a transaction beyond its block is refused as the bug that it is."""
    with store.read() as tx:
        pass
    with pytest.raises(Misused, match="is over"):
        use(tx)


@pytest.mark.parametrize("inner", ["read", "write"])
def test_a_thread_has_one_transaction_at_a_time(store: Store, inner: str) -> None:
    """A transaction inside another would wait for itself: it is refused, and the outer one can be repeated."""
    with pytest.raises(Misused, match="open in this thread"), store.write(), getattr(store, inner)():
        raise AssertionError("not reached")
    with store.write() as tx:
        tx.put_meta("token", "1")


def test_writers_of_several_threads_lose_no_update(store: Store) -> None:
    """Each writer reads what the one before it has committed."""

    def count() -> None:
        for _ in range(20):
            with store.write() as tx:
                tx.put_meta("n", str(int(tx.get_meta("n") or "0") + 1))

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as tx:
        assert tx.get_meta("n") == "80"


def test_a_reader_sees_one_state_while_another_thread_writes(path: Path) -> None:
    """A reading transaction keeps its view, and keeps no writer waiting."""
    with open_store(url(path)) as store:

        def write(value: str) -> None:
            with store.write() as tx:
                tx.put_meta("token", value)

        write("old")
        with store.read() as tx:
            before = tx.get_meta("token")
            other = Thread(target=write, args=("new",))
            other.start()
            other.join()
            assert (before, tx.get_meta("token")) == ("old", "old")
        with store.read() as tx:
            assert tx.get_meta("token") == "new"


def test_another_process_that_keeps_the_write_lock_makes_the_store_busy(path: Path) -> None:
    """A writer gives up after the busy timeout and says what to do; a reader is not concerned."""
    with (
        open_store(url(path), busy_timeout=0) as store,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy, match=r"state\.db is busy.*stop it") as caught, store.write():
            raise AssertionError("not reached")
        assert isinstance(caught.value.__cause__, Exception)
        with store.read() as tx:
            assert tx.get_meta("token") is None
        other.execute("ROLLBACK")
        with store.write() as tx:
            tx.put_meta("token", "1")


def test_a_broken_constraint_is_a_misuse_and_undoes_the_transaction(store: Store) -> None:
    """A mapping of an appointment that does not exist is refused, with all that was written before it."""
    with store.write() as tx:
        tx.upsert_appointments([appointment("a1")])
    rows = [mapping("7", appointment_id="a1"), mapping("8", appointment_id="nobody")]
    with pytest.raises(Misused, match="FOREIGN KEY"), store.write() as tx:
        tx.upsert_mappings(rows)
    with store.read() as tx:
        assert tx.mappings_of(["a1"]) == []


@pytest.mark.parametrize(
    "row", [appointment(agreed="\ud800"), appointment(start=float("nan")), appointment(agreed=object())]
)
def test_a_value_that_sqlite_cannot_hold_is_a_misuse(store: Store, row: object) -> None:
    """Half a surrogate pair, no number, or an object: the error is the store's own, and names no value."""
    with pytest.raises(Misused), store.write() as tx:
        tx.upsert_appointments([row])  # type: ignore[list-item]


def test_errors_do_not_repeat_the_values_that_were_written(store: Store) -> None:
    """Clients' details stay out of messages, as they would end up in logs."""
    with pytest.raises(StoreError) as caught, store.write() as tx:
        tx.upsert_mappings([mapping(appointment_id="nobody", base='{"client": "Jane"}')])
    assert "Jane" not in f"{caught.value} {caught.value.__cause__}"


def test_a_closed_store_answers_no_more(store: Store) -> None:
    """Closing twice has no effect; using a closed store is refused rather than opening the file again."""
    store.close()
    store.close()
    with pytest.raises(Misused, match="is closed"), store.read():
        raise AssertionError("not reached")

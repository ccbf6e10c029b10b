"""When a file is looked through for damage as it is opened, and how damage is told that this did not meet."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from syncd_state import Corrupt, Store, StoreError, Transaction, open_store
from syncd_state.soundness import DAY
from tests.state.test_opening import largest_file
from tests.state.world import appointment, conflict, dropped_by_a_crash, execute, filled, intention, mapping, url

PAGE = 4096
NOW = 1_800_000_000.0


def at(now: float, path: Path) -> Store:
    """The store at this time."""
    return open_store(url(path), clock=lambda: now)


def large(path: Path) -> Path:
    """A store of many pages, closed in order."""
    with at(NOW, path) as store, filled(store).write() as tx:
        tx.upsert_appointments([appointment(f"b{number}", agreed="x" * 900) for number in range(40)])
        tx.upsert_mappings([mapping(f"r{number}", appointment_id=f"b{number % 40}") for number in range(200)])
        tx.put_conflicts([conflict(f"k{number}") for number in range(60)])
        for number in range(60):
            tx.journal_intend(intention(operation_id=f"op{number}", appointment_id=f"b{number % 40}"))
    return path


def rot(path: Path, page: int, content: bytes = bytes(PAGE)) -> None:
    """A page changes by itself: the file's time does not tell."""
    before = path.stat()
    whole = bytearray(path.read_bytes())
    whole[page * PAGE : (page + 1) * PAGE] = content
    path.write_bytes(whole)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def last_page(path: Path) -> int:
    """One that opening reads nothing of."""
    return path.stat().st_size // PAGE - 1


def test_what_was_left_in_order_is_looked_through_once_a_day(path: Path) -> None:
    """Damage at rest is told after a day at the latest; so long, a store is opened without reading all of it."""
    rot(large(path), last_page(path))
    at(NOW + DAY - 1, path).close()
    with pytest.raises(Corrupt, match="restore a copy"):
        at(NOW + DAY, path)


def test_a_clock_that_was_set_back_shows_no_day(path: Path) -> None:
    """What was looked through in the future was perhaps looked through years ago."""
    rot(large(path), last_page(path))
    with pytest.raises(Corrupt):
        at(NOW - 1, path)


def test_the_day_begins_anew_when_it_was_looked_through(path: Path) -> None:
    """And not whenever it is opened."""
    large(path)
    at(NOW + DAY - 1, path).close()
    at(NOW + DAY, path).close()
    rot(path, last_page(path))
    at(NOW + DAY * 2 - 1, path).close()
    with pytest.raises(Corrupt):
        at(NOW + DAY * 2, path)


def test_what_a_process_that_was_killed_leaves_is_looked_through(path: Path, tmp_path: Path) -> None:
    """Its log lies beside it."""
    large(path)
    with at(NOW, path) as store:
        with store.write() as tx:
            tx.put_meta("token", "2")
        left = dropped_by_a_crash(path, tmp_path / "crashed")
        shutil.copystat(path, left)
    rot(left, last_page(left))
    with pytest.raises(Corrupt):
        at(NOW, left)


@pytest.mark.parametrize("readonly", [False, True])
def test_what_somebody_else_put_there_is_looked_through(path: Path, tmp_path: Path, readonly: bool) -> None:
    """A copy that is put in its place, as old as it may be."""
    rot(large(path), last_page(path))
    copy = shutil.copyfile(path, tmp_path / "copy.db")
    os.replace(copy, path)
    with pytest.raises(Corrupt):
        open_store(url(path), clock=lambda: NOW, readonly=readonly)


def test_what_somebody_else_wrote_to_is_looked_through(path: Path) -> None:
    """With the shell, say, which may do it as it should be done."""
    large(path)
    execute(path, "UPDATE meta SET value = '2' WHERE key = 'token'")
    rot(path, last_page(path))
    with pytest.raises(Corrupt):
        at(NOW, path)


def test_what_is_copied_with_its_time_is_as_it_was(path: Path, tmp_path: Path) -> None:
    """`cp -p` and `rsync -a` keep both."""
    copy = Path(shutil.copy2(large(path), tmp_path / "copy.db"))
    rot(copy, last_page(copy))
    at(NOW, copy).close()


def _fails(tx: Transaction) -> None:
    tx.upsert_mappings([mapping(appointment_id="nobody")])


def _finds_no_space(tx: Transaction) -> None:
    with largest_file(1000):
        tx.upsert_appointments([appointment(f"c{number}", agreed="x" * 90_000) for number in range(90)])


@pytest.mark.parametrize("goes_wrong", [_fails, _finds_no_space])
def test_a_store_in_which_something_went_wrong_is_not_left_in_order(
    path: Path, goes_wrong: Callable[[Transaction], None]
) -> None:
    """Whatever it was: it is looked through when it is opened next."""
    large(path)
    with at(NOW, path) as store, suppress(StoreError), store.write() as tx:
        goes_wrong(tx)
    rot(path, last_page(path))
    with pytest.raises(Corrupt):
        at(NOW, path)


def test_what_cannot_be_noted_hinders_no_end(path: Path) -> None:
    """On a full disk, or where another process keeps the write lock, the next opening takes longer."""
    large(path)
    store = at(NOW, path)
    with largest_file(1000):
        store.close()
    with at(NOW, path) as store, store.read() as tx:
        assert tx.counts().appointments == 41


def use(store: Store) -> None:
    """Read and write what a cycle reads and writes."""
    with store.read() as tx:
        tx.index("crm", float("-inf"))
        tx.appointments([f"b{number}" for number in range(40)])
        tx.mappings_of([f"b{number}" for number in range(40)])
        tx.counts()
        tx.journal_unsettled()
        tx.conflicts_open()
        tx.last_cycles(5)
        tx.observations()
        tx.quarantines()
        tx.held()
    with store.write() as tx:
        tx.upsert_appointments([appointment(f"b{number}", pending=True, start=5.0) for number in range(60)])
        tx.upsert_mappings([mapping(f"r{number}", appointment_id="b1", start=7.0) for number in range(300)])
        tx.put_conflicts([conflict(f"k{number}", appointment_id="b2") for number in range(90)])
        tx.journal_settle(tx.journal_intend(intention()), "done", None, "2026-12-01T12:00:00.000000Z")
        tx.put_meta("token", "2")
        tx.forget_appointments([f"b{number}" for number in range(10)])


def test_an_index_that_lacks_a_row_is_damage_and_no_bug(path: Path) -> None:
    """A mapping of an appointment that is there is refused as one of an appointment that is not."""
    keys = "SELECT rootpage - 1 FROM sqlite_master WHERE name = 'sqlite_autoindex_appointment_1'"
    with at(NOW, large(path)) as store, store.read() as tx:
        [(page,)] = tx._tuples(keys)
    content = path.read_bytes()[page * PAGE :][:PAGE]
    rot(path, page, content.replace(b"b7", b"bX"))
    with at(NOW, path) as store, pytest.raises(Corrupt, match="missing from index"), store.write() as tx:
        tx.upsert_mappings([mapping("new", appointment_id="b7")])


RANDOM = random.Random(7)
GARBAGE = {
    "zeros": bytes(PAGE),
    "letters": b"\xa5" * PAGE,
    "anything": RANDOM.randbytes(PAGE),
    "another page": None,
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_damage_that_is_met_is_told_as_damage(path: Path, kind: str) -> None:
    """Whatever page it is in, and whatever SQLite trips over: never as a full disk, a lack of rights, or a bug."""
    sound = large(path).read_bytes()
    before, told = path.stat(), 0
    for page in range(len(sound) // PAGE):
        path.write_bytes(sound)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        content = GARBAGE[kind]
        other = (page + 1) % (len(sound) // PAGE)
        rot(path, page, sound[other * PAGE :][:PAGE] if content is None else content)
        try:
            with at(NOW, path) as store:
                use(store)
        except Corrupt:
            told += 1
        for file in path.parent.iterdir():
            file.unlink()
    assert told > 10

"""Opening a store creates, checks or refuses, and a refusal changes nothing."""

import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from syncd_state import BadUrl, Busy, Corrupt, NewerSchema, Unwritable, database_path, open_store
from tests.state.world import appointment, dropped_by_a_crash, execute, filled, traces, url


def at_rest(path: Path) -> Path:
    """A closed store with a row in every table."""
    with open_store(url(path)) as store:
        filled(store)
    return path


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """A disk on which no file grows beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def other_process(code: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A Python process that has printed its first line and runs until its standard input ends."""
    command = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.stdin.close()


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_all_files_of_a_store_belong_to_their_owner_alone(path: Path, mask: int) -> None:
    """Whatever the umask says, nobody else reads the database, its log or the log's index."""
    before = os.umask(mask)
    try:
        with open_store(url(path)) as store:
            filled(store)
            modes = {name: trace.mode for name, trace in traces(path.parent).items()}
    finally:
        os.umask(before)
    assert modes == {"state.db": 0o600, "state.db-wal": 0o600, "state.db-shm": 0o600}


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666])
def test_rights_that_were_given_away_are_taken_back(path: Path, mode: int) -> None:
    """A store that was restored with the usual mode becomes private when it is opened."""
    at_rest(path).chmod(mode)
    with open_store(url(path)):
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_closed_store_is_one_file(path: Path) -> None:
    """Nothing lies beside a store at rest, so that copying the file copies the store."""
    assert list(traces(at_rest(path).parent)) == ["state.db"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("sqlite:////var/lib/syncd/syncd.db", Path("/var/lib/syncd/syncd.db")),
        ("sqlite:///state.db", Path.cwd() / "state.db"),
    ],
)
def test_a_url_names_a_file_or_memory(given: str, expected: Path | None) -> None:
    """A relative path counts from the working directory."""
    assert database_path(given) == expected


@given(st.text(alphabet="/:?#@%&= \né.db"))
def test_a_url_is_read_as_sqlalchemy_reads_it(place: str) -> None:
    """Most are read without it, as to load it takes longer than to read a store."""
    parsed = make_url(f"sqlite:///{place}")
    if parsed.query:
        with pytest.raises(BadUrl):
            database_path(f"sqlite:///{place}")
    else:
        expected = None if parsed.database in (None, "", ":memory:") else Path(str(parsed.database)).absolute()
        assert database_path(f"sqlite:///{place}") == expected


@pytest.mark.parametrize(
    "given", ["", "state.db", "postgresql://u:hush@h/db", "sqlite://host/state.db", "sqlite:///file:x?mode=ro&uri=true"]
)
def test_any_other_url_is_refused(given: str) -> None:
    """The message says how to write it, and repeats no password."""
    with pytest.raises(BadUrl, match="sqlite:///PATH") as caught:
        open_store(given)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("name", ["100% state %41.db", "état #1;.db", "file:state.db"])
@pytest.mark.parametrize("readonly", [False, True])
def test_a_path_may_hold_any_character(tmp_path: Path, name: str, readonly: bool) -> None:
    """What means something in a URI or to SQLite means nothing in a path."""
    path = at_rest(tmp_path / name)
    with open_store(url(path), readonly=readonly) as store, store.read() as tx:
        assert tx.counts().appointments == 1
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("readonly", [False, True])
def test_a_folder_that_does_not_exist_is_not_created(tmp_path: Path, readonly: bool) -> None:
    """A mistyped path is reported; folders are the operator's."""
    with pytest.raises(Unwritable, match=r"missing does not exist; create it"):
        open_store(url(tmp_path / "missing" / "state.db"), readonly=readonly)
    assert traces(tmp_path) == {}


@pytest.mark.parametrize("readonly", [False, True])
def test_a_folder_is_no_store(tmp_path: Path, readonly: bool) -> None:
    """A path that names a folder is reported as that."""
    with pytest.raises(Unwritable, match="is not a file"):
        open_store(url(tmp_path), readonly=readonly)


def damaged(path: Path, damage: str) -> None:
    """Do to a store at rest what disks and people do."""
    content = path.read_bytes()
    match damage:
        case "emptied":
            path.write_bytes(b"")
        case "half":
            path.write_bytes(content[: len(content) // 2])
        case "first bytes":
            path.write_bytes(content[:100])
        case "one page":
            path.write_bytes(content[: 5 * 4096] + bytes(4096) + content[6 * 4096 :])
        case "overwritten":
            path.write_bytes(content[:8192] + b"\xa5" * (len(content) - 8192))
        case "text":
            path.write_text("this is not a database, but it is as long as the header of one would be. " * 9)
        case "another program's":
            path.unlink()
            execute(path, "CREATE TABLE appointment (id TEXT)")
        case "no revision":
            execute(path, "DELETE FROM alembic_version")
        case _:
            raise AssertionError(damage)


@pytest.mark.parametrize(
    "damage", ["emptied", "half", "first bytes", "one page", "overwritten", "text", "another program's", "no revision"]
)
@pytest.mark.parametrize("readonly", [False, True])
def test_what_is_no_sound_store_is_refused_untouched(path: Path, damage: str, readonly: bool) -> None:
    """The message names the file and the way out; nothing is written, created or truncated."""
    damaged(at_rest(path), damage)
    before = traces(path.parent)
    with pytest.raises(Corrupt, match=r"state\.db is damaged.*restore a copy"):
        open_store(url(path), readonly=readonly)
    assert traces(path.parent) == before


@pytest.mark.parametrize("readonly", [False, True])
@pytest.mark.parametrize("crashed", [False, True])
def test_a_newer_schema_is_refused_untouched(path: Path, tmp_path: Path, readonly: bool, crashed: bool) -> None:
    """Also where the newer version crashed and its log holds what the file does not."""
    with open_store(url(path)) as store:
        if crashed:
            with closing(sqlite3.connect(path)) as newer:
                newer.execute("UPDATE alembic_version SET version_num = '9999'")
                newer.commit()
                path = dropped_by_a_crash(path, tmp_path / "crashed")
        filled(store)
    if not crashed:
        execute(path, "UPDATE alembic_version SET version_num = '9999'")
    before = traces(path.parent)
    with pytest.raises(NewerSchema, match=r"state\.db has schema 9999, newer than .*left as it is"):
        open_store(url(path), readonly=readonly)
    assert traces(path.parent) == before


def test_a_crash_loses_no_committed_transaction(path: Path, tmp_path: Path) -> None:
    """What only the log holds is there after the next opening."""
    with open_store(url(path)) as store:
        filled(store)
        left = dropped_by_a_crash(path, tmp_path / "crashed")
    with open_store(url(left)) as store, store.read() as tx:
        assert tx.counts().appointments == 1
    assert list(traces(left.parent)) == ["state.db"]


def test_readonly_without_a_file_is_an_empty_store(path: Path) -> None:
    """A dry run before the first run finds nothing and leaves nothing."""
    with open_store(url(path), readonly=True) as store, store.write() as tx:
        tx.upsert_appointments([appointment()])
        assert tx.counts().appointments == 1
    assert traces(path.parent) == {}


@pytest.mark.parametrize("left_by", ["close", "crash", "crash without the index"])
def test_readonly_changes_nothing_on_the_disk(path: Path, tmp_path: Path, left_by: str) -> None:
    """Bytes, times, rights and the folder's listing stay, whatever is read and written in the copy."""
    with open_store(url(path)) as store:
        filled(store)
        crashed = dropped_by_a_crash(path, tmp_path / "crashed")
    if left_by != "close":
        path = crashed
    if left_by == "crash without the index":
        Path(f"{path}-shm").unlink()
    path.chmod(0o644)
    before = traces(path.parent)
    with open_store(url(path), readonly=True) as store:
        with store.write() as tx:
            assert tx.counts().appointments == 1
            tx.upsert_appointments([appointment("a2")])
        with store.read() as tx:
            assert tx.counts().appointments == 2
        assert traces(path.parent) == before
    assert traces(path.parent) == before


def test_a_log_that_cannot_be_copied_is_reported(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a temporary folder there is no looking at a crashed store, and nothing is done to it instead."""
    with open_store(url(path)) as store:
        filled(store)
        left = dropped_by_a_crash(path, tmp_path / "crashed")
    before = traces(left.parent)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(Unwritable, match="missing"):
        open_store(url(left))
    assert traces(left.parent) == before


def test_a_store_that_was_never_closed_can_be_opened_again(path: Path) -> None:
    """A simulation drops a store as a crash would; the next one goes on from what was committed."""
    dropped = filled(open_store(url(path)))
    with open_store(url(path)) as store, store.read() as tx:
        assert tx.counts().appointments == 1
    dropped.close()
    assert list(traces(path.parent)) == ["state.db"]


def test_readonly_sees_what_the_open_store_of_this_process_has_committed(path: Path) -> None:
    """And nothing that it has not; the open store goes on as if nothing had looked."""
    with open_store(url(path)) as store:
        filled(store)
        with store.write() as tx:
            tx.upsert_appointments([appointment("a2")])
            with open_store(url(path), readonly=True) as copy, copy.read() as seen:
                assert seen.counts().appointments == 1
        with store.read() as tx:
            assert tx.counts().appointments == 2


WRITER = """
import random, sqlite3, sys
chosen = random.Random(7)
print("ready", flush=True)
for _ in range(60):
    other = sqlite3.connect(sys.argv[1], isolation_level=None)
    other.execute("PRAGMA synchronous=OFF")
    other.execute("PRAGMA wal_autocheckpoint=8")
    for _ in range(100):
        less, more = chosen.sample(range(200), 2)
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE meta SET value = value - 1 WHERE key = 'n' || ?", (less,))
        other.execute("UPDATE meta SET value = value + 1 WHERE key = 'n' || ?", (more,))
        other.execute("COMMIT")
    other.close()
"""


def test_readonly_sees_one_state_while_another_process_writes(path: Path) -> None:
    """In the middle of commits, checkpoints, openings and closings, a copy holds all of a transaction or nothing."""
    with open_store(url(path)) as store, store.write() as tx:
        for number in range(200):
            tx.put_meta(f"n{number}", "0")
            tx.put_meta(f"page of its own {number}", "x" * 3000)
    with other_process(WRITER, str(path)) as process:
        while process.poll() is None:
            with open_store(url(path), readonly=True) as store, store.read() as tx:
                assert sum(int(tx.get_meta(f"n{number}") or "") for number in range(200)) == 0
        assert process.returncode == 0


CHECKPOINTER = """
import fcntl, sys
with open(sys.argv[1], "r+b") as index:
    fcntl.lockf(index, fcntl.LOCK_EX, 1, 121)
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_a_checkpoint_that_does_not_end_makes_the_store_busy(path: Path, tmp_path: Path) -> None:
    """A copy of a file into which pages are being moved would be neither the old state nor the new one."""
    with open_store(url(path)) as store:
        filled(store)
        left = dropped_by_a_crash(path, tmp_path / "crashed")
    with other_process(CHECKPOINTER, f"{left}-shm"), pytest.raises(Busy, match=r"state\.db is busy"):
        open_store(url(left), readonly=True, busy_timeout=0)


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_opening_waits_for_another_writer_no_longer_than_told(path: Path, journal: str) -> None:
    """A store that cannot be written now says so when it is opened, not in the middle of a cycle."""
    at_rest(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(f"PRAGMA journal_mode={journal}")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Busy):
            open_store(url(path), busy_timeout=0)


def test_a_disk_without_space_leaves_no_half_store(path: Path) -> None:
    """A store that cannot be created whole is not created."""
    with largest_file(1000), pytest.raises(Unwritable, match=r"state\.db cannot be read or written.*free space"):
        open_store(url(path))
    assert traces(path.parent) == {}


def test_a_disk_that_fills_up_undoes_the_transaction_and_no_more(path: Path) -> None:
    """What was committed before is still there, and writing goes on once there is space."""
    many = [appointment(f"b{number}", agreed="x" * 5000) for number in range(400)]
    with open_store(url(path)) as store:
        filled(store)
        with largest_file(500_000), pytest.raises(Unwritable, match="free space"), store.write() as tx:
            tx.upsert_appointments(many)
        with store.write() as tx:
            assert tx.counts().appointments == 1
            tx.upsert_appointments(many)
            assert tx.counts().appointments == 401


def test_a_disk_that_stays_full_costs_no_descriptor_for_each_error(path: Path) -> None:
    """The file is looked at after each, and what looked stays open: closing it would drop this process's own locks."""
    with open_store(url(path)) as store:
        found = []
        for _ in range(3):
            with largest_file(500_000), pytest.raises(Unwritable, match="free space"), store.write() as tx:
                tx.put_meta("cursor", "x" * 1_000_000)
            found.append(len(os.listdir("/proc/self/fd")))
        assert found[1:] == found[:1] * 2


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize("what", ["link", "pipe"])
@pytest.mark.parametrize("readonly", [False, True])
def test_what_leads_elsewhere_beside_a_store_is_refused_untouched(
    path: Path, tmp_path: Path, ending: str, what: str, readonly: bool
) -> None:
    """Whoever may write into the folder has no other file written to, and nobody waits at a pipe."""
    at_rest(path)
    other, beside = tmp_path / "other", Path(f"{path}{ending}")
    other.write_bytes(b"somebody else's")
    if what == "link":
        beside.symlink_to(other)
    else:
        os.mkfifo(beside)
    with pytest.raises(Unwritable, match=rf"state\.db{ending} is a link, or no file.*move it away"):
        open_store(url(path), readonly=readonly)
    assert other.read_bytes() == b"somebody else's"


@pytest.mark.parametrize("readonly", [False, True])
def test_a_store_under_two_names_is_refused_under_both(path: Path, tmp_path: Path, readonly: bool) -> None:
    """Its log lies beside one of them: under the other, what is in the log would be lost, or the file damaged."""
    at_rest(path)
    second = tmp_path / "second.db"
    os.link(path, second)
    for name in (path, second):
        with pytest.raises(Unwritable, match=rf"{name.name} has 2 names.*leave one"):
            open_store(url(name), readonly=readonly)
    second.unlink()
    with open_store(url(path), readonly=readonly) as store, store.read() as tx:
        assert tx.counts().appointments == 1


def test_a_name_that_the_making_of_a_store_left_is_no_second_one(path: Path) -> None:
    """Whoever made it was killed between giving it its name and taking the first one away."""
    at_rest(path)
    left = path.with_name(f".{path.name}.k1ll3d")
    os.link(path, left)
    with open_store(url(path), readonly=True):
        assert left.exists()
    with open_store(url(path)) as store, store.read() as tx:
        assert tx.counts().appointments == 1
    assert not left.exists()


def test_a_symbolic_link_is_the_store_that_it_leads_to(path: Path, tmp_path: Path) -> None:
    """Also where a crash left what was written last in the log, which lies beside the file itself."""
    with open_store(url(path)) as store:
        filled(store)
        left = dropped_by_a_crash(path, tmp_path / "crashed")
    name = tmp_path / "latest.db"
    name.symlink_to(left)
    for readonly in (True, False):
        with open_store(url(name), readonly=readonly) as store, store.read() as tx:
            assert tx.counts().appointments == 1


@pytest.mark.parametrize(
    ("damage", "lacks"),
    [
        ("DROP TABLE held", "the table held"),
        ("ALTER TABLE meta RENAME COLUMN value TO worth", "the column value of the table meta"),
    ],
)
@pytest.mark.parametrize("readonly", [False, True])
def test_a_store_that_lacks_a_part_is_refused(path: Path, damage: str, lacks: str, readonly: bool) -> None:
    """It is damaged: nothing of it can be relied on, and no statement of ours is the bug."""
    execute(at_rest(path), damage)
    with pytest.raises(Corrupt, match=rf"state\.db is damaged.*it lacks {lacks}.*restore a copy"):
        open_store(url(path), readonly=readonly)


def test_a_table_that_vanishes_while_the_store_is_open_is_damage(path: Path) -> None:
    """As it is before it is opened."""
    with open_store(url(path)) as store:
        execute(path, "DROP TABLE held")
        with pytest.raises(Corrupt, match="no such table"), store.read() as tx:
            tx.held()

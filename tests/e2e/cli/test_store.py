"""A state store that cannot be used: exit 74, and the file stays as it is. One that is in use: exit 75."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.cli.command import eventually
from tests.e2e.cli.world import World, contents

COMMANDS = [["--once"], ["--dry-run"], [], ["status"], ["approve"], ["check"]]


def _corrupt(path: Path) -> None:
    path.write_bytes(b"this is no database, whatever its name is" * 200)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _overwrite_a_page(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:8192] = os.urandom(4096)
    path.write_bytes(bytes(content))


def _newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()


def _of_another_program(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE books (title TEXT)")
    connection.close()


def _without_a_table(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE held")
    connection.close()


@pytest.fixture
def settled(world: World) -> World:
    """A world with a store that some cycles have filled."""
    world.book(*range(6))
    assert world.syncd("--once").code == 0
    return world


@pytest.mark.parametrize(
    "damage",
    [_corrupt, _truncate, _empty, _overwrite_a_page, _newer, _of_another_program, _without_a_table],
    ids=lambda f: f.__name__,
)
def test_a_damaged_or_newer_store_is_left_as_it_is(settled: World, damage: Callable[[Path], None]) -> None:
    """Every command ends with 74, names the file and the way out, asks no vendor, and changes not a byte."""
    damage(settled.state)
    requests = settled.requests
    before = settled.state.read_bytes()
    listed = {path.name for path in settled.state.parent.iterdir()}
    for arguments in COMMANDS:
        done = settled.syncd(*arguments)
        assert (arguments, done.code) == (arguments, 74)
        assert done.out == ""
        assert str(settled.state) in done.told
        assert "Traceback" not in done.err
    assert settled.requests == requests
    assert settled.state.read_bytes() == before
    assert {path.name for path in settled.state.parent.iterdir()} == listed


@pytest.mark.parametrize(
    ("place", "readers"),
    [
        ("appointment SET agreed", ["--once", "--dry-run"]),
        ("mapping SET base", ["--once", "--dry-run"]),
        ("meta SET value", ["--once", "--dry-run"]),
        ("cycle SET report", ["status", "history"]),
    ],
)
@pytest.mark.parametrize("value", ["'no JSON'", "'{}'", "CAST(x'ff' AS TEXT)"])
def test_a_row_that_cannot_be_read_is_damage_and_no_bug(
    settled: World, place: str, readers: list[str], value: str
) -> None:
    """74 and the way out, wherever it is met; nothing is written to a vendor."""
    with sqlite3.connect(settled.state) as connection:
        connection.execute(f"UPDATE {place} = {value}")
        connection.execute("UPDATE appointment SET pending = 1")
    connection.close()
    writes = settled.writes
    for command in readers:
        done = settled.syncd(command)
        assert (command, done.code) == (command, 74), done.err
        assert f"{settled.state} is damaged" in done.told
        assert "restore a copy" in done.told
    assert settled.writes == writes


@pytest.mark.parametrize("arguments", [["--once"], []], ids=["once", "daemon"])
def test_a_pipe_in_place_of_the_lock_is_said_and_waited_for_by_nobody(world: World, arguments: list[str]) -> None:
    """Exit 74 with what to do, and no vendor is asked."""
    os.mkfifo(f"{world.state}.lock")
    done = world.syncd(*arguments)
    assert (done.code, "move it away" in done.told) == (74, True)
    assert world.requests == 0


def test_one_store_under_two_names_has_no_two_runs(settled: World) -> None:
    """Exit 74 under either name, until one is gone."""
    second = settled.folder / "second.db"
    os.link(settled.state, second)
    for url in ("sqlite:///state/state.db", "sqlite:///second.db"):
        settled.configure(state=url)
        done = settled.syncd("--once")
        assert (done.code, "has 2 names" in done.told) == (74, True)
    settled.state.unlink()
    assert settled.syncd("--once").code == 0


def _missing(world: World) -> str:
    return str(world.folder / "none" / "state.db")


def _where_nobody_can_write(world: World) -> str:
    return "/proc/state.db"


def _a_folder_in_its_place(world: World) -> str:
    (world.folder / "state" / "state.db.lock").mkdir()
    return str(world.state)


@pytest.mark.parametrize("place", [_missing, _where_nobody_can_write, _a_folder_in_its_place], ids=lambda f: f.__name__)
@pytest.mark.parametrize("arguments", [["--once"], []], ids=["once", "daemon"])
def test_a_folder_that_cannot_be_written_is_said_at_once(
    world: World, place: Callable[[World], str], arguments: list[str]
) -> None:
    """Exit 74 before anything is asked of a vendor."""
    url = f"sqlite:///{place(world)}"
    world.configure(state=url)
    done = world.syncd(*arguments)
    assert (done.code, done.out) == (74, "")
    assert "check the free space" in done.told
    assert world.requests == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_said_at_once(world: World) -> None:
    """As an operator meets it after a wrong chown."""
    world.state.parent.chmod(0o500)
    done = world.syncd("--once")
    world.state.parent.chmod(0o700)
    assert (done.code, world.requests) == (74, 0)


def test_a_store_that_breaks_in_the_middle_of_a_daemon_s_life_is_74(settled: World) -> None:
    """The daemon does not go on without its memory; systemd sees the code, an operator what to do."""
    settled.configure(sync={"interval": "0.2s"})
    daemon = settled.daemon()
    eventually(lambda: daemon.said("cycle_finished"))
    settled.state.write_bytes(b"garbage" * 20_000)
    Path(f"{settled.state}-wal").write_bytes(b"garbage" * 20_000)
    done = daemon.wait()
    assert done.code == 74
    assert "is damaged" in done.told
    assert "Traceback" not in done.err


def test_a_disk_that_fills_up_is_74_and_nothing_is_doubled_afterwards(settled: World) -> None:
    """What was intended and could not be settled is looked for by the next run."""
    settled.configure(sync={"interval": "0.2s"})
    daemon = settled.daemon()
    eventually(lambda: daemon.said("cycle_finished"))
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (4096, 4096))
    settled.book(*range(10, 14), at=("crm",))
    assert daemon.wait().code == 74
    assert settled.syncd("--once").code == 0
    assert settled.in_step()
    assert len(settled.starts("crm")) == 10


@pytest.mark.parametrize("arguments", [["--once"], [], ["apply", "plan.json"]], ids=["once", "daemon", "apply"])
def test_a_second_instance_is_turned_away(settled: World, arguments: list[str]) -> None:
    """Exit 75 with the process id of the first, which goes on; afterwards the way is free."""
    assert settled.syncd("plan", "--out", "plan.json").code == 0
    daemon = settled.daemon()
    eventually(lambda: daemon.said("cycle_finished"))
    requests = settled.requests
    turned_away = settled.syncd(*arguments)
    assert (turned_away.code, turned_away.out) == (75, "")
    assert f"(process {daemon.process.pid})" in turned_away.told
    assert settled.requests == requests
    assert daemon.stop().code == 0
    assert settled.syncd("--once").code == 0


def test_the_lock_dies_with_its_holder(settled: World) -> None:
    """A killed daemon blocks nobody."""
    daemon = settled.daemon()
    eventually(lambda: daemon.said("cycle_finished"))
    assert daemon.stop(signal.SIGKILL).code == -signal.SIGKILL
    assert settled.syncd("--once").code == 0


def test_a_wrong_configuration_comes_before_a_damaged_store_and_a_held_lock(settled: World) -> None:
    """78 first: which store is meant is not known before."""
    _corrupt(settled.state)
    settled.config.write_text(settled.config.read_text().replace("[sync]", '[sync]\nconflict = "x"'))
    assert settled.syncd("--once").code == 78


def test_a_held_lock_comes_before_a_damaged_store(settled: World) -> None:
    """75: a store that another process writes to is not judged."""
    daemon = settled.daemon()
    eventually(lambda: daemon.said("cycle_finished"))
    before = contents(settled.state.parent)
    assert settled.syncd("--once").code == 75
    assert set(contents(settled.state.parent)) == set(before)

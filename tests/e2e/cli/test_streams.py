"""Streams and files that take nothing: no exit code is lost, nothing hangs, and what was done is reported."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from tests.e2e.cli import schema
from tests.e2e.cli.command import SYNCD, Finished, eventually
from tests.e2e.cli.world import World

STOPPED = ("tests.e2e.cli.stopped",)


def left_by_its_reader(world: World, *arguments: str, stream: str = "out") -> Finished:
    """A run one of whose streams is a pipe that nobody reads from any more."""
    reading, writing = os.pipe()
    os.close(reading)
    run = world.commands.start(*arguments, folder=world.folder, **{stream: writing})  # type: ignore[arg-type]
    os.close(writing)
    return run.wait()


@pytest.mark.parametrize("arguments", [["--help"], ["conflicts", "--help"], ["--version"]], ids=" ".join)
def test_help_that_nobody_reads_to_the_end_is_no_failure(quiet: World, arguments: list[str]) -> None:
    """As with `syncd --help | true`."""
    done = left_by_its_reader(quiet, *arguments)
    assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize(("arguments", "code"), [(["--nonsense"], 2), (["-c", "none.toml", "--once"], 78)], ids=str)
def test_an_error_that_cannot_be_told_keeps_its_exit_code(quiet: World, arguments: list[str], code: int) -> None:
    """Standard error leads to nobody, or to a full disk."""
    assert left_by_its_reader(quiet, *arguments, stream="err").code == code
    full = os.open("/dev/full", os.O_WRONLY)
    done = quiet.commands.start(*arguments, folder=quiet.folder, err=full).wait()
    os.close(full)
    assert done.code == code


@pytest.mark.parametrize("arguments", [["--help"], ["init", "new.toml"]], ids=" ".join)
def test_output_without_room_is_no_bug(quiet: World, arguments: list[str]) -> None:
    """What could not be written is said."""
    full = os.open("/dev/full", os.O_WRONLY)
    done = quiet.commands.start(*arguments, folder=quiet.folder, out=full).wait()
    os.close(full)
    assert (done.code, "Traceback" in done.err) == (2, False)
    assert "No space left on device" in done.told


@pytest.mark.parametrize("closed", ["2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_failure(world: World, closed: str) -> None:
    """As some supervisors start their programs; no file of syncd's gets their numbers."""
    world.book(0, at=("crm",))
    argv = ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", SYNCD, "-c", str(world.config), "--once"]
    assert subprocess.run(argv, check=False, cwd=world.folder, stdout=subprocess.DEVNULL).returncode == 0
    assert world.in_step()


def test_a_pipe_without_a_reader_hangs_nobody(world: World) -> None:
    """The cycle is done, and it is said that its report went nowhere."""
    world.book(0, at=("crm",))
    pipe = world.folder / "pipe"
    os.mkfifo(pipe)
    done = world.syncd("--once", "--output", pipe)
    assert (done.code, f"cannot write {pipe}: nobody reads from it" in done.told) == (2, True)
    assert world.in_step()
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("where", ["pipe", "folder", "stdout"])
def test_a_report_that_cannot_be_written_hides_no_exit_code(world: World, where: str) -> None:
    """A vendor could not be read: 3, whatever became of the report."""
    world.book(0)
    fault = world.fault("office", "hang", operation="list", times=1)
    world.configure(options={"office": {"timeout": "1s"}})
    world.fault("book", "status", code=401)
    target = world.folder / "reports" / "report.txt"
    target.parent.mkdir()
    if where == "pipe":
        os.mkfifo(target)
    full = os.open("/dev/full", os.O_WRONLY)
    run = world.daemon("--once", "--output", "-" if where == "stdout" else str(target), out=full)
    os.close(full)
    eventually(lambda: fault.fired, "the listing")
    if where == "folder":
        shutil.rmtree(target.parent)
    done = run.wait()
    assert done.code == 3
    assert "cannot write" in done.told


@pytest.mark.parametrize("where", ["pipe", "folder", "stdout"])
def test_nor_does_it_hide_that_something_is_held(world: World, where: str) -> None:
    """Somebody has cancelled a dozen at the CRM, and the guard asks: 4, whatever became of the report."""
    world.book(*range(14))
    assert world.syncd("--once").code == 0
    world.cancel("crm", *range(11))
    target = world.folder / "reports" / "report.txt"
    target.parent.mkdir()
    if where == "pipe":
        os.mkfifo(target)
    fault = world.fault("office", "hang", operation="list", times=1)
    world.configure(options={"office": {"timeout": "1s"}})
    full = os.open("/dev/full", os.O_WRONLY)
    run = world.daemon("--once", "--output", "-" if where == "stdout" else str(target), out=full)
    os.close(full)
    eventually(lambda: fault.fired, "the listing")
    if where == "folder":
        shutil.rmtree(target.parent)
    done = run.wait()
    assert done.code == 4
    assert "cannot write" in done.told
    assert "exit 4: 33 held" in world.syncd("history").out


def reported(path: Path) -> dict[str, dict[str, str]]:
    """What became of each operation, by its vendor, as a report in a file says."""
    report = json.loads(path.read_text(encoding="utf-8"))
    schema.check(report)
    assert report["exit_code"] == 3
    return {operation["vendor"]: operation for operation in report["operations"]}


def test_a_stop_that_gives_a_write_up_leaves_the_report_of_what_was_done(world: World) -> None:
    """What is in flight is called unknown, what was not begun is planned, and the next run does the rest."""
    world.configure(options={"office": {"timeout": "60s", "settle": "0s"}})
    world.book(0, at=("crm",))
    fault = world.fault("office", "hang", operation="create", times=1)
    report = world.folder / "report.json"
    arguments = ("--once", "--report", "json", "--output", str(report))
    run = world.daemon(*arguments, imports=STOPPED)
    eventually(lambda: fault.fired and run.said("operation_ended") == 2, "the writes at the other vendors")
    done = run.stop()
    assert (done.code, "Traceback" in done.err) == (3, False)
    told = reported(report)
    assert {name: operation["outcome"] for name, operation in told.items()} == {
        "book": "done",
        "site": "done",
        "office": "unknown",
    }
    assert "stopped before" in told["office"]["error"]
    assert "exit 3: 2 create" in world.syncd("history").out


def test_a_stop_after_the_cycle_comes_too_late_for_its_report(world: World) -> None:
    """All was done: the report is in its file, and the exit code the cycle's."""
    world.book(0, at=("crm",))
    report = world.folder / "report.json"
    done = world.syncd("--once", "--report", "json", "--output", report, imports=STOPPED)
    assert (done.code, done.told) == (0, "")
    assert len(json.loads(report.read_text(encoding="utf-8"))["operations"]) == 3


def test_a_report_that_a_reader_does_not_take_can_be_given_up(world: World) -> None:
    """A stop ends what waits for a pipe to be emptied."""
    world.book(*range(40), at=("crm",))
    reading, writing = os.pipe()
    while os.get_blocking(writing):
        os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"x" * 65536)
    except BlockingIOError:
        os.set_blocking(writing, True)
    run = world.daemon("--dry-run", out=writing)
    eventually(lambda: world.requests >= 4, "the listings")
    assert run.stop(signal.SIGTERM).code == 3
    os.close(writing)
    os.close(reading)

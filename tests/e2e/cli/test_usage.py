"""The command line itself: wrong usage, odd terminals, readers that leave early."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import termios
from pathlib import Path

import pytest

from tests.e2e.cli import schema
from tests.e2e.cli.command import Commands
from tests.e2e.cli.world import World

NAME = "Zoë Ångström-Đorđević 🦊"


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["--nonsense"],
        ["--report", "yaml", "--once"],
        ["--log-level", "loud", "--once"],
        ["--log-format", "xml", "--once"],
        ["--once", "status"],
        ["--dry-run", "check"],
        ["--report", "json", "plan", "--out", "p"],
        ["--output", "x", "status"],
        ["--once", "--output", "none/report.txt"],
        ["--once", "--output", "state"],
        ["explain"],
        ["conflicts", "decide"],
        ["plan", "--out", "-"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2_with_a_message_and_no_request(quiet: World, arguments: list[str]) -> None:
    """On standard error, without a traceback; nothing was asked or written."""
    done = quiet.syncd(*arguments)
    assert (done.code, done.out, done.events) == (2, "", [])
    assert done.told
    assert "Traceback" not in done.told
    assert quiet.requests == 0
    assert sorted(path.name for path in quiet.folder.iterdir()) == ["state", "syncd.toml"]


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["plan", "-h"], ["conflicts", "resolve", "--help"]], ids=str)
@pytest.mark.parametrize("columns", ["20", "200"])
def test_help_is_at_hand_whatever_the_width(
    commands: Commands, tmp_path: Path, arguments: list[str], columns: str
) -> None:
    """It needs no configuration, and fits the terminal."""
    done = commands.run(*arguments, folder=tmp_path, environ={"COLUMNS": columns})
    assert (done.code, done.err) == (0, "")
    assert "Usage: syncd" in " ".join(done.out.split())
    assert max(map(len, done.out.splitlines())) <= max(int(columns), 40)


@pytest.mark.parametrize(
    ("arguments", "count"), [((), 16), (("conflicts",), 1), (("quarantine",), 2), (("account",), 2)], ids=str
)
def test_a_help_names_every_command_with_a_whole_sentence(
    commands: Commands, tmp_path: Path, arguments: tuple[str, ...], count: int
) -> None:
    """In a narrow terminal, too: on more lines, and never cut."""
    done = commands.run(*arguments, "--help", folder=tmp_path, environ={"COLUMNS": "40"})
    listed = re.split(r"\n  (?=\w)", done.out.partition("Commands:")[2].rstrip())[1:]
    assert len(listed) == count
    for entry in listed:
        name, _, sentence = " ".join(entry.split()).partition(" ")
        assert sentence.endswith(".")
        assert not sentence.endswith("...")
        assert sentence in " ".join(commands.run(*arguments, name, "--help", folder=tmp_path).out.split())


@pytest.mark.parametrize("option", ["--report", "--log-format", "--log-level"])
def test_the_help_names_what_an_option_takes(commands: Commands, tmp_path: Path, option: str) -> None:
    """All of it, in the words that are refused or taken."""
    refused = commands.run(option, "none", "--once", folder=tmp_path).told
    words = re.findall(r"'(\w+)'", refused.partition("is not one of")[2])
    [told] = re.findall(rf"{option} \w+ +(.*)", commands.run("--help", folder=tmp_path).out)
    assert len(words) > 1
    assert not set(words) - set(re.findall(r"\w+", told))


@pytest.mark.parametrize("arguments", [["--version"], ["--once", "--version"], ["--version", "status"]], ids=" ".join)
def test_the_version_is_told(commands: Commands, tmp_path: Path, arguments: list[str]) -> None:
    """Without a configuration, and nothing else is done."""
    told = commands.run(*arguments, folder=tmp_path).out
    assert re.fullmatch(r"syncd \d+\.\d+\.\d+ \(time zones 20\d\d[a-z]\)\n", told)


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_a_terminal_that_lacks_characters_gets_them_escaped(world: World, form: str) -> None:
    """The cycle is done all the same, and JSON stays JSON, HTML stays HTML."""
    world.book(0, at=("crm",))
    world.vendors["crm"].person_edit(world.entry("crm", 0).id, title=NAME)
    done = world.syncd("--once", "--report", form, environ={"PYTHONIOENCODING": "ascii"})
    assert (done.code, done.told) == (0, "")
    assert done.out.isascii()
    match form:
        case "json":
            schema.check(done.report)
            assert all(NAME in o["summary"] for o in done.report["operations"])
        case "html":
            assert "Zo&#235; &#197;ngstr" in done.out
        case _:
            assert "Zo\\xeb \\xc5ngstr" in done.out
    assert NAME in world.syncd("explain", f"crm:{world.entry('crm', 0).id}").out


@pytest.mark.parametrize("arguments", [["--once"], ["history"], ["status"]], ids=str)
def test_a_reader_that_leaves_early_is_no_failure(world: World, arguments: list[str]) -> None:
    """As with `syncd --once | head -1`: the exit code is the cycle's, and nothing is said."""
    world.book(*range(3), at=("crm",))
    reading, writing = os.pipe()
    os.close(reading)
    run = world.daemon(*arguments, out=writing)
    os.close(writing)
    done = run.wait()
    assert done.told == ""
    assert done.code == 0
    assert world.in_step() or arguments != ["--once"]


def test_a_full_disk_under_standard_output_is_said(world: World) -> None:
    """The cycle is done; the report was not wholly written."""
    world.book(0, at=("crm",))
    full = os.open("/dev/full", os.O_WRONLY)
    done = world.daemon("--once", out=full).wait()
    os.close(full)
    assert done.code == 2
    assert "cannot write the report to standard output: No space left on device" in done.told
    assert world.in_step()


def test_devices_and_pipes_are_written_to_and_never_replaced(world: World) -> None:
    """`--output /dev/null` leaves a device; `--output -` is standard output; a link's target is replaced."""
    assert world.syncd("--once", "--output", "/dev/null").code == 0
    assert not Path("/dev/null").is_file()
    assert world.syncd("--once", "--output", "-").out.startswith("Cycle ")
    assert world.syncd("--once", "--output", "/dev/stdout").out.startswith("Cycle ")
    pipe = world.folder / "pipe"
    os.mkfifo(pipe)
    run = world.daemon("--dry-run", "--output", str(pipe))
    assert pipe.read_text().startswith("Dry run ")
    assert run.wait().code == 0
    link = world.folder / "latest.txt"
    link.symlink_to("report-1.txt")
    assert world.syncd("--once", "--output", link).code == 0
    assert link.is_symlink()
    assert (world.folder / "report-1.txt").read_text().startswith("Cycle ")


def at_a_terminal(world: World, *arguments: str, columns: int = 80) -> tuple[int, str, str]:
    """Exit code, standard output and what a terminal of that width showed of standard error."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    run = world.daemon(*arguments, err=theirs, environ={"TERM": "xterm-256color"})
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other side is closed: Linux says EIO
            break
        shown += part
    os.close(ours)
    done = run.wait()
    return done.code, done.out, shown.decode()


@pytest.mark.parametrize("columns", [12, 80])
def test_at_a_terminal_logs_are_for_people(world: World, columns: int) -> None:
    """Readable lines instead of JSON; the report on standard output is the same as ever."""
    world.book(0, at=("crm",))
    code, out, shown = at_a_terminal(world, "--once", "--report", "json", columns=columns)
    schema.check(json.loads(out))
    assert code == 0
    assert "operation_ended" in shown
    assert '"event"' not in shown
    assert "Traceback" not in shown


def test_the_form_of_logs_can_be_chosen(world: World) -> None:
    """JSON at a terminal, the console's elsewhere; and a level."""
    world.book(0, at=("crm",))
    world.fault("office", "status", operation="create", code=400)
    console = world.syncd("--log-format", "console", "--once")
    assert console.events == []
    assert "operation_ended" in console.told
    _, _, shown = at_a_terminal(world, "--log-format", "json", "--log-level", "debug", "--once")
    assert '"event": "' in shown
    world.syncd("quarantine", "release", "--all")
    quiet = world.syncd("--log-level", "warning", "--once")
    assert {line["level"] for line in quiet.events} == {"warning"}
    world.syncd("quarantine", "release", "--all")
    assert world.syncd("--log-level", "error", "--once").err == ""

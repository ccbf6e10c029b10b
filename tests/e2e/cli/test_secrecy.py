"""No secret and no client's detail in a log, whatever goes wrong; no secret in anything that syncd keeps or shows."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from syncd.sandbox.frame.faults import ARGUMENTS, Fault
from tests.e2e.cli import canaries
from tests.e2e.cli.command import eventually
from tests.e2e.cli.world import ALL, World

IMPATIENT = {name: {"timeout": "0.2s"} for name in ALL}
"""Faults that keep silent cost no more than that."""


@pytest.fixture
def hidden(world: World) -> World:
    """Vendors with words to be found in every secret and every client's field."""
    canaries.hide(world)
    for number in range(4):
        canaries.book(world, number, *ALL[number % 2 :: 2])
    canaries.book(world, 4, "crm")
    canaries.book(world, 5, "site")
    return world


def assert_silent(log: str) -> None:
    """The log has lines, and none of the words."""
    assert log
    lowered = log.lower()
    found = [word for word in (*canaries.CLIENTS, *canaries.secrets()) if word.lower() in lowered]
    lines = [line for line in log.splitlines() if any(word.lower() in line.lower() for word in found)]
    assert not found, (found, lines[:3])


def assert_no_secret(folder: Path) -> None:
    """No file of the folder but the configuration holds a secret."""
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "syncd.toml":
            content = path.read_bytes()
            assert not [secret for secret in canaries.secrets() if secret.encode() in content], path


@pytest.mark.parametrize("half", [0, 1])
def test_a_daemon_at_debug_tells_nobody_s_details_whatever_goes_wrong(hidden: World, half: int) -> None:
    """Every kind of fault at every vendor, reading and writing, with people editing meanwhile."""
    hidden.configure(sync={"interval": "0.05s"}, options=IMPATIENT)
    daemon = hidden.daemon("--log-level", "debug")
    struck: list[Fault] = []
    for number, trouble in enumerate(list(canaries.rounds())[half::2]):
        seen = daemon.said("cycle_finished")
        struck += canaries.strike(hidden, trouble)
        canaries.unsettle(hidden, ALL[number % 4], number)
        eventually(lambda seen=seen: daemon.said("cycle_finished") > seen + 1, "another cycle")  # type: ignore[misc]
    done = daemon.stop()
    assert done.code == 0
    assert {fault.kind for fault in struck if fault.fired} == set(ARGUMENTS)
    assert [fault for fault in struck if fault.fired and fault.method != "GET"]
    assert {line["level"] for line in done.events} >= {"debug", "info", "warning"}
    assert_silent(done.err)
    assert_no_secret(hidden.folder)


def test_single_cycles_on_the_console_tell_nobody_s_details(hidden: World) -> None:
    """The other form of logs; the reports name clients, and no secret."""
    assert hidden.syncd("plan", "--out", "plan.json").code == 0
    hidden.configure(options=IMPATIENT)
    chosen = random.Random(5).sample(list(canaries.rounds()), 4)
    for number, trouble in enumerate(chosen):
        canaries.strike(hidden, trouble)
        canaries.unsettle(hidden, ALL[number % 4], number)
        form = ("text", "json", "html")[number % 3]
        done = hidden.syncd("--log-level", "debug", "--log-format", "console", "--once", "--report", form)
        assert done.code in (0, 3, 4)
        assert_silent(done.err)
        (hidden.folder / f"report{number}").write_text(done.out)
    assert any("Zedwickson" in path.read_text() for path in hidden.folder.glob("report*"))
    for what in ("status", "history", "quarantine", "conflicts", "check"):
        (hidden.folder / what).write_text(hidden.syncd(what).out)
    assert_no_secret(hidden.folder)


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("mode", [["--once"], ["--dry-run"], []], ids=str)
def test_an_error_inside_tells_the_way_and_nobody_s_details(hidden: World, mode: list[str], form: str) -> None:
    """A bug that quotes all that it has: exit 1, a traceback in the log, none of the words."""
    assert hidden.syncd("--once").code == 0
    canaries.unsettle(hidden, "crm", 1)
    arguments = ["--log-level", "debug", "--log-format", form, *mode]
    done = hidden.syncd(*arguments, imports=["tests.e2e.cli.sabotage"])
    assert (done.code, done.out) == (1, "")
    assert "unexpected_error" in done.err
    assert "Traceback" in done.err
    assert "_broken" in done.err
    assert "which is a bug" in done.told
    assert_silent(done.err)
    assert_no_secret(hidden.folder)

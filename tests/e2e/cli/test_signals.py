"""Signals that do not mean "stop": SIGHUP reads the configuration again, and nothing that people send kills."""

from __future__ import annotations

import json
import signal
import tomllib

import pytest

from tests.e2e.cli.command import Run, eventually
from tests.e2e.cli.test_daemon import assert_ended_well
from tests.e2e.cli.world import ALL, World

HUP, QUIT, USR1, USR2 = signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2
QUICK = {"interval": "0.2s"}


def idle_after_a_cycle(world: World) -> Run:
    """A daemon that has an hour to wait."""
    world.configure(sync={"interval": "1h"})
    daemon = world.daemon()
    eventually(lambda: daemon.said("cycle_finished"))
    return daemon


def test_a_hangup_makes_the_daemon_go_on_by_what_the_configuration_says_now(world: World) -> None:
    """Interval, vendors' options and window: an edit that only the new interval can bring is brought."""
    world.book(0)
    daemon = idle_after_a_cycle(world)
    world.configure(sync=QUICK, options={"office": {"read_only": True}})
    daemon.send(HUP)
    moved = world.move("crm", 0)
    eventually(lambda: daemon.said("configuration_reloaded"))
    eventually(lambda: all(moved in world.starts(name) for name in ("crm", "book", "site")), "the move")
    assert moved not in world.starts("office")
    cycles = daemon.said("cycle_finished")
    eventually(lambda: daemon.said("cycle_finished") >= cycles + 2)
    assert_ended_well(daemon.stop())


@pytest.mark.parametrize("wrong", ["[sync]\ninterval = 3\n", "nothing of TOML", None], ids=["key", "syntax", "gone"])
def test_a_hangup_with_a_wrong_configuration_is_said_and_changes_nothing(world: World, wrong: str | None) -> None:
    """The one that was read before goes on, and its secrets stay out of the logs."""
    world.configure(sync=QUICK)
    world.book(0)
    daemon = world.daemon("--log-level", "debug")
    eventually(lambda: daemon.said("cycle_finished"))
    good = world.config.read_text(encoding="utf-8")
    sections = tomllib.loads(good)["vendors"].values()
    secrets = [section[key] for section in sections for key in ("api_key", "token") if key in section]
    if wrong is None:
        world.config.unlink()
    else:
        world.config.write_text(wrong, encoding="utf-8")
    daemon.send(HUP)
    eventually(lambda: daemon.said("configuration_refused"))
    moved = world.move("crm", 0)
    eventually(lambda: all(moved in world.starts(name) for name in ALL), "the move")
    world.config.write_text(good, encoding="utf-8")
    daemon.send(HUP)
    eventually(lambda: daemon.said("configuration_reloaded"))
    done = daemon.stop()
    assert done.code == 0, done.err
    refused = [line for line in done.events if line["event"] == "configuration_refused"]
    assert all(str(world.config) in line["problem"] for line in refused)
    assert len(secrets) == 4
    assert not [secret for secret in secrets if secret in done.err]


def test_another_state_store_takes_a_restart(world: World) -> None:
    """The lock and what is open belong to the one that it has."""
    daemon = idle_after_a_cycle(world)
    world.configure(state="sqlite:///state/other.db")
    daemon.send(HUP)
    eventually(lambda: daemon.said("configuration_refused"))
    done = daemon.stop()
    assert (done.code, done.told) == (0, "")
    [line] = [line for line in done.events if line["event"] == "configuration_refused"]
    assert "state.url" in line["problem"]
    assert not world.state.with_name("other.db").exists()


def test_a_hangup_in_the_middle_of_a_cycle_waits_for_its_end(world: World) -> None:
    """What is being written is written by the configuration under which it was decided."""
    world.configure(sync={"interval": "1h"}, options={"office": {"timeout": "1s"}})
    world.book(0, 1, at=("crm",))
    fault = world.fault("office", "hang", operation="create", times=1)
    daemon = world.daemon()
    eventually(lambda: fault.fired, "the hanging create")
    daemon.send(HUP)
    eventually(lambda: daemon.said("configuration_reloaded"))
    lines = [json.loads(line)["event"] for line in daemon.err.splitlines()]
    assert lines.index("cycle_finished") < lines.index("configuration_reloaded")
    assert_ended_well(daemon.stop())


@pytest.mark.parametrize("number", [HUP, USR1, USR2], ids=lambda n: n.name)
def test_a_single_cycle_is_not_ended_by_what_means_no_stop(world: World, number: signal.Signals) -> None:
    """In the middle of a write: it goes on to its end."""
    world.configure(options={"office": {"timeout": "1s"}})
    world.book(0, at=("crm",))
    fault = world.fault("office", "hang", operation="list", times=1)
    run = world.daemon("--once")
    eventually(lambda: fault.fired, "the hanging listing")
    run.send(number)
    done = run.wait()
    assert (done.code, done.told) == (0, ""), done.err
    assert world.in_step()


@pytest.mark.parametrize("number", [USR1, USR2], ids=lambda n: n.name)
def test_a_signal_that_means_nothing_to_the_daemon_is_ignored(world: World, number: signal.Signals) -> None:
    """It polls on."""
    world.configure(sync=QUICK)
    daemon = world.daemon()
    eventually(lambda: daemon.said("cycle_finished"))
    daemon.send(number)
    cycles = daemon.said("cycle_finished")
    eventually(lambda: daemon.said("cycle_finished") >= cycles + 2)
    assert_ended_well(daemon.stop())


def test_a_quit_ends_the_daemon_as_a_sigterm_does(world: World) -> None:
    """Without a core file, and with its log's last line."""
    assert_ended_well(idle_after_a_cycle(world).stop(QUIT))


def test_a_sandbox_ends_with_its_terminal(world: World) -> None:
    """Nobody is left there to interrupt it."""
    run = world.commands.start("sandbox", folder=world.folder)
    eventually(lambda: "[vendors." in run.out)
    assert run.stop(HUP).code == 0


@pytest.mark.parametrize("number", [HUP, USR1, USR2], ids=lambda n: n.name)
def test_a_signal_that_means_no_stop_while_it_loads_changes_nothing(world: World, number: signal.Signals) -> None:
    """The process has just begun."""
    (world.folder / "sitecustomize.py").write_text(
        "import os, sys\n"
        "class Watch:\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name == 'syncd.engine': os.kill(os.getpid(), {int(number)})\n"
        "sys.meta_path.insert(0, Watch())\n"
    )
    done = world.syncd("--once", cold=True, environ={"PYTHONPATH": str(world.folder)})
    assert (done.code, done.told) == (0, ""), done.err


def test_a_clock_that_is_set_back_holds_no_poll_up(world: World) -> None:
    """The wall clock shows an hour less from one moment on: vendors are polled as before."""
    world.configure(sync=QUICK)
    world.book(0)
    daemon = world.daemon(imports=("tests.e2e.cli.set_back",))
    eventually(lambda: daemon.said("cycle_finished"))
    (world.folder / "set back").touch()
    eventually(lambda: daemon.said("clock_set_back"))
    cycles = daemon.said("cycle_finished")
    eventually(lambda: daemon.said("cycle_finished") >= cycles + 3, "polling")
    assert_ended_well(daemon.stop())

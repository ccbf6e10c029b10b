"""The files under deploy/: units that systemd accepts, credentials that fit, instructions that cover all."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.project.sources import DEPLOY

PROGRAM = "/opt/syncd/bin/syncd"
CONFIGURATION = "/etc/syncd/syncd.toml"
SERVICES = ["syncd.service", "syncd-once.service"]
UNITS = [*SERVICES, "syncd-once.timer"]
EXPOSURE = 15  # tenths, of systemd's 0 (none) to 10; what is left is the network itself

analyze = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(analyze is None, reason="systemd-analyze is not installed")


def text(name: str) -> str:
    """The content of a file under deploy/."""
    return (DEPLOY / name).read_text(encoding="utf-8")


def settings(unit: str, section: str = "Service") -> list[tuple[str, str]]:
    """The settings of one section of a unit, in order: systemd allows a name to come several times."""
    _, _, body = text(unit).partition(f"[{section}]\n")
    lines = body.partition("\n[")[0].splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return [(name, value) for name, _, value in pairs]


def example() -> dict[str, Any]:
    """The example configuration."""
    return tomllib.loads(text("syncd.example.toml"))


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """Copies of the units that start a program of this host, because systemd checks that it exists."""
    for name in UNITS:
        (tmp_path / name).write_text(text(name).replace(PROGRAM, "/bin/true"), encoding="utf-8")
    return tmp_path


@needs_systemd
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_accepts_the_unit(unit: str, units: Path) -> None:
    """`systemd-analyze verify` finds no mistake and no unknown setting in a unit."""
    done = subprocess.run(
        [str(analyze), "verify", "--man=no", "--recursive-errors=no", str(units / unit)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_is_shut_off_from_the_host(unit: str, units: Path) -> None:
    """By systemd's own measure a service can reach little more than the network and its state directory."""
    done = subprocess.run(
        [str(analyze), "security", "--offline=yes", "--no-pager", f"--threshold={EXPOSURE}", str(units / unit)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_daemon_and_timer_run_in_the_same_sandbox() -> None:
    """Account, state, credentials and restrictions are the same, whichever of the two an operator chooses."""
    first, second = (settings(unit) for unit in SERVICES)
    assert first[first.index(("User", "syncd")) :] == second[second.index(("User", "syncd")) :]


def test_a_restart_is_tried_only_where_it_can_help() -> None:
    """Wrong usage, a broken store, a second instance and a wrong configuration leave the daemon stopped."""
    prevented = dict(settings("syncd.service"))["RestartPreventExitStatus"]
    assert set(prevented.split()) == {"2", "74", "75", "78"}


def test_a_reload_is_a_hangup() -> None:
    """`systemctl reload` reaches the daemon as the signal that makes it read its configuration again."""
    assert dict(settings("syncd.service"))["ExecReload"] == "/bin/kill -HUP $MAINPID"


def test_the_timer_counts_in_a_zone_whose_clocks_are_never_changed() -> None:
    """Every five minutes also in the hour that the host's clocks repeat."""
    assert dict(settings("syncd-once.timer", "Timer"))["OnCalendar"] == "*:0/5 UTC"


@pytest.mark.parametrize("unit", SERVICES)
def test_the_units_load_the_credentials_that_the_example_names(unit: str) -> None:
    """Each credential of the example configuration is loaded from root's own folder, and no other is."""
    options = (option for vendor in example()["vendors"].values() for option in vendor.values())
    wanted = {option["credential"] for option in options if isinstance(option, dict) and "credential" in option}
    loaded = [value for name, value in settings(unit) if name == "LoadCredential"]
    assert sorted(loaded) == sorted(f"{name}:/etc/syncd/credentials/{name}" for name in wanted)


def test_the_example_covers_the_catalogue_of_its_vendors() -> None:
    """Every vendor that the example's catalogue and priority name is configured in it."""
    configured = set(example()["vendors"])
    named = {vendor for row in (*example()["services"], *example()["staff"]) for vendor in row["ids"]}
    assert named <= configured
    assert set(example()["sync"]["priority"]) == configured


@pytest.mark.parametrize("name", [*SERVICES, "syncd-ctl", "crontab.example"])
def test_every_way_to_run_uses_one_program_and_one_configuration(name: str) -> None:
    """Daemon, timer, cron and operator run the same installation with the same file."""
    assert PROGRAM in text(name)
    assert CONFIGURATION in text(name)


def test_the_heartbeat_leaves_room_for_two_cycles() -> None:
    """An idle daemon with the example's interval is not taken for one that hangs."""
    minutes = {"interval": example()["sync"]["interval"], "watchdog": dict(settings("syncd.service"))["WatchdogSec"]}
    assert int(minutes["watchdog"].removesuffix("min")) >= 2 * int(minutes["interval"].removesuffix("m"))


def test_the_instructions_mention_every_file() -> None:
    """An operator who reads deploy/README.md learns what each file beside it is for."""
    others = {path.name for path in DEPLOY.iterdir()} - {"README.md"}
    assert {name for name in others if f"`{name}`" not in text("README.md")} == set()


def test_an_operators_command_gets_the_credentials_and_no_secret_in_an_argument(tmp_path: Path) -> None:
    """`syncd-ctl` passes each credential by its file's name, the command as typed, and hands back syncd's exit code."""
    runner = tmp_path / "systemd-run"
    runner.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nexit 4\n', encoding="utf-8")
    runner.chmod(0o755)
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "crm_key").write_text("s3cret", encoding="utf-8")
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "SYNCD_CREDENTIALS": str(credentials)}
    done = subprocess.run(
        [DEPLOY / "syncd-ctl", "plan", "--out", "a plan.json"],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    arguments = done.stdout.splitlines()
    assert done.returncode == 4
    assert f"--property=LoadCredential=crm_key:{credentials}/crm_key" in arguments
    assert arguments[arguments.index("--") + 1 :] == [PROGRAM, "plan", "--out", "a plan.json"]
    assert "s3cret" not in done.stdout
    assert [one for one in arguments if re.fullmatch(r"--setenv=SYNCD_OPERATOR=\w+", one)]

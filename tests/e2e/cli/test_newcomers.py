"""`syncd init`, `sandbox` and `demo`: what somebody tries first."""

from __future__ import annotations

import errno
import json
import signal
import stat
import tomllib
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import typer

from syncd.cli import showing
from syncd.config import load
from tests.e2e.cli.command import Commands, eventually

SECRETS = dict.fromkeys(("ACTUALLYCARE_KEY", "ACUITY_USER", "ACUITY_KEY", "AIVAPAD_TOKEN", "AMELIA_KEY"), "a" * 32)


def test_init_writes_a_configuration_that_loads_with_the_environment_set(commands: Commands, tmp_path: Path) -> None:
    """For its owner alone, commented, with every kind of vendor."""
    done = commands.run("init", folder=tmp_path)
    assert (done.code, done.told) == (0, "")
    assert "syncd.toml" in done.out
    path = tmp_path / "syncd.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {vendor.kind.name for vendor in load(path, SECRETS).vendors} == {
        "actuallycare",
        "acuity",
        "aivapad",
        "amelia",
    }
    assert path.read_text().count("#") > 20
    assert commands.run("status", folder=tmp_path, environ=SECRETS).code == 0
    assert commands.run("status", folder=tmp_path).code == 78


@pytest.mark.parametrize("arguments", [[], ["syncd.toml"], ["-c", "syncd.toml"]], ids=str)
def test_init_overwrites_nothing(commands: Commands, tmp_path: Path, arguments: list[str]) -> None:
    """Exit 2, and the file as it was."""
    path = tmp_path / "syncd.toml"
    path.write_text("mine")
    done = commands.run("init", *arguments, folder=tmp_path)
    assert (done.code, "exists already" in done.told) == (2, True)
    assert path.read_text() == "mine"


@pytest.mark.parametrize("arguments", [["init", "a.toml"], ["init", "-c", "a.toml"], ["-c", "a.toml", "init"]], ids=str)
def test_init_writes_where_it_is_told(commands: Commands, tmp_path: Path, arguments: list[str]) -> None:
    """By its argument, or by the option that every command has."""
    assert commands.run(*arguments, folder=tmp_path).code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a.toml"]


def test_init_writes_where_a_file_system_has_no_links(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on many memory sticks; and overwrites nothing there either."""

    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", no_links)
    path = tmp_path / "syncd.toml"
    showing.init(path)
    written = path.read_text()
    assert "[sync]" in written
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["syncd.toml"]
    with pytest.raises(typer.Exit) as ended:
        showing.init(path)
    assert (ended.value.exit_code, path.read_text()) == (2, written)


def test_init_in_a_folder_that_is_not_there_is_wrong_usage(commands: Commands, tmp_path: Path) -> None:
    """It makes no folders."""
    done = commands.run("init", "none/syncd.toml", folder=tmp_path)
    assert (done.code, "No such file or directory" in done.told) == (2, True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_sandbox_serves_until_interrupted_and_its_output_is_a_configuration(
    commands: Commands, tmp_path: Path, number: signal.Signals
) -> None:
    """What it prints works as printed: saved as syncd.toml, a cycle runs on it; both signals end it with 0."""
    served = commands.start("sandbox", "--write-config", "ready.toml", folder=tmp_path)
    eventually((tmp_path / "ready.toml").exists, "the configuration")
    text = served.out
    (tmp_path / "syncd.toml").write_text(text)
    vendors = tomllib.loads(text)["vendors"]
    assert len(vendors) == 4
    for name, vendor in vendors.items():
        assert f"# {name} ({vendor['kind']}): {vendor['base_url']}" in text
    assert tomllib.loads((tmp_path / "ready.toml").read_text()) == tomllib.loads(text)
    assert stat.S_IMODE((tmp_path / "ready.toml").stat().st_mode) == 0o600

    assert commands.run("check", folder=tmp_path).code == 0
    records = next(line.split()[-1] for line in text.splitlines() if line.endswith("/_sandbox/records"))
    with urlopen(records, timeout=30) as answer:  # noqa: S310 - an address of our own on loopback
        known = json.load(answer)
    dry = commands.run("--dry-run", "--report", "json", folder=tmp_path)
    assert dry.code == 0
    assert dry.report["summary"]["create"] > 0
    edit = Request(f"{records}/{known[0]['id']}", b'{"title": "Renamed there"}', method="PATCH")  # noqa: S310 - as above
    with urlopen(edit, timeout=30) as answer:  # noqa: S310 - as above
        assert json.load(answer)["title"] == "Renamed there"
    done = served.stop(number)
    assert (done.code, done.told) == (0, "")


def test_the_sandbox_does_not_overwrite_a_configuration(commands: Commands, tmp_path: Path) -> None:
    """Exit 2; it does not go on serving either."""
    (tmp_path / "syncd.toml").write_text("mine")
    done = commands.run("sandbox", "--write-config", "syncd.toml", folder=tmp_path)
    assert done.code == 2
    assert (tmp_path / "syncd.toml").read_text() == "mine"


@pytest.mark.parametrize("behaviour", [(), ("--unkind",)])
def test_the_demonstration_holds_and_leaves_nothing_behind(
    commands: Commands, tmp_path: Path, behaviour: tuple[str, ...]
) -> None:
    """Exit 0, everything it claims said to be ok, no file left in its folder nor among the temporary ones."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environ = {"TMPDIR": str(temporary), "HOME": str(tmp_path)}
    done = commands.run("demo", *behaviour, folder=tmp_path, environ=environ, cold=True)
    assert (done.code, done.err) == (0, "")
    assert "NOT TRUE" not in done.out
    assert done.out.count("\nok: ") == 7
    assert done.out.endswith("All of it held.\n")
    assert "because " in done.out
    assert list(temporary.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["tmp"]

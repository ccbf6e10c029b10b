"""The README is true: its configuration loads, and every command in it does what it says."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.assembly import system_clock
from syncd.config import load
from syncd.sandbox.frame.records import Person
from syncd.sandbox.samples import demo_vendors, fill
from syncd.sandbox.serving.server import Sandbox
from tests.e2e.cli.world import entry_of

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SYNCD = str(Path(sys.executable).with_name("syncd"))
SECRETS = dict.fromkeys(("CRM_KEY", "ACUITY_USER", "ACUITY_KEY", "AIVAPAD_TOKEN", "AMELIA_KEY"), "a" * 64)


def blocks(language: str) -> list[str]:
    """The README's fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


COMMANDS = [
    line.split("#")[0].strip() for block in blocks("sh") for line in block.splitlines() if line.startswith("syncd")
]


@dataclass
class Place:
    """An operator's folder with a configuration for four served vendors that disagree about one appointment."""

    folder: Path
    sandbox: Sandbox

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """A command as the README writes it."""
        return subprocess.run(
            [SYNCD, *shlex.split(command)[1:]],
            cwd=self.folder,
            env={**os.environ, **SECRETS},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def configure(self) -> None:
        """Write the configuration, with the keys that the vendors have now."""
        text = self.sandbox.config_text(state="sqlite:///state.db", rate="1000/s", sync={"conflict": "manual"})
        (self.folder / "syncd.toml").write_text(text, encoding="utf-8")

    def report(self) -> dict[str, list[dict[str, str]]]:
        """One cycle's report."""
        found: dict[str, list[dict[str, str]]] = json.loads(self.run("syncd --once --report json").stdout)
        return found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Four served vendors with the sample data, under conflict = "manual"."""
    vendors = demo_vendors(system_clock)
    fill(vendors, system_clock())
    with Sandbox(vendors) as sandbox:
        made = Place(tmp_path, sandbox)
        made.configure()
        yield made


def test_the_configuration_in_the_readme_loads(tmp_path: Path) -> None:
    """An operator can start from the README's configuration."""
    [text] = blocks("toml")
    (tmp_path / "syncd.toml").write_text(text, encoding="utf-8")
    loaded = load(tmp_path / "syncd.toml", SECRETS)
    assert [vendor.name for vendor in loaded.vendors] == list(tomllib.loads(text)["vendors"])


def test_the_readme_names_the_make_targets() -> None:
    """`make demo` and `make test` are targets of the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in blocks("sh")[0].splitlines():
        assert re.search(rf"^{line.split()[1]}:", makefile, re.MULTILINE), line


def test_init_writes_a_configuration_once(tmp_path: Path) -> None:
    """`syncd init` writes a file that only its owner reads, and never overwrites one."""
    assert "syncd init" in COMMANDS
    first = subprocess.run([SYNCD, "init"], cwd=tmp_path, capture_output=True, check=False)
    again = subprocess.run([SYNCD, "init"], cwd=tmp_path, capture_output=True, check=False)
    assert (first.returncode, again.returncode) == (0, 2)
    assert (tmp_path / "syncd.toml").stat().st_mode & 0o777 == 0o600


def test_every_command_of_the_readme_runs(place: Place) -> None:
    """In the README's order, each command ends well on vendors that have something to do."""
    ran = []
    for written in COMMANDS:
        if written in ("syncd init", "syncd"):
            continue
        blank = any(word in written for word in ("ID", "APPOINTMENT", "link", "account "))
        command = filled_in(place, written) if blank else written.replace("VENDOR", "crm")
        done = place.run(command)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        ran.append(command)
    assert (place.folder / "plan.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert len(ran) == len(COMMANDS) - 2


def filled_in(place: Place, command: str) -> str:
    """A command with its placeholders replaced by what the vendors give rise to."""
    crm, book = place.sandbox.vendor("crm"), place.sandbox.vendor("book")
    if command.startswith("syncd account"):
        crm.api_key = ("ab" if "moved" in command else "cd") * 32  # type: ignore[attr-defined]
        place.configure()
        return command.replace("VENDOR", "crm")
    if command == "syncd link A B":
        return " ".join(["syncd link", *two_of_one_address(place)])
    if command.startswith("syncd unlink"):
        place.report()
        return f"syncd unlink crm:{a_record_with_others(place)}"
    if "APPOINTMENT" in command:
        return command.replace("APPOINTMENT", f"crm:{min(crm.entries)}")
    starts = {entry.start: entry for entry in crm.entries.values() if entry.status == "scheduled"}
    entry = next(e for e in book.entries.values() if e.start in starts and e.status == "scheduled")
    other = starts[entry.start]
    crm.person_edit(other.id, start=other.start + timedelta(hours=1), end=other.end + timedelta(hours=1))
    book.person_edit(entry.id, start=entry.start + timedelta(hours=2), end=entry.end + timedelta(hours=2))
    assert place.report()["conflicts"]
    number = place.run("syncd conflicts").stdout.split()[0]
    return command.replace("ID", number).replace("VENDOR", "crm")


def two_of_one_address(place: Place) -> list[str]:
    """Two records at one time of which a person has to say whether they are one."""
    entered = []
    for name, names in (("crm", ("Ann", "Lee")), ("office", ("Omar", "Haddad"))):
        who = Person(*names, "front@example.com")
        vendor = place.sandbox.vendor(name)
        entry = vendor.person_insert(**{**entry_of(vendor.kind, 30), "people": [who]})
        entered.append(f"{name}:{entry.id}")
    assert "contradicts that one" in str(place.report()["quarantined"])
    return entered


def a_record_with_others(place: Place) -> str:
    """A record of the CRM's whose appointment is at other vendors, too."""
    for key in sorted(place.sandbox.vendor("crm").entries):
        told = place.run(f"syncd explain crm:{key}").stdout
        if "  at crm [" in told and "  at office [" in told and "no longer used" not in told:
            return key
    raise AssertionError("the vendors have no appointment in common")


def test_the_daemon_of_the_readme_runs_until_sigterm(place: Place) -> None:
    """`syncd` alone cycles, and ends with 0 on SIGTERM."""
    assert "syncd" in COMMANDS
    daemon = subprocess.Popen([SYNCD], cwd=place.folder, stderr=subprocess.PIPE, text=True)
    assert daemon.stderr is not None
    try:
        for line in daemon.stderr:
            if '"cycle_finished"' in line:
                break
        daemon.send_signal(signal.SIGTERM)
        daemon.stderr.read()
        assert daemon.wait(timeout=30) == 0
    finally:
        daemon.kill()
        daemon.wait()
        daemon.stderr.close()


def test_the_sandbox_prints_a_configuration_that_works(tmp_path: Path) -> None:
    """What `syncd sandbox` prints can be saved and used as it stands."""
    assert "`syncd sandbox`" in README
    served = subprocess.Popen([SYNCD, "sandbox"], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert served.stdout is not None
    try:
        text = ""
        for line in served.stdout:
            text += line
            if line.startswith("[[staff]]"):
                break
        text += "".join(served.stdout.readline() for _ in range(3))
        (tmp_path / "syncd.toml").write_text(text, encoding="utf-8")
        done = subprocess.run([SYNCD, "--dry-run"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "create" in done.stdout
        served.send_signal(signal.SIGINT)
        served.stdout.read()
        assert served.wait(timeout=30) == 0
    finally:
        served.kill()
        served.wait()
        served.stdout.close()

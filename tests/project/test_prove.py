"""`make prove` and its parts: each is run as it says, and one that does not hold is not passed over."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def prove(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The proof with these options."""
    command = [sys.executable, "-m", "tests.prove", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_part_is_run_with_its_seed_and_told_of() -> None:
    """Two histories of the seed that was asked for, their least, and the word at the end."""
    done = prove("--only", "histories", "--histories", "2", "--seed", "20000", "--jobs", "1")
    assert done.returncode == 0, done.stdout
    assert "2 histories in" in done.stdout
    assert "each at least: " in done.stdout
    assert done.stdout.endswith("all of it held\n")


def test_without_a_seed_half_of_the_histories_are_new() -> None:
    """Seed 1, which was played before, and one that is printed; the number asked for is that of both."""
    script = (
        "import tests.prove as prove\n"
        "print([(p.shows, p.arguments[1]) for p in prove.parts(prove._parser().parse_args(['--fresh', '700000']))][:2])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "from seed 700000 on" in done.stdout
    assert ("'1..5001'" in done.stdout, "'700000..705000'" in done.stdout) == (True, True)


def test_what_does_not_hold_is_said_and_ends_with_1() -> None:
    """A planted bug that cannot be tried is no bug that was caught."""
    script = (
        "import sys, tests.prove as prove\n"
        "prove.parts = lambda given: [prove.Part('planted', 'x', 'planted', ('--only', 'no-such-bug'), 1.0)]\n"
        "sys.exit(prove.main(['--only', 'planted']))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "planted: DID NOT HOLD" in done.stdout


@pytest.mark.parametrize("line", [line for line in README.splitlines() if line.startswith("make prove")])
def test_the_readmes_line_is_a_command_with_options_that_exist(line: str) -> None:
    """Only what make would run is looked at: the run itself takes as long as the README says."""
    command = line.split("#", maxsplit=1)[0].strip()
    shown = subprocess.run(
        ["bash", "-c", command.replace("make ", "make -n ", 1)], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    [last] = [part for part in shown.splitlines() if "tests.prove" in part]
    options = last.split("tests.prove", 1)[1].split()
    assert prove(*options, "--help").returncode == 0
    assert prove(*options, "--no-such-option").returncode == 2

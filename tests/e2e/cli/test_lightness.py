"""What tells of the command loads none of what its work needs, and an idle cycle nothing that it does not use."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer
from packaging.requirements import Requirement
from typer.core import TyperGroup

from syncd.cli.app import app
from tests.e2e.cli.command import SYNCD
from tests.e2e.cli.world import World
from tests.project.sources import pyproject

HEAVY = {Requirement(line).name.replace("-", "_") for line in pyproject()["project"]["dependencies"]} - {"typer"}
READS_OPTIONS = {"pydantic", "pydantic_core"}
"""With these typer reads the options before a command's name, also where only the command's help is wanted."""

FOR_SOME_RUNS = {
    *("alembic", "apscheduler", "click", "email_validator", "jinja2", "phonenumbers", "pygments", "rich"),
    *("sqlalchemy", "sqlmodel", "starlette", "uvicorn"),
}
"""What the daemon alone needs, a page or a terminal, a new record, another schema, or nothing that syncd does."""

COLLECTS = "(looks for garbage)"
"""Stands among the modules where that is so at the end."""

_RUN = f"""
import gc, runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as ended:
    assert not ended.code
print(*sys.modules, *["{COLLECTS}"] * gc.isenabled(), sep="\\n", file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    """The modules that the command has loaded when it ends, which it does well."""
    done = subprocess.run([sys.executable, "-c", _RUN, SYNCD, *arguments], check=True, capture_output=True, text=True)
    assert done.stdout
    return set(done.stderr.splitlines())


def packages(modules: set[str]) -> set[str]:
    """Their top-level packages."""
    return {name.partition(".")[0] for name in modules}


def assert_no_work(modules: set[str]) -> None:
    """Of syncd itself the command line and values alone, no store, and nothing that runs a loop."""
    ours = {name for name in modules if name.startswith("syncd.")}
    assert "syncd.cli.app" in ours
    assert {name.split(".")[1] for name in ours} <= {"cli", "model"}
    assert {"syncd_state", "asyncio"}.isdisjoint(packages(modules))


def group(*names: str) -> TyperGroup:
    """The command line, or a group of it."""
    found = typer.main.get_command(app)
    assert isinstance(found, TyperGroup)
    for name in names:
        found = found.commands[name]
        assert isinstance(found, TyperGroup)
    return found


def commands(*of: str) -> list[tuple[str, ...]]:
    """Every command of a group and what is below it, each with the names before its own."""
    found: list[tuple[str, ...]] = []
    for name, command in group(*of).commands.items():
        found.append((*of, name))
        if isinstance(command, TyperGroup):
            found += commands(*of, name)
    return found


def test_help_loads_nothing_heavy() -> None:
    """No dependency but the one that parses the command line, and the zone database not even for its edition."""
    modules = loaded("--help")
    assert packages(modules) & HEAVY == set()
    assert_no_work(modules)


def test_the_version_loads_nothing_heavy() -> None:
    """The zone database tells its edition, and shows none of its zones."""
    modules = loaded("--version")
    assert packages(modules) & HEAVY == {"tzdata"}
    assert not [name for name in modules if name.startswith("tzdata.")]
    assert "zoneinfo" not in modules
    assert_no_work(modules)


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_the_help_of_a_command_loads_nothing_that_it_works_with(command: tuple[str, ...]) -> None:
    """Whatever it does, and wherever it stands."""
    modules = loaded(*command, "--help")
    assert packages(modules) & HEAVY <= READS_OPTIONS
    assert_no_work(modules)


@pytest.mark.parametrize("command", [["--once"], ["--once", "--report", "json"], ["status"]], ids=" ".join)
def test_a_cycle_in_which_nothing_happened_loads_nothing_that_it_does_not_use(world: World, command: list[str]) -> None:
    """From cron it is nearly all that runs, and to load a library takes longer than such a cycle."""
    world.book(*range(3))
    assert world.syncd("--once").code == 0
    modules = loaded("-c", str(world.config), *command)
    assert packages(modules) & FOR_SOME_RUNS == set()
    assert not [name for name in modules if name.startswith(("syncd.sandbox", "syncd.demo"))]


@pytest.mark.parametrize("command", [["--dry-run"], ["status"], ["demo"]], ids=" ".join)
def test_garbage_is_looked_for_once_all_is_loaded(world: World, command: list[str]) -> None:
    """While it is loaded there is none, and to look takes a quarter of the start."""
    assert COLLECTS in loaded("-c", str(world.config), *command)
    assert COLLECTS not in loaded("--help")

"""The page on accounts for programs is true: its programs run at every vendor, its tables say what the code does."""

from __future__ import annotations

import asyncio
import inspect
import re
import sys
from collections import abc
from datetime import timedelta
from typing import Any

import pytest

import syncd.vendors
from syncd.assembly import system_clock
from syncd.model import errors
from syncd.sandbox.frame.vendor import SandboxVendor
from syncd.sandbox.samples import demo_vendors, fill
from syncd.sandbox.serving.server import Sandbox
from syncd.vendors.account import Account, Values
from syncd.vendors.options import Options
from tests.project.sources import ROOT

PAGE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
READING, OPENING, WRITING = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
CLASSES = {"crm": "ActuallyCare", "book": "Acuity", "office": "Aivapad", "site": "Amelia"}
VARIABLES = {
    "crm": {"CRM_KEY": "api_key"},
    "book": {"ACUITY_USER": "user_id", "ACUITY_KEY": "api_key"},
    "office": {"AIVAPAD_TOKEN": "token"},
    "site": {"AMELIA_KEY": "api_key"},
}
EACH_ACCOUNT = pytest.mark.parametrize("name", CLASSES)


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> abc.Iterator[Sandbox]:
    """Four served vendors with the sample data, whose credentials are in the environment.

    The classes are the exported ones, but for the address: the page's programs call the vendors' own.
    """
    vendors = demo_vendors(system_clock)
    fill(vendors, system_clock())
    with Sandbox(vendors) as served:
        for name, variables in VARIABLES.items():
            for variable, key in variables.items():
                monkeypatch.setenv(variable, served.vendor(name).settings()[key])
        for name, called in CLASSES.items():
            exported, address = getattr(syncd.vendors, called), {"base_url": served.base_url(name)}
            opened = lambda exported=exported, address=address, **keys: exported(**{**keys, **address})  # noqa: E731
            monkeypatch.setattr(syncd.vendors, called, opened, raising=False)
        yield served


def run(program: str) -> dict[str, Any]:
    """Run a program of the page; what it leaves behind."""
    namespace: dict[str, Any] = {"__name__": "program"}
    exec(compile(program, "docs/clients.md", "exec"), namespace)  # noqa: S102 - it is the page that is tested
    return namespace


def account(name: str) -> Account:
    """The page's account of that name."""
    found: Account = run(OPENING)[name]
    return found


def live(vendor: SandboxVendor) -> set[str]:
    """The ids of the appointments that stand at a vendor."""
    return {entry.id for entry in vendor.entries.values() if not entry.is_cancelled}


def table(heading: str) -> list[list[str]]:
    """The cells of the table whose first heading this is."""
    lines = iter(PAGE.splitlines())
    next(line for line in lines if line.startswith(f"| {heading} |"))
    next(lines)
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in iter(lines.__next__, "")]


def names_in(text: str) -> list[str]:
    """What stands in backquotes."""
    return re.findall(r"`([^`]+)`", text)


def test_the_reading_program_is_short() -> None:
    """Ten lines besides its imports and blank ones, with no transport to build."""
    code = [line for line in READING.splitlines() if line.strip() and not line.startswith(("import ", "from "))]
    assert len(code) <= 10


@EACH_ACCOUNT
def test_the_reading_program_lists_every_appointment(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """At Acuity as it stands; at the others with their account in its place, and nothing else."""
    program = READING
    if name != "book":
        [opening] = re.findall(rf"^{name} = (.*?)$(?=\n\w|\Z)", OPENING.strip(), re.MULTILINE | re.DOTALL)
        program = re.sub(r"Acuity\(.*?\)(?= as book)", opening.replace("\\", r"\\"), READING)
        program = program.replace("import Acuity", f"import {CLASSES[name]}")
        assert CLASSES[name] in program
    began = system_clock()
    run(program)
    printed = capsys.readouterr().out.splitlines()
    starts = {entry.id: entry.start - timedelta(days=14) for entry in sandbox.vendor(name).entries.values()}
    ids = [line.split()[0] for line in printed]
    assert len(ids) == len(set(ids)) >= 6
    assert {one for one in starts if starts[one] < began} <= set(ids)
    assert set(ids) <= {one for one in starts if starts[one] < system_clock()}
    assert all(" scheduled " in line for line in printed)


@EACH_ACCOUNT
def test_the_writing_program_makes_moves_and_cancels_an_appointment(sandbox: Sandbox, name: str) -> None:
    """Everybody else's stand as they stood, and no client is mailed."""
    vendor = sandbox.vendor(name)
    before = live(vendor)
    day = (system_clock() + timedelta(days=21)).replace(hour=9, minute=0, second=0, microsecond=0)
    remote_id = asyncio.run(run(WRITING)["visit"](account(name), day - timedelta(days=day.weekday())))
    operations = [event["operation"] for event in vendor.log if event["event"] == "request"]
    assert live(vendor) == before
    assert remote_id not in before
    assert operations.count("create") == 1
    assert vendor.counters.notifications == 0
    if remote_id in vendor.entries:
        assert vendor.entries[remote_id].start == day - timedelta(days=day.weekday()) + timedelta(hours=1)


@EACH_ACCOUNT
def test_an_account_can_be_checked(sandbox: Sandbox, name: str) -> None:
    """Its credentials, its address, and the ids that the page gives it."""

    async def doubts() -> tuple[str, ...]:
        async with account(name) as book:
            return await book.check()

    assert asyncio.run(doubts()) == ()


def test_the_table_of_verbs_is_whole() -> None:
    """Each public verb with its own parameters, and no other."""
    public = {verb: member for verb, member in vars(Account).items() if verb[0] != "_" and inspect.isroutine(member)}
    expected = {verb: list(inspect.signature(member).parameters)[1:] for verb, member in public.items()}
    shown = run("\n".join(f"def {names_in(cells[0])[0]}: ..." for cells in table("Verb")))
    assert {verb: list(inspect.signature(shown[verb]).parameters) for verb in shown if verb in public} == expected
    assert len(table("Verb")) == len(expected)
    assert set(names_in(PAGE[PAGE.index("`values` are") :].split(".")[0])[1:]) == set(Values.__annotations__)


def test_the_table_of_keys_is_whole() -> None:
    """Each keyword of each class, and those that all of them take."""
    shown = {names_in(cells[0])[0] if cells[0] != "all" else "all": names_in(cells[1]) for cells in table("Class")}
    assert set(shown.pop("all")) == set(Options.__annotations__)
    for called, keys in shown.items():
        parameters = inspect.signature(getattr(syncd.vendors, called).__init__).parameters
        assert keys == [name for name in parameters if name not in ("self", "options")]
    assert sorted(shown) == sorted(CLASSES.values())


def test_the_table_of_errors_names_the_models() -> None:
    """Every error that a caller could meet, besides those that say more exactly what another one says."""
    shown = {names_in(cells[0])[0] for cells in table("Error")}
    known = {name for name, member in vars(errors).items() if inspect.isclass(member)}
    finer = {"SyncdError", "VendorError", "InvalidTime", "TooMuch", "TooSlow", "TooLarge", "Taken", "Contradicted"}
    assert shown == {name for name in known - finer if getattr(errors, name).__module__ == errors.__name__}


def test_the_readme_names_the_page() -> None:
    """Whoever looks for it starts there."""
    assert "(docs/clients.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "syncd.vendors" in sys.modules

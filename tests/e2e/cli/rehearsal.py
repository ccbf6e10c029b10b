"""A whole syncd in this process, over generated vendors: a dry run and the cycle right after it, side by side.

Put together as the command line does it, by `syncd.assembly`; only clock and connections are the test's own.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx
from hypothesis import strategies as st

from syncd.assembly import build_engine, build_vendors, open_ledger
from syncd.config import load
from syncd.engine.result import CycleResult
from syncd.engine.store.desk import Desk
from syncd.engine.store.thread import Runner, at_once
from syncd.report import document
from syncd.sandbox.frame.exchange import WRITES
from syncd.sandbox.frame.faults import Fault
from syncd.sandbox.frame.records import Entry, Person
from syncd.sandbox.frame.vendor import SandboxVendor
from syncd.sandbox.samples import NAMES, demo_vendors
from syncd.sandbox.serving.asgi import Application
from syncd.sandbox.serving.config import configuration
from syncd.vendors.transport import Surroundings
from tests.e2e.cli.world import contents, entry_of

T = TypeVar("T")

_HALF_HOUR = timedelta(minutes=30)
_OF_LISTINGS = ("html", "empty", "truncate", "not_json", "empty_list", "partial_list", "half_list", "page_shift")
_OF_ROWS = ("unknown_status", "null_fields", "extra_fields")
"""These strike every read: a row that is otherwise when it is asked for by id has moved since it was listed."""


@dataclass(frozen=True)
class Edit:
    """What somebody does at a vendor; `which` picks one of its records."""

    vendor: str
    what: str
    which: int
    by: int

    def do(self, vendors: Mapping[str, SandboxVendor]) -> None:
        """Do it, where that vendor knows such a thing."""
        vendor = vendors[self.vendor]
        entries = sorted(vendor.entries.values(), key=lambda entry: (entry.start, entry.id))
        if not entries:
            return
        entry = entries[self.which % len(entries)]
        with suppress(ValueError):
            self._do(vendor, entry)

    def _do(self, vendor: SandboxVendor, entry: Entry) -> None:
        match self.what:
            case "move":
                by = self.by * _HALF_HOUR
                vendor.person_edit(entry.id, start=entry.start + by, end=entry.end + by)
            case "cancel":
                vendor.person_cancel(entry.id)
            case "revive":
                vendor.person_revive(entry.id)
            case "delete":
                vendor.person_delete(entry.id)
            case "rename":
                vendor.person_edit(entry.id, title=f"Renamed {self.by}")
            case "note":
                vendor.person_edit(entry.id, notes=f"Note {self.by}")
            case "client":
                vendor.person_edit(entry.id, people=[Person("Else", f"Body{self.by}", f"else{self.by}@example.com")])
            case _:
                vendor.person_edit(entry.id, status=self.what)


@dataclass(frozen=True)
class Story:
    """How the vendors behave, what is there at first, and what happens before each cycle."""

    behaviour: Mapping[str, Mapping[str, Any]]
    entered: Sequence[tuple[int, frozenset[str]]]
    days: Sequence[Sequence[Edit | tuple[str, str]]]
    sync: Mapping[str, Any]
    guard: Mapping[str, Any] = field(default_factory=dict)


def _behaviours() -> st.SearchStrategy[dict[str, dict[str, Any]]]:
    """Any switch that has a list of values, at any vendor; mostly as it is by default."""
    vendors = {vendor.name: vendor.all_switches() for vendor in demo_vendors(lambda: datetime.now(UTC))}
    turned = [(name, key, c) for name, all_of in vendors.items() for key, s in all_of.items() for c in s.choices or ()]

    def gathered(some: list[tuple[str, str, Any]]) -> dict[str, dict[str, Any]]:
        return {name: {key: value for owner, key, value in some if owner == name} for name in vendors}

    return st.lists(st.sampled_from(turned), max_size=4).map(gathered)


_NAMES = st.sampled_from(sorted(NAMES))
_EDITS = st.builds(
    Edit,
    vendor=_NAMES,
    what=st.sampled_from(
        ["move", "move", "cancel", "delete", "revive", "rename", "note", "client", "completed", "no_show"]
    ),
    which=st.integers(0, 11),
    by=st.sampled_from([-2, -1, 1, 2, 48]),
)
_TROUBLE = st.tuples(_NAMES, st.sampled_from((*_OF_LISTINGS, "duplicate_row", *_OF_ROWS)))
_STRICT = {"max_cancels": {"count": 0, "percent": 10}, "max_changes": {"count": 1, "percent": 10}}

STORIES = st.builds(
    Story,
    behaviour=_behaviours(),
    entered=st.lists(st.tuples(st.integers(0, 9), st.sets(_NAMES, min_size=1).map(frozenset)), min_size=1, max_size=8),
    days=st.lists(st.lists(_EDITS | _EDITS | _EDITS | _TROUBLE, max_size=5), min_size=1, max_size=3),
    sync=st.fixed_dictionaries(
        {"conflict": st.sampled_from(["newest", "priority", "manual"]), "cancel_wins": st.booleans()}
    ),
    guard=st.sampled_from([{}, _STRICT]),
)


class Rehearsal:
    """The vendors of a story, and a store in a folder."""

    def __init__(self, story: Story, folder: Path, now: datetime) -> None:
        self.now = now
        self._rng = random.Random(7)
        self.vendors = {vendor.name: vendor for vendor in demo_vendors(lambda: self.now)}
        for name, vendor in self.vendors.items():
            vendor.set_behaviour(rate=None, **story.behaviour[name])
        for number, names in story.entered:
            for name in sorted(names):
                with suppress(ValueError):
                    self.vendors[name].person_insert(**entry_of(self.vendors[name].kind, number))
        addresses = {name: f"http://127.0.0.1:{port}" for port, name in enumerate(self.vendors, 9001)}
        self._state = folder / "state"
        self._state.mkdir()
        path = folder / "syncd.toml"
        text = configuration(
            addresses,
            list(self.vendors.values()),
            "sqlite:///state/state.db",
            rate="10000/s",
            sync=story.sync,
            guard=story.guard,
        )
        path.write_text(text, encoding="utf-8")
        self._configuration = load(path, {})

    def happen(self, day: Sequence[Edit | tuple[str, str]]) -> None:
        """An hour passes, in which people do this; listings go wrong as the day says."""
        self.now += timedelta(hours=1)
        for vendor in self.vendors.values():
            vendor.faults.clear()
        for one in day:
            if isinstance(one, Edit):
                one.do(self.vendors)
            else:
                name, kind = one
                every_read = kind in _OF_ROWS
                fault = Fault(kind, method="GET" if every_read else None, operation=None if every_read else "list")
                self.vendors[name].faults.add(fault)

    def files(self) -> Mapping[str, tuple[int, int, bytes]]:
        """Everything that there is of the store."""
        return contents(self._state)

    def written(self) -> int:
        """How many requests were no reads."""
        return sum(
            line["event"] == "request" and line["operation"] in WRITES
            for vendor in self.vendors.values()
            for line in vendor.log
        )

    def run(self, *, dry_run: bool) -> CycleResult:
        """What `syncd --dry-run` or `syncd --once` does, in a process of its own."""
        return asyncio.run(self._run(dry_run))

    def run_with_act(self, number: int, act: Callable[[Desk], object]) -> bool:
        """A cycle in which somebody else acts on the store right before its call `number`; whether that came."""
        runner = _Interrupted(number, lambda: self.desk(act))
        asyncio.run(self._run(dry_run=False, runner=runner))
        return runner.calls > number

    def desk(self, act: Callable[[Desk], T]) -> T:
        """What an operator does in a process of their own."""
        ledger = open_ledger(self._configuration)
        ledger.clock = lambda: self.now
        try:
            return act(Desk(ledger))
        finally:
            ledger.close()

    async def _run(self, dry_run: bool, runner: Runner = at_once) -> CycleResult:
        surroundings = Surroundings(
            clock=lambda: self.now,
            sleep=self._sleep,
            rng=self._rng,
            connect=lambda connection: httpx.ASGITransport(Application(self.vendors[connection.vendor])),
        )
        vendors = build_vendors(self._configuration, surroundings)
        ledger = open_ledger(self._configuration, readonly=dry_run)
        ledger.run, ledger.clock = runner, lambda: self.now
        try:
            return await build_engine(self._configuration, ledger, vendors, surroundings).cycle(dry_run=dry_run)
        finally:
            ledger.close()
            for vendor in vendors.values():
                await vendor.aclose()

    async def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class _Interrupted:
    """Runs calls to the store at once; something else happens right before one of them."""

    number: int
    act: Callable[[], object]
    calls: int = 0

    async def __call__(self, call: Callable[[], Any], /) -> Any:
        if self.calls == self.number:
            self.act()
        self.calls += 1
        return call()

    def close(self) -> None:
        """No call outlives its answer."""


def operations(result: CycleResult, *, held: bool) -> list[dict[str, Any]]:
    """The operations of a report as both runs must tell them; the id that a create brought is left out."""
    steps = [step for step in result.steps if (step.outcome.value == "held") is held]
    shown = [entry for entry in document(result)["operations"] if (entry["outcome"] == "held") is held]
    for step, entry in zip(steps, shown, strict=True):
        entry["remote_id"] = step.operation.remote_id
        del entry["outcome"], entry["error"]
    return sorted(shown, key=lambda entry: str(entry["id"]))

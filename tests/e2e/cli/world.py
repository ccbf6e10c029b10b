"""An operator's folder with four served vendors: appointments that people made there, and what the vendors were asked.

Starts lie at 15 to 20 hours UTC of the coming days, where no vendor's zone changes its clocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from syncd.assembly import system_clock
from syncd.sandbox.frame.faults import Fault
from syncd.sandbox.frame.records import Entry, Person
from syncd.sandbox.frame.vendor import SandboxVendor
from syncd.sandbox.samples import demo_vendors
from syncd.sandbox.serving.server import Sandbox
from tests.e2e.cli.command import Commands, Finished, Run

ALL = ("crm", "book", "office", "site")
HOUR = timedelta(hours=1)
_PER_DAY = 5


def start_of(number: int) -> datetime:
    """When appointment `number` starts."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=2 + number // _PER_DAY, hours=15 + number % _PER_DAY)


def person(number: int) -> Person:
    """Whom appointment `number` is with."""
    return Person(f"First{number}", f"Last{number}", f"client{number}@example.com", f"(661) 555-{100 + number:04}")


def entry_of(kind: str, number: int) -> dict[str, Any]:
    """Appointment `number` as a person enters it at a vendor of this kind."""
    start = start_of(number)
    fields: dict[str, Any] = {"start": start, "end": start + HOUR / 2, "people": [person(number)]}
    match kind:
        case "actuallycare":
            return {**fields, "title": f"Visit {number}", "location": f"Room {number}", "service": "showing"}
        case "aivapad":
            return {**fields, "title": f"Visit {number}", "location": f"Room {number}"}
        case "acuity":
            return {**fields, "service": 94517100, "staff": 14209019}
        case _:
            return {**fields, "service": 2, "staff": {"provider": 1, "location": 1}}


@dataclass
class World:
    """Four vendors, a configuration for them, and the command."""

    folder: Path
    sandbox: Sandbox
    vendors: dict[str, SandboxVendor]
    commands: Commands
    keys: dict[str, Any] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.folder / "syncd.toml"

    @property
    def state(self) -> Path:
        """The state store."""
        return self.folder / "state" / "state.db"

    def configure(self, **keys: Any) -> None:
        """Write the configuration; `keys` are those of `Sandbox.config_text`, added to earlier ones."""
        self.keys |= keys
        given = {"state": "sqlite:///state/state.db", "rate": "10000/s", **self.keys}
        options = given.get("options") or {}
        given["options"] = {name: {"settle": "0s", **options.get(name, {})} for name in ALL}
        self.config.write_text(self.sandbox.config_text(**given), encoding="utf-8")
        self.config.chmod(0o600)

    # -- the command --------------------------------------------------------------------------------------------

    def syncd(self, *arguments: str | Path, **options: Any) -> Finished:
        """Run the command with this configuration."""
        return self.commands.run("-c", self.config, *arguments, folder=self.folder, **options)

    def once(self) -> Any:
        """One cycle; its report."""
        return self.syncd("--once", "--report", "json").report

    def daemon(self, *arguments: str, **options: Any) -> Run:
        """Start the daemon."""
        return self.commands.start("-c", self.config, *arguments, folder=self.folder, **options)

    # -- the vendors --------------------------------------------------------------------------------------------

    def book(self, *numbers: int, at: tuple[str, ...] = ALL) -> None:
        """Somebody enters these appointments at these vendors."""
        for name in at:
            for number in numbers:
                self.vendors[name].person_insert(**entry_of(self.vendors[name].kind, number))

    def entry(self, name: str, number: int) -> Entry:
        """A vendor's record of an appointment, by its client, or where syncd made it without one by its start."""
        entries, email = self.vendors[name].entries.values(), person(number).email
        found = [e for e in entries if email in [p.email for p in e.people]]
        [one] = found or [e for e in entries if not e.people and e.start == start_of(number)]
        return one

    def move(self, name: str, number: int, by: timedelta = HOUR / 2) -> datetime:
        """Somebody moves it at one vendor; returns the new start."""
        entry = self.entry(name, number)
        self.vendors[name].person_edit(entry.id, start=entry.start + by, end=entry.end + by)
        return entry.start + by

    def cancel(self, name: str, *numbers: int) -> None:
        """Somebody cancels these at one vendor."""
        for number in numbers:
            self.vendors[name].person_cancel(self.entry(name, number).id)

    def starts(self, name: str) -> list[datetime]:
        """When a vendor's standing appointments start."""
        return sorted(e.start for e in self.vendors[name].entries.values() if e.status not in ("cancelled", "no_show"))

    def in_step(self) -> bool:
        """Whether all vendors have standing appointments at the same times, none twice."""
        first, *others = (self.starts(name) for name in self.vendors)
        return all(other == first for other in others) and len(set(first)) == len(first)

    def fault(self, name: str, kind: str, **keys: Any) -> Fault:
        """Something goes wrong at a vendor from now on."""
        return self.vendors[name].faults.add(Fault(kind, **keys))

    @property
    def requests(self) -> int:
        """How many requests all vendors got."""
        return sum(len(vendor.counters.requests) for vendor in self.vendors.values())

    @property
    def writes(self) -> int:
        """How many writing requests the vendors carried out."""
        return sum(vendor.counters.writes for vendor in self.vendors.values())

    @property
    def asked_to_write(self) -> list[str]:
        """Requests that are no reads, carried out or not."""
        return [
            f"{name}: {line['operation']}"
            for name, vendor in self.vendors.items()
            for line in vendor.log
            if line["event"] == "request" and line["operation"] not in ("list", "get", None)
        ]


def contents(folder: Path) -> Mapping[str, tuple[int, int, bytes]]:
    """Everything in a folder and the folder itself: mode, time of the last change, content."""
    found = [folder, *sorted(folder.rglob("*"))]
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode,
            path.stat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in found
    }


@contextmanager
def served(*, unkind: bool = False) -> Iterator[Sandbox]:
    """Four vendors without appointments and without a limit to their rates, perhaps at their least kind."""
    vendors = demo_vendors(system_clock, unkind=unkind)
    for vendor in vendors:
        vendor.set_behaviour(rate=None)
    with Sandbox(vendors) as sandbox:
        yield sandbox


def settle(folder: Path, sandbox: Sandbox, commands: Commands) -> World:
    """A world in a folder, with a configuration."""
    (folder / "state").mkdir()
    world = World(folder, sandbox, {name: sandbox.vendor(name) for name in ALL}, commands)
    world.configure()
    return world

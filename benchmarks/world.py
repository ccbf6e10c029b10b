"""Vendors of a given size on loopback, for as long as somebody holds this process's standard input open.

`python -m benchmarks.world FOLDER 5000 crm,book,office,site all` fills the vendors, writes FOLDER/syncd.toml, and says
`ready`. With `one` instead of `all`, each appointment is at one vendor alone, so that the others lack it.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from syncd.sandbox.frame.records import Person
from syncd.sandbox.frame.vendor import SandboxVendor
from syncd.sandbox.samples import SERVICES, STAFF, demo_vendors
from syncd.sandbox.serving.server import Sandbox

LENGTH = timedelta(minutes=30)
"""One appointment after the other: an employee's time cannot be taken twice."""


def clock() -> datetime:
    """Now."""
    return datetime.now(UTC)


def fill(vendors: list[SandboxVendor], number: int, first: datetime, *, everywhere: bool) -> None:
    """Enter `number` invented appointments from `first` on: at every vendor, or in turn at one of them alone."""
    for place, vendor in enumerate(vendors):
        for i in range(number) if everywhere else range(place, number, len(vendors)):
            vendor.person_insert(**_fields(vendor.kind, i, first + i * LENGTH))


def _fields(kind: str, number: int, start: datetime) -> dict[str, Any]:
    person = Person(f"Client{number}", f"Number{number}", f"client{number}@example.com", f"661555{number:05}")
    fields: dict[str, Any] = {"start": start, "end": start + LENGTH, "people": [person]}
    if kind in ("actuallycare", "aivapad"):
        fields |= {"title": f"Showing: {person.name}", "location": f"{number} Elm Street"}
    for key, row in (("service", SERVICES[0]), ("staff", STAFF[0])):
        if kind in row.ids:
            fields[key] = row.ids[kind]
    return fields


def main(folder: str, number: str, names: str, spread: str) -> None:
    """Serve until standard input ends."""
    vendors = [vendor for vendor in demo_vendors(clock) if vendor.name in names.split(",")]
    for vendor in vendors:
        if "rate" in vendor.all_switches():
            vendor.set_behaviour(rate=None)
    first = clock().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    fill(vendors, int(number), first, everywhere=spread == "all")
    window = {"future": f"{int(number) * LENGTH // timedelta(days=1) + 3}d"}
    with Sandbox(vendors) as sandbox:
        path = Path(folder) / "syncd.toml"
        path.write_text(sandbox.config_text("sqlite:///state.db", rate="100000/s", sync=window), encoding="utf-8")
        path.chmod(0o600)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])

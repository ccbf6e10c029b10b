"""Many appointments at the four vendors, and what is counted while syncd looks after them."""

from __future__ import annotations

import dataclasses
import gc
from collections import Counter, abc
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from syncd.engine.store.ledger import Ledger
from syncd.model.appointment import Appointment
from syncd.model.record import Absent, Record
from syncd.sandbox.frame.records import Entry, Person
from syncd.vendors.port import Row, Vendor
from syncd_state import AppointmentRow, MappingRow
from tests.e2e.behaviour.world import ALL, NOW, World

LENGTH = timedelta(minutes=30)
FIRST = NOW + timedelta(days=1)
"""Each appointment follows the one before it: an employee's time cannot be taken twice."""


def start_of(number: int) -> datetime:
    """When an appointment of the crowd starts."""
    return FIRST + number * LENGTH


def client(number: int) -> Person:
    """Whom it is with."""
    return Person(f"First{number}", f"Last{number}", f"client{number}@example.com", f"212555{number:04}")


def enter(world: World, numbers: abc.Iterable[int], *names: str) -> list[Entry]:
    """People enter these appointments at some vendors, or at all; the records, vendor by vendor."""
    chosen = list(numbers)
    return [world.enter(name, start_of(n), client(n)) for name in names or world.servers for n in chosen]


class Watched:
    """A vendor that counts what is asked of it: `decode` and `get`."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._vendor, name)

    def decode(self, row: Row, hint: Appointment | None = None, guests: abc.Collection[str] = ()) -> Record:
        """As the vendor does."""
        self.calls["decode"] += 1
        return self._vendor.decode(row, hint, guests)

    async def get(
        self, remote_id: str, hint: Appointment | None = None, guests: abc.Collection[str] = ()
    ) -> Record | Absent:
        """As the vendor does."""
        self.calls["get"] += 1
        return await self._vendor.get(remote_id, hint, guests)


def watch(world: World) -> dict[str, Watched]:
    """From now on syncd reaches its vendors through somebody who counts."""
    watched = {name: Watched(vendor) for name, vendor in world.vendors.items()}
    for name, vendor in watched.items():
        world.vendors[name] = cast("Vendor", vendor)
    return watched


def stored(ledger: Ledger) -> set[tuple[Any, ...]]:
    """Every appointment and every mapping as the store has them, with the time at which they were written."""
    with ledger.store.read() as tx:
        ids = tx.appointments_starting(float("-inf"), float("inf"))
        rows: list[AppointmentRow | MappingRow] = [*tx.appointments(ids), *tx.mappings_of(ids)]
    return {dataclasses.astuple(row) for row in rows}


def living(kind: type) -> int:
    """How many values of a type there are in this process."""
    return sum(type(found) is kind for found in gc.get_objects())


def crowded(folder: Path, *names: str, behaviour: str = "reference", **given: Any) -> World:
    """Vendors of these names in which nothing was entered yet; syncd looks at all of the crowd."""
    sync = {"future": "400d", **given.pop("sync", {})}
    return World(folder, behaviour, names=names or ALL, sync=sync, **given)

"""A record that turns out to be fixed when it is looked at right before a write."""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from typing import Any

from syncd.model.appointment import Appointment
from syncd.model.plan import Outcome
from syncd.model.record import Absent, Record
from syncd.vendors.port import Vendor
from tests.e2e.behaviour.world import ALL, World, at, steps


class Fixing:
    """A vendor whose every record is fixed, by id: its listing does not say so."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._vendor, name)

    async def get(
        self, remote_id: str, base: Appointment | None = None, guests: abc.Collection[str] = ()
    ) -> Record | Absent:
        """The record, fixed."""
        found = await self._vendor.get(remote_id, base, guests)
        return replace(found, fixed="its server would mail the attendees") if isinstance(found, Record) else found


async def test_nothing_is_sent_and_a_person_reads_why(world: World) -> None:
    """The move is quarantined once, with the way out; the others get it."""
    entry = world.enter_everywhere(at(15))
    await world.settle()
    ids = {name: world.the("crm", entry.id, name).id for name in ALL}
    vendors = dict(world.engine.vendors)
    world.engine.vendors = vendors | {"office": Fixing(vendors["office"])}
    world.move("crm", ids["crm"], at(17))
    before = world.sent("office")["reschedule"]
    first = await world.cycle()
    [left] = [step for step in steps(first) if step.operation.vendor == "office"]
    assert left.outcome is Outcome.QUARANTINED
    assert "would mail the attendees" in str(left.error)
    assert (first.exit_code, (await world.cycle()).exit_code) == (3, 0)
    assert world.sent("office")["reschedule"] == before
    assert world.starts("office") == [at(15)]
    assert world.starts("site") == [at(17)]
    world.engine.vendors = vendors
    world.desk.release([])
    await world.settle()
    assert world.calendars() == [[at(17)]]

"""A cycle with nothing to do does nothing: no write, and no request beyond the listings."""

from __future__ import annotations

import pytest

from syncd.sandbox.samples import fill
from tests.e2e.behaviour.world import ALL, NOW, World, at, steps


def idle(world: World) -> None:
    """The last cycle made one list request a vendor and nothing else."""
    assert {name: dict(world.sent(name)) for name in world.servers} == {name: {"list": 1} for name in world.servers}


async def test_a_second_cycle_only_lists(world: World) -> None:
    """After a first sync that matched and created, there is nothing left to say."""
    fill(list(world.servers.values()), NOW)
    first = await world.cycle()
    assert first.exit_code == 0
    assert len({tuple(world.starts(name)) for name in world.servers}) == 1
    for _ in range(2):
        again = await world.cycle()
        assert (again.exit_code, again.steps, again.conflicts, again.quarantined) == (0, (), (), ())
        idle(world)


@pytest.mark.parametrize("origin", ALL)
async def test_one_appointment_reaches_every_vendor_once(world: World, origin: str) -> None:
    """From wherever it was entered."""
    entry = world.enter(origin, at(15))
    result = await world.cycle()
    assert result.exit_code == 0
    assert world.calendars() == [[at(15)]]
    assert {step.operation.vendor for step in steps(result)} == set(ALL) - {origin}
    await world.cycle()
    idle(world)
    assert {world.the(origin, entry.id, name).start for name in ALL} == {at(15)}

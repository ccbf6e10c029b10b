"""A vendor that leaves rows out of its listing and does not say so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.model.plan import Action
from tests.e2e.behaviour.world import ALL, OMAR, World, at, of, steps


@pytest.mark.parametrize("count", [100, 150])
async def test_what_a_listing_left_out_is_not_made_once_more(world: World, count: int) -> None:
    """As many appointments as a round number has, at all four vendors: all are recognised, and a new one is made."""
    for number in range(count):
        world.enter_everywhere(at(8 + number % 7, day=22 + number // 7 % 9) + timedelta(days=10 * (number // 63)))
    entry = world.enter("crm", at(16, day=23), OMAR)
    result = await world.cycle()
    assert of(result, "book").snapshot == "complete"
    assert {step.operation.appointment for step in steps(result, Action.CREATE)} == {world.known("crm", entry.id).id}
    assert {name: len(world.live(name)) for name in ALL} == dict.fromkeys(ALL, count + 1)
    assert steps(await world.cycle()) == []

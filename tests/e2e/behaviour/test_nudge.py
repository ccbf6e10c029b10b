"""A cycle of single vendors: those that are due, and the others as soon as there is something to do."""

from __future__ import annotations

import pytest

from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, ANA, JANE, OMAR, World, at

EACH_VENDOR = pytest.mark.parametrize("name", ALL)


async def in_step(world: World) -> dict[str, str]:
    """Two appointments at every vendor, one at 15:00; its id at each."""
    entry = world.enter_everywhere(at(15), JANE)
    world.enter_everywhere(at(10), OMAR)
    assert (await world.cycle()).exit_code == 0
    return {name: world.the("crm", entry.id, name).id for name in ALL}


@EACH_VENDOR
async def test_a_nudge_that_finds_nothing_asks_nobody_else(world: World, name: str) -> None:
    """One listing at that vendor, and not a request to any other."""
    await in_step(world)
    result = await world.cycle(due={name})
    assert (result.steps, result.exit_code) == ((), 0)
    assert not any(world.sent(other) for other in ALL if other != name)
    assert [vendor.name for vendor in result.vendors] == [name]


@EACH_VENDOR
async def test_a_nudge_that_finds_something_costs_what_any_cycle_does(worlds: Worlds, name: str) -> None:
    """Its vendor is listed once, and so are the others: the move goes out with the requests of a whole cycle."""
    sent = []
    for due in (None, {name}):
        world = worlds()
        ids = await in_step(world)
        world.move(name, ids[name], at(16))
        result = await world.cycle(due=due)
        assert result.exit_code == 0
        assert world.calendars() == [[at(10), at(16)]]
        sent.append({other: world.sent(other) for other in ALL})
    assert sent[0] == sent[1]
    assert all(requests["list"] for requests in sent[1].values())


async def test_a_nudge_sees_what_the_others_have_by_then(world: World) -> None:
    """An appointment is entered at two vendors, one of which is due: it is linked, and made at the other two."""
    await in_step(world)
    world.enter("crm", at(12), ANA)
    world.enter("office", at(12), ANA)
    await world.cycle(due={"crm"})
    await world.settle()
    assert world.calendars() == [[at(10), at(12), at(15)]]


async def test_what_was_compared_with_something_older_is_listed_again(worlds: Worlds) -> None:
    """While the CRM is listed somebody decides a conflict about its record: that listing knows nothing of it."""
    world = worlds(sync={"conflict": "manual"})
    ids = await in_step(world)
    world.move("crm", ids["crm"], at(16))
    world.move("office", ids["office"], at(18))
    await world.cycle()
    [waiting] = world.desk.conflicts()
    assert waiting.id is not None
    decide = waiting.id
    world.between("crm", "list", lambda: world.desk.resolve(decide, "office"))
    world.servers["crm"].person_edit(ids["crm"], notes="Side door")
    await world.cycle(due={"crm"})
    assert world.sent("crm")["list"] == 2 * world.sent("office")["list"]
    await world.settle()
    assert world.calendars() == [[at(10), at(18)]]

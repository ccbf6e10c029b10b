"""The window: past appointments are never created, leaving it is no deletion, and entering it is a beginning."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.model.plan import Action
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, HOUR, JANE, NOW, OMAR, World, at, steps

EACH_VENDOR = pytest.mark.parametrize("origin", ALL)
DAYS = 24 * 60


@EACH_VENDOR
@pytest.mark.parametrize("ago", [timedelta(minutes=5), 5 * HOUR, timedelta(days=3)])
async def test_a_past_appointment_is_created_nowhere(world: World, origin: str, ago: timedelta) -> None:
    """Whether the window reaches it or not."""
    world.enter(origin, NOW - ago)
    for _ in range(2):
        result = await world.cycle()
        assert (result.exit_code, steps(result)) == (0, [])
    assert sum(len(world.live(name)) for name in ALL) == 1


async def test_records_of_a_past_appointment_are_still_linked(world: World) -> None:
    """What happened an hour ago at all of them can still be completed, and moved to come."""
    entry = world.enter_everywhere(NOW - HOUR)
    assert len(steps(await world.cycle(), Action.ADOPT)) == 3
    world.servers["crm"].person_edit(entry.id, status="completed")
    await world.cycle()
    assert world.the("crm", entry.id, "office").status == "completed"
    other = world.enter_everywhere(NOW - 2 * HOUR, OMAR)
    await world.cycle()
    world.move("book", world.the("crm", other.id, "book").id, at(15))
    await world.cycle()
    assert {name: at(15) in world.starts(name) for name in ALL} == dict.fromkeys(ALL, True)


@EACH_VENDOR
async def test_leaving_the_window_is_no_deletion(world: World, origin: str) -> None:
    """As time goes by: the listings do not show it any more, nobody asks for it, nothing is written."""
    entry = world.enter(origin, at(15))
    world.enter(origin, at(10, day=25, month=11), OMAR)
    await world.cycle()
    before = {name: world.servers[name].counters.writes for name in ALL}
    for _ in range(3):
        result = await world.cycle(minutes=2 * DAYS)
        assert (result.exit_code, steps(result)) == (0, [])
        assert {name: world.sent(name)["get"] for name in ALL} == dict.fromkeys(ALL, 0)
    assert {name: world.servers[name].counters.writes for name in ALL} == before
    assert world.servers[origin].entries[entry.id].status == "scheduled"


@EACH_VENDOR
async def test_a_record_moved_out_of_the_window_is_moved_everywhere(world: World, origin: str) -> None:
    """It is missing from the listing of a vendor that lists by days, and is not gone: asked for by id, it has moved."""
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    far = NOW + timedelta(days=200)
    world.move(origin, world.the("crm", entry.id, origin).id, far)
    result = await world.cycle()
    assert steps(result, Action.CANCEL) == []
    await world.settle()
    assert world.calendars() == [[at(10), far]]


@EACH_VENDOR
async def test_entering_the_window_creates(world: World, origin: str) -> None:
    """When it comes near enough, and not before."""
    far = NOW + timedelta(days=95)
    world.enter(origin, far)
    result = await world.cycle()
    assert steps(result) == []
    result = await world.cycle(minutes=6 * DAYS)
    assert {step.operation.vendor for step in steps(result, Action.CREATE)} == set(ALL) - {origin}
    assert world.calendars() == [[far]]


async def test_a_smaller_window_cancels_nothing(worlds: Worlds) -> None:
    """The operator shortens it: what is beyond is left as it is, and edits there wait until it is reached."""
    world = worlds(sync={"future": "60d"})
    near, far = at(15), NOW + timedelta(days=50)
    world.enter_everywhere(near)
    entry = world.enter_everywhere(far, OMAR)
    await world.cycle()
    world.start_syncd(sync={"future": "10d"})
    for _ in range(2):
        assert steps(await world.cycle()) == []
    world.start_syncd(sync={"future": "60d"})
    world.move("crm", entry.id, far + HOUR)
    await world.cycle()
    await world.settle()
    assert world.calendars() == [[near, far + HOUR]]


@EACH_VENDOR
async def test_a_deletion_outside_the_window_is_nobodys_business(world: World, origin: str) -> None:
    """What is over is over."""
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10, day=25, month=11), JANE)
    await world.cycle()
    ids = {name: world.the("crm", entry.id, name).id for name in ALL}
    await world.cycle(minutes=5 * DAYS)
    world.servers[origin].person_delete(ids[origin])
    result = await world.cycle()
    assert steps(result) == []
    others = [name for name in ALL if name != origin]
    assert {world.servers[name].entries[ids[name]].status for name in others} == {"scheduled"}

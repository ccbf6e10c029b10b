"""Which reports are kept: of every cycle that had something to tell, and of the last one."""

from __future__ import annotations

from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, OMAR, World, at


def kept(world: World, count: int) -> list[bool]:
    """Of the newest cycles, oldest first: whether the report is there."""
    return [cycle.report is not None for cycle in reversed(world.desk.cycles(count))]


def idle(world: World, count: int) -> list[bool]:
    """And whether they had nothing to tell."""
    return [cycle.idle for cycle in reversed(world.desk.cycles(count))]


async def test_what_was_moved_last_night_is_still_told_next_week(world: World) -> None:
    """However many cycles found nothing to do since: of those, the last one's report alone is kept."""
    entry = world.enter_everywhere(at(15, month=12))
    await world.cycle()
    await world.cycle()
    world.move("crm", entry.id, at(16, month=12))
    moved = await world.cycle()
    assert moved.writes == 3
    for _ in range(4):
        await world.cycle(minutes=2 * 24 * 60)
    assert kept(world, 7) == [True, False, True, False, False, False, True]
    assert idle(world, 7) == [False, True, False, True, True, True, True]
    [report] = [one.report for one in world.desk.cycles(7) if one.id == moved.id]
    assert report is not None
    assert report["summary"]["reschedule"] == 3


async def test_a_trouble_that_lasts_is_told_when_it_begins_and_when_it_changes(world: World) -> None:
    """The cycles between say what the one before them said."""
    world.enter_everywhere(at(15))
    await world.cycle()
    world.fault("office", "status", "list", code=500)
    for _ in range(3):
        assert (await world.cycle()).exit_code == 3
    world.mend("office")
    world.fault("office", "status", "list", code=401)
    for _ in range(2):
        assert (await world.cycle()).exit_code == 3
    world.mend("office")
    await world.cycle()
    assert idle(world, 7) == [False, False, True, True, False, True, True]
    assert kept(world, 7) == [True, True, False, False, True, False, True]


async def test_what_is_held_is_told_once_and_again_when_it_is_released(worlds: Worlds) -> None:
    """Every cycle ends with 4 until then."""
    world = worlds(guard={"max_cancels": {"count": 0, "percent": 0}})
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    world.call_off("crm", entry.id)
    codes = [(await world.cycle()).exit_code for _ in range(3)]
    assert codes == [4, 4, 4]
    assert idle(world, 3) == [False, True, True]
    world.desk.approve([])
    assert (await world.cycle()).writes == 3
    assert idle(world, 1) == [False]
    assert kept(world, 4) == [True, False, False, True]
    assert sum(len(world.live(name)) for name in ALL) == 4

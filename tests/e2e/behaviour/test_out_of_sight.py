"""Records in a part of a vendor that its listing leaves out: out of sight, like those outside the window."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from syncd.model.plan import Action
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, JANE, OMAR, World, at, of, steps

JORDAN, ROBIN = 14209019, 14209020
OTHERS = [name for name in ALL if name != "book"]
ONE: dict[str, Any] = {"options": {"book": {"calendar_ids": [JORDAN]}}}
BOTH: dict[str, Any] = {"options": {"book": {"calendar_ids": [JORDAN, ROBIN]}}}


async def settled(world: World) -> tuple[str, str]:
    """Two appointments that everybody has; the ids of the first at the CRM and at Acuity."""
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    assert (await world.cycle()).exit_code == 0
    return entry.id, world.the("crm", entry.id, "book").id


def last_look(world: World, booked: str) -> datetime:
    """When the record at Acuity was last known to be as it was seen."""
    mapping = world.known("book", booked).at("book")
    assert mapping is not None
    return mapping.known_at


async def test_a_record_moved_to_another_calendar_is_no_hole_in_the_listing(worlds: Worlds) -> None:
    """It is asked for once; the listing stays complete, creates pass, nothing is cancelled, and it is quiet."""
    world = worlds(**ONE)
    _, booked = await settled(world)
    world.servers["book"].person_edit(booked, staff=ROBIN)
    first = await world.cycle()
    assert (of(first, "book").snapshot, first.exit_code, steps(first)) == ("complete", 0, [])
    assert world.sent("book")["get"] == 1
    world.enter("crm", at(18), OMAR)
    second = await world.cycle()
    assert {step.operation.vendor for step in steps(second, Action.CREATE)} == {*OTHERS, "book"} - {"crm"}
    for _ in range(2):
        later = await world.cycle()
        assert (of(later, "book").snapshot, later.exit_code, steps(later)) == ("complete", 0, [])
        assert world.sent("book") == {"list": 1}
    assert world.calendars() == [[at(10), at(15), at(18)]]


@pytest.mark.parametrize("count", [1, 15])
async def test_a_shorter_list_of_calendars_cancels_nothing(worlds: Worlds, count: int) -> None:
    """However many are out of sight at once: nobody asks for them, nothing is held, and creates pass."""
    world = worlds(**BOTH)
    for number in range(count):
        world.enter_everywhere(at(8 + number % 6, day=22 + number // 6))
    world.enter_everywhere(at(17), OMAR)
    await world.cycle()
    for entry in [entry for entry in world.live("book") if entry.start != at(17)]:
        world.servers["book"].person_edit(entry.id, staff=ROBIN)
    await world.settle()
    world.start_syncd(**ONE)
    result = await world.cycle()
    assert (of(result, "book").snapshot, result.exit_code, steps(result)) == ("complete", 0, [])
    assert world.sent("book")["get"] == 0
    world.enter("crm", at(18), OMAR)
    assert {step.operation.action for step in steps(await world.cycle())} == {Action.CREATE}
    later = await world.cycle()
    assert (later.exit_code, steps(later)) == (0, [])
    assert {name: len(world.live(name)) for name in ALL} == dict.fromkeys(ALL, count + 2)


@pytest.mark.parametrize("back", ["moved", "listed"])
async def test_what_comes_back_into_sight_goes_on(worlds: Worlds, back: str) -> None:
    """By a person's hand or by a longer list; what people did to it meanwhile is heard, and has its time."""
    world = worlds(**ONE)
    remote, booked = await settled(world)
    world.servers["book"].person_edit(booked, staff=ROBIN)
    await world.settle()
    world.move("book", booked, at(16))
    assert steps(await world.cycle()) == []
    assert {name: at(15) in world.starts(name) for name in OTHERS} == dict.fromkeys(OTHERS, True)
    if back == "moved":
        world.servers["book"].person_edit(booked, staff=JORDAN)
    else:
        world.start_syncd(**BOTH)
    await world.settle()
    assert world.calendars() == [[at(10), at(16)]]
    assert world.twin("crm", remote, "book") is not None
    world.call_off("book", booked)
    await world.settle()
    assert world.calendars() == [[at(10)]]


async def test_a_change_elsewhere_reaches_what_is_out_of_sight(worlds: Worlds) -> None:
    """A move and a cancellation: the client would stand at the door otherwise. It stays in its calendar."""
    world = worlds(**ONE)
    remote, booked = await settled(world)
    world.servers["book"].person_edit(booked, staff=ROBIN)
    await world.settle()
    world.move("crm", remote, at(16))
    moved = await world.cycle()
    assert (moved.exit_code, of(moved, "book").snapshot) == (0, "complete")
    entry = world.servers["book"].entries[booked]
    assert (entry.start, entry.staff) == (at(16), ROBIN)
    assert steps(await world.cycle()) == []
    world.call_off("crm", remote)
    await world.settle()
    assert world.servers["book"].entries[booked].status == "cancelled"
    assert world.calendars() == [[at(10)]]


async def test_of_two_changes_the_one_out_of_sight_is_not_taken_for_the_newest(worlds: Worlds) -> None:
    """Nobody saw when it was made: it may be as old as the last look at it, so that the priority decides."""
    world = worlds(sync={"priority": ["crm", "book", "site", "office"]}, **ONE)
    remote, booked = await settled(world)
    world.servers["book"].person_edit(booked, staff=ROBIN)
    await world.settle()
    world.move("book", booked, at(12))
    looked = last_look(world, booked)
    for _ in range(3):
        await world.cycle()
    assert last_look(world, booked) == looked
    world.clock.forward(minutes=1)
    world.move("crm", remote, at(17))
    world.servers["book"].person_edit(booked, staff=JORDAN)
    result = await world.cycle()
    assert [(conflict.field.value, conflict.winner) for conflict in result.conflicts] == [("slot", "crm")]
    await world.settle()
    assert world.calendars() == [[at(10), at(17)]]


async def test_a_deletion_out_of_sight_is_heard_once_the_list_is_longer(worlds: Worlds) -> None:
    """Until then it is nobody's business."""
    world = worlds(**ONE)
    _, booked = await settled(world)
    world.servers["book"].person_edit(booked, staff=ROBIN)
    await world.settle()
    world.servers["book"].person_delete(booked)
    assert steps(await world.cycle()) == []
    assert {name: at(15) in world.starts(name) for name in OTHERS} == dict.fromkeys(OTHERS, True)
    world.start_syncd(**BOTH)
    await world.settle()
    assert world.calendars() == [[at(10)]]


async def test_a_hole_in_the_listing_is_still_one(worlds: Worlds) -> None:
    """A record of our own calendar that is there when asked for, and not listed: nothing is made in that cycle."""
    world = worlds(**ONE)
    await settled(world)
    world.fault("book", "half_list", "list", times=1)
    world.enter("crm", at(19), JANE)
    result = await world.cycle()
    assert (of(result, "book").snapshot, result.exit_code) == ("partial", 3)
    assert len(world.live("book")) == 2


@pytest.mark.parametrize("back", ["moved", "listed"])
async def test_what_came_back_into_sight_is_looked_at_in_each_listing(worlds: Worlds, back: str) -> None:
    """So that of a later change it is known again when it was made."""
    world = worlds(**BOTH)
    _, booked = await settled(world)
    world.servers["book"].person_edit(booked, staff=ROBIN)
    await world.settle()
    world.start_syncd(**ONE)
    await world.settle()
    if back == "moved":
        world.servers["book"].person_edit(booked, staff=JORDAN)
    else:
        world.start_syncd(**BOTH)
    await world.settle()
    looked = last_look(world, booked)
    await world.cycle()
    assert last_look(world, booked) > looked

"""A power cut in the middle of a cycle: what was journalled before it tells afterwards what syncd did."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest

import syncd_state
from syncd.engine.store.desk import Desk
from syncd.engine.store.ledger import Ledger
from syncd.engine.store.thread import at_once
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, ANY_TIME, OMAR, World, at, origin_for

EACH_VENDOR = pytest.mark.parametrize("name", ALL)
COMMITS = 60
"""More commits than a cycle makes."""


class PowerCut(BaseException):
    """The end of the process, here and now."""


def cut_after(world: World, name: str, operation: str) -> None:
    """Let the power fail once a vendor has carried out such a request, before its answer arrives."""
    left = [PowerCut()]

    def hook(request: httpx.Request) -> None:
        if left and world.operation(name, request) == operation:
            raise left.pop()

    world.wires[name].after.append(hook)


def cut_before(world: World, name: str) -> None:
    """Let the power fail when a write to a vendor has been journalled and is about to be sent."""

    left = [PowerCut()]

    def cut() -> None:
        if left:
            raise left.pop()

    for operation in ("status", "update", "cancel", "reschedule"):
        world.between(name, operation, cut)


def cut_at_commit(world: World, number: int) -> None:
    """Give syncd a new store, and let the power fail right after so many of its commits."""
    left = [number]

    def after_commit() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise PowerCut

    world.ledger.store.close()
    world.ledger = Ledger(syncd_state.open_store("sqlite://", after_commit=after_commit), world.clock, run=at_once)
    world.desk = Desk(world.ledger)
    world.start_syncd()


async def interrupted(world: World) -> bool:
    """A cycle that the power cut ends; syncd is started again. False where it came to its end."""
    try:
        await world.cycle()
    except PowerCut:
        world.start_syncd()
        return True
    return False


@EACH_VENDOR
async def test_a_create_that_was_cut_off_is_made_once_even_if_people_moved_it(world: World, name: str) -> None:
    """Nobody repeats it: it is known by its mark, or may be the one that was sent and is left to a person."""
    origin = origin_for(name)
    cut_after(world, name, "create")
    world.enter(origin, at(15))
    assert await interrupted(world)
    [made] = world.live(name)
    world.move(name, made.id, at(18))
    for _ in range(3):
        await world.cycle()
    assert world.servers[name].counters.creates == 1
    assert {vendor: len(world.live(vendor)) for vendor in ALL} == dict.fromkeys(ALL, 1)


@EACH_VENDOR
async def test_what_a_vendor_made_of_a_write_that_was_cut_off_is_nobodys_change(worlds: Worlds, name: str) -> None:
    """The rounded time that it shows was syncd's own doing: the people's time stays everywhere else."""
    world = worlds(switches={**ANY_TIME, name: {**ANY_TIME[name], "round_minutes": 15}})
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    origin = origin_for(name)
    meant = at(16) + timedelta(minutes=22)
    world.move(origin, world.the("crm", entry.id, origin).id, meant)
    cut_after(world, name, "reschedule")
    assert await interrupted(world)
    results = [await world.cycle() for _ in range(3)]
    assert all(result.conflicts == () for result in results)
    assert world.calendars([vendor for vendor in ALL if vendor != name]) == [[at(10), meant]]
    assert world.starts(name) == [at(10), meant - timedelta(minutes=7)]


async def test_the_power_may_fail_after_any_commit(worlds: Worlds) -> None:
    """Whichever it was, a marked record that people moved since is known, and nothing is lost or doubled."""
    for number in range(1, COMMITS):
        world = worlds()
        cut_at_commit(world, number)
        world.enter("crm", at(15))
        if not await interrupted(world):
            break
        moved = [world.move("site", entry.id, at(18)) for entry in world.live("site")]
        await world.cycle()
        await world.settle()
        wanted = at(18) if moved else at(15)
        assert world.calendars() == [[wanted]], f"after commit {number}"
    else:
        raise AssertionError("a cycle makes more commits than were tried")


@pytest.mark.parametrize(("winner", "left"), [("crm", [at(10), at(15)]), ("site", [at(10)])])
async def test_whether_it_was_revived_after_a_cancellation_that_was_cut_off_is_asked(
    world: World, winner: str, left: list[datetime]
) -> None:
    """The CRM's record is as it was before, and was written twice since: cancelled and revived, or twice by people."""
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    world.call_off("site", world.the("crm", entry.id, "site").id)
    cut_after(world, "crm", "cancel")
    cut_after(world, "crm", "update")
    cut_after(world, "crm", "status")
    assert await interrupted(world)
    assert world.servers["crm"].entries[entry.id].is_cancelled
    world.servers["crm"].person_revive(entry.id)
    await world.cycle()
    await world.settle()
    [question] = world.desk.conflicts()
    assert (question.field, question.values["crm"], question.values["site"]) == ("status", "scheduled", "cancelled")
    assert not world.servers["crm"].entries[entry.id].is_cancelled
    world.desk.resolve(question.id, winner)
    await world.settle()
    assert world.calendars() == [left]
    assert not world.desk.conflicts()


async def test_a_revival_that_was_cut_off_before_it_was_sent_is_not_taken_for_undone(world: World) -> None:
    """People had revived and cancelled the CRM's record before: its version had risen by two when it was looked at."""
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    site = world.the("crm", entry.id, "site").id
    world.call_off("crm", entry.id)
    await world.settle()
    world.servers["crm"].person_revive(entry.id)
    world.servers["crm"].person_cancel(entry.id)
    world.servers["site"].person_revive(site)
    cut_before(world, "crm")
    assert await interrupted(world)
    assert world.servers["crm"].entries[entry.id].is_cancelled
    await world.cycle()
    await world.settle()
    assert world.calendars() == [[at(10), at(15)]]

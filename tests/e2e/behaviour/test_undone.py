"""A status that a vendor says is written, and that is as before when read back: not done, or undone by somebody."""

from __future__ import annotations

import pytest

from syncd.engine.result import CycleResult
from syncd.model.appointment import Field
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.test_quicker import ids_of
from tests.e2e.behaviour.world import World, at, steps

_SILENT = {"site": {"generation": "1.x", "settings": "403"}}
"""An old Amelia that schedules nothing again where it may not be asked how, and does not say so."""


async def revived_in_vain(worlds: Worlds) -> tuple[World, dict[str, str], CycleResult]:
    """Scheduled again at the CRM, an hour later; the site's people cancel their record between the two requests by
    which an old Amelia is told that.
    """
    world = worlds(switches={"site": {"generation": "2.0", "settings": "yes"}})
    ids = await ids_of(world)
    world.servers["crm"].person_edit(ids["crm"], status="cancelled")
    await world.settle()
    world.servers["crm"].person_edit(ids["crm"], status="scheduled", start=at(16), end=at(16.5))
    again = {"status": "cancelled"}
    world.between("site", "reschedule", lambda: world.servers["site"].person_edit(ids["site"], **again))
    result = await world.cycle()
    world.mend()
    return world, ids, result


def open_question(world: World) -> int:
    """The one conflict that waits: about the status, with both readings."""
    [waiting] = world.desk.conflicts()
    assert waiting.field is Field.STATUS
    assert (waiting.values["crm"], waiting.values["site"]) == ("scheduled", "cancelled")
    return waiting.id


def statuses(world: World, ids: dict[str, str]) -> tuple[str, str]:
    """What the CRM and the site call it."""
    crm, site = (world.servers[name].entries[ids[name]].status for name in ("crm", "site"))
    return crm, site


async def test_a_revival_that_does_not_show_is_asked_about_and_not_written_again(worlds: Worlds) -> None:
    """Nobody can tell whether the site ignored it; and a move elsewhere is no word of anybody that it stands there."""
    world, ids, result = await revived_in_vain(worlds)
    [conflict] = result.conflicts
    assert "or somebody changed it back right after" in conflict.explanation
    assert statuses(world, ids)[1] == "cancelled"
    asked = open_question(world)
    world.move("crm", ids["crm"], at(17))
    for _ in range(3):
        await world.cycle()
        assert world.written("site") == 0
    assert open_question(world) == asked
    assert statuses(world, ids) == ("scheduled", "cancelled")
    assert world.starts("crm") == [at(10), at(17)]


async def test_it_waits_while_the_vendor_is_away(worlds: Worlds) -> None:
    """It is one question, before and after."""
    world, ids, _ = await revived_in_vain(worlds)
    asked = open_question(world)
    world.fault("site", "status", "list", code=503)
    for _ in range(2):
        assert steps(await world.cycle()) == []
    assert open_question(world) == asked
    world.mend()
    await world.cycle()
    assert (open_question(world), statuses(world, ids)[1]) == (asked, "cancelled")


@pytest.mark.parametrize(("winner", "then"), [("site", "cancelled"), ("crm", "scheduled")])
async def test_what_a_person_says_of_it_is_done(worlds: Worlds, winner: str, then: str) -> None:
    """For the site it is called off everywhere; for the CRM it stands, and the site gets that once more."""
    world, ids, _ = await revived_in_vain(worlds)
    world.desk.resolve(open_question(world), winner)
    await world.cycle()
    assert (await world.settle()).exit_code == 0
    assert statuses(world, ids) == (then, then)
    assert world.desk.conflicts() == []
    live = [at(10), at(16)] if then == "scheduled" else [at(10)]
    assert world.calendars() == [live]


@pytest.mark.parametrize(("where", "word"), [("site", "scheduled"), ("crm", "cancelled")])
async def test_people_who_settle_it_themselves_are_asked_no_more(worlds: Worlds, where: str, word: str) -> None:
    """The site's people schedule it again, or the CRM's call it off after all."""
    world, ids, _ = await revived_in_vain(worlds)
    world.clock.forward(minutes=5)
    world.servers[where].person_edit(ids[where], status=word)
    assert (await world.settle()).exit_code == 0
    assert (statuses(world, ids), world.desk.conflicts()) == ((word, word), [])


async def test_a_vendor_that_never_does_it_is_asked_about_each_time(worlds: Worlds) -> None:
    """Told to write it again, syncd does so once, and asks anew: it is in no loop, and gives up nothing silently."""
    world = worlds(switches=_SILENT)
    ids = await ids_of(world)
    world.servers["crm"].person_edit(ids["crm"], status="cancelled")
    await world.settle()
    world.servers["crm"].person_edit(ids["crm"], status="scheduled")
    await world.cycle()
    for _ in range(2):
        first = open_question(world)
        await world.cycle()
        assert (world.written("site"), open_question(world)) == (0, first)
        world.desk.resolve(first, "crm")
        await world.cycle()
        assert world.written("site") > 0
        assert open_question(world) != first

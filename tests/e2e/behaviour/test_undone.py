"""A status that a vendor says is written, and that is as before when read back: not done, or undone by somebody."""

from __future__ import annotations

import pytest

from syncd.engine.result import CycleResult
from syncd.model.plan import Outcome
from syncd.model.record import Record
from syncd.vendors.port import Written
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.test_quicker import ids_of
from tests.e2e.behaviour.world import ALL, World, at, steps

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


def left(world: World) -> int:
    """The one entry of the quarantine: the site's record, with both readings."""
    [entry] = world.desk.quarantines()
    assert entry.vendor == "site"
    assert "or somebody changed it back right after" in entry.reason
    return entry.id


def statuses(world: World, ids: dict[str, str]) -> tuple[str, str]:
    """What the CRM and the site call it."""
    crm, site = (world.servers[name].entries[ids[name]].status for name in ("crm", "site"))
    return crm, site


async def test_a_revival_that_does_not_show_is_told_and_not_written_again(worlds: Worlds) -> None:
    """Nobody can tell whether the site ignored it; and a move elsewhere is no word of anybody that it stands there."""
    world, ids, result = await revived_in_vain(worlds)
    [step] = steps(result, vendor="site")
    assert (step.outcome, result.exit_code) == (Outcome.QUARANTINED, 3)
    assert "still shows cancelled" in (step.error or "")
    entry = left(world)
    world.move("crm", ids["crm"], at(17))
    for _ in range(3):
        await world.cycle()
        assert world.written("site") == 0
    assert (left(world), statuses(world, ids)) == (entry, ("scheduled", "cancelled"))
    assert world.calendars([name for name in ALL if name != "site"]) == [[at(10), at(17)]]


@pytest.mark.parametrize("kind", ["away", "illegible"])
async def test_it_stays_so_while_the_record_cannot_be_seen(worlds: Worlds, kind: str) -> None:
    """That it can be read again is no reason to write what it did not keep."""
    world, ids, _ = await revived_in_vain(worlds)
    entry = left(world)
    if kind == "away":
        world.fault("site", "status", "list", code=503)
    else:
        world.fault("site", "bad_value", "list", "get", field="bookingStart", value="soon", record=ids["site"])
    world.move("crm", ids["crm"], at(17))
    for _ in range(2):
        assert not steps(await world.cycle(), vendor="site")
    world.mend()
    for _ in range(2):
        await world.cycle()
        assert world.written("site") == 0
    assert entry in {one.id for one in world.desk.quarantines()}
    assert statuses(world, ids) == ("scheduled", "cancelled")


async def test_under_another_id_it_is_left_alone_as_well(worlds: Worlds) -> None:
    """The site is restored, and numbers its records anew."""
    world, _, _ = await revived_in_vain(worlds)
    world.renumber("site", *list(world.servers["site"].entries))
    for _ in range(3):
        await world.cycle()
        assert world.written("site") == 0
    assert world.starts("site") == [at(10)]


async def test_released_it_is_written_again(worlds: Worlds) -> None:
    """The operator looked there, and nobody had cancelled it on purpose."""
    world, ids, _ = await revived_in_vain(worlds)
    world.desk.release([left(world)])
    await world.cycle()
    assert (await world.settle()).exit_code == 0
    assert (statuses(world, ids), world.desk.quarantines()) == (("scheduled", "scheduled"), [])
    assert world.calendars() == [[at(10), at(16)]]


@pytest.mark.parametrize(("where", "word"), [("site", "scheduled"), ("crm", "cancelled")])
async def test_people_settle_it_themselves(worlds: Worlds, where: str, word: str) -> None:
    """The site's people schedule it again, or the CRM's call it off after all: it is over, and later changes count."""
    world, ids, _ = await revived_in_vain(worlds)
    world.clock.forward(minutes=5)
    world.servers[where].person_edit(ids[where], status=word)
    assert (await world.settle()).exit_code == 0
    assert (statuses(world, ids), world.desk.quarantines()) == ((word, word), [])
    world.clock.forward(minutes=5)
    back = "cancelled" if word == "scheduled" else "scheduled"
    world.servers["crm"].person_edit(ids["crm"], status=back)
    assert (await world.settle()).exit_code == 0
    assert statuses(world, ids) == (back, back)


async def test_a_vendor_that_never_does_it_is_asked_once_each_time(worlds: Worlds) -> None:
    """Released, it is written once, and left alone again: syncd is in no loop, and gives up nothing silently."""
    world = worlds(switches=_SILENT)
    ids = await ids_of(world)
    world.servers["crm"].person_edit(ids["crm"], status="cancelled")
    await world.settle()
    world.servers["crm"].person_edit(ids["crm"], status="scheduled")
    await world.cycle()
    for _ in range(2):
        first = left(world)
        await world.cycle()
        assert (world.written("site"), left(world)) == (0, first)
        world.desk.release([first])
        assert (await world.cycle()).exit_code == 3
        assert world.written("site") > 0
        assert left(world) != first


@pytest.mark.parametrize("noted", [True, False])
async def test_a_cancellation_that_does_not_show_is_not_written_again(world: World, noted: bool) -> None:
    """Ignored, or somebody scheduled it again: whatever is noted there says nothing of that; the others are free."""
    ids = await ids_of(world)
    site = world.vendors["site"]
    sent = list[str]()

    async def ignored(current: Record) -> Written:
        sent.append(current.remote_id)
        return Written(remote_id=current.remote_id)

    site.cancel = ignored  # type: ignore[method-assign, assignment]
    world.fault("office", "status", "status", "update", "cancel", "delete", code=503)
    world.call_off("crm", ids["crm"])
    assert (await world.cycle()).exit_code == 3
    left(world)
    world.mend()
    if noted:
        world.servers["site"].person_edit(ids["site"], notes="Bring the papers")
    for _ in range(2):
        await world.cycle()
    assert (sent, world.calendars(["book", "office"])) == ([ids["site"]], [[at(10)]])
    world.servers["crm"].person_edit(ids["crm"], status="scheduled")
    assert (await world.settle()).exit_code == 0
    assert (world.calendars(), world.desk.quarantines()) == ([[at(10), at(15)]], [])

"""A status that a vendor says is written, and that is as before when read back: not done, or undone by somebody."""

from __future__ import annotations

import pytest

from syncd.engine.result import CycleResult
from syncd.engine.store.refusals import NotJoined
from syncd.model.plan import Outcome
from syncd.model.record import Record
from syncd.vendors.port import Written
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.test_quicker import ids_of
from tests.e2e.behaviour.world import ALL, HOUR, OMAR, World, at, steps

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


@pytest.mark.parametrize("minutes", [30, 90])
async def test_what_was_written_beside_it_is_not_what_the_record_had_before(worlds: Worlds, minutes: int) -> None:
    """It was moved, and stays cancelled; the CRM moves its own back, or makes it longer there, and the site's people
    let theirs stand at last: it has the CRM's time then.
    """
    world, ids, _ = await revived_in_vain(worlds)
    end = at(15) + HOUR * (minutes / 60)
    world.servers["crm"].person_edit(ids["crm"], start=at(15), end=end)
    await world.cycle()
    world.servers["site"].person_revive(ids["site"])
    assert (await world.settle()).exit_code == 0
    assert (world.calendars(), world.desk.quarantines()) == ([[at(10), at(15)]], [])
    crm, site = (world.servers[name].entries[ids[name]] for name in ("crm", "site"))
    assert (site.end, statuses(world, ids)) == (crm.end, ("scheduled", "scheduled"))


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


async def test_a_record_that_is_gone_is_made_anew(worlds: Worlds) -> None:
    """The site's people delete the cancelled record: there is nothing left that could be put right."""
    world, ids, _ = await revived_in_vain(worlds)
    del world.servers["site"].entries[ids["site"]]
    world.move("crm", ids["crm"], at(17))
    assert (await world.settle()).exit_code == 0
    assert (world.calendars(), world.desk.quarantines()) == ([[at(10), at(17)]], [])


@pytest.mark.parametrize("away", ["site", "crm"])
async def test_it_is_over_once_the_appointment_is_called_off_whoever_can_be_read(worlds: Worlds, away: str) -> None:
    """Later it is scheduled again, and moved: that is somebody's word, and is written."""
    world, ids, _ = await revived_in_vain(worlds)
    caller = "crm" if away == "site" else "office"
    there = {name: world.the("crm", ids["crm"], name).id for name in ("book", "office")}
    world.fault(away, "status", "list", code=503)
    world.call_off(caller, ids["crm"] if caller == "crm" else there["office"])
    await world.cycle()
    world.mend()
    await world.settle()
    assert (world.calendars(), world.desk.quarantines()) == ([[at(10)]], [])
    world.clock.forward(minutes=5)
    world.servers["crm"].person_edit(ids["crm"], status="scheduled", start=at(18), end=at(18.5))
    assert (await world.settle()).exit_code == 0
    assert world.calendars() == [[at(10), at(18)]]


async def test_it_stays_so_while_the_vendor_is_read_only(worlds: Worlds) -> None:
    """That it may be written again is no reason to write what it did not keep."""
    world, ids, _ = await revived_in_vain(worlds)
    entry = left(world)
    for read_only in (True, False):
        world.start_syncd(options={"site": {"read_only": read_only}})
        world.move("crm", ids["crm"], at(17) if read_only else at(18))
        for _ in range(2):
            await world.cycle()
            assert world.written("site") == 0
    assert (left(world), statuses(world, ids)) == (entry, ("scheduled", "cancelled"))


async def test_whoever_decides_a_conflict_about_it_decides_that_too(worlds: Worlds) -> None:
    """Called off at the office, and completed at the CRM in the same minutes: it stands, says the operator."""
    world, ids, _ = await revived_in_vain(worlds)
    office = world.the("crm", ids["crm"], "office").id
    world.start_syncd(sync={"conflict": "manual", "cancel_wins": False})
    world.call_off("office", office)
    world.servers["crm"].person_edit(ids["crm"], status="completed")
    await world.cycle()
    [asked] = world.desk.conflicts()
    left(world)
    world.desk.resolve(asked.id, "crm")
    assert world.desk.quarantines() == []
    await world.settle()
    assert world.desk.conflicts() == []
    assert statuses(world, ids)[1] != "cancelled"


async def test_it_stays_so_when_the_time_of_the_appointment_is_over(worlds: Worlds) -> None:
    """That its window is over is nobody's word on who cancelled it."""
    world, ids, _ = await revived_in_vain(worlds)
    entry = left(world)
    world.clock.forward(minutes=30 * 24 * 60)
    for _ in range(4):
        await world.cycle()
        assert world.written("site") == 0
    assert (left(world), statuses(world, ids)[1]) == (entry, "cancelled")


async def test_no_appointment_is_joined_meanwhile(worlds: Worlds) -> None:
    """Under the other one's id it would be forgotten that it was not kept."""
    world, ids, _ = await revived_in_vain(worlds)
    other = world.enter("office", at(16), OMAR).id
    await world.cycle()
    with pytest.raises(NotJoined, match="did not keep"):
        world.desk.link(f"crm:{ids['crm']}", f"office:{other}")


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
    site, sent = world.vendors["site"], list[str]()

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
    [new] = world.renumber("site", ids["site"]).values()
    for _ in range(3):
        await world.cycle()
    there = world.known("crm", ids["crm"]).at("site")
    assert there is not None
    assert there.remote_id == new
    assert sent == [ids["site"]]
    world.servers["crm"].person_edit(ids["crm"], status="scheduled")
    assert (await world.settle()).exit_code == 0
    assert (world.calendars(), world.desk.quarantines()) == ([[at(10), at(15)]], [])

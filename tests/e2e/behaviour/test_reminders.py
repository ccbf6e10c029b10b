"""Amelia's own reminders about an appointment go on after syncd wrote to it, however that was interrupted."""

from __future__ import annotations

import pytest

from syncd.model.plan import Outcome
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import OMAR, World, at, steps


async def reminded(world: World) -> dict[str, str]:
    """An appointment of all vendors about which the site reminds its client; the ids of its records."""
    first = world.enter_everywhere(at(15), notify=True)
    await world.cycle()
    await world.settle()
    return {name: first.id if name == "crm" else world.the("crm", first.id, name).id for name in world.servers}


def due(world: World) -> list[str]:
    """The ids of those appointments of the site whose clients are reminded."""
    return [entry.id for entry in world.servers["site"].reminders()]


@pytest.mark.parametrize("edit", ["move", "lengthen", "note", "cancel"])
async def test_a_write_leaves_reminders_as_they_were(world: World, edit: str) -> None:
    """They are switched on again by a last request, and the next cycle writes nothing."""
    ids = await reminded(world)
    office = world.servers["office"]
    match edit:
        case "move":
            world.move("office", ids["office"], at(17))
        case "lengthen":
            office.person_edit(ids["office"], end=at(16))
        case "note":
            office.person_edit(ids["office"], notes="Ring twice")
        case _:
            world.call_off("crm", ids["crm"])
    result = await world.cycle()
    assert {step.outcome for step in steps(result)} == {Outcome.DONE}
    assert world.servers["site"].entries[ids["site"]].notify
    assert due(world) == ([] if edit == "cancel" else [ids["site"]])
    assert world.written("site") == 2
    assert steps(await world.cycle()) == []
    assert world.written("site") == 0


async def test_who_was_not_reminded_is_not_reminded_after_a_write(world: World) -> None:
    """A flag that is off stays off, and costs no request; so does that of what syncd made."""
    first = world.enter_everywhere(at(15), notify=False)
    made = world.enter("crm", at(11), OMAR)
    await world.cycle()
    world.move("crm", first.id, at(17))
    world.move("crm", made.id, at(12))
    await world.cycle()
    assert world.starts("site") == [at(12), at(17)]
    assert due(world) == []
    assert world.written("site") == 2


async def test_an_operator_may_let_reminders_end(worlds: Worlds) -> None:
    """`keep_reminders = false`: one request a write."""
    world = worlds(options={"site": {"keep_reminders": False}})
    ids = await reminded(world)
    world.move("crm", ids["crm"], at(17))
    await world.cycle()
    assert due(world) == []
    assert world.written("site") == 1


@pytest.mark.parametrize("kind", ["status", "hang", "reset"])
async def test_what_could_not_be_given_back_is_in_the_next_cycle(world: World, kind: str) -> None:
    """The report says so meanwhile; nothing else is done then."""
    ids = await reminded(world)
    world.move("crm", ids["crm"], at(17))
    world.fault("site", kind, "update", **({"code": 503} if kind == "status" else {}))
    result = await world.cycle()
    assert world.starts("site") == [at(17)]
    assert due(world) == []
    assert any(ids["site"] in line and "in the next cycle" in line for line in result.waiting)
    world.mend()
    result = await world.cycle()
    assert due(world) == [ids["site"]]
    assert steps(result) == []
    assert result.waiting == ()
    await world.cycle()
    assert world.sent("site").total() == world.sent("site")["list"]


async def test_a_write_without_an_answer_is_made_up_for_as_soon_as_it_is_known(world: World) -> None:
    """The move arrived, and nobody heard: reminders are on again, and stay so, without a second write."""
    ids = await reminded(world)
    world.move("crm", ids["crm"], at(17))
    world.fault("site", "hang_after", "reschedule", times=1)
    world.fault("site", "status", "get", code=503, after=1)
    await world.cycle()
    world.mend()
    await world.cycle()
    await world.settle()
    assert world.starts("site") == [at(17)]
    assert due(world) == [ids["site"]]
    assert world.sent("site").total() == world.sent("site")["list"]


async def test_a_write_that_was_not_made_owes_nothing(world: World) -> None:
    """The flag is looked at before it is switched on: it was never off."""
    ids = await reminded(world)
    world.move("crm", ids["crm"], at(17))
    world.fault("site", "status", "reschedule", code=503)
    await world.cycle()
    assert due(world) == [ids["site"]]
    assert world.sent("site")["update"] == 0


async def test_a_write_that_lands_late_is_made_up_for_in_the_next_cycle(world: World) -> None:
    """09:02 the move gets no answer, and the flag is still on; 09:03 it lands; 09:04 it is looked at once more."""
    ids = await reminded(world)
    world.move("crm", ids["crm"], at(17))
    world.fault("site", "hang", "reschedule", times=1)
    await world.cycle()
    assert due(world) == [ids["site"]]
    world.servers["site"].person_edit(ids["site"], start=at(17), end=at(17.5), notify=False)
    await world.settle()
    await world.cycle()
    assert world.starts("site") == [at(17)]
    assert due(world) == [ids["site"]]
    assert world.sent("site").total() == world.sent("site")["list"]


async def test_a_refusal_to_switch_reminders_on_is_left_to_a_person_once(world: World) -> None:
    """It would be refused for ever: the report says what is to be done by hand, in one cycle."""
    ids = await reminded(world)
    world.move("crm", ids["crm"], at(17))
    world.fault("site", "status", "update", code=413)
    result = await world.cycle()
    assert any("by hand" in line for line in result.waiting)
    assert (await world.cycle()).waiting == ()


async def test_a_record_that_was_deleted_meanwhile_is_owed_nothing(world: World) -> None:
    """There is nobody left to remind."""
    world.enter_everywhere(at(10), OMAR)
    ids = await reminded(world)
    world.move("crm", ids["crm"], at(17))
    world.fault("site", "hang", "update")
    await world.cycle()
    world.mend()
    world.servers["site"].person_delete(ids["site"])
    assert (await world.cycle()).waiting == ()
    await world.settle()
    assert world.starts("crm") == [at(10)]


async def test_a_record_that_was_deleted_after_an_unread_cancellation_is_not_asked_for_again(world: World) -> None:
    """What the cancellation came to was never read, so that it stays open: on a record that is gone nothing lands."""
    world.enter_everywhere(at(10), OMAR)
    ids = await reminded(world)
    world.call_off("crm", ids["crm"])
    world.fault("site", "unknown_status", "get", after=1)
    await world.cycle()
    world.mend()
    world.servers["site"].person_delete(ids["site"])
    await world.settle()
    await world.cycle()
    assert world.sent("site").total() == world.sent("site")["list"]


@pytest.mark.parametrize("read_only", [True, False])
async def test_a_vendor_that_became_read_only_is_written_no_more(world: World, read_only: bool) -> None:
    """Not even what is owed to it."""
    ids = await reminded(world)
    world.move("crm", ids["crm"], at(17))
    world.fault("site", "hang", "update")
    await world.cycle()
    world.mend()
    world.start_syncd(options={"site": {"read_only": read_only}})
    await world.cycle()
    assert due(world) == ([] if read_only else [ids["site"]])


async def test_a_dry_run_gives_nothing_back(world: World) -> None:
    """It writes nothing anywhere."""
    ids = await reminded(world)
    world.move("crm", ids["crm"], at(17))
    world.fault("site", "hang", "update")
    await world.cycle()
    world.mend()
    await world.cycle(dry_run=True)
    assert world.written("site") == 0


@pytest.mark.parametrize(("kind", "given"), [("status", {"code": 409}), ("status", {"code": 503}), ("hang", {})])
async def test_a_reminder_that_is_still_off_is_no_full_success(world: World, kind: str, given: dict[str, int]) -> None:
    """Refused, so that a person must do it, or left for the next cycle: the exit code says so."""
    ids = await reminded(world)
    world.move("crm", ids["crm"], at(17))
    world.fault("site", kind, "update", **given)
    result = await world.cycle()
    assert due(world) == []
    assert result.exit_code == 3
    world.mend()
    assert (await world.cycle()).exit_code == 0


async def test_a_site_that_finds_nothing_for_a_while_is_owed_as_before(world: World) -> None:
    """09:04 it says of every record that it does not exist, and lists them; 09:06 the flag is switched on again."""
    world.enter_everywhere(at(10), OMAR)
    ids = await reminded(world)
    world.move("crm", ids["crm"], at(17))
    world.fault("site", "hang", "update")
    await world.cycle()
    world.mend()
    world.blind("site")
    result = await world.cycle()
    assert result.exit_code == 3
    assert any(ids["site"] in line and "in the next cycle" in line for line in result.waiting)
    world.mend()
    await world.settle()
    assert ids["site"] in due(world)


@pytest.mark.parametrize(("generation", "operation"), [("2.0", "status"), ("2.4", "update")])
async def test_a_revival_that_is_carried_out_late_mails_nobody(worlds: Worlds, generation: str, operation: str) -> None:
    """An old build mails by the stored flag: it stays off until the answer is known, and is on again after that."""
    world = worlds(switches={"site": {"generation": generation, "settings": "yes"}})
    ids = await reminded(world)
    world.call_off("crm", ids["crm"])
    await world.settle()
    world.servers["crm"].person_edit(ids["crm"], status="scheduled")
    world.fault("site", "late", operation, times=1, value=100, code=502)
    for _ in range(8):  # each looks whether anybody was mailed
        await world.cycle(minutes=1)
        for server in world.servers.values():
            server.catch_up()
        assert world.servers["site"].counters.notifications == 0
    world.mend()
    await world.settle()
    assert world.starts("site") == [at(15)]
    assert due(world) == [ids["site"]]

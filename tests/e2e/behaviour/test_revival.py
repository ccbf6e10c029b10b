"""An appointment that was cancelled and is scheduled again: revived or made anew, and nothing else ever comes back."""

from __future__ import annotations

import pytest

from syncd.model.plan import Action, Outcome
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, OMAR, World, at, steps

REVIVING = pytest.mark.parametrize("reviver", ["crm", "site"])


async def cancelled_everywhere(world: World) -> dict[str, str]:
    """An appointment that was at every vendor and is called off; its former id at each. Another one stands."""
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    ids = {name: world.the("crm", entry.id, name).id for name in ALL}
    world.call_off("crm", ids["crm"])
    assert (await world.cycle()).exit_code == 0
    assert world.calendars() == [[at(10)]]
    return ids


@REVIVING
async def test_a_revived_appointment_stands_again_everywhere_once(world: World, reviver: str) -> None:
    """The same records where the vendor un-cancels, new ones where it cannot."""
    ids = await cancelled_everywhere(world)
    world.servers[reviver].person_revive(ids[reviver])
    result = await world.cycle()
    assert result.exit_code == 0
    assert world.calendars() == [[at(10), at(15)]]
    other = "site" if reviver == "crm" else "crm"
    assert world.servers[other].entries[ids[other]].status == "scheduled"
    assert {step.operation.vendor for step in steps(result, Action.CREATE)} == {"book", "office"}
    because = {step.operation.vendor: step.operation.reason for step in steps(result)}
    assert f"{reviver} scheduled it again" in because[other]
    assert f"{reviver} scheduled it again" in because["book"]
    assert (await world.cycle()).steps == ()


@REVIVING
async def test_nothing_is_resurrected_later(world: World, reviver: str) -> None:
    """The old records that were replaced stay what they are, over further cycles, edits and a second cancellation."""
    ids = await cancelled_everywhere(world)
    for _ in range(2):
        assert (await world.cycle()).steps == ()
    world.servers[reviver].person_revive(ids[reviver])
    await world.cycle()
    fresh = {name: world.the("crm", ids["crm"], name).id for name in ALL}
    assert fresh["book"] != ids["book"]
    assert world.servers["book"].entries[ids["book"]].status == "cancelled"
    world.move(reviver, ids[reviver], at(17))
    await world.cycle()
    assert world.calendars() == [[at(10), at(17)]]
    world.call_off("book", fresh["book"])
    await world.cycle()
    for _ in range(2):
        assert (await world.cycle()).steps == ()
    assert world.calendars() == [[at(10)]]


async def test_a_cancellation_that_is_not_seen_when_it_is_read_back_is_nobodys_later(world: World) -> None:
    """crm answers syncd's cancellation under a word that nobody knows: shown at last, it undoes no revival since."""
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    ids = {name: world.the("crm", entry.id, name).id for name in ALL}
    world.call_off("book", ids["book"])
    world.fault("crm", "unknown_status", "get", "cancel", value="archived")
    await world.cycle()
    assert world.servers["crm"].entries[ids["crm"]].status == "cancelled"
    world.mend("crm")
    world.servers["site"].person_revive(ids["site"])
    await world.cycle()
    assert world.calendars() == [[at(10), at(15)]]


@pytest.mark.parametrize("origin", ALL)
async def test_a_cancelled_record_that_people_still_edit_stays_cancelled(world: World, origin: str) -> None:
    """A note on a cancelled appointment is nobody's business elsewhere."""
    ids = await cancelled_everywhere(world)
    if ids[origin] not in world.servers[origin].entries:
        pytest.skip("it deletes")
    world.servers[origin].person_edit(ids[origin], notes="They called to apologise")
    result = await world.cycle()
    assert steps(result) == []
    assert world.calendars() == [[at(10)]]


@pytest.mark.parametrize("origin", ALL)
async def test_the_same_booked_again_is_a_new_appointment(world: World, origin: str) -> None:
    """At the same time, for the same client, after the first was called off: everywhere, once."""
    ids = await cancelled_everywhere(world)
    again = world.enter(origin, at(15))
    result = await world.cycle()
    assert result.exit_code == 0
    assert world.calendars() == [[at(10), at(15)]]
    assert again.id != ids[origin]
    assert (await world.cycle()).steps == ()


@pytest.mark.parametrize("origin", ALL)
async def test_cancelled_and_revived_between_two_cycles_is_nothing(world: World, origin: str) -> None:
    """Nobody else hears of it."""
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    here = world.the("crm", entry.id, origin)
    if not world.vendors[origin].capabilities.uncancels:
        pytest.skip("it cannot un-cancel")
    world.servers[origin].person_cancel(here.id)
    world.servers[origin].person_revive(here.id)
    assert steps(await world.cycle()) == []
    assert world.calendars() == [[at(15)]]


async def test_an_account_with_a_word_for_cancelled_keeps_and_revives_its_records(worlds: Worlds) -> None:
    """Aivapad's `cancelled_status`: then it deletes nothing, and un-cancels."""
    world = worlds(
        switches={"office": {"cancelled_status": "cancelado"}}, options={"office": {"cancelled_status": "cancelado"}}
    )
    ids = await cancelled_everywhere(world)
    assert world.servers["office"].entries[ids["office"]].status == "cancelled"
    world.servers["office"].person_revive(ids["office"])
    await world.cycle()
    assert world.calendars() == [[at(10), at(15)]]
    assert world.the("crm", ids["crm"], "office").id == ids["office"]
    assert (await world.cycle()).steps == ()


async def test_a_record_that_was_just_revived_and_then_deleted_was_deleted(world: World) -> None:
    """A person at that vendor was quicker than syncd's look at it, and is heard: it is called off again everywhere."""
    ids = await cancelled_everywhere(world)
    site = world.servers["site"]
    world.between("site", "status", lambda: world.between("site", "get", lambda: site.person_delete(ids["site"])))
    world.servers["crm"].person_revive(ids["crm"])
    await world.cycle()
    await world.settle()
    assert world.calendars() == [[at(10)]]
    assert ids["site"] not in site.entries


async def test_a_record_that_was_revived_and_deleted_before_it_was_moved_was_deleted(worlds: Worlds) -> None:
    """An old build revives by one request and moves by another: between the two, somebody calls it off."""
    world = worlds(switches={"site": {"generation": "2.0", "settings": "yes"}})
    ids = await cancelled_everywhere(world)
    site = world.servers["site"]
    world.between("site", "reschedule", lambda: site.person_delete(ids["site"]))
    world.servers["crm"].person_edit(ids["crm"], status="scheduled", start=at(17), end=at(17.5))
    await world.cycle()
    await world.settle()
    assert ids["site"] not in site.entries
    assert world.calendars() == [[at(10)]]


async def revived_and_not_moved(worlds: Worlds) -> tuple[World, dict[str, str]]:
    """The CRM revives and moves to a time that the site has taken: there the record stands again, where it was."""
    world = worlds(switches={"site": {"generation": "2.0", "settings": "yes"}})
    entry = world.enter_everywhere(at(15))
    await world.settle()
    ids = {name: world.the("crm", entry.id, name).id for name in ALL}
    world.call_off("crm", ids["crm"])
    await world.settle()
    world.enter("site", at(17), OMAR)
    world.servers["crm"].person_edit(ids["crm"], status="scheduled", start=at(17), end=at(17.5))
    result = await world.cycle()
    [left] = [step for step in steps(result, vendor="site") if step.operation.remote_id == ids["site"]]
    assert left.outcome is Outcome.QUARANTINED
    assert "not free" in (left.error or "")
    assert not world.servers["site"].entries[ids["site"]].is_cancelled
    return world, ids


async def test_a_revival_whose_move_is_refused_has_revived_all_the_same(worlds: Worlds) -> None:
    """That it stands is our doing, nobody's change, and written once."""
    world, ids = await revived_and_not_moved(worlds)
    result = await world.cycle()
    assert not [step for step in steps(result) if step.operation.remote_id == ids["site"]]
    assert not world.sent("site")["status"]


async def test_who_cancels_it_there_calls_the_appointment_off(worlds: Worlds) -> None:
    """Taken for a revival that did not take place, it would be revived once more."""
    world, ids = await revived_and_not_moved(worlds)
    world.call_off("site", ids["site"])
    await world.cycle()
    await world.cycle()
    assert world.servers["crm"].entries[ids["crm"]].is_cancelled
    assert world.servers["site"].entries[ids["site"]].is_cancelled

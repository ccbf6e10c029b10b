"""Vendors behind a cache: an old listing is nobody's change, and nothing moves back for it."""

from __future__ import annotations

import pytest

from syncd.model.plan import Action
from syncd.sandbox.frame.faults import Fault
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, OMAR, World, at, of, steps

EACH_VENDOR = pytest.mark.parametrize("name", ALL)
UNVERSIONED = pytest.mark.parametrize("name", ["book", "site"])
"""Vendors without versions and modification times."""


async def in_step(world: World) -> str:
    """Two appointments everywhere; the first one's id at the CRM."""
    entry = world.enter_everywhere(at(15), notes="Bring the key")
    world.enter_everywhere(at(10), OMAR)
    await world.settle()
    return entry.id


async def test_every_request_asks_for_no_cached_answer(world: World) -> None:
    """A cache that goes by that is never met."""
    crm_id = await in_step(world)
    for name in ALL:
        world.fault(name, "cached", value="obeys")
    world.move("office", world.the("crm", crm_id, "office").id, at(16))
    await world.settle()
    assert world.calendars() == [[at(10), at(16)]]
    assert all(
        request.headers["cache-control"] == "no-cache" for wire in world.wires.values() for request in wire.requests
    )


@EACH_VENDOR
async def test_a_listing_from_before_our_own_write_moves_nobody_back(world: World, name: str) -> None:
    """The cache does not care what is asked for: the whole listing is as it was, and by id the record is as written."""
    crm_id = await in_step(world)
    other = next(vendor for vendor in ALL if vendor != name)
    world.fault(name, "cached")
    world.move(other, world.the("crm", crm_id, other).id, at(16))
    assert (await world.cycle()).exit_code == 0
    for _ in range(3):
        result = await world.cycle()
        assert steps(result) == []
        assert world.calendars() == [[at(10), at(16)]]
    world.mend()
    assert (await world.settle()).exit_code == 0
    assert world.calendars() == [[at(10), at(16)]]


@UNVERSIONED
async def test_an_old_listing_is_told_and_nothing_is_made_by_it(world: World, name: str) -> None:
    """What it lacks may be there: no create goes to that vendor as long as its listing is old."""
    crm_id = await in_step(world)
    world.fault(name, "cached")
    world.move("crm", crm_id, at(16))
    await world.cycle()
    world.enter(name, at(12))
    world.enter("crm", at(12))
    result = await world.cycle()
    assert result.exit_code == 3
    assert "as it was before syncd changed it" in (of(result, name).error or "")
    assert len(world.live(name)) == 3
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10), at(12), at(16)]]


@UNVERSIONED
async def test_one_reading_by_id_is_what_an_old_row_costs(world: World, name: str) -> None:
    """Of the one row that was written; the others are as they were."""
    crm_id = await in_step(world)
    world.fault(name, "cached")
    world.move("crm", crm_id, at(16))
    await world.cycle()
    await world.cycle()
    assert world.sent(name)["get"] == 1
    world.mend()
    await world.settle()
    await world.cycle()
    assert world.sent(name)["get"] == 0


@UNVERSIONED
@pytest.mark.parametrize("minutes", [2, 60, 3 * 24 * 60])
async def test_a_person_who_puts_it_back_is_believed(world: World, name: str, minutes: int) -> None:
    """By id the old value stands there too: it goes to the others."""
    crm_id = await in_step(world)
    here = world.the("crm", crm_id, name).id
    world.move("crm", crm_id, at(16, day=28))
    await world.cycle()
    await world.cycle()
    world.clock.forward(minutes=minutes)
    world.move(name, here, at(15))
    await world.settle()
    assert at(15) in world.starts("crm")
    assert len(world.calendars()) == 1


@UNVERSIONED
async def test_an_old_row_that_cannot_be_read_by_id_says_nothing(world: World, name: str) -> None:
    """As long as that fails, nothing is concluded; then it is settled."""
    crm_id = await in_step(world)
    world.fault(name, "cached")
    world.move("crm", crm_id, at(16))
    await world.cycle()
    world.fault(name, "status", "get", code=503)
    result = await world.cycle()
    assert (result.exit_code, steps(result)) == (3, [])
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10), at(16)]]


@EACH_VENDOR
async def test_a_listing_from_before_our_own_cancel_revives_nobody(world: World, name: str) -> None:
    """Cancelled or deleted by syncd, and listed as it stood: it stays called off everywhere."""
    crm_id = await in_step(world)
    other = next(vendor for vendor in ALL if vendor != name)
    world.fault(name, "cached")
    world.call_off(other, world.the("crm", crm_id, other).id)
    await world.cycle()
    for _ in range(3):
        result = await world.cycle()
        assert steps(result) == []
        assert world.calendars() == [[at(10)]]
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10)]]


@EACH_VENDOR
async def test_a_listing_from_before_our_own_create_makes_no_second_one(world: World, name: str) -> None:
    """What was just made is there when it is asked for by id."""
    await in_step(world)
    other = next(vendor for vendor in ALL if vendor != name)
    world.fault(name, "cached")
    world.enter(other, at(12))
    await world.cycle()
    for _ in range(2):
        await world.cycle()
    assert world.calendars() == [[at(10), at(12), at(15)]]
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10), at(12), at(15)]]


@UNVERSIONED
async def test_two_writes_to_one_record_are_both_known_when_the_listing_is_older(worlds: Worlds, name: str) -> None:
    """Time and notes go in requests of their own: a listing from before both is old in both."""
    world = worlds()
    crm_id = await in_step(world)
    here = world.the("crm", crm_id, "office").id
    world.fault(name, "cached")
    world.servers["office"].person_edit(here, notes="Side door")
    world.move("office", here, at(16))
    await world.cycle()
    result = await world.cycle()
    assert steps(result) == []
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10), at(16)]]
    assert world.the("crm", crm_id, name).notes.partition("\n")[0] == "Side door"


@UNVERSIONED
async def test_what_was_before_our_write_outlives_the_process(world: World, name: str) -> None:
    """syncd is started again between its write and the old listing."""
    crm_id = await in_step(world)
    world.fault(name, "cached")
    world.move("crm", crm_id, at(16))
    await world.cycle()
    world.start_syncd()
    result = await world.cycle()
    assert steps(result, Action.RESCHEDULE) == []
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10), at(16)]]


@UNVERSIONED
@pytest.mark.parametrize("kind", ["hang_after", "reset_after"])
async def test_a_write_without_an_answer_is_remembered_as_one(world: World, name: str, kind: str) -> None:
    """It was done; once that is seen, an older listing brings nothing back."""
    crm_id = await in_step(world)
    older = world.servers[name].faults.add(Fault("cached"))
    world.move("crm", crm_id, at(16))
    world.fault(name, kind, "reschedule", times=1)
    await world.cycle()
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10), at(16)]]
    world.servers[name].faults.add(older)
    for _ in range(2):
        assert steps(await world.cycle()) == []
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10), at(16)]]


@UNVERSIONED
async def test_a_listing_from_before_two_writes_moves_nobody_back_either(world: World, name: str) -> None:
    """15:00, 16:00, 17:00 within the life of one cache: its 15:00 is not what the last write replaced."""
    crm_id = await in_step(world)
    world.fault(name, "cached")
    for hour in (16, 17):
        world.move("crm", crm_id, at(hour))
        await world.cycle()
    for _ in range(2):
        assert steps(await world.cycle()) == []
        assert world.calendars() == [[at(10), at(17)]]
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10), at(17)]]

"""A create that the site puts into a record that was there: a cancelled one is taken over, a standing one is left."""

from __future__ import annotations

import pytest

from syncd.engine.store.debts import owed_by
from syncd.model.plan import Action, Outcome
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, ANA, JANE, OMAR, World, at, outcomes, steps

OLD = {"site": {"generation": "1.x"}}
"""Before 2.1 any create goes into a cancelled record of its start (measured on 1.2.34)."""

ASKED_FOR = {"office": {"statuses": {"requested": "pending"}}}
"""A word of the back office for what waits for approval."""


async def cancelled(world: World, where: str, notes: str = "") -> dict[str, str]:
    """An appointment of Jane's that all vendors had, called off at one of them; the ids of its records."""
    first = world.enter_everywhere(at(15), JANE)
    await world.cycle()
    if notes:
        world.servers["office"].person_edit(world.the("crm", first.id, "office").id, notes=notes)
        await world.settle()
    ids = {name: first.id if name == "crm" else world.the("crm", first.id, name).id for name in ALL}
    world.call_off(where, ids[where])
    return ids


def clients(world: World, name: str) -> list[str]:
    """Whose appointments stand at a vendor, by their e-mail or their title."""
    found = []
    for entry in world.live(name):
        bookings = zip(entry.people, getattr(entry, "bookings", entry.people), strict=True)
        coming = [one.email for one, booking in bookings if getattr(booking, "status", "") != "canceled"]
        found += coming or [entry.title]
    return found


def omars_alone(world: World) -> bool:
    """Whether nobody but Omar has an appointment anywhere."""
    return all("omar" in one.casefold() for name in ALL for one in clients(world, name))


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("where", ["crm", "site"])
async def test_a_create_over_a_cancelled_record_takes_it_over(worlds: Worlds, where: str, together: bool) -> None:
    """The most ordinary day: one calls off, another books the same time. No quarantine, and no conflict."""
    world = worlds(switches=OLD)
    ids = await cancelled(world, where)
    if not together:
        await world.settle()
    omar = world.enter("crm", at(15), OMAR)
    result = await world.cycle()
    assert result.exit_code == 0
    assert world.the("crm", omar.id, "site").id == ids["site"]
    assert result.conflicts == ()
    assert world.desk.quarantines() == []
    await world.settle()
    assert world.calendars() == [[at(15)]]
    assert omars_alone(world)


async def test_what_took_a_record_over_is_moved_and_called_off_there(worlds: Worlds) -> None:
    """Later edits reach it, in both directions, and the one who was there before never comes back."""
    world = worlds(switches=OLD)
    ids = await cancelled(world, "crm")
    omar = world.enter("crm", at(15), OMAR)
    await world.cycle()
    world.move("crm", omar.id, at(17))
    await world.cycle()
    assert world.calendars() == [[at(17)]]
    world.move("site", ids["site"], at(18))
    await world.cycle()
    assert world.calendars() == [[at(18)]]
    world.call_off("crm", omar.id)
    await world.cycle()
    assert world.calendars() == [[]]
    assert (await world.settle()).conflicts == ()


async def test_no_word_of_the_one_who_was_there_reaches_another_vendor(worlds: Worlds) -> None:
    """The record has the notes of both: the next cycle writes those of the new one alone."""
    world = worlds(switches=OLD)
    ids = await cancelled(world, "crm", notes="Jane's door code")
    omar = world.enter("office", at(15), OMAR, notes="Bring the plans")
    await world.cycle()
    await world.settle()
    site = world.servers["site"].entries[ids["site"]]
    assert site.notes.partition("[syncd:")[0].strip() == "Bring the plans"
    for name in ALL:
        assert "door code" not in world.the("office", omar.id, name).notes if name != "office" else True
    assert omars_alone(world)


@pytest.mark.parametrize("look", ["found", "not found"])
async def test_a_takeover_without_an_answer_is_no_revival_of_the_other(worlds: Worlds, look: str) -> None:
    """The mark of the create tells whose the record is now, in the same cycle or in the next one."""
    world = worlds(switches=OLD)
    ids = await cancelled(world, "crm")
    await world.settle()
    omar = world.enter("crm", at(15), OMAR)
    world.fault("site", "hang_after", "create", times=1)
    if look == "not found":
        world.fault("site", "status", "list", code=503, after=1)
    result = await world.cycle()
    world.mend()
    assert outcomes(result)["site"] == ("done" if look == "found" else "unknown")
    result = await world.cycle()
    assert result.conflicts == ()
    await world.settle()
    assert world.the("crm", omar.id, "site").id == ids["site"]
    assert world.calendars() == [[at(15)]]
    assert omars_alone(world)


async def test_a_revival_of_the_one_who_was_there_is_made_anew(worlds: Worlds) -> None:
    """The record is another's by now: the time is taken, which is said, and nobody else is touched."""
    world = worlds(switches=OLD)
    ids = await cancelled(world, "crm")
    world.enter("crm", at(15), OMAR)
    await world.cycle()
    await world.settle()
    world.servers["crm"].person_edit(ids["crm"], status="scheduled")
    result = await world.cycle()
    [create] = steps(result, Action.CREATE, "site")
    assert create.outcome is Outcome.QUARANTINED
    assert clients(world, "site") == [OMAR.email]


async def test_a_pending_create_takes_a_cancelled_record_over_in_later_builds_too(worlds: Worlds) -> None:
    """From 2.x on only one that is itself pending joins (measured on 2.4.3)."""
    world = worlds(switches={"site": {"generation": "2.4"}}, options=ASKED_FOR)
    ids = await cancelled(world, "crm")
    omar = world.enter("office", at(15), OMAR, status="requested")
    await world.cycle()
    await world.settle()
    assert world.the("office", omar.id, "site").id == ids["site"]
    assert world.servers["site"].entries[ids["site"]].status == "pending"
    assert omars_alone(world)


async def test_a_create_that_went_into_a_standing_record_ends_nothing(worlds: Worlds) -> None:
    """It is left alone, and the reason names the record and the booking that a person has to take out of it."""
    world = worlds(switches={"site": {"generation": "2.4"}}, options=ASKED_FOR)
    first = world.enter_everywhere(at(15), JANE)
    await world.cycle()
    ids = {name: first.id if name == "crm" else world.the("crm", first.id, name).id for name in ALL}
    world.enter("office", at(15), OMAR, status="requested")
    result = await world.cycle()
    [create] = steps(result, Action.CREATE, "site")
    assert create.outcome is Outcome.QUARANTINED
    booking = world.servers["site"].entries[ids["site"]].bookings[-1].id  # type: ignore[attr-defined]
    assert f"record {ids['site']}" in (create.error or "")
    assert f"take booking {booking} out" in (create.error or "")
    for _ in range(2):
        again = await world.cycle()
        assert steps(again) == []
    for name in ("crm", "book", "office"):
        assert world.servers[name].entries[ids[name]].status == "scheduled"
    assert world.the("crm", ids["crm"], "site").id == ids["site"]


@pytest.mark.parametrize("answer", ["told", "lost"])
async def test_what_a_join_made_of_a_standing_record_reaches_nobody_else(worlds: Worlds, answer: str) -> None:
    """It shows the notes of both: taken for an edit of Jane's, Omar's would be at every vendor in hers."""
    world = worlds(switches={"site": {"generation": "2.4"}}, options=ASKED_FOR)
    first = world.enter_everywhere(at(15), JANE)
    await world.cycle()
    ids = {name: first.id if name == "crm" else world.the("crm", first.id, name).id for name in ALL}
    world.servers["office"].person_edit(ids["office"], notes="Jane's door code")
    await world.settle()
    if answer == "lost":
        world.fault("site", "hang_after", "create", times=1)
    world.enter("office", at(15), OMAR, status="requested", notes="Bring the plans")
    for _ in range(4):
        await world.cycle()
    assert "Bring the plans" in world.servers["site"].entries[ids["site"]].notes
    for name in ("book", "office"):
        assert world.servers[name].entries[ids[name]].notes == "Jane's door code"
    assert len(world.live("site")) == 1


async def test_a_refused_revival_is_not_tried_again_on_a_record_that_was_taken_over(worlds: Worlds) -> None:
    """The create that went into it made room for nothing: what would be moved is another's by now."""
    world = worlds(switches={"site": {"generation": "2.4"}}, options=ASKED_FOR)
    ids = await cancelled(world, "crm")
    await world.settle()
    world.enter("site", at(17), ANA)
    await world.settle()
    world.servers["crm"].person_edit(ids["crm"], status="scheduled", start=at(17), end=at(17.5))
    omar = world.enter("office", at(15), OMAR, status="requested")
    for _ in range(3):
        await world.cycle()
    assert world.the("office", omar.id, "site").id == ids["site"]
    assert world.twin("crm", ids["crm"], "site") is None
    assert clients(world, "site") == [OMAR.email, ANA.email]


async def test_what_the_one_who_was_there_is_owed_is_not_given_to_the_new_one(worlds: Worlds) -> None:
    """Jane's reminders could not be switched on again after her cancellation: Omar, whom syncd booked, gets none."""
    world = worlds(switches=OLD)
    first = world.enter_everywhere(at(15), JANE, notify=True)
    await world.settle()
    site = world.the("crm", first.id, "site").id
    world.call_off("crm", first.id)
    omar = world.enter("crm", at(15), OMAR)
    world.fault("site", "status", "update", code=503)
    await world.cycle()
    world.mend()
    await world.settle()
    assert world.the("crm", omar.id, "site").id == site
    assert not world.servers["site"].entries[site].notify


@pytest.mark.parametrize("look", ["found", "not found"])
async def test_nor_is_it_where_the_answer_of_the_takeover_was_lost(worlds: Worlds, look: str) -> None:
    """The record is read before it is known whose it is: the mark in it says that syncd booked Omar there."""
    world = worlds(switches=OLD)
    first = world.enter_everywhere(at(15), JANE, notify=True)
    await world.settle()
    site = world.the("crm", first.id, "site").id
    world.call_off("crm", first.id)
    world.fault("site", "status", "update", code=503)
    await world.cycle()
    assert not world.servers["site"].entries[site].notify
    omar = world.enter("crm", at(15), OMAR)
    world.fault("site", "hang_after", "create", times=1)
    if look == "not found":
        world.fault("site", "status", "list", code=503, after=1)
    await world.cycle()
    world.mend()
    await world.settle()
    assert world.the("crm", omar.id, "site").id == site
    assert not world.servers["site"].entries[site].notify
    assert await world.ledger.read(owed_by, "site") == {}


async def test_an_old_listing_of_a_taken_record_calls_nobody_off(worlds: Worlds) -> None:
    """A cache shows the one who was there, cancelled: that is no word on the new one."""
    world = worlds(switches=OLD)
    await cancelled(world, "crm")
    await world.settle()
    world.fault("site", "cached")
    await world.cycle()
    world.enter("crm", at(15), OMAR)
    await world.cycle()
    for _ in range(2):
        assert steps(await world.cycle()) == []
        assert world.calendars() == [[at(15)]]
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(15)]]
    assert omars_alone(world)


async def test_an_old_listing_of_a_record_with_two_bookings_tells_no_notes_afterwards(worlds: Worlds) -> None:
    """The cache shows Jane's alone, and later the record shows both again: that is nobody's edit."""
    world = worlds(switches={"site": {"generation": "2.4"}}, options=ASKED_FOR)
    first = world.enter_everywhere(at(15), JANE)
    await world.settle()
    world.fault("site", "cached")
    await world.cycle()
    world.enter("office", at(15), OMAR, status="requested", notes="Bring the plans")
    await world.cycle()
    await world.cycle()
    world.mend()
    for _ in range(2):
        await world.cycle()
    assert [world.the("crm", first.id, name).notes for name in ("book", "office")] == ["", ""]

"""A client books into a record that was cancelled for another one: that is a new appointment, and no revival."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.model.plan import Action, Outcome
from syncd.sandbox.frame.records import Entry, Person
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, ANA, OMAR, SEVERAL, World, at, steps

OLD = {"site": {"generation": "1.x"}}
"""Before 2.1 any booking goes into a cancelled record of its start (measured on 1.2.34)."""

NOTE = "Ana's door code"
INES = Person("Ines", "Duarte", "ines.duarte@example.com", "2125550111")


async def cancelled(world: World, origin: str = "crm", notes: str = "") -> dict[str, str]:
    """An appointment of Ana's that began at one vendor, went to all and was called off; the ids of its records."""
    first = world.enter(origin, at(15), ANA, notes=notes)
    await world.settle()
    ids = {name: first.id if name == origin else world.the(origin, first.id, name).id for name in ALL}
    where = "crm" if origin == "office" else origin
    world.call_off(where, ids[where])
    await world.settle()
    return ids


def still_anas(world: World, ids: dict[str, str]) -> bool:
    """Whether her records at the other vendors are as her cancellation left them."""
    left = [world.servers[name].entries.get(ids[name]) for name in ("crm", "book", "office")]
    return all(e is None or (e.status == "cancelled" and "omar" not in str(e).casefold()) for e in left)


def omars(world: World) -> bool:
    """Whether nobody but Omar has an appointment anywhere, at the same time."""
    coming = [person for name in ALL for entry in world.live(name) for person in _coming(entry)]
    return world.calendars() == [[at(15)]] and all("ana" not in str(one).casefold() for one in coming)


def _coming(entry: Entry) -> list[object]:
    """Who comes to an appointment, and what it is called."""
    pairs = zip(entry.people, getattr(entry, "bookings", entry.people), strict=True)
    return [*(one for one, booking in pairs if getattr(booking, "status", "") != "canceled"), entry.title]


@pytest.mark.parametrize("origin", ["crm", "site"])
async def test_a_booking_over_a_cancelled_record_is_an_appointment_of_its_own(worlds: Worlds, origin: str) -> None:
    """Hers stays ended at all vendors, under her name; his is made at those that lack it, once."""
    world = worlds(switches=OLD)
    ids = await cancelled(world, origin)
    assert world.book_online(at(15), OMAR).id == ids["site"]
    result = await world.cycle()
    assert (result.exit_code, result.conflicts) == (0, ())
    assert sorted(step.operation.vendor for step in steps(result, Action.CREATE)) == ["book", "crm", "office"]
    assert any(f"site's record {ids['site']} was of" in remark for remark in result.remarks)
    assert omars(world)
    assert still_anas(world, ids)
    assert (await world.cycle()).steps == ()


@pytest.mark.parametrize("first", ["crm", "site"])
async def test_a_booking_that_others_have_already_is_matched(worlds: Worlds, first: str) -> None:
    """The desk entered it in the CRM as well, before syncd saw either: the two are one, whoever is read first."""
    world = worlds(switches=OLD, sync={"priority": [first, *(name for name in ALL if name != first)]})
    ids = await cancelled(world)
    world.book_online(at(15), OMAR)
    desk = world.enter("crm", at(15), OMAR)
    result = await world.cycle()
    assert (result.exit_code, result.conflicts) == (0, ())
    assert world.the("crm", desk.id, "site").id == ids["site"]
    assert world.twin("crm", ids["crm"], "site") is None
    await world.settle()
    assert omars(world)
    assert still_anas(world, ids)


@pytest.mark.parametrize("desk", [True, False])
async def test_no_note_of_the_one_before_goes_anywhere(worlds: Worlds, desk: bool) -> None:
    """It stays in the record, where a later note of his own joins it; his own elsewhere is left as it is."""
    world = worlds(switches=OLD)
    ids = await cancelled(world, "office", notes=NOTE)
    assert NOTE in world.servers["site"].entries[ids["site"]].notes
    world.book_online(at(15), OMAR)
    if desk:
        world.enter("office", at(15), OMAR, notes="Bring the plans")
    await world.settle()
    for name in ("crm", "book", "office"):
        [entry] = world.live(name)
        assert NOTE not in f"{entry.notes} {entry.title}"
    assert "Ana" not in str([entry.title for name in ALL for entry in world.live(name)])
    assert NOTE in world.servers["site"].entries[ids["site"]].notes
    assert omars(world)


async def test_edits_of_the_new_one_reach_it_in_both_directions(worlds: Worlds) -> None:
    """Moved and called off, and the one before never comes back; syncd is started anew in between."""
    world = worlds(switches=OLD)
    ids = await cancelled(world)
    world.book_online(at(15), OMAR)
    world.fault("book", "status", "create", code=503)
    await world.cycle()
    world.mend()
    world.start_syncd()
    await world.settle()
    assert omars(world)
    crm = world.the("site", ids["site"], "crm").id
    world.move("crm", crm, at(17))
    await world.settle()
    assert world.calendars() == [[at(17)]]
    world.move("site", ids["site"], at(18))
    await world.settle()
    assert world.calendars() == [[at(18)]]
    world.call_off("crm", crm)
    await world.settle()
    assert world.calendars() == [[]]
    assert still_anas(world, ids)


async def test_one_after_another_they_are_different_appointments(worlds: Worlds) -> None:
    """Omar calls off as well, and Jane books into the same record once more."""
    world = worlds(switches=OLD)
    ids = await cancelled(world, "site")
    found = {world.known("site", ids["site"]).id}
    for number, who in enumerate((OMAR, INES)):
        world.book_online(at(15), who)
        await world.settle()
        assert world.calendars() == [[at(15)]]
        found.add(world.known("site", ids["site"]).id)
        if not number:
            world.call_off("site", ids["site"])
            await world.settle()
    assert len(found) == 3


async def test_a_second_client_beside_the_one_who_came_back_revives_the_appointment(worlds: Worlds) -> None:
    """She is in it again herself: it is hers, as before."""
    world = worlds(switches={**SEVERAL, "site": {**SEVERAL["site"], "generation": "2.4"}})
    ids = await cancelled(world)
    world.servers["site"].person_revive(ids["site"])
    assert world.book_online(at(15), OMAR).id == ids["site"]
    await world.cycle()
    await world.settle()
    assert world.calendars() == [[at(15)]]
    assert world.the("crm", ids["crm"], "site").id == ids["site"]


async def test_a_revival_that_meets_a_booking_is_no_one_elses(worlds: Worlds) -> None:
    """She comes back in the CRM; right before that reaches the site, he books her time there: both stand, apart."""
    world = worlds(switches=OLD)
    ids = await cancelled(world)
    world.servers["crm"].person_edit(ids["crm"], status="scheduled")
    world.between("site", "get", lambda: world.book_online(at(15), OMAR))
    for _ in range(4):
        result = await world.cycle()
        assert result.conflicts == ()
    assert world.twin("crm", ids["crm"], "site") is None
    assert [world.starts(name) for name in ALL] == [[at(15)] * (1 if name == "site" else 2) for name in ALL]
    [site] = world.live("site")
    assert "omar" in str(_coming(site)).casefold()
    assert "ana" not in str(_coming(site)).casefold()


async def test_a_booking_over_a_cancellation_of_ours_without_an_answer_is_not_cancelled(worlds: Worlds) -> None:
    """It landed, nobody knows that yet, and he books the time that is free again."""
    world = worlds(switches=OLD)
    first = world.enter("crm", at(15), ANA)
    await world.settle()
    ids = {name: first.id if name == "crm" else world.the("crm", first.id, name).id for name in ALL}
    world.call_off("crm", ids["crm"])
    world.fault("site", "hang_after", "cancel", "status", times=1)
    world.fault("site", "status", "get", code=503, after=1)
    await world.cycle()
    world.mend()
    assert world.servers["site"].entries[ids["site"]].status == "cancelled"
    world.book_online(at(15), OMAR)
    result = await world.cycle()
    assert steps(result, Action.CANCEL) == []
    await world.settle()
    assert omars(world)
    assert still_anas(world, ids)


async def test_a_create_over_a_record_that_another_one_took_meanwhile_is_left_to_a_person(worlds: Worlds) -> None:
    """Two new clients, one of them by syncd, meet in it: it is the first one's, and the other's booking is left to a
    person; neither is made a client of the other's anywhere.
    """
    world = worlds(switches={"site": {"generation": "2.4"}}, options={"office": {"statuses": {"requested": "pending"}}})
    ids = await cancelled(world)
    entry = world.enter("office", at(15), INES, status="requested")
    world.between("site", "create", lambda: world.book_online(at(15), OMAR, status="pending"))
    result = await world.cycle()
    [create] = steps(result, Action.CREATE, "site")
    assert create.outcome is Outcome.QUARANTINED
    assert f"record {ids['site']}" in (create.error or "")
    for _ in range(3):
        await world.cycle()
    assert steps(await world.cycle()) == []
    assert world.twin("office", entry.id, "site") is None
    for name in ("book", "office"):
        there = [one for one in world.servers[name].entries.values() if not one.is_cancelled]
        assert sorted([person.name for person in one.people] for one in there) == [[INES.name], [OMAR.name]]
    assert {row.vendor for row in world.desk.quarantines()} == {"site"}
    assert not world.desk.conflicts()
    assert still_anas(world, ids)


@pytest.mark.parametrize("answer", ["site", "crm", "another"])
async def test_where_nobody_can_tell_who_it_is_a_person_decides(worlds: Worlds, answer: str) -> None:
    """The same address and number under another name: nothing is written before that."""
    world = worlds(switches=OLD)
    ids = await cancelled(world)
    site = world.servers["site"]
    somebody = replace(ANA, first_name="Rui", last_name="Costa")
    site.person_edit(ids["site"], status="scheduled", people=[somebody])
    for _ in range(2):
        assert steps(await world.cycle()) == []
    [question] = world.desk.conflicts()
    assert question.id is not None
    if answer == "another":
        site.person_edit(ids["site"], people=[OMAR])
    else:
        world.desk.resolve(question.id, answer)
    await world.cycle()
    await world.settle()
    assert world.desk.conflicts() == []
    assert world.calendars() == [[] if answer == "crm" else [at(15)]]
    hers = world.twin("crm", ids["crm"], "site") is not None
    assert hers is (answer != "another")
    if answer == "another":
        assert omars(world)
        assert still_anas(world, ids)

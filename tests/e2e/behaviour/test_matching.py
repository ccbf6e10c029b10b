"""Which records are one appointment: a first run, twins, doubts, and a service that puts bookings together."""

from __future__ import annotations

import pytest

from syncd.model.plan import Action, Outcome
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, ANA, HOUR, JANE, NEEDED, OMAR, World, at, of, steps

GROUPS = {"site": {"group_services": [2], "enforce_slots": False}}


async def test_a_first_run_links_what_is_the_same_and_creates_the_rest(world: World) -> None:
    """By client and start; where a side has no client, by title."""
    world.enter_everywhere(at(15), JANE)
    world.enter("crm", at(17), None, title="Showing: Omar Haddad")
    world.enter("book", at(17), OMAR)
    world.enter("office", at(17), None, title="Showing, Omar Haddad")
    result = await world.cycle()
    assert {name: world.starts(name).count(at(15)) for name in ALL} == dict.fromkeys(ALL, 1)
    assert len(steps(result, Action.ADOPT)) >= 3
    assert (await world.settle()).exit_code == 0


@pytest.mark.parametrize("lost", ["site", "crm"])
async def test_a_lost_state_is_a_first_run(worlds: Worlds, lost: str) -> None:
    """With an empty store everything is linked again, nothing is created, nothing written."""
    world = worlds()
    for hour, who in ((15, JANE), (16, OMAR), (17, ANA)):
        world.enter(lost, at(hour), who)
    await world.settle()
    writes = {name: world.servers[name].counters.writes for name in ALL}
    again = worlds()
    again.servers, again.wires, again.clock = world.servers, world.wires, world.clock
    again.ledger.clock = world.clock
    again.start_syncd()
    await again.cycle()
    result = await again.settle()
    assert result.exit_code == 0
    assert {name: again.servers[name].counters.writes for name in ALL} == writes
    assert again.calendars() == [[at(15), at(16), at(17)]]


@pytest.mark.parametrize("order", [["crm", "book", "office", "site"], ["office", "site", "book", "crm"]])
async def test_a_record_that_shows_title_and_client_joins_those_that_show_one(worlds: Worlds, order: list[str]) -> None:
    """One vendor has no client, another a title of its own, a third has both: one appointment, whoever is first."""
    world = worlds(sync={"priority": order})
    world.enter("crm", at(15), None, title="Kitchen, second visit")
    world.enter("book", at(15), JANE)
    world.enter("office", at(15), JANE, title="Kitchen, second visit")
    result = await world.cycle()
    assert world.calendars() == [[at(15)]]
    assert {step.operation.vendor for step in steps(result, Action.CREATE)} == {"site"}
    assert (await world.cycle()).steps == ()


async def test_what_may_be_one_appointment_or_two_is_created_nowhere_of_these(world: World) -> None:
    """Two visits of one title without a client, and a record that could be either's: reported, nothing is doubled."""
    for notes in ("First", "Second"):
        world.enter("crm", at(15), None, title="Kitchen", notes=notes)
    world.enter("book", at(15), JANE)
    world.enter("office", at(15), JANE, title="Kitchen")
    result = await world.cycle()
    assert result.exit_code == 3
    assert any("nothing says which" in entry.reason for entry in result.quarantined)
    assert {name: len(world.live(name)) for name in ("crm", "book", "office")} == {"crm": 2, "book": 1, "office": 1}


@pytest.mark.parametrize("count", [2, 3])
async def test_identical_twins_are_paired_off(worlds: Worlds, count: int) -> None:
    """The same client, time and everything else, several times: as many everywhere, each with one of the others."""
    world = worlds(switches={"site": {"enforce_slots": False}})
    for name in ("book", "office"):
        for _ in range(count):
            world.enter(name, at(15))
    await world.settle()
    assert {name: len(world.live(name)) for name in ALL} == dict.fromkeys(ALL, count)
    moved = world.live("book")[0]
    world.move("book", moved.id, at(18))
    await world.settle()
    assert world.calendars() == [[at(15)] * (count - 1) + [at(18)]]


async def test_twins_that_something_tells_apart_are_reported_and_not_created(world: World) -> None:
    """Two here and two there with the same start and client, whose notes differ: nothing says which is which."""
    for name, notes in (("book", ("A", "B")), ("office", ("C", "D"))):
        for text in notes:
            world.enter(name, at(15), notes=text)
    result = await world.cycle()
    doubted = [entry for entry in result.quarantined if "same start and client" in entry.reason]
    assert {entry.vendor for entry in doubted} == {"office"}
    assert len(doubted) == 2
    assert result.exit_code == 3
    assert len(world.live("office")) == len(world.live("book")) == 2
    again = await world.cycle()
    assert [step for step in steps(again) if step.outcome is Outcome.DONE] == []
    assert len(world.live("office")) == len(world.live("book")) == 2


async def test_one_record_that_fits_two_is_not_guessed(world: World) -> None:
    """And is resolved as soon as people make a difference."""
    first = world.enter("book", at(15), notes="Back door")
    world.enter("book", at(15), notes="Front door", staff=14209020)
    world.enter("office", at(15), notes="Side door")
    result = await world.cycle()
    assert any(entry.vendor == "office" for entry in result.quarantined)
    assert len(world.live("office")) == 1
    world.move("book", first.id, at(11))
    await world.cycle()
    await world.settle()
    assert world.starts("office") == [at(11), at(15)]


async def test_a_client_is_the_same_by_mail_phone_or_name(world: World) -> None:
    """As far as both sides tell them, and nothing contradicts it."""
    world.enter("book", at(15), JANE)
    world.enter("site", at(15), type(JANE)("J.", "Smith-Jones", "JANE.SMITH@example.com", ""))
    world.enter("crm", at(15), type(JANE)("Jane", "Smith", "", "(212) 555-0123"))
    await world.settle()
    assert world.calendars() == [[at(15)]]


async def test_different_clients_at_one_time_are_different_appointments(worlds: Worlds) -> None:
    """Each is made where it lacks, and linked to nobody else's."""
    world = worlds(switches={"site": {"enforce_slots": False}})
    for name, who in (("crm", JANE), ("book", OMAR), ("office", ANA)):
        world.enter(name, at(15), who)
    assert (await world.cycle()).exit_code == 0
    assert {name: len(world.live(name)) for name in ALL} == dict.fromkeys(ALL, 3)


async def test_a_group_service_that_joins_a_known_record_is_not_taken_for_a_new_one(worlds: Worlds) -> None:
    """The answer names a record of another appointment: reported, not repeated, and that other one is unharmed."""
    world = worlds(switches=GROUPS)
    first = world.enter_everywhere(at(15), JANE)
    await world.cycle()
    world.enter("office", at(15), OMAR)
    result = await world.cycle()
    [joined] = steps(result, Action.CREATE, "site")
    assert joined.outcome is Outcome.QUARANTINED
    assert "existing record" in (joined.error or "")
    assert result.exit_code == 3
    assert len(world.live("site")) == 1
    creates = world.servers["site"].counters.creates
    for _ in range(2):
        again = await world.cycle()
        assert [step for step in steps(again) if step.outcome is Outcome.DONE] == []
    assert world.servers["site"].counters.creates == creates
    jane = world.the("crm", first.id, "book")
    assert (jane.start, jane.people[0].email, len(world.live("book"))) == (at(15), JANE.email, 2)


async def test_a_group_service_that_joins_an_unknown_record_is_linked_to_it(worlds: Worlds) -> None:
    """What it was put into belongs to nobody that syncd knows: then it is the new one's."""
    world = worlds(switches=GROUPS)
    world.enter("site", at(15), None)
    world.enter("office", at(15), OMAR)
    await world.cycle()
    await world.cycle()
    assert len(world.live("site")) == 1
    assert world.servers["site"].counters.creates <= 1


async def test_a_group_service_that_joins_a_cancelled_record_revives_nothing(worlds: Worlds) -> None:
    """The cancelled appointment's other records stay cancelled."""
    world = worlds(switches=GROUPS)
    world.enter_everywhere(at(10), ANA)
    first = world.enter_everywhere(at(15), JANE)
    await world.cycle()
    world.call_off("crm", first.id)
    await world.cycle()
    world.enter("office", at(15), OMAR)
    await world.cycle()
    for _ in range(2):
        await world.cycle()
    assert world.servers["crm"].entries[first.id].status == "cancelled"
    booked = [entry.people[0].email for entry in world.live("book") if entry.start == at(15)]
    assert booked == [OMAR.email]


async def test_a_customer_is_found_by_mail_and_made_only_where_there_is_none(world: World) -> None:
    """At Amelia: never a second customer of one e-mail address, and the report says that one was made."""
    site = world.servers["site"]
    world.enter("site", at(10), JANE)
    count = len(site.customers)  # type: ignore[attr-defined]
    world.enter("office", at(15), type(JANE)("Jane", "Smith", "Jane.Smith@Example.com", ""))
    first = await world.cycle()
    assert len(site.customers) == count  # type: ignore[attr-defined]
    [found] = steps(first, Action.CREATE, "site")
    assert found.error is None
    world.enter("office", at(17), OMAR)
    second = await world.cycle()
    [made] = steps(second, Action.CREATE, "site")
    assert "customer" in (made.error or "")
    assert made.outcome is Outcome.DONE
    assert len(site.customers) == count + 1  # type: ignore[attr-defined]
    world.enter("office", at(18), OMAR)
    await world.cycle()
    assert len(site.customers) == count + 1  # type: ignore[attr-defined]
    assert of(second, "site").snapshot == "complete"


async def test_records_on_both_sides_of_a_long_appointment_are_not_mixed_up(world: World) -> None:
    """The same client twice on one day."""
    world.enter_everywhere(at(15), JANE)
    world.enter_everywhere(at(15) + HOUR, JANE)
    assert steps(await world.cycle()) == []
    assert {name: len(world.live(name)) for name in ALL} == dict.fromkeys(ALL, 2)


EACH_VENDOR = pytest.mark.parametrize("name", ALL)


@EACH_VENDOR
@pytest.mark.parametrize("how", ["damaged", "away"])
async def test_what_could_not_be_read_while_it_was_moved_is_asked_about(world: World, name: str, how: str) -> None:
    """Entered by hand at four vendors; one of the rows is read only when its appointment is at another time."""
    world.enter_everywhere(at(15))
    if how == "damaged":
        world.fault(name, "bad_value", "list", "get", field=NEEDED[name], body="soon", record="*")
    else:
        world.fault(name, "status", "list", code=404, body="<html>nothing here</html>")
    await world.cycle()
    mover = next(vendor for vendor in ALL if vendor != name)
    world.move(mover, world.live(mover)[0].id, at(17))
    await world.cycle()
    world.mend()
    for _ in range(3):
        result = await world.cycle()
        assert steps(result, Action.CREATE) == []
        assert [(one.vendor, one.remote_id) for one in result.quarantined] == [(name, world.live(name)[0].id)]
    assert world.calendars([vendor for vendor in ALL if vendor != name]) == [[at(17)]]
    assert world.starts(name) == [at(15)]
    other = next(vendor for vendor in ALL if vendor not in (name, mover))
    world.desk.link(f"{name}:{world.live(name)[0].id}", f"{other}:{world.live(other)[0].id}")
    await world.settle()
    assert [len(world.live(vendor)) for vendor in ALL] == [1, 1, 1, 1]

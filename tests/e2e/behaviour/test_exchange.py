"""Appointments that exchange their times at a vendor that takes none twice: one stands aside for a moment."""

from __future__ import annotations

from collections import abc
from datetime import datetime
from typing import Any

import httpx
import pytest

from syncd.model.plan import Action, Outcome
from syncd.sandbox.frame.records import Entry, Person
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, ANA, JANE, OMAR, World, at, steps

pytestmark = pytest.mark.parametrize("behaviour", ["observed"])
"""What differs between the vendors' behaviours is not what these are about; `tests.interruption` plays it in all."""
REFUSING: dict[str, dict[str, Any]] = {
    "office": {"enforce_conflicts": True},
    "site": {"generation": "2.1.3"},
}
"""Vendors that refuse a time that is taken, each with its switches."""
PEOPLE = (JANE, OMAR, ANA)
TED = Person("Ted", "Moss", ANA.email, "2125550199")
"""He and Ana have one address, that of a front desk: which of them a record is of, a person has to say."""
LINKED = pytest.mark.parametrize("linked", [True, False], ids=["linked", "a doubt"])
"""Who holds a time may be an appointment of its own, or a record of which nobody can tell whose it is."""


def strict(worlds: Worlds, name: str, **configured: Any) -> World:
    """A world in which one vendor refuses what is taken."""
    return worlds(switches={name: REFUSING[name]}, **configured)


async def turned(world: World, name: str, hours: abc.Sequence[float]) -> list[Entry]:
    """Appointments that everybody has at these hours, each moved at the CRM to the next one's; those of a vendor."""
    entries = [world.enter_everywhere(at(hour), who) for hour, who in zip(hours, PEOPLE, strict=False)]
    await world.cycle()
    for entry, hour in zip(entries, [*hours[1:], hours[0]], strict=True):
        world.move("crm", entry.id, at(hour))
    return [world.the("crm", entry.id, name) for entry in entries]


def starts_at(world: World, name: str, entries: abc.Iterable[Entry]) -> list[datetime]:
    """Where these records are now."""
    return [world.servers[name].entries[entry.id].start for entry in entries]


def asked_in(world: World, name: str) -> list[tuple[str, str]]:
    """The writes to a vendor in the last cycle, each with its action and state, from the journal."""
    with world.ledger.store.read() as tx:
        return tx._tuples(
            "SELECT remote_id, state FROM journal WHERE vendor = ? AND cycle_id = ? ORDER BY id",
            name,
            world.results[-1].id,
        )


@pytest.mark.parametrize("name", REFUSING)
@pytest.mark.parametrize("hours", [(10, 14), (10, 10.5), (10, 11, 14)], ids=["two", "side by side", "three"])
async def test_all_have_their_new_times_within_the_cycle(worlds: Worlds, name: str, hours: tuple[float, ...]) -> None:
    """One move more than there are, nobody is mailed, all is done, and there is nothing left to do."""
    world = strict(worlds, name)
    here = await turned(world, name, hours)
    result = await world.cycle()
    assert (result.exit_code, result.quarantined) == (0, ())
    assert {step.outcome for step in steps(result)} == {Outcome.DONE}
    assert starts_at(world, name, here) == [at(hour) for hour in (*hours[1:], hours[0])]
    assert [state for _, state in asked_in(world, name)].count("done") == len(hours) + 1
    told = [step.error for step in steps(result, vendor=name) if step.error]
    assert len(told) == 1
    assert "for a moment, so that others could take its time" in told[0]
    assert steps(await world.cycle()) == []
    assert len(world.calendars()) == 1


@pytest.mark.parametrize("name", REFUSING)
async def test_a_row_that_moves_up_needs_nobody_aside(worlds: Worlds, name: str) -> None:
    """Each takes the next one's time, and the last a free one: from its free end on, each moves once."""
    world = strict(worlds, name)
    entries = [world.enter_everywhere(at(hour), who) for hour, who in zip((10, 11, 12), PEOPLE, strict=True)]
    await world.cycle()
    for entry, hour in zip(entries, (11, 12, 13), strict=True):
        world.move("crm", entry.id, at(hour))
    result = await world.cycle()
    assert result.exit_code == 0
    assert [state for _, state in asked_in(world, name)].count("done") == 3
    assert [step.error for step in steps(result, vendor=name) if step.error] == []


@pytest.mark.parametrize("name", REFUSING)
@pytest.mark.parametrize("which", ["the one aside", "the other"])
@pytest.mark.parametrize("during", ["get", "reschedule"])
async def test_who_is_moved_by_a_person_meanwhile_stays_where_the_person_has_put_it(
    worlds: Worlds, name: str, which: str, during: str
) -> None:
    """The person's time goes to all vendors, and the place that one stood at aside to none.

    By the vendors' order, as not every vendor tells that it was later than the move at the CRM.
    """
    world = strict(worlds, name, sync={"priority": [name, *(other for other in ALL if other != name)]})
    one, two = await turned(world, name, (10, 14))
    theirs, other = (one, two) if which == "the one aside" else (two, one)

    def act(request: httpx.Request) -> None:
        aside = starts_at(world, name, [one])[0] not in (at(10), at(14))
        if aside and world.operation(name, request) == during and at(17) not in world.starts(name):
            world.clock.forward(minutes=1)
            world.move(name, theirs.id, at(17))

    world.wires[name].before.append(act)
    await world.settle()
    assert starts_at(world, name, [theirs]) == [at(17)]
    assert starts_at(world, name, [other]) == [at(10 if other is two else 14)]
    assert len(world.calendars()) == 1


@pytest.mark.parametrize("name", REFUSING)
@pytest.mark.parametrize("kind", ["hang_after", "hang"])
async def test_a_lost_answer_to_the_move_aside_is_nobodys_edit(worlds: Worlds, name: str, kind: str) -> None:
    """Looked at again, it is gone on with; at no other vendor it is ever at that time."""
    world = strict(worlds, name)
    here = await turned(world, name, (10, 14))
    world.fault(name, kind, "reschedule", after=2, times=1)
    for _ in range(5):
        await world.cycle()
        assert world.starts("crm") == world.starts("book") == [at(10), at(14)]
    assert starts_at(world, name, here) == [at(14), at(10)]
    assert world.desk.conflicts() == []
    assert steps(await world.settle()) == []


@pytest.mark.parametrize("name", REFUSING)
async def test_what_was_put_aside_in_vain_goes_back(worlds: Worlds, name: str) -> None:
    """The other is refused all the same: both are where they were, in quarantine, and nothing is sent again."""
    world = strict(worlds, name)
    here = await turned(world, name, (10, 14))
    code = 400 if name == "office" else 409
    body = (
        '{"success": false, "error": "Não"}'
        if name == "office"
        else '{"message": "", "data": {"timeSlotUnavailable": true}}'
    )
    world.fault(name, "status", "reschedule", after=3, times=1, code=code, body=body)
    result = await world.cycle()
    assert result.exit_code == 3
    assert starts_at(world, name, here) == [at(10), at(14)]
    assert any("it is back at 2026-10-22 10:00" in entry.reason for entry in result.quarantined)
    for _ in range(2):
        result = await world.cycle()
        assert (result.exit_code, world.written(name)) == (0, 0)
        assert len([entry for entry in result.quarantined if entry.vendor == name]) == 2


@pytest.mark.parametrize("name", REFUSING)
async def test_clients_who_are_mailed_about_every_move_are_moved_once_or_not_at_all(worlds: Worlds, name: str) -> None:
    """With notify_clients the exchange is left to people, and the quarantine says why and who is in the way."""
    world = strict(worlds, name, names=("crm", name), sync={"notify_clients": True})
    here = await turned(world, name, (10, 14))
    result = await world.cycle()
    assert starts_at(world, name, here) == [at(10), at(14)]
    reasons = {entry.remote_id: entry.reason for entry in result.quarantined}
    for entry, other in (here, here[::-1]):
        assert f"has record {other.id}" in reasons[entry.id]
        assert "notify_clients" in reasons[entry.id]


async def test_where_no_time_is_free_one_is_cancelled_for_that_moment(worlds: Worlds) -> None:
    """The window ends before any other day: the record is the same, stands again, and nobody was mailed."""
    world = strict(worlds, "site", sync={"future": "3d"})
    here = await turned(world, "site", (10, 14))
    result = await world.cycle()
    assert result.exit_code == 0
    assert starts_at(world, "site", here) == [at(14), at(10)]
    assert {world.servers["site"].entries[entry.id].status for entry in here} == {"scheduled"}
    assert any("it was cancelled for a moment" in (step.error or "") for step in steps(result, vendor="site"))
    assert len(world.calendars()) == 1
    assert steps(await world.cycle()) == []


def holder(world: World, name: str, hour: float, minutes: int, *, linked: bool) -> Entry:
    """Ana's record at a vendor; where it is to be a doubt, the CRM has Ted at that time."""
    if not linked:
        world.enter("crm", at(hour), TED)
    return world.enter(name, at(hour), ANA, minutes)


def without_room(world: World) -> list[str]:
    """Why what is left alone has no room."""
    return [entry.reason for entry in world.desk.quarantines() if "has record" in entry.reason]


@LINKED
@pytest.mark.parametrize("name", REFUSING)
async def test_who_holds_a_time_is_named_and_the_exchange_is_made_when_that_one_moves(
    worlds: Worlds, name: str, linked: bool
) -> None:
    """Nobody is put aside as long as a third record stands in one of the two times."""
    world = strict(worlds, name, names=("crm", name))
    here = await turned(world, name, (10, 14))
    third = holder(world, name, 14.25, 30, linked=linked)
    result = await world.cycle()
    reasons = {entry.remote_id: entry.reason for entry in result.quarantined if entry.remote_id}
    assert third.id in reasons[here[0].id]
    assert f"has record {here[0].id}" in reasons[here[1].id]
    assert starts_at(world, name, here) == [at(10), at(14)]
    assert [state for _, state in asked_in(world, name)].count("done") == 0
    await world.cycle()
    assert world.written(name) == 0
    world.move(name, third.id, at(17))
    assert (await world.cycle()).exit_code == 0
    assert starts_at(world, name, here) == [at(14), at(10)]
    await world.settle()
    assert without_room(world) == []
    assert len(world.desk.quarantines()) == (0 if linked else 1)
    assert len(world.calendars()) == (1 if linked else 2)


@LINKED
@pytest.mark.parametrize("action", [Action.CREATE, Action.RESCHEDULE])
@pytest.mark.parametrize("how", ["moved", "cancelled", "shortened"])
async def test_what_lacked_room_is_tried_again_when_the_vendors_records_of_that_time_changed(
    worlds: Worlds, action: Action, how: str, linked: bool
) -> None:
    """At a vendor that says nothing of its free times; a change of another time there is no reason."""
    world = strict(worlds, "office", names=("crm", "office"))
    jane = world.enter_everywhere(at(10), JANE)
    taken, later = holder(world, "office", 11.5, 60, linked=linked), world.enter("office", at(15), OMAR)
    await world.settle()
    if action is Action.RESCHEDULE:
        world.move("crm", jane.id, at(12))
        wanted = jane
    else:
        wanted = world.enter("crm", at(12), OMAR)
    assert (await world.cycle()).exit_code == 3
    [stuck] = without_room(world)
    assert f"has record {taken.id}" in stuck
    world.move("office", later.id, at(17))
    await world.cycle()
    assert world.written("office") == 0
    match how:
        case "moved":
            world.move("office", taken.id, at(8))
        case "cancelled":
            world.call_off("office", taken.id)
        case _:
            world.servers["office"].person_edit(taken.id, end=at(12))
    await world.settle()
    assert world.the("crm", wanted.id, "office").start == at(12)
    assert without_room(world) == []


async def test_a_doubt_that_stands_where_it_stood_is_no_reason_to_try_again(worlds: Worlds) -> None:
    """Nor after a restart, or a cycle in which its vendor could not be listed: what is refused rests."""
    world = strict(worlds, "office", names=("crm", "office"))
    holder(world, "office", 11.5, 60, linked=False)
    await world.settle()
    world.enter("crm", at(12), OMAR)
    assert (await world.cycle()).exit_code == 3
    world.start_syncd()
    await world.cycle()
    world.fault("office", "status", "list", code=503)
    await world.cycle()
    world.mend()
    for _ in range(2):
        await world.cycle()
        assert world.written("office") == 0
    assert len(without_room(world)) == 1


async def test_a_doubt_that_moved_while_its_vendor_could_not_be_listed_makes_room_as_soon_as_it_can(
    worlds: Worlds,
) -> None:
    """Where it stood is kept until a whole listing says where it stands, also over a restart."""
    world = strict(worlds, "office", names=("crm", "office"))
    taken = holder(world, "office", 11.5, 60, linked=False)
    await world.settle()
    wanted = world.enter("crm", at(12), OMAR)
    await world.cycle()
    world.fault("office", "status", "list", code=503)
    world.move("office", taken.id, at(20))
    await world.cycle()
    world.mend()
    world.start_syncd()
    await world.settle()
    assert world.the("crm", wanted.id, "office").start == at(12)
    assert without_room(world) == []

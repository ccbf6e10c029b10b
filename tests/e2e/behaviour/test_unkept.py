"""A vendor that says "done" and does something else: that is reported and left alone, and no calendar follows it."""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pytest

from syncd.engine.result import CycleResult
from syncd.model.plan import Action, Outcome
from syncd.sandbox.frame.exchange import Call
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, OMAR, World, at, origin_for, steps

EACH_VENDOR = pytest.mark.parametrize("name", ALL)


def keep_at(world: World, name: str, operation: str, remote_id: str | None, start: datetime) -> None:
    """From now on a vendor confirms such a write, and keeps the record (None: the newest one) at another time."""
    server = world.servers[name]

    def instead(request: httpx.Request) -> httpx.Response | None:
        if world.operation(name, request) != operation:
            return None
        key = remote_id or max(server.entries, key=lambda key: server.entries[key].created_at)
        entry = server.entries[key]
        server.entries[key] = replace(entry, start=start, end=start + (entry.end - entry.start))
        server.forget_rows()
        return shown(world, name, request, key)

    world.wires[name].instead = instead


def shown(world: World, name: str, request: httpx.Request, remote_id: str) -> httpx.Response:
    """The record, as the vendor answers a reading."""
    path, query = request.url.path.removesuffix("/reschedule"), request.url.query.decode()
    if remote_id not in path + query:
        path, query = (path, f"{query}/{remote_id}") if name == "site" else (f"{path}/{remote_id}", "")
    answer = world.servers[name].handle(Call("GET", path, query, dict(request.headers)))
    return httpx.Response(
        answer.status, headers={**answer.headers, "content-type": answer.media_type}, content=answer.encoded()
    )


def unkept(result: CycleResult, name: str) -> None:
    """The one operation at this vendor is in quarantine, with both times and what to look at."""
    [step] = steps(result, vendor=name)
    assert (step.outcome, result.exit_code) == (Outcome.QUARANTINED, 3)
    assert f"{name} accepted the time 2026-10-22" in (step.error or "")
    assert "time zone" in (step.error or "")
    assert any(entry.vendor == name and entry.reason == step.error for entry in result.quarantined)


@EACH_VENDOR
async def test_a_move_that_a_vendor_confirms_and_does_not_make_is_left_to_a_person(world: World, name: str) -> None:
    """It is sent once; the others move, and what the vendor still shows moves none of them back."""
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    origin = origin_for(name)
    here = world.the("crm", entry.id, name).id
    keep_at(world, name, "reschedule", here, at(15))
    world.move(origin, world.the("crm", entry.id, origin).id, at(17))
    unkept(await world.cycle(), name)
    for _ in range(2):
        later = await world.cycle()
        assert steps(later) == []
        assert world.written(name) == 0
    assert world.calendars([other for other in ALL if other != name]) == [[at(10), at(17)]]
    assert world.starts(name) == [at(10), at(15)]


@EACH_VENDOR
async def test_a_create_at_another_time_is_neither_repeated_nor_followed(world: World, name: str) -> None:
    """As where a wall clock's zone is configured wrongly: one record, at the vendor's own time, in quarantine."""
    origin = origin_for(name)
    keep_at(world, name, "create", None, at(18))
    world.enter(origin, at(15))
    result = await world.cycle()
    unkept(result, name)
    [made] = steps(result, Action.CREATE, name)
    assert made.remote_id is not None
    for _ in range(2):
        await world.cycle()
    assert world.servers[name].counters.creates == 1
    assert world.calendars([other for other in ALL if other != name]) == [[at(15)]]
    assert world.starts(name) == [at(15) + timedelta(hours=3)]


async def moved_in_that_moment(worlds: Worlds, *others: abc.Callable[[World, str], object]) -> tuple[World, str, str]:
    """The CRM's people move it to 17:00, and the office's to 19:00 right after that was written there: whole hours off.

    Its id at the CRM and at the office; `others` act in the same moment.
    """
    world = worlds(switches={"office": {"answers": "partial"}})
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    here = world.the("crm", entry.id, "office").id
    world.servers["site"].person_edit(world.the("crm", entry.id, "site").id, notes="Side door")
    world.move("crm", entry.id, at(17))
    left = [at(19)]

    def hook(request: httpx.Request) -> None:
        if left and world.operation("office", request) == "reschedule":
            world.move("office", here, left.pop())
            for act in others:
                act(world, entry.id)

    world.wires["office"].after.append(hook)
    return world, entry.id, here


def noted(world: World, remote_id: str) -> None:
    """The site's people write another note."""
    world.servers["site"].person_edit(world.the("crm", remote_id, "site").id, notes="Back door")


def moved_on(world: World, remote_id: str) -> None:
    """The CRM's people move it once more."""
    world.clock.forward(minutes=5)
    world.move("crm", remote_id, at(18))


async def test_a_move_that_could_be_the_zones_fault_is_left_alone_with_all_that_was_written(worlds: Worlds) -> None:
    """A person moved it by whole hours right after the write, which gave it a note too: nothing moves it back."""
    world, _, here = await moved_in_that_moment(worlds)
    unkept(await world.cycle(), "office")
    for _ in range(2):
        assert steps(await world.cycle()) == []
    assert world.servers["office"].entries[here].notes == "Side door"
    assert world.starts("office") == [at(10), at(19)]


@pytest.mark.parametrize("act", [noted, moved_on])
async def test_nothing_moves_it_back_with_something_else_that_is_to_be_written(
    worlds: Worlds, act: abc.Callable[[World, str], object]
) -> None:
    """In the next cycle, and after its row could not be read; released, it is moved, with all that it lacks."""
    world, crm, here = await moved_in_that_moment(worlds)
    unkept(await world.cycle(), "office")
    [asked] = world.desk.quarantines()
    act(world, crm)
    await world.cycle()
    world.fault("office", "bad_value", "list", "get", field="startTime", value="soon", record=here)
    await world.cycle()
    world.mend()
    for _ in range(2):
        await world.cycle()
        assert world.written("office") == 0
    assert world.starts("office") == [at(10), at(19)]
    assert [entry.reason for entry in world.desk.quarantines()] == [asked.reason]
    world.desk.release([asked.id])
    assert (await world.settle()).exit_code == 0
    assert len({tuple(starts) for starts in world.calendars()}) == 1
    assert world.desk.quarantines() == []


async def test_nor_within_the_same_cycle(worlds: Worlds) -> None:
    """The site's note is another by the time at which the first one is to be written there: all is merged again."""
    world, _, _ = await moved_in_that_moment(worlds, noted)
    await world.cycle()
    assert world.starts("office") == [at(10), at(19)]
    assert [entry.vendor for entry in world.desk.quarantines()] == ["office"]


def unlisted(world: World, crm: str) -> abc.Callable[[], object]:
    """For one cycle the office's record is in no listing, and cannot be read by id."""
    here = world.the("crm", crm, "office").id
    entry = world.hide("office", here)
    world.fault("office", "status", "get")
    return lambda: world.unhide("office", entry)


def unanswered(world: World, crm: str) -> abc.Callable[[], object]:
    """The site's people write a note, which gets no answer at the office."""
    noted(world, crm)
    world.fault("office", "hang", "update", "reschedule")
    return lambda: None


def disputed(world: World, crm: str) -> abc.Callable[[], object]:
    """A person is to decide between the CRM's time and the booking page's, whose people take theirs back."""
    book = world.the("crm", crm, "book").id
    world.start_syncd(sync={"conflict": "manual"})
    world.move("crm", crm, at(13))
    world.move("book", book, at(14))
    return lambda: world.move("book", book, at(13))


@pytest.mark.parametrize("happens", [unlisted, unanswered, disputed])
async def test_nor_after_a_cycle_in_which_nothing_was_to_move_it(
    worlds: Worlds, happens: abc.Callable[[World, str], abc.Callable[[], object]]
) -> None:
    """It is where it was found, and its appointment elsewhere: nothing was said of that."""
    world, crm, _ = await moved_in_that_moment(worlds)
    unkept(await world.cycle(), "office")
    world.clock.forward(minutes=5)
    over = happens(world, crm)
    await world.cycle()
    await world.cycle()
    world.mend()
    over()
    for _ in range(4):
        await world.cycle()
    assert world.starts("office") == [at(10), at(19)]
    assert [entry.vendor for entry in world.desk.quarantines()] == ["office"]


async def test_it_is_over_once_all_others_are_there_too(worlds: Worlds) -> None:
    """Also where the office's listing breaks off then: moved later, the appointment is moved at the office as well."""
    world, crm, _ = await moved_in_that_moment(worlds)
    unkept(await world.cycle(), "office")
    world.clock.forward(minutes=5)
    for name in ("crm", "book", "site"):
        world.move(name, world.the("crm", crm, name).id, at(19))
    world.fault("office", "half_list", "list")
    await world.cycle()
    world.mend()
    await world.settle()
    assert world.desk.quarantines() == []
    world.clock.forward(minutes=600)
    world.move("crm", crm, at(18))
    await world.settle()
    assert world.calendars() == [[at(10), at(18)]]


@pytest.mark.parametrize("where", ["office", "crm"])
async def test_people_settle_it_themselves(worlds: Worlds, where: str) -> None:
    """The office's people move it once more, or the CRM's to where the office has it: that ends it."""
    world, crm, here = await moved_in_that_moment(worlds)
    unkept(await world.cycle(), "office")
    world.clock.forward(minutes=5)
    start = at(18) if where == "office" else at(19)
    world.move(where, here if where == "office" else crm, start)
    await world.settle()
    assert world.calendars() == [[at(10), start]]
    assert world.desk.quarantines() == []


async def test_a_revival_that_is_confirmed_and_cannot_be_read_back_is_no_cancellation_of_somebody_s(
    worlds: Worlds,
) -> None:
    """An old Amelia answers as it was asked, and revives nothing; read back, it says a status that nobody knows."""
    world = worlds(switches={"site": {"generation": "1.x", "settings": "403"}})
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(18), OMAR)
    await world.cycle()
    world.servers["crm"].person_edit(entry.id, status="cancelled")
    await world.settle()
    world.servers["crm"].person_edit(entry.id, status="scheduled")
    world.fault("site", "unknown_status", "get", value="archived")
    await world.cycle()
    world.mend()
    for _ in range(2):
        await world.cycle()
    result = await world.cycle()
    assert world.servers["crm"].entries[entry.id].status == "scheduled"
    assert (steps(result), result.exit_code) == ([], 0)
    [left] = world.desk.quarantines()
    assert "still shows cancelled" in left.reason

"""Writes that are carried out late: after their answer was lost, the process killed, or somebody changed their mind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from syncd.engine.store.ledger import Ledger
from syncd.engine.store.refusals import NotJoined
from syncd.engine.store.thread import at_once
from syncd.engine.store.unanswered import overdue
from syncd.model.plan import Action, Outcome
from syncd.sandbox.frame.records import Entry
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, OMAR, World, at, origin_for, steps

ENDS = {"crm": "cancel", "book": "cancel", "office": "delete", "site": "cancel"}
"""What calls a record off at each vendor, in the sandbox's words."""

EACH_VENDOR = pytest.mark.parametrize("name", ALL)


def others_than(name: str) -> list[str]:
    """All vendors but this one."""
    return [other for other in ALL if other != name]


def come_late(world: World, name: str, operation: str, seconds: float, code: int = 504) -> None:
    """The next such request is carried out so much later; a gateway answers at once, or (0) nobody does."""
    world.fault(name, "late", operation, times=1, value=int(seconds), code=code)


def carry_out(world: World) -> None:
    """What is due by now is carried out."""
    for server in world.servers.values():
        server.catch_up()


@EACH_VENDOR
@pytest.mark.parametrize("code", [504, 0])
async def test_a_create_that_lands_before_syncd_stops_waiting_is_adopted(world: World, name: str, code: int) -> None:
    """The listing right after the lost answer does not show it: that says nothing yet."""
    entry = world.enter(origin_for(name), at(15))
    come_late(world, name, "create", 30, code)
    [made] = steps(await world.cycle(), Action.CREATE, name)
    assert made.outcome is Outcome.UNKNOWN
    world.start_syncd()
    await world.cycle(minutes=0.1)
    await world.settle()
    assert world.calendars() == [[at(15)]]
    assert world.servers[name].counters.creates == 1
    assert world.twin(origin_for(name), entry.id, name) is not None


@EACH_VENDOR
async def test_a_create_whose_appointment_is_called_off_before_it_lands_brings_nothing_back(
    world: World, name: str
) -> None:
    """Marked, it is ended there; unmarked, it is a question, and nobody else hears of it."""
    origin = origin_for(name)
    world.enter_everywhere(at(18), OMAR)
    await world.cycle()
    entry = world.enter(origin, at(15))
    come_late(world, name, "create", 300)
    await world.cycle()
    world.call_off(origin, entry.id)
    for _ in range(5):
        await world.cycle()
    others = others_than(name)
    assert world.calendars(others) == [[at(18)]]
    assert {other: dict(world.sent(other)) for other in ALL} == {other: {"list": 1} for other in ALL}
    left = world.starts(name)
    if name == "site":
        assert left == [at(18)]
    else:
        assert left == [at(15), at(18)]
        [question] = world.desk.quarantines()
        assert question.asks
        assert "a new booking" in question.reason


def leave_out(world: World, name: str, remote_id: str) -> None:
    """From now on a vendor's listing lacks a record, which is there by id."""
    server, hidden = world.servers[name], dict[str, Entry]()

    def hide(request: httpx.Request) -> None:
        if world.operation(name, request) == "list":
            hidden[remote_id] = server.entries.pop(remote_id)
            server.forget_rows()

    def show(request: httpx.Request) -> None:
        if hidden:
            server.entries.update(hidden)
            server.forget_rows()
            hidden.clear()

    world.wires[name].before.append(hide)
    world.wires[name].after.append(show)


@pytest.mark.parametrize("lacks", ["that record", "all of them", "what cannot be read"])
@pytest.mark.parametrize("name", ["book", "office"])
async def test_a_listing_that_lacks_the_record_that_is_asked_about_answers_nothing(
    world: World, name: str, lacks: str
) -> None:
    """Scheduled again, it waits for what a person says of that record, and is not made beside it."""
    world.enter_everywhere(at(18), OMAR)
    await world.cycle()
    crm = world.enter("crm", at(15)).id
    come_late(world, name, "create", 300)
    await world.cycle()
    world.servers["crm"].person_edit(crm, status="cancelled")
    for _ in range(5):
        await world.cycle()
    [question] = world.desk.quarantines()
    assert question.remote_id is not None
    world.servers["crm"].person_edit(crm, status="scheduled", start=at(16), end=at(16.5))
    for lacking in (True, False):
        if not lacking:
            world.mend()
        elif lacks == "all of them":
            world.fault(name, "empty_list", "list")
        else:
            leave_out(world, name, question.remote_id)
        if lacking and lacks == "what cannot be read":
            world.fault(name, "status", "get", code=503)
        for _ in range(2):
            await world.cycle()
            assert world.written(name) == 0
            assert question.id in {row.id for row in world.desk.quarantines()}
    world.desk.end(question.id)
    await world.settle()
    assert world.calendars() == [[at(16), at(18)]]


async def given_up(world: World, name: str, seconds: int = 3600) -> str:
    """An appointment whose create at a vendor came to nothing for so long that it was made again. Its origin's id."""
    entry = world.enter(origin_for(name), at(15))
    come_late(world, name, "create", seconds)
    for _ in range(4):
        await world.cycle()
    assert world.calendars() == [[at(15)]]
    return entry.id


@EACH_VENDOR
async def test_one_that_lands_an_hour_later_is_carried_to_nobody(world: World, name: str) -> None:
    """It was made again: marked, the second record is ended; unmarked, it is named with the command that ends it."""
    await given_up(world, name)
    world.clock.forward(minutes=60)
    for _ in range(2):
        await world.cycle()
    others = others_than(name)
    assert world.calendars(others) == [[at(15)]]
    if name == "site":
        assert world.starts(name) == [at(15)]
        return
    assert world.starts(name) == [at(15), at(15)]
    [question] = world.desk.quarantines()
    assert "probably ours, twice" in question.reason
    assert question.id is not None
    world.desk.end(question.id)
    result = await world.cycle()
    [ended] = steps(result)
    assert (ended.operation.action, ended.outcome) == (Action.CANCEL, Outcome.DONE)
    await world.settle()
    assert world.calendars() == [[at(15)]]
    assert not world.desk.quarantines()


@EACH_VENDOR
async def test_one_that_lands_while_nobody_looks_is_carried_to_nobody(world: World, name: str) -> None:
    """It lands within its day, and syncd, stopped meanwhile, sees it when that is over. After that none is expected."""
    await given_up(world, name, 82_800)
    world.clock.forward(minutes=30 * 60)
    for _ in range(2):
        await world.cycle()
    others = others_than(name)
    assert world.calendars(others) == [[at(15)]]
    if name == "site":
        assert world.starts(name) == [at(15)]
    else:
        [question] = world.desk.quarantines()
        assert "probably ours, twice" in question.reason
    with world.ledger.store.read() as tx:
        assert not overdue(tx)


@pytest.mark.parametrize("name", ["crm", "book", "office"])
async def test_a_new_id_before_it_lands_waits_until_a_person_can_say_whose_it_is(world: World, name: str) -> None:
    """It may be the late one, or the one that was made again: nothing is called off, and after a day a word will do."""
    await given_up(world, name, 48 * 3600)
    server, [made] = world.servers[name], world.live(name)
    del server.entries[made.id]
    server.forget_rows()
    copy = server.insert(replace(made, id=server.new_id()), by="person")
    for _ in range(3):
        await world.cycle()
    assert world.calendars() == [[at(15)]]
    [question] = world.desk.quarantines()
    assert question.remote_id == copy.id
    with pytest.raises(NotJoined, match="may still be carried out"):
        world.desk.link(f"{name}:{copy.id}", f"{name}:{made.id}")
    world.clock.forward(minutes=26 * 60)
    await world.cycle()
    world.desk.link(f"{name}:{copy.id}", f"{name}:{made.id}")
    result = await world.settle()
    assert (world.calendars(), world.desk.quarantines(), result.exit_code) == ([[at(15)]], [], 0)


@pytest.mark.parametrize("name", ["crm", "book", "office"])
async def test_called_a_new_booking_it_goes_to_everybody(world: World, name: str) -> None:
    """A person says so; nothing asks again."""
    await given_up(world, name)
    world.clock.forward(minutes=60)
    await world.cycle()
    [question] = world.desk.quarantines()
    assert question.id is not None
    world.desk.release([question.id])
    await world.settle()
    assert {row.vendor for row in world.desk.quarantines()} <= {"site"}  # whose employee has no room for two
    assert world.calendars(["crm", "book", "office"]) == [[at(15), at(15)]]


@pytest.mark.parametrize("name", ["book", "office", "site"])
async def test_a_move_that_lands_late_undoes_nothing(world: World, name: str) -> None:
    """Moved to 16:00 without an answer; somebody moves it to 17:00 elsewhere; then the first move is carried out."""
    origin = origin_for(name)
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    here = world.the("crm", entry.id, origin).id
    world.move(origin, here, at(16))
    come_late(world, name, "reschedule", 100)
    await world.cycle()
    world.move(origin, here, at(17))
    await world.cycle(minutes=0.5)
    await world.settle()
    assert world.calendars() == [[at(17)]]


@pytest.mark.parametrize("name", ["book", "office", "site"])
async def test_what_a_person_did_while_a_move_was_on_its_way_is_not_lost_to_it(world: World, name: str) -> None:
    """While the first move was on its way, somebody moved the record itself to 17:00."""
    origin = origin_for(name)
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    world.move(origin, world.the("crm", entry.id, origin).id, at(16))
    come_late(world, name, "reschedule", 60)
    await world.cycle()
    world.move(name, world.the("crm", entry.id, name).id, at(17))
    await world.cycle(minutes=0.5)
    await world.settle()
    assert_not_lost(world)


@pytest.mark.parametrize("name", ["book", "office", "site"])
async def test_an_edit_seen_right_after_a_lost_answer_outlives_the_late_move(world: World, name: str) -> None:
    """Moved to 17:00 in the second after our move got no answer; that move is carried out before the next listing."""
    origin = origin_for(name)
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    world.move(origin, world.the("crm", entry.id, origin).id, at(16))
    come_late(world, name, "reschedule", 5)
    here, written = world.the("crm", entry.id, name).id, list[str]()

    def meanwhile(request: httpx.Request) -> None:
        if request.method in ("PUT", "POST") and not written:
            written.append(str(request.url))
            world.move(name, here, at(17))

    world.wires[name].after.append(meanwhile)
    await world.cycle()
    assert written
    await world.settle()
    assert_not_lost(world)


def reviving(name: str) -> str:
    """A vendor at which people schedule again what was called off, other than this one."""
    return "site" if name == "crm" else "crm"


async def called_off_without_an_answer(world: World, name: str, seconds: int, code: int = 504) -> dict[str, str]:
    """An appointment that was called off; at one vendor that is carried out so much later. Its id at each."""
    world.enter_everywhere(at(18), OMAR)
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    ids = {each: world.the("crm", entry.id, each).id for each in ALL}
    world.call_off(reviving(name), ids[reviving(name)])
    come_late(world, name, ENDS[name], seconds, code)
    [cancelled] = steps(await world.cycle(), Action.CANCEL, name)
    assert cancelled.outcome in (Outcome.UNKNOWN, Outcome.DONE)
    return ids


@EACH_VENDOR
@pytest.mark.parametrize("code", [504, 0])
async def test_a_cancellation_that_lands_late_is_waited_for(world: World, name: str, code: int) -> None:
    """The record stands until then: that is nobody's word against it, whatever process looks."""
    await called_off_without_an_answer(world, name, 100, code)
    for _ in range(3):
        world.start_syncd()
        result = await world.cycle(minutes=0.5)
        assert sum(world.written(other) for other in others_than(name)) == 0
        assert result.conflicts == ()
    await world.settle()
    assert world.calendars() == [[at(18)]]
    assert not world.desk.quarantines()


@EACH_VENDOR
async def test_a_cancellation_that_lands_late_ends_nothing_that_stands_again(world: World, name: str) -> None:
    """Called off without an answer; somebody schedules it again elsewhere; then the first word is carried out."""
    ids = await called_off_without_an_answer(world, name, 100)
    again = reviving(name)
    world.servers[again].person_revive(ids[again])
    await world.cycle(minutes=0.5)
    await world.settle()
    assert world.calendars() == [[at(15), at(18)]]
    assert not world.desk.quarantines()


@EACH_VENDOR
async def test_what_a_person_did_while_a_cancellation_was_on_its_way_is_on_record(world: World, name: str) -> None:
    """Before it was carried out somebody moved the record to 17:00: the cancellation wins, and both are recorded."""
    ids = await called_off_without_an_answer(world, name, 60)
    world.move(name, ids[name], at(17))
    await world.cycle(minutes=0.5)
    await world.settle()
    assert world.calendars() == [[at(18)]]
    told = [conflict.explanation for result in world.results for conflict in result.conflicts]
    assert any("17:00" in explanation for explanation in told)


@EACH_VENDOR
async def test_an_edit_right_after_a_lost_answer_brings_nothing_back(world: World, name: str) -> None:
    """Moved to 17:00 in the second after our cancellation got no answer, which is carried out before the next cycle.

    Called off by then, its new time is nobody's question; where the cancellation was for the version before, it is.
    """
    world.enter_everywhere(at(18), OMAR)
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    ids, written = {each: world.the("crm", entry.id, each).id for each in ALL}, list[str]()

    def meanwhile(request: httpx.Request) -> None:
        if world.operation(name, request) == ENDS[name] and not written:
            written.append(str(request.url))
            world.move(name, ids[name], at(17))

    world.wires[name].after.append(meanwhile)
    world.call_off(reviving(name), ids[reviving(name)])
    come_late(world, name, ENDS[name], 5)
    await world.cycle()
    assert written
    await world.settle()
    assert world.calendars() == [[at(18)]]
    conflicts = [conflict for result in world.results for conflict in result.conflicts]
    assert {conflict.winner for conflict in conflicts} <= {reviving(name)}
    assert any("17:00" in conflict.explanation for conflict in conflicts) is (name == "crm")
    assert not world.desk.conflicts()


class PowerCut(BaseException):
    """The end of the process, here and now."""


@EACH_VENDOR
@pytest.mark.parametrize("seconds", [100, 48 * 3600], ids=["lands", "never lands"])
async def test_a_clock_that_is_set_back_after_a_create_makes_nothing_twice(
    world: World, name: str, seconds: int
) -> None:
    """The process ends with the request on its way, the clock is set back an hour, and another one goes on.

    By that clock the create would not have been sent yet; it waits for it all the same, and no hour longer than that.
    """
    back = timedelta(hours=1)
    world.enter_everywhere(at(18), OMAR)
    await world.cycle()
    world.enter(origin_for(name), at(15))
    come_late(world, name, "create", seconds)
    left = [PowerCut()]

    def cut(request: httpx.Request) -> None:
        if left and world.operation(name, request) == "create":
            raise left.pop()

    world.wires[name].after.append(cut)
    with pytest.raises(PowerCut):
        await world.cycle()
    world.clock.now -= back
    # What is on its way arrives when it arrives, whatever syncd's machine shows.
    world.servers[name].postponed[:] = [(when - back, call) for when, call in world.servers[name].postponed]
    world.ledger = world.desk.ledger = Ledger(world.ledger.store, world.clock, run=at_once)
    world.start_syncd()
    for _ in range(3):
        result = await world.cycle(minutes=0.5)
        assert world.sent(name)["create"] == 0
        assert result.exit_code == 3 or len(world.live(name)) == 2
    for _ in range(4):
        await world.cycle()
    assert world.calendars() == [[at(15), at(18)]]
    assert world.servers[name].counters.creates == 1
    assert (await world.settle()).exit_code == 0


def assert_not_lost(world: World) -> None:
    """The move that had not arrived and the person's are rivals; where theirs lost, that is on record."""
    [[start]] = world.calendars()
    on_record = any("17:00" in conflict.explanation for result in world.results for conflict in result.conflicts)
    assert start == at(17) or (start == at(16) and on_record)


async def test_a_cancellation_that_was_seen_before_a_later_write_explains_nothing_after_it(worlds: Worlds) -> None:
    """It could not be read back, and no listing shows it after that; looked at to be scheduled again, the record is
    cancelled. Cancelled once more, it was called off by somebody: nobody is asked, and it is called off everywhere.
    """
    world = worlds(switches={"crm": {"cancelled_listed": False}})
    world.enter_everywhere(at(18), OMAR)
    crm = world.enter_everywhere(at(15)).id
    await world.cycle()
    site = world.the("crm", crm, "site").id
    world.call_off("site", site)
    world.fault("crm", "unknown_status", "get", after=1, times=1, value="archived")
    await world.cycle()
    assert world.calendars() == [[at(18)]]
    world.servers["site"].person_revive(site)
    await world.cycle(minutes=20)
    assert world.calendars() == [[at(15), at(18)]]
    world.call_off("crm", crm)
    await world.settle()
    assert (world.calendars(), world.desk.conflicts()) == ([[at(18)]], [])

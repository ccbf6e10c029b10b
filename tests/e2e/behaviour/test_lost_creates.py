"""Creates whose answer was lost: looked for, adopted where they happened, and made exactly once in the end."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import pytest

from syncd.model.appointment import Field
from syncd.model.plan import Action, Outcome
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, HOUR, NEEDED, OMAR, World, at, origin_for, steps

AFTER: dict[str, tuple[str, dict[str, Any]]] = {
    "silence after the commit": ("hang_after", {}),
    "a reset after the commit": ("reset_after", {}),
    "broken JSON": ("truncate", {}),
}
BEFORE: dict[str, tuple[str, dict[str, Any]]] = {
    "silence": ("hang", {}),
    "a reset": ("reset", {}),
    "500": ("status", {"code": 500, "body": "<html>oops</html>"}),
    "html": ("html", {}),
}
EACH_VENDOR = pytest.mark.parametrize("name", ALL)
UNMARKED = pytest.mark.parametrize("name", ["crm", "book", "office"])


@EACH_VENDOR
@pytest.mark.parametrize("how", AFTER)
async def test_a_create_that_happened_is_adopted_and_not_doubled(world: World, name: str, how: str) -> None:
    """By looking for it before the cycle ends, or in the next one."""
    kind, arguments = AFTER[how]
    world.fault(name, kind, "create", times=1, **arguments)
    entry = world.enter(origin_for(name), at(15))
    first = await world.cycle()
    [made] = steps(first, Action.CREATE, name)
    assert made.outcome in (Outcome.DONE, Outcome.UNKNOWN)
    await world.settle()
    assert world.calendars() == [[at(15)]]
    assert world.servers[name].counters.creates == 1
    assert world.the(origin_for(name), entry.id, name).start == at(15)


@EACH_VENDOR
@pytest.mark.parametrize("status", [500, 502, 200])
async def test_a_create_that_happened_behind_an_error_page_is_adopted(world: World, name: str, status: int) -> None:
    """The vendor made it, and something between answered with a page of its own."""
    world.answer_instead(name, "create", status, "<html>Bad Gateway</html>")
    entry = world.enter(origin_for(name), at(15))
    await world.cycle()
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(15)]]
    assert world.servers[name].counters.creates == 1
    assert world.the(origin_for(name), entry.id, name).start == at(15)


@EACH_VENDOR
@pytest.mark.parametrize("how", BEFORE)
async def test_a_create_that_did_not_happen_is_made_once_later(world: World, name: str, how: str) -> None:
    """Only two complete listings show that it is not there, each begun long enough after it was sent."""
    kind, arguments = BEFORE[how]
    world.fault(name, kind, "create", times=1, **arguments)
    world.enter(origin_for(name), at(15))
    first = await world.cycle()
    [made] = steps(first, Action.CREATE, name)
    assert (made.outcome, first.exit_code) == (Outcome.UNKNOWN, 3)
    assert name in (made.error or "")
    assert world.sent(name)["create"] == 1
    early = await world.cycle(minutes=0.5)
    assert (early.exit_code, steps(early, Action.CREATE, name)) == (3, [])
    assert any("waits until" in line and "its answer was lost" in line for line in early.waiting)
    second = await world.cycle()
    assert (second.exit_code, world.sent(name)["create"]) == (3, 0)
    third = await world.cycle()
    assert (third.exit_code, world.sent(name)["create"]) == (0, 1)
    assert world.calendars() == [[at(15)]]
    assert (await world.cycle()).steps == ()


@EACH_VENDOR
async def test_a_lost_create_is_not_repeated_while_nobody_can_look(world: World, name: str) -> None:
    """The vendor falls silent altogether: as long as it cannot be listed, nothing is sent; then it is adopted."""
    world.fault(name, "hang_after", "create", times=1)
    world.between(name, "create", lambda: world.fault(name, "status", "list", "get", code=503))
    world.enter(origin_for(name), at(15))
    await world.cycle()
    for _ in range(2):
        result = await world.cycle()
        assert result.exit_code == 3
        assert world.sent(name)["create"] == 0
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(15)]]
    assert world.servers[name].counters.creates == 1


async def lost_and_moved(world: World, name: str) -> str:
    """A create that happened without anybody knowing, and that people there have moved since; its id there."""
    world.fault(name, "hang_after", "create", times=1)
    world.between(name, "create", lambda: world.fault(name, "status", "list", code=503))
    world.enter(origin_for(name), at(15))
    await world.cycle()
    world.mend()
    [made] = [one for one in world.live(name) if one.start == at(15)]
    world.move(name, made.id, at(18))
    return made.id


@pytest.mark.parametrize("name", ["site", "office"])
async def test_a_lost_create_that_carries_syncds_mark_is_known_wherever_it_was_moved(worlds: Worlds, name: str) -> None:
    """The move of the people there counts, and goes round."""
    world = worlds(options={"office": {"token_in_notes": True}})
    await lost_and_moved(world, name)
    await world.cycle()
    await world.settle()
    assert world.calendars() == [[at(18)]]
    assert world.servers[name].counters.creates == 1


def whose(world: World, origin: str) -> str:
    """The id of the appointment that starts at 15:00 there."""
    [entry] = [one for one in world.live(origin) if one.start == at(15)]
    return world.known(origin, entry.id).id


class TestMovedAndUnmarked:
    """A create that happened without anybody knowing, moved since by the people there, with no mark in it: it may be
    that one or another booking, and a person says which.
    """

    @UNMARKED
    async def test_it_is_neither_repeated_nor_taken_for_new_and_put_right_it_is_linked(
        self, world: World, name: str
    ) -> None:
        """In every cycle until then."""
        remote_id = await lost_and_moved(world, name)
        for _ in range(2):
            result = await world.cycle()
            [entry] = [entry for entry in result.quarantined if entry.remote_id == remote_id]
            assert "whose create" in entry.reason
            assert world.servers[name].counters.creates == 1
            assert {vendor: len(world.live(vendor)) for vendor in ALL} == dict.fromkeys(ALL, 1)
        world.move(name, remote_id, at(15))
        await world.cycle()
        assert (await world.settle()).exit_code == 0
        assert world.calendars() == [[at(15)]]
        assert world.desk.quarantines() == []

    @UNMARKED
    async def test_said_to_be_its_record_its_move_goes_round(self, world: World, name: str) -> None:
        """As if its answer had come."""
        remote_id = await lost_and_moved(world, name)
        await world.cycle()
        world.desk.link(f"{name}:{remote_id}", whose(world, origin_for(name)))
        await world.cycle()
        assert (await world.settle()).exit_code == 0
        assert world.calendars() == [[at(18)]]
        assert (world.servers[name].counters.creates, world.desk.counts().unsettled) == (1, 0)

    @UNMARKED
    async def test_said_to_be_another_booking_both_are_made_everywhere(self, world: World, name: str) -> None:
        """Releasing all is no such word."""
        await lost_and_moved(world, name)
        await world.cycle()
        [entry] = world.desk.quarantines()
        assert world.desk.release([]) == []
        await world.cycle()
        assert world.servers[name].counters.creates == 1
        world.desk.release([entry.id])
        for _ in range(4):
            await world.cycle()
        assert (await world.settle()).exit_code == 0
        assert world.calendars() == [[at(15), at(18)]]

    @UNMARKED
    @pytest.mark.parametrize("asked", [True, False], ids=["asked before", "asked after"])
    @pytest.mark.parametrize("ours", [True, False], ids=["ours", "another"])
    async def test_called_off_elsewhere_it_is_still_no_new_booking(
        self, world: World, name: str, asked: bool, ours: bool
    ) -> None:
        """It is neither carried on nor ended until somebody says what it is."""
        world.enter_everywhere(at(10), OMAR)
        await world.cycle()
        remote_id = await lost_and_moved(world, name)
        if asked:
            await world.cycle()
        origin = origin_for(name)
        [entry] = [one for one in world.live(origin) if one.start == at(15)]
        world.call_off(origin, entry.id)
        left = {vendor: [at(10), at(18)] if vendor == name else [at(10)] for vendor in ALL}
        for _ in range(4):
            await world.cycle()
            assert {vendor: world.starts(vendor) for vendor in ALL} == left
        [question] = world.desk.quarantines()
        assert question.remote_id == remote_id
        if ours:
            world.desk.end(question.id)
        else:
            world.desk.release([question.id])
        await world.cycle()
        assert (await world.settle()).exit_code == 0
        assert world.calendars() == [[at(10)] if ours else [at(10), at(18)]]


@UNMARKED
@pytest.mark.parametrize("apart", [True, False], ids=["one after the other", "at once"])
async def test_two_lost_creates_that_were_both_moved_are_both_waited_for(world: World, name: str, apart: bool) -> None:
    """Either record may be of either: none is made again, and each is linked once it is where it was to be."""
    world.fault(name, "hang_after", "create", times=2)
    world.between(name, "create", lambda: world.fault(name, "status", "list", code=503))
    world.enter(origin_for(name), at(15))
    world.enter(origin_for(name), at(10))
    await world.cycle()
    world.mend()
    moved = {one.id: one.start for one in world.live(name)}
    assert sorted(moved.values()) == [at(10), at(15)]
    for remote_id, start in moved.items():
        world.move(name, remote_id, at(start.hour + 3))
    for _ in range(4):
        await world.cycle()
        assert world.servers[name].counters.creates == 2
    assert {entry.remote_id for entry in world.desk.quarantines()} == moved.keys()
    for remote_id, start in moved.items():
        world.move(name, remote_id, start)
        for _ in range(2 if apart else 0):
            await world.cycle()
    await world.cycle()
    assert (await world.settle()).exit_code == 0
    assert world.calendars() == [[at(10), at(15)]]
    assert world.desk.quarantines() == []


async def test_lost_at_two_vendors_each_record_can_be_said_to_be_its_own(world: World) -> None:
    """One after the other: neither waits for the other's answer."""
    names = ("crm", "book")
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    for name in names:
        world.fault(name, "hang_after", "create", times=1)
        world.between(name, "create", partial(world.fault, name, "status", "list", code=503))
    entry = world.enter("site", at(15))
    await world.cycle()
    world.mend()
    moved = {name: one.id for name in names for one in world.live(name) if one.start == at(15)}
    for hour, (name, remote_id) in enumerate(moved.items(), start=18):
        world.move(name, remote_id, at(hour))
    for _ in range(3):
        await world.cycle()
    for name, remote_id in moved.items():
        world.desk.link(f"{name}:{remote_id}", world.known("site", entry.id).id)
        await world.cycle()
    assert (await world.settle()).exit_code == 0
    assert world.calendars() == [[at(10), at(18)]]
    assert any(conflict.field is Field.SLOT for result in world.results for conflict in result.conflicts)
    assert world.desk.counts().unsettled == 0


@UNMARKED
async def test_what_was_said_to_be_its_record_is_doubted_once_the_create_lands(world: World, name: str) -> None:
    """It was entered by hand: what is carried out late is a question, and no new booking."""
    world.fault(name, "late", "create", times=1, value=900, code=504)
    origin = origin_for(name)
    world.enter(origin, at(15))
    await world.cycle()
    world.mend()
    entered = world.enter(name, at(16))
    await world.cycle(minutes=0.5)
    world.desk.link(f"{name}:{entered.id}", whose(world, origin))
    for _ in range(3):
        await world.cycle()
    assert world.calendars() == [[at(16)]]
    world.clock.forward(minutes=20)
    world.servers[name].catch_up()
    for _ in range(3):
        await world.cycle()
    assert {vendor: world.starts(vendor) for vendor in ALL if vendor != name} == {
        vendor: [at(16)] for vendor in ALL if vendor != name
    }
    [question] = world.desk.quarantines()
    assert "probably ours, twice" in question.reason


@UNMARKED
@pytest.mark.parametrize("off", [True, False], ids=["called off", "standing"])
@pytest.mark.parametrize("damaged", [True, False], ids=["damaged", "not read by id"])
async def test_what_is_asked_outlives_rows_that_cannot_be_read(
    world: World, name: str, off: bool, damaged: bool
) -> None:
    """Nothing is made in its place, and it is carried on nowhere, however long that lasts."""
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    remote_id = await lost_and_moved(world, name)
    await world.cycle()
    origin = origin_for(name)
    if off:
        world.call_off(origin, *(one.id for one in world.live(origin) if one.start == at(15)))
        for _ in range(4):
            await world.cycle()
    left = {vendor: world.starts(vendor) for vendor in ALL}
    if damaged:
        world.fault(name, "bad_value", "list", "get", field=NEEDED[name], body="soon", record=remote_id)
    else:
        world.fault(name, "status", "get", code=500)
    for _ in range(4):
        await world.cycle(minutes=30)
        assert {vendor: world.starts(vendor) for vendor in ALL} == left
    world.mend()
    for _ in range(3):
        await world.cycle()
        assert {vendor: world.starts(vendor) for vendor in ALL} == left
    [entry] = world.desk.quarantines()
    assert (entry.remote_id, entry.asks) == (remote_id, True)


@UNMARKED
@pytest.mark.parametrize("to", [at(18, day=19), at(18) + 500 * HOUR * 24], ids=["before the window", "beyond it"])
async def test_moved_out_of_the_window_it_is_still_asked_about(world: World, name: str, to: datetime) -> None:
    """Nothing is made again at its old time, with a damaged row on the way or without."""
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    remote_id = await lost_and_moved(world, name)
    await world.cycle()
    world.fault(name, "bad_value", "list", "get", field=NEEDED[name], body="soon", record=remote_id)
    await world.cycle()
    world.mend()
    world.move(name, remote_id, to)
    for _ in range(4):
        await world.cycle()
        assert world.servers[name].counters.creates == 1
    [entry] = world.desk.quarantines()
    assert entry.remote_id == remote_id


async def test_cancelled_and_not_listed_any_more_it_is_still_asked_about(world: World) -> None:
    """What people cancelled there is not made again at its old time."""
    world.servers["crm"].set_behaviour(cancelled_listed=False)
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    remote_id = await lost_and_moved(world, "crm")
    await world.cycle()
    world.call_off("crm", remote_id)
    for _ in range(4):
        await world.cycle()
        assert world.starts("crm") == [at(10)]
    [entry] = world.desk.quarantines()
    world.desk.release([entry.id])
    for _ in range(4):
        await world.cycle()
    assert world.calendars() == [[at(10), at(15)]]


@UNMARKED
async def test_what_one_lost_create_made_is_not_kept_from_it_by_another_of_that_client(world: World, name: str) -> None:
    """The first never happened, and the second did: that one is linked, and the first is made again."""
    world.fault(name, "hang", "create", times=1)
    world.between(name, "create", lambda: world.fault(name, "status", "list", code=503))
    world.enter(origin_for(name), at(10))
    await world.cycle()
    world.mend()
    world.fault(name, "hang_after", "create", times=1)
    world.between(name, "create", lambda: world.fault(name, "status", "list", code=503))
    world.enter(origin_for(name), at(15))
    await world.cycle(minutes=0.5)
    world.mend()
    for _ in range(4):
        await world.cycle()
    assert (await world.settle()).exit_code == 0
    assert world.calendars() == [[at(10), at(15)]]
    assert world.desk.quarantines() == []


@EACH_VENDOR
async def test_a_lost_create_of_something_called_off_meanwhile_leaves_nothing(world: World, name: str) -> None:
    """It is found, and cancelled like the others."""
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    world.fault(name, "hang_after", "create", times=1)
    world.between(name, "create", lambda: world.fault(name, "status", "list", code=503))
    entry = world.enter(origin_for(name), at(15))
    await world.cycle()
    world.mend()
    world.call_off(origin_for(name), entry.id)
    await world.settle()
    assert world.calendars() == [[at(10)]]


@EACH_VENDOR
@pytest.mark.parametrize("kind", ["hang_after", "hang", "html"])
@pytest.mark.parametrize("what", ["reschedule", "cancel"])
async def test_a_lost_change_is_settled_by_looking(world: World, name: str, kind: str, what: str) -> None:
    """Done or not: the record itself tells, and it is not mistaken for somebody's own edit."""
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    origin = origin_for(name)
    world.fault(name, kind, *(("cancel", "delete") if what == "cancel" else (what,)), times=1)
    here = world.the("crm", entry.id, origin).id
    if what == "cancel":
        world.call_off(origin, here)
    else:
        world.move(origin, here, at(17))
    result = await world.cycle()
    assert result.conflicts == ()
    await world.settle()
    assert all(not earlier.conflicts for earlier in world.results)
    expected = [at(10)] if what == "cancel" else [at(10), at(17)]
    assert {vendor: world.starts(vendor) for vendor in ALL} == dict.fromkeys(ALL, expected)


async def test_a_lost_create_among_twins_is_not_guessed(worlds: Worlds) -> None:
    """Two equal appointments, one of the creates lost: in the end there are two everywhere, never three."""
    world = worlds()
    for _ in range(2):
        world.enter("office", at(15), OMAR, notes="Family of four")
    world.fault("book", "hang_after", "create", times=1)
    await world.cycle()
    await world.settle()
    assert {vendor: len(world.live(vendor)) for vendor in ALL if vendor != "site"} == {"crm": 2, "book": 2, "office": 2}


@EACH_VENDOR
async def test_a_record_that_could_not_be_read_back_has_only_what_its_vendor_was_given(world: World, name: str) -> None:
    """What it turns out to lack when somebody changes it was never there, and is taken from nobody else."""
    origin = origin_for(name)
    world.servers["crm"].set_behaviour(attendees_in_get=True)  # its reference shows no notes by id
    entry = world.enter(origin, at(15), notes="Ring twice")
    world.fault(name, "html", "get", times=9)
    await world.cycle()
    world.mend()
    [made] = world.live(name)
    world.move(name, made.id, at(18))
    await world.settle()
    assert world.calendars() == [[at(18)]]
    shown = {other: world.the(origin, entry.id, other).notes for other in ALL if other not in (name, origin, "crm")}
    assert all(notes.startswith("Ring twice") for notes in shown.values()), shown
    assert world.servers[origin].entries[entry.id].notes.startswith("Ring twice")


@EACH_VENDOR
@pytest.mark.parametrize("how", [*AFTER, *BEFORE])
async def test_a_lost_create_is_settled_in_the_end(world: World, name: str, how: str) -> None:
    """Adopted or made anew: nothing is left unsettled in the journal, that a later record could be taken for."""
    kind, arguments = {**AFTER, **BEFORE}[how]
    world.fault(name, kind, "create", times=1, **arguments)
    world.enter(origin_for(name), at(15))
    await world.cycle()
    await world.settle()
    assert world.desk.counts().unsettled == 0


@pytest.mark.parametrize("name", ALL)
async def test_a_record_that_nothing_ever_showed_is_not_taken_for_deleted(world: World, name: str) -> None:
    """Its create was answered, reading it failed, and then it is not there: the others stand until somebody says so.

    A person may have deleted it, or the vendor never kept it: nobody can tell.
    """
    origin = next(vendor for vendor in ALL if vendor != name)
    entry = world.enter(origin, at(15))
    world.enter_everywhere(at(10), OMAR)
    world.fault(name, "status", "get", code=500)
    await world.cycle()
    world.mend(name)
    made = world.the(origin, entry.id, name)
    confirmed = not world.known(name, made.id).at(name).unconfirmed  # type: ignore[union-attr]
    world.servers[name].remove(made.id)
    result = await world.cycle()
    others = [vendor for vendor in ALL if vendor != name]
    assert name != "crm" or not confirmed
    if confirmed:  # its answer showed the record itself
        assert world.calendars(others) == [[at(10)]]
        return
    held = [step.operation for step in steps(result) if step.outcome is Outcome.HELD]
    assert {one.vendor for one in held if one.action is Action.CANCEL} == set(others)
    assert all("nothing has shown it since syncd made it" in str(step.error) for step in steps(result))
    assert world.calendars(others) == [[at(10), at(15)]]
    assert steps(await world.cycle())
    assert world.calendars(others) == [[at(10), at(15)]]
    world.desk.approve([])
    await world.cycle()
    assert world.calendars(others) == [[at(10)]]

"""What has been over for long enough is forgotten, and nothing comes of that: no record is made or
moved for it.
"""

from __future__ import annotations

import random
import tempfile
from collections import abc
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import syncd_state
from syncd.engine.store.ledger import Ledger
from syncd.engine.store.thread import at_once
from syncd.model.plan import Action
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, ANA, JANE, NOW, OMAR, World, at, steps

DAY = 24 * 60
"""Minutes."""
WEEK = timedelta(days=8)
"""The shortest `keep` with the default window."""


def keeping(world: World, keep: timedelta = WEEK) -> World:
    """What is over is forgotten after that time."""
    world.engine.rules = replace(world.engine.rules, keep=keep)
    return world


def held(world: World) -> tuple[int, int]:
    """How many appointments and mappings the store has."""
    with world.ledger.store.read() as tx:
        found = tx.counts()
    return found.appointments, found.mappings


async def quiet(world: World, *, minutes: float = 2) -> None:
    """A cycle that does nothing."""
    result = await world.cycle(minutes=minutes)
    assert (result.exit_code, steps(result)) == (0, [])


async def test_an_appointment_goes_when_it_has_been_over_for_so_long(world: World) -> None:
    """With its records, operations and conflicts; what is not over stays, and the vendors keep
    theirs.
    """
    keeping(world)
    entry = world.enter("crm", at(15))
    later = world.enter("crm", at(10, day=27), OMAR)
    await world.settle()
    world.move("office", world.the("crm", entry.id, "office").id, at(16))
    await world.settle()
    assert held(world) == (2, 8)
    before = {name: dict(world.servers[name].entries) for name in ALL}
    await quiet(world, minutes=10 * DAY)  # 30 October
    assert held(world) == (2, 8)
    await quiet(world, minutes=1.5 * DAY)
    assert held(world) == (1, 4)
    assert world.known("crm", later.id).agreed.slot.start == at(10, day=27)
    with world.ledger.store.read() as tx:
        assert tx._tuples("SELECT appointment_id FROM journal") == []  # as old as that, the later one's too
    for _ in range(3):
        await quiet(world)
    assert {name: dict(world.servers[name].entries) for name in ALL} == before


async def test_a_dry_run_forgets_nothing(world: World) -> None:
    """It writes nothing anywhere; the next cycle forgets."""
    world.enter_everywhere(at(15))
    await world.cycle()
    keeping(world)
    await world.cycle(minutes=12 * DAY, dry_run=True)
    assert held(world) == (1, 4)
    await quiet(world)
    assert held(world) == (0, 0)


async def test_what_was_forgotten_is_no_news_to_a_new_process(world: World) -> None:
    """Also at a vendor that lists whatever it has, from the first appointment on."""
    keeping(world)
    world.enter_everywhere(at(15))
    world.enter_everywhere(at(15, day=20, month=11), OMAR)
    await world.cycle()
    await quiet(world, minutes=12 * DAY)
    assert held(world)[0] == 1
    world.start_syncd()
    for _ in range(2):
        await quiet(world)
    assert held(world)[0] == 1


@pytest.mark.parametrize("origin", ALL)
async def test_a_record_of_long_ago_that_is_moved_to_come_is_the_same(world: World, origin: str) -> None:
    """Its id is known as long as it is kept, although no cycle reads what lies before the window."""
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    await quiet(world, minutes=40 * DAY)  # 29 November
    back = at(11, day=10, month=12)
    world.move(origin, world.the("crm", entry.id, origin).id, back)
    moved = await world.cycle()
    assert {step.operation.action for step in steps(moved)} == {Action.RESCHEDULE}
    await world.settle()
    assert world.calendars() == [[back]]
    assert held(world) == (1, 4)


async def test_a_slip_of_the_year_is_mended_after_weeks(world: World) -> None:
    """What was moved so far back that it counts as over at once is kept, as somebody may move it
    forward again.
    """
    keeping(world)
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    world.move("crm", entry.id, at(15, year=2025))
    await world.settle()
    assert world.calendars() == [[at(15, year=2025)]]
    assert held(world) == (1, 4)
    await quiet(world, minutes=5 * DAY)
    world.move("crm", entry.id, at(15, day=30))
    await world.settle()
    assert world.calendars() == [[at(15, day=30)]]
    assert held(world) == (1, 4)


async def test_what_waits_for_a_person_waits_on(worlds: Worlds) -> None:
    """An open conflict about an appointment that is long over, and what it is about."""
    world = keeping(worlds(sync={"conflict": "manual"}))
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    world.move("crm", entry.id, at(16))
    world.move("office", world.the("crm", entry.id, "office").id, at(17))
    await world.cycle()
    [waiting] = world.desk.conflicts()
    await world.cycle(minutes=30 * DAY)
    assert [one.id for one in world.desk.conflicts()] == [waiting.id]
    assert world.known("crm", entry.id).id == waiting.appointment
    world.desk.resolve(waiting.id, "crm")
    await world.settle()
    assert world.calendars() == [[at(16)]]


async def test_a_create_without_an_answer_keeps_its_appointment(world: World) -> None:
    """Until it is known what became of it; the vendor that was asked is not read all the time."""
    keeping(world)
    world.enter("crm", at(15), OMAR)
    await world.settle()
    entry = world.enter("crm", at(11), JANE)
    world.fault("site", "reset_after", "create")
    world.between("site", "create", lambda: world.fault("site", "status", "list", code=503))
    await world.cycle()
    await world.cycle(minutes=30 * DAY)
    assert world.known("crm", entry.id).unsettled
    assert held(world)[0] == 1
    world.mend()
    await world.settle()
    assert sum(one.start == at(11) for one in world.live("site")) == 1


@pytest.mark.parametrize("confirmed", [True, False], ids=["the vendors agree", "no vendor agrees"])
async def test_a_clock_that_runs_years_ahead_makes_nothing_look_over(world: World, confirmed: bool) -> None:
    """A process forgets only by a clock with which a vendor's agrees."""
    world.enter_everywhere(at(15))
    await world.cycle()
    for server in world.servers.values():
        ahead = timedelta(0 if confirmed else 3 * 365)
        server.clock = lambda ahead=ahead: world.clock() - ahead  # type: ignore[misc]
    world.clock.forward(minutes=3 * 365 * DAY)
    world.start_syncd()
    await world.cycle()
    assert held(world) == ((0, 0) if confirmed else (1, 4))


async def test_forgetting_is_done_in_small_steps(worlds: Worlds) -> None:
    """Each takes fifty appointments at most in a transaction of its own, and one cycle several of them."""
    world = worlds(names=("crm", "office"))
    commits = list[int]()
    store = syncd_state.open_store("sqlite://", after_commit=lambda: commits.append(1))
    world.ledger = Ledger(store, world.clock, run=at_once)
    world.start_syncd(guard={"max_changes": {"count": 999, "percent": 100}})
    for number in range(120):
        world.enter("crm", at(8) + number * timedelta(minutes=5), minutes=5)
    await world.settle()
    commits.clear()
    await quiet(world, minutes=12 * DAY)
    idle = len(commits)
    keeping(world)
    commits.clear()
    await quiet(world)
    assert len(commits) == idle + 3
    assert held(world) == (0, 0)


# -- a world that forgets does what one does that keeps everything ------------------------------------------------

CLIENTS = (JANE, OMAR, ANA)
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["enter", "move", "call off", "wait", "wait", "wait long"]),
        st.integers(0, 5),
        st.integers(0, 2**16),
    ),
    min_size=6,
    max_size=14,
)


async def played(
    folder: Path, script: abc.Sequence[tuple[str, int, int]], keep: timedelta
) -> list[list[list[datetime]]]:
    """The calendars of two vendors after each step of people, with syncd between them."""
    world = keeping(World(folder, names=("crm", "office")), keep)
    seen, made = [], 0
    for act, days, number in script:
        rng = random.Random(number)
        name = rng.choice(["crm", "office"])
        now = world.clock()
        recent = [one for one in world.live(name) if one.start > now - timedelta(days=6)]
        start = NOW.replace(minute=0) + (now.date() - NOW.date()) + timedelta(days=days, hours=made % 9 - 1)
        if act == "enter":
            made += 1
            world.enter(name, start, rng.choice(CLIENTS))
        elif act == "move" and recent:
            made += 1
            world.move(name, rng.choice(recent).id, start)
        elif act == "call off" and recent:
            world.call_off(name, rng.choice(recent).id)
        elif act.startswith("wait"):
            world.clock.forward(minutes=days * DAY * (4 if act == "wait long" else 1))
        await world.cycle()
        await world.cycle()
        seen.append([world.starts("crm"), world.starts("office")])
    world.ledger.store.close()
    return seen


@given(script=MOVES)
@settings(max_examples=25)
async def test_forgetting_changes_nothing_at_any_vendor(script: list[tuple[str, int, int]]) -> None:
    """People enter, move and call off what is recent, and days go by: with or without a memory of
    the past.
    """
    with tempfile.TemporaryDirectory() as folder:
        forgetful = await played(Path(folder), script, WEEK)
        mindful = await played(Path(folder), script, timedelta(days=4000))
    assert forgetful == mindful

"""The guard: what looks like an accident waits for an operator, and one approval releases exactly that."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.engine.store.refusals import NotFound
from syncd.model.plan import Action, Outcome
from syncd.sandbox.frame.records import Person
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, World, at, of, steps

MANY, MOST = 16, 12
"""How many appointments there are at each vendor, and how many of them are called off at once."""


def calendar(world: World, count: int) -> list[str]:
    """So many appointments at every vendor, an hour apart on several days; the ids of the first vendor's records."""
    people = [Person(f"Client{n}", f"Number{n}", f"client{n}@example.com", f"21255502{n:02}") for n in range(count)]
    first = at(8, day=2, month=11)
    return [world.enter_everywhere(first + timedelta(days=n // 8, hours=n % 8), people[n]).id for n in range(count)]


@pytest.fixture
def many(worlds: Worlds) -> tuple[World, list[str]]:
    """Sixteen appointments at each vendor."""
    world = worlds()
    return world, calendar(world, MANY)


@pytest.mark.parametrize("emptied", ALL)
async def test_a_calendar_that_is_suddenly_empty_cancels_nothing(many: tuple[World, list[str]], emptied: str) -> None:
    """A well-formed empty listing with 200: everything is held, nothing asked for, and it goes by when it was one."""
    world, _ = many
    await world.cycle()
    world.fault(emptied, "empty_list")
    result = await world.cycle()
    assert result.exit_code == 4
    assert {step.outcome for step in steps(result)} == {Outcome.HELD}
    assert {step.operation.vendor for step in steps(result)} == set(ALL) - {emptied}
    assert all(emptied in (step.error or "") and "approve" in (step.error or "") for step in steps(result))
    assert {name: len(world.live(name)) for name in ALL} == dict.fromkeys(ALL, MANY)
    assert world.sent(emptied)["get"] == 0
    world.mend()
    back = await world.settle()
    assert back.exit_code == 0
    assert {name: len(world.live(name)) for name in ALL} == dict.fromkeys(ALL, MANY)
    assert world.desk.held() == []


@pytest.mark.parametrize("origin", ALL)
async def test_a_mass_cancellation_is_held_until_it_is_approved(many: tuple[World, list[str]], origin: str) -> None:
    """Most records called off, or deleted, at one vendor at once."""
    world, ids = many
    await world.cycle()
    for remote_id in ids[:MOST]:
        world.call_off(origin, world.the("crm", remote_id, origin).id)
    others = [name for name in ALL if name != origin]
    result = await world.cycle()
    assert result.exit_code == 4
    assert {step.outcome for step in steps(result)} == {Outcome.HELD}
    assert {len(world.live(name)) for name in others} == {MANY}
    released = world.desk.approve([])
    assert len(released) == len(steps(result))
    carried_out = await world.cycle()
    assert {step.outcome for step in steps(carried_out)} <= {Outcome.DONE}
    settled = await world.settle()
    assert settled.exit_code == 0
    assert {name: len(world.live(name)) for name in ALL} == dict.fromkeys(ALL, MANY - MOST)
    assert world.desk.held() == []


async def test_an_approved_mass_deletion_asks_for_each_record_first(many: tuple[World, list[str]]) -> None:
    """An approval is no evidence: what the vendor still has is not cancelled elsewhere."""
    world, _ = many
    await world.cycle()
    world.fault("office", "empty_list", times=2)
    await world.cycle()
    world.desk.approve([])
    result = await world.cycle()
    assert world.sent("office")["get"] >= MANY
    assert steps(result, Action.CANCEL) == []
    assert (await world.settle()).exit_code == 0
    assert {name: len(world.live(name)) for name in ALL} == dict.fromkeys(ALL, MANY)


async def test_an_approval_releases_only_what_it_names(many: tuple[World, list[str]]) -> None:
    """Of many held cancellations the one that the operator chose, by its id."""
    world, ids = many
    await world.cycle()
    for remote_id in ids[:MOST]:
        world.call_off("crm", remote_id)
    held = steps(await world.cycle())
    chosen = next(step for step in held if step.operation.vendor == "book")
    assert world.desk.approve([chosen.operation.id[:12]]) == [chosen.operation.id]
    result = await world.cycle()
    assert result.exit_code == 4
    [done] = [step for step in steps(result) if step.outcome is Outcome.DONE]
    assert done.operation.id == chosen.operation.id
    assert len(world.live("book")) == MANY - 1
    assert len(world.live("site")) == MANY
    with pytest.raises(NotFound):
        world.desk.approve(["nothing"])


async def test_too_many_moves_at_once_are_held(many: tuple[World, list[str]]) -> None:
    """Half of it by half an hour, half by an hour: it is held at each vendor that would be written."""
    world, ids = many
    await world.cycle()
    for number, remote_id in enumerate(ids):
        entry = world.servers["crm"].entries[remote_id]
        world.move("crm", remote_id, entry.start + timedelta(minutes=30 + 30 * (number % 2)))
    before = {name: world.starts(name) for name in ALL if name != "crm"}
    result = await world.cycle()
    assert result.exit_code == 4
    assert len(steps(result, Action.RESCHEDULE)) == 3 * MANY
    assert {name: world.starts(name) for name in before} == before
    world.desk.approve([])
    done = await world.cycle()
    assert done.exit_code == 0
    assert len({tuple(world.starts(name)) for name in ALL}) == 1


async def test_what_is_not_suspicious_goes_on_while_the_rest_is_held(many: tuple[World, list[str]]) -> None:
    """A new appointment, and a few edits."""
    world, ids = many
    await world.cycle()
    for remote_id in ids[:MOST]:
        world.call_off("crm", remote_id)
    new = world.enter("office", at(15, day=20, month=11))
    world.move("site", world.the("crm", ids[MOST + 2], "site").id, at(19, day=21, month=11))
    result = await world.cycle()
    assert result.exit_code == 4
    assert world.the("office", new.id, "book").start == new.start
    assert at(19, day=21, month=11) in world.starts("book")
    assert len(world.live("book")) == MANY + 1


async def test_the_limits_are_the_operators(worlds: Worlds) -> None:
    """`max_cancels` with a lower count and percentage holds what the default lets go; what is held stays so."""
    world = worlds(guard={"max_cancels": {"count": 2, "percent": 10}})
    ids = calendar(world, 8)
    await world.cycle()
    for remote_id in ids[:3]:
        world.call_off("crm", remote_id)
    result = await world.cycle()
    assert (result.exit_code, len(steps(result))) == (4, 9)
    world.start_syncd(guard={"max_cancels": {"count": 3, "percent": 10}})
    assert (await world.cycle()).exit_code == 4
    world.desk.approve([])
    assert (await world.cycle()).exit_code == 0
    assert {name: len(world.live(name)) for name in ALL} == dict.fromkeys(ALL, 5)


async def test_a_failed_vendor_goes_before_what_is_held(many: tuple[World, list[str]]) -> None:
    """Exit 3, and the report still shows what waits for approval."""
    world, ids = many
    await world.cycle()
    for remote_id in ids[:MOST]:
        world.call_off("crm", remote_id)
    world.wires["site"].cut = True
    result = await world.cycle()
    assert result.exit_code == 3
    assert of(result, "site").snapshot == "failed"
    assert len([step for step in steps(result) if step.outcome is Outcome.HELD]) >= 2 * MOST


@pytest.mark.parametrize("emptied", ALL)
async def test_a_small_calendar_that_is_suddenly_empty_cancels_nothing_either(world: World, emptied: str) -> None:
    """Too few for the guard's limits, and yet all of them: held, and not even asked for one by one."""
    calendar(world, 3)
    await world.cycle()
    world.fault(emptied, "empty_list")
    result = await world.cycle()
    assert {step.outcome for step in steps(result)} == {Outcome.HELD}
    assert world.sent(emptied)["get"] == 0
    assert {name: len(world.live(name)) for name in ALL} == dict.fromkeys(ALL, 3)


async def test_a_cancellation_in_the_middle_of_a_cycle_is_held_as_any_other(worlds: Worlds) -> None:
    """Called off at the CRM right before a move is written there: it goes nowhere until somebody approves it."""
    world = worlds(guard={"max_cancels": {"count": 0, "percent": 0}})
    remote_id, other = calendar(world, 2)
    await world.cycle()
    world.move("office", world.the("crm", remote_id, "office").id, at(20, day=2, month=11))
    world.between("crm", "get", lambda: world.call_off("crm", remote_id))
    standing = {"crm": 1, "book": 2, "office": 2, "site": 2}
    await world.cycle()
    assert {name: len(world.live(name)) for name in ALL} == standing
    held = await world.cycle()
    assert {name: len(world.live(name)) for name in ALL} == standing
    assert held.exit_code == 4
    assert {step.operation.vendor: step.outcome for step in steps(held)} == dict.fromkeys(
        ["book", "office", "site"], Outcome.HELD
    )
    world.desk.approve([])
    assert (await world.cycle()).exit_code == 0
    assert world.calendars() == [[world.servers["crm"].entries[other].start]]

"""Edits at several vendors between two cycles: each counts, and where two cannot both, a rule decides and says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

import syncd_state
from syncd.engine.store.refusals import NotFound
from syncd.model.plan import Action
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, OMAR, World, at, outcomes, steps

PAIRS = [("crm", "book"), ("office", "site"), ("book", "office"), ("site", "crm")]


async def one_everywhere(world: World) -> dict[str, str]:
    """One appointment at every vendor; its id at each. Another one keeps their calendars from being empty."""
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    assert (await world.cycle()).exit_code == 0
    return {name: world.the("crm", entry.id, name).id for name in ALL}


def moved_at(world: World, ids: dict[str, str], first: str, then: str, apart: timedelta = timedelta(0)) -> None:
    """`first` moves it to 16:00, then `then` to 18:00; half an hour has passed since the last cycle."""
    world.clock.forward(minutes=30)
    world.move(first, ids[first], at(16))
    world.clock.now += apart
    world.move(then, ids[then], at(18))


def everywhere(world: World) -> set[tuple[datetime, ...]]:
    """The different calendars that the vendors have, without the other appointment."""
    return {tuple(start for start in world.starts(name) if start != at(10)) for name in world.servers}


@pytest.mark.parametrize(("one", "other"), [("book", "office"), ("office", "book"), ("site", "book"), ("crm", "site")])
async def test_edits_of_different_fields_both_survive(world: World, one: str, other: str) -> None:
    """A move here and a note there: no conflict, and both are everywhere that they can be held."""
    ids = await one_everywhere(world)
    world.move(one, ids[one], at(17))
    world.servers[other].person_edit(ids[other], notes="Bring the plans")
    result = await world.cycle()
    assert result.conflicts == ()
    await world.settle()
    assert everywhere(world) == {(at(17),)}
    for name in ("book", "office", "site"):
        assert world.servers[name].entries[ids[name]].notes.startswith("Bring the plans")


@pytest.mark.parametrize("origin", ["book", "office", "site"])
async def test_a_note_is_changed_and_erased_everywhere(world: World, origin: str) -> None:
    """Whether the vendor shows an empty one or leaves it out, as long as another row shows that there are notes."""
    world.enter("office", at(19), OMAR, notes="Another one's")
    ids = await one_everywhere(world)
    for text in ("Bring the plans", "Bring the keys", ""):
        world.servers[origin].person_edit(ids[origin], notes=text)
        await world.cycle()
        notes = {name: world.servers[name].entries[ids[name]].notes for name in ("book", "office", "site")}
        assert notes == dict.fromkeys(notes, text)
        assert (await world.cycle()).steps == ()


async def test_the_same_change_at_two_vendors_is_agreement(world: World) -> None:
    """No conflict, and only the others are written."""
    ids = await one_everywhere(world)
    world.move("crm", ids["crm"], at(17))
    world.move("site", ids["site"], at(17))
    result = await world.cycle()
    assert result.conflicts == ()
    assert set(outcomes(result)) == {"book", "office"}
    assert everywhere(world) == {(at(17),)}


@pytest.mark.parametrize("skew", [timedelta(0), timedelta(minutes=10), -timedelta(minutes=10)])
@pytest.mark.parametrize("later", ["crm", "office"])
async def test_the_newest_change_wins_by_modification_times(worlds: Worlds, later: str, skew: timedelta) -> None:
    """Whatever the two vendors' own clocks say: they are read by their Date headers. The listing shows the times."""
    world = worlds(switches={"crm": {"list_rows": "full", "get_rows": "full"}})
    world.servers["office"].skew = skew
    ids = await one_everywhere(world)
    earlier = "office" if later == "crm" else "crm"
    moved_at(world, ids, earlier, later, apart=timedelta(minutes=1))
    result = await world.cycle()
    [conflict] = result.conflicts
    assert (conflict.winner, conflict.rule) == (later, "newest")
    assert {name: value.start for name, value in conflict.values.items()} == {earlier: at(16), later: at(18)}
    await world.settle()
    assert everywhere(world) == {(at(18),)}


@pytest.mark.parametrize(("first", "then"), PAIRS)
async def test_where_nobody_can_tell_which_is_newer_priority_decides(world: World, first: str, then: str) -> None:
    """Between two listings anything may have come first: the vendor that is named first wins, as the report says."""
    ids = await one_everywhere(world)
    moved_at(world, ids, first, then)
    result = await world.cycle()
    [conflict] = result.conflicts
    assert set(conflict.values) == {first, then}
    if conflict.rule == "priority":
        assert conflict.winner == min(first, then, key=ALL.index)
    assert conflict.winner is not None
    assert conflict.winner in conflict.explanation
    await world.settle()
    assert everywhere(world) == {(conflict.values[conflict.winner].start,)}


@pytest.mark.parametrize("seen", [True, False])
async def test_a_listing_in_which_a_row_could_not_be_read_is_no_look_at_it(worlds: Worlds, seen: bool) -> None:
    """Moved at the site, and then at the CRM: that its row could be read only later makes the site's move no newer."""
    world = worlds(switches={"crm": {"list_rows": "full", "get_rows": "full"}})
    ids = await one_everywhere(world)
    if not seen:
        world.fault("site", "bad_value", "list", "get", field="bookingStart", value="soon", record=ids["site"])
    moved_at(world, ids, "site", "crm", apart=timedelta(minutes=1))
    conflicts = (await world.cycle()).conflicts
    world.mend()
    conflicts += (await world.cycle()).conflicts
    [conflict] = conflicts
    assert (conflict.winner, conflict.rule) == ("crm", "priority")
    assert {name: value.start for name, value in conflict.values.items()} == {"site": at(16), "crm": at(18)}
    await world.settle()
    assert everywhere(world) == {(at(18),)}


@pytest.mark.parametrize(("first", "then"), PAIRS)
async def test_priority_decides_whatever_is_newer(worlds: Worlds, first: str, then: str) -> None:
    """`conflict = "priority"` with an order of the operator's own."""
    order = ["site", "office", "book", "crm"]
    world = worlds(sync={"conflict": "priority", "priority": order})
    ids = await one_everywhere(world)
    moved_at(world, ids, first, then, apart=timedelta(minutes=1))
    [conflict] = (await world.cycle()).conflicts
    winner = min(first, then, key=order.index)
    assert (conflict.winner, conflict.rule) == (winner, "priority")
    await world.settle()
    assert everywhere(world) == {(conflict.values[winner].start,)}


@pytest.mark.parametrize(("first", "then"), PAIRS)
async def test_a_manual_conflict_waits_for_a_person(worlds: Worlds, first: str, then: str) -> None:
    """Nothing is written for that field, other fields go on, and a decision is carried out everywhere."""
    world = worlds(sync={"conflict": "manual"})
    ids = await one_everywhere(world)
    moved_at(world, ids, first, then)
    result = await world.cycle()
    [conflict] = result.conflicts
    assert (conflict.winner, conflict.rule) == (None, "manual")
    assert steps(result) == []
    world.servers["office"].person_edit(ids["office"], notes="Meanwhile")
    await world.cycle()
    assert world.servers["book"].entries[ids["book"]].notes == "Meanwhile"
    assert world.servers[first].entries[ids[first]].start == at(16)
    assert world.servers[then].entries[ids[then]].start == at(18)
    [waiting] = world.desk.conflicts()
    assert waiting.id is not None
    world.desk.resolve(waiting.id, then)
    await world.cycle()
    assert (await world.settle()).exit_code == 0
    assert everywhere(world) == {(at(18),)}
    assert world.desk.conflicts() == []


@pytest.mark.parametrize(("first", "then"), PAIRS)
async def test_a_manual_conflict_is_of_the_values_that_the_vendors_have_now(
    worlds: Worlds, first: str, then: str
) -> None:
    """Moved once more while it waits, it is decided as it is then; the earlier values stay on record, closed."""
    world = worlds(sync={"conflict": "manual"})
    ids = await one_everywhere(world)
    moved_at(world, ids, first, then)
    await world.cycle()
    [before] = world.desk.conflicts()
    world.clock.forward(minutes=5)
    world.move(then, ids[then], at(19))
    await world.cycle()
    [waiting] = world.desk.conflicts()
    assert before.id is not None
    assert waiting.id not in (None, before.id)
    with pytest.raises(NotFound):
        world.desk.resolve(before.id, first)
    assert waiting.id is not None
    world.desk.resolve(waiting.id, first)
    await world.cycle()
    assert (await world.settle()).exit_code == 0
    assert everywhere(world) == {(at(16),)}
    assert world.desk.conflicts() == []


@pytest.mark.parametrize(("first", "then"), PAIRS)
async def test_a_manual_conflict_that_people_end_themselves_waits_no_longer(
    worlds: Worlds, first: str, then: str
) -> None:
    """Both moved it to one time in the end; the next clash of the same two times is asked about again."""
    world = worlds(sync={"conflict": "manual"})
    ids = await one_everywhere(world)
    for _ in range(2):
        moved_at(world, ids, first, then)
        await world.cycle()
        assert len(world.desk.conflicts()) == 1
        world.clock.forward(minutes=5)
        world.move(then, ids[then], at(16))
        await world.settle()
        assert everywhere(world) == {(at(16),)}
        assert world.desk.conflicts() == []
        world.clock.forward(minutes=5)
        world.move(first, ids[first], at(14))
        await world.settle()
        assert everywhere(world) == {(at(14),)}


@pytest.mark.parametrize(("first", "then"), PAIRS)
async def test_a_manual_conflict_waits_while_one_of_its_vendors_is_away(worlds: Worlds, first: str, then: str) -> None:
    """Nothing is written for that field, and the conflict is open still."""
    world = worlds(sync={"conflict": "manual"})
    ids = await one_everywhere(world)
    moved_at(world, ids, first, then)
    await world.cycle()
    [before] = world.desk.conflicts()
    world.fault(first, "status", "list", code=503)
    assert steps(await world.cycle()) == []
    assert world.desk.conflicts() == [before]
    world.servers[first].faults.clear()
    await world.cycle()
    assert [row.id for row in world.desk.conflicts()] == [before.id]


async def test_a_deletion_that_is_in_doubt_against_a_change_is_asked_about(worlds: Worlds) -> None:
    """The guard does not believe that it is gone, and a person would have to decide: the operator hears of it."""
    world = worlds(sync={"conflict": "manual", "cancel_wins": False}, guard={"max_cancels": {"count": 0, "percent": 0}})
    ids = await one_everywhere(world)
    world.clock.forward(minutes=30)
    world.call_off("office", ids["office"])
    world.servers["site"].person_edit(ids["site"], status="pending")
    for _ in range(3):
        await world.cycle()
    [waiting] = world.desk.conflicts()
    assert waiting.id is not None
    world.desk.resolve(waiting.id, "site")
    await world.cycle()
    world.desk.approve([])
    assert (await world.settle()).exit_code == 0
    assert everywhere(world) == {(at(15),)}
    assert world.desk.conflicts() == []


async def test_a_vendor_that_is_taken_out_of_the_configuration_has_no_part_in_a_conflict_any_more(
    worlds: Worlds,
) -> None:
    """The conflict is of the values that are left."""
    world = worlds(sync={"conflict": "manual"})
    ids = await one_everywhere(world)
    moved_at(world, ids, "crm", "office")
    world.move("site", ids["site"], at(19))
    await world.cycle()
    [before] = world.desk.conflicts()
    del world.servers["site"]
    world.start_syncd(sync={"conflict": "manual"})
    await world.cycle()
    [waiting] = world.desk.conflicts()
    assert waiting.id not in (None, before.id)
    assert waiting.id is not None
    world.desk.resolve(waiting.id, "crm")
    assert (await world.settle()).exit_code == 0
    assert everywhere(world) == {(at(16),)}
    assert world.desk.conflicts() == []


@pytest.mark.parametrize(("mover", "canceller"), PAIRS)
async def test_a_cancellation_wins_over_any_other_change(world: World, mover: str, canceller: str) -> None:
    """By default; and the move that loses is recorded."""
    ids = await one_everywhere(world)
    world.clock.forward(minutes=5)
    world.call_off(canceller, ids[canceller])
    world.clock.forward(minutes=5)
    world.move(mover, ids[mover], at(18))
    result = await world.cycle()
    [conflict] = result.conflicts
    assert (conflict.winner, conflict.rule) == (canceller, "cancel_wins")
    assert at(18) in {getattr(value, "start", None) for value in conflict.values.values()}
    await world.settle()
    assert everywhere(world) == {()}


@pytest.mark.parametrize(("mover", "canceller"), PAIRS)
@pytest.mark.parametrize("rule", ["newest", "priority"])
async def test_without_cancel_wins_a_cancellation_is_a_change_like_another(
    worlds: Worlds, mover: str, canceller: str, rule: str
) -> None:
    """`cancel_wins = false`: the rule decides, and everybody ends with the winner's, in one record each."""
    world = worlds(sync={"cancel_wins": False, "conflict": rule})
    ids = await one_everywhere(world)
    world.clock.forward(minutes=5)
    world.call_off(canceller, ids[canceller])
    world.clock.forward(minutes=5)
    world.move(mover, ids[mover], at(18))
    result = await world.cycle()
    [conflict] = result.conflicts
    assert conflict.winner in (mover, canceller)
    if rule == "priority":
        assert conflict.winner == min(mover, canceller, key=ALL.index)
    assert (await world.settle()).exit_code == 0
    assert everywhere(world) == {(at(18),) if conflict.winner == mover else ()}


@pytest.mark.parametrize(("one", "other"), PAIRS)
async def test_a_manual_conflict_with_a_cancellation_is_kept_on_both_sides(
    worlds: Worlds, one: str, other: str
) -> None:
    """Until a person decides; and then it ends as they said, without a double."""
    world = worlds(sync={"cancel_wins": False, "conflict": "manual"})
    ids = await one_everywhere(world)
    world.call_off(one, ids[one])
    world.move(other, ids[other], at(18))
    result = await world.cycle()
    assert [conflict.winner for conflict in result.conflicts] == [None]
    assert steps(result) == []
    await world.cycle()
    [waiting] = world.desk.conflicts()
    assert waiting.id is not None
    world.desk.resolve(waiting.id, other)
    await world.cycle()
    assert (await world.settle()).exit_code == 0
    assert everywhere(world) == {(at(18),)}


@pytest.mark.parametrize("canceller", ALL)
async def test_nobody_is_asked_about_an_appointment_that_was_called_off(worlds: Worlds, canceller: str) -> None:
    """Two people moved it, a third called it off: which time would have been right is only remembered."""
    world = worlds(sync={"conflict": "manual"})
    ids = await one_everywhere(world)
    moved_at(world, ids, "crm", "office")
    await world.cycle()
    [waiting] = world.desk.conflicts()
    world.call_off(canceller, ids[canceller])
    assert (await world.settle()).exit_code == 0
    assert everywhere(world) == {()}
    assert world.desk.conflicts() == []
    assert waiting.id is not None
    with pytest.raises(NotFound):
        world.desk.resolve(waiting.id, "crm")


@pytest.mark.parametrize("winner", ["crm", "office"])
@pytest.mark.parametrize("canceller", ["book", "site"])
async def test_a_decision_about_an_appointment_that_was_called_off_revives_nothing(
    worlds: Worlds, canceller: str, winner: str
) -> None:
    """It was called off while those who differ could not be asked: the conflict is open still."""
    world = worlds(sync={"conflict": "manual"})
    ids = await one_everywhere(world)
    moved_at(world, ids, "crm", "office")
    await world.cycle()
    for name in ("crm", "office"):
        world.fault(name, "status", "list", code=503)
    world.call_off(canceller, ids[canceller])
    await world.cycle()
    [waiting] = world.desk.conflicts()
    assert waiting.id is not None
    world.desk.resolve(waiting.id, winner)
    assert steps(await world.cycle()) == []
    for name in ("crm", "office"):
        world.servers[name].faults.clear()
    assert (await world.settle()).exit_code == 0
    assert everywhere(world) == {()}
    assert world.desk.conflicts() == []


@pytest.mark.parametrize("canceller", ["book", "site"])
async def test_what_waits_and_goes_down_with_a_cancellation_is_on_record(worlds: Worlds, canceller: str) -> None:
    """It was called off while one of those who differ was away: the other's time is not lost."""
    world = worlds(sync={"conflict": "manual"})
    ids = await one_everywhere(world)
    moved_at(world, ids, "crm", "office")
    await world.cycle()
    world.fault("office", "status", "list", code=503)
    world.call_off(canceller, ids[canceller])
    [conflict] = (await world.cycle()).conflicts
    assert conflict.winner == canceller
    assert at(16) in {getattr(value, "start", None) for value in conflict.values.values()}
    world.servers["office"].faults.clear()
    assert (await world.settle()).exit_code == 0
    assert everywhere(world) == {()}
    assert world.desk.conflicts() == []


STATUSES: list[tuple[str, str, dict[str, str]]] = [
    ("crm", "completed", {"office": "completed", "book": "scheduled", "site": "scheduled"}),
    ("office", "completed", {"crm": "completed", "book": "scheduled", "site": "scheduled"}),
    ("crm", "no_show", {"office": "scheduled", "book": "no_show", "site": "no_show"}),
    ("book", "no_show", {"office": "scheduled", "crm": "no_show", "site": "no_show"}),
    ("site", "no_show", {"office": "scheduled", "crm": "no_show", "book": "no_show"}),
]


@pytest.mark.parametrize(("origin", "status", "expected"), STATUSES)
async def test_a_status_goes_to_those_that_can_say_it(
    world: World, origin: str, status: str, expected: dict[str, Any]
) -> None:
    """The others keep the appointment as it is, and it is no operation that is tried each cycle."""
    ids = await one_everywhere(world)
    world.servers[origin].person_edit(ids[origin], status=status)
    result = await world.cycle()
    assert result.exit_code == 0
    assert {name: world.servers[name].entries[ids[name]].status for name in expected} == expected
    assert steps(result, Action.CANCEL) == []
    assert (await world.cycle()).steps == ()


async def test_an_edit_during_a_listing_may_be_as_old_as_its_beginning(worlds: Worlds) -> None:
    """Acuity's slow list had its rows written before somebody moved one of them: that is no newer than a later move.

    Between the beginning of that list and the next one it may have happened at any time, so the priority decides.
    """
    world = worlds(switches={"crm": {"list_rows": "full", "get_rows": "full"}})
    ids = await one_everywhere(world)
    world.wires["crm"].cut = True

    def meanwhile(request: httpx.Request) -> None:
        if world.operation("book", request) == "list":
            moved_at(world, ids, "book", "crm", apart=timedelta(seconds=10))
            world.clock.now += timedelta(minutes=1)

    world.wires["book"].after.append(meanwhile)
    await world.cycle()
    world.mend()
    result = await world.cycle()
    [conflict] = result.conflicts
    assert (conflict.winner, conflict.rule) == ("crm", "priority")
    await world.settle()
    assert everywhere(world) == {(at(18),)}


async def test_no_cycle_comes_between_what_a_decision_reads_and_what_it_writes(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision is made while a daemon runs: it reads and writes under one lock, so that nothing is taken back."""
    world = worlds(sync={"conflict": "manual"})
    ids = await one_everywhere(world)
    moved_at(world, ids, "crm", "office")
    await world.cycle()
    [waiting] = world.desk.conflicts()
    assert waiting.id is not None
    opened = list[str]()
    write = syncd_state.Store.write

    def locked(store: syncd_state.Store) -> Any:
        opened.append("write")
        return write(store)

    monkeypatch.setattr(syncd_state.Store, "write", locked)
    monkeypatch.setattr(syncd_state.Store, "read", lambda store: pytest.fail("it looked without the lock"))
    world.desk.resolve(waiting.id, "crm")
    assert opened == ["write"]

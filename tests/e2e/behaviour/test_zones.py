"""A vendor's zone is another one: its records are at other times, and nobody moved one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from syncd.model.appointment import Field
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ANA, JANE, OMAR, World, at, of, steps

HOUR = timedelta(hours=1)
NEW_YORK = {"office": {"timezone": "America/New_York"}}
STARTS = [at(hour, day=day) for day in (22, 23) for hour in (15, 16, 17)]


async def six_everywhere(world: World) -> None:
    """Six appointments at every vendor."""
    for number, start in enumerate(STARTS):
        world.enter("crm", start, (JANE, OMAR)[number % 2])
    await world.settle()
    assert world.calendars() == [STARTS]


def shift(world: World, name: str, by: timedelta, number: int = 6) -> None:
    """So many records of a vendor are at another time at once."""
    for entry in world.live(name)[:number]:
        world.move(name, entry.id, entry.start + by)


def shifted(by: timedelta) -> list[datetime]:
    """When the six are by that vendor."""
    return [start + by for start in STARTS]


async def assert_asked(world: World, name: str, *, cycles: int = 2) -> None:
    """Nothing is written anywhere, cycle after cycle; each ends with 4, and the question stands."""
    before = world.calendars()
    for _ in range(cycles):
        result = await world.cycle()
        assert (steps(result), result.exit_code) == ([], 4)
        assert any(line.startswith(f"{name}: its zone changed") for line in result.remarks)
    assert world.calendars() == before
    assert [row.rule for row in world.desk.conflicts()] == ["zone_data"] * 6


@pytest.mark.parametrize("name", ["crm", "book", "office", "site"])
async def test_a_shift_of_nearly_everything_is_nobodys_move(world: World, name: str) -> None:
    """Whichever vendor it is: the others keep their times, and a dry run says the same."""
    await six_everywhere(world)
    shift(world, name, -HOUR)
    dry = await world.cycle(dry_run=True)
    assert (steps(dry), dry.exit_code) == ([], 4)
    result = await world.cycle()
    assert (steps(result), result.exit_code) == ([], 4)
    assert f"{name}: 6 of its 6 records moved by -1 hours at once" in result.remarks
    assert {(one.field, one.winner) for one in result.conflicts} == {(Field.SLOT, None)}
    assert "or all of one vendor's at once" in result.conflicts[0].explanation
    await assert_asked(world, name)


@pytest.mark.parametrize("right", ["office", "crm"])
async def test_one_answer_brings_all_of_them_in_step(world: World, right: str) -> None:
    """They were moved, or their times came from others': either way a dry run shows the plan, and the cycle does it."""
    await six_everywhere(world)
    shift(world, "office", -HOUR)
    await world.cycle()
    answers = world.desk.timed(right, moved=True)
    assert [one.winner for one in answers] == [right] * 6
    world.desk.say_times(answers)
    plan = await world.cycle(dry_run=True)
    assert {step.operation.vendor for step in steps(plan)} == (
        {"crm", "book", "site"} if right == "office" else {"office"}
    )
    assert (await world.cycle()).exit_code == 0
    await world.settle()
    assert world.calendars() == [shifted(-HOUR) if right == "office" else STARTS]


async def test_what_is_no_time_goes_on_meanwhile(world: World) -> None:
    """Notes and a cancellation, at the vendor in question, too; there nothing is made or moved before the answer."""
    await six_everywhere(world)
    first, second, third, fourth, *_ = world.live("crm")
    shift(world, "office", -HOUR)
    world.call_off("site", world.the("crm", first.id, "site").id)
    await world.cycle()
    world.servers["book"].person_edit(world.the("crm", second.id, "book").id, notes="Ring twice")
    world.move("crm", third.id, at(14))
    world.move("office", world.the("crm", fourth.id, "office").id, at(12))
    world.enter("crm", at(18), ANA)
    result = await world.cycle()
    assert result.exit_code == 4, [step.error for step in result.steps]
    assert {"1 change(s) at office put off: a person is asked about the zone of office"} <= set(result.waiting)
    for name in ("office", "site"):
        assert world.the("crm", second.id, name).notes.startswith("Ring twice")
    assert world.calendars(["crm", "book", "site"]) == [[at(14), at(16), at(18), *STARTS[3:]]]
    assert len(world.live("office")) == 5
    await world.cycle()
    assert world.written("office") == 0
    world.desk.say_times(world.desk.timed("office", moved=True))
    await world.settle()
    assert world.calendars() == [[at(12), at(14), at(15), at(18), *shifted(-HOUR)[4:]]]


async def test_what_is_new_at_the_vendor_in_question_is_not_taken_up(world: World) -> None:
    """Nobody knows when it is. After the answer it goes to the others as ever."""
    await six_everywhere(world)
    shift(world, "office", -HOUR)
    await world.cycle()
    world.enter("office", at(19), ANA)
    result = await world.cycle()
    assert (steps(result), result.exit_code) == ([], 4)
    world.desk.say_times(world.desk.timed("office", moved=True))
    await world.settle()
    assert world.calendars() == [sorted([*shifted(-HOUR), at(19)])]


@pytest.mark.parametrize("behaviour", ["observed"], indirect=True)
async def test_a_shift_of_which_half_a_listing_shows_the_beginning_waits_for_a_whole_one(worlds: Worlds) -> None:
    """The CRM's second page does not arrive: what moved on the first is written nowhere; then all is asked about."""
    world = worlds(names=("crm", "office"))
    for number in range(105):
        world.enter("crm", at(14, day=21) + number * 5 * HOUR, (JANE, OMAR)[number % 2])
    await world.settle()
    before = world.starts("office")
    shift(world, "crm", HOUR, number=105)
    world.fault("crm", "partial_list")
    result = await world.cycle()
    assert (of(result, "crm").snapshot, result.exit_code) == ("partial", 3)
    assert (steps(result), result.conflicts, result.shifted) == ([], (), frozenset())
    assert any("waits for a whole one" in line for line in result.remarks)
    world.mend()
    result = await world.cycle()
    assert (steps(result), result.exit_code, len(result.conflicts)) == ([], 4, 105)
    assert "crm: 105 of its 105 records moved by +1 hours at once" in result.remarks
    assert world.starts("office") == before


async def test_a_shift_over_two_cycles_is_what_people_do(world: World) -> None:
    """Three of six in each of two intervals are moves like any others; all six after an outage are one interval's."""
    await six_everywhere(world)
    shift(world, "office", -HOUR, number=3)
    await world.cycle()
    moved = sorted([*shifted(-HOUR)[:3], *STARTS[3:]])
    assert world.calendars() == [moved]
    for entry in world.live("office")[3:]:
        world.move("office", entry.id, entry.start - HOUR)
    await world.cycle()
    assert world.calendars() == [shifted(-HOUR)]
    shift(world, "office", HOUR, number=3)
    world.fault("office", "status", "list", code=503)
    await world.cycle()
    world.mend()
    for entry, start in zip(world.live("office"), STARTS, strict=True):
        world.move("office", entry.id, start)
    await assert_asked(world, "office")


async def test_four_records_are_moved_as_ever(world: World) -> None:
    """Below five, and where the rest stayed, a person did it."""
    await six_everywhere(world)
    shift(world, "office", -HOUR, number=4)
    assert {step.operation.vendor for step in steps(await world.cycle())} == {"crm", "book", "site"}
    await world.settle()
    assert world.calendars() == [sorted([*shifted(-HOUR)[:4], *STARTS[4:]])]


@pytest.mark.parametrize("by", [timedelta(minutes=5), timedelta(days=7)])
async def test_no_zone_moves_anything_by_that(world: World, by: timedelta) -> None:
    """Five minutes or a week: that is a person's doing."""
    await six_everywhere(world)
    shift(world, "crm", by)
    result = await world.cycle()
    assert {step.operation.vendor for step in steps(result)} == {"book", "office", "site"}
    assert result.shifted == frozenset()


async def test_another_zone_in_the_configuration_moves_nothing(world: World) -> None:
    """The office's clock shows what it showed; by the configuration it is three hours earlier now."""
    await six_everywhere(world)
    world.start_syncd(options=NEW_YORK)
    dry = await world.cycle(dry_run=True)
    assert (steps(dry), dry.exit_code) == ([], 4)
    result = await world.cycle()
    assert "office: its clock has another zone, by which 6 of its records are at another time" in result.remarks
    await assert_asked(world, "office")


async def test_a_zone_that_was_changed_by_mistake_is_put_back_without_a_trace(world: World) -> None:
    """Every question is gone with it, and the next cycle is idle."""
    await six_everywhere(world)
    world.start_syncd(options=NEW_YORK)
    await world.cycle()
    world.start_syncd()
    result = await world.cycle()
    assert steps(result) == []
    assert world.desk.conflicts() == []
    result = await world.cycle()
    assert (steps(result), result.exit_code) == ([], 0)
    assert world.calendars() == [STARTS]
    assert {name: dict(world.sent(name)) for name in world.servers} == {name: {"list": 1} for name in world.servers}


async def test_where_the_times_came_from_the_others_the_office_is_corrected(world: World) -> None:
    """The configuration was wrong from the first day, and so were the office's times, which syncd wrote."""
    await six_everywhere(world)
    world.start_syncd(options=NEW_YORK)
    await world.cycle()
    world.desk.say_times(world.desk.timed("crm", moved=True))
    assert {step.operation.vendor for step in steps(await world.cycle())} == {"office"}
    # Its clock still is the one of Los Angeles here, by which it is three hours later than syncd means.
    assert world.starts("office") == shifted(3 * HOUR)
    assert world.calendars(["crm", "book", "site"]) == [STARTS]


async def test_nobody_moved_anything_and_each_has_its_time_from_where_it_was_entered(world: World) -> None:
    """Three came from the CRM, two from the office, one of those moved at the site since; one was entered at both."""
    mine = [world.enter("crm", start, JANE) for start in STARTS[:3]]
    own = [world.enter("office", start, OMAR) for start in STARTS[3:5]]
    both = [world.enter(name, STARTS[5], ANA) for name in ("crm", "office")]
    await world.settle()
    moved = world.the("office", own[1].id, "site")
    world.move("site", moved.id, at(20, day=23))
    await world.settle()
    shift(world, "office", -HOUR)
    await world.cycle()
    answers = world.desk.timed("office", moved=False)
    given = {one.conflict.appointment: one.winner for one in answers}
    winners = [given[world.known("crm", one.id).id] for one in mine]
    winners += [given[world.known("office", one.id).id] for one in (*own, both[1])]
    assert winners == ["crm", "crm", "crm", "office", "site", None]
    world.desk.say_times(answers)
    result = await world.cycle()
    assert result.exit_code == 4
    # The time of one that was entered twice nothing tells; until that is answered, no time is written to the office.
    assert world.calendars(["crm", "book", "site"]) == [
        sorted([*STARTS[:3], STARTS[3] - HOUR, STARTS[5], at(20, day=23)])
    ]
    assert world.written("office") == 0
    [left] = world.desk.conflicts()
    world.desk.resolve(left.id, "crm")
    await world.settle()
    assert world.calendars() == [sorted([*STARTS[:3], STARTS[3] - HOUR, STARTS[5], at(20, day=23)])]


async def test_another_name_of_one_clock_is_no_other_zone(world: World) -> None:
    """What counts is what the clocks show at the records' starts."""
    await six_everywhere(world)
    world.start_syncd(options={"office": {"timezone": "US/Pacific"}})
    for _ in range(2):
        result = await world.cycle()
        assert (steps(result), result.exit_code, result.conflicts) == ([], 0, ())


async def test_a_vendor_that_is_not_read_meanwhile_answers_nothing(worlds: Worlds) -> None:
    """The question stands until somebody answers it."""
    world = worlds()
    await six_everywhere(world)
    shift(world, "office", -HOUR)
    await world.cycle()
    world.fault("office", "status", code=503)
    result = await world.cycle()
    assert (steps(result), of(result, "office").snapshot) == ([], "failed")
    world.mend()
    await assert_asked(world, "office")

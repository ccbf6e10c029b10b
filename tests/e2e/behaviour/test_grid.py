"""A site whose free starts begin anew at the end of each appointment: what is made in which order, and tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from syncd.model.catalogue import Catalogue, Entry
from syncd.model.plan import Action, Outcome
from syncd.sandbox.frame.records import Person
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ANA, HOUR, JANE, OMAR, World, at, steps

ANCHORED: dict[str, Any] = {"slot_step": 30, "hours": ("06:00", "22:00")}
"""On the site's clock, which is an hour or two ahead of these tests'."""
THREE = ("crm", "office", "site")
QUARTERS = timedelta(minutes=45)
CATALOGUE = Catalogue(
    services=(
        Entry(name="Showing", ids={"crm": "showing", "site": 2}, duration=timedelta(minutes=30), default=True),
        Entry(name="Survey", ids={"crm": "listing", "site": 1}, duration=QUARTERS),
        Entry(name="Consultation", ids={"crm": "meeting", "site": 3}, duration=HOUR),
    ),
    staff=(
        Entry(name="Jordan", ids={"site": {"provider": 1, "location": 1}}, default=True),
        Entry(name="Robin", ids={"site": {"provider": 2, "location": 1}}),
    ),
)


def anchored(worlds: Worlds) -> World:
    """The site with the grid and the hours that were measured, and a catalogue of three lengths."""
    world = worlds(names=THREE, switches={"site": ANCHORED})
    world.start_syncd(catalogue=CATALOGUE)
    return world


def client(number: int) -> Person:
    """A client of their own for each appointment."""
    return Person("Client", f"{number}", f"client{number}@example.com", f"21255{50000 + number}")


async def test_two_hundred_appointments_on_whole_hours_are_all_made_at_once(worlds: Worlds) -> None:
    """30, 45 and 60 minutes, none overlapping: in step after two cycles, nothing left alone, the third writes nothing.

    In their order, every hour after one of 45 minutes is refused for the rest of the day.
    """
    world = anchored(worlds)
    for number in range(200):
        day, hour = divmod(number, 10)
        minutes = (45, 60, 30)[number % 3]
        world.enter("crm", at(7 + hour, day=2 + day, month=11), client(number), minutes)
    assert (await world.cycle()).exit_code == 0
    assert (await world.cycle()).exit_code == 0
    assert world.calendars() == [world.starts("crm")]
    assert len(world.starts("site")) == 200
    assert world.servers["site"].counters.refused == 0
    assert world.desk.quarantines() == []
    result = await world.cycle()
    assert steps(result) == []
    assert sum(world.written(name) for name in THREE) == 0


async def test_a_record_is_moved_away_before_another_is_made_in_its_place(worlds: Worlds) -> None:
    """Within one cycle, whichever comes first in the plan."""
    world = anchored(worlds)
    first = world.enter_everywhere(at(10), JANE, 60)
    await world.cycle()
    world.move("crm", first.id, at(15))
    world.enter("crm", at(10), OMAR, 60)
    world.enter("crm", at(9), ANA, 45)
    result = await world.cycle()
    assert result.exit_code == 0
    assert world.servers["site"].counters.refused == 0
    assert world.starts("site") == [at(9), at(10), at(15)]


async def test_a_start_that_is_off_the_grid_is_refused_in_words_that_help(worlds: Worlds) -> None:
    """Once, and with what it may be: the reader who looks there sees a free employee. Then it rests."""
    world = anchored(worlds)
    world.enter_everywhere(at(9), JANE, 45)
    await world.cycle()
    world.enter("crm", at(10), OMAR, 60)
    result = await world.cycle()
    [refused] = steps(result, Action.CREATE, "site")
    assert refused.outcome is Outcome.QUARANTINED
    for word in ("grid", "hours", "taken", "Default Time Slot Step"):
        assert word in (refused.error or "")
    assert world.sent("site")["create"] == 1
    for _ in range(2):
        assert (await world.cycle()).exit_code == 0
        assert world.sent("site")["create"] == 0


@pytest.mark.parametrize("how", ["moved", "cancelled", "shortened", "moved elsewhere"])
async def test_what_was_refused_is_tried_again_when_that_day_there_has_changed(worlds: Worlds, how: str) -> None:
    """A person there, or syncd for a person elsewhere, made room: nobody needs to release it."""
    world = anchored(worlds)
    first = world.enter_everywhere(at(9), JANE, 45)
    await world.cycle()
    entry = world.enter("crm", at(10), OMAR, 60)
    await world.cycle()
    there = world.the("crm", first.id, "site").id
    match how:
        case "moved":
            world.move("site", there, at(15))
        case "cancelled":
            world.call_off("site", there)
        case "shortened":
            world.servers["site"].person_edit(there, end=at(9.5))
        case _:
            world.move("crm", first.id, at(15))
    result = await world.cycle()
    assert [step.outcome for step in steps(result, Action.CREATE, "site")] == [Outcome.DONE]
    assert world.the("crm", entry.id, "site").start == at(10)
    assert world.desk.quarantines() == []
    await world.settle()


async def test_a_change_of_another_day_or_of_another_employee_is_no_reason_to_try_again(worlds: Worlds) -> None:
    """What cannot have made room costs no request, and is no news."""
    world = anchored(worlds)
    world.enter_everywhere(at(9), JANE, 45)
    await world.cycle()
    world.enter("crm", at(10), OMAR, 60)
    await world.cycle()
    world.enter("site", at(9, day=26), ANA, 45)
    world.enter("site", at(11), ANA, 30, staff={"provider": 2, "location": 1})
    assert (await world.cycle()).exit_code == 0
    assert world.sent("site")["create"] == 0


async def test_a_time_that_is_refused_again_is_news_again_and_then_rests(worlds: Worlds) -> None:
    """The day changed, and made no room: one more try, and one more line."""
    world = anchored(worlds)
    world.enter_everywhere(at(9), JANE, 45)
    await world.cycle()
    world.enter("crm", at(10), OMAR, 60)
    await world.cycle()
    world.enter("site", at(15), ANA, 30)
    assert (await world.cycle()).exit_code == 3
    assert world.sent("site")["create"] == 1
    assert (await world.cycle()).exit_code == 0
    assert world.sent("site")["create"] == 0
    assert len(world.desk.quarantines()) == 1

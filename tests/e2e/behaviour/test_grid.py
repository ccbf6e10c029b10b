"""A site whose free starts begin anew at the end of each appointment: what is made in which order, and tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from syncd.model.catalogue import Catalogue, Entry
from syncd.model.plan import Action, Outcome
from syncd.sandbox.acuity.catalogue import AppointmentType
from syncd.sandbox.acuity.server import Acuity
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


SHORTER = 94517105
WHOLE_CATALOGUE = Catalogue(
    services=(
        Entry(
            name="Showing",
            ids={"crm": "showing", "book": 94517100, "site": 2},
            duration=timedelta(minutes=30),
            default=True,
        ),
        Entry(name="Consultation", ids={"crm": "meeting", "book": SHORTER, "site": 3}, duration=QUARTERS),
        Entry(name="Consultation", ids={"crm": "meeting", "book": 94517101, "site": 3}, duration=HOUR),
    ),
    staff=(Entry(name="Jordan", ids={"book": 14209019, "site": {"provider": 1, "location": 1}}, default=True),),
)
"""For all four vendors: one service may take 45 minutes or an hour, each with a type of its own at Acuity."""


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
    world = worlds(switches={"site": ANCHORED})
    account = world.servers["book"]
    assert isinstance(account, Acuity)
    account.types[SHORTER] = AppointmentType(SHORTER, "Short consultation", 45)
    world.start_syncd(catalogue=WHOLE_CATALOGUE)
    for number in range(200):
        day, hour = divmod(number, 10)
        minutes = (45, 60, 30)[number % 3]
        world.enter("crm", at(7 + hour, day=2 + day, month=11), client(number), minutes)
    assert (await world.cycle()).exit_code == 0
    assert (await world.cycle()).exit_code == 0
    assert world.calendars() == [world.starts("crm")]
    assert [len(world.starts(name)) for name in world.servers] == [200] * 4
    assert world.servers["site"].counters.refused == 0
    assert world.desk.quarantines() == []
    result = await world.cycle()
    assert steps(result) == []
    assert sum(world.written(name) for name in world.servers) == 0


@pytest.mark.parametrize("generation", ["1.x", "2.4"])
@pytest.mark.parametrize("lengths", [(45, 60, 30), (45,), (60, 45)], ids=["mixed", "all shift", "each day ends so"])
async def test_round_the_clock_too_all_are_made_at_once(
    worlds: Worlds, generation: str, lengths: tuple[int, ...]
) -> None:
    """No night ends what a day's last appointment shifts: that is made when the later days of its month are."""
    site = {"slot_step": 30, "hours": None, "generation": generation}
    world = worlds(names=("crm", "site"), switches={"site": site})
    world.start_syncd(catalogue=CATALOGUE)
    for number in range(60):
        day, hour = divmod(number, 4)
        minutes = lengths[number % len(lengths)]
        world.enter("crm", at(8 + 2 * hour, day=24) + 24 * day * HOUR, client(number), minutes)
    assert (await world.cycle()).exit_code == 0
    assert world.servers["site"].counters.refused == 0
    assert world.starts("site") == world.starts("crm")
    await world.cycle()
    assert steps(await world.cycle()) == []
    assert world.desk.quarantines() == []


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


@pytest.mark.parametrize(
    ("how", "linked"),
    [
        *((how, linked) for how in ("moved", "cancelled", "shortened") for linked in (True, False)),
        ("moved elsewhere", True),
    ],
)
async def test_what_was_refused_is_tried_again_when_that_day_there_has_changed(
    worlds: Worlds, how: str, linked: bool
) -> None:
    """A person there, or syncd for a person elsewhere, made room: nobody needs to release it.

    Also where nobody can tell whose the record at the site is, as elsewhere another has Jane's address at that time.
    """
    world = anchored(worlds)
    whose = JANE if linked else Person("Ted", "Moss", JANE.email, "2125550199")
    first, _ = (world.enter(name, at(9), whose, 45) for name in ("crm", "office"))
    there = world.enter("site", at(9), JANE, 45).id
    await world.cycle()
    entry = world.enter("crm", at(10), OMAR, 60)
    await world.cycle()
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
    assert [left.remote_id for left in world.desk.quarantines()] == ([] if linked else [there])
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


@pytest.mark.parametrize("how", ["held", "undecided"])
async def test_what_waits_for_a_person_is_no_reason_to_try_again_each_cycle(worlds: Worlds, how: str) -> None:
    """A cancellation that is held, or a move that is a conflict: either is seen in every cycle, and makes no room."""
    world = anchored(worlds)
    world.enter_everywhere(at(9), JANE, 45)
    others = [world.enter_everywhere(at(hour), ANA, 60) for hour in (14, 16)]
    await world.cycle()
    world.enter("crm", at(10), OMAR, 60)
    await world.cycle()
    if how == "held":
        world.start_syncd(catalogue=CATALOGUE, guard={"max_cancels": {"count": 1, "percent": 1}})
        for entry in others:
            world.call_off("crm", entry.id)
    else:
        world.start_syncd(catalogue=CATALOGUE, sync={"conflict": "manual"})
        world.move("crm", others[0].id, at(18))
        world.move("site", world.the("crm", others[0].id, "site").id, at(19))
    await world.cycle()
    for _ in range(2):
        await world.cycle()
        assert world.written("site") == 0
    assert len(world.desk.quarantines()) == 1


async def test_a_refused_move_is_tried_again_when_that_day_there_has_changed(worlds: Worlds) -> None:
    """Of an exchange that was refused, a person moves one out of the way, as the report says: the other follows."""
    world = anchored(worlds)
    first, second = (world.enter_everywhere(at(hour), who, 60) for hour, who in ((10, JANE), (11, OMAR)))
    await world.cycle()
    world.move("crm", first.id, at(11))
    world.move("crm", second.id, at(10))
    await world.cycle()
    assert world.starts("site") == [at(10), at(11)]
    world.move("site", world.the("crm", first.id, "site").id, at(15))
    await world.settle()
    assert world.the("crm", second.id, "site").start == at(10)
    assert world.calendars() == [world.starts("crm")]
    assert world.desk.quarantines() == []


async def test_a_refused_revival_is_tried_again_when_that_day_there_has_changed(worlds: Worlds) -> None:
    """Its time was taken by somebody else, who moved."""
    world = anchored(worlds)
    entry = world.enter_everywhere(at(10), JANE, 60)
    await world.cycle()
    world.call_off("crm", entry.id)
    await world.settle()
    other = world.enter("site", at(10), ANA, 60)
    await world.settle()
    world.servers["crm"].person_edit(entry.id, status="scheduled")
    await world.cycle()
    assert world.the("crm", entry.id, "site").status == "cancelled"
    world.move("site", other.id, at(15))
    await world.settle()
    assert world.the("crm", entry.id, "site").status == "scheduled"
    assert world.calendars() == [[at(10), at(15)]]
    assert world.desk.quarantines() == []

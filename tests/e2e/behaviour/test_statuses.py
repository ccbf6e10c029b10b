"""Every change of a status, at four vendors of which none has a word for each: what is written, and then quiet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import permutations

import pytest

from syncd.engine.result import CycleResult
from syncd.model.plan import Action
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, OMAR, World, at, outcomes, steps

STATUSES = ("pending", "scheduled", "completed", "no_show", "cancelled")
SOFT = {"office": {"cancelled_status": "cancelado"}}


@dataclass(frozen=True)
class Outcome:
    """What becomes of one change: the status at each vendor, who is given a new record, and who keeps its word."""

    shown: dict[str, str | None]
    anew: set[str] = field(default_factory=set)
    keeps: set[str] = field(default_factory=set)


def shown_before(status: str) -> dict[str, str | None]:
    """What the vendors show of an appointment that was scheduled and then became this. None: the record is deleted."""
    return {
        "crm": {"pending": "scheduled"}.get(status, status),
        "book": status if status in ("no_show", "cancelled") else "scheduled",
        "office": {"completed": "completed", "cancelled": None}.get(status, "scheduled"),
        "site": {"completed": "scheduled"}.get(status, status),
    }


def ahead(old: str, new: str) -> Outcome:
    """While the appointment lies ahead, each says the new status, or the nearest word that is not false."""
    shown = shown_before(new)
    stands = new in ("pending", "scheduled", "completed")
    if (old, new) == ("pending", "completed"):
        shown["site"] = "pending"  # it stands there, which is all that it could say of what is completed
    if (old, new) == ("cancelled", "no_show"):
        shown["office"] = None  # no record is made of somebody who did not come
    anew = {"book"} if stands and old in ("no_show", "cancelled") else set()
    anew |= {"office"} if stands and old == "cancelled" else set()
    return Outcome(shown, anew)


def past(old: str, new: str) -> Outcome:
    """When its time has passed, nothing is made again and no word stands in for another: the vendor keeps its own."""
    due, before = ahead(old, new), shown_before(old)
    shown, keeps = dict(due.shown), set[str]()
    for name in due.anew:
        shown[name] = before[name]
        keeps |= {name} if before[name] else set()
    stand_ins = {
        ("no_show", "completed"): "site",
        ("cancelled", "completed"): "site",
        ("completed", "no_show"): "office",
    }
    if name := stand_ins.get((old, new), ""):
        shown[name] = before[name]
        keeps.add(name)
    return Outcome(shown, set(), keeps)


def becomes(world: World, ids: dict[str, str], status: str) -> None:
    """A person says so, at a vendor that has the word, and another one now."""
    name = "site" if "pending" in (status, status_of(world, "site", ids["site"])) and status != "completed" else "crm"
    world.servers[name].person_edit(ids[name], status=status)


async def known_as(world: World, status: str) -> dict[str, str]:
    """An appointment everywhere that has become this, beside another one; its id at each vendor."""
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(18), OMAR)
    await world.cycle()
    ids = {name: world.the("crm", entry.id, name).id for name in ALL}
    if status != "scheduled":
        becomes(world, ids, status)
        await world.settle()
        await world.cycle()  # now everyone has been seen beside it
    assert {name: status_of(world, name, ids[name]) for name in ALL} == shown_before(status)
    return ids


def status_of(world: World, name: str, remote_id: str) -> str | None:
    """The status that a record has, None where it was deleted."""
    entry = world.servers[name].entries.get(remote_id)
    return entry.status if entry else None


def current(world: World, ids: dict[str, str]) -> dict[str, str]:
    """The id that the appointment has at each vendor now, of its last record."""
    found = world.known("crm", ids["crm"])
    return {name: mapping.remote_id if (mapping := found.at(name)) else ids[name] for name in ALL}


def check(world: World, ids: dict[str, str], expected: Outcome, result: CycleResult) -> None:
    """The vendors show what they should, in new records where due, and the report names who keeps its word."""
    now = current(world, ids)
    assert {name: status_of(world, name, now[name]) for name in ALL} == expected.shown
    assert {name for name in ALL if now[name] != ids[name]} == expected.anew
    assert {step.operation.vendor for step in steps(result, Action.CREATE)} == expected.anew
    assert {text.split()[0] for text in result.remarks} == expected.keeps
    assert all("keeps" in text for text in result.remarks)


@pytest.mark.parametrize("passed", [False, True], ids=["ahead", "past"])
@pytest.mark.parametrize(("old", "new"), [*permutations(STATUSES, 2)])
async def test_every_change_of_a_status_ends_in_the_nearest_words_and_then_is_quiet(
    world: World, old: str, new: str, passed: bool
) -> None:
    """From, to, what is shown then, who is given a new record; the report says once who keeps its word."""
    ids = await known_as(world, old)
    if passed:
        world.clock.forward(days=(at(15) - world.clock.now) / timedelta(days=1), hours=1)
    becomes(world, ids, new)
    result = await world.cycle()
    assert (result.exit_code, result.conflicts) == (0, ())
    second = await world.cycle()
    # A record is made as scheduled; that it is completed is said to it when it is there.
    completed = (
        {"office": "done"} if "office" in (past if passed else ahead)(old, new).anew and new == "completed" else {}
    )
    assert outcomes(second) == completed
    check(world, ids, (past if passed else ahead)(old, new), result)
    for _ in range(2):
        quiet = await world.cycle()
        assert (quiet.exit_code, quiet.steps, quiet.remarks) == (0, (), ())


@pytest.mark.parametrize(
    ("new", "shown"), [("no_show", "cancelled"), ("completed", "completed"), ("pending", "scheduled")]
)
async def test_an_account_that_cancels_softly_says_what_it_can(worlds: Worlds, new: str, shown: str) -> None:
    """It has no word for a no-show, and cancelled is nearer than scheduled: it keeps that; the report says so once."""
    world = worlds(switches=SOFT, options=SOFT)
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    ids = {name: world.the("crm", entry.id, name).id for name in ALL}
    becomes(world, ids, "cancelled")
    await world.settle()
    becomes(world, ids, new)
    result = await world.cycle()
    assert status_of(world, "office", ids["office"]) == shown
    assert [text.split()[0] for text in result.remarks] == (["office"] if new == "no_show" else [])
    quiet = await world.settle()
    assert (quiet.exit_code, quiet.remarks) == (0, ())


async def test_what_kept_its_word_is_made_again_when_the_appointment_is_moved_ahead(world: World) -> None:
    """A past no-show that is scheduled again, and then given another time: there it is, once."""
    ids = await known_as(world, "no_show")
    world.clock.forward(days=(at(15) - world.clock.now) / timedelta(days=1), hours=1)
    becomes(world, ids, "scheduled")
    assert len((await world.cycle()).remarks) == 1
    world.move("crm", ids["crm"], at(17))
    result = await world.cycle()
    assert (result.exit_code, world.live("book")[0].start) == (0, at(17))
    await world.settle()
    assert world.calendars() == [[at(17), at(18)]]


async def test_a_person_who_speaks_where_the_word_was_kept_is_heard(world: World) -> None:
    """Acuity kept a cancellation; that nobody came is said there afterwards, and goes to the others."""
    ids = await known_as(world, "cancelled")
    world.clock.forward(days=(at(15) - world.clock.now) / timedelta(days=1), hours=1)
    becomes(world, ids, "scheduled")
    await world.cycle()
    world.servers["book"].person_edit(ids["book"], status="no_show")
    result = await world.cycle()
    assert (result.exit_code, result.conflicts) == (0, ())
    assert status_of(world, "crm", ids["crm"]) == "no_show"
    await world.settle()


async def test_a_no_show_that_was_replaced_does_not_come_back_as_one(world: World) -> None:
    """The booking page refuses the new record at first, and somebody types a note into the old one meanwhile.

    It is called cancelled there: nobody is to be charged for a no-show that was taken back.
    """
    ids = await known_as(world, "no_show")
    world.fault("book", "status", "create", code=503)
    becomes(world, ids, "scheduled")
    await world.cycle()
    world.servers["book"].person_edit(ids["book"], notes="Called twice")
    await world.cycle()
    world.mend()
    for _ in range(4):
        await world.cycle()
    assert status_of(world, "crm", ids["crm"]) == "scheduled"
    assert world.calendars() == [[at(15), at(18)]]
    assert status_of(world, "book", ids["book"]) == "cancelled"


async def test_a_no_show_whose_replacement_never_came_is_taken_back_when_it_is_cancelled(world: World) -> None:
    """The booking page makes nothing new; then the appointment is called off elsewhere."""
    ids = await known_as(world, "no_show")
    world.fault("book", "status", "create", code=503)
    world.fault("book", "status", "cancel", code=503)
    becomes(world, ids, "scheduled")
    await world.cycle()
    becomes(world, ids, "cancelled")
    await world.cycle()
    world.mend()
    await world.settle()
    assert status_of(world, "book", ids["book"]) == "cancelled"
    assert world.live("book") == [entry for entry in world.live("book") if entry.start == at(18)]


async def test_a_replaced_no_show_of_which_a_person_says_it_again_is_left_to_them(world: World) -> None:
    """It was taken back once; it is that record's own affair now, and costs nothing in later cycles."""
    ids = await known_as(world, "no_show")
    becomes(world, ids, "scheduled")
    await world.settle()
    world.servers["book"].person_edit(ids["book"], status="no_show")
    for _ in range(2):
        assert steps(await world.cycle()) == []
        assert world.sent("book") == {"list": 1}
    assert status_of(world, "book", ids["book"]) == "no_show"


async def test_a_no_show_that_was_replaced_costs_no_request_when_somebody_edits_it(world: World) -> None:
    """It has ended, whatever is written into it: only one that stands again is asked for."""
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    replaced = world.the("crm", entry.id, "book").id
    for status in ("no_show", "scheduled"):
        world.servers["crm"].person_edit(entry.id, status=status)
        await world.settle()
    assert world.servers["book"].entries[replaced].status == "cancelled"
    world.servers["book"].person_edit(replaced, notes="She called")
    for _ in range(2):
        assert steps(await world.cycle()) == []
        assert world.sent("book") == {"list": 1}

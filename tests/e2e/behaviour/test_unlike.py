"""What the vendors have otherwise than each other when syncd first sees them: filled, asked about, or left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd import report
from syncd.engine.store.refusals import NotFound
from syncd.model.appointment import Field
from syncd.sandbox.frame.records import Entry
from tests.e2e.behaviour.world import ALL, JANE, World, at, steps

HALF, QUARTERS = timedelta(minutes=30), timedelta(minutes=45)


def lasts(world: World, entry: str) -> dict[str, timedelta]:
    """How long each vendor's record of an appointment of the CRM is."""
    found = {name: world.the("crm", entry, name) for name in ALL}
    return {name: one.end - one.start for name, one in found.items()}


def only(world: World, name: str) -> Entry:
    """A vendor's only record."""
    [entry] = world.servers[name].entries.values()
    return entry


async def apart(world: World) -> str:
    """An appointment that everybody has, and that takes 45 minutes at the CRM alone."""
    entry = world.enter_everywhere(at(15))
    world.servers["crm"].person_edit(entry.id, end=at(15.75))
    return entry.id


async def test_a_length_waits_for_a_person_and_is_said_until_then(world: World) -> None:
    """Nothing is written for it, in no cycle; the report does not call it in step."""
    entry = await apart(world)
    before = {"crm": QUARTERS} | dict.fromkeys(("book", "office", "site"), HALF)
    for result in [await world.cycle() for _ in range(3)]:
        assert steps(result) == []
        assert "all in step" not in report.text(result)
        assert "1 open conflict ('syncd conflicts')" in report.text(result)
        assert "1 open conflict" in report.html(result)
    assert lasts(world, entry) == before
    [row] = world.desk.conflicts()
    assert (row.field, row.winner, row.resolution) == ("slot", None, None)
    assert [one.id for one in world.desk.differences()] == [row.id]


@pytest.mark.parametrize(("winner", "length"), [("crm", QUARTERS), ("office", HALF)])
async def test_a_person_decides_how_long_it_takes(world: World, winner: str, length: timedelta) -> None:
    """The length of the one that is right goes to all that can be given one."""
    entry = await apart(world)
    await world.cycle()
    [row] = world.desk.conflicts()
    assert row.id is not None
    world.desk.resolve(row.id, winner)
    await world.settle()
    assert lasts(world, entry) == dict.fromkeys(("crm", "office", "site"), length) | {"book": HALF}
    assert (world.desk.conflicts(), world.desk.differences()) == ([], [])
    with pytest.raises(NotFound):
        world.desk.resolve(row.id, winner)


async def test_how_long_it_takes_says_nothing_of_when(world: World) -> None:
    """Moved to half a minute past, which the office does not show: decided for its length, the start stays as moved."""
    entry = await apart(world)
    await world.cycle()
    moved = at(16) + timedelta(seconds=30)
    world.move("crm", entry, moved)
    await world.settle()
    [row] = world.desk.conflicts()
    assert row.id is not None
    world.desk.resolve(row.id, "office")
    await world.settle()
    found = world.servers["crm"].entries[entry]
    assert (found.start, found.end) == (moved, moved + HALF)
    assert world.desk.conflicts() == []


async def test_a_question_that_is_older_than_the_last_move_moves_nothing_back(world: World) -> None:
    """Moved, written to all, and only then decided: the site's rounded start is still the site's own doing."""
    world.servers["site"].set_behaviour(round_minutes=15)
    entry = await apart(world)
    await world.cycle()
    world.move("crm", entry, at(16) + timedelta(minutes=7))
    await world.cycle()
    [row] = world.desk.conflicts()
    assert row.id is not None
    world.desk.resolve(row.id, "office")
    result = await world.cycle()
    assert [one for one in result.conflicts if one.winner is not None] == []
    await world.settle()
    found = world.servers["crm"].entries[entry]
    assert (found.start, found.end) == (at(16) + timedelta(minutes=7), at(16) + timedelta(minutes=37))
    assert world.desk.conflicts() == []


async def test_nobody_is_asked_about_what_is_past(world: World) -> None:
    """Never decided, and over: the question goes with the window."""
    entry = await apart(world)
    await world.cycle()
    assert len(world.desk.conflicts()) == 1
    world.clock.forward(days=4)
    result = await world.cycle()
    assert (world.desk.conflicts(), world.desk.differences()) == ([], [])
    assert "all in step" in report.text(result)
    assert [row.resolution for row in world.desk.explain(f"crm:{entry}").conflicts] == [
        "overtaken: its time has passed"
    ]


async def test_it_moves_with_the_others_while_it_waits(world: World) -> None:
    """Who moves it does not say how long it takes."""
    entry = await apart(world)
    await world.cycle()
    world.move("book", world.the("crm", entry, "book").id, at(11))
    await world.settle()
    assert world.calendars() == [[at(11)]]
    assert lasts(world, entry)["crm"] == QUARTERS
    assert lasts(world, entry)["office"] == HALF
    assert len(world.desk.conflicts()) == 1
    world.start_syncd()
    world.move("crm", entry, at(12))
    await world.settle()
    assert world.calendars() == [[at(12)]]
    assert lasts(world, entry) == {"crm": QUARTERS, "office": HALF, "site": HALF, "book": HALF}


async def test_texts_that_differ_are_left_where_people_typed_them(world: World) -> None:
    """Counted, listed, and written only once somebody edits one, or decides."""
    entry = world.enter_everywhere(at(15))
    world.servers["book"].person_edit(only(world, "book").id, notes="Ring twice")
    world.servers["site"].person_edit(only(world, "site").id, notes="Knock")
    first = await world.cycle()
    assert any("differ (notes 1)" in text for text in first.remarks)
    await world.settle()
    assert noted(world, entry) == {"book": "Ring twice", "site": "Knock"}
    assert world.desk.conflicts() == []
    [row] = world.desk.differences()
    assert row.field == Field.NOTES
    assert "1 text(s) differ since linking" in report.text(await world.cycle())
    assert row.id is not None
    world.desk.resolve(row.id, "site")
    await world.settle()
    assert noted(world, entry) == {"book": "Knock", "site": "Knock"}
    assert world.desk.differences() == []
    assert "all in step" in report.text(await world.cycle())


async def test_an_edit_of_such_a_text_goes_to_the_others(world: World) -> None:
    """Somebody said what is right by typing it."""
    entry = world.enter_everywhere(at(15))
    for name, text in (("book", "Ring twice"), ("site", "Knock")):
        world.servers[name].person_edit(only(world, name).id, notes=text)
    await world.settle()
    world.servers["site"].person_edit(world.the("crm", entry.id, "site").id, notes="Use the side door")
    await world.settle()
    assert noted(world, entry) == dict.fromkeys(("book", "site"), "Use the side door")
    assert world.desk.differences() == []


@pytest.mark.parametrize("winner", ["book", "office"])
@pytest.mark.parametrize(
    ("part", "value"), [("first_name", "Janet"), ("email", "janet@example.com"), ("last_name", "Jones")]
)
async def test_a_person_says_what_a_client_is_called(world: World, winner: str, part: str, value: str) -> None:
    """The winner's word goes to the other, and the rest of the client stays."""
    entry = world.enter_everywhere(at(15))
    other = replace(JANE, **{part: value})
    world.servers["office"].person_edit(only(world, "office").id, people=[other])
    await world.cycle()
    rows = [row for row in world.desk.differences() if row.field == Field.CLIENTS]
    if part == "email":
        assert rows == []  # by her address she is another person, and the office's record is not linked
        return
    [row] = rows
    assert row.id is not None
    world.desk.resolve(row.id, winner)
    await world.settle()
    right = JANE if winner == "book" else other
    for name in ("book", "office"):
        shown = world.the("crm", entry.id, name).people[0]
        assert (shown.first_name, shown.last_name, shown.email) == (right.first_name, right.last_name, right.email)
    assert world.the("crm", entry.id, "book").people[0].phone == JANE.phone


async def test_what_one_side_lacks_it_is_given(world: World) -> None:
    """An address that the office lacks, notes that Amelia lacks; and no second time."""
    entry = world.enter_everywhere(at(15))
    world.servers["office"].person_edit(only(world, "office").id, people=[replace(JANE, email="")])
    world.servers["book"].person_edit(only(world, "book").id, notes="Ring twice")
    first = await world.cycle()
    assert [dict(step.operation.changes) for step in steps(first, vendor="site")] == [{Field.NOTES: ("", "Ring twice")}]
    assert world.the("crm", entry.id, "office").people[0].email == JANE.email
    assert noted(world, entry) == dict.fromkeys(("book", "site"), "Ring twice")
    assert world.desk.differences() == []
    await world.settle()


def noted(world: World, entry: Entry) -> dict[str, str]:
    """The notes of an appointment, where they can be written."""
    return {name: world.the("crm", entry.id, name).notes for name in ("book", "site")}

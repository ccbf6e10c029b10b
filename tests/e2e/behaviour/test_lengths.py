"""How long an appointment takes where Acuity's types decide it, and the others are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd import report
from syncd.model.catalogue import Catalogue, Entry, Lengths
from syncd.model.plan import Action
from syncd.sandbox.acuity.catalogue import ADDONS
from syncd.sandbox.frame.records import Entry as Booked
from syncd.vendors.pieces import Kept, write_kept
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.test_catalogue import JORDAN, ROBIN, SHOWING
from tests.e2e.behaviour.world import HOUR, JANE, OMAR, World, at, steps

LONG = Entry(name="Showing", ids={"book": 94517101}, duration=HOUR)
GENERIC = Entry(name="Visit", ids={"book": 94517101, "site": 1}, duration=HOUR, generic=True)
OFFICE_FIRST = {"conflict": "priority", "priority": ["office", "crm", "book"]}
THREE = ("crm", "book", "office")
QUARTERS = timedelta(minutes=45)
VIEWING = next(addon for addon in ADDONS if addon.minutes == 15)


def rows(*services: Entry, lengths: Lengths = Lengths.EXACT) -> Catalogue:
    """Half an hour's showing, and these."""
    return Catalogue(services=(SHOWING, *services), staff=(JORDAN,), lengths=lengths)


def length(entry: Booked | None) -> timedelta | None:
    """How long a record takes, where there is one."""
    return None if entry is None else entry.end - entry.start


def lengths(world: World, name: str, remote_id: str) -> dict[str, timedelta | None]:
    """How long the appointment of a record takes at each vendor."""
    return {other: length(world.twin(name, remote_id, other)) for other in world.servers}


async def test_where_no_type_is_as_long_nothing_is_booked_and_the_report_says_which_row_is_missing(
    worlds: Worlds,
) -> None:
    """Not half an hour in silence; the others are told how long it takes. A row for that length ends the quarantine."""
    world = worlds(catalogue=rows())
    entry = world.enter("crm", at(15), minutes=60, service="showing")
    first = await world.cycle()
    assert first.exit_code == 3
    [quarantined] = first.quarantined
    assert quarantined.vendor == "book"
    assert "[[services]] row of 'Showing' with an id for book fits 60 minutes" in quarantined.reason
    assert lengths(world, "crm", entry.id) == {"crm": HOUR, "office": HOUR, "site": HOUR, "book": None}
    again = await world.cycle()
    assert (again.exit_code, again.steps) == (0, ())
    world.start_syncd(catalogue=rows(LONG))
    assert (await world.cycle()).exit_code == 0
    assert world.the("crm", entry.id, "book").service == 94517101
    assert length(world.the("crm", entry.id, "book")) == HOUR


async def test_the_shortest_of_its_own_service_covers_it_where_that_will_do(worlds: Worlds) -> None:
    """The report says so when it is booked; that it takes longer there is nobody's change, and goes nowhere."""
    world = worlds(catalogue=rows(LONG, lengths=Lengths.COVER))
    entry = world.enter("crm", at(15), service="showing", end=at(15.75))
    result = await world.cycle()
    assert (result.exit_code, result.quarantined) == (0, ())
    assert world.the("crm", entry.id, "book").service == 94517101
    [made] = steps(result, Action.CREATE, "book")
    assert "no service there takes 45 minutes, so that it is booked for 60 minutes" in made.operation.reason
    assert "book shows 60 minutes, and 45 minutes were agreed" in report.text(result)
    for _ in range(2):
        quiet = await world.cycle()
        assert (quiet.exit_code, quiet.steps, quiet.remarks) == (0, (), ())
    expected = dict.fromkeys(("crm", "office", "site"), QUARTERS) | {"book": HOUR}
    assert lengths(world, "crm", entry.id) == expected
    world.move("book", world.the("crm", entry.id, "book").id, at(17))
    moved = await world.cycle()
    assert moved.exit_code == 0
    await world.settle()
    assert world.calendars() == [[at(17)]]
    assert lengths(world, "crm", entry.id) == expected


@pytest.mark.parametrize("write", ["create", "reschedule"])
async def test_what_it_takes_there_is_nobodys_change_where_a_write_could_not_be_read_back(
    worlds: Worlds, write: str
) -> None:
    """Confirmed, and without its length in the answer and in the reading after it: by what it shows later, nobody made
    it longer.
    """
    world = worlds(catalogue=rows(LONG, lengths=Lengths.COVER))
    entry = world.enter("crm", at(15), service="showing", end=at(15.75))
    if write == "reschedule":
        await world.cycle()
        world.servers["crm"].person_edit(entry.id, start=at(17), end=at(17.75))
    after = {"create": 0, "reschedule": 1}[write]
    world.fault("book", "missing_field", write, field="duration", times=1)
    world.fault("book", "missing_field", "get", field="duration", times=2, after=after)
    await world.cycle()
    world.mend()
    await world.settle()
    assert len(world.calendars()) == 1
    expected = dict.fromkeys(("crm", "office", "site"), QUARTERS) | {"book": HOUR}
    assert lengths(world, "crm", entry.id) == expected


async def test_it_is_not_covered_into_the_next_appointment(worlds: Worlds) -> None:
    """The create waits with its reason until somebody makes room and releases it."""
    world = worlds(catalogue=rows(LONG, lengths=Lengths.COVER))
    other = world.enter("book", at(15.75), OMAR)
    entry = world.enter("crm", at(15), service="showing", end=at(15.75))
    first = await world.cycle()
    assert first.exit_code == 3
    [waits] = [quarantined for quarantined in first.quarantined if quarantined.vendor == "book"]
    assert f"run into record {other.id}" in waits.reason
    assert world.twin("crm", entry.id, "book") is None
    assert (await world.cycle()).exit_code == 0
    world.call_off("book", other.id)
    await world.cycle()
    world.desk.release([])
    assert (await world.settle()).exit_code == 0
    assert length(world.the("crm", entry.id, "book")) == HOUR


@pytest.mark.parametrize("covered_first", [True, False])
async def test_the_appointment_itself_goes_before_what_only_covers_another(worlds: Worlds, covered_first: bool) -> None:
    """Both are made in one cycle, in whichever order: the covered one waits, and is made when there is room."""
    world = worlds(catalogue=rows(LONG, lengths=Lengths.COVER))

    def enter_covered() -> Booked:
        return world.enter("crm", at(15), service="showing", end=at(15.75))

    covered = enter_covered() if covered_first else None
    exact = world.enter("crm", at(15.75), OMAR, service="showing")
    covered = covered or enter_covered()
    first = await world.cycle()
    assert first.exit_code == 3
    [waits] = first.quarantined
    assert "it would run into an appointment that is to be booked there (2026-10-22 15:45–16:15 UTC)" in waits.reason
    assert "goes first" in waits.reason
    assert [(entry.start, entry.end) for entry in world.live("book")] == [(at(15.75), at(16.25))]
    assert length(world.the("crm", covered.id, "office")) == QUARTERS
    for _ in range(2):
        again = await world.cycle()
        assert (again.exit_code, again.steps, world.written("book")) == (0, (), 0)
        assert [entry.vendor for entry in again.quarantined] == ["book"]
    world.call_off("crm", exact.id)
    await world.settle()
    assert length(world.the("crm", covered.id, "book")) == HOUR
    assert world.desk.quarantines() == []


async def test_of_two_that_are_covered_the_one_with_room_is_made(worlds: Worlds) -> None:
    """15:00 and 15:45, both of 45 minutes: the first has no room for an hour, the second has."""
    world = worlds(catalogue=rows(LONG, lengths=Lengths.COVER))
    world.enter("crm", at(15), service="showing", end=at(15.75))
    world.enter("crm", at(15.75), OMAR, service="showing", end=at(16.5))
    first = await world.cycle()
    assert [entry.vendor for entry in first.quarantined] == ["book"]
    assert [(entry.start, entry.end) for entry in world.live("book")] == [(at(15.75), at(16.75))]


async def test_in_another_calendar_nothing_is_in_its_way(worlds: Worlds) -> None:
    """A colleague is free."""
    catalogue = replace(rows(LONG, lengths=Lengths.COVER), staff=(JORDAN, ROBIN))
    world = worlds(catalogue=catalogue)
    world.enter("site", at(15.75), OMAR, service=2, staff={"provider": 2, "location": 1})
    world.enter("crm", at(15), service="showing", end=at(15.75))
    result = await world.cycle()
    assert result.quarantined == ()
    assert sorted((entry.start, entry.staff) for entry in world.live("book")) == [
        (at(15), 14209019),
        (at(15.75), 14209020),
    ]


@pytest.mark.parametrize("together", [True, False])
async def test_a_covered_record_is_not_moved_over_the_next_one(worlds: Worlds, together: bool) -> None:
    """It keeps its old time there until there is room, whether the other was there, or is made in the same cycle."""
    world = worlds(catalogue=rows(LONG, lengths=Lengths.COVER))
    covered = world.enter("crm", at(18), service="showing", end=at(18.75))
    await world.settle()
    other = None if together else world.enter("crm", at(15.75), OMAR, service="showing")
    await world.settle()
    world.move("crm", covered.id, at(15))
    other = other or world.enter("crm", at(15.75), OMAR, service="showing")
    moved = await world.cycle()
    assert moved.exit_code == 3
    [waits] = moved.quarantined
    assert waits.reason.startswith("not moved to 2026-10-22 15:00–15:45 UTC: book has it booked for 60 minutes")
    assert sorted(world.starts("book")) == [at(15.75), at(18)]
    assert sorted(world.starts("office")) == [at(15), at(15.75)]
    again = await world.cycle()
    assert (again.exit_code, again.steps) == (0, ())
    world.call_off("crm", other.id)
    await world.settle()
    assert world.starts("book") == [at(15)]
    assert world.desk.quarantines() == []


async def test_a_second_merge_within_a_cycle_moves_no_covered_record_over_the_next_one_either(worlds: Worlds) -> None:
    """Somebody moves it once more while it is moved: it waits, which is said, and follows as soon as there is room."""
    world = worlds(catalogue=rows(LONG, lengths=Lengths.COVER), names=THREE, sync=OFFICE_FIRST)
    covered = world.enter("crm", at(18), service="showing", end=at(18.75))
    other = world.enter("crm", at(15.75), OMAR, service="showing")
    await world.settle()
    world.move("crm", covered.id, at(20))
    office = world.the("crm", covered.id, "office")
    world.between("office", "get", lambda: world.move("office", office.id, at(15)))
    result = await world.cycle()
    assert result.exit_code == 3
    [waits] = [entry for entry in result.quarantined if entry.new]
    assert waits.reason.startswith("not moved to 2026-10-22 15:00–15:45 UTC: book has it booked for 60 minutes")
    assert sorted(world.starts("book")) == [at(15.75), at(20)]
    again = await world.cycle()
    assert (again.exit_code, again.steps, world.written("book")) == (0, (), 0)
    world.call_off("crm", other.id)
    await world.settle()
    assert world.starts("book") == [at(15)]
    assert world.desk.quarantines() == []


async def test_a_second_merge_tells_whose_spare_time_it_takes(worlds: Worlds) -> None:
    """Nobody touches the covered appointment: that another now stands in its last quarter is said all the same."""
    world = worlds(catalogue=rows(LONG, lengths=Lengths.COVER), names=THREE, sync=OFFICE_FIRST)
    covered = world.enter("crm", at(15), service="showing", end=at(15.75))
    exact = world.enter("crm", at(18), OMAR, service="showing")
    await world.settle()
    world.move("crm", exact.id, at(20))
    office = world.the("crm", exact.id, "office")
    world.between("office", "get", lambda: world.move("office", office.id, at(15.75)))
    result = await world.cycle()
    assert sorted(world.starts("book")) == [at(15), at(15.75)]
    record = world.the("crm", covered.id, "book")
    assert [text for text in result.remarks if f"(record {record.id}), longer than was agreed" in text]


async def test_what_is_made_after_a_covered_appointment_goes_first_and_the_report_says_what_stands_there(
    worlds: Worlds,
) -> None:
    """Nobody is kept from booking the quarter of an hour that nobody agreed on; both stand there."""
    world = worlds(catalogue=rows(LONG, lengths=Lengths.COVER))
    covered = world.enter("crm", at(15), service="showing", end=at(15.75))
    await world.settle()
    record = world.the("crm", covered.id, "book")
    world.enter("crm", at(15.75), OMAR, service="showing")
    result = await world.cycle()
    assert (result.exit_code, result.quarantined) == (0, ())
    assert world.starts("book") == [at(15), at(15.75)]
    [said] = [text for text in result.remarks if "goes first" in text]
    assert f"booked until 16:00 UTC (record {record.id}), longer than was agreed" in said
    assert JANE.name in said.partition("is now")[0]
    assert OMAR.name in said.partition("is now")[2]
    assert said in report.text(result)
    assert (await world.cycle()).remarks == ()


@pytest.mark.parametrize(("how", "booked"), [(Lengths.EXACT, None), (Lengths.COVER, 94517101)])
async def test_an_unknown_service_is_covered_by_a_generic_row_alone(worlds: Worlds, how: Lengths, booked: Any) -> None:
    """By no other service, however long; and only where lengths need not be exact."""
    other = Entry(name="Talk", ids={"book": 94517100, "site": 3}, duration=timedelta(minutes=50))
    world = worlds(catalogue=rows(other, GENERIC, lengths=how))
    entry = world.enter("office", at(15), end=at(15.75))
    result = await world.cycle()
    waiting = {quarantined.vendor for quarantined in result.quarantined}
    assert waiting == (set() if booked else {"book", "site"})
    if booked:
        assert world.the("office", entry.id, "book").service == booked
        assert length(world.the("office", entry.id, "site")) == QUARTERS


async def test_made_again_an_appointment_with_add_ons_is_as_long_as_it_was(worlds: Worlds, behaviour: str) -> None:
    """Cancelled and scheduled again: with the same add-ons, where the vendor shows which; never shorter."""
    world = worlds(catalogue=rows())
    entry = world.enter("book", at(15), extra={"addonIDs": [VIEWING.id]})
    assert length(entry) == QUARTERS
    await world.settle()
    crm = world.the("book", entry.id, "crm")
    assert length(crm) == QUARTERS
    world.call_off("crm", crm.id)
    await world.settle()
    world.servers["crm"].person_revive(crm.id)
    result = await world.cycle()
    made = world.twin("crm", crm.id, "book")
    if behaviour == "reference":  # it shows no add-ons
        assert [quarantined.vendor for quarantined in result.quarantined] == ["book"]
        assert made is None
        return
    assert made is not None
    assert (made.id != entry.id, made.extra["addonIDs"], length(made)) == (True, [VIEWING.id], QUARTERS)
    assert (await world.settle()).exit_code == 0
    assert lengths(world, "crm", crm.id) == dict.fromkeys(world.servers, QUARTERS)


async def test_a_length_that_is_not_the_agreed_one_is_reported_whenever_that_comes_about(world: World) -> None:
    """When records are linked, and when others change it: once each time, and nothing is written for it.

    Where people can give it another length, they are asked which one is right; one that a type decides is told.
    """
    entry = world.enter_everywhere(at(15))
    world.servers["crm"].person_edit(entry.id, end=at(16))
    linked = await world.cycle()
    [said] = [text for text in linked.remarks if "minutes were agreed" in text]
    assert said.endswith("book shows 30 minutes, and 60 minutes were agreed")
    assert JANE.name in said
    [asked] = linked.conflicts
    lasts = {vendor: slot.duration for vendor, slot in asked.values.items()}
    assert lasts == {"crm": HOUR, "office": HOUR / 2, "site": HOUR / 2}
    assert (asked.winner, steps(linked)) == (None, [])
    assert (await world.cycle()).remarks == ()
    world.servers["crm"].person_edit(entry.id, end=at(15.75))
    changed = await world.cycle()
    assert {step.operation.vendor for step in steps(changed)} == {"office", "site"}
    [text] = changed.remarks
    assert text.endswith("book shows 30 minutes, and 45 minutes were agreed")
    assert text in report.text(changed)
    assert text in report.html(changed).replace("&#39;", "'")
    assert (await world.settle()).remarks == ()
    assert lengths(world, "crm", entry.id) == dict.fromkeys(("crm", "office", "site"), QUARTERS) | {
        "book": timedelta(minutes=30)
    }


async def test_another_type_given_at_acuity_says_how_long_it_takes(world: World) -> None:
    """A person there made it an hour: so it is everywhere, moved with it or not."""
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    booked = world.the("crm", entry.id, "book")
    world.servers["book"].person_edit(booked.id, service=94517101)
    await world.settle()
    assert lengths(world, "crm", entry.id) == dict.fromkeys(world.servers, HOUR)


async def test_a_look_at_what_is_in_the_way_does_not_forget_what_is_too_much_at_once(worlds: Worlds) -> None:
    """A few days can always be listed: that says nothing of the whole window."""
    world = worlds(catalogue=rows(LONG, lengths=Lengths.COVER))
    await world.cycle()
    kept = write_kept(Kept(days=30, limit=60, times=3, at=world.clock().timestamp()))
    world.vendors["book"].recall(kept)
    world.enter("crm", at(15), service="showing", end=at(15.75))
    await world.cycle()
    assert length(world.live("book")[0]) == HOUR
    assert world.vendors["book"].memory() == kept

"""Half a character, a number too long, the year 9999, a broken date: one record pays at most, and it is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syncd import report
from syncd.model.plan import Action
from syncd.sandbox.frame.records import Person
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, ANA, JANE, OMAR, World, at, of, origin_for, steps

EACH_VENDOR = pytest.mark.parametrize("name", ALL)
TEXT_KEYS = {"crm": "title", "book": "notes", "office": "title", "site": "internalNotes"}
"""A free text of each vendor's rows, in its words."""
HALF = "\ud83d"


async def in_step(world: World) -> str:
    """Two appointments everywhere, with notes where there are any; the first one's id at the CRM."""
    entry = world.enter_everywhere(at(15), notes="Bring the key")
    world.enter_everywhere(at(10), OMAR)
    await world.settle()
    return entry.id


@EACH_VENDOR
async def test_half_a_character_stops_no_vendor(world: World, name: str) -> None:
    """The day goes on: the other record moves, the damaged one too, and nobody's text is written over."""
    crm_id = await in_step(world)
    struck = world.the("crm", crm_id, name).id
    before = {vendor: world.the("crm", crm_id, vendor) for vendor in ALL}
    world.fault(name, "half_character", "list", "get", field=TEXT_KEYS[name], record=struck)
    [other] = [entry.id for entry in world.live(name) if entry.id != struck]
    world.move(name, other, at(12))
    world.move(name, struck, at(16))
    result = await world.cycle()
    assert result.exit_code == 0
    assert of(result, name).snapshot == "complete"
    assert world.calendars() == [[at(12), at(16)]]
    assert all("slot" in step.operation.changes and len(step.operation.changes) == 1 for step in steps(result))
    for vendor, entry in before.items():
        now = world.the("crm", crm_id, vendor)
        assert (now.title, now.notes) == (entry.title, entry.notes)
    said = report.text(result)
    assert f"{name}: the {'title' if TEXT_KEYS[name] == 'title' else 'notes'} of its record {struck}: " in said
    assert "base_url" not in said
    quiet = await world.settle()
    assert quiet.exit_code == 0


@EACH_VENDOR
async def test_a_damaged_record_can_be_written_by_others(world: World, name: str) -> None:
    """Somebody else moves it: its own vendor takes the new time, and is asked no second time what it has."""
    crm_id = await in_step(world)
    struck = world.the("crm", crm_id, name).id
    world.fault(name, "half_character", field=TEXT_KEYS[name], record=struck)
    other = next(vendor for vendor in ALL if vendor != name)
    world.move(other, world.the("crm", crm_id, other).id, at(16))
    result = await world.cycle()
    assert result.exit_code == 0
    assert world.calendars() == [[at(10), at(16)]]
    assert (await world.cycle()).exit_code == 0
    assert steps(world.results[-1]) == []
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10), at(16)]]


@EACH_VENDOR
async def test_a_new_record_with_a_damaged_text_is_kept_readable(world: World, name: str) -> None:
    """Its client tells who it is: it goes everywhere, with a mark for what was lost, and its own text is left alone."""
    entry = world.enter(name, at(15), title="House visit", notes="Ring twice")
    world.fault(name, "half_character", "list", "get", field=TEXT_KEYS[name], record=entry.id)
    result = await world.cycle()
    assert result.exit_code == 0
    await world.settle()
    assert world.calendars() == [[at(15)]]
    shown = [text for vendor in ALL for one in world.live(vendor) for text in (one.title, one.notes)]
    assert "\ufffd" in "".join(shown)
    assert HALF not in "".join(shown)
    here = world.servers[name].entries[entry.id]
    assert (here.title, here.notes.partition("\n")[0]) == (entry.title, entry.notes)
    world.mend()
    await world.settle()
    assert "\ufffd" not in "".join(text for vendor in ALL for one in world.live(vendor) for text in (one.notes,))


async def test_a_new_record_that_only_a_damaged_text_tells_is_made_nowhere(world: World) -> None:
    """It may be one that the others have: it waits, with its reason, and nothing is made at its time."""
    entry = world.enter("office", at(15), None, title="Board meeting 🏡")
    twin = world.enter("crm", at(15), None, title="Board meeting 🏡")
    other = world.enter("crm", at(10), OMAR)
    world.fault("office", "half_character", "list", "get", field="title", record=entry.id)
    result = await world.cycle()
    assert result.exit_code == 3
    [kept] = [one for one in result.quarantined if one.vendor == "office"]
    assert kept.remote_id == entry.id
    assert "title" in kept.reason
    assert world.starts("office") == [at(10), at(15)]
    assert world.twin("crm", other.id, "office") is not None
    world.mend()
    await world.settle()
    assert world.the("crm", twin.id, "office").id == entry.id
    assert world.starts("office") == [at(10), at(15)]


async def test_a_client_whose_name_is_damaged_is_nobody_new(world: World) -> None:
    """The same person stands elsewhere under the whole name: no second appointment is made of it."""
    whole = Person("Zoë 🦊", "Smith", "", "")
    world.enter("crm", at(15), whole)
    here = world.enter("office", at(15), whole)
    world.enter("crm", at(10), OMAR)
    world.fault("office", "half_character", "list", "get", field="clientFirstName", record=here.id)
    result = await world.cycle()
    assert result.exit_code == 3
    assert len(world.live("office")) == 2
    assert len([one for one in world.live("crm") if one.start == at(15)]) == 1


@EACH_VENDOR
@pytest.mark.parametrize("odd", [{"a": 1}, None])
async def test_an_id_of_another_type_costs_its_row_alone(world: World, name: str, odd: object) -> None:
    """Nobody can tell which record the row is: the known one stays in step, and new ones are made, there as well."""
    crm_id = await in_step(world)
    struck = world.the("crm", crm_id, name).id
    id_key = world.servers[name].behaviour.get("id_key", "id")
    world.fault(name, "bad_value", "list", field=id_key, body=odd, record=struck)
    origin = origin_for(name)
    world.enter(origin, at(12), ANA)
    result = await world.cycle()
    assert (result.exit_code, of(result, name).snapshot) == (3, "complete")
    assert steps(result, Action.CANCEL) == []
    [kept] = [one for one in result.quarantined if one.vendor == name]
    assert (kept.remote_id, " id" in kept.reason or "`id`" in kept.reason) == (struck, True)
    world.move(name, struck, at(16))
    assert (await world.cycle()).exit_code == 0
    assert (await world.settle()).exit_code == 0
    assert world.calendars() == [[at(10), at(12), at(16)]]


@EACH_VENDOR
async def test_more_missing_records_than_rows_without_an_id_are_no_listing(world: World, name: str) -> None:
    """One such row is not two records: what the listing lacks besides is no reason to cancel or to make anything."""
    crm_id = await in_step(world)
    struck = world.the("crm", crm_id, name).id
    [other] = [entry.id for entry in world.live(name) if entry.id != struck]
    for hour in (12, 14, 18, 20):
        world.enter_everywhere(at(hour, 23), ANA)
    await world.settle()
    id_key = world.servers[name].behaviour.get("id_key", "id")
    world.fault(name, "bad_value", "list", field=id_key, body={"a": 1}, record=struck)
    hidden = world.hide(name, other)
    world.between(name, "get", lambda: world.unhide(name, hidden))
    result = await world.cycle()
    assert of(result, name).snapshot == "partial"
    assert steps(result) == []


async def test_a_version_that_is_no_number_costs_its_record_alone(world: World) -> None:
    """It is left alone until it can be read; the others go on."""
    crm_id = await in_step(world)
    [other] = [entry.id for entry in world.live("crm") if entry.id != crm_id]
    world.fault("crm", "bad_value", "list", "get", field="version", body=10**30, record=crm_id)
    world.move("crm", crm_id, at(16))
    world.move("crm", other, at(12))
    result = await world.cycle()
    assert result.exit_code == 3
    assert of(result, "crm").snapshot == "complete"
    assert world.starts("office") == [at(12), at(15)]
    [kept] = [one for one in result.quarantined if one.vendor == "crm"]
    assert (kept.remote_id, "version cannot be read: a number of more than" in kept.reason) == (crm_id, True)
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(12), at(16)]]


@pytest.mark.parametrize(("name", "key"), [("crm", "updated_at"), ("office", "updatedAt")])
async def test_a_modification_in_the_year_9999_does_not_freeze_a_record(world: World, name: str, key: str) -> None:
    """Once it is past, whatever people do is seen."""
    crm_id = await in_step(world)
    here = world.the("crm", crm_id, name).id
    for year in (2031, 9999):
        world.fault(name, "bad_value", "list", "get", field=key, body=f"{year}-12-31T23:59:59.000Z", record=here)
        world.servers[name].person_edit(here, location=f"Room {year}")
        assert (await world.cycle()).exit_code == 0
        world.mend()
        world.move(name, here, at(16) + timedelta(hours=year % 2))
        await world.settle()
        assert world.calendars() == [[at(10), at(16) + timedelta(hours=year % 2)]]


@EACH_VENDOR
async def test_a_move_to_the_end_of_the_calendar_is_no_move(world: World, name: str) -> None:
    """The record is left alone with its reason; nobody else moves there."""
    crm_id = await in_step(world)
    here = world.the("crm", crm_id, name).id
    never = datetime(9999, 12, 30, 12, tzinfo=UTC)
    world.servers[name].person_edit(here, start=never, end=never + timedelta(minutes=30))
    result = await world.cycle()
    assert steps(result, Action.RESCHEDULE) == []
    await world.cycle()
    others = [vendor for vendor in ALL if vendor != name]
    assert world.calendars(others) == [[at(10), at(15)]]
    world.move(name, here, at(16))
    await world.settle()
    assert world.calendars() == [[at(10), at(16)]]


@pytest.mark.parametrize("never", ["9999-12-31T23:59:59-0500", "0001-01-01T00:00:00+0900"])
@pytest.mark.parametrize(("name", "key"), [("crm", "start_time"), ("book", "datetime")])
async def test_a_start_beyond_the_calendar_is_told_as_that(world: World, name: str, key: str, never: str) -> None:
    """Not as a time in a wrong form: that is what somebody would look for then, and not find."""
    entry = world.enter(name, at(15))
    world.fault(name, "bad_value", "list", "get", field=key, body=never, record=entry.id)
    [kept] = (await world.cycle()).quarantined
    assert (kept.remote_id, key in kept.reason, "beyond the calendar" in kept.reason) == (entry.id, True, True)


@pytest.mark.parametrize("value", ["Fri, 31 Dec 9999 23:59:59 -0500", "Thu, 01 Jan 1970 00:00:00 GMT", "yesterday"])
async def test_a_broken_date_breaks_no_cycle(world: World, value: str) -> None:
    """From all vendors, in every answer."""
    for name in ALL:
        world.fault(name, "date_header", value=value)
    crm_id = await in_step(world)
    world.move("office", world.the("crm", crm_id, "office").id, at(16))
    assert (await world.settle()).exit_code == 0
    assert world.calendars() == [[at(10), at(16)]]


async def test_letters_of_another_encoding_stop_nobody(worlds: Worlds) -> None:
    """A site that names UTF-8 and sends single bytes is read; its damaged names change nobody's."""
    world = worlds()
    zoe = Person("Zoë", "Smith", "zoe@example.com", "2125550144")
    entry = world.enter_everywhere(at(15), zoe)
    world.enter_everywhere(at(10), JANE)
    await world.settle()
    for name in ALL:
        world.fault(name, "latin_1", "list", "get")
    world.move("office", world.the("crm", entry.id, "office").id, at(16))
    world.enter("book", at(12), ANA)
    await world.settle()
    assert world.calendars() == [[at(10), at(12), at(16)]]
    for name in ("book", "office", "site"):
        assert world.the("crm", entry.id, name).people[0].first_name == "Zoë"


@pytest.mark.parametrize("name", ["book", "office"])
async def test_a_record_that_is_mended_is_nobodys_second_booking(world: World, name: str) -> None:
    """Its like was called off while its client could not be read: nothing is revived, and a person is asked."""
    struck = world.enter(name, at(15), replace(ANA, first_name="An\ufffd"))
    other = world.enter("crm", at(15), ANA, title="Showing")
    await world.cycle()
    await world.cycle()
    world.call_off("crm", other.id)
    await world.settle()
    world.servers[name].person_edit(struck.id, people=[replace(ANA)])
    result = await world.cycle()
    [conflict] = result.conflicts
    assert (conflict.winner, conflict.values[name]) == (None, "scheduled")
    await world.cycle()
    assert [world.starts(vendor) for vendor in ALL if vendor != name] == [[], [], []]

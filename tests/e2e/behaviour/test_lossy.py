"""A vendor that rounds, trims, drops or rewords what it is given is accepted as it is, and never written twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, ANA, ANY_TIME, HOUR, JANE, OMAR, SEVERAL, World, at, outcomes, steps

LOSSY: list[dict[str, Any]] = [
    {"trim_title": 9},
    {"round_minutes": 15},
    {"drop_notes": True},
    {"reformat_phone": "digits"},
    {"reformat_phone": "us"},
]
CASES = [
    pytest.param(name, switch, id=f"{name}-{'-'.join(map(str, *switch.items()))}")
    for name in ALL
    for switch in LOSSY
    if "reformat_phone" not in switch or name in ("book", "site")  # the others are given no phone
]


async def quiet(world: World) -> None:
    """The next cycle finds nothing to do."""
    result = await world.cycle()
    assert steps(result) == []
    assert result.exit_code == 0
    assert {name: world.written(name) for name in world.servers} == dict.fromkeys(world.servers, 0)


@pytest.mark.parametrize(("lossy", "switch"), CASES)
async def test_what_a_vendor_cannot_keep_is_written_to_it_once(
    worlds: Worlds, lossy: str, switch: dict[str, Any]
) -> None:
    """On create, on a move, and when a text changes: once each, and the origin keeps what it had."""
    world = worlds(switches={**ANY_TIME, lossy: {**ANY_TIME[lossy], **switch}})
    origin = "office" if lossy != "office" else "book"
    who = ANA if switch.get("reformat_phone") != "us" else JANE
    entry = world.enter(origin, at(15) + timedelta(minutes=7), who, notes="Ring twice", location="8 Oak Lane")
    assert (await world.cycle()).exit_code == 0
    await quiet(world)
    world.move(origin, entry.id, at(16) + timedelta(minutes=22))
    moved = await world.cycle()
    assert outcomes(moved) == dict.fromkeys(set(ALL) - {origin}, "done")
    await quiet(world)
    changed = {"notes": "Ring three times"} | ({"title": "An entirely new title"} if origin == "office" else {})
    world.servers[origin].person_edit(entry.id, **changed)
    assert (await world.cycle()).exit_code == 0
    await quiet(world)
    await quiet(world)
    kept = world.servers[origin].entries[entry.id]
    assert (kept.start, kept.notes) == (at(16) + timedelta(minutes=22), "Ring three times")


@pytest.mark.parametrize("lossy", ALL)
async def test_a_move_whose_record_is_not_found_right_after_may_have_been_rounded(worlds: Worlds, lossy: str) -> None:
    """What the record shows when it is there again is what the vendor made of the move, and nobody's."""
    world = worlds(switches={**ANY_TIME, lossy: {**ANY_TIME[lossy], "round_minutes": 15}})
    origin = "office" if lossy != "office" else "book"
    entry = world.enter(origin, at(15))
    await world.cycle()
    new = at(16) + timedelta(minutes=22)
    world.move(origin, entry.id, new)
    world.fault(lossy, "status", "get", after=1, times=1, code=404)
    await world.settle()
    assert world.starts(lossy) != [new]
    assert all(world.starts(name) == [new] for name in ALL if name != lossy)
    await quiet(world)


@pytest.mark.parametrize("minutes", [15, 45])
@pytest.mark.parametrize("origin", ["crm", "site"])
async def test_a_length_that_a_booking_type_fixes_is_nobodys_change(worlds: Worlds, origin: str, minutes: int) -> None:
    """People entered it at both: no other vendor's end follows the type's at Acuity, when it is found or moved."""
    world = worlds(sync={"priority": [origin, *(name for name in ALL if name != origin)]})
    end = at(15) + timedelta(minutes=minutes)
    showing = {"crm": "showing", "site": 2}[origin]
    entry = world.enter(origin, at(15), end=end, service=showing)
    world.enter("book", at(15))
    await world.cycle()
    await quiet(world)
    booked = world.the(origin, entry.id, "book")
    assert booked.end - booked.start == HOUR / 2
    assert world.the(origin, entry.id, "office").end == end
    world.servers[origin].person_edit(entry.id, start=at(17), end=at(17) + timedelta(minutes=minutes))
    await world.cycle()
    await quiet(world)
    assert world.the(origin, entry.id, "book").start == at(17)
    assert world.the(origin, entry.id, "office").end == at(17) + timedelta(minutes=minutes)


async def test_a_new_length_alone_goes_to_those_that_can_take_it(world: World) -> None:
    """And is no operation at the one that fixes the end."""
    entry = world.enter("crm", at(15))
    await world.cycle()
    world.servers["crm"].person_edit(entry.id, end=at(16.5))
    result = await world.cycle()
    assert outcomes(result) == {"office": "done", "site": "done"}
    await quiet(world)
    assert world.the("crm", entry.id, "site").end == world.the("crm", entry.id, "office").end == at(16.5)


async def test_a_move_at_the_vendor_that_fixes_the_end_keeps_the_others_length(world: World) -> None:
    """What it cannot show is taken over from what was agreed."""
    entry = world.enter("crm", at(15), end=at(15.75))
    world.enter("book", at(15))
    await world.cycle()
    booked = world.the("crm", entry.id, "book")
    world.move("book", booked.id, at(17))
    await world.cycle()
    await quiet(world)
    moved = world.servers["crm"].entries[entry.id]
    assert moved.start == at(17)
    assert moved.end - moved.start == timedelta(minutes=45)


@pytest.mark.parametrize("title", ["For Jane", ""])
async def test_a_title_that_a_vendor_gives_is_nobodys_change_when_it_is_first_read(world: World, title: str) -> None:
    """The booking was made, and neither its answer nor the reading after it could be read."""
    entry = world.enter("office", at(15), title=title)
    world.fault("book", "missing_field", "create", "get", field="time", times=1)
    await world.cycle()
    world.mend()
    await world.settle()
    assert world.servers["office"].entries[entry.id].title == title
    assert world.calendars() == [[at(15)]]


async def test_seconds_that_a_vendor_drops_are_nobodys_change(world: World) -> None:
    """ActuallyCare keeps them, the others do not."""
    start = at(15) + timedelta(seconds=40)
    entry = world.enter("crm", start, end=start + HOUR / 2)
    await world.cycle()
    await quiet(world)
    assert world.servers["crm"].entries[entry.id].start == start
    world.move("book", world.the("crm", entry.id, "book").id, at(18))
    await world.cycle()
    await quiet(world)
    assert world.servers["crm"].entries[entry.id].start == at(18)


async def test_what_has_no_title_is_called_by_its_service_and_client(world: World) -> None:
    """Acuity knows types and no titles: in the CRM, which cannot be given the client, a title says who comes."""
    entry = world.enter("book", at(15))
    await world.cycle()
    assert {world.the("book", entry.id, name).title for name in ("crm", "office")} == {"Showing, Jane Smith"}
    assert (await world.cycle()).steps == ()


async def test_a_client_who_is_read_back_as_nobody_keeps_the_number_that_others_know(world: World) -> None:
    """Aivapad took a new name and showed no client for once: a new e-mail there later is the same person's."""
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    ids = {name: world.the("crm", entry.id, name).id for name in ALL}
    renamed = replace(JANE, first_name="Janet")
    world.servers["site"].person_edit(ids["site"], people=[renamed])
    world.fault("office", "null_fields", "get", "update")
    await world.cycle()
    world.mend()
    moved = replace(renamed, email="janet@example.com", phone="")
    world.servers["office"].person_edit(ids["office"], people=[moved])
    await world.cycle()
    await world.settle()
    assert world.servers["book"].entries[ids["book"]].people[0] == replace(moved, phone=JANE.phone)


async def test_a_client_whom_nobody_names_while_a_write_is_open_keeps_the_number_that_others_know(world: World) -> None:
    """Aivapad never took the e-mail of the booking page, and showed no client for a while: that was no answer."""
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    ids = {name: world.the("crm", entry.id, name).id for name in ALL}
    moved = replace(JANE, email="janet@example.com")
    world.servers["book"].person_edit(ids["book"], people=[moved])
    world.fault("office", "reset", "update")
    await world.cycle()
    world.mend()
    world.fault("office", "null_fields", "list", "get")
    world.fault("office", "reset", "update")
    await world.cycle(minutes=30)
    world.mend()
    await world.settle()
    assert world.servers["book"].entries[ids["book"]].people[0] == moved
    assert world.servers["office"].entries[ids["office"]].people[0].email == moved.email


@pytest.mark.parametrize("origin", ["book", "office"])
async def test_a_second_client_whom_a_vendor_cannot_hold_stays_when_the_first_is_renamed_there(
    worlds: Worlds, origin: str
) -> None:
    """Acuity and Aivapad know one of two people who come: Amelia, which is back after that, books both of them."""
    world = worlds(switches=SEVERAL)
    world.servers["crm"].set_behaviour(attendees_in_get=True, attendees="others")
    entry = world.enter("crm", at(15), people=[JANE, OMAR])
    world.wires["site"].cut = True
    await world.cycle()
    renamed = world.the("crm", entry.id, origin)
    [shown] = renamed.people
    world.servers[origin].person_edit(renamed.id, people=[replace(shown, first_name="Janet")])
    await world.cycle()
    world.mend()
    await world.settle()
    assert [client.first_name for client in world.known("crm", entry.id).agreed.clients] == ["Janet", "Omar"]
    assert [person.first_name for person in world.the("crm", entry.id, "site").people] == ["Janet", "Omar"]
    assert [person.first_name for person in world.the("crm", entry.id, "book").people] == ["Janet"]

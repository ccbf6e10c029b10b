"""How long a booking takes: its type decides, with its add-ons, and never the catalogue alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.model.appointment import Field
from syncd.model.catalogue import Catalogue, Entry, Lengths
from syncd.model.errors import Refused
from syncd.sandbox.acuity.catalogue import ADDONS
from tests.vendors.acuity.world import (
    CATALOGUE,
    CONSULTATION,
    JORDAN,
    ROBIN,
    SHOWING,
    SMITH,
    World,
    appointment,
    at,
    body_of,
    read,
    slot,
    written,
)

VIEWING = next(addon for addon in ADDONS if addon.minutes == 15)
HOUR = Entry(name="Showing", ids={"book": CONSULTATION}, duration=timedelta(minutes=60))
COVER = replace(CATALOGUE, services=(*CATALOGUE.services, HOUR), lengths=Lengths.COVER)
LONGER = appointment(slot=slot(at(15), 45))


@pytest.mark.parametrize("minutes", [20, 45, 60])
async def test_a_length_that_no_row_of_the_service_has_is_booked_by_none(minutes: int) -> None:
    """Neither as the shorter type of that name nor as another service that would be as long."""
    world = World()
    vendor, target = world.vendor(), appointment(slot=slot(at(15), minutes))
    assert f"fits {minutes} minutes" in str(vendor.capabilities.objection(target))
    with pytest.raises(Refused, match="row of 'Showing' with an id for book"):
        await vendor.create(target, "token")
    assert world.account.counters.writes == 0


async def test_what_covers_it_is_booked_where_that_will_do() -> None:
    """The shortest type of that service; how long that is, is known beforehand."""
    world = World()
    vendor = world.vendor(catalogue=COVER)
    assert vendor.capabilities.books(LONGER) == timedelta(minutes=60)
    record = written(await vendor.create(LONGER, "token"))
    assert record.content.slot == slot(at(15), 60)
    assert body_of(world.seen[-1])["appointmentTypeID"] == CONSULTATION


TAKEN: list[tuple[dict[str, Any], bool]] = [
    ({"start": at(15.75)}, True),
    ({"start": at(15.5), "service": CONSULTATION}, True),
    ({"start": at(16)}, False),
    ({"start": at(14.5)}, False),
    ({"start": at(15.75), "staff": ROBIN}, False),
    ({"start": at(15.75), "status": "cancelled"}, False),
    ({"start": at(15.75), "status": "no_show"}, False),
]


@pytest.mark.parametrize(("other", "in_the_way"), TAKEN)
async def test_it_does_not_run_into_the_next_record_of_that_calendar(other: dict[str, Any], in_the_way: bool) -> None:
    """Of another calendar, of another time, or cancelled, it would not be in the way."""
    world = World()
    [next_one] = world.person_books(people=SMITH, **other)
    vendor = world.vendor(catalogue=COVER)
    if in_the_way:
        with pytest.raises(Refused, match=f"it would run into record {next_one}; make room"):
            await vendor.create(LONGER, "token")
        assert world.account.counters.writes == 0
    else:
        assert written(await vendor.create(LONGER, "token")).content.staff == "Jordan"


@pytest.mark.parametrize(("other", "in_the_way"), TAKEN)
async def test_nor_is_it_moved_into_the_next_record_of_that_calendar(other: dict[str, Any], in_the_way: bool) -> None:
    """Its own record, from which it moves, is in nobody's way."""
    world = World()
    vendor = world.vendor(catalogue=COVER)
    booked = written(await vendor.create(appointment(slot=slot(at(15.5), 45)), "token"))
    [next_one] = world.person_books(people=SMITH, **other)
    writes = world.account.counters.writes
    if in_the_way:
        with pytest.raises(Refused, match=f"not moved: its type is longer.*run into record {next_one}; make room"):
            await vendor.write(booked, LONGER, frozenset({Field.SLOT}))
        assert world.account.counters.writes == writes
    else:
        moved = written(await vendor.write(booked, LONGER, frozenset({Field.SLOT})))
        assert moved.content.slot == slot(at(15), 60)


async def test_given_to_a_colleague_it_is_looked_for_room_there() -> None:
    """The calendar that it goes to counts, not the one that it leaves."""
    world = World()
    vendor = world.vendor(catalogue=COVER)
    booked = written(await vendor.create(LONGER, "token"))
    [next_one] = world.person_books(people=SMITH, start=at(15.75), staff=ROBIN)
    with pytest.raises(Refused, match=f"run into record {next_one}"):
        await vendor.write(booked, LONGER.with_values({Field.STAFF: "Robin"}), frozenset({Field.STAFF}))


async def test_what_is_as_long_asks_for_no_room() -> None:
    """As the admin, as ever: no listing is read for it."""
    world = World()
    world.person_books(start=at(15.25), people=SMITH)
    await world.vendor(catalogue=COVER).create(appointment(), "token")
    assert [request.method for request in world.seen] == ["POST"]


async def with_addon(world: World, **more: Any) -> str:
    """The id of a cancelled booking of 45 minutes: half an hour, and an add-on."""
    [remote] = world.person_books(
        start=at(15), people=SMITH, status="cancelled", extra={"addonIDs": [VIEWING.id]}, **more
    )
    return remote


async def test_made_again_it_has_its_add_ons_and_is_as_long() -> None:
    """No row of the catalogue is as long as type and add-on together, and none is needed."""
    world = World()
    remote = await with_addon(world)
    vendor = world.vendor()
    was = (await read(vendor, remote)).content
    assert was.slot == slot(at(15), 45)
    target = appointment(slot=slot(at(17), 45))
    assert vendor.capabilities.objects(target) is not None
    assert vendor.capabilities.objects(target, was) is None
    record = written(await vendor.create(target, "token", remote))
    assert record.content.slot == slot(at(17), 45)
    body = body_of(world.seen[-1])
    assert (body["appointmentTypeID"], body["addonIDs"], body["calendarID"]) == (SHOWING, [VIEWING.id], JORDAN)


@pytest.mark.parametrize("minutes", [30, 60])
async def test_of_another_length_by_now_it_is_booked_by_the_catalogue(minutes: int) -> None:
    """As if there had been no record."""
    world = World()
    remote = await with_addon(world)
    vendor = world.vendor(catalogue=replace(CATALOGUE, services=(*CATALOGUE.services, HOUR)))
    record = written(await vendor.create(appointment(slot=slot(at(17), minutes)), "token", remote))
    assert record.content.slot == slot(at(17), minutes)
    assert "addonIDs" not in body_of(world.seen[-1])


async def test_where_the_add_ons_cannot_be_told_nothing_shorter_is_made() -> None:
    """The reference shows none: then the catalogue has the word."""
    world = World({"times": "reference"})
    remote = await with_addon(world)
    with pytest.raises(Refused, match="fits 45 minutes"):
        await world.vendor().create(appointment(slot=slot(at(17), 45)), "token", remote)
    assert world.account.counters.writes == 0


async def test_a_type_in_no_row_is_booked_again_as_it_was() -> None:
    """The account has it, and the record that has ended shows which it was."""
    world = World()
    [remote] = world.person_books(start=at(15), people=SMITH, status="no_show")
    vendor = world.vendor(catalogue=Catalogue(staff=CATALOGUE.staff))
    was = (await read(vendor, remote)).content
    target = was.with_values({})
    assert vendor.capabilities.objects(target, was) is None
    assert written(await vendor.create(target, "token", remote)).content.service == f"#{SHOWING}"


async def test_a_former_record_that_is_gone_is_nothing_to_go_by() -> None:
    """It is booked by the catalogue."""
    world = World()
    assert written(await world.vendor().create(appointment(), "token", "77")).content.slot == appointment().slot

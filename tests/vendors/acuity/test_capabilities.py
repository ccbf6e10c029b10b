"""What reconciliation may know of an Acuity account, and what `syncd check` says of its configuration."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from typing import Any

import pytest

from syncd.model.appointment import Client, Field
from syncd.model.catalogue import Catalogue, Entry
from syncd.model.times import Slot
from syncd.sandbox.acuity.catalogue import AppointmentType
from syncd.sandbox.frame.faults import Fault
from tests.vendors.acuity.world import CATALOGUE, CONSULTATION, JORDAN, ROBIN, SHOWING, World, appointment, at, slot

CLASSES = (94517110, 94517111)
"""A class and a series of the sandbox's account."""


@pytest.mark.parametrize(
    ("values", "keys", "says"),
    [
        ({}, {}, None),
        ({"clients": ()}, {}, None),
        ({"clients": (), "staff": None}, {"client": None}, "no client.*client = "),
        ({"clients": (Client(first_name="Ann"),)}, {"client": None}, None),
        ({"clients": (Client(email="ann@example.com"),)}, {"client": None}, "without name.*client = "),
        ({"service": "Repair"}, {}, "'Repair' has no id for book"),
        ({"service": None}, {}, None),
        ({"service": None, "slot": slot(at(15), 45)}, {}, "'Repair' has no id for book"),
        ({"service": "#5"}, {}, "#5 is in no"),
        ({"staff": "Kim"}, {}, "'Kim' has no id for book"),
        ({"staff": None}, {}, None),
        ({"staff": "Robin"}, {"calendar_ids": [JORDAN]}, "not among calendar_ids"),
        ({"slot": slot(at(0), 24 * 60 + 30)}, {}, "whole days"),
        ({"slot": Slot(start=at(5), end=at(29), all_day=True)}, {}, "whole days"),
    ],
)
def test_an_objection_names_the_way_out(values: dict[str, Any], keys: dict[str, Any], says: str | None) -> None:
    """Why an appointment could not be created, or nothing where it could."""
    objection = World().vendor(**keys).capabilities.objection(appointment(**values))
    if says is None:
        assert objection is None
    else:
        assert objection is not None
        assert re.search(says, objection)


@pytest.mark.parametrize(
    ("field", "values", "held"),
    [
        (Field.CLIENTS, {}, True),
        (Field.CLIENTS, {"clients": ()}, False),
        (Field.STAFF, {"staff": "Robin"}, True),
        (Field.STAFF, {"staff": "Kim"}, False),
        (Field.STAFF, {"staff": None}, False),
        (Field.SERVICE, {"service": "Showing"}, True),
        (Field.SERVICE, {"service": "Repair"}, False),
        (Field.SERVICE, {"service": None}, False),
        (Field.NOTES, {}, True),
    ],
)
def test_a_value_is_held_only_where_acuity_knows_it(field: Field, values: dict[str, Any], held: bool) -> None:
    """So that a difference that it cannot take is never written."""
    assert World().vendor().capabilities.holds(field, appointment(**values)) is held


@pytest.mark.parametrize(
    ("staff", "calendar_ids", "listed"),
    [
        ("Jordan", None, True),
        ("Jordan", [JORDAN], True),
        ("Robin", [JORDAN], False),
        ("Robin", None, True),
        ("#77", [JORDAN], False),
        ("#77", [JORDAN, 77], True),
        (None, [JORDAN], True),
        ("Kim", [JORDAN], True),
    ],
)
def test_a_record_of_another_calendar_is_left_out(staff: str | None, calendar_ids: list[int], listed: bool) -> None:
    """As far as its staff tells the calendar; where nothing does, it is missed."""
    vendor = World().vendor(calendar_ids=calendar_ids)
    assert vendor.capabilities.lists(appointment(staff=staff)) is listed


async def test_a_fitting_configuration_raises_no_doubt() -> None:
    """Two reads, and nothing to say."""
    world = World()
    assert await world.vendor(calendar_ids=[JORDAN, ROBIN]).check() == ()
    assert [request.method for request in world.seen] == ["GET", "GET"]


async def test_ids_that_do_not_exist_are_named() -> None:
    """Each with the key to correct."""
    world = World()
    del world.account.types[94517101]
    del world.account.calendars[ROBIN]
    doubts = await world.vendor(calendar_ids=[JORDAN, 77]).check()
    assert [word for doubt in doubts for word in ("77", "'Robin'", "'Consultation'") if word in doubt] == [
        "77",
        "'Robin'",
        "'Consultation'",
    ]


async def test_a_default_calendar_that_is_not_synced_is_a_doubt() -> None:
    """A cycle would refuse every create of staff that nobody knows; of a colleague it may be meant, and is told."""
    vendor = World().vendor(calendar_ids=[ROBIN])
    [doubt] = await vendor.check()
    assert f"calendar {JORDAN} of staff 'Jordan' is not among calendar_ids" in doubt
    assert "add it to calendar_ids, or correct ids.book" in doubt
    assert vendor.capabilities.objection(appointment(staff=None)) is not None
    colleague = World().vendor(calendar_ids=[JORDAN])
    assert await colleague.check() == ()
    [said] = [notice.text for notice in colleague.notices() if "'Robin'" in notice.text]
    assert f"calendar {ROBIN} of staff 'Robin' is not among calendar_ids" in said


async def test_every_type_and_calendar_that_no_row_names_is_offered_as_a_row() -> None:
    """In Acuity's own words, as it would stand in the configuration; a class and a series are called so."""
    world = World({"classes": True})
    catalogue = Catalogue(services=CATALOGUE.services[:1], staff=CATALOGUE.staff[:1])
    vendor = world.vendor(calendar_ids=[JORDAN], catalogue=catalogue)
    assert await vendor.check() == ()
    told = {notice.key: notice for notice in vendor.notices()}
    assert set(told) == {f"type {each}" for each in (CONSULTATION, *CLASSES)} | {f"calendar {ROBIN}"}
    rows = [tomllib.loads("\n".join(notice.paste)) for notice in told.values()]
    assert rows[0] == {"services": [{"name": "Consultation", "duration": "60m", "ids": {"book": CONSULTATION}}]}
    assert rows[2]["services"][0]["name"] == "Buyers' Course"
    assert rows[3] == {"staff": [{"name": "Robin", "ids": {"book": ROBIN}}]}
    assert f"{CLASSES[0]} 'Open House' is in no [[services]] row. It is a class" in told[f"type {CLASSES[0]}"].text
    assert "It is a series" in told[f"type {CLASSES[1]}"].text
    assert "not among calendar_ids" in told[f"calendar {ROBIN}"].text


async def test_a_row_that_names_a_class_is_told_what_that_means() -> None:
    """Nothing is wrong, and it is no plain service."""
    world = World({"classes": True})
    rows = [Entry(name="Open day", ids={"book": CLASSES[0]}), Entry(name="Course", ids={"book": CLASSES[1]})]
    catalogue = Catalogue(services=(*CATALOGUE.services, *rows), staff=CATALOGUE.staff)
    vendor = world.vendor(catalogue=catalogue)
    assert await vendor.check() == ()
    told = [notice.text for notice in vendor.notices()]
    assert [("a class" in text, "a series" in text) for text in told] == [(True, False), (False, True)]


async def test_a_name_cannot_forge_a_row() -> None:
    """Quotes and line breaks in it stay in it."""
    world = World()
    name = 'Tea"\n[state]\nurl = "x'
    world.account.types[7] = AppointmentType(7, name, 30)
    vendor = world.vendor()
    await vendor.check()
    [notice] = vendor.notices()
    assert all("\n" not in line for line in notice.paste)
    assert tomllib.loads("\n".join(notice.paste))["services"][0]["name"] == name


async def test_types_that_are_off_or_of_another_length_are_named() -> None:
    """What is booked with such a type would end otherwise than its row says, or not be booked at all."""
    world = World()
    world.account.types[SHOWING] = replace(world.account.types[SHOWING], minutes=50)
    [doubt] = await world.vendor().check()
    assert "'Showing' takes 50 minutes" in doubt
    rows = [{"id": SHOWING, "duration": 30, "active": False}, {"id": CONSULTATION, "duration": "60"}]
    fault = Fault("status", path="appointment-types", code=200, body=rows)
    world.account.faults.add(fault)
    [doubt] = await world.vendor().check()
    assert "'Showing' is switched off" in doubt

"""The catalogue's rules, the stand-in for a missing client, and vendors that are only read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd import report
from syncd.model.appointment import Field
from syncd.model.catalogue import Catalogue, Entry
from syncd.model.plan import Action, Outcome
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, HALF_HOUR, HOUR, JANE, OMAR, World, at, outcomes, steps

SHOWING = Entry(name="Showing", ids={"crm": "showing", "book": 94517100, "site": 2}, duration=HALF_HOUR, default=True)
CONSULTATION = Entry(name="Consultation", ids={"crm": "meeting", "book": 94517101, "site": 3}, duration=HOUR)
ANY = Entry(name="Anything", ids={"book": 94517100, "site": 1})
JORDAN = Entry(name="Jordan", ids={"book": 14209019, "site": {"provider": 1, "location": 1}}, default=True)
ROBIN = Entry(name="Robin", ids={"book": 14209020, "site": {"provider": 2, "location": 1}})
NEEDY = ("book", "site")
"""The vendors that cannot book without a service."""


def catalogue(*services: Entry, staff: tuple[Entry, ...] = (JORDAN,)) -> Catalogue:
    """A catalogue of these rows."""
    return Catalogue(services=services, staff=staff)


@pytest.mark.parametrize(
    ("services", "minutes", "word"),
    [
        ((), 30, "no [[services]] row fits 30 minutes"),
        ((SHOWING,), 45, "no [[services]] row fits 45 minutes"),
        ((replace(SHOWING, default=False), replace(SHOWING, name="Other", default=False)), 30, "several"),
        ((replace(SHOWING, ids={"crm": "showing"}),), 30, "has no id for"),
    ],
)
async def test_without_a_fitting_row_creates_wait_with_the_reason_until_one_is_added(
    worlds: Worlds, services: tuple[Entry, ...], minutes: int, word: str
) -> None:
    """Reads and other vendors go on; quarantine is news once, is not tried again, and a better catalogue ends it."""
    world = worlds(catalogue=catalogue(*services))
    entry = world.enter("office", at(15), minutes=minutes, end=at(15) + timedelta(minutes=minutes))
    first = await world.cycle()
    assert first.exit_code == 3
    assert {quarantined.vendor for quarantined in first.quarantined} == set(NEEDY)
    assert all(word in quarantined.reason for quarantined in first.quarantined)
    assert world.the("office", entry.id, "crm").start == at(15)
    for _ in range(2):
        again = await world.cycle()
        assert (again.exit_code, steps(again)) == (0, [])
        assert [quarantined.new for quarantined in again.quarantined] == [False, False]
        assert {name: world.written(name) for name in NEEDY} == dict.fromkeys(NEEDY, 0)
    world.start_syncd(catalogue=catalogue(SHOWING, ANY))
    released = await world.cycle()
    assert {step.operation.vendor for step in steps(released, Action.CREATE)} == set(NEEDY)
    assert (released.exit_code, released.quarantined) == (0, ())
    assert world.desk.quarantines() == []
    assert world.calendars() == [[at(15)]]


async def test_changes_still_go_to_what_exists_without_any_row(worlds: Worlds) -> None:
    """Only creates need the catalogue."""
    world = worlds(catalogue=Catalogue())
    entry = world.enter_everywhere(at(15))
    assert (await world.cycle()).exit_code == 0
    world.move("office", world.the("crm", entry.id, "office").id, at(16))
    assert (await world.cycle()).exit_code == 0
    world.call_off("site", world.the("crm", entry.id, "site").id)
    world.enter("crm", at(18), OMAR)
    await world.cycle()
    assert {name: at(16) in world.starts(name) for name in ALL} == dict.fromkeys(ALL, False)


ORIGINS: list[tuple[str, dict[str, Any], str]] = [
    ("crm", {"service": "meeting", "minutes": 60}, "Consultation"),
    ("book", {"service": 94517101}, "Consultation"),
    ("site", {"service": 3, "minutes": 60}, "Consultation"),
    ("office", {"minutes": 60}, "Consultation"),
    ("office", {"minutes": 30}, "Showing"),
]


@pytest.mark.parametrize(("origin", "values", "service"), ORIGINS)
async def test_a_service_goes_by_its_id_where_it_comes_from_else_by_its_length(
    world: World, origin: str, values: dict[str, Any], service: str
) -> None:
    """And is booked elsewhere under that vendor's own id."""
    entry = world.enter(origin, at(15), **values)
    assert (await world.cycle()).exit_code == 0
    row = {"Showing": SHOWING, "Consultation": CONSULTATION}[service]
    for name in {"crm", "book", "site"} - {origin}:
        assert world.the(origin, entry.id, name).service == row.ids[name]


async def test_of_several_rows_with_one_id_the_length_decides(worlds: Worlds) -> None:
    """The vendor knows one service, the operator two."""
    long = Entry(name="Long", ids={"crm": "showing", "book": 94517101, "site": 3}, duration=HOUR)
    world = worlds(catalogue=catalogue(SHOWING, long))
    half = world.enter("crm", at(15), minutes=30)
    hour = world.enter("crm", at(17), OMAR, minutes=60, service="showing")
    await world.cycle()
    assert world.the("crm", half.id, "book").service == 94517100
    assert world.the("crm", hour.id, "book").service == 94517101


async def test_of_several_rows_of_one_length_the_default_serves(worlds: Worlds) -> None:
    """Where the origin has no id."""
    other = Entry(name="Quick", ids={"book": 94517101, "site": 1}, duration=HALF_HOUR)
    world = worlds(catalogue=catalogue(other, SHOWING))
    entry = world.enter("office", at(15))
    await world.cycle()
    assert world.the("office", entry.id, "site").service == 2


async def test_an_id_in_no_row_is_kept_and_created_nowhere_else(worlds: Worlds) -> None:
    """A service that the operator has not named: the reason says to add its id."""
    world = worlds()
    entry = world.enter("site", at(15), service=1)
    result = await world.cycle()
    assert result.exit_code == 3
    assert {quarantined.vendor for quarantined in result.quarantined} == {"book"}
    assert "[[services]]" in result.quarantined[0].reason
    assert world.servers["site"].entries[entry.id].service == 1
    assert world.the("site", entry.id, "office").start == at(15)


@pytest.mark.parametrize("origin", ["book", "site"])
async def test_staff_goes_by_name_and_the_default_serves_the_others(worlds: Worlds, origin: str) -> None:
    """Robin's appointment is Robin's, one of nobody's is the default's."""
    world = worlds(catalogue=catalogue(SHOWING, CONSULTATION, staff=(JORDAN, ROBIN)))
    entry = world.enter(origin, at(15), staff=ROBIN.ids[origin])
    nobody = world.enter("office", at(17), OMAR)
    await world.cycle()
    other = "site" if origin == "book" else "book"
    assert world.the(origin, entry.id, other).staff == ROBIN.ids[other]
    for name in NEEDY:
        assert world.the("office", nobody.id, name).staff == JORDAN.ids[name]


async def test_other_staff_is_told_to_the_vendor_that_can_change_it(worlds: Worlds) -> None:
    """Robin takes over from Jordan at Amelia: Acuity has the appointment in Robin's calendar, at the same time."""
    world = worlds(catalogue=catalogue(SHOWING, CONSULTATION, staff=(JORDAN, ROBIN)))
    entry = world.enter("site", at(15), staff=JORDAN.ids["site"])
    await world.settle()
    assert world.the("site", entry.id, "book").staff == JORDAN.ids["book"]
    world.servers["site"].person_edit(entry.id, staff=ROBIN.ids["site"])
    assert outcomes(await world.cycle()) == {"book": "done"}
    await world.settle()
    assert world.the("site", entry.id, "book").staff == ROBIN.ids["book"]
    assert world.calendars() == [[at(15)]]


@pytest.mark.parametrize("origin", ["crm", "site"])
async def test_another_service_is_what_is_booked_from_then_on(worlds: Worlds, origin: str) -> None:
    """No vendor can give a booking another service: its title may follow, and one that was away books the new one."""
    world = worlds(catalogue=catalogue(SHOWING, CONSULTATION))
    entry = world.enter(origin, at(15))
    away = "site" if origin == "crm" else "crm"
    world.wires[away].cut = True
    await world.cycle()
    world.servers[origin].person_edit(entry.id, service=CONSULTATION.ids[origin])
    assert {name for step in steps(await world.cycle()) for name in step.operation.changes} <= {Field.TITLE}
    world.mend()
    await world.settle()
    assert world.the(origin, entry.id, away).service == CONSULTATION.ids[away]
    assert world.the(origin, entry.id, "book").service == SHOWING.ids["book"]


async def test_without_a_default_an_appointment_of_unknown_staff_waits(worlds: Worlds) -> None:
    """With the reason that names the way out."""
    world = worlds(catalogue=catalogue(SHOWING, staff=(replace(JORDAN, default=False),)))
    world.enter("office", at(15))
    result = await world.cycle()
    assert {quarantined.vendor for quarantined in result.quarantined} == set(NEEDY)
    assert all("default = true" in quarantined.reason for quarantined in result.quarantined)


@pytest.mark.parametrize("name", NEEDY)
async def test_without_a_stand_in_an_appointment_without_a_client_waits(worlds: Worlds, name: str) -> None:
    """At the vendor that requires one; with it, it is created there and is nobody's elsewhere."""
    key = {"book": "client", "site": "customer_id"}[name]
    world = worlds(options={name: {key: None}})
    entry = world.enter("crm", at(15), None)
    first = await world.cycle()
    assert first.exit_code == 3
    [quarantined] = first.quarantined
    assert (quarantined.vendor, key in quarantined.reason) == (name, True)
    world.start_syncd()
    assert (await world.cycle()).exit_code == 0
    assert world.the("crm", entry.id, name).start == at(15)
    assert (await world.cycle()).steps == ()
    assert world.the("crm", entry.id, "office").people == []
    assert world.servers["crm"].entries[entry.id].people == []


async def test_a_client_who_is_named_later_takes_the_stand_ins_place(world: World) -> None:
    """Where the vendor can change it."""
    entry = world.enter("office", at(15), None)
    await world.cycle()
    world.servers["office"].person_edit(entry.id, people=[replace(JANE, phone="")])
    result = await world.cycle()
    assert result.exit_code == 0
    assert world.the("office", entry.id, "book").people[0].email == JANE.email
    assert (await world.cycle()).steps == ()


@pytest.mark.parametrize("name", ALL)
async def test_a_vendor_that_is_only_read_is_written_by_nobody(worlds: Worlds, name: str) -> None:
    """Its changes go out; nothing comes in, and that is no failure."""
    world = worlds(options={name: {"read_only": True}})
    mine = world.enter(name, at(15))
    others = [vendor for vendor in ALL if vendor != name]
    theirs = world.enter(others[0], at(17), OMAR)
    assert (await world.cycle()).exit_code == 0
    assert world.calendars(others) == [[at(15), at(17)]]
    assert world.starts(name) == [at(15)]
    world.move(name, mine.id, at(16))
    world.move(others[0], theirs.id, at(18))
    result = await world.cycle()
    assert result.exit_code == 0
    assert set(outcomes(result)) == set(others)
    assert {step.outcome for step in steps(result)} == {Outcome.DONE}
    assert world.calendars(others) == [[at(16), at(18)]]
    assert world.servers[name].counters.writes == 0
    again = await world.cycle()
    assert (again.exit_code, again.steps) == (0, ())


async def test_a_type_that_no_row_names_is_told_once_by_its_own_name(worlds: Worlds) -> None:
    """One line for the type at the vendor, and one for all that wait elsewhere, however many they are."""
    world = worlds(catalogue=catalogue(SHOWING))
    for hour in (9, 11, 13):
        world.enter("book", at(hour), minutes=60)
    text = report.text(await world.cycle())
    told = [line.strip() for line in text.splitlines() if "Consultation" in line or "94517101" in line]
    assert [line.split(":")[0] for line in told] == ["site", "book"]
    assert told[0].startswith("site: 3 appointments")
    assert told[1].startswith("book: 3 record(s) of appointment type 94517101 'Consultation'")

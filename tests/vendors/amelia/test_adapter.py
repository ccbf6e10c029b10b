"""Amelia behind the vendor port: listing, reading by id, and what an unclear answer is taken for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from syncd.model.appointment import Appointment, Client, Status
from syncd.model.errors import Contradicted, Malformed, Misconfigured, Unreachable, Unreadable
from syncd.model.record import Absent
from syncd.model.times import Window
from syncd.sandbox.frame.records import Person
from syncd.vendors.port import Row
from tests.vendors.amelia.world import (
    BUILDS,
    CATALOGUE,
    DESK,
    JANE,
    NOW,
    OMAR,
    SHOWING,
    World,
    answering,
    appointment,
    at,
    booking,
    handled,
    listing,
    person,
    query_of,
    read,
    row,
    slot,
)


@pytest.mark.parametrize("shape", ["honour", "by_date"])
@pytest.mark.parametrize("build", BUILDS)
async def test_the_whole_window_is_listed(build: str, shape: str) -> None:
    """Every appointment of the window's local days, cancelled ones too, in each build."""
    world = World({"build": build, "list_shape": shape, "page_size": 3})
    ids = {world.enter(at(8 + number), status="cancelled" if number % 2 else "scheduled").id for number in range(8)}
    rows = await listing(world.vendor())
    assert {one.remote_id for one in rows} == ids


@pytest.mark.parametrize("zone", ["Europe/Belgrade", "-11:00", "Pacific/Auckland"])
async def test_the_window_is_asked_for_in_the_site_s_days(zone: str) -> None:
    """Both ends count as days of the site's clock, so that no appointment of the window is left out."""
    world = World({"zone": zone})
    window = Window(since=at(10), until=at(12))
    inside = [world.enter(start).id for start in (at(10), at(11.9))]
    assert {*inside} <= {one.remote_id for one in await listing(world.vendor(), window)}
    query = query_of(world.seen[0])
    assert (query["asArray"], query["skipServices"], query["skipProviders"]) == ("true", "1", "1")


@pytest.mark.parametrize("shape", ["honour", "by_date"])
async def test_an_empty_site_is_listed_whole(shape: str) -> None:
    """No appointments is an answer, in whichever shape PHP puts it."""
    assert await listing(World({"list_shape": shape}).vendor()) == []


async def test_a_row_and_the_record_by_id_are_the_same() -> None:
    """What is listed with customers' details reads by id, where Amelia shows their numbers alone."""
    world = World()
    kept = world.enter(people=[person(JANE), person(OMAR)], notes="Keys")
    vendor = world.vendor()
    listed = vendor.decode((await listing(vendor))[0])
    by_id = await read(vendor, kept.id)
    assert by_id.content == listed.content
    assert listed.content.clients == (JANE, OMAR)
    assert listed.whole
    assert by_id.whole
    assert world.calls == ["GET /appointments", "GET /settings", f"GET /appointments/{kept.id}"]


async def test_customers_that_were_never_met_are_looked_up_once() -> None:
    """After a restart one reading of the customers tells who an appointment is with."""
    world = World({"page_size": 2, "by_id": "reference"})
    kept = world.enter(people=[person(OMAR)])
    for number in range(5):
        world.site.customers.add(Person("Visitor", f"{number}", f"v{number}@example.com", ""))
    vendor = world.vendor()
    assert (await read(vendor, kept.id)).content.clients == (OMAR,)
    assert (await read(vendor, kept.id)).content.clients == (OMAR,)
    assert world.calls.count("GET /users/customers") == 1


async def test_a_customer_that_cannot_be_found_leaves_the_clients_unshown() -> None:
    """An unknown customer is no proof that the appointment lost its client; it is not asked for over and over."""
    lonely = handled(appointment=row(bookings=[booking(979, None)]))
    nobody = handled(users=[], filteredCount=0)
    seen: list[httpx.Request] = []
    vendor = answering(lonely, nobody, lonely, seen=seen)
    for _ in range(2):
        record = await read(vendor, "742")
        assert (record.content.clients, record.whole) == ((), True)
        assert "clients" not in record.shows
    assert len(seen) == 3


async def test_pages_of_customers_end_when_nobody_new_comes() -> None:
    """A build that ignores the page, and does not count, is not read for ever."""
    lonely = handled(appointment=row(bookings=[booking(979, None)]))
    same = handled(users=[{"id": 4, "firstName": "Ann", "lastName": "", "email": "", "phone": ""}])
    seen: list[httpx.Request] = []
    vendor = answering(lonely, same, same, seen=seen)
    assert "clients" not in (await read(vendor, "742")).shows
    assert len(seen) == 3


async def test_a_list_row_without_its_customer_is_not_whole() -> None:
    """Such a row asks to be read by id, which looks the customer up."""
    vendor = answering(handled(appointments=[row(bookings=[booking(979, None)])]))
    record = vendor.decode((await listing(vendor))[0])
    assert not record.whole


async def test_the_placeholder_customer_reads_as_no_client() -> None:
    """An appointment of the site's own desk has no client, in lists and by id."""
    world = World()
    kept = world.enter(people=[])
    vendor = world.vendor(customer_id=DESK)
    assert vendor.decode((await listing(vendor))[0]).content.clients == ()
    assert (await read(vendor, kept.id)).content.clients == ()


async def test_a_cancelled_appointment_is_no_move() -> None:
    """Amelia shows a cancelled appointment as ending when it starts: it keeps its slot and its clients."""
    world = World()
    kept = world.enter(minutes=45, people=[person(JANE), person(OMAR)])
    vendor = world.vendor()
    before = (await read(vendor, kept.id)).content
    world.site.person_cancel(kept.id)
    after = vendor.decode((await listing(vendor))[0], before).content
    assert (after.slot, after.clients, after.status) == (slot(at(8), 45), (JANE, OMAR), Status.CANCELLED)


@pytest.mark.parametrize("hour", [0.5, 1.5])
async def test_the_repeated_hour_is_read_by_what_is_known(hour: float) -> None:
    """On the night when clocks are set back, the known one of two readings is the slot, listed or by id."""
    world = World()
    kept = world.enter(at(hour, day=25))
    vendor = world.vendor()
    known = appointment(slot=slot(at(hour, day=25)))
    listed = vendor.decode((await listing(vendor))[0], known)
    assert listed.content.slot == known.slot
    assert (await read(vendor, kept.id, known)).content.slot == known.slot


async def test_an_unknown_status_word_is_kept() -> None:
    """A status that syncd does not know reads as scheduled and is reported."""
    world = World()
    kept = world.enter()
    world.fault("unknown_status", value="blessed")
    record = await read(world.vendor(), kept.id)
    assert (record.content.status, record.kept) == (Status.SCHEDULED, {"status": "blessed"})


@pytest.mark.parametrize("build", BUILDS)
async def test_only_amelia_s_own_words_prove_absence(build: str) -> None:
    """`Invalid key N.` for the id asked for is the proof; it is not tried again although it comes as a 500."""
    world = World({"build": build})
    assert await world.vendor().get("999") == Absent(vendor="site", remote_id="999")
    assert len(world.seen) == 1


@pytest.mark.parametrize(
    "answer",
    [
        handled(500, "Clé non valide 742."),
        handled(200, "Invalid key 10."),
        handled(200, "Successfully retrieved appointment"),
        handled(200, "ok", appointment=None),
        handled(200, "ok", appointment=row(id=743)),
        handled(409, None, entityMissing=True),
        httpx.Response(200, text="<h1>Not found</h1>"),
    ],
)
async def test_another_answer_for_an_id_proves_nothing(answer: httpx.Response) -> None:
    """A translated message, another id, an empty answer or a page of HTML are no evidence of a deletion."""
    with pytest.raises(Unreadable):
        await answering(answer).get("742")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(200, text="0"), Unreachable),
        (httpx.Response(400, text="0"), Unreachable),
        (httpx.Response(503, text="<h1>Maintenance</h1>"), Unreachable),
        (httpx.Response(200, text=""), Misconfigured),
        (httpx.Response(403, text=""), Misconfigured),
        (httpx.Response(301, headers={"location": "https://example.com/"}), Misconfigured),
        (httpx.Response(404, text="<h1>Nothing</h1>"), Misconfigured),
        (httpx.Response(200, text="<h1>Log in</h1>"), Unreadable),
        (handled(200, "Successfully retrieved appointments"), Unreadable),
        (handled(200, None, appointments=None), Unreadable),
        (handled(200, None, appointments="none"), Unreadable),
        (handled(500, "Unable to get data"), Unreachable),
    ],
)
async def test_no_answer_is_not_an_empty_listing(answer: httpx.Response, error: type[Exception]) -> None:
    """Whatever goes wrong raises: a listing never looks empty because it failed."""
    with pytest.raises(error) as caught:
        await listing(answering(answer))
    assert str(caught.value).startswith("site: ")


@pytest.mark.parametrize("kind", ["html", "truncate", "not_json", "reset", "reset_body", "hang"])
async def test_a_listing_that_breaks_is_an_error(kind: str) -> None:
    """A listing that arrives broken is never believed in part."""
    world = World()
    world.enter()
    world.fault(kind, operation="list")
    with pytest.raises((Unreadable, Unreachable)):
        await listing(world.vendor())


@pytest.mark.parametrize(
    "behaviour", [{"bad_key": "403"}, {"bad_key": "empty"}, {"bad_key": "empty", "build": "slim3"}]
)
async def test_a_wrong_key_is_told_to_the_operator(behaviour: dict[str, Any]) -> None:
    """Both ways in which Amelia refuses a key are misconfiguration, and the key is not repeated."""
    with pytest.raises(Misconfigured) as caught:
        await listing(World(behaviour).vendor(api_key="wrong-key-wrong-key"))
    assert "api_key" in str(caught.value)
    assert "wrong-key" not in str(caught.value)


@pytest.mark.parametrize("build", BUILDS)
async def test_a_plugin_that_is_off_is_named(build: str) -> None:
    """The body `0` says that nobody answers for Amelia."""
    with pytest.raises(Unreachable, match="plugin is switched off"):
        await listing(World({"build": build, "plugin_off": True}).vendor())


@pytest.mark.parametrize("kind", ["duplicate_row", "extra_fields"])
async def test_what_is_odd_in_a_listing_is_tolerated(kind: str) -> None:
    """An id that comes twice, and keys that nobody knows, spoil nothing."""
    world = World()
    kept = world.enter()
    world.fault(kind)
    vendor = world.vendor()
    rows = await listing(vendor)
    assert {one.remote_id for one in rows} == {kept.id}
    assert {vendor.decode(one).content.clients for one in rows} == {(JANE,)}


async def test_a_row_that_is_broken_is_malformed() -> None:
    """One row's fault is that row's alone."""
    with pytest.raises(Malformed):
        answering(handled()).decode(Row("1", b'{"id": 1, "bookings": [', b""))


async def test_a_check_of_a_good_configuration_says_nothing() -> None:
    """Reads alone, and no sentence where all ids exist."""
    world = World()
    assert await world.vendor(customer_id=DESK).check() == ()
    assert not world.bodies


async def test_a_check_names_every_id_that_does_not_exist() -> None:
    """Services, employees, locations and the placeholder are compared with the site's."""
    service, _, _ = CATALOGUE.services
    services = tuple(
        type(service)(name=name, ids={"site": number}) for name, number in (("Showing", SHOWING), ("Visit", 77))
    )
    staff = tuple(
        type(service)(name=name, ids={"site": ids})
        for name, ids in (("Jordan", {"provider": 1, "location": 66}), ("Kim", 55))
    )
    found = await World().vendor(customer_id=44, catalogue=type(CATALOGUE)(services, staff)).check()
    assert len(found) == 4
    for number, name in (("77", "Visit"), ("66", "Jordan"), ("55", "Kim"), ("44", "customer_id")):
        assert any(number in one and name in one for one in found)


async def test_a_check_names_staff_whose_ids_are_misspelt() -> None:
    """An unknown key in the table would leave creates in quarantine, one by one."""
    row = type(CATALOGUE.services[0])
    staff = tuple(
        row(name=name, ids={"site": ids}) for name, ids in (("Jordan", {"prov": 1}), ("Kim", {"provider": 1, "loc": 1}))
    )
    found = await World().vendor(customer_id=DESK, catalogue=type(CATALOGUE)((), staff)).check()
    assert len(found) == 2
    for name, one in zip(("Jordan", "Kim"), found, strict=True):
        assert f"ids.site of '{name}' must be {{ provider = 1, location = 1 }}" in one


async def test_a_check_goes_on_where_a_part_of_the_catalogue_cannot_be_read() -> None:
    """A build that lists services in another way is a doubt, and no failure."""
    vendor = answering(handled(appointments=[]), handled(data=["odd"]))
    found = await vendor.check()
    assert len(found) == 3
    assert all("lacks what was asked for" in one for one in found)


async def test_a_customer_who_changed_is_read_as_changed() -> None:
    """A listing's details replace those that were met before."""
    world = World()
    kept = world.enter()
    vendor = world.vendor()
    vendor.decode((await listing(vendor))[0])
    moved = Client(first_name="Jane", last_name="Smith-Jones", email=JANE.email, phone=JANE.phone)
    world.site.person_edit(kept.id, people=[person(moved)])
    world.now = NOW + timedelta(minutes=2)
    vendor.decode((await listing(vendor))[0])
    assert (await read(vendor, kept.id)).content.clients == (moved,)


async def test_its_requests_are_counted_and_its_connections_closed() -> None:
    """What a cycle's report says of the vendor comes from its transport."""
    vendor = World().vendor(rate="5/2s")
    await listing(vendor)
    assert (vendor.traffic.requests, vendor.traffic.rate, vendor.kind) == (2, (5, 2.0), "amelia")
    await vendor.aclose()


def _wanted(*clients: Client) -> Appointment:
    return appointment(slot=slot(at(9)), clients=clients)


TED = replace(JANE, first_name="Ted", last_name="Moss", phone="+12125550144")


async def test_two_clients_with_one_address_leave_no_customer_behind() -> None:
    """Neither of them is made, nor asked for: by what both tell they are two people."""
    world = World()
    vendor = world.vendor()
    assert vendor.capabilities.are_themselves(_wanted(JANE, TED)) is False
    with pytest.raises(Contradicted, match="for somebody of another name or number"):
        await vendor.create(_wanted(JANE, TED), "token")
    assert world.calls == []


async def test_one_client_described_twice_is_one_customer() -> None:
    """With the same address, once without the number."""
    world = World({"enforce_slots": False})
    vendor = world.vendor()
    before = len(world.site.customers)
    await vendor.create(_wanted(JANE, replace(JANE, phone="")), "token")
    assert len(world.site.customers) == before + 1


async def test_whether_an_address_is_somebody_elses_is_told_by_who_was_met() -> None:
    """Nobody knows before; corrected at the site, the next row that shows the customer tells."""
    world = World()
    vendor = world.vendor()
    themselves = vendor.capabilities.are_themselves
    assert themselves(_wanted(TED)) is None
    world.enter()
    for one in await listing(vendor):
        vendor.decode(one)
    assert themselves(_wanted(TED)) is False
    assert themselves(_wanted(JANE)) is True
    assert themselves(_wanted(JANE, OMAR)) is None
    with pytest.raises(Contradicted) as refused:
        await vendor.create(_wanted(TED), "token")
    assert all(part not in str(refused.value) for part in (TED.first_name, JANE.first_name, JANE.email))
    assert not [call for call in world.calls if call.startswith("POST")]

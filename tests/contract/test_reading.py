"""A vendor's record in canonical form: what its people entered, as far as it shows it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from syncd.model.appointment import Client, Field, Status
from syncd.model.record import Record
from syncd.model.revision import Revisions, is_earlier
from tests.contract.world import HOUR, JANE, OMAR, World, at, person

ODDITIES = [
    pytest.param({"title": "  Visit  ", "notes": " key \n", "location": " here "}, id="blanks"),
    pytest.param({"title": "Zażółć „gęślą”", "notes": "第一行\n第二行 🗝", "location": "Straße 1"}, id="unicode"),
    pytest.param({"notes": "", "location": ""}, id="empty texts"),
    pytest.param({"people": [person(Client(first_name="Cher", email="cher@example.com", phone="5550142"))]}, id="one"),
    pytest.param({"people": [person(Client(first_name="Ana", last_name="de Paz", email="ana@example.com"))]}, id="de"),
    pytest.param({"people": []}, id="nobody"),
]


async def decoded(world: World, remote_id: str) -> tuple[Record, Record]:
    """A record from the listing and by id."""
    row = next(row for row in await world.listing() if row.remote_id == remote_id)
    return world.vendor.decode(row), await world.read(remote_id)


async def test_a_record_is_what_its_people_entered(world: World) -> None:
    """Every field that the vendor declares to show, and no other."""
    entry = world.enter()
    listed, by_id = await decoded(world, entry.id)
    assert by_id.content == world.shown(entry)
    assert by_id.shows == world.seen
    assert by_id.whole
    assert (by_id.vendor, by_id.remote_id) == (listed.vendor, listed.remote_id) == ("agenda", entry.id)
    for name in listed.shows:
        assert listed.content.get(name) == by_id.content.get(name)
    assert listed.whole is (listed.shows >= by_id.shows)


@pytest.mark.parametrize("values", ODDITIES)
async def test_odd_texts_and_clients_are_read_as_they_are(world: World, values: dict[str, Any]) -> None:
    """Blanks around them go, nothing else does, and a missing client is nobody."""
    entry = world.enter(**values)
    stripped = world.shown(entry)
    texts = {name: stripped.get(name).strip() for name in (Field.TITLE, Field.NOTES, Field.LOCATION)}
    assert (await world.read(entry.id)).content == stripped.with_values(dict(texts))


async def test_several_clients_are_all_read_where_the_vendor_has_several(world: World) -> None:
    """In the order in which the vendor has them."""
    try:
        entry = world.enter(people=[person(JANE), person(OMAR)])
    except ValueError:
        pytest.skip("its appointments have one client")
    clients = (await world.read(entry.id)).content.clients
    assert [client.email for client in clients][:1] == [JANE.email]
    assert clients == world.shown(entry).clients[: len(clients)]


@pytest.mark.parametrize("status", ["pending", "scheduled", "completed", "cancelled", "no_show"])
async def test_each_status_that_people_can_give_is_read(world: World, status: str) -> None:
    """What the vendor has no word for, its people cannot enter."""
    try:
        entry = world.enter(status=status)
    except ValueError:
        pytest.skip("it has no such status")
    shown = (await world.read(entry.id)).content.status
    known = {*world.able.statuses, *world.able.create_statuses, Status.SCHEDULED}
    if Status(status) in known:
        assert shown is Status(status)
    else:
        assert shown is Status.SCHEDULED


async def test_a_cancelled_record_keeps_its_time(world: World) -> None:
    """Cancelling is no change of the slot, however the vendor shows it."""
    if not world.able.soft_cancel:
        pytest.skip("it deletes")
    entry = world.enter()
    before = await world.read(entry.id)
    world.server.person_cancel(entry.id)
    after = await world.read(entry.id, before.content)
    assert after.content == before.content.with_values({Field.STATUS: Status.CANCELLED})


async def test_a_status_that_nobody_knows_is_kept_and_cancels_nothing(world: World) -> None:
    """Its word is there for the report; the appointment still stands."""
    entry = world.enter()
    before = (await world.read(entry.id)).content
    world.fault("unknown_status", value="on_hold")
    for record in await decoded(world, entry.id):
        assert record.kept == {"status": "on_hold"}
        assert record.content.status is Status.SCHEDULED
        assert record.content.slot == before.slot


async def test_a_version_and_a_modification_time_rise_with_each_edit(world: World) -> None:
    """Where they are declared; where they are not, a record claims none."""
    entry = world.enter()
    before = await world.read(entry.id)
    world.clock.now += timedelta(minutes=7)
    world.server.person_edit(entry.id, start=at(17), end=at(17.5))
    after = await world.read(entry.id)
    if world.able.guards_writes:
        assert None not in (before.revision, after.revision)
        assert before.revision != after.revision
        if world.able.revisions is Revisions.ORDERED:
            assert is_earlier(before.revision, after.revision)
            assert not is_earlier(after.revision, before.revision)
    else:
        assert before.revision is after.revision is None
    if after.modified_at is not None:
        assert world.able.modification_times
        assert abs(after.modified_at - world.clock()) < timedelta(seconds=1)
        assert before.modified_at is not None
        assert before.modified_at < after.modified_at


async def test_only_declared_parts_of_a_client_are_shown(world: World) -> None:
    """And each of these is."""
    client = (await world.read(world.enter().id)).content.clients[0]
    shown = {part for part in ("first_name", "last_name", "email", "phone") if getattr(client, part)}
    assert shown == world.able.client_parts


@pytest.mark.parametrize(("name", "length"), [("Showing", HOUR / 2), ("Consultation", HOUR)])
async def test_services_go_by_the_operators_names(world: World, name: str, length: timedelta) -> None:
    """And an id that is in no row is kept as it is."""
    if not world.subject.services:
        pytest.skip("it has no services")
    entry = world.enter(service=world.subject.services[name], end=at(14) + length)
    assert (await world.read(entry.id)).content.service == name


async def test_nothing_that_is_read_asks_for_more_than_reads(world: World) -> None:
    """Listing, reading and checking write nothing."""
    entry = world.enter()
    await world.listing()
    await world.read(entry.id)
    await world.vendor.check()
    counters = world.server.counters
    assert (counters.writes, counters.refused, counters.notifications) == (0, 0, 0)
    assert world.vendor.traffic.requests == len(world.wire.requests)


async def test_checking_names_ids_of_the_catalogue_that_do_not_exist(world: World) -> None:
    """And says nothing about those that do."""
    said = await world.vendor.check()
    wrong = {"Unheard of", "Nobody there"} & {*world.subject.services, *world.subject.staff}
    assert len(said) == len(wrong)
    assert all(any(name in sentence for name in wrong) and "agenda" in sentence for sentence in said)


async def test_the_vendors_clock_is_known_from_its_answers(world: World) -> None:
    """To the second that a Date header tells."""
    world.server.skew = timedelta(minutes=5)
    await world.listing()
    offset = world.vendor.traffic.clock_offset
    assert offset is not None
    assert abs(offset - 300) <= 1

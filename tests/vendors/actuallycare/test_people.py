"""Which clients of ActuallyCare are read, when, in which way, and what is remembered of them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from syncd.model.errors import Unreachable, Unreadable
from syncd.sandbox.actuallycare.server import ActuallyCare
from syncd.sandbox.frame.records import Person
from syncd.vendors.port import Row
from tests.vendors.actuallycare.world import Wire, World, adapter, known

HOUR = timedelta(hours=1)


def crowd(world: World, count: int, *, strangers: int = 0) -> None:
    """So many clients without an appointment, and then so many appointments of a client each."""
    for number in range(strangers):
        server(world).clients.add(first_name="Stranger", last_name=str(number))
    for number in range(count):
        who = Person("Client", str(number), f"client{number}@example.com")
        world.insert(number * 60, people=[who])


def server(world: World) -> ActuallyCare:
    """The vendor itself."""
    assert isinstance(world.server, ActuallyCare)
    return world.server


async def prepared(world: World, spare: int = 1000) -> list[Row]:
    """All rows of the listing, with what they need read."""
    return list(await world.crm.prepare(await world.rows(), spare))


def asked(world: World) -> list[str]:
    """The requests for clients since the last look."""
    found = [request.url.raw_path.decode() for request in world.requests if "/clients" in request.url.path]
    world.requests.clear()
    return [path.partition("/v1")[2] for path in found]


def names(world: World, rows: list[Row]) -> list[str]:
    """The last names of the rows' clients; `?` for one who is not known."""
    records = [world.crm.decode(row) for row in rows]
    return [record.content.clients[0].last_name if record.content.clients else "?" for record in records]


@pytest.mark.parametrize(
    ("count", "strangers", "lists", "ids"),
    [(1, 300, 0, 1), (2, 0, 1, 0), (150, 0, 2, 0), (3, 350, 1, 3), (5, 250, 3, 0)],
)
async def test_clients_are_read_in_the_way_that_takes_fewer_requests(
    count: int, strangers: int, lists: int, ids: int
) -> None:
    """One by its id; more by the list, unless its first page tells that it has more pages than clients are wanted."""
    world = World()
    crowd(world, count, strangers=strangers)
    rows = await prepared(world)
    assert names(world, rows) == [str(number) for number in range(count)]
    paths = asked(world)
    assert (sum("?page" in path for path in paths), sum("?page" not in path for path in paths)) == (lists, ids)


async def test_clients_are_read_once_and_again_after_an_hour() -> None:
    """In between nothing is asked, whatever is listed."""
    world = World()
    crowd(world, 3)
    await prepared(world)
    asked(world)
    world.now += HOUR - timedelta(minutes=1)
    await prepared(world)
    assert asked(world) == []
    world.now += timedelta(minutes=1)
    await prepared(world)
    assert len(asked(world)) == 1


async def test_no_more_requests_are_made_than_are_to_spare() -> None:
    """Whoever is not read yet stays unknown, and is read in a later cycle."""
    world = World()
    crowd(world, 4, strangers=900)
    rows = await prepared(world, spare=2)
    assert len(asked(world)) == 2
    assert [name for name in names(world, rows) if name != "?"] != ["0", "1", "2", "3"]
    for _ in range(3):
        rows = await prepared(world, spare=2)
        assert len(asked(world)) <= 2
    assert names(world, rows) == ["0", "1", "2", "3"]


async def test_reading_all_again_waits_until_there_is_room_and_says_so() -> None:
    """The listings of appointments go first: not even a part of it is begun."""
    world = World()
    crowd(world, 150)
    await prepared(world)
    world.now += HOUR
    asked(world)
    await prepared(world, spare=1)
    assert asked(world) == []
    [notice] = world.crm.notices()
    assert "takes 2 requests" in notice.text
    assert not notice.grave
    await prepared(world, spare=2)
    assert len(asked(world)) == 2
    assert world.crm.notices() == ()


async def test_a_row_has_another_fingerprint_when_its_client_has_another_e_mail() -> None:
    """And no other row has."""
    world = World()
    crowd(world, 3)
    before = {row.remote_id: row.fingerprint for row in await prepared(world)}
    assert {row.remote_id: row.fingerprint for row in await world.rows()} == before
    client = next(iter(server(world).clients))
    server(world).edit_client(client.id, email="other@example.com")
    world.now += HOUR
    await prepared(world)
    after = {row.remote_id: row.fingerprint for row in await world.rows()}
    assert sum(after[key] != before[key] for key in before) == 1


async def test_the_next_process_knows_unchanged_rows_without_reading_a_client() -> None:
    """By digests: nothing of a client stands in what is remembered."""
    world = World()
    crowd(world, 3)
    before = [row.fingerprint for row in await prepared(world)]
    memory = world.crm.memory()
    assert "Client" not in memory
    assert "example.com" not in memory
    world.crm = adapter(lambda connection: Wire(world.server, world.requests.append), world)
    world.crm.recall(memory)
    world.now += timedelta(minutes=5)
    asked(world)
    assert [row.fingerprint for row in await world.rows()] == before
    await world.crm.prepare([], 100)
    assert asked(world) == []
    assert world.crm.memory() == memory


@pytest.mark.parametrize(
    "memory",
    ["", "{", "[]", "null", '{"digests": 3, "read_at": null, "total": null}', '{"digests": {}, "read_at": "x"}'],
)
async def test_a_memory_that_cannot_be_read_is_none(memory: str) -> None:
    """Clients are read as at a first start."""
    world = World()
    crowd(world, 2)
    world.crm.recall(memory)
    assert names(world, await prepared(world)) == ["0", "1"]


async def test_a_memory_from_a_clock_that_was_ahead_does_not_keep_clients_from_being_read() -> None:
    """A time that is still to come counts as none."""
    world = World()
    crowd(world, 2)
    await prepared(world)
    kept = json.loads(world.crm.memory())
    kept["read_at"] = (world.now + timedelta(days=30)).isoformat()
    world.crm.recall(json.dumps(kept))
    asked(world)
    await prepared(world)
    assert len(asked(world)) == 1


async def test_clients_of_appointments_that_are_gone_are_forgotten() -> None:
    """Memory grows with the appointments that there are."""
    world = World()
    crowd(world, 3)
    await prepared(world)
    world.server.person_delete(next(iter(world.server.entries)))
    await prepared(world)
    assert len(json.loads(world.crm.memory())["digests"]) == 2


async def test_a_key_without_the_right_is_asked_for_once_an_hour() -> None:
    """One request, a grave notice, and rows of which nobody can be told."""
    world = World(clients="forbidden")
    crowd(world, 3)
    rows = await prepared(world)
    assert len(asked(world)) == 1
    records = [world.crm.decode(row) for row in rows]
    assert {record.untold for record in records} == {"the key may not read clients (403 INSUFFICIENT_SCOPE)"}
    [notice] = world.crm.notices()
    assert notice.grave
    assert "scope for clients" in notice.text
    await prepared(world)
    assert asked(world) == []
    world.server.set_behaviour(clients="readable")
    world.now += HOUR
    assert names(world, await prepared(world)) == ["0", "1", "2"]
    assert world.crm.notices() == ()


async def test_a_check_says_that_clients_cannot_be_read() -> None:
    """With both ways out."""
    [doubt] = await World(clients="forbidden").crm.check()
    assert doubt.startswith("crm: the key may not read clients (403 INSUFFICIENT_SCOPE)")
    assert 'clients = "stand-in" in [vendors.crm]' in doubt


async def test_a_client_who_is_gone_is_asked_for_once_and_found_again_when_back() -> None:
    """The vendor's own "not found" is remembered for an hour."""
    world = World()
    crowd(world, 1)
    client = next(iter(server(world).clients))
    server(world).clients.remove(client.id)
    [row] = await prepared(world)
    assert world.crm.decode(row).untold == "the vendor no longer has the client whom it names"
    asked(world)
    await prepared(world)
    assert asked(world) == []


async def test_a_record_by_id_comes_with_its_client() -> None:
    """Read in the same breath where nobody has asked yet, and not again."""
    world = World()
    entry = world.insert(10)
    record = await known(world, entry.id)
    assert [one.email for one in record.content.clients] == ["jordan@example.com"]
    await known(world, entry.id)
    assert len(asked(world)) == 1


async def test_a_record_whose_client_cannot_be_read_now_is_not_whole() -> None:
    """It is there, its client is not: a later reading may tell."""
    world = World()
    entry = world.insert(10)
    world.fault("status", path="/clients", code=500)
    record = await known(world, entry.id)
    assert (record.whole, record.untold, record.content.clients) == (False, None, ())


@pytest.mark.parametrize(("fault", "error"), [("html", Unreadable), ("empty", Unreadable), ("hang", Unreachable)])
async def test_a_failing_endpoint_is_an_error_and_no_answer(fault: str, error: type[Exception]) -> None:
    """Nobody is taken to be gone for it."""
    world = World()
    crowd(world, 2)
    rows = await world.rows()
    world.fault(fault, path="/clients")
    with pytest.raises(error, match="crm: GET /clients"):
        await world.crm.prepare(rows, 100)
    assert {world.crm.decode(row).untold for row in rows} == {None}


@pytest.mark.parametrize("body", [{"first_name": {"x": 1}}, {"email": []}])
async def test_one_client_who_cannot_be_read_costs_one_record(body: dict[str, object]) -> None:
    """The others are as they are; the reason quotes nothing of it."""
    world = World()
    crowd(world, 2)
    odd = next(iter(server(world).clients))
    rows = await world.rows()
    answer = {"success": True, "data": {"id": odd.id, "last_name": "Secret", **body}}
    world.fault("status", path=f"/clients/{odd.id}", code=200, body=answer)
    world.fault("status", path="/clients?", code=500)
    first, second = [await known(world, row.remote_id) for row in rows]
    assert first.untold == "the client whom it names cannot be read"
    assert second.untold is None

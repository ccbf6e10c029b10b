"""ActuallyCare through the port: what it can do, what is read, and what an answer proves."""

from __future__ import annotations

import httpx
import pytest

from syncd.model.appointment import Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.catalogue import Catalogue, Entry
from syncd.model.errors import Misconfigured, Unreachable, Unreadable
from syncd.model.record import Absent
from syncd.sandbox.actuallycare.server import DEMO_KEY
from syncd.vendors.actuallycare import KIND
from tests.vendors.actuallycare.world import WINDOW, World, adapter, answering, appointment, failure, known

HTML = httpx.Response(404, headers={"content-type": "text/html"}, content=b"<html>not here</html>")
BARE = httpx.Response(404, json={"error": "not found"})


async def test_a_record_by_id_is_whole() -> None:
    """The read by id brings version and client, which the list row lacks."""
    world = World(attendees_in_get=True)
    entry = world.insert(10, notes="bring keys", location="12 Sample Street")
    record = await known(world, entry.id)
    assert record.whole
    assert record.revision == 1
    assert record.content.clients[0].email == "jordan@example.com"
    assert (record.content.notes, record.content.location, record.content.service) == (
        "bring keys",
        "12 Sample Street",
        "Showing",
    )


async def test_only_the_vendors_own_not_found_makes_a_record_absent() -> None:
    """A record that a person deleted is absent by the vendor's own envelope."""
    world = World()
    entry = world.insert(10)
    world.server.person_delete(entry.id)
    assert await world.crm.get(entry.id) == Absent(vendor="crm", remote_id=entry.id)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (HTML, Unreadable),
        (BARE, Unreadable),
        (httpx.Response(404), Unreadable),
        (httpx.Response(410, json={"success": False}), Unreadable),
        (failure(404, "ROUTE_NOT_FOUND"), Misconfigured),
        (failure(400), Unreadable),
        (failure(401, "INVALID_API_KEY"), Misconfigured),
        (failure(403, "ACCOUNT_SUSPENDED"), Misconfigured),
        (failure(500), Unreachable),
        (httpx.Response(200, json={"success": True, "data": {}}), Unreadable),
        (httpx.Response(200, json={"success": True, "data": None}), Unreadable),
        (httpx.Response(200, json={"success": True, "data": {"id": "b"}}), Unreadable),
        (httpx.Response(200, content=b'{"success":true,"data":{"id":"a"'), Unreadable),
        (httpx.Response(200, content=b"<html>"), Unreadable),
        (httpx.Response(200), Unreadable),
    ],
)
async def test_no_other_answer_makes_a_record_absent(answer: httpx.Response, error: type[Exception]) -> None:
    """Errors, foreign pages, empty and broken bodies prove nothing about a record."""
    with pytest.raises(error, match="crm: GET /appointments/a") as caught:
        await answering(answer).get("a")
    assert "jordan@" not in str(caught.value)


async def test_a_strange_id_cannot_leave_its_path() -> None:
    """An id is quoted wherever it comes from."""
    requests: list[httpx.Request] = []
    crm = answering(failure(404, "NOT_FOUND"), requests=requests)
    assert isinstance(await crm.get("../clients/1?x=1"), Absent)
    assert requests[0].url.raw_path == b"/v1/appointments/..%2Fclients%2F1%3Fx%3D1"


async def test_what_the_vendor_says_of_its_rate_shows_in_the_traffic() -> None:
    """500 requests per 15 minutes by default, of which a share stays free for writes."""
    world = World()
    assert world.crm.traffic.rate == (500, 900.0)
    await world.pages()
    assert world.crm.traffic.spare() == 449
    assert world.crm.traffic.requests == 1
    assert world.crm.traffic.clock_offset == 0.0


@pytest.mark.parametrize(
    ("key", "header", "value"),
    [
        (DEMO_KEY, "x-api-key", DEMO_KEY),
        ("eyJhbGciOi.eyJzdWIi.c2ln", "authorization", "Bearer eyJhbGciOi.eyJzdWIi.c2ln"),
        ("eyJust-a-key", "x-api-key", "eyJust-a-key"),
    ],
)
async def test_the_key_goes_where_its_kind_belongs(key: str, header: str, value: str) -> None:
    """An API key has its own header; a JWT is a bearer token."""
    requests: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return failure(401)

    crm = adapter(lambda connection: httpx.MockTransport(handler), api_key=key)
    with pytest.raises(Misconfigured) as caught:
        await crm.check()
    assert requests[0].headers[header] == value
    assert len({"x-api-key", "authorization"} & set(requests[0].headers)) == 1
    assert key not in str(caught.value)


async def test_a_check_reads_one_row_and_one_client_and_doubts_unknown_types() -> None:
    """Reachability, key, scopes and catalogue are looked at by two small requests."""
    world = World(catalogue=Catalogue(services=(Entry(name="Tour", ids={"crm": "tour"}),)))
    [doubt] = await world.crm.check()
    assert "'tour'" in doubt
    assert "ids.crm" in doubt
    assert [request.url.path for request in world.requests] == ["/v1/appointments", "/v1/clients"]
    assert [request.url.params["limit"] for request in world.requests] == ["1", "1"]
    assert await World().crm.check() == ()


async def test_the_rate_of_the_configuration_replaces_the_documented_one() -> None:
    """An operator with another agreement says so."""
    crm = adapter(lambda connection: httpx.MockTransport(lambda request: failure(500)), rate="10/s")
    assert crm.traffic.rate == (10, 1.0)
    await crm.aclose()


def test_the_capabilities_are_those_of_the_reference() -> None:
    """Slot and status can be updated, in one write; title, location and type are set once."""
    capabilities: Capabilities = World().crm.capabilities
    updated = {field for field in Field if capabilities.ability(field).updated}
    created = {field for field in Field if capabilities.ability(field).created}
    assert updated == {Field.SLOT, Field.STATUS}
    assert created == {Field.SLOT, Field.TITLE, Field.LOCATION, Field.SERVICE}
    assert capabilities.seen == frozenset(Field) - {Field.STAFF}
    assert capabilities.guards_writes
    assert capabilities.uncancels
    assert Status.PENDING not in capabilities.statuses
    assert capabilities.objection(appointment(title="", service="Massage")) is None


@pytest.mark.parametrize(
    ("field", "service", "holds"),
    [
        (Field.SERVICE, "Showing", True),
        (Field.SERVICE, "Massage", False),
        (Field.STAFF, None, False),
        (Field.CLIENTS, None, False),
        (Field.SLOT, None, True),
    ],
)
def test_a_service_is_held_where_the_catalogue_has_its_type(field: Field, service: str | None, holds: bool) -> None:
    """What the vendor has no word for is no difference."""
    assert World().crm.capabilities.holds(field, appointment(service=service)) is holds


def test_the_example_section_names_every_key_that_is_needed() -> None:
    """What `syncd init` writes has the kind and the key."""
    import tomllib

    section = tomllib.loads(KIND.example.replace("{name}", "crm"))["vendors"]["crm"]
    assert section == {"kind": KIND.name, "api_key": {"env": "ACTUALLYCARE_KEY"}}


async def test_a_listing_passes_through_the_adapter() -> None:
    """Every row of a page decodes to a record of this vendor."""
    world = World(list_rows="full")
    for minute in range(3):
        world.insert(minute)
    rows = [row async for page in world.crm.pages(WINDOW) for row in page.rows]
    records = [world.crm.decode(row) for row in await world.crm.prepare(rows, 10)]
    assert {record.vendor for record in records} == {"crm"}
    assert all(record.whole and record.revision == 1 for record in records)

"""The CRM of the sandbox names a client by an id, and shows clients and webhooks by the vendor's pages."""

from typing import Any

import pytest

from syncd.sandbox.actuallycare.server import ActuallyCare
from syncd.sandbox.frame.records import Person
from syncd.sandbox.frame.vendor import UnknownRecord
from tests.sandbox.clients import Clock, actuallycare, api, at

JANE = Person("Jane", "Smith", "jane@example.com", "(661) 555-0101")
OMAR = Person("Omar", "Haddad", "omar@example.com", "(661) 555-0102")
KEYS = {"id", "first_name", "last_name", "email", "phone", "client_type", "status"}
NEW = {"first_name": "Ana", "last_name": "Lopes", "client_type": "buyer"}


async def shown(vendor: ActuallyCare, path: str, **query: Any) -> Any:
    """The data of a reading."""
    async with api(vendor) as client:
        answer = await client.get(path, params=query)
    assert answer.status_code == 200
    return answer.json()["data"]


async def test_an_appointment_names_its_client_by_an_id_and_nobody_attends() -> None:
    """As in the reference's examples of the list and of an answer by id."""
    vendor = actuallycare()
    entry = vendor.person_insert(start=at(10), end=at(11), title="Call", people=[JANE, OMAR])
    [row] = (await shown(vendor, "/appointments"))["appointments"]
    by_id = await shown(vendor, f"/appointments/{entry.id}")
    client = await shown(vendor, f"/clients/{row['client_id']}")
    assert row["client_id"] == by_id["client_id"] == client["id"]
    assert not {"attendees", "notes"} & (row.keys() | by_id.keys())
    assert client == {
        "id": row["client_id"],
        "first_name": "Jane",
        "last_name": "Smith",
        "email": "jane@example.com",
        "phone": "(661) 555-0101",
        "client_type": "buyer",
        "status": "active",
    }


async def test_who_attends_by_the_reference_is_an_agent() -> None:
    """The update's answer has attendees: the agency's own agent, then those beside the client."""
    vendor = actuallycare()
    entry = vendor.person_insert(start=at(10), end=at(11), title="Call", people=[JANE, OMAR])
    async with api(vendor) as client:
        data = (await client.put(f"/appointments/{entry.id}", json={"status": "completed"})).json()["data"]
    assert [one["email"] for one in data["attendees"]] == ["agent@example.com", "omar@example.com"]


async def test_no_write_of_the_api_names_a_client() -> None:
    """A create and an update may ask for one; the record keeps what a person entered."""
    vendor = actuallycare()
    entry = vendor.person_insert(start=at(10), end=at(11), title="Call", people=[JANE])
    other = vendor.clients.id_of(OMAR)
    times = {"start_time": "2026-12-10T10:00:00Z", "end_time": "2026-12-10T10:30:00Z"}
    wish = {"client_id": other, "attendees": [{"name": "Omar"}]}
    async with api(vendor) as client:
        made = (await client.post("/appointments", json={"title": "Call", **times, **wish})).json()["data"]
        await client.put(f"/appointments/{entry.id}", json={**times, **wish})
    rows = (await shown(vendor, "/appointments"))["appointments"]
    assert {row["id"]: row["client_id"] for row in rows} == {made["id"]: None, entry.id: vendor.clients.id_of(JANE)}


async def test_one_person_is_one_client_and_clients_come_in_pages() -> None:
    """With the usual meta; a page has 100 at most."""
    vendor = actuallycare()
    for number in range(30):
        vendor.person_insert(start=at(8 + number), people=[Person("Client", str(number)), OMAR], title="Call")
        vendor.person_insert(start=at(9 + number), people=[JANE], title="Call")
    data = await shown(vendor, "/clients", page=2, limit=20)
    assert data["meta"] == {"page": 2, "limit": 20, "total": 31, "totalPages": 2, "hasMore": False}
    assert [set(row) for row in data["clients"]] == [KEYS] * 11
    async with api(vendor) as client:
        refused = [await client.get("/clients", params=query) for query in ({"limit": 101}, {"search": "jane"})]
    assert [answer.status_code for answer in refused] == [400, 400]


async def test_a_changed_client_keeps_its_id_and_changes_no_appointment() -> None:
    """Neither version nor modification time of an appointment tells of it."""
    clock = Clock()
    vendor = actuallycare(clock)
    entry = vendor.person_insert(start=at(10), end=at(11), title="Call", people=[JANE])
    before = await shown(vendor, "/appointments")
    clock.advance(hours=1)
    vendor.edit_client(vendor.clients.id_of(JANE), email="jane@new.example")
    assert await shown(vendor, "/appointments") == before
    kept = vendor.entries[entry.id]
    assert (kept.people[0].email, kept.version, kept.modified_at) == ("jane@new.example", 1, entry.modified_at)
    assert (await shown(vendor, f"/clients/{before['appointments'][0]['client_id']}"))["email"] == "jane@new.example"


def test_two_clients_cannot_become_one() -> None:
    """And one that is not there cannot be changed."""
    vendor = actuallycare()
    jane, _ = vendor.clients.id_of(JANE), vendor.clients.id_of(OMAR)
    with pytest.raises(ValueError, match="another one"):
        vendor.edit_client(jane, first_name="Omar", last_name="Haddad", email=OMAR.email, phone=OMAR.phone)
    with pytest.raises(UnknownRecord):
        vendor.edit_client("nobody", email="x@example.com")


async def test_a_client_that_was_deleted_leaves_its_id_behind() -> None:
    """The appointment still names it; asked for, it is not found."""
    vendor = actuallycare()
    vendor.person_insert(start=at(10), end=at(11), title="Call", people=[JANE])
    jane = vendor.clients.id_of(JANE)
    async with api(vendor) as client:
        gone = await client.delete(f"/clients/{jane}")
        after = await client.get(f"/clients/{jane}")
    assert (gone.status_code, after.status_code, after.json()["error"]["code"]) == (200, 404, "NOT_FOUND")
    [row] = (await shown(vendor, "/appointments"))["appointments"]
    assert row["client_id"] == jane


@pytest.mark.parametrize("lacking", ["first_name", "last_name", "client_type"])
async def test_a_new_client_needs_both_names_and_a_type(lacking: str) -> None:
    """By the vendor's page; the refusal names the field."""
    vendor = actuallycare()
    async with api(vendor) as client:
        made = await client.post("/clients", json=NEW)
        refused = await client.post("/clients", json={**NEW, lacking: " "})
    assert (made.status_code, set(made.json()["data"])) == (201, KEYS)
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (400, lacking)
    assert len(vendor.clients) == 1


async def test_a_key_may_lack_the_scope_of_clients() -> None:
    """Then every one of their endpoints is forbidden, and appointments are not."""
    vendor = actuallycare(clients="forbidden")
    vendor.person_insert(start=at(10), end=at(11), title="Call", people=[JANE])
    async with api(vendor) as client:
        answers = [await client.get("/clients"), await client.get(f"/clients/{vendor.clients.id_of(JANE)}")]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].json()["error"]["code"] == "INSUFFICIENT_SCOPE"
    assert (await shown(vendor, "/appointments"))["meta"]["total"] == 1


async def test_webhooks_are_for_an_administrators_token_and_their_shapes_are_made_up() -> None:
    """An API key may not have them. Every answer says that no document shows its form."""
    vendor = actuallycare()
    hook = {"url": "https://hooks.example.com/crm", "events": ["appointment.*"], "secret": "ten letters"}
    async with api(vendor) as client:
        assert (await client.get("/webhooks")).status_code == 403
        client.headers["Authorization"] = f"Bearer {vendor.admin_token}"
        made = await client.post("/webhooks", json=hook)
        key = made.json()["data"]["id"]
        short = await client.put(f"/webhooks/{key}", json={"secret": "short"})
        answers = [
            await client.get("/webhooks"),
            await client.get("/webhooks/events"),
            await client.get("/webhooks/events/categories"),
            await client.get(f"/webhooks/{key}/logs"),
            await client.put(f"/webhooks/{key}", json={"url": "https://hooks.example.com/2"}),
            await client.delete(f"/webhooks/{key}"),
        ]
        unknown = await client.get("/webhooks/none/logs")
    assert (made.status_code, short.status_code, unknown.status_code) == (201, 400, 404)
    assert [answer.status_code for answer in answers] == [200] * 6
    assert all("documented nowhere" in answer.json()["message"] for answer in (made, *answers))
    assert "ten letters" not in made.text

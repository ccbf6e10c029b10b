"""The CRM of the sandbox keeps to ActuallyCare's reference, and to its switches where that is silent."""

import random
import uuid
from typing import Any

import pytest

from syncd.sandbox.frame.records import Person
from tests.sandbox.clients import Clock, actuallycare, api, at

LISTED = {"id", "title", "appointment_type", "start_time", "end_time", "location", "client_id", "status"}
FULL = LISTED | {
    *("user_id", "description", "listing_id", "escrow_id", "attendees"),
    *("reminder_sent", "notes", "version", "created_at", "updated_at"),
}
NEW = {"title": "Showing", "start_time": "2026-12-10T10:00:00Z", "end_time": "2026-12-10T10:30:00Z"}
JANE = Person("Jane", "Smith", "jane@example.com", "(661) 555-0101")


async def test_a_new_appointment_is_answered_as_in_the_reference() -> None:
    """A create is a 201 with the example's keys, and takes the five documented fields only."""
    vendor = actuallycare()
    body = {
        **NEW,
        "appointment_type": "showing",
        "location": "12 Elm Street",
        "attendees": [{"name": "x"}],
        "notes": "n",
    }
    async with api(vendor) as client:
        answer = await client.post("/appointments", json=body)
    assert answer.status_code == 201
    data = answer.json()["data"]
    assert set(data) == LISTED - {"client_id"} | {"version"}
    assert uuid.UUID(data["id"]).version == 4
    assert (data["status"], data["version"], data["location"]) == ("scheduled", 1, "12 Elm Street")
    (entry,) = vendor.entries.values()
    assert (entry.start, entry.end, entry.people, entry.notes) == (at(10), at(10.5), [], "")
    assert (vendor.counters.creates, vendor.counters.writes, vendor.counters.notifications) == (1, 1, 0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": None}, "title"),
        ({"title": " "}, "title"),
        ({"start_time": None}, "start_time"),
        ({"end_time": None}, "end_time"),
        ({"start_time": "2026-12-10T10:00:00"}, "start_time"),
        ({"start_time": "2026-02-30T10:00:00Z"}, "start_time"),
        ({"end_time": "2026-12-10T10:00:00Z"}, "end_time"),
        ({"appointment_type": "party"}, "appointment_type"),
        ({"location": 5}, "location"),
    ],
)
async def test_a_create_that_lacks_something_is_refused_by_name(change: dict[str, Any], field: str) -> None:
    """A 400 in the standard envelope names the field, and nothing is stored."""
    vendor = actuallycare()
    async with api(vendor) as client:
        answer = await client.post("/appointments", json={**NEW, **change})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "errorId", "correlationId", "details"}
    assert (error["code"], error["details"][0]["field"]) == ("VALIDATION_ERROR", field)
    assert not vendor.entries
    assert vendor.counters.refused == 1


async def test_a_body_that_is_not_declared_as_json_is_not_read() -> None:
    """Without the content type a create has no title; malformed JSON is refused."""
    async with api(actuallycare()) as client:
        untyped = await client.post("/appointments", content=b'{"title": "x"}')
        broken = await client.post("/appointments", content=b"{", headers={"Content-Type": "application/json"})
    assert [untyped.status_code, broken.status_code] == [400, 400]


@pytest.mark.parametrize("key", [None, "", "0" * 64])
async def test_a_wrong_key_is_401(key: str | None) -> None:
    """Without the key nothing is shown."""
    vendor = actuallycare()
    async with api(vendor) as client:
        del client.headers["X-API-Key"]
        answer = await client.get("/appointments", headers={} if key is None else {"X-API-Key": key})
    assert (answer.status_code, answer.json()["success"]) == (401, False)
    assert (vendor.counters.refused, vendor.counters.lists) == (1, 0)


async def test_a_listing_comes_in_pages_with_totals() -> None:
    """Pages of `limit`, 25 by default, ordered by start, with the reference's meta."""
    vendor = actuallycare()
    for number in range(30):
        vendor.person_insert(start=at(30 - number), end=at(31 - number), title=str(number))
    async with api(vendor) as client:
        first = (await client.get("/appointments")).json()["data"]
        second = (await client.get("/appointments", params={"page": 2})).json()["data"]
        short = (await client.get("/appointments", params={"page": 3, "limit": 12})).json()["data"]
    assert first["meta"] == {"page": 1, "limit": 25, "total": 30, "totalPages": 2, "hasMore": True}
    assert (len(second["appointments"]), second["meta"]["hasMore"]) == (5, False)
    assert len(short["appointments"]) == 6
    starts = [row["start_time"] for row in (*first["appointments"], *second["appointments"])]
    assert starts == sorted(starts)
    assert len(set(starts)) == 30


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "101"},
        {"limit": "0"},
        {"page": "x"},
        {"status": "open"},
        {"start_date": "1.2."},
        {"end_date": "2026-12-10"},
    ],
)
async def test_a_query_out_of_range_is_refused(query: dict[str, str]) -> None:
    """A limit beyond 100 is no way to get everything at once, and no filter is taken and ignored."""
    async with api(actuallycare()) as client:
        assert (await client.get("/appointments", params=query)).status_code == 400


@pytest.mark.parametrize(
    ("behaviour", "keys"), [({}, LISTED), ({"list_rows": "full"}, FULL)], ids=["reference", "full"]
)
async def test_list_rows_can_be_short_or_full(behaviour: dict[str, Any], keys: set[str]) -> None:
    """The reference's rows lack version, update time, attendees and notes."""
    vendor = actuallycare(**behaviour)
    vendor.person_insert(start=at(10), end=at(11), title="Call", people=[JANE])
    async with api(vendor) as client:
        (row,) = (await client.get("/appointments")).json()["data"]["appointments"]
    assert set(row) == keys


@pytest.mark.parametrize(
    ("behaviour", "keys"),
    [
        ({"attendees_in_get": True}, LISTED | {"version", "attendees", "notes"}),
        ({}, LISTED | {"version"}),
        ({"get_rows": "full"}, FULL),
    ],
)
async def test_a_record_by_id_shows_more_than_its_row(behaviour: dict[str, Any], keys: set[str]) -> None:
    """Three readings of what GET by id answers."""
    vendor = actuallycare(attendees="everybody", **behaviour)
    entry = vendor.person_insert(start=at(10), end=at(11), title="Call", people=[JANE], notes="bring keys")
    async with api(vendor) as client:
        data = (await client.get(f"/appointments/{entry.id}")).json()["data"]
    assert set(data) == keys
    if "attendees" in keys:
        assert data["attendees"] == [{"name": "Jane Smith", "email": "jane@example.com", "phone": "(661) 555-0101"}]


@pytest.mark.parametrize(("meaning", "titles"), [("lower_bound", ["b", "c"]), ("exact_day", ["b"])])
async def test_start_date_has_two_possible_meanings(meaning: str, titles: list[str]) -> None:
    """The reference does not say what the filter means."""
    vendor = actuallycare(start_date=meaning)
    for title, day in (("a", 9), ("b", 10), ("c", 11)):
        vendor.person_insert(start=at(10, day), end=at(11, day), title=title)
    async with api(vendor) as client:
        data = (await client.get("/appointments", params={"start_date": "2026-12-10"})).json()["data"]
    assert [row["title"] for row in data["appointments"]] == titles
    assert data["meta"]["total"] == len(titles)


@pytest.mark.parametrize(
    ("order", "titles"), [("asc", ["a", "b", "c"]), ("desc", ["c", "b", "a"]), ("insertion", ["b", "a", "c"])]
)
async def test_the_order_of_a_listing_can_be_any(order: str, titles: list[str]) -> None:
    """The reference does not say what the order is."""
    vendor = actuallycare(order=order)
    for title, hour in (("b", 11), ("a", 10), ("c", 12)):
        vendor.person_insert(start=at(hour), end=at(hour + 1), title=title)
    async with api(vendor) as client:
        rows = (await client.get("/appointments")).json()["data"]["appointments"]
    assert [row["title"] for row in rows] == titles


async def test_cancelled_records_may_be_left_out_of_a_listing() -> None:
    """Left out, they are still found by status and by id."""
    vendor = actuallycare(cancelled_listed=False)
    entry = vendor.person_insert(start=at(10), end=at(11), title="Call")
    vendor.person_cancel(entry.id)
    async with api(vendor) as client:
        listed = (await client.get("/appointments")).json()["data"]["appointments"]
        by_status = (await client.get("/appointments", params={"status": "cancelled"})).json()["data"]["appointments"]
        by_id = (await client.get(f"/appointments/{entry.id}")).json()["data"]
    assert (listed, len(by_status), by_id["status"]) == ([], 1, "cancelled")


async def test_an_update_takes_times_and_status_and_ignores_the_rest() -> None:
    """It answers with the full record, one version on, at the time of the vendor's clock."""
    clock = Clock()
    vendor = actuallycare(clock)
    entry = vendor.person_insert(start=at(10), end=at(11), title="Call", location="Main office")
    clock.advance(minutes=5)
    body = {"start_time": "2026-12-10T13:00:00+01:00", "end_time": "2026-12-10T13:30:00Z"}
    extra = {"title": "New", "location": "New", "notes": "New", "appointment_type": "call", "version": 1}
    async with api(vendor) as client:
        answer = await client.put(f"/appointments/{entry.id}", json={**body, **extra})
    data = answer.json()["data"]
    assert set(data) == FULL
    assert (data["start_time"], data["end_time"]) == ("2026-12-10T12:00:00Z", "2026-12-10T13:30:00Z")
    assert (data["title"], data["location"], data["notes"]) == ("Call", "Main office", None)
    assert (data["version"], data["updated_at"]) == (2, "2026-12-01T12:05:00.000Z")


@pytest.mark.parametrize(
    ("body", "operation"),
    [
        ({"status": "cancelled"}, "cancel"),
        ({"start_time": "2026-12-10T09:00:00Z"}, "reschedule"),
        ({"status": "completed"}, "status"),
        ({}, "update"),
    ],
)
async def test_an_update_is_told_apart_by_its_body(body: dict[str, Any], operation: str) -> None:
    """So a fault can strike cancellations alone."""
    vendor = actuallycare()
    entry = vendor.person_insert(start=at(10), end=at(11), title="Call")
    async with api(vendor) as client:
        assert (await client.put(f"/appointments/{entry.id}", json=body)).status_code == 200
    assert vendor.log[-1]["operation"] == operation


@pytest.mark.parametrize(
    "body", [{"status": "gone"}, {"version": "1"}, {"end_time": "2026-12-10T09:00:00Z"}, {"start_time": "soon"}]
)
async def test_a_wrong_update_changes_nothing(body: dict[str, Any]) -> None:
    """A 400, and the record keeps its version."""
    vendor = actuallycare()
    entry = vendor.person_insert(start=at(10), end=at(11), title="Call")
    async with api(vendor) as client:
        assert (await client.put(f"/appointments/{entry.id}", json=body)).status_code == 400
    assert vendor.entries[entry.id] is entry


@pytest.mark.parametrize(
    ("behaviour", "status", "code"), [("409", 409, "VERSION_CONFLICT"), ("400", 400, "VERSION_MISMATCH")]
)
async def test_a_stale_version_is_refused_by_a_code_that_names_it(behaviour: str, status: int, code: str) -> None:
    """Which code the vendor uses is unknown, so both exist."""
    vendor = actuallycare(stale_version=behaviour)
    entry = vendor.person_insert(start=at(10), end=at(11), title="Call", version=3)
    async with api(vendor) as client:
        answer = await client.put(f"/appointments/{entry.id}", json={"status": "cancelled", "version": 2})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["details"] == {"currentVersion": 3, "providedVersion": 2}
    assert vendor.entries[entry.id].status == "scheduled"


async def test_a_stale_version_may_be_ignored() -> None:
    """Then the last writer wins."""
    vendor = actuallycare(stale_version="ignored")
    entry = vendor.person_insert(start=at(10), end=at(11), title="Call", version=3)
    async with api(vendor) as client:
        assert (await client.put(f"/appointments/{entry.id}", json={"version": 1})).status_code == 200
    assert vendor.entries[entry.id].version == 4


@pytest.mark.parametrize(("behaviour", "then"), [("hard", 404), ("soft", 200)])
async def test_a_delete_is_hard_or_soft(behaviour: str, then: int) -> None:
    """A soft delete leaves a cancelled record."""
    vendor = actuallycare(delete=behaviour)
    entry = vendor.person_insert(start=at(10), end=at(11), title="Call")
    async with api(vendor) as client:
        gone = await client.delete(f"/appointments/{entry.id}")
        after = await client.get(f"/appointments/{entry.id}")
    assert (gone.status_code, gone.json()["data"], after.status_code) == (200, {}, then)
    assert [kept.status for kept in vendor.entries.values()] == (["cancelled"] if then == 200 else [])


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_an_unknown_id_is_404_in_the_envelope(method: str) -> None:
    """So is an unknown path."""
    async with api(actuallycare()) as client:
        answer = await client.request(method, f"/appointments/{uuid.UUID(int=1)}", json={})
        lost = await client.request(method, "/calendars")
    assert (answer.status_code, answer.json()["error"]["code"], lost.status_code) == (404, "NOT_FOUND", 404)


async def test_the_rate_limit_shows_itself_and_ends() -> None:
    """500 requests in 15 minutes; then 429 with Retry-After until the window begins afresh."""
    clock = Clock()
    vendor = actuallycare(clock)
    async with api(vendor) as client:
        first = await client.get("/appointments")
        for _ in range(499):
            await client.get("/appointments")
        clock.advance(minutes=1)
        refused = await client.get("/appointments")
        clock.advance(minutes=14)
        again = await client.get("/appointments")
    assert (first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == ("500", "499")
    assert first.headers["RateLimit-Reset"] == "900"
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "840")
    assert refused.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert (again.status_code, again.headers["RateLimit-Remaining"]) == (200, "499")


async def test_the_same_seed_gives_the_same_ids() -> None:
    """Randomness is passed in, so that a simulation repeats itself."""
    ids = []
    for _ in range(2):
        vendor = actuallycare()
        vendor.rng = random.Random(7)
        ids.append(vendor.person_insert(start=at(10), end=at(11)).id)
    assert ids[0] == ids[1]


async def test_a_person_cannot_give_a_status_that_the_reference_lacks() -> None:
    """There is no word for an appointment that waits to be confirmed."""
    vendor = actuallycare()
    entry = vendor.person_insert(start=at(10), end=at(10.5), people=[JANE])
    with pytest.raises(ValueError, match=r"status: 'pending': .* scheduled, completed, cancelled, no_show"):
        vendor.person_edit(entry.id, status="pending")
    with pytest.raises(ValueError, match="status"):
        vendor.person_insert(start=at(10), end=at(10.5), status="pending")
    assert [entry.status for entry in vendor.entries.values()] == ["scheduled"]

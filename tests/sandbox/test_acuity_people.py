"""The booking page of the sandbox: what a person does there, and what goes wrong on the way."""

from typing import Any

import pytest

from syncd.sandbox.frame.faults import Fault
from tests.sandbox.acuity_client import CONSULTATION, JANE, acuity, api, listed, put
from tests.sandbox.clients import at, control


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"service": 7}, "service"),
        ({"staff": 7}, "staff"),
        ({"id": "abc"}, "id"),
        ({"status": "completed"}, "status"),
        ({"clients": [{}, {}]}, "clients"),
    ],
)
async def test_a_person_cannot_enter_what_the_vendor_cannot_hold(given: dict[str, Any], key: str) -> None:
    """400 on the control surface, naming the key."""
    async with control(acuity()) as person:
        answer = await person.post("/records", json={"start": "2026-12-10T15:00:00Z", **given})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(f"{key}:")


async def test_a_person_edits_and_no_client_hears_of_it() -> None:
    """The end follows the type's length, the title is the type's, and nothing is counted."""
    vendor = acuity()
    async with control(vendor) as person:
        record = (await person.post("/records", json={"start": "2026-12-10T15:00:00Z", "title": "x"})).json()
        edited = (await person.patch(f"/records/{record['id']}", json={"service": CONSULTATION})).json()
    assert (record["end"], record["title"]) == ("2026-12-10T15:30:00Z", "Showing")
    assert (edited["end"], edited["title"]) == ("2026-12-10T16:00:00Z", "Consultation")
    assert (vendor.counters.writes, vendor.counters.notifications) == (0, 0)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault("half_list"), 2),
        (Fault("duplicate_row"), 5),
        (Fault("empty_list"), 0),
    ],
)
async def test_faults_know_the_rows_of_a_listing(fault: Fault, expected: int) -> None:
    """A bare array loses, doubles or hides rows."""
    vendor = acuity()
    for hour in range(15, 19):
        vendor.person_insert(start=at(hour), people=[JANE])
    vendor.faults.add(fault)
    assert len(await listed(vendor)) == expected


async def test_a_stale_read_shows_what_was_there_before() -> None:
    """In a listing and by id, until the fault is over."""
    vendor = acuity()
    entry = vendor.person_insert(start=at(15), people=[JANE])
    await put(vendor, f"{entry.id}/reschedule", datetime="2026-12-11T10:00:00-0500")
    vendor.faults.add(Fault("stale", times=2))
    async with api(vendor) as client:
        by_id = (await client.get(f"/appointments/{entry.id}")).json()
        (row,) = await listed(vendor)
        (later,) = await listed(vendor)
    assert by_id["datetime"] == row["datetime"] == "2026-12-10T10:00:00-0500"
    assert later["datetime"] == "2026-12-11T10:00:00-0500"


@pytest.mark.parametrize(
    ("operation", "method", "path"),
    [
        ("list", "GET", "/appointments"),
        ("get", "GET", "/appointments/7"),
        ("create", "POST", "/appointments"),
        ("update", "PUT", "/appointments/7"),
        ("reschedule", "PUT", "/appointments/7/reschedule"),
        ("cancel", "PUT", "/appointments/7/cancel"),
    ],
)
async def test_faults_know_the_operations(operation: str, method: str, path: str) -> None:
    """Each endpoint is the operation that its path says, and fails in the vendor's envelope."""
    vendor = acuity()
    vendor.faults.add(Fault("status", operation=operation, code=503))
    async with api(vendor) as client:
        answer = await client.request(method, path)
        other = await client.get("/calendars")
    assert (answer.status_code, answer.json()["status_code"], other.status_code) == (503, 503, 200)


async def test_an_answer_by_id_may_lack_fields() -> None:
    """A fault empties or drops keys of a single appointment as of a row."""
    vendor = acuity()
    entry = vendor.person_insert(start=at(15), people=[JANE])
    vendor.faults.add(Fault("null_fields", times=1))
    vendor.faults.add(Fault("missing_field", field="datetime", times=1))
    async with api(vendor) as client:
        emptied = (await client.get(f"/appointments/{entry.id}")).json()
        lacking = (await client.get(f"/appointments/{entry.id}")).json()
    assert (emptied["phone"], emptied["email"], emptied["datetime"]) == (None, None, "2026-12-10T10:00:00-0500")
    assert "datetime" not in lacking


async def test_ids_are_never_given_twice() -> None:
    """Not even where a person entered one that was to come."""
    first, second = acuity(), acuity()
    coming = first.person_insert(start=at(15)).id
    second.person_insert(start=at(15), id=coming)
    assert second.person_insert(start=at(16)).id not in ("", coming)
    assert len(second.entries) == 2

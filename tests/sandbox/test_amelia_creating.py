"""The WordPress site of the sandbox: what a create does there, and what it turns down."""

from typing import Any

import httpx
import pytest

from syncd.sandbox.serving.asgi import Application
from tests.sandbox.amelia_client import (
    PATH,
    ROBIN,
    amelia,
    ask,
    booking,
    creation,
    entered,
    post,
    stored,
)
from tests.sandbox.clients import at


async def test_a_create_is_answered_as_in_the_reference() -> None:
    """The appointment with its bookings, tokens and payments; the internal note is kept."""
    vendor = amelia()
    answer = await ask(vendor, "POST", PATH, creation(internalNotes="token 7f", bookings=[booking(duration=5400)]))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json;charset=utf-8")
    assert answer.json()["message"] == "Successfully added new appointment"
    data = answer.json()["data"]
    row = data["appointment"]
    (booked,) = row["bookings"]
    assert data["recurring"] == []
    assert (row["id"], row["internalNotes"], row["notifyParticipants"]) == (742, "token 7f", 0)
    assert (row["bookingStart"], row["bookingEnd"]) == ("2026-12-10 11:00:00", "2026-12-10 12:30:00")
    assert (booked["customer"], booked["isChangedStatus"], booked["actionsCompleted"]) == (None, True, True)
    assert (booked["appointmentId"], len(booked["token"]), booked["price"]) == (742, 10, 100)
    assert booked["payments"][0]["entity"] == "appointment"
    kept = stored(vendor, 742)
    assert (kept.start, kept.end, kept.title, kept.location) == (at(10), at(11.5), "Showing", "Main office")
    assert (kept.people[0].email, kept.notes) == ("desk@example.com", "token 7f")
    assert (vendor.counters.creates, vendor.counters.notifications) == (1, 0)


@pytest.mark.parametrize(
    ("given", "hour"),
    [
        ({"bookingStart": "2026-12-10 11:00"}, 10),
        ({"bookingStart": "2026-12-10 11:00:00"}, 10),
        ({"bookingStart": "2026-12-10 11:00", "utc": False}, 10),
        ({"bookingStart": "2026-12-10 11:00", "utc": True}, 11),
        ({"bookingStart": "2026-12-10 11:00", "utc": True, "timeZone": "America/New_York"}, 11),
        ({"bookingStart": "2026-12-10 11:00", "timeZone": "America/New_York"}, 16),
        ({"bookingStart": "2026-12-10 11:00", "timeZone": "Europe/Belgrade"}, 10),
    ],
)
async def test_a_start_is_read_in_the_zone_that_the_request_says(given: dict[str, Any], hour: int) -> None:
    """The site's, unless `utc` or `timeZone` speaks of another."""
    vendor = amelia()
    row = (await post(vendor, PATH, **creation(**given)))["appointment"]
    assert stored(vendor, row["id"]).start == at(hour)


@pytest.mark.parametrize(
    ("text", "shown", "utc"),
    [
        ("2027-03-28 02:30", "2027-03-28 03:30:00", "01:30"),
        ("2027-10-31 02:30", "2027-10-31 02:30:00", "01:30"),
    ],
)
async def test_a_start_in_a_gap_moves_and_a_double_one_is_the_second(text: str, shown: str, utc: str) -> None:
    """As PHP reads them when the clocks change (measured on 8.2)."""
    vendor = amelia()
    row = (await post(vendor, PATH, **creation(bookingStart=text)))["appointment"]
    assert (row["bookingStart"], f"{stored(vendor, row['id']).start:%H:%M}") == (shown, utc)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bookings": None}, "Mandatory fields not passed! Missing: bookings"),
        ({"bookings": []}, "You have an error in your SQL syntax near ')' in CustomerBookingsTable"),
        ({"bookingStart": None, "serviceId": None}, "Mandatory fields not passed! Missing: bookingStart, serviceId"),
        ({"notifyParticipants": None}, "Mandatory fields not passed! Missing: notifyParticipants"),
        ({"bookings": [booking(extras=None)]}, "Undefined array key: extras"),
        ({"bookings": [booking(customerId=None)]}, "Undefined array key: customerId"),
        ({"bookingStart": "tomorrow"}, "Failed to parse time string (tomorrow)"),
        ({"bookingStart": "2026-02-30 11:00"}, "Failed to parse time string (2026-02-30 11:00)"),
        ({"timeZone": "Mars/Olympus"}, "Unknown or bad timezone (Mars/Olympus)"),
        ({"serviceId": "x"}, "Invalid key x."),
        ({"recurring": [1]}, "Argument #2 must be of type array: recurring"),
    ],
)
async def test_a_create_that_lacks_something_is_an_exception(change: dict[str, Any], message: str) -> None:
    """HTTP 500 with its message, and nothing is stored."""
    vendor = amelia()
    answer = await ask(vendor, "POST", PATH, creation(**change))
    assert (answer.status_code, answer.json()) == (500, {"message": message})
    assert not vendor.entries
    assert (vendor.counters.refused, vendor.counters.creates) == (1, 0)


async def test_a_body_that_is_not_declared_as_json_is_not_read() -> None:
    """So that everything is missing, as it is where the JSON is broken."""
    vendor = amelia()
    json_type = {"Amelia": vendor.api_key, "Content-Type": "application/json"}
    query = {"action": "wpamelia_api", "call": PATH}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Application(vendor))) as client:
        address = f"http://site.test{vendor.base_path}"
        broken = await client.post(address, params=query, headers=json_type, content=b"{")
    for answer in (broken, await ask(vendor, "POST", PATH)):
        assert answer.json()["message"].startswith("Mandatory fields not passed! Missing: bookings, bookingStart")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"bookings": [booking(customerId=999)]}, "customer"),
        ({"serviceId": 9}, "service"),
        ({"providerId": 9}, "provider"),
        ({"locationId": 9}, "location"),
    ],
)
@pytest.mark.parametrize(
    ("behaviour", "status", "content_type"),
    [
        ({"build": "slim3"}, 200, "text/html; charset=UTF-8"),
        ({"build": "slim4"}, 409, "application/json;charset=utf-8"),
        ({"build": "slim4", "errors_as_conflict": False}, 500, "application/json;charset=utf-8"),
    ],
)
async def test_a_create_that_points_to_nothing_is_handled(
    change: dict[str, Any], kind: str, behaviour: dict[str, Any], status: int, content_type: str
) -> None:
    """With a flag in the data, and in each build under another status; it counts as refused in all."""
    vendor = amelia(**behaviour)
    answer = await ask(vendor, "POST", PATH, creation(**change))
    assert (answer.status_code, answer.headers["content-type"]) == (status, content_type)
    assert answer.json()["data"] == {"entityMissing": True}
    assert answer.json()["message"] == f"Entity missing ({kind}). Please refresh page and try again."
    assert vendor.counters.refused == 1


@pytest.mark.parametrize(("messages", "expected"), [(True, "Time slot is unavailable"), (False, None)])
async def test_an_employees_time_is_taken_once(messages: bool, expected: str | None) -> None:
    """An overlap is unavailable, with or without a message; another employee or what is cancelled is not in the way."""
    vendor = amelia(error_messages=messages)
    entry = entered(vendor)
    taken = await ask(vendor, "POST", PATH, creation(bookingStart="2026-12-10 11:15"))
    assert (taken.status_code, taken.json()) == (409, {"message": expected, "data": {"timeSlotUnavailable": True}})
    await post(vendor, PATH, **creation(bookingStart="2026-12-10 11:15", providerId=ROBIN))
    await post(vendor, PATH, **creation(bookingStart="2026-12-10 11:30"))
    vendor.person_cancel(entry.id)
    await post(vendor, PATH, **creation())


async def test_slots_need_not_be_enforced() -> None:
    """Then two appointments share an employee's time, and they are two."""
    vendor = amelia(enforce_slots=False)
    numbers = [(await post(vendor, PATH, **creation()))["appointment"]["id"] for _ in range(2)]
    assert numbers == [742, 743]


@pytest.mark.parametrize("conflict", [True, False])
async def test_a_customer_may_be_kept_from_two_places(conflict: bool) -> None:
    """If the site says so."""
    vendor = amelia(customer_conflict=conflict)
    await post(vendor, PATH, **creation())
    answer = await ask(vendor, "POST", PATH, creation(providerId=ROBIN))
    assert answer.status_code == (409 if conflict else 200)
    if conflict:
        assert answer.json()["data"] == {"customerAlreadyBooked": True}


async def test_a_series_is_ordinary_rows_with_a_parent() -> None:
    """One that does not fit refuses all of them."""
    vendor = amelia()
    series = [{"bookingStart": "2026-12-17 11:00"}, {"bookingStart": "2026-12-24 11:00", "locationId": 2}]
    data = await post(vendor, PATH, **creation(recurring=series, notifyParticipants=True))
    first, later = data["appointment"], [item["appointment"] for item in data["recurring"]]
    assert [row["parentId"] for row in (first, *later)] == [None, first["id"], first["id"]]
    assert [row["bookingStart"][:10] for row in later] == ["2026-12-17", "2026-12-24"]
    assert vendor.counters.notifications == 3
    again = await ask(vendor, "POST", PATH, creation(bookingStart="2026-12-31 11:00", recurring=series))
    assert (again.status_code, len(vendor.entries)) == (409, 3)

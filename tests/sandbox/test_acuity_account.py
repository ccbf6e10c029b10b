"""The booking page of the sandbox: classes, add-ons, calendars in zones of their own, a cut listing, the account."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.sandbox.acuity.catalogue import ADDONS, CLASSES
from tests.sandbox.acuity_client import BOOKING, JANE, JORDAN, ROBIN, SHOWING, acuity, api, book, listed, put
from tests.sandbox.clients import at

OPEN_HOUSE, COURSE = CLASSES
SECOND_VIEWING = ADDONS[0]
_ADMIN = "admin=true&noEmail=true"


@pytest.mark.parametrize(("given", "status"), [(None, "no_show"), (False, "cancelled"), (True, "no_show")])
async def test_a_no_show_stays_one_unless_the_cancel_says_otherwise(given: bool | None, status: str) -> None:
    """`noShow` of a cancelled appointment keeps its value where it is not given, and may be changed either way."""
    vendor = acuity()
    entry = vendor.person_insert(start=at(15), people=[JANE], status="no_show")
    body = {} if given is None else {"noShow": given}
    row = (await put(vendor, f"{entry.id}/cancel", "admin=true&noEmail=true", **body)).json()
    assert (row["canceled"], row["noShow"]) == (True, status == "no_show")
    assert vendor.entries[entry.id].status == status
    assert vendor.counters.notifications == 0


async def test_no_show_may_be_put_on_a_cancelled_one_by_an_admin_alone() -> None:
    """The other way round; without admin rights nothing changes."""
    vendor = acuity()
    entry = vendor.person_insert(start=at(15), people=[JANE], status="cancelled")
    assert (await put(vendor, f"{entry.id}/cancel", "", noShow=True)).json()["noShow"] is False
    assert (await put(vendor, f"{entry.id}/cancel", "admin=true", noShow=True)).json()["noShow"] is True


@pytest.mark.parametrize(("status", "service", "code"), [("cancelled", None, "canceled"), (None, COURSE.id, "series")])
async def test_a_move_is_refused_in_the_vendors_words(status: str | None, service: int | None, code: str) -> None:
    """Neither a cancelled appointment nor one of a series can be moved, not even by an admin."""
    vendor = acuity(classes=True)
    entry = vendor.person_insert(start=at(15), people=[JANE], service=service, status=status or "scheduled")
    moved = await put(vendor, f"{entry.id}/reschedule", "admin=true", datetime="2026-12-11T10:00:00-0500")
    assert (moved.status_code, moved.json()["error"]) == (400, f"reschedule_{code}")
    assert vendor.entries[entry.id].start == at(15)


async def test_a_class_takes_as_many_as_it_has_seats() -> None:
    """Its bookings share a start and a `classID`, and are in each other's way only when it is full."""
    vendor = acuity(classes=True)
    bookings = [await book(vendor, "", appointmentTypeID=OPEN_HOUSE.id) for _ in range(9)]
    assert [answer.status_code for answer in bookings] == [200] * 8 + [400]
    assert len({answer.json()["classID"] for answer in bookings[:8]}) == 1
    assert (await book(vendor, "")).json()["error"] == "not_available"


@pytest.mark.parametrize("classes", [True, False])
async def test_classes_are_offered_where_the_account_has_them(classes: bool) -> None:
    """The list of types says which is a class, which a series, and how many they take."""
    async with api(acuity(classes=classes)) as client:
        rows = (await client.get("/appointment-types")).json()
    shown = {row["name"]: (row["type"], row["classSize"]) for row in rows}
    assert shown.get("Open House") == (("class", 8) if classes else None)
    assert shown.get("Buyers' Course") == (("series", 12) if classes else None)
    assert shown["Showing"] == ("service", None)


async def test_an_appointment_with_an_add_on_is_longer_than_its_type() -> None:
    """Booked through the API or entered by a person, and it stays so when it is moved."""
    vendor = acuity()
    booked = (await book(vendor, addonIDs=[SECOND_VIEWING.id])).json()
    entered = vendor.person_insert(start=at(18), people=[JANE], extra={"addonIDs": [SECOND_VIEWING.id]})
    rows = await listed(vendor, direction="ASC")
    assert [(row["duration"], row["endTime"], row["addonIDs"]) for row in rows] == [
        ("45", "10:45am", [SECOND_VIEWING.id]),
        ("45", "1:45pm", [SECOND_VIEWING.id]),
    ]
    moved = await put(vendor, f"{booked['id']}/reschedule", "admin=true", datetime="2026-12-11T10:00:00-0500")
    assert (moved.json()["duration"], vendor.entries[str(booked["id"])].end) == ("45", at(15.75, day=11))
    assert entered.end == at(18.75)
    assert (await book(vendor, addonIDs=[7])).status_code == 400


async def test_the_reference_shows_a_longer_appointment_and_not_why() -> None:
    """Its table has an end and no add-ons."""
    vendor = acuity(times="reference")
    vendor.person_insert(start=at(15), people=[JANE], extra={"addonIDs": [SECOND_VIEWING.id]})
    (row,) = await listed(vendor, minDate="2026-12-10")
    assert (row["endTime"], "addonIDs" in row) == ("2026-12-10T10:45:00-0500", False)


async def test_a_calendar_may_be_in_a_zone_of_its_own() -> None:
    """Its appointments are written, and counted to days, on its own clock."""
    vendor = acuity(calendar_zones="own")
    vendor.person_insert(start=at(15), people=[JANE])
    vendor.person_insert(start=at(15), people=[JANE], staff=ROBIN)
    rows = {row["calendarID"]: row for row in await listed(vendor)}
    assert rows[JORDAN]["datetime"] == "2026-12-10T10:00:00-0500"
    assert rows[ROBIN]["datetime"] == "2026-12-11T04:00:00+1300"
    assert rows[ROBIN]["calendarTimezone"] == "Pacific/Auckland"
    for day, calendar in (("2026-12-10", JORDAN), ("2026-12-11", ROBIN)):
        assert [row["calendarID"] for row in await listed(vendor, minDate=day, maxDate=day)] == [calendar]
    async with api(vendor) as client:
        calendars = (await client.get("/calendars")).json()
    assert [row["timezone"] for row in calendars] == ["America/New_York", "Pacific/Auckland"]


@pytest.mark.parametrize("paging", ["doc", "reference"])
async def test_a_listing_may_be_cut_without_a_word(paging: str) -> None:
    """Whatever `max` asks for, and whichever way it pages."""
    vendor = acuity(row_cap=100, paging=paging)
    for number in range(130):
        vendor.person_insert(start=at(number), people=[JANE])
    query: dict[str, str | int] = {"minDate": "2026-12-01", "direction": "ASC", "max": 9999, "limit": 200}
    rows = await listed(vendor, **query)
    assert len(rows) == 100
    assert rows[0]["datetime"] < rows[-1]["datetime"]


@pytest.mark.parametrize("part", ["email", "phone"])
@pytest.mark.parametrize("required", [True, False])
async def test_an_admin_may_leave_out_what_the_account_does_not_insist_on(part: str, required: bool) -> None:
    """In a booking and in a change; the refusal names the part. A client's own booking always has an e-mail."""
    vendor = acuity()
    vendor.set_behaviour(**{f"{part}_required": required})
    changes: list[dict[str, Any]] = [{part: None}, {part: ""}]
    answers = [await book(vendor, _ADMIN, **change) for change in changes]
    entry = vendor.person_insert(start=at(20), people=[JANE])
    answers.append(await put(vendor, entry.id, "admin=true", **{part: ""}))
    assert [answer.json().get("error") for answer in answers] == [f"required_{part}" if required else None] * 3
    assert (await book(vendor, "", email=None)).json()["error"] == "required_email"


@pytest.mark.parametrize(
    ("query", "hours"),
    [
        ({"minTime": "2026-12-10T16:00:00Z", "minDate": "2026-12-01"}, [17, 16]),
        ({"email": "JANE@example.com"}, [17, 16, 15]),
        ({"firstName": "Joan"}, []),
    ],
)
async def test_every_filter_is_obeyed(query: dict[str, str | int], hours: list[int]) -> None:
    """Two bounds at once, and the client's fields."""
    vendor = acuity()
    for hour in (15, 16, 17):
        vendor.person_insert(start=at(hour), people=[JANE])
    shown = [f"{at(hour - 5):%Y-%m-%dT%H}" for hour in hours]
    assert [row["datetime"][:13] for row in await listed(vendor, **query)] == shown


@pytest.mark.parametrize(
    "path",
    [
        *("/appointments?clientID=4", "/appointments?categoryID=4", "/appointments?field:7=x"),
        *("/appointments?foo=1", "/appointments?status=canceled"),
        *("/clients?name=Jane", "/blocks?minDate=2026-12-10"),
    ],
)
async def test_a_filter_that_nothing_here_answers_is_refused(path: str) -> None:
    """400 instead of an answer that would be taken for a filtered one."""
    async with api(acuity()) as client:
        assert (await client.get(path)).status_code == 400


async def test_availability_is_told_in_the_zone_and_length_that_were_asked_for() -> None:
    """`timezone` and `duration` are no decoration."""
    vendor = acuity()
    await book(vendor)
    query: dict[str, str | int] = {"appointmentTypeID": SHOWING, "date": "2026-12-10", "timezone": "Europe/Berlin"}
    asked: dict[str, Any] = {**BOOKING, "datetime": "2026-12-10T09:30:00-0500", "timezone": "Europe/Berlin"}
    async with api(vendor) as client:
        times = (await client.get("/availability/times", params=query)).json()
        fits = (await client.post("/availability/check-times", json=asked)).json()
        longer = (await client.post("/availability/check-times", json={**asked, "duration": 45})).json()
    assert times[0]["time"] == "2026-12-10T15:00:00+0100"
    assert (fits["datetime"], fits["valid"]) == ("2026-12-10T15:30:00+0100", True)
    assert (longer["duration"], longer["valid"]) == (45, False)


async def test_webhooks_are_kept_up_to_their_limit() -> None:
    """As the reference has it: an event, an https target, at most 25, and 204 for one that is removed."""
    vendor = acuity()
    hook = {"event": "appointment.changed", "target": "https://sync.example.com/hooks/acuity"}
    async with api(vendor) as client:
        made = [(await client.post("/webhooks", json=hook)) for _ in range(26)]
        plain = await client.post("/webhooks", json={**hook, "target": "http://sync.example.com"})
        wrong = await client.post("/webhooks", json={**hook, "event": "client.changed"})
        gone = await client.delete(f"/webhooks/{made[0].json()['id']}")
        again = await client.delete(f"/webhooks/{made[0].json()['id']}")
        left = (await client.get("/webhooks")).json()
    assert made[0].json() == {"id": 1, **hook, "status": "active"}
    assert [answer.status_code for answer in (made[24], made[25], plain, wrong)] == [200, 400, 400, 400]
    assert (gone.status_code, gone.content, again.status_code, len(left)) == (204, b"", 404, 24)


@pytest.mark.parametrize("path", ["/me", "/clients", "/blocks"])
async def test_an_answer_whose_shape_nobody_documents_says_so(path: str) -> None:
    """In a header, so that no client takes it for the vendor's; other methods are refused."""
    vendor = acuity()
    vendor.person_insert(start=at(15), people=[JANE])
    async with api(vendor) as client:
        answer, other = await client.get(path), await client.put(path, json={})
        documented = await client.get("/calendars")
    assert (answer.status_code, other.status_code) == (200, 405)
    assert answer.headers["X-Sandbox-Shape"].startswith("invented")
    assert "X-Sandbox-Shape" not in documented.headers


async def test_blocked_time_is_made_shown_and_removed_and_keeps_clients_from_booking() -> None:
    """In its calendar's clock, and in that calendar alone; a time that ends before it starts is none."""
    vendor = acuity()
    block = {
        "start": "2026-12-10T00:00:00-0500",
        "end": "2026-12-11T00:00:00-0500",
        "calendarID": 14209019,
        "notes": "x",
    }
    query: dict[str, str | int] = {"appointmentTypeID": SHOWING, "date": "2026-12-10", "calendarID": 14209019}
    async with api(vendor) as client:
        before = (await client.get("/availability/times", params=query)).json()
        made = (await client.post("/blocks", json=block)).json()
        after = (await client.get("/availability/times", params=query)).json()
        shown = [(await client.get("/blocks")).json(), [(await client.get(f"/blocks/{made['id']}")).json()]]
        wrong = await client.post("/blocks", json={**block, "end": block["start"]})
        nowhere = await client.post("/blocks", json={"start": block["start"], "end": block["end"]})
        gone = [(await client.delete(f"/blocks/{made['id']}")).status_code for _ in range(2)]
        again = (await client.get("/availability/times", params=query)).json()
    assert made == {"id": made["id"], **block}
    assert shown == [[made], [made]]
    assert (len(before) > 0, after, again) == (True, [], before)
    assert (wrong.status_code, nowhere.status_code, gone) == (400, 400, [204, 404])


async def test_clients_are_found_by_a_word() -> None:
    """Once each, however many appointments they have."""
    vendor = acuity()
    for hour in (15, 16):
        vendor.person_insert(start=at(hour), people=[JANE])
    async with api(vendor) as client:
        found = (await client.get("/clients", params={"search": "smith"})).json()
        none = (await client.get("/clients", params={"search": "nobody"})).json()
    assert [row["email"] for row in found] == ["jane@example.com"]
    assert none == []

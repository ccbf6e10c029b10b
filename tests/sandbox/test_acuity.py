"""The booking page of the sandbox keeps to Acuity's reference and recordings, and to its switches where they differ."""

from datetime import timedelta
from typing import Any

import pytest

from syncd.sandbox.acuity.server import Acuity
from tests.sandbox.acuity_client import BOOKING, CONSULTATION, JANE, JORDAN, ROBIN, SHOWING, acuity, api, book, listed
from tests.sandbox.clients import NOW, Clock, at

RECORDED = {
    *("id", "firstName", "lastName", "phone", "email", "date", "time", "endTime", "dateCreated", "datetimeCreated"),
    *("datetime", "price", "priceSold", "paid", "amountPaid", "type", "appointmentTypeID", "classID", "addonIDs"),
    *("category", "duration", "calendar", "calendarID", "certificate", "confirmationPage", "location", "notes"),
    *("timezone", "calendarTimezone", "canceled", "canClientCancel", "canClientReschedule", "labels", "forms"),
    "formsText",
}


async def test_a_booking_is_answered_as_recorded() -> None:
    """200, a row with the recorded keys, types and formats, an id beyond 31 bits, and digits for a phone."""
    vendor = acuity()
    answer = await book(vendor, appointmentTypeID=CONSULTATION)
    assert answer.status_code == 200
    row = answer.json()
    assert set(row) == RECORDED | {"scheduledBy", "isVerified"}
    assert type(row["id"]) is int
    assert row["id"] > 2**31
    shown = {key: row[key] for key in ("date", "time", "endTime", "datetime", "duration", "type", "phone", "canceled")}
    assert shown == {
        "date": "December 10, 2026",
        "time": "10:00am",
        "endTime": "11:00am",
        "datetime": "2026-12-10T10:00:00-0500",
        "duration": "60",
        "type": "Consultation ",
        "phone": "6615550101",
        "canceled": False,
    }
    assert (row["datetimeCreated"], row["timezone"]) == ("2026-12-01T06:00:00-0600", "America/New_York")
    (entry,) = vendor.entries.values()
    assert (entry.start, entry.end, entry.staff) == (at(15), at(16), JORDAN)
    assert (vendor.counters.creates, vendor.counters.notifications) == (1, 0)


@pytest.mark.parametrize(
    ("times", "hours", "expected"),
    [
        ("recorded", "12h", {"time": "2:30pm", "endTime": "3:00pm", "duration": "30"}),
        ("recorded", "24h", {"time": "14:30", "endTime": "15:00"}),
        ("mixed", "12h", {"time": "2026-12-10T14:30:00-0500", "datetime": "2026-12-10T14:30:00-0500", "duration": 30}),
        ("reference", "12h", {"time": "2026-12-10T14:30:00-0500", "endTime": "2026-12-10T15:00:00-0500"}),
        ("reference", "12h", {"endDate": "December 10, 2026", "calendarTimeZone": "America/New_York"}),
    ],
)
async def test_times_are_written_in_each_known_form(times: str, hours: str, expected: dict[str, Any]) -> None:
    """Recorded rows have `datetime` and display times; the reference has ISO times, no `datetime`, no `duration`."""
    vendor = acuity(times=times, hours=hours)
    vendor.person_insert(start=at(19.5), people=[JANE])
    (row,) = await listed(vendor, showall="true")
    assert {key: row[key] for key in expected} == expected
    assert ("datetime" in row, "duration" in row) == (times != "reference",) * 2


async def test_a_list_row_lacks_what_an_answer_by_id_has() -> None:
    """`scheduledBy` and `isVerified` are in no list, and `noShow` is on canceled ones alone."""
    vendor = acuity()
    entry = vendor.person_insert(start=at(15), people=[JANE])
    async with api(vendor) as client:
        by_id = (await client.get(f"/appointments/{entry.id}")).json()
    (row,) = await listed(vendor)
    assert set(by_id) - set(row) == {"scheduledBy", "isVerified"}
    assert {key: by_id[key] for key in row} == row
    vendor.person_cancel(entry.id)
    (cancelled,) = await listed(vendor, showall="true")
    assert (cancelled["canceled"], cancelled["noShow"]) == (True, False)


async def test_only_live_appointments_are_listed_unless_asked() -> None:
    """`showall` adds the canceled ones, `canceled` shows them alone."""
    vendor = acuity()
    live = vendor.person_insert(start=at(15), people=[JANE])
    gone = vendor.person_insert(start=at(16), people=[JANE])
    vendor.person_cancel(gone.id)
    both = await listed(vendor, showall="true", direction="ASC")
    assert [row["id"] for row in await listed(vendor)] == [int(live.id)]
    assert [row["id"] for row in both] == [int(live.id), int(gone.id)]
    assert [row["id"] for row in await listed(vendor, canceled="true")] == [int(gone.id)]


async def test_dates_bound_a_listing_by_days_of_the_calendars_zone() -> None:
    """Both days count, from midnight to midnight in the calendar's zone and not in UTC."""
    vendor = acuity(calendar_zone="Pacific/Auckland")
    # Midnight of 11 December in Auckland is 11:00 UTC on the 10th.
    hours = (10.5, 11, 34.5, 35)
    ids = [int(vendor.person_insert(start=at(hour), people=[JANE]).id) for hour in hours]
    rows = await listed(vendor, minDate="2026-12-11", maxDate="2026-12-11", direction="ASC")
    assert [row["id"] for row in rows] == ids[1:3]
    assert {row["datetime"][:10] for row in rows} == {"2026-12-11"}


@pytest.mark.parametrize(
    ("query", "hours"),
    [
        ({"calendarID": ROBIN}, [16]),
        ({"appointmentTypeID": CONSULTATION}, [17]),
        ({"minTime": "2026-12-10T16:00:00Z"}, [17, 16]),
        ({"maxTime": "2026-12-10T16:00:00Z"}, [15]),
        ({"max": 2}, [17, 16]),
    ],
)
async def test_a_listing_is_filtered(query: dict[str, str | int], hours: list[int]) -> None:
    """By calendar, by type, by time, and cut to `max`; newest first."""
    vendor = acuity()
    vendor.person_insert(start=at(15), people=[JANE])
    vendor.person_insert(start=at(16), people=[JANE], staff=ROBIN)
    vendor.person_insert(start=at(17), people=[JANE], service=CONSULTATION)
    shown = [f"{at(hour - 5):%Y-%m-%dT%H}" for hour in hours]
    assert [row["datetime"][:13] for row in await listed(vendor, **query)] == shown


@pytest.mark.parametrize(
    "query",
    [
        *({"minDate": "2026-02-30"}, {"maxDate": "soon"}, {"minTime": "noon"}, {"max": "many"}),
        *({"calendarID": "x"}, {"timezone": "Mars/Olympus"}, {"timezone": ""}),
    ],
)
async def test_a_malformed_filter_is_refused(query: dict[str, str]) -> None:
    """400 in the error envelope, never a silent default."""
    async with api(acuity()) as client:
        answer = await client.get("/appointments", params=query)
    assert answer.status_code == 400
    assert set(answer.json()) == {"status_code", "message", "error"}


async def test_the_vendors_page_knows_no_pages() -> None:
    """`max` is 100 unless given, `page` and `limit` are ignored, and the newest comes first."""
    vendor = acuity()
    for number in range(120):
        vendor.person_insert(start=at(number), people=[JANE])
    first, second = await listed(vendor), await listed(vendor, page=2, limit=10)
    assert len(first) == 100
    assert first == second
    assert first[0]["datetime"] > first[-1]["datetime"]
    assert len(await listed(vendor, max=500)) == 120


async def test_the_reference_knows_pages() -> None:
    """20 a page unless `limit` says otherwise, at most 200; `max` limits the total; the oldest comes first."""
    vendor = acuity(paging="reference")
    for number in range(220):
        vendor.person_insert(start=at(number), people=[JANE])
    first, second = await listed(vendor), await listed(vendor, page=2)
    assert (len(first), len(second), len(await listed(vendor, limit=500))) == (20, 20, 200)
    assert [row["datetime"] for row in first + second] == sorted(row["datetime"] for row in first + second)
    assert len(await listed(vendor, max=25, page=2)) == 5
    assert await listed(vendor, page=12) == []


async def test_the_reference_lists_what_is_to_come() -> None:
    """Without dates, past appointments are left out."""
    vendor = acuity(paging="reference")
    vendor.person_insert(start=NOW - timedelta(days=1), people=[JANE])
    coming = vendor.person_insert(start=NOW + timedelta(days=1), people=[JANE])
    assert [row["id"] for row in await listed(vendor)] == [int(coming.id)]
    assert len(await listed(vendor, minDate="2026-11-01")) == 2


async def test_rows_can_be_had_without_forms_and_in_another_zone() -> None:
    """`excludeForms` and `timezone` change the rows of that listing alone."""
    vendor = acuity()
    vendor.person_insert(start=at(15), people=[JANE])
    (bare,) = await listed(vendor, excludeForms="true", timezone="Europe/Belgrade")
    (usual,) = await listed(vendor)
    assert not {"forms", "formsText"} & set(bare)
    assert (bare["datetime"], bare["timezone"]) == ("2026-12-10T16:00:00+0100", "Europe/Belgrade")
    assert (usual["datetime"], usual["calendarTimezone"]) == ("2026-12-10T10:00:00-0500", "America/New_York")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/appointments/9", 404, "not_found"),
        ("PUT", "/appointments/9/cancel", 404, "not_found"),
        ("GET", "/appointments/abc", 400, "bad_request"),
        ("DELETE", "/appointments/9", 405, "method_not_allowed"),
        ("POST", "/calendars", 405, "method_not_allowed"),
        ("GET", "/appointment", 404, "not_found"),
    ],
)
async def test_what_does_not_exist_is_refused(method: str, path: str, status: int, code: str) -> None:
    """In the vendor's envelope; there is no DELETE."""
    async with api(acuity()) as client:
        answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.json()["status_code"] == status


async def test_the_reference_has_its_own_word_for_a_missing_appointment() -> None:
    """`appointment_not_found`."""
    async with api(acuity(refusal="reference")) as client:
        assert (await client.get("/appointments/9")).json()["error"] == "appointment_not_found"


async def test_wrong_credentials_and_a_plan_without_api_are_told_apart() -> None:
    """401 against 403."""
    vendor = acuity(plan_has_api=False)
    async with api(vendor) as right, api(vendor, auth=("1", "x")) as wrong, api(vendor, auth=None) as without:
        statuses = [(await client.get("/appointments")).status_code for client in (right, wrong, without)]
    assert statuses == [403, 401, 401]
    assert vendor.counters.refused == 3


@pytest.mark.parametrize("told", [True, False])
async def test_the_eleventh_request_in_a_second_is_too_many(told: bool) -> None:
    """429, with or without `Retry-After`; a second later all is well."""
    clock = Clock()
    vendor = Acuity("book", clock=clock, behaviour={"retry_after_header": told})
    async with api(vendor) as client:
        answers = [await client.get("/calendars") for _ in range(11)]
        clock.advance(seconds=1)
        later = await client.get("/calendars")
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert ("Retry-After" in answers[10].headers, answers[10].json()["status_code"]) == (told, 429)
    assert later.status_code == 200


@pytest.mark.parametrize("key", ["valid", "available"])
async def test_check_times_answers_under_its_key(key: str) -> None:
    """One slot is answered by an object, a list of slots by a list."""
    vendor = acuity(check_times=key)
    await book(vendor)
    slots = [{**BOOKING, "datetime": f"2026-12-10T{hour}:00-0500"} for hour in ("10:00", "11:00")]
    async with api(vendor) as client:
        one = (await client.post("/availability/check-times", json=slots[0])).json()
        both = (await client.post("/availability/check-times", json=slots)).json()
    assert (one[key], one["datetime"], one["calendarID"]) == (False, "2026-12-10T10:00:00-0500", JORDAN)
    assert [item[key] for item in both] == [False, True]


@pytest.mark.parametrize(("check_times", "more"), [("valid", {"slotsAvailable": 1}), ("available", {})])
async def test_free_times_are_listed(check_times: str, more: dict[str, int]) -> None:
    """Between nine and five, without what is taken; recorded rows say how many may book."""
    vendor = acuity(check_times=check_times)
    await book(vendor)
    query: dict[str, str | int] = {"appointmentTypeID": SHOWING, "calendarID": JORDAN}
    async with api(vendor) as client:
        times = (await client.get("/availability/times", params={**query, "date": "2026-12-10"})).json()
        days = (await client.get("/availability/dates", params={**query, "month": "2026-12"})).json()
        wrong = await client.get("/availability/dates", params={**query, "month": "December"})
    assert times[0] == {"time": "2026-12-10T09:00:00-0500", **more}
    assert len(times) == 15
    assert "2026-12-10T10:00:00-0500" not in {row["time"] for row in times}
    assert len(days) == 31
    assert days[9] == {"date": "2026-12-10"}
    assert wrong.status_code == 400


async def test_the_catalogue_is_listed() -> None:
    """Types with their minutes, calendars with their zone; an image may be false."""
    async with api(acuity()) as client:
        types = (await client.get("/appointment-types")).json()
        calendars = (await client.get("/calendars")).json()
    assert {row["id"]: row["duration"] for row in types} == {SHOWING: 30, CONSULTATION: 60}
    assert [(row["id"], row["timezone"], row["image"]) for row in calendars] == [
        (JORDAN, "America/New_York", False),
        (ROBIN, "America/New_York", False),
    ]


def test_its_settings_are_those_of_the_configuration() -> None:
    """The credentials that work."""
    vendor = acuity()
    assert vendor.settings() == {"user_id": vendor.user_id, "api_key": vendor.api_key}

"""The booking page of the sandbox: what a booking, an update, a reschedule and a cancellation do there."""

from typing import Any

import pytest

from tests.sandbox.acuity_client import CONSULTATION, JANE, JORDAN, ROBIN, acuity, api, book, put
from tests.sandbox.clients import Clock, at


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"datetime": None}, "required_datetime"),
        ({"datetime": "tomorrow"}, "bad_request"),
        ({"appointmentTypeID": None}, "required_appointment_type_id"),
        ({"appointmentTypeID": 1}, "invalid_appointment_type"),
        ({"firstName": ""}, "required_first_name"),
        ({"lastName": None}, "required_last_name"),
        ({"email": ""}, "required_email"),
        ({"email": "nobody"}, "invalid_email"),
        ({"phone": ""}, "required_phone"),
        ({"calendarID": 5}, "invalid_calendar"),
        ({"calendarID": "x"}, "invalid_calendar"),
        ({"calendarID": None}, "required_calendar"),
    ],
)
async def test_a_booking_that_lacks_something_is_refused(change: dict[str, Any], code: str) -> None:
    """400 with a code, also for an admin, whose booking needs a calendar; nothing is stored."""
    vendor = acuity()
    answer = await book(vendor, **change)
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert not vendor.entries
    assert vendor.counters.refused == 1


async def test_a_body_that_is_no_object_is_refused() -> None:
    """400 `bad_request`, as the reference shows."""
    async with api(acuity()) as client:
        answers = [await client.post("/appointments", content=body) for body in (b"", b"[]", b"{")]
        check = await client.post("/availability/check-times", content=b"{")
    assert [answer.json()["error"] for answer in (*answers, check)] == ["bad_request"] * 4


async def test_the_phone_may_be_left_out_where_the_account_says_so() -> None:
    """Only the reference insists on it."""
    assert (await book(acuity(phone_required=False), phone=None)).status_code == 200


async def test_notes_are_an_admins() -> None:
    """Without `admin=true` a booking's notes are ignored."""
    vendor = acuity()
    assert (await book(vendor, notes="gate code")).json()["notes"] == "gate code"
    assert (await book(vendor, "", notes="gate code", calendarID=ROBIN)).json()["notes"] == ""


@pytest.mark.parametrize(
    ("refusal", "at_hour", "status", "code"),
    [
        ("doc", "10:00", 400, "not_available"),
        ("doc", "10:15", 400, "not_available"),
        ("reference", "10:00", 409, "double_booked"),
        ("reference", "10:15", 422, "invalid_data"),
    ],
)
async def test_a_taken_slot_is_refused_without_admin(refusal: str, at_hour: str, status: int, code: str) -> None:
    """By the vendor's page 400, by the reference 409 for the same start and 422 for an overlap."""
    vendor = acuity(refusal=refusal)
    await book(vendor)
    taken = {"datetime": f"2026-12-10T{at_hour}:00-0500"}
    answer = await book(vendor, "", **taken)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert (await book(vendor, "admin=true", **taken)).status_code == 200
    assert len(vendor.entries) == 2


async def test_three_equal_bookings_of_an_admin_are_all_made() -> None:
    """There is no protection from duplicates."""
    vendor = acuity()
    ids = {(await book(vendor)).json()["id"] for _ in range(3)}
    assert len(ids) == 3


async def test_without_a_calendar_the_first_free_one_is_taken() -> None:
    """And when there is none the booking is refused."""
    vendor = acuity()
    answers = [await book(vendor, "", calendarID=None) for _ in range(3)]
    assert [answer.json().get("calendarID") for answer in answers] == [JORDAN, ROBIN, None]
    assert answers[2].json()["error"] == "no_available_calendar"


async def test_the_past_cannot_be_booked_without_admin() -> None:
    """A start before the vendor's own time is not available."""
    vendor, past = acuity(), {"datetime": "2026-11-30T10:00:00-0500"}
    assert (await book(vendor, "", **past)).status_code == 400
    assert (await book(vendor, "admin=true", **past)).status_code == 200


@pytest.mark.parametrize(("blocks", "status"), [(True, 400), (False, 200)])
async def test_a_slot_just_cancelled_may_stay_blocked(blocks: bool, status: int) -> None:
    """For minutes, and without admin only."""
    clock = Clock()
    vendor = acuity(clock, recent_cancel_blocks=blocks)
    vendor.person_cancel(vendor.person_insert(start=at(15), people=[JANE]).id)
    assert (await book(vendor, "")).status_code == status
    clock.advance(minutes=11)
    assert (await book(vendor, "", datetime="2026-12-10T10:05:00-0500")).status_code == (200 if blocks else 400)


async def test_a_put_takes_the_client_and_an_admins_notes_only() -> None:
    """Anything else is silently ignored, the time and the calendar too."""
    vendor = acuity()
    entry = vendor.person_insert(start=at(15), people=[JANE])
    ignored: dict[str, Any] = {
        "datetime": "2026-12-11T10:00:00-0500",
        "calendarID": ROBIN,
        "notes": "n",
        "canceled": True,
    }
    row = (await put(vendor, entry.id, lastName="Jones", phone="661.555.0102", **ignored)).json()
    assert (row["firstName"], row["lastName"], row["phone"], row["notes"]) == ("Jane", "Jones", "6615550102", "")
    assert (row["datetime"], row["calendarID"], row["canceled"]) == ("2026-12-10T10:00:00-0500", JORDAN, False)
    assert (await put(vendor, entry.id, "admin=true", notes="n")).json()["notes"] == "n"
    assert (await put(vendor, entry.id, email=5)).status_code == 400
    assert vendor.counters.notifications == 0


async def test_by_the_reference_a_put_moves_to_another_calendar() -> None:
    """With the same start; a calendar that is no number is refused."""
    vendor = acuity(update="reference")
    entry = vendor.person_insert(start=at(15), people=[JANE])
    row = (await put(vendor, entry.id, calendarID=ROBIN, notes="n")).json()
    assert (row["calendarID"], row["calendar"], row["notes"]) == (ROBIN, "Robin", "n")
    assert (await put(vendor, entry.id, calendarID="x")).json()["error"] == "bad_request"


async def test_a_reschedule_keeps_the_id_and_the_length() -> None:
    """The end follows from the type; the calendar stays unless one is given."""
    vendor = acuity()
    entry = vendor.person_insert(start=at(15), people=[JANE], service=CONSULTATION)
    row = (await put(vendor, f"{entry.id}/reschedule", "admin=true", datetime="2026-12-11T09:00:00-05:00")).json()
    assert (row["id"], row["datetime"], row["endTime"]) == (int(entry.id), "2026-12-11T09:00:00-0500", "10:00am")
    moved = vendor.entries[entry.id]
    assert (moved.start, moved.end, moved.staff) == (at(14, day=11), at(15, day=11), JORDAN)
    other = await put(vendor, f"{entry.id}/reschedule", datetime="2026-12-11T14:00:00Z", calendarID=ROBIN)
    assert other.json()["calendarID"] == ROBIN
    assert (await put(vendor, f"{entry.id}/reschedule")).json()["error"] == "required_datetime"


@pytest.mark.parametrize(("refusal", "status"), [("doc", 400), ("reference", 422)])
async def test_a_reschedule_into_a_taken_slot_is_refused_without_admin(refusal: str, status: int) -> None:
    """Its own old slot is not in its way."""
    vendor = acuity(refusal=refusal)
    entry = vendor.person_insert(start=at(15), people=[JANE])
    vendor.person_insert(start=at(16), people=[JANE])
    path, taken = f"{entry.id}/reschedule", {"datetime": "2026-12-10T11:00:00-0500"}
    assert (await put(vendor, path, **taken)).status_code == status
    assert (await put(vendor, path, datetime="2026-12-10T10:15:00-0500")).status_code == 200
    assert (await put(vendor, path, "admin=true", **taken)).status_code == 200


async def test_a_canceled_appointment_stays_canceled() -> None:
    """It cannot be rescheduled, and nothing in a PUT brings it back."""
    vendor = acuity()
    entry = vendor.person_insert(start=at(15), people=[JANE])
    row = (await put(vendor, f"{entry.id}/cancel", cancelNote="moved away")).json()
    assert (row["canceled"], row["noShow"]) == (True, False)
    moved = await put(vendor, f"{entry.id}/reschedule", "admin=true", datetime="2026-12-11T10:00:00-0500")
    assert moved.status_code == 400
    assert (await put(vendor, entry.id, canceled=False)).json()["canceled"] is True
    assert vendor.entries[entry.id].status == "cancelled"


@pytest.mark.parametrize(("query", "status"), [("admin=true", "no_show"), ("", "cancelled")])
async def test_only_an_admin_marks_a_no_show(query: str, status: str) -> None:
    """Without admin rights it is a plain cancellation."""
    vendor = acuity()
    entry = vendor.person_insert(start=at(15), people=[JANE])
    row = (await put(vendor, f"{entry.id}/cancel", query, noShow=True)).json()
    assert (row["canceled"], row["noShow"]) == (True, status == "no_show")
    assert vendor.entries[entry.id].status == status


async def test_a_second_cancel_mails_nobody_again() -> None:
    """It may still mark the no-show."""
    vendor = acuity()
    entry = vendor.person_insert(start=at(15), people=[JANE])
    await put(vendor, f"{entry.id}/cancel")
    row = (await put(vendor, f"{entry.id}/cancel", "admin=true", noShow=True)).json()
    assert (row["noShow"], vendor.counters.notifications) == (True, 1)


@pytest.mark.parametrize(("query", "mails"), [("", 1), ("noEmail=true", 0), ("noEmail=false", 1)])
async def test_clients_are_mailed_unless_the_query_forbids_it(query: str, mails: int) -> None:
    """Of a booking, a reschedule and a cancellation; a PUT of details mails nobody."""
    vendor = acuity()
    booked = (await book(vendor, query)).json()
    assert vendor.counters.notifications == mails
    await put(vendor, str(booked["id"]), query, firstName="Janet")
    assert vendor.counters.notifications == mails
    await put(vendor, f"{booked['id']}/reschedule", query, datetime="2026-12-11T10:00:00-0500")
    assert vendor.counters.notifications == 2 * mails
    await put(vendor, f"{booked['id']}/cancel", query)
    assert vendor.counters.notifications == 3 * mails


@pytest.mark.parametrize(("status", "expected"), [(200, 200), (201, 201)])
async def test_a_booking_answers_with_the_status_of_the_switch(status: int, expected: int) -> None:
    """Recordings show 200."""
    assert (await book(acuity(create_status=status))).status_code == expected


async def test_the_local_form_follows_daylight_saving() -> None:
    """The same wall time is another instant, and has another offset, in July."""
    vendor = acuity()
    answer = await book(vendor, datetime="2027-07-10T10:00:00")
    assert answer.json()["datetime"] == "2027-07-10T10:00:00-0400"
    (entry,) = vendor.entries.values()
    assert entry.start.hour == 14

"""The WordPress site of the sandbox: what a change does there, and what its clients hear of it."""

from typing import Any

import pytest

from tests.sandbox.amelia_client import (
    CONSULTATION,
    DESK,
    JANE,
    JORDAN,
    PATH,
    ROBIN,
    amelia,
    ask,
    booking,
    entered,
    get,
    post,
    stored,
)
from tests.sandbox.clients import at


async def test_an_update_is_answered_as_in_the_reference() -> None:
    """Bookings without payments and appointment id, and a list of what it did."""
    vendor = amelia()
    entry = entered(vendor)
    data = await post(vendor, f"{PATH}/{entry.id}", bookingStart="2026-12-11 12:00", providerId=ROBIN)
    row = data.pop("appointment")
    (booked,) = row["bookings"]
    assert (row["bookingStart"], row["bookingEnd"]) == ("2026-12-11 12:00:00", "2026-12-11 12:30:00")
    assert (booked["payments"], booked["appointmentId"], booked["isUpdated"]) == ([], None, True)
    assert data == {
        "appointmentStatusChanged": False,
        "appointmentRescheduled": True,
        "initialAppointmentDateTime": {"bookingStart": "2026-12-10 11:00:00", "bookingEnd": "2026-12-10 11:30:00"},
        "bookingsWithChangedStatus": [],
        "appointmentEmployeeChanged": JORDAN,
        "appointmentZoomUserChanged": False,
        "bookingAdded": False,
        "appointmentZoomUsersLicenced": False,
        "createPaymentLinks": None,
    }
    assert (await get(vendor, f"{PATH}/{entry.id}"))["appointment"]["providerId"] == ROBIN


async def test_an_update_changes_only_what_it_names() -> None:
    """A status on top and an end are no fields of it."""
    vendor = amelia()
    entry = entered(vendor, notes="old")
    ignored = {"status": "canceled", "bookingEnd": "2026-12-10 15:00"}
    await post(vendor, f"{PATH}/{entry.id}", internalNotes="new", **ignored)
    kept = stored(vendor, entry.id)
    assert (kept.notes, kept.bookings, kept.start, kept.end) == ("new", entry.bookings, at(10), at(10.5))
    await post(vendor, f"{PATH}/{entry.id}", serviceId=CONSULTATION, locationId=2)
    kept = stored(vendor, entry.id)
    assert (kept.title, kept.location, kept.end) == ("Consultation", "Annex", at(10.5))
    await post(vendor, f"{PATH}/{entry.id}", locationId=9)
    assert stored(vendor, entry.id).staff == {"provider": JORDAN, "location": None}


@pytest.mark.parametrize(("alone", "hour"), [({"utc": True}, 11), ({"timeZone": "America/New_York"}, 16), ({}, 10)])
async def test_a_zone_without_a_start_moves_the_appointment(alone: dict[str, Any], hour: int) -> None:
    """The stored wall-clock time is read in that zone."""
    vendor = amelia()
    entry = entered(vendor)
    await post(vendor, f"{PATH}/{entry.id}", internalNotes="n", **alone)
    assert stored(vendor, entry.id).start == at(hour)


async def test_bookings_in_an_update_are_complete_or_lose_what_they_lack() -> None:
    """A booking that lacks a needed key is an exception; one that lacks others falls back to nothing."""
    vendor = amelia()
    entry = entered(vendor, end=at(11.5))
    number = entry.bookings[0].id
    partial = await ask(vendor, "POST", f"{PATH}/{entry.id}", {"bookings": [{"id": number, "customerId": DESK}]})
    assert (partial.status_code, partial.json()["message"]) == (500, "Undefined array key: status")
    short = {"id": number, "customerId": DESK, "persons": 2, "status": "approved", "extras": []}
    await post(vendor, f"{PATH}/{entry.id}", bookings=[short])
    kept = stored(vendor, entry.id)
    assert (kept.end, kept.bookings[0].persons, kept.people[0].email) == (at(10.5), 2, "desk@example.com")
    unknown = await ask(vendor, "POST", f"{PATH}/{entry.id}", {"bookings": [booking(id=5)]})
    assert unknown.json()["message"] == "Invalid key 5."


async def test_bookings_are_added_and_removed_by_an_update() -> None:
    """Those that are not mentioned stay; the longest decides the end; the last one cannot go."""
    vendor = amelia()
    entry = entered(vendor)
    first = entry.bookings[0].id
    data = await post(vendor, f"{PATH}/{entry.id}", bookings=[booking(duration=7200)])
    assert (data["bookingAdded"], len(data["bookingsWithChangedStatus"])) == (True, 1)
    assert (len(stored(vendor, entry.id).bookings), stored(vendor, entry.id).end) == (2, at(12))
    await post(vendor, f"{PATH}/{entry.id}", removedBookings=[{"id": first}])
    (left,) = stored(vendor, entry.id).bookings
    assert left.customer_id == DESK
    emptied = await ask(vendor, "POST", f"{PATH}/{entry.id}", {"removedBookings": [{"id": left.id}]})
    assert emptied.status_code == 500


@pytest.mark.parametrize("key", ["serviceId", "providerId"])
async def test_an_update_to_what_does_not_exist_is_an_exception(key: str) -> None:
    """An invalid key again."""
    vendor = amelia()
    entry = entered(vendor)
    answer = await ask(vendor, "POST", f"{PATH}/{entry.id}", {key: 99})
    assert (answer.status_code, answer.json()) == (500, {"message": "Invalid key 99."})


async def test_the_status_endpoint_sets_every_booking() -> None:
    """And tells the old status and the new."""
    vendor = amelia()
    entry = entered(vendor, people=[JANE, vendor.customers[DESK].person])
    data = await post(vendor, f"{PATH}/status/{entry.id}", status="canceled", packageCustomerId=None)
    row = data.pop("appointment")
    changed = data.pop("bookingsWithChangedStatus")
    assert data == {
        "status": "canceled",
        "oldStatus": "approved",
        "message": "Appointment status has been changed to canceled",
    }
    assert ([item["status"] for item in row["bookings"]], len(changed)) == (["canceled"] * 2, 2)
    assert row["bookingEnd"] == row["bookingStart"]
    assert stored(vendor, entry.id).status == "cancelled"


@pytest.mark.parametrize("status", ["approved", "pending", "canceled", "rejected", "no-show", "waiting"])
async def test_every_status_of_the_reference_is_taken(status: str) -> None:
    """A status that has no neutral word is kept in Amelia's."""
    vendor = amelia()
    entry = entered(vendor)
    data = await post(vendor, f"{PATH}/status/{entry.id}", status=status)
    assert (data["status"], data["appointment"]["status"]) == (status, status)


@pytest.mark.parametrize(("body", "word"), [({}, "Missing: status"), ({"status": "done"}, "Invalid booking status")])
async def test_a_status_that_is_none_is_an_exception(body: dict[str, Any], word: str) -> None:
    """HTTP 500, and nothing changes: on 1.2.34 (measured)."""
    vendor = amelia(generation="1.x")
    entry = entered(vendor)
    answer = await ask(vendor, "POST", f"{PATH}/status/{entry.id}", body)
    assert answer.status_code == 500
    assert word in answer.json()["message"]
    assert stored(vendor, entry.id) is entry


async def test_a_revival_asks_for_its_slot_again() -> None:
    """If somebody else has it by now, it stays called off."""
    vendor = amelia()
    entry = entered(vendor, status="cancelled")
    other = entered(vendor)
    refused = await ask(vendor, "POST", f"{PATH}/status/{entry.id}", {"status": "approved"})
    assert refused.json()["data"] == {"timeSlotUnavailable": True, "status": "canceled"}
    vendor.person_delete(other.id)
    await post(vendor, f"{PATH}/status/{entry.id}", status="approved")
    assert stored(vendor, entry.id).status == "scheduled"


async def test_the_time_endpoint_asks_before_it_writes() -> None:
    """The length stays."""
    vendor = amelia()
    entered(vendor, 14)
    entry = entered(vendor, end=at(11))
    taken = await ask(vendor, "POST", f"{PATH}/time/{entry.id}", {"bookingStart": "2026-12-10 14:30"})
    assert taken.json()["data"] == {"timeSlotUnavailable": True}
    move = {"bookingStart": "2026-12-10 10:30", "timeZone": "UTC"}
    data = await post(vendor, f"{PATH}/time/{entry.id}", **move)
    assert data["initialAppointmentDateTime"]["bookingStart"] == "2026-12-10 11:00:00"
    assert (stored(vendor, entry.id).start, stored(vendor, entry.id).end) == (at(10.5), at(11.5))


async def test_older_builds_have_no_time_endpoint() -> None:
    """A page of HTML."""
    vendor = amelia(time_endpoint=False)
    entry = entered(vendor)
    answer = await ask(vendor, "POST", f"{PATH}/time/{entry.id}", {"bookingStart": "2026-12-10 12:00"})
    assert answer.status_code == 404
    assert stored(vendor, entry.id) is entry


async def test_a_deletion_is_for_good_and_reads_as_rejected() -> None:
    """The bookings' old status is told; a second deletion finds nothing."""
    vendor = amelia()
    entry = entered(vendor)
    data = await post(vendor, f"{PATH}/delete/{entry.id}")
    row = data["appointment"]
    assert (row["status"], row["bookings"][0]["status"]) == ("rejected", "rejected")
    assert data["bookingsWithChangedStatus"][0]["status"] == "approved"
    assert not vendor.entries
    again = await ask(vendor, "POST", f"{PATH}/delete/{entry.id}")
    assert (again.status_code, again.json()) == (500, {"message": f"Invalid key {entry.id}."})

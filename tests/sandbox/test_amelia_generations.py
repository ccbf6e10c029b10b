"""The WordPress site of the sandbox: what differs between its generations. Measured on Lite 1.2.34, 2.1.3 and 2.4.3."""

from typing import Any

import pytest

from tests.sandbox.amelia_client import (
    CONSULTATION,
    DESK,
    PATH,
    ROBIN,
    SHOWING,
    amelia,
    ask,
    booking,
    creation,
    entered,
    get,
    ids,
    post,
    stored,
)

GENERATIONS = ("1.x", "2.0", "2.1.3", "2.4")
OLDER, NEWER = GENERATIONS[:3], GENERATIONS[1:]


@pytest.mark.parametrize("status", ["cancelled", "rejected"])
async def test_in_the_oldest_any_create_over_a_cancelled_record_joins_it(status: str) -> None:
    """The answer has its id, approved again; the old booking stays ended, the notes are of both."""
    vendor = amelia(generation="1.x")
    entry = entered(vendor, status=status, notes="old")
    row = (await post(vendor, PATH, **creation(internalNotes="new")))["appointment"]
    assert (row["id"], row["status"], row["internalNotes"]) == (
        int(entry.id),
        "approved",
        "old\n\nnew",
    )
    first, second = stored(vendor, entry.id).bookings
    assert first == entry.bookings[0]
    assert (second.status, second.customer_id) == ("approved", DESK)


async def test_in_the_oldest_a_customer_is_not_taken_twice_into_one_record() -> None:
    """The same client again at the same time: `customerAlreadyBooked`, although the old booking is called off."""
    vendor = amelia(generation="1.x", lite_errors=True)
    entry = entered(vendor, status="cancelled")
    again = booking(customerId=entry.bookings[0].customer_id)
    answer = await ask(vendor, "POST", PATH, creation(bookings=[again]))
    assert (answer.status_code, answer.json()["data"]) == (409, {"customerAlreadyBooked": True})
    assert stored(vendor, entry.id) is entry


@pytest.mark.parametrize("generation", NEWER)
async def test_later_an_approved_create_makes_a_record_of_its_own(generation: str) -> None:
    """Over a cancelled one, at capacity 1."""
    vendor = amelia(generation=generation)
    entry = entered(vendor, status="cancelled")
    row = (await post(vendor, PATH, **creation()))["appointment"]
    assert row["id"] != int(entry.id)
    assert stored(vendor, entry.id) is entry


@pytest.mark.parametrize("generation", NEWER)
@pytest.mark.parametrize(
    ("status", "word"),
    [("cancelled", "pending"), ("scheduled", "approved"), ("pending", "pending")],
)
async def test_later_a_pending_create_joins_whatever_is_there(generation: str, status: str, word: str) -> None:
    """Same id, notes of both (measured over a cancelled one)."""
    vendor = amelia(generation=generation)
    entry = entered(vendor, status=status, notes="old")
    body = creation(bookings=[booking(status="pending")], internalNotes="new")
    row = (await post(vendor, PATH, **body))["appointment"]
    assert (row["id"], row["status"]) == (int(entry.id), word)
    assert row["internalNotes"] == "old\n\nnew"
    assert len(stored(vendor, entry.id).bookings) == 2


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("status", ["scheduled", "cancelled"])
async def test_a_group_service_joins_what_is_there(generation: str, status: str) -> None:
    """Even a cancelled one: the answer has its id, and the booking is added to it."""
    vendor = amelia(generation=generation, group_services=[SHOWING])
    entry = entered(vendor, status=status)
    row = (await post(vendor, PATH, **creation(internalNotes="token")))["appointment"]
    assert (row["id"], row["status"]) == (int(entry.id), "approved")
    assert row["internalNotes"] == "token"
    kept = stored(vendor, entry.id)
    assert kept.bookings[0] == entry.bookings[0]
    assert (len(kept.people), len(vendor.entries)) == (2, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"providerId": ROBIN},
        {"bookingStart": "2026-12-10 12:00"},
        {"serviceId": CONSULTATION},
    ],
)
async def test_only_the_same_start_service_and_employee_are_joined(change: dict[str, Any]) -> None:
    """All three together."""
    for behaviour in ({"generation": "1.x"}, {"group_services": {SHOWING}}):
        vendor = amelia(**behaviour)
        entered(vendor, status="cancelled")
        await post(vendor, PATH, **creation(**change))
        assert len(vendor.entries) == 2


@pytest.mark.parametrize("generation", NEWER)
async def test_an_unknown_status_is_stored_as_nothing(generation: str) -> None:
    """200, on a create too; it ends at its start like anything that is not live."""
    vendor = amelia(generation=generation)
    entry = entered(vendor)
    await post(vendor, f"{PATH}/status/{entry.id}", status="bogus")
    odd = creation(bookingStart="2026-12-10 15:00", bookings=[booking(status="bogus")])
    made = (await post(vendor, PATH, **odd))["appointment"]
    for number in (entry.id, made["id"]):
        row = (await get(vendor, f"{PATH}/{number}"))["appointment"]
        assert (row["status"], row["bookings"][0]["status"]) == ("", "")
        assert row["bookingEnd"] == row["bookingStart"]


async def test_in_the_oldest_an_unknown_status_is_an_exception() -> None:
    """500, and nothing is stored."""
    vendor = amelia(generation="1.x")
    answer = await ask(vendor, "POST", PATH, creation(bookings=[booking(status="bogus")]))
    assert answer.json() == {"message": "Invalid booking status: bogus"}
    assert (answer.status_code, vendor.entries) == (500, {})


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("word", ["canceled", "rejected", "no-show"])
async def test_what_is_called_off_ends_at_its_start(generation: str, word: str) -> None:
    """Rejected too; the end comes back with a revival."""
    vendor = amelia(generation=generation)
    entry = entered(vendor)
    row = (await post(vendor, f"{PATH}/status/{entry.id}", status=word))["appointment"]
    assert row["bookingEnd"] == row["bookingStart"]
    row = (await post(vendor, f"{PATH}/status/{entry.id}", status="approved"))["appointment"]
    assert row["bookingEnd"] == "2026-12-10 11:30:00"


@pytest.mark.parametrize(
    ("generation", "listed", "alone"),
    [("1.x", 0, 0), ("2.0", "0", 0), ("2.1.3", "0", 0), ("2.4", "0", 0)],
)
async def test_the_flag_is_text_in_lists_and_a_number_by_id(generation: str, listed: Any, alone: Any) -> None:
    """Text in the answer to a status as well, a number in that to a create; 1.2.34 has numbers throughout."""
    vendor = amelia(generation=generation)
    created = (await post(vendor, PATH, **creation()))["appointment"]
    address = f"{PATH}/status/{created['id']}"
    shown = [
        created,
        (await get(vendor, f"{PATH}/{created['id']}"))["appointment"],
        (await get(vendor, asArray="true"))["appointments"][0],
        (await post(vendor, address, status="no-show"))["appointment"],
    ]
    flags = [row["notifyParticipants"] for row in shown]
    assert flags == [alone, alone, listed, listed]
    assert [type(value) for value in flags] == [type(alone)] * 2 + [type(listed)] * 2


@pytest.mark.parametrize(("generation", "whole"), [("1.x", False), ("2.1.3", True), ("2.4", True)])
async def test_by_id_there_are_people_or_their_ids(generation: str, whole: bool) -> None:
    """From 2.1.3 on the whole customer, employee and service; the reference shows none of them."""
    for by_id in ("generation", "reference"):
        vendor = amelia(generation=generation, by_id=by_id)
        row = (await get(vendor, f"{PATH}/{entered(vendor).id}"))["appointment"]
        shown = (row["bookings"][0]["customer"], row["provider"], row["service"])
        assert all(shown) if whole and by_id == "generation" else shown == (None, None, None)


@pytest.mark.parametrize("generation", GENERATIONS)
async def test_a_series_need_not_be_mentioned(generation: str) -> None:
    """`recurring` may be left out."""
    body = creation()
    del body["recurring"]
    assert (await post(amelia(generation=generation), PATH, **body))["recurring"] == []


@pytest.mark.parametrize("generation", GENERATIONS)
async def test_notes_that_are_too_long_are_refused(generation: str) -> None:
    """65,535 characters are the most; the message quotes them."""
    vendor = amelia(generation=generation)
    answer = await ask(vendor, "POST", PATH, creation(internalNotes="x" * 65_536))
    assert answer.status_code == 500
    assert answer.json()["message"].startswith("Description 'xxx")
    await post(vendor, PATH, **creation(internalNotes="x" * 65_535))


@pytest.mark.parametrize("generation", GENERATIONS)
async def test_older_builds_take_no_emoji_in_notes(generation: str) -> None:
    """500 "invalid data" up to 2.1.3, by create and by update; what is in the basic plane is taken."""
    vendor = amelia(generation=generation)
    entry = entered(vendor, 14)
    await post(vendor, f"{PATH}/{entry.id}", internalNotes="Žofia – 鍵")
    for path, body in ((PATH, creation()), (f"{PATH}/{entry.id}", {})):
        answer = await ask(vendor, "POST", path, {**body, "internalNotes": "key 🔑"})
        assert answer.status_code == (500 if generation in OLDER else 200)
        assert ("invalid data" in answer.text) is (generation in OLDER)


async def test_notes_that_were_not_sent_are_null_in_the_answer_and_empty_later() -> None:
    """In the create answer alone."""
    vendor = amelia()
    row = (await post(vendor, PATH, **creation()))["appointment"]
    assert row["internalNotes"] is None
    assert (await get(vendor, f"{PATH}/{row['id']}"))["appointment"]["internalNotes"] == ""
    sent = creation(internalNotes="", providerId=ROBIN)
    assert (await post(vendor, PATH, **sent))["appointment"]["internalNotes"] == ""


async def test_a_bookings_age_is_an_hour_further_on_in_lists() -> None:
    """It is converted twice there, and right in the create answer."""
    vendor = amelia()
    made = (await post(vendor, PATH, **creation()))["appointment"]["bookings"][0]["created"]
    (row,) = (await get(vendor, asArray="true"))["appointments"]
    assert (made, row["bookings"][0]["created"]) == ("2026-12-01 13:00:00", "2026-12-01 14:00:00")


@pytest.mark.parametrize("generation", GENERATIONS)
async def test_limit_and_order_by_id_are_honoured_from_2_4_2_on(generation: str) -> None:
    """Before, a page has twelve rows by start; without `page`, or with 0, everything comes in every build."""
    vendor = amelia(generation=generation)
    every = [int(entered(vendor, 20 - number).id) for number in range(20)]
    asked = await ids(vendor, page=1, limit=500, sort="id")
    assert asked == (every if generation == "2.4" else every[::-1][:12])
    assert await ids(vendor, limit=5) == await ids(vendor, page=0, limit=5) == every[::-1]

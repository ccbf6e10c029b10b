"""The WordPress site of the sandbox: whom it mails about what, and whom it will remind.

Creates, statuses and deletions were measured on Lite 1.2.34, 2.1.3 and 2.4.3; Lite has no listener for edits, so what
an update does is read in Elite's published source.
"""

from typing import Any

import pytest

from syncd.sandbox.amelia.server import Amelia
from tests.sandbox.amelia_client import PATH, amelia, ask, booking, creation, entered, post, stored
from tests.sandbox.clients import at, control

ALWAYS = ("2.1.3", "2.4")
BY_FLAG = ("1.x", "2.0")
STATUSES = ("approved", "pending", "canceled", "rejected", "no-show")


@pytest.mark.parametrize("generation", ALWAYS)
@pytest.mark.parametrize("word", STATUSES)
async def test_the_status_endpoint_mails_the_customer_whatever_the_flag_says(generation: str, word: str) -> None:
    """Even approved → approved; only a no-show mails nobody."""
    vendor = amelia(generation=generation)
    entry = entered(vendor, notify=False)
    await post(vendor, f"{PATH}/status/{entry.id}", status=word)
    assert vendor.counters.notifications == (word != "no-show")


@pytest.mark.parametrize("generation", ALWAYS)
async def test_a_revival_by_the_status_endpoint_mails_the_customer(generation: str) -> None:
    """ "Approved", to a client whose appointment was never called off for them."""
    vendor = amelia(generation=generation)
    entry = entered(vendor, status="cancelled", notify=False)
    await post(vendor, f"{PATH}/status/{entry.id}", status="approved")
    assert vendor.counters.notifications == 1


@pytest.mark.parametrize("generation", BY_FLAG)
@pytest.mark.parametrize("notify", [True, False])
@pytest.mark.parametrize("word", ["pending", "canceled", "rejected", "no-show"])
async def test_before_that_the_stored_flag_decides(generation: str, notify: bool, word: str) -> None:
    """1.2.34 measured, 2.0.2 to 2.1.2 read."""
    vendor = amelia(generation=generation)
    entry = entered(vendor, notify=notify)
    await post(vendor, f"{PATH}/status/{entry.id}", status=word)
    assert vendor.counters.notifications == notify


@pytest.mark.parametrize("generation", ALWAYS)
@pytest.mark.parametrize(
    ("before", "word"),
    [
        ("scheduled", "canceled"),
        ("scheduled", "rejected"),
        ("scheduled", "no-show"),
        ("scheduled", "pending"),
        ("cancelled", "approved"),
    ],
)
@pytest.mark.parametrize("notify", [0, 1])
async def test_a_status_by_an_update_mails_by_the_flag_of_the_request(
    generation: str, before: str, word: str, notify: int
) -> None:
    """With complete bookings that carry the status; the start may change in the same request."""
    vendor = amelia(generation=generation)
    entry = entered(vendor, status=before, notify=not notify)
    own = entry.bookings[0]
    asked = booking(id=own.id, customerId=own.customer_id, status=word)
    body = {"bookings": [asked], "notifyParticipants": notify, "bookingStart": "2026-12-10 12:00"}
    await post(vendor, f"{PATH}/{entry.id}", **body)
    kept = stored(vendor, entry.id)
    assert (kept.bookings[0].status, kept.start) == (word, at(11))
    assert vendor.counters.notifications == notify


@pytest.mark.parametrize("generation", BY_FLAG)
@pytest.mark.parametrize("word", STATUSES[1:])
async def test_older_builds_call_off_by_an_update_and_do_not_revive(generation: str, word: str) -> None:
    """Cancel, no-show, pending and reject were measured on 1.2.34; a revival was not, so it stays undone here."""
    vendor = amelia(generation=generation)
    entry = entered(vendor, notify=False)
    own = booking(id=entry.bookings[0].id, customerId=entry.bookings[0].customer_id)
    await post(vendor, f"{PATH}/{entry.id}", bookings=[{**own, "status": word}])
    assert stored(vendor, entry.id).word == word
    if word != "pending":
        await post(vendor, f"{PATH}/{entry.id}", bookings=[own])
        assert stored(vendor, entry.id).word == word
    await post(vendor, f"{PATH}/status/{entry.id}", status="approved")
    assert stored(vendor, entry.id).word == "approved"
    assert vendor.counters.notifications == 0


@pytest.mark.parametrize("value", [1, True, "1", 0, False, "0"])
async def test_a_create_and_an_update_mail_by_the_flag_of_the_request(value: Any) -> None:
    """In whatever form it comes; the flag is stored."""
    vendor = amelia()
    wanted = value in (1, True, "1")
    row = (await post(vendor, PATH, **creation(notifyParticipants=value)))["appointment"]
    assert (vendor.counters.notifications, stored(vendor, row["id"]).notify) == (wanted, wanted)
    entry = entered(vendor, 14, notify=not wanted)
    move = {"bookingStart": "2026-12-10 16:00", "notifyParticipants": value}
    await post(vendor, f"{PATH}/{entry.id}", **move)
    kept = stored(vendor, entry.id)
    assert (vendor.counters.notifications, kept.notify) == (2 * wanted, wanted)


@pytest.mark.parametrize("notify", [True, False])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("{}", {"bookingStart": "2026-12-10 16:00"}),
        ("time/{}", {"bookingStart": "2026-12-10 16:00"}),
        ("delete/{}", {}),
    ],
)
async def test_without_a_flag_in_the_request_the_stored_one_decides(
    path: str, body: dict[str, Any], notify: bool
) -> None:
    """So a deletion mails the clients of an appointment that was made with mails (measured on all three)."""
    vendor = amelia()
    entry = entered(vendor, notify=notify)
    await post(vendor, f"{PATH}/{path.format(entry.id)}", **body)
    assert vendor.counters.notifications == notify


@pytest.mark.parametrize(
    ("path", "body"),
    [("{}", {"internalNotes": "x"}), ("{}", {"notifyParticipants": 1}), ("delete/{}", {})],
)
async def test_what_is_no_news_is_not_mailed(path: str, body: dict[str, Any]) -> None:
    """An internal note, the flag that is put back alone, the end of what was called off."""
    vendor = amelia()
    entry = entered(vendor, status="cancelled")
    await post(vendor, f"{PATH}/{path.format(entry.id)}", **body)
    assert vendor.counters.notifications == 0


@pytest.mark.parametrize("start", ["2026-12-10 11:00", "2026-11-10 11:00"])
async def test_employees_are_mailed_about_everything_to_come(start: str) -> None:
    """Create, status and deletion, with the flag off as on; nothing about what has begun."""
    vendor = amelia()
    row = (await post(vendor, PATH, **creation(bookingStart=start)))["appointment"]
    await post(vendor, f"{PATH}/status/{row['id']}", status="no-show")
    await post(vendor, f"{PATH}/delete/{row['id']}")
    expected = 3 if start > "2026-12-01" else 0
    assert (vendor.counters.staff_notifications, vendor.counters.notifications) == (expected, 0)


async def test_a_write_that_stores_the_flag_ends_the_reminder() -> None:
    """The reminder queries take rows with the flag alone; put back, it is due again."""
    vendor = amelia()
    entry = entered(vendor)
    entered(vendor, 12, status="cancelled")
    entered(vendor, 14, notify=False)
    assert await reminded(vendor) == [entry.id]
    silent = {"bookingStart": "2026-12-10 12:00", "notifyParticipants": 0}
    await post(vendor, f"{PATH}/{entry.id}", **silent)
    assert await reminded(vendor) == []
    await post(vendor, f"{PATH}/{entry.id}", notifyParticipants=1)
    assert await reminded(vendor) == [entry.id]
    assert vendor.counters.notifications == 0


async def reminded(vendor: Amelia) -> list[str]:
    """The ids of the records whose clients will be reminded."""
    async with control(vendor) as person:
        return [row["id"] for row in (await person.get("/reminders")).json()]


async def test_the_oldest_generation_wants_a_number_for_the_flag() -> None:
    """`false` is an exception on 1.2.34, 0 is not."""
    vendor = amelia(generation="1.x")
    for value, status in ((False, 500), (0, 200)):
        answer = await ask(vendor, "POST", PATH, creation(notifyParticipants=value))
        assert answer.status_code == status

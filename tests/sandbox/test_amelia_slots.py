"""The WordPress site of the sandbox: which slots are free there. Measured on Lite 1.2.34, 2.1.3 and 2.4.3."""

import random
from datetime import timedelta
from typing import Any

import httpx
import pytest

from syncd.sandbox.amelia.server import Amelia
from tests.sandbox.amelia_client import (
    CONSULTATION,
    PATH,
    ROBIN,
    SHOWING,
    amelia,
    ask,
    booking,
    creation,
    entered,
    ids,
    post,
    stored,
)
from tests.sandbox.clients import NOW, at

GENERATIONS = ("1.x", "2.0", "2.1.3", "2.4")
NEWER = GENERATIONS[1:]
GRID: dict[str, Any] = {"slot_step": 30, "hours": ["06:00", "22:00"]}
TAKEN = {"timeSlotUnavailable": True}


async def tried(vendor: Amelia, start: str, minutes: int = 30, **change: Any) -> bool:
    """Whether a create on 10 December at that time of the site's was taken."""
    wanted = creation(bookingStart=f"2026-12-10 {start}", bookings=[booking(duration=60 * minutes)], **change)
    answer = await ask(vendor, "POST", PATH, wanted)
    return "appointment" in answer.json()["data"]


@pytest.mark.parametrize("generation", GENERATIONS)
async def test_slots_begin_at_the_end_of_the_previous_appointment(generation: str) -> None:
    """After 45 minutes at 09:00 they are 09:45, 10:15, …: whole hours are refused for the rest of the day."""
    vendor = amelia(generation=generation, **GRID)
    entered(vendor, 8, end=at(8.75))
    refused = [hour for hour in range(6, 22) if not await tried(vendor, f"{hour:02}:00")]
    assert refused == list(range(9, 22))
    assert await tried(vendor, "10:15")
    assert await tried(vendor, "11:45")
    assert not await tried(vendor, "11:00")


@pytest.mark.parametrize(
    ("start", "minutes", "free"),
    [
        ("05:30", 30, False),
        ("06:00", 30, True),
        ("06:15", 30, False),
        ("21:30", 30, True),
        ("21:30", 60, False),
        ("22:00", 30, False),
    ],
)
async def test_a_slot_lies_within_working_hours(start: str, minutes: int, free: bool) -> None:
    """On the site's wall clock; the whole of it."""
    assert await tried(amelia(**GRID), start, minutes) is free


async def test_each_employee_has_slots_of_their_own() -> None:
    """What shifts the grid of one leaves the other's."""
    vendor = amelia(**GRID)
    entered(vendor, 8, end=at(8.75))
    assert not await tried(vendor, "11:00")
    assert await tried(vendor, "11:00", providerId=ROBIN)


async def test_the_next_working_day_begins_anew() -> None:
    """A shifted grid ends with the day that it began in."""
    vendor = amelia(**GRID)
    entered(vendor, 8, end=at(8.75))
    answer = await ask(vendor, "POST", PATH, creation(bookingStart="2026-12-11 11:00"))
    assert answer.status_code == 200


async def test_round_the_clock_a_shifted_grid_runs_on_to_the_end_of_the_month() -> None:
    """Over midnight, for weeks."""
    vendor = amelia(slot_step=30)
    entered(vendor, 8, end=at(8.75))
    starts = ("2026-12-11 11:00", "2026-12-31 11:00", "2026-12-31 11:15", "2027-01-01 11:00")
    answers = [await ask(vendor, "POST", PATH, creation(bookingStart=start)) for start in starts]
    assert [answer.status_code for answer in answers] == [409, 409, 200, 200]


async def test_latest_first_makes_all_of_forty() -> None:
    """Ascending starts lose half of them (at the real one 18 of 40 were made, and 40 of 40)."""
    made = {}
    for order in (1, -1):
        vendor = amelia(**GRID)
        made[order] = [await _create(vendor, wanted) for wanted in _forty()[::order]].count(True)
    assert made[1] < 30 < made[-1] == 40


def _forty() -> list[tuple[int, int, int]]:
    """Day, hour and minutes of forty appointments on whole hours, none overlapping."""
    rng = random.Random(3)
    hours = [(day, hour) for day in range(10, 15) for hour in range(8, 20)]
    return [(day, hour, rng.choice((30, 45, 60))) for day, hour in sorted(rng.sample(hours, 40))]


async def _create(vendor: Amelia, wanted: tuple[int, int, int]) -> bool:
    day, hour, minutes = wanted
    body = creation(bookingStart=f"2026-12-{day} {hour:02}:00", bookings=[booking(duration=60 * minutes)])
    return (await ask(vendor, "POST", PATH, body)).status_code == 200


async def test_no_slot_lies_more_than_a_year_back() -> None:
    """400 days back is refused, 400 days ahead is accepted although the site books 365 days ahead."""
    vendor = amelia()
    for days, free in ((-400, False), (-300, True), (400, True)):
        start = f"{NOW + timedelta(days=days):%Y-%m-%d} 11:00"
        answer = await ask(vendor, "POST", PATH, creation(bookingStart=start))
        assert (answer.status_code == 200) is free


async def test_two_bookings_do_not_fit_a_service_for_one() -> None:
    """Refused as a slot that is taken, unless it is a group service."""
    for group, status in (((), 409), ((SHOWING,), 200)):
        vendor = amelia(group_services=group)
        answer = await ask(vendor, "POST", PATH, creation(bookings=[booking(), booking()]))
        assert answer.status_code == status


def move_to(start: str) -> dict[str, Any]:
    """The body of a move on 10 December."""
    return {"bookingStart": f"2026-12-10 {start}"}


@pytest.mark.parametrize("start", ["11:00", "15:10", "22:30"], ids=["taken", "off grid", "closed"])
@pytest.mark.parametrize("generation", NEWER)
async def test_a_move_that_does_not_fit_is_refused_and_not_made(generation: str, start: str) -> None:
    """Without a message: the plugin asks for a text that its language file lacks."""
    vendor = amelia(generation=generation, lite_errors=True, **GRID)
    entered(vendor)
    other = entered(vendor, 14)
    answer = await ask(vendor, "POST", f"{PATH}/{other.id}", move_to(start))
    assert (answer.status_code, answer.json()) == (409, {"message": None, "data": TAKEN})
    assert stored(vendor, other.id) is other


@pytest.mark.parametrize("start", ["11:00", "15:10", "22:30"], ids=["taken", "off grid", "closed"])
async def test_the_oldest_generation_refuses_a_move_and_makes_it(start: str) -> None:
    """It looks when it has written, and does not go back."""
    vendor = amelia(generation="1.x", lite_errors=True, **GRID)
    entered(vendor)
    other = entered(vendor, 14)
    answer = await ask(vendor, "POST", f"{PATH}/{other.id}", move_to(start))
    assert (answer.status_code, answer.json()["data"]) == (409, TAKEN)
    moved = stored(vendor, other.id)
    assert (f"{moved.start + timedelta(hours=1):%H:%M}", vendor.counters.notifications) == (start, 0)


@pytest.mark.parametrize(("generation", "hours"), [("1.x", [14, 10]), ("2.1.3", [10, 14])])
async def test_two_appointments_cannot_swap_their_times(generation: str, hours: list[float]) -> None:
    """Both are refused; in the oldest generation both are moved all the same."""
    vendor = amelia(generation=generation, lite_errors=True, **GRID)
    pair = [entered(vendor), entered(vendor, 14)]
    statuses = []
    for entry, start in zip(pair, ("15:00", "11:00"), strict=True):
        answer = await ask(vendor, "POST", f"{PATH}/{entry.id}", move_to(start))
        statuses.append(answer.status_code)
    assert [stored(vendor, entry.id).start for entry in pair] == [at(hour) for hour in hours]
    assert statuses[0] == 409


@pytest.mark.parametrize("generation", NEWER)
async def test_a_move_over_itself_and_a_longer_stay_are_not_refused(generation: str) -> None:
    """Its own time does not stand in its way, and a longer duration alone is not looked at."""
    vendor = amelia(generation=generation, **GRID)
    entry = entered(vendor, end=at(11))
    entered(vendor, 12)
    await post(vendor, f"{PATH}/{entry.id}", **move_to("11:30"))
    number, owner = entry.bookings[0].id, entry.bookings[0].customer_id
    longer = booking(id=number, customerId=owner, duration=3 * 3600)
    await post(vendor, f"{PATH}/{entry.id}", bookings=[longer])
    assert (stored(vendor, entry.id).start, stored(vendor, entry.id).end) == (at(10.5), at(13.5))


async def test_a_note_about_a_record_off_the_grid_is_taken() -> None:
    """Only a change of time asks for a slot."""
    vendor = amelia(**GRID)
    entry = entered(vendor, 10.1)
    await post(vendor, f"{PATH}/{entry.id}", internalNotes="n", serviceId=CONSULTATION)
    assert stored(vendor, entry.id).notes == "n"


async def test_an_admin_may_book_at_any_time_where_the_site_says_so() -> None:
    """Amelia's own setting, off by default; then nothing is refused."""
    vendor = amelia(enforce_slots=False, **GRID)
    entered(vendor)
    assert await tried(vendor, "11:00")
    assert await tried(vendor, "23:10")
    assert len(await ids(vendor)) == 3


@pytest.mark.parametrize("path", ["status/{}", "{}"])
@pytest.mark.parametrize("generation", ["2.1.3", "2.4"])
async def test_a_revival_asks_for_its_slot(generation: str, path: str) -> None:
    """By the status endpoint as by an update; with a start of its own in the same request, for that one."""
    vendor = amelia(generation=generation, lite_errors=True, **GRID)
    entry = entered(vendor, status="cancelled")
    entered(vendor)
    live = booking(id=entry.bookings[0].id, customerId=entry.bookings[0].customer_id)
    body = {"status": "approved"} if "status" in path else {"bookings": [live]}
    address = f"{PATH}/{path.format(entry.id)}"
    answer = await ask(vendor, "POST", address, body)
    assert (answer.status_code, answer.json()["data"]["timeSlotUnavailable"]) == (409, True)
    assert stored(vendor, entry.id).status == "cancelled"
    if "bookings" in body:
        await post(vendor, address, **body, **move_to("12:00"))
        kept = stored(vendor, entry.id)
        assert (kept.status, kept.start) == ("scheduled", at(11))


async def test_the_time_endpoint_knows_no_utc() -> None:
    """It is ignored: site time is meant."""
    vendor = amelia(**GRID)
    entry = entered(vendor)
    answer: httpx.Response = await ask(vendor, "POST", f"{PATH}/time/{entry.id}", {**move_to("13:00"), "utc": True})
    assert answer.status_code == 200
    assert stored(vendor, entry.id).start == at(12)

"""The WordPress site of the sandbox: the hour that comes twice, and the one that does not come.

Measured with PHP 8.2 in Belgrade, where 2027-10-31 01:00Z ends summer time and 2027-03-28 01:00Z begins it: an instant
is turned into local text and back, and of a text that means two instants the later one is meant.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.amelia_client import JANE, PATH, SHOWING, amelia, ask, creation, post, stored

HOUR = timedelta(hours=1)


def moment(text: str) -> datetime:
    """An instant, as `2027-10-31 00:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


CASES = [
    ("2027-10-31 00:30", "2027-10-31 01:30", "2027-10-31 02:30:00"),
    ("2027-10-31 00:00", "2027-10-31 01:00", "2027-10-31 02:00:00"),
    ("2027-10-31 01:30", "2027-10-31 01:30", "2027-10-31 02:30:00"),
    ("2027-10-30 23:30", "2027-10-30 23:30", "2027-10-31 01:30:00"),
    ("2027-10-31 02:00", "2027-10-31 02:00", "2027-10-31 03:00:00"),
    ("2027-03-28 00:30", "2027-03-28 00:30", "2027-03-28 01:30:00"),
    ("2027-03-28 01:30", "2027-03-28 01:30", "2027-03-28 03:30:00"),
]


@pytest.mark.parametrize(("asked", "kept", "shown"), CASES)
@pytest.mark.parametrize("generation", ["1.x", "2.1.3", "2.4"])
async def test_of_a_repeated_hour_the_later_instant_is_kept(generation: str, asked: str, kept: str, shown: str) -> None:
    """Even with `utc: true`; the gap is right."""
    vendor = amelia(generation=generation)
    body = creation(bookingStart=asked, utc=True)
    row = (await post(vendor, PATH, **body))["appointment"]
    assert (stored(vendor, row["id"]).start, row["bookingStart"]) == (moment(kept), shown)


@pytest.mark.parametrize(("asked", "kept", "shown"), CASES)
def test_a_persons_entry_goes_the_same_way(asked: str, kept: str, shown: str) -> None:
    """Whatever instant they had in mind: they can only say the local time."""
    vendor = amelia()
    start = moment(asked)
    neutral: dict[str, Any] = {"people": [JANE], "service": SHOWING}
    entry = vendor.person_insert(start=start, end=start + HOUR / 2, **neutral)
    assert entry.start == moment(kept)
    moved = vendor.person_edit(entry.id, start=start + timedelta(days=1))
    moved = vendor.person_edit(entry.id, start=start)
    assert moved.start == moment(kept)
    assert vendor.kept(moved).bookings == vendor.kept(entry).bookings


async def test_both_instants_of_a_repeated_time_cannot_be_kept() -> None:
    """They are one: the second is refused."""
    vendor = amelia()
    await post(vendor, PATH, **creation(bookingStart="2027-10-31 00:30", utc=True))
    again = await ask(vendor, "POST", PATH, creation(bookingStart="2027-10-31 01:30", utc=True))
    assert again.json()["data"] == {"timeSlotUnavailable": True}


@pytest.mark.parametrize(
    ("start", "shown", "length"),
    [
        ("2027-10-30 23:30", ("2027-10-31 01:30:00", "2027-10-31 02:30:00"), 2 * HOUR),
        ("2027-03-28 00:30", ("2027-03-28 01:30:00", "2027-03-28 03:30:00"), HOUR),
    ],
)
async def test_an_hour_over_the_change_is_shown_oddly(start: str, shown: tuple[str, str], length: timedelta) -> None:
    """In autumn it is stored as two hours, in spring it looks like two."""
    vendor = amelia()
    booked = creation()["bookings"][0] | {"duration": 3600}
    body = creation(bookingStart=start, utc=True, bookings=[booked])
    row = (await post(vendor, PATH, **body))["appointment"]
    kept = stored(vendor, row["id"])
    assert (row["bookingStart"], row["bookingEnd"]) == shown
    assert kept.end - kept.start == length
    vendor.person_edit(kept.id, notes="n")
    after = stored(vendor, row["id"])
    assert (after.end, after.bookings) == (kept.end, kept.bookings)

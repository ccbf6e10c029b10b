"""When an Amelia appointment starts and ends, as its row's wall-clock times and durations tell."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from syncd.model.appointment import Appointment
from syncd.model.errors import Malformed
from syncd.model.times import Slot
from syncd.model.wallclock import WallClock
from syncd.vendors.amelia.schemas import AppointmentRow
from syncd.vendors.amelia.settings import REPEATED
from syncd.vendors.amelia.slots import read_slot
from tests.vendors.amelia.world import at, booking, row, slot

BELGRADE = WallClock("Europe/Belgrade", repeated=REPEATED)
FIRST, SECOND = slot(at(0.5, day=25)), slot(at(1.5, day=25))
"""The two readings of half past two on the night when clocks are set back."""
NIGHT: dict[str, Any] = {"bookingStart": "2026-10-25 02:30:00", "bookingEnd": "2026-10-25 03:00:00"}


def span(
    hint: Slot | None = None, usual: timedelta | None = None, wall: WallClock = BELGRADE, **changes: Any
) -> tuple[Slot, tuple[Slot, ...]]:
    """The slot of a row with these changes, and its other readings."""
    known = None if hint is None else Appointment(slot=hint)
    return read_slot(AppointmentRow.model_validate(row(**changes)), wall, known, usual)


def lasting(*minutes: float | None, **changes: Any) -> list[dict[str, Any]]:
    """Bookings of these lengths."""
    seconds = [None if length is None else length * 60 for length in minutes]
    return [booking(979 + number, duration=one, **changes) for number, one in enumerate(seconds)]


@pytest.mark.parametrize(
    ("zone", "start"), [("Europe/Belgrade", at(8)), ("+05:30", at(4.5)), ("UTC-3", at(13)), ("America/Lima", at(15))]
)
def test_a_time_is_the_site_s_wall_clock(zone: str, start: Any) -> None:
    """A row's times are read on the clock of the configured zone, which may be a fixed offset."""
    assert span(wall=WallClock(zone)) == (slot(start), ())


@pytest.mark.parametrize("text", ["2026-10-22 10:00", "2026-10-22T10:00:00", "2026-10-22T08:00:00+00:00"])
def test_other_spellings_of_a_time_are_read(text: str) -> None:
    """Seconds may be missing, and a time with an offset is what it says."""
    assert span(bookingStart=text)[0] == slot(at(8))


@pytest.mark.parametrize("status", ["canceled", "no-show"])
@pytest.mark.parametrize(
    ("minutes", "hint", "usual", "length"),
    [
        ((30,), None, None, 30),
        ((30, 60), None, None, 60),
        ((30, 60), slot(at(8), 30), None, 30),
        ((45,), slot(at(8), 30), None, 45),
        ((None,), slot(at(8), 50), 60, 50),
        ((None,), slot(at(6), 50), 60, 50),
        ((None,), None, 60, 60),
        ((), None, 60, 60),
    ],
)
def test_a_cancelled_appointment_keeps_its_length(
    status: str, minutes: tuple[float | None, ...], hint: Slot | None, usual: float | None, length: float
) -> None:
    """Where the end is shown as the start it is worked out: by the bookings, by what is known, by the service."""
    taken = None if usual is None else timedelta(minutes=usual)
    ends: dict[str, Any] = {"status": status, "bookingEnd": "2026-10-22 10:00:00", "bookings": lasting(*minutes)}
    assert span(hint, taken, **ends) == (slot(at(8), length), ())


def test_extras_make_what_is_known_better_than_the_bookings() -> None:
    """A booking does not show how long its extras take, so a cancelled one keeps the length that it had before."""
    ends: dict[str, Any] = {
        "bookingEnd": "2026-10-22 10:00:00",
        "bookings": lasting(30, extras=[{"extraId": 3, "quantity": 1}]),
    }
    assert span(slot(at(8), 45), **ends)[0] == slot(at(8), 45)


def test_a_live_appointment_ends_when_it_is_shown_to_end() -> None:
    """A longer booking that was cancelled on its own does not lengthen the appointment."""
    assert span(bookings=lasting(30, 90))[0] == slot(at(8), 30)


def test_a_missing_end_is_worked_out() -> None:
    """A row without `bookingEnd` is as long as its longest booking."""
    assert span(bookingEnd=None)[0] == slot(at(8))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"bookingStart": None}, "`bookingStart` is missing"),
        ({"bookingStart": "soon"}, "`bookingStart` is no time"),
        ({"bookingStart": "0000-00-00 00:00:00"}, "`bookingStart` is no time"),
        ({"bookingStart": "2026-02-30 10:00:00"}, "`bookingStart` is no time"),
        ({"bookingStart": "2026-03-29 02:30:00"}, "the clocks skip it"),
        ({"bookingEnd": "later", "bookings": []}, "`bookingEnd` is no time"),
        ({"bookingEnd": "2026-10-22 09:00:00"}, "not after"),
        ({"bookingEnd": "2026-10-22 10:00:00", "bookings": []}, "no booking shows a duration"),
        ({"bookingStart": "9999-12-31 23:59:00", "bookingEnd": None}, "beyond the calendar"),
    ],
)
def test_a_time_that_cannot_be_is_quarantined_with_its_reason(changes: dict[str, Any], named: str) -> None:
    """A row whose times make no slot is malformed, and the reason names the key."""
    zone = WallClock("UTC") if "9999" in str(changes) else BELGRADE
    with pytest.raises(Malformed, match=named):
        span(wall=zone, **changes)


def test_an_end_in_a_gap_is_worked_out() -> None:
    """An end that the clocks skip is made up for by the duration."""
    night: dict[str, Any] = {"bookingStart": "2026-03-29 01:45:00", "bookingEnd": "2026-03-29 02:15:00"}
    assert span(**night)[0] == slot(at(0.75, day=29, month=3))


@pytest.mark.parametrize(("hint", "chosen", "other"), [(None, SECOND, ()), (SECOND, SECOND, ()), (FIRST, FIRST, ())])
def test_a_repeated_hour_is_decided_by_what_is_known(hint: Slot | None, chosen: Slot, other: tuple[Slot, ...]) -> None:
    """Of the two readings of a start the known one counts, else the one whose end and duration agree."""
    found, others = span(hint, **NIGHT)
    assert found == chosen
    assert {found, *others} == {FIRST, SECOND}


def test_a_row_that_lies_in_the_repeated_hour_alone_means_its_second_half() -> None:
    """Both readings agree with the end and the duration: Amelia means the later one."""
    night: dict[str, Any] = {"bookingStart": "2026-10-25 02:00:00", "bookingEnd": "2026-10-25 02:30:00"}
    assert span(**night) == (slot(at(1, day=25)), (slot(at(0, day=25)),))


def test_an_end_worked_out_from_the_earlier_reading_does_not_spoil_the_later() -> None:
    """Amelia may show the later half past two as ending at two: what is known of the start decides."""
    confused = NIGHT | {"bookingEnd": "2026-10-25 02:00:00"}
    assert span(SECOND, **confused)[0] == SECOND
    assert span(None, **confused)[0] == FIRST


def test_without_durations_the_later_reading_counts_and_the_other_is_offered() -> None:
    """Where nothing decides, what Amelia means is taken and the earlier remains a possibility."""
    found, others = span(**NIGHT, bookings=[])
    assert found == slot(at(1.5, day=25), 30)
    assert others == (slot(at(0.5, day=25), 90),)


def test_an_ambiguous_end_is_decided_too() -> None:
    """An end in the repeated hour is the one that the durations give; without them, the one that is known."""
    evening: dict[str, Any] = {"bookingStart": "2026-10-25 01:30:00", "bookingEnd": "2026-10-25 02:30:00"}
    start = at(-0.5, day=25)
    assert span(**evening, bookings=lasting(120)) == (slot(start, 120), ())
    assert span(**evening, bookings=[]) == (slot(start, 120), (slot(start, 60),))
    assert span(slot(start, 120), **evening, bookings=[])[0] == slot(start, 120)

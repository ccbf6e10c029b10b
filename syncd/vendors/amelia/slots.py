"""When an appointment starts and ends, from a row's wall-clock times and its bookings' durations.

Amelia shows `canceled` and `no-show` appointments as ending when they start: that is no change of time, so their end is
worked out. Around the end of daylight saving a row may mean several slots; what is known of it decides.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.model.appointment import Appointment
from syncd.model.errors import InvalidSlot, InvalidTime, Malformed
from syncd.model.times import Slot
from syncd.model.wallclock import WallClock
from syncd.vendors.amelia.schemas import AppointmentRow


def of_two(wall: WallClock, start: datetime) -> str:
    """What a refusal of a time is to add where its start is the first of two that the clock shows alike."""
    if wall.instant(wall.local(start)) == start:
        return ""
    return (
        "; clocks are set back at that time, and Amelia can hold only the second of the two hours that they show: this "
        "start is in the first, so that the second was asked for"
    )


def longest(row: AppointmentRow) -> timedelta | None:
    """The longest booking's duration; None where no booking shows one."""
    durations = [booking.duration for booking in row.bookings or () if booking.duration]
    return timedelta(seconds=max(durations)) if durations else None


def read_slot(
    row: AppointmentRow, wall: WallClock, hint: Appointment | None, usual: timedelta | None
) -> tuple[Slot, tuple[Slot, ...]]:
    """The slot of a row, and the other slots that it may mean.

    `hint` is what is known of the appointment, `usual` how long its service takes where that is known. Raises
    `Malformed` for a time that does not exist, and for an end that cannot be told.
    """
    known = None if hint is None else hint.slot
    try:
        starts = _instants(row.start, "bookingStart", wall)
        found = _repeated(row, starts, wall) or [
            slot for start in starts for slot in _slots(row, start, wall, known, usual, ambiguous=len(starts) > 1)
        ]
    except (InvalidSlot, OverflowError):
        raise Malformed("its `bookingStart` and `bookingEnd` are beyond the calendar") from None
    if not found:
        raise Malformed("its `bookingEnd` is not after its `bookingStart`, and no booking shows a duration")
    chosen = _choose(row, found, wall, known)
    return chosen, tuple(slot for slot in found if slot != chosen)


def write_start(instant: datetime) -> dict[str, Any]:
    """A start in UTC: the one form that is unambiguous when clocks are set back. Whole minutes, always both keys."""
    return {"bookingStart": f"{instant.astimezone(UTC):%Y-%m-%d %H:%M}", "utc": True}


def _choose(row: AppointmentRow, found: list[Slot], wall: WallClock, known: Slot | None) -> Slot:
    for slot in found:
        if known is not None and slot.covers(known):
            return slot
    for slot in found:
        if known is not None and slot.start == known.start:
            return slot
    length = longest(row)
    for slot in found:
        if length is not None and slot.duration == length and _shows(row.end, wall, slot.end):
            return slot
    return found[0]


def _repeated(row: AppointmentRow, starts: tuple[datetime, ...], wall: WallClock) -> list[Slot]:
    """The slots of a start in the repeated hour, whose end is where one reading and the longest booking put it.

    00:30Z our create, 30 minutes; Amelia takes 02:30 for 01:30Z and shows 03:00 as the end; what we created takes half
    an hour all the same, and not one and a half. Empty where the start is plain, or the end tells something else.
    """
    length = longest(row)
    if len(starts) < 2 or length is None:
        return []
    if not any(_shows(row.end, wall, start + length) for start in starts):
        return []
    return [Slot(start=start, end=start + length) for start in starts]


def _slots(
    row: AppointmentRow,
    start: datetime,
    wall: WallClock,
    known: Slot | None,
    usual: timedelta | None,
    *,
    ambiguous: bool,
) -> list[Slot]:
    length = longest(row)
    shown = _ends(row, wall, length)
    ends = [end for end in shown or () if end > start]
    if length is not None and start + length in ends:
        ends = [start + length]
    # The later reading of a start may stand beside an end that Amelia worked out from the earlier one.
    if not ends and (shown is None or ambiguous):
        worked_out = _length(row, start, known, usual)
        ends = [] if worked_out is None else [start + worked_out]
    return [Slot(start=start, end=end) for end in ends]


def _ends(row: AppointmentRow, wall: WallClock, length: timedelta | None) -> tuple[datetime, ...] | None:
    """The instants that `bookingEnd` may mean; None where it shows no end, or one that the durations make up for."""
    if not row.end or row.end == row.start:
        return None
    try:
        return _instants(row.end, "bookingEnd", wall)
    except Malformed:
        if length is None:
            raise
        return None


def _length(row: AppointmentRow, start: datetime, known: Slot | None, usual: timedelta | None) -> timedelta | None:
    """How long an appointment takes whose end is not shown.

    What is known counts before the longest booking where a booking agrees with it (a longer one may have been cancelled
    on its own), or where extras lengthen the bookings by what they do not show.
    """
    durations = {booking.duration for booking in row.bookings or () if booking.duration}
    extras = any(booking.extras for booking in row.bookings or ())
    if known is not None and known.start == start:
        agrees = known.duration.total_seconds() in durations
        if agrees or extras or not durations:
            return known.duration
    return longest(row) or (known.duration if known is not None else usual)


def _instants(text: str, key: str, wall: WallClock) -> tuple[datetime, ...]:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Malformed(f"its `{key}` is {'no time' if text else 'missing'}") from None
    if moment.tzinfo is not None:
        return (moment.astimezone(UTC),)
    try:
        return wall.readings(moment)
    except InvalidTime as error:
        raise Malformed(f"its `{key}`: {error}") from None


def _shows(text: str, wall: WallClock, instant: datetime) -> bool:
    try:
        return datetime.fromisoformat(text) == wall.local(instant)
    except (ValueError, TypeError):
        return False

"""When an appointment of Acuity's starts and ends, from a row's words in either shape; and the start that is written.

A start has an offset where it was recorded, and is on the calendar's clock by the reference. Nothing sets an end: it
follows from the appointment type.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from syncd.model.appointment import Appointment
from syncd.model.errors import InvalidSlot, InvalidTime, Malformed
from syncd.model.times import Slot
from syncd.model.wallclock import WallClock
from syncd.vendors.acuity.schemas import AppointmentRow

_DATE_LENGTH = len("2026-07-15")


def read_slot(row: AppointmentRow, hint: Appointment | None) -> tuple[Slot, tuple[Slot, ...]]:
    """The slot of a row, and the other slots that it may mean. `hint` is what is known of the appointment.

    Raises `Malformed` for a start that is missing or does not exist, and for an end that cannot be told.
    """
    try:
        readings = [Slot(start=start, end=_end(row, start)) for start in _starts(row)]
    except InvalidTime as error:
        raise Malformed(str(error)) from None
    except InvalidSlot as error:
        raise Malformed(f"{error.why} (`datetime`, `duration`, `endTime`)") from None
    except OverflowError:
        raise Malformed("it ends beyond the calendar (`duration`, `endTime`)") from None
    known = [slot for slot in readings if hint is not None and slot.start == hint.slot.start]
    chosen = (known or readings)[0]
    return chosen, tuple(slot for slot in readings if slot != chosen)


def write_start(instant: datetime, zone: str | None) -> str:
    """`2026-07-15T10:00:00+0300`: a time that is unambiguous in both readings of Acuity's documents, in whole minutes.

    On the clock of `zone`; in UTC where that is unknown.
    """
    instant = instant.astimezone(UTC).replace(second=0, microsecond=0)
    try:
        local = WallClock(zone or "UTC").local(instant)
    except InvalidTime:
        local = instant.replace(tzinfo=None)
    offset = timezone(local - instant.replace(tzinfo=None))
    return local.replace(tzinfo=offset).strftime("%Y-%m-%dT%H:%M:%S%z")


def _starts(row: AppointmentRow) -> tuple[datetime, ...]:
    for key, text in (("datetime", row.start), ("time", row.time)):
        try:
            if found := _instants(text, row.zone):
                return found
        except OverflowError:
            raise Malformed(f"its `{key}` lies beyond the calendar") from None
    raise Malformed("it shows no start: neither `datetime` nor `time` is an ISO time")


def _end(row: AppointmentRow, start: datetime) -> datetime:
    if row.duration:
        try:
            return start + timedelta(minutes=float(row.duration))
        except ValueError:
            raise Malformed("its `duration` is no number of minutes") from None
    ends = [end for end in _instants(row.end_time, row.zone) if end > start]
    if not ends:
        raise Malformed("it shows no end: `duration` is missing, and `endTime` is no ISO time after the start")
    return ends[0]


def _instants(text: str, zone: str) -> tuple[datetime, ...]:
    """The instants that a text may mean: one with an offset, one or two on the calendar's clock, none for display text.

    Raises `InvalidTime` for a time that the calendar's clock skips, and `OverflowError` for one beyond the years.
    """
    if text[_DATE_LENGTH : _DATE_LENGTH + 1] not in ("T", " "):
        return ()
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return (moment.astimezone(UTC),)
    except ValueError:
        return ()
    return WallClock(zone).readings(moment) if zone else ()

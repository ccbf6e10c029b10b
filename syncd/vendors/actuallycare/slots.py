"""ActuallyCare's `start_time` and `end_time`: instants with an offset, so that nothing is ambiguous."""

from __future__ import annotations

from datetime import UTC, datetime

from syncd.model.errors import InvalidSlot, Malformed
from syncd.model.times import Slot, reckonable
from syncd.vendors.actuallycare.schemas import AppointmentRow


def read_slot(row: AppointmentRow) -> Slot:
    """The slot of a row. Raises `Malformed`, naming the key."""
    times = []
    for key in ("start_time", "end_time"):
        try:
            moment = _moment(getattr(row, key))
        except OverflowError:
            raise Malformed(f"{key} lies beyond the calendar") from None
        if moment is None:
            raise Malformed(f"{key} is no time with an offset")
        times.append(moment)
    try:
        return Slot(start=times[0], end=times[1])
    except InvalidSlot as error:
        why = "end_time is not after start_time" if times[1] <= times[0] else f"start_time, end_time: {error.why}"
        raise Malformed(why) from None


def write_slot(slot: Slot) -> dict[str, str]:
    """The vendor's words for a slot, in UTC."""
    return {"start_time": _stamp(slot.start), "end_time": _stamp(slot.end)}


def modified(text: str | None) -> datetime | None:
    """When it was modified; None for what is no such time."""
    try:
        moment = _moment(text)
    except OverflowError:
        return None
    return moment if moment is not None and reckonable(moment) else None


def _moment(text: str | None) -> datetime | None:
    """The instant, None for what is no time with an offset. Raises `OverflowError` for one beyond the years."""
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return None if moment.utcoffset() is None else moment.astimezone(UTC)


def _stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")

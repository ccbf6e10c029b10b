"""The bookings of an appointment, as an update of it sends them: all of them, complete, each with its own status.

Amelia has no status of an appointment that could be written without a mail: it follows from its bookings, and those
are written by the update endpoint (amelia-measured). So this decides which of them a status is about. A booking that
somebody called off on its own is nobody's part of the appointment any more, and no revival brings it back. One that
Amelia put there for another appointment is none of its parts either, and no status is about it.
"""

from __future__ import annotations

from collections import abc
from datetime import timedelta
from typing import Any

import msgspec

from syncd.model.appointment import Status
from syncd.model.errors import Malformed
from syncd.model.record import Record, names_of
from syncd.vendors.amelia.schemas import AppointmentRow, Booking, read_row
from syncd.vendors.amelia.slots import longest
from syncd.vendors.port import Joined

WORDS = {
    Status.PENDING: "pending",
    Status.SCHEDULED: "approved",
    Status.CANCELLED: "canceled",
    Status.NO_SHOW: "no-show",
}
_LIVE = frozenset({"approved", "pending"})
_CALLED_OFF = frozenset({"canceled", "rejected"})
_WAITING = "waiting"
_KNOWN = frozenset({*WORDS.values(), *_CALLED_OFF, _WAITING})
_KEYS = ("id", "customFields", "customerId", "extras", "persons", "status", "duration")


def standing(row: AppointmentRow) -> tuple[str, ...]:
    """The bookings that stand, each as `ID WORD`; none where the appointment was ended."""
    found = sorted(row.bookings or (), key=lambda booking: booking.order)
    return tuple(f"{one.id} {one.status}" for one in found if one.id and one.status in _LIVE)


def apart(row: AppointmentRow, guests: abc.Collection[str]) -> tuple[AppointmentRow, AppointmentRow | None]:
    """The appointment as it is without the bookings of guests, and as it is for those alone where one of them stands.

    A row that does not show its bookings does not tell its status either: that is the one of all of them.
    """
    if not guests:
        return row, None
    if row.bookings is None:
        return row.model_copy(update={"status": ""}), None
    theirs = [booking for booking in row.bookings if booking.id in guests]
    if not theirs:
        return row, None
    own = [booking for booking in row.bookings if booking not in theirs]
    if any(booking.status in _LIVE for booking in theirs):
        return _of(row, own, shared=True), _of(row, theirs, shared=True)
    return _of(row, own, shared=False), None


def _of(row: AppointmentRow, bookings: list[Booking], *, shared: bool) -> AppointmentRow:
    """The row as it would be with these bookings alone; the end that it shows is the longest one's of all."""
    alone = row.model_copy(update={"bookings": bookings, "status": _word(bookings)})
    return alone.model_copy(update={"end": ""}) if shared and longest(alone) else alone


def _word(bookings: abc.Iterable[Booking]) -> str:
    """The status of an appointment with these bookings."""
    words = {booking.status for booking in bookings}
    standing = next((word for word in ("approved", "pending") if word in words), None)
    return standing or (words.pop() if len(words) == 1 else "canceled")


def called(parts: abc.Iterable[str]) -> str:
    """Bookings as a sentence names them."""
    return " and ".join(f"booking {name}" for name in names_of(parts))


def joined_as(row: AppointmentRow, ours: abc.Container[str]) -> Joined | None:
    """As which bookings a create for these customers went into an appointment that had others; None: it had none.

    Of several bookings of one customer the youngest is the new one.
    """
    bookings = sorted(row.bookings or (), key=lambda booking: booking.order)
    new = {booking.who: booking for booking in bookings if booking.who in ours}
    others = [booking for booking in bookings if booking not in new.values()]
    if not others:
        return None
    names = tuple(booking.id for booking in new.values() if booking.id)
    stand = any(one.status in _LIVE for one in others)
    return Joined(called(names) or "the later booking", others_stand=stand, names=names)


def rewritten(
    record: Record,
    duration: timedelta | None = None,
    status: Status | None = None,
    out: abc.Collection[str] = (),
    new: abc.Collection[int] = (),
) -> list[dict[str, Any]]:
    """All bookings of a record as they were read, but so long that the appointment takes `duration`, and in `status`.

    Those of the customers `out` are called off, and no other is. Each customer who is `new` gets one beside the others:
    builds before 2.1.3 revive none that was called off.

    Raises `Malformed` where the record shows none, it cannot be told which of them a status is about, or one that is
    to stay as it is has a status that nobody knows: what was read wrongly must not be written down.
    """
    raw = record.raw or b""
    row = read_row(raw)
    found = msgspec.json.decode(raw).get("bookings") or ()
    bookings = list(found.values()) if isinstance(found, dict) else list(found)
    if not bookings:
        raise Malformed("it shows no bookings that could be changed")
    seconds = None if duration is None else _seconds(record, row, duration)
    words = {} if status is None else _words(record, row, status)
    words |= dict.fromkeys(_standing_of(record, row, out), WORDS[Status.CANCELLED])
    found = [_rewritten(booking, seconds, words.get(str(booking.get("id")))) for booking in bookings]
    length = int((longest(row) or record.content.slot.duration).total_seconds())
    return [*found, *(booked(who, length, WORDS[Status.SCHEDULED]) for who in new)]


def booked(customer: int, seconds: int, word: str) -> dict[str, Any]:
    """A booking that is not there yet, of one customer."""
    return {
        "customerId": customer,
        "duration": seconds,
        "persons": 1,
        "status": word,
        "extras": [],
        "customFields": "{}",
        "packageCustomerId": None,
    }


def revives_all(record: Record) -> bool:
    """Whether a revival of this record is about each of its bookings."""
    bookings = read_row(record.raw or b"").bookings or []
    ended = [booking for booking in bookings if booking.status != _WAITING]
    return len(ended) == len(bookings) == len(_stood(record, ended))


def _rewritten(booking: dict[str, Any], seconds: int | None, word: str | None) -> dict[str, Any]:
    kept = {key: booking[key] for key in _KEYS if key in booking}
    kept["packageCustomerId"] = _package(booking)
    if seconds is not None:
        kept["duration"] = seconds
    if word is not None:
        kept["status"] = word
    if kept.get("status") not in _KNOWN:
        raise Malformed(
            f"booking {booking.get('id')} has a status that syncd does not know, and it would have to be sent back: "
            "change it there by hand"
        )
    return kept


def _standing_of(record: Record, row: AppointmentRow, customers: abc.Collection[str]) -> list[str]:
    """The bookings of these customers that stand, and are no other appointment's."""
    guests = names_of(record.of_guests.parts) if record.of_guests is not None else ()
    standing = [one for one in row.bookings or () if one.id and one.status in _LIVE and one.id not in guests]
    found = [one.id for one in standing if one.id and one.who in customers]
    if customers and not 0 < len(found) < len(standing):
        raise Malformed("which of its bookings are of those who are in it no more is not known")
    return found


def _words(record: Record, row: AppointmentRow, status: Status) -> dict[str, str]:
    """The new word of each booking that a status of the appointment is about."""
    guests = names_of(record.of_guests.parts) if record.of_guests is not None else ()
    bookings = [booking for booking in row.bookings or () if booking.id and booking.id not in guests]
    word = WORDS[status]
    about = [booking for booking in bookings if booking.status in _LIVE]
    if not about and status is Status.CANCELLED:
        about = [booking for booking in bookings if booking.status not in _CALLED_OFF | {_WAITING}]
    if about:
        return {booking.id or "": word for booking in about}
    stood = _stood(record, [booking for booking in bookings if booking.status != _WAITING])
    if not stood:
        raise Malformed(
            f"which of its {len(bookings)} bookings stood before it was ended is not known, and no other may be "
            "revived: set those to approved there"
        )
    mixed = status is Status.SCHEDULED and WORDS[status] in stood.values()
    return {key: before if mixed else word for key, before in stood.items()}


def _stood(record: Record, ended: abc.Sequence[Booking]) -> dict[str, str]:
    """Of the bookings of an ended record, those that stood when it last did, with their words then; empty: unknown."""
    before = dict(part.split(" ", 1) for part in record.parts)
    if not before and len(ended) == 1:  # there is no other that it could have been
        before = {ended[0].id or "": ""}
    return {booking.id: before[booking.id] for booking in ended if booking.id in before and booking.id}


def _seconds(record: Record, row: AppointmentRow, duration: timedelta) -> int:
    """How long bookings are, so that with their extras the appointment takes `duration`."""
    extras = record.content.slot.duration - (longest(row) or record.content.slot.duration)
    if duration <= extras:
        raise Malformed("its extras alone take as long as the appointment should")
    return int((duration - max(extras, timedelta())).total_seconds())


def _package(booking: dict[str, Any]) -> Any:
    """The package purchase that a booking is taken from: without it, a written booking would leave the package."""
    service = booking.get("packageCustomerService")
    bought = service.get("packageCustomer") if isinstance(service, dict) else None
    return bought.get("id") if isinstance(bought, dict) else booking.get("packageCustomerId")

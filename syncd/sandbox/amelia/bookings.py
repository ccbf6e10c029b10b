"""An Amelia appointment as it is stored: a start, a service, an employee, and one booking for each customer.

Decides what follows from the bookings: the appointment's status, its end, and its clients in neutral terms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from syncd.sandbox.amelia.customers import Customers
from syncd.sandbox.frame.records import Entry

WORDS = {"scheduled": "approved", "pending": "pending", "cancelled": "canceled", "no_show": "no-show"}
"""Amelia's words for neutral statuses; any other status is a raw word already."""
STATUSES = ("approved", "pending", "canceled", "rejected", "no-show", "waiting")
LIVE = ("approved", "pending")
ENDED = ("canceled", "rejected")
LASTING = (*LIVE, "waiting")
"""Statuses that show a `bookingEnd`; under any other, unknown ones too, it equals `bookingStart` (measured)."""
_NEUTRAL = {word: neutral for neutral, word in WORDS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One customer's part of an appointment. `status` is Amelia's word, `duration` in seconds."""

    id: int
    customer_id: int
    status: str
    duration: int
    created_at: datetime
    persons: int = 1
    price: float = 0
    custom_fields: str | None = None
    info: str | None = None


@dataclass(slots=True, kw_only=True)
class Appointment(Entry):
    """A record with its bookings. `staff` is `{"provider": id, "location": id or None}`, `service` a service's id."""

    bookings: tuple[Booking, ...] = ()

    @property
    def provider(self) -> int:
        """The employee's id."""
        return int(self.staff["provider"])

    @property
    def place(self) -> int | None:
        """The location's id."""
        place: int | None = self.staff["location"]
        return place

    @property
    def word(self) -> str:
        """The appointment's status in Amelia's words."""
        return word(self.status)

    @property
    def is_live(self) -> bool:
        """Whether it takes its employee's time."""
        return self.word in LIVE


def word(status: str) -> str:
    """Amelia's word for a neutral status."""
    return WORDS.get(status, status)


def neutral(status: str) -> str:
    """The neutral word for a status of Amelia's; a word that has none stays."""
    return _NEUTRAL.get(status, status)


def length(bookings: Sequence[Booking]) -> timedelta:
    """How long an appointment with these bookings is: the longest of those that stand, else of all."""
    counting = [booking for booking in bookings if booking.status in LIVE] or bookings
    return timedelta(seconds=max(booking.duration for booking in counting))


def derived(start: datetime, end: datetime, bookings: Sequence[Booking], customers: Customers) -> dict[str, Any]:
    """The fields of an `Appointment` that follow from its times and its bookings, of which there is at least one."""
    return {
        "start": start,
        "end": end,
        "bookings": tuple(bookings),
        "people": [customers[booking.customer_id].person for booking in bookings],
        "status": neutral(_status(bookings)),
    }


def _status(bookings: Sequence[Booking]) -> str:
    words = {booking.status for booking in bookings}
    for leading in LIVE:
        if leading in words:
            return leading
    return words.pop() if len(words) == 1 else "canceled"

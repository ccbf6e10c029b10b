"""An appointment in Amelia's own words, as each answer writes it.

The answers differ in many small ways, which the reference's examples show: a list has the customer's details, an update
drops the payments, a deletion reads as `rejected`. Decides those keys and values. Source: `amelia-appointments.txt`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from syncd.sandbox.amelia.bookings import LASTING, Appointment, Booking
from syncd.sandbox.amelia.catalogue import Catalogue, provider_json, service_json
from syncd.sandbox.amelia.customers import Customers, customer_json
from syncd.sandbox.amelia.times import local_text

_NO_IS_FULL = ("list", "array", "deleted")
_CHANGED = {"created": True, "updated": False, "deleted": True}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a site writes its rows, and what they point to."""

    zone: tzinfo
    catalogue: Catalogue
    customers: Customers
    flags: str
    """How `notifyParticipants` is written: `int`, `text` or `bool`; else by `flags_as_text`."""
    flags_as_text: bool
    """It is text in lists and in the answers to a status, a number elsewhere."""
    people_by_id: bool
    """By id an appointment has its customers, employee and service whole."""


@dataclass(frozen=True, slots=True)
class Form:
    """Which answer the row is for: `one`, `list`, `array`, `created`, `updated`, `status` or `deleted`.

    The rest is a list's; `array` is a list that `asArray` asked for, whose rows say less.
    """

    answer: str
    past: bool = False
    with_service: bool = False
    with_provider: bool = False

    @property
    def name(self) -> str:
        """A text that stands for it."""
        return f"{self.answer}|{self.past:d}{self.with_service:d}{self.with_provider:d}"

    @property
    def listed(self) -> bool:
        """Whether it is a row of a listing."""
        return self.answer in ("list", "array")

    @classmethod
    def named(cls, name: str) -> "Form":
        """The form of that name."""
        answer, _, marks = name.partition("|")
        return cls(answer, *(mark == "1" for mark in marks))


def appointment_row(entry: Appointment, form: Form, manner: Manner) -> dict[str, Any]:
    """A row. `extra` comes last, so that a raw field may take the place of a usual one."""
    start, end = local_text(entry.start, manner.zone), local_text(entry.end, manner.zone)
    service = manner.catalogue.services.get(entry.service)
    provider = manner.catalogue.providers.get(entry.provider)
    whole = form.answer == "one" and manner.people_by_id
    row: dict[str, Any] = {
        "id": int(entry.id),
        "bookings": [booking_row(entry, booking, form, manner) for booking in entry.bookings],
        "notifyParticipants": _flag(entry, form, manner),
        "internalNotes": entry.notes,
        "status": "rejected" if form.answer == "deleted" else entry.word,
        "serviceId": entry.service,
        "parentId": None,
        "providerId": entry.provider,
        "locationId": entry.place,
        "provider": provider_json(provider) if provider and (whole or form.with_provider) else None,
        "service": service_json(service) if service and (whole or form.with_service) else None,
        "location": None,
        "googleCalendarEventId": None,
        "googleMeetUrl": None,
        "outlookCalendarEventId": None,
        "zoomMeeting": None,
        "lessonSpace": None,
        "bookingStart": start,
        "bookingEnd": end if entry.word in LASTING else start,
        "type": "appointment",
        "isRescheduled": None,
        **({} if form.answer in _NO_IS_FULL else {"isFull": None}),
        "resources": [],
    }
    if form.answer == "list":
        row |= {"cancelable": not form.past, "reschedulable": not form.past, "past": form.past, "isGroup": False}
    return row | entry.extra


def _flag(entry: Appointment, form: Form, manner: Manner) -> Any:
    match manner.flags:
        case "bool":
            return entry.notify
        case "text":
            return f"{entry.notify:d}"
        case "int":
            return int(entry.notify)
        case _ if manner.flags_as_text and (form.listed or form.answer == "status"):
            return f"{entry.notify:d}"
        case _:
            return int(entry.notify)


def _created(instant: datetime, form: Form, zone: tzinfo) -> str | None:
    """A booking's age: on the site's wall clock, in lists converted a second time (measured)."""
    if form.answer == "deleted":
        return None
    local = instant.astimezone(zone)
    return local_text(local.replace(tzinfo=UTC) if form.listed else local, zone)


def booking_row(entry: Appointment, booking: Booking, form: Form, manner: Manner) -> dict[str, Any]:
    """One customer's part of a row."""
    created, updated = form.answer == "created", form.answer == "updated"
    whole = form.listed or (form.answer == "one" and manner.people_by_id)
    return {
        "id": booking.id,
        "customerId": booking.customer_id,
        "customer": customer_json(manner.customers[booking.customer_id]) if whole else None,
        "status": "rejected" if form.answer == "deleted" else booking.status,
        "extras": [],
        "couponId": None,
        "price": booking.price,
        "coupon": None,
        "customFields": booking.custom_fields,
        "info": booking.info,
        "appointmentId": None if updated else int(entry.id),
        "persons": booking.persons,
        "token": f"{booking.id * 2654435761 % 2**40:010x}" if created else None,
        "payments": [] if updated else [_payment(entry, booking, form, manner)],
        "utcOffset": None,
        "aggregatedPrice": None if updated else True,
        "isChangedStatus": booking.status == "approved" if form.answer == "status" else _CHANGED.get(form.answer),
        "isLastBooking": None,
        "packageCustomerService": None,
        "ticketsData": [],
        "duration": booking.duration,
        "created": _created(booking.created_at, form, manner.zone),
        "actionsCompleted": True if created else None,
        **({} if form.answer in _NO_IS_FULL else {"isUpdated": True if updated else None}),
    }


def _payment(entry: Appointment, booking: Booking, form: Form, manner: Manner) -> dict[str, Any]:
    created = form.answer == "created"
    return {
        "id": booking.id + 21,
        "customerBookingId": booking.id,
        "packageCustomerId": None,
        "parentId": None,
        "amount": 0,
        "gateway": "onSite",
        "gatewayTitle": "",
        "dateTime": local_text(entry.start, manner.zone),
        "status": "pending",
        "data": "",
        "entity": "appointment" if created else None,
        "created": local_text(booking.created_at, manner.zone) if form.listed else None,
        "actionsCompleted": True if created else None,
        "wcOrderId": None,
        "wcOrderUrl": None,
        "wcItemCouponValue": None,
        "wcItemTaxValue": None,
        **({} if form.answer in _NO_IS_FULL else {"transactionId": None}),
    }

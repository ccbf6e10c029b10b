"""An appointment in Amelia's own words, as each answer writes it.

The answers differ in many small ways, which the reference's examples show: a list has the customer's details, an update
drops the payments, a deletion reads as `rejected`. Decides those keys and values. Source: `amelia-appointments.txt`.
"""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from syncd.sandbox.amelia.bookings import ENDLESS, Appointment, Booking
from syncd.sandbox.amelia.catalogue import Catalogue, provider_json, service_json
from syncd.sandbox.amelia.customers import Customers, customer_json
from syncd.sandbox.amelia.times import local_text

_NO_IS_FULL = ("list", "deleted")
_CHANGED = {"created": True, "updated": False, "deleted": True}


@dataclass(frozen=True, slots=True)
class Site:
    """What a row needs to know besides the appointment."""

    zone: tzinfo
    catalogue: Catalogue
    customers: Customers
    flags: str
    """How `notifyParticipants` is written: `int`, `text` or `bool`."""


@dataclass(frozen=True, slots=True)
class Form:
    """Which answer the row is for: `one`, `list`, `created`, `updated`, `status` or `deleted`; the rest is a list's."""

    answer: str
    past: bool = False
    with_service: bool = False
    with_provider: bool = False

    @property
    def name(self) -> str:
        """A text that stands for it."""
        return f"{self.answer}|{self.past:d}{self.with_service:d}{self.with_provider:d}"

    @classmethod
    def named(cls, name: str) -> "Form":
        """The form of that name."""
        answer, _, marks = name.partition("|")
        return cls(answer, *(mark == "1" for mark in marks))


def appointment_row(entry: Appointment, form: Form, site: Site) -> dict[str, Any]:
    """A row. `extra` comes last, so that a raw field may take the place of a usual one."""
    start, end = local_text(entry.start, site.zone), local_text(entry.end, site.zone)
    service, provider = site.catalogue.services.get(entry.service), site.catalogue.providers.get(entry.provider)
    row: dict[str, Any] = {
        "id": int(entry.id),
        "bookings": [booking_row(entry, booking, form, site) for booking in entry.bookings],
        "notifyParticipants": {"int": int(entry.notify), "text": f"{entry.notify:d}"}.get(site.flags, entry.notify),
        "internalNotes": entry.notes,
        "status": "rejected" if form.answer == "deleted" else entry.word,
        "serviceId": entry.service,
        "parentId": None,
        "providerId": entry.provider,
        "locationId": entry.place,
        "provider": provider_json(provider) if provider and form.with_provider else None,
        "service": service_json(service) if service and form.with_service else None,
        "location": None,
        "googleCalendarEventId": None,
        "googleMeetUrl": None,
        "outlookCalendarEventId": None,
        "zoomMeeting": None,
        "lessonSpace": None,
        "bookingStart": start,
        "bookingEnd": start if entry.word in ENDLESS else end,
        "type": "appointment",
        "isRescheduled": None,
        **({} if form.answer in _NO_IS_FULL else {"isFull": None}),
        "resources": [],
    }
    if form.answer == "list":
        row |= {"cancelable": not form.past, "reschedulable": not form.past, "past": form.past, "isGroup": False}
    return row | entry.extra


def booking_row(entry: Appointment, booking: Booking, form: Form, site: Site) -> dict[str, Any]:
    """One customer's part of a row."""
    created, listed, updated = form.answer == "created", form.answer == "list", form.answer == "updated"
    return {
        "id": booking.id,
        "customerId": booking.customer_id,
        "customer": customer_json(site.customers[booking.customer_id]) if listed else None,
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
        "payments": [] if updated else [_payment(entry, booking, form, site)],
        "utcOffset": None,
        "aggregatedPrice": None if updated else True,
        "isChangedStatus": booking.status == "approved" if form.answer == "status" else _CHANGED.get(form.answer),
        "isLastBooking": None,
        "packageCustomerService": None,
        "ticketsData": [],
        "duration": booking.duration,
        "created": None if form.answer == "deleted" else local_text(booking.created_at, site.zone),
        "actionsCompleted": True if created else None,
        **({} if form.answer in _NO_IS_FULL else {"isUpdated": True if updated else None}),
    }


def _payment(entry: Appointment, booking: Booking, form: Form, site: Site) -> dict[str, Any]:
    created = form.answer == "created"
    return {
        "id": booking.id + 21,
        "customerBookingId": booking.id,
        "packageCustomerId": None,
        "parentId": None,
        "amount": 0,
        "gateway": "onSite",
        "gatewayTitle": "",
        "dateTime": local_text(entry.start, site.zone),
        "status": "pending",
        "data": "",
        "entity": "appointment" if created else None,
        "created": local_text(booking.created_at, site.zone) if form.answer == "list" else None,
        "actionsCompleted": True if created else None,
        "wcOrderId": None,
        "wcOrderUrl": None,
        "wcItemCouponValue": None,
        "wcItemTaxValue": None,
        **({} if form.answer in _NO_IS_FULL else {"transactionId": None}),
    }

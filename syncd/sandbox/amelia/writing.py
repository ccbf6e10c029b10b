"""What Amelia does with a write: create, update, status, time and delete.

Decides when a slot is checked (on create, on a revival and by the time endpoint, never by a plain update), when a
create joins an appointment that is there already, and whose mails are sent. Source: field-notes, and the published
plugin's own order of steps.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from syncd.sandbox.amelia import requests
from syncd.sandbox.amelia.bookings import LIVE, Appointment, Booking, derived, neutral
from syncd.sandbox.amelia.requests import Handled, Thrown, flag
from syncd.sandbox.amelia.rows import Form, booking_row
from syncd.sandbox.amelia.times import Unparsable, asked_start, local_text
from syncd.sandbox.frame.exchange import Answer

if TYPE_CHECKING:
    from syncd.sandbox.amelia.server import Amelia


def create(amelia: "Amelia", body: dict[str, Any]) -> Answer:
    """One appointment, and one for each start in `recurring`. Raises `Handled`, `Thrown`."""
    requests.check_mandatory(body)
    if not isinstance(body["recurring"], list) or not all(isinstance(each, dict) for each in body["recurring"]):
        raise Thrown("Argument #2 must be of type array: recurring")
    service_id, provider_id = requests.identifier(body["serviceId"]), requests.identifier(body["providerId"])
    seconds = amelia.catalogue.services[service_id].seconds if service_id in amelia.catalogue.services else 0
    bookings = requests.bookings(body["bookings"], amelia.fresh_booking, {}, seconds)
    place = requests.identifier(body["locationId"]) if body.get("locationId") else None
    _check_entities(amelia, bookings, service_id, provider_id, place)
    staff = {"provider": provider_id, "location": place}
    series = [body, *({**body, **each} for each in body["recurring"])]
    planned = [_planned(amelia, given, bookings, service_id, staff) for given in series]
    for entry in planned:
        _check_slot(amelia, entry)
    first, *others = (_stored(amelia, entry) for entry in planned)
    parent = {"parentId": int(first.id)}
    later = [amelia.kept(amelia.amend(other, extra={**other.extra, **parent})) for other in others]
    for entry in (first, *later):
        if flag(body["notifyParticipants"]):
            amelia.notify(entry)
    recurring = [{"appointment": amelia.shown(entry, "created")} for entry in later]
    data = {"appointment": amelia.shown(first, "created"), "recurring": recurring}
    return amelia.success("Successfully added new appointment", data)


def _check_entities(
    amelia: "Amelia", bookings: Sequence[Booking], service: int, provider: int, place: int | None
) -> None:
    if any(booking.customer_id not in amelia.customers for booking in bookings):
        raise requests.missing("customer")
    if service not in amelia.catalogue.services:
        raise requests.missing("service")
    if provider not in amelia.catalogue.providers:
        raise requests.missing("provider")
    if place is not None and place not in amelia.catalogue.locations:
        raise requests.missing("location")


def _planned(
    amelia: "Amelia", body: dict[str, Any], bookings: Sequence[Booking], service: int, staff: dict[str, Any]
) -> Appointment:
    """The appointment as it would be stored: a new one, or the existing one that it joins."""
    start, now = _start(amelia, body), amelia.now()
    price = amelia.catalogue.services[service].price
    own = [replace(amelia.fresh_booking(booking), price=price) for booking in bookings]
    given: dict[str, Any] = {"notify": flag(body["notifyParticipants"]), "notes": str(body.get("internalNotes") or "")}
    joined = amelia.joinable(service, staff["provider"], start)
    if joined is not None:
        every = [*joined.bookings, *own]
        return replace(joined, **{**derived(start, every, amelia.customers), **given})
    fields = derived(start, own, amelia.customers)
    new = Appointment(id=amelia.new_id(), service=service, staff=staff, created_at=now, modified_at=now, **fields)
    return amelia.named(replace(new, **given))


def _check_slot(amelia: "Amelia", entry: Appointment, **more: Any) -> None:
    if not amelia.is_free(entry):
        raise requests.taken(**more)
    if amelia.behaviour["customer_conflict"] and amelia.clashes(entry):
        raise Handled("Customer has already booked this time", {"customerAlreadyBooked": True})


def _stored(amelia: "Amelia", entry: Appointment) -> Appointment:
    existing = amelia.entries.get(entry.id)
    if existing is None:
        return amelia.kept(amelia.insert(entry))
    changed = {name: getattr(entry, name) for name in ("bookings", "people", "status", "end", "notify", "notes")}
    return amelia.kept(amelia.amend(existing, **changed))


def update(amelia: "Amelia", entry: Appointment, body: dict[str, Any]) -> Answer:
    """Changes what is given; what is left out stays. Raises `Handled`, `Thrown`."""
    service = requests.identifier(body.get("serviceId") or entry.service)
    provider = requests.identifier(body.get("providerId") or entry.provider)
    for known, wanted in ((amelia.catalogue.services, service), (amelia.catalogue.providers, provider)):
        if wanted not in known:
            raise Thrown(f"Invalid key {wanted}.")
    bookings, added = _updated_bookings(amelia, entry, body, amelia.catalogue.services[service].seconds)
    changes = derived(_start(amelia, body, entry.start), bookings, amelia.customers)
    changes |= {"service": service, "staff": {"provider": provider, "location": _place(amelia, entry, body)}}
    if body.get("internalNotes") is not None:
        changes["notes"] = str(body["internalNotes"])
    if body.get("notifyParticipants") is not None:
        changes["notify"] = flag(body["notifyParticipants"])
    planned = amelia.named(replace(entry, **changes))
    if planned.is_live and not entry.is_live:
        _check_slot(amelia, planned)
    changed = amelia.kept(amelia.amend(entry, **changes, title=planned.title, location=planned.location))
    if changed.notify and _is_news(entry, changed):
        amelia.notify(changed)
    return amelia.success("Successfully updated appointment", _update_data(amelia, entry, changed, added))


def _updated_bookings(
    amelia: "Amelia", entry: Appointment, body: dict[str, Any], seconds: int
) -> tuple[list[Booking], bool]:
    """The bookings after an update, and whether one was added. Those that are not mentioned stay as they are."""
    stored = {booking.id: booking for booking in entry.bookings}
    removed = [item for item in body.get("removedBookings") or [] if isinstance(item, dict)]
    gone = {requests.identifier(item.get("id")) for item in removed}
    given: list[Booking] = []
    if body.get("bookings") is not None:
        given = requests.bookings(body["bookings"], amelia.fresh_booking, stored, seconds)
    after = stored | {booking.id: booking for booking in given if booking.customer_id in amelia.customers}
    left = [booking for number, booking in after.items() if number not in gone]
    if not left:
        raise Thrown("An appointment without bookings cannot be kept")
    return left, any(booking.id not in stored for booking in left)


def _place(amelia: "Amelia", entry: Appointment, body: dict[str, Any]) -> int | None:
    """A location that does not exist is silently none."""
    if "locationId" not in body:
        return entry.place
    place = requests.identifier(body["locationId"]) if body["locationId"] else None
    return place if place in amelia.catalogue.locations else None


def _is_news(old: Appointment, new: Appointment) -> bool:
    """Whether a client would want to hear of it: notes and flags are the site's own affair."""
    return any(getattr(old, name) != getattr(new, name) for name in ("start", "end", "service", "staff", "bookings"))


def _update_data(amelia: "Amelia", old: Appointment, new: Appointment, added: bool) -> dict[str, Any]:
    return {
        "appointment": amelia.shown(new, "updated"),
        "appointmentStatusChanged": old.status != new.status,
        "appointmentRescheduled": old.start != new.start,
        "initialAppointmentDateTime": _times(amelia, old),
        "bookingsWithChangedStatus": _changed_bookings(amelia, old, new, "updated"),
        "appointmentEmployeeChanged": old.provider if old.provider != new.provider else None,
        "appointmentZoomUserChanged": False,
        "bookingAdded": added,
        "appointmentZoomUsersLicenced": False,
        "createPaymentLinks": None,
    }


def set_status(amelia: "Amelia", entry: Appointment, body: dict[str, Any]) -> Answer:
    """Gives all bookings one status. Mails by the stored flag. Raises `Handled`, `Thrown`."""
    requests.check_mandatory(body, ("status",))
    asked = requests.status_word(body["status"])
    bookings = [replace(booking, status=asked) for booking in entry.bookings]
    changes = derived(entry.start, bookings, amelia.customers)
    if asked in LIVE and not entry.is_live:
        _check_slot(amelia, replace(entry, **changes), status=entry.word)
    changed = amelia.kept(amelia.amend(entry, **{**changes, "status": neutral(asked)}))
    if changed.notify and changed.bookings != entry.bookings:
        amelia.notify(changed)
    data = {
        "appointment": amelia.shown(changed, "status"),
        "bookingsWithChangedStatus": _changed_bookings(amelia, entry, changed, "status"),
        "status": asked,
        "oldStatus": entry.word,
        "message": f"Appointment status has been changed to {asked}",
    }
    return amelia.success("Successfully updated appointment status", data)


def move(amelia: "Amelia", entry: Appointment, body: dict[str, Any]) -> Answer:
    """The time endpoint: checks the slot before it writes. Mails by the stored flag. Raises `Handled`, `Thrown`."""
    requests.check_mandatory(body, ("bookingStart",))
    changes = derived(_start(amelia, body), entry.bookings, amelia.customers)
    _check_slot(amelia, replace(entry, **changes))
    changed = amelia.kept(amelia.amend(entry, start=changes["start"], end=changes["end"]))
    if changed.notify:
        amelia.notify(changed)
    data = {"appointment": amelia.shown(changed, "status"), "initialAppointmentDateTime": _times(amelia, entry)}
    return amelia.success("Successfully updated appointment time", data)


def delete(amelia: "Amelia", entry: Appointment) -> Answer:
    """For good; the answer shows it as `rejected`. A live one's clients are mailed by the stored flag."""
    amelia.remove(entry.id)
    if entry.notify and entry.is_live:
        amelia.notify(entry)
    old = [booking_row(entry, booking, Form("one"), amelia.site()) for booking in entry.bookings]
    data = {"appointment": amelia.shown(entry, "deleted"), "bookingsWithChangedStatus": old}
    return amelia.success("Successfully deleted appointment", data)


def _start(amelia: "Amelia", body: dict[str, Any], stored: datetime | None = None) -> datetime:
    try:
        return asked_start(body, amelia.zone, stored)
    except Unparsable as wrong:
        raise Thrown(str(wrong)) from None


def _times(amelia: "Amelia", entry: Appointment) -> dict[str, str]:
    return {"bookingStart": local_text(entry.start, amelia.zone), "bookingEnd": local_text(entry.end, amelia.zone)}


def _changed_bookings(amelia: "Amelia", old: Appointment, new: Appointment, answer: str) -> list[dict[str, Any]]:
    before = {booking.id: booking.status for booking in old.bookings}
    changed = [booking for booking in new.bookings if before.get(booking.id) != booking.status]
    return [booking_row(new, booking, Form(answer), amelia.site()) for booking in changed]

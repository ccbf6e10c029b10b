"""What Amelia does with a write: create, update, status, time and delete.

Decides when a slot is checked, in which order a move is checked and written, and what a create that joins a record
makes of it; what is free and what is joined is the site's affair, who hears of it `mails`'. Source: measured on
1.2.34, 2.1.3 and 2.4.3; field-notes, and the published plugin's own order of steps for what Lite cannot show.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from syncd.sandbox.amelia import answers, mails, requests
from syncd.sandbox.amelia.bookings import LIVE, Appointment, Booking, neutral
from syncd.sandbox.amelia.people import joining
from syncd.sandbox.amelia.requests import Handled, Thrown, flag
from syncd.sandbox.amelia.rows import Form, booking_row
from syncd.sandbox.amelia.site import Site
from syncd.sandbox.amelia.times import Unparsable, asked_start, local_text
from syncd.sandbox.amelia.values import checked_flag, checked_notes
from syncd.sandbox.frame.exchange import Answer, Row


@dataclass(frozen=True, slots=True)
class _Planned:
    """What a create would store: a new record, or `existing` with its bookings."""

    entry: Appointment
    existing: Appointment | None


def create(site: Site, body: dict[str, Any]) -> Answer:
    """One appointment, and one for each start in `recurring`. Raises `Handled`, `Thrown`."""
    requests.check_mandatory(body)
    starts = requests.recurring(body)
    checked_flag(site, body["notifyParticipants"])
    service_id = requests.identifier(body["serviceId"])
    provider_id = requests.identifier(body["providerId"])
    known = site.catalogue.services.get(service_id)
    bookings = _given_bookings(site, body["bookings"], {}, known.seconds if known else 0)
    place = requests.identifier(body["locationId"]) if body.get("locationId") else None
    _check_entities(site, bookings, service_id, provider_id, place)
    staff = {"provider": provider_id, "location": place}
    if len(bookings) > 1 and service_id not in site.behaviour["group_services"]:
        raise requests.taken()
    series = [body, *({**body, **each} for each in starts)]
    planned = [_planned(site, given, bookings, service_id, staff) for given in series]
    for each in planned:
        _check_slot(site, each.entry)
    first, *others = (_stored(site, each) for each in planned)
    parent = {"parentId": int(first.id)}
    later = [site.amend(other, extra={**other.extra, **parent}) for other in others]
    for entry in (first, *later):
        mails.about_create(site, entry)
    recurring = [{"appointment": site.shown(entry, "created")} for entry in later]
    data = {"appointment": _created(site, first, body), "recurring": recurring}
    return answers.success("Successfully added new appointment", data)


def _check_entities(site: Site, bookings: Sequence[Booking], service: int, provider: int, place: int | None) -> None:
    if any(booking.customer_id not in site.customers for booking in bookings):
        raise requests.missing("customer")
    if service not in site.catalogue.services:
        raise requests.missing("service")
    if provider not in site.catalogue.providers:
        raise requests.missing("provider")
    if place is not None and place not in site.catalogue.locations:
        raise requests.missing("location")


def _planned(
    site: Site,
    body: dict[str, Any],
    bookings: Sequence[Booking],
    service: int,
    staff: dict[str, Any],
) -> _Planned:
    """The appointment as it would be stored: a new one, or the existing one that it joins."""
    now, price = site.keeper.now(), site.catalogue.services[service].price
    own = [replace(site.fresh_booking(booking), price=price) for booking in bookings]
    given: dict[str, Any] = {
        "notify": flag(body["notifyParticipants"]),
        "notes": checked_notes(site, body.get("internalNotes")),
    }
    fields = site.derived(_start(site, body), own)
    new = Appointment(id=site.new_id(), service=service, staff=staff, created_at=now, modified_at=now, **fields)
    new = replace(new, **given)
    joined = site.joinable(new)
    if joined is None:
        return _Planned(site.named(new), None)
    check_customers(site, joined, own)
    return _Planned(replace(joined, **joining(site, joined, new)), joined)


def check_customers(site: Site, joined: Appointment, own: Sequence[Booking]) -> None:
    """The oldest generation does not take a customer twice into one record, called off or not (measured).

    Raises `Handled`.
    """
    there = {booking.customer_id for booking in joined.bookings}
    if site.generation.joins == "cancelled" and any(each.customer_id in there for each in own):
        raise requests.booked_already()


def _check_slot(site: Site, entry: Appointment, **more: Any) -> None:
    if not site.is_free(entry):
        raise requests.taken(**more)
    if site.clashes(entry):
        raise requests.booked_already()


def _stored(site: Site, planned: _Planned) -> Appointment:
    entry = planned.entry
    if planned.existing is None:
        return site.insert(entry)
    names = ("bookings", "people", "status", "start", "end", "notify", "notes")
    return site.amend(planned.existing, **{name: getattr(entry, name) for name in names})


def _created(site: Site, entry: Appointment, body: dict[str, Any]) -> Row:
    """The answer has no notes where none were sent; later they are an empty text (measured)."""
    row = site.shown(entry, "created")
    unsent = not entry.notes and body.get("internalNotes") is None
    return Row({**row.value, "internalNotes": None}) if unsent else row


def update(site: Site, entry: Appointment, body: dict[str, Any]) -> Answer:
    """Changes what is given; what is left out stays. Raises `Handled`, `Thrown`."""
    changes, added = _changes(site, entry, body)
    planned = site.named(replace(entry, **changes))
    revived = planned.is_live and not entry.is_live
    moved = planned.is_live and (planned.start, planned.provider) != (entry.start, entry.provider)
    if revived or (moved and site.generation.refuses_moves):
        _check_moved(site, planned)
    changed = site.amend(entry, **changes, title=planned.title, location=planned.location)
    if moved and not site.generation.refuses_moves:
        # 1.2.34 looks when it has written, and does not go back: refused, and moved all the same.
        _check_slot(site, changed)
    mails.about_update(site, entry, changed)
    data = _update_data(site, entry, changed, added)
    return answers.success("Successfully updated appointment", data)


def _check_moved(site: Site, planned: Appointment) -> None:
    """A refused move has no message: the plugin asks for a text that its language file lacks (measured)."""
    try:
        _check_slot(site, planned)
    except Handled as refusal:
        raise Handled(None, refusal.data) from None


def _changes(site: Site, entry: Appointment, body: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The fields after an update, and whether a booking was added."""
    service = requests.identifier(body.get("serviceId") or entry.service)
    provider = requests.identifier(body.get("providerId") or entry.provider)
    for known, wanted in (
        (site.catalogue.services, service),
        (site.catalogue.providers, provider),
    ):
        if wanted not in known:
            raise Thrown(f"Invalid key {wanted}.")
    bookings = _updated_bookings(site, entry, body, site.catalogue.services[service].seconds)
    changes = site.derived(_start(site, body, entry.start), bookings)
    changes |= {
        "service": service,
        "staff": {"provider": provider, "location": _place(site, entry, body)},
    }
    if body.get("internalNotes") is not None:
        changes["notes"] = checked_notes(site, body["internalNotes"])
    if body.get("notifyParticipants") is not None:
        changes["notify"] = flag(checked_flag(site, body["notifyParticipants"]))
    stored = {booking.id for booking in entry.bookings}
    return changes, any(booking.id not in stored for booking in bookings)


def _updated_bookings(site: Site, entry: Appointment, body: dict[str, Any], seconds: int) -> list[Booking]:
    """The bookings after an update. Those that are not mentioned stay as they are."""
    stored = {booking.id: booking for booking in entry.bookings}
    removed = [item for item in body.get("removedBookings") or [] if isinstance(item, dict)]
    gone = {requests.identifier(item.get("id")) for item in removed}
    given: list[Booking] = []
    if body.get("bookings") is not None:
        given = _given_bookings(site, body["bookings"], stored, seconds)
    after = stored | {
        booking.id: _unrevived(site, booking, stored.get(booking.id))
        for booking in given
        if booking.customer_id in site.customers
    }
    left = [booking for number, booking in after.items() if number not in gone]
    if not left:
        raise Thrown("An appointment without bookings cannot be kept")
    return left


def _unrevived(site: Site, booking: Booking, before: Booking | None) -> Booking:
    """Builds before 2.1.3 are not known to revive by an update: what was called off stays so."""
    if site.generation.revives_by_update or before is None:
        return booking
    if booking.status in LIVE and before.status not in LIVE:
        return replace(booking, status=before.status)
    return booking


def _given_bookings(site: Site, value: Any, known: dict[int, Booking], seconds: int) -> list[Booking]:
    lenient = site.generation.takes_any_status
    return requests.bookings(value, site.fresh_booking, known, seconds, lenient=lenient)


def _place(site: Site, entry: Appointment, body: dict[str, Any]) -> int | None:
    """A location that does not exist is silently none."""
    if "locationId" not in body:
        return entry.place
    place = requests.identifier(body["locationId"]) if body["locationId"] else None
    return place if place in site.catalogue.locations else None


def _update_data(site: Site, old: Appointment, new: Appointment, added: bool) -> dict[str, Any]:
    return {
        "appointment": site.shown(new, "updated"),
        "appointmentStatusChanged": old.status != new.status,
        "appointmentRescheduled": old.start != new.start,
        "initialAppointmentDateTime": _times(site, old),
        "bookingsWithChangedStatus": _changed_bookings(site, old, new, "updated"),
        "appointmentEmployeeChanged": old.provider if old.provider != new.provider else None,
        "appointmentZoomUserChanged": False,
        "bookingAdded": added,
        "appointmentZoomUsersLicenced": False,
        "createPaymentLinks": None,
    }


def set_status(site: Site, entry: Appointment, body: dict[str, Any]) -> Answer:
    """Gives all bookings one status. Raises `Handled`, `Thrown`."""
    requests.check_mandatory(body, ("status",))
    asked = requests.status_word(body["status"], lenient=site.generation.takes_any_status)
    bookings = [replace(booking, status=asked) for booking in entry.bookings]
    changes = {**site.derived(entry.start, bookings), "status": neutral(asked)}
    if asked in LIVE and not entry.is_live:
        _check_slot(site, replace(entry, **changes), status=entry.word)
    changed = site.amend(entry, **changes)
    mails.about_status(site, entry, changed)
    data = {
        "appointment": site.shown(changed, "status"),
        "bookingsWithChangedStatus": _changed_bookings(site, entry, changed, "status"),
        "status": body["status"],
        "oldStatus": entry.word,
        "message": f"Appointment status has been changed to {body['status']}",
    }
    return answers.success("Successfully updated appointment status", data)


def move(site: Site, entry: Appointment, body: dict[str, Any]) -> Answer:
    """The time endpoint: checks the slot before it writes; `utc` is ignored. Raises `Handled`, `Thrown`."""
    requests.check_mandatory(body, ("bookingStart",))
    start = _start(site, {key: value for key, value in body.items() if key != "utc"})
    changes = site.derived(start, entry.bookings)
    _check_slot(site, replace(entry, **changes))
    changed = site.amend(entry, start=changes["start"], end=changes["end"])
    mails.about_update(site, entry, changed)
    data = {
        "appointment": site.shown(changed, "status"),
        "initialAppointmentDateTime": _times(site, entry),
    }
    return answers.success("Successfully updated appointment time", data)


def delete(site: Site, entry: Appointment) -> Answer:
    """For good; the answer shows it as `rejected`."""
    site.keeper.remove(entry.id)
    mails.about_deletion(site, entry)
    form, manner = Form("one"), site.manner()
    old = [booking_row(entry, booking, form, manner) for booking in entry.bookings]
    data = {"appointment": site.shown(entry, "deleted"), "bookingsWithChangedStatus": old}
    return answers.success("Successfully deleted appointment", data)


def _start(site: Site, body: dict[str, Any], before: datetime | None = None) -> datetime:
    try:
        return asked_start(body, site.zone, before)
    except Unparsable as wrong:
        raise Thrown(str(wrong)) from None


def _times(site: Site, entry: Appointment) -> dict[str, str]:
    return {
        "bookingStart": local_text(entry.start, site.zone),
        "bookingEnd": local_text(entry.end, site.zone),
    }


def _changed_bookings(site: Site, old: Appointment, new: Appointment, answer: str) -> list[dict[str, Any]]:
    before = {booking.id: booking.status for booking in old.bookings}
    changed = [booking for booking in new.bookings if before.get(booking.id) != booking.status]
    return [booking_row(new, booking, Form(answer), site.manner()) for booking in changed]

"""How a record in neutral terms becomes an Amelia appointment, when a person enters or edits one.

Each client becomes a booking of a customer of the site. A new record's clients are found by their e-mail and otherwise
registered; editing a client's details changes that customer, and so every appointment that they have.
"""

from dataclasses import fields, replace
from typing import Any

from syncd.sandbox.amelia.bookings import Appointment, Booking, word
from syncd.sandbox.amelia.customers import DESK, Customer
from syncd.sandbox.amelia.site import Site
from syncd.sandbox.amelia.times import stored
from syncd.sandbox.frame.records import Entry, Person


def entered(site: Site, entry: Entry) -> Appointment:
    """The appointment. Raises `ValueError` naming the key that the site cannot hold."""
    if not entry.id.isdecimal():
        raise ValueError(f"id: {entry.id!r} is not a number")
    if entry.status == "completed":
        raise ValueError("status: 'completed' cannot be said here")
    entry = _on_its_clock(site, entry)
    given: dict[str, Any] = {"service": _service(site, entry), "staff": _staff(site, entry.staff)}
    if isinstance(entry, Appointment):
        bookings = _edited(site, entry)
    else:
        bookings = _made(site, entry, site.catalogue.services[given["service"]].seconds)
    values = {item.name: getattr(entry, item.name) for item in fields(entry)}
    return Appointment(**{**values, **given, **site.derived(entry.start, bookings)})


def joining(site: Site, there: Appointment, entry: Appointment) -> dict[str, Any]:
    """What a booking makes of the record that it joins: everybody's bookings, the notes of both, its own flag."""
    notes = "\n\n".join(filter(None, (there.notes, entry.notes)))
    bookings = [*there.bookings, *entry.bookings]
    return {**site.derived(there.start, bookings), "notify": entry.notify, "notes": notes}


def _on_its_clock(site: Site, entry: Entry) -> Entry:
    """The record as the site keeps its start, at the same length: see `times.stored`."""
    start = stored(entry.start, site.zone)
    return replace(entry, start=start, end=entry.end + (start - entry.start))


def _service(site: Site, entry: Entry) -> int:
    services = site.catalogue.services
    if entry.service is None:
        return site.catalogue.service_of((entry.end - entry.start).total_seconds()).id
    if entry.service not in services:
        raise ValueError(f"service: {entry.service!r} is none of {', '.join(map(str, services))}")
    return int(entry.service)


def _staff(site: Site, staff: Any) -> dict[str, Any]:
    given = {"provider": 1, "location": 1} if staff is None else staff
    if type(given) is int:
        given = {"provider": given}
    if not isinstance(given, dict) or not {*given} <= {"provider", "location"}:
        raise ValueError(f"staff: {staff!r} is no employee, and no object of provider and location")
    provider, place = given.get("provider"), given.get("location")
    if provider not in site.catalogue.providers or (place is not None and place not in site.catalogue.locations):
        raise ValueError(f"staff: {staff!r} names what the site does not have")
    return {"provider": provider, "location": place}


def _made(site: Site, entry: Entry, usual_seconds: int) -> list[Booking]:
    """A new record's bookings: one for each client, or one of the desk's."""
    seconds = int((entry.end - entry.start).total_seconds())
    like = replace(site.fresh_booking(), status=word(entry.status), duration=seconds if seconds > 0 else usual_seconds)
    customers = [site.customers.same(person) or site.customers.add(person) for person in entry.people]
    bookings = [_numbered(site, like, customer) for customer in customers or [site.customers[DESK]]]
    return [replace(booking, created_at=entry.created_at) for booking in bookings]


def _edited(site: Site, entry: Appointment) -> list[Booking]:
    """The bookings of a record whose neutral fields were changed: only what was changed is different in them."""
    like = entry.bookings[0]
    bookings = []
    for number, person in enumerate(entry.people or [site.customers[DESK].person]):
        old = entry.bookings[number] if number < len(entry.bookings) else None
        customer = _customer(site, person, old, entry.id)
        bookings.append(replace(old, customer_id=customer.id) if old else _numbered(site, like, customer))
    expected = site.derived(entry.start, bookings)
    if entry.status != expected["status"]:
        bookings = [replace(booking, status=word(entry.status)) for booking in bookings]
    if entry.end != expected["end"] and entry.end > entry.start:
        seconds = int((entry.end - entry.start).total_seconds())
        bookings = [replace(booking, duration=seconds) for booking in bookings]
    return bookings


def _numbered(site: Site, like: Booking, customer: Customer) -> Booking:
    return replace(site.fresh_booking(like), customer_id=customer.id)


def _customer(site: Site, person: Person, old: Booking | None, appointment: str) -> Customer:
    """The customer of an edited booking: the same with other details, or another."""
    current = None if old is None else site.customers[old.customer_id]
    if current is not None and current.person == person:
        return current
    if current is None or not _is_edit(site, current, person):
        return site.customers.same(person) or site.customers.add(person)
    changed = site.customers.change(current, person)
    for other in list(site.appointments()):
        if other.id != appointment and any(booking.customer_id == changed.id for booking in other.bookings):
            people = [site.customers[booking.customer_id].person for booking in other.bookings]
            site.amend(other, by="person", people=people)
    return changed


def _is_edit(site: Site, current: Customer, person: Person) -> bool:
    if current.id == DESK:
        return False
    before = current.person
    if before.email.lower() == person.email.lower():
        return bool(person.email) or before.name == person.name
    return before.name == person.name and site.customers.same(person) is None

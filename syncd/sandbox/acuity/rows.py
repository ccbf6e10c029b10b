"""An appointment in Acuity's own words.

Decides keys, types and formats of a row, in the three forms that are known: `recorded` (seen live), `reference` (the
document's table) and `mixed` (the document's times besides the recorded ones). Source: field-notes, `acuity.md`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from syncd.sandbox.acuity.catalogue import AppointmentType, Calendar, length
from syncd.sandbox.frame.records import Entry, Person

OFF = ("cancelled", "no_show")
"""Neutral statuses that Acuity shows as `canceled`."""
_BUSINESS = ZoneInfo("America/Chicago")
"""The zone in which the account stamps what it made; it need not be the calendar's."""


@dataclass(frozen=True, slots=True)
class Form:
    """How rows are written: `times` as the switch says, a 12- or 24-hour clock, and the zone of all times."""

    times: str
    hours: str
    zone: ZoneInfo
    calendar_zone: str
    full: bool = False
    """By-id, POST and PUT answers have `scheduledBy` and `isVerified`; lists have not."""
    forms: bool = True


def appointment(entry: Entry, kind: AppointmentType, calendar: Calendar, form: Form) -> dict[str, Any]:
    """A row. `extra` comes last, so that a raw field may take the place of a usual one."""
    row = _reference(entry, kind, calendar, form) if form.times == "reference" else _recorded(entry, kind, form)
    row |= {"calendar": calendar.name, "calendarID": calendar.id, "canceled": entry.status in OFF}
    if entry.status in OFF:
        row["noShow"] = entry.status == "no_show"
    if form.full:
        row |= {"scheduledBy": None, "isVerified": True}
    if form.forms:
        row["forms"] = []
    return row | (_without_addons(entry.extra) if form.times == "reference" else entry.extra)


def _without_addons(extra: dict[str, Any]) -> dict[str, Any]:
    """The reference's table has no add-ons: an appointment is longer than its type, and nothing says why."""
    return {key: value for key, value in extra.items() if key != "addonIDs"}


def _recorded(entry: Entry, kind: AppointmentType, form: Form) -> dict[str, Any]:
    start, end = entry.start.astimezone(form.zone), entry.end.astimezone(form.zone)
    created = entry.created_at.astimezone(_BUSINESS)
    mixed = form.times == "mixed"
    minutes = length(kind, entry.extra.get("addonIDs", ()))
    client = entry.people[0] if entry.people else Person()
    return {
        "id": int(entry.id),
        **_client(client),
        "date": _day(start),
        "time": offset_stamp(start) if mixed else _clock(start, form.hours),
        "endTime": offset_stamp(end) if mixed else _clock(end, form.hours),
        "dateCreated": _day(created),
        "datetimeCreated": offset_stamp(created),
        "datetime": offset_stamp(start),
        "price": kind.price,
        "priceSold": kind.price,
        "paid": "no",
        "amountPaid": "0.00",
        "type": kind.name,
        "appointmentTypeID": kind.id,
        "classID": None if kind.class_size is None else kind.id + int(entry.start.timestamp()) // 60,
        "addonIDs": [],
        "category": kind.category,
        "duration": minutes if mixed else str(minutes),
        "certificate": None,
        "confirmationPage": f"https://book.example.com/schedule.php?owner=1&action=appt&id%5B%5D={entry.id}",
        "location": entry.location,
        "notes": entry.notes,
        "timezone": str(form.zone),
        "calendarTimezone": form.calendar_zone,
        "canClientCancel": False,
        "canClientReschedule": False,
        "labels": None,
        **({"formsText": _forms_text(client)} if form.forms else {}),
    }


def _reference(entry: Entry, kind: AppointmentType, calendar: Calendar, form: Form) -> dict[str, Any]:
    start, end = entry.start.astimezone(form.zone), entry.end.astimezone(form.zone)
    return {
        "id": int(entry.id),
        **_client(entry.people[0] if entry.people else Person()),
        "date": _day(start),
        "endDate": _day(end),
        "time": offset_stamp(start),
        "endTime": offset_stamp(end),
        "type": kind.name,
        "appointmentTypeID": kind.id,
        "calendarTimeZone": form.calendar_zone,
        "price": kind.price,
        "paid": "0.00",
        "notes": entry.notes,
    }


def _client(person: Person) -> dict[str, str]:
    return {
        "firstName": person.first_name,
        "lastName": person.last_name,
        "phone": person.phone,
        "email": person.email,
    }


def _forms_text(person: Person) -> str:
    return f"Name: {person.name}\nPhone: {person.phone}\nEmail: {person.email}\n"


def offset_stamp(local: datetime) -> str:
    """ISO 8601 with an offset without colon: `2026-07-15T10:00:00+0300`."""
    return local.strftime("%Y-%m-%dT%H:%M:%S%z")


def _day(local: datetime) -> str:
    return f"{local:%B} {local.day}, {local.year}"


def _clock(local: datetime, hours: str) -> str:
    if hours == "24h":
        return f"{local:%H:%M}"
    return f"{local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'}"

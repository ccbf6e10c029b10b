"""Acuity's appointments to records, and back to the bodies of its writes. Pure: bytes and values in, values out.

It decides what a row means. An appointment has no title there: the name of its type is the service's. Which rows are
ours, and what is sent when, is the client's and the adapter's.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from typing import Any

from syncd.compare.people import same_person
from syncd.model.appointment import UNLISTED, Appointment, Client, Field, Status
from syncd.model.catalogue import Catalogue
from syncd.model.errors import Malformed, cut
from syncd.model.record import Record
from syncd.vendors.acuity.people import People
from syncd.vendors.acuity.schemas import AppointmentRow, read_row
from syncd.vendors.acuity.slots import read_slot, write_start
from syncd.vendors.bounds import bounded

_SHOWN_BY = {
    "location": Field.LOCATION,
    "notes": Field.NOTES,
    "type_id": Field.SERVICE,
    "calendar_id": Field.STAFF,
    "first_name": Field.CLIENTS,
    "last_name": Field.CLIENTS,
    "email": Field.CLIENTS,
    "phone": Field.CLIENTS,
}
_IN_ONE_LINE = 120


@dataclass(frozen=True, slots=True)
class Codec:
    """The translation for one configured account: `vendor` is its name, by which the catalogue knows its ids."""

    vendor: str
    catalogue: Catalogue
    people: People

    def decode(self, raw: bytes, *, hint: Appointment | None = None, fingerprint: bytes | None = None) -> Record:
        """The record of an appointment's JSON. Raises `Malformed`, naming the key, without client details."""
        row = read_row(raw)
        if row.id is None:
            raise Malformed("its `id` is missing")
        slot, others = read_slot(row, hint)
        status, said, kept = _status(row, hint)
        content = Appointment(
            slot=slot,
            status=status,
            location=row.location,
            notes=row.notes,
            clients=self.people.decode(row, () if hint is None else hint.clients),
            service=self.catalogue.service_name(self.vendor, row.type_id, slot.duration),
            staff=self.catalogue.staff_name(self.vendor, row.calendar_id),
        )
        shown = {field for key, field in _SHOWN_BY.items() if key in row.model_fields_set}
        record = Record(
            vendor=self.vendor,
            remote_id=row.id,
            content=content,
            shows=frozenset({Field.SLOT, *shown, *said}),
            fingerprint=fingerprint,
            other_readings=others,
            kept=kept,
            unlisted=_unlisted(row, content.service),
            raw=raw,
            seat_of=self._class(row, content.service),
        )
        return bounded(record)

    def _class(self, row: AppointmentRow, service: str | None) -> str | None:
        """The service, where the appointment is one booking of a class: by its `classID`, or as it is configured."""
        return service if row.class_id is not None or service in self.catalogue.seated else None

    def creation(
        self,
        target: Appointment,
        *,
        service: str,
        calendar: str,
        zone: str | None,
        addons: tuple[int, ...] = (),
        needed: abc.Set[str] = frozenset(),
    ) -> dict[str, Any]:
        """The body of `POST /appointments`; `service`, `calendar` and `addons` are Acuity's ids, `zone` the calendar's.

        `addonIDs` stands on the vendor's page, and makes the appointment as much longer. `needed` are the client's
        parts that the account insists on.
        """
        who = self.people.encode(target.clients[0] if target.clients else None, needed)
        body: dict[str, Any] = {
            "datetime": write_start(target.slot.start, zone),
            "appointmentTypeID": int(service),
            "calendarID": int(calendar),
            **{word: value for word, value in who.items() if value},
            **({"addonIDs": list(addons)} if addons else {}),
        }
        return {**body, "notes": target.notes.strip()} if target.notes.strip() else body

    def changes(
        self,
        shown: Appointment,
        target: Appointment,
        fields: frozenset[Field],
        needed: abc.Set[str] = frozenset(),
    ) -> dict[str, Any]:
        """The body of `PUT /appointments/{id}`: what of `fields` (clients, notes) the record does not show already."""
        body: dict[str, Any] = {}
        if Field.CLIENTS in fields:
            before = shown.clients[0] if shown.clients else None
            body |= self.people.changes(before, same_person_first(target.clients, before), needed)
        if Field.NOTES in fields and shown.notes != target.notes.strip():
            body["notes"] = target.notes.strip()
        return body


def _unlisted(row: AppointmentRow, service: str | None) -> str | None:
    """The appointment type as Acuity calls it, where no catalogue row has it."""
    if service is None or not service.startswith(UNLISTED):
        return None
    return (
        f"appointment type {row.type_id} '{cut(row.type_name, _IN_ONE_LINE)}'"
        if row.type_name
        else f"appointment type {row.type_id}"
    )


def same_person_first(clients: abc.Sequence[Client], shown: Client | None) -> Client | None:
    """Which of several clients the one place at Acuity is for: the person who is there already, else the first."""
    known = [client for client in clients if shown is not None and same_person(client, shown)]
    return next(iter([*known, *clients]), None)


def _status(row: AppointmentRow, hint: Appointment | None) -> tuple[Status, frozenset[Field], dict[str, str]]:
    """The status, whether the row says it at all, and words that are unknown.

    The reference shows `canceled` on canceled ones alone, so a row without it is scheduled; but where it was canceled
    before, such a row proves nothing, as nothing at Acuity revives an appointment.
    """
    kept = {key: flag for key, flag in (("canceled", row.canceled), ("noShow", row.no_show)) if isinstance(flag, str)}
    kept |= {"status": row.status} if row.status else {}
    said = frozenset({Field.STATUS})
    if row.no_show is True and (row.canceled is True or "canceled" not in row.model_fields_set):
        return Status.NO_SHOW, said, kept
    if row.canceled is True:
        return Status.CANCELLED, said, kept
    ended = hint is not None and hint.status in (Status.CANCELLED, Status.NO_SHOW)
    if ended and "canceled" not in row.model_fields_set:
        return Status.CANCELLED, frozenset(), kept
    return Status.SCHEDULED, said, kept

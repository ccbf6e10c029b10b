"""Amelia's appointments to records, and back to the bodies of its writes. Pure: bytes and values in, values out.

It decides what a row means. Who a customer is that a row does not describe, and what is sent when, is the adapter's.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from syncd.model.appointment import UNLISTED, Appointment, Client, Field, Status
from syncd.model.catalogue import Catalogue
from syncd.model.errors import Malformed
from syncd.model.record import Record
from syncd.model.wallclock import WallClock
from syncd.vendors.amelia import notes
from syncd.vendors.amelia.bookings import WORDS, apart, booked, rewritten, standing
from syncd.vendors.amelia.capabilities import Place
from syncd.vendors.amelia.people import People
from syncd.vendors.amelia.schemas import AppointmentRow, read_row
from syncd.vendors.amelia.slots import read_slot, write_start
from syncd.vendors.bounds import bounded

_STATUSES = {**{word: status for status, word in WORDS.items()}, "rejected": Status.CANCELLED}
_SHOWN_BY = {
    "status": Field.STATUS,
    "notes": Field.NOTES,
    "service_id": Field.SERVICE,
    "provider_id": Field.STAFF,
}


@dataclass(frozen=True, slots=True)
class Codec:
    """The translation for one configured site: `vendor` is its name, by which the catalogue knows its ids."""

    vendor: str
    wall: WallClock
    catalogue: Catalogue
    people: People
    notify: bool

    def decode(
        self,
        row: AppointmentRow,
        raw: bytes,
        seen: abc.Mapping[str, Client],
        *,
        hint: Appointment | None = None,
        fingerprint: bytes | None = None,
        settled: bool = False,
        guests: abc.Collection[str] = (),
    ) -> Record:
        """The record of an appointment, read by `read_row` from `raw`. Raises `Malformed` without client details.

        `seen` are customers by id; `settled` says that no further read would tell more of them. `guests` are the ids of
        bookings that are another appointment's: it is read without them.
        """
        if row.id is None:
            raise Malformed("its `id` is missing")
        own, theirs = apart(row, guests)
        record = self._record(own, row.id, seen, hint, settled=settled)
        if theirs is not None:
            alone = None if hint is None else hint.with_values({Field.CLIENTS: ()})
            others = self._record(theirs, row.id, seen, alone, settled=settled)
            record = replace(record, whole=record.whole and others.whole, of_guests=others)
        return replace(record, fingerprint=fingerprint, raw=raw)

    def _record(
        self,
        row: AppointmentRow,
        remote_id: str,
        seen: abc.Mapping[str, Client],
        hint: Appointment | None,
        *,
        settled: bool,
    ) -> Record:
        slot, others = read_slot(row, self.wall, hint, self._usual(row))
        clients = self.people.clients(row, seen, hint, settled=settled)
        text, token = notes.split(row.notes)
        shown = {field for key, field in _SHOWN_BY.items() if key in row.model_fields_set}
        status = _STATUSES.get(row.status)
        shown -= set() if status else {Field.STATUS}  # a word that nobody knows cancels and revives nothing
        shown |= set() if clients is None else {Field.CLIENTS}
        content = Appointment(
            slot=slot,
            status=status or (hint.status if hint else Status.SCHEDULED),
            notes=text,
            clients=clients or (),
            service=self.catalogue.service_name(self.vendor, row.service_id, slot.duration),
            staff=self._staff(row),
        )
        record = Record(
            vendor=self.vendor,
            remote_id=remote_id,
            content=content,
            shows=frozenset({Field.SLOT, *shown}),
            whole=settled or clients is not None,
            other_readings=others,
            token=token,
            parts=standing(row),
            kept={} if not row.status or status else {"status": row.status},
            wall=self.wall.told(slot.start),
        )
        return bounded(record)

    def creation(
        self, target: Appointment, token: str, *, place: Place, customers: abc.Sequence[int]
    ) -> dict[str, Any]:
        """The body of `POST /appointments`: one booking for each of the customers, who are ids."""
        seconds, word = _seconds(target.slot.duration), WORDS[target.status]
        return {
            "bookings": [booked(customer, seconds, word) for customer in customers],
            **write_start(target.slot.start),
            "serviceId": place.service,
            **place.staff,
            "notifyParticipants": int(self.notify),
            "internalNotes": notes.join(target.notes, token),
            "recurring": [],
        }

    def changes(
        self,
        record: Record,
        target: Appointment,
        fields: frozenset[Field],
        seen: abc.Mapping[str, Client] | None = None,
        new: abc.Collection[int] = (),
    ) -> dict[str, Any]:
        """The body of `POST /appointments/{id}`: what of `fields` (slot, notes, status) the record does not show yet.

        Of clients it takes those out whom the record shows and the target has not, `seen` are customers by id; or it
        gives the customers `new` a booking. Empty where it shows all of it. Bookings are left out, or all sent
        complete, with the new duration and each with the status that it shall have. Raises `Malformed` where the
        record's bookings are needed and do not tell enough.
        """
        body: dict[str, Any] = {}
        duration, status = None, None
        if Field.SLOT in fields and not record.content.slot.covers(target.slot):
            body |= write_start(target.slot.start)
            duration = None if record.content.slot.duration == target.slot.duration else target.slot.duration
        if Field.STATUS in fields and not _has_status(record, target.status):
            status = target.status
        gone = self._gone(record, target, seen or {}) if Field.CLIENTS in fields else ()
        if duration is not None or status is not None or gone or new:
            body["bookings"] = rewritten(record, duration, status, gone, new)
        if Field.NOTES in fields and record.content.notes != target.notes.strip():
            body["internalNotes"] = notes.join(target.notes, record.token)
        return {**body, "notifyParticipants": int(self.notify)} if body else body

    def _gone(self, record: Record, target: Appointment, seen: abc.Mapping[str, Client]) -> tuple[str, ...]:
        """The customers whom a record shows and its target has not; none, where the target has others as well."""
        shown = record.content.clients
        if not target.clients or any(one not in shown for one in target.clients):
            return ()
        out = [one for one in shown if one not in target.clients]
        return self.people.customers(read_row(record.raw or b""), seen, out)

    def _usual(self, row: AppointmentRow) -> timedelta | None:
        """How long the row's service takes by the catalogue, if that is one duration."""
        rows = [entry for entry in self.catalogue.services if str(entry.ids.get(self.vendor)) == row.service_id]
        durations = {entry.duration for entry in rows}
        return durations.pop() if len(durations) == 1 else None

    def _staff(self, row: AppointmentRow) -> str | None:
        """The staff's name. A catalogue row may give provider and location, or the provider's id alone."""
        if row.provider_id is None:
            return None
        remote = {"provider": row.provider_id} | ({"location": row.location_id} if row.location_id else {})
        name = self.catalogue.staff_name(self.vendor, remote)
        if name is not None and not name.startswith(UNLISTED):
            return name
        alone = self.catalogue.staff_name(self.vendor, row.provider_id)
        if alone is not None and not alone.startswith(UNLISTED):
            return alone
        return (not row.location_id and self._provider(row.provider_id)) or name

    def _provider(self, number: str) -> str | None:
        """The name of the staff with this provider's number wherever they work, if that is one name.

        09:00 Jordan's row of the catalogue is provider 1 at location 1, and the record shows both
        09:05 it shows the provider, and no location: it is Jordan's still
        """
        own = [row for row in self.catalogue.staff if isinstance(row.ids.get(self.vendor), abc.Mapping)]
        names = {row.name for row in own if str(row.ids[self.vendor].get("provider")) == number}
        return names.pop() if len(names) == 1 else None


def _has_status(record: Record, status: Status) -> bool:
    return Field.STATUS in record.shows and record.content.status is status


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())

"""Acuity's appointments to records, and back to the bodies of its writes. Pure: bytes and values in, values out.

It decides what a row means. An appointment has no title there: the name of its type is the service's. Which rows are
ours, and what is sent when, is the client's and the adapter's.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from pydantic import ValidationError

from syncd.model.appointment import UNLISTED, Appointment, Client, Field, Status
from syncd.model.catalogue import Catalogue
from syncd.model.errors import InvalidSlot, InvalidTime, Malformed, cut
from syncd.model.record import Record
from syncd.model.times import Slot
from syncd.model.wallclock import WallClock
from syncd.vendors.acuity.people import People
from syncd.vendors.acuity.schemas import APPOINTMENT, AppointmentRow
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
_DATE_LENGTH = len("2026-07-15")
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
        slot, others = _slot(row, hint)
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
        )
        return bounded(record)

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
            "datetime": written_time(target.slot.start, zone),
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


def read_row(raw: bytes) -> AppointmentRow:
    """An appointment's JSON in Acuity's words. Raises `Malformed`."""
    try:
        return APPOINTMENT.validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "row"
        raise Malformed(f"its `{key}` cannot be read: {first['msg']}") from None


def same_person_first(clients: abc.Sequence[Client], shown: Client | None) -> Client | None:
    """Which of several clients the one place at Acuity is for: the person who is there already, else the first."""
    known = [client for client in clients if shown is not None and client.same_person(shown)]
    return next(iter([*known, *clients]), None)


def written_time(instant: datetime, zone: str | None) -> str:
    """`2026-07-15T10:00:00+0300`: a time that is unambiguous in both readings of Acuity's documents, in whole minutes.

    On the clock of `zone`; in UTC where that is unknown.
    """
    instant = instant.astimezone(UTC).replace(second=0, microsecond=0)
    try:
        local = WallClock(zone or "UTC").local(instant)
    except InvalidTime:
        local = instant.replace(tzinfo=None)
    offset = timezone(local - instant.replace(tzinfo=None))
    return local.replace(tzinfo=offset).strftime("%Y-%m-%dT%H:%M:%S%z")


def _slot(row: AppointmentRow, hint: Appointment | None) -> tuple[Slot, tuple[Slot, ...]]:
    try:
        readings = [Slot(start=start, end=_end(row, start)) for start in _starts(row)]
    except InvalidTime as error:
        raise Malformed(str(error)) from None
    except InvalidSlot as error:
        raise Malformed(f"{error.why} (`datetime`, `duration`, `endTime`)") from None
    except OverflowError:
        raise Malformed("it ends beyond the calendar (`duration`, `endTime`)") from None
    known = [slot for slot in readings if hint is not None and slot.start == hint.slot.start]
    chosen = (known or readings)[0]
    return chosen, tuple(slot for slot in readings if slot != chosen)


def _starts(row: AppointmentRow) -> tuple[datetime, ...]:
    for key, text in (("datetime", row.start), ("time", row.time)):
        try:
            if found := _instants(text, row.zone):
                return found
        except OverflowError:
            raise Malformed(f"its `{key}` lies beyond the calendar") from None
    raise Malformed("it shows no start: neither `datetime` nor `time` is an ISO time")


def _end(row: AppointmentRow, start: datetime) -> datetime:
    if row.duration:
        try:
            return start + timedelta(minutes=float(row.duration))
        except ValueError:
            raise Malformed("its `duration` is no number of minutes") from None
    ends = [end for end in _instants(row.end_time, row.zone) if end > start]
    if not ends:
        raise Malformed("it shows no end: `duration` is missing, and `endTime` is no ISO time after the start")
    return ends[0]


def _instants(text: str, zone: str) -> tuple[datetime, ...]:
    """The instants that a text may mean: one with an offset, one or two on the calendar's clock, none for display text.

    Raises `InvalidTime` for a time that the calendar's clock skips, and `OverflowError` for one beyond the years.
    """
    if text[_DATE_LENGTH : _DATE_LENGTH + 1] not in ("T", " "):
        return ()
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return (moment.astimezone(UTC),)
    except ValueError:
        return ()
    return WallClock(zone).readings(moment) if zone else ()


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

"""ActuallyCare's rows to canonical records, and canonical values to its request bodies. No I/O, no decisions.

Times are instants with an offset, so nothing here is ambiguous. A status that is not known is kept as the vendor's
word and shown as none: guessing would cancel or revive appointments elsewhere.
"""

from __future__ import annotations

from collections import abc
from typing import Any

from syncd.compare.people import same_person
from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.catalogue import Catalogue, Missing
from syncd.model.errors import Malformed
from syncd.model.record import Record
from syncd.model.revision import Revision
from syncd.vendors.actuallycare.people import Untold
from syncd.vendors.actuallycare.schemas import AppointmentRow, Attendee, read_row
from syncd.vendors.actuallycare.slots import modified, read_slot, write_slot
from syncd.vendors.bounds import bounded, usable_id
from syncd.vendors.ours import Ours

Who = abc.Callable[[str], Client | Untold]
"""Who the client of an id is."""

TYPES = ("showing", "inspection", "signing", "meeting", "call", "other")
"""The appointment types of the reference; more may come without notice."""

STATUSES = {
    Status.SCHEDULED: "scheduled",
    Status.COMPLETED: "completed",
    Status.CANCELLED: "cancelled",
    Status.NO_SHOW: "no_show",
}
_STATUS_OF = {word: status for status, word in STATUSES.items()} | {"canceled": Status.CANCELLED}
_KEY_OF = {
    Field.TITLE: "title",
    Field.LOCATION: "location",
    Field.NOTES: "notes",
    Field.SERVICE: "appointment_type",
}


class Codec:
    """The translation for one configured vendor: its name and the operator's catalogue.

    `who` says who a client is, `ours` whose addresses are never a client's. With `stand_in`, a client who cannot be
    told for good is none.
    """

    def __init__(
        self, vendor: str, catalogue: Catalogue, who: Who, ours: Ours | None = None, *, stand_in: bool = False
    ) -> None:
        self._vendor = vendor
        self._catalogue = catalogue
        self._who = who
        self._ours = ours or Ours()
        self._stand_in = stand_in

    def decode(
        self, raw: bytes, *, listed: bool = False, hint: Appointment | None = None, fingerprint: bytes | None = None
    ) -> Record:
        """The record of one row. A `listed` row is whole only if it shows a version and attendees.

        It keeps its fingerprint only if its client is told: otherwise it is to be looked at anew. Raises `Malformed`
        with the key, and what is wrong with it.
        """
        row = read_row(raw)
        slot = read_slot(row)
        status = _STATUS_OF.get(row.status.strip().casefold().replace("-", "_"))
        clients = self._clients(row, hint)
        untold = clients if isinstance(clients, Untold) else None
        content = Appointment(
            slot=slot,
            status=status or (hint.status if hint else Status.SCHEDULED),
            title=row.title.strip(),
            location=row.location.strip(),
            notes=row.notes.strip(),
            clients=() if clients is None or isinstance(clients, Untold) else clients,
            service=self._catalogue.service_name(self._vendor, row.appointment_type.strip(), slot.duration),
        )
        shown = {Field.CLIENTS} if clients is not None and untold is None else set()
        record = Record(
            vendor=self._vendor,
            remote_id=row.id,
            content=content,
            shows=_shows(row, status) | shown,
            whole=untold != Untold() and (not listed or (row.version is not None and row.attendees is not None)),
            revision=row.version,
            modified_at=modified(row.updated_at),
            fingerprint=fingerprint if untold is None else None,
            kept={"status": row.status} if status is None and row.status.strip() else {},
            untold=None if untold is None else untold.reason,
        )
        return bounded(record)

    def _clients(self, row: AppointmentRow, hint: Appointment | None) -> tuple[Client, ...] | Untold | None:
        """The client whom a row names, then who else attends and is not ours. None: the row says nothing of people.

        Where it shows no attendees, those beside its client are as they are known.
        """
        named: tuple[Client, ...] = ()
        if row.client_id.strip():
            if not usable_id(row.client_id.strip()):
                raise Malformed("client_id is no id")
            found = self._who(row.client_id.strip())
            if isinstance(found, Client):
                named = () if found.empty else (found,)
            elif found.reason is None or not self._stand_in:
                return found
        elif row.attendees is None and not row.shown("client_id"):
            return None
        if row.attendees is None:
            others = hint.clients[1:] if named and hint else ()
        else:
            others = self._ours.without(map(_client, row.attendees))
        beside = (one for one in others if not one.empty and not any(same_person(one, client) for client in named))
        return (*named, *beside)

    def creation(self, target: Appointment) -> dict[str, Any]:
        """The body that makes a record. The vendor takes nothing else on create, and needs a title."""
        body = {"title": target.display_title, **write_slot(target.slot)}
        kind = self._catalogue.service_at(self._vendor, target)
        if not isinstance(kind, Missing):
            body["appointment_type"] = str(kind)
        if target.location.strip():
            body["location"] = target.location.strip()
        return body

    def changes(self, target: Appointment, fields: frozenset[Field], version: Revision | None) -> dict[str, Any]:
        """The body that brings slot and status to the target's, guarded by the version where it is known."""
        body: dict[str, Any] = {}
        if Field.SLOT in fields:
            body |= write_slot(target.slot)
        if Field.STATUS in fields:
            body["status"] = STATUSES[target.status]
        if version is not None:
            body["version"] = version
        return body


def _client(attendee: Attendee) -> Client:
    first, _, last = " ".join(attendee.name.split()).partition(" ")
    return Client(first_name=first, last_name=last, email=attendee.email.strip(), phone=attendee.phone.strip())


def _shows(row: AppointmentRow, status: Status | None) -> frozenset[Field]:
    shows = {Field.SLOT, *(field for field, key in _KEY_OF.items() if row.shown(key))}
    if status is not None:
        shows.add(Field.STATUS)
    return frozenset(shows)

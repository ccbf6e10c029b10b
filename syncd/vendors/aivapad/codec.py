"""Aivapad's rows to canonical records, and canonical values to its request bodies. No I/O, no decisions.

A status word that nobody knows is kept for the report, cancels and revives nothing, and is never written over unless
another status is asked for.
"""

from __future__ import annotations

import re
from typing import Any

from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.errors import Malformed
from syncd.model.record import Record
from syncd.model.wallclock import WallClock
from syncd.vendors.aivapad.schemas import AppointmentRow, read_row, row_id
from syncd.vendors.aivapad.settings import Words
from syncd.vendors.aivapad.slots import modified, read_slot, write_slot
from syncd.vendors.bounds import bounded
from syncd.vendors.ours import Ours

_KEYS = {
    Field.STATUS: ("status",),
    Field.TITLE: ("title",),
    Field.LOCATION: ("location",),
    Field.NOTES: ("notes",),
    Field.CLIENTS: ("clientFirstName", "clientLastName", "clientEmail"),
}
_WHOLE = ("title", "date", "status", "clientEmail", "location", "updatedAt")
"""The keys by which a whole record is told from the partial one that a write may answer with."""

_MARK = re.compile(r"\s*^\[syncd:([A-Za-z0-9_-]+)\]\s*\Z", re.MULTILINE)


class Codec:
    """The translation for one configured vendor: its name, its clock, its status words.

    A record that is called like one of the `classes`, alone or with a comma and more behind it, is one client's seat of
    that class: Aivapad has no services by which that could be told.
    """

    def __init__(
        self,
        vendor: str,
        wall: WallClock,
        words: Words,
        *,
        marks: bool = False,
        ours: Ours | None = None,
        classes: frozenset[str] = frozenset(),
    ) -> None:
        self._vendor = vendor
        self._wall = wall
        self._words = words
        self._marks = marks
        self._ours = ours or Ours()
        self._classes = classes
        self.leaves_out_empty_notes = False
        """Whether rows of the account were seen to carry notes, so that a whole row without the key has none."""

    def decode(self, raw: bytes, hint: Appointment | None = None, fingerprint: bytes | None = None) -> Record:
        """The record of one row; a list row's (it has a fingerprint) keeps no JSON. Raises `Malformed`, naming the key.

        A key that the answer lacks shows nothing: it is not known whether Aivapad leaves out what is empty. Only notes,
        which other rows were seen to have, are empty where a whole row lacks them.
        """
        row, remote_id = _parse(raw)
        slot, others = read_slot(row, self._wall, hint)
        meaning = self._words.meaning(row.status) if row.shown("status") or hint is None else None
        notes, token = _unmarked(row.notes)
        content = Appointment(
            slot=slot,
            status=meaning or (hint.status if hint else Status.SCHEDULED),
            title=row.title.strip(),
            location=row.location.strip(),
            notes=notes,
            clients=self._ours.without(_clients(row)),
        )
        record = Record(
            vendor=self._vendor,
            remote_id=remote_id,
            content=content,
            shows=self._shows(row) - (set() if meaning else {Field.STATUS}),
            modified_at=modified(row.updatedAt),
            fingerprint=fingerprint,
            other_readings=others,
            token=token,
            kept={} if meaning or not row.shown("status") else {"status": row.status.strip()},
            raw=None if fingerprint else raw,
            wall=self._wall.told(slot.start),
            seat_of=self._class(content.title),
        )
        return bounded(record)

    def may_be_seat(self, raw: bytes) -> bool:
        """Whether a row may be one of a class, as far as a glance tells."""
        return any(name.encode() in raw for name in self._classes) or (bool(self._classes) and b"\\u" in raw)

    def _class(self, title: str) -> str | None:
        called = title.partition(",")[0].strip().casefold()
        return next((name for name in sorted(self._classes) if title and called == name.casefold()), None)

    def _shows(self, row: AppointmentRow) -> frozenset[Field]:
        shown = {Field.SLOT, *(field for field, keys in _KEYS.items() if row.shown(*keys))}
        if self.leaves_out_empty_notes and row.shown(*_WHOLE):
            shown.add(Field.NOTES)
        return frozenset(shown)

    def answered(self, raw: bytes, hint: Appointment) -> Record | None:
        """The record in a write's answer, or None where that shows only a part of it."""
        try:
            row, _ = _parse(raw)
            return self.decode(raw, hint) if row.shown(*_WHOLE) else None
        except Malformed:
            return None

    def confirmed(self, raw: bytes, target: Appointment) -> Record | None:
        """What the answer to a change shows of it: the whole record, or the status alone."""
        whole = self.answered(raw, target)
        if whole is not None:
            return whole
        try:
            row, remote_id = _parse(raw)
        except Malformed:
            return None
        status = self._words.meaning(row.status) if row.shown("status") else None
        if status is None:
            return None
        content = target.with_values({Field.STATUS: status})
        return Record(vendor=self._vendor, remote_id=remote_id, content=content, shows=frozenset({Field.STATUS}))

    def creation(self, target: Appointment, token: str) -> dict[str, Any]:
        """The body that makes a record. Its status is the vendor's default."""
        body = self.changes(target, frozenset(_KEYS) - {Field.STATUS} | {Field.SLOT}, token if self._marks else None)
        return {key: value for key, value in body.items() if value != ""}

    def changes(self, target: Appointment, fields: frozenset[Field], token: str | None = None) -> dict[str, Any]:
        """The body that brings `fields` to the target's values; `token` stays in the notes that are written."""
        body: dict[str, Any] = {}
        if Field.TITLE in fields:
            body["title"] = target.display_title  # an empty one is refused
        if Field.SLOT in fields:
            body |= write_slot(target.slot, self._wall)
        if Field.CLIENTS in fields:
            body |= _client_body(target)
        if Field.LOCATION in fields:
            body["location"] = target.location
        if Field.NOTES in fields:
            body["notes"] = _marked(target.notes, token)
        if Field.STATUS in fields and (word := self._words.word(target.status)) is not None:
            body["status"] = word
        return body


def notifies(raw: bytes | None) -> bool:
    """Whether the vendor may mail the client when this record is deleted: it does not say that it will not."""
    try:
        return raw is None or read_row(raw).notificationEnabled is not False
    except Malformed:
        return True


def _parse(raw: bytes) -> tuple[AppointmentRow, str]:
    remote_id = row_id(raw)
    if remote_id is None:
        raise Malformed("it has no id that can be read")
    return read_row(raw), remote_id


def _clients(row: AppointmentRow) -> tuple[Client, ...]:
    client = Client(
        first_name=row.clientFirstName.strip(), last_name=row.clientLastName.strip(), email=row.clientEmail.strip()
    )
    return () if client.empty else (client,)


def _client_body(target: Appointment) -> dict[str, str]:
    client = target.clients[0] if target.clients else Client()
    return {
        "clientFirstName": client.first_name,
        "clientLastName": client.last_name,
        "clientEmail": client.email,
    }


def _unmarked(notes: str) -> tuple[str, str | None]:
    match = _MARK.search(notes)
    return (notes[: match.start()].strip(), match[1]) if match else (notes.strip(), None)


def _marked(notes: str, token: str | None) -> str:
    return notes if token is None else f"{notes}\n\n[syncd:{token}]".strip()

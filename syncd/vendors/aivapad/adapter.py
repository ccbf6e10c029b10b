"""Aivapad as the engine sees it: the port of `vendors.port` over this vendor's client and codec.

It declares what the vendor can do, keeps it from mailing clients, and decides how a record is cancelled.
"""

from __future__ import annotations

from collections import Counter, abc
from typing import Any

from syncd.model.appointment import Appointment, Field, Status
from syncd.model.capabilities import Ability, Capabilities
from syncd.model.catalogue import Catalogue
from syncd.model.errors import Malformed, Refused, Unreachable, cut
from syncd.model.record import Absent, Record
from syncd.model.times import Window
from syncd.model.wallclock import WallClock
from syncd.vendors.aivapad.client import ApiClient, transport_of
from syncd.vendors.aivapad.codec import Codec, notifies
from syncd.vendors.aivapad.listing import listing
from syncd.vendors.aivapad.schemas import row_id
from syncd.vendors.aivapad.settings import NAME, REPEATED, Settings
from syncd.vendors.aivapad.slots import holds
from syncd.vendors.ours import ours_of
from syncd.vendors.port import Page, Row, Traffic, Uncertain, Unremarkable, WriteResult, Written
from syncd.vendors.transport import Surroundings

_ANYTHING = Ability(seen=True, created=True, updated=True)
_FIELDS = {
    Field.SLOT: _ANYTHING,
    Field.STATUS: Ability(seen=True, updated=True),
    Field.TITLE: _ANYTHING,
    Field.LOCATION: _ANYTHING,
    Field.NOTES: _ANYTHING,
    Field.CLIENTS: _ANYTHING,
}
_NOTES = b'"notes"'
_SILENT = {"notificationEnabled": False}


class Adapter(Unremarkable):
    """A configured Aivapad account. Implements `port.Vendor`; `api` are all its calls, the port's business or not.

    It has no services and no staff, so the catalogue changes nothing.
    """

    kind = NAME

    def __init__(self, name: str, settings: Settings, catalogue: Catalogue, surroundings: Surroundings) -> None:
        transport = transport_of(name, settings, surroundings)
        self.name = name
        self.traffic: Traffic = transport
        self.api = ApiClient(name, transport)
        self._wall = WallClock(settings.timezone, repeated=REPEATED)
        self._words = settings.words()
        ours = ours_of(settings.own_addresses)
        self._codec = Codec(name, self._wall, self._words, marks=settings.token_in_notes, ours=ours)
        self._catalogue = catalogue
        self._notify = surroundings.notify_clients
        self._cancels_softly = settings.cancelled_status is not None
        self.capabilities = Capabilities(
            fields=_FIELDS,
            together=(frozenset(_FIELDS),),
            statuses=self._words.writable,
            modification_times=True,
            uncancels=self._cancels_softly,
            soft_cancel=self._cancels_softly,
            availability_check=True,
            sets_all_day=True,
            whole_minutes=True,
            wall_clock=True,
            client_parts=frozenset({"first_name", "last_name", "email"}),
            places=1,
            objection=self._objection,
            holds=self._holds,
        )

    async def pages(self, window: Window) -> abc.AsyncIterator[Page]:
        """Every record there is, as one page: no filter and no paging is documented."""
        page = await listing(self.api, self.name)
        self._codec.leaves_out_empty_notes |= any(_NOTES in row.raw for row in page.rows)
        yield page

    def decode(self, row: Row, hint: Appointment | None = None, guests: abc.Collection[str] = ()) -> Record:
        """The record of a list row. List rows are whole."""
        return self._codec.decode(row.raw, hint, row.fingerprint)

    async def get(
        self, remote_id: str, hint: Appointment | None = None, guests: abc.Collection[str] = ()
    ) -> Record | Absent:
        """The record by id."""
        raw = await self.api.get(remote_id)
        return Absent(vendor=self.name, remote_id=remote_id) if raw is None else self._codec.decode(raw, hint)

    async def create(self, target: Appointment, token: str, replaces: str | None = None) -> WriteResult:
        """Make a record. `token` goes into the notes only if the operator wants it there: clients may see them."""
        objection = self._objection(target)
        if objection is not None:
            raise Refused(self.name, f"{self.name}: not created: {objection}")
        body = {**self._codec.creation(target, token), "notificationEnabled": self._notify}
        raw = await self.api.create(body)
        if isinstance(raw, Uncertain):
            return raw
        return Written(remote_id=row_id(raw) or "", record=self._codec.answered(raw, target))

    async def write(self, record: Record, target: Appointment, fields: frozenset[Field]) -> WriteResult:
        """Bring `fields` to the target's values. A status that the record has already is left as it is worded."""
        said = Field.STATUS in record.shows or "status" in record.kept
        if said and target.status is record.content.status:
            fields -= {Field.STATUS}
        body = self._codec.changes(target, fields, record.token)
        if not body:
            return Written(remote_id=record.remote_id, record=record)
        return await self._update(record, body, target)

    async def cancel(self, record: Record) -> WriteResult:
        """Set the account's word for cancelled; where it has none, delete the record."""
        if self._cancels_softly:
            target = record.content.with_values({Field.STATUS: Status.CANCELLED})
            return await self._update(record, self._codec.changes(target, frozenset({Field.STATUS})), target)
        note = None
        if not self._notify and notifies(record.raw):
            await self._silence(record.remote_id)
            note = f"{self.name}: its notifications were switched off before it was deleted"
        doubt = await self.api.delete(record.remote_id)
        return doubt or Written(remote_id=record.remote_id, note=note)

    async def check(self) -> tuple[str, ...]:
        """Read the listing, and tell of what in it, or in the catalogue, would have no effect."""
        page = await listing(self.api, self.name)
        doubts = Counter(page.unidentified)
        for row in page.rows:
            try:
                kept = self.decode(row).kept
            except Malformed as error:
                doubts[f"a record cannot be read: {error}"] += 1
                continue
            if "status" in kept:
                way = f"say what it means in statuses of [vendors.{self.name}]"
                doubts[f"the status '{cut(kept['status'], 40)}' is read as scheduled; {way}"] += 1
        counted = (
            f"{self.name}: {doubt}{f' ({times} records)' if times > 1 else ''}" for doubt, times in doubts.items()
        )
        return (*counted, *self._idle_rows())

    async def aclose(self) -> None:
        """Close the connections."""
        await self.api.aclose()

    async def _update(self, record: Record, body: dict[str, Any], target: Appointment) -> WriteResult:
        raw = await self.api.update(record.remote_id, body if self._notify else {**body, **_SILENT})
        if isinstance(raw, Uncertain):
            return raw
        return Written(remote_id=record.remote_id, record=self._codec.confirmed(raw, target))

    async def _silence(self, remote_id: str) -> None:
        answer = await self.api.update(remote_id, _SILENT, repeatable=True)
        if isinstance(answer, Uncertain):
            reason = "its notifications could not surely be switched off, so it was not deleted"
            raise Unreachable(self.name, f"{answer.reason}; {reason}; it is tried again in the next cycle")

    def _idle_rows(self) -> tuple[str, ...]:
        rows = (("services", self._catalogue.services), ("staff", self._catalogue.staff))
        return tuple(
            f"{self.name}: ids.{self.name} of '{row.name}' in [[{table}]] has no effect: Aivapad has no {table}"
            for table, entries in rows
            for row in entries
            if self.name in row.ids
        )

    def _objection(self, appointment: Appointment) -> str | None:
        if holds(appointment.slot, self._wall):
            return None
        why = "this takes longer, or has a time that its clock does not show"
        return f"{self.name} has no date for an end, so it holds what takes less than 24 hours, or one whole day; {why}"

    def _holds(self, field: Field, appointment: Appointment) -> bool:
        match field:
            case Field.SLOT:
                return holds(appointment.slot, self._wall)
            case Field.TITLE:
                return bool(appointment.title.strip())
            case Field.CLIENTS:
                first = appointment.clients[:1]
                return any(client.name or client.email.strip() for client in first)
            case Field.SERVICE | Field.STAFF:
                return False
            case _:
                return True

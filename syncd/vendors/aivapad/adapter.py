"""Aivapad as the engine sees it: the port of `vendors.port` over this vendor's client and codec.

It keeps the vendor from mailing clients, and decides how a record is cancelled.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from typing import Any

from syncd.model.appointment import Appointment, Field, Status
from syncd.model.catalogue import Catalogue
from syncd.model.errors import Refused, Unreachable
from syncd.model.record import Absent, Record
from syncd.model.times import Window
from syncd.model.wallclock import WallClock
from syncd.vendors.aivapad.capabilities import capabilities_of
from syncd.vendors.aivapad.check import doubts
from syncd.vendors.aivapad.client import ApiClient, transport_of
from syncd.vendors.aivapad.codec import Codec, notifies
from syncd.vendors.aivapad.listing import Listing
from syncd.vendors.aivapad.schemas import row_id
from syncd.vendors.aivapad.settings import NAME, REPEATED, Settings
from syncd.vendors.ours import ours_of
from syncd.vendors.port import Page, Row, Traffic, Uncertain, Unremarkable, WriteResult, Written
from syncd.vendors.transport import Surroundings

_NOTES = b'"notes"'
_SILENT = {"notificationEnabled": False}


class Adapter(Unremarkable):
    """A configured Aivapad account. Implements `port.Vendor`; `api` are all its calls, the port's business or not.

    It has no services and no staff: of the catalogue only the classes that it keeps seat by seat count, by their names.
    """

    kind = NAME

    def __init__(self, name: str, settings: Settings, catalogue: Catalogue, surroundings: Surroundings) -> None:
        transport = transport_of(name, settings, surroundings)
        self.name = name
        self.sign = settings.sign
        self.traffic: Traffic = transport
        self.api = ApiClient(name, transport)
        wall = WallClock(settings.timezone, repeated=REPEATED)
        words, ours = settings.words(), ours_of(settings.own_addresses)
        marks = settings.token_in_notes
        self._codec = Codec(name, wall, words, marks=marks, ours=ours, classes=catalogue.seated)
        self._listing = Listing(name, self.api)
        self._catalogue = catalogue
        self._notify = surroundings.notify_clients
        self.capabilities = capabilities_of(name, words, wall, tells_clients=self._notify)

    async def pages(self, window: Window) -> abc.AsyncIterator[Page]:
        """Every record there is, as one page: no filter and no paging is documented."""
        page = await self._listing.page()
        self._codec.leaves_out_empty_notes |= any(_NOTES in row.raw for row in page.rows)
        if self._catalogue.seated:
            rows = (replace(row, seat=self._codec.may_be_seat(row.raw)) for row in page.rows)
            page = replace(page, rows=tuple(rows))
            del rows
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
        objection = self.capabilities.objects(target)
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
        if self.capabilities.soft_cancel:
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
        page = await self._listing.page()
        return doubts(self.name, page, self.decode, self._catalogue)

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

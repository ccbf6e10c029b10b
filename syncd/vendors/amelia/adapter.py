"""Amelia behind the vendor port: in what order its endpoints are called, and what it can hold.

Customers' mails are switched off in each write, and before a status is set, where Amelia goes by the stored flag.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from datetime import timedelta

from syncd.model.appointment import Appointment, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.catalogue import Catalogue, Missing
from syncd.model.errors import Malformed, Misconfigured, Refused, Unreachable, VendorError
from syncd.model.record import Absent, Record
from syncd.model.times import Window
from syncd.model.wallclock import WallClock
from syncd.vendors.amelia.abilities import Abilities
from syncd.vendors.amelia.client import Amelia
from syncd.vendors.amelia.codec import WORDS, Codec
from syncd.vendors.amelia.customers import Customers
from syncd.vendors.amelia.doubts import doubts
from syncd.vendors.amelia.listing import identify
from syncd.vendors.amelia.memory import Memory, remembered
from syncd.vendors.amelia.paging import Paging
from syncd.vendors.amelia.people import People
from syncd.vendors.amelia.replies import final
from syncd.vendors.amelia.schemas import read_row
from syncd.vendors.amelia.settings import RATE, REPEATED, AmeliaSettings
from syncd.vendors.amelia.site import Site
from syncd.vendors.pieces import Pieces
from syncd.vendors.port import (
    Notice,
    Page,
    Row,
    Traffic,
    Uncertain,
    Unremarkable,
    WriteResult,
    Written,
)
from syncd.vendors.transport import Surroundings, Transport

_CONNECTIONS = 4
"""At once: a WordPress site has few PHP workers, and visitors who need them."""
_UPDATED = frozenset({Field.SLOT, Field.NOTES})
_SILENCED = "switched off Amelia's mails about this appointment first"


class AmeliaVendor(Unremarkable):
    """A configured Amelia site."""

    kind = "amelia"

    def __init__(self, name: str, settings: AmeliaSettings, catalogue: Catalogue, surroundings: Surroundings) -> None:
        key = settings.api_key.get_secret_value()
        self.name = name
        self._clock = surroundings.clock
        self._notify = surroundings.notify_clients
        self._placeholder = settings.customer_id
        self._wall = WallClock(settings.timezone, repeated=REPEATED)
        self._catalogue = catalogue
        self._transport = Transport(
            vendor=name,
            base_url=settings.endpoint,
            always=settings.further,
            headers={"Amelia": key},
            timeout=settings.timeout,
            rate=settings.rate or RATE,
            ca_file=settings.ca_file,
            max_connections=_CONNECTIONS,
            surroundings=surroundings,
            secrets=(key,),
            final=final,
        )
        placeholder = None if settings.customer_id is None else str(settings.customer_id)
        self._codec = Codec(name, self._wall, catalogue, People(placeholder), self._notify)
        self._client = Amelia(name, self._transport)
        self._paging = Paging(self._client, surroundings.clock)
        self._pieces = Pieces(name, surroundings.clock)
        self._site = Site(name, self._client, self._wall, catalogue, surroundings.clock)
        self._horizon = surroundings.past, surroundings.future
        self._customers = Customers(name, self._client)
        self._abilities = Abilities(name, catalogue, has_placeholder=placeholder is not None)
        self.capabilities: Capabilities = self._abilities.capabilities()

    @property
    def traffic(self) -> Traffic:
        """The counts of its transport."""
        return self._transport

    async def pages(self, window: Window) -> abc.AsyncIterator[Page]:
        """Every appointment of the window's local days, once the site's clock is known not to differ from ours."""
        self._customers.ask_again()
        first = self._wall.local(window.since).date()
        last = self._wall.local(window.until - timedelta(microseconds=1)).date()
        believed = False
        async for page in self._pieces.pages(first, last, self._paging.pages):
            if not believed:
                await self._site.believe(window)
                believed = True
            yield page

    def decode(self, row: Row, hint: Appointment | None = None) -> Record:
        """The record of a list row; not whole where it has a customer who was never met. Raises `Malformed`."""
        found = read_row(row.raw)
        self._customers.meet(found)
        return self._codec.decode(found, row.raw, self._customers.seen, hint=hint, fingerprint=row.fingerprint)

    async def get(self, remote_id: str, hint: Appointment | None = None) -> Record | Absent:
        """The record by id. Amelia shows customers' ids alone there: those who were never met are looked up."""
        return await self._read(remote_id, hint, urgent=False)

    async def create(self, target: Appointment, token: str) -> WriteResult:
        """Make an appointment, with customers for its clients. A group service may put it into one that exists."""
        place = self._abilities.place(target)
        objection = self._abilities.objection(target)
        if objection is not None or isinstance(place, Missing):
            raise Refused(self.name, f"{self.name}: creating an appointment: {objection}")
        found = await self._customers.find_or_make([client for client in target.clients if not client.empty])
        ids = found.ids or ([self._placeholder] if self._placeholder is not None else [])
        body = self._codec.creation(target, token, place=place, customers=ids)
        try:
            raw = await self._client.add(body)
        except Refused as refusal:
            # No endpoint at hand says beforehand whether a time is free, and a customer must exist before.
            left = f"; {found.made} customer(s) were made for it and stay in Amelia's list" if found.made else ""
            raise Refused(self.name, f"{refusal}{left}") from None
        if isinstance(raw, Uncertain):
            return raw
        remote_id = identify(raw)
        if remote_id is None:
            return Uncertain(reason=f"{self.name}: creating an appointment: the answer shows no id")
        remarks = [f"created {found.made} customer(s) for it"] if found.made else []
        if found.renamed:
            remarks.append("the customer with this e-mail address has another name there, and Amelia shows that one")
        record, others = self._answered(raw, target, ids)
        if others:
            remarks.append(f"Amelia put it into its appointment {remote_id}, which has {others} other booking(s)")
        return Written(remote_id=remote_id, record=record, note="; ".join(remarks) or None)

    async def write(self, record: Record, target: Appointment, fields: frozenset[Field]) -> WriteResult:
        """Set the status, or the slot and the notes. Several bookings keep everything but their duration."""
        if Field.STATUS in fields:
            return await self._set_status(record, target.status)
        try:
            body = self._codec.changes(record, target, fields)
        except Malformed as error:
            raise Refused(self.name, f"{self.name}: changing appointment {record.remote_id}: {error}") from None
        if not body:
            return Written(remote_id=record.remote_id)
        try:
            outcome = await self._client.update(record.remote_id, body)
        except Refused as refusal:
            if "bookingStart" not in body:
                raise
            return await self._refused_yet_moved(record, target, refusal)
        if isinstance(outcome, Uncertain):
            return outcome
        return Written(remote_id=record.remote_id, record=self._confirmed(outcome, target, _UPDATED))

    async def cancel(self, record: Record) -> WriteResult:
        """Cancel an appointment with all its bookings; it stays visible, and can be revived."""
        return await self._set_status(record, Status.CANCELLED)

    async def check(self) -> tuple[str, ...]:
        """By reads alone: address, key, and the ids that the configuration has for this site."""
        now = self._clock()
        today = self._wall.local(now).date()
        await self._client.appointments(today, today)
        found = list(await doubts(self.name, self._client, self._catalogue))
        past, future = self._horizon
        try:
            await self._site.believe(Window(since=now - past, until=now + future))
        except Misconfigured as differs:
            found.append(str(differs))
        if self._placeholder is not None and not await self._customers.exists(str(self._placeholder)):
            found.append(f"{self.name}: there is no customer {self._placeholder}: correct customer_id")
        return tuple(found)

    def notices(self) -> tuple[Notice, ...]:
        """Its build and its step of starts, a clock that nobody could compare, a listing in pieces."""
        notice = self._pieces.notice()
        return self._site.notices() + (() if notice is None else (notice,))

    def recall(self, memory: str) -> None:
        """What the site said of itself, and how its listing is best read."""
        kept = remembered(memory)
        self._pieces.recall(kept.pieces)
        self._paging.recall(kept.unpaged)
        self._site.recall(kept.facts)

    def memory(self) -> str:
        """The same, for the next process."""
        return Memory(self._pieces.kept, self._paging.kept, self._site.facts).text()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def _read(self, remote_id: str, hint: Appointment | None, *, urgent: bool) -> Record | Absent:
        raw = await self._client.appointment(remote_id, urgent=urgent)
        if raw is None:
            return Absent(vendor=self.name, remote_id=remote_id)
        row = read_row(raw)
        self._customers.meet(row)
        await self._customers.look_up(row)
        return self._codec.decode(row, raw, self._customers.seen, hint=hint, settled=True)

    def _answered(self, raw: bytes, target: Appointment, ids: list[int]) -> tuple[Record | None, int]:
        """The record that a create answered with, if it is whole, and how many bookings it has that are not ours."""
        try:
            row = read_row(raw)
            record = self._codec.decode(row, raw, self._customers.seen, hint=target)
        except Malformed:
            return None, 0
        ours = {str(one) for one in ids}
        others = sum(booking.customer_id not in ours for booking in row.bookings or ())
        return record if record.whole else None, others

    async def _set_status(self, record: Record, status: Status) -> WriteResult:
        word = WORDS.get(status)
        if word is None:
            raise Refused(self.name, f"{self.name}: Amelia has no status for {status.value}")
        note = await self._silence(record)
        outcome = await self._client.set_status(record.remote_id, word)
        if isinstance(outcome, Uncertain):
            return outcome
        confirmed = self._confirmed(outcome, record.content, frozenset({Field.STATUS}))
        return Written(remote_id=record.remote_id, record=confirmed, note=note)

    def _confirmed(self, raw: bytes, hint: Appointment, fields: frozenset[Field]) -> Record | None:
        """What a change was answered with, of the fields that it was about."""
        try:
            record = self._codec.decode(read_row(raw), raw, self._customers.seen, hint=hint)
        except Malformed:
            return None
        return replace(record, shows=record.shows & fields)

    async def _silence(self, record: Record) -> str | None:
        """Switch the stored flag off, by which Amelia mails about a status. Raises where that did not surely work."""
        if self._notify or not _mails(record.raw, unsure=True):
            return None
        outcome = await self._client.update(record.remote_id, {"notifyParticipants": 0}, idempotent=True)
        what = f"{self.name}: setting the status of appointment {record.remote_id}"
        if isinstance(outcome, Uncertain):
            reason = "whether its mails are switched off is not known, so its status was left; it is tried again"
            raise Unreachable(self.name, f"{what}: {reason}")
        if _mails(outcome, unsure=False):
            reason = "its mails cannot be switched off; set it by hand, or allow notify_clients"
            raise Refused(self.name, f"{what}: {reason}")
        return _SILENCED

    async def _refused_yet_moved(self, record: Record, target: Appointment, refusal: Refused) -> WriteResult:
        """Some builds write a new time before they find it taken: the record alone tells whether it stayed."""
        try:
            now = await self._read(record.remote_id, target, urgent=True)
        except (VendorError, Malformed):
            return Uncertain(reason=f"{refusal}; whether it was moved all the same could not be read")
        if isinstance(now, Record) and now.content.slot.covers(target.slot):
            return Written(remote_id=record.remote_id, record=now, note=f"{refusal}; it was moved all the same")
        raise refusal


def build(name: str, settings: AmeliaSettings, catalogue: Catalogue, surroundings: Surroundings) -> AmeliaVendor:
    """A configured Amelia site."""
    return AmeliaVendor(name, settings, catalogue, surroundings)


def _mails(raw: bytes | None, *, unsure: bool) -> bool:
    """Whether an appointment's JSON shows that its customers are mailed; `unsure` where it does not show it."""
    try:
        row = read_row(raw or b"")
    except Malformed:
        return unsure
    return row.notify if "notify" in row.model_fields_set else unsure

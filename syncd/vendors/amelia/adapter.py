"""Amelia behind the vendor port: in what order its endpoints are called, and what it can hold.

How an appointment that exists is changed without a mail to its customers is `writing`'s.
"""

from __future__ import annotations

from collections import abc
from datetime import timedelta

from syncd.model.appointment import Appointment, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.catalogue import Catalogue, Missing
from syncd.model.errors import Malformed, Misconfigured, Refused, Taken
from syncd.model.record import Absent, Record
from syncd.model.times import Window
from syncd.model.wallclock import WallClock
from syncd.vendors.amelia.bookings import joined_as
from syncd.vendors.amelia.capabilities import Places, capabilities_of
from syncd.vendors.amelia.check import doubts
from syncd.vendors.amelia.client import ApiClient, transport_of
from syncd.vendors.amelia.codec import Codec
from syncd.vendors.amelia.customers import Customers
from syncd.vendors.amelia.listing import Listing
from syncd.vendors.amelia.memory import Memory, remembered
from syncd.vendors.amelia.people import People
from syncd.vendors.amelia.schemas import read_row
from syncd.vendors.amelia.settings import NAME, REPEATED, Settings
from syncd.vendors.amelia.site import Site
from syncd.vendors.amelia.slices import identify
from syncd.vendors.amelia.slots import of_two
from syncd.vendors.amelia.writing import Writing
from syncd.vendors.ours import ours_of
from syncd.vendors.pieces import Pieces
from syncd.vendors.port import (
    Joined,
    Notice,
    Page,
    Row,
    Traffic,
    Uncertain,
    Unremarkable,
    WriteResult,
    Written,
)
from syncd.vendors.transport import Surroundings

_MOST_IDLE = 1000
"""Customers of refused creates that are remembered, for the words of the next refusal."""


class Adapter(Unremarkable):
    """A configured Amelia site. Implements `port.Vendor`; `api` are all its calls, the port's business or not."""

    kind = NAME

    def __init__(self, name: str, settings: Settings, catalogue: Catalogue, surroundings: Surroundings) -> None:
        transport = transport_of(name, settings, surroundings)
        self.name = name
        self.sign = settings.sign
        self.traffic: Traffic = transport
        self.api = ApiClient(name, transport)
        self._clock = surroundings.clock
        self._notify = surroundings.notify_clients
        self._placeholder = settings.customer_id
        self._wall = WallClock(settings.timezone, repeated=REPEATED)
        self._catalogue = catalogue
        placeholder = None if settings.customer_id is None else str(settings.customer_id)
        people = People(placeholder, ours_of(settings.own_addresses))
        self._codec = Codec(name, self._wall, catalogue, people, self._notify)
        self._listing = Listing(self.api, surroundings.clock)
        self._pieces = Pieces(name, surroundings.clock)
        self._site = Site(name, self.api, self._wall, catalogue, surroundings.clock)
        self._horizon = surroundings.past, surroundings.future
        self._customers = Customers(name, self.api)
        self._writing = Writing(
            vendor=name,
            client=self.api,
            codec=self._codec,
            seen=self._customers.seen,
            read=lambda remote_id, hint, guests: self._read(remote_id, hint, urgent=True, guests=guests),
            site=self._site,
            notify=self._notify,
            keep_reminders=settings.keep_reminders,
        )
        self._places = Places(
            name,
            catalogue,
            self._wall,
            has_placeholder=placeholder is not None,
            step=lambda: self._site.step,
            are_themselves=self._customers.are,
        )
        self.capabilities: Capabilities = capabilities_of(self._places, tells_clients=self._notify)

    async def pages(self, window: Window) -> abc.AsyncIterator[Page]:
        """Every appointment of the window's local days, once the site's clock is known not to differ from ours."""
        self._customers.ask_again()
        first = self._wall.local(window.since).date()
        last = self._wall.local(window.until - timedelta(microseconds=1)).date()
        believed = False
        async for page in self._pieces.pages(first, last, self._listing.pages):
            if not believed:
                await self._site.believe(window)
                believed = True
            yield page
            del page

    def decode(self, row: Row, hint: Appointment | None = None, guests: abc.Collection[str] = ()) -> Record:
        """The record of a list row; not whole where it has a customer who was never met. Raises `Malformed`."""
        found = read_row(row.raw)
        self._customers.meet(found)
        seen = self._customers.seen
        return self._codec.decode(found, row.raw, seen, hint=hint, fingerprint=row.fingerprint, guests=guests)

    async def get(
        self, remote_id: str, hint: Appointment | None = None, guests: abc.Collection[str] = ()
    ) -> Record | Absent:
        """The record by id. Amelia shows customers' ids alone there: those who were never met are looked up."""
        return await self._read(remote_id, hint, urgent=False, guests=guests)

    async def create(self, target: Appointment, token: str, replaces: str | None = None) -> WriteResult:
        """Make an appointment, with customers for its clients. A group service may put it into one that exists."""
        place = self._places.place(target)
        objection = self.capabilities.objects(target)
        if objection is not None or isinstance(place, Missing):
            raise Refused(self.name, f"{self.name}: creating an appointment: {objection}")
        found = await self._customers.find_or_make([client for client in target.clients if not client.empty])
        ids = found.ids or ([self._placeholder] if self._placeholder is not None else [])
        body = self._codec.creation(target, token, place=place, customers=ids)
        try:
            raw = await self.api.create(body)
        except Refused as refusal:
            raise type(refusal)(self.name, f"{refusal}{self._beside(refusal, target, ids)}") from None
        if isinstance(raw, Uncertain):
            return raw
        remote_id = identify(raw)
        if remote_id is None:
            return Uncertain(reason=f"{self.name}: creating an appointment: the answer shows no id")
        self._customers.idle.difference_update(ids)
        record, joined = self._answered(raw, target, ids)
        remarks = [f"created {found.made} customer(s) for it"] if found.made else []
        if joined is not None:
            remarks.append(f"Amelia put it into its appointment {remote_id}, as {joined.part} beside others")
        return Written(remote_id=remote_id, record=record, note="; ".join(remarks) or None, joined=joined)

    async def write(self, record: Record, target: Appointment, fields: frozenset[Field]) -> WriteResult:
        """Set slot, status and notes; who is not in it any more loses a booking, and who is new there gets one.

        Several bookings keep everything but their duration and their status.
        """
        shown = record.content.clients
        stay = Field.CLIENTS in fields and all(one in target.clients for one in shown)
        new = [one for one in target.clients if one not in shown] if stay else []
        found = await self._customers.find_or_make(new)
        done = await self._writing.change(record, target, fields, found.ids)
        if isinstance(done, Written):
            self._customers.idle.difference_update(found.ids)
        return done

    async def cancel(self, record: Record) -> WriteResult:
        """Cancel an appointment with all bookings that stand; it stays visible, and can be revived."""
        ended = record.content.with_values({Field.STATUS: Status.CANCELLED})
        return await self._writing.change(record, ended, frozenset({Field.STATUS}))

    def owed(self, record: Record) -> str:
        """The flag by which Amelia sends reminders, where it is on: each write of ours switches it off."""
        return self._writing.owed(record)

    async def give_back(self, remote_id: str, owed: str) -> WriteResult:
        """Switch the flag for reminders on again."""
        return await self._writing.give_back(remote_id, owed)

    async def check(self) -> tuple[str, ...]:
        """By reads alone: address, key, and the ids that the configuration has for this site."""
        now = self._clock()
        today = self._wall.local(now).date()
        await self.api.page(today, today)
        found = list(await doubts(self.name, self.api, self._catalogue))
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
        """What the site said of itself, how its listing is best read, and whom syncd left in its list of customers."""
        kept = remembered(memory)
        self._pieces.recall(kept.pieces)
        self._listing.unpaged = kept.unpaged
        self._site.recall(kept.facts)
        self._customers.idle.update(kept.idle)

    def memory(self) -> str:
        """The same, for the next process."""
        idle = tuple(sorted(self._customers.idle)[-_MOST_IDLE:])
        return Memory(self._pieces.kept, self._listing.unpaged, self._site.facts, idle).text()

    async def aclose(self) -> None:
        """Close the connections."""
        await self.api.aclose()

    async def _read(
        self, remote_id: str, hint: Appointment | None, *, urgent: bool, guests: abc.Collection[str] = ()
    ) -> Record | Absent:
        raw = await self.api.get(remote_id, urgent=urgent)
        if raw is None:
            return Absent(vendor=self.name, remote_id=remote_id)
        row = read_row(raw)
        self._customers.meet(row)
        await self._customers.look_up(row)
        return self._codec.decode(row, raw, self._customers.seen, hint=hint, settled=True, guests=guests)

    def _beside(self, refusal: Refused, target: Appointment, ids: list[int]) -> str:
        """What a refused create may have been refused for as well, with the way out, and what it leaves behind."""
        said = of_two(self._wall, target.slot.start) if isinstance(refusal, Taken) else ""
        if isinstance(refusal, Taken) and len(ids) > 1:
            said += (
                f"; a service for one person at a time takes none of its {len(ids)} clients together: name who of them "
                "is yours in own_addresses of the vendors that show them, or use a service for several people there"
            )
        # No endpoint at hand says beforehand whether a time is free, and a customer must exist before.
        if idle := len(self._customers.idle.intersection(ids)):
            said += f"; {idle} customer(s) were made for it and stay in Amelia's list"
        return said

    def _answered(self, raw: bytes, target: Appointment, ids: list[int]) -> tuple[Record | None, Joined | None]:
        """The record that a create answered with, if it is whole, and whether it has bookings that are not ours."""
        try:
            row = read_row(raw)
            record = self._codec.decode(row, raw, self._customers.seen, hint=target)
        except Malformed:
            return None, None
        return record if record.whole else None, joined_as(row, [str(one) for one in ids])

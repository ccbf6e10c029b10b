"""Acuity behind the vendor port.

It decides which call carries what, and which calendar a write goes to. Paging is `listing`'s, meaning the codec's,
statuses and paths the client's. What was written is never sent twice: that is the transport's promise and the
engine's decision.
"""

from __future__ import annotations

from collections import abc
from datetime import date, timedelta
from typing import Any

from syncd.model.appointment import Appointment, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.catalogue import Catalogue, Group, Missing, minutes_of
from syncd.model.errors import Malformed, Misconfigured, Refused, Taken, Unreadable
from syncd.model.record import Absent, Block, Record
from syncd.model.times import Slot, Window
from syncd.vendors.acuity.answers import PartRequired
from syncd.vendors.acuity.blocks import body_of, own_block, rows_of
from syncd.vendors.acuity.capabilities import Places, as_it_was, capabilities_of
from syncd.vendors.acuity.check import doubts, offers
from syncd.vendors.acuity.client import ApiClient, transport_of
from syncd.vendors.acuity.codec import Codec
from syncd.vendors.acuity.listing import Days, Listing, Slice
from syncd.vendors.acuity.people import CONTACTS, People
from syncd.vendors.acuity.schemas import BLOCK, read_row
from syncd.vendors.acuity.settings import NAME, Settings
from syncd.vendors.acuity.slots import write_start
from syncd.vendors.bounds import usable_id
from syncd.vendors.ours import ours_of
from syncd.vendors.payloads import plain_id, read_as
from syncd.vendors.pieces import Pieces, read_kept, write_kept
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
from syncd.vendors.transport import Surroundings

_DAY = timedelta(days=1)
_WAY_OUT = "make room there, or add a type that is as long with its [[services]] row, and release it"
Send = abc.Callable[[], abc.Awaitable[bytes | Uncertain]]
"""Sends a write whose body follows from what the account is known to insist on."""


class Adapter(Unremarkable):
    """A configured Acuity account. Implements `port.Vendor`; `api` are all its calls, the port's business or not."""

    kind = NAME

    def __init__(self, name: str, settings: Settings, catalogue: Catalogue, surroundings: Surroundings) -> None:
        transport = transport_of(name, settings, surroundings)
        self.name = name
        self.sign = settings.sign
        self.traffic: Traffic = transport
        seated = {str(row.ids[name]) for row in catalogue.services if row.group is Group.SEATS and name in row.ids}
        self.api = ApiClient(name, transport, quiet=not surroundings.notify_clients, seated=seated)
        self._people = People(settings.client.client() if settings.client else None, ours_of(settings.own_addresses))
        self._needed: frozenset[str] = frozenset()  # what of a client this account has refused to do without
        self._offers: tuple[Notice, ...] = ()
        self._catalogue = catalogue
        self._calendar_ids = settings.calendar_ids
        self._places = Places(name, catalogue, settings.calendar_ids)
        self._codec = Codec(name, catalogue, self._people)
        self._pieces = Pieces(name, surroundings.clock)
        self.capabilities: Capabilities = capabilities_of(
            self._places, self._people, tells_clients=surroundings.notify_clients
        )

    async def named(self) -> str | None:
        """The id that `/me` shows; no document at hand tells whether it shows one."""
        try:
            shown = await self.api.me()
        except (Misconfigured, Unreadable):
            return None
        return plain_id(shown.get("id")) or None if isinstance(shown, dict) else None

    def pages(self, window: Window) -> abc.AsyncIterator[Page]:
        """Every appointment of our calendars that starts in the window, and up to two days around it."""
        days = Days.around(window)
        return self._pieces.pages(days.first, days.last, self._list)

    def notices(self) -> tuple[Notice, ...]:
        """That its listing is read in pieces, where it is; what no catalogue row names, as of the last check."""
        notice = self._pieces.notice()
        return self._offers + (() if notice is None else (notice,))

    def recall(self, memory: str) -> None:
        """How much at once was too much for it before."""
        self._pieces.recall(read_kept(memory))

    def memory(self) -> str:
        """How much at once is too much for it."""
        return write_kept(self._pieces.kept)

    def decode(self, row: Row, hint: Appointment | None = None, guests: abc.Collection[str] = ()) -> Record:
        """The record of a list row; by id there is nothing more to see. Raises `Malformed`."""
        return self._codec.decode(row.raw, hint=hint, fingerprint=row.fingerprint)

    async def get(
        self, remote_id: str, hint: Appointment | None = None, guests: abc.Collection[str] = ()
    ) -> Record | Absent:
        """The record by id. It has no fingerprint: such an answer has keys that a list row lacks (field-notes)."""
        raw = await self.api.get(remote_id)
        if raw is None:
            return Absent(vendor=self.name, remote_id=remote_id)
        return self._codec.decode(raw, hint=hint)

    async def create(self, target: Appointment, token: str, replaces: str | None = None) -> WriteResult:
        """Book it. Acuity has no internal note, so that `token` is not sent."""
        former = await self._former(target, replaces)
        service, addons = former or (self._places.service(target), ())
        calendar = self._places.calendar(target)
        objection = self.capabilities.objects(target, target if former else None)
        if objection is not None or isinstance(service, Missing) or isinstance(calendar, Missing):
            raise Refused(self.name, f"{self.name}: not created: {objection}")
        if former is None:
            await self._see_that_it_fits(target, self._places.length(target), calendar)
        zone = self.api.zones.get(calendar)

        async def book() -> bytes | Uncertain:
            body = self._codec.creation(
                target, service=service, calendar=calendar, zone=zone, addons=addons, needed=self._needed
            )
            return await self.api.create(body)

        return self._settled(await self._insisted(book, target), None, target)

    async def write(self, record: Record, target: Appointment, fields: frozenset[Field]) -> WriteResult:
        """Reschedule, update or mark as a no-show, whichever carries `fields`."""
        if Field.STATUS in fields:
            return await self._end(record, target.status)
        if fields & {Field.SLOT, Field.STAFF}:
            body = self._move(record, target, fields)
            length, calendar = record.content.slot.duration, str(body.get("calendarID", "")) or None
            await self._see_that_it_fits(target, length, calendar, record.remote_id)
            answer = await self.api.reschedule(record.remote_id, body)
            return self._settled(answer, record.remote_id, target)
        if not self._codec.changes(record.content, target, fields):
            return Written(remote_id=record.remote_id, record=record)

        async def update() -> bytes | Uncertain:
            body = self._codec.changes(record.content, target, fields, self._needed)
            return await self.api.update(record.remote_id, body)

        return self._settled(await self._insisted(update, target), record.remote_id, target)

    async def cancel(self, record: Record) -> WriteResult:
        """Cancel it; the record stays."""
        return await self._end(record, Status.CANCELLED)

    async def blocked(self, known: abc.Set[str]) -> abc.Sequence[Block]:
        """The account's blocks with syncd's mark. How many a listing shows no document at hand says."""
        rows = rows_of(self.name, await self.api.blocks())
        found = {row.id: own_block(row) for row in rows}
        for block_id in sorted(known - found.keys()):
            row = await self.api.block(block_id)
            found[block_id] = None if row is None else own_block(row)
        return [block for block in found.values() if block is not None]

    async def block(self, target: Appointment, mark: str) -> WriteResult:
        """Block the calendar of its staff; nothing of its clients is sent."""
        calendar = self._places.whose_calendar(target)
        if calendar is None:
            raise Refused(self.name, f"{self.name}: its time is not blocked: nothing says in which calendar")
        answer = await self.api.add_block(body_of(target.slot, calendar, self.api.zones.get(calendar), mark))
        return answer if isinstance(answer, Uncertain) else self._blocked(answer)

    async def unblock(self, block_id: str) -> WriteResult:
        """Open that time again."""
        answer = await self.api.remove_block(block_id)
        return answer if isinstance(answer, Uncertain) else Written(remote_id=block_id)

    async def check(self) -> tuple[str, ...]:
        """Credentials and reachability, and whether the configured ids exist; what no row names becomes a notice."""
        calendars, types = await self.api.calendars(), await self.api.appointment_types()
        self._offers = offers(self.name, self._catalogue, self._calendar_ids, calendars, types)
        return doubts(self.name, self._catalogue, self._calendar_ids, calendars, types)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.api.aclose()

    def _list(self, first: date, last: date) -> abc.AsyncIterator[Page]:
        return Listing(self.name, self._page).pages(Days(first, last))

    async def _page(self, days: Days, number: int) -> Slice:
        return await self.api.page(days, number, self._calendar_ids)

    async def _former(self, target: Appointment, replaces: str | None) -> tuple[str, tuple[int, ...]] | None:
        """Type and add-ons of the record that is replaced, where booked again they take as long as `target`.

        They go before the catalogue's where there are add-ons, or where the catalogue has none that is as long.
        """
        raw = None if replaces is None else await self.api.get(replaces)
        if raw is None:
            return None
        try:
            row, was = read_row(raw), self._codec.decode(raw).content
        except Malformed:
            return None
        if row.type_id is None or row.addon_ids is None or not as_it_was(target, was):
            return None
        fits = self._places.length(target) in (None, target.slot.duration)
        known = fits and not isinstance(self._places.service(target), Missing)
        return None if known and not row.addon_ids else (row.type_id, row.addon_ids)

    async def _see_that_it_fits(
        self, target: Appointment, length: timedelta | None, calendar: str | None, moved: str | None = None
    ) -> None:
        """Refuse what is booked for longer than it takes and so would run into the calendar's next appointment.

        `moved` is the record itself, where there is one.
        """
        slot = target.slot
        if length is None or length <= slot.duration:
            return
        spare = Slot(start=slot.end, end=slot.start + length)
        days = Days.around(Window(since=slot.start - _DAY, until=spare.end))
        async for page in self._list(days.first, days.last):  # no lesson on how much it can answer for at once
            for row in page.rows:
                if row.remote_id != moved and self._is_in_the_way(row, spare, calendar):
                    what = "not moved: its type is longer" if moved else "not created: no type is as long"
                    reason = f"booked for {minutes_of(length)}, it would run into record {row.remote_id}"
                    raise Taken(self.name, f"{self.name}: {what}; {reason}; {_WAY_OUT}")

    def _is_in_the_way(self, row: Row, spare: Slot, calendar: str | None) -> bool:
        try:
            shown, content = read_row(row.raw), self._codec.decode(row.raw).content
        except Malformed:
            return False
        here = calendar is None or shown.calendar_id in (None, calendar)
        stands = not self.capabilities.ends(content.status)
        return here and stands and content.slot.start < spare.end and content.slot.end > spare.start

    async def _insisted(self, send: Send, target: Appointment) -> bytes | Uncertain:
        """The answer to a write, sent again with the stand-in's part where the account insists on one that is missing.

        Such a refusal is a clear no: nothing was done, so that the second request is the first of its kind.
        """
        while True:
            try:
                return await send()
            except PartRequired as refusal:
                lacking = self._people.lacking(target.clients, self._needed | {refusal.part})
                if refusal.part in self._needed or lacking:
                    what = CONTACTS[refusal.part]
                    way = f"add client = {{ … }} to [vendors.{self.name}], or let it be optional in Acuity"
                    raise Refused(self.name, f"{refusal}: this account wants a client's {what}; {way}") from None
                self._needed |= {refusal.part}

    async def _end(self, record: Record, status: Status) -> WriteResult:
        if record.content.status is status and Field.STATUS in record.shows:
            return Written(remote_id=record.remote_id, record=record)
        if status not in self.capabilities.statuses:
            raise Refused(self.name, f"{self.name}: Acuity can only cancel an appointment; set it to {status} there")
        toggled = record.content.status in (Status.CANCELLED, Status.NO_SHOW)
        no_show = status is Status.NO_SHOW
        answer = await self.api.cancel(record.remote_id, no_show=no_show if toggled or no_show else None)
        return self._settled(answer, record.remote_id, record.content)

    def _move(self, record: Record, target: Appointment, fields: frozenset[Field]) -> dict[str, Any]:
        """The body of a reschedule. It names the calendar even if that stays: as the admin, Acuity picks none."""
        shown = read_row(record.raw) if record.raw is not None else None
        calendar = shown.calendar_id if shown else None
        zone = shown.zone if shown else None
        if Field.STAFF in fields:
            calendar = self._places.calendar_of(target.staff)
            if calendar is None:
                reason = f"no [[staff]] row gives the calendar of {target.staff or 'nobody'}; add ids.{self.name}"
                raise Refused(self.name, f"{self.name}: not moved: {reason}")
        slot = target.slot if Field.SLOT in fields else record.content.slot
        known_zone = self.api.zones.get(calendar or "") or zone
        body: dict[str, Any] = {"datetime": write_start(slot.start, known_zone)}
        return {**body, "calendarID": int(calendar)} if calendar and calendar.isdecimal() else body

    def _blocked(self, answer: bytes) -> WriteResult:
        try:
            block_id = read_as(BLOCK, answer).id
        except Malformed:
            block_id = None
        if block_id is None:
            return Uncertain(reason=f"{self.name}: blocking time was answered without an id")
        return Written(remote_id=block_id)

    def _settled(self, answer: bytes | Uncertain, remote_id: str | None, hint: Appointment) -> WriteResult:
        """What a write came to, from the appointment that it answers with."""
        if isinstance(answer, Uncertain):
            return answer
        what = f"{self.name}: the write was answered"
        try:
            shown = read_row(answer).id
        except Malformed:
            return Uncertain(reason=f"{what} with success and no appointment; whether it was done is not known")
        if shown is None or not usable_id(shown) or remote_id not in (None, shown):
            return Uncertain(reason=f"{what} with another appointment or none; whether it was done is not known")
        try:
            return Written(remote_id=shown, record=self._codec.decode(answer, hint=hint))
        except Malformed:
            return Written(remote_id=shown)

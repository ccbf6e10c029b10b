"""One account at one vendor, as a program uses it: the same verbs at each of them (docs/clients.md).

    async with Acuity(user_id=…, api_key=…) as book:
        async for record in book.appointments(since, until): …

A verb goes through the vendor's adapter, so that it means what it means to a sync. Decided here is only in which order
the port is asked, and what a program is told: errors are the model's, and a write whose outcome is not known is one of
them, `Unsettled`, as nobody must overlook it.
"""

from __future__ import annotations

from collections import abc
from contextlib import aclosing
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.catalogue import Catalogue
from syncd.model.errors import Malformed, Refused, Stale, Unsettled, VendorError
from syncd.model.record import Record
from syncd.model.times import Slot, Window
from syncd.vendors.options import Options, catalogue_of, settings_of, surroundings_of
from syncd.vendors.port import Row, Uncertain, Vendor, WriteResult, Written
from syncd.vendors.settings import VendorSettings
from syncd.vendors.transport import Surroundings

_MOST_NAMED = 3


class Values(TypedDict, total=False):
    """Fields of an appointment besides its time. `service` and `staff` are names that the account was given."""

    status: Status
    title: str
    location: str
    notes: str
    clients: abc.Sequence[Client]
    service: str | None
    staff: str | None


class Account:
    """One account, open while its `async with` block runs.

    Every verb may raise `Unreachable`, `BudgetSpent`, `Misconfigured` or `Unreadable`; one that reads a record also
    `Malformed`. Those that write raise `Refused` or `Stale` too, and all of these mean that it was *not* written;
    `Unsettled` says that it may have been. Times are aware; others raise `InvalidSlot`.
    """

    def __init__(
        self,
        kind: str,
        shape: type[VendorSettings],
        build: abc.Callable[[str, Any, Catalogue, Surroundings], Vendor],
        keys: abc.Mapping[str, Any],
        options: Options,
    ) -> None:
        self.name = options.get("name", kind)
        self._build = build
        self._settings = settings_of(self.name, shape, {"kind": kind, **keys}, options)
        self._catalogue = catalogue_of(self.name, self._settings, options)
        self._surroundings = surroundings_of(options)
        self._adapter: Vendor | None = None

    async def __aenter__(self) -> Self:
        if self._adapter is not None:
            raise RuntimeError(f"{self.name}: this account is open already")
        self._adapter = self._build(self.name, self._settings, self._catalogue, self._surroundings)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        adapter, self._adapter = self.adapter, None
        await adapter.aclose()

    @property
    def adapter(self) -> Vendor:
        """The vendor's port, for what these verbs do not say."""
        if self._adapter is None:
            raise RuntimeError(f"{self.name}: an account is used within 'async with'")
        return self._adapter

    @property
    def capabilities(self) -> Capabilities:
        """What the vendor can show, take and promise: `capabilities.ability(Field.NOTES).updated`."""
        return self.adapter.capabilities

    # -- reading ------------------------------------------------------------------------------------------------

    async def appointments(
        self, since: datetime, until: datetime, *, whole: bool = False
    ) -> abc.AsyncGenerator[Record, None]:
        """Every appointment that starts from `since` (inclusive) to `until`, cancelled ones too, each once.

        Of a record's content only the fields in `shows` mean anything. A list row may lack some that a read by id
        shows; `whole` makes that request for each such row.

        An error ends it before all were given. After all others, rows that cannot be read raise `Malformed`.
        """
        window = Window(since=since, until=until)
        given, faults = set[str](), list[str]()
        async with aclosing(self._rows(window, faults)) as rows:
            async for row in rows:
                try:
                    record = None if row.remote_id in given else await self._read(row, whole=whole)
                except Malformed as error:
                    faults.append(f"{row.remote_id}: {error}")
                    continue
                if record is not None and record.content.slot.start in window:
                    given.add(row.remote_id)
                    yield record
        if faults:
            raise Malformed(f"{self.name}: {len(faults)} row(s) cannot be read: {'; '.join(faults[:_MOST_NAMED])}")

    async def appointment(self, remote_id: str) -> Record | None:
        """The record by id, whole; None where the vendor itself says that there is none."""
        found = await self.adapter.get(remote_id)
        return found if isinstance(found, Record) else None

    async def check(self) -> tuple[str, ...]:
        """By reads alone: credentials, reachability, ids of `services` and `staff`. Sentences on what is doubtful."""
        return await self.adapter.check()

    # -- writing ------------------------------------------------------------------------------------------------

    async def create(
        self, start: datetime, end: datetime, *, all_day: bool = False, **values: Unpack[Values]
    ) -> Record:
        """Make an appointment, and read back what the vendor made of it: it leaves out what it has no place for.

        It is never sent twice. After `Unsettled`, look whether it is there before making it again.
        """
        target = Appointment(slot=Slot(start=start, end=end, all_day=all_day), **_plain(values))
        if target.status not in self.capabilities.create_statuses:
            raise self._refused(f"making an appointment: none can be made as {target.status}")
        token = f"{self._surroundings.rng.getrandbits(128):032x}"
        written = self._settled(await self.adapter.create(target, token))
        if written.joined is not None and written.joined.others_stand:
            into = f"it went into record {written.remote_id}, as {written.joined.part} beside others"
            raise Unsettled(self.name, f"{self.name}: {into}: take it out there, and choose another time")
        return await self._kept(written, target)

    async def reschedule(self, remote_id: str, start: datetime, end: datetime | None = None) -> Record:
        """Move an appointment; without an `end` it keeps its length. What the vendor made of it is read back."""
        record = await self._there(remote_id, "moving")
        was = record.content.slot
        slot = Slot(start=start, end=end or start + was.duration, all_day=was.all_day and end is None)
        return await self._bring(record, {Field.SLOT: slot})

    async def update(self, remote_id: str, **values: Unpack[Values]) -> Record:
        """Change fields of an appointment. What the vendor made of it is read back.

        Raises `Refused` before anything is written where the vendor cannot take all of them.
        """
        record = await self._there(remote_id, "changing")
        return await self._bring(record, {Field(name): value for name, value in _plain(values).items()})

    async def cancel(self, remote_id: str) -> None:
        """Cancel an appointment. Where the vendor knows no other way, its record is deleted."""
        record = await self._there(remote_id, "cancelling")
        if Field.STATUS in record.shows and record.content.status is Status.CANCELLED:
            return
        await self._send(record, self.adapter.cancel(record))

    # -- the port -----------------------------------------------------------------------------------------------

    async def _rows(self, window: Window, faults: list[str]) -> abc.AsyncGenerator[Row, None]:
        """The rows of a listing, those last that point to something which must be read before."""
        waiting = list[Row]()
        async with aclosing(self.adapter.pages(window)) as pages:  # type: ignore[type-var] # as the engine's fence does
            async for page in pages:
                faults += page.unidentified
                for row in page.rows:
                    if self.adapter.needs_preparing(row):
                        waiting.append(row)
                    else:
                        yield row
                del page
        if waiting:
            for row in await self.adapter.prepare(waiting, self.adapter.traffic.spare()):
                yield row

    async def _read(self, row: Row, *, whole: bool) -> Record | None:
        """The record of a row; None where a read by id finds none any more."""
        record = self.adapter.decode(row)
        return await self.appointment(row.remote_id) if whole and not record.whole else record

    async def _there(self, remote_id: str, what: str) -> Record:
        record = await self.appointment(remote_id)
        if record is None:
            raise Stale(self.name, f"{self.name}: {what} {remote_id}: there is no such record")
        return record

    async def _bring(self, record: Record, values: dict[Field, Any]) -> Record:
        """Bring fields of a record that was just read to these values: a write for each group that goes together."""
        target = record.content.with_values(values)
        if objection := self._objection(target, values.keys()):
            raise self._refused(f"changing {record.remote_id}: {objection}")
        written, done = Written(remote_id=record.remote_id, record=record), frozenset[Field]()
        for fields in filter(None, (group & values.keys() for group in self.capabilities.together)):
            try:
                record = await self._there(record.remote_id, "changing") if done else record
                written = await self._send(record, self.adapter.write(record, target, fields))
            except (VendorError, Malformed) as error:
                if not done:
                    raise
                raise Unsettled(self.name, f"{error}; its {', '.join(sorted(done))} had been written") from error
            done |= fields
        return await self._kept(written, target) if done else record

    def _objection(self, target: Appointment, fields: abc.Iterable[Field]) -> str | None:
        """Why these fields cannot be brought to the target's values."""
        able = self.capabilities
        for field in sorted(fields):
            if not able.ability(field).updated:
                return f"its {field} cannot be changed there"
            if field is Field.STATUS and target.status is Status.CANCELLED:
                return "a cancellation is not an update: use cancel"
            if field is Field.STATUS and target.status not in able.statuses:
                return f"there is no word for {target.status} there"
            if not able.holds(field, target):
                return f"it cannot hold this {field}"
        return None

    async def _send(self, record: Record, write: abc.Awaitable[WriteResult]) -> Written:
        """What a write to a record came to, once the vendor was given back what the write took from the record."""
        owed = self.adapter.owed(record)
        written = self._settled(await write)
        if owed:
            try:
                self._settled(await self.adapter.give_back(record.remote_id, owed))
            except VendorError as error:
                lost = f"what that took from the record ({owed}) was not given back"
                raise Unsettled(self.name, f"{error}; it was written, but {lost}") from error
        return written

    def _settled(self, result: WriteResult) -> Written:
        if isinstance(result, Uncertain):
            raise Unsettled(self.name, result.reason)
        return result

    async def _kept(self, written: Written, target: Appointment) -> Record:
        """The record as it is after a write. One that cannot be read now shows nothing, and is not whole."""
        try:
            found = await self.adapter.get(written.remote_id, target)
        except (VendorError, Malformed):
            found = None
        if isinstance(found, Record):
            return found
        unseen = Record(vendor=self.name, remote_id=written.remote_id, content=target, shows=frozenset(), whole=False)
        return written.record or unseen

    def _refused(self, why: str) -> Refused:
        return Refused(self.name, f"{self.name}: {why}")


def _plain(values: abc.Mapping[str, Any]) -> dict[str, Any]:
    """Values as an appointment has them."""
    return {key: tuple(value) if key == "clients" else value for key, value in values.items()}

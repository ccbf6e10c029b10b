"""ActuallyCare as the engine sees it: the port of `vendors.port` over this vendor's client and codec.

It decides what a write's answer proves.
"""

from __future__ import annotations

from collections import abc

from syncd.model.appointment import Appointment, Field, Status
from syncd.model.catalogue import Catalogue
from syncd.model.errors import Malformed, Refused
from syncd.model.record import Absent, Record
from syncd.model.revision import writes_between
from syncd.model.times import Window
from syncd.vendors.actuallycare.capabilities import capabilities_of
from syncd.vendors.actuallycare.check import doubts
from syncd.vendors.actuallycare.client import ApiClient, Denied, client_of, row_id, transport_of
from syncd.vendors.actuallycare.codec import STATUSES, Codec
from syncd.vendors.actuallycare.listing import Listing
from syncd.vendors.actuallycare.people import People, named_by
from syncd.vendors.actuallycare.settings import NAME, Settings
from syncd.vendors.ours import ours_of
from syncd.vendors.port import Notice, Page, Row, Traffic, Uncertain, Unremarkable, WriteResult, Written
from syncd.vendors.transport import Surroundings


class Adapter(Unremarkable):
    """A configured ActuallyCare account. Implements `port.Vendor`; `api` are all its calls, the port's business or not.

    It mails nobody about appointments, so `notify_clients` changes nothing.
    """

    kind = NAME

    def __init__(self, name: str, settings: Settings, catalogue: Catalogue, surroundings: Surroundings) -> None:
        transport = transport_of(name, settings, surroundings)
        stand_in = settings.clients == "stand-in"
        self.name = name
        self.sign = settings.sign
        self.traffic: Traffic = transport
        self.api = ApiClient(name, transport)
        self._people = People(name, self.api, surroundings.clock, settings.clients_every, stand_in=stand_in)
        self._codec = Codec(name, catalogue, self._people.who, ours_of(settings.own_addresses), stand_in=stand_in)
        self._listing = Listing(name, self.api, self._people)
        self._catalogue = catalogue
        self.capabilities = capabilities_of(name, catalogue)

    def pages(self, window: Window) -> abc.AsyncIterator[Page]:
        """Every record there is: no filter of this vendor's is safe to rely on."""
        return self._listing.pages()

    def needs_preparing(self, row: Row) -> bool:
        """Whether it names its client by an id."""
        return bool(client_of(row.raw))

    async def prepare(self, rows: abc.Sequence[Row], spare: int) -> abc.Sequence[Row]:
        """Read who the clients are whom these rows name, and everybody again if it is time."""
        await self._people.prepare(named_by(row.raw for row in rows), spare)
        return [Row.of(row.remote_id, row.raw, self._people.beside(client_of(row.raw))) for row in rows]

    def notices(self) -> tuple[Notice, ...]:
        """What should be known of its clients."""
        return self._people.notices()

    def recall(self, memory: str) -> None:
        """What its clients were like when they were read last."""
        self._people.recall(memory)

    def memory(self) -> str:
        """The same for the next process."""
        return self._people.memory()

    def decode(self, row: Row, hint: Appointment | None = None, guests: abc.Collection[str] = ()) -> Record:
        """The record of a list row."""
        return self._codec.decode(row.raw, listed=True, hint=hint, fingerprint=row.fingerprint)

    async def get(
        self, remote_id: str, hint: Appointment | None = None, guests: abc.Collection[str] = ()
    ) -> Record | Absent:
        """The record by id."""
        raw = await self.api.get(remote_id)
        if raw is None:
            return Absent(vendor=self.name, remote_id=remote_id)
        await self._people.meet(client_of(raw))
        return self._codec.decode(raw, hint=hint)

    async def create(self, target: Appointment, token: str, replaces: str | None = None) -> WriteResult:
        """Make a record. This vendor has no place for a token, and its answer does not show all of the record."""
        raw = await self.api.create(self._codec.creation(target))
        if isinstance(raw, Uncertain):
            return raw
        return Written(remote_id=row_id(raw) or "")

    async def write(self, record: Record, target: Appointment, fields: frozenset[Field]) -> WriteResult:
        """Bring slot and status to the target's, if the record still has the version that was read."""
        if Field.STATUS in fields and target.status not in STATUSES:
            raise Refused(self.name, f"{self.name}: ActuallyCare has no status for {target.status.value}")
        body = self._codec.changes(target, fields, record.revision)
        raw = await self.api.update(record.remote_id, body)
        if isinstance(raw, Uncertain):
            return raw
        return self._settled(record, raw)

    async def cancel(self, record: Record) -> WriteResult:
        """Set the status to cancelled; the record stays, and can be revived."""
        target = record.content.with_values({Field.STATUS: Status.CANCELLED})
        return await self.write(record, target, frozenset({Field.STATUS}))

    async def check(self) -> tuple[str, ...]:
        """Read one row and one client, and compare the catalogue's ids with the reference's appointment types."""
        await self.api.page(1, size=1)
        clients = await self.api.clients_page(1, size=1)
        denied = (self._people.denial(clients),) if isinstance(clients, Denied) else ()
        return (*(() if self._people.stand_in else denied), *doubts(self.name, self._catalogue))

    async def aclose(self) -> None:
        """Close the connections."""
        await self.api.aclose()

    def _settled(self, record: Record, raw: bytes) -> WriteResult:
        try:
            shown = self._codec.decode(raw, listed=True, hint=record.content)
        except Malformed:
            return Written(remote_id=record.remote_id)
        return Written(
            remote_id=record.remote_id, record=shown if shown.whole else None, note=self._skipped(record, shown)
        )

    def _skipped(self, record: Record, shown: Record) -> str | None:
        """A version that rose by more than our own write tells of somebody else's, which the vendor let pass."""
        writes = writes_between(record.revision, shown.revision)
        if writes is None or writes <= 1:
            return None
        return f"{self.name} took the write although the record had changed since it was read; both changes stand"

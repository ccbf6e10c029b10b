"""One vendor in memory and syncd's adapter for it: the world of the contract suite."""

from __future__ import annotations

import importlib
import random
from collections import abc
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.catalogue import Catalogue
from syncd.model.catalogue import Entry as Named
from syncd.model.errors import VendorError
from syncd.model.record import Record
from syncd.model.times import Slot, Window
from syncd.sandbox import KINDS as SERVERS
from syncd.sandbox.frame.faults import Fault
from syncd.sandbox.frame.records import Entry, Person
from syncd.vendors import KINDS
from syncd.vendors.account import Account
from syncd.vendors.port import Row, Vendor, WriteResult, Written
from syncd.vendors.settings import Origin
from syncd.vendors.transport import Surroundings
from tests.contract.subjects import Behaviour, Subject
from tests.contract.wire import Clock, Wire

NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)
WINDOW = Window(since=NOW - timedelta(days=1), until=NOW + timedelta(days=200))
HALF_HOUR, HOUR = timedelta(minutes=30), timedelta(hours=1)
NAME = "agenda"
"""The vendor's configured name, which is not its kind's."""
JANE = Client(first_name="Jane", last_name="Smith", email="jane.smith@example.com", phone="2125550123")
OMAR = Client(first_name="Omar", last_name="Haddad", email="omar.haddad@example.com", phone="2125550177")
STAND_IN = "desk@example.com"
"""The e-mail address of the configured stand-in for a missing client."""
DURATIONS = {"Showing": HALF_HOUR, "Consultation": HOUR}

WRITES = ("create", "reschedule", "cancel")
"""The writes that every vendor takes, as the sandbox calls them; where it deletes instead of cancelling, `delete`."""


def at(hour: float, day: int = 22, month: int = 10, year: int = 2026) -> datetime:
    """An instant of autumn 2026."""
    return datetime(year, month, day, tzinfo=UTC) + timedelta(hours=hour)


def slot(start: datetime, length: timedelta = HALF_HOUR) -> Slot:
    """A slot of that length."""
    return Slot(start=start, end=start + length)


def person(client: Client) -> Person:
    """A client as the sandbox has them."""
    return Person(client.first_name, client.last_name, client.email, client.phone)


@dataclass
class World:
    """One vendor in one behaviour. `server` is the vendor itself, `vendor` syncd's adapter, `wire` between them."""

    subject: Subject
    behaviour: Behaviour
    notify_clients: bool = False
    switches: abc.Mapping[str, Any] = field(default_factory=dict)
    keys: abc.Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = Clock(NOW)
        switches = {**self.behaviour.switches, **self.switches}
        self.server = SERVERS[self.subject.kind](NAME, clock=self.clock, behaviour={"rate": None, **switches})
        self.wire = Wire(self.server, self.clock)
        self.vendor = self.connected()
        self.able: Capabilities = self.vendor.capabilities

    def connected(self, **keys: Any) -> Vendor:
        """An adapter for the vendor; `keys` replace those of its section."""
        section = {"kind": self.subject.kind, "base_url": f"http://127.0.0.1{self.server.base_path}"}
        section |= {**self.server.settings(), **self.subject.options, **self.keys, **keys}
        kind = KINDS[self.subject.kind]
        settings = kind.settings.model_validate(section, context=Origin(environ={}, folder=Path()))
        surroundings = Surroundings(
            clock=self.clock,
            sleep=self.clock.sleep,
            rng=random.Random(7),
            connect=self.wire.connect,
            notify_clients=self.notify_clients,
        )
        return kind.build(NAME, settings, self.catalogue, surroundings)

    def account(self, **options: Any) -> Account:
        """The vendor as a program opens it; `options` replace those that it needs here."""
        keys = {
            "base_url": f"http://127.0.0.1{self.server.base_path}",
            **self.server.settings(),
            **self.subject.options,
        }
        if "client" in keys:
            keys["client"] = Client(**keys["client"])
        surroundings = Surroundings(
            clock=self.clock,
            sleep=self.clock.sleep,
            rng=random.Random(7),
            connect=self.wire.connect,
            notify_clients=self.notify_clients,
        )
        usual = {"name": NAME, "services": self.subject.services, "staff": self.subject.staff}
        return account_of(self.subject.kind)(**keys, **{**usual, "surroundings": surroundings, **options})

    @property
    def catalogue(self) -> Catalogue:
        """The services and the staff as the operator names them."""
        services = tuple(
            Named(name=name, ids={NAME: remote}, duration=DURATIONS.get(name), default=name == "Showing")
            for name, remote in self.subject.services.items()
        )
        staff = tuple(
            Named(name=name, ids={NAME: remote}, default=name == "Jordan")
            for name, remote in self.subject.staff.items()
        )
        return Catalogue(services=services, staff=staff)

    # -- people at the vendor -----------------------------------------------------------------------------------

    def neutral(self, start: datetime | None = None, **values: Any) -> dict[str, Any]:
        """What a person enters at the vendor, unless `values` say otherwise."""
        begins = start or at(14)
        usual: dict[str, Any] = {"start": begins, "end": begins + HALF_HOUR, "title": "House visit"}
        usual |= {"location": "4 Elm Row", "notes": "Bring the key", "people": [person(JANE)], "notify": True}
        usual |= {"service": self.subject.services.get("Showing"), "staff": self.subject.staff.get("Jordan")}
        return {**usual, **values}

    def enter(self, start: datetime | None = None, **values: Any) -> Entry:
        """A person enters an appointment at the vendor."""
        return self.server.person_insert(**self.neutral(start, **values))

    def entry(self, remote_id: str) -> Entry:
        """The vendor's own record."""
        return self.server.entries[remote_id]

    def shown(self, entry: Entry) -> Appointment:
        """What a whole record of this should come to: the fields that the vendor declares to show."""
        names = {str(remote): name for name, remote in (*self.subject.services.items(), *self.subject.staff.items())}
        values: dict[Field, Any] = {
            Field.STATUS: Status(entry.status),
            Field.TITLE: entry.title,
            Field.LOCATION: entry.location,
            Field.NOTES: entry.notes,
            Field.CLIENTS: tuple(self.client(one) for one in entry.people if one.email != STAND_IN),
            Field.SERVICE: names.get(str(entry.service)),
            Field.STAFF: names.get(str(entry.staff)),
        }
        seen = {name: value for name, value in values.items() if name in self.seen}
        return Appointment(slot=Slot(start=entry.start, end=entry.end, all_day=entry.all_day)).with_values(seen)

    def client(self, one: Person) -> Client:
        """A person with the parts that the vendor shows."""
        whole = Client(first_name=one.first_name, last_name=one.last_name, email=one.email, phone=one.phone)
        hidden = {"first_name", "last_name", "email", "phone"} - self.able.client_parts
        return replace(whole, **dict.fromkeys(hidden, ""))

    @property
    def seen(self) -> frozenset[Field]:
        """The fields that a whole record shows in this behaviour."""
        return self.able.seen - self.behaviour.hidden

    def fault(self, kind: str, *operations: str, **arguments: Any) -> None:
        """Let something go wrong from now on, in these operations of the vendor's or in all."""
        for operation in operations or (None,):
            self.server.faults.add(Fault(kind=kind, operation=operation, **arguments))

    def fault_on(self, write: str, kind: str, **arguments: Any) -> None:
        """Let something go wrong with one of `WRITES`."""
        self.fault(kind, *(("cancel", "delete") if write == "cancel" else (write,)), **arguments)

    # -- the adapter --------------------------------------------------------------------------------------------

    def target(self, **values: Any) -> Appointment:
        """An appointment that the vendor could take."""
        usual: dict[str, Any] = {"slot": slot(at(14)), "clients": (JANE,), "title": "House visit", "notes": "Gate 4"}
        usual |= {"location": "4 Elm Row"}
        usual |= {"service": "Showing", "staff": "Jordan"} if self.subject.services else {}
        return Appointment(**{**usual, **values})

    async def listing(self) -> list[Row]:
        """All rows of a listing, repeated ones included."""
        return [row async for page in self.vendor.pages(WINDOW) for row in page.rows]

    async def partly(self) -> tuple[list[Row], VendorError | None]:
        """The rows that came before the listing ended, and the error by which it did, if any."""
        rows: list[Row] = []
        try:
            async for page in self.vendor.pages(WINDOW):
                rows += page.rows
        except VendorError as error:
            return rows, error
        return rows, None

    async def read(self, remote_id: str, hint: Appointment | None = None) -> Record:
        """A record by id, which must be there."""
        found = await self.vendor.get(remote_id, hint)
        assert isinstance(found, Record), found
        return found

    async def create(self, target: Appointment | None = None) -> Written:
        """Make a record, which must work."""
        return done(await self.vendor.create(target or self.target(), "token-1"))

    async def write(self, remote_id: str, fields: abc.Iterable[Field], **values: Any) -> WriteResult:
        """Read a record and bring these fields to these values."""
        record = await self.read(remote_id)
        target = record.content.with_values({Field(name): value for name, value in values.items()})
        return await self.vendor.write(record, target, frozenset(fields))

    async def perform(self, write: str, remote_id: str) -> WriteResult:
        """One of `WRITES`: a create of something new, or a change of the record of that id."""
        if write == "create":
            return await self.vendor.create(self.target(slot=slot(at(18))), "token-1")
        record = await self.read(remote_id)
        if write == "cancel":
            return await self.vendor.cancel(record)
        later = record.content.with_values({Field.SLOT: slot(at(16))})
        return await self.vendor.write(record, later, frozenset({Field.SLOT}))

    def performed(self, write: str, remote_id: str) -> bool:
        """Whether the vendor has done that write."""
        if write == "create":
            return sum(entry.start == at(18) for entry in self.server.entries.values()) == 1
        entry = self.server.entries.get(remote_id)
        if write == "cancel":
            return entry is None or entry.is_cancelled
        return entry is not None and entry.start == at(16)


def account_of(kind: str) -> abc.Callable[..., Account]:
    """The one class of a package that a program opens an account by."""
    module = importlib.import_module(f"syncd.vendors.{kind}.account")
    classes = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Account)]
    [found] = [one for one in classes if one is not Account]
    return found


def done(result: WriteResult) -> Written:
    """A write that the vendor said it did."""
    assert isinstance(result, Written), result
    return result


def sent(world: World, operation: str) -> int:
    """How many times a reading or a write itself was sent, without the requests that prepare or complete it."""
    names = ("cancel", "delete") if operation == "cancel" else (operation,)
    return sum(event["event"] == "request" and event["operation"] in names for event in world.server.log)

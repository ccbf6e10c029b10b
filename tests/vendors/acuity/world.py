"""An Acuity account in memory and the vendor that syncd makes of it; time stands still unless somebody waits."""

from __future__ import annotations

import json
import random
from collections import abc
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from syncd.model.appointment import Appointment, Client
from syncd.model.catalogue import Catalogue, Entry
from syncd.model.errors import VendorError
from syncd.model.record import Record
from syncd.model.times import Slot, Window
from syncd.sandbox.acuity.server import Acuity as Account
from syncd.sandbox.frame.faults import ConnectionDropped, NoAnswer
from syncd.sandbox.frame.records import Person
from syncd.sandbox.serving.asgi import Application
from syncd.vendors.acuity.adapter import Adapter
from syncd.vendors.acuity.settings import Settings
from syncd.vendors.port import Page, Row, Uncertain, WriteResult, Written
from syncd.vendors.settings import Origin
from syncd.vendors.transport import Connection, Surroundings

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
WINDOW = Window(since=NOW - timedelta(days=1), until=NOW + timedelta(days=90))
PLACEHOLDER = {"first_name": "Client", "last_name": "Unknown", "email": "desk@example.com", "phone": "5550100"}
JANE = Client(first_name="Jane", last_name="Smith", email="jane@example.com", phone="2125550123")
JORDAN, ROBIN = 14209019, 14209020
SHOWING, CONSULTATION = 94517100, 94517101
CATALOGUE = Catalogue(
    services=(
        Entry(name="Showing", ids={"book": SHOWING, "crm": "showing"}, duration=timedelta(minutes=30), default=True),
        Entry(name="Consultation", ids={"book": CONSULTATION}, duration=timedelta(minutes=60)),
        Entry(name="Repair", ids={"crm": "repair"}, duration=timedelta(minutes=45)),
    ),
    staff=(
        Entry(name="Jordan", ids={"book": JORDAN}, default=True),
        Entry(name="Robin", ids={"book": ROBIN}),
        Entry(name="Kim", ids={"crm": "kim"}),
    ),
)
SMITH = [Person(first_name="Jane", last_name="Smith", email="jane@example.com", phone="(212) 555-0123")]
"""The same person as somebody types her in at Acuity."""
SHAPES: list[dict[str, Any]] = [
    {"times": times, "paging": paging, "create_status": status, "refusal": paging}
    for times, status in (("recorded", 200), ("reference", 201), ("mixed", 200))
    for paging in ("doc", "reference")
]
"""The behaviours that an account may have, by the reference and by recordings."""


def at(hour: float, day: int = 10) -> datetime:
    """An instant of December 2026."""
    return datetime(2026, 12, day, tzinfo=UTC) + timedelta(hours=hour)


def slot(start: datetime, minutes: float = 30) -> Slot:
    """A slot of some minutes."""
    return Slot(start=start, end=start + timedelta(minutes=minutes))


def appointment(**values: Any) -> Appointment:
    """An appointment that Acuity could take."""
    usual: dict[str, Any] = {"slot": slot(at(15)), "clients": (JANE,), "service": "Showing", "staff": "Jordan"}
    return Appointment(**usual | values)


def settings(**keys: Any) -> Settings:
    """A valid section, with other keys as given; None leaves one out."""
    section = {"kind": "acuity", "user_id": "18274655", "api_key": "5b" * 16, "client": PLACEHOLDER} | keys
    given = {key: value for key, value in section.items() if value is not None}
    return Settings.model_validate(given, context=Origin(environ={}, folder=Path()))


RECORDED: dict[str, Any] = {
    "firstName": "Jane",
    "lastName": "Smith",
    "phone": "2125550123",
    "email": "jane@example.com",
    "date": "December 10, 2026",
    "time": "10:00am",
    "endTime": "10:30am",
    "datetime": "2026-12-10T10:00:00-0500",
    "type": "Showing ",
    "appointmentTypeID": SHOWING,
    "duration": "30",
    "calendar": "Jordan",
    "calendarID": JORDAN,
    "location": "",
    "notes": "",
    "timezone": "Indian/Mayotte",
    "calendarTimezone": "America/New_York",
    "canceled": False,
    "canClientCancel": False,
    "labels": None,
}


@dataclass
class World:
    """One account, and time that only waiting moves."""

    behaviour: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.account = Account("book", clock=lambda: self.now, behaviour={"rate": None} | self.behaviour)
        self.seen: list[httpx.Request] = []

    def vendor(self, *, notify_clients: bool = False, catalogue: Catalogue = CATALOGUE, **keys: Any) -> Adapter:
        """The vendor by these settings."""
        surroundings = Surroundings(
            clock=lambda: self.now,
            sleep=self._sleep,
            rng=random.Random(1),
            connect=self._connect,
            notify_clients=notify_clients,
        )
        return Adapter("book", settings(base_url="http://127.0.0.1/api/v1", **keys), catalogue, surroundings)

    def person_books(self, count: int = 1, **neutral: Any) -> list[str]:
        """Bookings by hand, an hour apart; their ids."""
        first = neutral.pop("start", at(14))
        return [
            self.account.person_insert(**{"start": first + timedelta(hours=n), "service": SHOWING} | neutral).id
            for n in range(count)
        ]

    @property
    def queries(self) -> list[dict[str, str]]:
        """The queries of all requests so far."""
        return [dict(parse_qsl(urlsplit(str(request.url)).query)) for request in self.seen]

    async def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def _connect(self, connection: Connection) -> httpx.AsyncBaseTransport:
        return _Wire(self, httpx.ASGITransport(Application(self.account)))


class _Wire(httpx.AsyncBaseTransport):
    """The account without a socket: its faults look as they would on one."""

    def __init__(self, world: World, inner: httpx.AsyncBaseTransport) -> None:
        self._world = world
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._world.seen.append(request)
        try:
            return await self._inner.handle_async_request(request)
        except ConnectionDropped:
            raise httpx.ReadError("dropped", request=request) from None
        except NoAnswer:
            raise httpx.ReadTimeout("silence", request=request) from None


async def listing(vendor: Adapter, window: Window = WINDOW) -> list[Row]:
    """All rows of a listing, repeated ones included."""
    return [row async for page in vendor.pages(window) for row in page.rows]


async def partly(pages: abc.AsyncIterator[Page]) -> tuple[list[Row], VendorError | None]:
    """The rows that came before the listing ended, and the error by which it did, if any."""
    rows: list[Row] = []
    try:
        async for page in pages:
            rows += page.rows
    except VendorError as error:
        return rows, error
    return rows, None


async def read(vendor: Adapter, remote_id: str) -> Record:
    """A record by id, which must be there."""
    found = await vendor.get(remote_id)
    assert isinstance(found, Record)
    return found


def written(result: WriteResult) -> Record:
    """The record that a write answered with."""
    assert isinstance(result, Written), result
    assert result.record is not None
    return result.record


def uncertain(result: WriteResult) -> str:
    """Why a write's outcome is not known."""
    assert isinstance(result, Uncertain), result
    return result.reason


def body_of(request: httpx.Request) -> abc.Mapping[str, Any]:
    """The JSON that a request carries."""
    found: dict[str, Any] = json.loads(request.content)
    return found

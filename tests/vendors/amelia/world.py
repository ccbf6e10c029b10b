"""An Amelia site in memory and the vendor that syncd makes of it; time stands still unless somebody waits."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from syncd.model.appointment import Appointment, Client
from syncd.model.catalogue import Catalogue, Entry
from syncd.model.record import Record
from syncd.model.times import Slot, Window
from syncd.sandbox.amelia.server import Amelia as Site
from syncd.sandbox.frame.faults import ConnectionDropped, Fault, NoAnswer
from syncd.sandbox.frame.records import Entry as Kept
from syncd.sandbox.frame.records import Person
from syncd.sandbox.serving.asgi import Application
from syncd.vendors.amelia.adapter import Adapter
from syncd.vendors.amelia.settings import Settings
from syncd.vendors.port import Row, WriteResult, Written
from syncd.vendors.settings import Origin
from syncd.vendors.transport import Connection, Surroundings

NOW = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)
WINDOW = Window(since=NOW - timedelta(days=1), until=NOW + timedelta(days=90))
ADDRESS = "http://127.0.0.1/wp-admin/admin-ajax.php"
VIEWING, SHOWING, CONSULTATION, DESK = 1, 2, 3, 10
JANE = Client(first_name="Jane", last_name="Smith", email="jane@example.com", phone="+12125550123")
OMAR = Client(first_name="Omar", last_name="Haddad", email="omar@example.com", phone="")
CATALOGUE = Catalogue(
    services=(
        Entry(name="Showing", ids={"site": SHOWING, "crm": "showing"}, duration=timedelta(minutes=30), default=True),
        Entry(name="Consultation", ids={"site": CONSULTATION}, duration=timedelta(minutes=60)),
        Entry(name="Repair", ids={"crm": "repair"}, duration=timedelta(minutes=45)),
    ),
    staff=(
        Entry(name="Jordan", ids={"site": {"provider": 1, "location": 1}}, default=True),
        Entry(name="Robin", ids={"site": 2}),
        Entry(name="Kim", ids={"crm": "kim"}),
    ),
)
BUILDS = ("slim3", "slim4")
GENERATIONS = ("1.x", "2.0", "2.1.3", "2.4")


def at(hour: float, day: int = 22, month: int = 10) -> datetime:
    """An instant of 2026; the site is two hours ahead of it in summer, one in winter (from 25 October, 01:00)."""
    return datetime(2026, month, day, tzinfo=UTC) + timedelta(hours=hour)


def slot(start: datetime, minutes: float = 30) -> Slot:
    """A slot of some minutes."""
    return Slot(start=start, end=start + timedelta(minutes=minutes))


def appointment(**values: Any) -> Appointment:
    """An appointment that the site could take."""
    usual: dict[str, Any] = {"slot": slot(at(8)), "clients": (JANE,), "service": "Showing", "staff": "Jordan"}
    return Appointment(**usual | values)


def person(client: Client) -> Person:
    """A client as the sandbox has them."""
    return Person(client.first_name, client.last_name, client.email, client.phone)


def settings(**keys: Any) -> Settings:
    """A valid section, with other keys as given; None leaves one out."""
    section = {"kind": "amelia", "base_url": ADDRESS, "api_key": Site.api_key, "timezone": "Europe/Belgrade"} | keys
    given = {key: value for key, value in section.items() if value is not None}
    return Settings.model_validate(given, context=Origin(environ={}, folder=Path()))


@dataclass
class World:
    """One site, and time that only waiting moves. `notify` is the stored flag of what a person enters."""

    behaviour: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.site = Site("site", clock=lambda: self.now, behaviour={"rate": None} | self.behaviour)
        self.seen: list[httpx.Request] = []

    def vendor(self, *, notify_clients: bool = False, catalogue: Catalogue = CATALOGUE, **keys: Any) -> Adapter:
        """The vendor by these settings."""
        keys = {"timezone": self.site.behaviour["zone"]} | keys
        surroundings = Surroundings(
            clock=lambda: self.now,
            sleep=self._sleep,
            rng=random.Random(1),
            connect=lambda connection: _Wire(self, httpx.ASGITransport(Application(self.site))),
            notify_clients=notify_clients,
        )
        return Adapter("site", settings(**keys), catalogue, surroundings)

    def enter(self, start: datetime | None = None, minutes: float = 30, **neutral: Any) -> Kept:
        """A person enters an appointment."""
        begin = start or at(8)
        given = {
            "start": begin,
            "end": begin + timedelta(minutes=minutes),
            "service": SHOWING,
            "people": [person(JANE)],
        }
        return self.site.person_insert(**{**given, **neutral})

    def fault(self, kind: str, **arguments: Any) -> None:
        """Let something go wrong from now on."""
        self.site.faults.add(Fault(kind=kind, **arguments))

    @property
    def calls(self) -> list[str]:
        """The requests so far, as `METHOD endpoint`."""
        return [f"{one.method} {query_of(one)['call'].removeprefix('/api/v1')}" for one in self.seen]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The bodies of all writes so far."""
        return [json.loads(one.content) for one in self.seen if one.method == "POST"]

    async def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class _Wire(httpx.AsyncBaseTransport):
    """The site without a socket: its faults look as they would on one."""

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


def answering(*answers: httpx.Response, seen: list[httpx.Request] | None = None, **keys: Any) -> Adapter:
    """A vendor whose site gives these answers in order, the last for ever."""
    left = list(answers)

    def handler(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        answer = left.pop(0) if len(left) > 1 else left[0]
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    async def no_sleep(seconds: float) -> None:
        pass

    def connect(connection: Connection) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(handler)

    surroundings = Surroundings(clock=lambda: NOW, sleep=no_sleep, rng=random.Random(1), connect=connect)
    return Adapter("site", settings(**keys), CATALOGUE, surroundings)


def row(**changes: Any) -> dict[str, Any]:
    """An appointment as Amelia lists it: own values in the reference's keys and types."""
    return {
        "id": 742,
        "bookings": [booking()],
        "notifyParticipants": 1,
        "internalNotes": "",
        "status": "approved",
        "serviceId": SHOWING,
        "parentId": None,
        "providerId": 1,
        "locationId": 1,
        "provider": None,
        "bookingStart": "2026-10-22 10:00:00",
        "bookingEnd": "2026-10-22 10:30:00",
        "type": "appointment",
        "resources": [],
    } | changes


def booking(number: int = 979, client: Client | None = JANE, **changes: Any) -> dict[str, Any]:
    """A booking of a row; its customer's number is the booking's less 900."""
    return {
        "id": number,
        "customerId": number - 900,
        "customer": None if client is None else customer(number - 900, client),
        "status": "approved",
        "extras": [],
        "couponId": None,
        "price": 23,
        "customFields": '{"1":{"label":"text","value":"yes","type":"text"}}',
        "info": None,
        "appointmentId": 742,
        "persons": 1,
        "payments": [],
        "packageCustomerService": None,
        "duration": 1800,
        "created": "2026-10-01 10:19:00",
    } | changes


def customer(number: int, client: Client) -> dict[str, Any]:
    """A customer inside a booking, or as a row."""
    return {
        "id": number,
        "firstName": client.first_name,
        "lastName": client.last_name,
        "email": client.email,
        "phone": client.phone or None,
        "type": "customer",
        "status": "visible",
    }


def handled(status: int = 200, message: str | None = None, data: Any = (), **members: Any) -> httpx.Response:
    """One of Amelia's own answers; without data the `[]` that PHP writes for it."""
    body = {"message": message, "data": members or list(data)}
    return httpx.Response(status, headers={"content-type": "text/html"}, content=json.dumps(body))


def query_of(request: httpx.Request) -> dict[str, str]:
    """The query of a request."""
    return dict(parse_qsl(urlsplit(str(request.url)).query))


async def listing(vendor: Adapter, window: Window = WINDOW) -> list[Row]:
    """All rows of a listing, repeated ones included."""
    return [one async for page in vendor.pages(window) for one in page.rows]


async def read(vendor: Adapter, remote_id: str, hint: Appointment | None = None) -> Record:
    """A record by id, which must be there."""
    found = await vendor.get(remote_id, hint)
    assert isinstance(found, Record)
    return found


def written(result: WriteResult) -> Written:
    """What a write brought that was done."""
    assert isinstance(result, Written), result
    return result

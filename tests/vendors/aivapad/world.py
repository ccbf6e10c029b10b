"""An Aivapad in memory, and syncd's adapter connected to it."""

from __future__ import annotations

import random
from collections import abc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec

from syncd.model.appointment import Appointment, Client
from syncd.model.catalogue import Catalogue
from syncd.model.record import Record
from syncd.model.times import Slot, Window
from syncd.sandbox.aivapad.server import DEMO_TOKEN
from syncd.sandbox.aivapad.server import Aivapad as Server
from syncd.sandbox.frame.faults import ConnectionDropped, Fault, NoAnswer
from syncd.sandbox.frame.records import Entry as Kept
from syncd.sandbox.frame.records import Person
from syncd.sandbox.serving.asgi import Application
from syncd.vendors.aivapad import KIND
from syncd.vendors.aivapad.adapter import Adapter
from syncd.vendors.port import Page, Row
from syncd.vendors.settings import Origin
from syncd.vendors.transport import Connection, Surroundings

NOW = datetime(2026, 12, 1, 17, tzinfo=UTC)
WINDOW = Window(since=NOW, until=NOW + timedelta(days=90))
HALF_HOUR = timedelta(minutes=30)
PERSON = Client(first_name="Jordan", last_name="Lee", email="jordan@example.com")


class Wire(httpx.AsyncBaseTransport):
    """A connection to the sandbox without a socket; every request is noted."""

    def __init__(self, server: Server, requests: list[httpx.Request]) -> None:
        self._app = httpx.ASGITransport(Application(server))
        self._requests = requests

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._requests.append(request)
        try:
            return await self._app.handle_async_request(request)
        except ConnectionDropped:
            raise httpx.ReadError("dropped") from None
        except NoAnswer:
            raise httpx.ReadTimeout("silent") from None


class World:
    """A clock, a vendor, and the adapter named `office`. Sleeping moves the clock."""

    def __init__(self, *, notify: bool = False, settings: dict[str, Any] | None = None, **behaviour: Any) -> None:
        self.now = NOW
        self.requests: list[httpx.Request] = []
        self.server = Server("office", clock=lambda: self.now, behaviour=behaviour)
        self.office = adapter(
            lambda connection: Wire(self.server, self.requests), self, notify=notify, **(settings or {})
        )

    def fault(self, kind: str, **arguments: Any) -> Fault:
        """Let something go wrong from now on."""
        return self.server.faults.add(Fault(kind=kind, **arguments))

    def insert(self, minutes: int = 60, **neutral: Any) -> Kept:
        """A person enters an appointment of half an hour that starts in so many minutes."""
        start = NOW + timedelta(minutes=minutes)
        person = Person(first_name=PERSON.first_name, last_name=PERSON.last_name, email=PERSON.email)
        values = {"start": start, "end": start + HALF_HOUR, "title": f"Visit {minutes}", "people": [person]}
        return self.server.person_insert(**{**values, **neutral})

    async def pages(self) -> list[Page]:
        """Read the listing to its end."""
        return [page async for page in self.office.pages(WINDOW)]

    async def rows(self) -> list[Row]:
        """All rows of the listing."""
        return [row for page in await self.pages() for row in page.rows]

    async def known(self, remote_id: str) -> Record:
        """The record by id, which is there."""
        found = await self.office.get(remote_id)
        assert isinstance(found, Record)
        return found

    def sent(self, method: str) -> list[dict[str, Any]]:
        """The bodies of the requests of one method, in order."""
        return [msgspec.json.decode(request.content or b"{}") for request in self.requests if request.method == method]

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.now += timedelta(seconds=seconds)


def adapter(
    connect: abc.Callable[[Connection], httpx.AsyncBaseTransport],
    world: World | None = None,
    catalogue: Catalogue | None = None,
    *,
    notify: bool = False,
    **settings: Any,
) -> Adapter:
    """The adapter `office` over any connection."""

    async def no_sleep(seconds: float) -> None:
        pass

    surroundings = Surroundings(
        clock=(lambda: world.now) if world else (lambda: NOW),
        sleep=world.sleep if world else no_sleep,
        rng=random.Random(7),
        connect=connect,
        notify_clients=notify,
    )
    values = {"kind": "aivapad", "token": DEMO_TOKEN, "timezone": "America/Los_Angeles", **settings}
    parsed = KIND.settings.model_validate(values, context=Origin(environ={}, folder=Path()))
    return Adapter("office", parsed, catalogue or Catalogue(), surroundings)  # type: ignore[arg-type]


def answering(*answers: httpx.Response, requests: list[httpx.Request] | None = None, **settings: Any) -> Adapter:
    """An adapter whose vendor gives these answers in order, the last for ever."""
    left = list(answers)

    def handler(request: httpx.Request) -> httpx.Response:
        if requests is not None:
            requests.append(request)
        answer = left.pop(0) if len(left) > 1 else left[0]
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    return adapter(lambda connection: httpx.MockTransport(handler), **settings)


def row(**changes: Any) -> dict[str, Any]:
    """A row with every documented key."""
    return {
        "_id": "a1",
        "title": "Visit",
        "date": "2026-12-02",
        "startTime": "10:00",
        "endTime": "10:30",
        "status": "default",
        "clientFirstName": "Jordan",
        "clientLastName": "Lee",
        "clientEmail": "jordan@example.com",
        "location": "12 Sample Street",
        "notes": "bring keys",
        "notificationEnabled": False,
        "allDay": False,
        "createdAt": "2026-11-06T20:33:50.414Z",
        "updatedAt": "2026-11-06T20:33:50.414Z",
        **changes,
    }


def wrapped(data: Any, status: int = 200, **beside: Any) -> httpx.Response:
    """The vendor's envelope around data."""
    return httpx.Response(status, json={"success": True, "data": data, **beside})


def failure(status: int) -> httpx.Response:
    """The vendor's own error envelope, with a text that quotes a client."""
    return httpx.Response(status, json={"success": False, "error": "jordan@example.com é inválido"})


def appointment(**changes: Any) -> Appointment:
    """Half an hour tomorrow at ten in Los Angeles."""
    start = datetime(2026, 12, 2, 18, tzinfo=UTC)
    values = {"slot": Slot(start=start, end=start + HALF_HOUR), "title": "Visit", "clients": (PERSON,)}
    return Appointment(**{**values, **changes})

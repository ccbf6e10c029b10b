"""An ActuallyCare in memory, and syncd's adapter connected to it."""

from __future__ import annotations

import random
from collections import abc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from syncd.model.appointment import Appointment
from syncd.model.catalogue import Catalogue, Entry
from syncd.model.record import Record
from syncd.model.times import Slot, Window
from syncd.sandbox.actuallycare.server import DEMO_KEY
from syncd.sandbox.actuallycare.server import ActuallyCare as Server
from syncd.sandbox.frame.faults import ConnectionDropped, Fault, NoAnswer
from syncd.sandbox.frame.records import Entry as Kept
from syncd.sandbox.frame.records import Person
from syncd.sandbox.serving.asgi import Application
from syncd.vendors.actuallycare import KIND
from syncd.vendors.actuallycare.adapter import Adapter
from syncd.vendors.port import Page, Row
from syncd.vendors.settings import Origin
from syncd.vendors.transport import Connection, Surroundings

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
WINDOW = Window(since=NOW, until=NOW + timedelta(days=90))
HALF_HOUR = timedelta(minutes=30)
CATALOGUE = Catalogue(
    services=(
        Entry(name="Showing", ids={"crm": "showing"}, duration=HALF_HOUR),
        Entry(name="Consultation", ids={"crm": "meeting"}, duration=timedelta(hours=1)),
        Entry(name="Massage", ids={"book": 7}),
    )
)

Handler = abc.Callable[[httpx.Request], abc.Awaitable[httpx.Response]]


class Wire(httpx.AsyncBaseTransport):
    """A connection to the sandbox without a socket; `before` is called ahead of each request."""

    def __init__(self, server: Server, before: abc.Callable[[httpx.Request], None]) -> None:
        self._app = httpx.ASGITransport(Application(server))
        self._before = before

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._before(request)
        try:
            return await self._app.handle_async_request(request)
        except ConnectionDropped:
            raise httpx.ReadError("dropped") from None
        except NoAnswer:
            raise httpx.ReadTimeout("silent") from None


class World:
    """A clock, a vendor, and the adapter named `crm`. Sleeping moves the clock."""

    def __init__(self, *, catalogue: Catalogue = CATALOGUE, **behaviour: Any) -> None:
        self.now = NOW
        self.requests: list[httpx.Request] = []
        self.interventions: list[abc.Callable[[], object]] = []
        self.server = Server("crm", clock=lambda: self.now, behaviour=behaviour)
        self.crm = adapter(lambda connection: Wire(self.server, self._before), self, catalogue)

    def fault(self, kind: str, **arguments: Any) -> Fault:
        """Let something go wrong from now on."""
        return self.server.faults.add(Fault(kind=kind, **arguments))

    def insert(self, minutes: int = 60, **neutral: Any) -> Kept:
        """A person enters an appointment of half an hour that starts in so many minutes."""
        start = NOW + timedelta(minutes=minutes)
        values = {"start": start, "end": start + HALF_HOUR, "title": f"Visit {minutes}", "service": "showing"}
        people = [Person(first_name="Jordan", last_name="Lee", email="jordan@example.com", phone="+1 661 555 0123")]
        return self.server.person_insert(**{**values, "people": people, **neutral})

    async def pages(self) -> list[Page]:
        """Read the listing to its end."""
        return [page async for page in self.crm.pages(WINDOW)]

    async def rows(self) -> list[Row]:
        """All rows of the listing."""
        return [row for page in await self.pages() for row in page.rows]

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.now += timedelta(seconds=seconds)

    def _before(self, request: httpx.Request) -> None:
        self.requests.append(request)
        if len(self.requests) > 1 and self.interventions:
            self.interventions.pop(0)()


def adapter(
    connect: abc.Callable[[Connection], httpx.AsyncBaseTransport],
    world: World | None = None,
    catalogue: Catalogue = CATALOGUE,
    **settings: Any,
) -> Adapter:
    """The adapter `crm` over any connection."""

    async def no_sleep(seconds: float) -> None:
        pass

    surroundings = Surroundings(
        clock=(lambda: world.now) if world else (lambda: NOW),
        sleep=world.sleep if world else no_sleep,
        rng=random.Random(7),
        connect=connect,
    )
    values = {"kind": "actuallycare", "api_key": DEMO_KEY, **settings}
    parsed = KIND.settings.model_validate(values, context=Origin(environ={}, folder=Path()))
    return Adapter("crm", parsed, catalogue, surroundings)  # type: ignore[arg-type]


def answering(*answers: httpx.Response, requests: list[httpx.Request] | None = None) -> Adapter:
    """An adapter whose vendor gives these answers in order, the last for ever."""
    left = list(answers)

    def handler(request: httpx.Request) -> httpx.Response:
        if requests is not None:
            requests.append(request)
        answer = left.pop(0) if len(left) > 1 else left[0]
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    return adapter(lambda connection: httpx.MockTransport(handler))


def failure(status: int, code: str = "VALIDATION_ERROR") -> httpx.Response:
    """The vendor's own error envelope, with a message that quotes a client."""
    error = {"code": code, "message": "jordan@example.com is wrong", "details": None}
    return httpx.Response(status, json={"success": False, "error": error, "timestamp": "2026-12-01T09:00:00.000Z"})


def appointment(**changes: Any) -> Appointment:
    """Half an hour tomorrow at ten."""
    start = NOW + timedelta(days=1, hours=1)
    return Appointment(**{"slot": Slot(start=start, end=start + HALF_HOUR), "title": "Visit", **changes})


async def known(world: World, remote_id: str) -> Record:
    """The record by id, which is there."""
    found = await world.crm.get(remote_id)
    assert isinstance(found, Record)
    return found

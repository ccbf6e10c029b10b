"""A client of the sandbox's booking page in memory, and the body that a booking wants."""

from typing import Any

import httpx

from syncd.sandbox.acuity.server import Acuity
from syncd.sandbox.frame.records import Person
from syncd.sandbox.serving.asgi import Application
from tests.sandbox.clients import Clock

SHOWING, CONSULTATION = 94517100, 94517101
JORDAN, ROBIN = 14209019, 14209020
JANE = Person("Jane", "Smith", "jane@example.com", "(661) 555-0101")
BOOKING = {
    "datetime": "2026-12-10T10:00:00-0500",
    "appointmentTypeID": SHOWING,
    "calendarID": JORDAN,
    "firstName": "Jane",
    "lastName": "Smith",
    "email": "jane@example.com",
    "phone": "(661) 555-0101",
}


def acuity(clock: Clock | None = None, **behaviour: Any) -> Acuity:
    """An empty booking page without a rate limit."""
    return Acuity("book", clock=clock or Clock(), behaviour={"rate": None, **behaviour})


def api(vendor: Acuity, **given: Any) -> httpx.AsyncClient:
    """A client of its API with valid credentials."""
    return httpx.AsyncClient(
        **{"auth": (vendor.user_id, vendor.api_key), **given},
        transport=httpx.ASGITransport(Application(vendor)),
        base_url="http://vendor.test/api/v1",
    )


async def book(vendor: Acuity, query: str = "admin=true&noEmail=true", **change: Any) -> httpx.Response:
    """A booking at 10:00 New York, 15:00 UTC."""
    async with api(vendor) as client:
        return await client.post(f"/appointments?{query}", json={**BOOKING, **change})


async def listed(vendor: Acuity, **query: str | int) -> list[dict[str, Any]]:
    """The rows of one listing."""
    async with api(vendor) as client:
        answer = await client.get("/appointments", params=query)
    assert answer.status_code == 200
    rows: list[dict[str, Any]] = answer.json()
    return rows


async def put(vendor: Acuity, path: str, query: str = "", **body: Any) -> httpx.Response:
    """A PUT to an appointment."""
    async with api(vendor) as client:
        return await client.put(f"/appointments/{path}?{query}", json=body)

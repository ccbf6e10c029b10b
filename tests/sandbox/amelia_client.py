"""A client of the sandbox's WordPress site in memory, and the bodies that its plugin wants."""

from typing import Any
from urllib.parse import urlencode

import httpx

from syncd.sandbox.amelia.bookings import Appointment
from syncd.sandbox.amelia.server import Amelia
from syncd.sandbox.frame.records import Person
from syncd.sandbox.serving.asgi import Application
from tests.sandbox.clients import Clock, at

JANE = Person("Jane", "Smith", "jane@example.com", "+16615550101")
SHOWING, CONSULTATION = 2, 3
JORDAN, ROBIN = 1, 2
DESK = 10
PATH = "/api/v1/appointments"


def amelia(clock: Clock | None = None, **behaviour: Any) -> Amelia:
    """A site in Belgrade without appointments."""
    return Amelia("site", clock=clock or Clock(), behaviour=behaviour)


async def ask(vendor: Amelia, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
    """One request with the right key; `path` is the query parameter `call`."""
    transport = httpx.ASGITransport(Application(vendor))
    async with httpx.AsyncClient(transport=transport, headers={"Amelia": vendor.api_key}) as client:
        action = query.pop("action", "wpamelia_api")
        more = f"&{urlencode(query)}" if query else ""
        # Written out: older builds want the slashes as they are, and nothing in front.
        address = f"http://site.test{vendor.base_path}?action={action}&call={path}{more}"
        return await client.request(method, address, **({} if body is None else {"json": body}))


async def get(vendor: Amelia, path: str = PATH, **query: Any) -> dict[str, Any]:
    """The data of a successful read."""
    answer = await ask(vendor, "GET", path, **query)
    assert answer.status_code == 200
    data: dict[str, Any] = answer.json()["data"]
    return data


async def post(vendor: Amelia, path: str, **body: Any) -> dict[str, Any]:
    """The data of a successful write."""
    answer = await ask(vendor, "POST", path, body)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def ids(vendor: Amelia, **query: Any) -> list[int]:
    """The ids of a listing, in its order."""
    appointments = (await get(vendor, asArray="true", **query))["appointments"]
    return [row["id"] for row in appointments]


def booking(**change: Any) -> dict[str, Any]:
    """One booking of the desk's, complete."""
    return {"customerId": DESK, "duration": 1800, "persons": 1, "status": "approved", "extras": [], **change}


def creation(**change: Any) -> dict[str, Any]:
    """A create at 11:00 in Belgrade, 10:00 UTC."""
    return {
        "bookings": [booking()],
        "bookingStart": "2026-12-10 11:00",
        "notifyParticipants": 0,
        "serviceId": SHOWING,
        "providerId": JORDAN,
        "locationId": 1,
        "recurring": [],
        **change,
    }


def stored(vendor: Amelia, record_id: int | str) -> Appointment:
    """The record as it is kept."""
    return vendor.kept(vendor.entries[str(record_id)])


def entered(vendor: Amelia, hour: float = 10, **neutral: Any) -> Appointment:
    """A record of Jane's that a person entered."""
    return vendor.kept(vendor.person_insert(**{"start": at(hour), "people": [JANE], "service": SHOWING, **neutral}))

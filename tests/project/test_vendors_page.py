"""The page on the vendors says what the code does: each field's abilities, each endpoint with its method and its test.

The endpoints of the vendors' documents stand here, so that none can be left out of the page. What a method of a client
sends is seen on the wire, not read off its text.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import random
import re
from collections import abc
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from syncd.model.appointment import Field
from syncd.model.errors import VendorError
from syncd.vendors.acuity.listing import Days
from syncd.vendors.transport import Surroundings, Transport
from tests.contract.subjects import SUBJECTS, Subject
from tests.contract.world import World
from tests.project.sources import ROOT

PAGE = ROOT / "docs" / "vendors.md"
HEADINGS = {"actuallycare": "ActuallyCare", "acuity": "Acuity", "aivapad": "Aivapad", "amelia": "Amelia"}
KINDS = tuple(HEADINGS)
UNSENT = {"aclose"}
"""Public methods of clients that ask the vendor nothing."""

DOCUMENTED = {
    "actuallycare": {
        "GET /appointments",
        "POST /appointments",
        "GET /appointments/{id}",
        "PUT /appointments/{id}",
        "DELETE /appointments/{id}",
        "GET /clients",
        "POST /clients",
        "GET /clients/{id}",
        "PUT /clients/{id}",
        "DELETE /clients/{id}",
        "GET /webhooks",
        "POST /webhooks",
        "GET /webhooks/events",
        "GET /webhooks/events/categories",
        "PUT /webhooks/{id}",
        "DELETE /webhooks/{id}",
        "GET /webhooks/{id}/logs",
    },
    "acuity": {
        "GET /appointments",
        "GET /appointments/{id}",
        "POST /appointments",
        "PUT /appointments/{id}",
        "PUT /appointments/{id}/cancel",
        "PUT /appointments/{id}/reschedule",
        "GET /appointment-types",
        "GET /availability/dates",
        "GET /availability/times",
        "POST /availability/check-times",
        "GET /calendars",
        "GET /webhooks",
        "POST /webhooks",
        "DELETE /webhooks/{id}",
        "GET /me",
        "GET /clients",
        "GET /blocks",
        "GET /blocks/{id}",
        "POST /blocks",
        "DELETE /blocks/{id}",
    },
    "aivapad": {
        "GET /appointments",
        "GET /appointments/{id}",
        "POST /appointments",
        "POST /appointments/check-conflict",
        "PUT /appointments/{id}",
        "DELETE /appointments/{id}",
    },
    "amelia": {
        "GET /appointments",
        "GET /appointments/{id}",
        "POST /appointments",
        "POST /appointments/{id}",
        "POST /appointments/status/{id}",
        "POST /appointments/delete/{id}",
        "GET /settings",
    },
}
"""Every endpoint of the vendors' documents on appointments, and those beside them of which syncd has a method."""

BODY: dict[str, Any] = {}
SAMPLES: dict[str, dict[str, tuple[Any, ...]]] = {
    "actuallycare": {
        "page": (1,),
        "get": ("7",),
        "create": (BODY,),
        "update": ("7", BODY),
        "delete": ("7",),
        "clients_page": (1,),
        "client": ("7",),
        "create_client": (BODY,),
        "update_client": ("7", BODY),
        "delete_client": ("7",),
        "webhook_logs": ("7",),
        "create_webhook": (BODY,),
        "update_webhook": ("7", BODY),
        "delete_webhook": ("7",),
    },
    "acuity": {
        "page": (Days(date(2026, 10, 1), date(2026, 10, 2)), 1, None),
        "get": ("7",),
        "create": (BODY,),
        "update": ("7", BODY),
        "reschedule": ("7", BODY),
        "cancel": ("7",),
        "free_dates": ("2026-10", "7"),
        "free_times": ("2026-10-22", "7"),
        "check_time": ("2026-10-22T10:00:00-0400", "7"),
        "add_webhook": ("appointment.changed", "https://example.com"),
        "remove_webhook": ("7",),
        "block": ("7",),
        "add_block": (BODY,),
        "remove_block": ("7",),
    },
    "aivapad": {
        "get": ("7",),
        "create": (BODY,),
        "update": ("7", BODY),
        "delete": ("7",),
        "conflicts": ({"date": "2026-10-22", "startTime": "10:00", "endTime": "11:00"},),
    },
    "amelia": {
        "page": (date(2026, 10, 1), date(2026, 10, 2)),
        "get": ("7",),
        "create": (BODY,),
        "update": ("7", BODY),
        "set_status": ("7", "canceled"),
        "delete": ("7",),
        "customers": ("", 1),
        "add_customer": (BODY,),
    },
}
"""What methods are called with here; those that are not named take nothing."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A row of a vendor's table of endpoints."""

    request: str
    method: str
    use: str
    tests: tuple[str, ...]


def section(kind: str) -> str:
    """The part of the page on one vendor."""
    found = re.search(rf"^## {HEADINGS[kind]}$(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def rows(kind: str, first: str) -> list[list[str]]:
    """The cells of the table whose first heading is `first`."""
    lines = section(kind).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first} |"))
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return found


def endpoints(kind: str) -> list[Endpoint]:
    """The vendor's table of endpoints."""
    return [
        Endpoint(request.strip("` "), method.strip("` "), use, tuple(re.findall(r"`([^`]+)`", tests)))
        for request, method, use, tests in rows(kind, "Endpoint")
    ]


def client_of(kind: str) -> type[Any]:
    """The class that has a method for each endpoint."""
    found: type[Any] = importlib.import_module(f"syncd.vendors.{kind}.client").ApiClient
    return found


def subject_of(kind: str) -> Subject:
    """The vendor as the contract suite knows it."""
    return next(subject for subject in SUBJECTS if subject.kind == kind)


def said(yes: bool) -> str:
    """A cell of the table of fields."""
    return "yes" if yes else "–"


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_of_fields_says_what_the_capabilities_say(kind: str) -> None:
    """Each field once: seen, set on create, updated; and each endpoint that it names is in the other table."""
    subject = subject_of(kind)
    able = World(subject, subject.behaviours[-1]).vendor.capabilities
    expected = {
        name.value: [said(able.ability(name).seen), said(able.ability(name).created), said(able.ability(name).updated)]
        for name in Field
    }
    table = rows(kind, "Field")
    assert {cells[0]: cells[1:4] for cells in table} == expected
    known = {endpoint.request for endpoint in endpoints(kind)}
    assert {request for cells in table for request in re.findall(r"`([A-Z]+ /[^`]+)`", cells[4])} <= known


@pytest.mark.parametrize("kind", KINDS)
def test_every_documented_endpoint_and_every_method_is_in_the_table(kind: str) -> None:
    """No endpoint without a method, no method that the page hides, and no test that is not there."""
    table = endpoints(kind)
    assert {endpoint.request for endpoint in table} >= DOCUMENTED[kind]
    methods = {
        name
        for name, member in inspect.getmembers(client_of(kind), inspect.iscoroutinefunction)
        if not name.startswith("_") and name not in UNSENT
    }
    assert {endpoint.method for endpoint in table} == methods
    for endpoint in table:
        assert endpoint.use, endpoint.request
        assert endpoint.tests, endpoint.request
        for test in endpoint.tests:
            path, _, name = test.partition("::")
            assert f"def {name}(" in (ROOT / path).read_text("utf-8"), f"{endpoint.request}: {test}"


@pytest.mark.parametrize("kind", KINDS)
async def test_every_method_sends_what_the_table_says(kind: str) -> None:
    """Called with anything, its first request goes to the endpoint of its row."""
    for endpoint in endpoints(kind):
        sent = await first_request(kind, endpoint)
        assert matches(endpoint.request, sent), f"{endpoint.method}: {sent}"


async def first_request(kind: str, endpoint: Endpoint) -> str:
    """The first request that a method sends, as `GET /path`."""
    seen: list[httpx.Request] = []

    class Listening(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            seen.append(request)
            return httpx.Response(418, request=request)

    subject = subject_of(kind)
    world = World(subject, subject.behaviours[-1])
    clock = world.clock
    transport = Transport(
        vendor="agenda",
        base_url="http://127.0.0.1/" + ("?call=/api/v1" if kind == "amelia" else ""),
        headers={},
        timeout=timedelta(seconds=1),
        rate=(1000, 1.0),
        surroundings=Surroundings(
            clock=clock, sleep=clock.sleep, rng=random.Random(7), connect=lambda connection: Listening()
        ),
    )
    client = client_of(kind)("agenda", transport, **({"quiet": True} if kind == "acuity" else {}))
    method: abc.Callable[..., abc.Awaitable[Any]] = getattr(client, endpoint.method)
    given = SAMPLES[kind].get(endpoint.method, ())
    wanted = inspect.signature(method).parameters.values()
    named = {one.name: False for one in wanted if one.kind is one.KEYWORD_ONLY and one.default is one.empty}
    if endpoint.method == "catalogue_ids":
        given = (endpoint.request.split()[1], "services")
    with contextlib.suppress(VendorError):
        await method(*given, **named)
    path = seen[0].url.params["call"].removeprefix("/api/v1") if kind == "amelia" else seen[0].url.path
    return f"{seen[0].method} {path}"


def matches(documented: str, sent: str) -> bool:
    """Whether a request is one of an endpoint, whatever the id."""
    pattern = re.escape(documented).replace(re.escape("{id}"), "[^/]+")
    return re.fullmatch(pattern, sent.replace("//", "/")) is not None

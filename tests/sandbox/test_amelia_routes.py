"""The WordPress site of the sandbox: its router, its settings and its limits.

Measured on Lite 1.2.34, 2.1.3 and 2.4.3, but for what is read in Elite's source.
"""

from typing import Any

import httpx
import pytest

from syncd.sandbox.amelia.server import Amelia
from syncd.sandbox.frame.faults import NoAnswer
from syncd.sandbox.serving.asgi import Application
from tests.sandbox.amelia_client import PATH, amelia, ask, creation, entered, get, ids

GENERATIONS = ("1.x", "2.0", "2.1.3", "2.4")
OLDER = GENERATIONS[:3]


@pytest.mark.parametrize("generation", GENERATIONS)
async def test_another_parameter_in_front_misleads_older_builds(generation: str) -> None:
    """They cut the raw query: `action=wpamelia_api&call=/` must come first, with its slashes as they are."""
    vendor = amelia(generation=generation)
    queries = (
        f"lang=en&action=wpamelia_api&call={PATH}",
        f"action=wpamelia_api&call={PATH.replace('/', '%2F')}",
        f"action=wpamelia_api&call={PATH}&lang=en",
    )
    statuses = [(await _raw(vendor, query)).status_code for query in queries]
    assert statuses == ([404, 404, 200] if generation in OLDER else [200, 200, 200])


async def _raw(vendor: Amelia, query: str) -> httpx.Response:
    transport = httpx.ASGITransport(Application(vendor))
    async with httpx.AsyncClient(transport=transport, headers={"Amelia": vendor.api_key}) as client:
        return await client.get(f"http://site.test{vendor.base_path}?{query}")


@pytest.mark.parametrize("generation", ["2.1.3", "2.4"])
async def test_a_plan_without_an_api_has_no_endpoint(generation: str) -> None:
    """404 with a message on Slim 4, with nothing on Slim 3."""
    answer = await ask(amelia(generation=generation, licence="no_api"), "GET", PATH)
    assert answer.status_code == 404
    assert answer.content == (b"" if generation == "2.1.3" else b'{"message":"Not found."}')


@pytest.mark.parametrize(
    ("behaviour", "status", "kind"),
    [
        ({"generation": "2.4"}, 409, "application/json"),
        ({"generation": "2.1.3"}, 200, "text/html"),
        ({"generation": "2.1.3", "lite_errors": True}, 409, "application/json"),
    ],
)
async def test_a_foreseen_error_is_told_by_its_body(behaviour: dict[str, Any], status: int, kind: str) -> None:
    """409 on Slim 4, and on both frameworks in Lite; 200 in Elite on Slim 3, by its source."""
    vendor = amelia(**behaviour)
    entered(vendor)
    answer = await ask(vendor, "POST", PATH, creation())
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (status, kind)
    assert answer.json()["data"] == {"timeSlotUnavailable": True}


@pytest.mark.parametrize(("generation", "kind"), [("2.1.3", "text/html"), ("2.4", "application/json")])
async def test_an_exception_is_500_and_json_whatever_it_calls_itself(generation: str, kind: str) -> None:
    """On Slim 3 it says text/html."""
    answer = await ask(amelia(generation=generation), "GET", f"{PATH}/742")
    assert (answer.status_code, answer.json()) == (500, {"message": "Invalid key 742."})
    assert answer.headers["content-type"].split(";")[0] == kind


@pytest.mark.parametrize("generation", GENERATIONS)
async def test_too_many_rows_without_a_page_break_the_site_down(generation: str) -> None:
    """PHP runs out of memory: WordPress's page of a critical error. Smaller windows, and pages, stay well."""
    vendor = amelia(generation=generation, max_rows_unpaged=10)
    for number in range(12):
        entered(vendor, 4 * number)
    answer = await ask(vendor, "GET", PATH, dates="2026-12-10,2026-12-11")
    assert (answer.status_code, b"critical error" in answer.content) == (500, True)
    assert answer.headers["content-type"].startswith("text/html")
    assert await ids(vendor, dates="2026-12-10,2026-12-10")
    assert await ids(vendor, page=1)


async def test_a_site_that_breaks_down_may_do_so_in_silence() -> None:
    """At 9,000 rows no client waits for the end of the query."""
    vendor = amelia(max_rows_unpaged=1, overload="silence")
    for number in range(2):
        entered(vendor, number)
    with pytest.raises(NoAnswer):
        await ask(vendor, "GET", PATH)
    assert await ids(vendor, page=1, limit=500)


@pytest.mark.parametrize(
    ("dates", "hours"),
    [
        ("2026-12-10,", []),
        ("2026-11-30,", [-240, -216]),
        ("2026-12-10T00:00:00Z,2026-12-11", [-216, 10]),
        ("2026-12-11,2026-12-10", []),
    ],
)
async def test_an_empty_day_is_today_too(dates: str, hours: list[float]) -> None:
    """`A,` ends today, which is 1 December; a swapped window is empty."""
    vendor = amelia()
    known: dict[float, int] = {hour: int(entered(vendor, hour).id) for hour in (-240, -216, 10)}
    expected = [known[hour] for hour in hours]
    found = await ids(vendor, dates=dates)
    assert found == expected


async def test_the_shown_version_belongs_to_the_generation() -> None:
    """By `GET /settings`, which all three builds have."""
    shown = [(await get(amelia(generation=name), "/api/v1/settings"))["settings"]["activation"] for name in GENERATIONS]
    versions = ["1.2.34", "2.1.2", "2.1.3", "2.4.3"]
    assert shown == [{"version": version} for version in versions]


@pytest.mark.parametrize(
    ("behaviour", "zone", "offset", "step"),
    [
        ({"slot_step": 30}, "Europe/Belgrade", 1, 1800),
        ({"zone": "+05:30"}, "", 5.5, 300),
        ({"zone": "America/Chicago", "slot_step": 15}, "America/Chicago", -6, 900),
    ],
)
async def test_settings_tell_zone_step_and_days(behaviour: dict[str, Any], zone: str, offset: float, step: int) -> None:
    """A site at a fixed offset has no zone's name; the offset is that of now, the step in seconds."""
    told = (await get(amelia(**behaviour), "/api/v1/settings"))["settings"]
    assert told["wordpress"] == {"timeZoneString": zone, "gmtOffset": offset}
    general = told["general"]
    assert general["timeSlotLength"] == step
    assert general["backendSlotsDaysInFuture"] == general["backendSlotsDaysInPast"] == 365
    assert told["roles"] == {"allowAdminBookAtAnyTime": False}


@pytest.mark.parametrize("settings", ["403", "404"])
async def test_settings_may_be_kept_from_a_key(settings: str) -> None:
    """Whether Elite's key may read them is not known."""
    answer = await ask(amelia(settings=settings), "GET", "/api/v1/settings")
    assert str(answer.status_code) == settings

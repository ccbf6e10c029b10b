"""Over real sockets the sandbox's lost answers are as lost as a vendor's."""

import json
import tomllib

import httpx
import pytest

from syncd.sandbox.frame.faults import Fault
from syncd.sandbox.frame.records import Entry
from syncd.sandbox.frame.vendor import SandboxVendor
from syncd.sandbox.serving.server import Sandbox, serve
from tests.sandbox.clients import actuallycare, aivapad, at, credentials

NEW = {"title": "New", "start_time": "2026-12-10T10:00:00Z", "end_time": "2026-12-10T11:00:00Z"}


def insert(vendor: SandboxVendor, count: int) -> list[Entry]:
    """Records an hour apart."""
    return [vendor.person_insert(start=at(hour), end=at(hour + 1), title=f"Visit {hour}") for hour in range(count)]


async def test_each_vendor_has_an_address_of_its_own() -> None:
    """Free ports, the API under the vendor's base path, the control surface at the root."""
    vendors: list[SandboxVendor] = [actuallycare(), aivapad()]
    insert(vendors[1], 2)
    async with serve(vendors) as addresses, httpx.AsyncClient() as client:
        assert set(addresses) == {"crm", "office"}
        url = f"{addresses['office']}{vendors[1].base_path}/appointments"
        rows = (await client.get(url, headers=credentials(vendors[1]))).json()["data"]
        records = (await client.get(f"{addresses['office']}/_sandbox/records")).json()
    assert [row["title"] for row in rows] == [record["title"] for record in records] == ["Visit 0", "Visit 1"]


async def test_an_answer_carries_one_date_and_no_other_server_header() -> None:
    """The server adds nothing to what the vendor says."""
    vendor = actuallycare()
    async with serve([vendor]) as addresses, httpx.AsyncClient(headers=credentials(vendor)) as client:
        answer = await client.get(f"{addresses['crm']}/v1/appointments")
    assert answer.headers.get_list("date") == ["Tue, 01 Dec 2026 12:00:00 GMT"]
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    ("kind", "error", "stored"),
    [
        ("reset", httpx.ReadError, 0),
        ("reset_after", httpx.ReadError, 1),
        ("reset_body", httpx.RemoteProtocolError, 1),
        ("hang", httpx.ReadTimeout, 0),
        ("hang_after", httpx.ReadTimeout, 1),
    ],
)
async def test_a_lost_answer_breaks_the_connection_and_not_the_server(
    kind: str, error: type[httpx.HTTPError], stored: int
) -> None:
    """The client sees a reset, a torn body or nothing at all; the next request is served."""
    vendor = actuallycare()
    vendor.faults.add(Fault(kind, operation="create", times=1))
    async with serve([vendor]) as addresses, httpx.AsyncClient(headers=credentials(vendor)) as client:
        url = f"{addresses['crm']}/v1/appointments"
        with pytest.raises(error):
            await client.post(url, json=NEW, timeout=httpx.Timeout(30, read=0.05 if "hang" in kind else 30))
        assert len(vendor.entries) == stored
        assert (await client.get(url)).json()["data"]["meta"]["total"] == stored


async def test_a_truncated_body_arrives_whole_as_http() -> None:
    """Its length is right and its JSON is not."""
    vendor = actuallycare()
    insert(vendor, 3)
    vendor.faults.add(Fault("truncate"))
    async with serve([vendor]) as addresses, httpx.AsyncClient(headers=credentials(vendor)) as client:
        answer = await client.get(f"{addresses['crm']}/v1/appointments")
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


async def test_a_server_stops_with_a_request_hanging() -> None:
    """The client whose answer never came sees its connection end."""
    vendor = actuallycare()
    vendor.faults.add(Fault("hang", times=1))
    async with httpx.AsyncClient(headers=credentials(vendor), timeout=httpx.Timeout(30, read=0.05)) as client:
        async with serve([vendor]) as addresses:
            with pytest.raises(httpx.ReadTimeout):
                await client.get(f"{addresses['crm']}/v1/appointments")
        with pytest.raises(httpx.ConnectError):
            await client.get(f"{addresses['crm']}/v1/appointments")


def test_a_synchronous_caller_has_the_sandbox_in_a_thread() -> None:
    """With addresses, the vendors themselves, and a configuration."""
    with Sandbox([actuallycare(), aivapad()]) as sandbox:
        insert(sandbox.vendor("crm"), 2)
        records = httpx.get(f"{sandbox.url('crm')}/_sandbox/records").json()
        answer = httpx.get(f"{sandbox.base_url('crm')}/appointments", headers=credentials(sandbox.vendor("crm")))
        read = tomllib.loads(sandbox.config_text(state="sqlite:///x.db", rate="100/s"))
    assert len(records) == answer.json()["data"]["meta"]["total"] == 2
    assert read["vendors"]["crm"]["base_url"] == sandbox.base_url("crm")
    assert read["vendors"]["office"]["rate"] == "100/s"


def test_a_taken_port_is_an_error_at_once() -> None:
    """The sandbox does not start in half."""
    with Sandbox([actuallycare()]) as first:
        port = int(first.url("crm").rsplit(":", 1)[1])
        with pytest.raises(OSError, match="address already in use"), Sandbox([actuallycare()], ports={"crm": port}):
            pass

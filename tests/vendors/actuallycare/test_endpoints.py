"""Every endpoint of clients and webhooks has a method, and each method is understood by the vendor."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from syncd.model.errors import Misconfigured, Refused
from syncd.sandbox.actuallycare.server import ActuallyCare
from syncd.vendors.actuallycare.client import ApiClient, Denied
from syncd.vendors.port import Uncertain
from tests.vendors.actuallycare.world import Wire, World, adapter, failure

ANA = {"first_name": "Ana", "last_name": "Lopes", "client_type": "buyer"}
HOOK = {"url": "https://hooks.example.com/crm", "events": ["appointment.*"], "secret": "ten letters"}


def client_of(world: World) -> ApiClient:
    """The endpoints as the adapter has them."""
    return world.crm.api


def read(data: bytes | Uncertain | Denied | None) -> Any:
    """What an answer holds."""
    assert isinstance(data, bytes)
    return json.loads(data)


async def test_a_client_is_made_read_changed_and_deleted() -> None:
    """By `/clients` and `/clients/{id}`."""
    world = World()
    client = client_of(world)
    made = read(await client.create_client(ANA))
    assert read(await client.client(made["id"])) == made
    assert read(await client.update_client(made["id"], {"email": "ana@example.com"}))["email"] == "ana@example.com"
    page = await client.clients_page(1)
    assert not isinstance(page, Denied)
    assert [json.loads(row)["id"] for row in page.rows] == [made["id"]]
    assert (page.total, page.more) == (1, False)
    assert read(await client.delete_client(made["id"])) == {}
    assert await client.client(made["id"]) is None


async def test_a_client_without_a_name_is_refused() -> None:
    """With the vendor's code and none of its words."""
    with pytest.raises(Refused, match="VALIDATION_ERROR"):
        await client_of(World()).create_client({"first_name": "Ana"})


async def test_an_appointment_can_be_deleted() -> None:
    """syncd cancels instead: whether a deletion is for good is not documented."""
    world = World()
    entry = world.insert(10)
    assert read(await client_of(world).delete(entry.id)) == {}
    assert entry.id not in world.server.entries


async def test_webhooks_come_as_they_are() -> None:
    """With an administrator's token; what an answer holds no document shows."""
    world = World()
    assert isinstance(world.server, ActuallyCare)
    world.crm = adapter(
        lambda connection: Wire(world.server, world.requests.append), world, api_key=world.server.admin_token
    )
    client = client_of(world)
    made = read(await client.create_webhook(HOOK))
    assert [hook["id"] for hook in read(await client.webhooks())["webhooks"]] == [made["id"]]
    assert "appointment.created" in read(await client.webhook_events())["events"]
    assert read(await client.webhook_categories())["categories"] == ["appointment"]
    assert read(await client.webhook_logs(made["id"])) == {"logs": []}
    assert read(await client.update_webhook(made["id"], {"url": "https://hooks.example.com/2"}))["url"].endswith("/2")
    assert read(await client.delete_webhook(made["id"]))["is_active"] is False


async def test_an_api_key_may_not_have_webhooks() -> None:
    """That is the operator's to settle."""
    with pytest.raises(Misconfigured, match="INSUFFICIENT_SCOPE"):
        await client_of(World()).webhooks()


@pytest.mark.parametrize(
    ("answer", "denied"),
    [
        (failure(403, "INSUFFICIENT_SCOPE"), True),
        (failure(403, "FORBIDDEN"), True),
        (failure(403, "ACCOUNT_SUSPENDED"), False),
        (failure(401, "INVALID_API_KEY"), False),
        (httpx.Response(403, content=b"<html>blocked</html>"), False),
    ],
)
async def test_only_the_vendors_own_word_about_the_key_denies_clients(answer: httpx.Response, denied: bool) -> None:
    """An account that may not be used, or a firewall's page, says nothing about the key's scopes."""
    crm = adapter(lambda connection: httpx.MockTransport(lambda request: answer))
    for reading in (crm.api.clients_page(1), crm.api.client("a")):
        if denied:
            assert isinstance(await reading, Denied)
        else:
            with pytest.raises(Misconfigured):
                await reading

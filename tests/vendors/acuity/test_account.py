"""The account's own endpoints: webhooks by the reference, and what no document shows as it is."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from syncd.model.errors import Refused, Stale, Unreadable
from syncd.sandbox.frame.faults import Fault
from syncd.vendors.acuity.client import ApiClient
from tests.vendors.acuity.world import CONSULTATION, JORDAN, ROBIN, SMITH, World, at

TARGET = "https://sync.example.com/hooks/acuity"


def client_of(world: World) -> ApiClient:
    """The calls for the account."""
    return world.vendor().api


async def test_a_webhook_is_asked_for_listed_and_ended() -> None:
    """Without the parameters of a booking; one that is gone already is stale."""
    world = World()
    client = client_of(world)
    made = await client.add_webhook("appointment.changed", TARGET)
    assert isinstance(made, bytes)
    [hook] = await client.webhooks()
    assert (hook.id, hook.event, hook.target, hook.status) == ("1", "appointment.changed", TARGET, "active")
    assert json.loads(made)["id"] == 1
    assert await client.remove_webhook("1") == b""
    assert await client.webhooks() == []
    with pytest.raises(Stale):
        await client.remove_webhook("1")
    assert all("noEmail" not in str(request.url) for request in world.seen)


async def test_a_webhook_that_the_account_does_not_take_is_refused() -> None:
    """The twenty-sixth, and an address without https."""
    client = client_of(World())
    with pytest.raises(Refused):
        await client.add_webhook("appointment.changed", "http://sync.example.com")
    for _ in range(25):
        await client.add_webhook("appointment.changed", TARGET)
    with pytest.raises(Refused):
        await client.add_webhook("appointment.changed", TARGET)


async def test_what_no_document_shows_is_given_as_it_is() -> None:
    """The account, its clients and its blocked times, with the filters that are known."""
    world = World()
    world.person_books(people=SMITH)
    blocks = [{"id": 2**33 + number, "calendarID": calendar} for number, calendar in enumerate((JORDAN, ROBIN))]
    world.account.account.blocks += blocks
    client = client_of(world)
    assert (await client.me())["id"] == int(world.account.user_id)
    assert [row["email"] for row in await client.clients("smith")] == ["jane@example.com"]
    assert await client.clients("nobody") == []
    assert await client.blocks() == blocks
    assert await client.blocks(str(ROBIN)) == blocks[1:]


async def test_an_answer_that_is_no_json_is_unreadable() -> None:
    """Whatever the shape would be."""
    world = World()
    world.account.faults.add(Fault("html"))
    with pytest.raises(Unreadable, match="GET /me"):
        await client_of(world).me()


@pytest.mark.parametrize("key", ["valid", "available"])
async def test_free_starts_are_asked_for_by_day_and_one_by_one(key: str) -> None:
    """A start that is taken is none of them; the answer to one start is in either of the two known words."""
    world = World({"check_times": key})
    client, start = client_of(world), at(14)
    type_id = str(CONSULTATION)
    day, month = f"{start:%Y-%m-%d}", f"{start:%Y-%m}"
    assert {"date": day} in await client.free_dates(month, type_id, str(JORDAN))
    free = [row["time"] for row in await client.free_times(day, type_id, str(JORDAN))]
    assert free
    assert (await client.check_time(free[0], type_id, str(JORDAN)))[key] is True
    first = datetime.fromisoformat(free[0])
    world.account.person_insert(start=first, end=first + timedelta(hours=1), service=CONSULTATION, staff=JORDAN)
    assert free[0] not in [row["time"] for row in await client.free_times(day, type_id, str(JORDAN))]
    assert (await client.check_time(free[0], type_id, str(JORDAN)))[key] is False

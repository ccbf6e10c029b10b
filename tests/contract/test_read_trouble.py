"""Readings that go wrong: an error that says what to do next, and never an answer that is not one."""

from __future__ import annotations

import contextlib
from collections import abc
from datetime import timedelta
from typing import Any

import pytest

from syncd.model.errors import Malformed, Misconfigured, Unreachable, Unreadable
from syncd.sandbox.frame.exchange import http_date
from tests.contract.world import NOW, WINDOW, World, sent

READINGS = pytest.mark.parametrize("reading", ["list", "get"])
GARBAGE = ["html", "truncate", "not_json", "empty"]
OTHER_SHAPES = pytest.mark.parametrize(
    "body", ["[]", "null", "0", {}, {"success": True}, {"data": {}}, [1, "x"]], ids=str
)
NO_ANSWER = ["hang", "hang_after", "reset", "reset_after", "reset_body"]


async def read(world: World, reading: str, remote_id: str) -> Any:
    """A listing, or the record of that id."""
    return await (world.listing() if reading == "list" else world.read(remote_id))


@READINGS
@pytest.mark.parametrize("kind", GARBAGE)
async def test_an_answer_that_is_not_the_vendors_is_believed_in_nothing(world: World, reading: str, kind: str) -> None:
    """A page of HTML, half of the JSON, none at all: neither an empty calendar nor a deleted record."""
    entry = world.enter()
    world.fault(kind, reading)
    expected = world.subject.empty_means if kind == "empty" else Unreadable
    with pytest.raises(expected, match=r"^agenda: "):
        await read(world, reading, entry.id)
    assert len(world.wire.requests) == 1


@OTHER_SHAPES
async def test_json_of_another_shape_is_no_calendar(world: World, body: Any) -> None:
    """Only what the vendor calls a listing can be an empty one; what stands in it and is no record is counted."""
    world.enter()
    world.fault("status", "list", code=200, body=body)
    unidentified = 0
    with contextlib.suppress(Unreadable, Misconfigured, Unreachable):
        async for page in world.vendor.pages(WINDOW):
            assert page.rows == ()
            unidentified += len(page.unidentified)
        assert body == "[]" or unidentified == len(body)


@OTHER_SHAPES
async def test_json_of_another_shape_is_no_record(world: World, body: Any) -> None:
    """Neither one that is there nor one that is not."""
    entry = world.enter()
    world.fault("status", "get", code=200, body=body)
    with pytest.raises((Unreadable, Misconfigured, Unreachable, Malformed)):
        await world.vendor.get(entry.id)


@READINGS
@pytest.mark.parametrize("kind", NO_ANSWER)
async def test_a_reading_without_an_answer_is_tried_again(world: World, reading: str, kind: str) -> None:
    """Once lost, it is repeated and succeeds; lost for ever, the vendor is unreachable within a bounded time."""
    entry = world.enter()
    world.fault(kind, reading, times=1)
    assert await read(world, reading, entry.id)
    world.server.faults.clear()
    begun = world.clock()
    world.fault(kind, reading)
    with pytest.raises(Unreachable, match=r"^agenda: "):
        await read(world, reading, entry.id)
    assert world.clock() - begun <= timedelta(seconds=80)


@READINGS
@pytest.mark.parametrize("code", [500, 502, 503, 504])
async def test_a_failing_server_is_tried_again(world: World, reading: str, code: int) -> None:
    """And is unreachable if that stays so."""
    entry = world.enter()
    too_much = reading == "list" and code == 500 and world.subject.asks_for_less
    world.fault("status", reading, code=code, times=1 if too_much else 2)
    assert await read(world, reading, entry.id)
    world.fault("status", reading, code=code)
    with pytest.raises(Unreachable):
        await read(world, reading, entry.id)


@READINGS
@pytest.mark.parametrize("form", ["seconds", "date", "absent", "nonsense", "past"])
async def test_too_many_requests_wait_as_long_as_the_vendor_asks(world: World, reading: str, form: str) -> None:
    """In seconds or by a date; where it does not say, a moment."""
    entry = world.enter()
    value = {"seconds": "17", "date": http_date(NOW + timedelta(seconds=17)), "absent": None, "nonsense": "soon"}
    value["past"] = http_date(NOW - timedelta(hours=1))
    world.fault("retry_after", reading, value=value[form], times=1)
    assert await read(world, reading, entry.id)
    waited = world.clock() - NOW
    assert sent(world, reading) == 2
    assert (timedelta(seconds=17) if form in ("seconds", "date") else timedelta(0)) <= waited
    assert waited < timedelta(seconds=40)


@READINGS
@pytest.mark.parametrize("value", ["86400", "0", None])
async def test_a_vendor_that_is_too_busy_for_ever_is_given_up(world: World, reading: str, value: str | None) -> None:
    """Within a bounded time, however long it asks to be left alone."""
    entry = world.enter()
    world.fault("retry_after", reading, value=value)
    with pytest.raises(Unreachable):
        await read(world, reading, entry.id)
    assert world.clock() - NOW < timedelta(minutes=2)


@READINGS
@pytest.mark.parametrize("code", [401, 403])
async def test_a_key_that_is_not_accepted_is_the_operators_affair(world: World, reading: str, code: int) -> None:
    """The error says so and is not tried again."""
    entry = world.enter()
    world.fault("status", reading, code=code)
    with pytest.raises(Misconfigured, match=r"^agenda: "):
        await read(world, reading, entry.id)
    assert len(world.wire.requests) == 1


@READINGS
async def test_wrong_credentials_are_named_as_such(world: World, reading: str) -> None:
    """In the vendor's own way of turning them down."""
    entry = world.enter()
    for name in ("api_key", "token"):
        if hasattr(world.server, name):
            setattr(world.server, name, "0" * 64)
    with pytest.raises(Misconfigured, match=r"key|token"):
        await read(world, reading, entry.id)
    with pytest.raises(Misconfigured):
        await world.vendor.check()


@READINGS
async def test_no_connection_is_unreachable(world: World, reading: str) -> None:
    """After some attempts."""
    entry = world.enter()
    world.wire.cut = True
    with pytest.raises(Unreachable, match=r"^agenda: "):
        await read(world, reading, entry.id)
    assert len(world.wire.requests) > 1


@READINGS
async def test_a_redirect_is_not_followed(world: World, reading: str) -> None:
    """Nobody but the configured address is asked, or told the credentials."""
    entry = world.enter()
    world.fault("status", reading, code=302, headers={"Location": "https://elsewhere.example.com/"}, body="")
    with pytest.raises(Misconfigured, match="redirect"):
        await read(world, reading, entry.id)
    assert {request.url.host for request in world.wire.requests} == {"127.0.0.1"}


async def test_the_documented_rate_is_kept(worlds: abc.Callable[..., World]) -> None:
    """A vendor that counts turns nothing down, however fast it is asked."""
    world = worlds()
    entry = world.enter()
    limit = world.vendor.traffic.rate
    world.server.set_behaviour(rate=limit)
    for _ in range(25):
        await world.read(entry.id)
    assert world.server.counters.refused == 0
    assert 0 <= world.vendor.traffic.spare() <= limit[0]

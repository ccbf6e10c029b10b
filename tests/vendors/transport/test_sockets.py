"""The transport over real sockets of this machine."""

from __future__ import annotations

import asyncio
import random
from collections import abc
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from syncd.model.errors import Misconfigured, Unreachable
from syncd.vendors.port import Uncertain
from syncd.vendors.transport import Answer, Surroundings, Transport
from tests.vendors.transport.world import Time

Handler = abc.Callable[[asyncio.StreamReader, asyncio.StreamWriter], abc.Awaitable[None]]


def real(base_url: str, time: Time, **changes: Any) -> Transport:
    """A transport with real sockets whose waits between attempts pass at once."""
    surroundings = Surroundings(clock=time.clock, sleep=time.sleep, rng=random.Random(7))
    timeout = changes.pop("timeout", timedelta(seconds=20))
    return Transport(
        vendor="crm", base_url=base_url, headers={}, timeout=timeout, rate=(100, 1.0), surroundings=surroundings
    )


@asynccontextmanager
async def serving(answer: bytes, *, close: bool = True) -> abc.AsyncIterator[str]:
    """A server that reads one request and sends these bytes; the address of it."""
    stop = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        if not close:
            await stop.wait()
        writer.close()

    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        stop.set()
        server.close()
        await server.wait_closed()


async def test_an_answer_arrives() -> None:
    """A request goes out and its answer comes back."""
    async with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}") as address:
        crm = real(address, Time())
        answer = await crm.read("GET", "/x")
        await crm.aclose()
    assert (answer.status, answer.body) == (200, b"{}")


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", b"HTTP/1.1 200 OK\r\n", b"no HTTP at all\r\n\r\n"],
)
async def test_half_an_answer_is_none(answer: bytes) -> None:
    """A connection that closes in the middle leaves a read without an answer and a write uncertain."""
    async with serving(answer) as address:
        crm = real(address, Time())
        with pytest.raises(Unreachable):
            await crm.read("GET", "/x")
        assert isinstance(await crm.write("POST", "/x"), Uncertain)
        await crm.aclose()


async def test_a_vendor_that_never_answers_is_given_up() -> None:
    """The deadline ends a write that nobody answers."""
    async with serving(b"", close=False) as address:
        crm = real(address, Time(), timeout=timedelta(seconds=0.05))
        assert isinstance(await crm.write("POST", "/x"), Uncertain)
        await crm.aclose()


async def test_a_port_that_nobody_listens_on_is_surely_not_reached() -> None:
    """Refused connections are no doubt: nothing was done."""
    async with serving(b"") as address:
        pass
    crm = real(address, Time())
    with pytest.raises(Unreachable, match="no connection"):
        await crm.write("POST", "/x")
    await crm.aclose()


async def test_proxies_of_the_environment_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy variable does not send the keys elsewhere."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with serving(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n") as address:
        crm = real(address, Time())
        result = await crm.write("DELETE", "/x")
        await crm.aclose()
    assert isinstance(result, Answer)


async def test_an_address_that_is_none_is_the_operators_to_settle() -> None:
    """A path that makes no address is told with the way out."""
    crm = real("https://vendor.example:port", Time())
    with pytest.raises(Misconfigured, match="base_url"):
        await crm.read("GET", "/x")
    await crm.aclose()

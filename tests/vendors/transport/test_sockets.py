"""The transport over real sockets of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
from collections import abc
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from syncd.model.errors import Misconfigured, Unreachable
from syncd.vendors.port import Uncertain
from syncd.vendors.transport import Answer, Surroundings, Transport, connections
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


PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n" + b'"right"'
SECOND = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n" + b'"wrong"'


@asynccontextmanager
async def listening(handler: Handler) -> abc.AsyncIterator[int]:
    """A server that lets each connection be handled, and waits for all of them at its end; its port."""
    handled: list[asyncio.Task[Any] | None] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handled.append(asyncio.current_task())
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await handler(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
        server.close()
        await asyncio.gather(*(task for task in handled if task is not None))
    finally:
        server.close()


@asynccontextmanager
async def answering(first: bytes, later: bytes = PLAIN) -> abc.AsyncIterator[tuple[str, list[int]]]:
    """A server whose first answer is this, in one segment, and any later one that; and how many requests each of its
    connections brought."""
    counts: list[int] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mine, is_first = len(counts), not counts
        counts.append(0)
        while True:
            await reader.readuntil(b"\r\n\r\n")
            counts[mine] += 1
            writer.write(first if is_first and counts[mine] == 1 else later)
            await writer.drain()

    async with listening(handler) as port:
        yield f"http://127.0.0.1:{port}", counts


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n" + SECOND, id="an answer behind 204"),
        pytest.param(b"HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n" + b'"wrong"', id="a body after 204"),
        pytest.param(b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", id="a body of 204 to come"),
        pytest.param(PLAIN + SECOND, id="two answers"),
        pytest.param(PLAIN + SECOND[:20], id="one and a half"),
        pytest.param(PLAIN.replace(b"7", b"5") + b'n"', id="a body longer than it says"),
    ],
)
async def test_what_comes_behind_an_answer_is_never_the_next_ones(first: bytes) -> None:
    """Its connection is dropped: the next request, a write too, goes over another one and gets its own answer."""
    async with answering(first) as (address, counts):
        crm = real(address, Time())
        await crm.read("GET", "/x")
        second = await crm.write("POST", "/x")
        third = await crm.read("GET", "/x")
        await crm.aclose()
    assert isinstance(second, Answer)
    assert [second.body, third.body] == [b'"right"'] * 2
    assert counts == [1, 2]


async def test_a_clean_connection_is_used_again() -> None:
    """Making one takes longer than a request."""
    async with answering(PLAIN) as (address, counts):
        crm = real(address, Time())
        for _ in range(3):
            await crm.read("GET", "/x")
        await crm.aclose()
    assert counts == [3]


async def test_a_body_after_the_answer_to_a_question_for_headers_spoils_nothing() -> None:
    """HEAD has none; whoever sends one all the same loses the connection."""
    async with answering(SECOND, later=PLAIN) as (address, counts):
        crm = real(address, Time())
        await crm.read("HEAD", "/x")
        answer = await crm.read("GET", "/x")
        await crm.aclose()
    assert answer.body == b'"right"'
    assert counts == [1, 1]


async def test_no_authorities_are_read_where_nothing_is_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    """That takes longer than all requests of a cycle in which nothing happened."""
    read: list[ssl.SSLContext] = []

    def trust() -> ssl.SSLContext:
        read.append(anonymous(ssl.PROTOCOL_TLS_CLIENT))
        return read[-1]

    monkeypatch.setattr(connections, "_public_trust", trust)
    async with answering(PLAIN) as (address, _):
        crm = real(address, Time())
        await crm.read("GET", "/x")
        await crm.aclose()
    assert not read
    await real("HTTPS://vendor.example", Time()).aclose()
    assert read


def anonymous(protocol: int) -> ssl.SSLContext:
    """TLS that needs no certificate, for a test that is not about trust."""
    context = ssl.SSLContext(protocol)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AECDH:@SECLEVEL=0")
    return context


async def test_a_goodbye_in_the_segment_of_an_answer_spoils_no_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket shows nothing, and TLS is at its end: the next request goes over another connection."""
    trust = anonymous(ssl.PROTOCOL_TLS_CLIENT)
    monkeypatch.setattr(connections, "_public_trust", lambda: trust)
    counts: list[int] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        counts.append(0)
        mine, came, goes = len(counts) - 1, ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = anonymous(ssl.PROTOCOL_TLS_SERVER).wrap_bio(came, goes, server_side=True)

        async def until(step: abc.Callable[[], Any]) -> Any:
            while True:
                with contextlib.suppress(ssl.SSLWantReadError):
                    return step()
                writer.write(goes.read())
                came.write(await reader.readexactly(1))

        await until(tls.do_handshake)
        while True:
            request = b""
            while not request.endswith(b"\r\n\r\n"):
                request += await until(lambda: tls.read(1))
            counts[mine] += 1
            tls.write(PLAIN)
            with contextlib.suppress(ssl.SSLWantReadError):
                tls.unwrap()
            writer.write(goes.read())

    async with listening(handler) as port:
        crm = real(f"https://127.0.0.1:{port}", Time())
        await crm.read("GET", "/x")
        answer = await crm.write("POST", "/x")
        await crm.aclose()
    assert isinstance(answer, Answer)
    assert counts == [1, 1]

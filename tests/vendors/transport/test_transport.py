"""What the transport repeats, what it never repeats, and how it gives up."""

from __future__ import annotations

import asyncio
import gzip
import logging
import ssl
from collections import abc
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from syncd.model.errors import (
    BudgetSpent,
    Misconfigured,
    TooLarge,
    TooMuch,
    TooSlow,
    Unreachable,
    Unreadable,
    VendorError,
)
from syncd.vendors.port import Uncertain
from syncd.vendors.transport import Answer, Connection, Surroundings
from syncd.vendors.transport import transport as module
from syncd.vendors.transport.connections import open_client
from tests.vendors.transport.world import SECRET, START, Script, Time, ok, surroundings, transport

LOST = [
    httpx.ReadError("the address https://vendor.example/v1?key=k"),
    httpx.ReadTimeout("slow"),
    httpx.RemoteProtocolError("half a body"),
    httpx.WriteError("broken pipe"),
]
NOT_SENT = [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("full")]


@pytest.mark.parametrize("setback", [*LOST, *NOT_SENT, ok(status=500), ok(status=503), ok(status=429), ok(status=408)])
async def test_a_read_is_repeated_after_every_passing_trouble(setback: httpx.Response | Exception) -> None:
    """A read that met a passing trouble is sent again and brings the answer."""
    vendor, time = Script(setback, setback, ok(b"[]")), Time()
    crm = transport(vendor, time)
    answer = await crm.read("GET", "/appointments")
    assert answer.body == b"[]"
    assert crm.requests == len(vendor.requests) == 3
    assert 0 < sum(time.slept) < 60


@pytest.mark.parametrize("setback", [*LOST, *NOT_SENT, ok(status=502), ok(status=429)])
async def test_a_read_gives_up_within_its_total_deadline(setback: httpx.Response | Exception) -> None:
    """Lasting trouble ends in Unreachable, before three timeouts have passed."""
    time = Time()
    with pytest.raises(Unreachable, match="crm: GET /appointments"):
        await transport(Script(setback), time).read("GET", "/appointments")
    assert time.now - START <= timedelta(seconds=60)


@pytest.mark.parametrize("status", [200, 201, 204, 400, 401, 403, 404, 409, 422])
async def test_what_an_answer_means_is_left_to_the_vendor_package(status: int) -> None:
    """Every clear answer is handed on as it is, without a second request."""
    vendor = Script(ok(b"body", status, content_type="Text/HTML; charset=utf-8", x_note="a"))
    answer = await transport(vendor, Time()).read("GET", "/x")
    assert (answer.status, answer.body, answer.content_type) == (status, b"body", "text/html")
    assert answer.headers["x-note"] == "a"
    assert len(vendor.requests) == 1


async def test_a_vendors_handled_failure_is_final() -> None:
    """A 500 that the vendor package recognises as an answer is neither repeated nor uncertain."""
    vendor = Script(ok(b"handled: Invalid key", 500))
    site = transport(vendor, Time())
    assert (await site.read("GET", "/x")).status == 500
    written = await site.write("POST", "/x")
    assert isinstance(written, Answer)
    assert len(vendor.requests) == 2


@pytest.mark.parametrize("setback", [*LOST, ok(status=500), ok(status=504), ok(status=408)])
async def test_a_write_without_a_clear_answer_is_uncertain_and_sent_once(setback: httpx.Response | Exception) -> None:
    """A write that may have arrived is never sent again; its outcome is a value."""
    vendor = Script(setback, ok())
    result = await transport(vendor, Time()).write("POST", "/appointments", json={"title": "x"})
    assert isinstance(result, Uncertain)
    assert "crm: POST /appointments" in result.reason
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("setback", [*NOT_SENT, ok(status=429), ok(status=429, retry_after="2")])
async def test_a_write_that_surely_did_not_happen_is_sent_again(setback: httpx.Response | Exception) -> None:
    """A refused connection and a full rate are waited out."""
    vendor = Script(setback, ok(b"done", 201))
    result = await transport(vendor, Time()).write("POST", "/appointments")
    assert isinstance(result, Answer)
    assert result.status == 201


@pytest.mark.parametrize("setback", [*NOT_SENT, ok(status=429, retry_after="600")])
async def test_a_write_that_never_got_through_is_unreachable(setback: httpx.Response | Exception) -> None:
    """Where no attempt can have arrived, the write surely did not happen."""
    with pytest.raises(Unreachable):
        await transport(Script(setback), Time()).write("POST", "/appointments")


@pytest.mark.parametrize(
    ("answers", "requests", "certain"),
    [
        ([httpx.ReadError("x"), ok()], 2, True),
        ([httpx.ReadError("x")], 5, False),
        ([httpx.ReadError("x"), ok(status=429, retry_after="600")], 2, False),
        ([httpx.ReadError("x"), ok(status=429, retry_after="9"), ok(status=302)], 3, False),
        ([httpx.ReadError("x"), ok(status=302)], 2, False),
    ],
)
async def test_an_idempotent_write_is_repeated_but_a_doubt_stays(
    answers: list[httpx.Response | Exception], requests: int, certain: bool
) -> None:
    """Once an attempt may have arrived, only a clear answer makes the outcome certain again."""
    vendor = Script(*answers)
    result = await transport(vendor, Time()).write("PUT", "/appointments/1", idempotent=True)
    assert isinstance(result, Answer) is certain
    assert len(vendor.requests) == requests


@pytest.mark.parametrize("value", ["7", "Tue, 01 Dec 2026 09:00:07 GMT"])
async def test_retry_after_is_obeyed_to_the_second(value: str) -> None:
    """The next attempt comes no sooner than the vendor asked for, in seconds or as a date."""
    time = Time()
    await transport(Script(ok(status=429, retry_after=value), ok()), time).read("GET", "/x")
    assert timedelta(seconds=7) <= time.now - START < timedelta(seconds=8)


async def test_a_retry_date_is_meant_on_the_vendors_clock() -> None:
    """A vendor whose clock is an hour ahead does not make us wait for an hour."""
    time = Time()
    busy = ok(status=503, retry_after="Tue, 01 Dec 2026 10:00:05 GMT", date="Tue, 01 Dec 2026 10:00:00 GMT")
    await transport(Script(busy, ok()), time).read("GET", "/x")
    assert time.now - START == timedelta(seconds=5)


@pytest.mark.parametrize("value", ["", "soon", "-5", "99999999999999", "Tue, 99 Dec 2026 09:00:07 GMT", "²"])
async def test_a_retry_after_that_says_nothing_falls_back_to_short_waits(value: str) -> None:
    """A Retry-After that cannot be read does not stop the retries."""
    time = Time()
    answer = httpx.Response(503, headers=[(b"retry-after", value.encode("latin-1"))])
    await transport(Script(answer, ok()), time).read("GET", "/x")
    assert 0 < sum(time.slept) <= 0.5


async def test_a_redirect_is_a_wrong_address_and_is_not_followed() -> None:
    """A redirect would carry the key somewhere else: it is reported instead."""
    vendor = Script(ok(status=301, location=f"https://elsewhere.example/?{SECRET}"))
    with pytest.raises(Misconfigured, match=r"301.*base_url") as caught:
        await transport(vendor, Time()).read("GET", "/x")
    assert "elsewhere" not in str(caught.value)
    assert len(vendor.requests) == 1


async def test_an_untrusted_certificate_is_the_operators_to_settle() -> None:
    """A certificate that nobody vouches for is told at once, with the way out."""
    error = httpx.ConnectError("verify failed")
    error.__cause__ = ssl.SSLCertVerificationError(1, "self-signed")
    with pytest.raises(Misconfigured, match="ca_file"):
        await transport(Script(error), Time()).read("GET", "/x")


def test_a_ca_file_without_a_certificate_is_named(tmp_path: Path) -> None:
    """A file that holds no certificate is refused before the first request."""
    (tmp_path / "ca.pem").write_text("nothing")
    connection = Connection(
        vendor="crm",
        base_url="https://vendor.example",
        ca_file=tmp_path / "ca.pem",
        max_connections=1,
        timeout=timedelta(seconds=1),
    )
    world = surroundings(Script(ok()), Time())
    real = Surroundings(clock=world.clock, sleep=world.sleep, rng=world.rng)
    with pytest.raises(Misconfigured, match=r"crm: ca_file.*PEM"):
        open_client(connection, {}, real)


class Raw:
    """Answers with the same bytes on the wire each time, whatever they say of themselves."""

    def __init__(self, body: bytes, parts: int = 1, **headers: str) -> None:
        self.body = body
        self.parts = parts
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.count = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.count += 1

        async def stream() -> abc.AsyncIterator[bytes]:
            for _ in range(self.parts):
                yield self.body

        return httpx.Response(200, headers=self.headers, content=stream())


@pytest.mark.parametrize("compressed", [False, True])
async def test_a_body_that_is_too_large_is_not_believed(compressed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cap counts what the body unfolds to; a read is Unreadable, a write has no clear answer."""
    monkeypatch.setattr(module, "MAX_BODY", 1000)
    body = b" " * 1001
    vendor = Raw(gzip.compress(body), content_encoding="gzip") if compressed else Raw(body)
    with pytest.raises(Unreadable, match="larger"):
        await transport(vendor, Time()).read("GET", "/x")
    assert isinstance(await transport(vendor, Time()).write("POST", "/x"), Uncertain)
    assert vendor.count == 2


@pytest.mark.parametrize(
    ("setback", "error"),
    [(httpx.ReadTimeout(""), TooSlow), (ok(status=500), TooSlow), (ok(b" " * 1001), TooLarge)],
)
async def test_a_heavy_reading_that_may_be_too_much_is_not_repeated(
    setback: httpx.Response | Exception, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same question would cost the vendor as much again: the error says that less may be asked for."""
    monkeypatch.setattr(module, "MAX_BODY", 1000)
    vendor = Script(setback)
    with pytest.raises(error) as caught:
        await transport(vendor, Time()).read("GET", "/x", heavy=True)
    assert isinstance(caught.value, TooMuch)
    assert len(vendor.requests) == 1


@pytest.mark.parametrize(
    "setback", [*(ok(status=code) for code in (408, 429, 502, 503, 504)), httpx.ReadError("")], ids=str
)
async def test_a_heavy_reading_is_repeated_where_size_is_not_to_blame(setback: httpx.Response | Exception) -> None:
    """A vendor that is busy, down or lost is asked again as ever, and is no reason to ask for less."""
    vendor = Script(setback, ok(b"[]"))
    assert (await transport(vendor, Time()).read("GET", "/x", heavy=True)).body == b"[]"
    with pytest.raises(Unreachable) as caught:
        await transport(Script(setback), Time()).read("GET", "/x", heavy=True)
    assert not isinstance(caught.value, TooMuch)


async def test_a_body_that_comes_in_small_parts_is_cut_off_at_the_same_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the sum that counts: a body without an end must not fill the memory."""
    monkeypatch.setattr(module, "MAX_BODY", 1000)
    assert len((await transport(Raw(b" " * 100, parts=10), Time()).read("GET", "/x")).body) == 1000
    with pytest.raises(Unreadable, match="larger"):
        await transport(Raw(b" " * 100, parts=11), Time()).read("GET", "/x")


async def test_a_broken_compression_is_unreadable() -> None:
    """A body that says gzip and is none is not handed on."""
    with pytest.raises(Unreadable, match="compression"):
        await transport(Raw(b"no gzip", content_encoding="gzip"), Time()).read("GET", "/x")


async def test_a_body_that_trickles_is_cut_off_at_the_timeout() -> None:
    """The deadline counts for the whole answer, not for each piece of it."""

    class Trickle(httpx.AsyncByteStream):
        async def __aiter__(self) -> abc.AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(0.005)
                yield b" "

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Trickle())

    crm = transport(handler, Time(), timeout=timedelta(seconds=0.03))
    with pytest.raises(Unreachable, match=r"no answer within 0\.03 s"):
        await crm.read("GET", "/x")


async def test_no_error_shows_a_secret_a_query_or_a_body() -> None:
    """Whatever fails, the message holds method, path, vendor and reason alone."""
    told = [ok(f"body {SECRET}".encode(), 500), ok(status=302), ok(status=429)]
    answers: list[httpx.Response | Exception] = [*LOST, *NOT_SENT, *told]
    for answer in answers:
        vendor = Script(answer)
        with pytest.raises(VendorError) as caught:
            await transport(vendor, Time()).read("GET", f"/x/{SECRET}?call=1", params={"email": "jo@example.com"})
        shown = repr(caught.value) + str(caught.value.__cause__)
        assert not caught.value.__context__ or caught.value.__suppress_context__
        for private in (SECRET, "jo@", "example.com", "call=", "body"):
            assert private not in shown
    assert SECRET not in repr(Answer(200, {"x": SECRET}, SECRET.encode()))


def test_the_http_library_does_not_log_addresses() -> None:
    """httpx writes whole addresses at INFO; it is kept quiet."""
    assert logging.getLogger("httpx").level == logging.getLogger("httpcore").level == logging.WARNING


async def test_parameters_join_a_base_address_that_has_a_query() -> None:
    """Paths are appended as text, so that a path may travel inside of the base address's query."""
    vendor = Script(ok())
    site = transport(vendor, Time(), base_url="https://site.example/ajax.php?action=api&call=/api/v1")
    await site.read("GET", "/appointments", params={"page": 1, "skip": None, "all": True, "q": "a b&c"})
    await site.read("GET", "/appointments", params=[("id", 1), ("id", 2)])
    assert str(vendor.requests[0].url).endswith("&call=/api/v1/appointments&page=1&all=true&q=a+b%26c")
    assert vendor.requests[1].url.params.get_list("id") == ["1", "2"]


async def test_a_json_body_is_sent_as_such_and_cookies_are_not_kept() -> None:
    """Bodies are UTF-8 JSON; what a vendor sets as a cookie does not come back to it."""
    vendor = Script(ok(set_cookie="session=1; Path=/"))
    crm = transport(vendor, Time())
    await crm.write("POST", "/x", json={"title": "Žana"})
    await crm.read("GET", "/x")
    first, second = vendor.requests
    assert first.headers["content-type"] == "application/json"
    assert first.content == '{"title":"Žana"}'.encode()
    assert first.headers["x-api-key"] == SECRET
    assert "cookie" not in second.headers
    assert "content-type" not in second.headers


async def test_the_rate_is_waited_for_and_then_said_to_be_spent() -> None:
    """A wait within the deadline is waited; a longer one ends in BudgetSpent with the time, and no request is sent."""
    time, vendor = Time(), Script(ok())
    slow = transport(vendor, time, rate=(2, 30.0))
    for _ in range(3):
        await slow.read("GET", "/x")
    assert timedelta(seconds=30) <= time.now - START < timedelta(seconds=31)
    slower = transport(vendor, time, rate=(1, 900.0))
    await slower.read("GET", "/x")
    before = len(vendor.requests)
    with pytest.raises(BudgetSpent, match="1 requests per 900 s") as caught:
        await slower.write("POST", "/x")
    assert 890 < caught.value.retry_after < 910
    assert len(vendor.requests) == before


async def test_a_clock_that_stands_still_does_not_make_a_wait_endless() -> None:
    """Waits count by what was slept, so that every request ends."""
    time = Time()
    busy = transport(Script(ok()), time, rate=(1, 30.0))
    await busy.read("GET", "/x")

    async def no_progress(seconds: float) -> None:
        time.slept.append(seconds)

    time.sleep = no_progress  # type: ignore[method-assign]
    still = transport(Script(ok()), time, limits=None, rate=(1, 30.0))
    await still.read("GET", "/x")
    with pytest.raises(BudgetSpent):
        await still.read("GET", "/x")


async def test_the_vendors_clock_is_learned_from_its_answers() -> None:
    """A vendor ten minutes ahead shows in the offset; one that may be right counts as right."""
    ahead = transport(Script(ok(date="Tue, 01 Dec 2026 09:10:00 GMT")), Time())
    right = transport(Script(ok(date="Tue, 01 Dec 2026 09:00:00 GMT")), Time())
    silent = transport(Script(ok()), Time())
    for crm in (ahead, right, silent):
        await crm.read("GET", "/x")
    assert ahead.clock_offset == pytest.approx(600.5)
    assert right.clock_offset == 0.0
    assert silent.clock_offset is None


async def test_no_more_requests_are_in_flight_than_connections_are_allowed() -> None:
    """Twenty reads at once use three connections."""
    flying = peak = 0

    async def handler(request: httpx.Request) -> httpx.Response:
        nonlocal flying, peak
        flying += 1
        peak = max(peak, flying)
        await asyncio.sleep(0)
        flying -= 1
        return httpx.Response(200)

    crm = transport(handler, Time(), max_connections=3)
    await asyncio.gather(*(crm.read("GET", "/x") for _ in range(20)))
    await crm.aclose()
    assert peak == 3

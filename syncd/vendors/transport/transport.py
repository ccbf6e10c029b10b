"""Requests to one vendor: paced, deadlined, retried where that is safe, told apart by what surely did not happen.

It decides whether there is a clear answer. What a clear answer means (401, 404, a business error) is the vendor
package's. Nothing here is logged, and no error shows a header, a body, a query or a key.
"""

from __future__ import annotations

import asyncio
import math
from collections import abc
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlencode, urlsplit

import msgspec

from syncd.model.errors import (
    BudgetSpent,
    Misconfigured,
    TooLarge,
    TooSlow,
    Unreachable,
    Unreadable,
)
from syncd.vendors.port import Uncertain
from syncd.vendors.transport.answer import Answer, charset_of
from syncd.vendors.transport.connections import drop_if_spoilt, open_client, untrusted
from syncd.vendors.transport.crumbs import is_of_crumbs
from syncd.vendors.transport.inflating import Packed, inflate
from syncd.vendors.transport.lean import httpx
from syncd.vendors.transport.legible import legible
from syncd.vendors.transport.offset import ClockOffset
from syncd.vendors.transport.retry import Setback, retrying
from syncd.vendors.transport.surroundings import Connection, Surroundings

Params = abc.Mapping[str, Any] | abc.Sequence[tuple[str, Any]]

MAX_BODY = 64 * 1024 * 1024
_PATIENCE = 3
"""A request with its retries and waits may take so many times the timeout of one attempt."""


class _TooLarge(Exception):
    """A body beyond `MAX_BODY`."""


class _OfCrumbs(Exception):
    """A body that holds nothing but millions of empty values."""


class Transport:
    """The connections to one vendor.

    `headers` go with every request (credentials among them). `base_url` may hold a query; paths are appended to it as
    text, and behind the path go `always`, parameters of every request. `rate` is requests per seconds.
    `final(answer)` says that a 5xx is the vendor's handled answer.
    """

    def __init__(
        self,
        *,
        vendor: str,
        base_url: str,
        headers: abc.Mapping[str, str],
        timeout: timedelta,
        rate: tuple[int, float],
        surroundings: Surroundings,
        ca_file: Path | None = None,
        max_connections: int = 8,
        secrets: tuple[str, ...] = (),
        always: tuple[tuple[str, str], ...] = (),
        final: abc.Callable[[Answer], bool] = lambda answer: False,
    ) -> None:
        self._vendor = vendor
        self._base_url = base_url
        self._secrets = tuple(secret for secret in secrets if secret)
        self._timeout = timeout.total_seconds()
        self._budget = self._timeout * _PATIENCE
        self._always = always
        self._final = final
        self._surroundings = surroundings
        self._limiter = surroundings.limits.limiter(urlsplit(base_url).netloc, rate, surroundings.seconds)
        self._places = asyncio.Semaphore(max_connections)
        self._offset = ClockOffset()
        self._requests = 0
        connection = Connection(
            vendor=vendor, base_url=base_url, ca_file=ca_file, max_connections=max_connections, timeout=timeout
        )
        self._client = open_client(connection, headers, surroundings)

    @property
    def requests(self) -> int:
        """Requests sent since the start, retries included."""
        return self._requests

    @property
    def clock_offset(self) -> float | None:
        """Seconds by which the vendor's clock is ahead of syncd's; None where it gave no date."""
        return self._offset.seconds

    @property
    def rate(self) -> tuple[int, float]:
        """The limit in force: requests per seconds."""
        return self._limiter.rate

    def spare(self, cost: int = 0, every: float = math.inf) -> int:
        """Requests that may be sent right now without waiting, leaving a share for writes and for what is to come.

        That are `cost` requests every `every` seconds.
        """
        return self._limiter.spare(cost, every)

    def scrub(self, text: str) -> str:
        """Text that may quote the vendor, without this vendor's secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return text

    async def read(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        urgent: bool = False,
        heavy: bool = False,
    ) -> Answer:
        """A request that changes nothing: repeated on lost connections, timeouts, 429 and 5xx.

        `urgent` may use the share of the rate that is kept for writes. A `heavy` one, whose answer grows with what the
        vendor holds, is not repeated where the vendor may have found it too much: the caller asks for less instead.
        Raises `Unreachable` (among them `TooSlow`), `BudgetSpent`, `Misconfigured` (redirect, certificate) or
        `Unreadable` (among them `TooLarge`).
        """
        request = self._request(method, path, params, json)

        def repeat(setback: Setback) -> bool:
            return not setback.unreadable and not (heavy and setback.too_much)

        outcome = await self._tries(request, path, urgent=urgent, repeat=repeat)
        if isinstance(outcome, Setback):
            self._give_up(method, path, outcome)
        return outcome

    async def write(
        self, method: str, path: str, *, params: Params | None = None, json: Any = None, idempotent: bool = False
    ) -> Answer | Uncertain:
        """A request that changes something: sent once, unless it surely did not happen or is `idempotent`.

        No clear answer is `Uncertain`. Raises `Unreachable`, `BudgetSpent` or `Misconfigured`: nothing was changed.
        """
        request = self._request(method, path, params, json)
        doubts: list[Setback] = []

        def repeat(setback: Setback) -> bool:
            if setback.perhaps_done:
                doubts.append(setback)
            return not setback.unreadable and (idempotent or not setback.perhaps_done)

        try:
            outcome = await self._tries(request, path, urgent=True, repeat=repeat)
        except (BudgetSpent, Misconfigured):
            if not doubts:
                raise
            outcome = doubts[-1]
        if isinstance(outcome, Answer):
            return outcome
        if not doubts:
            self._give_up(method, path, outcome)
        return Uncertain(reason=self._say(method, path, f"{doubts[-1].reason}; whether it was done is not known"))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _tries(
        self, request: httpx.Request, path: str, *, urgent: bool, repeat: abc.Callable[[Setback], bool]
    ) -> Answer | Setback:
        give_up_at = self._surroundings.seconds() + self._budget

        async def attempt() -> Answer | Setback:
            await self._turn(request.method, path, urgent, give_up_at - self._surroundings.seconds())
            async with self._places:
                return await self._attempt(request, path)

        outcome: Answer | Setback = await retrying(self._surroundings, self._budget, repeat)(attempt)
        return outcome

    async def _turn(self, method: str, path: str, urgent: bool, patience: float) -> None:
        waited = 0.0
        while (wait := self._limiter.wait(urgent=urgent)) > 0:
            if waited + wait > patience:
                count, per = self.rate
                reason = f"its rate of {count} requests per {per:g} s is spent; it goes on in {wait:.0f} s"
                raise BudgetSpent(self._vendor, self._say(method, path, reason), retry_after=wait)
            await self._surroundings.sleep(wait)
            waited += wait
        self._limiter.take(urgent=urgent)

    async def _attempt(self, request: httpx.Request, path: str) -> Answer | Setback:
        self._requests += 1
        sent = self._surroundings.clock()
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._exchange(request)
        except (TimeoutError, httpx.ReadTimeout, httpx.WriteTimeout):
            return Setback(f"no answer within {self._timeout:g} s", perhaps_done=True, too_much=True)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError) as error:
            return self._not_sent(request.method, path, error)
        except _TooLarge:
            reason = f"the answer is larger than {MAX_BODY // 1024 // 1024} MiB"
            return Setback(reason, perhaps_done=True, unreadable=True, too_much=True)
        except _OfCrumbs:
            reason = "the answer is hardly more than empty values, which no record is"
            return Setback(reason, perhaps_done=True, unreadable=True)
        except Packed:
            reason = "the answer's compression is broken, or is none that was asked for"
            return Setback(reason, perhaps_done=True, unreadable=True)
        except httpx.RequestError:
            return Setback("the connection was lost before the answer was complete", perhaps_done=True)
        received = self._surroundings.clock()
        if answer.date is not None:
            self._offset.learn(answer.date, sent, received)
        return self._judge(request.method, path, answer)

    async def _exchange(self, request: httpx.Request) -> Answer:
        response = await self._client.send(request, stream=True, follow_redirects=False)
        try:
            headers = dict(response.headers.items())
            body = await _body(response, inflate(headers.get("content-encoding", "")))
            await drop_if_spoilt(response)
        finally:
            await response.aclose()
        if response.is_success and is_of_crumbs(body):
            raise _OfCrumbs
        return Answer(response.status_code, headers, legible(body, charset_of(headers)))

    def _judge(self, method: str, path: str, answer: Answer) -> Answer | Setback:
        remaining = answer.remaining()
        if remaining is not None:
            self._limiter.told(*remaining)
        wait = answer.retry_after(self._surroundings.clock())
        if answer.status == httpx.codes.TOO_MANY_REQUESTS:
            if wait is None and remaining is not None and remaining[0] == 0:
                wait = remaining[1]
            if wait:
                self._limiter.pause(wait)
            return Setback("answered 429, too many requests", perhaps_done=False, wait=wait)
        if answer.status == httpx.codes.REQUEST_TIMEOUT or (answer.status >= 500 and not self._final(answer)):
            failed = answer.status == httpx.codes.INTERNAL_SERVER_ERROR
            return Setback(f"answered {answer.status}", perhaps_done=True, wait=wait, too_much=failed)
        if 300 <= answer.status < 400:
            reason = f"answered {answer.status}, a redirect, which is not followed; correct base_url"
            raise Misconfigured(self._vendor, self._say(method, path, reason))
        return answer

    def _not_sent(self, method: str, path: str, error: Exception) -> Setback:
        if untrusted(error):
            reason = "its certificate is not trusted; correct base_url, or give the authority's file as ca_file"
            raise Misconfigured(self._vendor, self._say(method, path, reason)) from None
        return Setback("no connection; see whether base_url is right and the vendor is up", perhaps_done=False)

    def _give_up(self, method: str, path: str, setback: Setback) -> NoReturn:
        message = self._say(method, path, f"{setback.reason}; it is tried again in the next cycle")
        if setback.unreadable:
            raise (TooLarge if setback.too_much else Unreadable)(self._vendor, message)
        raise (TooSlow if setback.too_much else Unreachable)(self._vendor, message)

    def _request(self, method: str, path: str, params: Params | None, json: Any) -> httpx.Request:
        address = self._base_url + path
        pairs = [*self._always, *_pairs(params or ())]
        if pairs:
            address += ("&" if "?" in address else "?") + urlencode(pairs)
        try:
            if json is None:
                return self._client.build_request(method, address)
            content = msgspec.json.encode(json)
            return self._client.build_request(
                method, address, content=content, headers={"content-type": "application/json"}
            )
        except (httpx.InvalidURL, UnicodeError):
            reason = "this makes no valid address; correct base_url"
            raise Misconfigured(self._vendor, self._say(method, path, reason)) from None

    def _say(self, method: str, path: str, what: str) -> str:
        return self.scrub(f"{self._vendor}: {method} {path.partition('?')[0]}: {what}")


async def _body(response: httpx.Response, inflated: abc.Callable[[bytes], abc.Iterator[bytes]]) -> bytes:
    """All of a body, as far as neither it nor what comes over the wire is too large."""
    body, came = bytearray(), 0
    async for chunk in response.stream:  # type: ignore[union-attr] # an asynchronous client has no other
        came += len(chunk)
        if came > MAX_BODY:
            raise _TooLarge
        for part in inflated(chunk) if chunk else ():
            body += part
            if len(body) > MAX_BODY:
                raise _TooLarge
    for part in inflated(b""):
        body += part
    return bytes(body)


def _pairs(params: Params) -> list[tuple[str, str]]:
    items = params.items() if isinstance(params, abc.Mapping) else params
    return [(key, _word(value)) for key, value in items if value is not None]


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

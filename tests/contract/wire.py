"""Time that only waiting moves, and a connection to a sandbox vendor without a socket.

Faults look to the client as they would on a socket, and an answer that never comes costs the time of its timeout.
"""

from __future__ import annotations

from collections import abc
from datetime import datetime, timedelta

import httpx

from syncd.sandbox.frame.faults import ConnectionDropped, NoAnswer
from syncd.sandbox.frame.vendor import SandboxVendor
from syncd.sandbox.serving.asgi import Application
from syncd.vendors.transport import Connection

Hook = abc.Callable[[httpx.Request], object]


class Clock:
    """A clock that stands still until somebody waits. Called, it tells the time in UTC."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Now."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait, at no cost."""
        self.now += timedelta(seconds=seconds)

    def forward(self, **time: float) -> None:
        """Let time pass: `minutes=2`."""
        self.now += timedelta(**time)


class Wire(httpx.AsyncBaseTransport):
    """A connection to one vendor.

    `requests` are all that were sent. `before` and `after` are called around each request that reaches the vendor:
    there a test lets people do things in between. `instead` may put another answer in the place of the vendor's own,
    which has carried the request out. While `cut` is set, no connection can be made.
    """

    def __init__(self, server: SandboxVendor, clock: Clock) -> None:
        self.requests: list[httpx.Request] = []
        self.before: list[Hook] = []
        self.after: list[Hook] = []
        self.instead: abc.Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.cut = False
        self._clock = clock
        self._app = httpx.ASGITransport(Application(server))
        self._timeout = timedelta(seconds=20)

    def connect(self, connection: Connection) -> httpx.AsyncBaseTransport:
        """For `Surroundings.connect`."""
        self._timeout = connection.timeout
        return self

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        self.requests.append(request)
        if self.cut:
            raise httpx.ConnectError("refused", request=request)
        for hook in list(self.before):
            hook(request)
        try:
            answer = await self._app.handle_async_request(request)
        except ConnectionDropped:
            raise httpx.ReadError("dropped", request=request) from None
        except NoAnswer:
            self._clock.now += self._timeout
            raise httpx.ReadTimeout("silence", request=request) from None
        for hook in list(self.after):
            hook(request)
        return self.instead(request) or answer

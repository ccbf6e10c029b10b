"""Sandbox vendors on real loopback sockets.

Makes the faults of a connection true: a reset closes the socket, a hang keeps it open until the client gives up. Runs
in the caller's event loop and takes no signals; `Sandbox` runs a loop in a thread of its own, for synchronous callers.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from syncd.sandbox.frame.faults import ConnectionDropped, NoAnswer
from syncd.sandbox.frame.vendor import SandboxVendor
from syncd.sandbox.serving.asgi import Application
from syncd.sandbox.serving.config import configuration

_KEEP_ALIVE_SECONDS = 75
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER with no time to linger: closing sends RST instead of FIN."""


class _Connection(H11Protocol):
    """One client connection, which its application can find by the client's address."""

    open: dict[tuple[str, int], asyncio.Transport]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.access_log = False
        if self.client is not None:
            self.open[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client is not None:
            self.open.pop(self.client, None)
        super().connection_lost(exc)


class _OverSocket:
    """An application whose dropped connections and missing answers become real ones."""

    def __init__(self, app: ASGIApp, connections: dict[tuple[str, int], asyncio.Transport]) -> None:
        self._app = app
        self._open = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Any) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ConnectionDropped:
            self._drop(cast("tuple[str, int]", tuple(scope["client"])), begun=started)
            await _gone(receive)
        except NoAnswer:
            await _gone(receive)

    def _drop(self, client: tuple[str, int], *, begun: bool) -> None:
        transport = self._open.get(client)
        if transport is None:
            return
        if begun:
            # What was sent of the answer is to arrive: a reset could overtake it.
            transport.close()
        else:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            transport.abort()


async def _gone(receive: Receive) -> None:
    """Wait until the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass


class _Listener:
    """One vendor on one port."""

    def __init__(self, vendor: SandboxVendor) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}
        self._state = ServerState()
        app = _OverSocket(Application(vendor), self._open)
        self._config = Config(
            app,
            lifespan="off",
            log_config=None,
            server_header=False,
            date_header=False,
            ws="none",
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        )
        self._config.load()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> str:
        """Listen; port 0 takes a free one. Returns the root URL."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, host, port)
        return f"http://{host}:{self._server.sockets[0].getsockname()[1]}"

    def _connection(self) -> _Connection:
        connection = _Connection(self._config, self._state, {})
        connection.open = self._open
        return connection

    async def stop(self) -> None:
        """Close the port and every connection, hanging ones included."""
        if self._server is None:
            return
        self._server.close()
        for transport in list(self._open.values()):
            transport.abort()
        await asyncio.gather(*self._state.tasks, return_exceptions=True)
        await self._server.wait_closed()


@asynccontextmanager
async def serve(
    vendors: Sequence[SandboxVendor], host: str = "127.0.0.1", ports: Mapping[str, int] | None = None
) -> AsyncIterator[dict[str, str]]:
    """Serve the vendors until the block ends; yields each one's root URL by name.

    A vendor that `ports` does not name gets a free port. An API's base URL is the root URL with `vendor.base_path`.
    Raises `OSError` when a port is taken.
    """
    listeners = {vendor.name: _Listener(vendor) for vendor in vendors}
    try:
        addresses = {
            name: await listener.start(host, (ports or {}).get(name, 0)) for name, listener in listeners.items()
        }
        yield addresses
    finally:
        for listener in listeners.values():
            await listener.stop()


class Sandbox:
    """The vendors served from a thread: `with Sandbox(vendors) as sandbox: …`.

    Changing a vendor by its `person_…` methods is safe from any thread.
    """

    def __init__(
        self, vendors: Sequence[SandboxVendor], *, host: str = "127.0.0.1", ports: Mapping[str, int] | None = None
    ) -> None:
        self._vendors = {vendor.name: vendor for vendor in vendors}
        self._host = host
        self._ports = ports
        self._addresses: dict[str, str] = {}
        self._failure: BaseException | None = None
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="syncd-sandbox", daemon=True)

    def __enter__(self) -> "Sandbox":
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def url(self, name: str) -> str:
        """A vendor's root URL: the control surface is under `/_sandbox/` there."""
        return self._addresses[name]

    def base_url(self, name: str) -> str:
        """Where a vendor's API begins."""
        return self._addresses[name] + self._vendors[name].base_path

    def vendor(self, name: str) -> SandboxVendor:
        """The vendor itself."""
        return self._vendors[name]

    def config_text(self, state: str, **overrides: Any) -> str:
        """A syncd.toml for these vendors: see `configuration`."""
        return configuration(self._addresses, list(self._vendors.values()), state, **overrides)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as failure:
            self._failure = failure
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with serve(list(self._vendors.values()), self._host, self._ports) as self._addresses:
            self._ready.set()
            await self._stop.wait()

"""How a connection to a vendor is made: whom it trusts, how long it waits, what it never does.

TLS is always verified, redirects are never followed, no cookie is kept, and proxies of the environment do not count.
"""

from __future__ import annotations

import functools
import ssl
from collections import abc
from typing import Any
from urllib.parse import urlsplit

from syncd import __version__
from syncd.model.errors import Misconfigured
from syncd.vendors.transport.lean import httpx
from syncd.vendors.transport.surroundings import Connection, Surroundings

_IDLE_SECONDS = 3.0
"""Shorter than servers keep an idle connection, so that a write does not meet one that is just being closed."""

_TO_THE_PARSER = ("_stream", "_httpcore_stream", "_stream", "_connection", "_h11_state")
"""From an answer's stream to the h11 connection that it came through: httpx 0.28 on httpcore 1.0."""


class _NoCookies(httpx.Cookies):
    """Takes none, and does not look for any: with a jar, that takes as long as all else that httpx does."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Leave them in the answer."""


class _Client(httpx.AsyncClient):
    _none = _NoCookies()

    @property  # type: ignore[misc] # it cannot be given any either
    def cookies(self) -> httpx.Cookies:
        """Always empty."""
        return self._none


def open_client(
    connection: Connection, headers: abc.Mapping[str, str], surroundings: Surroundings
) -> httpx.AsyncClient:
    """The HTTP client of one vendor. Raises `Misconfigured` for a `ca_file` that holds no certificate."""
    transport = _sockets(connection) if surroundings.connect is None else surroundings.connect(connection)
    seconds = connection.timeout.total_seconds()
    return _Client(
        transport=transport,
        headers={
            "user-agent": f"syncd/{__version__}",
            "accept": "application/json",
            "accept-encoding": "gzip, deflate",
            "cache-control": "no-cache",  # an answer from before our own write would look like somebody's change
            **headers,
        },
        # Connecting ends before the whole attempt does, so that "surely not sent" can be told.
        timeout=httpx.Timeout(seconds, connect=seconds / 3),
        follow_redirects=False,
        trust_env=False,
    )


def untrusted(error: BaseException | None) -> bool:
    """Whether a failed connection failed for the other side's certificate."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


async def drop_if_spoilt(response: httpx.Response) -> None:
    """Close the connection of an answer that was read whole, where more came than that answer.

    request 1  204, and a body all the same; or its answer and another in one segment; or its answer and TLS's goodbye
    pool       the connection is idle, and its socket shows nothing to read: what came lies in a buffer
    request 2  what came before is taken for its answer, or its connection is at its end
    """
    stream = response.extensions.get("network_stream")
    if stream is not None and (_has_body(response) or _said_goodbye(stream) or _holds_more(response)):
        await stream.aclose()


def _has_body(response: httpx.Response) -> bool:
    """Whether an answer that can have no body announces one: it comes later, if it has not come yet."""
    bodiless = response.status_code in (httpx.codes.NO_CONTENT, httpx.codes.NOT_MODIFIED)
    announced = response.headers.get("content-length", "0").strip() != "0" or "transfer-encoding" in response.headers
    return announced and (bodiless or response.request.method == "HEAD")


def _said_goodbye(stream: Any) -> bool:
    """Whether TLS has more to read: its end, or anything else."""
    tls = stream.get_extra_info("ssl_object")
    if tls is None:
        return False
    try:
        tls.read(1)
    except ssl.SSLWantReadError:
        return False
    except (ssl.SSLError, ValueError):
        return True
    return True


def _holds_more(response: httpx.Response) -> bool:
    """Whether the parser holds bytes that came after the answer. Nothing public tells; who cannot tell says yes."""
    found: Any = response.stream
    for name in _TO_THE_PARSER:
        found = getattr(found, name, None)
    data, ended = getattr(found, "trailing_data", (b"?", True))
    return bool(data) or ended


@functools.cache
def _public_trust() -> ssl.SSLContext:
    """The public authorities, read once for all vendors: that takes longer than a request."""
    return httpx.create_ssl_context(trust_env=False)


def _trust(connection: Connection) -> ssl.SSLContext:
    if connection.ca_file is not None:
        return ssl.create_default_context(cafile=connection.ca_file)
    if urlsplit(connection.base_url).scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # which trusts nobody: there is nobody to be proved
    return _public_trust()


def _sockets(connection: Connection) -> httpx.AsyncBaseTransport:
    try:
        trust = _trust(connection)
    except (OSError, ssl.SSLError):
        reason = f"{connection.vendor}: ca_file holds no certificate; give a file in PEM form"
        raise Misconfigured(connection.vendor, reason) from None
    limits = httpx.Limits(
        max_connections=connection.max_connections,
        max_keepalive_connections=connection.max_connections,
        keepalive_expiry=_IDLE_SECONDS,
    )
    return httpx.AsyncHTTPTransport(verify=trust, limits=limits, trust_env=False)

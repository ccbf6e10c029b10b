"""A sandbox vendor as an ASGI application.

Reads a request whole, has the vendor or its control surface answer, and sends the answer. Decides nothing else. Where
no answer is to arrive it raises `ConnectionDropped` or `NoAnswer`: `server` makes those true on a socket, and an
in-memory client sees them as they are.
"""

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from syncd.sandbox.frame.exchange import Answer, Call
from syncd.sandbox.frame.faults import ConnectionDropped
from syncd.sandbox.frame.vendor import SandboxVendor
from syncd.sandbox.serving import control

CONTROL = "/_sandbox/"


class Application:
    """The ASGI application of one vendor."""

    def __init__(self, vendor: SandboxVendor) -> None:
        self.vendor = vendor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request. One whose client is gone before all of it was read is not carried out."""
        assert scope["type"] == "http", "the sandbox speaks plain HTTP only"
        try:
            call = await _read(scope, receive)
        except ClientDisconnect:
            return
        if call.path.startswith(CONTROL):
            await _send(control.respond(self.vendor, call), send)
        else:
            await _send(self.vendor.handle(call), send)


async def _read(scope: Scope, receive: Receive) -> Call:
    request = Request(scope, receive)
    return Call(
        method=request.method,
        path=scope["path"],
        raw_query=scope["query_string"].decode("latin-1"),
        headers=dict(request.headers),
        body=await request.body(),
    )


async def _send(answer: Answer, send: Send) -> None:
    body = answer.encoded()
    headers = {"Content-Type": answer.media_type, "Content-Length": str(len(body)), **answer.headers}
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    if answer.cut_off:
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        raise ConnectionDropped(committed=not answer.is_refusal)
    await send({"type": "http.response.body", "body": body})

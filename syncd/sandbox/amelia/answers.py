"""The plugin's envelopes: what a success, a foreseen error, an exception and a wrong path look like.

Judge by the body: Slim 3 writes foreseen errors with HTTP 200 and every error as text/html (read in Elite's source);
Lite answers 409 on both frameworks, and exceptions are 500 everywhere (measured).
"""

from typing import Any

from syncd.sandbox.amelia.requests import Handled
from syncd.sandbox.amelia.site import Site
from syncd.sandbox.frame.exchange import Answer

JSON = "application/json;charset=utf-8"
HTML = "text/html; charset=UTF-8"
_CRITICAL = (
    b"<!DOCTYPE html>\n<html><head><title>WordPress &rsaquo; Error</title></head>"
    b"<body><p>There has been a critical error on this website.</p></body></html>\n"
)


def success(message: str, data: dict[str, Any]) -> Answer:
    """What was asked for."""
    return Answer(200, {"message": message, "data": data}, media_type=JSON)


def handled(site: Site, error: Handled) -> Answer:
    """A foreseen error."""
    message = error.message if site.behaviour["error_messages"] else None
    body = {"message": message, "data": error.data}
    if site.framework == "slim3":
        if site.behaviour["lite_errors"]:
            return Answer(409, body, media_type=JSON)
        return Answer(200, body, media_type=HTML, refused=True)
    conflict = error.conflict or site.behaviour["errors_as_conflict"]
    return Answer(409 if conflict else 500, body, media_type=JSON)


def thrown(site: Site, message: str) -> Answer:
    """An exception: on Slim 3 its JSON calls itself text/html."""
    kind = HTML if site.framework == "slim3" else JSON
    return Answer(500, {"message": message}, media_type=kind)


def no_route(site: Site, *, known: bool = False) -> Answer:
    """404, or 405 where another verb would do: a message on Slim 4, nothing on Slim 3 (measured)."""
    status = 405 if known else 404
    if site.framework == "slim3":
        return Answer(status, b"", media_type=HTML)
    message = "Method not allowed." if known else "Not found."
    return Answer(status, {"message": message}, media_type=JSON)


def critical_error() -> Answer:
    """The page that WordPress shows where PHP ran out of memory."""
    return Answer(500, _CRITICAL, media_type=HTML)

"""One request to a sandbox vendor and its answer, as values.

Decides how an answer's JSON is written; what it says is each vendor's affair. Knows no socket and no vendor.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote_plus

READS = ("list", "get")
WRITES = ("create", "update", "reschedule", "status", "cancel", "delete", "customer")
OPERATIONS = READS + WRITES

JSON_TYPE = "application/json; charset=utf-8"
_compact = json.JSONEncoder(separators=(",", ":")).encode
_quoted = lru_cache(maxsize=1024)(json.dumps)
"""The keys of answers are few."""


@dataclass(slots=True)
class Call:
    """A request, read to the end. A vendor's `classify` fills in `operation`, `record_id` and `page`."""

    method: str
    path: str
    raw_query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name."""
    body: bytes = b""
    operation: str | None = None
    """One of `OPERATIONS`; None for anything else (a catalogue, an availability check, a wrong path)."""
    record_id: str | None = None
    page: int = 1
    view: Literal["now", "before", "none"] = "now"
    """What `SandboxVendor.visible` and `find` show: a fault sets it to play a stale read or an empty listing."""
    shift: int = 0
    """Rows by which `page_of` moves every page but the first: a fault sets it."""
    _query: dict[str, str] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def query(self) -> Mapping[str, str]:
        """Query parameters; of a repeated one the last. Read once: a vendor asks for one after the other."""
        if self._query is None:
            self._query = dict(parse_qsl(self.raw_query, keep_blank_values=True))
        return self._query

    @property
    def target(self) -> str:
        """Path and decoded query: what a fault's `path` is looked for in."""
        return f"{self.path}?{unquote_plus(self.raw_query)}" if self.raw_query else self.path

    def json(self) -> Any:
        """The body as JSON. Raises `ValueError`."""
        return json.loads(self.body)


class Row:
    """One record as an answer shows it; its JSON text is made once and kept."""

    __slots__ = ("_text", "value")

    def __init__(self, value: dict[str, Any]) -> None:
        self.value = value
        self._text: str | None = None

    @property
    def text(self) -> str:
        """The row as JSON."""
        if self._text is None:
            self._text = _compact(self.value)
        return self._text


@dataclass(slots=True)
class Answer:
    """A response. `body` is JSON in which records stand as `Row`, or bytes that are sent as they are."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = JSON_TYPE
    refused: bool | None = None
    """Whether this counts as a refusal; None: when the status is 400 or more."""
    cut_off: bool = False
    """Half of the body is sent, then the connection is dropped."""

    @property
    def is_refusal(self) -> bool:
        """Whether the vendor turned the request down."""
        return self.status >= 400 if self.refused is None else self.refused

    def encoded(self) -> bytes:
        """The body's bytes."""
        return self.body if isinstance(self.body, bytes) else encode(self.body).encode()


class Refused(Exception):
    """Raised anywhere while a vendor handles a call: `answer` is what the client gets."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def encode(node: Any) -> str:
    """JSON of an answer, each `Row` by its kept text, so that a listing costs no more than joining its rows."""
    match node:
        case Row():
            return node.text
        case dict():
            return "{" + ",".join(f"{_quoted(str(key))}:{encode(value)}" for key, value in node.items()) + "}"
        case list():
            return "[" + ",".join(map(encode, node)) + "]"
        case _:
            return _compact(node)


def stamp(instant: datetime, *, milliseconds: bool = False) -> str:
    """ISO 8601 in UTC with Z: `2026-07-10T17:00:00Z`, with milliseconds `2026-07-10T17:00:00.000Z`."""
    text = instant.astimezone(UTC).isoformat(timespec="milliseconds" if milliseconds else "seconds")
    return text.replace("+00:00", "Z")


def http_date(instant: datetime) -> str:
    """As in the Date header: `Fri, 10 Jul 2026 17:00:00 GMT`."""
    return format_datetime(instant.astimezone(UTC).replace(microsecond=0), usegmt=True)

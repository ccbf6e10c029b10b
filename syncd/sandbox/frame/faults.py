"""What can go wrong between a client and a vendor, injected one by one.

Decides which request a fault strikes and what it does to the answer. Knows answers and rows, no vendor: a vendor's own
words (where its rows are, which key is the status) come from the vendor that is passed in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Protocol

from syncd.sandbox.frame.caching import Cache
from syncd.sandbox.frame.counters import Counters
from syncd.sandbox.frame.exchange import OPERATIONS, Answer, Call, Row
from syncd.sandbox.frame.garbling import (
    in_latin_1,
    is_record,
    not_in_utf_8,
    over_and_over,
    with_half_a_character,
    with_value,
)

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "status": ("code", "body", "headers"),
    "status_after": ("code", "body", "headers"),
    "retry_after": ("value",),
    "html": (),
    "html_after": (),
    "empty": (),
    "truncate": (),
    "not_json": (),
    "reset": (),
    "reset_after": (),
    "reset_body": (),
    "hang": (),
    "hang_after": (),
    "late": ("value", "code"),
    "empty_list": (),
    "partial_list": ("page",),
    "half_list": (),
    "page_shift": ("shift",),
    "stale": (),
    "duplicate_row": (),
    "unknown_status": ("value",),
    "null_fields": ("fields",),
    "missing_field": ("field",),
    "extra_fields": (),
    "half_character": ("field", "record"),
    "bad_value": ("field", "body", "record"),
    "charset": ("value",),
    "latin_1": (),
    "not_utf_8": (),
    "endless_list": ("value",),
    "date_header": ("value",),
    "cached": ("value",),
}
"""Each kind of fault with the arguments it takes."""

_INSTEAD = {"status", "retry_after", "html", "empty", "not_json", "reset", "hang"}
_LISTING_ONLY = {"cached", "empty_list", "endless_list", "partial_list", "half_list", "page_shift", "duplicate_row"}
_READS_ONLY = {"stale"}
_MILLION = 1_000_000
_PAGE = b"<!DOCTYPE html>\n<html><head><title>Down for maintenance</title></head><body>Back soon.</body></html>\n"
_EXTRA = {"beta_flags": ["a", "b"], "ext": {"nested": {"value": 1}}, "etag_v2": None}


class NoDelivery(Exception):
    """No answer reached the client. `committed`: whether the vendor had carried the request out."""

    def __init__(self, *, committed: bool) -> None:
        super().__init__("committed" if committed else "not handled")
        self.committed = committed


class ConnectionDropped(NoDelivery):
    """The vendor's side closed the connection before the answer was complete."""


class NoAnswer(NoDelivery):
    """The vendor keeps the connection open and never answers."""


class Disturbed(Protocol):
    """What a fault needs of the vendor that it strikes: its words."""

    counters: Counters

    def now(self) -> datetime:
        """Its clock."""

    def new_id(self) -> str:
        """A fresh id as it makes them."""

    @property
    def nullable(self) -> tuple[str, ...]:
        """Keys of a row that may be null."""

    def failure(self, status: int) -> Answer:
        """An error of this HTTP status in the vendor's own envelope."""

    def postpone(self, call: Call, seconds: float) -> None:
        """Carry a request out later, whatever its client was told."""

    def map_rows(self, body: Any, change: Callable[[list[Row]], list[Row]]) -> Any:
        """The answer's body with its rows replaced by `change(rows)`."""

    def with_status(self, row: dict[str, Any], word: str) -> dict[str, Any]:
        """A rendered row whose status is the unknown `word`."""


@dataclass(slots=True)
class Fault:
    """One fault: what happens (`kind`), to which requests, and how often.

    A request matches by `method`, by `path` (a substring of path and decoded query) and by `operation`; None matches
    all. `after` matching requests pass first; then `times` are struck, None for ever. A kind about listings or reads
    strikes only those. Raises `ValueError` naming the key that is wrong.
    """

    kind: str
    method: str | None = None
    path: str | None = None
    operation: str | None = None
    after: int = 0
    times: int | None = None
    code: int = 503
    body: Any = None
    """For `status` and `status_after`: JSON, or text that is sent as it is; None sends the vendor's own error.

    For `bad_value`: what stands at `field`, of any type.
    """
    headers: dict[str, str] = field(default_factory=dict)
    cache: Cache = field(default_factory=Cache)
    """For `cached`: what it kept."""
    value: str | int | None = None
    """For `retry_after` the header (seconds or an HTTP date; None sends none); for `unknown_status` the word; for
    `late` how many seconds later the request is carried out (its `code` is a gateway's answer; 0: there is none); for
    `charset` the one that the content type names; for `date_header` the Date; for `cached` "obeys", where the cache
    does not answer whoever asks for no cached answer; for `endless_list` how many bytes of rows each answer has at
    least (None: a million)."""
    page: int = 2
    """For `partial_list`: the page that fails."""
    shift: int = -1
    """For `page_shift`: -1 repeats the last row of the page before, 1 skips a row."""
    field: str = ""
    """The row's key, in the vendor's own words; for `half_character` and `bad_value` also a path, `bookings.0.info`."""
    record: str | None = None
    """For `half_character` and `bad_value`: the id of the row that is struck; None takes the first, `*` all."""
    fields: list[str] | None = None
    """For `null_fields`: keys; None takes all that the vendor may leave empty."""
    seen: int = 0
    fired: int = 0

    def __post_init__(self) -> None:
        if self.kind not in ARGUMENTS:
            raise ValueError(f"kind: {self.kind!r} is none of {', '.join(ARGUMENTS)}")
        if self.method not in (None, "GET", "POST", "PUT", "DELETE", "PATCH"):
            raise ValueError(f"method: {self.method!r} is no method")
        if self.operation is not None and self.operation not in OPERATIONS:
            raise ValueError(f"operation: {self.operation!r} is none of {', '.join(OPERATIONS)}")
        if self.after < 0 or (self.times is not None and self.times < 1):
            raise ValueError("after: at least 0; times: at least 1, or null")
        if self.kind in ("missing_field", "half_character", "bad_value") and not self.field:
            raise ValueError(f"field: {self.kind} needs one")

    def matches(self, call: Call) -> bool:
        """Whether it is about this request, regardless of `after` and `times`."""
        if self.kind in _LISTING_ONLY and call.operation != "list":
            return False
        if self.kind in _READS_ONLY and call.operation not in ("list", "get"):
            return False
        if self.kind == "partial_list" and call.page != self.page:
            return False
        return (
            self.method in (None, call.method)
            and self.operation in (None, call.operation)
            and (self.path is None or self.path in call.target)
        )

    def as_json(self) -> dict[str, Any]:
        """For the control surface: the request's keys, the kind's arguments, and how often it was met."""
        keys = ("kind", "method", "path", "operation", "after", "times", *ARGUMENTS[self.kind], "seen", "fired")
        return {key: getattr(self, key) for key in keys}


def parse_fault(data: object) -> Fault:
    """A fault from the control surface's JSON. Raises `ValueError` naming the key that is wrong."""
    if not isinstance(data, dict) or not isinstance(data.get("kind"), str):
        raise ValueError("kind: a fault is an object with a kind")
    allowed = {"kind", "method", "path", "operation", "after", "times", *ARGUMENTS.get(data["kind"], ())}
    for key, value in data.items():
        if data["kind"] in ARGUMENTS and key not in allowed:
            raise ValueError(f"{key}: {data['kind']} does not take it")
        if not _fits(key, value):
            raise ValueError(f"{key}: {value!r} is of the wrong type")
    return Fault(**data)


def _fits(key: str, value: Any) -> bool:
    match key:
        case "kind" | "field":
            return isinstance(value, str)
        case "method" | "path" | "operation" | "record":
            return value is None or isinstance(value, str)
        case "after" | "code" | "page" | "shift":
            return isinstance(value, int)
        case "times":
            return value is None or isinstance(value, int)
        case "headers":
            return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
        case "fields":
            return value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value))
        case "value":
            return value is None or isinstance(value, (str, int))
        case _:
            return key == "body" or any(key == known.name for known in fields(Fault))


class Faults:
    """The faults of one vendor, in the order in which they were added."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def add(self, fault: Fault) -> Fault:
        """Let it strike from now on; returns it, so that a caller can look at its counts."""
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all of them."""
        self._faults.clear()

    def strike(self, call: Call) -> Fault | None:
        """The first fault that this request meets; counts the request at each fault that matches up to that one."""
        for fault in self._faults:
            if not fault.matches(call) or (fault.times is not None and fault.fired >= fault.times):
                continue
            fault.seen += 1
            if fault.seen > fault.after:
                fault.fired += 1
                return fault
        return None


def answer_with(vendor: Disturbed, fault: Fault | None, call: Call, respond: Callable[[Call], Answer]) -> Answer:
    """The answer that the client gets under a fault, or plainly. Raises `ConnectionDropped`, `NoAnswer`."""
    if fault is None:
        return respond(call)
    if fault.kind == "late":
        return _late(vendor, fault, call)
    if fault.kind in _INSTEAD or fault.kind == "partial_list":
        vendor.counters.faulted += 1
        return _instead(vendor, fault)
    if fault.kind == "cached":
        return fault.cache.answer(vendor, call, respond, obeys=fault.value == "obeys")
    match fault.kind:
        case "stale":
            call.view = "before"
        case "empty_list":
            call.view = "none"
        case "page_shift":
            call.shift = fault.shift
        case _:
            pass
    return _after(vendor, fault, call, respond(call))


def _late(vendor: Disturbed, fault: Fault, call: Call) -> Answer:
    """Nothing is carried out yet: a gateway gives up, or the client does."""
    vendor.postpone(call, float(fault.value or 0))
    if not fault.code:
        raise NoAnswer(committed=False)
    return Answer(fault.code, b"<html>gateway time-out</html>", media_type="text/html; charset=utf-8")


def _instead(vendor: Disturbed, fault: Fault) -> Answer:
    match fault.kind:
        case "status":
            return _status(vendor, fault)
        case "partial_list":
            return vendor.failure(500)
        case "retry_after":
            headers = {} if fault.value is None else {"Retry-After": str(fault.value)}
            answer = vendor.failure(429)
            return Answer(answer.status, answer.body, {**answer.headers, **headers}, answer.media_type)
        case "html":
            return _page()
        case "empty":
            return Answer(200, b"")
        case "not_json":
            return Answer(200, b"<br />\n<b>Warning</b>: something {is: off}")
        case "reset":
            raise ConnectionDropped(committed=False)
        case _:
            raise NoAnswer(committed=False)


def _page() -> Answer:
    return Answer(200, _PAGE, media_type="text/html; charset=utf-8")


def _status(vendor: Disturbed, fault: Fault) -> Answer:
    if fault.body is None:
        answer = vendor.failure(fault.code)
        return Answer(fault.code, answer.body, {**answer.headers, **fault.headers}, answer.media_type)
    if isinstance(fault.body, str):
        return Answer(fault.code, fault.body.encode(), dict(fault.headers), "text/plain; charset=utf-8")
    return Answer(fault.code, fault.body, dict(fault.headers))


def _after(vendor: Disturbed, fault: Fault, call: Call, answer: Answer) -> Answer:
    match fault.kind:
        case "reset_after":
            raise ConnectionDropped(committed=not answer.is_refusal)
        case "hang_after":
            raise NoAnswer(committed=not answer.is_refusal)
        case "status_after" if not answer.is_refusal:
            return _status(vendor, fault)
        case "html_after" if not answer.is_refusal:
            return _page()
        case "reset_body":
            answer.cut_off = True
        case "truncate":
            whole = answer.encoded()
            answer.body = whole[: max(1, len(whole) // 2)]
        case "charset":
            answer.media_type = f"application/json; charset={fault.value}"
        case "latin_1":
            answer.body = in_latin_1(answer.encoded())
        case "not_utf_8":
            answer.body = not_in_utf_8(answer.encoded())
        case "date_header":
            answer.headers = {**answer.headers, "Date": str(fault.value)}
        case _ if not answer.is_refusal:
            answer.body = vendor.map_rows(answer.body, lambda rows: _disturbed(vendor, fault, rows))
        case _:
            pass
    return answer


def _disturbed(vendor: Disturbed, fault: Fault, rows: list[Row]) -> list[Row]:
    match fault.kind:
        case "half_list":
            return rows[: len(rows) // 2]
        case "duplicate_row":
            return [*rows[:1], *rows]
        case "endless_list":
            least = int(fault.value or _MILLION)
            return [*rows, *map(Row, over_and_over(rows[-1].value, least, vendor.new_id))] if rows else rows
        case "unknown_status":
            word = "on_hold" if fault.value is None else fault.value
            return [Row(vendor.with_status(row.value, str(word))) for row in rows]
        case "null_fields":
            keys = vendor.nullable if fault.fields is None else fault.fields
            return [Row({**row.value, **{key: None for key in keys if key in row.value}}) for row in rows]
        case "missing_field":
            return [Row({key: value for key, value in row.value.items() if key != fault.field}) for row in rows]
        case "extra_fields":
            return [Row({**row.value, **_EXTRA}) for row in rows]
        case "half_character":
            return _struck(rows, fault, lambda row: with_half_a_character(row, fault.field))
        case "bad_value":
            return _struck(rows, fault, lambda row: with_value(row, fault.field, fault.body))
        case _:
            return rows


def _struck(rows: list[Row], fault: Fault, change: Callable[[dict[str, Any]], dict[str, Any]]) -> list[Row]:
    """The rows, the fault's own (or the first) changed."""
    which = [n for n, row in enumerate(rows) if is_record(row.value, fault.record)]
    struck = set(which if fault.record == "*" else which[:1])
    return [Row(change(row.value)) if number in struck else row for number, row in enumerate(rows)]

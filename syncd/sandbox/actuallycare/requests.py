"""What ActuallyCare accepts in a request, by its reference; what it does with it is `actuallycare`'s affair."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from syncd.sandbox.frame.exchange import Call

TYPES = ("showing", "inspection", "signing", "meeting", "call", "other")
STATUSES = ("scheduled", "completed", "cancelled", "no_show")

_FILTERS = ("appointment_type", "status", "start_date", "page", "limit")
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")


class Invalid(ValueError):
    """A parameter or a field that the vendor turns down with 400."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key
        self.message = message


@dataclass(frozen=True, slots=True)
class Listing:
    """The query of a listing; None where a filter was not given."""

    page: int
    limit: int
    appointment_type: str | None
    status: str | None
    start_date: date | None


def listing(query: Mapping[str, str]) -> Listing:
    """Raises `Invalid`, also for a parameter that the reference does not have: nothing is ignored in silence."""
    _only(query, _FILTERS)
    return Listing(
        page=_number(query, "page", 1, None),
        limit=_number(query, "limit", 25, 100),
        appointment_type=_choice(query, "appointment_type", TYPES),
        status=_choice(query, "status", STATUSES),
        start_date=_day(query.get("start_date")),
    )


def portion(query: Mapping[str, str]) -> tuple[int, int]:
    """Page and limit of a listing that knows nothing else. Raises `Invalid`."""
    _only(query, ("page", "limit"))
    return _number(query, "page", 1, None), _number(query, "limit", 25, 100)


def creation(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a new record. Anything besides the five documented ones is ignored. Raises `Invalid`."""
    if not isinstance(body.get("title"), str) or not body["title"].strip():
        raise Invalid("title", "Title is required")
    start, end = _instant(body, "start_time"), _instant(body, "end_time")
    if start is None or end is None:
        raise Invalid("start_time" if start is None else "end_time", "Required")
    if end <= start:
        raise Invalid("end_time", "End time must be after start time")
    location = body.get("location")
    if location is not None and not isinstance(location, str):
        raise Invalid("location", "Must be a string")
    kind = _choice(body, "appointment_type", TYPES) or "other"
    return {"title": body["title"], "start": start, "end": end, "location": location or "", "service": kind}


def changes(body: Mapping[str, Any], start: datetime, end: datetime) -> dict[str, Any]:
    """What an update changes of a record from `start` to `end`. Anything undocumented is ignored. Raises `Invalid`."""
    given: dict[str, Any] = {
        "start": _instant(body, "start_time") or start,
        "end": _instant(body, "end_time") or end,
    }
    if given["end"] <= given["start"]:
        raise Invalid("end_time", "End time must be after start time")
    status = _choice(body, "status", STATUSES)
    return given if status is None else {**given, "status": status}


def version(body: Mapping[str, Any]) -> int | None:
    """The version that an update names. Raises `Invalid`."""
    given = body.get("version")
    if given is not None and type(given) is not int:
        raise Invalid("version", "Must be an integer")
    return given


def json_object(call: Call) -> dict[str, Any]:
    """The body; empty where it was not sent as JSON. Raises `Invalid`."""
    if "application/json" not in call.headers.get("content-type", ""):
        return {}
    try:
        data = call.json()
    except ValueError:
        raise Invalid("body", "Malformed JSON") from None
    if not isinstance(data, dict):
        raise Invalid("body", "Must be an object")
    return data


def kind_of_update(call: Call) -> str:
    """Which operation a `PUT` is, by what its body says."""
    try:
        body = json_object(call)
    except Invalid:
        return "update"
    if body.get("status") == "cancelled":
        return "cancel"
    if "start_time" in body or "end_time" in body:
        return "reschedule"
    return "status" if "status" in body else "update"


def _only(query: Mapping[str, str], known: tuple[str, ...]) -> None:
    for key in query:
        if key not in known:
            raise Invalid(key, "Unknown parameter")


def _number(query: Mapping[str, str], key: str, default: int, most: int | None) -> int:
    text = query.get(key, str(default))
    if not text.isdecimal() or int(text) < 1 or (most is not None and int(text) > most):
        raise Invalid(key, f"Must be a number from 1{'' if most is None else f' to {most}'}")
    return int(text)


def _choice(given: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> str | None:
    if key in given and given[key] not in choices:
        raise Invalid(key, f"Must be one of {', '.join(choices)}")
    return given.get(key)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise Invalid("start_date", "Must be a date") from None


def _instant(body: Mapping[str, Any], key: str) -> datetime | None:
    text = body.get(key)
    if text is None:
        return None
    if isinstance(text, str) and _DATE_TIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except ValueError:
            pass
    raise Invalid(key, "Must be an ISO 8601 date-time")

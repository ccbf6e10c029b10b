"""What Amelia accepts in a request, and the two ways in which it turns one down.

A handled error is an ordinary answer whose data carries a flag; anything else is an exception in the plugin's PHP,
which ends as HTTP 500. Source: field-notes, `amelia-appointments.txt`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from syncd.sandbox.amelia.bookings import STATUSES, Booking
from syncd.sandbox.amelia.times import day_range
from syncd.sandbox.frame.exchange import Call

_PATH = re.compile(r"/api/v1/appointments(?:/(?:(?P<action>status|time|delete)/)?(?P<id>\d+))?")
_ON_CREATE = ("bookings", "bookingStart", "notifyParticipants", "serviceId", "providerId", "recurring")
_IN_BOOKING = ("customerId", "status", "persons", "extras")
_MOST_PER_PAGE = 500


class Handled(Exception):
    """An error that the plugin foresees. `data` holds its flag; `conflict`: it is one whatever the settings say."""

    def __init__(self, message: str | None, data: Any, *, conflict: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.data = data
        self.conflict = conflict


class Thrown(Exception):
    """An exception that the plugin lets through: HTTP 500 with its message."""


def taken(**more: Any) -> Handled:
    """The refusal of a slot."""
    return Handled("Time slot is unavailable", {"timeSlotUnavailable": True, **more})


def missing(kind: str) -> Handled:
    """The refusal of a create that points to nothing."""
    return Handled(f"Entity missing ({kind}). Please refresh page and try again.", {"entityMissing": True})


@dataclass(frozen=True, slots=True)
class Listing:
    """The query of a listing. `limit` None: no paging."""

    since: datetime | None
    until: datetime | None
    services: frozenset[str]
    providers: frozenset[str]
    limit: int | None
    by_id: bool
    as_array: bool
    with_services: bool
    with_providers: bool


def path_of(call: Call) -> str:
    """The endpoint, which stands in the query parameter `call`."""
    return call.query.get("call", "").rstrip("/")


def classify(call: Call) -> None:
    """Fill in what the call is. An update that names `bookingStart` is a reschedule."""
    path = path_of(call)
    if (call.method, path) == ("POST", "/api/v1/users/customers"):
        call.operation = "customer"
    found = _PATH.fullmatch(path)
    if found is None:
        return
    call.record_id = found["id"]
    page = call.query.get("page", "1")
    call.page = int(page) if page.isdecimal() and int(page) else 1
    match call.method, found["action"], found["id"]:
        case "GET", None, None:
            call.operation = "list"
        case "GET", None, _:
            call.operation = "get"
        case "POST", None, None:
            call.operation = "create"
        case "POST", None, _:
            call.operation = "reschedule" if "bookingStart" in body_of(call) else "update"
        case "POST", "status", _:
            call.operation = "cancel" if body_of(call).get("status") == "canceled" else "status"
        case "POST", "time", _:
            call.operation = "reschedule"
        case "POST", "delete", _:
            call.operation = "delete"
        case _:
            pass


def body_of(call: Call) -> dict[str, Any]:
    """The body; empty where it is no JSON object, or not declared as JSON."""
    if not call.headers.get("content-type", "").startswith("application/json"):
        return {}
    try:
        data = call.json()
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def flag(value: Any) -> bool:
    """Whether PHP takes it for true."""
    return value not in (None, False, 0, "", "0", [])


def listing(query: Mapping[str, str], zone: tzinfo, now: datetime, *, page_size: int, newer: bool) -> Listing:
    """`newer` builds honour `limit`. Without `page` nothing is paged."""
    since, until = day_range(query.get("dates", ""), zone, now)
    limit = query.get("limit", "")
    size = min(int(limit), _MOST_PER_PAGE) if newer and limit.isdecimal() and int(limit) else page_size
    return Listing(
        since=since,
        until=until,
        services=frozenset(filter(None, query.get("services", "").split(","))),
        providers=frozenset(filter(None, query.get("providers", "").split(","))),
        limit=size if flag(query.get("page")) else None,
        by_id=query.get("sort") == "id",
        as_array=query.get("asArray", "").lower() in ("true", "1"),
        with_services=not flag(query.get("skipServices")),
        with_providers=not flag(query.get("skipProviders")),
    )


def check_mandatory(body: Mapping[str, Any], keys: Sequence[str] = _ON_CREATE) -> None:
    """Raises `Thrown` naming what was not passed."""
    lacking = [key for key in keys if body.get(key) is None]
    if lacking:
        raise Thrown(f"Mandatory fields not passed! Missing: {', '.join(lacking)}")


def status_word(value: Any) -> str:
    """Raises `Thrown` for a status that the plugin does not know."""
    if value not in STATUSES:
        raise Thrown(f"Invalid booking status: {value}")
    return str(value)


def identifier(value: Any) -> int:
    """An id, which may come as text. Raises `Thrown`."""
    if type(value) is int or (isinstance(value, str) and value.isdecimal()):
        return int(value)
    raise Thrown(f"Invalid key {value}.")


def bookings(value: Any, fresh: Callable[[], Booking], known: Mapping[int, Booking], seconds: int) -> list[Booking]:
    """The bookings that a body gives.

    One with an id takes over that stored booking's age, and nothing else of it: what is left out is lost. `seconds` is
    the service's length, for a booking without `duration`. Raises `Thrown` for one that is not complete.
    """
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        raise Thrown("Mandatory fields not passed! Missing: bookings")
    return [_booking(item, fresh, known, seconds) for item in value]


def _booking(item: dict[str, Any], fresh: Callable[[], Booking], known: Mapping[int, Booking], seconds: int) -> Booking:
    for key in _IN_BOOKING:
        if item.get(key) is None:
            raise Thrown(f"Undefined array key: {key}")
    base = fresh() if item.get("id") is None else known.get(identifier(item["id"]))
    if base is None:
        raise Thrown(f"Invalid key {item['id']}.")
    return Booking(
        id=base.id,
        customer_id=identifier(item["customerId"]),
        status=status_word(item["status"]),
        duration=identifier(item.get("duration") or seconds),
        created_at=base.created_at,
        persons=identifier(item["persons"]),
        price=base.price,
        custom_fields=item.get("customFields"),
        info=base.info,
    )

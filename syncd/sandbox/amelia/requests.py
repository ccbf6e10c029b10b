"""What Amelia accepts in a request, and the two ways in which it turns one down.

A handled error is an ordinary answer whose data carries a flag; anything else is an exception in the plugin's PHP,
which ends as HTTP 500. Source: field-notes, `amelia-appointments.txt`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from syncd.sandbox.amelia.bookings import STATUSES, Appointment, Booking
from syncd.sandbox.amelia.times import day_range
from syncd.sandbox.frame.exchange import Call

_PATH = re.compile(r"/api/v1/appointments(?:/(?:(?P<action>status|time|delete)/)?(?P<id>\d+))?")
_ON_CREATE = ("bookings", "bookingStart", "notifyParticipants", "serviceId", "providerId")
_IN_BOOKING = ("customerId", "status", "persons", "extras")
_MOST_PER_PAGE = 500
_SERVED = frozenset(["dates", "page", "limit", "sort", "asArray", "skipServices", "skipProviders"])
"""What a listing can be asked for by the reference; of `limit` and `sort` the measurements tell."""
_WORDPRESS = frozenset(("action", "call", "lang", "currency"))
"""What is there for the router, and for other plugins of the site (languages, money): no filter of Amelia's."""


class Handled(Exception):
    """An error that the plugin foresees. `data` holds its flag; `conflict`: it is one whatever the settings say."""

    def __init__(self, message: str | None, data: Any, *, conflict: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.data = data
        self.conflict = conflict


class Unserved(Exception):
    """A filter that no document of the vendor's shows: what it would do there is not known. Its text names it."""


class Thrown(Exception):
    """An exception that the plugin lets through: HTTP 500 with its message."""


def taken(**more: Any) -> Handled:
    """The refusal of a slot."""
    return Handled("Time slot is unavailable", {"timeSlotUnavailable": True, **more})


def booked_already() -> Handled:
    """The refusal of a customer who is there already, or elsewhere at that time."""
    return Handled("Customer has already booked this time", {"customerAlreadyBooked": True})


def missing(kind: str) -> Handled:
    """The refusal of a create that points to nothing."""
    return Handled(f"Entity missing ({kind}). Please refresh page and try again.", {"entityMissing": True})


@dataclass(frozen=True, slots=True)
class Listing:
    """The query of a listing. `limit` None: no paging."""

    since: datetime | None
    until: datetime | None
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
    if call.method == "POST" and path.startswith("/api/v1/users/customers"):
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


def change_of_status(body: Mapping[str, Any], entry: Appointment) -> str | None:
    """`cancel` or `status` for an update that gives the stored bookings other statuses; None for any other."""
    given = body.get("bookings")
    if not isinstance(given, list):
        return None
    before: dict[Any, str] = {booking.id: booking.status for booking in entry.bookings}
    known = [item for item in given if isinstance(item, dict) and item.get("id") in before]
    words = {item.get("status") for item in known if item.get("status") != before[item["id"]]}
    if not words:
        return None
    return "cancel" if words == {"canceled"} else "status"


def flag(value: Any) -> bool:
    """Whether PHP takes it for true."""
    return value not in (None, False, 0, "", "0", [])


def listing(query: Mapping[str, str], zone: tzinfo, now: datetime, *, page_size: int, newer: bool) -> Listing:
    """`newer` builds honour `limit` and `sort=id`. Without `page` nothing is paged. Raises `Unserved`."""
    for key in query:
        if key not in _SERVED | _WORDPRESS:
            raise Unserved(f'The sandbox knows no filter "{key}": no document of the vendor shows it.')
    since, until = day_range(query.get("dates", ""), zone, now)
    limit = query.get("limit", "")
    size = min(int(limit), _MOST_PER_PAGE) if newer and limit.isdecimal() and int(limit) else page_size
    return Listing(
        since=since,
        until=until,
        limit=size if flag(query.get("page")) else None,
        by_id=newer and query.get("sort") == "id",
        as_array=query.get("asArray", "").lower() in ("true", "1"),
        with_services=not flag(query.get("skipServices")),
        with_providers=not flag(query.get("skipProviders")),
    )


def check_mandatory(body: Mapping[str, Any], keys: Sequence[str] = _ON_CREATE) -> None:
    """Raises `Thrown` naming what was not passed."""
    lacking = [key for key in keys if body.get(key) is None]
    if lacking:
        raise Thrown(f"Mandatory fields not passed! Missing: {', '.join(lacking)}")


def recurring(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What else a create is for; it may be left out (measured). Raises `Thrown`."""
    given = body.get("recurring") or []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise Thrown("Argument #2 must be of type array: recurring")
    return given


def status_word(value: Any, *, lenient: bool) -> str:
    """A status as it is stored; `lenient` builds keep nothing of one that they do not know. Raises `Thrown`."""
    if value in STATUSES:
        return str(value)
    if lenient:
        return ""
    raise Thrown(f"Invalid booking status: {value}")


def identifier(value: Any) -> int:
    """An id, which may come as text. Raises `Thrown`."""
    if type(value) is int or (isinstance(value, str) and value.isdecimal()):
        return int(value)
    raise Thrown(f"Invalid key {value}.")


def bookings(
    value: Any,
    fresh: Callable[[], Booking],
    known: Mapping[int, Booking],
    seconds: int,
    *,
    lenient: bool,
) -> list[Booking]:
    """The bookings that a body gives.

    One with an id takes over that stored booking's age, and nothing else of it: what is left out is lost. `seconds` is
    the service's length, for a booking without `duration`; `lenient` as in `status_word`. Raises `Thrown` for one that
    is not complete; an empty list ends in an SQL error, table class and all (measured).
    """
    if value == []:
        raise Thrown("You have an error in your SQL syntax near ')' in CustomerBookingsTable")
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Thrown("Mandatory fields not passed! Missing: bookings")
    return [_booking(item, fresh, known, seconds, lenient) for item in value]


def _booking(
    item: dict[str, Any],
    fresh: Callable[[], Booking],
    known: Mapping[int, Booking],
    seconds: int,
    lenient: bool,
) -> Booking:
    for key in _IN_BOOKING:
        if item.get(key) is None:
            raise Thrown(f"Undefined array key: {key}")
    base = fresh() if item.get("id") is None else known.get(identifier(item["id"]))
    if base is None:
        raise Thrown(f"Invalid key {item['id']}.")
    return Booking(
        id=base.id,
        customer_id=identifier(item["customerId"]),
        status=status_word(item["status"], lenient=lenient),
        duration=identifier(item.get("duration") or seconds),
        created_at=base.created_at,
        persons=identifier(item["persons"]),
        price=base.price,
        custom_fields=item.get("customFields"),
        info=base.info,
    )

"""What Acuity accepts in a request, by `acuity.md` and field-notes; what it does with it is `acuity`'s affair."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from syncd.sandbox.frame.exchange import Call
from syncd.sandbox.frame.records import Person
from syncd.sandbox.frame.zones import is_zone_name

_PERSON = {"firstName": "first_name", "lastName": "last_name", "email": "email", "phone": "phone"}
_REQUIRED = {
    "firstName": "required_first_name",
    "lastName": "required_last_name",
    "email": "required_email",
    "phone": "required_phone",
}
_DOCUMENTED_MAX = 100
_UNSERVED = ("categoryID", "clientID")
"""Documented filters by ids that no row of an appointment shows."""
_SERVED = {
    *("minDate", "maxDate", "minTime", "maxTime", "calendarID", "appointmentTypeID", "canceled", "showall"),
    *("direction", "max", "page", "limit", "excludeForms", "timezone"),
    *_PERSON,
}
"""The documented filters that are obeyed."""
_PAGE_LIMIT, _PAGE_MOST = 20, 200


class Invalid(ValueError):
    """A request that the vendor turns down with 400. `code` is its error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Listing:
    """The query of a listing.

    `first` and `last` are days, in the zone of each appointment's calendar; `since` and `until` bound the start,
    half-open. None where a filter was not given. `person` are the client's fields, by their neutral names.
    """

    first: date | None
    last: date | None
    since: datetime | None
    until: datetime | None
    calendar_id: int | None
    type_id: int | None
    person: tuple[tuple[str, str], ...]
    only_cancelled: bool
    cancelled_too: bool
    descending: bool
    most: int | None
    limit: int
    forms: bool
    zone: ZoneInfo | None


@dataclass(frozen=True, slots=True)
class Slot:
    """The time and place that a booking, a reschedule or a check asks for; `calendar_id` None: any calendar."""

    start: datetime
    calendar_id: int | None


def flag(query: Mapping[str, str], key: str) -> bool:
    """A query parameter that switches something on."""
    return query.get(key, "").lower() in ("true", "1")


def listing(query: Mapping[str, str], zone: ZoneInfo, *, reference: bool) -> Listing:
    """`reference`: as the reference documents paging and order, instead of the vendor's page. Raises `Invalid`.

    A filter is obeyed, or refused where nothing here has what it asks for or no document shows it; none is passed over.
    """
    for key in query:
        if key in _UNSERVED or key.startswith("field:"):
            raise Invalid("bad_request", f'The sandbox has nothing that the filter "{key}" could ask for.')
        if key not in _SERVED:
            raise Invalid("bad_request", f'The sandbox knows no filter "{key}": no document of the vendor shows it.')
    most = _number(query, "max")
    return Listing(
        first=day(query["minDate"], "minDate") if query.get("minDate") else None,
        last=day(query["maxDate"], "maxDate") if query.get("maxDate") else None,
        since=instant(query.get("minTime"), "minTime", zone),
        until=instant(query.get("maxTime"), "maxTime", zone),
        calendar_id=_number(query, "calendarID"),
        type_id=_number(query, "appointmentTypeID"),
        person=tuple((ours, query[theirs]) for theirs, ours in _PERSON.items() if query.get(theirs)),
        only_cancelled=flag(query, "canceled"),
        cancelled_too=flag(query, "showall"),
        descending=query.get("direction", "ASC" if reference else "DESC").upper() != "ASC",
        most=most if reference or most is not None else _DOCUMENTED_MAX,
        limit=min(_number(query, "limit") or _PAGE_LIMIT, _PAGE_MOST),
        forms=not flag(query, "excludeForms"),
        zone=zone_of(query),
    )


def json_object(call: Call) -> dict[str, Any]:
    """The body. Raises `Invalid`."""
    try:
        data = call.json()
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise Invalid("bad_request", "Expected a JSON object.")
    return data


def slot(body: Mapping[str, Any], zone: Callable[[int | None], ZoneInfo]) -> Slot:
    """A time without an offset is read in the zone of the calendar that is asked for. Raises `Invalid`."""
    calendar_id = identifier(body, "calendarID", "invalid_calendar")
    start = instant(body.get("datetime"), "datetime", zone(calendar_id))
    if start is None:
        raise Invalid("required_datetime", 'The parameter "datetime" is required.')
    return Slot(start, calendar_id)


def client(body: Mapping[str, Any], *, optional: Set[str] = frozenset()) -> Person:
    """The client of a booking; of these keys it may lack some. Raises `Invalid`."""
    for key, code in _REQUIRED.items():
        if key not in optional and (not isinstance(body.get(key), str) or not body[key].strip()):
            raise Invalid(code, f'The parameter "{key}" is required.')
    return Person(**changed_client(body))


def changed_client(body: Mapping[str, Any], *, needed: Set[str] = frozenset()) -> dict[str, str]:
    """The client's fields that a body gives, by their neutral names; `needed` keys are not emptied. Raises `Invalid`.

    Whether a change may empty a part that the account insists on is not documented: it may not, as in a booking.
    """
    for key in needed:
        if body.get(key) == "":
            raise Invalid(_REQUIRED[key], f'The parameter "{key}" is required.')
    given = {ours: body[theirs] for theirs, ours in _PERSON.items() if body.get(theirs) is not None}
    for key, value in given.items():
        if not isinstance(value, str):
            raise Invalid("bad_request", f'The parameter "{key}" must be text.')
    if given.get("email") and not all("@" in part for part in given["email"].split(",")):
        raise Invalid("invalid_email", f'The email address "{given["email"]}" is invalid.')
    return given


def identifier(body: Mapping[str, Any], key: str, code: str) -> int | None:
    """A numeric id, which may come as text. Raises `Invalid`."""
    value = body.get(key)
    if value is None:
        return None
    if type(value) is int or (isinstance(value, str) and value.isdecimal()):
        return int(value)
    raise Invalid(code, f'The parameter "{key}" must be a number.')


def day(text: str, key: str) -> date:
    """A day written as `2026-07-15`. Raises `Invalid`."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise Invalid("bad_request", f'The parameter "{key}" must be a date.') from None


def zone_of(given: Mapping[str, Any]) -> ZoneInfo | None:
    """The zone that a request wants its times in. Raises `Invalid`."""
    name = given.get("timezone")
    if name is not None and not is_zone_name(name):
        raise Invalid("invalid_timezone", f'The timezone "{name}" is invalid.')
    return None if name is None else ZoneInfo(name)


def _number(query: Mapping[str, str], key: str) -> int | None:
    text = query.get(key, "")
    if not text:
        return None
    if not text.isdecimal():
        raise Invalid("bad_request", f'The parameter "{key}" must be a number.')
    return int(text)


def instant(text: Any, key: str, zone: ZoneInfo) -> datetime | None:
    """A time; one without an offset is read in this zone. Raises `Invalid`."""
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise Invalid("bad_request", f'The parameter "{key}" must be an ISO 8601 time.') from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)

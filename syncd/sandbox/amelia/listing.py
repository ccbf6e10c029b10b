"""A listing of Amelia's: which appointments, in which order, and in which of its two shapes.

The shapes are an object keyed by date, which an empty listing turns into `[]`, and with `asArray` a list. Totals count
what was found, whatever a page shows. Source: field-notes, `amelia-appointments.txt`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from syncd.sandbox.amelia import answers, requests
from syncd.sandbox.amelia.requests import Listing
from syncd.sandbox.amelia.rows import Form
from syncd.sandbox.amelia.site import Site
from syncd.sandbox.frame.exchange import Answer, Call, Row
from syncd.sandbox.frame.faults import NoAnswer
from syncd.sandbox.frame.records import Entry

_UNKNOWN = ("birthday", "phone", "note", "zoomUserId", "countryPhoneIso", "externalId", "pictureFullPath")
_CURRENT_USER = {
    "id": None,
    "firstName": "API",
    "lastName": "Admin",
    "email": "api.admin@example.com",
    "type": "admin",
    "status": "visible",
    **dict.fromkeys((*_UNKNOWN, "pictureThumbPath", "translations")),
}


@dataclass(slots=True)
class Orders:
    """The last listing's records in order, kept from page to page until something changes."""

    key: tuple[object, ...] | None = None
    found: list[Entry] | None = None


def answer(site: Site, orders: Orders, call: Call) -> Answer:
    """The answer to `GET /appointments`. Raises `NoAnswer` where the site breaks down in silence."""
    keeper, size = site.keeper, site.behaviour["page_size"]
    newer = site.generation.pages_as_asked
    asked = requests.listing(call.query, site.zone, keeper.now(), page_size=size, newer=newer)
    found = _found(site, orders, call, asked)
    if _is_too_much(site, found, asked):
        return _broken_down(site)
    shown = found if asked.limit is None else keeper.page_of(call, found, asked.limit)
    rows = _rows(site, shown, asked)
    data = {
        "appointments": rows if _is_array(site, rows, asked) else _by_date(rows, rows),
        "availablePackageBookings": [],
        "emptyPackageBookings": [],
        "occupied": [],
        "total": len(found),
        "totalApproved": sum(entry.status == "scheduled" for entry in found),
        "totalPending": sum(entry.status == "pending" for entry in found),
        "currentUser": _CURRENT_USER,
    }
    return answers.success("Successfully retrieved appointments", data)


def _is_too_much(site: Site, found: list[Entry], asked: Listing) -> bool:
    """Whether it is more than the site can join in one go.

    Without indexes a listing costs its rows times the bookings ever made: 10 s at 5,000 rows, no answer within a
    client's patience at 9,000, out of memory at 12,000 (measured on 2.4.3); a page of 500 stays cheap.
    """
    most = site.behaviour["max_rows_unpaged"]
    return asked.limit is None and most is not None and len(found) > most


def _broken_down(site: Site) -> Answer:
    if site.behaviour["overload"] == "silence":
        raise NoAnswer(committed=False)
    return answers.critical_error()


def _is_array(site: Site, rows: list[Row], asked: Listing) -> bool:
    if _honours_array(site, asked):
        return True
    return not rows and site.behaviour["empty_as_array"] is True


def _honours_array(site: Site, asked: Listing) -> bool:
    return asked.as_array and site.behaviour["list_shape"] == "honour"


def _found(site: Site, orders: Orders, call: Call, asked: Listing) -> list[Entry]:
    key = (site.keeper.revision, call.view, asked)
    if orders.found is None or orders.key != key or site.behaviour["shuffle_ties"]:
        orders.key = key
        wanted = [entry for entry in site.keeper.visible(call) if _is_asked(entry, asked)]
        orders.found = _in_order(site, wanted, asked)
    return orders.found


def _in_order(site: Site, found: list[Entry], asked: Listing) -> list[Entry]:
    if asked.by_id:
        return sorted(found, key=lambda entry: int(entry.id))
    if site.behaviour["shuffle_ties"]:
        site.keeper.rng.shuffle(found)
    return sorted(found, key=lambda entry: entry.start)


def _is_asked(entry: Entry, asked: Listing) -> bool:
    begun = asked.since is None or entry.start >= asked.since
    return begun and (asked.until is None or entry.start < asked.until)


def _rows(site: Site, shown: Iterable[Entry], asked: Listing) -> list[Row]:
    keeper, now = site.keeper, site.keeper.now()
    answer_form = "array" if _honours_array(site, asked) else "list"
    past, coming = (
        Form(answer_form, is_past, asked.with_services, asked.with_providers).name for is_past in (True, False)
    )
    return [keeper.row(entry, past if entry.start <= now else coming) for entry in shown]


def _by_date(rows: list[Row], dated: list[Row]) -> dict[str, Any]:
    """Rows keyed by the local day of their start; one that lacks it has the day of the row at its place in `dated`."""
    days: dict[str, Any] = {}
    for place, row in enumerate(rows):
        start = row.value.get("bookingStart")
        if not isinstance(start, str) or not start:
            start = dated[min(place, len(dated) - 1)].value["bookingStart"]
        day = days.setdefault(start[:10], {"date": start[:10], "appointments": []})
        day["appointments"].append(row)
    return days


def changed(appointments: Any, change: Callable[[list[Row]], list[Row]]) -> Any:
    """A listing's rows as `change` would have them, in the listing's own shape."""
    if isinstance(appointments, list):
        return change(appointments)
    rows = [row for day in appointments.values() for row in day["appointments"]]
    return _by_date(change(rows), rows)

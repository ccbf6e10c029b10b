"""A listing of Amelia's: which appointments, in which order, and in which of its two shapes.

The shapes are an object keyed by date, which an empty listing turns into `[]`, and with `asArray` a list. Totals count
what was found, whatever a page shows. Source: field-notes, `amelia-appointments.txt`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from syncd.sandbox.amelia import requests
from syncd.sandbox.amelia.requests import Listing
from syncd.sandbox.amelia.rows import Form
from syncd.sandbox.frame.exchange import Answer, Call, Row
from syncd.sandbox.frame.records import Entry

if TYPE_CHECKING:
    from syncd.sandbox.amelia.server import Amelia

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


def answer(amelia: "Amelia", call: Call) -> Answer:
    """The answer to `GET /appointments`."""
    newer, size = amelia.behaviour["build"] == "slim4", amelia.behaviour["page_size"]
    asked = requests.listing(call.query, amelia.zone, amelia.now(), page_size=size, newer=newer)
    found = _found(amelia, call, asked)
    shown = found if asked.limit is None else amelia.page_of(call, found, asked.limit)
    rows = _rows(amelia, shown, asked)
    data = {
        "appointments": rows if _is_array(amelia, rows, asked) else _by_date(rows, rows),
        "availablePackageBookings": [],
        "emptyPackageBookings": [],
        "occupied": [],
        "total": len(found),
        "totalApproved": sum(entry.status == "scheduled" for entry in found),
        "totalPending": sum(entry.status == "pending" for entry in found),
        "currentUser": _CURRENT_USER,
    }
    return amelia.success("Successfully retrieved appointments", data)


def _is_array(amelia: "Amelia", rows: list[Row], asked: Listing) -> bool:
    if asked.as_array and amelia.behaviour["list_shape"] == "honour":
        return True
    return not rows and amelia.behaviour["empty_as_array"] is True


def _found(amelia: "Amelia", call: Call, asked: Listing) -> list[Entry]:
    key = (amelia.revision, call.view, asked)
    orders = amelia.orders
    if orders.found is None or orders.key != key or amelia.behaviour["shuffle_ties"]:
        orders.key = key
        orders.found = _in_order(amelia, [entry for entry in amelia.visible(call) if _is_asked(entry, asked)], asked)
    return orders.found


def _in_order(amelia: "Amelia", found: list[Entry], asked: Listing) -> list[Entry]:
    if asked.by_id:
        return sorted(found, key=lambda entry: int(entry.id))
    if amelia.behaviour["shuffle_ties"]:
        amelia.rng.shuffle(found)
    return sorted(found, key=lambda entry: entry.start)


def _is_asked(entry: Entry, asked: Listing) -> bool:
    return (
        (asked.since is None or entry.start >= asked.since)
        and (asked.until is None or entry.start < asked.until)
        and (not asked.services or str(entry.service) in asked.services)
        and (not asked.providers or str(entry.staff["provider"]) in asked.providers)
    )


def _rows(amelia: "Amelia", shown: Iterable[Entry], asked: Listing) -> list[Row]:
    past, coming = (Form("list", is_past, asked.with_services, asked.with_providers).name for is_past in (True, False))
    now = amelia.now()
    return [amelia.row(entry, past if entry.start <= now else coming) for entry in shown]


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

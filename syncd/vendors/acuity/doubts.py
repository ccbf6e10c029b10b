"""What of the configuration does not fit the account: ids that Acuity does not have, types that are off or differ."""

from __future__ import annotations

from collections import abc
from datetime import timedelta
from typing import Any

from syncd.model.catalogue import Catalogue, Entry
from syncd.vendors.acuity.schemas import AppointmentType, Calendar


def doubts(
    vendor: str,
    catalogue: Catalogue,
    calendar_ids: tuple[str, ...] | None,
    calendars: abc.Iterable[Calendar],
    types: abc.Iterable[AppointmentType],
) -> tuple[str, ...]:
    """One sentence for each id that an operator should look at; `vendor` is the configured name."""
    there = {row.id: row for row in calendars}
    offered = {row.id: row for row in types}
    found = [
        f"{vendor}: calendar_ids has {wanted}, and the account shows no such calendar: correct it"
        for wanted in calendar_ids or ()
        if wanted not in there
    ]
    found += [
        f"{vendor}: calendar {row.ids[vendor]} of staff '{row.name}' does not exist: correct ids.{vendor}"
        for row in catalogue.staff
        if vendor in row.ids and _shown(row.ids[vendor]) not in there
    ]
    rows = [row for row in catalogue.services if vendor in row.ids]
    found += [sentence for row in rows if (sentence := _service_doubt(vendor, row, rows, offered))]
    return tuple(found)


def _service_doubt(
    vendor: str, row: Entry, rows: list[Entry], offered: abc.Mapping[str | None, AppointmentType]
) -> str | None:
    shown = _shown(row.ids[vendor])
    kind = offered.get(shown)
    what = f"{vendor}: appointment type {shown} of service '{row.name}'"
    if kind is None:
        return f"{what} does not exist: correct ids.{vendor}"
    if kind.active is False:
        return f"{what} is switched off: switch it on in Acuity, or name another in ids.{vendor}"
    siblings = [other for other in rows if _shown(other.ids[vendor]) == shown]
    if any(other.fits(_minutes(kind.duration) or _length(other)) for other in siblings):
        return None
    return f"{what} takes {kind.duration} minutes there: what is booked ends by that, not by the row's duration"


def _shown(configured: Any) -> str:
    return str(configured)


def _minutes(text: str) -> timedelta | None:
    return timedelta(minutes=int(text)) if text.isdecimal() and len(text) < 6 else None


def _length(row: Entry) -> timedelta:
    return row.duration or timedelta(0)

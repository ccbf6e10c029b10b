"""What of the configuration does not fit the account, and what of the account it does not name.

Ids that Acuity does not have, types that are off or differ, are doubts. Types and calendars that no catalogue row names
are an offer: each with the row to paste.
"""

from __future__ import annotations

import json
from collections import abc
from datetime import timedelta
from typing import Any

from syncd.model.catalogue import Catalogue, Entry, Group
from syncd.vendors.acuity.schemas import AppointmentType, Calendar
from syncd.vendors.port import Notice

_FORMS = {
    "class": "a class: its bookings at one start are one appointment to syncd (docs/classes.md)",
    "series": "a series: Acuity's API does not move its appointments",
}


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
    found += _left_out(vendor, catalogue, calendar_ids, there.values(), default=True)
    rows = [row for row in catalogue.services if vendor in row.ids]
    found += [sentence for row in rows if (sentence := _service_doubt(vendor, row, rows, offered))]
    return tuple(found)


def _left_out(
    vendor: str,
    catalogue: Catalogue,
    calendar_ids: tuple[str, ...] | None,
    calendars: abc.Iterable[Calendar],
    *,
    default: bool,
) -> list[str]:
    """What a cycle refuses for its staff, whose calendar is there and not synced.

    Of a colleague that may be meant; of the default row, by which everybody goes whom nobody knows, hardly.
    """
    there = {row.id for row in calendars}
    rows = [row for row in catalogue.staff if vendor in row.ids and row.default is default]
    shown = [(row, _shown(row.ids[vendor])) for row in rows]
    whose = "theirs, or of staff that nobody knows," if default else "theirs"
    return [
        f"{vendor}: calendar {calendar} of staff '{row.name}' is not among calendar_ids, so that no appointment "
        f"{whose} is made there: add it to calendar_ids, or correct ids.{vendor} of that [[staff]] row"
        for row, calendar in shown
        if calendar in there and calendar_ids is not None and calendar not in calendar_ids
    ]


def _service_doubt(
    vendor: str, row: Entry, rows: list[Entry], offered: abc.Mapping[str | None, AppointmentType]
) -> str | None:
    shown = _shown(row.ids[vendor])
    kind = offered.get(shown)
    if kind is None:
        return f"{vendor}: appointment type {shown} of service '{row.name}' does not exist: correct ids.{vendor}"
    what = f"{vendor}: appointment type {_called(kind)} of service '{row.name}'"
    if kind.active is False:
        return f"{what} is switched off: switch it on in Acuity, or name another in ids.{vendor}"
    siblings = [other for other in rows if _shown(other.ids[vendor]) == shown]
    if any(other.fits(_minutes(kind.duration) or _length(other)) for other in siblings):
        return None
    return f"{what} takes {kind.duration} minutes there: what is booked ends by that, not by the row's duration"


def offers(
    vendor: str,
    catalogue: Catalogue,
    calendar_ids: tuple[str, ...] | None,
    calendars: abc.Sequence[Calendar],
    types: abc.Iterable[AppointmentType],
) -> tuple[Notice, ...]:
    """What the account has and no catalogue row names, with the row to paste, and which types are no plain service."""
    named = {_shown(row.ids[vendor]) for row in catalogue.services if vendor in row.ids}
    staffed = {_shown(row.ids[vendor]) for row in catalogue.staff if vendor in row.ids}
    known = [row for row in types if row.id is not None]
    said = [
        Notice(key=f"form {row.id}", text=f"{vendor}: appointment type {_called(row)} is {_FORMS[row.form]}")
        for row in known
        if row.id in named and row.form in _FORMS
    ]
    said += [_type_offer(vendor, row) for row in known if row.id not in named]
    said += [_calendar_offer(vendor, row, calendar_ids) for row in calendars if row.id not in staffed]
    left_out = _left_out(vendor, catalogue, calendar_ids, calendars, default=False)
    return (*said, *(Notice(key=f"left out {text}", text=text) for text in left_out))


def _type_offer(vendor: str, row: AppointmentType) -> Notice:
    minutes = _minutes(row.duration)
    length = {} if minutes is None else {"duration": f"{int(minutes.total_seconds()) // 60}m"}
    length |= {"group": Group.SEATS.value} if row.form == "class" else {}
    what = f"{vendor}: appointment type {_called(row)} is in no [[services]] row"
    what += f". It is {_FORMS[row.form]}" if row.form in _FORMS else ""
    what += ". It is switched off in Acuity" if row.active is False else ""
    return Notice(key=f"type {row.id}", text=f"{what}:", paste=_row("services", row, vendor, length))


def _calendar_offer(vendor: str, row: Calendar, calendar_ids: tuple[str, ...] | None) -> Notice:
    left_out = calendar_ids is not None and row.id not in calendar_ids
    what = f"{vendor}: calendar {_called(row)} is in no [[staff]] row"
    what += " and not among calendar_ids" if left_out else ""
    return Notice(key=f"calendar {row.id}", text=f"{what}:", paste=_row("staff", row, vendor, {}))


def _row(table: str, row: AppointmentType | Calendar, vendor: str, more: abc.Mapping[str, str]) -> tuple[str, ...]:
    """A row of the catalogue as it stands in a syncd.toml: a text of JSON is one of TOML."""
    keys = {"name": row.name.encode(errors="replace").decode(), **more}
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items())
    return (f"[[{table}]]", *lines, f"ids = {{ {_key(vendor)} = {row.id} }}")


def _key(vendor: str) -> str:
    """A vendor's name as a key of TOML."""
    plain = vendor.isascii() and vendor.replace("-", "").replace("_", "").isalnum()
    return vendor if plain else json.dumps(vendor)


def _called(row: AppointmentType | Calendar) -> str:
    return f"{row.id} '{row.name}'" if row.name else str(row.id)


def _shown(configured: Any) -> str:
    return str(configured)


def _minutes(text: str) -> timedelta | None:
    return timedelta(minutes=int(text)) if text.isdecimal() and len(text) < 6 else None


def _length(row: Entry) -> timedelta:
    return row.duration or timedelta(0)

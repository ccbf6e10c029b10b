"""The neutral JSON form of a record on the control surface, and its reading with messages that name the key.

Keys: id, start, end (ISO 8601 with Z), status, title, location, notes, clients ([{first_name, last_name, email,
phone}]), service, staff, all_day, version, modified_at, notify, extra. `created_at` is taken on insert as well.
"""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from syncd.sandbox.frame.exchange import stamp
from syncd.sandbox.frame.records import Entry, Person

_PERSON = tuple(item.name for item in dataclasses.fields(Person))


def record_json(entry: Entry) -> dict[str, Any]:
    """A record as the control surface shows it."""
    return {
        "id": entry.id,
        "start": stamp(entry.start),
        "end": stamp(entry.end),
        "status": entry.status,
        "title": entry.title,
        "location": entry.location,
        "notes": entry.notes,
        "clients": [dataclasses.asdict(person) for person in entry.people],
        "service": entry.service,
        "staff": entry.staff,
        "all_day": entry.all_day,
        "version": entry.version,
        "modified_at": stamp(entry.modified_at, milliseconds=True),
        "notify": entry.notify,
        "extra": entry.extra,
    }


def fields_from(data: dict[str, Any], *, inserting: bool) -> dict[str, Any]:
    """The fields of `Entry` that a control request gives. Raises `ValueError` naming the key."""
    if inserting and "start" not in data:
        raise ValueError("start: a new record needs one")
    if not inserting and "id" in data:
        raise ValueError("id: an id cannot be changed")
    given: dict[str, Any] = {}
    for key, value in data.items():
        if key not in _READERS:
            raise ValueError(f"{key}: unknown; a record has {', '.join(_READERS)}")
        given["people" if key == "clients" else key] = _READERS[key](key, value)
    return given


def _instant(key: str, value: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{key}: {value!r} is no ISO 8601 time") from None
    if instant.utcoffset() is None:
        raise ValueError(f"{key}: {value!r} lacks Z or an offset")
    return instant.astimezone(UTC)


def _people(key: str, value: Any) -> list[Person]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError(f"{key}: a list of clients is needed")
    for item in value:
        for name, text in item.items():
            if name not in _PERSON or not isinstance(text, str):
                raise ValueError(f"{key}.{name}: a client has {', '.join(_PERSON)}, all text")
    return [Person(**item) for item in value]


def _of(*types: type) -> Callable[[str, Any], Any]:
    def read(key: str, value: Any) -> Any:
        if type(value) not in types:
            raise ValueError(f"{key}: {value!r} is not {' or '.join(kind.__name__ for kind in types)}")
        return value

    return read


def _anything(key: str, value: Any) -> Any:
    return value


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "id": _of(str),
    "start": _instant,
    "end": _instant,
    "status": _of(str),
    "title": _of(str),
    "location": _of(str),
    "notes": _of(str),
    "clients": _people,
    "service": _anything,
    "staff": _anything,
    "all_day": _of(bool),
    "version": _of(int),
    "created_at": _instant,
    "modified_at": _instant,
    "notify": _of(bool),
    "extra": _of(dict),
}

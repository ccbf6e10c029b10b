"""Words that stand in every secret and every client's field of a world, so that a leak can be seen by one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from syncd.sandbox.frame.faults import ARGUMENTS, Fault
from syncd.sandbox.frame.records import Person
from tests.e2e.cli.world import ALL, World, entry_of

SECRETS = {
    "crm": {"api_key": "c0ffee5a" * 8},
    "book": {"user_id": "87654321", "api_key": "feed5bca" * 4},
    "office": {"token": "aiva_QuietCanary0ffice"},
    "site": {"api_key": "deadbea7" * 5 + "d00d"},
}
_FIRST, _LAST = "Quillanaria", "Zedwickson"
_TITLE, _PLACE, _NOTE = "Lumbagocheck", "Canarystreet", "Whisperednote"
_MAIL, _PHONE = "quill.zed", "661555017"

CLIENTS = (_FIRST, _LAST, _TITLE, _PLACE, _NOTE, _MAIL, _PHONE, "555-017", "canary.example")
"""What the log of no run may hold, in any case of letters."""


def secrets() -> list[str]:
    """Every secret of the world."""
    return [secret for keys in SECRETS.values() for secret in keys.values()]


def _words(number: int) -> dict[str, Any]:
    mail = f"{_MAIL}{number}@canary.example"
    someone = Person(f"{_FIRST}{number}", f"{_LAST}{number}", mail, f"(661) 555-017{number % 10}")
    return {
        "people": [someone],
        "title": f"{_TITLE} {number}",
        "location": f"{_PLACE} {number}",
        "notes": f"{_NOTE} {number}",
    }


def hide(world: World) -> None:
    """Give every vendor its secrets."""
    for name, keys in SECRETS.items():
        for key, value in keys.items():
            setattr(world.vendors[name], key, value)
    world.configure()


def book(world: World, number: int, *at: str) -> None:
    """Enter an appointment with a word to be found in each of its texts."""
    for name in at:
        vendor = world.vendors[name]
        vendor.person_insert(**{**entry_of(vendor.kind, number), **_words(number)})


def unsettle(world: World, name: str, number: int) -> None:
    """Somebody at a vendor moves one record and rewrites its texts."""
    vendor = world.vendors[name]
    entries = sorted((e for e in vendor.entries.values() if e.status == "scheduled"), key=lambda e: e.id)
    entry = entries[number % len(entries)]
    words = _words(number)
    step = (entry.end - entry.start) * (1 if number % 2 else -1)
    people = [replace(p, last_name=words["people"][0].last_name) for p in entry.people[:1]]
    vendor.person_edit(
        entry.id, **{**words, "start": entry.start + step, "end": entry.end + step, "people": people or words["people"]}
    )


def troubles() -> list[dict[str, Any]]:
    """Every kind of fault, with arguments; some answers quote what the client sent, as vendors do."""
    quoted = f"{_FIRST} {_LAST} <{_MAIL}@canary.example> is busy: {_TITLE} at {_PLACE}, {_NOTE} ({_PHONE}1)"
    envelope = {
        "success": False,
        "status_code": 400,
        "error": {"code": quoted, "message": quoted, "details": [{"field": quoted}]},
        "message": quoted,
        "data": {"timeSlotUnavailable": True, "appointment": {"title": quoted}},
    }
    bodies: list[Any] = [quoted, envelope, {**envelope, "error": quoted}]
    answers = [{"kind": "status", "code": code, "body": body} for code in (400, 409, 500) for body in bodies]
    given: dict[str, dict[str, Any]] = {
        "retry_after": {"value": 0},
        "partial_list": {"page": 1},
        "endless_list": {"value": 4_000},
        "missing_field": {"field": "status"},
        "unknown_status": {"value": f"{_NOTE} {_LAST}"},
        "half_character": {"field": "notes"},
        "bad_value": {"field": "status", "body": f"{_NOTE} {_LAST}"},
    }
    return answers + [{"kind": kind, **given.get(kind, {})} for kind in ARGUMENTS if kind != "status"]


def rounds() -> Iterator[dict[str, dict[str, Any]]]:
    """Each kind of trouble at each vendor once, four at a time."""
    kinds = troubles()
    for first in range(len(kinds)):
        yield {name: kinds[(first + 7 * place) % len(kinds)] for place, name in enumerate(ALL)}


def strike(world: World, trouble: dict[str, dict[str, Any]]) -> list[Fault]:
    """Let it strike a listing and a write of each vendor, and nothing else any more."""
    struck = []
    for name, keys in trouble.items():
        faults = world.vendors[name].faults
        faults.clear()
        struck += [faults.add(Fault(method=method, times=1, **keys)) for method in ("GET", "POST", "PUT")]
    return struck

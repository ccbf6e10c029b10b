"""What goes wrong on the way: which fault strikes which request, when the process dies, which commit fails.

Decides what can be demanded of nobody: a listing that hides a record which syncd never saw makes a second one of it, so
such a lie is told only when all was shown before. What a fault does to an answer is the sandbox's affair.
"""

from __future__ import annotations

import random
from collections import abc
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import httpx

import syncd_state
from syncd.sandbox.frame.exchange import Call
from syncd.sandbox.frame.faults import Fault
from syncd.sandbox.frame.vendor import SandboxVendor
from tests.simulation.deeds import CLIENT
from tests.simulation.register import Register
from tests.simulation.world import MOST_OF_A_LISTING, NAMES, Died, World

LONGEST_PAUSE = 400
"""Seconds: the longest that a vendor asks to be left alone, if it makes sense. syncd asks nothing of it before."""

LONGEST_OBEYED = 900
"""Seconds: so long syncd leaves alone a vendor that asks for more than that."""

LIES = frozenset({"empty_list", "half_list", "stale"})
"""Well-formed answers that are not true, and that nothing in them gives away."""

SETTLE = timedelta(minutes=2)
"""So long syncd waits for what an unanswered write may come to, by its default."""

_HIDING = frozenset({"null_fields", "missing_field", "bad_value", "not_utf_8"})
"""Answers without the client, title or time by which two records are known for one appointment. After an hour of them,
creates wait for such a record no longer."""

_DOUBTFUL = (
    "status",
    "status_after",
    "html_after",
    "truncate",
    "not_json",
    "reset_after",
    "reset_body",
    "hang_after",
    "retry_after",
    *("late",) * 9,
)
_WRITTEN = {
    "crm": ("create", "reschedule", "cancel", "update"),
    "book": ("create", "reschedule", "cancel", "update"),
    "office": ("create", "reschedule", "delete", "update"),
    "site": ("create", "reschedule", "status", "update"),
}
_WRITES = (None, "create", "update", "reschedule", "status", "cancel", "delete", "customer")
_READS = ("list", "get")
_ROW_KEYS = {
    "crm": ("id", "title", "start_time", "end_time", "status", "version", "location", "attendees"),
    "book": ("id", "firstName", "email", "datetime", "time", "duration", "canceled", "calendarID", "type", "notes"),
    "office": ("_id", "title", "date", "startTime", "endTime", "status", "clientEmail", "updatedAt", "allDay"),
    "site": ("id", "bookingStart", "bookingEnd", "status", "bookings", "serviceId", "providerId", "internalNotes"),
}
_CONTENT = frozenset({"title", "location", "notes", *CLIENT})
_SAID_BY: dict[str, dict[str, frozenset[str]]] = {
    "crm": {
        "title": frozenset({"title"}),
        "location": frozenset({"location"}),
        "status": frozenset({"status"}),
        "attendees": frozenset(CLIENT),
        "version": frozenset(),
    },
    "book": {
        "firstName": frozenset({"name"}),
        "email": frozenset({"email"}),
        "canceled": frozenset({"status"}),
        "notes": frozenset({"notes"}),
        "calendarID": frozenset(),
        "type": frozenset(),
    },
    "office": {
        "title": frozenset({"title"}),
        "status": frozenset({"status"}),
        "clientEmail": frozenset({"name", "email"}),
        "updatedAt": frozenset(),
        "allDay": frozenset(),
    },
    "site": {
        "status": frozenset({"status"}),
        "bookings": frozenset(CLIENT),
        "internalNotes": frozenset({"notes"}),
        "bookingEnd": frozenset(),
        "serviceId": frozenset(),
        "providerId": frozenset(),
    },
}
"""The fields that a row says nothing of without a key. Without one that is not here it cannot be read at all."""
_NULLED = {
    "crm": frozenset({"location", "notes", *CLIENT}),
    "book": frozenset({"email", "phone", "notes"}),
    "office": frozenset({"name", "email", "location", "notes"}),
    "site": frozenset({"notes"}),
}
"""The fields that are empty where a vendor leaves empty what it may."""


@dataclass(frozen=True, slots=True)
class Mishap:
    """One fault: `after` matching requests pass, then `times` are struck. `given` are the arguments of its kind."""

    kind: str
    vendor: str
    operation: str | None = None
    after: int = 0
    times: int = 1
    given: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Death:
    """The process dies in a cycle: `where` is send, handled, before_commit or after_commit; the `number`th of them.

    `where` may also be full_disk: that commit fails and all that follow in the cycle, and the process gives up.
    """

    where: str
    number: int


@dataclass(slots=True)
class Refusal:
    """Connections that nobody accepts."""

    vendor: str
    operation: str | None
    after: int
    times: int


@dataclass(slots=True)
class Weather:
    """The faults that are about, and how often they struck."""

    refusals: list[Refusal] = field(default_factory=list)
    struck: int = 0

    def refuse(self, vendor: SandboxVendor, call: Call) -> None:
        """Raise what a refused connection raises, if one is due."""
        for refusal in self.refusals:
            if refusal.vendor != vendor.name or refusal.operation not in (None, call.operation) or not refusal.times:
                continue
            if refusal.after:
                refusal.after -= 1
                continue
            refusal.times -= 1
            self.struck += 1
            raise httpx.ConnectError("refused")

    def clear(self, world: World) -> None:
        """Fair again."""
        self.refusals.clear()
        for vendor in world.vendors.values():
            vendor.faults.clear()


@dataclass(slots=True)
class Fate:
    """When the process of this cycle dies. Counts the points at which it could."""

    world: World
    death: Death | None = None
    met: dict[str, int] = field(default_factory=dict)
    struck: bool = False

    def set(self, death: Death | None) -> None:
        """For the next cycle."""
        self.death, self.struck = death, False
        self.met.clear()

    def point(self, where: str) -> None:
        """One of the moments at which the process may die. Raises `Died`, or
        `syncd_state.Unwritable`.
        """
        self.world.live()
        self.met[where] = number = self.met.get(where, 0) + 1
        if self.death is None:
            return
        if self.death.where == "full_disk":
            if where == "before_commit" and number >= self.death.number:
                self.struck = True
                raise syncd_state.Unwritable("the disk is full")
        elif (where, number) == (self.death.where, self.death.number):
            self.struck = self.world.dead = True
            raise Died


def arm(mishap: Mishap, world: World, register: Register, weather: Weather, *, well: bool) -> bool:
    """Let a fault be about from now on; False for a lie that could not be seen through and is not told now.

    `well`: the cycle before this ended without trouble, so that no write of it is left to be looked for.
    """
    vendor = world.vendors[mishap.vendor]
    if mishap.kind == "refused":
        weather.refusals.append(Refusal(mishap.vendor, mishap.operation, mishap.after, mishap.times))
        return True
    if mishap.kind in LIES:
        shown = all((vendor.name, key) in register.served for key in vendor.entries)
        if not (shown and well) or any(fault.kind for fault in vendor.faults):
            return False
    if mishap.kind in _HIDING and not all(map(register.is_known, register.everyone)):
        return False
    if any(fault.kind in LIES for fault in vendor.faults):
        return False
    given = dict(mishap.given)
    if given.get("value") == "date":
        given["value"] = format_datetime(vendor.now().replace(microsecond=0), usegmt=True)
    vendor.faults.add(Fault(mishap.kind, operation=mishap.operation, after=mishap.after, times=mishap.times, **given))
    return True


def blurred_by(
    kind: str, vendor: SandboxVendor, call: Call, register: Register
) -> tuple[abc.Iterable[str], abc.Set[str]]:
    """The records and fields about which an answer under this fault did not tell the truth."""
    asked = [call.record_id] if call.operation == "get" and call.record_id else list(vendor.entries)
    match kind:
        case "stale":
            changed = [key for key, old in vendor.before.items() if old is not vendor.entries.get(key)]
            return changed, {"status", "slot", *_CONTENT}
        case "null_fields" | "missing_field":
            return asked, (hidden_by(kind, vendor) or frozenset()) - {"status"}
        case "unknown_status":
            return [key for key in asked if (vendor.name, key) not in register.served], {"status"}
        case _:
            return [], frozenset()


def hidden_by(kind: str | None, vendor: SandboxVendor) -> abc.Set[str] | None:
    """The fields that an answer under this fault does not show as they are; None: it may show nothing as it is."""
    match kind:
        case None | "extra_fields" | "duplicate_row" | "page_shift" | "half_list":
            return frozenset()
        case "date_header" | "charset":
            return frozenset()
        case "unknown_status":
            return {"status"}
        case "null_fields":
            return _NULLED[vendor.name]
        case "missing_field":
            keys = {fault.field for fault in vendor.faults if fault.kind == kind and fault.fired}
            said = _SAID_BY[vendor.name]
            return frozenset[str]().union(*(said[key] for key in keys)) if keys <= said.keys() else None
        case _:  # an answer without end is refused in the middle: nothing of it is read
            return None


def any_mishap(rng: random.Random) -> Mishap:
    """Some fault at some vendor, at some request of a cycle; often at a write, and then one that leaves it in doubt."""
    vendor = rng.choice(tuple(NAMES))
    if rng.random() < 0.24:
        return _at_a_write(rng, vendor)
    operation = rng.choice(_READS) if rng.random() < 0.45 else rng.choice(_WRITES)
    kind = rng.choice(tuple(_ARGUMENTS))
    given = _ARGUMENTS[kind](rng, vendor)
    after = rng.choice((0, 0, 0, 1, 1, 2, 3, 5))
    times = rng.choice((1, 1, 1, 2, 3, 6, 40))
    if kind == "page_shift":  # on a page after the first, which the CRM alone has
        return Mishap(kind, "crm", "list", rng.choice((1, 1, 2, 4)), 1, tuple(given.items()))
    if kind in ("duplicate_row", "partial_list", "empty_list", "half_list"):
        operation, after = "list", 0
    if kind == "stale":
        operation, times = rng.choice(_READS), 1
    if kind in ("unknown_status", "null_fields", "missing_field", "extra_fields"):
        operation = rng.choice((None, "list", "get"))
    return Mishap(kind, vendor, operation, after, times, tuple(given.items()))


def _at_a_write(rng: random.Random, vendor: str) -> Mishap:
    kind = rng.choice(_DOUBTFUL)
    given = tuple(_AT_WRITES[kind](rng, vendor).items())
    return Mishap(kind, vendor, rng.choice(_WRITTEN[vendor]), rng.choice((0, 0, 1, 2)), rng.choice((1, 1, 2)), given)


def _late(rng: random.Random) -> dict[str, Any]:
    """Carried out before syncd counts a listing against it; a gateway gives up at once, or nobody answers."""
    return {"value": rng.choice((1, 3, 6, 20, 60, 110)), "code": rng.choice((504, 502, 0))}


def too_late(rng: random.Random) -> Mishap:
    """A create that is carried out when syncd has stopped waiting for it: minutes later, or most of a day."""
    given = {"value": rng.choice((150, 300, 900, 3_600, 14_400, 43_200, 75_000)), "code": rng.choice((504, 502, 0))}
    return Mishap("late", rng.choice(tuple(NAMES)), "create", rng.choice((0, 0, 0, 1)), 1, tuple(given.items()))


def late_create(rng: random.Random) -> Mishap:
    """A create that is carried out while syncd still waits for it."""
    return Mishap("late", rng.choice(tuple(NAMES)), "create", rng.choice((0, 0, 0, 1)), 1, tuple(_late(rng).items()))


def absurd(rng: random.Random) -> Mishap:
    """An answer that nobody would foresee: without end, in no encoding, with times and dates that are none."""
    vendor = rng.choice(tuple(NAMES))
    kind = rng.choice((*_ABSURD, "endless_list", "endless_list", "bad_value", "bad_value"))
    operation = None if kind in _ANYWHERE else rng.choice(("list", "list", "get"))
    if kind == "endless_list":
        operation = "list"
    given = tuple(_ABSURD[kind](rng, vendor).items())
    return Mishap(kind, vendor, operation, rng.choice((0, 0, 1, 2)), rng.choice((1, 2, 6, 40)), given)


def any_death(rng: random.Random) -> Death:
    """Some moment to die at."""
    where = rng.choice(("send", "handled", "before_commit", "after_commit", "full_disk"))
    return Death(where, rng.choice((1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30)))


def _status(rng: random.Random, vendor: str) -> dict[str, Any]:
    code = rng.choice((401, 403, 404, 409, 422, 500, 502, 503))
    foreign = rng.random() < (0.6 if code == 404 else 0.2)
    return {"code": code, "body": "<html>nothing here</html>" if foreign else None}


_ARGUMENTS: dict[str, Any] = {
    "refused": lambda rng, vendor: {},
    "status": _status,
    "status_after": lambda rng, vendor: {"code": rng.choice((500, 502, 503, 504)), "body": "<html>a moment</html>"},
    "retry_after": lambda rng, vendor: {"value": rng.choice((None, 0, 2, 7, 45, LONGEST_PAUSE, "date"))},
    "html": lambda rng, vendor: {},
    "html_after": lambda rng, vendor: {},
    "empty": lambda rng, vendor: {},
    "truncate": lambda rng, vendor: {},
    "not_json": lambda rng, vendor: {},
    "reset": lambda rng, vendor: {},
    "reset_after": lambda rng, vendor: {},
    "reset_body": lambda rng, vendor: {},
    "hang": lambda rng, vendor: {},
    "hang_after": lambda rng, vendor: {},
    "empty_list": lambda rng, vendor: {},
    "partial_list": lambda rng, vendor: {"page": rng.choice((1, 2))},
    "half_list": lambda rng, vendor: {},
    "page_shift": lambda rng, vendor: {"shift": rng.choice((-1, 1))},
    "stale": lambda rng, vendor: {},
    "duplicate_row": lambda rng, vendor: {},
    "unknown_status": lambda rng, vendor: {"value": rng.choice(("on_hold", "archived"))},
    "null_fields": lambda rng, vendor: {},
    "missing_field": lambda rng, vendor: {"field": rng.choice(_ROW_KEYS[vendor])},
    "extra_fields": lambda rng, vendor: {},
}
_NO_TIMES: tuple[Any, ...] = (2**63, -1, "soon", "", [], {"a": 1}, True, "x" * 70_000)
_STARTS_AT = {"crm": "start_time", "book": "datetime", "office": "startTime", "site": "bookingStart"}
_FAR_AWAY = {
    "crm": ("1970-01-01T10:00:00Z", "9999-12-31T23:59:59Z"),
    "book": ("1970-01-01T10:00:00+0000", "9999-12-31T23:59:59-0500"),
    "office": ("99:99", "24:00:00"),
    "site": ("1970-01-01 10:00:00", "9999-12-31 23:59:59"),
}


def _no_time(rng: random.Random, vendor: str) -> dict[str, Any]:
    """No row says when it is."""
    return {"field": _STARTS_AT[vendor], "body": rng.choice((*_NO_TIMES, *_FAR_AWAY[vendor])), "record": "*"}


_NEVER = "Fri, 31 Dec 9999 23:59:59 GMT"
_ABSURD: dict[str, Any] = {
    "endless_list": lambda rng, vendor: {"value": 2 * MOST_OF_A_LISTING},
    "not_utf_8": lambda rng, vendor: {},
    "bad_value": _no_time,
    "date_header": lambda rng, vendor: {"value": rng.choice((_NEVER, "Mon, 01 Jan 0001 00:00:00 GMT", "now"))},
    "charset": lambda rng, vendor: {"value": rng.choice(("utf-16", "windows-1252", "klingon"))},
    "retry_after": lambda rng, vendor: {"value": _NEVER},
}
_ANYWHERE = ("not_utf_8", "date_header", "charset", "retry_after")
_AT_WRITES: dict[str, Any] = {**_ARGUMENTS, "late": lambda rng, vendor: _late(rng)}

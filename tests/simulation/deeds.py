"""What people did, in terms in which it can be compared with what a vendor shows. `register` keeps account of it.

A deed is one value that a person gave to one field. It replaces the deeds whose values the person could see. Deeds that
nobody replaced are the ones that may stand in the end; several of them are a conflict. A deed that syncd could not see
when it wrote over it is lost through nobody's fault.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.sandbox.frame.records import Entry, Person
from syncd.sandbox.frame.vendor import SandboxVendor

CELL = timedelta(minutes=30)
OWNERS = 12
"""Appointments of a history: each owns every twelfth half hour, so that a start tells whose it is."""

Key = tuple[str, str]
"""A record: vendor and id there."""

TAKES: dict[str, frozenset[str]] = {
    "crm": frozenset({"status", "slot"}),
    "book": frozenset({"status", "slot", "notes", "name", "email", "phone"}),
    "office": frozenset({"status", "slot", "title", "location", "notes", "name", "email"}),
    "site": frozenset({"status", "slot", "notes"}),
}
"""The fields that can be written at a vendor once a record is there (field-notes)."""

STARTS = frozenset({"book"})
"""Where a move says a start alone: how long a record takes there is its type's, and the agreed length stays."""

STATUSES: dict[str, frozenset[str]] = {
    "crm": frozenset({"scheduled", "completed", "cancelled", "no_show"}),
    "book": frozenset({"cancelled", "no_show"}),
    "office": frozenset({"scheduled", "completed", "cancelled"}),
    "site": frozenset({"pending", "scheduled", "cancelled", "no_show"}),
}
"""The statuses that can be written there."""

ENDED = {"book": "no_show"}
"""Where a status besides cancelled ends a record: it is moved no more, and replaced if the appointment is revived."""

UNDATED = ("book", "site")
"""Where no row tells how old it is: what syncd wrote and finds otherwise is read by id before it counts."""

CLIENT = ("name", "email", "phone")
"""The parts of a client."""

SHOWN: dict[str, frozenset[str]] = {
    "crm": frozenset({"status", "slot", "title", "location", "notes", "name", "email", "phone"}),
    "book": frozenset({"status", "slot", "notes", "name", "email", "phone"}),
    "office": frozenset({"status", "slot", "title", "location", "notes", "name", "email"}),
    "site": frozenset({"status", "slot", "notes", "name", "email", "phone"}),
}
"""The fields that a vendor has."""

_DESK = Person(first_name="Front", last_name="Desk", email="desk@example.com", phone="5550100")
"""Whoever stands in where a vendor requires a client and nobody knows one."""


@dataclass(eq=False, slots=True)
class Deed:
    """One value that a person gave to the field `name` of appointment `who`, at the record `key`.

    `seen`: an intact answer showed it to syncd; `glimpsed`: none yet but in the middle of writing; `masked`: an answer
    showed something else in its place, with the record's true version.

    `noted_in`: the first cycle that ended well and had seen it before it decided (0: none), `taken_in` the first cycle
    whose decisions with it are in the store, however that cycle ended. `lost`: syncd wrote over it and could not have
    known. `optional`: nothing that syncd reads shows it for sure. `rivals`: about the client, when somebody at another
    vendor had just changed the client too, perhaps in another part. `ended`: the appointment was called off by somebody
    who could know of this deed. `start_alone`: how long it takes was said by an operator, who knew of this
    move, or written by syncd in that very moment. `brought`: syncd wrote it to another record.
    """

    who: int
    key: Key
    name: str
    value: Any
    at: datetime
    replaced_by: list[Deed] = field(default_factory=list)
    replaces: frozenset[Deed] = frozenset()
    seen: bool = False
    glimpsed: bool = False
    masked: bool = False
    noted_in: int = 0
    taken_in: int = 0
    lost: bool = False
    optional: bool = False
    rivals: bool = False
    ended: bool = False
    start_alone: bool = False
    brought: bool = False

    @property
    def noted(self) -> bool:
        """Whether a cycle that ended well had seen it."""
        return self.noted_in > 0

    @property
    def stands(self) -> bool:
        """Whether nobody knowingly put something else in its place, and it was not lost."""
        return self.stands_but(frozenset())

    def stands_but(self, vendors: abc.Set[str]) -> bool:
        """Whether it would stand, if what was done at these vendors did not count."""
        return not self.lost and all(
            other.lost or other.optional or other.key[0] in vendors for other in self.replaced_by
        )

    @property
    def believable(self) -> bool:
        """Whether syncd may still go by it: whatever surely shows and replaced it was not seen by a whole cycle yet."""
        return not any(other.noted and not other.optional for other in self.replaced_by)

    @property
    def last(self) -> frozenset[Deed]:
        """Those that it replaces directly."""
        return frozenset(one for one in self.replaces if not any(one in other.replaces for other in self.replaces))

    @property
    def ancestry(self) -> frozenset[Deed]:
        """It and all that it replaces, directly or through others."""
        return self.replaces | {self}


def view(vendor: SandboxVendor, entry: Entry) -> dict[str, Any]:
    """A record as a person at that vendor sees it, in comparable terms; only the fields that the vendor has."""
    person = entry.people[0] if entry.people else Person()
    digits = "".join(filter(str.isdigit, person.phone))
    shown = {
        "status": entry.status,
        "slot": (entry.start, entry.end),
        "title": entry.title,
        "location": entry.location,
        "notes": entry.notes.partition("[syncd:")[0].strip(),
        "name": person.name if person.name != _DESK.name else "",
        "email": person.email if person.email != _DESK.email else "",
        "phone": digits if digits != _DESK.phone else "",
    }
    return {name: shown[name] for name in SHOWN[vendor.name]}


def as_kept(vendor: SandboxVendor, name: str, value: Any) -> Any:
    """What a vendor makes of a value that it is given: trimmed, rounded, dropped; an end that it sets is None."""
    behaviour = vendor.behaviour
    if name == "title" and behaviour["trim_title"] is not None:
        return value[: behaviour["trim_title"]].rstrip()
    if name == "notes" and behaviour["drop_notes"]:
        return ""
    if name == "slot":
        step = timedelta(minutes=behaviour["round_minutes"] or 1)
        start, end = value
        if vendor.name != "crm" or behaviour["round_minutes"]:
            start, end = _down(start, step), _down(end, step)
        return (start, None if vendor.name == "book" else end)
    return value


def is_kept(vendor: SandboxVendor, name: str, shown: Any, value: Any, *, start_only: bool = False) -> bool:
    """Whether a vendor that was given `value` shows `shown`; `start_only`: of a slot, the end does not count."""
    kept = as_kept(vendor, name, value)
    if name == "slot":
        return bool(shown[0] == kept[0] and (start_only or kept[1] in (None, shown[1])))
    return bool(shown == kept)


def _down(moment: datetime, step: timedelta) -> datetime:
    return moment - (moment - datetime(1970, 1, 1, tzinfo=UTC)) % step


def owner_of(start: datetime) -> int:
    """Whose half hour this is."""
    return int(start.timestamp() // CELL.total_seconds()) % OWNERS

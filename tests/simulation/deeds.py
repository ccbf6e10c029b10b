"""What people did, and which of it each record shows: the oracle's only memory, made without syncd's.

A deed is one value that a person gave to one field. It replaces the deeds whose values the person could see. Deeds that
nobody replaced are the ones that may stand in the end; several of them are a conflict. A deed that syncd could not see
when it wrote over it is lost through nobody's fault.
"""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.sandbox.records import Entry
from syncd.sandbox.vendor import SandboxVendor

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

STATUSES: dict[str, frozenset[str]] = {
    "crm": frozenset({"scheduled", "completed", "cancelled", "no_show"}),
    "book": frozenset({"cancelled", "no_show"}),
    "office": frozenset({"scheduled", "completed", "cancelled"}),
    "site": frozenset({"pending", "scheduled", "cancelled", "no_show"}),
}
"""The statuses that can be written there."""

CLIENT = ("name", "email", "phone")
"""The parts of a client."""

_DETAILS = frozenset({"notes", *CLIENT})
"""What the CRM's poorer rows leave out."""

_SHOWN: dict[str, frozenset[str]] = {
    "crm": frozenset({"status", "slot", "title", "location", "notes", "name", "email", "phone"}),
    "book": frozenset({"status", "slot", "notes", "name", "email", "phone"}),
    "office": frozenset({"status", "slot", "title", "location", "notes", "name", "email"}),
    "site": frozenset({"status", "slot", "notes", "name", "email", "phone"}),
}
_DESK = "desk@example.com"


@dataclass(eq=False, slots=True)
class Deed:
    """One value that a person gave to the field `name` of appointment `who`, at the record `key`.

    `seen`: an intact answer showed it to syncd. `noted_in`: the first cycle that ended well and had seen it before it
    decided (0: none). `lost`: syncd wrote over it and could not have known. `optional`: nothing that syncd reads shows
    it for sure. `rivals`: about the client, when somebody at another vendor had just changed the client too, perhaps in
    another part. `ended`: the appointment was called off by somebody who could know of this deed.
    """

    who: int
    key: Key
    name: str
    value: Any
    at: datetime
    replaced_by: list[Deed] = field(default_factory=list)
    replaces: frozenset[Deed] = frozenset()
    seen: bool = False
    noted_in: int = 0
    lost: bool = False
    optional: bool = False
    rivals: bool = False
    ended: bool = False

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
        """Whether syncd may still go by it: whatever replaced it was not seen by a whole cycle yet."""
        return not any(other.noted for other in self.replaced_by)

    @property
    def ancestry(self) -> frozenset[Deed]:
        """It and all that it replaces, directly or through others."""
        return self.replaces | {self}


def view(vendor: SandboxVendor, entry: Entry) -> dict[str, Any]:
    """A record as a person at that vendor sees it, in comparable terms; only the fields that the vendor has."""
    person = entry.people[0] if entry.people else None
    if person is not None and person.email == _DESK:
        person = None
    shown = {
        "status": entry.status,
        "slot": (entry.start, entry.end),
        "title": entry.title,
        "location": entry.location,
        "notes": entry.notes.partition("[syncd:")[0].strip(),
        "name": person.name if person else "",
        "email": person.email if person else "",
        "phone": "".join(filter(str.isdigit, person.phone)) if person else "",
    }
    return {name: shown[name] for name in _SHOWN[vendor.name]}


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


@dataclass(slots=True)
class Register:
    """All deeds, all records that there ever were, and what each of them shows.

    `twins` are pairs that nothing tells apart, with the number that people want to stand. `blurred` are fields of
    appointments about which a vendor lied. `served` are the records that an intact answer showed to syncd, `known`
    the values of each record as intact answers last showed or confirmed them.
    """

    vendors: abc.Mapping[str, SandboxVendor]
    deeds: dict[tuple[int, str], list[Deed]] = field(default_factory=lambda: defaultdict(list))
    owner: dict[Key, int] = field(default_factory=dict)
    shows: dict[Key, dict[str, frozenset[Deed]]] = field(default_factory=lambda: defaultdict(dict))
    twins: dict[int, int] = field(default_factory=dict)
    blurred: set[tuple[int, str]] = field(default_factory=set)
    served: set[Key] = field(default_factory=set)
    known: dict[Key, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def everyone(self) -> list[int]:
        """All appointments, but twins."""
        return sorted({who for who, _ in self.deeds})

    def standing(self, who: int, name: str) -> list[Deed]:
        """The deeds that may stand in the end."""
        return [deed for deed in self.deeds.get((who, name), ()) if deed.stands]

    def records_of(self, who: int, vendor: str) -> list[Entry]:
        """An appointment's records that are at a vendor now, in whatever status."""
        entries, owner = self.vendors[vendor].entries, self.owner
        return [entry for entry in entries.values() if owner.get((vendor, entry.id)) == who]

    def live_at(self, who: int, vendor: str) -> list[Entry]:
        """Those of them that are not cancelled."""
        return [entry for entry in self.records_of(who, vendor) if not entry.is_cancelled]

    def is_known(self, who: int) -> bool:
        """Whether syncd may know it for one appointment: entered at several vendors, all of them have been read."""
        keys = [key for key, owner in self.owner.items() if owner == who]
        return len(keys) == 1 or all(key in self.served or key[1] not in self.vendors[key[0]].entries for key in keys)

    # -- people -------------------------------------------------------------------------------------------------

    def born(self, who: int, entries: abc.Mapping[str, Entry], at: datetime) -> None:
        """One appointment was entered, at one vendor or at several at once: equal values are one deed."""
        made: dict[tuple[str, Any], Deed] = {}
        for vendor, entry in entries.items():
            key = (vendor, entry.id)
            self.owner[key] = who
            for name, value in view(self.vendors[vendor], entry).items():
                if value != "":
                    deed = made.get((name, value)) or self._made(who, key, name, value, at)
                    made[name, value] = deed
                    deed.optional = self._unreadable(key, name)
                    self.shows[key][name] = frozenset({deed})

    def did(self, vendor: str, before: Entry, after: Entry | None, at: datetime) -> list[Deed]:
        """A person changed a record; None: it is gone. Returns what is new."""
        key = (vendor, before.id)
        who = self.owner[key]
        if who in self.twins:
            return []
        old = view(self.vendors[vendor], before)
        new = {"status": "cancelled"} if after is None else view(self.vendors[vendor], after)
        made = []
        for name, value in new.items():
            if value == old[name]:
                continue
            if self._undone(key, name, value):
                continue
            deed = self._made(who, key, name, value, at, self.shows[key].get(name, frozenset()))
            deed.optional = self._hidden(key, name, after) or self.known[key].get(name) == value
            self.shows[key][name] = frozenset({deed})
            made.append(deed)
            if value == "cancelled":
                self._ends(key)
        if after is None:
            self._gone_with(key)
        return made

    def _made(
        self, who: int, key: Key, name: str, value: Any, at: datetime, seen: frozenset[Deed] = frozenset()
    ) -> Deed:
        replaces = frozenset[Deed]().union(*(parent.ancestry for parent in seen))
        deed = Deed(who, key, name, value, at, replaces=replaces)
        for other in replaces:
            other.replaced_by.append(deed)
        if name in CLIENT:
            for other in self._clients_deeds(who):
                if other.key != key and not other.noted and other.replaces:
                    other.rivals = deed.rivals = True
        self.deeds[who, name].append(deed)
        return deed

    def _clients_deeds(self, who: int) -> list[Deed]:
        return [deed for name in CLIENT for deed in self.deeds.get((who, name), ())]

    def contested(self, who: int) -> bool:
        """Whether two people changed the client at once: that is one field to syncd, so one of them loses all of it."""
        return any(deed.rivals for deed in self._clients_deeds(who))

    def _hidden(self, key: Key, name: str, after: Entry | None) -> bool:
        """Whether syncd may never come to see this: no list row shows it, or the record was gone before it was read."""
        if after is None:
            return key not in self.served
        if key[0] == "office" and name == "notes" and not after.notes:
            return True  # it leaves out what is empty
        return key[0] == "crm" and name in _DETAILS and self.vendors["crm"].behaviour["list_rows"] == "reference"

    def _unreadable(self, key: Key, name: str) -> bool:
        """Whether the CRM shows this nowhere."""
        crm = self.vendors["crm"].behaviour
        shown = crm["attendees_in_get"] or "full" in (crm["list_rows"], crm["get_rows"])
        return key[0] == "crm" and name in _DETAILS and not shown

    def _undone(self, key: Key, name: str, value: Any) -> bool:
        """Whether a person put back what was there before deeds at this record that syncd has not seen: as if never."""
        shown = self.shows[key].get(name, frozenset())
        own = frozenset(deed for other in shown for deed in other.ancestry if deed.key == key and not deed.seen)
        before = frozenset(deed for other in own for deed in other.replaces - own if deed.value == value)
        if not own or not before or not shown <= own:
            return False
        for deed in own:
            deed.lost = True
        self.shows[key][name] = before
        return True

    def _ends(self, key: Key) -> None:
        """What was known when an appointment was called off need not outlive it.

        What was entered into a record just before it was cancelled there stays that record's own affair.
        """
        who = self.owner[key]
        for name in TAKES["office"] | {"phone"}:
            for deed in self.deeds.get((who, name), ()):
                here = deed in self.shows[key].get(name, ())
                deed.ended = deed.ended or deed.noted or here
                deed.optional = deed.optional or (name != "status" and deed.key == key and not deed.noted)

    def _gone_with(self, key: Key) -> None:
        """What was entered into a record and never seen elsewhere went with it, by a person's own will."""
        for (who, name), deeds in self.deeds.items():
            if who == self.owner[key] and (name != "status" or key not in self.served):
                for deed in deeds:
                    deed.optional = deed.optional or (deed.key == key and not self._shown_elsewhere(deed, key))

    def _shown_elsewhere(self, deed: Deed, key: Key) -> bool:
        return any(
            deed in some.get(deed.name, ()) and other[1] in self.vendors[other[0]].entries
            for other, some in self.shows.items()
            if other != key
        )

    # -- syncd --------------------------------------------------------------------------------------------------

    def written(self, vendor: str, before: Entry | None, after: Entry | None, *, answered: bool) -> list[Deed]:
        """syncd changed, made or removed a record. Returns the deeds that it wrote over without having seen them.

        `answered`: the vendor's answer came back.
        """
        entry = after or before
        assert entry is not None
        key, place = (vendor, entry.id), self.vendors[vendor]
        if before is None:
            self.owner[key] = owner_of(entry.start)
        who, shows = self.owner[key], self.shows[key]
        if who in self.twins:
            return []
        old = view(place, before) if before else {}
        new = {"status": "cancelled"} if after is None else view(place, after)
        over: list[Deed] = []
        for name, value in new.items():
            if name in old and old[name] == value:
                continue
            alike = [deed for deed in self.deeds.get((who, name), ()) if is_kept(place, name, value, deed.value)]
            chosen = frozenset([deed for deed in alike if deed.stands] or alike)
            over += [deed for deed in shows.get(name, ()) if deed.stands and not deed.seen and deed not in chosen]
            shows[name] = chosen
            if answered:
                self.known[key][name] = value
        if after is None:
            over += [d for some in shows.values() for d in some if d.stands and not d.seen and d.key == key]
        lost = [deed for deed in over if not self._shown_elsewhere(deed, key)]
        for deed in lost:
            deed.lost = True
        return lost

    def was_served(self, vendor: str, entries: abc.Iterable[Entry], fields: abc.Set[str]) -> None:
        """An intact answer showed these fields of these records to syncd."""
        for entry in entries:
            self.served.add((vendor, entry.id))
            self._seen((vendor, entry.id), fields)
            shown = view(self.vendors[vendor], entry)
            self.known[vendor, entry.id].update({name: shown[name] for name in fields & shown.keys()})

    def was_denied(self, vendor: str, remote_id: str) -> None:
        """An intact answer said that this record does not exist."""
        self._seen((vendor, remote_id), {"status"})

    def _seen(self, key: Key, fields: abc.Set[str]) -> None:
        for name, some in self.shows[key].items():
            if name in fields:
                for deed in some:
                    deed.seen = True

    def blur(self, vendor: str, keys: abc.Iterable[str], fields: abc.Iterable[str]) -> None:
        """A vendor showed something that is not so."""
        names = list(fields)
        self.blurred |= {
            (self.owner[vendor, key], name) for key in keys if (vendor, key) in self.owner for name in names
        }

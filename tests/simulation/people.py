"""What people do at the vendors: one `Act` is one person's deed at one vendor, at the moment in which it is performed.

An act is a few numbers, so that a script can be written before anything has happened; what it comes to depends on the
records that are there. An act that finds nothing to act on does nothing.
"""

from __future__ import annotations

import dataclasses
from collections import abc
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from syncd.sandbox.amelia.times import zone_of
from syncd.sandbox.frame.records import Entry, Person
from syncd.sandbox.frame.vendor import SandboxVendor
from tests.simulation.deeds import CELL, OWNERS
from tests.simulation.register import Register
from tests.simulation.world import World

OPEN = ("scheduled", "pending")

KINDS: dict[str, tuple[str, ...]] = {
    "move": ("crm", "book", "office", "site"),
    "resize": ("crm", "office", "site"),
    "notes": ("crm", "book", "office", "site"),
    "title": ("crm", "office"),
    "location": ("crm", "office"),
    "name": ("crm", "book", "office", "site"),
    "email": ("crm", "book", "office", "site"),
    "phone": ("crm", "book", "site"),
    "cancel": ("crm", "book", "office", "site"),
    "delete": ("crm", "book", "office", "site"),
    "revive": ("crm", "site"),
    "complete": ("crm", "office"),
    "no_show": ("crm", "book", "site"),
    "pend": ("site",),
    "create": ("crm", "book", "office", "site"),
    "twins": ("crm", "book", "office", "site"),
    "untwin": ("crm", "book", "office", "site"),
}
"""What people can do, and where."""

_DAYS = range(3, 24)
_CARELESS = 9
"""One person in so many looks at no grid and no hours of the site."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that one person does. `who` picks the appointment, `roll` the details."""

    kind: str
    vendor: str
    who: int
    roll: int


def perform(act: Act, world: World, register: Register, *, alone: bool = False) -> str | None:
    """Let it happen; what happened in a few words, or None where there was nothing to do.

    `alone`: nothing is entered at several vendors at once, as not all of them are looked at in the same moment.
    """
    if act.vendor not in KINDS[act.kind]:
        return None
    vendor = world.vendors[act.vendor]
    match act.kind:
        case "create":
            return _create(act, world, register, alone)
        case "twins":
            return _twins(act, world, register)
        case "untwin":
            return _untwin(act, vendor, register)
        case _:
            return _change(act, vendor, world, register)


def _change(act: Act, vendor: SandboxVendor, world: World, register: Register) -> str | None:
    wanted = ("cancelled",) if act.kind == "revive" else OPEN
    chosen = _pick(act, vendor, register, wanted)
    if chosen is None:
        return None
    who = register.owner[vendor.name, chosen.id]
    if act.kind == "delete" or (act.kind == "cancel" and deletes(vendor)):
        vendor.person_delete(chosen.id)
    elif act.kind == "cancel":
        vendor.person_cancel(chosen.id)
    elif act.kind == "revive":
        if any(register.live_at(who, vendor.name)):
            return None
        vendor.person_revive(chosen.id)
    elif act.kind in ("name", "email") and _was_called_off(who, register):
        return None  # under another name and address it would be somebody else's booking
    else:
        changes = _edit(act, vendor, chosen, world, who)
        if changes is None:
            return None
        vendor.person_edit(chosen.id, **changes)
    deeds = register.did(vendor.name, chosen, vendor.entries.get(chosen.id), world.clock())
    said = ", ".join(f"{deed.name} = {_said(deed.value)}" for deed in deeds) or "nothing new"
    return f"{act.kind} of #{who} (record {chosen.id[:8]}): {said}"


def _was_called_off(who: int, register: Register) -> bool:
    return any(deed.value == "cancelled" for deed in register.deeds.get((who, "status"), ()))


def _pick(act: Act, vendor: SandboxVendor, register: Register, statuses: abc.Container[str]) -> Entry | None:
    known = [(register.owner.get((vendor.name, entry.id)), entry) for entry in vendor.entries.values()]
    fitting = [
        (who, entry)
        for who, entry in known
        if who is not None and who not in register.twins and entry.status in statuses and register.is_known(who)
        if not register.is_stray((vendor.name, entry.id))
    ]
    if not fitting:
        return None
    everyone = register.everyone
    wanted = everyone[act.who % len(everyone)]
    same = [entry for who, entry in fitting if who == wanted]
    return (same or [entry for _, entry in sorted(fitting, key=lambda pair: (pair[0], pair[1].id))])[0]


def deletes(vendor: SandboxVendor) -> bool:
    """Whether a record that is called off there is gone."""
    return vendor.kind == "aivapad" and vendor.behaviour["cancelled_status"] is None


def _edit(act: Act, vendor: SandboxVendor, entry: Entry, world: World, who: int) -> dict[str, Any] | None:
    number = act.roll % 90_000 + 10_000
    match act.kind:
        case "move":
            start = free_start(world, who, act.roll, vendor.name)
            return {"start": start, "end": start + (entry.end - entry.start)}
        case "resize":
            minutes = (30, 45, 60, 90)[act.roll % 4]
            end = entry.start + timedelta(minutes=minutes)
            return {"start": entry.start, "end": end} if end != entry.end and not is_awkward(world, end) else None
        case "notes":
            return {"notes": "" if act.roll % 9 == 0 else f"note {who:02d}-{number}"}
        case "title":
            return {"title": f"T{who:02d}-{number} visit"}
        case "location":
            return {"location": f"{number} Elm Street"}
        case "complete" | "no_show" | "pend":
            status = {"complete": "completed", "no_show": "no_show", "pend": "pending"}[act.kind]
            return None if entry.status == status else {"status": status}
        case _:
            return _client_edit(act, entry, who, number)


def _client_edit(act: Act, entry: Entry, who: int, number: int) -> dict[str, Any] | None:
    if not entry.people or entry.people[0].email == "desk@example.com":
        return None
    change = {
        "name": {"first_name": f"Ada{who:02d}", "last_name": f"M{who:02d}{number}"},
        "email": {"email": f"m{who:02d}.{number}@example.com"},
        "phone": {"phone": f"661{who:02d}{number}"},
    }[act.kind]
    return {"people": [dataclasses.replace(entry.people[0], **change), *entry.people[1:]]}


# -- new appointments ---------------------------------------------------------------------------------------------


def _create(act: Act, world: World, register: Register, alone: bool) -> str | None:
    who = next((who for who in range(OWNERS) if who not in register.everyone and who not in register.twins), None)
    if who is None:
        return None
    places = [act.vendor, *([] if alone else _beside(act, world))]
    start = free_start(world, who, act.roll, act.vendor if len(places) == 1 else None)
    several = len(places) > 1
    entries = {place: _entered(world, place, who, start, act.roll, several) for place in places}
    if several and act.roll % 3 == 0:
        entries = {place: _in_own_words(world, place, entry, who, act.roll) for place, entry in entries.items()}
    register.born(who, entries, world.clock())
    return f"#{who} is entered at {', '.join(places)}: {start:%Y-%m-%d %H:%M:%S}Z"


def _beside(act: Act, world: World) -> list[str]:
    """Where the same appointment is entered too: only where its records show that they are one."""
    if act.roll % 4:
        return []
    others = [name for name in world.vendors if name != act.vendor]
    return [name for bit, name in enumerate(others) if act.roll >> (bit + 5) & 1]


def _entered(world: World, place: str, who: int, start: datetime, roll: int, several: bool) -> Entry:
    vendor = world.vendors[place]
    minutes = 60 if roll % 3 == 0 else 30
    given: dict[str, Any] = {"start": start, "end": start + timedelta(minutes=minutes)}
    nobody = not several and place in ("crm", "office") and roll % 10 == 0
    given["people"] = [] if nobody else [person_of(who)]
    if place in ("crm", "office"):
        given |= {"title": f"T{who:02d} visit", "location": "Main office" if roll % 2 else ""}
    if roll % 5 == 0:
        given["notes"] = f"note {who:02d}"
    if place == "crm":
        given["service"] = "meeting" if minutes == 60 else "showing"
    if place == "site" and roll % 31:  # what the site calls a viewing is in no catalogue
        given["service"] = 3 if minutes == 60 else 2
    return vendor.person_insert(**given)


def _in_own_words(world: World, place: str, entry: Entry, who: int, roll: int) -> Entry:
    """What people wrote beside the same start and client at each place; now and then they take it for longer."""
    vendor = world.vendors[place]
    given: dict[str, Any] = {"notes": f"note {who:02d} of {place}"} if roll % 2 else {}
    if place in ("crm", "office") and roll % 5 < 3:
        given["title"] = f"T{who:02d} visit, {place}"
    if roll % 7 == 0 and place in ("crm", "site"):
        given["end"] = entry.start + timedelta(minutes=45 if place == "crm" else 90)
    return vendor.person_edit(entry.id, **given) if given else entry


def person_of(who: int) -> Person:
    """The client of an appointment, as first entered."""
    return Person(f"Ada{who:02d}", f"M{who:02d}", f"m{who:02d}@example.com", f"661{who:02d}00000")


def _twins(act: Act, world: World, register: Register) -> str | None:
    """Two appointments of one client at one time, which nothing tells apart."""
    who = next((who for who in range(OWNERS) if who not in register.everyone and who not in register.twins), None)
    if who is None:
        return None
    start = free_start(world, who, act.roll, None)
    register.twins[who] = 2
    for _ in range(2):
        entry = _entered(world, act.vendor, who, start, 1, several=True)
        register.owner[act.vendor, entry.id] = who
    return f"#{who}, twins, are entered at {act.vendor}: {start:%Y-%m-%d %H:%M}Z"


def _untwin(act: Act, vendor: SandboxVendor, register: Register) -> str | None:
    """One of two twins is cancelled, where both are there."""
    for who, number in register.twins.items():
        live = register.live_at(who, vendor.name)
        if number == 2 and len(live) == 2:
            register.twins[who] = 1
            vendor.person_cancel(live[0].id)
            return f"one of the twins #{who} is cancelled (record {live[0].id[:8]})"
    return None


# -- times --------------------------------------------------------------------------------------------------------


def free_start(world: World, who: int, roll: int, place: str | None) -> datetime:
    """A start that the appointment never had: in one of its own half hours, not where a clock shows a time twice.

    Without a `place`, one that every vendor keeps as it is. Where the site has a grid of starts and opening hours,
    people know of them, but for a few.
    """
    site = world.vendors["site"].behaviour
    careless = site["slot_step"] is None or roll % _CARELESS == 0
    first = world.cast.start.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=_DAYS.start)
    first -= (first - datetime(1970, 1, 1, tzinfo=UTC)) % (CELL * OWNERS)
    count = (_DAYS.stop - _DAYS.start) * timedelta(days=1) // (CELL * OWNERS)
    for attempt in range(count):
        number = (roll // 7 + attempt) % count
        cell = first + CELL * (OWNERS * number + who)
        if (who, cell) in world.used_cells or any(is_awkward(world, cell + CELL / 2 * quarter) for quarter in range(9)):
            continue
        if not careless and is_closed(world, cell):
            continue
        world.used_cells.add((who, cell))
        offset = timedelta(minutes=0 if place is None or not careless else (0, 0, 5, 10, 7)[roll % 5])
        seconds = timedelta(seconds=30 if place == "crm" and roll % 11 == 0 else 0)
        return cell + offset + seconds
    raise AssertionError("a history has no more times for this appointment")


def is_closed(world: World, start: datetime) -> bool:
    """Whether the site has no opening hours for two hours from this start on."""
    site = world.vendors["site"].behaviour
    if site["hours"] is None:
        return False
    opens, closes = (time.fromisoformat(word) for word in site["hours"])
    zone = zone_of(site["zone"])
    first, last = start.astimezone(zone), (start + 2 * CELL).astimezone(zone)
    return first.date() != last.date() or not opens <= first.time() <= last.time() <= closes


def is_awkward(world: World, moment: datetime) -> bool:
    """Whether some vendor's clock shows this time twice: there a person's entry may mean either."""
    for zone in world.zones:
        local = moment.astimezone(zone)
        if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
            return True
    return False


def _said(value: Any) -> str:
    if isinstance(value, tuple):
        return f"{value[0]:%m-%d %H:%M:%S}–{value[1]:%H:%M:%S}Z"
    return repr(value)

"""People at the vendors, and what must come of what they did: the oracle, made without any code of syncd's.

Every appointment has a client of its own, and half hours that no other appointment ever has: by these its records are
known at every vendor, at those too that show no client. People act through the vendors' control surface.

They never contradict each other: somebody who edits sees what was last wanted, at a record that has stood since before
the interruption or is somebody's own. So there is one right end for every history.
"""

from __future__ import annotations

import http.client
import json
import random
from collections import abc
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from syncd.sandbox.frame.exchange import stamp
from syncd.sandbox.frame.records import Entry
from syncd.sandbox.frame.vendor import SandboxVendor
from tests.e2e.cli.world import ALL, World, entry_of, person

HALF_HOUR = timedelta(minutes=30)
NOTED = ("book", "office", "site")
"""Vendors at which a change of notes can be seen, and made."""

MARKED = ("site",)
"""Vendors whose records tell that syncd made them: there people may act on a record at once."""
_LIKELY = 0.6
_PER_DAY = 5
_SLOTS = 300


@dataclass
class Wanted:
    """What people want of one appointment. `off`: it is cancelled. `settled`: all vendors once had it as wanted."""

    number: int
    at: tuple[str, ...]
    start: datetime
    notes: str | None = None
    off: bool = False
    settled: bool = False

    @property
    def name(self) -> str:
        """As a message names it."""
        return f"appointment {self.number}"


@dataclass
class People:
    """Everybody at the four vendors, with the memory of what they want."""

    world: World
    rng: random.Random
    wanted: dict[int, Wanted] = field(default_factory=dict)
    touched: dict[tuple[str, str], int] = field(default_factory=dict)
    """Records that people act on: those that they made, or that have stood for a while; by vendor and id."""
    _slots: list[datetime] = field(default_factory=list)
    _owners: dict[datetime, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        first = datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0) + timedelta(days=2)
        # At these hours no vendor's zone ever changes its clocks.
        self._slots = [first + timedelta(days=n // _PER_DAY, hours=n % _PER_DAY) for n in range(_SLOTS)]
        self.rng.shuffle(self._slots)

    # -- what they do -------------------------------------------------------------------------------------------

    def enter(self, *at: str) -> str:
        """Somebody enters the next appointment, at one vendor or at several."""
        number = len(self.wanted)
        wanted = self.wanted[number] = Wanted(number, at, self._slot(number))
        for name in at:
            fields = entry_of(self._vendor(name).kind, wanted.number)
            clients = [
                {"first_name": p.first_name, "last_name": p.last_name, "email": p.email, "phone": p.phone}
                for p in fields.pop("people")
            ]
            fields |= {"start": stamp(wanted.start), "end": stamp(wanted.start + HALF_HOUR), "clients": clients}
            made = self.control(name, "POST", "records", fields)
            self.touched[name, made["id"]] = wanted.number
        return f"{wanted.name} is entered at {', '.join(at)}"

    def act(self) -> str:
        """Somebody does something; says what."""
        deeds = (self.move, self.cancel, self.note, self._enter_somewhere)
        deed = self.rng.choices(deeds, (5, 3, 2, 2))[0]
        try:
            return deed()
        except LookupError:
            return self._enter_somewhere()

    def move(self, where: str | None = None) -> str:
        """Somebody moves an appointment, at this vendor or at any. Raises `LookupError` where there is none."""
        wanted, name, entry = self._choose(where, lambda wanted, name, entry: entry.start == wanted.start)
        wanted.start = self._slot(wanted.number)
        values = {"start": stamp(wanted.start), "end": stamp(wanted.start + HALF_HOUR)}
        self.control(name, "PATCH", f"records/{entry.id}", values)
        return f"{wanted.name} is moved at {name} to {wanted.start:%m-%d %H:%M}"

    def note(self, where: str | None = None) -> str:
        """Somebody gives one other notes. Raises `LookupError`."""
        wanted, name, entry = self._choose(
            where,
            lambda wanted, name, entry: wanted.settled and name in NOTED and _notes(entry) == (wanted.notes or ""),
        )
        wanted.notes = f"Note {self.rng.randrange(10**6)}"
        self.control(name, "PATCH", f"records/{entry.id}", {"notes": wanted.notes})
        return f"{wanted.name} gets notes at {name}"

    def cancel(self, where: str | None = None) -> str:
        """Somebody cancels one, or deletes it: always where there is no other way. Raises `LookupError`."""
        wanted, name, entry = self._choose(where, lambda wanted, name, entry: True)
        wanted.off = True
        if name == "office" or (name != "book" and self.rng.random() < 0.3):
            self.control(name, "DELETE", f"records/{entry.id}")
            return f"{wanted.name} is deleted at {name}"
        self.control(name, "POST", f"records/{entry.id}/cancel")
        return f"{wanted.name} is cancelled at {name}"

    def _enter_somewhere(self) -> str:
        return self.enter(*self.rng.sample(ALL, self.rng.choice((1, 1, 2, 3))))

    def _choose(self, where: str | None, fits: abc.Callable[[Wanted, str, Entry], bool]) -> tuple[Wanted, str, Entry]:
        """A record that somebody may act on. One that several people entered at once waits until all have it."""
        found = [
            (self.wanted[number], name, entry)
            for (name, key), number in sorted(self.touched.items())
            if where in (None, name)
            if (entry := self._vendor(name).entries.get(key)) is not None and _live(entry)
        ]
        found = [one for one in found if not one[0].off and (one[0].settled or len(one[0].at) == 1) and fits(*one)]
        # What is on its way is what an interruption concerns.
        under_way = [one for one in found if self._behind(one[0])]
        return self.rng.choice(under_way if under_way and self.rng.random() < _LIKELY else found)

    def _slot(self, number: int) -> datetime:
        """A time for an appointment, which is its own from now on."""
        start = self._slots.pop()
        self._owners[start] = number
        return start

    def look_around(self) -> None:
        """People come across records that a run has just made, where it does not matter whether it knows of them."""
        for name in MARKED:
            for entry in self._vendor(name).entries.values():
                self.touched.setdefault((name, entry.id), self._number(entry))

    def control(self, name: str, method: str, path: str, body: Any = None) -> Any:
        """A request to a vendor's control surface. What was sent to any vendor before is handled when it returns."""
        address = urlsplit(self.world.sandbox.url(name))
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=20)
        try:
            connection.request(method, f"/_sandbox/{path}", None if body is None else json.dumps(body))
            answer = connection.getresponse()
            found = json.loads(answer.read())
        finally:
            connection.close()
        assert answer.status < 300, found
        return found

    def wait_for_vendors(self) -> None:
        """Until requests of a process that is gone have been handled."""
        for name in ALL:
            self.control(name, "GET", "counters")

    # -- what must be -------------------------------------------------------------------------------------------

    def outstanding(self) -> int:
        """About how many writes are left to do."""
        return sum(len(self._behind(wanted)) for wanted in self.wanted.values())

    def settle(self) -> None:
        """All is as wanted: from now on people may act on any record."""
        for wanted in self.wanted.values():
            wanted.settled = True
        for name in ALL:
            for entry in self._vendor(name).entries.values():
                self.touched.setdefault((name, entry.id), self._number(entry))

    def harm(self) -> list[str]:
        """What must not be, at any moment: doubles, lost edits, cancellations by nobody, strangers, mails."""
        found = []
        for name in ALL:
            vendor = self._vendor(name)
            if vendor.counters.notifications:
                found.append(f"{name} mailed clients {vendor.counters.notifications} times")
            for number, entries in self._by_number(name).items():
                wanted = self.wanted.get(number)
                if wanted is None:
                    found.append(f"{name} has a record of nobody's: {entries}")
                    continue
                if len(entries) > 1:
                    found.append(f"{wanted.name} was made {len(entries)} times at {name}")
                ended = [entry for entry in entries if not _live(entry) or entry.id not in vendor.entries]
                if ended and not wanted.off:
                    found.append(f"{wanted.name} was ended at {name} by nobody")
        return found + self._lost()

    def missing(self) -> list[str]:
        """What is not as wanted yet, at which vendor."""
        return [
            f"{wanted.name}{' (off)' if wanted.off else ''} at {name}: {what}"
            for wanted in self.wanted.values()
            for name, what in self._behind(wanted).items()
        ]

    def _behind(self, wanted: Wanted) -> dict[str, str]:
        found = {}
        for name in ALL:
            live = [e for e in self._vendor(name).entries.values() if self._number(e) == wanted.number and _live(e)]
            if wanted.off or not live:
                if bool(live) is wanted.off:
                    found[name] = "still there" if live else "not there"
                continue
            shown = live[0]
            if (shown.start, shown.end) != (wanted.start, wanted.start + HALF_HOUR):
                found[name] = f"at {shown.start:%m-%d %H:%M}–{shown.end:%H:%M}, not {wanted.start:%m-%d %H:%M}"
            elif wanted.notes is not None and name in NOTED and _notes(shown) != wanted.notes:
                found[name] = f"notes {shown.notes!r}, not {wanted.notes!r}"
        return found

    def _lost(self) -> list[str]:
        """What is wanted must stand at some record: where somebody said it."""
        found = []
        for wanted in self.wanted.values():
            live = [(n, e) for n in ALL for e in self._vendor(n).entries.values() if self._number(e) == wanted.number]
            live = [(name, entry) for name, entry in live if _live(entry)]
            if wanted.off:
                continue
            if not any(entry.start == wanted.start for _, entry in live):
                found.append(f"{wanted.name}: nowhere at {wanted.start:%m-%d %H:%M} any more")
            if wanted.notes is not None and not any(n in NOTED and _notes(e) == wanted.notes for n, e in live):
                found.append(f"{wanted.name}: its notes {wanted.notes!r} are nowhere any more")
        return found

    def _by_number(self, name: str) -> dict[int, list[Entry]]:
        """Every record that there ever was at a vendor, by appointment; of one that is gone, how it last was."""
        vendor = self._vendor(name)
        ever = {key: entry for key, entry in vendor.before.items() if entry is not None} | vendor.entries
        found: dict[int, list[Entry]] = {}
        for entry in ever.values():
            found.setdefault(self._number(entry), []).append(entry)
        return found

    def _number(self, entry: Entry) -> int:
        """Whose record it is; -1 for nobody's."""
        email = entry.people[0].email if entry.people else ""
        digits = "".join(filter(str.isdigit, email.partition("@")[0]))
        if digits and email == person(int(digits)).email:
            return int(digits)
        return self._owners.get(entry.start, -1)

    def _vendor(self, name: str) -> SandboxVendor:
        return self.world.vendors[name]


def _live(entry: Entry) -> bool:
    return entry.status not in ("cancelled", "no_show")


def _notes(entry: Entry) -> str:
    """Its notes without the mark that syncd may leave in them."""
    return entry.notes.partition("[syncd:")[0].strip()

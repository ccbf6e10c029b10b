"""The stage of a scenario: the world, what people and an operator do in it, and what is expected in the end.

People are told apart by their e-mail address, or by the title where a record has no client, never by ids: those differ
when syncd made a record in another life.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import abc
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import syncd_state
from syncd.engine.store.texts import parsed
from syncd.sandbox.frame.faults import Fault
from syncd.sandbox.frame.records import Entry, Person
from syncd.sandbox.samples import SERVICES, STAFF
from syncd_state.schema import SHIPPED, Schema
from tests.contract.subjects import SUBJECTS
from tests.interruption.stops import Meanwhile, Stops
from tests.interruption.upgrade import later_version, statements
from tests.simulation.world import NAMES, Cast, World

ALL = tuple(NAMES)
NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)
"""A Tuesday. Clocks are set back on the 25th in Europe and on 1 November in America."""
BEHAVIOURS = ("reference", "observed", "unkind")
_SWITCHES = {subject.kind: {each.name: each.switches for each in subject.behaviours} for subject in SUBJECTS}
JANE = Person("Jane", "Smith", "jane.smith@example.com", "2125550123")
OMAR = Person("Omar", "Haddad", "omar.haddad@example.com", "2125550177")
ANA = Person("Ana", "Lopes", "ana.lopes@example.com", "2125550188")
HALF_HOUR, HOUR = timedelta(minutes=30), timedelta(hours=1)


def at(hour: float, day: int = 22, month: int = 10, year: int = 2026) -> datetime:
    """An instant of autumn 2026."""
    return datetime(year, month, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour)


def other_than(name: str) -> str:
    """The vendor at which people act where it is about writing to `name`.

    For Acuity that is one which tells all of a client: without a part it may refuse the first request.
    """
    return {"office": "crm", "book": "site"}.get(name, "office")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a scenario's world differs from the plain one; `switches` and `options` by vendor, as the sandbox's and
    syncd.toml's keys."""

    sync: abc.Mapping[str, Any] = field(default_factory=dict)
    guard: abc.Mapping[str, Any] = field(default_factory=dict)
    options: abc.Mapping[str, abc.Mapping[str, Any]] = field(default_factory=dict)
    switches: abc.Mapping[str, abc.Mapping[str, Any]] = field(default_factory=dict)
    now: datetime = NOW
    in_file: bool = False


ANY_TIME = Setting(switches={"site": {"slot_step": None, "hours": None}})
"""A site that takes any start at any hour."""


class Theatre(World):
    """The simulation's world, whose store in a file is left after a death as a power cut leaves it."""

    schema: Schema = SHIPPED
    folders: list[Any]
    place: Path | None = None
    stops: Stops

    def cut_off(self) -> None:
        """Keep the store's files as they are in this moment: what is done to the old ones from now on is undone."""
        if self.place is not None:
            fresh = self._fresh_folder()
            for file in self.place.parent.iterdir():
                shutil.copyfile(file, fresh / file.name)
            self.place = fresh / self.place.name

    def close(self) -> None:
        """Put everything away."""
        super().close()
        for folder in self.folders:
            folder.cleanup()

    def _open(self) -> syncd_state.Store:
        if self.cast.in_file and self.place is None:
            self.place = self._fresh_folder() / "state.db"
        url = f"sqlite:///{self.place}" if self.place else "sqlite://"
        opened = partial(
            syncd_state.open_store,
            url,
            schema=self.schema,
            before_commit=self.hooks.before_commit,
            after_commit=self.hooks.after_commit,
        )
        if self.place is None or not self.stops.counting:
            return opened()
        with statements(self.stops.boundary):
            return opened()

    def _fresh_folder(self) -> Path:
        memory = Path("/dev/shm")  # noqa: S108 - the folder in memory, where there is one; the name below it is random
        parent = str(memory) if memory.is_dir() else None
        folder = tempfile.TemporaryDirectory(prefix="syncd-interruption-", dir=parent)
        self.folders.append(folder)
        return Path(folder.name)


class Stage:
    """One scenario's world and the people in it. `say` takes the lines of the story."""

    def __init__(
        self, setting: Setting, behaviour: str, stops: Stops, say: abc.Callable[[str], None], seed: str
    ) -> None:
        self.say = say
        self.stops = stops
        cast = Cast(
            start=setting.now,
            behaviour={
                name: {**_SWITCHES[kind][behaviour], **setting.switches.get(name, {})} for name, kind in NAMES.items()
            },
            skew={},
            sync={"priority": list(ALL), **setting.sync},
            in_file=setting.in_file,
            guard=setting.guard,
            options=setting.options,
        )
        self.world = Theatre(cast, random.Random(seed), stops)
        self.world.folders = []
        self.world.stops = stops
        self.vendors = self.world.vendors
        self._names: set[str] = set()

    # -- people -------------------------------------------------------------------------------------------------

    def enter(self, name: str, who: Person | None, start: datetime, minutes: int = 30, **values: Any) -> Entry:
        """A person enters an appointment at a vendor, as that vendor has them."""
        server = self.vendors[name]
        self._names |= {who.name} if who else set()
        service = SERVICES[0 if minutes == 30 else 1]
        given: dict[str, Any] = {"start": start, "end": start + timedelta(minutes=minutes)}
        given["people"] = [] if who is None else [replace(who)]
        given |= {"service": service.ids.get(server.kind), "staff": STAFF[0].ids.get(server.kind)}
        if server.kind in ("actuallycare", "aivapad"):
            given["title"] = f"{service.name}: {who.name if who else 'somebody'}"
        self.say(f"somebody at {name} enters {who.name if who else 'somebody'}, {start:%m-%d %H:%M}, {values or ''}")
        return server.person_insert(**{**given, **values})

    def enter_everywhere(self, who: Person | None, start: datetime, minutes: int = 30, **values: Any) -> None:
        """People enter the same appointment at every vendor."""
        for name in ALL:
            self.enter(name, who, start, minutes, **values)

    def move(self, name: str, who: Person, start: datetime) -> None:
        """A person moves a record, which keeps its length."""
        entry = self.record(name, who)
        self.edit(name, who, start=start, end=start + (entry.end - entry.start))

    def somebody(self, name: str) -> Person:
        """A client whom nobody knows yet."""
        return Person(name, "Newcomer", f"{name.lower()}@example.com", "2125550199")

    def edit(self, name: str, who: Person, **values: Any) -> None:
        """A person changes a record in some other way."""
        said = ", ".join(
            f"{key} = {value:%m-%d %H:%M}" if isinstance(value, datetime) else f"{key} = {value!r}"
            for key, value in values.items()
        )
        self.say(f"somebody at {name} changes {who.name}: {said}")
        self.vendors[name].person_edit(self.record(name, who).id, **values)

    def cancel(self, name: str, who: Person) -> None:
        """A person calls an appointment off, or deletes it where there is no other way."""
        self.say(f"somebody at {name} cancels {who.name}")
        self.vendors[name].person_cancel(self.record(name, who).id)

    def delete(self, name: str, who: Person) -> None:
        """A person deletes a record for good."""
        self.say(f"somebody at {name} deletes {who.name}")
        self.vendors[name].person_delete(self.record(name, who).id)

    def revive(self, name: str, who: Person) -> None:
        """A person puts a cancelled record back."""
        self.say(f"somebody at {name} schedules {who.name} again")
        [gone] = [entry for entry in self.records(name, who) if entry.is_cancelled]
        self.vendors[name].person_revive(gone.id)

    def meanwhile(self, name: str, operation: str, act: abc.Callable[[], object]) -> None:
        """Let people do something right before the next request of that operation reaches the vendor."""
        self.stops.meanwhile.append(Meanwhile(name, operation, act))

    def passes(self, **time: float) -> None:
        """Time passes: `minutes=10`."""
        self.world.clock.now += timedelta(**time)

    # -- vendors and the operator -------------------------------------------------------------------------------

    def fault(self, name: str, kind: str, *operations: str, **arguments: Any) -> None:
        """Let something go wrong at a vendor from now on."""
        for operation in operations or (None,):
            self.say(f"from now on {name} suffers {kind} {arguments} at {operation or 'every request'}")
            self.vendors[name].faults.add(Fault(kind, operation=operation, **arguments))

    def mend(self) -> None:
        """Nothing goes wrong any more."""
        for vendor in self.vendors.values():
            vendor.faults.clear()

    def behave(self, name: str, **switches: Any) -> None:
        """A vendor behaves differently from now on."""
        self.say(f"from now on {name} behaves so: {switches}")
        self.vendors[name].set_behaviour(**switches)

    def reject(self) -> None:
        """An operator rejects all that is held; nobody looks at a plan of that, so that the guard may ask once more."""
        done = self.world.desk.reject([one.operation for one in self.world.desk.held()])
        self.say(f"an operator rejects {len(done)} changes")

    def approve(self, vendor: str | None = None) -> None:
        """An operator approves all that is held, or what is held at one vendor."""
        held = [one.operation for one in self.world.desk.held() if one.vendor == vendor]
        released = len(self.world.desk.approve(held if vendor else []))
        self.say(f"an operator approves {released} operations{f' at {vendor}' if vendor else ''}")

    def release(self) -> None:
        """An operator releases every quarantine."""
        self.say(f"an operator releases {len(self.world.desk.release([]))} quarantined")

    def end(self) -> None:
        """An operator says of every record about which syncd asks whether it was its own that it was."""
        asked = [entry.id for entry in self.world.desk.quarantines() if entry.asks and entry.id is not None]
        for entry in asked:
            self.world.desk.end(entry)
        self.say(f"an operator ends {len(asked)} records")

    def resolve(self, winner: str) -> None:
        """An operator decides the one open conflict."""
        [waiting] = self.world.desk.conflicts()
        self.world.desk.resolve(waiting.id, winner)
        self.say(f"an operator decides the conflict for {winner}")

    def install_later_version(self) -> None:
        """syncd is ended, and a version with a later schema is installed."""
        self.say("a later version with another schema is installed")
        self.world.schema = later_version()
        self.world.died()

    def lose_store(self) -> None:
        """The store is lost, and the next process begins with an empty one."""
        self.say("the state store is lost")
        assert self.world.store is not None
        self.world.store.close()
        self.world.store = self.world.engine = None

    # -- what there is ------------------------------------------------------------------------------------------

    def records(self, name: str, who: Person) -> list[Entry]:
        """A client's records at a vendor, by start, in whatever status.

        Where a record names nobody, it is the client's whose record at another vendor has the same start.
        """
        others = [entry for other in ALL if other != name for entry in self._named(other, who)]
        starts = {entry.start for entry in others if not entry.is_cancelled} or {entry.start for entry in others}
        nameless = [e for e in self.vendors[name].entries.values() if self._names_nobody(e) and e.start in starts]
        return sorted((*self._named(name, who), *nameless), key=lambda entry: (entry.start, entry.id))

    def _named(self, name: str, who: Person) -> list[Entry]:
        return [
            entry
            for entry in self.vendors[name].entries.values()
            if any(person.email == who.email for person in entry.people)
            or (not entry.people and who.name in entry.title)
        ]

    def _names_nobody(self, entry: Entry) -> bool:
        return not entry.people and not any(who in entry.title for who in self._names)

    def live(self, name: str, who: Person) -> list[Entry]:
        """Those of them that stand."""
        return [entry for entry in self.records(name, who) if not entry.is_cancelled]

    def record(self, name: str, who: Person) -> Entry:
        """The first of them that stands, which must be there."""
        found = self.live(name, who)
        assert found, f"{name} has no record of {who.name}"
        return found[0]

    def expect(self, who: Person, start: datetime, *names: str, **values: Any) -> None:
        """These vendors, or all, show exactly one record of the client, at that time and with these values."""
        for name in names or ALL:
            found = self.live(name, who)
            assert [entry.start for entry in found] == [start], f"{name} shows {who.name} at {found}"
            for key, value in values.items():
                shown = getattr(found[0], key)
                shown = shown.partition("[syncd:")[0].strip() if key == "notes" else shown
                assert shown == value, f"{name} shows {key} = {shown!r} for {who.name}"

    def expect_none(self, who: Person, *names: str) -> None:
        """These vendors, or all, show no record of the client that stands."""
        for name in names or ALL:
            assert not self.live(name, who), f"{name} still shows {who.name}"

    def expect_conflict(self, winner: str | None, rule: str) -> None:
        """Exactly one conflict was recorded."""
        with self.world.ledger.store.read() as tx:
            found = tx._tuples("SELECT winner, rule FROM conflict")
        assert found == [(winner, rule)], f"the conflicts are {found}"

    def expect_never_written(self, *names: str, but: abc.Collection[datetime]) -> None:
        """No write to these vendors ever asked for a time but those."""
        with self.world.ledger.store.read() as tx:
            rows = tx._tuples("SELECT vendor, intended FROM journal")
        asked = {parsed(text)["target"]["slot"]["start"] for vendor, text in rows if vendor in names}
        assert {datetime.fromisoformat(one) for one in asked} <= set(but), f"asked for were {sorted(asked)}"

    def expect_later_schema(self) -> None:
        """The store has the later version's schema, and a copy of the older one beside it."""
        with self.world.ledger.store.read() as tx:
            assert tx._tuples("SELECT colour, shape FROM appointment JOIN mapping") != []
        assert self.world.place is not None
        assert list(self.world.place.parent.glob(f"*.backup-{SHIPPED.head}-*"))

    def expect_quarantined(self, *names: str) -> None:
        """The quarantine holds one entry for each of these vendors."""
        found = sorted(entry.vendor for entry in self.world.desk.quarantines())
        assert found == sorted(names), f"quarantined are {found}"

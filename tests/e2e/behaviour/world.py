"""The four vendors, the people there, and syncd between them: in one process, at a time that only the test moves.

The engine is put together as the daemon does it, from a syncd.toml. What a test asserts are the vendors' own records,
the report, and what was sent. After every cycle it is checked what must hold of any: nobody was mailed, every operation
says why, and the report can be shown.
"""

from __future__ import annotations

import random
import re
from collections import Counter, abc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

import syncd_state
from syncd import report
from syncd.assembly import build_engine, build_vendors
from syncd.config import Configuration, load
from syncd.engine.cycle import Engine
from syncd.engine.result import CycleResult, StepResult, VendorResult
from syncd.engine.store.desk import Desk
from syncd.engine.store.ledger import Ledger
from syncd.engine.store.thread import at_once
from syncd.model.catalogue import Catalogue
from syncd.model.memory import Known
from syncd.model.plan import Action, Adopt
from syncd.sandbox import KINDS
from syncd.sandbox.amelia.server import Amelia
from syncd.sandbox.frame.exchange import Call
from syncd.sandbox.frame.faults import Fault
from syncd.sandbox.frame.records import Entry, Person
from syncd.sandbox.frame.vendor import SandboxVendor
from syncd.sandbox.samples import NAMES, SERVICES, STAFF
from syncd.sandbox.serving.config import configuration
from syncd.vendors.transport import Connection, Surroundings
from tests.cheap import names_cost_nothing
from tests.contract.subjects import SUBJECTS
from tests.contract.wire import Clock, Wire

names_cost_nothing()

NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)
"""A Tuesday. Clocks are set back on the 25th in Europe and on 1 November in America."""
ALL = tuple(NAMES)
BEHAVIOURS = ("reference", "observed", "unkind")
SWITCHES = {subject.kind: {each.name: each.switches for each in subject.behaviours} for subject in SUBJECTS}
ANY_TIME = {name: subject.any_time for name in NAMES for subject in SUBJECTS if subject.kind == NAMES[name]}
SEVERAL = {name: subject.several for name in NAMES for subject in SUBJECTS if subject.kind == NAMES[name]}
"""Switches with which the vendors take any time, and several clients, for tests that are about something else."""
LIVE = ("scheduled", "pending", "completed")
HALF_HOUR, HOUR = timedelta(minutes=30), timedelta(hours=1)
JANE = Person("Jane", "Smith", "jane.smith@example.com", "2125550123")
OMAR = Person("Omar", "Haddad", "omar.haddad@example.com", "2125550177")
ANA = Person("Ana", "Lopes", "ana.lopes@example.com", "2125550188")
WRITES = ("create", "update", "reschedule", "status", "cancel", "delete")
_FIELD = re.compile(
    r"\b(mov|cancel|delet|schedul|title|location|notes|clients|staff|service|status|slot|end|time|ha(s|ve) it|have the)"
)


def at(hour: float, day: int = 22, month: int = 10, year: int = 2026) -> datetime:
    """An instant of autumn 2026."""
    return datetime(year, month, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour)


class World:
    """Vendors in one behaviour of the sandbox, and syncd. `switches` are further ones, by vendor."""

    def __init__(
        self,
        folder: Path,
        behaviour: str = "reference",
        *,
        names: abc.Sequence[str] = ALL,
        now: datetime = NOW,
        switches: abc.Mapping[str, abc.Mapping[str, Any]] | None = None,
        rated: bool = False,
        **configured: Any,
    ) -> None:
        self.folder = folder
        self.clock = Clock(now)
        self.servers: dict[str, SandboxVendor] = {}
        for name in names:
            kind = NAMES[name]
            given = {"rate": None, **SWITCHES[kind][behaviour], **(switches or {}).get(name, {})}
            if rated:
                del given["rate"]
            self.servers[name] = KINDS[kind](name, clock=self.clock, behaviour=given)
        self.wires = {name: Wire(server, self.clock) for name, server in self.servers.items()}
        self.ledger = Ledger(syncd_state.open_store("sqlite://"), self.clock, run=at_once)
        self.desk = Desk(self.ledger)
        self.rated = rated
        self.rng = random.Random(11)
        self.results: list[CycleResult] = []
        self.engine: Engine
        self.start_syncd(**configured)

    @property
    def site(self) -> Amelia:
        """The site."""
        found = self.servers["site"]
        assert isinstance(found, Amelia)
        return found

    def start_syncd(
        self,
        catalogue: Catalogue | None = None,
        addresses: abc.Mapping[str, str] | None = None,
        **configured: Any,
    ) -> None:
        """Start syncd, or start it again with another syncd.toml on the same store: `sync`, `guard`, `options`.

        `addresses` are those of vendors that are to be elsewhere than on this machine.
        """
        # A host of its own for each, as they share a rate by host.
        addresses = {name: f"http://127.0.0.{number}" for number, name in enumerate(self.servers, 1)} | dict(
            addresses or {}
        )
        rate = None if self.rated else "100000/s"
        servers = list(self.servers.values())
        text = configuration(addresses, servers, "sqlite:///unused.db", rate=rate, **configured)
        path = self.folder / "syncd.toml"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        settings = load(path, {})
        self.configuration: Configuration = settings if catalogue is None else replace(settings, catalogue=catalogue)
        surroundings = Surroundings(
            clock=self.clock,
            sleep=self.clock.sleep,
            rng=self.rng,
            notify_clients=self.configuration.sync.notify_clients,
            connect=self._connect,
        )
        self.vendors = build_vendors(self.configuration, surroundings)
        self.engine = build_engine(self.configuration, self.ledger, self.vendors, surroundings)

    def _connect(self, connection: Connection) -> httpx.AsyncBaseTransport:
        return self.wires[connection.vendor].connect(connection)

    # -- people at the vendors ----------------------------------------------------------------------------------

    def enter(self, name: str, start: datetime, who: Person | None = JANE, minutes: int = 30, **values: Any) -> Entry:
        """A person enters an appointment at a vendor, as that vendor has them."""
        server = self.servers[name]
        given: dict[str, Any] = {"start": start, "end": start + timedelta(minutes=minutes)}
        given["people"] = [] if who is None else [replace(who)]
        service = SERVICES[0 if minutes == 30 else 1]
        given |= {"service": service.ids.get(server.kind), "staff": STAFF[0].ids.get(server.kind)}
        if server.kind in ("actuallycare", "aivapad"):
            given["title"] = f"{service.name}: {who.name if who else 'somebody'}"
        return server.person_insert(**{**given, **values})

    def book_online(self, start: datetime, who: Person, minutes: int = 30, **values: Any) -> Entry:
        """A client books at the site, which may put that into a record that is there."""
        site = self.servers["site"]
        assert isinstance(site, Amelia)
        service = SERVICES[0 if minutes == 30 else 1].ids["amelia"]
        given = {"service": service, "staff": STAFF[0].ids["amelia"], "end": start + timedelta(minutes=minutes)}
        return site.person_book(**{"start": start, "people": [replace(who)], **given, **values})

    def enter_everywhere(self, start: datetime, who: Person | None = JANE, minutes: int = 30, **values: Any) -> Entry:
        """People enter the same appointment at every vendor; the record of the first one."""
        entries = [self.enter(name, start, who, minutes, **values) for name in self.servers]
        return entries[0]

    def move(self, name: str, remote_id: str, start: datetime) -> Entry:
        """A person moves a record, which keeps its length."""
        entry = self.servers[name].entries[remote_id]
        return self.servers[name].person_edit(remote_id, start=start, end=start + (entry.end - entry.start))

    def call_off(self, name: str, remote_id: str) -> None:
        """A person cancels a record, or deletes it where there is no other way."""
        self.servers[name].person_cancel(remote_id)

    def fault(self, name: str, kind: str, *operations: str, **arguments: Any) -> None:
        """Let something go wrong at a vendor from now on, in these of its operations or in all."""
        for operation in operations or (None,):
            self.servers[name].faults.add(Fault(kind=kind, operation=operation, **arguments))

    def hide(self, name: str, remote_id: str) -> Entry:
        """Take a record out of a vendor's listing, without its word that it was deleted; `unhide` brings it back."""
        entry = self.servers[name].entries.pop(remote_id)
        self.servers[name].forget_rows()
        return entry

    def unhide(self, name: str, entry: Entry) -> None:
        """Let a hidden record be listed again."""
        self.servers[name].entries[entry.id] = entry
        self.servers[name].forget_rows()

    def renumber(self, name: str, *ids: str) -> dict[str, str]:
        """Give these records of a vendor new ids, or all, as an import or a restore does; the new ones by the old."""
        server, new = self.servers[name], dict[str, str]()
        for key in ids or tuple(server.entries):
            new[key] = server.new_id()
            server.entries[new[key]] = replace(server.entries.pop(key), id=new[key])
        server.forget_rows()
        return new

    def blind(self, name: str, *ids: str) -> None:
        """From now on a vendor says of these ids, or of every id, that they do not exist, and lists what it has."""
        server, hidden = self.servers[name], dict[str, Entry]()

        def hide(request: httpx.Request) -> None:
            if self.operation(name, request) == "get" and (not ids or any(key in str(request.url) for key in ids)):
                hidden.update(server.entries)
                server.entries.clear()

        def show(request: httpx.Request) -> None:
            if hidden:
                server.entries.update(hidden)
                hidden.clear()

        self.wires[name].before.append(hide)
        self.wires[name].after.append(show)

    def between(self, name: str, operation: str, act: abc.Callable[[], object], times: int = 1) -> None:
        """Let people do something right before a request of that operation reaches a vendor, so many times."""
        left = [act] * times

        def hook(request: httpx.Request) -> None:
            if left and self.operation(name, request) == operation:
                left.pop()()

        self.wires[name].before.append(hook)

    def answer_instead(self, name: str, operation: str, status: int, body: str) -> None:
        """Let a vendor carry these requests out and answer with something else."""

        def instead(request: httpx.Request) -> httpx.Response | None:
            return httpx.Response(status, text=body) if self.operation(name, request) == operation else None

        self.wires[name].instead = instead

    def operation(self, name: str, request: httpx.Request) -> str | None:
        """What a request is to a vendor, in the sandbox's words."""
        query = request.url.query.decode()
        call = Call(request.method, request.url.path, query, dict(request.headers), request.content)
        self.servers[name].classify(call)
        return call.operation

    def mend(self, *names: str) -> None:
        """Nothing goes wrong any more, at these vendors or at all."""
        for name in names or self.servers:
            self.servers[name].faults.clear()
            self.wires[name].cut = False
            self.wires[name].before.clear()
            self.wires[name].after.clear()
            self.wires[name].instead = lambda request: None

    # -- syncd --------------------------------------------------------------------------------------------------

    async def cycle(self, *, minutes: float = 2, **how: Any) -> CycleResult:
        """The next cycle, some minutes later."""
        self.clock.forward(minutes=minutes)
        for server in self.servers.values():
            server.note("mark")
        result = await self.engine.cycle(**how)
        self.results.append(result)
        self._check(result)
        return result

    async def settle(self) -> CycleResult:
        """Cycles until one has nothing to do and waits for no answer, six at most; that one."""
        for _ in range(6):
            result = await self.cycle()
            if not result.steps and not result.unanswered:
                return result
        raise AssertionError(report.text(self.results[-1]))

    def _check(self, result: CycleResult) -> None:
        assert sum(server.counters.notifications for server in self.servers.values()) == 0
        for step in result.steps:
            reason = step.operation.reason
            assert any(name in reason for name in self.servers), reason
            assert _FIELD.search(reason), reason
        for document in (report.text(result), report.json_text(result), report.html(result)):
            assert result.id in document

    # -- what came of it ----------------------------------------------------------------------------------------

    def sent(self, name: str) -> Counter[str]:
        """The requests that a vendor got in the last cycle, by operation; any other as `other`."""
        found: Counter[str] = Counter()
        for event in reversed(self.servers[name].log):
            if event["event"] == "mark":
                break
            if event["event"] == "request":
                found[event["operation"] or "other"] += 1
        return found

    def written(self, name: str) -> int:
        """How many writes a vendor was sent in the last cycle."""
        return sum(count for operation, count in self.sent(name).items() if operation in WRITES)

    def live(self, name: str) -> list[Entry]:
        """A vendor's standing appointments by start."""
        return sorted((e for e in self.servers[name].entries.values() if e.status in LIVE), key=lambda e: e.start)

    def starts(self, name: str) -> list[datetime]:
        """When they start."""
        return [entry.start for entry in self.live(name)]

    def calendars(self, names: abc.Iterable[str] | None = None) -> list[list[datetime]]:
        """The different calendars that these vendors, or all, have: one where they are in step."""
        found: list[list[datetime]] = []
        for name in names or self.servers:
            if (starts := self.starts(name)) not in found:
                found.append(starts)
        return found

    def known(self, name: str, remote_id: str) -> Known:
        """What syncd remembers of the appointment of a record."""
        return self.desk.explain(f"{name}:{remote_id}").known

    def twin(self, name: str, remote_id: str, other: str) -> Entry | None:
        """The record at another vendor that belongs to the same appointment as this one."""
        mapping = self.known(name, remote_id).at(other)
        return None if mapping is None else self.servers[other].entries.get(mapping.remote_id)

    def the(self, name: str, remote_id: str, other: str) -> Entry:
        """That record, which must be there."""
        found = self.twin(name, remote_id, other)
        assert found is not None, f"{other} has no record of it"
        return found


NEEDED = {"crm": "start_time", "book": "duration", "office": "startTime", "site": "bookingStart"}
"""The field of a row without which it cannot be read, by vendor."""


def origin_for(name: str) -> str:
    """Where people enter what is to go to this vendor.

    For Acuity that is a vendor which tells all of a client: without a part it may refuse the first request.
    """
    return {"office": "crm", "book": "site"}.get(name, "office")


def steps(result: CycleResult, action: Action | None = None, vendor: str | None = None) -> list[StepResult]:
    """The operations of a cycle that are no adoptions, of one action and at one vendor if that is asked for."""
    return [
        step
        for step in result.steps
        if (action is not None or not isinstance(step.operation, Adopt))
        and action in (None, step.operation.action)
        and vendor in (None, step.operation.vendor)
    ]


def outcomes(result: CycleResult) -> dict[str, str]:
    """What became of the operations of a cycle, by vendor; for cycles with one operation a vendor."""
    return {step.operation.vendor: step.outcome.value for step in steps(result)}


def of(result: CycleResult, name: str) -> VendorResult:
    """How a vendor was read in a cycle."""
    return next(vendor for vendor in result.vendors if vendor.name == name)

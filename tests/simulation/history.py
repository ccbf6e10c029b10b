"""Plays a script: people act, cycles run, faults strike, processes die, and the oracle looks on.

Everything is in the order that the script and the seed give, so that the same seed gives the same trace.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import Counter, abc
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from syncd.engine.result import CycleResult
from syncd.engine.store.entries import is_question
from syncd.engine.store.ledger import StoreError
from syncd.model.appointment import Field
from syncd.model.plan import Changes, Found, Outcome
from syncd.sandbox.frame.exchange import Answer, Call, Row
from syncd.sandbox.frame.records import Entry
from syncd.sandbox.frame.vendor import SandboxVendor
from tests.simulation.deeds import UNDATED
from tests.simulation.faults import LIES, LONGEST_OBEYED, SETTLE, Fate, Weather, arm, blurred_by, hidden_by
from tests.simulation.looks import gives_back
from tests.simulation.oracle import Oracle
from tests.simulation.people import perform
from tests.simulation.plays import PLAYS
from tests.simulation.register import Register
from tests.simulation.rest import owners
from tests.simulation.rules import NewRules
from tests.simulation.script import EDITS, FAULTS, Interrupt, Round, Script
from tests.simulation.world import Died, World
from tests.simulation.zones import Zones

_CYCLES_TO_REST = 3
_APPROVALS, _WITH_LOW_LIMITS = 2, 6
"""An approval is of the records as they were shown: where the same cycle still moved one of them, it is asked again.
With limits so low that every cancellation waits, what comes of an approved one waits as well."""
_LISTED = frozenset({"status", "slot", "title", "location", "name", "email", "phone"})
_ALL = frozenset({*_LISTED, "notes"})
_DECIDED = 2
"""The first commit of a cycle that may hold decisions; the one before says that it began."""
_HARMLESS = (None, "extra_fields", "date_header", "charset")
_Planned = list[tuple[str, ...]]
_UNKEPT = {"slot": "is its time zone right?", "status": "changed it back right after"}
"""Says by field that a record is not as it was written: by the vendor's doing, or a person's in that moment."""


@dataclass(slots=True)
class Played:
    """How a history went. `broken` is the first thing that did not hold; `lines` is its story, if it was to be told."""

    seed: int
    trace: str
    broken: str | None
    figures: Counter[str]
    lines: list[str] = field(default_factory=list)


def play(script: Script, *, tell: bool = False) -> Played:
    """Play it from beginning to end."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    history = History(script, tell=tell)
    try:
        asyncio.run(history.run())
    finally:
        history.zones.restore()
        history.world.close()
    broken = history.oracle.violations[0] if history.oracle.violations else None
    return Played(script.seed, history.trace.hexdigest(), broken, history.oracle.figures, history.lines)


class History:
    """One playing of one script. Hangs itself into the world as its `Hooks`."""

    def __init__(self, script: Script, *, tell: bool = False) -> None:
        self.script = script
        self.world = World(script.cast, random.Random(f"world {script.seed}"), self)
        self.register = Register(self.world.vendors, mapped=self._mapped, linked=self._is_linked)
        self.oracle = Oracle(self.world, self.register, bool(script.cast.sync["cancel_wins"]))
        self.weather = Weather()
        self.fate = Fate(self.world)
        self.zones = Zones()
        self.trace = hashlib.blake2b(digest_size=16)
        self.lines: list[str] = []
        self._tell = tell
        self._interrupts: list[Interrupt] = []
        self._stop_at = 0
        self._well = False
        self._gone: set[str] = set()
        self._decided: set[str] = set()
        self._waited: set[str] = set()
        self._unkept: set[tuple[str, str]] = set()
        self._lied = False
        self._over = False
        self._counts: Counter[str] = Counter()
        self._listed: set[str] = set()
        self._created: set[str] = set()  # those that were sent a create in this cycle: they may be listed to find it
        self._nameless: set[str] = set()  # those of which an answer about clients failed: a record is nobody's as yet
        self._late_writes = 0
        self._late_at: Counter[str] = Counter()
        self._sent: dict[int, datetime] = {}
        self._creates_late = False  # whether a create that was sent in this cycle is carried out later
        self._entries: dict[str, Entry] = {}

    @property
    def figures(self) -> Counter[str]:
        """What is counted of a history."""
        return self.oracle.figures

    def say(self, line: str) -> None:
        """One line of the story, which is also the trace."""
        self.trace.update(line.encode())
        if self._tell:
            self.lines.append(f"{self.world.clock():%m-%d %H:%M:%S} {line}")

    async def run(self) -> None:
        """All rounds, then rest. Ends with the first violation."""
        for number, one in enumerate(self.script.rounds, 1):
            self.say(f"— round {number}")
            await self._round(one)
            if self.oracle.violations:
                return
        for one in self.script.reserve:
            if self.figures["edits"] >= EDITS and (self._struck() >= FAULTS or not one.mishaps):
                break
            self.say("— a round more, as too little happened")
            await self._round(one)
            if self.oracle.violations:
                return
        self.weather.clear(self.world)
        self.world.clock.advance(LONGEST_OBEYED)
        self.figures["faults befallen"] = self._struck()
        await self._rest("at rest")
        if not self.oracle.violations and self.world.desk.quarantines():
            self._release()
            await self._rest("after release")
        if not self.oracle.violations and self.world.desk.conflicts():
            self._decide()
            await self._rest("after decisions")
        last = max((when for vendor in self.world.vendors.values() for when, _ in vendor.postponed), default=None)
        if not self.oracle.violations and last is not None:
            self.world.clock.advance((last - self.world.clock()).total_seconds() + 1)
            self._catch_up()
            await self._rest("after what came too late")
        if not self.oracle.violations and self.script.new_rules:
            self._over = True
            rng = random.Random(f"rules {self.script.seed}")
            await NewRules(self.world, self.oracle, self.fate, self.zones, rng, self.say).play()
        elif not self.oracle.violations and self.script.play is not None:
            await self._play(self.script.play)

    async def _play(self, name: str) -> None:
        self._over = True
        self.say(f"— a play: {name}")
        rng = random.Random(f"{name} {self.script.seed}")
        await PLAYS[name](self.world, self.oracle, self.fate, rng, self.say, self._report).play()
        self.figures[f"play: {name}"] += 1

    def _release(self) -> None:
        released = self.world.desk.release([])
        self.say(f"— an operator releases {len(released)} quarantined")
        for entry in released:
            for name, said in _UNKEPT.items():
                if said in entry.reason and entry.remote_id is not None:
                    self.register.overruled((entry.vendor, entry.remote_id), name)

    def _decide(self) -> None:
        """An operator decides every open conflict, for this vendor or that."""
        rng = random.Random(f"operator {self.script.seed}")
        whose = owners(self.world, self.register)
        for conflict in self.world.desk.conflicts():
            values = conflict.values
            who = whose.get(conflict.appointment)
            true = [name for name in sorted(values) if not self._stands(who, name, values[name])]
            winner = rng.choice(true or sorted(values))
            self.world.desk.resolve(conflict.id, winner)
            self._overruled(who, conflict.field, values, winner)
            if who is not None and conflict.field == "slot" and conflict.rule == Found.AT_LINKING:
                self.register.length_decided(who)
            self.say(f"— an operator decides about {conflict.field}: {winner} is right")
            self.figures["decisions"] += 1
            self._decided.add(conflict.appointment)

    def _overruled(self, who: int | None, name: str, values: abc.Mapping[str, object], winner: str) -> None:
        """Who had revived a record that the operator wants cancelled is overruled, and who cancelled one that is to
        stand.
        """
        stands = not _is_cancellation(values[winner])
        if who in self.register.twins and stands and any(map(_is_cancellation, values.values())):
            self.register.twins[who] += 1  # which was one less since one of them was cancelled
        if name != "status" or who is None:
            return
        self.register.judged.add(who)
        if values[winner] != "cancelled":
            for vendor, value in values.items():
                if value == "cancelled":
                    self.register.called_off_in_vain(who, vendor)
        else:
            for vendor in values.keys() - {winner}:
                for entry in self.register.records_of(who, vendor):
                    if values[vendor] != "cancelled":
                        self.register.called_off_again((vendor, entry.id))

    def _stands(self, who: int | None, vendor: str, value: object) -> bool:
        """Whether a vendor is said to have called an appointment off that stands there, as whoever looks can see."""
        called_off = value != "cancelled" and _is_cancellation(value)
        return called_off and who is not None and any(self.register.live_at(who, vendor))

    def _struck(self) -> int:
        """How many faults have befallen syncd so far."""
        return self.figures["faults struck"] + self.weather.struck + self.figures["sudden ends"]

    async def _round(self, one: Round) -> None:
        self._catch_up()
        for act in one.acts:
            self._people(perform(act, self.world, self.register), act.vendor)
        self.world.clock.advance(one.wait)
        self._catch_up()
        if one.edition:
            self.zones.publish()
            self.world.died()
            self.figures["new editions"] += 1
            self.say("  syncd is started again with a new edition of the zone database")
        if one.step:
            self.world.step += timedelta(seconds=one.step)
            self.figures["clocks set"] += 1
            self.say(f"  somebody sets the clock of syncd's machine by {one.step:.0f} s")
        if one.operator and not self._lied:  # whoever looked would see that it is not so
            if approved := self.world.desk.approve([]):
                self.say(f"  an operator approves {len(approved)}")
            self._decide()
        for mishap in one.mishaps:
            if arm(mishap, self.world, self.register, self.weather, well=self._well):
                self.figures["faults"] += 1
                self.say(f"  about to go wrong: {mishap}")
        planned = await self._dry_run() if one.is_quiet else None
        self._interrupts, self._stop_at = list(one.interrupts), one.stop
        self.fate.set(one.death)
        self.figures["deaths"] += one.death is not None
        result = await self._cycle(one)
        if planned is not None and result is not None:
            self._compare(planned, result)
        self._interrupts, self._stop_at = [], 0
        self.fate.set(None)
        self.weather.clear(self.world)

    async def _cycle(self, one: Round) -> CycleResult | None:
        self._counts.clear()
        self._listed.clear()
        self._nameless.clear()
        self._created.clear()
        self._creates_late = False
        self._lied = False
        self.register.fresh.clear()
        self.register.hidden_now.clear()
        self.register.reading.clear()
        self.fate.met.clear()
        self.figures["cycles"] += 1
        result: CycleResult | None = None
        try:
            result = await self.world.running.cycle(due=one.due)
        except Died:
            self.say("  the process is gone")
            self._ended_suddenly()
        except StoreError as error:
            self.say(f"  the store fails, and the process gives up: {error}")
            self.oracle.claim(self.fate.struck, f"the store failed by itself: {error}")
            self._ended_suddenly()
        if result is not None:
            self.register.ended_well()
            for vendor in result.vendors:
                if vendor.snapshot != "complete" or vendor.name in self._nameless:
                    self.register.was_unread(vendor.name, self._mapped())
            self._report(result)
            if one.stop:
                self.world.died()
        self._well = result is not None and result.exit_code in (0, 4)
        self.oracle.after_cycle(result)
        return result

    def _ended_suddenly(self) -> None:
        self.figures["sudden ends"] += 1
        self.figures["sudden ends with a late create"] += self._creates_late
        self.world.died()
        with self.world.ledger.store.read() as tx:
            unsettled = {(row.vendor, row.remote_id or "") for row in tx.journal_unsettled()}
        self.register.died(unsettled, self._mapped())

    def _mapped(self) -> set[tuple[str, str]]:
        with self.world.ledger.store.read() as tx:
            return {
                (vendor, entry.remote_id) for vendor in self.world.vendors for entry in tx.index(vendor, float("-inf"))
            }

    def _is_linked(self, key: tuple[str, str]) -> bool:
        """Whether syncd has a record for an appointment's own."""
        with self.world.ledger.store.read() as tx:
            row = tx.mapping(*key)
            return row is not None and not row.tombstone

    def _report(self, result: CycleResult) -> None:
        snapshots = ", ".join(f"{vendor.name} {vendor.snapshot}" for vendor in result.vendors)
        self.say(f"  cycle {result.id} ends with {result.exit_code}: {snapshots}")
        for step in result.steps:
            operation = step.operation
            changes = {name.value: str(new) for name, (_, new) in operation.changes.items()}
            self.say(
                f"    {step.outcome}: {operation.action} at {operation.vendor} of {step.remote_id}: {changes}; "
                f"{operation.reason}{f' [{step.error}]' if step.error else ''}"
            )
            self.figures[f"{operation.action} {step.outcome}"] += 1
        for conflict in result.conflicts:
            self.say(f"    conflict about {conflict.field}: {conflict.explanation}")
        for entry in result.quarantined:
            self.say(f"    quarantined at {entry.vendor} ({entry.remote_id}): {entry.reason}")
            if _UNKEPT["slot"] in entry.reason and entry.remote_id is not None:
                self._unkept.add((entry.vendor, entry.remote_id))
        for line in result.waiting:
            self.say(f"    {line}")
        self.figures["conflicts"] += len(result.conflicts)

    async def _dry_run(self) -> _Planned:
        self._gone = self._gone_unseen()
        commits = self.fate.met.get("before_commit", 0)
        writes = sum(vendor.counters.writes for vendor in self.world.vendors.values()) - self._late_writes
        result = await self.world.running.cycle(dry_run=True)
        self.figures["dry runs"] += 1
        quiet = commits == self.fate.met.get("before_commit", 0)
        self.oracle.claim(quiet, "a dry run wrote to the store")
        wrote = sum(vendor.counters.writes for vendor in self.world.vendors.values()) - writes - self._late_writes
        self.oracle.claim(not wrote, "a dry run wrote to a vendor")
        self._waited = _put_off(result)
        return _planned(result)

    def _gone_unseen(self) -> set[str]:
        """Appointments that have a cancelled record which is gone: only a look right before a write says so."""
        with self.world.ledger.store.read() as tx:
            return {
                entry.appointment_id
                for name, vendor in self.world.vendors.items()
                for entry in tx.index(name, float("-inf"))
                if not entry.live and entry.remote_id not in vendor.entries
            }

    def _compare(self, planned: _Planned, result: CycleResult) -> None:
        """Claim that a dry run planned what was done, but for appointments of which more came to light by looking."""
        if self._waited - _put_off(result):
            return  # the time for which the dry run would have waited is over
        whose = {owner for (owner, _), deeds in self.register.deeds.items() if any(deed.optional for deed in deeds)}
        if not self.world.vendors["crm"].behaviour["cancelled_listed"]:
            whose |= {deed.who for deed in self.register.buried if deed.key[0] == "crm"}
        appointments = owners(self.world, self.register)
        hidden = {step.operation.appointment for step in result.steps if step.outcome is Outcome.STALE}
        hidden |= {conflict.appointment for conflict in result.conflicts}  # of two at once, a second may decide
        hidden |= self._gone | self._decided  # what waited is looked at first when it is written
        self._decided.clear()
        hidden |= {appointment for appointment, who in appointments.items() if who in whose}
        one, other = ([entry for entry in some if entry[0] not in hidden] for some in (planned, _planned(result)))
        self.figures["dry runs compared"] += not hidden
        self.oracle.claim(one == other, f"a dry run planned {one}, and the run after it did {other}")

    async def _rest(self, stage: str) -> None:
        """At most three cycles, and approvals before those that follow a hold; then one that has nothing to do."""
        self.say(f"— {stage}")
        approvals, most = 0, _WITH_LOW_LIMITS if self.script.cast.guard else _APPROVALS
        for number in range(_CYCLES_TO_REST + most + 1):
            if number - approvals >= _CYCLES_TO_REST:
                break
            planned = await self._dry_run() if not number else None
            result = await self._cycle(Round())
            if planned is not None and result is not None:
                self._compare(planned, result)
            self.world.clock.advance(120)
            self.oracle.claim(result is not None, f"{stage}: a cycle did not come to its end")
            if result is None or self.oracle.violations:
                return
            if any(step.outcome is Outcome.HELD for step in result.steps) and approvals < most:
                self.say(f"  an operator approves {len(self.world.desk.approve([]))}")
                approvals += 1
            elif not result.writes and result.exit_code == 0 and not self.world.desk.counts().pending:
                break
        self.oracle.at_rest(stage)
        if not self.oracle.violations:
            await self._idle(stage)

    async def _idle(self, stage: str) -> None:
        before = {name: vendor.counters.as_json() for name, vendor in self.world.vendors.items()}
        self._late_at.clear()
        result = await self._cycle(Round())
        if self._late_at:
            return  # a record came while it looked
        for name, vendor in self.world.vendors.items():
            after = vendor.counters.as_json()
            for what in ("writes", "refused"):
                self.oracle.claim(after[what] == before[name][what], f"{stage}: an idle cycle sent {what} to {name}")
            asked = after["gets"] - before[name]["gets"]
            self.figures["idle gets"] += asked
            waits = bool(self.world.desk.conflicts()) or self._asked_in_vain(name)
            self.oracle.claim(not asked or waits, f"{stage}: an idle cycle asked {name} for records")
        self.oracle.claim(
            result is not None and not result.steps, f"{stage}: an idle cycle planned {result and len(result.steps)}"
        )

    def _asked_in_vain(self, name: str) -> bool:
        """Whether a person is asked about a record that was deleted, at a vendor that has no other one.

        So nothing tells that it is gone, and it is asked for until the person answers.
        """
        with self.world.ledger.store.read() as tx:
            asked = {row.remote_id for row in tx.quarantines() if row.vendor == name and is_question(row)}
        entries = self.world.vendors[name].entries
        return not asked <= entries.keys() and not any(entry.status != "cancelled" for entry in entries.values())

    # -- what the world asks ------------------------------------------------------------------------------------

    def before_request(self, vendor: SandboxVendor, call: Call) -> None:
        """Whatever happens while a request is on its way."""
        self._catch_up()
        vendor.classify(call)
        self.fate.point("send")
        self._counts["request"] += 1
        self._interrupted("request", vendor, call)
        if self._counts["request"] == self._stop_at:
            self.say("  the process is asked to stop")
            self.world.running.stopping.set()
        if call.method != "GET":
            self._counts["before_write"] += 1
            self._interrupted("before_write", vendor, call)
        self.weather.refuse(vendor, call)
        self._entries = dict(vendor.entries) if call.method != "GET" else {}

    def handled(self, vendor: SandboxVendor, call: Call, answer: Answer | None) -> None:
        """Whatever follows from a request that was handled."""
        fault = vendor.log[-1]["fault"]
        status = answer.status if answer else "no answer"
        body = call.body.decode() if call.body else ""
        struck = f" [{fault}]" if fault else ""
        self.say(f"  {vendor.name} {call.method} {call.target} {body} → {status}{struck}")
        self.figures["requests"] += 1
        if "/clients" in call.target and status != 200:
            self._nameless.add(vendor.name)
        if fault is not None:
            self._lied = self._lied or fault in LIES
            self.figures["faults struck"] += 1
            self.figures[f"fault {fault}{'' if call.method == 'GET' else ' at a write'}"] += 1
        if self._over:
            self.fate.point("handled")
            return
        if fault == "late":
            self._sent[id(vendor.postponed[-1][1])] = self.world.clock()
            self._creates_late |= call.operation == "create"
        self._created |= {vendor.name} if call.operation == "create" else set()
        if call.method != "GET":
            self._written(vendor, answered=answer is not None and fault in _HARMLESS)
            self._counts["after_write"] += 1
            self._interrupted("after_write", vendor, call)
        elif answer is not None:
            hidden = hidden_by(fault, vendor)
            if fault not in _HARMLESS:
                self.register.blur(vendor.name, *blurred_by(fault, vendor, call, self.register))
            if hidden is not None:
                self._served(vendor, call, answer, hidden)
        untold = answer is None or hidden_by(fault, vendor) is None
        if call.operation == "get" and call.record_id and untold and self._observing and vendor.name in UNDATED:
            self.register.was_not_confirmed((vendor.name, call.record_id))
        self.fate.point("handled")

    def before_commit(self) -> None:
        """The store is about to commit."""
        self.fate.point("before_commit")

    def after_commit(self) -> None:
        """The store has committed."""
        if self.fate.met.get("after_commit", 0) + 1 >= _DECIDED:
            self.register.decided(self.figures["cycles"])
        self.fate.point("after_commit")

    def _catch_up(self) -> None:
        """What vendors carry out later than its client thinks is carried out, if it is time."""
        for vendor in self.world.vendors.values():
            due = sorted((one for one in vendor.postponed if one[0] <= self.world.clock()), key=lambda one: one[0])
            for one in due:
                vendor.postponed.remove(one)
                self._carry_out(vendor, *one)

    def _carry_out(self, vendor: SandboxVendor, when: datetime, call: Call) -> None:
        before, writes, waiting = dict(vendor.entries), vendor.counters.writes, vendor.postponed
        vendor.postponed = [(when, call)]
        vendor.catch_up()
        vendor.postponed = waiting
        self._late_writes += vendor.counters.writes - writes
        self._late_at[vendor.name] += vendor.counters.writes - writes
        too_late = when - self._sent.pop(id(call)) > SETTLE
        for key in before.keys() | vendor.entries.keys():
            old, new = before.get(key), vendor.entries.get(key)
            if old is new:
                continue
            if too_late and old is None:
                self.register.strays.add((vendor.name, key))
            how = "too late" if too_late else "late"
            self.figures[f"carried out {how}"] += 1
            self.figures[f"{how} creates"] += old is None
            self.say(f"  {vendor.name} carries out late what became of {key}")
            self.oracle.wrote(vendor.name, old, new, answered=False, late=True)

    def _written(self, vendor: SandboxVendor, *, answered: bool) -> None:
        for key in self._entries.keys() | vendor.entries.keys():
            before, after = self._entries.get(key), vendor.entries.get(key)
            if before is not after:
                if (vendor.name, key) in self._unkept:  # another change is written there, and the time with it
                    self.register.overruled((vendor.name, key), "slot")
                self.oracle.wrote(vendor.name, before, after, answered=answered)

    @property
    def _observing(self) -> bool:
        """Whether the cycle has not decided yet."""
        return self.fate.met.get("after_commit", 0) < _DECIDED

    def _decides_nothing(self, vendor: SandboxVendor) -> bool:
        """Whether a record is looked at to give back what a write of the last cycle, or of this one, took from it, and
        for nothing else.
        """
        return gives_back() or (self._observing and vendor.name not in self._listed)

    def _served(self, vendor: SandboxVendor, call: Call, answer: Answer, hidden: abc.Set[str]) -> None:
        behaviour = vendor.behaviour
        if call.operation == "list":
            self._listed.add(vendor.name)
            poor = vendor.name == "crm" and behaviour["list_rows"] == "reference"
            fields = _LISTED if poor else _ALL
            shown = _ids(vendor, answer)
            listed = [entry for entry in vendor.entries.values() if entry.id in shown]
            decisive = vendor.name not in self._created
            self.register.was_served(
                vendor.name, listed, fields - hidden, whole=not hidden, enough=not poor, decisive=decisive
            )
            self.register.was_masked(vendor.name, listed, hidden)
            self.register.told(vendor.name, listed, self.figures["cycles"])
        elif call.operation == "get" and call.record_id is not None and not self._decides_nothing(vendor):
            entry = vendor.entries.get(call.record_id)
            if entry is None:
                self.register.was_denied(vendor.name, call.record_id)
                return
            poor = vendor.name == "crm" and behaviour["get_rows"] == "reference" and not behaviour["attendees_in_get"]
            fields = _LISTED if poor else _ALL
            observing = self._observing  # asked for by id, as its listing said too little
            self.register.was_served(vendor.name, [entry], fields - hidden, whole=not hidden, observing=observing)
            self.register.was_masked(vendor.name, [entry], hidden)
            if observing:
                self.register.told(vendor.name, [entry], self.figures["cycles"])

    def _interrupted(self, trigger: str, vendor: SandboxVendor, call: Call) -> None:
        for interrupt in list(self._interrupts):
            if (interrupt.trigger, interrupt.number) != (trigger, self._counts[trigger]):
                continue
            self._interrupts.remove(interrupt)
            act = interrupt.act
            if interrupt.here:
                who = self.register.owner.get((vendor.name, call.record_id or ""))
                everyone = self.register.everyone
                act = replace(act, vendor=vendor.name, who=everyone.index(who) if who in everyone else act.who)
            self._people(perform(act, self.world, self.register, alone=True), act.vendor, " meanwhile")

    def _people(self, happened: str | None, vendor: str, when: str = "") -> None:
        if happened is not None:
            self.figures["edits"] += 1
            self.say(f"  somebody at {vendor}{when}: {happened}")


def _put_off(result: CycleResult) -> set[str]:
    """What waits until a time has passed."""
    return {text for text in result.waiting if "waits until" in text}


def _planned(result: CycleResult) -> _Planned:
    """The operations, but for their names: these say as well how the record was when it was looked at."""
    return sorted(
        (o.appointment, o.vendor, o.action, str(_surely(o.changes))) for o in (step.operation for step in result.steps)
    )


def _surely(changes: Changes) -> Changes:
    """Of a revival, the status: what people changed in a cancelled record is seen right before it, and told first."""
    old, new = changes.get(Field.STATUS, (None, None))
    revives = old is not None and not old.live and new.live
    return {Field.STATUS: (old, new)} if revives else changes


def _ids(vendor: SandboxVendor, answer: Answer) -> set[str]:
    """The records that a listing's answer shows: some vendors leave out what is cancelled, or long past."""
    found: set[str] = set()

    def note(rows: list[Row]) -> list[Row]:
        found.update(str(row.value.get("id") or row.value.get("_id")) for row in rows)
        return rows

    vendor.map_rows(answer.body, note)
    return found


def _is_cancellation(value: object) -> bool:
    """Whether a value of a conflict calls the appointment off: beside edits of another field, it names its own."""
    return value == "cancelled" or (isinstance(value, dict) and value.get("status") == "cancelled")

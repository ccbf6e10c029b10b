"""One cycle from beginning to end, dry or in earnest, and what follows from it within the same run.

A record that moved under an operation is read again and merged again, at most three times. A create without an answer is
looked for once more before the cycle ends; whether it is repeated is the next cycle's decision.
"""

from __future__ import annotations

import asyncio
from collections import abc
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from syncd.engine.apply import Applier
from syncd.engine.ledger import Ledger
from syncd.engine.observe import Listing, Observation, Observer
from syncd.engine.result import CycleResult, StepResult, VendorResult
from syncd.model.errors import Malformed, VendorError
from syncd.model.memory import Memory
from syncd.model.plan import Adopt, Conflict, Create, Outcome, Plan, Quarantined
from syncd.model.policy import Policy
from syncd.model.record import Absent, Complete, NotPolled, Partial, Record, Snapshot
from syncd.model.times import Window
from syncd.reconcile import reconcile
from syncd.vendors.port import Vendor

log = structlog.get_logger(__name__)

ROUNDS = 3
"""How often a record that moved is read and merged again within one cycle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The policy without its window, which each cycle takes from the clock."""

    policy: abc.Callable[[Window], Policy]
    past: timedelta
    future: timedelta
    interval: timedelta


@dataclass(slots=True)
class Engine:
    """Runs cycles over the given vendors. Clock, tokens and store come from outside, so that a simulation owns them.

    `token` gives a new unguessable text each time. `render` turns a result into the JSON text that the store keeps.
    """

    vendors: abc.Mapping[str, Vendor]
    rules: Rules
    ledger: Ledger
    clock: abc.Callable[[], datetime]
    token: abc.Callable[[], str]
    render: abc.Callable[[CycleResult], str]
    progress: abc.Callable[[str], None] | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    ignored: dict[tuple[str, str], tuple[bytes, datetime]] = field(default_factory=dict)
    writing: bool = False

    async def cycle(
        self,
        *,
        dry_run: bool = False,
        only: frozenset[str] | None = None,
        due: abc.Set[str] | None = None,
    ) -> CycleResult:
        """One cycle. A dry run reads alone. `only` carries out just these operations; `due` polls just these vendors,
        and the others too as soon as there is something to do.

        Raises state.StoreError where the store fails; never for a vendor.
        """
        run = _Run(self, self.token()[:12], self.clock(), dry_run)
        before = {name: vendor.traffic.requests for name, vendor in self.vendors.items()}
        if not dry_run:
            await self.ledger.start(run.id, run.started_at)
        observed = await self._observe(run, due)
        plan = reconcile(observed.snapshots, observed.memory, run.policy, run.started_at)
        if due is not None and _something_to_do(plan) and set(due) < set(self.vendors):
            observed = await self._observe(run, None)
            plan = reconcile(observed.snapshots, observed.memory, run.policy, run.started_at)
        planned = plan
        results: dict[str, StepResult] = {}
        if not dry_run:
            plan = plan if only is None else _restricted(plan, only)
            await self.ledger.begin(run.id, plan, observed.snapshots, observed.memory)
            self.writing = True
            try:
                results = await self._apply(run, plan, observed, remerge=only is None)
            finally:
                self.writing = False
        result = self._result(run, planned, plan, observed, results, before, only)
        if not dry_run:
            await self.ledger.finish(
                run.id,
                exit_code=result.exit_code,
                report=self.render(result),
                finished_at=result.finished_at,
                done_with=_done_with(plan, result) - run.unfinished,
            )
        return result

    async def _observe(self, run: _Run, due: abc.Set[str] | None) -> Observation:
        observer = Observer(
            self.vendors, self.ledger, self.clock, self.rules.interval, self.ignored, progress=self.progress
        )
        return await observer.observe(run.policy, due)

    async def _apply(self, run: _Run, plan: Plan, observed: Observation, *, remerge: bool) -> dict[str, StepResult]:
        applier = Applier(
            run.id, self.vendors, self.ledger, self.clock, self.token, self.stopping, progress=self.progress
        )
        await applier.carry_out(plan.operations)
        rounds = ROUNDS if remerge else 0
        while rounds and not self.stopping.is_set():
            stale = {r.operation.appointment for r in applier.results.values() if r.outcome is Outcome.STALE}
            if not stale:
                break
            rounds -= 1
            await self._merge_again(run, stale, observed, applier)
        await self._look_for_creates(run, observed, applier)
        return applier.results

    async def _merge_again(self, run: _Run, stale: abc.Set[str], observed: Observation, applier: Applier) -> None:
        """Read the records of appointments that moved under their operations, merge again, carry out what is left."""
        overview = await self.ledger.overview(list(self.vendors))
        memory = await self.ledger.memory(stale, overview)
        snapshots = await self._read_again(memory, observed.snapshots)
        again = reconcile(snapshots, memory, run.policy, run.started_at)
        again = replace(again, quarantined=())
        await self.ledger.amend(again, memory)
        for key in [k for k, r in applier.results.items() if r.outcome is Outcome.STALE]:
            if applier.results[key].operation.appointment in stale and _read(snapshots, applier.results[key]):
                run.overtaken[key] = applier.results.pop(key)
        run.conflicts += again.conflicts
        run.unfinished |= {outlook.id for outlook in again.outlooks if outlook.pending}
        applier.latest.clear()
        await applier.carry_out(again.operations)

    async def _read_again(
        self, memory: Memory, earlier: abc.Mapping[str, Snapshot]
    ) -> dict[str, Snapshot]:
        """Snapshots that hold nothing but the present records of these appointments."""
        records: dict[str, dict[str, Record]] = {name: {} for name in self.vendors}
        gone: dict[str, set[str]] = {name: set() for name in self.vendors}
        failed: set[str] = set()
        for known in memory.known:
            for mapping in known.mappings:
                if mapping.tombstone is not None or mapping.vendor not in self.vendors or mapping.vendor in failed:
                    continue
                try:
                    answer = await self.vendors[mapping.vendor].get(mapping.remote_id, mapping.base)
                except (VendorError, Malformed) as error:
                    log.warning("read_again_failed", vendor=mapping.vendor, error=str(error))
                    failed.add(mapping.vendor)
                    continue
                if isinstance(answer, Absent):
                    gone[mapping.vendor].add(mapping.remote_id)
                else:
                    records[mapping.vendor][mapping.remote_id] = replace(answer, raw=None, fingerprint=None)
        snapshots: dict[str, Snapshot] = {}
        for name, snapshot in earlier.items():
            if name in failed or not isinstance(snapshot, Complete | Partial):
                snapshots[name] = NotPolled(vendor=name)
                continue
            snapshots[name] = Partial(
                vendor=name,
                window=snapshot.window,
                started_at=snapshot.started_at,
                ended_at=self.clock(),
                records=records[name],
                gone=gone[name],
                listed=snapshot.listed,
                live=snapshot.live,
                clock_offset=snapshot.clock_offset,
                reason="only single records were read again",
            )
        return snapshots

    async def _look_for_creates(self, run: _Run, observed: Observation, applier: Applier) -> None:
        """List once more where a create got no answer, and adopt what it made."""
        unknown = [
            result
            for result in applier.results.values()
            if result.outcome is Outcome.UNKNOWN and isinstance(result.operation, Create)
        ]
        vendors = {result.operation.vendor for result in unknown}
        if not vendors or self.stopping.is_set():
            return
        fresh = await self._observe(run, vendors)
        wanted = {result.operation.appointment for result in unknown}
        overview = await self.ledger.overview(list(self.vendors))
        memory = await self.ledger.memory(wanted, overview)
        plan = reconcile(fresh.snapshots, memory, run.policy, run.started_at)
        found = {
            (o.appointment, o.vendor): o.remote_id
            for o in plan.operations
            if isinstance(o, Adopt) and o.appointment in wanted
        }
        adopted = {appointment for appointment, _ in found}
        outlooks = tuple(
            replace(outlook, settled=_settled_by_adoption(outlook.settled, memory, outlook.id, found))
            for outlook in plan.outlooks
            if outlook.id in adopted
        )
        await self.ledger.amend(Plan(outlooks=tuple(replace(o, pending=True) for o in outlooks)), memory)
        run.unfinished |= adopted
        for result in unknown:
            remote_id = found.get((result.operation.appointment, result.operation.vendor))
            if remote_id is not None:
                applier.results[result.operation.id] = replace(
                    result, outcome=Outcome.DONE, error="no answer came, but it is there", remote_id=remote_id
                )

    def _result(
        self,
        run: _Run,
        planned: Plan,
        plan: Plan,
        observed: Observation,
        results: abc.Mapping[str, StepResult],
        before: abc.Mapping[str, int],
        only: frozenset[str] | None,
    ) -> CycleResult:
        steps = [
            results.get(operation.id) or StepResult(operation=operation, outcome=Outcome.PLANNED)
            for operation in plan.operations
            if operation.id not in run.overtaken
        ]
        listed = {operation.id for operation in plan.operations}
        steps += [result for key, result in results.items() if key not in listed]
        steps += [StepResult(operation=h.operation, outcome=Outcome.HELD, error=h.reason) for h in plan.held]
        steps += [
            StepResult(operation=q.operation, outcome=Outcome.QUARANTINED, error=q.reason)
            for q in plan.quarantined
            if q.operation is not None and q.new
        ]
        fresh = tuple(
            Quarantined(
                vendor=step.operation.vendor,
                key=step.operation.id,
                reason=step.error or "",
                appointment=step.operation.appointment,
                remote_id=step.remote_id,
            )
            for step in results.values()
            if step.outcome is Outcome.QUARANTINED
        )
        waiting = [*plan.waiting, *observed.remarks]
        known = {operation.id for operation in planned.operations}
        return CycleResult(
            id=run.id,
            dry_run=run.dry,
            started_at=run.started_at,
            finished_at=self.clock(),
            vendors=tuple(self._vendor_results(observed, before)),
            steps=tuple(steps),
            conflicts=(*plan.conflicts, *run.conflicts),
            quarantined=(*plan.quarantined, *fresh),
            waiting=tuple(waiting),
            refused=frozenset() if only is None else only - known,
        )

    def _vendor_results(
        self, observed: Observation, before: abc.Mapping[str, int]
    ) -> abc.Iterator[VendorResult]:
        for name, vendor in self.vendors.items():
            snapshot = observed.snapshots[name]
            listing: Listing | None = observed.listings.get(name)
            if listing is None:
                continue
            words = {"Complete": "complete", "Partial": "partial", "Failed": "failed"}
            yield VendorResult(
                name=name,
                kind=vendor.kind,
                snapshot=words[type(snapshot).__name__],
                records=listing.present,
                requests=vendor.traffic.requests - before[name],
                error=listing.failure or listing.trouble,
                unread=len(listing.unread),
            )


@dataclass(slots=True)
class _Run:
    engine: Engine
    id: str
    started_at: datetime
    dry: bool
    overtaken: dict[str, StepResult] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    unfinished: set[str] = field(default_factory=set)

    @property
    def policy(self) -> Policy:
        rules = self.engine.rules
        return rules.policy(Window(since=self.started_at - rules.past, until=self.started_at + rules.future))


def _something_to_do(plan: Plan) -> bool:
    return bool(plan.operations or plan.held or any(outlook.pending for outlook in plan.outlooks))


def _restricted(plan: Plan, only: abc.Set[str]) -> Plan:
    """The plan with nothing but these operations (and adoptions, which send nothing)."""
    go = tuple(o for o in plan.operations if o.id in only or isinstance(o, Adopt))
    left_out = {o.appointment for o in plan.operations} - {o.appointment for o in go}
    outlooks = tuple(replace(o, pending=o.pending or o.id in left_out) for o in plan.outlooks)
    return replace(plan, operations=go, outlooks=outlooks)


def _read(snapshots: abc.Mapping[str, Snapshot], result: StepResult) -> bool:
    return isinstance(snapshots[result.operation.vendor], Complete | Partial)


def _settled_by_adoption(
    settled: tuple[str, ...], memory: Memory, appointment: str, found: abc.Mapping[tuple[str, str], str | None]
) -> tuple[str, ...]:
    """Of the settled creates those that were found; that one is *not* there is for the next cycle to say."""
    known = next(known for known in memory.known if known.id == appointment)
    return tuple(c.operation for c in known.unsettled if c.operation in settled and (appointment, c.vendor) in found)


def _done_with(plan: Plan, result: CycleResult) -> set[str]:
    """Appointments of this plan that need no further look: everything of theirs was done."""
    open_ones = {
        step.operation.appointment for step in result.steps if step.outcome is not Outcome.DONE
    }
    waiting = {outlook.id for outlook in plan.outlooks if outlook.pending}
    return {outlook.id for outlook in plan.outlooks} - open_ones - waiting

"""One cycle from beginning to end, dry or in earnest, and what follows from it within the same run.

A record that moved under an operation is read again and merged again, at most three times. A create without an answer
is looked for once more before the cycle ends; whether it is repeated is the next cycle's decision.
"""

from __future__ import annotations

import asyncio
from collections import abc
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from syncd.engine.follow_up import FollowUp, FollowUpResult
from syncd.engine.read.listing import Listing, ListingCache, keep_unlinked, owners_seen
from syncd.engine.read.observe import Observation, Observer
from syncd.engine.read.stragglers import Stragglers
from syncd.engine.result import CycleResult, StepResult, VendorResult
from syncd.engine.store.ledger import Ledger
from syncd.engine.store.rows import Remembered
from syncd.engine.write.apply import Applier
from syncd.engine.write.owing import Owing
from syncd.model.plan import Adopt, Conflict, Held, Outcome, Plan, Quarantined
from syncd.model.policy import Policy
from syncd.model.record import Complete
from syncd.model.times import Window
from syncd.reconcile import reconcile
from syncd.vendors.port import Vendor

log = structlog.get_logger(__name__)

ROUNDS = 3
"""How often a record that moved is read and merged again within one cycle."""

_STEPS = 20
"""So many short transactions at most forget what is over, at the end of one cycle."""

Chosen = abc.Mapping[str, tuple[str, str]]
"""Operations of an earlier plan: their ids, each with its appointment and its vendor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The policy without its window, which each cycle takes from the clock. What is over is kept
    for `keep`.
    """

    policy: abc.Callable[[Window], Policy]
    past: timedelta
    future: timedelta
    interval: timedelta
    keep: timedelta = timedelta(days=400)


@dataclass(slots=True)
class Engine:
    """Runs cycles over the given vendors. Clock, tokens and store come from outside, so that a simulation owns them.

    `token` gives a new unguessable text each time. `render` turns a result into the JSON text that the store keeps.
    A process that runs cycles one after another leaves slow listings to go on beside them (`stragglers`).
    """

    vendors: abc.Mapping[str, Vendor]
    rules: Rules
    ledger: Ledger
    clock: abc.Callable[[], datetime]
    token: abc.Callable[[], str]
    render: abc.Callable[[CycleResult], str]
    progress: abc.Callable[[str], None] | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    recalls: dict[str, ListingCache] = field(default_factory=dict)
    writing: bool = False
    remembered: dict[str, Remembered] = field(default_factory=dict)
    stragglers: Stragglers | None = None

    async def cycle(
        self,
        *,
        dry_run: bool = False,
        only: Chosen | None = None,
        due: abc.Set[str] | None = None,
    ) -> CycleResult:
        """One cycle. A dry run reads alone. `only` carries out just these operations, and
        none of an appointment whose records have moved since they were chosen; `due` polls just these vendors,
        and the others too as soon as there is something to do.

        Raises syncd_state.StoreError where the store fails; never for a vendor.
        """
        run = _Run(self, self.token()[:12], self.clock(), dry_run, Owing(self.ledger))
        before = {name: vendor.traffic.requests for name, vendor in self.vendors.items()}
        await self._recall()
        if not dry_run:
            await self.ledger.start(run.id, run.started_at)
            await self._make_up(run)
        observed, planned = await self._plan(run, due)
        plan = planned
        results: dict[str, StepResult] = {}
        if not dry_run:
            plan = _restricted(planned, only)
            while not await self.ledger.begin(run.id, plan, observed.snapshots, observed.memory, planned):
                log.info("decided_meanwhile")
                observed, planned = await self._plan(run, None)
                plan = _restricted(planned, only)
        self.writing = not dry_run
        try:
            if not dry_run:
                results = await self._apply(run, plan, observed, remerge=only is None)
            result = self._result(run, planned, plan, observed, results, before, only)
            asked, left = await self.ledger.questions()
            result = replace(result, open_conflicts=asked, differences=left)
            if not dry_run:
                await self.ledger.finish(
                    run.id,
                    exit_code=result.exit_code,
                    report=self.render(result),
                    finished_at=result.finished_at,
                    done_with=_done_with(plan, result) - run.unfinished,
                    remembered=self._remember(observed),
                    news=result.news,
                )
                await self._forget(run, observed)
        finally:
            self.writing = False
        return result

    async def _make_up(self, run: _Run, closed: abc.Container[str] = ()) -> list[str]:
        """Give back what writes took from records; sentences on what is left."""
        policy = run.policy
        open_ones = [
            vendor for name, vendor in self.vendors.items() if name not in closed and not policy.traits(name).read_only
        ]
        return await run.owing.make_up(open_ones)

    async def _recall(self) -> None:
        """Give the vendors what earlier processes left for them."""
        if self.remembered:
            return
        self.remembered = await self.ledger.remembered(self.vendors)
        for name, kept in self.remembered.items():
            if kept.memory:
                self.vendors[name].recall(kept.memory)

    def _remember(self, observed: Observation) -> dict[str, Remembered]:
        """What differs from what was kept before, of the vendors that were polled."""
        now = {
            name: Remembered(
                memory=vendor.memory(),
                noticed=frozenset(notice.key for notice in vendor.notices() if notice.grave),
            )
            for name, vendor in self.vendors.items()
            if name in observed.listings
        }
        changed = {name: kept for name, kept in now.items() if kept != self.remembered[name]}
        self.remembered.update(changed)
        return changed

    async def _forget(self, run: _Run, observed: Observation) -> None:
        """Forget what has been over for long enough, step by step; what is left is for the next
        cycle.
        """
        if not _clock_is_confirmed(observed):
            return
        kept, gone = owners_seen(observed.listings.values()), 0
        for _ in range(_STEPS):
            if self.stopping.is_set():
                break
            step = await self.ledger.forget(run.started_at - self.rules.keep, kept)
            gone += step.appointments
            if not step.more:
                break
        if gone:
            log.info("forgotten", cycle=run.id, appointments=gone)

    async def _plan(self, run: _Run, due: abc.Set[str] | None) -> tuple[Observation, Plan]:
        observed = await self._observe(run, due)
        plan = reconcile(observed.snapshots, observed.memory, run.policy, run.started_at)
        if due is not None and _something_to_do(plan) and set(due) < set(self.vendors):
            return await self._plan(run, None)
        for listing in observed.listings.values():
            keep_unlinked(listing, plan.quarantined)
        return observed, plan

    async def _observe(self, run: _Run, due: abc.Set[str] | None) -> Observation:
        observer = Observer(
            self.vendors,
            self.ledger,
            self.clock,
            self.rules.interval,
            self.recalls,
            progress=self.progress,
            stragglers=self.stragglers,
        )
        return await observer.observe(run.policy, due)

    async def _apply(self, run: _Run, plan: Plan, observed: Observation, *, remerge: bool) -> dict[str, StepResult]:
        applier = Applier(
            run.id,
            self.vendors,
            self.ledger,
            self.clock,
            self.token,
            self.stopping,
            run.owing,
            progress=self.progress,
        )
        again = FollowUp(
            self.vendors, self.ledger, self.clock, run.policy, run.started_at, lambda due: self._observe(run, due)
        )
        try:
            await self._carry_out(run, plan, observed, applier, again, remerge=remerge)
        except asyncio.CancelledError:
            if not self.stopping.is_set():
                raise
            applier.give_up()  # what was done is reported all the same
        return applier.results

    async def _carry_out(
        self, run: _Run, plan: Plan, observed: Observation, applier: Applier, again: FollowUp, *, remerge: bool
    ) -> None:
        await applier.carry_out(plan.operations)
        rounds = ROUNDS if remerge else 0
        while rounds and not self.stopping.is_set():
            stale = {r.operation.appointment for r in applier.results.values() if r.outcome is Outcome.STALE}
            stale |= {appointment for appointment, _, _ in applier.glimpsed}
            if not stale:
                break
            rounds -= 1
            run.note(await again.merge(stale, observed, applier))
        run.note(await again.look_for_creates(applier))
        if not self.stopping.is_set():
            run.left = await self._make_up(run, applier.shut)

    def _result(
        self,
        run: _Run,
        planned: Plan,
        plan: Plan,
        observed: Observation,
        results: abc.Mapping[str, StepResult],
        before: abc.Mapping[str, int],
        only: Chosen | None,
    ) -> CycleResult:
        steps = [
            results.get(operation.id) or StepResult(operation=operation, outcome=Outcome.PLANNED)
            for operation in plan.operations
            if operation.id not in run.overtaken
        ]
        listed = {operation.id for operation in plan.operations}
        steps += [result for key, result in results.items() if key not in listed]
        held = (*plan.held, *run.held)
        steps += [StepResult(operation=h.operation, outcome=Outcome.HELD, error=h.reason) for h in held]
        steps += [
            StepResult(operation=q.operation, outcome=Outcome.QUARANTINED, error=q.reason)
            for q in (*plan.quarantined, *run.quarantined)
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
        waiting = [*plan.waiting, *run.waiting, *observed.remarks, *run.left, *run.owing.remarks]
        known = {operation.id for operation in planned.operations} | {held.operation.id for held in planned.held}
        return CycleResult(
            id=run.id,
            dry_run=run.dry,
            started_at=run.started_at,
            finished_at=self.clock(),
            vendors=tuple(self._vendor_results(observed, before)),
            steps=tuple(steps),
            conflicts=(*plan.conflicts, *run.conflicts),
            quarantined=(*plan.quarantined, *run.quarantined, *fresh),
            waiting=tuple(dict.fromkeys(waiting)),
            owing=bool(run.left or run.owing.remarks),
            unanswered=plan.unanswered,
            remarks=(*plan.remarks, *run.remarks),
            refused=frozenset() if only is None else frozenset(only.keys() - known) | _of_moved(planned, only),
        )

    def _vendor_results(self, observed: Observation, before: abc.Mapping[str, int]) -> abc.Iterator[VendorResult]:
        for name, vendor in self.vendors.items():
            snapshot = observed.snapshots[name]
            listing: Listing | None = observed.listings.get(name)
            if listing is None:
                continue
            notices = vendor.notices()
            seen = self.remembered[name].noticed
            alarming = "; ".join(one.text for one in notices if one.grave and one.key not in seen)
            words = {"Complete": "complete", "Partial": "partial", "Failed": "failed"}
            yield VendorResult(
                name=name,
                kind=vendor.kind,
                snapshot=words[type(snapshot).__name__],
                records=listing.present,
                requests=vendor.traffic.requests - before[name],
                error=listing.failure or listing.trouble or alarming or None,
                unread=len(listing.unread),
                notices=tuple(notice.text for notice in notices),
            )


@dataclass(slots=True)
class _Run:
    engine: Engine
    id: str
    started_at: datetime
    dry: bool
    owing: Owing
    left: list[str] = field(default_factory=list)
    overtaken: dict[str, StepResult] = field(default_factory=dict)
    unfinished: set[str] = field(default_factory=set)
    conflicts: tuple[Conflict, ...] = ()
    held: tuple[Held, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    waiting: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def note(self, news: FollowUpResult) -> None:
        """Take in what a follow-up came to."""
        self.overtaken |= news.overtaken
        self.unfinished |= news.unfinished
        self.conflicts += news.conflicts
        self.held += news.held
        self.quarantined += news.quarantined
        self.waiting += news.waiting
        self.remarks += news.remarks

    @property
    def policy(self) -> Policy:
        rules = self.engine.rules
        return rules.policy(Window(since=self.started_at - rules.past, until=self.started_at + rules.future))


def _clock_is_confirmed(observed: Observation) -> bool:
    """Whether a vendor that was wholly read has told a time that agrees with the system's clock to
    a day.

    By a clock that runs years ahead what is to come looks long over.
    """
    read = [one for one in observed.snapshots.values() if isinstance(one, Complete)]
    return any(one.clock_offset is not None for one in read)


def _something_to_do(plan: Plan) -> bool:
    return bool(plan.operations or plan.held or any(next_state.needs_another_cycle for next_state in plan.next_states))


def _restricted(plan: Plan, only: Chosen | None) -> Plan:
    """The plan with nothing but these operations (and adoptions, which send nothing); None: the whole of it."""
    if only is None:
        return plan
    chosen = only.keys() - _of_moved(plan, only)
    go = tuple(o for o in plan.operations if o.id in chosen or isinstance(o, Adopt))
    left_out = {o.appointment for o in plan.operations if o.id not in chosen and not isinstance(o, Adopt)}
    next_states = tuple(
        replace(o, needs_another_cycle=o.needs_another_cycle or o.id in left_out) for o in plan.next_states
    )
    return replace(plan, operations=go, next_states=next_states)


def _of_moved(plan: Plan, only: Chosen) -> frozenset[str]:
    """The chosen operations of appointments for which now another one is planned at the same vendor."""
    now = (*plan.operations, *(held.operation for held in plan.held))
    targets = set(only.values())
    moved = {o.appointment for o in now if o.id not in only and (o.appointment, o.vendor) in targets}
    return frozenset(key for key, (appointment, _) in only.items() if appointment in moved)


def _done_with(plan: Plan, result: CycleResult) -> set[str]:
    """Appointments of this plan that need no further look: everything of theirs was done."""
    open_ones = {step.operation.appointment for step in result.steps if step.outcome is not Outcome.DONE}
    waiting = {next_state.id for next_state in plan.next_states if next_state.needs_another_cycle}
    return {next_state.id for next_state in plan.next_states} - open_ones - waiting

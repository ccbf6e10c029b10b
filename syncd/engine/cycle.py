"""One cycle from beginning to end, dry or in earnest, and what follows from it within the same run.

A record that moved under an operation is read again and merged again, at most three times. A create
without an answer is looked for once more before the cycle ends; whether it is repeated is the next
cycle's decision.
"""

from __future__ import annotations

import asyncio
from collections import abc
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.compare.phones import at_home_in
from syncd.engine.follow_up import FollowUp
from syncd.engine.permitted import Chosen, restricted
from syncd.engine.read.accounts import Accounts
from syncd.engine.read.listing import ListingCache, keep_unlinked
from syncd.engine.read.observe import Observation, Observer
from syncd.engine.read.snapshot import owners_seen
from syncd.engine.read.stragglers import Stragglers
from syncd.engine.result import CycleResult
from syncd.engine.store.accounts import AccountBook
from syncd.engine.store.conflicts import questions_of
from syncd.engine.store.ledger import Ledger
from syncd.engine.store.rows import Remembered
from syncd.engine.tally import Decision, Tally
from syncd.engine.write.apply import Applier
from syncd.engine.write.blocks import carry_out_blocks
from syncd.engine.write.journal import Journal
from syncd.engine.write.owing import Owing
from syncd.engine.write.standing import Standing
from syncd.logs.lean import structlog
from syncd.model.plan import Plan
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The policy without its window, which each cycle takes from the clock.

    What is over is kept for `keep`.
    """

    policy: abc.Callable[[Window], Policy]
    past: timedelta
    future: timedelta
    interval: timedelta
    keep: timedelta = timedelta(days=400)

    def at(self, moment: datetime) -> Policy:
        """The policy of a cycle that starts then."""
        return self.policy(Window(since=moment - self.past, until=moment + self.future))


@dataclass(slots=True)
class Engine:
    """Runs cycles over the given vendors. Clock, tokens and store come from outside, so that a
    simulation owns them.

    `token` gives a new unguessable text each time. `render` turns a result into the JSON text that
    the store keeps. A process that runs cycles one after another leaves slow listings to go on
    beside them (`stragglers`).
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
    accounts: Accounts = field(init=False)

    def __post_init__(self) -> None:
        self.accounts = Accounts(self.vendors, AccountBook(self.ledger), self.token)

    async def cycle(
        self,
        *,
        dry_run: bool = False,
        only: Chosen | None = None,
        due: abc.Set[str] | None = None,
    ) -> CycleResult:
        """One cycle. A dry run reads alone. `only` carries out just these operations, and none of
        an appointment whose records have moved since they were chosen; `due` polls just these
        vendors, and the others too as soon as there is something to do.

        Raises syncd_state.StoreError where the store fails; never for a vendor.
        """
        now = self.clock()
        policy = self.rules.at(now)
        with at_home_in(policy.region):  # also where vendors and writes compare people
            return await self._cycle(policy, now, dry_run, only, due)

    async def _cycle(
        self,
        policy: Policy,
        now: datetime,
        dry_run: bool,
        only: Chosen | None,
        due: abc.Set[str] | None,
    ) -> CycleResult:
        requests = {name: vendor.traffic.requests for name, vendor in self.vendors.items()}
        cycle = self.token()[:12]
        observer, applier = self._observer(policy), self._applier(cycle, policy)
        tally = Tally(cycle, now, dry_run, only, requests, observer, applier)
        await self._recall()
        observer.closed = await self.accounts.doubts(keep=not dry_run)
        if dry_run:
            decision = await self._decide(tally, due)
            return await self._result(tally, decision)
        await self.ledger.start(tally.id, tally.started_at)
        # First of all: what a crash left switched off is a reminder that a client does not get.
        await self._make_up(tally)
        decision = await self._begin(tally, due)
        # From here on a stop waits for what is under way.
        self.writing = True
        try:
            await self._apply(tally, decision)
            result = await self._result(tally, decision)
            await self.ledger.finish(
                tally.id,
                exit_code=result.exit_code,
                report=self.render(result),
                finished_at=result.finished_at,
                done_with=tally.done_with(decision, result),
                remembered=self._remember(decision.observed),
                news=result.news,
            )
            await self._forget(tally, decision.observed)
        finally:
            self.writing = False
        return result

    async def _begin(self, tally: Tally, due: abc.Set[str] | None) -> Decision:
        """Read and decide until that can be begun: an operator may decide a conflict meanwhile."""
        decision = await self._decide(tally, due)
        while not await self.ledger.begin(
            tally.id,
            decision.plan,
            decision.observed.snapshots,
            decision.observed.memory,
            decision.whole,
        ):
            log.info("decided_meanwhile")
            # All vendors, whichever were due: what was decided concerns any of them.
            decision = await self._decide(tally, None)
        return decision

    async def _result(self, tally: Tally, decision: Decision) -> CycleResult:
        questions = await self.ledger.read(questions_of)
        return tally.result(decision, self.remembered, questions)

    async def _make_up(self, tally: Tally) -> list[str]:
        """Give back what writes took from records; sentences on what is left."""
        # The ids of a vendor that is closed may be another account's.
        shut, policy = {*tally.applier.shut, *tally.observer.closed}, tally.observer.policy
        open_ones = [
            vendor
            for name, vendor in self.vendors.items()
            if name not in shut and not policy.traits(name).read_only
        ]
        return await tally.applier.owing.make_up(open_ones)

    async def _recall(self) -> None:
        """Give the vendors what earlier processes left for them."""
        if self.remembered:
            return
        self.remembered = await self.ledger.remembered(self.vendors)
        for name, kept in self.remembered.items():
            # Before the first request, as it may save some.
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

    async def _forget(self, tally: Tally, observed: Observation) -> None:
        """Forget what has been over for long enough, step by step; what is left is for the next
        cycle.
        """
        if not _clock_is_confirmed(observed):
            return
        # Of what a listing has just shown something may come yet.
        kept, gone = owners_seen(observed.listings.values()), 0
        for _ in range(_STEPS):
            if self.stopping.is_set():
                break
            step = await self.ledger.forget(tally.started_at - self.rules.keep, kept)
            gone += step.appointments
            if not step.more:
                break
        if gone:
            log.info("forgotten", cycle=tally.id, appointments=gone)

    async def _decide(self, tally: Tally, due: abc.Set[str] | None) -> Decision:
        policy, now = tally.observer.policy, tally.started_at
        observed = await tally.observer.observe(due)
        plan = reconcile(observed.snapshots, observed.memory, policy, now)
        if due is not None and set(due) < set(self.vendors) and _something_to_do(plan):
            # A write rests on what every vendor has; what was listed a moment ago is not listed
            # again for that.
            observed = await tally.observer.observe(None, observed.listings.values())
            plan = reconcile(observed.snapshots, observed.memory, policy, now)
        # Only the plan knows which of its records nobody could link.
        for listing in observed.listings.values():
            keep_unlinked(listing, plan.quarantined)
        return Decision(observed, plan, restricted(plan, tally.only))

    def _observer(self, policy: Policy) -> Observer:
        return Observer(
            self.vendors,
            self.ledger,
            self.clock,
            policy,
            self.rules.interval,
            self.recalls,
            progress=self.progress,
            stragglers=self.stragglers,
        )

    def _applier(self, cycle: str, policy: Policy) -> Applier:
        return Applier(
            self.vendors,
            Journal(cycle, self.ledger, self.token, self.clock),
            self.stopping,
            Owing(self.ledger),
            Standing(self.ledger),
            policy.window.until,
            progress=self.progress,
        )

    async def _apply(self, tally: Tally, decision: Decision) -> None:
        try:
            await self._carry_out(tally, decision)
        except asyncio.CancelledError:
            if not self.stopping.is_set():
                raise
            tally.applier.give_up()  # what was done is reported all the same

    async def _carry_out(self, tally: Tally, decision: Decision) -> None:
        applier = tally.applier
        again = FollowUp(tally.observer, tally.started_at)
        applier.standing.take(decision.observed.snapshots)
        await applier.carry_out(decision.plan.operations)
        # Who chose operations has read those, and nothing that a second merge would make of them.
        rounds = ROUNDS if tally.only is None else 0
        while rounds and applier.moved and not self.stopping.is_set():
            rounds -= 1
            plan = await again.merge(applier.moved, decision.observed, applier)
            tally.follow_ups.append(plan)
        # After a stop it looks for nothing, and its plan is empty.
        tally.follow_ups.append(await again.look_for_creates(applier))
        if not self.stopping.is_set():
            seen = decision.observed
            await carry_out_blocks(
                decision.plan.blocks, seen.snapshots, seen.memory, applier, self.ledger
            )
            tally.left += await self._make_up(tally)


def _clock_is_confirmed(observed: Observation) -> bool:
    """Whether a vendor that was wholly read has told a time that agrees with the system's clock to
    a day.

    By a clock that runs years ahead what is to come looks long over.
    """
    read = [one for one in observed.snapshots.values() if isinstance(one, Complete)]
    return any(one.clock_offset is not None for one in read)


def _something_to_do(plan: Plan) -> bool:
    waits = any(next_state.needs_another_cycle for next_state in plan.next_states)
    return bool(plan.operations or plan.blocks or plan.held or waits)

"""What a cycle has done so far, and the result that this comes to, for report and exit code."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import TypeVar

from syncd.engine.chosen import Chosen, refused, restricted
from syncd.engine.read.observe import Observation
from syncd.engine.result import CycleResult, StepResult, VendorResult
from syncd.engine.store.conflicts import Questions
from syncd.engine.store.rows import Remembered
from syncd.engine.write.apply import Applier
from syncd.model.plan import Outcome, Plan, Quarantined
from syncd.model.policy import Policy
from syncd.model.record import Complete, Partial, Snapshot
from syncd.vendors.port import Vendor

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Decision:
    """What was read, and what follows: `whole` is all of it, `plan` what this cycle carries out."""

    observed: Observation
    whole: Plan
    plan: Plan


@dataclass(slots=True)
class Tally:
    """One cycle's doings. `requests` is how many each vendor had been sent before.

    Of what is planned `only` these operations are carried out, if an operator chose some. `applier`
    carries out its operations; in a dry run it is never asked to. `follow_ups` are the plans of its
    follow-ups, in their order; `left` sentences on what records are owed still.
    """

    id: str
    started_at: datetime
    policy: Policy
    dry_run: bool
    only: Chosen | None
    requests: abc.Mapping[str, int]
    applier: Applier
    follow_ups: list[Plan] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def decision(self, observed: Observation, plan: Plan) -> Decision:
        """What follows from a reading in this cycle."""
        return Decision(observed, plan, restricted(plan, self.only))

    def followed_up(self, plan: Plan) -> None:
        """A follow-up came to this plan."""
        self.follow_ups.append(plan)

    def owes(self, left: abc.Iterable[str]) -> None:
        """What records are owed when the cycle ends, in sentences."""
        self.left.extend(left)

    def result(
        self,
        decision: Decision,
        vendors: abc.Iterable[VendorResult],
        questions: Questions,
        now: datetime,
    ) -> CycleResult:
        """What the cycle came to."""
        plans = (decision.plan, *self.follow_ups)
        left_alone = _all(plan.quarantined for plan in plans)
        # What a plan left alone was refused before; what a vendor refused just now is in no plan.
        refused_now = [_left_alone(one) for one in self.applier.ending(Outcome.QUARANTINED)]
        owed = (*self.left, *self.applier.owing.remarks)
        waiting = (*_all(plan.waiting for plan in plans), *decision.observed.remarks, *owed)
        return CycleResult(
            id=self.id,
            dry_run=self.dry_run,
            started_at=self.started_at,
            finished_at=now,
            vendors=tuple(vendors),
            steps=tuple(self._steps(plans)),
            conflicts=_all(plan.conflicts for plan in plans),
            quarantined=(*left_alone, *refused_now),
            waiting=tuple(dict.fromkeys(waiting)),
            owing=bool(owed),
            unanswered=decision.plan.unanswered,
            remarks=tuple(dict.fromkeys(_all(plan.remarks for plan in plans))),
            refused=refused(decision.whole, self.only),
            open_conflicts=questions.asked,
            differences=questions.left,
            shifted=decision.plan.shifted,
        )

    def done_with(self, decision: Decision, result: CycleResult) -> set[str]:
        """Ids of the appointments that need no further look: everything of theirs was done."""
        # A follow-up may find that an appointment has to wait which the plan was done with.
        states = _all(plan.next_states for plan in (decision.plan, *self.follow_ups))
        open_ones = {
            step.operation.appointment for step in result.steps if step.outcome is not Outcome.DONE
        }
        waiting = {state.id for state in states if state.needs_another_cycle}
        return {state.id for state in decision.plan.next_states} - open_ones - waiting

    def _steps(self, plans: abc.Sequence[Plan]) -> abc.Iterator[StepResult]:
        """What became of planned operations, in order; then of follow-ups'; then what is left."""
        results = dict(self.applier.results)
        for operation in plans[0].operations:
            if operation.id in results:
                yield results.pop(operation.id)
            elif operation.id not in self.applier.overtaken:
                yield StepResult(operation=operation, outcome=Outcome.PLANNED)
        yield from results.values()  # what follow-ups put in the place of others
        for held in _all(plan.held for plan in plans):
            yield StepResult(operation=held.operation, outcome=Outcome.HELD, error=held.reason)
        # Of what was in quarantine before, the first report said so.
        for entry in _all(plan.quarantined for plan in plans):
            if entry.operation is not None and entry.new:
                yield StepResult(
                    operation=entry.operation, outcome=Outcome.QUARANTINED, error=entry.reason
                )


def vendor_results(
    vendors: abc.Mapping[str, Vendor],
    observed: Observation,
    requests: abc.Mapping[str, int],
    remembered: abc.Mapping[str, Remembered],
) -> abc.Iterator[VendorResult]:
    """How each vendor that was listed was read. `requests` is how many each had been sent before
    the cycle.

    `remembered` holds the grave notices that an earlier cycle has given: those are no error of this
    one.
    """
    for name, vendor in vendors.items():
        listing = observed.listings.get(name)
        if listing is None:
            continue
        notices = vendor.notices()
        told = remembered[name].noticed
        alarming = "; ".join(
            notice.text for notice in notices if notice.grave and notice.key not in told
        )
        yield VendorResult(
            name=name,
            kind=vendor.kind,
            snapshot=_word(observed.snapshots[name]),
            records=listing.present,
            requests=vendor.traffic.requests - requests[name],
            error=listing.failure or listing.trouble or alarming or None,
            unread=len(listing.unread),
            notices=tuple(notice.text for notice in notices),
        )


def _word(snapshot: Snapshot) -> str:
    """How the report says how much of a vendor was read."""
    match snapshot:
        case Complete():
            return "complete"
        case Partial():
            return "partial"
        case _:
            return "failed"


def _left_alone(step: StepResult) -> Quarantined:
    """An operation that its vendor refused in this cycle, as what is in quarantine now."""
    operation = step.operation
    return Quarantined(
        vendor=operation.vendor,
        key=operation.id,
        reason=step.error or "",
        appointment=operation.appointment,
        remote_id=step.remote_id,
    )


def _all(parts: abc.Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(chain.from_iterable(parts))

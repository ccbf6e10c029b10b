"""What a cycle has done so far, and the result that this comes to, for report and exit code."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import TypeVar

from syncd.engine.permitted import Chosen, refused
from syncd.engine.read.observe import Observation, Observer
from syncd.engine.result import CycleResult, StepResult, VendorResult
from syncd.engine.store.conflicts import Questions
from syncd.engine.store.rows import Remembered
from syncd.engine.write.apply import Applier
from syncd.model.plan import Outcome, Plan, Quarantined
from syncd.model.record import Complete, Partial

T = TypeVar("T")

_READ: abc.Mapping[type, str] = {Complete: "complete", Partial: "partial"}
"""How the report says how much of a vendor was read."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was read, and what follows: `whole` is all of it, `plan` what this cycle carries out."""

    observed: Observation
    whole: Plan
    plan: Plan


@dataclass(slots=True)
class Tally:
    """One cycle's doings. `requests` is how many each vendor had been sent before.

    Of what is planned `only` these operations are carried out, if an operator chose some. The
    `observer` reads for it; the `applier` carries out its operations, and is never asked to in a
    dry run. `follow_ups` are the plans of its follow-ups, in their order; `left` sentences on what
    records are owed when it ends.
    """

    id: str
    started_at: datetime
    dry_run: bool
    only: Chosen | None
    requests: abc.Mapping[str, int]
    observer: Observer
    applier: Applier
    follow_ups: list[Plan] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def result(
        self, decision: Decision, remembered: abc.Mapping[str, Remembered], questions: Questions
    ) -> CycleResult:
        """What the cycle came to.

        `remembered` holds the grave notices that an earlier cycle has given: those are no error of
        this one.
        """
        plans = (decision.plan, *self.follow_ups)
        left_alone = _all(plan.quarantined for plan in plans)
        # What a plan left alone was refused before; what a vendor refused just now is in no plan.
        refused_now = [
            Quarantined(
                vendor=step.operation.vendor,
                key=step.operation.id,
                reason=step.error or "",
                appointment=step.operation.appointment,
                remote_id=step.remote_id,
            )
            for step in self.applier.ending(Outcome.QUARANTINED)
        ]
        owed = (*self.left, *self.applier.owing.remarks)
        waiting = (*_all(plan.waiting for plan in plans), *decision.observed.remarks, *owed)
        return CycleResult(
            id=self.id,
            dry_run=self.dry_run,
            started_at=self.started_at,
            finished_at=self.observer.clock(),
            vendors=tuple(self._vendors(decision.observed, remembered)),
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
        # Planned and not come to, held, refused, unknown: each is a reason to look again.
        open_ones = {
            step.operation.appointment for step in result.steps if step.outcome is not Outcome.DONE
        }
        waiting = {state.id for state in states if state.needs_another_cycle}
        return {state.id for state in decision.plan.next_states} - open_ones - waiting

    def _vendors(
        self, observed: Observation, remembered: abc.Mapping[str, Remembered]
    ) -> abc.Iterator[VendorResult]:
        """How each vendor that was listed was read."""
        for name, vendor in self.observer.vendors.items():
            listing = observed.listings.get(name)
            if listing is None:
                continue
            notices = vendor.notices()
            # What was grave in an earlier cycle, and said so, makes none after it fail.
            told = remembered[name].noticed
            alarming = "; ".join(
                notice.text for notice in notices if notice.grave and notice.key not in told
            )
            yield VendorResult(
                name=name,
                kind=vendor.kind,
                snapshot=_READ.get(type(observed.snapshots[name]), "failed"),
                records=listing.present,
                requests=vendor.traffic.requests - self.requests[name],
                error=listing.failure or listing.trouble or alarming or None,
                unread=len(listing.unread),
                notices=tuple(notice.text for notice in notices),
            )

    def _steps(self, plans: abc.Sequence[Plan]) -> abc.Iterator[StepResult]:
        """What became of planned operations, in order; then of follow-ups'; then what is left."""
        yield from self._carried_out(plans[0])
        for held in _all(plan.held for plan in plans):
            yield StepResult(
                operation=held.operation,
                outcome=Outcome.HELD,
                error=held.reason,
                summary=held.summary,
            )
        # Of what was in quarantine before, the first report said so.
        for entry in _all(plan.quarantined for plan in plans):
            if entry.operation is not None and entry.new:
                yield StepResult(
                    operation=entry.operation, outcome=Outcome.QUARANTINED, error=entry.reason
                )

    def _carried_out(self, first: Plan) -> abc.Iterator[StepResult]:
        """What became of the operations of the first plan, and of what follow-ups did."""
        results = dict(self.applier.results)
        for operation in (*first.operations, *first.blocks):
            if operation.id in results:
                yield results.pop(operation.id)
            elif operation.id not in self.applier.overtaken:
                yield StepResult(operation=operation, outcome=Outcome.PLANNED)
        yield from results.values()  # what follow-ups put in the place of others


def _all(parts: abc.Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(chain.from_iterable(parts))

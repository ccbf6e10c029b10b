"""What a cycle came to: the values that a report shows and an exit code is told from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from syncd.compare.identity import digest, plain
from syncd.model.plan import Action, Conflict, Outcome, Quarantined, Step

EXIT_OK = 0
EXIT_PARTLY = 3
EXIT_HELD = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorResult:
    """How one vendor was read. `snapshot` is complete, partial or failed; `error` says why not
    complete.

    `notices` are what an operator should know of the vendor; one that is grave and new is the
    `error` as well.
    """

    name: str
    kind: str
    snapshot: str
    records: int
    requests: int
    error: str | None = None
    unread: int = 0
    notices: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Whether it was wholly read, and there is nothing grave to say of it."""
        return self.snapshot == "complete" and not self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """One operation and what became of it.

    `summary` is one line by which an operator recognises its appointment: the operation's own, or
    where it is held one that says the time by a clock on the wall as well.
    """

    operation: Step
    outcome: Outcome
    error: str | None = None
    remote_id: str | None = None
    summary: str = ""

    def __post_init__(self) -> None:
        if not self.summary:
            object.__setattr__(self, "summary", self.operation.summary)


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleResult:
    """One cycle, or a dry run of it. `refused` are operations of a saved plan that no longer fit.

    `owing` says that what a write took from a record could not be given back yet, `unanswered` that
    something waits for what an earlier write came to, whose answer was lost; one of `waiting` tells
    which. `open_conflicts` and `differences` are how many wait for a person when the cycle ends,
    and how many texts are left as they were linked. `shifted` are the vendors whose zone changed:
    nothing is written there until somebody says whose times are right.

    Its `repr` leaves out what may be long and names clients: asyncio makes one of every finished
    task's result.
    """

    id: str
    dry_run: bool
    started_at: datetime
    finished_at: datetime
    vendors: tuple[VendorResult, ...]
    steps: tuple[StepResult, ...] = field(repr=False)
    conflicts: tuple[Conflict, ...] = field(default=(), repr=False)
    quarantined: tuple[Quarantined, ...] = field(default=(), repr=False)
    waiting: tuple[str, ...] = ()
    owing: bool = False
    unanswered: bool = False
    remarks: tuple[str, ...] = field(default=(), repr=False)
    refused: frozenset[str] = frozenset()
    open_conflicts: int = 0
    differences: int = 0
    shifted: frozenset[str] = frozenset()

    @property
    def unwell(self) -> list[VendorResult]:
        """The vendors that were not wholly read, or of which there is something grave to say."""
        return [one for one in self.vendors if not one.well]

    @property
    def left_alone(self) -> list[Quarantined]:
        """What is in quarantine since this cycle."""
        return [entry for entry in self.quarantined if entry.new]

    @property
    def exit_code(self) -> int:
        """0 finished; 3 finished in part; 4 something is held. 3 goes before 4."""
        outcomes = {step.outcome for step in self.steps}
        bad = {Outcome.FAILED, Outcome.UNKNOWN, Outcome.STALE}
        if not self.dry_run:
            bad.add(Outcome.PLANNED)  # the cycle was stopped before it came to these
        if self._is_partial or outcomes & bad:
            return EXIT_PARTLY
        return EXIT_HELD if Outcome.HELD in outcomes or self.shifted else EXIT_OK

    @property
    def _is_partial(self) -> bool:
        """Whether something waits, was not wholly read or is left alone, whatever was done."""
        waits = self.refused or self.owing or self.unanswered
        return bool(waits or self.unwell or self.left_alone)

    @property
    def news(self) -> str:
        """Differs between two cycles that have not the same to tell; empty where there is nothing.

        How far something is that takes several cycles, and what is waited for, is no news.
        """
        told = [
            *([step.operation.id, step.outcome.value] for step in self.steps),
            *(_told(conflict) for conflict in self.conflicts),
            *([entry.vendor, entry.key] for entry in self.left_alone),
            *([one.name, one.snapshot, one.error] for one in self.unwell),
            *([sentence] for sentence in (*self.remarks, *sorted(self.refused))),
        ]
        # What is told in the words of the cycle before is no news, and its report is not kept.
        return digest([self.exit_code, told]) if told or self.exit_code else ""

    def count(self, action: Action) -> int:
        """Operations of one action that were done, or in a dry run planned."""
        good = Outcome.PLANNED if self.dry_run else Outcome.DONE
        return sum(step.operation.action is action and step.outcome is good for step in self.steps)

    @property
    def writes(self) -> int:
        """Operations that changed, or would change, something at a vendor."""
        return sum(self.count(action) for action in Action if action is not Action.ADOPT)


def _told(conflict: Conflict) -> list[Any]:
    values = {vendor: plain(value) for vendor, value in conflict.values.items()}
    return [conflict.appointment, conflict.field.value, conflict.winner, values]

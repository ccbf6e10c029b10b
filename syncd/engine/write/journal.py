"""The journal of one cycle's writes: the intention is committed before anything is sent, and what
came of it after.

09:00:00 the intention to create is committed, with the mark that the record will carry
09:00:01 the request is sent, and the process dies
09:05:00 the next cycle finds an intention without an outcome, and looks before it makes another
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field

from syncd.engine.result import StepResult
from syncd.engine.store.ledger import JournalState, Ledger
from syncd.model.memory import Mapping, Quarantine
from syncd.model.plan import Operation, Outcome, Step
from syncd.model.record import Record


@dataclass(frozen=True, slots=True)
class Entry:
    """An operation that is about to be sent: its number in the journal, and the mark (`token`) of
    what it makes.

    `planned` is the operation by its name in plan and report; `sent` is the part of it that is
    written now. `before` is the mapping of its record as of the look right before; None for a
    create.
    """

    number: int
    planned: Step
    sent: Step
    token: str
    before: Mapping | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt at an operation ended.

    A `refusal` is put in quarantine unless another attempt comes to a better end. `glimpsed` is the
    record as somebody edited it while the write got no answer.
    """

    result: StepResult
    refusal: Quarantine | None = None
    glimpsed: Record | None = None


@dataclass(slots=True)
class Journal:
    """Writes to the journal for one cycle, whose id it has. `token` gives a new unguessable text
    each time.

    `under_way` are the operations that are journalled and have not come to their end, by id;
    `latest` the mappings as this cycle's writes left them, by appointment, vendor and remote id.
    """

    cycle: str
    ledger: Ledger
    token: abc.Callable[[], str]
    under_way: dict[str, Step] = field(default_factory=dict)
    latest: dict[tuple[str, str, str], Mapping] = field(default_factory=dict)

    def mapping_of(self, operation: Step) -> Mapping:
        """The mapping of its record, as a write of this cycle left it, else as planned on."""
        if operation.mapping is None or operation.remote_id is None:
            raise AssertionError("an operation on a record has its mapping")
        place = (operation.appointment, operation.vendor, operation.remote_id)
        return self.latest.get(place, operation.mapping)

    def forget_mappings(self) -> None:
        """What is planned from now on stands on mappings that were read from the store since."""
        self.latest.clear()

    def end(self, operation: Step) -> None:
        """An operation has come to its end, whether or not it was ever journalled."""
        self.under_way.pop(operation.id, None)

    async def quarantine(self, entry: Quarantine) -> None:
        """Leave something alone from now on."""
        await self.ledger.quarantine(self.cycle, entry)

    async def intend(
        self, planned: Step, sent: Step, before: Mapping | None = None, owed: str = ""
    ) -> Entry:
        """Commit what is about to be sent.

        `owed` is what the write takes from the record and must give back.
        """
        # Under way from before the commit on: a stop in between must not leave it unsaid.
        token = self.token()
        self.under_way[planned.id] = planned
        number = await self.ledger.intend(self.cycle, sent, token, before, owed)
        return Entry(number, planned, sent, token, before)

    async def settle(
        self,
        entry: Entry,
        state: JournalState,
        *,
        error: str | None = None,
        mapping: Mapping | None = None,
        quarantine: Quarantine | None = None,
        others: tuple[tuple[str, Mapping], ...] = (),
    ) -> None:
        """Commit what came of it, with its mapping, and those of `others`, by appointment."""
        operation = entry.sent
        left = others if mapping is None else (*others, (operation.appointment, mapping))
        # A second try, or a move after a create, stands on what this write left.
        self.latest |= {(owner, one.vendor, one.remote_id): one for owner, one in left}
        await self.ledger.settle(
            self.cycle,
            entry.number,
            state,
            error=error,
            remote_id=mapping.remote_id if mapping else operation.remote_id,
            left=left,
            quarantine=quarantine,
        )


def ended(
    operation: Operation, outcome: Outcome, error: str | None = None, remote_id: str | None = None
) -> Ended:
    """The end of an attempt: `error` says why it is not done, or what else is to be said."""
    return Ended(
        StepResult(
            operation=operation,  # type: ignore[arg-type]
            outcome=outcome,
            error=error,
            remote_id=remote_id or operation.remote_id,
        )
    )

"""The journal of one cycle's writes: the intention is committed before anything is sent, and what
came of it after.

09:00:00 the intention to create is committed, with the mark that the record will carry
09:00:01 the request is sent, and the process dies
09:05:00 the next cycle finds an intention without an outcome, and looks before it makes another
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from datetime import datetime

from syncd.compare.identity import operation_id, until_corrected, until_stirred
from syncd.compare.sameness import same_at
from syncd.engine.result import StepResult
from syncd.engine.store.ledger import JournalState, Ledger
from syncd.model.appointment import Field
from syncd.model.capabilities import Capabilities
from syncd.model.errors import Contradicted, Malformed, Refused, Stale, Taken, VendorError
from syncd.model.memory import Mapping, Quarantine
from syncd.model.plan import Action, Cancel, Create, Operation, Outcome, Step
from syncd.model.record import Record
from syncd.vendors.port import Uncertain, Vendor, WriteResult, Written


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
    each time, `clock` aware UTC.

    `under_way` are the operations that are journalled and have not come to their end, by id;
    `latest` the mappings as this cycle's writes left them, by appointment, vendor and remote id.
    """

    cycle: str
    ledger: Ledger
    token: abc.Callable[[], str]
    clock: abc.Callable[[], datetime]
    under_way: dict[str, Step] = field(default_factory=dict)
    latest: dict[tuple[str, str, str], Mapping] = field(default_factory=dict)

    def mapping_of(self, operation: Step) -> Mapping:
        """The mapping of its record, as a write of this cycle left it, else as planned on."""
        if operation.mapping is None or operation.remote_id is None:
            raise AssertionError("an operation on a record has its mapping")
        place = (operation.appointment, operation.vendor, operation.remote_id)
        return self.latest.get(place, operation.mapping)

    async def quarantine(self, entry: Quarantine) -> None:
        """Leave something alone from now on."""
        await self.ledger.quarantine(self.cycle, entry)

    async def intend(
        self,
        vendor: Vendor,
        planned: Step,
        sent: Step,
        before: Mapping | None = None,
        owed: str = "",
    ) -> Attempt:
        """Commit what is about to be sent.

        `owed` is what the write takes from the record and must give back.
        """
        # Under way from before the commit on: a stop in between must not leave it unsaid.
        token = self.token()
        self.under_way[planned.id] = planned
        number = await self.ledger.intend(self.cycle, sent, token, before, owed)
        return Attempt(self, vendor, number, planned, sent, token, before)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An operation that is about to be sent: its number in the journal, and the mark (`token`) of
    what it makes.

    `planned` is the operation by its name in plan and report; `sent` is the part of it that is
    written now. `before` is the mapping of its record as of the look right before; None for a
    create.
    """

    journal: Journal
    vendor: Vendor
    number: int
    planned: Step
    sent: Step
    token: str
    before: Mapping | None = None

    async def send(self, sending: abc.Awaitable[WriteResult]) -> Written | Ended:
        """Send it: the vendor's "done", or how the attempt ended without one.

        Raises the vendor's other errors, which all say that it was not done, when that is settled.
        """
        try:
            answer = await sending
        except Stale as error:
            # The vendor compared versions: nothing was written, and the record is merged again.
            return await self.settle(JournalState.STALE, Outcome.STALE, str(error))
        except Refused as error:
            # Another operation may make room for it yet: no quarantine before the lane is done.
            end = await self.settle(JournalState.FAILED, Outcome.QUARANTINED, str(error))
            no = self.refusal(self.before, str(error), of_time=isinstance(error, Taken))
            if isinstance(error, Contradicted):
                no = replace(no, key=until_corrected(self.planned.id))
            return replace(end, refusal=no)
        except (VendorError, Malformed) as error:
            # Settled before it is told: what is told may be the end of the lane.
            await self.settle(JournalState.FAILED, Outcome.FAILED, str(error))
            raise
        # It may have been carried out, or may be yet: the entry stays open until that can be seen.
        if isinstance(answer, Uncertain):
            return await self.settle(JournalState.UNKNOWN, Outcome.UNKNOWN, answer.reason)
        return answer

    async def settle(
        self,
        state: JournalState,
        outcome: Outcome,
        error: str | None = None,
        *,
        note: str | None = None,
        mapping: Mapping | None = None,
        quarantine: Quarantine | None = None,
        others: tuple[tuple[str, Mapping], ...] = (),
    ) -> Ended:
        """Commit what came of it, with its mapping, and those of `others`, by appointment: its end.

        The state says whether the write may still be on its way, the outcome what a report calls
        it; a report has the `note` where that says other than the `error` in the journal.
        """
        journal, operation = self.journal, self.sent
        left = others if mapping is None else (*others, (operation.appointment, mapping))
        remote_id = operation.remote_id if mapping is None else mapping.remote_id
        # A second try, or a move after a create, stands on what this write left.
        journal.latest |= {(owner, one.vendor, one.remote_id): one for owner, one in left}
        await journal.ledger.settle(
            journal.cycle,
            self.number,
            state,
            error=error,
            remote_id=remote_id,
            left=left,
            quarantine=quarantine,
        )
        return ended(operation, outcome, note or error, remote_id)

    def refusal(self, mapping: Mapping | None, reason: str, *, of_time: bool = False) -> Quarantine:
        """The quarantine of what is left of it after it came to this mapping; None: of all.

        `of_time` says that it is a time's no, which may be another as soon as something stirs.
        """
        able = self.vendor.capabilities
        key = self.planned.id if mapping is None else name_of_rest(self.planned, mapping, able)
        return refusal(self.planned, reason, until_stirred(key) if of_time else key)


def name_of_rest(operation: Step, mapping: Mapping, able: Capabilities) -> str:
    """The name under which what is left of an operation is planned next time: of a create, a move.

    `mapping` is that of its record now.
    """
    left = {
        name: change
        for name, change in operation.changes.items()
        if not same_at(name, operation.target, mapping.base, able)
        and (name is Field.SLOT or not isinstance(operation, Create))
    }
    action = operation.action
    if not isinstance(operation, Cancel):
        action = Action.RESCHEDULE if Field.SLOT in left else Action.UPDATE
    return operation_id(action, operation.vendor, operation.appointment, left, mapping, None)


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


def refusal(operation: Operation, reason: str, key: str | None = None) -> Quarantine:
    """The quarantine of an operation, under its own name or another."""
    return Quarantine(
        vendor=operation.vendor,
        key=key or operation.id,
        reason=reason,
        appointment=operation.appointment,
        remote_id=operation.remote_id,
    )

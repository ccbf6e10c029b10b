"""Apply: carry out operations, one at a time at each vendor, and remember what each came to.

A change of a record takes three steps: `precheck` (is it still as it was planned on?), `send`, and
`settle` (what did the vendor make of it?), with the intention committed between the first two. An
unknown outcome is a value. One operation's failure stops nothing else.
"""

from __future__ import annotations

import asyncio
from collections import abc, defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from syncd.engine.result import StepResult
from syncd.engine.store.ledger import StoreError
from syncd.engine.tasks import together
from syncd.engine.write.aside import Aside
from syncd.engine.write.journal import Ended, Journal, ended, refusal
from syncd.engine.write.lane import Lane
from syncd.engine.write.owing import Owing
from syncd.engine.write.precheck import Ready, precheck
from syncd.engine.write.settle import changed, created
from syncd.engine.write.standing import Standing
from syncd.engine.write.stepwise import first_seat, other_seats, parts_of
from syncd.logs.lean import structlog
from syncd.model.errors import BudgetSpent, Malformed, Misconfigured, Refused, VendorError
from syncd.model.plan import Adopt, Cancel, Create, Outcome, Reschedule, Step, Update
from syncd.model.record import Record
from syncd.vendors.port import Vendor, WriteResult

log = structlog.get_logger(__name__)

_CLOSING = (Misconfigured, BudgetSpent)
"""Errors after which a vendor is asked nothing more in this cycle: all else would meet them too."""


@dataclass(slots=True)
class Applier:
    """Carries out the operations of one cycle. `stopping` is set when no further operation may be
    begun.

    `results` are by operation; `overtaken` are the operations in whose place a second merge put
    others. `shut` are the vendors of which nothing more is asked in this cycle, each with the
    reason. `glimpsed` are records, by appointment, vendor and id, that somebody edited while a
    write to them got no answer. Whoever follows up on a cycle reads these, and says what changed by
    the methods. `standing` tells what stands where, and `until` when what is listed ends.
    """

    vendors: abc.Mapping[str, Vendor]
    journal: Journal
    stopping: asyncio.Event
    owing: Owing
    standing: Standing
    until: datetime
    progress: abc.Callable[[str], None] | None = None
    results: dict[str, StepResult] = field(default_factory=dict)
    overtaken: set[str] = field(default_factory=set)
    shut: dict[str, str] = field(default_factory=dict)
    glimpsed: dict[tuple[str, str, str], Record] = field(default_factory=dict)

    async def carry_out(self, operations: abc.Sequence[Step]) -> None:
        """Carry out operations: vendors side by side, each one's in the given order."""
        lanes: dict[str, list[Step]] = defaultdict(list)
        for operation in operations:
            lanes[operation.vendor].append(operation)
        await together(self._lane(lane) for lane in lanes.values())

    def give_up(self) -> None:
        """Call unknown what was journalled and has not come to its end."""
        said = "stopped before it was known what it came to: the next cycle looks for it"
        # Each intention is durable: the next cycle finds it, and looks before it does anything.
        for key, operation in self.journal.under_way.items():
            self.results[key] = ended(operation, Outcome.UNKNOWN, said).result

    @property
    def moved(self) -> set[str]:
        """Ids of appointments with a record that moved on since it was planned on or written."""
        stale = {one.operation.appointment for one in self.ending(Outcome.STALE)}
        return stale | {appointment for appointment, _, _ in self.glimpsed}

    def ending(self, outcome: Outcome) -> list[StepResult]:
        """The results with this outcome, so far."""
        return [result for result in self.results.values() if result.outcome is outcome]

    def take_glimpsed(self) -> dict[tuple[str, str], Record]:
        """Hand over what was glimpsed, by vendor and id: whoever takes it merges it."""
        # Once: in a second round the same edit would look like a new one.
        taken, self.glimpsed = self.glimpsed, {}
        return {(vendor, remote_id): record for (_, vendor, remote_id), record in taken.items()}

    def overtake(self, appointments: abc.Container[str], vendors: abc.Container[str]) -> None:
        """Forget what is stale of these appointments at these vendors: they were merged again."""
        for operation in [result.operation for result in self.ending(Outcome.STALE)]:
            if operation.appointment in appointments and operation.vendor in vendors:
                del self.results[operation.id]
                self.overtaken.add(operation.id)
        # What is planned next stands on mappings that were read from the store since.
        self.journal.latest.clear()

    def answered(self, result: StepResult, remote_id: str | None) -> None:
        """A create that got no answer turned out to have made this record, if any."""
        if remote_id is None:
            return
        self.results[result.operation.id] = replace(
            result,
            outcome=Outcome.DONE,
            error="no answer came, but it is there",
            remote_id=remote_id,
        )

    async def leave_alone(self, result: StepResult, reason: str) -> None:
        """Put an operation that ended otherwise in quarantine."""
        operation = result.operation
        self.results[operation.id] = replace(result, outcome=Outcome.QUARANTINED, error=reason)
        await self.journal.quarantine(refusal(operation, reason))

    async def _lane(self, operations: abc.Sequence[Step]) -> None:
        """One vendor's operations."""
        vendor = self.vendors[operations[0].vendor]
        lane = Lane(
            able=vendor.capabilities,
            journal=self.journal,
            standing=self.standing,
            aside=Aside(vendor.capabilities, self.journal, self.standing, self.until, self._one),
            stopping=self.stopping,
            results=self.results,
            send=self._one,
            take_in=self.take_in,
            progress=self.progress,
        )
        await lane.carry_out(operations)

    def take_in(self, operation: Step, end: Ended) -> None:
        """Take what an operation came to among the results."""
        result, done = end.result, end.result.outcome is Outcome.DONE
        self.journal.under_way.pop(operation.id, None)  # it may never have been journalled
        self.results[operation.id] = result
        if end.glimpsed is not None and operation.remote_id is not None:
            place = (operation.appointment, operation.vendor, operation.remote_id)
            self.glimpsed[place] = end.glimpsed
        # A first run adopts thousands of records, and sends nothing for it.
        quiet = log.debug if isinstance(operation, Adopt) else log.info
        say = quiet if done else log.warning
        say(
            "operation_ended",
            vendor=operation.vendor,
            action=operation.action.value,
            operation=operation.id,
            appointment=operation.appointment,
            remote_id=result.remote_id,
            outcome=result.outcome.value,
            **{"note" if done else "error": result.error},
        )

    async def _one(self, operation: Step, sent: Step) -> Ended:
        """One attempt at an operation, of which `sent` is what is asked of the vendor now."""
        vendor = self.vendors[operation.vendor]
        if vendor.name in self.shut and not isinstance(operation, Adopt):
            return ended(operation, Outcome.FAILED, self.shut[vendor.name])
        try:
            return await self._attempt(vendor, operation, sent)
        except (VendorError, Malformed) as error:
            if isinstance(error, _CLOSING):
                self.shut[vendor.name] = str(error)
            return ended(operation, Outcome.FAILED, str(error))
        except StoreError:
            raise  # what cannot be journalled must not be sent: this ends the cycle
        except Exception as error:  # a bug that one record meets must not stop the others
            log.exception("operation_broke", vendor=vendor.name, operation=operation.id)
            said = f"an unexpected error ({type(error).__name__}): this is a bug"
            return ended(operation, Outcome.FAILED, said)

    async def _attempt(self, vendor: Vendor, operation: Step, sent: Step) -> Ended:
        match sent:
            case Adopt():
                return ended(operation, Outcome.DONE)
            case Create():
                return await self._create(vendor, sent)
            case Reschedule() | Update() | Cancel():
                return await self._change(vendor, operation, sent)
            case _:
                assert_never(sent)

    async def _create(self, vendor: Vendor, operation: Create) -> Ended:
        # The mark that the journal keeps is the one that the record will carry.
        sent = first_seat(operation, vendor.capabilities)
        attempt = await self.journal.intend(vendor, operation, sent)
        sending = vendor.create(sent.target, attempt.token, operation.replaces)
        answer = await attempt.send(sending)
        end = answer if isinstance(answer, Ended) else await created(attempt, answer)
        if sent is operation or end.result.outcome is not Outcome.DONE:
            return end
        return await self._seat_others(vendor, operation, end)

    async def _seat_others(self, vendor: Vendor, operation: Create, first: Ended) -> Ended:
        """What came of a create of a class whose first seat was made."""
        place = (operation.appointment, vendor.name, first.result.remote_id or "")
        rest = other_seats(operation, self.journal.latest[place])
        try:
            end = await self._change(vendor, rest, rest)
        finally:
            self.journal.under_way.pop(rest.id, None)
        result = replace(end.result, operation=operation, remote_id=first.result.remote_id)
        return replace(end, result=result)

    async def _change(
        self, vendor: Vendor, operation: Step, asked: Reschedule | Update | Cancel
    ) -> Ended:
        """Change a record, one part after the other where one write cannot do it all."""
        first, *others = parts_of(asked, self.journal.mapping_of(operation), vendor.capabilities)
        end = await self._part(vendor, operation, first)
        for part in others:
            if end.result.outcome is not Outcome.DONE or self.stopping.is_set():
                break
            end = await self._part(vendor, operation, part)
        return end

    async def _part(
        self, vendor: Vendor, operation: Step, asked: Reschedule | Update | Cancel
    ) -> Ended:
        """Look at a record, journal a change to it, send that, and settle it."""
        try:
            ready = await precheck(vendor, asked, self.journal.mapping_of(operation))
        except Refused as error:
            no = refusal(operation, str(error))
            return replace(ended(operation, Outcome.QUARANTINED, str(error)), refusal=no)
        # Somebody was quicker: what the record says now is merged within this cycle.
        if isinstance(ready, str):
            return ended(operation, Outcome.STALE, ready)
        sent, before, owed = ready.operation, ready.before, ready.owed
        attempt = await self.journal.intend(vendor, operation, sent, before, owed)
        answer = await attempt.send(_request(vendor, ready))
        end = await changed(attempt, before, answer)
        # Of any other outcome the end of the cycle tells what it came to.
        # A record that stands aside for a moment reminds nobody of it: it gets all back later.
        if owed and asked is operation and end.result.outcome is Outcome.DONE:
            await self.owing.give_back(vendor, before.remote_id, owed)
        return end


def _request(vendor: Vendor, ready: Ready) -> abc.Awaitable[WriteResult]:
    if isinstance(ready.operation, Cancel):
        return vendor.cancel(ready.current)
    return vendor.write(ready.current, ready.operation.target, frozenset(ready.operation.changes))

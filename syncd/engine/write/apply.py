"""Apply: carry out operations, one at a time at each vendor, and remember what each came to.

Journal the intention durably, check that the record is still as it was planned on, write, read back what the vendor
kept, settle. An unknown outcome is a value. One operation's failure stops nothing else.
"""

from __future__ import annotations

import asyncio
from collections import abc, defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import assert_never

import structlog

from syncd.compare.attribution import happened, is_edited
from syncd.engine.result import StepResult
from syncd.engine.store.ledger import JournalState, Ledger, Settlement, StoreError
from syncd.engine.tasks import together
from syncd.engine.write.absorbed import Host, based_again, host_of, refused, taken_over
from syncd.engine.write.lanes import another_try, arranged
from syncd.engine.write.outcome import (
    as_confirmed,
    changed_mapping,
    changed_since_planned,
    created_mapping,
    left_out,
    mapping_assumed_written,
    other_length,
    silently_rejected,
    tells,
    with_current_version,
    without_unmerged_edits,
)
from syncd.engine.write.owing import Owing
from syncd.engine.write.readback import look, look_again
from syncd.engine.write.refusals import refusal
from syncd.engine.write.swaps import in_each_others_way
from syncd.model.appointment import Field, Status
from syncd.model.errors import BudgetSpent, Malformed, Misconfigured, Refused, Stale, Taken, VendorError
from syncd.model.memory import Mapping, Quarantine
from syncd.model.plan import Adopt, Cancel, Create, Operation, Outcome, Reschedule, Step, Update
from syncd.model.record import Absent, Record
from syncd.vendors.port import Uncertain, Vendor, WriteResult, Written

log = structlog.get_logger(__name__)

_CLOSING = (Misconfigured, BudgetSpent)
"""Errors after which nothing more is asked of a vendor in this cycle: every other operation would meet them too."""


@dataclass(slots=True)
class Applier:
    """Carries out the operations of one cycle. `stopping` is set when no further operation may be begun.

    `results` are by operation; `overtaken` are the operations in whose place a second merge put others. `shut` are the
    vendors of which nothing more is asked in this cycle, each with the reason. `glimpsed` are records, by appointment,
    vendor and id, that somebody edited while a write to them got no answer. Whoever follows up on a cycle reads these,
    and says what changed by the methods.
    """

    cycle: str
    vendors: abc.Mapping[str, Vendor]
    ledger: Ledger
    clock: abc.Callable[[], datetime]
    token: abc.Callable[[], str]
    stopping: asyncio.Event
    owing: Owing
    progress: abc.Callable[[str], None] | None = None
    results: dict[str, StepResult] = field(default_factory=dict)
    overtaken: set[str] = field(default_factory=set)
    shut: dict[str, str] = field(default_factory=dict)
    latest: dict[tuple[str, str, str], Mapping] = field(default_factory=dict)
    refused: dict[str, Quarantine] = field(default_factory=dict)
    numbers: abc.Iterator[int] = field(default_factory=lambda: count(1))
    under_way: dict[str, Step] = field(default_factory=dict)
    glimpsed: dict[tuple[str, str, str], Record] = field(default_factory=dict)

    async def carry_out(self, operations: abc.Sequence[Step]) -> None:
        """Carry out operations: vendors side by side, each vendor's one after another, in the given order."""
        lanes: dict[str, list[Step]] = defaultdict(list)
        for operation in operations:
            lanes[operation.vendor].append(operation)
        await together(self._lane(lane) for lane in lanes.values())

    def give_up(self) -> None:
        """Call unknown what was journalled and has not come to its end."""
        said = "stopped before it was known what it came to: the next cycle looks for it"
        for key, operation in self.under_way.items():
            self.results[key] = _result(operation, Outcome.UNKNOWN, said)

    @property
    def moved(self) -> set[str]:
        """Ids of the appointments with a record that was no more as it was planned on, or was edited under a write."""
        stale = {one.operation.appointment for one in self.results.values() if one.outcome is Outcome.STALE}
        return stale | {appointment for appointment, _, _ in self.glimpsed}

    @property
    def unanswered(self) -> list[StepResult]:
        """The creates that got no answer."""
        return [
            one for one in self.results.values() if one.outcome is Outcome.UNKNOWN and isinstance(one.operation, Create)
        ]

    def take_glimpsed(self) -> dict[tuple[str, str], Record]:
        """What was glimpsed, by vendor and id, handed over: whoever takes it merges it, and it moves nothing more."""
        taken = {(vendor, remote_id): record for (_, vendor, remote_id), record in self.glimpsed.items()}
        self.glimpsed.clear()
        return taken

    def overtake(self, appointments: abc.Container[str], vendors: abc.Container[str]) -> None:
        """Forget what these appointments' records made stale at these vendors, as they were merged a second time.

        What is planned from now on stands on mappings that were read from the store since.
        """
        for key, result in list(self.results.items()):
            operation = result.operation
            known = operation.appointment in appointments and operation.vendor in vendors
            if known and result.outcome is Outcome.STALE:
                del self.results[key]
                self.overtaken.add(key)
        self.latest.clear()

    def answered(self, result: StepResult, remote_id: str) -> None:
        """A create that got no answer turned out to have made this record."""
        self.results[result.operation.id] = replace(
            result, outcome=Outcome.DONE, error="no answer came, but it is there", remote_id=remote_id
        )

    async def leave_alone(self, result: StepResult, reason: str) -> None:
        """Put an operation that ended otherwise in quarantine."""
        operation = result.operation
        self.results[operation.id] = replace(result, outcome=Outcome.QUARANTINED, error=reason)
        await self.ledger.quarantine(self.cycle, self._refusal(operation, None, reason))

    async def _lane(self, operations: abc.Sequence[Step]) -> None:
        """One vendor's operations. Those that it refused are tried again as long as others make room for them."""
        able = self.vendors[operations[0].vendor].capabilities
        attempts: dict[str, int] = {}
        await self._pass(arranged(operations, able), attempts)
        latest_first = True
        while not self.stopping.is_set():
            refused = [operation for operation in operations if operation.id in self.refused]
            done = [operation for operation in operations if self._is_done(operation)]
            again = another_try(refused, done, attempts, able)
            if not again:
                break
            # Of appointments that all move up in a row, each makes room for the next if one begins at the right end.
            again = sorted(again, key=lambda operation: operation.target.slot.start, reverse=latest_first)
            latest_first = not latest_first
            await self._pass(arranged(again, able), attempts)
        left = [operation for operation in operations if operation.id in self.refused]
        for operation in left:
            quarantine = self.refused.pop(operation.id)
            if way := in_each_others_way(operation, left):
                quarantine = replace(quarantine, reason=f"{quarantine.reason}; {way}")
                self.results[operation.id] = replace(self.results[operation.id], error=quarantine.reason)
            await self.ledger.quarantine(self.cycle, quarantine)

    def _is_done(self, operation: Step) -> bool:
        result = self.results.get(operation.id)
        return result is not None and result.outcome is Outcome.DONE and not isinstance(operation, Adopt)

    async def _pass(self, operations: abc.Sequence[Step], attempts: dict[str, int]) -> None:
        """Carry out operations in this order; `attempts` holds the number of each one's last attempt."""
        for number, operation in enumerate(operations, 1):
            if self.stopping.is_set():
                return
            self.refused.pop(operation.id, None)
            attempts[operation.id] = next(self.numbers)
            result = await self._one(operation)
            self.under_way.pop(operation.id, None)
            self.results[operation.id] = result
            fields = {"vendor": operation.vendor, "action": operation.action.value, "operation": operation.id}
            quiet = log.debug if isinstance(operation, Adopt) else log.info  # an adoption sends nothing
            say = quiet if result.outcome is Outcome.DONE else log.warning
            say(
                "operation_ended",
                **fields,
                appointment=operation.appointment,
                remote_id=result.remote_id,
                outcome=result.outcome.value,
                **{"note" if result.outcome is Outcome.DONE else "error": result.error},
            )
            if self.progress and number % 10 == 0:
                self.progress(f"{operation.vendor}: {number} of {len(operations)} operations")

    async def _one(self, operation: Step) -> StepResult:
        vendor = self.vendors[operation.vendor]
        if vendor.name in self.shut and not isinstance(operation, Adopt):
            return _result(operation, Outcome.FAILED, self.shut[vendor.name])
        try:
            match operation:
                case Adopt():
                    return _result(operation, Outcome.DONE)
                case Create():
                    return await self._create(vendor, operation)
                case Reschedule() | Update() | Cancel():
                    return await self._change(vendor, operation)
                case _:
                    assert_never(operation)
        except (VendorError, Malformed) as error:
            if isinstance(error, _CLOSING):
                self.shut[vendor.name] = str(error)
            return _result(operation, Outcome.FAILED, str(error))
        except StoreError:
            raise
        except Exception as error:  # a bug that one record meets must not stop the others
            log.exception("operation_broke", vendor=vendor.name, operation=operation.id)
            return _result(operation, Outcome.FAILED, f"an unexpected error ({type(error).__name__}): this is a bug")

    async def _create(self, vendor: Vendor, operation: Create) -> StepResult:
        token = self.token()
        self.under_way[operation.id] = operation
        entry = await self.ledger.intend(self.cycle, operation, token)
        answer = await self._send(vendor.create(operation.target, token, operation.replaces), operation, entry)
        if isinstance(answer, StepResult):
            return answer
        host = await host_of(self.ledger, vendor.name, answer)
        if host is not None and host.stands:
            return await self._joined(vendor, operation, entry, answer, host)
        asked_at = self.clock()
        found = await look(vendor, operation, answer)
        kept = found if isinstance(found, Record) else answer.record
        mapping = created_mapping(vendor.name, vendor.capabilities, operation, answer, kept, asked_at)
        if host is not None:
            mapping = taken_over(mapping, kept)
            await self.ledger.owes_nothing(vendor.name, answer.remote_id)
        state = JournalState.UNKNOWN if kept is None else JournalState.DONE
        wrong = None if kept is None else silently_rejected(operation, answer, kept, None)
        quarantine = None
        if wrong:
            mapping = replace(mapping, acknowledged=mapping.acknowledged.with_values({Field.SLOT: mapping.base.slot}))
            quarantine = self._refusal(operation, mapping, wrong)
        await self._settle(operation, entry, state, error=wrong, mapping=mapping, quarantine=quarantine)
        if wrong:
            return _result(operation, Outcome.QUARANTINED, wrong, answer.remote_id)
        remarks = (
            answer.note,
            other_length(operation, kept),
            left_out(vendor.name, vendor.capabilities, operation.target),
        )
        return _result(operation, Outcome.DONE, _said(*remarks), answer.remote_id)

    async def _change(self, vendor: Vendor, operation: Reschedule | Update | Cancel) -> StepResult:
        """Check that an existing record is as it was planned on, journal a change to it, and make that."""
        if operation.mapping is None or operation.remote_id is None:
            raise AssertionError("an operation on a record has its mapping")
        before = self.latest.get((operation.appointment, vendor.name, operation.remote_id), operation.mapping)
        current = await vendor.get(operation.remote_id, before.base, before.guests)
        if isinstance(current, Absent):
            return _result(operation, Outcome.STALE, f"{vendor.name} no longer has the record")
        moved = changed_since_planned(before, operation, current)
        if moved:
            what = ", ".join(sorted(moved))
            return _result(operation, Outcome.STALE, f"somebody changed its {what} at {vendor.name} since it was read")
        planned, operation = operation, without_unmerged_edits(before, operation, current)
        before = with_current_version(before, current, frozenset(operation.changes))
        # An answer without a version takes no guard away: the one that is known refuses what was written since.
        current = replace(current, parts=before.parts, version=before.version)
        owed = vendor.owed(current)
        self.under_way[planned.id] = planned
        entry = await self.ledger.intend(self.cycle, operation, self.token(), before, owed)
        result = await self._written(vendor, planned, operation, before, current, entry)
        if owed and result.outcome is Outcome.DONE:  # of any other the end of the cycle tells what it came to
            await self.owing.give_back(vendor, before.remote_id, owed)
        return result

    async def _written(
        self,
        vendor: Vendor,
        planned: Operation,
        operation: Reschedule | Update | Cancel,
        before: Mapping,
        current: Record,
        entry: int,
    ) -> StepResult:
        """Write a change that is journalled, read back and settle it."""
        fields = frozenset(operation.changes)
        if isinstance(operation, Cancel):
            sending: abc.Awaitable[WriteResult] = vendor.cancel(current)
        else:
            sending = vendor.write(current, operation.target, fields)
        answer = await self._send(sending, planned, entry, before)
        asked_at = self.clock()
        kept: Record | Absent | None
        if isinstance(answer, StepResult):
            if answer.outcome is not Outcome.UNKNOWN:
                return answer
            found = await look_again(vendor, operation, before)
            if isinstance(found, Record) and is_edited(operation, before, found):
                self.glimpsed[operation.appointment, vendor.name, before.remote_id] = found
            if not happened(operation, before, found):
                return answer
            answer, kept = Written(remote_id=before.remote_id), found
        else:
            kept = await look(vendor, operation, answer, before)
        if isinstance(kept, Absent):
            return await self._after_absence(operation, entry, before, asked_at)
        if kept is None or not tells(kept, before, fields):
            believed = as_confirmed(before, operation, asked_at)
            said = "it was accepted, but could not be read back"
            await self._settle(operation, entry, JournalState.UNKNOWN, error=said, mapping=believed)
            return _result(operation, Outcome.DONE, "it was accepted, but could not be read back yet")
        wrong = silently_rejected(operation, answer, kept, before.base)
        mapping = changed_mapping(before, operation, answer, kept, asked_at, bool(wrong))
        if wrong is None:
            await self._settle(operation, entry, JournalState.DONE, mapping=mapping)
            return _result(operation, Outcome.DONE, _said(answer.note, other_length(operation, kept)))
        await self._settle(
            operation,
            entry,
            JournalState.FAILED,
            error=wrong,
            mapping=mapping,
            quarantine=self._refusal(planned, mapping, wrong),  # under the name of what is planned next time
        )
        return _result(operation, Outcome.QUARANTINED, wrong)

    async def _send(
        self, sending: abc.Awaitable[WriteResult], operation: Operation, entry: int, before: Mapping | None = None
    ) -> Written | StepResult:
        """Send a write; whatever is no clear "done" is settled here."""
        try:
            answer = await sending
        except Stale as error:
            await self._settle(operation, entry, JournalState.STALE, error=str(error))
            return _result(operation, Outcome.STALE, str(error))
        except Refused as error:
            able = self.vendors[operation.vendor].capabilities
            self.refused[operation.id] = refusal(operation, able, before, str(error), of_time=isinstance(error, Taken))
            await self._settle(operation, entry, JournalState.FAILED, error=str(error))
            return _result(operation, Outcome.QUARANTINED, str(error))
        except (VendorError, Malformed) as error:
            await self._settle(operation, entry, JournalState.FAILED, error=str(error))
            if isinstance(error, _CLOSING):
                self.shut[operation.vendor] = str(error)
            return _result(operation, Outcome.FAILED, str(error))
        if isinstance(answer, Uncertain):
            await self._settle(operation, entry, JournalState.UNKNOWN, error=answer.reason)
            return _result(operation, Outcome.UNKNOWN, answer.reason)
        return answer

    async def _after_absence(self, operation: Operation, entry: int, before: Mapping, asked_at: datetime) -> StepResult:
        """A record that is not there after a write: cancelled by it, or deleted by a person since."""
        if isinstance(operation, Cancel):
            ended = before.base.with_values({Field.STATUS: Status.CANCELLED})
            mapping = replace(
                before, base=ended, acknowledged=ended, in_flight=None, tombstone="cancelled: syncd deleted it there"
            )
            await self._settle(operation, entry, JournalState.DONE, mapping=mapping)
            return _result(operation, Outcome.DONE)
        believed = mapping_assumed_written(before, operation, asked_at)
        said = f"the record vanished while its {', '.join(sorted(operation.changes))} changed"
        await self._settle(operation, entry, JournalState.STALE, error=said, mapping=believed)
        return _result(operation, Outcome.STALE, "the record vanished while it was written")

    async def _joined(self, vendor: Vendor, operation: Create, entry: int, answer: Written, host: Host) -> StepResult:
        """The vendor put the booking into a standing record of another appointment."""
        reason = refused(vendor.name, answer, host)
        others = await based_again(vendor, answer, host, operation)
        left_alone = self._refusal(operation, None, reason)
        await self._settle(operation, entry, JournalState.FAILED, error=reason, quarantine=left_alone, others=others)
        return _result(operation, Outcome.QUARANTINED, reason, answer.remote_id)

    def _refusal(self, operation: Operation, mapping: Mapping | None, reason: str) -> Quarantine:
        return refusal(operation, self.vendors[operation.vendor].capabilities, mapping, reason)

    async def _settle(
        self,
        operation: Operation,
        entry: int,
        state: JournalState,
        *,
        error: str | None = None,
        mapping: Mapping | None = None,
        quarantine: Quarantine | None = None,
        others: tuple[tuple[str, Mapping], ...] = (),
    ) -> None:
        if mapping is not None:
            self.latest[operation.appointment, mapping.vendor, mapping.remote_id] = mapping
        self.latest |= {(owner, other.vendor, other.remote_id): other for owner, other in others}
        await self.ledger.settle(
            self.cycle,
            Settlement(
                entry=entry,
                state=state,
                error=error,
                remote_id=mapping.remote_id if mapping else operation.remote_id,
                mapping=mapping,
                appointment=operation.appointment,
                quarantine=quarantine,
                others=others,
            ),
        )


def _said(*remarks: str | None) -> str | None:
    return "; ".join(remark for remark in remarks if remark) or None


def _result(
    operation: Step | Operation, outcome: Outcome, error: str | None = None, remote_id: str | None = None
) -> StepResult:
    return StepResult(
        operation=operation,  # type: ignore[arg-type]
        outcome=outcome,
        error=error,
        remote_id=remote_id or operation.remote_id,
    )

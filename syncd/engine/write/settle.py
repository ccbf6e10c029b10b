"""The third step of a write: the record is read back, and what came of the write is committed with
it.

The journal and the result say different things, on purpose. The journal says whether the write may
still be on its way, so that what it did is looked for: `unknown` where a write was accepted and
could not be read back, which the report calls done; `failed` where a vendor accepted it and keeps
the record otherwise, which is in quarantine for the report.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
from datetime import datetime

from syncd.compare.attribution import happened, is_edited
from syncd.engine.store.debts import forget_owed
from syncd.engine.store.ledger import JournalState
from syncd.engine.write.absorbed import Host, based_again, host_of, refused, taken_over
from syncd.engine.write.journal import Ended, Entry, Journal, ended
from syncd.engine.write.outcome import (
    as_confirmed,
    changed_mapping,
    created_mapping,
    left_out,
    mapping_assumed_written,
    other_length,
    silently_rejected,
    tells,
)
from syncd.engine.write.readback import look, look_again
from syncd.engine.write.send import refusal
from syncd.model.appointment import Field, Status
from syncd.model.errors import Taken
from syncd.model.memory import Mapping, Quarantine
from syncd.model.plan import Cancel, Outcome, Step
from syncd.model.record import Absent, Record
from syncd.vendors.port import Vendor, Written


@dataclass(frozen=True, slots=True)
class Settling:
    """Settles writes at one vendor. `clock` gives aware UTC."""

    journal: Journal
    vendor: Vendor
    clock: abc.Callable[[], datetime]

    async def create(self, entry: Entry, answer: Written) -> Ended:
        """What came of a create that the vendor says it has done."""
        vendor, operation, ledger = self.vendor, entry.sent, self.journal.ledger
        # Some vendors put a booking into a record that is there: then nothing was made.
        host = await host_of(ledger, vendor.name, answer)
        if host is not None and host.stands:
            return await self._joined(entry, answer, host)
        asked_at = self.clock()
        found = await look(vendor, operation, answer)
        # Not found right after it was made is a cache, and no deletion.
        kept = found if isinstance(found, Record) else answer.record
        mapping = created_mapping(vendor.capabilities, operation, answer, kept, asked_at)
        if host is not None:
            mapping = taken_over(mapping, kept)
            await ledger.write(forget_owed, vendor.name, answer.remote_id)
        wrong = None if kept is None else silently_rejected(operation, answer, kept, None)
        if wrong:
            # The record stands, so that the create is done; to bring it to its time is what is
            # refused from now on.
            behind = mapping.acknowledged.with_values({Field.SLOT: mapping.base.slot})
            mapping = replace(mapping, acknowledged=behind)
            no = self._refusal(operation, mapping, wrong)
            await self.journal.settle(
                entry, JournalState.DONE, error=wrong, mapping=mapping, quarantine=no
            )
            return ended(operation, Outcome.QUARANTINED, wrong, answer.remote_id)
        state = JournalState.UNKNOWN if kept is None else JournalState.DONE
        await self.journal.settle(entry, state, mapping=mapping)
        lacks = left_out(vendor.capabilities, operation)
        return ended(
            operation,
            Outcome.DONE,
            _said(answer.note, other_length(operation, kept), lacks),
            answer.remote_id,
        )

    async def change(self, entry: Entry, before: Mapping, answer: Written | Ended) -> Ended:
        """What came of a change to a record with this mapping, whatever the vendor answered."""
        asked_at = self.clock()
        if isinstance(answer, Written):
            kept = await look(self.vendor, entry.sent, answer, before)
            return await self._changed(entry, before, answer, kept, asked_at)
        if answer.result.outcome is not Outcome.UNKNOWN:
            return answer
        # What the record shows now tells whether it is done, or what somebody did meanwhile.
        found = await look_again(self.vendor, entry.sent, before)
        glimpsed = (
            found if isinstance(found, Record) and is_edited(entry.sent, before, found) else None
        )
        if happened(entry.sent, before, found):
            answer = await self._changed(
                entry, before, Written(remote_id=before.remote_id), found, asked_at
            )
        return replace(answer, glimpsed=glimpsed)

    async def _changed(
        self,
        entry: Entry,
        before: Mapping,
        answer: Written,
        kept: Record | Absent | None,
        asked_at: datetime,
    ) -> Ended:
        """The same by the record as it is after the write; None where it cannot be read."""
        operation, journal = entry.sent, self.journal
        if isinstance(kept, Absent):
            return await self._vanished(entry, before, asked_at)
        if kept is None or not tells(kept, before, frozenset(operation.changes)):
            if answer.refused is not None:
                said = f"{answer.refused}; what else was done of it could not be read"
                await journal.settle(entry, JournalState.UNKNOWN, error=said)
                return ended(operation, Outcome.UNKNOWN, said)
            said = "it was accepted, but could not be read back"
            believed = as_confirmed(before, operation, asked_at)
            await journal.settle(entry, JournalState.UNKNOWN, error=said, mapping=believed)
            return ended(operation, Outcome.DONE, f"{said} yet")
        no_to_it = answer.refused and str(answer.refused)
        wrong = no_to_it or silently_rejected(operation, answer, kept, before.base)
        mapping = changed_mapping(before, operation, answer, kept, asked_at, bool(wrong))
        if wrong is None:
            await journal.settle(entry, JournalState.DONE, mapping=mapping)
            return ended(operation, Outcome.DONE, _said(answer.note, other_length(operation, kept)))
        # Under the name of what is planned next time.
        of_time = isinstance(answer.refused, Taken)
        no = refusal(entry.planned, self.vendor.capabilities, mapping, wrong, of_time=of_time)
        await journal.settle(
            entry, JournalState.FAILED, error=wrong, mapping=mapping, quarantine=no
        )
        return ended(operation, Outcome.QUARANTINED, wrong)

    async def _vanished(self, entry: Entry, before: Mapping, asked_at: datetime) -> Ended:
        """A record that is gone after a write: cancelled by it, or deleted by a person since."""
        operation = entry.sent
        if isinstance(operation, Cancel):
            ending = before.base.with_values({Field.STATUS: Status.CANCELLED})
            mapping = replace(
                before,
                base=ending,
                acknowledged=ending,
                in_flight=None,
                tombstone="cancelled: syncd deleted it there",
            )
            await self.journal.settle(entry, JournalState.DONE, mapping=mapping)
            return ended(operation, Outcome.DONE)
        # The write is taken for done, so that the absence alone is left to be explained.
        believed = mapping_assumed_written(before, operation, asked_at)
        said = f"the record vanished while its {', '.join(sorted(operation.changes))} changed"
        await self.journal.settle(entry, JournalState.STALE, error=said, mapping=believed)
        return ended(operation, Outcome.STALE, "the record vanished while it was written")

    async def _joined(self, entry: Entry, answer: Written, host: Host) -> Ended:
        """The vendor put the booking into a standing record of another appointment."""
        operation, reason = entry.sent, refused(self.vendor.name, answer, host)
        others = await based_again(self.vendor, answer, host, operation)
        no = self._refusal(operation, None, reason)
        await self.journal.settle(
            entry, JournalState.FAILED, error=reason, quarantine=no, others=others
        )
        return ended(operation, Outcome.QUARANTINED, reason, answer.remote_id)

    def _refusal(self, operation: Step, mapping: Mapping | None, reason: str) -> Quarantine:
        return refusal(operation, self.vendor.capabilities, mapping, reason)


def _said(*remarks: str | None) -> str | None:
    return "; ".join(remark for remark in remarks if remark) or None

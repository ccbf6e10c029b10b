"""The third step of a write: the record is read back, and what came of the write is committed with
it.

The journal and the result say different things, on purpose. The journal says whether the write may
still be on its way, so that what it did is looked for: `unknown` where a write was accepted and
could not be read back, which the report calls done; `failed` where a vendor accepted it and keeps
the record otherwise, which is in quarantine for the report.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from syncd.compare.attribution import happened, is_edited, older, shows_no_effect
from syncd.compare.identity import until_elsewhere, until_otherwise
from syncd.compare.sameness import resembles
from syncd.compare.seats import with_group
from syncd.engine.store.debts import forget_owed
from syncd.engine.store.ledger import JournalState
from syncd.engine.write.absorbed import Host, based_again, host_of, refused, taken_over
from syncd.engine.write.journal import Attempt, Ended, ended
from syncd.engine.write.outcome import (
    as_confirmed,
    changed_mapping,
    created_mapping,
    fewer_clients,
    left_out,
    mapping_assumed_written,
    other_length,
    silently_rejected,
    stands_as_before,
    tells,
)
from syncd.logs.lean import structlog
from syncd.model.appointment import Field, Status
from syncd.model.errors import Malformed, Taken, VendorError
from syncd.model.memory import Mapping, Quarantine
from syncd.model.plan import Cancel, Operation, Outcome
from syncd.model.record import Absent, Record
from syncd.model.wording import status_not_kept
from syncd.vendors.port import Written

log = structlog.get_logger(__name__)


async def created(attempt: Attempt, answer: Written) -> Ended:
    """What came of a create that the vendor says it has done."""
    vendor, operation, journal = attempt.vendor, attempt.sent, attempt.journal
    # Some vendors put a booking into a record that is there: then nothing was made.
    host = await host_of(journal.ledger, vendor.name, answer)
    if host is not None and host.stands:
        return await _joined(attempt, answer, host)
    asked_at = journal.clock()
    found = await _look(attempt, answer)
    # Not found right after it was made is a cache, and no deletion.
    kept = found if isinstance(found, Record) else answer.record
    mapping = created_mapping(vendor.capabilities, operation, answer, kept, asked_at)
    # What the record was owed was owed to the client who was there before.
    if host is not None:
        mapping = taken_over(mapping, kept)
        await journal.ledger.write(forget_owed, vendor.name, answer.remote_id)
    wrong = None if kept is None else silently_rejected(operation, answer, kept, None)
    if wrong:
        # The record stands, so that the create is done; to bring it to its time is what is
        # refused from now on.
        behind = mapping.acknowledged.with_values({Field.SLOT: mapping.base.slot})
        mapping = replace(mapping, acknowledged=behind)
        no = replace(
            attempt.refusal(mapping, wrong),
            key=until_elsewhere(operation.appointment, mapping.base.slot),
        )
        return await attempt.settle(
            JournalState.DONE, Outcome.QUARANTINED, wrong, mapping=mapping, quarantine=no
        )
    state = JournalState.UNKNOWN if kept is None else JournalState.DONE
    lacks = left_out(vendor.capabilities, operation)
    fewer = fewer_clients(operation, kept)
    note = _said(answer.note, other_length(operation, kept), lacks, fewer)
    return await attempt.settle(state, Outcome.DONE, note=note, mapping=mapping)


async def changed(attempt: Attempt, before: Mapping, answer: Written | Ended) -> Ended:
    """What came of a change to a record with this mapping, whatever the vendor answered."""
    asked_at, operation = attempt.journal.clock(), attempt.sent
    if isinstance(answer, Written):
        kept = await _look(attempt, answer, before)
        return await _changed(attempt, before, answer, kept, asked_at)
    if answer.result.outcome is not Outcome.UNKNOWN:
        return answer
    # What the record shows now tells whether it is done, or what somebody did meanwhile.
    found: Record | Absent | None
    try:
        found = await attempt.vendor.get(before.remote_id, operation.target, before.guests)
    except (VendorError, Malformed):
        found = None
    edited = found if isinstance(found, Record) and is_edited(operation, before, found) else None
    if happened(operation, before, found):
        done = Written(remote_id=before.remote_id)
        answer = await _changed(attempt, before, done, found, asked_at)
    return replace(answer, glimpsed=edited)


async def _look(
    attempt: Attempt, answer: Written, before: Mapping | None = None
) -> Record | Absent | None:
    """The record after a write; None when it cannot be read now.

    One that shows no trace of it is read twice.
    """
    vendor, operation = attempt.vendor, attempt.sent
    guests = () if before is None else before.guests
    try:
        kept = await vendor.get(answer.remote_id, operation.target, guests)
        if before is not None and _shows_nothing(kept, before, operation):
            kept = await vendor.get(answer.remote_id, operation.target, guests)
        if isinstance(kept, Record) and older(kept, answer.record):
            return answer.record  # a stale read: the vendor's own answer is newer
    except (VendorError, Malformed) as error:
        log.warning(
            "read_back_failed", vendor=vendor.name, operation=operation.id, error=str(error)
        )
        # The vendor's answer is a reading as well, where it shows all that was written.
        told = answer.record is not None and operation.changes.keys() <= answer.record.shows
        return answer.record if told else None
    return kept


def _shows_nothing(kept: Record | Absent, before: Mapping, operation: Operation) -> bool:
    return isinstance(kept, Record) and shows_no_effect(kept, before.base, operation)


async def _changed(
    attempt: Attempt,
    before: Mapping,
    answer: Written,
    kept: Record | Absent | None,
    asked_at: datetime,
) -> Ended:
    """The same by the record as it is after the write; None where it cannot be read."""
    operation, able = attempt.sent, attempt.vendor.capabilities
    if isinstance(kept, Absent):
        return await _vanished(attempt, before, asked_at)
    # 09:00 a move is accepted; 09:01 the site is down, and it cannot be read back
    # 09:05 its entry in the journal is open: the record is looked at, whatever its row shows
    if kept is None or not tells(kept, before, frozenset(operation.changes)):
        if answer.refused is not None:
            said = f"{answer.refused}; what else was done of it could not be read"
            return await attempt.settle(JournalState.UNKNOWN, Outcome.UNKNOWN, said)
        said = "it was accepted, but could not be read back"
        believed = as_confirmed(able, before, operation, asked_at)
        return await attempt.settle(
            JournalState.UNKNOWN, Outcome.DONE, said, note=f"{said} yet", mapping=believed
        )
    no_to_it = answer.refused and str(answer.refused)
    wrong = no_to_it or silently_rejected(operation, answer, kept, before.base)
    mapping = changed_mapping(able, before, operation, answer, kept, asked_at, bool(wrong))
    if wrong is None:
        fewer = fewer_clients(operation, kept)
        note = _said(answer.note, other_length(operation, kept), fewer)
        return await attempt.settle(JournalState.DONE, Outcome.DONE, note=note, mapping=mapping)
    no = attempt.refusal(mapping, wrong, of_time=isinstance(answer.refused, Taken))
    if not no_to_it:
        no = _unkept(attempt, before, mapping, no)
    return await attempt.settle(
        JournalState.FAILED, Outcome.QUARANTINED, no.reason, mapping=mapping, quarantine=no
    )


def _unkept(attempt: Attempt, before: Mapping, after: Mapping, no: Quarantine) -> Quarantine:
    """What is left alone of a write that a vendor confirmed and did not keep: more than the rest of
    it, where that may be somebody's doing.

    09:00:00 a move to 16:00 is confirmed; 09:00:01 somebody at the office moves it to 10:00
    09:00:02 read back, it is at 10:00, as a wrong zone would have it: that is asked
    09:00:05 it is to get a new title, too: to move it with that would undo what somebody did
    """
    operation = attempt.sent
    current = before.tombstone is None
    if current and stands_as_before(attempt.planned, operation, before, after):
        key = until_otherwise(operation.appointment)
        return replace(no, key=key, reason=status_not_kept(no.reason))
    shown = after.base.slot
    elsewhere = Field.SLOT in operation.changes and shown != before.base.slot
    if elsewhere and not resembles(Field.SLOT, shown, operation.target.slot):
        return replace(no, key=until_elsewhere(operation.appointment, shown))
    return no


async def _vanished(attempt: Attempt, before: Mapping, asked_at: datetime) -> Ended:
    """A record that is gone after a write: cancelled by it, or deleted by a person since."""
    operation = attempt.sent
    if isinstance(operation, Cancel):
        ending = before.base.with_values({Field.STATUS: Status.CANCELLED})
        mapping = replace(
            before,
            base=ending,
            acknowledged=with_group(ending, before),
            in_flight=None,
            tombstone="cancelled: syncd deleted it there",
        )
        return await attempt.settle(JournalState.DONE, Outcome.DONE, mapping=mapping)
    # The write is taken for done, so that the absence alone is left to be explained.
    able = attempt.vendor.capabilities
    believed = mapping_assumed_written(able, before, operation, asked_at)
    said = f"the record vanished while its {', '.join(sorted(operation.changes))} changed"
    note = "the record vanished while it was written"
    return await attempt.settle(
        JournalState.UNKNOWN, Outcome.STALE, said, note=note, mapping=believed
    )


async def _joined(attempt: Attempt, answer: Written, host: Host) -> Ended:
    """The vendor put the booking into a standing record of another appointment."""
    reason = refused(attempt.vendor.name, answer, host)
    others = await based_again(attempt.vendor, answer, host, attempt.sent)
    await attempt.settle(
        JournalState.FAILED,
        Outcome.QUARANTINED,
        reason,
        quarantine=attempt.refusal(None, reason),
        others=others,
    )
    return ended(attempt.sent, Outcome.QUARANTINED, reason, answer.remote_id)


def _said(*remarks: str | None) -> str | None:
    return "; ".join(remark for remark in remarks if remark) or None

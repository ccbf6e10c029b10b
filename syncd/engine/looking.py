"""The look after a write: what the vendor shows of it. Reads alone; what follows from them is `aftermath`."""

from __future__ import annotations

from collections import abc

import structlog

from syncd.engine.aftermath import older, untouched
from syncd.model.appointment import Field
from syncd.model.errors import Malformed, VendorError
from syncd.model.memory import Mapping
from syncd.model.plan import Cancel, Operation
from syncd.model.record import Absent, Record
from syncd.reconcile.changes import differs
from syncd.reconcile.sameness import resembles
from syncd.vendors.port import Vendor, Written

log = structlog.get_logger(__name__)


async def look(
    vendor: Vendor, operation: Operation, answer: Written, before: Mapping | None = None
) -> Record | Absent | None:
    """The record after a write; None when it cannot be read now. One that shows no trace of it is read twice."""
    guests = () if before is None else before.guests
    try:
        kept = await vendor.get(answer.remote_id, operation.target, guests)
        if before is not None and isinstance(kept, Record) and untouched(kept, before.base, operation):
            kept = await vendor.get(answer.remote_id, operation.target, guests)
        if isinstance(kept, Record) and older(kept, answer.record):
            return answer.record  # a stale read: the vendor's own answer is newer
    except (VendorError, Malformed) as error:
        log.warning("read_back_failed", vendor=vendor.name, operation=operation.id, error=str(error))
        return answer.record if answer.record and operation.changes.keys() <= answer.record.shows else None
    return kept


async def look_again(vendor: Vendor, operation: Operation, before: Mapping) -> Record | Absent | None:
    """After a write without an answer: the record as it is now; None where that cannot be told."""
    try:
        return await vendor.get(before.remote_id, operation.target, before.guests)
    except (VendorError, Malformed):
        return None


def happened(operation: Operation, before: Mapping, found: Record | Absent | None) -> bool:
    """Whether a record, as it is after a write without an answer, shows that the write was carried out."""
    if not isinstance(found, Record):
        return isinstance(found, Absent) and isinstance(operation, Cancel)
    changed = [name for name in _shown(operation, found) if differs(name, before.base, found.content)]
    return bool(changed) and not _otherwise(operation, found, _shown(operation, found))


def is_edited(operation: Operation, before: Mapping, found: Record | Absent | None) -> bool:
    """Whether it shows what neither was there before nor was written: a person edits it, just now.

    That is believed at once: the write may yet be carried out, and nothing else would tell of the edit then.
        09:00:00 a move to 16:00 gets no answer; 09:00:01 somebody moves it to 17:00; 09:00:02 it is looked at
        09:00:05 the move is carried out late: 17:00 is written again
    """
    if not isinstance(found, Record):
        return False
    changed = [name for name in _shown(operation, found) if differs(name, before.base, found.content)]
    return bool(_otherwise(operation, found, changed))


def _shown(operation: Operation, found: Record) -> list[Field]:
    return [name for name in operation.changes if name in found.shows]


def _otherwise(operation: Operation, found: Record, names: abc.Iterable[Field]) -> list[Field]:
    """Those that cannot be what the vendor made of the write."""
    return [name for name in names if not resembles(name, found.content.get(name), operation.target.get(name))]

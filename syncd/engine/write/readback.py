"""The look after a write: what the vendor shows of it.

Reads alone; what follows from them is `outcome`.
"""

from __future__ import annotations

import structlog

from syncd.compare.attribution import older, shows_no_effect
from syncd.model.errors import Malformed, VendorError
from syncd.model.memory import Mapping
from syncd.model.plan import Operation
from syncd.model.record import Absent, Record
from syncd.vendors.port import Vendor, Written

log = structlog.get_logger(__name__)


async def look(
    vendor: Vendor, operation: Operation, answer: Written, before: Mapping | None = None
) -> Record | Absent | None:
    """The record after a write; None when it cannot be read now.

    One that shows no trace of it is read twice.
    """
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
        return (
            answer.record
            if answer.record and operation.changes.keys() <= answer.record.shows
            else None
        )
    return kept


async def look_again(
    vendor: Vendor, operation: Operation, before: Mapping
) -> Record | Absent | None:
    """After a write without an answer: the record as it is now; None where that cannot be told."""
    try:
        return await vendor.get(before.remote_id, operation.target, before.guests)
    except (VendorError, Malformed):
        return None


def _shows_nothing(kept: Record | Absent, before: Mapping, operation: Operation) -> bool:
    return isinstance(kept, Record) and shows_no_effect(kept, before.base, operation)

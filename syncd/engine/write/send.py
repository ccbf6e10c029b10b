"""The second step of a write: the request itself.

Whatever is no clear "done" is settled here, and is the end of it.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace

from syncd.compare.identity import operation_id, until_stirred
from syncd.compare.sameness import same_at
from syncd.engine.store.ledger import JournalState
from syncd.engine.write.journal import Ended, Entry, Journal, ended
from syncd.model.appointment import Field
from syncd.model.capabilities import Capabilities
from syncd.model.errors import Malformed, Refused, Stale, Taken, VendorError
from syncd.model.memory import Mapping, Quarantine
from syncd.model.plan import Action, Cancel, Create, Operation, Outcome
from syncd.vendors.port import Uncertain, WriteResult, Written


async def send(
    journal: Journal, entry: Entry, sending: abc.Awaitable[WriteResult], able: Capabilities
) -> Written | Ended:
    """Send a write that is journalled: the vendor's "done", or how the attempt ended without one.

    Raises the vendor's other errors, which all say that it was not done, when that is settled.
    """
    operation = entry.planned
    try:
        answer = await sending
    except Stale as error:
        # The vendor compared versions: nothing was written, and the record is merged again.
        await journal.settle(entry, JournalState.STALE, error=str(error))
        return ended(operation, Outcome.STALE, str(error))
    except Refused as error:
        # Another operation may make room for it yet: it is no quarantine before the lane is done.
        no = refusal(operation, able, entry.before, str(error), of_time=isinstance(error, Taken))
        await journal.settle(entry, JournalState.FAILED, error=str(error))
        return replace(ended(operation, Outcome.QUARANTINED, str(error)), refusal=no)
    except (VendorError, Malformed) as error:
        await journal.settle(entry, JournalState.FAILED, error=str(error))
        raise
    # It may have been carried out, or may be yet: the entry stays open until that can be seen.
    if isinstance(answer, Uncertain):
        await journal.settle(entry, JournalState.UNKNOWN, error=answer.reason)
        return ended(operation, Outcome.UNKNOWN, answer.reason)
    return answer


def refusal(
    operation: Operation,
    able: Capabilities,
    mapping: Mapping | None,
    reason: str,
    *,
    of_time: bool = False,
) -> Quarantine:
    """The quarantine of an operation; `mapping` is what a write came to, `of_time` a time's no."""
    key = operation.id if mapping is None else _next_id(operation, able, mapping)
    return Quarantine(
        vendor=operation.vendor,
        key=until_stirred(key) if of_time else key,
        reason=reason,
        appointment=operation.appointment,
        remote_id=operation.remote_id,
    )


def _next_id(operation: Operation, able: Capabilities, mapping: Mapping) -> str:
    """The name of what is left of an operation that was done in part: of a create, a move."""
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

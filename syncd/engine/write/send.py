"""The second step of a write: the request itself.

Whatever is no clear "done" is settled here, and is the end of it.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace

from syncd.engine.store.ledger import JournalState
from syncd.engine.write.journal import Ended, Entry, Journal, ended
from syncd.engine.write.refusals import refusal
from syncd.model.capabilities import Capabilities
from syncd.model.errors import Malformed, Refused, Stale, Taken, VendorError
from syncd.model.plan import Outcome
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
        await journal.settle(entry, JournalState.STALE, error=str(error))
        return ended(operation, Outcome.STALE, str(error))
    except Refused as error:
        no = refusal(operation, able, entry.before, str(error), of_time=isinstance(error, Taken))
        await journal.settle(entry, JournalState.FAILED, error=str(error))
        return replace(ended(operation, Outcome.QUARANTINED, str(error)), refusal=no)
    except (VendorError, Malformed) as error:
        await journal.settle(entry, JournalState.FAILED, error=str(error))
        raise
    if isinstance(answer, Uncertain):
        await journal.settle(entry, JournalState.UNKNOWN, error=answer.reason)
        return ended(operation, Outcome.UNKNOWN, answer.reason)
    return answer

"""What writes took from records and owe them: given back right after the write, or in the next
cycle.

A vendor may switch something off with each write (Amelia: its own reminders), so that it has to be
switched on again.
    09:00 a record is read: reminders are on; that is stored with the journal's entry
    09:00 the write switches them off, and the process dies
    09:05 the next process reads the record, finds them off, and switches them on again
Not while a write may still schedule the record again, which its vendor tells by the switch:
    09:00 reminders are off for a revival, which gets no answer
    09:01 switched on, they would let Amelia before 2.1.3 mail the client, as it revives at 09:02
What is owed is kept until that succeeded and no write to the record is open, which could still land
after it; or until the record is known to be gone, for which its vendor's word alone is no proof, or
to be another appointment's.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field

from syncd.engine.store.debts import counts_on, drop_owed, forget_owed, owed_by
from syncd.engine.store.ledger import Ledger
from syncd.engine.store.unanswered import may_be_revived, open_marks
from syncd.logs.lean import structlog
from syncd.model.errors import Malformed, Refused, Stale, VendorError
from syncd.model.record import Absent
from syncd.vendors.port import Uncertain, Vendor

log = structlog.get_logger(__name__)

_MAY_BE_REVIVED = (
    "that it is scheduled again got no answer, may still be carried out, and must mail nobody then"
)


@dataclass(slots=True)
class Owing:
    """Gives back what records are owed.

    `remarks` are sentences for the report on what a person has to do.
    """

    ledger: Ledger
    remarks: list[str] = field(default_factory=list)

    async def make_up(self, vendors: abc.Iterable[Vendor]) -> list[str]:
        """Give back what earlier writes owe; sentences on what is left for the next cycle."""
        left = []
        for vendor in vendors:
            for remote_id, owed in (await self.ledger.read(owed_by, vendor.name)).items():
                why_not = await self._look_and_give_back(vendor, remote_id, owed)
                if why_not:
                    left.append(
                        f"{vendor.name}: what a write to {remote_id} switched off is switched on "
                        f"again in the next cycle: {why_not}"
                    )
        return left

    async def give_back(self, vendor: Vendor, remote_id: str, owed: str) -> str | None:
        """Give back what a write took; why it is left for later, if so."""
        try:
            answer = await vendor.give_back(remote_id, owed)
        except (Refused, Stale) as error:
            # It will say so again, each time: a person has to do it.
            await self.ledger.write(drop_owed, vendor.name, remote_id)
            log.warning("not_given_back", vendor=vendor.name, remote_id=remote_id, error=str(error))
            self.remarks.append(
                f"{error}: what syncd's write switched off there, switch on again by hand"
            )
            return None
        except (VendorError, Malformed) as error:
            return self._left(vendor, remote_id, str(error))
        if isinstance(answer, Uncertain):
            return self._left(vendor, remote_id, answer.reason)
        await self.ledger.write(drop_owed, vendor.name, remote_id)
        log.info("given_back", vendor=vendor.name, remote_id=remote_id, what=owed)
        return None

    async def _look_and_give_back(self, vendor: Vendor, remote_id: str, owed: str) -> str | None:
        """Look whether a write took anything from a record, and give it back if one did."""
        try:
            found = await vendor.get(remote_id)
        except VendorError as error:
            return self._left(vendor, remote_id, str(error))
        except Malformed:
            return await self.give_back(vendor, remote_id, owed)  # it is there, and does not say
        if isinstance(found, Absent):
            now = self.ledger.clock()
            if await self.ledger.read(counts_on, vendor.name, remote_id, now):
                why = "it is not found there now, and nothing else says that it is gone"
                return self._left(vendor, remote_id, why)
            forget = forget_owed  # nor can a write that is open still land there
        elif found.token in await self.ledger.read(open_marks, vendor.name):
            # A create of ours took the record over: what is switched off was another client's.
            forget = forget_owed
        elif vendor.owed(found):
            # It is on, so that the write was never carried out, or somebody has seen to it.
            forget = drop_owed
        elif await self.ledger.read(may_be_revived, vendor.name, remote_id):
            return self._left(vendor, remote_id, _MAY_BE_REVIVED)
        else:
            return await self.give_back(vendor, remote_id, owed)
        await self.ledger.write(forget, vendor.name, remote_id)
        return None

    def _left(self, vendor: Vendor, remote_id: str, error: str) -> str:
        log.warning("not_given_back_yet", vendor=vendor.name, remote_id=remote_id, error=error)
        return error

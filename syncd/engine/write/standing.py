"""What stands at a vendor at some time: known records as the store has them after this cycle's
writes, and those that the cycle's listing shows and nobody could link.

What no listing shows, such as a closed day, only the vendor itself can tell, by its refusal.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain

from syncd.compare.calendars import calendar_of, overlap, same_calendar
from syncd.engine.store.ledger import Ledger
from syncd.engine.store.standing import mapped_between, unmapped_in
from syncd.model.appointment import Appointment
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Mapping
from syncd.model.record import Complete, Partial, Record, Snapshot
from syncd.model.times import Slot

_LONGEST = timedelta(days=1)
"""A record that began earlier than this before a time is not looked for."""


@dataclass(frozen=True, slots=True, order=True)
class Stay:
    """A record that stands, with the time that it takes."""

    remote_id: str
    slot: Slot = field(compare=False)


@dataclass(slots=True)
class Standing:
    """The records of all vendors by their time; `listed` are those that the cycle decoded, by
    vendor and id.
    """

    ledger: Ledger
    listed: dict[str, abc.Mapping[str, Record]] = field(default_factory=dict)

    def take(self, snapshots: abc.Mapping[str, Snapshot]) -> None:
        """Take in what a cycle's listings show."""
        for name, snapshot in snapshots.items():
            if isinstance(snapshot, Complete | Partial):
                self.listed[name] = {**snapshot.unread, **snapshot.records}

    async def upon(
        self,
        vendor: str,
        able: Capabilities,
        wanted: Appointment,
        but: abc.Container[str] = (),
    ) -> list[Stay]:
        """The records that stand where one with these values would, without those named, by id."""
        slot, calendar = wanted.slot, calendar_of(wanted, able)
        since = slot.start - _LONGEST
        known = await self.ledger.read(mapped_between, self.ledger, vendor, since, slot.end)
        found = dict(chain.from_iterable(map(_places, known)))
        listed = self.listed.get(vendor, {})
        near = [key for key, record in listed.items() if overlap(record.content.slot, slot)]
        for key in await self.ledger.read(unmapped_in, vendor, near):
            found[key, listed[key].content.slot] = listed[key].content
        stays = {
            Stay(remote_id, at)
            for (remote_id, at), content in found.items()
            if remote_id not in but
            and overlap(at, slot)
            and not able.ends(content.status)
            and same_calendar(calendar, calendar_of(content, able))
        }
        return sorted(stays)


def _places(mapping: Mapping) -> abc.Iterator[tuple[tuple[str, Slot], Appointment]]:
    """Where a known record is, and where a write without an answer may have brought it."""
    for content in (mapping.base, mapping.in_flight):
        if content is not None:
            yield (mapping.remote_id, content.slot), content

"""Which appointments stand beside those that a cycle concerns, where a record may take longer than
its appointment.

09:00 an hour's service covers 45 minutes at 15:00: its record ends at 16:00
11:00 somebody enters one at 15:45 elsewhere; the record of the first is unchanged, not looked at
11:02 what is made at 15:45 meets it, so it has to be known
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace

from syncd.engine.store.indexes import IndexEntry, Overview
from syncd.engine.store.ledger import Ledger
from syncd.model.memory import Memory
from syncd.model.record import Record

_DAY = 24 * 60 * 60
"""In seconds: no record takes longer at a vendor whose services decide that."""


async def surrounded(
    ledger: Ledger,
    overview: Overview,
    memory: Memory,
    records: abc.Iterable[Record],
    further: abc.Set[str] = frozenset(),
) -> Memory:
    """The same with those around, and `further` ones: nothing is decided about them, and what is
    made beside them must have room.

    `records` are those of the appointments concerned, as they are shown now.
    """
    days, near = _days(memory, records), set(further)
    # Where an end is taken as it is given, no record is longer than its appointment.
    moved = [one.name for one in overview.policy.vendors if not one.capabilities.end_can_be_set]
    if moved:
        await ledger.reach(overview, [(day * _DAY, (day + 1) * _DAY) for day in days])
    for name in moved:
        entries = overview.indexes[name].entries.values()
        near |= {entry.appointment_id for entry in entries if _stands_on(entry, days)}
    around = await ledger.memory(near - {known.id for known in memory.known}, overview)
    return replace(memory, around=around.known)


def _days(memory: Memory, records: abc.Iterable[Record]) -> set[int]:
    starts = {known.agreed.slot.start for known in memory.known}
    starts |= {record.content.slot.start for record in records}
    that_day = {int(start.timestamp() // _DAY) for start in starts}
    # The day before and after: a record of the evening may end, and another begin, past midnight.
    return that_day | {day - 1 for day in that_day} | {day + 1 for day in that_day}


def _stands_on(entry: IndexEntry, days: abc.Container[int]) -> bool:
    if entry.start is None or entry.tombstone or not entry.live:
        return False
    return entry.start // _DAY in days

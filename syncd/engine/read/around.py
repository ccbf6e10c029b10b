"""Which appointments stand beside those that a cycle concerns, where a record may take longer than its appointment.

09:00 an hour's service covers 45 minutes at 15:00: its record ends at 16:00
11:00 somebody enters an appointment at 15:45 elsewhere; the record of the first one is unchanged and not looked at
11:02 what is made at 15:45 meets it, so it has to be known
"""

from __future__ import annotations

from collections import abc
from datetime import datetime

from syncd.engine.store.rows import Overview
from syncd.model.memory import Memory
from syncd.model.policy import Policy
from syncd.model.record import Record

_DAY = 24 * 60 * 60
"""In seconds: no record takes longer at a vendor whose services decide that."""


def stretches(
    memory: Memory,
    records: abc.Iterable[Record],
    policy: Policy,
) -> list[tuple[float, float]]:
    """Where `beside` looks, in seconds since the epoch."""
    vendors = [traits.name for traits in policy.vendors if not traits.capabilities.sets_end]
    return [(day * _DAY, (day + 1) * _DAY) for day in _days(memory, records)] if vendors else []


def beside(memory: Memory, records: abc.Iterable[Record], overview: Overview, policy: Policy) -> set[str]:
    """Ids of the appointments that nothing touches and that have a record about a day from one of
    those concerned.

    `records` are those of the concerned ones, as they are shown now. The overview reaches to all
    `stretches`.
    """
    vendors = [traits.name for traits in policy.vendors if not traits.capabilities.sets_end]
    days = _days(memory, records) if vendors else set()
    if not days:
        return set()
    near = {
        entry.appointment_id
        for vendor in vendors
        for entry in overview.indexes[vendor].entries.values()
        if entry.live and not entry.tombstone and entry.start is not None and entry.start // _DAY in days
    }
    return near - {known.id for known in memory.known}


def _days(memory: Memory, records: abc.Iterable[Record]) -> set[int]:
    starts = {known.agreed.slot.start for known in memory.known}
    starts |= {record.content.slot.start for record in records}
    return {day + number for day in map(_day, starts) for number in (-1, 0, 1)}


def _day(moment: datetime) -> int:
    return int(moment.timestamp() // _DAY)

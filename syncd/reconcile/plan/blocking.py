"""Blocked time: what takes whole days at one vendor keeps a booking page from offering them. Pure.

A block is no record, and is never linked, merged or taken for somebody's wish: it is made and
removed until what stands is what there is to be. So nothing has to be known of what was sent:

    09:00 the office's people are away for three days: a block is sent, and gets no answer
    09:05 it is listed, by the mark that it carries: there is nothing to do
    09:05 or it is not, and a second one is sent; should both be there then, one of them is removed
    11:00 they are away for four: a new block is made, and then the old one is removed
Whoever removes one at the booking page finds it there again: it says what the office says.
"""

from __future__ import annotations

from collections import abc
from datetime import datetime

from syncd.compare.identity import digest
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Known, Memory
from syncd.model.plan import Cancel, Create, NextState, Step
from syncd.model.policy import Policy, Traits
from syncd.model.record import Block, Listed, Snapshot
from syncd.model.times import Slot

_Place = tuple[str, str, int, int]
"""An appointment, a calendar, and the minutes from when to when."""


def blocking(
    next_states: abc.Iterable[NextState],
    snapshots: abc.Mapping[str, Snapshot],
    memory: Memory,
    policy: Policy,
    now: datetime,
) -> list[Step]:
    """What is left to block, and after that what is left to remove."""
    if memory.busy is None:  # a follow-up has seen a part of it alone
        return []
    decided = [Known(id=one.id, agreed=one.agreed, mappings=one.mappings) for one in next_states]
    known = {one.id: one for one in (*memory.busy, *decided)}
    steps = list[Step]()
    for traits in policy.vendors:
        shown = _shown_by(traits, snapshots.get(traits.name))
        if shown is not None:
            steps += _at(traits, shown, known, policy, now)
    return sorted(steps, key=lambda step: isinstance(step, Cancel))


def _shown_by(traits: Traits, snapshot: Snapshot | None) -> abc.Sequence[Block] | None:
    """The blocks that a vendor shows, where it can be given some now; None elsewhere."""
    may = traits.capabilities.blocks and not (traits.read_only or traits.slots_held)
    return snapshot.blocks if may and isinstance(snapshot, Listed) else None


def _at(
    traits: Traits,
    shown: abc.Sequence[Block],
    known: abc.Mapping[str, Known],
    policy: Policy,
    now: datetime,
) -> abc.Iterator[Step]:
    wanted = {
        _place(one.id, calendar, one.agreed.slot): one
        for one, calendar in _wanted(traits, known.values(), policy, now)
    }
    there = dict[_Place, Block]()
    for block in sorted(shown, key=lambda one: one.id):
        place = _place(block.appointment, block.calendar, block.slot)
        ours = _lasts(block.slot, policy, now)
        if ours and (place not in wanted or place in there):
            yield _removed(traits.name, block, known.get(block.appointment))
        there.setdefault(place, block)
    for place, one in wanted.items():
        if place not in there and one.agreed.slot.start > now:
            yield _made(traits.name, place, one)


def _wanted(
    traits: Traits, known: abc.Iterable[Known], policy: Policy, now: datetime
) -> abc.Iterator[tuple[Known, str]]:
    """The appointments whose time is to be blocked at a vendor, each with its calendar there."""
    for one in known:
        at = [mapping.vendor for mapping in one.mappings if mapping.tombstone is None]
        lasts = one.agreed.status.open and _lasts(one.agreed.slot, policy, now)
        calendar = traits.capabilities.whose_calendar(one.agreed)
        if not (lasts and calendar is not None and policy.is_busy(one.agreed, at)):
            continue
        if traits.capabilities.objects(one.agreed):  # else it has a record of its own there
            yield one, calendar


def _lasts(slot: Slot, policy: Policy, now: datetime) -> bool:
    """Whether a time begins in the window, and is not over."""
    return slot.end > now and slot.start in policy.window


def _place(appointment: str, calendar: str, slot: Slot) -> _Place:
    return appointment, calendar, slot.minute, int(slot.end.timestamp() // 60)


def _made(vendor: str, place: _Place, known: Known) -> Create:
    having = sorted({mapping.vendor for mapping in known.mappings if mapping.tombstone is None})
    return Create(
        id=digest(["block", vendor, *map(str, place)]),
        vendor=vendor,
        appointment=known.id,
        target=known.agreed,
        changes={Field.SLOT: (None, known.agreed.slot)},
        reason=f"{', '.join(having)} has it for whole days, so that nobody can book at {vendor} "
        "then: its time is blocked there",
    )


def _removed(vendor: str, block: Block, known: Known | None) -> Cancel:
    why = "the appointment is called off, or takes no whole days any more"
    if known is not None and known.agreed.status.open:
        why = f"it is at another time, {known.agreed.slot}, or blocked there already"
    return Cancel(
        id=digest(["unblock", vendor, block.id]),
        vendor=vendor,
        appointment=block.appointment,
        target=Appointment(slot=block.slot, status=Status.CANCELLED, title="Blocked time"),
        changes={Field.STATUS: (Status.SCHEDULED, Status.CANCELLED)},
        reason=f"syncd blocked the time at {vendor}, and nothing has it any more: {why}",
        remote_id=block.id,
    )

"""How appointments exchange their times at a vendor that takes no time twice: whose turn it is, and
where one of them may stand for a moment. Pure; `aside` carries it out.

An order without any such moment goes first: a row in which each takes the next one's time begins at
its free end (`lanes.another_try`). Only a circle has no beginning. There one record is put aside,
the others follow as ever, and it takes its own time last:

    10:00 A, 11:00 B; people exchange them at the CRM, and the site refuses both moves
    09:05:00 journalled, sent, read back: A to 10:00 in a week      base and acknowledged: in a week
    09:05:01 B to 10:00                                             as planned
    09:05:02 A to 11:00                                             as planned

What is agreed of A is 11:00 all the while: that it stands aside is its vendor's mapping alone, and
never a value of the appointment. So whatever ends the cycle in between, the next one goes on:

    the process dies before A's answer   the entry is open, and in a week is what it has in flight:
                                         found there, it is nobody's edit; found at 10:00, nothing
                                         was done
    it dies after that answer            in a week is A's base: nobody changed anything; and A is
                                         behind what is agreed, so that it is moved to 11:00
    the answer is lost                   the record is looked at, at once and in the next cycle,
                                         and nothing else is done to it before that shows it
    somebody moves A meanwhile           it differs from its base or from what is in flight: a
                                         person's move, which counts, here and everywhere
    B is refused 10:00 all the same      A goes back to 10:00
    10:00 is gone by then                A stays where it is, in quarantine, which says so

Where the vendor has no time to spare, or refuses each that looks free, a record that can be
cancelled and be revived is cancelled for that moment, if the vendor itself said that nothing but
its time was refused. The same holds for it: cancelled is what its mapping has acknowledged, and
that the appointment stands is agreed.
"""

from __future__ import annotations

import graphlib
from collections import abc
from dataclasses import replace
from datetime import datetime, timedelta

from syncd.compare.calendars import calendar_of, overlap, same_calendar
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.capabilities import Capabilities
from syncd.model.plan import Cancel, Reschedule, Step
from syncd.model.times import Slot

TRIES = 6
"""So many times are asked for at most, of those that look free."""

_NOTICE = timedelta(days=2)
"""Not nearer than this: vendors remind clients of what begins within a day or so."""

_DAYS = (*range(7, 29, 7), *range(1, 7), *range(8, 14))
"""So many days on: the same day of the week has the same hours, mostly."""

_BOTH = frozenset({Field.SLOT, Field.STATUS})


def circles(
    refused: abc.Iterable[Step], at: abc.Callable[[Step], Appointment], able: Capabilities
) -> abc.Iterator[list[Reschedule]]:
    """The moves whose records stand in each other's way all around, each in one circle.

    `at` tells where the record of a move is now.
    """
    left = {one.id: one for one in refused if isinstance(one, Reschedule)}
    while left:
        graph = {one.id: _in_the_way(one, left.values(), at, able) for one in left.values()}
        try:
            graphlib.TopologicalSorter(graph).prepare()
        except graphlib.CycleError as error:
            around = dict.fromkeys(error.args[1])  # its first one is named at its end again
            yield [left.pop(key) for key in around]
        else:
            return


def _in_the_way(
    move: Reschedule,
    others: abc.Iterable[Reschedule],
    at: abc.Callable[[Step], Appointment],
    able: Capabilities,
) -> list[str]:
    wanted = calendar_of(move.target, able)
    return [
        other.id
        for other in others
        if other.appointment != move.appointment
        and overlap(at(other).slot, move.target.slot)
        and same_calendar(wanted, calendar_of(at(other), able))
    ]


def first_aside(circle: abc.Iterable[Reschedule]) -> Reschedule:
    """Which of a circle is put aside: the one that is furthest ahead, once it has its own time."""
    return max(circle, key=lambda move: (move.target.slot.start, move.id))


def times_aside(
    slot: Slot, circle: abc.Iterable[Reschedule], now: datetime, until: datetime
) -> abc.Iterator[Slot]:
    """Times at which a record of this slot may stand for a moment, the likeliest first.

    They are those of the circle itself on other days, as these lie within the hours, and the full
    hour. All begin before `until`, where a listing shows them.
    """
    own = slot.start
    starts = [own, *(move.target.slot.start for move in circle)]
    starts = [own.replace(hour=one.hour, minute=one.minute, second=one.second) for one in starts]
    starts.append(own.replace(minute=0, second=0))
    for days in _DAYS:
        for start in dict.fromkeys(starts):
            moved = start + timedelta(days=days)
            if now + _NOTICE < moved and moved + slot.duration < until:
                yield Slot(start=moved, end=moved + slot.duration)


def moved_aside(move: Reschedule, now_at: Appointment, to: Slot) -> Reschedule:
    """The write that brings a record to a time, aside or back, where it stands now at another."""
    return replace(
        move,
        target=move.target.with_values({Field.SLOT: to}),
        changes={Field.SLOT: (now_at.slot, to)},
        reason=f"so that appointments can exchange their times at {move.vendor}: {move.reason}",
    )


def cancelled_aside(move: Reschedule, now_at: Appointment) -> Cancel:
    """The write that cancels a record for a moment."""
    return Cancel(
        id=move.id,
        vendor=move.vendor,
        appointment=move.appointment,
        target=now_at.with_values({Field.STATUS: Status.CANCELLED}),
        changes={Field.STATUS: (now_at.status, Status.CANCELLED)},
        reason=(
            f"for a moment, so that appointments can exchange their times at {move.vendor}: "
            f"{move.reason}"
        ),
        remote_id=move.remote_id,
        expected=move.expected,
        mapping=move.mapping,
    )


def revived(move: Reschedule, status: Status) -> Reschedule:
    """The same write for a record that was cancelled for a moment: it stands again by it."""
    said = {Field.STATUS: (Status.CANCELLED, status)}
    target = move.target.with_values({Field.STATUS: status})
    return replace(move, target=target, changes={**move.changes, **said})


def can_be_cancelled(able: Capabilities) -> bool:
    """Whether a record can be cancelled for a moment, and stand again elsewhere in one write."""
    at_once = any(group >= _BOTH for group in able.together)
    return able.uncancels and able.soft_cancel and at_once

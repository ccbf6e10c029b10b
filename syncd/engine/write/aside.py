"""Puts records aside for a moment, so that appointments can exchange their times at a vendor; see
`exchange` for when, and for what a crash leaves behind.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from datetime import datetime

from syncd.engine.write.exchange import (
    TRIES,
    can_be_cancelled,
    cancelled_aside,
    circles,
    first_aside,
    moved_aside,
    revived,
    times_aside,
)
from syncd.engine.write.journal import Ended, Journal
from syncd.engine.write.standing import Standing
from syncd.model.appointment import Appointment, Field
from syncd.model.capabilities import Capabilities
from syncd.model.plan import Outcome, Reschedule, Step
from syncd.model.times import Slot

Send = abc.Callable[[Step, Step], abc.Awaitable[Ended]]
"""Carries out a write, given as what it is planned and as what is sent."""


@dataclass(frozen=True, slots=True)
class Was:
    """What a record was before it was put aside; `place` is where it stands, None: cancelled."""

    content: Appointment
    place: Slot | None

    def told(self, *, over: bool) -> str:
        """What became of it, in words; `over`: it is where it is to be."""
        where = f"at {self.place}" if self.place else "cancelled"
        if over:
            return f"it was {where} for a moment, so that others could take its time"
        return f"put aside, so that others could take its time, it is {where} for now"


@dataclass(slots=True)
class Aside:
    """The exchanges at one vendor in one cycle. `until` is the end of what is listed.

    `records` are those put aside, by operation; `left` says why of others no one could be.
    """

    able: Capabilities
    journal: Journal
    standing: Standing
    until: datetime
    send: Send
    records: dict[str, Was] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)

    async def make_way(
        self, refused: abc.Sequence[Step], for_time: abc.Container[str]
    ) -> tuple[Step, Ended] | None:
        """Put one aside of moves that stand in each other's way: which, and what that came to.

        None where there are none, or none can be. `for_time` are ids of those of which the vendor
        said that their time is what it refuses.
        """
        tried = self.records.keys() | self.left.keys()
        open_ones = [one for one in refused if one.id not in tried]
        for circle in circles(open_ones, self.place_of, self.able):
            ids = {one.remote_id for one in circle}
            if await self._is_held_by_others(circle, ids):
                continue
            if self.able.tells_clients:
                why = "its clients are told of every change (notify_clients): none is put aside"
                self._leave(circle, why)
                continue
            put = await self._put_aside(circle, for_time)
            if put is not None:
                return put
        return None

    def as_now(self, operation: Step) -> Step:
        """What is to be sent for an operation: one whose record is cancelled has to revive it."""
        was = self.records.get(operation.id)
        if was is None or was.place is not None or not isinstance(operation, Reschedule):
            return operation
        return revived(operation, operation.target.status)

    async def bring_back(self, operation: Step) -> Ended | None:
        """Put a record back where it was, which was put aside in vain; None where none was."""
        was = self.records.get(operation.id)
        if was is None or not isinstance(operation, Reschedule):
            return None
        back = moved_aside(operation, self.place_of(operation), was.content.slot)
        if was.place is None:
            back = revived(back, was.content.status)
        return await self.send(operation, back)

    def place_of(self, operation: Step) -> Appointment:
        """Where the record of an operation is now."""
        return self.journal.mapping_of(operation).base

    def _leave(self, circle: abc.Iterable[Reschedule], why: str) -> None:
        """Say why none of these is put aside, and try none again."""
        self.left |= dict.fromkeys((one.id for one in circle), why)

    async def _put_aside(
        self, circle: abc.Sequence[Reschedule], for_time: abc.Container[str]
    ) -> tuple[Step, Ended] | None:
        """Put one of these aside, moved or cancelled; None where it can be neither."""
        move = first_aside(circle)
        end = await self._move_aside(move, circle)
        # Refused for something else, it might not be revived either.
        if end is None and all(one.id in for_time for one in circle):
            end = await self._cancel_aside(move)
        if end is not None:
            return move, end
        why = f"no free time was found at which {move.remote_id} could stand for a moment"
        self._leave(circle, why)
        return None

    async def _is_held_by_others(
        self, circle: abc.Sequence[Reschedule], ids: abc.Container[str | None]
    ) -> bool:
        """Whether something stands in the way that does not move: no exchange makes room then."""
        vendor = circle[0].vendor
        for move in circle:
            stays = await self.standing.upon(vendor, self.able, move.target)
            if any(stay.remote_id not in ids for stay in stays):
                return True
        return False

    async def _move_aside(self, move: Reschedule, circle: abc.Sequence[Reschedule]) -> Ended | None:
        """Move it to a time that is free; None where there was none."""
        before, tries = self.place_of(move), 0
        for place in times_aside(before.slot, circle, self.journal.clock(), self.until):
            if tries == TRIES:
                break
            at = before.with_values({Field.SLOT: place})
            if await self.standing.upon(move.vendor, self.able, at):
                continue
            tries += 1
            end = await self._sent(move, moved_aside(move, before, place), Was(before, place))
            if end is not None:
                return end
        return None

    async def _cancel_aside(self, move: Reschedule) -> Ended | None:
        """Cancel it; None where that is not possible, or could not be taken back in one write."""
        if not can_be_cancelled(self.able):
            return None
        before = self.place_of(move)
        return await self._sent(move, cancelled_aside(move, before), Was(before, None))

    async def _sent(self, move: Reschedule, aside: Step, was: Was) -> Ended | None:
        """What came of putting it aside; None where that was refused."""
        end = await self.send(move, aside)
        if end.result.outcome is Outcome.DONE:
            self.records[move.id] = was
        return None if end.refusal is not None else end

"""One vendor's operations in one cycle, one at a time: what was refused is tried again as long as
others make room, and what is left then is put in quarantine, with who holds its time.
"""

from __future__ import annotations

import asyncio
from collections import abc
from dataclasses import dataclass, field, replace

from syncd.compare.identity import until_corrected, until_stirred
from syncd.engine.result import StepResult
from syncd.engine.write.aside import Aside
from syncd.engine.write.journal import Ended, Journal, name_of_rest
from syncd.engine.write.lanes import another_try, arranged
from syncd.engine.write.standing import Standing
from syncd.model.appointment import Field
from syncd.model.capabilities import Capabilities
from syncd.model.memory import Quarantine
from syncd.model.plan import Adopt, Create, Outcome, Step

_TAKES_TIME = frozenset({Field.SLOT, Field.STATUS})


@dataclass(slots=True)
class Lane:
    """Carries out a vendor's operations. `results` are those of the whole cycle, which `take_in`
    adds to; `send` makes one attempt at an operation, of which another may be sent.

    `attempts` are the numbers of each operation's last attempt, of so many that were `begun`;
    `refused` what that came to, where others may make room for it yet; `cleared` the numbers of
    those that may have made room.
    """

    able: Capabilities
    journal: Journal
    standing: Standing
    aside: Aside
    stopping: asyncio.Event
    results: abc.MutableMapping[str, StepResult]
    send: abc.Callable[[Step, Step], abc.Awaitable[Ended]]
    take_in: abc.Callable[[Step, Ended], None]
    progress: abc.Callable[[str], None] | None = None
    attempts: dict[str, int] = field(default_factory=dict)
    refused: dict[str, Quarantine] = field(default_factory=dict)
    cleared: dict[str, int] = field(default_factory=dict)
    begun: int = 0

    async def carry_out(self, operations: abc.Sequence[Step]) -> None:
        """Carry them out."""
        await self._pass(arranged(operations, self.able))
        latest_first = True
        while not self.stopping.is_set():
            cleared = [(one, self.cleared[one.id]) for one in operations if one.id in self.cleared]
            again = another_try(self._refused(operations), cleared, self.attempts, self.able)
            if again:
                # Of appointments that all move up in a row, each makes room for the next if one
                # begins at the right end, which nothing tells beforehand: each end has its turn.
                again.sort(key=lambda one: one.target.slot.start, reverse=latest_first)
                latest_first = not latest_first
                await self._pass(arranged(again, self.able))
            elif not await self._make_way(operations):
                break
        await self._bring_home(operations)
        for operation in self._refused(operations):
            await self._leave_alone(operation)

    def _refused(self, operations: abc.Iterable[Step]) -> list[Step]:
        return [operation for operation in operations if operation.id in self.refused]

    async def _pass(self, operations: abc.Sequence[Step]) -> None:
        """Carry out operations in this order."""
        for number, operation in enumerate(operations, 1):
            if self.stopping.is_set():
                return
            await self._attempt(operation)
            if self.progress and number % 10 == 0:
                self.progress(f"{operation.vendor}: {number} of {len(operations)} operations")

    async def _attempt(self, operation: Step) -> None:
        # Another attempt: what an earlier one came to counts no more.
        self.begun += 1
        self.attempts[operation.id] = self.begun
        self.refused.pop(operation.id, None)
        end = await self.send(operation, self.aside.as_now(operation))
        was = self.aside.records.get(operation.id)
        done = end.result.outcome is Outcome.DONE
        if was is not None:
            said = was.told(over=done)
            note = f"{end.result.error}; {said}" if end.result.error else said
            result = replace(end.result, operation=operation, error=note)
            end = replace(end, result=result)
        self.take_in(operation, end)
        if end.refusal is not None:
            self.refused[operation.id] = end.refusal
        # Something may be free now that was not, by us or by whoever was quicker. An adoption sends
        # nothing.
        moved = done or end.result.outcome is Outcome.STALE
        if moved and not isinstance(operation, Adopt):
            self.cleared[operation.id] = self.begun

    async def _make_way(self, operations: abc.Sequence[Step]) -> bool:
        """Put one aside of those that stand in each other's way; whether that came to anything."""
        for_time = {key for key, no in self.refused.items() if no.key == until_stirred(no.key)}
        found = await self.aside.make_way(self._refused(operations), for_time)
        if found is None:
            return False
        operation, end = found
        self.begun += 1
        # It is tried again when another is done, and not at once.
        self.attempts[operation.id] = self.begun
        if end.result.outcome is Outcome.DONE:
            self.cleared[operation.id] = self.begun
            return True
        # Nobody knows where it stands now, or somebody was quicker: that is what became of it.
        del self.refused[operation.id]
        self.take_in(operation, replace(end, result=replace(end.result, operation=operation)))
        return True

    async def _bring_home(self, operations: abc.Sequence[Step]) -> None:
        """Let no record stand aside that can be elsewhere: where it is to be, else where it was."""
        for operation in self._refused(operations):
            if operation.id not in self.aside.records:
                continue
            if self.stopping.is_set():  # its own time may be free by now, and was not tried yet
                await self._attempt(operation)
            if operation.id not in self.refused:
                continue
            no, was = self.refused[operation.id], self.aside.records[operation.id]
            end = await self.aside.bring_back(operation)
            back = end is not None and end.result.outcome is Outcome.DONE
            told = f"put aside in vain, it is back at {was.content.slot}"
            told = told if back else was.told(over=False)
            name = name_of_rest(operation, self.journal.mapping_of(operation), self.able)
            key, reason = until_stirred(name), f"{no.reason}; {told}"
            self.refused[operation.id] = replace(no, key=key, reason=reason)

    async def _leave_alone(self, operation: Step) -> None:
        """Put in quarantine what was refused to the end, until what stands at its time changes."""
        no = self.refused.pop(operation.id)
        timed = isinstance(operation, Create) or operation.changes.keys() & _TAKES_TIME
        # What was refused for its client waits for that one, whoever stands there.
        if timed and no.key != until_corrected(operation.id):
            own = set() if operation.remote_id is None else {operation.remote_id}
            stays = await self.standing.upon(operation.vendor, self.able, operation.target, own)
            if stays:
                there = ", ".join(f"{stay.remote_id} ({stay.slot})" for stay in stays[:3])
                reason = f"at {operation.target.slot} {operation.vendor} has record {there}"
                no = replace(no, key=until_stirred(no.key), reason=f"{reason}; {no.reason}")
        if why := self.aside.left.get(operation.id):
            no = replace(no, reason=f"{no.reason}; {why}")
        self.results[operation.id] = replace(self.results[operation.id], error=no.reason)
        await self.journal.quarantine(no)

"""The engine's memory: what each step of a cycle commits, as it may be cut off after any.

09:00 a cycle begins: what it decided is committed, before anything is written anywhere
09:01 an operation: its intention is committed, the request sent, and what came of it committed
09:02 the cycle is closed, with its report
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from datetime import datetime

import syncd_state
from syncd.engine.store.conflicts import close_past, put_conflicts, put_unlike, rows_of
from syncd.engine.store.debts import forget_of_taken, put_owed
from syncd.engine.store.lookup import CLOCK, DECISION, VENDOR, Lookup
from syncd.engine.store.quarantines import put_quarantines, put_strangers, put_untold
from syncd.engine.store.retention import Forgotten, Retention
from syncd.engine.store.rows import (
    Remembered,
    appointment_row,
    held_row,
    mapping_row,
    observation_row,
    quarantine_row,
    text_of,
)
from syncd.engine.store.texts import to_json
from syncd.engine.store.unanswered import (
    close_seen,
    expected_since,
    journal_row,
    note_listed,
    resolve,
)
from syncd.engine.store.undated import forget_moments
from syncd.engine.store.whose import close_done
from syncd.engine.store.zones import put_shifted
from syncd.logs.lean import structlog
from syncd.model.memory import Mapping, Memory, Quarantine
from syncd.model.plan import Action, Held, Plan, Step
from syncd.model.record import Complete, Snapshot
from syncd_state import Transaction

log = structlog.get_logger(__name__)

JournalState = syncd_state.JournalState
StoreError = syncd_state.StoreError

_NEWS = "news"
"""The single value that tells what the last cycle had to tell; see `Ledger.finish`."""

_SAID_ONCE = "said:"
"""Starts the name of the single value that tells what was said last of a thing that is said once.
"""

_BATCH = 500
"""How many appointments are turned into rows at once: a first run decides on all of them in one
transaction.
"""


@dataclass(slots=True)
class Ledger(Lookup):
    """The store, to look up in it and to commit to it."""

    retention: Retention = field(init=False, default_factory=Retention)

    async def start(self, cycle: str, started_at: datetime) -> None:
        """Record that a cycle begins. Where the clock was set back, nothing is known any more of
        when things were.
        """

        def write(tx: Transaction) -> None:
            if self.resumed(tx):
                log.warning("clock_set_back", cycle=cycle)
                forget_moments(tx, self.clock())
            self.undated = False
            tx.put_meta(CLOCK, self.ticks.left())
            # Whoever was about to send them is gone: from now on none of them is sent any more.
            tx.journal_interrupted(text_of(self.clock()), self.ticks.now())
            tx.begin_cycle(cycle, text_of(started_at))

        await self.write(write)

    async def begin(
        self,
        cycle: str,
        plan: Plan,
        snapshots: abc.Mapping[str, Snapshot],
        memory: Memory,
        planned: Plan,
    ) -> bool:
        """Remember what the plan decided, before any operation of it is carried out; one
        transaction.

        False, and nothing is remembered, where an operator decided a conflict after the overview
        was read: the plan knows nothing of that. What an operator released stays so as long as it
        is `planned`, begun or not: a crash, or a vendor that fails in the middle, is no reason to
        ask again.
        """
        every = (*planned.operations, *planned.blocks)
        approved = [one for one in every if one.id in memory.approved]
        held = [*plan.held, *(Held(operation=one, reason="approved") for one in approved)]
        complete = [one for one in snapshots.values() if isinstance(one, Complete)]

        def write(tx: Transaction) -> bool:
            now = text_of(self.clock())
            # Asked within the transaction: no decision can come between this and the commit.
            if tx.get_meta(DECISION) != memory.decision:
                return False
            self.read_anew(tx)
            _put_next(tx, plan, memory, now)
            put_conflicts(tx, cycle, now, plan)
            put_shifted(tx, plan.shifted)
            if complete:
                close_past(tx, min(one.window.since for one in complete).timestamp(), now)
            note_listed(tx, snapshots.values(), self.ticks, self.clock())
            put_quarantines(tx, cycle, now, plan, snapshots, memory)
            tx.replace_held(cycle, [held_row(cycle, entry) for entry in held])
            for snapshot in complete:
                tx.put_observation(observation_row(snapshot))
                put_untold(tx, snapshot)
            for vendor, places in plan.strangers.items():
                put_strangers(tx, vendor, places)
            return True

        return await self.write(write)

    async def amend(self, cycle: str, plan: Plan, memory: Memory) -> None:
        """Remember a follow-up decision within the same cycle, with its conflicts and what it holds
        or leaves alone.
        """

        def write(tx: Transaction) -> None:
            now = text_of(self.clock())
            _put_next(tx, plan, memory, now)
            decided = tx.get_meta(DECISION) != memory.decision  # perhaps one of these, just now
            # An open one that was decided a moment ago would be asked about a second time.
            rows = rows_of(cycle, now, plan)
            tx.put_conflicts([row for row in rows if not (row.open and decided)])
            if not decided:
                put_unlike(tx, cycle, now, plan)
            put_quarantines(tx, cycle, now, plan, {}, memory)
            # What the cycle's own plan holds stays held: a follow-up has seen a part of it alone.
            held = {row.operation_id: row for row in tx.held()}
            held |= {entry.operation.id: held_row(cycle, entry) for entry in plan.held}
            tx.replace_held(cycle, list(held.values()))

        await self.write(write)

    async def intend(
        self, cycle: str, operation: Step, token: str, before: Mapping | None, owed: str
    ) -> int:
        """Journal an operation durably, before it is sent. Returns the journal entry's id.

        `before` is the record's mapping as of the look at it for this, `owed` what the write takes
        from the record and must give back; both are kept in the same transaction.
        """
        row = journal_row(cycle, operation, token, owed, text_of(self.clock()), self.ticks.now())

        def write(tx: Transaction) -> int:
            # When it was begun is told in the store's own seconds, which have to go on after a
            # crash.
            tx.put_meta(CLOCK, self.ticks.left())
            if before is not None:
                tx.upsert_mappings([mapping_row(operation.appointment, before)])
                close_seen(tx, cycle, before, row.intended_at)
            if owed and operation.remote_id is not None:
                put_owed(tx, operation.vendor, operation.remote_id, owed)
            return tx.journal_intend(row)

        return await self.write(write)

    async def settle(
        self,
        cycle: str,
        entry: int,
        state: JournalState,
        *,
        error: str | None,
        remote_id: str | None,
        left: abc.Iterable[tuple[str, Mapping]],
        quarantine: Quarantine | None,
    ) -> None:
        """Record how a journalled operation ended and the mappings that it `left`, by appointment;
        one transaction.
        """

        def write(tx: Transaction) -> None:
            now = text_of(self.clock())
            sent = self.ticks.now() if state is JournalState.UNKNOWN else None
            tx.journal_settle(entry, state, error, now, remote_id, sent)
            tx.upsert_mappings([mapping_row(owner, mapping) for owner, mapping in left])
            if quarantine is not None:
                tx.put_quarantine(quarantine_row(cycle, now, quarantine))

        await self.write(write)

    async def quarantine(self, cycle: str, entry: Quarantine) -> None:
        """Leave something alone from now on, until it changes or an operator releases it."""
        # One that is in quarantine already keeps the time since when it is.
        row = quarantine_row(cycle, text_of(self.clock()), entry)
        await self.write(lambda tx: tx.put_quarantine(row))

    async def finish(
        self,
        cycle: str,
        *,
        exit_code: int,
        report: str,
        finished_at: datetime,
        done_with: abc.Iterable[str],
        remembered: abc.Mapping[str, Remembered],
        news: str,
    ) -> None:
        """Close the cycle; `done_with` are appointments that need no further look.

        `news` differs from that of the cycle before where this one has something to tell that the
        other had not, and is empty where it has nothing. Of cycles without news, the last one's
        report alone is kept.
        """

        def write(tx: Transaction) -> None:
            tx.set_pending(sorted(done_with), pending=False)
            tx.finish_cycle(
                cycle,
                finished_at=text_of(finished_at),
                exit_code=exit_code,
                report=report,
                idle=news in ("", tx.get_meta(_NEWS)),
            )
            tx.drop_idle_reports(but=cycle)
            tx.put_meta(_NEWS, news)
            tx.put_meta(CLOCK, self.ticks.left())
            for name, kept in remembered.items():
                tx.put_meta(f"{VENDOR}{name}", to_json(kept))

        await self.write(write)

    async def forget(self, before: datetime, kept: abc.Set[str]) -> Forgotten:
        """Forget some of what was over before that moment, in one short transaction; see
        `retention`.

        `kept` are appointments that this cycle saw something of. Nothing goes in a process whose
        clock leapt ahead: by a wrong clock what is to come looks over. Raises
        `syncd_state.StoreError`.
        """
        if self.ticks.leapt:
            return Forgotten(appointments=0, more=False)
        bygone = syncd_state.Bygone(
            ended=before.timestamp(),
            since=text_of(before),
            sent=await self.read(expected_since),
            move=Action.RESCHEDULE.value,
        )
        return await self.legibly(lambda: self.retention.step(self.store, bygone, kept))

    async def is_new(self, name: str, text: str) -> bool:
        """Whether another text was kept under this name (at first: an empty one); from now on it is
        this one.
        """
        key = f"{_SAID_ONCE}{name}"
        # Looked up first: a run with nothing to say takes no lock from another.
        if (await self.read(lambda tx: tx.get_meta(key)) or "") == text:
            return False
        await self.write(lambda tx: tx.put_meta(key, text))
        return True


def _put_next(tx: Transaction, plan: Plan, memory: Memory, now: str) -> None:
    """Keep the next state of all that was decided on, and what that tells of earlier writes."""
    operations = (*plan.operations, *(held.operation for held in plan.held))
    # An adoption sends nothing, so that nothing of it can be left to do.
    working = {one.appointment for one in operations if one.action is not Action.ADOPT}
    # Before the mappings are stored, which tell whose each record was until now.
    forget_of_taken(tx, plan.next_states)
    for first in range(0, len(plan.next_states), _BATCH):
        some, rows = plan.next_states[first : first + _BATCH], list[syncd_state.MappingRow]()
        tx.upsert_appointments(
            [appointment_row(o, now, o.needs_another_cycle or o.id in working) for o in some]
        )
        for one in some:
            rows += [mapping_row(one.id, mapping) for mapping in one.mappings]
        tx.upsert_mappings(rows)
    close_done(tx)
    resolve(tx, plan.next_states, {known.id for known in memory.known}, now)

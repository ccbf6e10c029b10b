"""The engine's memory: store rows to canonical values and back. The only place that knows the
store.

Every call is one short transaction, run by `run` (one writer thread in the daemon, at once in a
simulation). None is open while a vendor is spoken to.
"""

from __future__ import annotations

from collections import abc, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

import msgspec
import structlog

import syncd_state
from syncd.engine.store.conflicts import (
    Questions,
    close_past,
    put_conflicts,
    put_unlike,
    questions_of,
    rows_of,
    undecided_of,
)
from syncd.engine.store.debts import drop_owed, forget_of_taken, forget_owed, owed_by, put_owed
from syncd.engine.store.indexes import Reader, Stretch, beginning, earlier, live_from, unknown
from syncd.engine.store.overdue import (
    expected_since,
    note_listed,
    overdue,
    overdue_by_appointment,
)
from syncd.engine.store.quarantines import put_quarantines, put_untold, said_of, unlinked, untold_of
from syncd.engine.store.retention import Forgotten, Retention
from syncd.engine.store.rows import (
    Index,
    IndexEntry,
    Overview,
    Remembered,
    appointment_row,
    held_row,
    journal_row,
    mapping_from,
    mapping_row,
    observation_row,
    quarantine_from,
    quarantine_row,
    remembered_from,
    text_of,
    text_of_remembered,
    unsettled,
)
from syncd.engine.store.texts import appointment_from, parsed, provenance_from
from syncd.engine.store.thread import Runner, writer_thread
from syncd.engine.store.ticks import Ticks
from syncd.engine.store.undated import dated, forget_moments
from syncd.engine.store.zones import put_clocks, put_shifted, read_otherwise, shifted_in
from syncd.model.errors import InvalidSlot, InvalidTime
from syncd.model.memory import Known, Mapping, Memory, Quarantine
from syncd.model.plan import Action, Held, NextState, Plan, Step
from syncd.model.record import Complete, Snapshot

log = structlog.get_logger(__name__)

T = TypeVar("T")
JournalState = syncd_state.JournalState
StoreError = syncd_state.StoreError

_CLOCK = "clock"
"""The single value that tells where the store's own seconds are, and what the system's clock showed
then.
"""

_NEWS = "news"
"""The single value that tells what the last cycle had to tell; see `Ledger.finish`."""

DECISION = "decision"
"""The store's single value that tells of the last decision about a conflict: it differs after each.
"""

VENDOR = "vendor:"
"""Starts the name of the single value that keeps what is remembered for a vendor."""

_SAID_ONCE = "said:"
"""Starts the name of the single value that tells what was said last of a thing that is said once.
"""

_ILLEGIBLE = (
    msgspec.MsgspecError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    InvalidTime,
    InvalidSlot,
)
"""What comes of reading a row that holds other than what was written."""

_BATCH = 500
"""How many appointments are turned into rows at once: a first run decides on all of them in one
transaction.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How one journalled operation ended, with the mapping that it leaves (None: no change)."""

    entry: int
    state: syncd_state.JournalState
    error: str | None = None
    remote_id: str | None = None
    mapping: Mapping | None = None
    appointment: str
    quarantine: Quarantine | None = None
    others: tuple[tuple[str, Mapping], ...] = ()


@dataclass(slots=True)
class Ledger:
    """The store, in canonical values. `clock` gives aware UTC, `monotonic` seconds that nobody sets
    (None: the clock's own, of one that nobody sets either). `on_the_wall` are the zones of the
    vendors whose times are those of a clock on the wall.
    """

    store: syncd_state.Store
    clock: abc.Callable[[], datetime]
    run: Runner = field(default_factory=writer_thread)
    monotonic: abc.Callable[[], float] | None = None
    on_the_wall: abc.Mapping[str, str] = field(default_factory=dict)
    ticks: Ticks = field(init=False)
    retention: Retention = field(init=False)
    _undated: bool = False

    def __post_init__(self) -> None:
        self.retention = Retention(self.store)
        self.ticks = Ticks(self.clock, self.monotonic or (lambda: self.clock().timestamp()))

    def close(self) -> None:
        """Close the store; may be called twice."""
        self.store.close()

    async def overview(self, vendors: abc.Sequence[str], since: datetime) -> Overview:
        """Indexes of all vendors for a window that begins then, pending appointments, quarantines
        and approvals.
        """
        found: Overview = await self._run(lambda: self._overview(vendors, since))
        return found

    async def find(self, index: Index, ids: abc.Iterable[str]) -> None:
        """Take what is known of these records into an index, whenever they start."""
        wanted = unknown(index, ids)
        if not wanted:
            return

        def read() -> dict[str, IndexEntry]:
            with self.store.read() as tx:
                return Reader(tx, self._by_other_rules(tx)).of(index.vendor, wanted)

        index.entries |= await self._run(read)

    async def reach(self, overview: Overview, stretches: abc.Iterable[Stretch]) -> None:
        """Take what is known of records that start in one of these stretches into all indexes of an
        overview.
        """
        past = earlier(overview.since, stretches)
        if not past:
            return

        def read() -> dict[str, dict[str, IndexEntry]]:
            with self.store.read() as tx:
                reader = Reader(tx, self._by_other_rules(tx))
                return {vendor: reader.between(vendor, past) for vendor in overview.indexes}

        for vendor, entries in (await self._run(read)).items():
            overview.indexes[vendor].entries |= entries

    async def memory(self, ids: abc.Iterable[str], overview: Overview) -> Memory:
        """These appointments with everything that reconciliation may know of them."""
        wanted = sorted(set(ids))
        known = await self._run(lambda: self.look_up(wanted))
        return Memory(
            known=known,
            quarantines=overview.quarantines,
            approved=overview.approved,
            held=overview.held,
            said=overview.said,
            decision=overview.decision,
            shifted=overview.shifted,
        )

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
        approved = (
            operation for operation in planned.operations if operation.id in memory.approved
        )
        held = (
            *plan.held,
            *(Held(operation=operation, reason="approved") for operation in approved),
        )
        begun: bool = await self._run(lambda: self._begin(cycle, plan, snapshots, memory, held))
        return begun

    async def amend(self, cycle: str, plan: Plan, memory: Memory) -> None:
        """Remember a follow-up decision within the same cycle, with its conflicts and what it holds
        or leaves alone.
        """

        def write() -> None:
            with self.store.write() as tx:
                held = (entry.operation for entry in plan.held)
                self._put_outlooks(tx, plan.next_states, (*plan.operations, *held))
                self._resolve_unsettled(tx, plan.next_states, memory)
                rows = rows_of(cycle, text_of(self.clock()), plan)
                decided = tx.get_meta(DECISION) != memory.decision  # perhaps one of these, just now
                tx.put_conflicts([row for row in rows if not (row.open and decided)])
                if not decided:
                    put_unlike(tx, cycle, text_of(self.clock()), plan)
                put_quarantines(tx, cycle, text_of(self.clock()), plan.quarantined, {}, memory)
                rows_held = {row.operation_id: row for row in tx.held()}
                rows_held |= {entry.operation.id: held_row(cycle, entry) for entry in plan.held}
                tx.replace_held(cycle, list(rows_held.values()))

        await self._run(write)

    async def intend(
        self, cycle: str, operation: Step, token: str, before: Mapping | None = None, owed: str = ""
    ) -> int:
        """Journal an operation durably, before it is sent. Returns the journal entry's id.

        `before` is the record's mapping as of the look at it for this, `owed` what the write takes
        from the record and must give back; both are kept in the same transaction.
        """
        row = journal_row(cycle, operation, token, owed, text_of(self.clock()), self.ticks.now())

        def write() -> int:
            with self.store.write() as tx:
                tx.put_meta(_CLOCK, self.ticks.left())
                if before is not None:
                    tx.upsert_mappings([mapping_row(operation.appointment, before)])
                if owed and operation.remote_id is not None:
                    put_owed(tx, operation.vendor, operation.remote_id, owed)
                return tx.journal_intend(row)

        return await self._run(write)  # type: ignore[no-any-return]

    async def owed(self, vendor: str) -> dict[str, str]:
        """What records of a vendor are owed since a write of ours, by their ids."""

        def read() -> dict[str, str]:
            with self.store.read() as tx:
                return owed_by(tx, vendor)

        return await self._run(read)  # type: ignore[no-any-return]

    async def given_back(self, vendor: str, remote_id: str) -> None:
        """A record has again what it was owed."""

        def write() -> None:
            with self.store.write() as tx:
                drop_owed(tx, vendor, remote_id)

        await self._run(write)

    async def owes_nothing(self, vendor: str, remote_id: str) -> None:
        """A record is gone, or another's now: nothing is owed to who was there before."""

        def write() -> None:
            with self.store.write() as tx:
                forget_owed(tx, vendor, remote_id)

        await self._run(write)

    async def counts_on(self, vendor: str, remote_id: str) -> bool:
        """Whether a record stands for an appointment that is to come, as far as is known."""

        def read() -> bool:
            with self.store.read() as tx:
                row = tx.mapping(vendor, remote_id)
                return (
                    row is not None and row.live and (row.start or 0.0) > self.clock().timestamp()
                )

        return await self._run(read)  # type: ignore[no-any-return]

    async def questions(self) -> Questions:
        """What waits for a person's decision, and what was left as it was found."""

        def read() -> Questions:
            with self.store.read() as tx:
                return questions_of(tx)

        return await self._run(read)  # type: ignore[no-any-return]

    async def open_marks(self, vendor: str) -> frozenset[str]:
        """The marks of creates at a vendor that are not settled yet, or may still land."""

        def read() -> frozenset[str]:
            with self.store.read() as tx:
                self._resumed(tx)
                _, creates = unsettled(tx, self.ticks.moment)
                given_up = overdue_by_appointment(tx, self.ticks.moment)
            sent = chain.from_iterable((*creates.values(), *given_up.values()))
            return frozenset(one.token for one in sent if one.vendor == vendor)

        return await self._run(read)  # type: ignore[no-any-return]

    async def quarantine(self, cycle: str, entry: Quarantine) -> None:
        """Leave something alone from now on, until it changes or an operator releases it."""

        def write() -> None:
            with self.store.write() as tx:
                tx.put_quarantine(quarantine_row(cycle, text_of(self.clock()), entry))

        await self._run(write)

    async def settle(self, cycle: str, settlement: Settlement) -> None:
        """Record how an operation ended and what its record has become; one transaction."""
        await self._run(lambda: self._settle(cycle, settlement))

    async def remembered(self, vendors: abc.Iterable[str]) -> dict[str, Remembered]:
        """What the last cycles left for each of these vendors."""
        wanted = tuple(vendors)

        def read() -> dict[str, Remembered]:
            with self.store.read() as tx:
                return {name: remembered_from(tx.get_meta(f"{VENDOR}{name}")) for name in wanted}

        return await self._run(read)  # type: ignore[no-any-return]

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
        finished = sorted(done_with)

        def write() -> None:
            with self.store.write() as tx:
                tx.set_pending(finished, pending=False)
                tx.finish_cycle(
                    cycle,
                    finished_at=text_of(finished_at),
                    exit_code=exit_code,
                    report=report,
                    idle=news in ("", tx.get_meta(_NEWS)),
                )
                tx.drop_idle_reports(but=cycle)
                tx.put_meta(_NEWS, news)
                tx.put_meta(_CLOCK, self.ticks.left())
                for name, kept in remembered.items():
                    tx.put_meta(f"{VENDOR}{name}", text_of_remembered(kept))

        await self._run(write)

    async def forget(self, before: datetime, kept: abc.Set[str]) -> Forgotten:
        """Forget some of what was over before that moment, in one short transaction; see
        `retention`.

        `kept` are appointments that this cycle saw something of. Nothing goes in a process whose
        clock leapt ahead: by a wrong clock what is to come looks over. Raises
        `syncd_state.StoreError`.
        """

        def forget() -> Forgotten:
            if self.ticks.leapt:
                return Forgotten(appointments=0, more=False)
            with self.store.read() as tx:
                sent = expected_since(tx)
            bygone = syncd_state.Bygone(
                ended=before.timestamp(),
                since=text_of(before),
                sent=sent,
                move=Action.RESCHEDULE.value,
            )
            return self.retention.step(bygone, kept)

        return await self._run(forget)  # type: ignore[no-any-return]

    async def start(self, cycle: str, started_at: datetime) -> None:
        """Record that a cycle begins. Where the clock was set back, nothing is known any more of
        when things were.
        """

        def write() -> None:
            with self.store.write() as tx:
                if self._resumed(tx):
                    log.warning("clock_set_back", cycle=cycle)
                    forget_moments(tx, self.clock())
                self._undated = False
                tx.put_meta(_CLOCK, self.ticks.left())
                tx.begin_cycle(cycle, text_of(started_at))

        await self._run(write)

    async def is_new(self, name: str, text: str) -> bool:
        """Whether another text was kept under this name (at first: an empty one); from now on it is
        this one.
        """

        def write() -> bool:
            key = f"{_SAID_ONCE}{name}"
            with self.store.read() as tx:
                if (tx.get_meta(key) or "") == text:
                    return False
            with self.store.write() as tx:
                tx.put_meta(key, text)
            return True

        return await self._run(write)  # type: ignore[no-any-return]

    async def owner(self, vendor: str, remote_id: str) -> str | None:
        """The appointment that a record is mapped to, if any."""

        def read() -> str | None:
            with self.store.read() as tx:
                row = tx.mapping(vendor, remote_id)
                return row.appointment_id if row else None

        return await self._run(read)  # type: ignore[no-any-return]

    async def known(self, appointment: str) -> Known | None:
        """One known appointment."""
        found = await self._run(lambda: self.look_up([appointment]))
        return found[0] if found else None

    def _resumed(self, tx: syncd_state.Transaction) -> bool:
        """Go on with the store's own seconds; whether the clock was set back since what is stored
        was dated.
        """
        self._undated |= self.ticks.resume(tx.get_meta(_CLOCK))
        return self._undated

    def _by_other_rules(self, tx: syncd_state.Transaction) -> frozenset[str]:
        """The vendors whose times were read by other rules of their zone, or by another zone: their
        rows are read again.
        """
        return read_otherwise(tx, self.on_the_wall)

    @contextmanager
    def legible(self) -> abc.Iterator[None]:
        """Rows that cannot be read as what they must be are damage, and no bug; the log says what
        was met.
        """
        try:
            yield
        except _ILLEGIBLE as error:
            log.exception("row_not_legible")
            raise self.store.damaged(
                f"a row in it cannot be read: {type(error).__name__}"
            ) from error

    async def _run(self, call: abc.Callable[[], T]) -> Any:
        def legibly() -> T:
            with self.legible():
                return call()

        return await self.run(legibly)

    def _overview(self, vendors: abc.Sequence[str], since: datetime) -> Overview:
        start = beginning(since)
        with self.store.read() as tx:
            self._resumed(tx)
            observed = tx.observations()
            held, quarantines = tx.held(), tx.quarantines()
            reader = Reader(tx, self._by_other_rules(tx))
            return Overview(
                indexes={
                    vendor: Index(
                        vendor,
                        entries := reader.since(vendor, start),
                        live_from(entries, since),
                        observed.get(vendor),
                        untold_of(tx, vendor),
                        unlinked(vendor, quarantines),
                    )
                    for vendor in vendors
                },
                since=start,
                pending=tuple(tx.appointments_pending()),
                late=tuple({row.appointment_id for row in overdue(tx)}),
                said=said_of(tx),
                quarantines=tuple(quarantine_from(row) for row in quarantines),
                approved=frozenset(row.operation_id for row in held if row.approved_at),
                decision=tx.get_meta(DECISION),
                shifted=shifted_in(tx),
                held=frozenset(
                    row.operation_id
                    for row in held
                    if not row.approved_at and not parsed(row.operation)["doubtful"]
                ),
                approved_appointments=frozenset(
                    parsed(row.operation)["appointment"] for row in held if row.approved_at
                ),
            )

    def look_up(self, ids: abc.Sequence[str]) -> tuple[Known, ...]:
        """These known appointments, at once, in the caller's thread; unknown ids are left out."""
        if not ids:
            return ()
        with self.store.read() as tx:
            return self.known_in(tx, ids)

    def known_in(self, tx: syncd_state.Transaction, ids: abc.Sequence[str]) -> tuple[Known, ...]:
        """The same within a transaction."""
        self._resumed(tx)
        observed = tx.observations()
        appointments = tx.appointments(ids)
        mappings: dict[str, list[Mapping]] = defaultdict(list)
        pending, creates = unsettled(tx, self.ticks.moment)
        given_up = overdue_by_appointment(tx, self.ticks.moment)
        undecided, by_other_rules = undecided_of(tx), self._by_other_rules(tx)
        now = self.clock()
        for row in tx.mappings_of(ids):
            read = replace(row, fingerprint=None) if row.vendor in by_other_rules else row
            mapping = mapping_from(read, observed.get(row.vendor), pending, undated=self._undated)
            mappings[row.appointment_id].append(mapping)
        return tuple(
            Known(
                id=row.id,
                agreed=appointment_from(row.agreed),
                provenance=dated(provenance_from(row.provenance), now),
                mappings=tuple(sorted(mappings[row.id], key=lambda m: (m.vendor, m.remote_id))),
                unsettled=tuple(creates.get(row.id, ())),
                late=tuple(given_up.get(row.id, ())),
                undecided=undecided.get(row.id, {}),
            )
            for row in sorted(appointments, key=lambda row: row.id)
        )

    def _begin(
        self,
        cycle: str,
        plan: Plan,
        snapshots: abc.Mapping[str, Snapshot],
        memory: Memory,
        held: abc.Sequence[Held],
    ) -> bool:
        now = text_of(self.clock())
        with self.store.write() as tx:
            if tx.get_meta(DECISION) != memory.decision:
                return False
            tx.forget_fingerprints(self._by_other_rules(tx))
            put_clocks(tx, self.on_the_wall)
            self._put_outlooks(
                tx, plan.next_states, (*plan.operations, *(held.operation for held in plan.held))
            )
            self._resolve_unsettled(tx, plan.next_states, memory)
            put_conflicts(tx, cycle, now, plan)
            put_shifted(tx, plan.shifted)
            windows = [one.window.since for one in snapshots.values() if isinstance(one, Complete)]
            if windows:
                close_past(tx, min(windows).timestamp(), now)
            note_listed(tx, snapshots.values(), self.ticks, self.clock())
            put_quarantines(tx, cycle, now, plan.quarantined, snapshots, memory)
            tx.replace_held(cycle, [held_row(cycle, entry) for entry in held])
            for snapshot in snapshots.values():
                if isinstance(snapshot, Complete):
                    tx.put_observation(observation_row(snapshot))
                    put_untold(tx, snapshot)
        return True

    def _put_outlooks(
        self,
        tx: syncd_state.Transaction,
        next_states: abc.Sequence[NextState],
        operations: abc.Iterable[Step],
    ) -> None:
        now = text_of(self.clock())
        working = {
            operation.appointment
            for operation in operations
            if operation.action is not Action.ADOPT
        }
        forget_of_taken(tx, next_states)
        for first in range(0, len(next_states), _BATCH):
            some, rows = next_states[first : first + _BATCH], list[syncd_state.MappingRow]()
            tx.upsert_appointments([appointment_row(o, now, working=o.id in working) for o in some])
            for one in some:
                rows += [mapping_row(one.id, mapping) for mapping in one.mappings]
            tx.upsert_mappings(rows)

    def _resolve_unsettled(
        self, tx: syncd_state.Transaction, next_states: abc.Iterable[NextState], memory: Memory
    ) -> None:
        """Close journal entries whose outcome has now been seen, and count the listings that show
        nothing of it.
        """
        now = text_of(self.clock())
        told = tuple(next_states)
        mappings = chain.from_iterable(one.mappings for one in told)
        seen = {(m.vendor, m.remote_id) for m in mappings if m.in_flight is None}
        settled = set(map(int, chain.from_iterable(one.settled for one in told)))
        missed = set(map(int, chain.from_iterable(one.missed for one in told)))
        given_up = set(map(int, chain.from_iterable(one.given_up for one in told)))
        touched = {known.id for known in memory.known}
        rows = (*tx.journal_unsettled(), *overdue(tx))
        for row in rows:
            if row.id is None or row.appointment_id not in touched:
                continue
            mapped = row.remote_id is not None and (row.vendor, row.remote_id) in seen
            if row.id in settled or mapped:
                tx.journal_settle(
                    row.id, state=JournalState.RESOLVED, error=row.error, settled_at=now
                )
            elif row.id in given_up:
                tx.journal_give_up(row.id, (row.missed or 0) + 1, now)
            elif row.id in missed:
                tx.journal_missed(row.id, (row.missed or 0) + 1)

    def _settle(self, cycle: str, settlement: Settlement) -> None:
        now = text_of(self.clock())
        with self.store.write() as tx:
            tx.journal_settle(
                settlement.entry,
                state=settlement.state,
                error=settlement.error,
                settled_at=now,
                remote_id=settlement.remote_id,
            )
            rows = [mapping_row(owner, mapping) for owner, mapping in settlement.others]
            if settlement.mapping is not None:
                rows.append(mapping_row(settlement.appointment, settlement.mapping))
            if rows:
                tx.upsert_mappings(rows)
            if settlement.quarantine is not None:
                tx.put_quarantine(quarantine_row(cycle, now, settlement.quarantine))

"""The engine's memory: store rows to canonical values and back. The only place that knows the store.

Every call is one short transaction, run by `run` (one writer thread in the daemon, at once in a simulation). None is
open while a vendor is spoken to.
"""

from __future__ import annotations

import asyncio
from collections import abc, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import state
from syncd.engine.wire import appointment_from, parsed, provenance_from, to_json, typed, values_to_json
from syncd.model.appointment import Appointment, Field
from syncd.model.memory import Known, Mapping, Memory, Quarantine, UnsettledCreate
from syncd.model.plan import Action, Conflict, Held, Outlook, Plan, Quarantined, Step
from syncd.model.record import Complete, Snapshot
from syncd.reconcile.identity import digest, plain

T = TypeVar("T")
Runner = abc.Callable[[abc.Callable[[], Any]], abc.Awaitable[Any]]


def writer_thread() -> Runner:
    """Runs every call in one thread of its own, in order."""
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")

    async def run(call: abc.Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(executor, call)

    return run


async def at_once(call: abc.Callable[[], Any]) -> Any:
    """Runs every call in the caller's thread: for simulations."""
    return call()


@dataclass(slots=True)
class Index:
    """What is known of one vendor's records, narrow: to compare a listing with."""

    vendor: str
    entries: dict[str, state.IndexEntry]
    live: int
    observation: state.ObservationRow | None

    @property
    def read_before(self) -> bool:
        """Whether an earlier cycle saw all of it, with nothing left unread."""
        return self.observation is not None and self.observation.unread == 0


@dataclass(frozen=True, slots=True)
class Overview:
    """All that a cycle needs before it knows which appointments are concerned."""

    indexes: dict[str, Index]
    pending: tuple[str, ...]
    quarantines: tuple[Quarantine, ...]
    approved: frozenset[str]
    approved_appointments: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How one journalled operation ended, with the mapping that it leaves (None: no change to it)."""

    entry: int
    state: str
    error: str | None = None
    remote_id: str | None = None
    mapping: Mapping | None = None
    appointment: str
    quarantine: Quarantine | None = None
    others: tuple[tuple[str, Mapping], ...] = ()


@dataclass(slots=True)
class Ledger:
    """The store, in canonical values. `clock` gives aware UTC."""

    store: state.Store
    clock: abc.Callable[[], datetime]
    run: Runner = field(default_factory=writer_thread)

    async def overview(self, vendors: abc.Sequence[str]) -> Overview:
        """Indexes of all vendors, pending appointments, quarantines and approvals."""
        return await self._run(lambda: self._overview(vendors))  # type: ignore[no-any-return]

    async def memory(self, ids: abc.Iterable[str], overview: Overview) -> Memory:
        """These appointments with everything that reconciliation may know of them."""
        wanted = sorted(set(ids))
        known = await self._run(lambda: self._known(wanted))
        return Memory(known=known, quarantines=overview.quarantines, approved=overview.approved)

    async def begin(self, cycle: str, plan: Plan, snapshots: abc.Mapping[str, Snapshot], memory: Memory) -> None:
        """Remember what the plan decided, before any operation of it is carried out; one transaction."""
        await self._run(lambda: self._begin(cycle, plan, snapshots, memory))

    async def amend(self, plan: Plan, memory: Memory) -> None:
        """Remember a follow-up decision within the same cycle."""

        def write() -> None:
            with self.store.write() as tx:
                self._put_outlooks(tx, plan.outlooks, plan.operations)
                self._resolve_unsettled(tx, plan.outlooks, memory)

        await self._run(write)

    async def intend(self, cycle: str, operation: Step, token: str) -> int:
        """Journal an operation durably, before it is sent. Returns the journal entry's id."""
        row = state.JournalRow(
            operation_id=operation.id,
            cycle_id=cycle,
            vendor=operation.vendor,
            action=operation.action.value,
            appointment_id=operation.appointment,
            remote_id=operation.remote_id,
            intended=to_json(
                {
                    "target": operation.target,
                    "fields": sorted(operation.changes),
                    "token": token,
                    "payload": digest(plain_changes(operation)),
                }
            ),
            reason=operation.reason,
            intended_at=_text(self.clock()),
        )

        def write() -> int:
            with self.store.write() as tx:
                return tx.journal_intend(row)

        return await self._run(write)  # type: ignore[no-any-return]

    async def settle(self, cycle: str, settlement: Settlement) -> None:
        """Record how an operation ended together with what its record has become; one transaction."""
        await self._run(lambda: self._settle(cycle, settlement))

    async def finish(
        self, cycle: str, *, exit_code: int, report: str, finished_at: datetime, done_with: abc.Iterable[str]
    ) -> None:
        """Close the cycle; `done_with` are appointments that need no further look."""
        finished = sorted(done_with)

        def write() -> None:
            with self.store.write() as tx:
                tx.set_pending(finished, pending=False)
                tx.finish_cycle(cycle, finished_at=_text(finished_at), exit_code=exit_code, report=report)
                tx.prune_reports()

        await self._run(write)

    async def start(self, cycle: str, started_at: datetime) -> None:
        """Record that a cycle begins."""

        def write() -> None:
            with self.store.write() as tx:
                tx.begin_cycle(cycle, _text(started_at))

        await self._run(write)

    async def owner(self, vendor: str, remote_id: str) -> str | None:
        """The appointment that a record is mapped to, if any."""

        def read() -> str | None:
            with self.store.read() as tx:
                row = tx.mapping(vendor, remote_id)
                return row.appointment_id if row else None

        return await self._run(read)  # type: ignore[no-any-return]

    async def known(self, appointment: str) -> Known | None:
        """One known appointment."""
        found = await self._run(lambda: self._known([appointment]))
        return found[0] if found else None

    async def _run(self, call: abc.Callable[[], T]) -> Any:
        return await self.run(call)

    def _overview(self, vendors: abc.Sequence[str]) -> Overview:
        with self.store.read() as tx:
            observed = tx.observations()
            live = tx.live_counts()
            held = tx.held()
            return Overview(
                indexes={
                    vendor: Index(
                        vendor,
                        {entry.remote_id: entry for entry in tx.index(vendor)},
                        live.get(vendor, 0),
                        observed.get(vendor),
                    )
                    for vendor in vendors
                },
                pending=tuple(tx.appointments_pending()),
                quarantines=tuple(_quarantine(row) for row in tx.quarantines()),
                approved=frozenset(row.operation_id for row in held if row.approved_at),
                approved_appointments=frozenset(
                    parsed(row.operation)["appointment"] for row in held if row.approved_at
                ),
            )

    def _known(self, ids: abc.Sequence[str]) -> tuple[Known, ...]:
        with self.store.read() as tx:
            observed = tx.observations()
            appointments = tx.appointments(ids)
            mappings: dict[str, list[Mapping]] = defaultdict(list)
            pending, creates = _unsettled(tx)
            for row in tx.mappings_of(ids):
                mappings[row.appointment_id].append(_mapping(row, observed.get(row.vendor), pending))
        return tuple(
            Known(
                id=row.id,
                agreed=appointment_from(row.agreed),
                provenance=provenance_from(row.provenance),
                mappings=tuple(sorted(mappings[row.id], key=lambda m: (m.vendor, m.remote_id))),
                unsettled=tuple(creates.get(row.id, ())),
            )
            for row in sorted(appointments, key=lambda row: row.id)
        )

    def _begin(self, cycle: str, plan: Plan, snapshots: abc.Mapping[str, Snapshot], memory: Memory) -> None:
        now = _text(self.clock())
        with self.store.write() as tx:
            self._put_outlooks(tx, plan.outlooks, (*plan.operations, *(held.operation for held in plan.held)))
            self._resolve_unsettled(tx, plan.outlooks, memory)
            tx.put_conflicts([_conflict_row(cycle, conflict, now) for conflict in plan.conflicts])
            _put_quarantines(tx, cycle, now, plan.quarantined, snapshots, memory)
            tx.replace_held(cycle, [_held_row(cycle, held) for held in plan.held])
            for snapshot in snapshots.values():
                if isinstance(snapshot, Complete):
                    tx.put_observation(_observation(snapshot))

    def _put_outlooks(
        self, tx: state.Transaction, outlooks: abc.Sequence[Outlook], operations: abc.Iterable[Step]
    ) -> None:
        now = _text(self.clock())
        working = {operation.appointment for operation in operations if operation.action is not Action.ADOPT}
        tx.upsert_appointments(
            [
                state.AppointmentRow(
                    id=outlook.id,
                    start=outlook.agreed.slot.start.timestamp(),
                    end=outlook.agreed.slot.end.timestamp(),
                    ended=not outlook.agreed.status.live,
                    pending=outlook.pending or outlook.id in working,
                    created_at=now,
                    updated_at=now,
                    agreed=to_json(outlook.agreed),
                    provenance=to_json(outlook.provenance),
                )
                for outlook in outlooks
            ]
        )
        tx.upsert_mappings([_mapping_row(outlook.id, m) for outlook in outlooks for m in outlook.mappings])

    def _resolve_unsettled(self, tx: state.Transaction, outlooks: abc.Iterable[Outlook], memory: Memory) -> None:
        """Close journal entries whose outcome has now been seen at the vendor."""
        seen = {(m.vendor, m.remote_id) for o in outlooks for m in o.mappings if m.pending is None}
        settled = {int(entry) for outlook in outlooks for entry in outlook.settled}
        touched = {known.id for known in memory.known}
        for row in tx.journal_unsettled():
            if row.id is None or row.appointment_id not in touched:
                continue
            mapped = row.remote_id is not None and (row.vendor, row.remote_id) in seen
            if row.id in settled or mapped:
                tx.journal_settle(row.id, state="resolved", error=row.error, settled_at=_text(self.clock()))

    def _settle(self, cycle: str, settlement: Settlement) -> None:
        now = _text(self.clock())
        with self.store.write() as tx:
            tx.journal_settle(
                settlement.entry,
                state=settlement.state,
                error=settlement.error,
                settled_at=now,
                remote_id=settlement.remote_id,
            )
            rows = [_mapping_row(owner, mapping) for owner, mapping in settlement.others]
            if settlement.mapping is not None:
                rows.append(_mapping_row(settlement.appointment, settlement.mapping))
            if rows:
                tx.upsert_mappings(rows)
            if settlement.quarantine is not None:
                tx.put_quarantine(_quarantine_row(cycle, now, settlement.quarantine))


def plain_changes(operation: Step) -> dict[str, Any]:
    """The new values of an operation as plain JSON: what the payload is made from."""
    return {name.value: plain(new) for name, (_, new) in operation.changes.items()}


def _unsettled(
    tx: state.Transaction,
) -> tuple[dict[tuple[str, str], tuple[Appointment, frozenset[Field]]], dict[str, list[UnsettledCreate]]]:
    """Intentions without an outcome: those on records, by record, and creates, by appointment."""
    pending: dict[tuple[str, str], tuple[Appointment, frozenset[Field]]] = {}
    creates: dict[str, list[UnsettledCreate]] = defaultdict(list)
    for row in tx.journal_unsettled():
        intended = parsed(row.intended)
        target = typed(intended["target"], Appointment)
        if row.remote_id is not None:
            fields = frozenset(Field(name) for name in intended["fields"])
            pending[row.vendor, row.remote_id] = (target, fields)
        elif row.action == Action.CREATE.value:
            creates[row.appointment_id].append(
                UnsettledCreate(
                    operation=str(row.id),
                    vendor=row.vendor,
                    intended=target,
                    token=intended["token"],
                    intended_at=_moment(row.intended_at),
                )
            )
    return pending, creates


def _mapping(
    row: state.MappingRow,
    observed: state.ObservationRow | None,
    pending: abc.Mapping[tuple[str, str], tuple[Appointment, frozenset[Field]]],
) -> Mapping:
    known_at = row.base_at
    if observed and row.start is not None and observed.window_start <= row.start < observed.window_end:
        known_at = max(known_at, observed.started_at)
    base = parsed(row.base)
    intended, fields = pending.get((row.vendor, row.remote_id), (None, frozenset()))
    return Mapping(
        vendor=row.vendor,
        remote_id=row.remote_id,
        base=typed(base["values"], Appointment),
        shows=frozenset(Field(name) for name in base["shows"]),
        accepted=appointment_from(row.accepted),
        known_at=datetime.fromtimestamp(known_at, UTC),
        fingerprint=row.fingerprint,
        version=row.version,
        modified_at=None if row.modified_at is None else _moment(row.modified_at),
        pending=intended,
        pending_fields=fields,
        tombstone=row.tombstone_reason if row.tombstone else None,
    )


def _mapping_row(appointment: str, mapping: Mapping) -> state.MappingRow:
    return state.MappingRow(
        appointment_id=appointment,
        vendor=mapping.vendor,
        remote_id=mapping.remote_id,
        start=mapping.base.slot.start.timestamp(),
        live=mapping.base.status.live and mapping.tombstone is None,
        base_at=mapping.known_at.timestamp(),
        base=to_json({"values": mapping.base, "shows": sorted(mapping.shows)}),
        accepted=to_json(mapping.accepted),
        fingerprint=mapping.fingerprint,
        version=mapping.version,
        modified_at=None if mapping.modified_at is None else _text(mapping.modified_at),
        tombstone=mapping.tombstone is not None,
        tombstone_reason=mapping.tombstone,
    )


def _observation(snapshot: Complete) -> state.ObservationRow:
    return state.ObservationRow(
        vendor=snapshot.vendor,
        started_at=snapshot.started_at.timestamp(),
        ended_at=snapshot.ended_at.timestamp(),
        window_start=snapshot.window.since.timestamp(),
        window_end=snapshot.window.until.timestamp(),
        records=snapshot.listed,
        clock_offset=snapshot.clock_offset,
        unread=len(snapshot.unread),
    )


def _conflict_row(cycle: str, conflict: Conflict, now: str) -> state.ConflictRow:
    values = values_to_json(conflict.values)
    return state.ConflictRow(
        cycle_id=cycle,
        appointment_id=conflict.appointment,
        field=conflict.field.value,
        values_json=values,
        winner=conflict.winner,
        rule=conflict.rule,
        key=digest([conflict.appointment, conflict.field.value, values, conflict.rule, cycle if conflict.winner else ""]),
        open=conflict.winner is None,
        seen_at=now,
    )


def _held_row(cycle: str, held: Held) -> state.HeldRow:
    operation = held.operation
    shown = {
        "vendor": operation.vendor,
        "action": operation.action.value,
        "appointment": operation.appointment,
        "remote_id": operation.remote_id,
        "summary": operation.summary,
        "reason": operation.reason,
    }
    return state.HeldRow(
        operation_id=operation.id, cycle_id=cycle, operation=to_json(shown), reason=held.reason, approved_at=None
    )


def _put_quarantines(
    tx: state.Transaction,
    cycle: str,
    now: str,
    quarantined: abc.Iterable[Quarantined],
    snapshots: abc.Mapping[str, Snapshot],
    memory: Memory,
) -> None:
    """Store what is quarantined; forget what was looked at again and is not any more."""
    current = {(entry.vendor, entry.key): entry for entry in quarantined}
    for entry in current.values():
        if entry.new:
            kept = Quarantine(
                vendor=entry.vendor,
                key=entry.key,
                reason=entry.reason,
                appointment=entry.appointment,
                remote_id=entry.remote_id,
            )
            tx.put_quarantine(_quarantine_row(cycle, now, kept))
    looked_at = {known.id for known in memory.known}
    for old in memory.quarantines:
        complete = isinstance(snapshots.get(old.vendor), Complete)
        again = old.appointment in looked_at if old.appointment is not None else complete
        if again and complete and (old.vendor, old.key) not in current:
            tx.drop_quarantine(old.vendor, old.key)


def _quarantine(row: state.QuarantineRow) -> Quarantine:
    return Quarantine(
        vendor=row.vendor, key=row.key, reason=row.reason, appointment=row.appointment_id, remote_id=row.remote_id
    )


def _quarantine_row(cycle: str, now: str, entry: Quarantine) -> state.QuarantineRow:
    return state.QuarantineRow(
        vendor=entry.vendor,
        key=entry.key,
        appointment_id=entry.appointment,
        remote_id=entry.remote_id,
        reason=entry.reason,
        since=now,
        cycle_id=cycle,
    )


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)

"""What the store knows, in canonical values, and how it is asked. The only place that knows the
store is this package.

Every call is one short transaction, run by `run` (one writer thread in the daemon, at once in a
simulation). None is open while a vendor is spoken to.
"""

from __future__ import annotations

from collections import abc, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from typing import TypeVar, TypeVarTuple

import msgspec

import syncd_state
from syncd.engine.store.blocks import blocks_of
from syncd.engine.store.conflicts import undecided_of
from syncd.engine.store.indexes import (
    Index,
    IndexEntry,
    Overview,
    Reader,
    Stretch,
    beginning,
    earlier,
    live_from,
)
from syncd.engine.store.quarantines import said_of, strangers_of, unlinked, untold_of
from syncd.engine.store.rows import (
    Remembered,
    mapping_from,
    quarantine_from,
    release_of,
    waiting_from,
)
from syncd.engine.store.texts import PARTED, appointment_from, parsed, provenance_from, typed
from syncd.engine.store.thread import Runner, WriterThread
from syncd.engine.store.ticks import Ticks
from syncd.engine.store.unanswered import overdue, overdue_by_appointment, unsettled
from syncd.engine.store.undated import dated
from syncd.engine.store.whose import whose_of
from syncd.engine.store.zones import put_clocks, read_otherwise, shifted_in
from syncd.logs.lean import structlog
from syncd.model.errors import InvalidSlot, InvalidTime
from syncd.model.memory import Known, Mapping, Memory
from syncd.model.policy import Policy
from syncd.model.times import Window
from syncd_state import HeldRow, ObservationRow, QuarantineRow, Transaction

log = structlog.get_logger(__name__)

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_SHORTEST_DAY = 23 * 3600.0
"""Seconds of a day on which clocks are set forward."""

CLOCK = "clock"
"""The single value that tells where the store's own seconds are, and what the system's clock showed
then.
"""

DECISION = "decision"
"""The store's single value that tells of the last decision about a conflict: it differs after each.
"""

VENDOR = "vendor:"
"""Starts the name of the single value that keeps what is remembered for a vendor."""

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


@dataclass(slots=True)
class Lookup:
    """The store, in canonical values. `clock` gives aware UTC, `monotonic` seconds that nobody sets
    (None: the clock's own, of one that nobody sets either). `on_the_wall` are the zones of the
    vendors whose times are those of a clock on the wall.
    """

    store: syncd_state.Store
    clock: abc.Callable[[], datetime]
    run: Runner = field(default_factory=WriterThread)
    monotonic: abc.Callable[[], float] | None = None
    on_the_wall: abc.Mapping[str, str] = field(default_factory=dict)
    ticks: Ticks = field(init=False)
    undated: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.ticks = Ticks(self.clock, self.monotonic or (lambda: self.clock().timestamp()))

    def close(self) -> None:
        """Close the store, once nobody works on it; may be called twice."""
        # A cycle that was stopped has left its last call under way:
        #   11:03:07.1  the thread is within a transaction
        #   11:03:07.2  SIGTERM: whoever waited for it is cancelled, and the cycle is over
        #   11:03:07.3  the store is closed under it: a crash, or the lock is given back too early
        self.run.close()
        self.store.close()

    async def read(self, ask: abc.Callable[[Transaction, *Ts], T], *args: *Ts) -> T:
        """What is found in one reading transaction."""

        def call() -> T:
            with self.store.read() as tx:
                return ask(tx, *args)

        return await self.legibly(call)

    async def write(self, act: abc.Callable[[Transaction, *Ts], T], *args: *Ts) -> T:
        """Do something in one writing transaction, which is durable when this returns."""

        def call() -> T:
            with self.store.write() as tx:
                return act(tx, *args)

        return await self.legibly(call)

    async def legibly(self, call: abc.Callable[[], T]) -> T:
        """Run a call that opens its transactions itself."""

        def legible() -> T:
            with self.legible():
                return call()

        found: T = await self.run(legible)
        return found

    @contextmanager
    def legible(self) -> abc.Iterator[None]:
        """Rows that cannot be read as what they must be are damage, and no bug; the log says what
        was met.
        """
        try:
            yield
        except _ILLEGIBLE as error:
            # The text of the error may quote a client's details: the message has its kind alone.
            log.exception("row_not_legible")
            raise self.store.damaged(
                f"a row in it cannot be read: {type(error).__name__}"
            ) from error

    async def overview(self, policy: Policy) -> Overview:
        """Indexes of all its vendors for its window, pending appointments, quarantines and
        approvals.
        """
        return await self.read(self._overview, policy)

    async def find(self, index: Index, ids: abc.Iterable[str]) -> None:
        """Take what is known of these records into an index, whenever they start."""
        # A record of long ago that was moved to come is listed, and stands in no overview.
        unknown = [key for key in ids if key not in index.entries]
        if unknown:
            index.entries |= await self.read(lambda tx: self._reader(tx).of(index.vendor, unknown))

    async def reach(self, overview: Overview, stretches: abc.Iterable[Stretch]) -> None:
        """Take what is known of records that start in one of these stretches into all indexes of an
        overview.
        """
        past = earlier(overview.since, stretches)
        if not past:
            return

        def read(tx: Transaction) -> dict[str, dict[str, IndexEntry]]:
            reader = self._reader(tx)
            return {vendor: reader.between(vendor, past) for vendor in overview.indexes}

        for vendor, entries in (await self.read(read)).items():
            overview.indexes[vendor].entries |= entries

    async def memory(self, ids: abc.Iterable[str], overview: Overview) -> Memory:
        """These appointments with everything that reconciliation may know of them."""
        wanted = sorted(set(ids))
        if not wanted:
            return overview.memory
        return replace(overview.memory, known=await self.read(self.known_in, wanted))

    async def whole_days(self, window: Window) -> tuple[Known, ...]:
        """The known appointments that start in a window and take whole days."""

        def read(tx: Transaction) -> tuple[Known, ...]:
            since, until = window.since.timestamp(), window.until.timestamp()
            found = self.known_in(tx, tx.appointments_lasting(since, until, _SHORTEST_DAY))
            return tuple(one for one in found if one.agreed.slot.whole_days)

        return await self.read(read)

    async def remembered(self, vendors: abc.Iterable[str]) -> dict[str, Remembered]:
        """What the last cycles left for each of these vendors, nothing where that is nothing."""

        def read(tx: Transaction) -> dict[str, Remembered]:
            kept = {name: parsed(tx.get_meta(f"{VENDOR}{name}") or "{}") for name in vendors}
            return {name: typed(one, Remembered) for name, one in kept.items()}

        return await self.read(read)

    def owner_in(self, tx: Transaction, vendor: str, remote_id: str) -> tuple[str, Mapping] | None:
        """The appointment that a record is mapped to, if any, and the mapping."""
        row = tx.mapping(vendor, remote_id)
        if row is None:
            return None
        [known] = self.known_in(tx, [row.appointment_id])
        by_record = {(one.vendor, one.remote_id): one for one in known.mappings}
        return known.id, by_record[vendor, remote_id]

    def parted_in(
        self, tx: Transaction, vendor: str, since: datetime, ids: abc.Collection[str]
    ) -> tuple[Mapping, ...]:
        """The mappings of a vendor's records that consist of parts and start then or later, and
        those of these records.
        """
        rows = {row.remote_id: row for row in tx.mappings_with(vendor, beginning(since), PARTED)}
        entries = self._reader(tx).of(vendor, [key for key in ids if key not in rows])
        owners = {row.appointment_id for row in rows.values()}
        owners |= {entry.appointment_id for entry in entries.values()}
        known = self.known_in(tx, sorted(owners))
        mappings = chain.from_iterable(one.mappings for one in known)
        wanted = rows.keys() | entries.keys()
        return tuple(one for one in mappings if one.vendor == vendor and one.remote_id in wanted)

    def known_in(self, tx: Transaction, ids: abc.Sequence[str]) -> tuple[Known, ...]:
        """These known appointments; unknown ids are left out."""
        self.resumed(tx)
        now, observed = self.clock(), tx.observations()
        mappings: dict[str, list[Mapping]] = defaultdict(list)
        pending, creates = unsettled(tx, self.ticks.moment)
        given_up = overdue_by_appointment(tx, self.ticks.moment)
        undecided, by_other_rules = undecided_of(tx), self._by_other_rules(tx)
        for row in tx.mappings_of(ids):
            # What an unchanged row said by the old rules may be another time by the new ones.
            read = replace(row, fingerprint=None) if row.vendor in by_other_rules else row
            mapping = mapping_from(read, observed.get(row.vendor), pending, undated=self.undated)
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
            for row in sorted(tx.appointments(ids), key=lambda row: row.id)
        )

    def resumed(self, tx: Transaction) -> bool:
        """Go on with the store's own seconds; whether the clock was set back since what is stored
        was dated.
        """
        # It stays so until a cycle begins and forgets when things were: a clock that is right
        # again by the next look does not make the old dates true.
        self.undated |= self.ticks.resume(tx.get_meta(CLOCK))
        return self.undated

    def read_anew(self, tx: Transaction) -> None:
        """Let all be decoded once more that was read by other rules; from now on it is by these."""
        tx.forget_fingerprints(self._by_other_rules(tx))
        put_clocks(tx, self.on_the_wall)

    def _by_other_rules(self, tx: Transaction) -> frozenset[str]:
        """The vendors whose times were read by other rules of their zone, or by another zone."""
        return read_otherwise(tx, self.on_the_wall)

    def _reader(self, tx: Transaction) -> Reader:
        return Reader(tx, self._by_other_rules(tx))

    def _overview(self, tx: Transaction, policy: Policy) -> Overview:
        self.resumed(tx)
        held, quarantines = tx.held(), tx.quarantines()
        memory = _memory(tx, policy, held, quarantines)
        several = [(said.appointment, said.former) for said in memory.whose.values()]
        about = {one for one in chain.from_iterable(several) if one is not None}
        approved = [row for row in held if row.approved_at]
        return Overview(
            policy=policy,
            indexes=self._indexes(tx, policy, quarantines),
            since=beginning(policy.window.since),
            pending=tuple(sorted({*tx.appointments_pending(), *about})),
            late=tuple({row.appointment_id for row in overdue(tx)}),
            memory=memory,
            approved_appointments=frozenset(
                parsed(row.operation)["appointment"] for row in approved
            ),
        )

    def _indexes(
        self, tx: Transaction, policy: Policy, quarantines: abc.Collection[QuarantineRow]
    ) -> dict[str, Index]:
        """The index of each vendor, for the window of a policy."""
        since, observed, reader = policy.window.since, tx.observations(), self._reader(tx)
        indexes: dict[str, Index] = {}
        for traits in policy.vendors:
            vendor = traits.name
            entries, untold = reader.since(vendor, beginning(since)), untold_of(tx, vendor)
            listed = observed.get(vendor)
            indexes[vendor] = Index(
                vendor=vendor,
                entries=entries,
                live=live_from(entries, since),
                # A row of which nobody can tell whose it is waits for no reading, and holds
                # nothing up.
                read_before=listed is not None and listed.unread <= len(untold),
                read_at=_moment(listed),
                listed_before=None if listed is None else listed.records,
                lingering=untold | unlinked(vendor, quarantines),
            )
        return indexes


def _memory(
    tx: Transaction,
    policy: Policy,
    held: abc.Collection[HeldRow],
    quarantines: abc.Iterable[QuarantineRow],
) -> Memory:
    """What is remembered beside the appointments, and is of none of them yet."""
    approved = [row for row in held if row.approved_at]
    blocking = [one.name for one in policy.vendors if one.capabilities.blocks]
    return Memory(
        quarantines=tuple(map(quarantine_from, quarantines)),
        approved=frozenset(row.operation_id for row in approved),
        released={row.operation_id: release_of(row) for row in approved},
        held={row.operation_id: waiting_from(row) for row in held if _waits(row)},
        said=said_of(tx),
        whose=whose_of(tx),
        decision=tx.get_meta(DECISION),
        shifted=shifted_in(tx),
        blocks={name: blocks_of(tx, name) for name in blocking},
        strangers={one.name: strangers_of(tx, one.name) for one in policy.vendors},
    )


def _moment(listed: ObservationRow | None) -> datetime | None:
    """When a listing was made; None where there was none, or the clock was set back since."""
    if listed is None or not listed.started_at:
        return None
    return datetime.fromtimestamp(listed.started_at, UTC)


def _waits(row: HeldRow) -> bool:
    """Whether nobody has released what is held. What is doubtful is decided anew in each cycle."""
    return not row.approved_at and not parsed(row.operation)["doubtful"]

"""Observe: what every vendor shows now, as snapshots for reconciliation. Reads alone.

Rows whose fingerprint holds are not decoded. A row that lacks what a decision needs is read by id, only then, and as
far as the vendor's rate allows. A mapped record that is missing from a complete listing is asked for by id; only the vendor's
own "not found", from a vendor that still finds what surely exists, makes it gone.
"""

from __future__ import annotations

import asyncio
import math
from collections import abc, defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from syncd.engine.ledger import Index, Ledger, Overview
from syncd.model.errors import BudgetSpent, Malformed, VendorError
from syncd.model.memory import Mapping, Memory
from syncd.model.policy import Policy
from syncd.model.record import Absent, BadRow, Complete, Failed, NotPolled, Partial, Record, Snapshot
from syncd.model.times import Window, minute_of
from syncd.reconcile.changes import differs
from syncd.vendors.port import Row, Vendor

log = structlog.get_logger(__name__)

_MOST_OF_THE_RATE = 0.75
_REFILLS_WHILE_READING = 60.0


@dataclass(slots=True)
class Listing:
    """One vendor's listing while it is being read and completed."""

    vendor: Vendor
    index: Index
    window: Window
    started_at: datetime
    ended_at: datetime
    rows: dict[str, Row] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)
    bad_rows: list[BadRow] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    unread: dict[str, Record] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    doubtful: dict[str, str] = field(default_factory=dict)
    requests: int = 0
    failure: str | None = None
    trouble: str | None = None
    any_page: bool = False
    finds: bool | None = None

    @property
    def present(self) -> int:
        """How many different records the listing held."""
        return len(self.rows) + len(self.unchanged)

    def mapped(self, remote_id: str) -> bool:
        """Whether a record has a mapping, a tombstone included."""
        return remote_id in self.index.entries


@dataclass(slots=True)
class Observation:
    """All snapshots of a cycle, what is remembered of the appointments concerned, and what should be said."""

    snapshots: dict[str, Snapshot]
    memory: Memory
    listings: dict[str, Listing]
    remarks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Observer:
    """Reads vendors. `interval` is how often it will be asked to, which says how much of a rate listings will need.

    `ignored` remembers, per vendor, rows that no mapping wants and no window reaches, so that they are decoded once a
    process.
    """

    vendors: abc.Mapping[str, Vendor]
    ledger: Ledger
    clock: abc.Callable[[], datetime]
    interval: timedelta
    ignored: dict[tuple[str, str], tuple[bytes, datetime]] = field(default_factory=dict)
    progress: abc.Callable[[str], None] | None = None

    async def observe(self, policy: Policy, due: abc.Set[str] | None = None) -> Observation:
        """Read all vendors at once (or those that are `due`), and load what their answers concern."""
        overview = await self.ledger.overview([traits.name for traits in policy.vendors])
        wanted = [name for name in self.vendors if due is None or name in due]
        listings = await asyncio.gather(
            *(self._list(self.vendors[name], overview.indexes[name], policy.window) for name in wanted)
        )
        by_name = {listing.index.vendor: listing for listing in listings}
        changed = {
            listing.index.entries[key].appointment_id
            for listing in listings
            for key in listing.rows
            if listing.mapped(key)
        }
        hints = _hints(await self.ledger.memory(changed, overview))
        for listing in listings:
            self._decode(listing, hints)
        await asyncio.gather(*(self._complete(listing, hints, policy, overview, listings) for listing in listings))
        memory = await self.ledger.memory(_concerned(listings, overview), overview)
        snapshots: dict[str, Snapshot] = {name: NotPolled(vendor=name) for name in self.vendors}
        snapshots.update({name: _snapshot(listing) for name, listing in by_name.items()})
        return Observation(snapshots, memory, by_name, [say for listing in listings for say in self._remarks(listing)])

    async def _list(self, vendor: Vendor, index: Index, window: Window) -> Listing:
        before = vendor.traffic.requests
        listing = Listing(vendor, index, window, self.clock(), self.clock())
        try:
            async for page in vendor.pages(window):
                listing.any_page = True
                for row in page.rows:
                    _take_row(listing, row)
                listing.bad_rows += [
                    BadRow(vendor=vendor.name, remote_id=None, reason=reason) for reason in page.unidentified
                ]
                if self.progress:
                    self.progress(f"{vendor.name}: {listing.present} records listed")
        except VendorError as error:
            listing.failure = str(error)
            log.warning("listing_failed", vendor=vendor.name, error=str(error), partial=listing.any_page)
        listing.ended_at = self.clock()
        listing.requests = vendor.traffic.requests - before
        return listing

    def _decode(self, listing: Listing, hints: abc.Mapping[tuple[str, str], Mapping]) -> None:
        name = listing.index.vendor
        for key, row in list(listing.rows.items()):
            seen = self.ignored.get((name, key))
            if seen and seen[0] == row.fingerprint and seen[1] not in listing.window and not listing.mapped(key):
                del listing.rows[key]
                listing.unchanged.add(key)
                continue
            mapping = hints.get((name, key))
            try:
                record = listing.vendor.decode(row, mapping.base if mapping else None)
            except Malformed as error:
                listing.bad_rows.append(
                    BadRow(vendor=name, remote_id=key, reason=str(error), fingerprint=row.fingerprint)
                )
                continue
            listing.records[key] = replace(record, fingerprint=row.fingerprint, raw=None)
            if not listing.mapped(key):
                self.ignored[name, key] = (row.fingerprint, record.content.slot.start)

    async def _complete(
        self,
        listing: Listing,
        hints: abc.Mapping[tuple[str, str], Mapping],
        policy: Policy,
        overview: Overview,
        listings: abc.Sequence[Listing],
    ) -> None:
        """Ask by id for what is missing, then for details that a decision needs."""
        if listing.failure is None:
            await self._look_for_missing(listing, hints, policy, overview)
        await self._read_details(listing, hints, listings)

    async def _look_for_missing(
        self, listing: Listing, hints: abc.Mapping[tuple[str, str], Mapping], policy: Policy, overview: Overview
    ) -> None:
        present = {*listing.rows, *listing.unchanged, *(row.remote_id for row in listing.bad_rows)}
        missing = [
            entry
            for entry in listing.index.entries.values()
            if entry.live
            and not entry.tombstone
            and entry.remote_id not in present
            and entry.start is not None
            and _within(entry.start, listing.window)
        ]
        if not missing:
            return
        limit, live = policy.guard.max_cancels, listing.index.live
        suspicious = listing.present == 0 or limit.exceeded(len(missing), live)
        loaded = await self.ledger.memory({entry.appointment_id for entry in missing}, overview)
        bases = _hints(loaded)
        for entry in sorted(missing, key=lambda entry: entry.remote_id):
            if suspicious and entry.appointment_id not in overview.approved_appointments:
                listing.doubtful[entry.remote_id] = (
                    f"{len(missing)} of {live} live records are missing from its listing at once, so none was asked for"
                )
                continue
            await self._ask_for(listing, entry.remote_id, bases)

    async def _ask_for(
        self, listing: Listing, remote_id: str, bases: abc.Mapping[tuple[str, str], Mapping]
    ) -> None:
        name = listing.index.vendor
        try:
            answer = await listing.vendor.get(remote_id, bases[name, remote_id].base)
            if isinstance(answer, Record):
                listing.records[remote_id] = replace(answer, raw=None, fingerprint=None)
            elif await self._finds_what_exists(listing):
                listing.gone.add(remote_id)
                log.info("record_vanished", vendor=name, remote_id=remote_id)
            else:
                listing.doubtful[remote_id] = "it also says that a record does not exist which it has just listed"
        except Malformed as error:
            listing.bad_rows.append(BadRow(vendor=name, remote_id=remote_id, reason=str(error)))
        except VendorError as error:
            listing.doubtful[remote_id] = f"asked for by id, it gave no clear answer ({error})"
            listing.trouble = listing.trouble or str(error)

    async def _finds_what_exists(self, listing: Listing) -> bool:
        """Whether the vendor finds a record that it has just listed; where it listed none, nothing can be told."""
        if listing.finds is None:
            witness = next(iter(sorted([*listing.unchanged, *listing.rows])), None)
            try:
                listing.finds = witness is None or not isinstance(await listing.vendor.get(witness), Absent)
            except Malformed:
                listing.finds = True  # found, whatever it looks like
        return listing.finds

    async def _read_details(
        self,
        listing: Listing,
        hints: abc.Mapping[tuple[str, str], Mapping],
        listings: abc.Sequence[Listing],
    ) -> None:
        name = listing.index.vendor
        needed = _needing_details(listing, hints, listings)
        budget = self._budget(listing)
        for number, key in enumerate(needed):
            row_record = listing.records[key]
            mapping = hints.get((name, key))
            if number < budget:
                try:
                    answer = await listing.vendor.get(key, mapping.base if mapping else row_record.content)
                    if isinstance(answer, Record):
                        listing.records[key] = replace(answer, fingerprint=row_record.fingerprint, raw=None)
                        continue
                except Malformed as error:
                    reason = str(error)
                    listing.bad_rows.append(
                        BadRow(vendor=name, remote_id=key, reason=reason, fingerprint=row_record.fingerprint or b"")
                    )
                    del listing.records[key]
                    continue
                except BudgetSpent:
                    budget = number
                except VendorError as error:
                    listing.trouble = listing.trouble or str(error)
                    budget = number
                if self.progress and number % 20 == 0:
                    self.progress(f"{name}: {number} of {len(needed)} records read")
            if mapping is None:
                listing.unread[key] = listing.records.pop(key)

    def _budget(self, listing: Listing) -> int:
        """How many rows may be read by id now, with enough of the rate left for the listings to come."""
        limit, seconds = listing.vendor.traffic.rate
        cycles = max(1, math.ceil(seconds / max(self.interval.total_seconds(), 1.0)))
        if seconds <= _REFILLS_WHILE_READING:
            return len(listing.records)
        reserve = min(listing.requests * cycles, int(limit * _MOST_OF_THE_RATE))
        return max(0, listing.vendor.traffic.spare() - reserve)

    def _remarks(self, listing: Listing) -> list[str]:
        name, (limit, seconds) = listing.index.vendor, listing.vendor.traffic.rate
        said = []
        cycles = max(1.0, seconds / max(self.interval.total_seconds(), 1.0))
        if listing.requests * cycles > limit:
            said.append(
                f"{name}: one listing takes {listing.requests} requests, which at this interval exceeds its rate of "
                f"{limit} per {seconds:g} s: lengthen sync.interval"
            )
        if listing.unread:
            spare = max(limit - min(listing.requests * cycles, limit * _MOST_OF_THE_RATE), 1)
            left = timedelta(seconds=round(len(listing.unread) / spare * seconds))
            said.append(
                f"{name}: {len(listing.unread)} records are not read yet; at its rate of {limit} requests per "
                f"{seconds:g} s that takes about {_lasting(left)} more. Until then nothing is created that one of "
                "them could turn out to be"
            )
        return said


def _lasting(time: timedelta) -> str:
    minutes = max(1, round(time.total_seconds() / 60))
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{minutes} min"


def _take_row(listing: Listing, row: Row) -> None:
    """A row of a page; of a record that comes twice (pages shift), the later row counts."""
    entry = listing.index.entries.get(row.remote_id)
    if entry is not None and entry.fingerprint == row.fingerprint:
        listing.unchanged.add(row.remote_id)
        listing.rows.pop(row.remote_id, None)
    else:
        listing.rows[row.remote_id] = row
        listing.unchanged.discard(row.remote_id)


def _within(start: float, window: Window) -> bool:
    return window.since.timestamp() <= start < window.until.timestamp()


def _hints(memory: Memory) -> dict[tuple[str, str], Mapping]:
    return {(m.vendor, m.remote_id): m for known in memory.known for m in known.mappings}


def _needing_details(
    listing: Listing, hints: abc.Mapping[tuple[str, str], Mapping], listings: abc.Sequence[Listing]
) -> list[str]:
    """Rows that a decision needs whole: mapped ones that changed, then unmapped ones of the window.

    Those that another vendor's unmapped record may belong to go first, then live ones, then by start.
    """
    name = listing.index.vendor
    changed, unmapped = list[str](), list[str]()
    for key, record in listing.records.items():
        if record.whole:
            continue
        mapping = hints.get((name, key))
        if mapping is not None:
            if _row_changed(record, mapping):
                changed.append(key)
        elif not listing.mapped(key) and record.content.slot.start in listing.window:
            unmapped.append(key)
    if not unmapped:
        return sorted(changed)
    elsewhere = {
        record.content.slot.minute
        for other in listings
        if other is not listing
        for key, record in other.records.items()
        if not other.mapped(key)
    }

    def urgency(key: str) -> tuple[bool, bool, int, str]:
        content = listing.records[key].content
        return (content.slot.minute not in elsewhere, not content.status.live, content.slot.minute, key)

    return sorted(changed) + sorted(unmapped, key=urgency)


def _row_changed(record: Record, mapping: Mapping) -> bool:
    if record.version is not None and mapping.version is not None and record.version != mapping.version:
        return True
    return any(differs(name, mapping.base, record.content) for name in record.shows & mapping.shows)


def _concerned(listings: abc.Sequence[Listing], overview: Overview) -> set[str]:
    """Ids of the appointments that this cycle's answers touch, and of those that wait for something."""
    ids = set(overview.pending)
    starts: dict[int, set[str]] = defaultdict(set)
    for index in overview.indexes.values():
        for entry in index.entries.values():
            if entry.start is not None:
                starts[int(entry.start // 60)].add(entry.appointment_id)
    for listing in listings:
        touched = {*listing.records, *listing.gone, *listing.doubtful}
        touched |= {row.remote_id for row in listing.bad_rows if row.remote_id}
        ids |= {listing.index.entries[key].appointment_id for key in touched if listing.mapped(key)}
        for key, record in (*listing.records.items(), *listing.unread.items()):
            if listing.mapped(key):
                continue
            for slot in (record.content.slot, *record.other_readings):
                ids |= starts.get(minute_of(slot.start), set())
    return ids


def _snapshot(listing: Listing) -> Snapshot:
    name = listing.index.vendor
    if listing.failure is not None and not listing.any_page:
        return Failed(vendor=name, reason=listing.failure)
    expected = sum(
        1
        for entry in listing.index.entries.values()
        if entry.live and not entry.tombstone and entry.start is not None and _within(entry.start, listing.window)
    )
    shared = {
        "vendor": name,
        "window": listing.window,
        "started_at": listing.started_at,
        "ended_at": listing.ended_at,
        "records": listing.records,
        "unchanged": listing.unchanged,
        "unread": listing.unread,
        "bad_rows": tuple(listing.bad_rows),
        "gone": listing.gone,
        "doubtful": listing.doubtful,
        "listed": listing.present,
        "live": listing.index.live,
        "expected": expected,
        "clock_offset": listing.vendor.traffic.clock_offset,
        "read_before": listing.index.read_before,
    }
    if listing.failure is not None:
        return Partial(reason=listing.failure, **shared)  # type: ignore[arg-type]
    return Complete(**shared)  # type: ignore[arg-type]

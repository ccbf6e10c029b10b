"""One vendor's listing while it is read and completed, and what follows from it. No I/O.

Says which rows a decision needs whole, how many of them the vendor's rate allows, and which appointments are concerned.
"""

from __future__ import annotations

import math
from collections import abc, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.engine.ledger import Index, Overview
from syncd.model.memory import Mapping, Memory
from syncd.model.record import BadRow, Complete, Failed, Partial, Record, Snapshot
from syncd.model.times import Window, minute_of
from syncd.reconcile.changes import differs
from syncd.vendors.port import Row, Vendor

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

    def witness(self, besides: abc.Set[str] = frozenset()) -> str | None:
        """A record that surely exists, because it was just listed; None where there is no other than `besides`."""
        return min((key for key in (*self.unchanged, *self.rows) if key not in besides), default=None)

    def mapped(self, remote_id: str) -> bool:
        """Whether a record has a mapping, a tombstone included."""
        return remote_id in self.index.entries


def budget(listing: Listing, interval: timedelta) -> int:
    """How many rows may be read by id now, with enough of the rate left for the listings to come."""
    limit, seconds = listing.vendor.traffic.rate
    cycles = max(1, math.ceil(seconds / max(interval.total_seconds(), 1.0)))
    if seconds <= _REFILLS_WHILE_READING:
        return len(listing.records)
    reserve = min(listing.requests * cycles, int(limit * _MOST_OF_THE_RATE))
    return max(0, listing.vendor.traffic.spare() - reserve)


def remarks(listing: Listing, interval: timedelta) -> list[str]:
    """What an operator should know of a vendor's rate: that it is too low for the interval, how long reading takes."""
    name, (limit, seconds) = listing.index.vendor, listing.vendor.traffic.rate
    said = []
    cycles = max(1.0, seconds / max(interval.total_seconds(), 1.0))
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


def take_row(listing: Listing, row: Row) -> None:
    """A row of a page; of a record that comes twice (pages shift), the later row counts."""
    entry = listing.index.entries.get(row.remote_id)
    if entry is not None and entry.fingerprint == row.fingerprint:
        listing.unchanged.add(row.remote_id)
        listing.rows.pop(row.remote_id, None)
    else:
        listing.rows[row.remote_id] = row
        listing.unchanged.discard(row.remote_id)


def within(start: float, window: Window) -> bool:
    """Whether a start, in seconds since 1970, lies in the window."""
    return window.since.timestamp() <= start < window.until.timestamp()


def hints_of(memory: Memory) -> dict[tuple[str, str], Mapping]:
    """Mappings by vendor and remote id: what is known of a record before it is decoded."""
    return {(m.vendor, m.remote_id): m for known in memory.known for m in known.mappings}


def needing_details(
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


def concerned(listings: abc.Sequence[Listing], overview: Overview) -> set[str]:
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


def snapshot_of(listing: Listing) -> Snapshot:
    """The listing as the snapshot that reconciliation sees."""
    name = listing.index.vendor
    if listing.failure is not None and not listing.any_page:
        return Failed(vendor=name, reason=listing.failure)
    expected = sum(
        1
        for entry in listing.index.entries.values()
        if entry.live and not entry.tombstone and entry.start is not None and within(entry.start, listing.window)
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

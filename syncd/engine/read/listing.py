"""One vendor's listing while it is read and completed, and what the next one gets of it. No I/O.

Most rows are not decoded at all, as their fingerprint holds; a new one is as soon as its page is
there, so that a listing of any length is held as the records that it has, and not as the pages that
it came in.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain

from syncd.engine.read.absence import Absence
from syncd.engine.read.damage import unrecognisable
from syncd.engine.store.indexes import Index, IndexEntry
from syncd.model.appointment import Appointment
from syncd.model.errors import Malformed
from syncd.model.memory import Mapping, Memory
from syncd.model.plan import Quarantined
from syncd.model.record import BadRow, Block, Record
from syncd.model.times import Window
from syncd.vendors.port import Page, Row, Vendor

_STILL_KNOWN = timedelta(hours=1)
"""So long a record that nobody could link is not read again: what no row shows may change."""


@dataclass(slots=True)
class ListingCache:
    """What one vendor's listings leave to the next ones of a process. Without it they come to the
    same, at more cost.

    By remote id: `ignored` are rows that no mapping wants and no window reached, as fingerprint and
    start; `unlinked` are records that belong to no appointment although they were read whole, with
    the time of that reading.
    """

    ignored: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    unlinked: dict[str, tuple[datetime, Record]] = field(default_factory=dict)


@dataclass(slots=True)
class Listing:
    """One vendor's listing while it is being read and completed.

    `rows` are those that must be decoded, as long as they are not; `listed` are the ids of all;
    `absence` is what was found out about those that are not among them. `bad` are the rows that
    cannot be read, by id, and `nameless` those without one. `hints` are the mappings of its rows by
    id, where what is known of a record must be known before it is decoded. `blocks` is the blocked
    time that syncd made there.
    """

    vendor: Vendor
    index: Index
    window: Window
    started_at: datetime
    ended_at: datetime
    recall: ListingCache = field(default_factory=ListingCache)
    listed: set[str] = field(default_factory=set)
    rows: dict[str, Row] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)
    bad: dict[str, BadRow] = field(default_factory=dict)
    nameless: list[BadRow] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    unread: dict[str, Record] = field(default_factory=dict)
    hints: abc.Mapping[str, Mapping] = field(default_factory=dict)
    requests: int = 0
    failure: str | None = None
    trouble: str | None = None
    any_page: bool = False
    blocks: abc.Sequence[Block] | None = None
    absence: Absence = field(init=False)

    def __post_init__(self) -> None:
        self.absence = Absence(self.vendor, self.window, self.listed)

    @property
    def name(self) -> str:
        """The vendor's."""
        return self.vendor.name

    @property
    def present(self) -> int:
        """How many different records the listing held."""
        return len(self.listed)

    def mapped(self, remote_id: str) -> bool:
        """Whether a record has a mapping, a tombstone included."""
        return remote_id in self.index.entries

    def linkable(self, record: Record) -> bool:
        """Whether it may be linked in this cycle: it is nobody's, and starts in the window."""
        return record.content.slot.start in self.window and not self.mapped(record.remote_id)

    def owners(self, remote_ids: abc.Iterable[str]) -> set[str]:
        """Ids of the appointments that have these records, as far as they are anybody's."""
        known = self.index.entries
        return {known[key].appointment_id for key in remote_ids if key in known}

    @property
    def expected(self) -> list[IndexEntry]:
        """Live mapped records, last seen in the window: a complete listing has them."""
        since, until = self.window.since.timestamp(), self.window.until.timestamp()
        return [
            entry
            for entry in self.index.entries.values()
            if entry.live
            and not entry.tombstone
            and entry.start is not None
            and since <= entry.start < until
        ]


def take_row(listing: Listing, row: Row) -> None:
    """A row of a page, kept only if it must be decoded.

    Of a record that comes twice (pages shift) the later counts, though the first was decoded by
    then.
    """
    entry = listing.index.entries.get(row.remote_id)
    # The index's own text, so that none is held twice.
    key = row.remote_id if entry is None else entry.remote_id
    listing.listed.add(key)
    # The later of two rows counts, whatever the earlier one came to.
    listing.records.pop(key, None)
    listing.bad.pop(key, None)
    if _is_ignored(listing, row) if entry is None else entry.fingerprint == row.fingerprint:
        listing.unchanged.add(key)
        listing.rows.pop(key, None)
    else:
        listing.rows[key] = row
        listing.unchanged.discard(key)


def _is_ignored(listing: Listing, row: Row) -> bool:
    seen = listing.recall.ignored.get(row.remote_id)
    return seen is not None and seen[0] == row.fingerprint and seen[1] not in listing.window


def ignore(listing: Listing, row: Row, start: datetime) -> None:
    """Remember a row that is of no use as long as neither it nor the window changes."""
    if not listing.mapped(row.remote_id) and start not in listing.window:
        listing.recall.ignored[row.remote_id] = (row.fingerprint, start)


def forget_ignored(listing: Listing) -> None:
    """Forget the rows that a complete listing has no longer, or that have come into use."""
    ignored = listing.recall.ignored
    # One that is mapped by now is passed over no more, though its row is the same.
    for key in [key for key in ignored if key not in listing.listed or listing.mapped(key)]:
        del ignored[key]


def keep_unlinked(listing: Listing, quarantined: abc.Iterable[Quarantined]) -> None:
    """Remember records that nobody could link: while their rows stay, they are not read again."""
    name, before = listing.name, listing.recall.unlinked
    left_alone = {entry.remote_id for entry in quarantined if entry.vendor == name}
    kept: dict[str, tuple[datetime, Record]] = {}
    for key, record in listing.records.items():
        if key in left_alone and record.whole and not listing.mapped(key):
            read_at, seen = before.get(key, (listing.ended_at, record))
            # One that was recalled keeps the time of its reading, so that it is read again in time.
            kept[key] = (read_at if seen is record else listing.ended_at, record)
    listing.recall.unlinked = kept


def unlinked(listing: Listing, row: Row) -> Record | None:
    """The record of a row that was read whole not long ago, and that nobody could link."""
    read_at, record = listing.recall.unlinked.get(row.remote_id, (None, None))
    if read_at is None or record is None or record.fingerprint != row.fingerprint:
        return None
    return record if listing.started_at - read_at < _STILL_KNOWN else None


def mappings_of(memory: Memory) -> abc.Iterator[Mapping]:
    """All mappings of the known appointments."""
    return chain.from_iterable(known.mappings for known in memory.known)


def mappings_at(vendor: str, memory: Memory) -> dict[str, Mapping]:
    """Those at one vendor, by the ids of their records."""
    return {one.remote_id: one for one in mappings_of(memory) if one.vendor == vendor}


def known_of(mapping: Mapping | None) -> tuple[Appointment | None, abc.Collection[str]]:
    """What is known of a record before it is read: its values, which parts are another's."""
    return (None, ()) if mapping is None else (mapping.base, mapping.guests)


def speaking(listing: Listing, page: Page) -> list[str]:
    """The records of a page that can be decoded before the listing is whole.

    They are new, so that nothing is known of them that reading would need, and point to nothing.
    """
    keys = [row.remote_id for row in page.rows if not listing.mapped(row.remote_id)]
    waiting = [listing.rows[key] for key in dict.fromkeys(keys) if key in listing.rows]
    return [row.remote_id for row in waiting if not listing.vendor.needs_preparing(row)]


def decode(listing: Listing, keys: abc.Iterable[str]) -> None:
    """Decode rows that are new or differ, each of which is let go of when that is done."""
    name = listing.name
    for key in keys:
        row = listing.rows.pop(key)
        # It was read whole not long ago, which costs a request each time.
        known = unlinked(listing, row)
        if known is not None:
            listing.records[key] = known
            continue
        try:
            record = listing.vendor.decode(row, *known_of(listing.hints.get(key)))
        except Malformed as error:
            listing.bad[key] = BadRow(
                vendor=name, remote_id=key, reason=str(error), fingerprint=row.fingerprint
            )
            continue
        # A listing of ten thousand records is held without the JSON that they came in.
        record = replace(record, raw=None)
        if not left_alone(listing, record):
            listing.records[key] = record
        ignore(listing, row, record.content.slot.start)


def left_alone(listing: Listing, record: Record) -> bool:
    """Whether a record counts as unreadable: nobody has it yet, and nothing tells whose it is."""
    bad = unrecognisable(record) if listing.linkable(record) else None
    if bad is not None:
        listing.bad[record.remote_id] = bad
    return bad is not None


def judge(listing: Listing) -> None:
    """Name rows without an id by records that are not shown; with more of these, it is broken.

    A row without a readable id may be any record that is missing: that is one bad row, not a
    listing that lacks something.

    rows:   7 · 8 · {"a": 1}     known: 7, 8, 9
    by id:  9 is there           the third row is taken for 9, which is what its own answer says
    """
    unshown = listing.absence.unshown
    if len(unshown) > len(listing.nameless):
        record = unshown[0]
        listing.failure = (
            f"{listing.name}: its listing lacks record {record}, which is there when asked for"
        )
        return
    # Which row is which record does not matter: none of them is read.
    for row, record in zip(listing.nameless, unshown, strict=False):
        reason = f"{row.reason}; it is taken for this record, which no other row shows"
        listing.bad[record] = replace(row, remote_id=record, reason=reason)
    del listing.nameless[: len(unshown)]

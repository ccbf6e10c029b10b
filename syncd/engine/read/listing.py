"""One vendor's listing while it is read and completed, and what follows from it. No I/O.

Says which rows a decision needs whole, how many of them the vendor's rate allows, and which appointments are concerned.
"""

from __future__ import annotations

import math
from collections import Counter, abc
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from syncd.compare.sameness import differs
from syncd.engine.read.damage import said_of
from syncd.engine.read.lagging import may_lag
from syncd.engine.store.rows import Index, IndexEntry, Overview
from syncd.model.memory import Mapping, Memory
from syncd.model.plan import Quarantined
from syncd.model.record import BadRow, Complete, Failed, Partial, Record, Snapshot
from syncd.model.times import Window, minute_of
from syncd.vendors.port import Row, Vendor

_FOR_READING = 0.9
"""The share of a rate that listings and readings may use: the limiter keeps the rest for writes."""
_REFILLS_WHILE_READING = 60.0
_READING = 15 * 60.0
"""Seconds that reading by id may take in one cycle where a rate refills meanwhile; what is left is for the next."""
_LONGEST_WORD = 40
_STILL_KNOWN = timedelta(hours=1)
"""So long a record that nobody could link is not read again: what its row does not show may change, too."""


@dataclass(slots=True)
class ListingCache:
    """What one vendor's listings leave to the next ones of a process. Without it they come to the same, at more cost.

    By remote id: `ignored` are rows that no mapping wants and no window reached, as fingerprint and start; `unlinked`
    are records that belong to no appointment although they were read whole, with the time of that reading.
    """

    ignored: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    unlinked: dict[str, tuple[datetime, Record]] = field(default_factory=dict)


@dataclass(slots=True)
class Listing:
    """One vendor's listing while it is being read and completed.

    `rows` are those that must be decoded, as long as they are not; `listed` are the ids of all; `unshown` those that
    should be among them and are not, although they are there when asked for. `bad` are the rows that cannot be read, by
    id, and `nameless` those without one.
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
    gone: set[str] = field(default_factory=set)
    doubtful: dict[str, str] = field(default_factory=dict)
    aside: set[str] = field(default_factory=set)
    newly_aside: set[str] = field(default_factory=set)
    unshown: list[str] = field(default_factory=list)
    requests: int = 0
    failure: str | None = None
    trouble: str | None = None
    any_page: bool = False
    finds: bool | None = None

    @property
    def present(self) -> int:
        """How many different records the listing held."""
        return len(self.listed)

    def witness(self, besides: abc.Set[str] = frozenset()) -> str | None:
        """A record that surely exists, because it was just listed; None where there is no other than `besides`."""
        return min((key for key in self.listed if key not in besides), default=None)

    def mapped(self, remote_id: str) -> bool:
        """Whether a record has a mapping, a tombstone included."""
        return remote_id in self.index.entries

    @property
    def expected(self) -> list[IndexEntry]:
        """Live mapped records that were last seen in the window: a complete listing has them, or they are gone."""
        since, until = self.window.since.timestamp(), self.window.until.timestamp()
        return [
            entry
            for entry in self.index.entries.values()
            if entry.live and not entry.tombstone and entry.start is not None and since <= entry.start < until
        ]


def budget(listing: Listing, interval: timedelta) -> int:
    """How many requests may be made besides the listing now, with enough of the rate left for those to come."""
    limit, seconds = listing.vendor.traffic.rate
    if seconds <= _REFILLS_WHILE_READING:
        return max(1, int(limit * _READING / seconds))
    cost = listing.requests + 1  # there may be a page more by then
    return listing.vendor.traffic.spare(cost, max(interval.total_seconds(), 1.0))


def remarks(listing: Listing, interval: timedelta) -> list[str]:
    """What an operator should know of a vendor's rate: that it is too low for the interval, how long reading takes."""
    name, (limit, seconds) = listing.index.vendor, listing.vendor.traffic.rate
    said = []
    cycles = max(1, math.ceil(seconds / max(interval.total_seconds(), 1.0)))
    spare = int(limit * _FOR_READING) - listing.requests * cycles
    if spare <= 0:
        said.append(
            f"{name}: one listing takes {listing.requests} requests, which at this interval exceeds its rate of "
            f"{limit} per {seconds:g} s: lengthen sync.interval"
        )
    unread = [record for record in listing.unread.values() if record.untold is None]
    if unread:
        turns = math.ceil(len(unread) / max(spare, 1))
        lasting = _lasting(turns * max(timedelta(seconds=seconds), interval))
        more = f"that takes about {lasting} more" if spare > 0 else "nothing is left for them"
        if spare < listing.requests * cycles:
            more += " (a longer sync.interval leaves more for them)"
        said.append(
            f"{name}: {len(unread)} records are not read yet; at its rate of {limit} requests per "
            f"{seconds:g} s {more}. Until then nothing is created that one of them could turn out to be"
        )
    return (
        said + _untold(listing) + _unlisted(listing) + _unknown_words(listing) + said_of(name, listing.records.values())
    )


def _untold(listing: Listing) -> list[str]:
    """Records that nothing is made of, because nobody can tell who their clients are."""
    reasons = Counter(record.untold for record in listing.unread.values() if record.untold is not None)
    return [
        f"{listing.index.vendor}: {count} record(s) whose client cannot be told: {reason}. Nothing is made of them "
        f"anywhere, and nothing is created at {listing.index.vendor} at their start"
        for reason, count in sorted(reasons.items())
    ]


def _unlisted(listing: Listing) -> list[str]:
    """Services that no catalogue row has, one line each: for every record there is a create that waits elsewhere."""
    coming = [r for r in listing.records.values() if r.content.status.live and r.content.slot.start in listing.window]
    names = Counter(record.unlisted for record in coming if record.unlisted is not None)
    return [
        f"{listing.index.vendor}: {count} record(s) of {name}, which no [[services]] row names: add it to one, or what "
        "needs a service elsewhere is not made; 'syncd check' shows the row"
        for name, count in sorted(names.items())
    ]


def _unknown_words(listing: Listing) -> list[str]:
    """Words of the vendor that no codec knows, in records that are new or changed."""
    words = Counter((key, word) for record in listing.records.values() for key, word in record.kept.items())
    return [
        f"{listing.index.vendor}: {count} record(s) with the {key} '{word[:_LONGEST_WORD]}', which is not known: it is "
        "kept there and changes nothing elsewhere"
        for (key, word), count in sorted(words.items())
    ]


def _lasting(time: timedelta) -> str:
    minutes = max(1, round(time.total_seconds() / 60))
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{minutes} min"


def take_row(listing: Listing, row: Row) -> None:
    """A row of a page, kept only if it must be decoded.

    Of a record that comes twice (pages shift) the later counts, though the first was decoded by then.
    """
    entry = listing.index.entries.get(row.remote_id)
    key = row.remote_id if entry is None else entry.remote_id  # the index's own text, so that none is held twice
    listing.listed.add(key)
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
    """After a complete listing: no longer remember rows that are not there any more, or have come into use."""
    ignored = listing.recall.ignored
    for key in [key for key in ignored if key not in listing.listed or listing.mapped(key)]:
        del ignored[key]


def keep_unlinked(listing: Listing, quarantined: abc.Iterable[Quarantined]) -> None:
    """Remember the records that nobody could link, or dares to: while their rows stay as they are, they are not read
    again."""
    name, before = listing.index.vendor, listing.recall.unlinked
    left_alone = {entry.remote_id for entry in quarantined if entry.vendor == name} - {None}
    unmapped = {key for key in left_alone if key is not None and not listing.mapped(key)}
    found = {key: record for key, record in listing.records.items() if key in unmapped and record.whole}
    listing.recall.unlinked = {
        key: before[key] if key in before and before[key][1] is record else (listing.ended_at, record)
        for key, record in found.items()
    }


def unlinked(listing: Listing, row: Row) -> Record | None:
    """The record of a row that was read whole not long ago, and that nobody could link."""
    read_at, record = listing.recall.unlinked.get(row.remote_id, (None, None))
    if read_at is None or record is None or record.fingerprint != row.fingerprint:
        return None
    return record if listing.started_at - read_at < _STILL_KNOWN else None


def hints_of(memory: Memory) -> dict[tuple[str, str], Mapping]:
    """Mappings by vendor and remote id: what is known of a record before it is decoded."""
    return {(m.vendor, m.remote_id): m for known in memory.known for m in known.mappings}


def needing_details(
    listing: Listing, hints: abc.Mapping[tuple[str, str], Mapping], listings: abc.Sequence[Listing]
) -> list[str]:
    """Rows that a decision needs whole: mapped ones that changed, or may have been changed by an unsettled write of
    ours and by a person since, or show what was before a write of ours; then unmapped ones of the window.

    Those that another vendor's unmapped record may belong to go first, then live ones, then by start.
    """
    name = listing.index.vendor
    changed, unmapped = list[str](), list[str]()
    for key, record in listing.records.items():
        if record.untold is not None and not listing.mapped(key):
            continue
        mapping = hints.get((name, key))
        if mapping is not None and may_lag(record, mapping, listing.vendor.capabilities):
            changed.append(key)
        elif record.whole:
            continue
        elif mapping is not None:
            if mapping.in_flight is not None or _row_changed(record, mapping):
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


def set_aside(listing: Listing) -> None:
    """Keep records of which nothing can be made, as nobody can tell who their clients are, from being matched."""
    for key, record in list(listing.records.items()):
        if record.untold is not None and not listing.mapped(key) and record.content.slot.start in listing.window:
            listing.unread[key] = listing.records.pop(key)


def agrees(row: Record, whole: Record) -> bool:
    """Whether a record says all that its row in the list does."""
    content = whole.content
    return row.shows <= whole.shows and not any(differs(name, row.content, content) for name in row.shows)


def filled(whole: Record, row: Record) -> Record:
    """A record read by id, with what its row in the list showed and it does not: a status with a word that is known."""
    untold = row.shows - whole.shows
    content = whole.content.with_values({name: row.content.get(name) for name in untold})
    return replace(whole, content=content, shows=whole.shows | untold)


def _row_changed(record: Record, mapping: Mapping) -> bool:
    if record.version is not None and mapping.version is not None and record.version != mapping.version:
        return True
    return any(differs(name, mapping.base, record.content) for name in record.shows & mapping.shows)


def concerned(listings: abc.Sequence[Listing], overview: Overview) -> set[str]:
    """Ids of the appointments that this cycle's answers touch, and of those that wait for
    something.

    The overview reaches to all `minutes_of_news`.
    """
    ids = {*overview.pending, *overview.late}
    for listing in listings:
        touched = {*listing.records, *listing.gone, *listing.doubtful, *listing.newly_aside}
        touched |= listing.bad.keys()
        ids |= {listing.index.entries[key].appointment_id for key in touched if listing.mapped(key)}
    minutes = minutes_of_news(listings, overview)
    return ids | _starting(minutes, overview) if minutes else ids


def minutes_of_news(listings: abc.Iterable[Listing], overview: Overview) -> set[int]:
    """The minutes since 1970 in which records start that may be any appointment's, in all their
    readings.
    """
    minutes = set[int]()
    for listing in listings:
        for key, record in (*listing.records.items(), *listing.unread.items()):
            if not listing.mapped(key) or _stands_again(listing, record, overview):
                minutes |= {minute_of(slot.start) for slot in (record.content.slot, *record.other_readings)}
    return minutes


def owners_seen(listings: abc.Iterable[Listing]) -> set[str]:
    """Ids of the appointments of whose records these listings say something new, legibly or not."""
    owners = set[str]()
    for listing in listings:
        keys = {*listing.records, *listing.unread, *listing.bad, *listing.rows}
        keys |= listing.gone | listing.doubtful.keys()
        owners |= {listing.index.entries[key].appointment_id for key in keys if listing.mapped(key)}
    return owners


def _stands_again(listing: Listing, record: Record, overview: Overview) -> bool:
    """Whether a record stands, and did not or was to be cancelled: it may be another appointment's now."""
    entry = listing.index.entries[record.remote_id]
    ended = not entry.live or bool(entry.tombstone) or entry.appointment_id in overview.pending
    return ended and record.content.status.live


def _starting(minutes: abc.Set[int], overview: Overview) -> set[str]:
    """Ids of the appointments that have a record which starts in one of these minutes since 1970."""
    return {
        entry.appointment_id
        for index in overview.indexes.values()
        for entry in index.entries.values()
        if entry.start is not None and int(entry.start // 60) in minutes
    }


def snapshot_of(listing: Listing) -> Snapshot:
    """The listing as the snapshot that reconciliation sees."""
    name = listing.index.vendor
    if listing.failure is not None and not listing.any_page:
        return Failed(vendor=name, reason=listing.failure)
    shared = {
        "vendor": name,
        "window": listing.window,
        "started_at": listing.started_at,
        "ended_at": listing.ended_at,
        "records": listing.records,
        "unchanged": listing.unchanged,
        "unread": listing.unread,
        "bad_rows": (*listing.bad.values(), *listing.nameless),
        "gone": listing.gone,
        "doubtful": listing.doubtful,
        "aside": listing.aside,
        "listed": listing.present,
        "live": listing.index.live,
        "expected": len(listing.expected) - len(listing.aside),
        "clock_offset": listing.vendor.traffic.clock_offset,
        "read_before": listing.index.read_before,
        "lingering": listing.index.lingering,
    }
    if listing.failure is not None:
        return Partial(reason=listing.failure, **shared)  # type: ignore[arg-type]
    return Complete(**shared)  # type: ignore[arg-type]

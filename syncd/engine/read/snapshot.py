"""What listings come to: snapshots for reconciliation, and the appointments concerned. Pure."""

from __future__ import annotations

from collections import abc
from functools import partial

from syncd.engine.read.damage import starts_of
from syncd.engine.read.listing import Listing
from syncd.engine.store.indexes import Overview
from syncd.model.record import Complete, Failed, Partial, Record, Snapshot


def concerned(
    listings: abc.Iterable[Listing], overview: Overview, minutes: abc.Set[int]
) -> set[str]:
    """Ids of the appointments that these answers touch, and of those that wait for something.

    `minutes` are `minutes_of_news`; the overview reaches to all of them.
    """
    ids = {*overview.pending, *overview.late}
    for listing in listings:
        absence = listing.absence
        ids |= listing.owners(
            (
                *listing.records,
                *listing.unread,
                *listing.bad,
                *absence.gone,
                *absence.doubtful,
                *absence.newly_aside,
            )
        )
    return ids | _starting(minutes, overview) if minutes else ids


def minutes_of_news(listings: abc.Iterable[Listing], overview: Overview) -> set[int]:
    """The minutes since 1970 in which records start that may be any appointment's, in all their
    readings.
    """
    minutes = set[int]()
    for listing in listings:
        # A record that is nobody's may be anybody's who has one at its start.
        for key, record in (*listing.records.items(), *listing.unread.items()):
            if not listing.mapped(key) or _stands_again(listing, record, overview):
                minutes |= starts_of(record)
    return minutes


def owners_seen(listings: abc.Iterable[Listing]) -> set[str]:
    """Ids of the appointments of whose records these listings say something new, legibly or not."""
    owners = set[str]()
    for listing in listings:
        absence = listing.absence
        owners |= listing.owners(
            (*listing.records, *listing.unread, *listing.bad, *listing.rows, *absence.gone)
        )
        owners |= listing.owners(absence.doubtful)
    return owners


def _stands_again(listing: Listing, record: Record, overview: Overview) -> bool:
    """Whether a record stands that did not, or was to be cancelled: it may be another's now."""
    entry = listing.index.entries[record.remote_id]
    # 09:00 an appointment is called off; the office cannot be reached, and keeps its record
    # 09:10 somebody there gives the time to another client, in that record
    # 09:15 it stands, and may be the like of an appointment that was just entered elsewhere
    ended = not entry.live or bool(entry.tombstone) or entry.appointment_id in overview.pending
    return ended and record.content.status.live


def _starting(minutes: abc.Set[int], overview: Overview) -> set[str]:
    """Ids of the appointments with a record that starts in one of these minutes since 1970."""
    found = set[str]()
    for index in overview.indexes.values():
        for entry in index.entries.values():
            if entry.start is not None and int(entry.start // 60) in minutes:
                found.add(entry.appointment_id)
    return found


def snapshot_of(listing: Listing) -> Snapshot:
    """The listing as the snapshot that reconciliation sees."""
    name = listing.name
    kind: abc.Callable[..., Complete | Partial] = Complete
    # A listing that broke off proves what it has, and nothing by what it lacks.
    if listing.failure is not None:
        if not listing.any_page:
            return Failed(vendor=name, reason=listing.failure)
        kind = partial(Partial, reason=listing.failure)
    return kind(
        vendor=name,
        window=listing.window,
        started_at=listing.started_at,
        ended_at=listing.ended_at,
        records=listing.records,
        unchanged=listing.unchanged,
        unread=listing.unread,
        bad_rows=(*listing.bad.values(), *listing.nameless),
        gone=listing.absence.gone,
        unbelieved=listing.absence.unbelieved,
        doubtful=listing.absence.doubtful,
        aside=listing.absence.aside,
        listed=listing.present,
        live=listing.index.live,
        expected=len(listing.expected) - len(listing.absence.aside),
        clock_offset=listing.vendor.traffic.clock_offset,
        read_before=listing.index.read_before,
        read_at=listing.index.read_at,
        listed_before=listing.index.listed_before,
        lingering=listing.index.lingering,
        blocks=listing.blocks,
    )

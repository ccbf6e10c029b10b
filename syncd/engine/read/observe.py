"""Observe: what every vendor shows now, as snapshots for reconciliation. Reads alone.

Rows whose fingerprint holds are not decoded, and new ones page by page, so that no more of a listing is held than what
is to be compared. A row that lacks what a decision needs is read by id, only then, and as far as the vendor's rate
allows. A mapped record that is missing from a complete listing is asked for by id; only the vendor's own "not found",
from a vendor that still finds what surely exists, makes it gone. A listing that lacks what is there is none to rely on.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from syncd.engine.read.around import beside, stretches
from syncd.engine.read.damage import unrecognisable
from syncd.engine.read.lagging import has_lagged, may_lag
from syncd.engine.read.listing import (
    Listing,
    ListingCache,
    agrees,
    budget,
    concerned,
    filled,
    forget_ignored,
    hints_of,
    ignore,
    minutes_of_news,
    needing_details,
    remarks,
    set_aside,
    snapshot_of,
    take_row,
    unlinked,
)
from syncd.engine.read.nameless import judge
from syncd.engine.read.stragglers import Begin, Stragglers
from syncd.engine.store.ledger import Ledger
from syncd.engine.store.rows import Index, IndexEntry, Overview
from syncd.engine.tasks import together
from syncd.model.appointment import Appointment
from syncd.model.errors import BudgetSpent, Malformed, Unreadable, VendorError
from syncd.model.memory import Mapping, Memory
from syncd.model.policy import Policy
from syncd.model.record import Absent, BadRow, NotPolled, Record, Snapshot
from syncd.model.times import Window
from syncd.vendors.port import Page, Vendor

log = structlog.get_logger(__name__)

_GOES_ON = "its listing is not at its end: the others go on without it, and it joins them when it is"

_ITS_ROW = "its row may be from before syncd changed it, so that nothing is concluded from this listing's gaps"

_NOTHING_KNOWN: abc.Mapping[tuple[str, str], Mapping] = {}

_IN_VAIN = 3
"""So many answers in a row that cannot be read, and the vendor is not asked for further records in this cycle."""


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

    `recalls` is what earlier listings of this process left, by vendor. Without `stragglers` each listing is waited for.
    """

    vendors: abc.Mapping[str, Vendor]
    ledger: Ledger
    clock: abc.Callable[[], datetime]
    interval: timedelta
    recalls: dict[str, ListingCache] = field(default_factory=dict)
    progress: abc.Callable[[str], None] | None = None
    stragglers: Stragglers | None = None

    async def observe(self, policy: Policy, due: abc.Set[str] | None = None) -> Observation:
        """Read all vendors at once (or those that are `due`), and load what their answers concern."""
        names = [traits.name for traits in policy.vendors]
        overview = await self.ledger.overview(names, policy.window.since)
        listings = await self._read([name for name in self.vendors if due is None or name in due], policy, overview)
        minutes = minutes_of_news(listings, overview)
        await self.ledger.reach(overview, ((minute * 60, minute * 60 + 60) for minute in minutes))
        memory = await self._memory(concerned(listings, overview), overview)
        records = [record for listing in listings for record in listing.records.values()]
        await self.ledger.reach(overview, stretches(memory, records, policy))
        around = await self.ledger.memory(beside(memory, records, overview, policy), overview)
        memory = replace(memory, around=around.known)
        snapshots: dict[str, Snapshot] = {name: NotPolled(vendor=name) for name in self.vendors}
        snapshots.update({listing.index.vendor: snapshot_of(listing) for listing in listings})
        return Observation(
            snapshots,
            memory,
            {listing.index.vendor: listing for listing in listings},
            [say for listing in listings for say in remarks(listing, self.interval)]
            + [f"{name}: {_GOES_ON}" for name in sorted(self.stragglers.left if self.stragglers else ())],
        )

    async def _memory(self, ids: abc.Set[str], overview: Overview) -> Memory:
        """These appointments, and those whose bookings a vendor put into a record of theirs."""
        memory = await self.ledger.memory(ids, overview)
        guests = {owner for one in memory.known for m in one.mappings for owner in m.guests.values() if owner}
        return await self.ledger.memory(ids | guests, overview) if guests - ids else memory

    async def _read(self, names: abc.Iterable[str], policy: Policy, overview: Overview) -> list[Listing]:
        """List these vendors, decode what is new or differs, and ask by id for what a decision needs."""
        listings = await self._listed(names, policy, overview)
        await together(self._prepare(listing) for listing in listings)
        changed = {
            listing.index.entries[key].appointment_id
            for listing in listings
            for key in listing.rows
            if listing.mapped(key)
        }
        hints = hints_of(await self.ledger.memory(changed, overview))
        for listing in listings:
            _decode(listing, list(listing.rows), hints)
        await together(self._complete(listing, hints, policy, overview, listings) for listing in listings)
        return listings

    async def _listed(self, names: abc.Iterable[str], policy: Policy, overview: Overview) -> list[Listing]:
        """The listings of these vendors that are there, one begun in an earlier cycle included."""

        def begin(name: str) -> Begin:
            return lambda: self._list(self.vendors[name], overview.indexes[name], policy.window)

        if self.stragglers is None:
            return await together(begin(name)() for name in names)
        ready, joining = await self.stragglers.gather({name: begin(name) for name in names})
        return ready + [one for one in joining if await self._still_holds(one, overview)]

    async def _still_holds(self, listing: Listing, overview: Overview) -> bool:
        """Whether what a listing was compared with is what is known now: else it is made anew."""
        now, before = overview.indexes[listing.index.vendor], listing.index.entries
        await self.ledger.find(now, {*before, *listing.listed})
        same = before == now.entries
        listing.index = now if same else listing.index
        return same

    async def _list(self, vendor: Vendor, index: Index, window: Window) -> Listing:
        before = vendor.traffic.requests
        recall = self.recalls.setdefault(vendor.name, ListingCache())
        listing = Listing(vendor, index, window, self.clock(), self.clock(), recall)
        try:
            async for page in vendor.pages(window):
                listing.any_page = True
                await self.ledger.find(index, [row.remote_id for row in page.rows])
                for row in page.rows:
                    take_row(listing, row)
                listing.nameless += [
                    BadRow(vendor=vendor.name, remote_id=None, reason=reason) for reason in page.unidentified
                ]
                _decode(listing, _speaking(listing, page))
                del page
                if self.progress:
                    self.progress(f"{vendor.name}: {listing.present} records listed")
        except VendorError as error:
            listing.failure = str(error)
            log.warning("listing_failed", vendor=vendor.name, error=str(error), partial=listing.any_page)
        else:
            forget_ignored(listing)
        listing.ended_at = self.clock()
        listing.requests = vendor.traffic.requests - before
        return listing

    async def _prepare(self, listing: Listing) -> None:
        """Let the vendor read what its rows point to; what cannot be read now leaves them undecided."""
        if listing.failure is not None:
            return
        try:
            rows = await listing.vendor.prepare(list(listing.rows.values()), budget(listing, self.interval))
        except VendorError as error:
            listing.trouble = str(error)
            log.warning("preparing_failed", vendor=listing.index.vendor, error=str(error))
        else:
            listing.rows = dict(zip(listing.rows, rows, strict=True))

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
        set_aside(listing)

    async def _look_for_missing(
        self, listing: Listing, hints: abc.Mapping[tuple[str, str], Mapping], policy: Policy, overview: Overview
    ) -> None:
        missing = [entry for entry in listing.expected if entry.remote_id not in listing.listed]
        if not missing:
            return
        loaded = await self.ledger.memory({entry.appointment_id for entry in missing}, overview)
        bases = hints_of(loaded)
        _set_aside(listing, missing, bases)
        missing = [entry for entry in missing if entry.remote_id not in listing.aside]
        limit, live = policy.guard.max_cancels, listing.index.live
        suspicious = listing.present == 0 or limit.exceeded(len(missing), live)
        for entry in sorted(missing, key=lambda entry: entry.remote_id):
            if suspicious and entry.appointment_id not in overview.approved_appointments:
                listing.doubtful[entry.remote_id] = (
                    f"{len(missing)} of {live} live records are missing from its listing at once, so none was asked for"
                )
                continue
            await self._ask_for(listing, entry.remote_id, bases)
        judge(listing)

    async def _ask_for(self, listing: Listing, remote_id: str, bases: abc.Mapping[tuple[str, str], Mapping]) -> None:
        name = listing.index.vendor
        try:
            answer = await listing.vendor.get(remote_id, *_known_of(bases[name, remote_id]))
            if isinstance(answer, Record):
                listing.records[remote_id] = replace(answer, raw=None, fingerprint=None)
                content, lists = answer.content, listing.vendor.capabilities.lists
                if content.status.live and content.slot.start in listing.window and lists(content):
                    listing.unshown.append(remote_id)
            elif await self._finds_what_exists(listing):
                listing.gone.add(remote_id)
                log.info("record_vanished", vendor=name, remote_id=remote_id)
            else:
                listing.doubtful[remote_id] = "it also says that a record does not exist which it has just listed"
        except Malformed as error:
            listing.bad[remote_id] = BadRow(vendor=name, remote_id=remote_id, reason=str(error))
        except VendorError as error:
            listing.doubtful[remote_id] = f"asked for by id, it gave no clear answer ({error})"
            listing.trouble = listing.trouble or str(error)

    async def _finds_what_exists(self, listing: Listing) -> bool:
        """Whether the vendor finds a record that it has just listed; where it listed none, nothing can be told."""
        if listing.finds is None:
            witness = listing.witness()
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
        name, able = listing.index.vendor, listing.vendor.capabilities
        needed = needing_details(listing, hints, listings)
        left, in_vain = budget(listing, self.interval), 0
        for number, key in enumerate(needed):
            row, mapping, known = listing.records[key], hints.get((name, key)), False
            if number < left:
                try:
                    known = await self._read_one(listing, row, mapping)
                    in_vain = 0
                except BudgetSpent:
                    left = number
                except VendorError as error:
                    listing.trouble = listing.trouble or str(error)
                    # One record's answer may be beyond reading, and the next one's fine.
                    in_vain += 1
                    left = left if isinstance(error, Unreadable) and in_vain < _IN_VAIN else number
                if self.progress and not known and number % 20 == 0:
                    self.progress(f"{name}: {number} of {len(needed)} records read")
            if not known and (mapping is None or may_lag(row, mapping, able)):
                listing.unread[key] = listing.records.pop(key)
                if mapping is not None:  # what changed there since is not to be dated by a listing that told nothing
                    listing.failure = listing.failure or f"{name}: record {key} could not be read by id; {_ITS_ROW}"

    async def _read_one(self, listing: Listing, row: Record, mapping: Mapping | None) -> bool:
        """Put the record as it is by id in the place of its row; False where the vendor does not find it."""
        key = row.remote_id
        try:
            base, guests = _known_of(mapping)
            answer = await listing.vendor.get(key, base or row.content, guests)
        except Malformed as error:
            listing.bad[key] = _unreadable(row, str(error))
            del listing.records[key]
            return True
        if mapping is not None and may_lag(row, mapping, listing.vendor.capabilities):
            if has_lagged(row, answer, mapping, listing.vendor.capabilities):
                listing.failure = (
                    f"{listing.index.vendor}: its listing shows record {key} as it was before syncd changed it, and by "
                    "id it is otherwise: a cache answers in its place; nothing is concluded from what it lacks"
                )
            if isinstance(answer, Absent) and mapping.tombstone is not None:
                del listing.records[key]
                return True
        if isinstance(answer, Absent) or not (answer.whole or mapping is not None):
            return False
        # One that says less than its row, or otherwise, is looked at anew in the next cycle.
        fingerprint = row.fingerprint if agrees(row, answer) else None
        listing.records[key] = replace(filled(answer, row), fingerprint=fingerprint, raw=None)
        if _left_alone(listing, replace(listing.records[key], fingerprint=row.fingerprint)):
            del listing.records[key]
        return True


def _speaking(listing: Listing, page: Page) -> list[str]:
    """The records of a page that can be decoded before the listing is whole.

    They are new, so that nothing is known of them that reading would need, and point to nothing.
    """
    keys = [row.remote_id for row in page.rows if not listing.mapped(row.remote_id)]
    waiting = [listing.rows[key] for key in dict.fromkeys(keys) if key in listing.rows]
    return [row.remote_id for row in waiting if not listing.vendor.needs_preparing(row)]


def _decode(
    listing: Listing, keys: abc.Iterable[str], hints: abc.Mapping[tuple[str, str], Mapping] = _NOTHING_KNOWN
) -> None:
    """Decode rows that are new or differ, each of which is let go of when that is done."""
    name = listing.index.vendor
    for key in keys:
        row = listing.rows.pop(key)
        known = unlinked(listing, row)
        if known is not None:
            listing.records[key] = known
            continue
        try:
            record = listing.vendor.decode(row, *_known_of(hints.get((name, key))))
        except Malformed as error:
            listing.bad[key] = BadRow(vendor=name, remote_id=key, reason=str(error), fingerprint=row.fingerprint)
            continue
        record = replace(record, raw=None)
        if not _left_alone(listing, record):
            listing.records[key] = record
        ignore(listing, row, record.content.slot.start)


def _known_of(mapping: Mapping | None) -> tuple[Appointment | None, abc.Collection[str]]:
    """What is known of a record before it is read: its values, and which parts are another appointment's."""
    return (None, ()) if mapping is None else (mapping.base, mapping.guests)


def _left_alone(listing: Listing, record: Record) -> bool:
    """Whether a record is counted as one that cannot be read: nobody has it yet, and nothing tells what it is like."""
    if listing.mapped(record.remote_id) or record.content.slot.start not in listing.window:
        return False
    bad = unrecognisable(record)
    if bad is not None:
        listing.bad[record.remote_id] = bad
    return bad is not None


def _set_aside(
    listing: Listing, missing: abc.Iterable[IndexEntry], bases: abc.Mapping[tuple[str, str], Mapping]
) -> None:
    """Take out of what is missing the records that a listing need not have, by what was last seen of them.

    They are not asked for: that they are missing is no news, and a person who shortens the list of calendars has taken
    many out of sight at once.
    """
    for entry in missing:
        mapping = bases.get((listing.index.vendor, entry.remote_id))
        if mapping is not None and not listing.vendor.capabilities.lists(mapping.base):
            listing.aside.add(entry.remote_id)
            if not mapping.aside:
                listing.newly_aside.add(entry.remote_id)


def _unreadable(row: Record, reason: str) -> BadRow:
    """A record whose row can be read, and that itself cannot."""
    starts = frozenset(slot.minute for slot in (row.content.slot, *row.other_readings))
    return BadRow(
        vendor=row.vendor, remote_id=row.remote_id, reason=reason, fingerprint=row.fingerprint or b"", starts=starts
    )

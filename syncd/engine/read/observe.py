"""Observe: what every vendor shows now, as snapshots for reconciliation. Reads alone.

Rows whose fingerprint holds are not decoded, and new ones page by page, so that no more of a
listing is held than what is to be compared. A row that lacks what a decision needs is read by id,
only then, and as far as the vendor's rate allows. A mapped record that is missing from a complete
listing is asked for by id; what its vendor's answer proves, `absence` says. A listing that lacks
what is there is none to rely on.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from syncd.engine.read.around import surrounded
from syncd.engine.read.details import Details, budget, set_aside
from syncd.engine.read.listing import (
    Listing,
    ListingCache,
    decode,
    forget_ignored,
    judge,
    mappings_at,
    mappings_of,
    speaking,
    take_row,
)
from syncd.engine.read.remarks import remarks
from syncd.engine.read.snapshot import concerned, minutes_of_news, snapshot_of
from syncd.engine.read.stragglers import Begin, Stragglers
from syncd.engine.read.unlisted import look_for_not_kept, look_for_questions
from syncd.engine.store.indexes import Index, IndexEntry, Overview
from syncd.engine.store.ledger import Ledger
from syncd.engine.tasks import together
from syncd.logs.lean import structlog
from syncd.model.errors import Malformed, VendorError
from syncd.model.memory import Mapping, Memory
from syncd.model.policy import Policy
from syncd.model.record import BadRow, NotPolled, Record, Snapshot
from syncd.vendors.port import Vendor

log = structlog.get_logger(__name__)

_GOES_ON = (
    "its listing is not at its end: the others go on without it, and it joins them when it is"
)


@dataclass(slots=True)
class Observation:
    """All snapshots of a cycle, what is remembered of what they concern, and what is to be said."""

    snapshots: dict[str, Snapshot]
    memory: Memory
    listings: dict[str, Listing]
    remarks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Observer:
    """Reads vendors for one cycle. `interval` is how often that will be done, which says how much
    of a rate listings will need.

    `recalls` is what earlier listings of this process left, by vendor. Without `stragglers` each
    listing is waited for. Of a vendor that is `closed`, for that reason, nothing is asked.
    """

    vendors: abc.Mapping[str, Vendor]
    ledger: Ledger
    clock: abc.Callable[[], datetime]
    policy: Policy
    interval: timedelta
    recalls: dict[str, ListingCache] = field(default_factory=dict)
    progress: abc.Callable[[str], None] | None = None
    stragglers: Stragglers | None = None
    closed: abc.Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, vendor in self.vendors.items():
            vendor.learn(partial(self._parted, name))

    async def observe(
        self, due: abc.Set[str] | None = None, kept: abc.Iterable[Listing] = ()
    ) -> Observation:
        """Read all vendors at once (or those that are `due`), and load what their answers concern.

        `kept` are listings that were completed a moment ago. One that was compared with what is
        known still is not made again.
        """
        overview = await self.ledger.overview(self.policy)
        # Between two readings of one cycle an operator may have decided something.
        listings = [listing for listing in kept if await self._still_holds(listing, overview)]
        there = {listing.name for listing in listings}
        wanted = self.vendors.keys() if due is None else due
        unread = [name for name in self.vendors if name in wanted - there]
        listings += await self._read(unread, overview, listings)
        memory = await self._memory(listings, overview)
        memory = await self._with_blocked_time(listings, memory)
        snapshots: dict[str, Snapshot] = {name: NotPolled(vendor=name) for name in self.vendors}
        snapshots |= {listing.name: snapshot_of(listing) for listing in listings}
        by_name = {listing.name: listing for listing in listings}
        return Observation(snapshots, memory, by_name, self._remarks(listings))

    async def _with_blocked_time(self, listings: abc.Sequence[Listing], memory: Memory) -> Memory:
        """Ask for the blocks that listings leave out. What is remembered, and where a vendor lists
        blocks, the appointments of whole days too.
        """
        await together(self._look_at_blocks(one, memory) for one in listings)
        if all(listing.blocks is None for listing in listings):
            return memory
        return replace(memory, busy=await self.ledger.whole_days(self.policy.window))

    async def _parted(self, vendor: str, ids: abc.Collection[str]) -> tuple[Mapping, ...]:
        """What is known of a vendor's records that consist of parts, and of these."""
        since = self.policy.window.since
        return await self.ledger.read(self.ledger.parted_in, vendor, since, ids)

    def _remarks(self, listings: abc.Sequence[Listing]) -> list[str]:
        said = list(chain.from_iterable(remarks(listing, self.interval) for listing in listings))
        if self.stragglers is not None:
            said += [f"{name}: {_GOES_ON}" for name in sorted(self.stragglers.left)]
        return said

    async def _memory(self, listings: abc.Sequence[Listing], overview: Overview) -> Memory:
        """What is remembered of the appointments that these listings concern, of those whose
        bookings a vendor put into a record of theirs, and of those around.
        """
        minutes = minutes_of_news(listings, overview)
        await self.ledger.reach(overview, [(minute * 60, minute * 60 + 60) for minute in minutes])
        ids = concerned(listings, overview, minutes)
        memory = await self.ledger.memory(ids, overview)
        owners = chain.from_iterable(mapping.guests.values() for mapping in mappings_of(memory))
        guests = {owner for owner in owners if owner}
        # What becomes of a record with two bookings depends on the appointments of both.
        if guests - ids:
            memory = await self.ledger.memory(ids | guests, overview)
        records = list(chain.from_iterable(listing.records.values() for listing in listings))
        return await surrounded(self.ledger, overview, memory, records)

    async def _read(
        self,
        names: abc.Iterable[str],
        overview: Overview,
        kept: abc.Sequence[Listing],
    ) -> list[Listing]:
        """List these vendors, decode what is new, and ask by id for what a decision needs."""
        listings = await self._listed(names, overview)
        await together(self._prepare(listing) for listing in listings)
        # What is known of a record decides what an ambiguous local time in its row means.
        # Rows of records that are nobody's yet were decoded page by page.
        changed = set(chain.from_iterable(listing.owners(listing.rows) for listing in listings))
        known = await self.ledger.memory(changed, overview)
        for listing in listings:
            listing.hints = mappings_at(listing.name, known)
            decode(listing, list(listing.rows))
        # A row is worth reading first if its like is new at another vendor as well.
        everywhere = [*kept, *listings]
        await together(self._complete(listing, overview, everywhere) for listing in listings)
        return listings

    async def _listed(self, names: abc.Iterable[str], overview: Overview) -> list[Listing]:
        """The listings of these vendors that are there, one begun in an earlier cycle included."""

        def begin(name: str) -> Begin:
            return lambda: self._list(self.vendors[name], overview.indexes[name])

        if self.stragglers is None:
            return await together(begin(name)() for name in names)
        ready, joining = await self.stragglers.gather({name: begin(name) for name in names})
        return ready + [one for one in joining if await self._still_holds(one, overview)]

    async def _still_holds(self, listing: Listing, overview: Overview) -> bool:
        """Whether what a listing was compared with is what is known now: else it is made anew."""
        now, before = overview.indexes[listing.name], listing.index.entries
        await self.ledger.find(now, {*before, *listing.listed})
        same = before == now.entries
        listing.index = now if same else listing.index
        return same

    async def _list(self, vendor: Vendor, index: Index) -> Listing:
        before, window = vendor.traffic.requests, self.policy.window
        recall = self.recalls.setdefault(vendor.name, ListingCache())
        listing = Listing(vendor, index, window, self.clock(), self.clock(), recall)
        if vendor.name in self.closed:
            listing.failure = self.closed[vendor.name]
            return listing
        try:
            async for page in vendor.pages(window):
                listing.any_page = True
                await self.ledger.find(index, [row.remote_id for row in page.rows])
                for row in page.rows:
                    take_row(listing, row)
                listing.nameless += [
                    BadRow(vendor=vendor.name, remote_id=None, reason=reason)
                    for reason in page.unidentified
                ]
                decode(listing, speaking(listing, page))
                del page
                if self.progress:
                    self.progress(f"{vendor.name}: {listing.present} records listed")
        except VendorError as error:
            listing.failure = str(error)
            log.warning(
                "listing_failed", vendor=vendor.name, error=str(error), partial=listing.any_page
            )
        else:
            # What half a listing does not have may be there all the same.
            forget_ignored(listing)
        listing.ended_at = self.clock()
        listing.requests = vendor.traffic.requests - before
        return listing

    async def _look_at_blocks(self, listing: Listing, memory: Memory) -> None:
        """Read the blocked time that syncd made, where some is to be there, or was."""
        known = memory.blocks.get(listing.name, frozenset())
        wanted = listing.vendor.capabilities.blocks and (self.policy.blocks or known)
        if not wanted or listing.failure is not None or listing.blocks is not None:
            return
        try:
            listing.blocks = await listing.vendor.blocked(known)
        except (VendorError, Malformed) as error:
            listing.trouble = listing.trouble or str(error)
            log.warning("blocks_not_read", vendor=listing.name, error=str(error))

    async def _prepare(self, listing: Listing) -> None:
        """Let the vendor read what its rows point to; without that they are left undecided."""
        if listing.failure is not None:
            return
        try:
            rows = await listing.vendor.prepare(
                list(listing.rows.values()), budget(listing, self.interval)
            )
        except VendorError as error:
            listing.trouble = str(error)
            log.warning("preparing_failed", vendor=listing.name, error=str(error))
        else:
            listing.rows = dict(zip(listing.rows, rows, strict=True))

    async def _complete(
        self,
        listing: Listing,
        overview: Overview,
        listings: abc.Sequence[Listing],
    ) -> None:
        """Ask by id for what is missing, then for details that a decision needs."""
        # Half a listing lacks half of the records: nothing is asked for on account of that.
        if listing.failure is None:
            await self._look_for_missing(listing, overview)
        await Details(listing, budget(listing, self.interval)).read(listings, self.progress)
        set_aside(listing)

    async def _look_for_missing(self, listing: Listing, overview: Overview) -> None:
        """Ask by id for what a complete listing lacks."""
        # What the listing skipped looks like what was deleted, until it is asked for.
        lacking = [entry for entry in listing.expected if entry.remote_id not in listing.listed]
        await look_for_not_kept(listing, overview, self.ledger)
        await look_for_questions(listing, overview, self.ledger)
        if lacking:
            await self._look_for(lacking, listing, overview)
        judge(listing)

    async def _look_for(
        self, lacking: abc.Iterable[IndexEntry], listing: Listing, overview: Overview
    ) -> None:
        concerns = {entry.appointment_id for entry in lacking}
        known = mappings_at(listing.name, await self.ledger.memory(concerns, overview))
        missing = {entry: known[entry.remote_id] for entry in lacking}
        limit, live = self.policy.guard.max_cancels, listing.index.live
        approved = overview.approved_appointments
        for answer in await listing.absence.look_for(missing, limit, live, approved):
            if isinstance(answer, Record):
                listing.records[answer.remote_id] = answer
            elif answer.remote_id is not None:
                listing.bad[answer.remote_id] = answer
        listing.trouble = listing.trouble or listing.absence.trouble

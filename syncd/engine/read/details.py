"""Rows that a decision needs whole: which these are, how many the vendor's rate allows, what
reading them by id proves.

A list row may lack what a decision needs, or be older than what syncd wrote. Those are read by id,
and only those: a rate that a first run spends on reading leaves none for the next listing.

A row may be older where a listing comes out of a cache, or out of a copy that lags behind:

    09:00 syncd moves the record from 15:00 to 16:00, and at 09:02 to 17:00; the base is 17:00
    09:04 a cache answers with the listing of 08:58: 15:00

Where a vendor shows a version or a modification time, that tells. Elsewhere a record that shows
another value in what syncd ever wrote is read by id before that counts as a person's change,
whichever value it is: how many writes a cache has missed cannot be told. So is, everywhere, a
record that is gone and is listed again.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
from datetime import timedelta

from syncd.compare.sameness import differs
from syncd.engine.read.damage import unreadable
from syncd.engine.read.listing import Listing, known_of, left_alone
from syncd.model.capabilities import Capabilities
from syncd.model.errors import BudgetSpent, Malformed, Unreadable, VendorError
from syncd.model.memory import Mapping
from syncd.model.record import Absent, Record
from syncd.model.revision import Revisions

_REFILLS_WHILE_READING = 60.0
_READING = 15 * 60.0
"""Seconds that reading by id may take in one cycle, where a rate refills meanwhile."""

_IN_VAIN = 3
"""So many answers in a row that cannot be read, and no more are asked for in this cycle."""

_ITS_ROW = (
    "its row may be from before syncd changed it, so that nothing is concluded from this "
    "listing's gaps"
)


def budget(listing: Listing, interval: timedelta) -> int:
    """How many requests may be made now that leave enough of the rate for listings to come."""
    limit, seconds = listing.vendor.traffic.rate
    if seconds <= _REFILLS_WHILE_READING:
        return max(1, int(limit * _READING / seconds))
    cost = listing.requests + 1  # there may be a page more by then
    return listing.vendor.traffic.spare(cost, max(interval.total_seconds(), 1.0))


@dataclass(slots=True)
class Details:
    """Reads rows of one listing by id, in their order, as long as the vendor answers.

    `left` may still be read.
    """

    listing: Listing
    left: int
    in_vain: int = 0

    async def read(
        self, listings: abc.Sequence[Listing], progress: abc.Callable[[str], None] | None = None
    ) -> None:
        """Put what a decision needs whole in the place of its rows; the rest is `unread`.

        `listings` are those of all vendors, this one included.
        """
        listing = self.listing
        needed = needing_details(listing, listings)
        for number, key in enumerate(needed):
            asked = self.left > 0
            known = asked and await self._try(key)
            if asked and progress and not known and number % 20 == 0:
                progress(f"{listing.name}: {number} of {len(needed)} records read")
            if not known:
                self._leave(key)

    async def _try(self, key: str) -> bool:
        """Read one; whether it is known now. A vendor that gives no answer is asked no further."""
        self.left -= 1
        try:
            known = await self._read_one(self.listing.records[key], self.listing.hints.get(key))
            self.in_vain = 0
            return known
        except BudgetSpent:
            self.left = 0
        except VendorError as error:
            self.listing.trouble = self.listing.trouble or str(error)
            # One record's answer may be beyond reading, and the next one's fine.
            self.in_vain += 1
            if not isinstance(error, Unreadable) or self.in_vain >= _IN_VAIN:
                self.left = 0
        return False

    def _leave(self, key: str) -> None:
        """What could not be read: the row of a known one counts, if it is newer than our writes."""
        listing, mapping = self.listing, self.listing.hints.get(key)
        if mapping is None:
            listing.unread[key] = listing.records.pop(key)
        elif may_lag(listing.records[key], mapping, listing.vendor.capabilities):
            listing.unread[key] = listing.records.pop(key)
            # What changed there since is not to be dated by a listing that told nothing.
            said = f"{listing.name}: record {key} could not be read by id; {_ITS_ROW}"
            listing.failure = listing.failure or said

    async def _read_one(self, row: Record, mapping: Mapping | None) -> bool:
        """Put the record in the place of its row; False where the vendor does not find it."""
        key, listing = row.remote_id, self.listing
        base, guests = known_of(mapping)
        try:
            answer = await listing.vendor.get(key, base or row.content, guests)
        except Malformed as error:
            listing.bad[key] = unreadable(row, str(error))
            del listing.records[key]
            return True
        if mapping is not None and self._is_gone_again(row, answer, mapping):
            del listing.records[key]
            return True
        # Of a record that nobody knows, a part is too little to say whose it is.
        if isinstance(answer, Absent) or not (answer.whole or mapping is not None):
            return False
        # One that says less than its row, or otherwise, is looked at anew in the next cycle.
        fingerprint = row.fingerprint if agrees(row, answer) else None
        listing.records[key] = replace(filled(answer, row), fingerprint=fingerprint, raw=None)
        if left_alone(listing, replace(listing.records[key], fingerprint=row.fingerprint)):
            del listing.records[key]
        return True

    def _is_gone_again(self, row: Record, answer: Record | Absent, mapping: Mapping) -> bool:
        """Whether a row shows a record that was gone before, and is.

        A listing that proves to be old is noted.
        """
        listing, able = self.listing, self.listing.vendor.capabilities
        if not may_lag(row, mapping, able):
            return False
        if has_lagged(row, answer, mapping, able):
            listing.failure = (
                f"{listing.name}: its listing shows record {row.remote_id} as it was "
                "before syncd changed it, and by id it is otherwise: a cache answers in its place; "
                "nothing is concluded from what it lacks"
            )
        return isinstance(answer, Absent) and mapping.tombstone is not None


def needing_details(listing: Listing, listings: abc.Sequence[Listing]) -> list[str]:
    """Rows that a decision needs whole: mapped ones that changed, or may have been changed by an
    unsettled write of ours and by a person since, or show what was before a write of ours; then
    unmapped ones of the window.

    Those that another vendor's unmapped record may belong to go first, then live ones, then by
    start.
    """
    changed, unmapped = list[str](), list[str]()
    for key, record in listing.records.items():
        mapping = listing.hints.get(key)
        if mapping is not None:
            if _is_to_be_read(listing, record, mapping):
                changed.append(key)
        elif not record.whole and record.untold is None and listing.linkable(record):
            unmapped.append(key)
    return sorted(changed) + _by_urgency(unmapped, listing, listings)


def _by_urgency(
    unmapped: list[str], listing: Listing, listings: abc.Iterable[Listing]
) -> list[str]:
    """Rows that are no appointment's, first those to which another vendor's new record may
    belong.
    """
    elsewhere = set[int]()
    for other in listings if unmapped else ():
        if other is not listing:
            elsewhere |= _minutes_of_new(other)

    def urgency(key: str) -> tuple[bool, bool, int, str]:
        content = listing.records[key].content
        minute = content.slot.minute
        return minute not in elsewhere, not content.status.live, minute, key

    return sorted(unmapped, key=urgency)


def _minutes_of_new(listing: Listing) -> set[int]:
    """When the records begin that belong to no appointment."""
    new = (record for key, record in listing.records.items() if not listing.mapped(key))
    return {record.content.slot.minute for record in new}


def set_aside(listing: Listing) -> None:
    """Keep records from being matched of which nobody can tell who their clients are."""
    for key, record in list(listing.records.items()):
        if record.untold is not None and listing.linkable(record):
            listing.unread[key] = listing.records.pop(key)


def agrees(row: Record, whole: Record) -> bool:
    """Whether a record says all that its row in the list does."""
    content = whole.content
    return row.shows <= whole.shows and not any(
        differs(name, row.content, content) for name in row.shows
    )


def filled(whole: Record, row: Record) -> Record:
    """A record read by id, with what its row showed and it does not: a status in a known word."""
    untold = row.shows - whole.shows
    content = whole.content.with_values({name: row.content.get(name) for name in untold})
    return replace(whole, content=content, shows=whole.shows | untold)


def _is_to_be_read(listing: Listing, record: Record, mapping: Mapping) -> bool:
    """Whether a known record's row is not enough: it lacks something, or may be an old one."""
    if may_lag(record, mapping, listing.vendor.capabilities):
        return True
    return not record.whole and (mapping.in_flight is not None or _row_changed(record, mapping))


def _row_changed(record: Record, mapping: Mapping) -> bool:
    # A version that is not told proves nothing.
    if len({record.revision, mapping.revision} - {None}) > 1:
        return True
    return any(differs(name, mapping.base, record.content) for name in record.shows & mapping.shows)


def may_lag(record: Record, mapping: Mapping, able: Capabilities) -> bool:
    """Whether a row may show what was before a write of ours to its record."""
    if mapping.tombstone is not None:
        return not able.ends(record.content.status)
    if able.revisions is Revisions.ORDERED or able.modification_times:
        return False
    ours = record.shows & mapping.written
    return any(differs(name, mapping.base, record.content) for name in ours)


def has_lagged(row: Record, found: Record | Absent, mapping: Mapping, able: Capabilities) -> bool:
    """Whether reading by id proves a row old: what that shows again is as we wrote it, or gone."""
    if isinstance(found, Absent) or mapping.tombstone is not None:
        return isinstance(found, Absent) or able.ends(found.content.status)
    told = row.shows & found.shows & mapping.written
    again = [name for name in told if differs(name, mapping.base, row.content)]
    return bool(again) and not any(differs(name, mapping.base, found.content) for name in again)

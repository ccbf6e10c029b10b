"""Records that a listing does not show, and that nothing else would ask for: what is open about
them stays open until their vendor says that they are gone.

    09:00 the office has a record of which a person is asked whether syncd made it
    09:05 its listing lacks that one, for whatever reason: it is asked for by id, and is there
    09:05 or it is not found: nothing more is asked, and what waited for the answer goes on
"""

from __future__ import annotations

from dataclasses import replace

from syncd.compare.identity import NOT_KEPT
from syncd.engine.read.absence import Absence
from syncd.engine.read.listing import Listing, mappings_at
from syncd.engine.store.indexes import IndexEntry, Overview
from syncd.engine.store.ledger import Ledger
from syncd.model.appointment import Appointment
from syncd.model.errors import Malformed, VendorError
from syncd.model.record import Absent, BadRow, Record


async def look_for_strangers(listing: Listing, overview: Overview) -> None:
    """Ask for records that were nobody's in the last complete listing, and are not in this one: one
    of them may be the record of which another is about to be made.
    """
    places = overview.memory.strangers.get(listing.name, {})
    lacking = [key for key, place in places.items() if _should_be_listed(listing, key, place)]
    for key in sorted(lacking):
        try:
            answer = await listing.vendor.get(key)
            wrong = isinstance(answer, Absent) and await listing.absence.finds_another() is False
        except (VendorError, Malformed) as error:
            listing.bad[key] = _unread(listing, key, places[key], str(error))
            continue
        if wrong:
            said = "it finds no other record, either"
            listing.bad[key] = _unread(listing, key, places[key], said)
        # What is left out of the listing by now concerns nobody any more.
        elif isinstance(answer, Record) and listing.vendor.capabilities.lists(answer.content):
            listing.records[key] = replace(answer, raw=None, fingerprint=None)
            listing.absence.note_unshown(answer)


def _should_be_listed(listing: Listing, key: str, place: Appointment) -> bool:
    there = key in listing.listed or listing.mapped(key)
    return not there and place.slot.start in listing.window


def _unread(listing: Listing, key: str, place: Appointment, said: str) -> BadRow:
    reason = f"it is not listed any more, and cannot be asked for: {said}"
    starts = frozenset({place.slot.minute})
    return BadRow(vendor=listing.name, remote_id=key, reason=reason, starts=starts)


async def look_for_not_kept(listing: Listing, overview: Overview, ledger: Ledger) -> None:
    """Ask for cancelled records that are left alone as they did not keep their status: no write
    will find out whether they are there at all.
    """
    entries = _not_kept(listing, overview)
    if not entries:
        return
    concerns = {entry.appointment_id for entry in entries}
    known = mappings_at(listing.name, await ledger.memory(concerns, overview))
    absence = Absence(listing.vendor, listing.window, listing.listed)
    for entry in entries:
        answer = await absence.ask_for(known[entry.remote_id])
        if isinstance(answer, Record):
            listing.records[answer.remote_id] = answer
    # What nobody can tell of a record that was cancelled is no doubt about the appointment.
    listing.absence.gone |= absence.gone
    listing.absence.unbelieved |= absence.unbelieved


def _not_kept(listing: Listing, overview: Overview) -> list[IndexEntry]:
    """Those records of a vendor; none where its listing has nothing, which is no time to ask."""
    left = (one for one in overview.memory.quarantines if one.vendor == listing.name)
    about = {one.appointment for one in left if one.key.startswith(NOT_KEPT)}
    if not (about and listing.listed):
        return []
    return [
        entry
        for entry in listing.index.entries.values()
        if entry.appointment_id in about
        and not (entry.live or entry.tombstone or entry.remote_id in listing.listed)
    ]

"""Records that a listing does not show, and that nothing else would ask for: what is open about
them stays open until their vendor says that they are gone.

    09:00 the office has a record of which a person is asked whether syncd made it
    09:05 its listing lacks that one, for whatever reason: it is asked for by id, and is there
    09:05 or it is not found, and another one is: the question is over, and what waited for it too
    09:05 or nobody can tell: the listing counts as half of one, from whose gaps nothing follows
"""

from __future__ import annotations

from dataclasses import replace

from syncd.compare.identity import ABOUT_WHOSE, LOST, MAY_BE_OURS, NOT_KEPT, among
from syncd.engine.read.absence import Absence
from syncd.engine.read.listing import Listing, mappings_at
from syncd.engine.store.indexes import IndexEntry, Overview
from syncd.engine.store.ledger import Ledger
from syncd.model.appointment import Appointment
from syncd.model.errors import Malformed, VendorError
from syncd.model.record import Absent, Record


async def look_for_questions(listing: Listing, overview: Overview, ledger: Ledger) -> None:
    """Ask for records about which a person is asked, and which are not listed any more: one of them
    may be the record that would be made next.
    """
    places = overview.memory.strangers.get(listing.name, {})
    open_ones = _open_questions(listing, overview)
    await ledger.find(listing.index, [key for key in places if key in open_ones])
    for key, place in sorted(places.items()):
        if key not in open_ones or not _is_unseen(key, place, listing):
            continue
        near = place.slot.start in listing.window
        if not (near or _matters_anywhere(open_ones[key], place, listing, overview)):
            continue
        said = await _ask_for(listing, key, place)
        if said is not None:
            listing.failure = (
                f"{listing.name}: its listing lacks record {key}, about which a person is asked "
                f"('syncd quarantine'), and {said}"
            )
            return


def _open_questions(listing: Listing, overview: Overview) -> dict[str | None, str]:
    """What a person is asked about whose a vendor's records are, by the ids of these."""
    asked = (one for one in overview.memory.quarantines if one.vendor == listing.name)
    return {one.remote_id: one.key for one in asked if one.key.startswith(ABOUT_WHOSE)}


def _is_unseen(key: str, place: Appointment, listing: Listing) -> bool:
    """Whether a listing tells nothing of a record that was no appointment's, and is none's now."""
    if listing.mapped(key) or key in listing.bad or key in listing.unread:
        return False
    return key not in (listing.listed if place.slot.start in listing.window else listing.records)


def _matters_anywhere(
    question: str, place: Appointment, listing: Listing, overview: Overview
) -> bool:
    """Whether what is asked of a record goes on outside the window: what syncd may have made is no
    new booking for having been moved there, and its create is not made again for that.

    09:00 a create for the 27th gets no answer, and the office moves what it made to the 21st
    the 23rd: the 21st is over; made again for the 27th, the client would be booked twice
    """
    if question.startswith(LOST) and not set(among(question)).isdisjoint(overview.pending):
        return True
    return question.startswith(MAY_BE_OURS) and place.slot.start >= listing.window.until


async def _ask_for(listing: Listing, key: str, place: Appointment) -> str | None:
    """Take a record in that is there, last seen like that; why nobody can tell whether it is, if
    so.
    """
    try:
        answer = await listing.vendor.get(key, place)
        if isinstance(answer, Absent):
            if await listing.absence.finds_another():
                return None
            return "says that it does not exist, and nothing tells that this is so"
    except (VendorError, Malformed) as error:
        listing.trouble = listing.trouble or str(error)
        return f"gives no clear answer about it ({error})"
    # What is left out of the listing by now concerns nobody any more.
    if listing.vendor.capabilities.lists(answer.content):
        listing.records[key] = replace(answer, raw=None, fingerprint=None)
    return None


async def look_for_not_kept(listing: Listing, overview: Overview, ledger: Ledger) -> None:
    """Ask for cancelled records that are left alone as they did not keep their status: no write
    will find out whether they are there at all.
    """
    entries = _not_kept(listing, overview)
    if not entries:
        return
    concerns = {entry.appointment_id for entry in entries}
    known = mappings_at(listing.name, await ledger.memory(concerns, overview))
    believed = listing.absence
    absence = Absence(believed.vendor, believed.window, believed.listed, finds=believed.finds)
    for entry in entries:
        answer = await absence.ask_for(known[entry.remote_id])
        if isinstance(answer, Record):
            listing.records[answer.remote_id] = answer
    # What nobody can tell of a record that was cancelled is no doubt about the appointment.
    believed.gone |= absence.gone
    believed.unbelieved |= absence.unbelieved
    believed.finds = absence.finds


def _not_kept(listing: Listing, overview: Overview) -> list[IndexEntry]:
    """Those records of a vendor; none where its listing has nothing, which is no time to ask."""
    left = (one for one in overview.memory.quarantines if one.vendor == listing.name)
    about = {one.appointment for one in left if one.key.startswith(NOT_KEPT)}
    if not (about and listing.listed):
        return []
    concerned = (one for one in listing.index.entries.values() if one.appointment_id in about)
    return [entry for entry in concerned if _is_cancelled_unlisted(entry, listing)]


def _is_cancelled_unlisted(entry: IndexEntry, listing: Listing) -> bool:
    """Whether a record is an appointment's still, and cancelled, and not listed."""
    return not (entry.live or entry.tombstone or entry.remote_id in listing.listed)

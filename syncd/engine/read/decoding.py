"""Rows of a listing to records, each let go of when that is done. No I/O.

Most rows are not decoded at all, as their fingerprint holds; a new one is as soon as its page is
there, so that a listing of any length is held as the records that it has, and not as the pages that
it came in.
"""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from itertools import chain

from syncd.engine.read.damage import unrecognisable
from syncd.engine.read.listing import Listing, ignore, unlinked
from syncd.model.appointment import Appointment
from syncd.model.errors import Malformed
from syncd.model.memory import Mapping, Memory
from syncd.model.record import BadRow, Record
from syncd.vendors.port import Page

Hints = abc.Mapping[tuple[str, str], Mapping]
"""Mappings by vendor and remote id: what is known of a record before it is decoded."""

_NOTHING_KNOWN: Hints = {}


def mappings_of(memory: Memory) -> abc.Iterator[Mapping]:
    """All mappings of the known appointments."""
    return chain.from_iterable(known.mappings for known in memory.known)


def hints_of(memory: Memory) -> Hints:
    """What is remembered, as hints."""
    return {(mapping.vendor, mapping.remote_id): mapping for mapping in mappings_of(memory)}


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


def decode(listing: Listing, keys: abc.Iterable[str], hints: Hints = _NOTHING_KNOWN) -> None:
    """Decode rows that are new or differ, each of which is let go of when that is done."""
    name = listing.index.vendor
    for key in keys:
        row = listing.rows.pop(key)
        known = unlinked(listing, row)
        if known is not None:
            listing.records[key] = known
            continue
        try:
            record = listing.vendor.decode(row, *known_of(hints.get((name, key))))
        except Malformed as error:
            listing.bad[key] = BadRow(
                vendor=name, remote_id=key, reason=str(error), fingerprint=row.fingerprint
            )
            continue
        record = replace(record, raw=None)
        if not left_alone(listing, record):
            listing.records[key] = record
        ignore(listing, row, record.content.slot.start)


def left_alone(listing: Listing, record: Record) -> bool:
    """Whether a record counts as unreadable: nobody has it yet, and nothing tells whose it is."""
    if listing.mapped(record.remote_id) or record.content.slot.start not in listing.window:
        return False
    bad = unrecognisable(record)
    if bad is not None:
        listing.bad[record.remote_id] = bad
    return bad is not None

"""Rows of a listing whose id cannot be read, and known records that it does not show although they
are there. No I/O.

A row without a readable id may be any record that is missing: that is one bad row, not a listing
that lacks something.

    rows:   7 · 8 · {"a": 1}     known: 7, 8, 9
    by id:  9 is there           the third row is taken for 9, which is what its own answer says
"""

from __future__ import annotations

from dataclasses import replace

from syncd.engine.read.listing import Listing


def judge(listing: Listing) -> None:
    """Name rows without an id by records that are not shown; with more of these, it is broken."""
    unshown = listing.absence.unshown
    if len(unshown) > len(listing.nameless):
        record = unshown[0]
        listing.failure = (
            f"{listing.index.vendor}: its listing lacks record {record}, which is there when asked "
            "for"
        )
        return
    # Which row is which record does not matter: none of them is read.
    for row, record in zip(listing.nameless, unshown, strict=False):
        reason = f"{row.reason}; it is taken for this record, which no other row shows"
        listing.bad[record] = replace(row, remote_id=record, reason=reason)
    del listing.nameless[: len(unshown)]

"""Values to the store's rows and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

import syncd_state
from syncd.engine.store.rows import mapping_from
from syncd.model.appointment import Field, Status
from syncd.model.revision import Revision
from tests.engine.test_retention import DAY, NOW, Past, mapping


@pytest.mark.parametrize("revision", [None, 7, "7", 'W/"7"', "0x1e3"])
def test_a_revision_comes_back_as_it_was(revision: Revision | None) -> None:
    """A tag of digits stays a tag, although SQLite would take it for a number."""
    past = Past()
    past.put("a", NOW, mapping("1", NOW, revision=revision))
    with past.ledger.store.read() as tx:
        [row] = tx.mappings_of(["a"])
    assert mapping_from(row, None, {}, undated=False).revision == revision


@pytest.mark.parametrize("fingerprint", [None, b"row"])
@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.CANCELLED])
def test_a_listing_tells_nothing_of_a_cancelled_record_that_it_may_leave_out(
    status: Status, fingerprint: bytes | None
) -> None:
    """One that was in no listing since it ended may have been changed at any time since."""
    past, later = Past(), NOW + timedelta(hours=1)
    there = mapping("1", NOW, fingerprint=fingerprint)
    past.put("a", NOW, replace(there, base=there.base.with_values({Field.STATUS: status})))
    with past.ledger.store.read() as tx:
        [row] = tx.mappings_of(["a"])
    whole_day = {"window_start": (NOW - DAY).timestamp(), "window_end": (NOW + DAY).timestamp()}
    seen = syncd_state.ObservationRow(
        vendor="crm",
        started_at=later.timestamp(),
        ended_at=later.timestamp(),
        records=0,
        clock_offset=None,
        unread=0,
        **whole_day,
    )
    known = mapping_from(row, seen, {}, undated=False).known_at
    assert known == (NOW if status is Status.CANCELLED and fingerprint is None else later)

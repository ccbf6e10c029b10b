"""What a look at a record right before a write tells of an earlier one that is open in the journal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.engine.store.ledger import JournalState
from syncd.engine.store.unanswered import unsettled
from syncd.engine.write.precheck import without_what_landed
from syncd.model.appointment import ALL_FIELDS, Field, Status
from syncd.model.memory import Mapping
from syncd.model.plan import Cancel, Step, Update
from syncd.model.record import Record
from tests.engine.test_retention import DAY, NOW, Past, lasting_an_hour, mapping

STANDS, ENDED = (lasting_an_hour(NOW + DAY, status) for status in (Status.SCHEDULED, Status.CANCELLED))
THERE = mapping("1", NOW + DAY)
TITLE = frozenset({Field.TITLE})


def written(kind: type[Step], target: Status) -> Step:
    """A write of the record's status."""
    wanted, was = (STANDS, ENDED) if target is Status.SCHEDULED else (ENDED, STANDS)
    changes = {Field.STATUS: (was.status, wanted.status)}
    return kind(
        id=target, vendor="crm", appointment="a", target=wanted, changes=changes, reason="crm did it", remote_id="1"
    )


async def open_after(shows: frozenset[Field], cycle: str) -> list[str]:
    """The writes that are open once a record, accepted as cancelled and not read back, was looked at and scheduled
    again, in that cycle.
    """
    past = Past()
    past.put("a", NOW + DAY, THERE)
    ledger = past.ledger
    number = await ledger.intend("first", written(Cancel, Status.CANCELLED), "t", THERE, "")
    believed = replace(THERE, base=ENDED, acknowledged=ENDED)
    await ledger.settle(
        "first",
        number,
        JournalState.UNKNOWN,
        error="it was accepted, but could not be read back",
        remote_id="1",
        left=[("a", believed)],
        quarantine=None,
    )
    [known] = await ledger.read(ledger.known_in, ["a"])
    found: Mapping = known.mappings[0]
    assert found.in_flight == ENDED
    seen = Record(vendor="crm", remote_id="1", content=ENDED, shows=shows)
    before = without_what_landed(found, seen)
    number = await ledger.intend(cycle, written(Update, Status.SCHEDULED), "t", before, "")
    await ledger.settle(
        cycle, number, JournalState.DONE, error=None, remote_id="1", left=[("a", THERE)], quarantine=None
    )
    pending, _ = await ledger.read(unsettled, ledger.ticks.moment)
    return [one.target.status for one in pending.values() if one.target is not None]


async def test_what_the_record_shows_was_carried_out_and_explains_nothing_later() -> None:
    """Cancelled once more, it was cancelled by somebody."""
    assert await open_after(ALL_FIELDS, "second") == []


@pytest.mark.parametrize(("shows", "cycle"), [(TITLE, "second"), (ALL_FIELDS, "first")])
async def test_what_it_does_not_show_is_open_still_and_so_is_what_was_sent_just_now(
    shows: frozenset[Field], cycle: str
) -> None:
    """Of a status in an unknown word nobody can tell; and the next listing looks at what this cycle wrote."""
    assert await open_after(shows, cycle) == [Status.CANCELLED]

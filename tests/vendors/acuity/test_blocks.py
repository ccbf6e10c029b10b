"""Blocked time: which of it is syncd's own, and what is read from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from syncd.model.errors import Malformed
from syncd.vendors.acuity.blocks import body_of, own_block
from syncd.vendors.acuity.schemas import BlockRow
from tests.contract.world import at, slot

ROW = {
    "id": 2**33,
    "calendarID": 14209019,
    "start": "2026-10-22T00:00:00-0400",
    "end": "2026-10-25T00:00:00-0400",
    "notes": "Busy [syncd:a1]",
}


def block_of(**changes: Any) -> Any:
    """What a row comes to."""
    return own_block(BlockRow.model_validate({**ROW, **changes}))


def test_a_block_comes_back_as_it_was_sent() -> None:
    """Its time, its calendar and the appointment that it is for."""
    body = body_of(slot(at(4), timedelta(days=3)), "14209019", "America/New_York", "a1")
    assert body == {key: value for key, value in ROW.items() if key != "id"}
    found = block_of()
    assert (found.id, found.appointment, found.calendar, found.slot) == (
        str(2**33),
        "a1",
        "14209019",
        slot(at(4), timedelta(days=3)),
    )


@pytest.mark.parametrize("changes", [{"notes": "Dentist"}, {"notes": None}, {"id": None}])
def test_what_carries_no_mark_is_somebody_elses(changes: dict[str, Any]) -> None:
    """Whatever else it shows, it is none of ours."""
    assert block_of(**changes) is None


@pytest.mark.parametrize("changes", [{"start": ""}, {"end": "October 25, 2026"}, {"end": ROW["start"]}, {"start": 4}])
def test_one_of_ours_without_a_time_is_malformed(changes: dict[str, Any]) -> None:
    """Nothing is concluded from half a list of blocks."""
    with pytest.raises(Malformed):
        block_of(**changes)

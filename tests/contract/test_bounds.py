"""What a vendor shows may be large or far away beyond use: then it is one row that cannot be read, and says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from syncd.model.appointment import Field
from syncd.model.errors import Malformed
from syncd.vendors.bounds import LONGEST_NAME, LONGEST_TEXT
from tests.contract.world import JANE, World, at, person


@pytest.mark.parametrize(
    ("moment", "read"),
    [
        (datetime(1999, 12, 30, 12, tzinfo=UTC), False),
        (datetime(2000, 1, 3, 12, tzinfo=UTC), True),
        (datetime(2100, 12, 29, 12, tzinfo=UTC), True),
        (datetime(2101, 1, 3, 12, tzinfo=UTC), False),
    ],
    ids=["1999", "2000", "2100", "2101"],
)
async def test_a_slot_lies_between_2000_and_2100(world: World, moment: datetime, read: bool) -> None:
    """What programs write for "none" or "never" is no time at which somebody has an appointment."""
    entry = world.enter(moment, end=moment + timedelta(minutes=30))
    if read:
        assert (await world.read(entry.id)).content.slot.start == moment
        return
    with pytest.raises(Malformed, match="2000 to 2100"):
        await world.read(entry.id)


@pytest.mark.parametrize("field", [Field.TITLE, Field.LOCATION, Field.NOTES])
async def test_a_text_has_an_end(world: World, field: Field) -> None:
    """As long as anybody writes one it is read; the reason for a longer one names it, and does not quote it."""
    if field not in world.seen:
        pytest.skip("it shows none")
    whole = world.enter(at(10), **{field.value: "x" * LONGEST_TEXT})
    assert len((await world.read(whole.id)).content.get(field)) == LONGEST_TEXT
    entry = world.enter(at(14), **{field.value: "x" * (LONGEST_TEXT + 1)})
    with pytest.raises(Malformed, match=f"its {field.value} has more than") as raised:
        await world.read(entry.id)
    assert len(str(raised.value)) < 200


async def test_a_name_has_an_end(world: World) -> None:
    """The client of a row is somebody whom a person could name."""
    if Field.CLIENTS not in world.seen:
        pytest.skip("it shows none")
    entry = world.enter(people=[replace(person(JANE), last_name="x" * (LONGEST_NAME + 1))])
    with pytest.raises(Malformed, match="name or address"):
        await world.read(entry.id)


@pytest.mark.parametrize(
    "odd", ["x" * 200, "9" * 4000, "..", "12 34", "1\u0000", "1\n2", "\u202e12", {"a": 1}, [], True, 1.5]
)
async def test_an_id_of_another_shape_is_a_row_without_one(world: World, odd: Any) -> None:
    """It is counted among the rows that cannot be read, goes into no address, and the other rows are given."""
    good = world.enter(at(10))
    world.enter(at(14), extra={world.behaviour.id_key: odd})
    rows, error = await world.partly()
    assert error is None
    assert {row.remote_id for row in rows} == {good.id}

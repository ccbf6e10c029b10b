"""How long a write without an outcome may still be carried out: it is counted from when it can have been sent at last,
which may be long after its intention was journalled.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from syncd.engine.store.ledger import JournalState
from syncd.model.appointment import Field, Status
from syncd.model.memory import Known, Mapping
from syncd.model.plan import Cancel, Create, Step
from tests.engine.test_retention import DAY, NOW, Past, lasting_an_hour, mapping
from tests.engine.test_seen_before_writing import THERE, written

WANTED = lasting_an_hour(NOW + DAY)
MAKE = Create(
    id="create",
    vendor="site",
    appointment="a",
    target=WANTED,
    changes={Field.STATUS: (None, Status.SCHEDULED)},
    reason="crm has it",
)


class Passing(Past):
    """A ledger whose clock goes on as it is told, with an appointment that crm has."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.ledger.clock = self.ledger.ticks.clock = lambda: self.now
        self.put("a", NOW + DAY, THERE)

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now += timedelta(seconds=seconds)

    async def intend(self, operation: Step, before: Mapping | None = None) -> int:
        """What is about to be sent is journalled."""
        return await self.ledger.intend("first", operation, "mark", before, "")

    async def lose(self, entry: int) -> None:
        """It got no answer."""
        await self.ledger.settle(
            "first", entry, JournalState.UNKNOWN, error="answered 502", remote_id=None, left=(), quarantine=None
        )

    async def known(self) -> Known:
        """What is known of the appointment now."""
        [found] = await self.ledger.read(self.ledger.known_in, ["a"])
        return found

    async def times(self) -> tuple[datetime, datetime | None]:
        """When its create was begun, and when it was sent at the latest."""
        [create] = (await self.known()).unsettled
        return create.intended_at, create.sent_by


def after(seconds: float) -> datetime:
    """So much later than it began."""
    return NOW + timedelta(seconds=seconds)


async def test_what_got_no_answer_may_have_been_sent_right_before_that() -> None:
    """Its client's customer was looked for until then: two minutes after it was journalled say nothing yet."""
    world = Passing()
    entry = await world.intend(MAKE)
    world.wait(22)
    await world.lose(entry)
    world.wait(100)
    assert await world.times() == (NOW, after(22))


@pytest.mark.parametrize("cycles", [1, 2])
async def test_what_a_process_left_behind_may_have_been_sent_until_the_next_cycle_began(cycles: int) -> None:
    """Nobody knows when it died. No later cycle puts that off again."""
    world = Passing()
    await world.intend(MAKE)
    world.wait(60)
    assert await world.times() == (NOW, after(60))  # a dry run expects what the cycle after it will find
    for number in range(cycles):
        await world.ledger.start(f"cycle {number}", world.now)
        world.wait(30)
    assert await world.times() == (NOW, after(60))


async def test_a_change_without_an_answer_is_waited_for_as_long_and_hides_no_edit_made_meanwhile() -> None:
    """Its record was seen as its base before it was begun, and not when it was sent."""
    world = Passing()
    entry = await world.intend(written(Cancel, Status.CANCELLED), mapping("1", NOW + DAY, known_at=NOW))
    world.wait(22)
    await world.lose(entry)
    [record] = (await world.known()).mappings
    assert (record.known_at, record.in_flight_since, record.in_flight_sent_by) == (NOW, NOW, after(22))

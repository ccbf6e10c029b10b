"""What grows with the number of appointments, and how: requests, journal entries, cycles of a first run."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.model.plan import Action
from tests.e2e.behaviour.world import World, of, steps
from tests.e2e.scale.crowd import client, crowded, enter, start_of, stored

GUARD = {"max_changes": {"count": 1000, "percent": 100}}
ROWS, SHARED, ALONE, BESIDE = 700, 450, 15, 5
"""ActuallyCare's rows, those that the other vendor has too, and others of that vendor: at times of their own, and at
times of rows."""


async def test_a_first_run_of_many_is_remembered_whole(tmp_path: Path) -> None:
    """Decisions become rows of the store in batches, and all of them arrive."""
    world = crowded(tmp_path, "book", "office")
    enter(world, range(1_100))
    assert (await world.cycle()).exit_code == 0
    assert len(stored(world.ledger)) == 1_100 * 3


@pytest.mark.parametrize("later", [1, -1], ids=["later", "earlier"])
async def test_a_row_of_appointments_that_all_move_up_needs_few_attempts(tmp_path: Path, later: int) -> None:
    """Each takes the time that the next one leaves. Whichever way they go, attempts do not grow with their square."""
    strict = {"office": {"enforce_conflicts": True}}
    world = crowded(tmp_path, "crm", "office", guard=GUARD, switches=strict)
    count = 40
    entered = enter(world, range(1, count + 1))[:count]
    still = range(count + 10, count + 20)  # where nine in ten move alike, it is a zone that moved them
    enter(world, still)
    await world.cycle()
    for number, entry in enumerate(entered, 1):
        world.move("crm", entry.id, start_of(number + later))
    moved = await world.cycle()
    assert (moved.exit_code, moved.writes) == (0, count)
    expected = [start_of(n + later) for n in range(1, count + 1)] + [start_of(n) for n in still]
    assert world.starts("office") == world.starts("crm") == expected
    assert world.servers["office"].counters.refused > 0
    assert world.written("office") <= 3 * count


def slow(folder: Path, interval: str) -> World:
    """A vendor at ActuallyCare's documented rate, and one that answers at once."""
    rates = {"crm": {"rate": (500, 900), "list_rows": "reference"}, "book": {"rate": None}}
    book = {"book": {"rate": "100000/s"}}
    return crowded(folder, "crm", "book", rated=True, switches=rates, options=book, sync={"interval": interval})


@pytest.mark.parametrize("minutes", [2, 16])
async def test_a_slow_first_read_goes_on_until_everything_is_in_step(tmp_path: Path, minutes: int) -> None:
    """Polled as often as by default, or as often as the rate is counted: never beyond the rate, and nothing twice."""
    world = slow(tmp_path, f"{minutes}m")
    enter(world, range(ROWS), "crm")
    enter(world, range(SHARED), "book")
    enter(world, range(ROWS, ROWS + ALONE), "book")
    for number in range(ROWS - BESIDE, ROWS):
        world.enter("book", start_of(number), client(number + ROWS))
    unread = [ROWS]
    while unread[-1]:
        result = await world.cycle(minutes=minutes)
        assert result.exit_code == 0
        unread.append(of(result, "crm").unread)
        said = any("records are not read yet" in sentence for sentence in result.waiting)
        assert said == (unread[-1] > 0)
        created = [step.operation.target.slot.start for step in steps(result, Action.CREATE, "crm")]
        if len(unread) == 2:
            assert created == [start_of(number) for number in range(ROWS, ROWS + ALONE)]
    assert len(unread) > 2
    assert unread == sorted(unread, reverse=True)
    await world.settle()
    assert world.servers["crm"].counters.refused == 0
    assert world.starts("crm") == world.starts("book")
    assert len(world.starts("crm")) == ROWS + ALONE + BESIDE


async def test_creates_for_which_the_rate_leaves_no_request_are_not_begun(tmp_path: Path) -> None:
    """The first that finds it spent is journalled; the others wait for a later cycle, which makes them."""
    world = slow(tmp_path, "16m")
    enter(world, range(300), "book")
    first = await world.cycle(minutes=16)
    made = first.count(Action.CREATE)
    assert 0 < made < 300
    assert sum(world.sent("crm").values()) <= 500
    with world.ledger.store.read() as tx:
        ids = tx.appointments_starting(float("-inf"), float("inf"))
        assert sum(len(tx.journal_of(id)) for id in ids) == made + 1
    await world.cycle(minutes=16)
    assert world.starts("crm") == [start_of(number) for number in range(300)]
    assert world.servers["crm"].counters.refused == 0

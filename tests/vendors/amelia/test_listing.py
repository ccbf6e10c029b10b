"""How many requests a listing takes at each build, and what happens where one is too much for the site."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.model.errors import TooSlow
from syncd.vendors.amelia.adapter import Adapter
from tests.vendors.amelia.world import WINDOW, World, at, handled, listing, query_of, row
from tests.vendors.amelia.world import answering as answering_with

WHOLE = "dates=2026-10-19,2027-01-18"
"""The days of the world's window, as they stand in a listing's address."""


def crowd(world: World, count: int) -> set[str]:
    """So many appointments over some weeks; their ids."""
    starts = (at(6 + number % 24 / 2, day=21) + timedelta(days=number // 24) for number in range(count))
    return {world.enter(start).id for start in starts}


def lists(world: World) -> list[dict[str, str]]:
    """The queries of all listings so far."""
    return [query for query in map(query_of, world.seen) if query["call"] == "/api/v1/appointments"]


async def ids(vendor: Adapter) -> set[str]:
    """The ids of a listing."""
    return {one.remote_id for one in await listing(vendor)}


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (1, 1), (12, 1), (499, 1), (500, 1), (501, 2), (1001, 3)])
async def test_a_build_that_honours_the_size_of_a_page_is_read_in_pages_by_id(count: int, requests: int) -> None:
    """As many requests as there are pages of 500, in the first listing as in the second."""
    world = World({"generation": "2.4"})
    expected = crowd(world, count)
    vendor = world.vendor()
    for _ in range(2):
        assert await ids(vendor) == expected
    assert len(lists(world)) == 2 * requests
    assert {(one["limit"], one["sort"]) for one in lists(world)} == {("500", "id")}


@pytest.mark.parametrize(("own", "count"), [(12, 13), (12, 40), (100, 150), (100, 700)])
async def test_a_build_with_pages_of_its_own_size_is_read_in_one_answer(own: int, count: int) -> None:
    """Its first page is short although there are more: from then on no page is asked for, until a day has passed."""
    world = World({"generation": "2.1.3", "page_size": own})
    expected = crowd(world, count)
    vendor = world.vendor()
    assert await ids(vendor) == expected
    assert ["page" in one for one in lists(world)] == [True, False]
    assert await ids(vendor) == expected
    assert ["page" in one for one in lists(world)[2:]] == [False]
    world.now += timedelta(days=1)
    world.site.set_behaviour(generation="2.4")
    assert await ids(vendor) == expected
    assert "page" in lists(world)[3]


async def test_the_way_that_worked_is_remembered_by_the_next_process() -> None:
    """With `--once` from cron a site with short pages costs one request, as it does in a daemon."""
    world = World({"generation": "2.1.3"})
    expected = crowd(world, 20)
    first = world.vendor()
    await listing(first)
    world.seen.clear()
    second = world.vendor()
    second.recall(first.memory())
    assert await ids(second) == expected
    assert world.calls == ["GET /appointments"]


@pytest.mark.parametrize("shift", [-1, 1])
async def test_pages_that_move_while_they_are_read_leave_nothing_out(shift: int) -> None:
    """Pages that do not come to the total are not believed: the days are read again in one answer."""
    world = World({"generation": "2.4"})
    expected = crowd(world, 1100)
    world.fault("page_shift", shift=shift)
    assert await ids(world.vendor()) == expected


async def test_a_row_deleted_between_two_pages_hides_no_other() -> None:
    """The total changes: a row that slipped to the page before is found all the same."""
    world = World({"generation": "2.4"})
    expected = crowd(world, 700)
    gone = min(expected, key=int)
    vendor = world.vendor()
    found: set[str] = set()
    async for page in vendor.pages(WINDOW):
        found |= {one.remote_id for one in page.rows}
        if gone in world.site.entries:
            world.site.remove(gone)
    assert found >= expected - {gone}


@pytest.mark.parametrize("total", [None, 0, "many", True])
async def test_a_page_without_a_total_proves_nothing(total: object) -> None:
    """Nobody says how many there are: the days are read again in one answer."""
    short = handled(appointments=[row()], total=total)
    everything = handled(appointments=[row(), row(id=743)])
    denied = handled(403)
    vendor = answering_with(short, denied, everything)
    assert await ids(vendor) == {"742", "743"}


@pytest.mark.parametrize("kind", ["hang", "hang_after", "status"])
async def test_days_that_are_too_much_at_once_are_read_in_halves(kind: str) -> None:
    """After a time-out or a 500 the halves come in the same cycle, and the next begins with them, in any process."""
    world = World({"generation": "2.1.3"})
    expected = crowd(world, 30)
    world.fault(kind, operation="list", path=WHOLE, **({"code": 500} if kind == "status" else {}))
    vendor = world.vendor()
    assert await ids(vendor) == expected
    whole, *halves = [one["dates"] for one in lists(world)]
    assert whole == WHOLE.removeprefix("dates=")
    assert {one.split(",")[0] for one in halves} == {"2026-10-19", "2026-12-04"}
    assert any("pieces of 46 days" in notice.text for notice in vendor.notices())
    world.seen.clear()
    again = world.vendor()
    again.recall(vendor.memory())
    assert await ids(again) == expected
    assert WHOLE.removeprefix("dates=") not in {one["dates"] for one in lists(world)}


async def test_a_site_that_never_answers_is_asked_at_most_twice_a_cycle() -> None:
    """A query that timed out goes on in the site's database: the same is not asked for again and again."""
    world = World()
    world.fault("hang", operation="list")
    vendor = world.vendor()
    for most in (2, 1, 1):
        world.seen.clear()
        with pytest.raises(TooSlow, match="no answer within 20 s"):
            await listing(vendor)
        assert len(world.seen) == most

"""Reading a vendor's listing: everything, once, in the fewest requests, or an honest "not all of it"."""

from __future__ import annotations

import gc
from collections import abc
from datetime import timedelta

import pytest

from syncd.engine.fence import Allowance, Fenced
from syncd.model.errors import Malformed, Unreachable, Unreadable, VendorError
from syncd.vendors.port import Row
from tests.contract.world import WINDOW, World, at

DAY = timedelta(days=1)


def rows_alive() -> int:
    """How many rows of listings are held by anybody."""
    return sum(type(one) is Row for one in gc.get_objects())


def enter_many(world: World, count: int) -> set[str]:
    """So many appointments, some at the same time; their ids."""
    return {world.enter(at(8 + n % 9, day=21) + n // 9 % 100 * DAY).id for n in range(count)}


async def test_an_empty_calendar_is_a_complete_listing_of_nothing(world: World) -> None:
    """No rows and no error, in one request; whatever else is asked of the vendor is asked once."""
    assert await world.listing() == []
    assert world.server.counters.lists == 1
    before = len(world.wire.requests)
    assert await world.listing() == []
    assert world.server.counters.lists == 2
    assert len(world.wire.requests) == before + 1


async def test_a_listing_has_every_record_of_the_window_once(world: World) -> None:
    """Rows are told apart by id, and those of equal content have fingerprints of their own."""
    ids = enter_many(world, 12)
    rows = await world.listing()
    assert sorted(row.remote_id for row in rows) == sorted(ids)
    assert len({row.fingerprint for row in rows}) == len(ids)


async def test_a_listing_costs_the_fewest_requests_that_its_pages_allow(world: World) -> None:
    """As many as there are pages, and one where the vendor gives everything at once, as soon as it is known; a few more
    where it is silent about what it left out."""
    size = world.behaviour.page
    ids = enter_many(world, 230)
    assert {row.remote_id for row in await world.listing()} == ids
    before = len(world.wire.requests)
    assert {row.remote_id for row in await world.listing()} == ids
    asked, pages = len(world.wire.requests) - before, 1 if size is None else -(-230 // size)
    if world.behaviour.cut is not None:
        assert pages < asked <= 5 * -(-230 // world.behaviour.cut)
    else:
        assert asked == pages


async def test_no_page_is_held_while_the_next_one_comes(world: World) -> None:
    """A page may be tens of megabytes: once it is handed on, nothing in the vendor or its fence holds on to a row."""
    enter_many(world, 100 if world.behaviour.page is None else world.behaviour.page + 30)
    held = []
    world.wire.before.append(lambda request: held.append(rows_alive()) if "appointments" in str(request.url) else None)
    before = rows_alive()
    fenced = Fenced(world.vendor, Allowance(pages=100, bytes=10**8, seconds=60), lambda: 0.0)
    async for page in fenced.pages(WINDOW):
        assert rows_alive() - before <= max(len(page.rows), 1)
        del page
    assert held
    assert max(held) == before


async def test_ends_of_the_window_are_listed(world: World) -> None:
    """The first moment of the window belongs to it, and so does the last one before its end."""
    first = world.enter(WINDOW.since)
    last = world.enter(WINDOW.until - timedelta(minutes=5))
    assert {first.id, last.id} <= {row.remote_id for row in await world.listing()}


async def test_what_was_cancelled_stays_in_the_listing(world: World) -> None:
    """A soft cancel does not make a record look deleted."""
    entry = world.enter()
    world.server.person_cancel(entry.id)
    listed = {row.remote_id for row in await world.listing()}
    assert (entry.id in listed) is world.able.soft_cancel


async def test_an_unchanged_record_keeps_its_fingerprint(world: World) -> None:
    """Two listings of the same calendar are equal, whatever order they come in; an edit shows."""
    ids = enter_many(world, 5)
    before = {row.remote_id: row.fingerprint for row in await world.listing()}
    assert {row.remote_id: row.fingerprint for row in await world.listing()} == before
    moved = sorted(ids)[0]
    world.server.person_edit(moved, start=at(19), end=at(19.5))
    after = {row.remote_id: row.fingerprint for row in await world.listing()}
    assert {key for key in ids if after[key] != before[key]} == {moved}


async def test_a_row_that_comes_twice_is_no_second_record(world: World) -> None:
    """Its listing is complete, and has each id that there is."""
    ids = enter_many(world, 4)
    world.fault("duplicate_row")
    assert {row.remote_id for row in await world.listing()} == ids


async def test_a_page_that_shifts_loses_no_record(world: World) -> None:
    """A record entered while pages are read repeats a row: what the listing claims to be complete, is."""
    if world.behaviour.page is None:
        pytest.skip("it gives everything at once")
    ids = enter_many(world, world.behaviour.page + 30)
    world.fault("page_shift", times=1)
    assert {row.remote_id for row in await world.listing()} == ids


async def test_half_a_listing_is_not_taken_for_all_of_it(world: World) -> None:
    """Where the vendor tells how many rows there are, fewer make the listing fail at its end."""
    if not world.subject.totals:
        pytest.skip("it tells no total")
    enter_many(world, 8)
    world.fault("half_list")
    rows, error = await world.partly()
    assert isinstance(error, Unreadable)
    assert "half a listing" in str(error)
    assert rows


async def test_a_page_that_fails_leaves_the_pages_before_it(world: World) -> None:
    """The listing ends with an error, and what came before is given as a part."""
    if world.behaviour.page is None:
        pytest.skip("it gives everything at once")
    enter_many(world, world.behaviour.page + 30)
    world.fault("partial_list")
    rows, error = await world.partly()
    assert isinstance(error, Unreachable)
    assert world.behaviour.page <= len({row.remote_id for row in rows}) < world.behaviour.page + 30


async def test_a_vendor_that_begins_to_page_says_so_or_is_read_whole(worlds: abc.Callable[..., World]) -> None:
    """No page is ever taken for everything, documented paging or not."""
    world = worlds()
    if "paged" not in world.server.behaviour:
        pytest.skip("its paging is documented, or ruled out")
    ids = enter_many(world, 60)
    world.server.set_behaviour(paged=True)
    rows, error = await world.partly()
    assert {row.remote_id for row in rows} == ids or (isinstance(error, Unreadable) and "half" in str(error))


async def test_unknown_keys_and_nulls_change_nothing_that_matters(world: World) -> None:
    """Every row of such a listing is read, and starts when it starts."""
    entry = world.enter()
    world.fault("extra_fields", times=1)
    world.fault("null_fields", times=1)
    for _ in range(2):
        [row] = await world.listing()
        assert world.vendor.decode(row).content.slot.start == entry.start


async def test_a_row_without_a_time_is_named_and_the_others_stand(world: World) -> None:
    """It is malformed, with the key that is missing and without the client."""
    world.enter()
    world.fault("missing_field", field=world.behaviour.start_key, times=1)
    [row] = await world.listing()
    with pytest.raises(Malformed) as caught:
        world.vendor.decode(row)
    assert world.behaviour.start_key in str(caught.value)
    assert "Jane" not in str(caught.value)


async def test_a_row_without_an_id_is_told_beside_the_rows(world: World) -> None:
    """It is neither dropped silently nor the end of the listing."""
    world.enter()
    world.fault("missing_field", field=world.behaviour.id_key, times=1)
    pages = [page async for page in world.vendor.pages(WINDOW)]
    assert [page.rows for page in pages] == [()]
    assert len(pages[0].unidentified) == 1


async def test_an_id_that_does_not_exist_any_more_is_absent_and_only_that(world: World) -> None:
    """In the vendor's own shape. A page of the web server's, or another service's JSON, proves nothing."""
    entry = world.enter()
    world.server.person_delete(entry.id)
    found = await world.vendor.get(entry.id)
    assert type(found).__name__ == "Absent"
    for body in ("<html><title>404 Not Found</title></html>", {"detail": "Not Found"}, ""):
        for code in (404, 410, 500, 200):
            world.server.faults.clear()
            world.fault("status", code=code, body=body)
            with pytest.raises(VendorError):
                await world.vendor.get(entry.id)

"""Aivapad's listing: everything in one answer, or nothing to rely on."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from syncd.model.errors import Unreachable, Unreadable
from tests.vendors.aivapad.world import WINDOW, World, answering, failure, row, wrapped


async def listed(answer: httpx.Response) -> list[str]:
    """The ids of a listing with one answer."""
    return [row.remote_id async for page in answering(answer).pages(WINDOW) for row in page.rows]


@pytest.mark.parametrize("shape", [{}, {"envelope": "bare"}, {"id_key": "id"}], ids=str)
async def test_all_records_come_in_one_request(shape: dict[str, Any]) -> None:
    """Wrapped or bare, `_id` or `id`."""
    world = World(**shape)
    ids = {world.insert(minutes).id for minutes in range(0, 600, 60)}
    assert {row.remote_id for row in await world.rows()} == ids
    assert len(world.requests) == 1


async def test_a_list_row_is_whole_and_keeps_its_fingerprint() -> None:
    """The same row has the same fingerprint, a changed one another."""
    world = World()
    entry = world.insert()
    [before] = await world.rows()
    [same] = await world.rows()
    world.server.person_edit(entry.id, title="Other")
    [after] = await world.rows()
    assert before.fingerprint == same.fingerprint != after.fingerprint
    record = world.office.decode(after)
    assert (record.whole, record.fingerprint, record.content.title) == (True, after.fingerprint, "Other")


async def test_an_empty_listing_is_a_complete_one() -> None:
    """An account without appointments."""
    assert await listed(wrapped([])) == []
    assert await listed(httpx.Response(200, json=[])) == []


async def test_a_row_without_an_id_is_told_of() -> None:
    """The others stand."""
    pages = [page async for page in answering(wrapped([row(), {"title": "x"}, 7])).pages(WINDOW)]
    assert [[found.remote_id for found in page.rows] for page in pages] == [["a1"]]
    assert len(pages[0].unidentified) == 2


@pytest.mark.parametrize(
    "beside",
    [
        {"total": 1, "page": 1, "limit": 50, "hasMore": False},
        {"meta": {"total": 1, "totalPages": 1, "hasMore": False, "nextCursor": None}},
        {"pagination": None, "message": "ok"},
        {"page": 1},
        {"total": "1"},
    ],
)
async def test_paging_that_says_that_this_is_all_does_no_harm(beside: dict[str, Any]) -> None:
    """One page of one."""
    assert await listed(wrapped([row()], **beside)) == ["a1"]


@pytest.mark.parametrize(
    "beside",
    [
        {"hasMore": True},
        {"page": 1, "hasMore": "true"},
        {"total": 2},
        {"total": 0},
        {"totalPages": 3},
        {"meta": {"total": 2}},
        {"pagination": {"next": {"page": 2}}},
        {"nextCursor": "abc"},
        {"page": 2},
        {"page": 1, "limit": 1},
    ],
)
async def test_a_listing_that_may_have_more_rows_is_not_believed(beside: dict[str, Any]) -> None:
    """What is not shown would look deleted."""
    with pytest.raises(Unreadable, match="half a listing"):
        await listed(wrapped([row()], **beside))


@pytest.mark.parametrize("envelope", ["wrapped", "bare"])
async def test_a_vendor_that_begins_to_page_is_noticed(envelope: str) -> None:
    """Full pages are not taken for everything; an account that fits one page goes on."""
    world = World(paged=True, page_size=2, envelope=envelope)
    world.insert(60)
    assert len(await world.rows()) == 1
    world.insert(120)
    world.insert(180)
    with pytest.raises(Unreadable, match="half a listing"):
        await world.rows()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, content=b'{"success":true,"data":[{"_id":"a1"}'),
        httpx.Response(200, json={"success": True}),
        httpx.Response(200, json={"success": True, "data": {"appointments": []}}),
        httpx.Response(200, json={"success": True, "data": None}),
        httpx.Response(200, json="rows"),
        httpx.Response(200, json=None),
        failure(200),
        failure(400),
        httpx.Response(404, content=b"<html>"),
    ],
)
async def test_what_is_no_listing_is_not_taken_for_an_empty_one(answer: httpx.Response) -> None:
    """Nothing is concluded from it."""
    with pytest.raises(Unreadable):
        await listed(answer)


@pytest.mark.parametrize(
    ("kind", "error"), [("truncate", Unreadable), ("html", Unreadable), ("reset_body", Unreachable)]
)
async def test_a_listing_that_breaks_off_is_none(kind: str, error: type[Exception]) -> None:
    """However the vendor fails."""
    world = World()
    world.insert()
    world.fault(kind)
    with pytest.raises(error):
        await world.rows()

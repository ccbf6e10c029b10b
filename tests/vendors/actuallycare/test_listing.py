"""When a listing of ActuallyCare counts as complete."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from syncd.model.errors import Unreachable, Unreadable, VendorError
from tests.vendors.actuallycare.world import NOW, WINDOW, World, answering


def page(rows: list[Any], **meta: Any) -> httpx.Response:
    """A listing's page as the vendor writes it."""
    return httpx.Response(200, json={"success": True, "data": {"appointments": rows, "meta": meta}})


async def ids(*answers: httpx.Response, requests: list[httpx.Request] | None = None) -> list[str]:
    """The ids of everything that a listing over these answers gives."""
    crm = answering(*answers, requests=requests)
    return [row.remote_id async for page in crm.pages(WINDOW) for row in page.rows]


@pytest.mark.parametrize("order", ["asc", "desc", "insertion"])
@pytest.mark.parametrize(("count", "requests"), [(0, 1), (1, 1), (100, 1), (101, 2), (250, 3)])
async def test_an_idle_listing_costs_the_fewest_pages(order: str, count: int, requests: int) -> None:
    """Every record once, in as many requests as the largest pages allow, whatever the order."""
    world = World(order=order)
    expected = {world.insert(minute % 7 * 60 + minute).id for minute in range(count)}
    rows = await world.rows()
    assert {row.remote_id for row in rows} == expected
    assert len(rows) == count
    assert len(world.requests) == requests
    assert all("start_date" not in request.url.params for request in world.requests)


async def test_cancelled_and_past_records_are_listed_too() -> None:
    """No filter is sent that could make a record look deleted."""
    world = World(start_date="exact_day")
    expected = {world.insert(-60 * 24 * 30).id, world.insert(5).id, world.insert(60 * 24 * 365).id}
    world.server.person_cancel(world.insert(9, id="gone").id)
    assert {row.remote_id for row in await world.rows()} == expected | {"gone"}


async def test_the_fingerprint_is_of_the_rows_own_json() -> None:
    """An unchanged record keeps its fingerprint; a changed one does not."""
    world = World()
    changed, still = world.insert(10).id, world.insert(20).id
    first = {row.remote_id: row for row in await world.rows()}
    world.server.person_edit(changed, title="Other")
    second = {row.remote_id: row for row in await world.rows()}
    assert first[still].fingerprint == second[still].fingerprint
    assert first[changed].fingerprint != second[changed].fingerprint
    assert len(first[still].fingerprint) == 16
    assert json.loads(first[still].raw)["id"] == still


@pytest.mark.parametrize("shift", [-1, 1])
async def test_a_listing_that_shifted_once_is_read_again(shift: int) -> None:
    """A record that a moving page skipped is found by the second pass; nothing is given twice."""
    world = World()
    expected = {world.insert(minute).id for minute in range(250)}
    world.fault("page_shift", shift=shift, times=2, after=1)
    rows = await world.rows()
    assert sorted(row.remote_id for row in rows) == sorted(expected)


async def test_a_record_deleted_while_pages_are_read_does_not_hide_another() -> None:
    """The total moved and happens to fit the rows: that is no proof, and the listing is read once more."""
    world = World()
    entries = [world.insert(minute) for minute in range(150)]
    world.interventions.append(lambda: world.server.person_delete(entries[0].id))
    found = {row.remote_id for row in await world.rows()}
    assert {entry.id for entry in entries[1:]} <= found
    assert len(world.requests) == 4


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "page_shift", "shift": 1},
        {"kind": "half_list"},
        {"kind": "html"},
        {"kind": "html", "after": 1},
        {"kind": "empty"},
        {"kind": "not_json", "after": 2},
        {"kind": "truncate", "after": 1},
        {"kind": "partial_list"},
        {"kind": "reset_body", "after": 1},
    ],
)
async def test_a_listing_that_is_not_whole_never_ends_normally(fault: dict[str, Any]) -> None:
    """Whatever is lost on the way, the listing says so instead of ending."""
    world = World()
    for minute in range(250):
        world.insert(minute)
    world.fault(**fault)
    with pytest.raises((Unreadable, Unreachable), match="crm: GET /appointments"):
        await world.pages()


async def test_pages_that_arrived_before_the_failure_are_given() -> None:
    """The caller gets what there is, and the error after it."""
    world = World()
    for minute in range(250):
        world.insert(minute)
    world.fault("html", after=2)
    pages = world.crm.pages(WINDOW)
    assert [len((await anext(pages)).rows) for _ in range(2)] == [100, 100]
    with pytest.raises(Unreadable):
        await anext(pages)


async def test_a_vendor_whose_rows_lost_their_ids_is_read_to_the_end() -> None:
    """Rows that cannot be told apart are all counted and reported, and nothing is made of them."""
    world = World()
    for minute in range(250):
        world.insert(minute)
    world.fault("missing_field", field="id")
    pages = await world.pages()
    assert [len(part.unidentified) for part in pages] == [100, 100, 50]
    assert not any(part.rows for part in pages)


async def test_a_row_that_comes_twice_is_counted_once() -> None:
    """A repeated row neither breaks the count nor makes up for a missing one."""
    world = World()
    expected = {world.insert(minute).id for minute in range(3)}
    world.fault("duplicate_row")
    assert {row.remote_id for row in await world.rows()} == expected


@pytest.mark.parametrize(
    "answer",
    [
        page([]),
        page([], totalPages=0, hasMore=False),
        page([], total=-1),
        page([], total=3, hasMore=False),
        page([], total=0, hasMore=True),
        page([{"id": "a"}], total=2, totalPages=1, hasMore=False),
        page([{"id": "a"}, {"id": "b"}], total=1),
        httpx.Response(200, json={"success": True, "data": []}),
        httpx.Response(200, json={"success": True}),
        httpx.Response(200, json={"success": False, "error": {"code": "X"}}),
        httpx.Response(200, json=[]),
        httpx.Response(200, content=b'{"success":true,"data":{"appointments":[{"a":' + b"[" * 9999),
        httpx.Response(200, content=b'{"success":true,"data":{"appointments":[{"a":1 2}],"meta":{"total":1}}}'),
        httpx.Response(204),
    ],
)
async def test_a_listing_that_contradicts_itself_is_unreadable(answer: httpx.Response) -> None:
    """Totals that do not fit the rows, and bodies of another shape, are believed in no part."""
    with pytest.raises(VendorError) as caught:
        await ids(answer)
    assert isinstance(caught.value, Unreadable)


@pytest.mark.parametrize(
    "meta", [{"total": 2}, {"total": "2", "totalPages": "1"}, {"total": 2, "hasMore": False, "page": 1, "new": {}}]
)
async def test_the_total_alone_proves_a_listing(meta: dict[str, Any]) -> None:
    """Of the vendor's counts only the total is needed; numbers may be text, ids numbers."""
    requests: list[httpx.Request] = []
    assert await ids(page([{"id": "a"}, {"id": 7}], **meta), requests=requests) == ["a", "7"]
    assert len(requests) == 1


async def test_a_row_without_an_id_is_reported_and_counted() -> None:
    """A row that cannot be told by its id is told as such; the listing around it stands."""
    crm = answering(page([{"id": None}, {"id": "a"}, 3], total=3))
    [only] = [part async for part in crm.pages(WINDOW)]
    assert [row.remote_id for row in only.rows] == ["a"]
    assert len(only.unidentified) == 2


async def test_list_rows_are_whole_only_in_their_full_shape() -> None:
    """Both shapes of list rows are read; the short one asks for a read by id."""
    for shape, whole in (("reference", False), ("full", True)):
        world = World(list_rows=shape)
        world.insert(10)
        [row] = await world.crm.prepare(await world.rows(), 10)
        record = world.crm.decode(row)
        assert record.whole is whole
        assert record.fingerprint == row.fingerprint
        assert record.content.slot.start == NOW + timedelta(minutes=10)

"""Amelia's ids: whole numbers, which go into addresses. Whatever else stands in their place costs its row."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import httpx
import pytest

from syncd.model.errors import Malformed, Unreadable
from tests.vendors.amelia.world import WINDOW, World, answering, booking, row

ODD = ["12/../13", "1?call=/x", "7%2F8", "²", "9" * 5000, 10**400, -3, "", "a b", 1.5, True, {"a": 1}]


def listing(*rows: Any, **data: Any) -> httpx.Response:
    """A listing with these rows."""
    given = {"appointments": list(rows), "total": len(rows), **data}
    return httpx.Response(200, json={"message": "", "data": given})


async def listed(answer: httpx.Response) -> tuple[list[str], int]:
    """The ids of the rows that a site's answer comes to, and how many rows had none."""
    ids, unidentified = [], 0
    with contextlib.suppress(Unreadable):
        async for page in answering(answer).pages(WINDOW):
            ids += [one.remote_id for one in page.rows]
            unidentified += len(page.unidentified)
    return ids, unidentified


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: str(type(odd).__name__) + repr(odd)[:12])
async def test_a_row_whose_id_is_no_number_is_counted_and_not_named(odd: Any) -> None:
    """Nothing is asked for by such an id, and its neighbours are read."""
    ids, unidentified = await listed(listing(row(id=7), row(id=odd), row(id=8)))
    assert (set(ids), unidentified > 0) == ({"7", "8"}, True)


@pytest.mark.parametrize("key", ["serviceId", "providerId", "customerId"])
@pytest.mark.parametrize("odd", ["12/../13", "²", "9" * 5000, -3])
async def test_an_id_inside_of_a_row_that_is_no_number_makes_it_malformed(key: str, odd: Any) -> None:
    """The reason names the key and does not quote what stands there."""
    changes = {"bookings": [booking(**{key: odd})]} if key == "customerId" else {key: odd}
    vendor = answering(listing(row(id=7, **changes)))
    rows = [one async for page in vendor.pages(WINDOW) for one in page.rows]
    with pytest.raises(Malformed, match=key) as raised:
        vendor.decode(rows[0])
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize("odd", ["²", "9" * 5000, -3, {"a": 1}])
async def test_a_customer_without_a_number_hides_no_other(odd: Any) -> None:
    """The list of customers is looked through to its end all the same."""
    rows = [{"id": odd, "firstName": "Nobody"}, {"id": 10, "firstName": "Desk"}]
    answer = httpx.Response(200, json={"message": "", "data": {"users": rows, "filteredCount": 2}})
    vendor = answering(answer)
    assert [one.id async for one in vendor._customers._matching("", urgent=False)] == ["10"]


@pytest.mark.parametrize("total", ["9" * 5000, -1, 10**400, "²", None, {"a": 1}])
async def test_a_total_that_is_no_count_breaks_nothing(total: Any) -> None:
    """The rows are there, or the listing is half; it is never an error that nobody foresaw."""
    raw = json.dumps({"message": "", "data": {"appointments": [row(id=7)], "total": 0}})
    text = raw.replace('"total": 0', f'"total": {"9" * 5000 if total == "9" * 5000 else json.dumps(total)}')
    ids, _ = await listed(httpx.Response(200, content=text.encode()))
    assert set(ids) == {"7"}


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\n\xef\xbb\xbf ", b" \r\n"], ids=repr)
@pytest.mark.parametrize("place", ["id", "date", "message", "key", "note"])
async def test_bytes_that_are_no_letters_cost_one_text(before: bytes, place: str) -> None:
    """In an id, a date that is a key, the message, a key, a note: what else there is in the answer is read."""
    bad = b"\xff\xfe"
    good = json.dumps(row(id=7)).encode()
    struck = json.dumps(row(id=8, internalNotes="NOTE")).encode()
    struck = struck.replace(b'"id": 8', b'"id": "' + bad + b'"', 1) if place == "id" else struck
    struck = struck.replace(b"NOTE", bad) if place == "note" else struck
    struck = struck.replace(b'"parentId"', b'"' + bad + b'"') if place == "key" else struck
    message = bad if place == "message" else b""
    day = bad if place == "date" else b"2026-10-22"
    body = b'{"message": "' + message + b'", "data": {"appointments": {"' + day + b'": {"appointments": ['
    body += good + b", " + struck + b"]}}}}"
    ids, unidentified = await listed(httpx.Response(200, content=before + body))
    assert set(ids) == ({"7"} if place == "id" else {"7", "8"})
    assert (unidentified > 0) == (place == "id")


@pytest.mark.parametrize("odd", ["12/../13", "1&call=/api/v1/users", "1?x=y", "1#x", "²", ""])
async def test_nothing_is_asked_for_by_what_is_no_id(odd: str) -> None:
    """It would name another endpoint; that there is no such record, nobody has said."""
    world = World()
    with pytest.raises(Unreadable, match="no id"):
        await world.vendor().get(odd)
    assert world.calls == []


async def test_customers_without_end_are_given_up() -> None:
    """Each page brings somebody new, for ever: the search ends, and says so."""
    numbers = iter(range(10**9))

    class Endless(httpx.Response):
        @property
        def content(self) -> bytes:
            return json.dumps({"message": "", "data": {"users": [{"id": next(numbers)}]}}).encode()

    vendor = answering(Endless(200), rate="100000/s")
    with pytest.raises(Unreadable, match="pages"):
        await vendor._customers.exists("x")

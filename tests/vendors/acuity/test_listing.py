"""When a listing is complete, and what it costs to know."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from syncd.model.errors import Unreadable
from syncd.model.times import Window
from syncd.vendors.acuity.listing import MOST, PAGE, Days, Listing, Slice
from syncd.vendors.port import Page, Row
from tests.vendors.acuity.world import partly

FIRST = date(2026, 12, 1)
DAYS = Days(FIRST, FIRST + timedelta(days=89))

Server = abc.Callable[[list[int], int], list[int]]
"""Which of the matching ids an answer to a page's request holds."""


def without_pages(found: list[int], page: int) -> list[int]:
    """The vendor's page: `max` rows, whatever the page."""
    return found[:MOST]


def with_pages(found: list[int], page: int) -> list[int]:
    """The reference: pages of `limit`, `max` rows in all."""
    return found[:MOST][(page - 1) * PAGE : page * PAGE]


def with_small_pages(found: list[int], page: int) -> list[int]:
    """A server that pages and does not know `limit`."""
    return found[(page - 1) * 20 : page * 20]


@dataclass
class Counting:
    """A server of appointments, `per_day` a day, that counts its requests."""

    server: Server
    per_day: dict[date, int]
    asked: list[tuple[Days, int]] = field(default_factory=list)

    @property
    def all_ids(self) -> set[str]:
        """Every appointment there is."""
        return {str(number) for number in self._found(DAYS)}

    async def fetch(self, days: Days, page: int) -> Slice:
        """An answer."""
        self.asked.append((days, page))
        return of(self.server(self._found(days), page))

    def from_the_end(self, days: Days, limit: int) -> list[int]:
        """The last so many of the matching ids, newest first."""
        return self._found(days)[::-1][:limit]

    def _found(self, days: Days) -> list[int]:
        return [
            day.toordinal() * 100_000 + number
            for day, count in sorted(self.per_day.items())
            if days.first <= day <= days.last
            for number in range(count)
        ]


def of(ids: list[int]) -> Slice:
    """An answer with these rows."""
    rows = tuple(Row(str(number), b"{}", str(number).encode()) for number in ids)
    days = tuple(date.fromordinal(number // 100_000).isoformat() for number in ids)
    return Slice(rows=rows, ids=frozenset(row.remote_id for row in rows), count=len(ids), days=days)


def spread(rows: int, days: int = 3) -> dict[date, int]:
    """So many appointments over the first days, as evenly as may be."""
    return {FIRST + timedelta(days=day): rows // days + (day < rows % days) for day in range(days)}


async def ids(listing: abc.AsyncIterator[Page]) -> list[str]:
    """The ids that a listing gave, in its order."""
    return [row.remote_id async for page in listing for row in page.rows]


@pytest.mark.parametrize(
    ("server", "rows", "requests"),
    [
        (without_pages, 0, 1),
        (without_pages, 19, 1),
        (without_pages, 20, 2),
        (without_pages, 50, 1),
        (without_pages, 99, 1),
        (without_pages, 100, 3),
        (without_pages, 101, 1),
        (without_pages, 150, 3),
        (without_pages, 200, 4),
        (without_pages, 201, 1),
        (without_pages, 4999, 1),
        (with_pages, 0, 1),
        (with_pages, 19, 1),
        (with_pages, 100, 3),
        (with_pages, 199, 1),
        (with_pages, 200, 4),
        (with_pages, 201, 2),
        (with_pages, 451, 3),
        (with_small_pages, 19, 1),
        (with_small_pages, 20, 2),
        (with_small_pages, 45, 3),
    ],
)
async def test_a_listing_costs_as_few_requests_as_the_page_sizes_allow(
    server: Server, rows: int, requests: int
) -> None:
    """A further page is asked for only where the answer could be a full page of a server that pages, and two halves
    only where it could have been cut: at a round number."""
    account = Counting(server, spread(rows))
    found = await ids(Listing("book", account.fetch).pages(DAYS))
    assert len(found) == rows
    assert set(found) == account.all_ids
    assert len(account.asked) == requests


@pytest.mark.parametrize("server", [without_pages, with_pages])
async def test_a_listing_that_reaches_the_most_is_read_in_halves(server: Server) -> None:
    """What was cut off is found, and no row is given twice."""
    account = Counting(server, {FIRST + timedelta(days=day): 201 for day in range(60)})
    found = await ids(Listing("book", account.fetch).pages(DAYS))
    assert sorted(found) == sorted(account.all_ids)
    assert {days for days, _ in account.asked} == {DAYS, *DAYS.halves()}


@pytest.mark.parametrize("server", [without_pages, with_pages])
async def test_a_day_that_cannot_be_split_leaves_the_listing_partial(server: Server) -> None:
    """Every other day is given all the same, before the error that names the day."""
    full = FIRST + timedelta(days=40)
    account = Counting(server, {full: MOST + 1, FIRST: 3, DAYS.last: 4})
    found, error = await partly(Listing("book", account.fetch).pages(DAYS))
    assert len({row.remote_id for row in found}) == len(found) == MOST + 7
    assert isinstance(error, Unreadable)
    assert str(full) in str(error)


def cut_at(limit: int) -> Server:
    """A server that gives so many rows and says nothing of the others."""

    def server(found: list[int], page: int) -> list[int]:
        return found[:limit]

    return server


@pytest.mark.parametrize("limit", [100, 150, 200, 500])
@pytest.mark.parametrize("rows", [150, 230, 1000])
@pytest.mark.parametrize("days", [20, 90])
async def test_a_listing_that_was_cut_without_a_word_is_read_to_the_end(limit: int, rows: int, days: int) -> None:
    """Whatever the round number, every appointment is found, none is given twice, and the listing is complete."""
    account = Counting(cut_at(limit), spread(rows, days))
    found = await ids(Listing("book", account.fetch).pages(DAYS))
    assert len(found) == rows
    assert set(found) == account.all_ids
    assert len(account.asked) <= 3 + 6 * (rows // limit)


@pytest.mark.parametrize(("rows", "whole"), [(100, True), (101, False), (180, False)])
@pytest.mark.parametrize("lonely", [True, False])
async def test_one_full_day_is_read_from_its_other_end(rows: int, whole: bool, lonely: bool) -> None:
    """It cannot be halved. The same rows from both ends are all there are; others say that it was cut, and when."""
    others = {} if lonely else {FIRST: 3, DAYS.last: 4}
    account = Counting(cut_at(100), {FIRST + timedelta(days=40): rows, **others})

    async def fetch(days: Days, page: int) -> Slice:
        answer = await account.fetch(days, page)
        return of(account.from_the_end(days, 100)) if days.newest else answer

    found, error = await partly(Listing("book", fetch).pages(DAYS))
    assert len(found) == rows + (0 if lonely else 7)
    assert (error is None) is whole
    assert whole or "2027-01-10" in str(error)


async def test_pages_that_move_while_they_are_read_are_read_again() -> None:
    """A row that a page repeats says that another may have slipped through: the stretch is read in halves."""
    account = Counting(with_pages, {FIRST + timedelta(days=day): 4 for day in range(90)})

    async def fetch(days: Days, page: int) -> Slice:
        if (days, page) == (DAYS, 2):
            account.asked.append((days, page))
            return of([int(number) for number in sorted(account.all_ids)[PAGE - 1 : -1]])
        return await account.fetch(days, page)

    found = await ids(Listing("book", fetch).pages(DAYS))
    assert sorted(found) == sorted(account.all_ids)
    assert len(account.asked) == 4


async def test_a_row_that_changed_between_two_pages_is_given_as_both() -> None:
    """The same id with other content is not the same row."""
    full = [Row(str(number), b"{}", b"old") for number in range(20)]
    later = [*full[:-1], Row("19", b"{}", b"new")]
    answers = [Slice(rows=tuple(rows), ids=frozenset(map(str, range(20))), count=20) for rows in (full, later)]

    async def fetch(days: Days, page: int) -> Slice:
        return answers[page - 1]

    assert (await ids(Listing("book", fetch).pages(DAYS)))[-2:] == ["19", "19"]


async def test_a_row_without_an_id_is_reported_once() -> None:
    """It cannot be told apart by id, and a repeated page does not make it two."""
    answer = Slice(rows=(), ids=frozenset(), count=20, nameless=(b"one", b"two"))

    async def fetch(days: Days, page: int) -> Slice:
        return answer

    reasons = [reason async for page in Listing("book", fetch).pages(DAYS) for reason in page.unidentified]
    assert len(reasons) == 2


def test_the_days_of_a_window_are_those_of_any_time_zone() -> None:
    """A calendar may be a day ahead of or behind UTC."""
    moment = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)
    days = Days.around(Window(since=moment, until=moment + timedelta(days=1)))
    assert (days.first, days.last) == (date(2026, 11, 30), date(2026, 12, 3))

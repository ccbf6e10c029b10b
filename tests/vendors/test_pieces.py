"""How a listing falls into pieces where a vendor is asked for too much, and grows together again."""

from __future__ import annotations

import asyncio
from collections import abc
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.model.errors import TooLarge, TooMuch, TooSlow, Unreachable
from syncd.vendors.pieces import Kept, Pieces, read_kept, write_kept
from syncd.vendors.port import Page, Row

NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)
FIRST = date(2026, 10, 19)
QUARTER = 92
"""Days of a window."""


@dataclass
class Calendar:
    """A vendor with an appointment a day, that answers for at most `most` days at once; None: it is down."""

    most: int | None = None
    error: type[TooMuch] | type[Unreachable] = TooSlow
    now: datetime = NOW
    asked: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pieces = Pieces("site", lambda: self.now)

    async def reading(self, first: date, last: date) -> abc.AsyncIterator[Page]:
        """The days asked for, one row each."""
        count = (last - first).days + 1
        self.asked.append(count)
        if self.most is None or count > self.most:
            raise self.error("site", "site: GET /appointments: no answer within 20 s; it is tried again later")
        days = [first + timedelta(days=number) for number in range(count)]
        yield Page(tuple(Row(str(day), b"", b"") for day in days))

    def cycle(self, days: int = QUARTER, minutes: float = 2) -> set[str]:
        """One listing of the window; the ids that it brought. What was asked for is in `asked`."""

        async def read() -> set[str]:
            last = FIRST + timedelta(days=days - 1)
            pages = self.pieces.pages(FIRST, last, self.reading)
            return {row.remote_id async for page in pages for row in page.rows}

        self.asked.clear()
        self.now += timedelta(minutes=minutes)
        return asyncio.run(read())


def test_a_vendor_that_answers_is_asked_once() -> None:
    """The whole window in one piece, and nothing to remember."""
    calendar = Calendar(most=QUARTER)
    assert len(calendar.cycle()) == QUARTER
    assert calendar.asked == [QUARTER]
    assert (calendar.pieces.kept, calendar.pieces.notice()) == (Kept(), None)


@pytest.mark.parametrize("error", [TooSlow, TooLarge])
def test_what_is_too_much_is_read_in_halves_in_the_same_cycle(error: type[TooMuch]) -> None:
    """Every day of the window comes, and the next cycle begins with the size that worked."""
    calendar = Calendar(most=50, error=error)
    assert len(calendar.cycle()) == QUARTER
    assert calendar.asked == [92, 46, 46]
    assert len(calendar.cycle()) == QUARTER
    assert calendar.asked == [46, 46]
    notice = calendar.pieces.notice()
    assert notice is not None
    assert "pieces of 46 days" in notice.text
    assert not notice.grave


def test_it_steps_down_once_a_cycle_until_it_works() -> None:
    """Two pieces that are too much in a row end the cycle; the next begins a step lower."""
    calendar = Calendar(most=12)
    asked = []
    for _ in range(2):
        with pytest.raises(TooSlow, match=r"^site: .*days at once, and not for"):
            calendar.cycle()
        asked += calendar.asked
    assert asked == [92, 46, 23]
    assert len(calendar.cycle()) == QUARTER
    assert calendar.asked == [12] * 7 + [8]


def test_a_day_that_is_too_much_fails_and_says_what_may_help() -> None:
    """There is nothing smaller to ask for."""
    calendar = Calendar(most=0)
    for _ in range(12):
        with pytest.raises(TooSlow):
            calendar.cycle()
    assert calendar.asked == [1]
    with pytest.raises(TooSlow, match=r"timeout in \[vendors\.site\]"):
        calendar.cycle()


def test_a_vendor_that_is_down_is_not_asked_for_less() -> None:
    """An error that says nothing of size goes on as it is, after one request."""
    calendar = Calendar(most=None, error=Unreachable)
    with pytest.raises(Unreachable):
        calendar.cycle()
    assert calendar.asked == [QUARTER]
    assert calendar.pieces.kept == Kept()


def test_pieces_grow_again_when_the_vendor_has_recovered() -> None:
    """A site that hung for an hour is asked for the whole window again some cycles later, and then keeps to that."""
    calendar = Calendar(most=None)
    for _ in range(30):
        with pytest.raises(TooSlow):
            calendar.cycle()
    calendar.most = QUARTER
    for _ in range(30):
        assert len(calendar.cycle()) == QUARTER
    assert calendar.asked == [QUARTER]
    assert calendar.pieces.kept == Kept()


def test_a_size_that_is_too_much_again_and_again_is_tried_less_and_less() -> None:
    """In two days of a cycle every two minutes it is asked for a handful of times, and every listing is whole."""
    calendar = Calendar(most=60)
    too_much = 0
    for _ in range(2 * 24 * 30):
        assert len(calendar.cycle()) == QUARTER
        too_much += sum(days > 60 for days in calendar.asked)
    assert too_much == 4


def test_what_worked_is_remembered_by_the_next_process() -> None:
    """With `--once` from cron no cycle begins with what is too much."""
    calendar = Calendar(most=50)
    calendar.cycle()
    again = Calendar(most=50, now=calendar.now)
    again.pieces.recall(read_kept(write_kept(calendar.pieces.kept)))
    assert len(again.cycle()) == QUARTER
    assert again.asked == [46, 46]


@pytest.mark.parametrize(
    "text", ["", "none", "[]", '{"days": 0}', '{"days": "x"}', '{"limit": -4}', "\x00", '{"at": 1e300, "limit": 9}']
)
def test_a_memory_that_makes_no_sense_is_as_good_as_none(text: str) -> None:
    """It asks for everything."""
    calendar = Calendar(most=QUARTER)
    calendar.pieces.recall(read_kept(text))
    assert len(calendar.cycle()) == QUARTER
    assert calendar.asked == [QUARTER]


@given(
    days=st.integers(1, 400),
    cycles=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 3000)), min_size=1, max_size=40),
)
def test_a_listing_that_ends_is_whole_whatever_was_too_much(days: int, cycles: list[tuple[int, int]]) -> None:
    """Every day of the window, or an error; at most two questions too many in a cycle."""
    calendar = Calendar()
    for most, minutes in cycles:
        calendar.most = most
        try:
            assert len(calendar.cycle(days, minutes)) == days
        except TooMuch:
            assert most < days
        assert sum(asked > most for asked in calendar.asked) <= 2

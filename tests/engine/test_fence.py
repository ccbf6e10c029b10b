"""The fence around a vendor: what breaks behind it is that vendor's failure, and what never ends is cut off."""

from __future__ import annotations

from collections import abc
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
import structlog
from structlog.testing import capture_logs

from syncd.engine.fence import Allowance, Fenced
from syncd.model.appointment import Appointment
from syncd.model.errors import Malformed, Unreachable, Unreadable
from syncd.model.record import Record
from syncd.model.times import Slot, Window
from syncd.vendors.port import Page, Row, Uncertain, Vendor

NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)
WINDOW = Window(since=NOW, until=NOW + timedelta(days=1))
TARGET = Appointment(slot=Slot(start=NOW, end=NOW + timedelta(hours=1)))
RECORD = Record(vendor="crm", remote_id="7", content=TARGET, shows=frozenset())
ROW = Row("7", b"{}" * 50, b"")
PLENTY = Allowance(pages=10**6, bytes=10**9, seconds=10**6)


class Breaking:
    """A vendor in which everything meets an error."""

    name, kind, capabilities, traffic, now = "crm", "plain", None, None, 0.0

    def __init__(self, error: abc.Callable[[], Exception] = lambda: ZeroDivisionError("Jane Smith")) -> None:
        self.error = error

    async def pages(self, window: Window) -> abc.AsyncIterator[Page]:
        """One page, and then the error."""
        yield Page((ROW,))
        raise self.error()

    def __getattr__(self, name: str) -> Any:
        def breaks(*args: Any) -> Any:
            raise self.error()

        async def breaks_later(*args: Any) -> Any:
            raise self.error()

        plain = name in ("decode", "owed", "notices", "recall", "memory")
        return breaks if plain else breaks_later


class Endless(Breaking):
    """A vendor whose listing never ends; each page takes a second."""

    closed = False

    def __init__(self, page: Page | None = None) -> None:
        super().__init__()
        self.page = page or Page((ROW,))

    async def pages(self, window: Window) -> abc.AsyncIterator[Page]:
        """The same page again and again: by default a row of a hundred bytes, which counts as 512."""
        try:
            while True:
                self.now += 1
                yield self.page
        finally:
            self.closed = True


def fenced(vendor: Breaking, allowance: Allowance = PLENTY) -> Fenced:
    """That vendor behind its fence."""
    return Fenced(cast("Vendor", vendor), allowance, lambda: vendor.now)


async def listed(crm: Fenced) -> tuple[int, str]:
    """How many pages came before the listing broke, and what it broke with."""
    pages = 0
    try:
        async for _ in crm.pages(WINDOW):
            pages += 1
    except Unreadable as error:
        return pages, str(error)
    return pages, ""


async def test_a_reading_that_breaks_is_an_answer_that_cannot_be_read() -> None:
    """It names the vendor and the kind of error, and quotes nobody; the log has the traceback, once."""
    crm = fenced(Breaking())
    structlog.reset_defaults()  # what was played before may have silenced it
    with capture_logs() as logged:
        pages, said = await listed(crm)
        for reading in (crm.get("7"), crm.get("8"), crm.prepare([], 1), crm.check()):
            with pytest.raises(Unreadable, match=r"^crm: .*ZeroDivisionError"):
                await reading
    assert pages == 1
    assert "ZeroDivisionError" in said
    assert "Jane" not in said
    broke = [entry for entry in logged if entry["event"] == "vendor_broke"]
    assert [isinstance(entry["exc_info"], ZeroDivisionError) for entry in broke] == [True, True]  # two places


async def test_a_row_that_breaks_costs_that_row_and_one_traceback() -> None:
    """However many there are of the kind; the next listing tells it again."""
    crm = fenced(Breaking())
    for _ in range(2):
        await listed(crm)
        structlog.reset_defaults()  # what was played before may have silenced it
        with capture_logs() as logged:
            for _ in range(3):
                with pytest.raises(Malformed, match="bug"):
                    crm.decode(ROW)
        assert [entry["event"] for entry in logged] == ["vendor_broke"]


async def test_a_write_that_breaks_may_have_been_done() -> None:
    """Nobody knows how far it got, so it is looked for and not repeated."""
    crm = fenced(Breaking())
    for writing in (
        crm.create(TARGET, "t"),
        crm.write(RECORD, TARGET, frozenset()),
        crm.cancel(RECORD),
        crm.give_back("7", "flag"),
    ):
        answer = await writing
        assert isinstance(answer, Uncertain)
        assert answer.reason.startswith("crm: ")


async def test_what_is_only_told_or_remembered_is_left_out() -> None:
    """A broken notice is none; what a write takes away is never taken for nothing."""
    crm = fenced(Breaking())
    assert (crm.notices(), crm.memory()) == ((), "")
    crm.recall("anything")
    with pytest.raises(ZeroDivisionError):
        crm.owed(RECORD)


async def test_an_error_of_the_model_goes_through_as_it_is() -> None:
    """It says what to do next."""
    error = Unreachable("crm", "crm: no answer")
    crm = fenced(Breaking(lambda: error))
    for doing in (crm.get("7"), crm.create(TARGET, "t"), crm.prepare([], 1)):
        with pytest.raises(Unreachable) as raised:
            await doing
        assert raised.value is error


@pytest.mark.parametrize(
    ("allowance", "pages", "said"),
    [
        (Allowance(pages=5, bytes=10**9, seconds=10**6), 5, "after 5 pages"),
        (Allowance(pages=10**6, bytes=5120, seconds=10**6), 10, "raise bytes of listing in [vendors.crm]"),
        (Allowance(pages=10**6, bytes=10**9, seconds=30), 30, "raise time of listing in [vendors.crm]"),
    ],
)
async def test_a_listing_without_end_is_half_a_listing(allowance: Allowance, pages: int, said: str) -> None:
    """What came is given; the vendor's own reading is closed."""
    vendor = Endless()
    found, reason = await listed(fenced(vendor, allowance))
    assert found == pages
    assert "half a listing" in reason
    assert said in reason
    assert vendor.closed


async def test_rows_without_an_id_are_half_a_listing_once_they_are_too_many() -> None:
    """Each is told of: ten thousand of them are no listing, over however many pages they come."""
    vendor = Endless(Page((), ("a row without an id",) * 1000))
    found, reason = await listed(fenced(vendor))
    assert found == 10
    assert "half a listing: more than 10,000 of its rows show no id" in reason
    assert vendor.closed


def test_as_many_pages_are_allowed_as_the_rate_lets_through() -> None:
    """500 requests in 15 minutes are 500 pages in 15 minutes."""
    assert Allowance.at((500, 900.0), 1, 900.0).pages == 500
    assert Allowance.at((10, 1.0), 1, 900.0).pages == 9000
    assert Allowance.at((1, 3600.0), 1, 1.0).pages == 1


def test_what_a_vendor_put_into_an_error_is_cut() -> None:
    """Nobody reads a megabyte, and no store keeps it every cycle."""
    assert len(str(Unreadable("crm", "x" * 10**6))) == len(str(Malformed("x" * 10**6))) == 1000

"""A listing while it comes in: new rows are read page by page, and nothing is held that is not compared later."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import syncd_state
from syncd.engine.read.observe import Observer
from syncd.engine.store.ledger import Ledger
from syncd.engine.store.thread import at_once
from syncd.model.appointment import Appointment, Client
from syncd.model.capabilities import Capabilities
from syncd.model.errors import Malformed
from syncd.model.policy import Policy, Traits
from syncd.model.record import Complete, Record
from syncd.model.times import Slot, Window
from syncd.vendors.port import Page, Row, Unremarkable, Vendor

NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)
WINDOW = Window(since=NOW - timedelta(days=1), until=NOW + timedelta(days=30))
SLOT = Slot(start=NOW + timedelta(days=2), end=NOW + timedelta(days=2, hours=1))
JANE = Client(first_name="Jane", last_name="Smith", email="jane.smith@example.com")


@dataclass
class Traffic:
    """Nothing was ever sent."""

    requests = 0
    clock_offset = None
    rate = (100, 1.0)

    def spare(self, cost: int = 0, every: float = 0.0) -> int:
        """Plenty."""
        return 100


@dataclass
class Book(Unremarkable):
    """A vendor of which each page is given here; a row says `bad` where it cannot be read.

    `decoded` are the ids that were decoded before each page was asked for.
    """

    given: list[Page]
    points: abc.Set[str] = frozenset()
    name: str = "book"
    kind: str = "plain"
    decoded: list[list[str]] = field(default_factory=lambda: [[]])
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(fields={}))
    traffic: Traffic = field(default_factory=Traffic)

    async def pages(self, window: Window) -> abc.AsyncIterator[Page]:
        """Those pages."""
        for page in self.given:
            yield page
            self.decoded.append([])

    def needs_preparing(self, row: Row) -> bool:
        """Whether it is one of those that point to something."""
        return row.remote_id in self.points

    async def prepare(self, rows: abc.Sequence[Row], spare: int) -> abc.Sequence[Row]:
        """They are as they were."""
        return [replace(row, fingerprint=b"prepared") for row in rows]

    def decode(self, row: Row, hint: Any = None, guests: Any = ()) -> Record:
        """An appointment of Jane's, titled as the row says."""
        self.decoded[-1].append(row.remote_id)
        if row.raw == b"bad":
            raise Malformed(f"{row.remote_id} cannot be read")
        content = Appointment(slot=SLOT, title=row.raw.decode(), clients=(JANE,))
        return Record(
            vendor="book",
            remote_id=row.remote_id,
            content=content,
            shows=frozenset(),
            whole=True,
            fingerprint=row.fingerprint,
        )


def row(remote_id: str, text: str = "Visit") -> Row:
    """A row of that id that says that."""
    return Row(remote_id, text.encode(), text.encode())


async def observed(book: Book) -> Complete:
    """What a first listing of it comes to."""
    ledger = Ledger(syncd_state.open_store("sqlite://"), lambda: NOW, run=at_once)
    policy = Policy(vendors=(Traits(name="book", capabilities=book.capabilities),), window=WINDOW)
    vendors, often = {"book": cast(Vendor, book)}, timedelta(minutes=5)
    found = await Observer(vendors, ledger, lambda: NOW, policy, often).observe()
    snapshot = found.snapshots["book"]
    assert isinstance(snapshot, Complete)
    return snapshot


async def test_new_rows_are_decoded_before_the_next_page_is_asked_for() -> None:
    """Each once; one that cannot be read is told of like any other."""
    book = Book([Page((row("1"), row("2", "bad"))), Page((row("3"),)), Page((), ("a row without an id",))])
    snapshot = await observed(book)
    assert book.decoded == [["1", "2"], ["3"], [], []]
    assert sorted(snapshot.records) == ["1", "3"]
    assert [(bad.remote_id, bad.reason) for bad in snapshot.bad_rows] == [
        ("2", "2 cannot be read"),
        (None, "a row without an id"),
    ]


async def test_rows_that_point_to_something_wait_for_it() -> None:
    """They are decoded when the listing is whole, as they were prepared."""
    book = Book([Page((row("1"), row("2"))), Page((row("3"),))], points=frozenset("2"))
    snapshot = await observed(book)
    assert book.decoded == [["1"], ["3"], ["2"]]
    assert {key: record.fingerprint for key, record in snapshot.records.items()} == {
        "1": b"Visit",
        "2": b"prepared",
        "3": b"Visit",
    }


async def test_of_a_record_that_comes_twice_the_later_row_counts() -> None:
    """Pages shift while they are read, and a row comes again when the one before it has been decoded.

    page 1: 7 "Visit"    page 2: 7 "Call"    it is the call, and one record
    """
    book = Book(
        [Page((row("7"), row("8"), row("9", "bad"))), Page((row("7", "Call"), row("8", "bad"), row("9", "Now it can")))]
    )
    snapshot = await observed(book)
    assert {key: record.content.title for key, record in snapshot.records.items()} == {"7": "Call", "9": "Now it can"}
    assert [bad.remote_id for bad in snapshot.bad_rows] == ["8"]
    assert snapshot.listed == 3

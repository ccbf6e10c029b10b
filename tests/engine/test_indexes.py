"""What a cycle loads of its vendors' records: those of the window, and of the past what it is asked
for.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd.engine.store.indexes import earlier, live_from
from syncd.engine.store.ledger import Ledger
from syncd.model.times import Window
from syncd_state import IndexEntry
from tests.engine.test_retention import Past, mapping
from tests.reconcile.world import rules

SINCE = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)
WINDOW = Window(since=SINCE, until=SINCE + 90 * DAY)
FARTHEST = 10_000


def put(past: Past, *days: int) -> None:
    """An appointment so many days from the beginning of the window, at `crm` and at `book`; each
    named for the day.
    """
    for day in days:
        start = SINCE + day * DAY
        past.put(str(day), start, mapping(f"c{day}", start), mapping(f"b{day}", start, "book"))


async def ids(ledger: Ledger) -> set[str]:
    """The records of `crm` that an overview holds."""
    overview = await ledger.overview(rules("crm", window=WINDOW))
    return set(overview.indexes["crm"].entries)


async def test_an_overview_holds_what_the_window_may_show() -> None:
    """From a day before it on, as far as anything goes."""
    past = Past()
    put(past, -400, -2, -1, 0, 1, 500)
    assert await ids(past.ledger) == {"c-1", "c0", "c1", "c500"}


async def test_what_a_listing_shows_is_found_by_its_id() -> None:
    """Once; what is not known stays unknown, and another vendor's record of that id is another."""
    past = Past()
    put(past, -400, 0)
    [index] = (await past.ledger.overview(rules("crm", window=WINDOW))).indexes.values()
    await past.ledger.find(index, ["c-400", "b-400", "nobody", "c0"])
    assert index.entries.keys() == {"c-400", "c0"}
    assert index.entries["c-400"].appointment_id == "-400"
    assert index.live == 1


async def test_a_stretch_of_the_past_is_reached_at_every_vendor() -> None:
    """What lies in the window is there already."""
    past = Past()
    put(past, -400, -399, -30, 0)
    overview = await past.ledger.overview(rules("crm", "book", window=WINDOW))
    begins, ends = ((SINCE + day * DAY).timestamp() for day in (-399.5, -20))
    await past.ledger.reach(overview, [(begins, ends), (ends, FARTHEST * 1e9)])
    assert {name: set(index.entries) for name, index in overview.indexes.items()} == {
        "crm": {"c-399", "c-30", "c0"},
        "book": {"b-399", "b-30", "b0"},
    }


def test_live_records_of_the_window_are_counted() -> None:
    """Neither ended ones nor those before it: of them the guard's percentages would be too large."""
    start = SINCE.timestamp()
    entries = [
        IndexEntry("ended", None, "a", start, live=0, tombstone=0),
        IndexEntry("tombstone", None, "a", start, live=0, tombstone=1),
        IndexEntry("before", None, "a", start - 1, live=1, tombstone=0),
        IndexEntry("at no known time", None, "a", None, live=1, tombstone=0),
        IndexEntry("first", None, "a", start, live=1, tombstone=0),
    ]
    assert live_from({entry.remote_id: entry for entry in entries}, SINCE) == 1


STRETCHES = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 9)), max_size=200)


@given(stretches=STRETCHES, since=st.integers(0, 300))
def test_what_is_asked_for_of_the_past_is_asked_for_in_few_pieces(stretches: list[tuple[int, int]], since: int) -> None:
    """They cover all of it, reach nowhere else unless they would be too many, and meet each other
    nowhere.
    """
    pieces = earlier(since, [(start, start + length) for start, length in stretches])
    wanted = {second for start, length in stretches for second in range(start, start + length) if second < since}
    covered = [second for start, end in pieces for second in range(int(start), int(end))]
    assert len(pieces) <= 64
    assert len(covered) == len(set(covered))
    assert covered == sorted(covered)
    assert wanted <= set(covered)
    assert wanted == set(covered) or (len(pieces), pieces[0][0]) == (1, min(wanted))

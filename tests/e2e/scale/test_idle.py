"""What a cycle costs in which nothing, or little, is different from the one before: counted, not timed."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from syncd.model.record import Record
from syncd.vendors.port import Row
from tests.e2e.scale.crowd import client, crowded, enter, living, start_of, stored, watch

MANY = 251
"""No round number, which Acuity's listing would be read once more for."""
PAGES = {
    # crm: pages of 100. book: pages of 200 by the reference, one answer as observed. office and site: one answer.
    "reference": {"crm": 3, "book": 2, "office": 1, "site": 1},
    "observed": {"crm": 3, "book": 1, "office": 1, "site": 1},
}


@pytest.mark.parametrize("behaviour", PAGES)
async def test_an_idle_cycle_costs_its_listings_and_nothing_else(tmp_path: Path, behaviour: str) -> None:
    """The fewest list requests that the pages allow; no record is read, decoded or stored again."""
    world = crowded(tmp_path, behaviour=behaviour)
    enter(world, range(MANY))
    first = await world.cycle()
    assert (first.exit_code, first.writes) == (0, 0)
    watched, before = watch(world), stored(world.ledger)
    assert len(before) == MANY * 5
    for _ in range(2):
        idle = await world.cycle()
        assert (idle.exit_code, idle.steps) == (0, ())
        assert {name: dict(world.sent(name)) for name in world.servers} == {
            name: {"list": pages} for name, pages in PAGES[behaviour].items()
        }
    assert {name: dict(one.calls) for name, one in watched.items()} == {name: {} for name in watched}
    assert stored(world.ledger) == before


async def test_only_what_changed_is_decoded_and_stored(tmp_path: Path) -> None:
    """One appointment that moves costs the same among many as among few."""
    world = crowded(tmp_path)
    record, *_ = enter(world, range(MANY))
    await world.cycle()
    watched, before = watch(world), stored(world.ledger)
    world.move("crm", record.id, start_of(MANY))
    moved = await world.cycle()
    assert (moved.exit_code, moved.writes) == (0, 3)
    assert {name: one.calls["decode"] for name, one in watched.items()} == {"crm": 1, "book": 0, "office": 0, "site": 0}
    await world.cycle()
    # The lists show what syncd wrote, in other bytes than the vendors' answers to it.
    assert {name: one.calls["decode"] for name, one in watched.items()} == dict.fromkeys(watched, 1)
    assert len(stored(world.ledger) - before) == 5


async def test_no_record_of_an_unchanged_row_is_ever_made(tmp_path: Path) -> None:
    """Memory does not grow with what the vendors have: of an unchanged listing, one page at a time is there."""
    world = crowded(tmp_path, "crm", "book")
    enter(world, range(MANY))
    await world.cycle()
    world.results.clear()
    gc.collect()
    seen = [(living(Row), living(Record))]
    world.engine.progress = lambda _: seen.append((living(Row), living(Record)))
    await world.cycle()
    assert len(seen) == 1 + PAGES["reference"]["crm"] + PAGES["reference"]["book"]
    (rows_before, records_before), *during = seen
    assert max(rows for rows, _ in during) - rows_before <= 100 + 200  # a page of each
    assert max(records for _, records in during) == records_before


async def test_bytes_of_a_first_listing_are_let_go_of_when_it_is_decoded(tmp_path: Path) -> None:
    """A first run holds every record once; the JSON that they came from is gone before anything is written."""
    world = crowded(tmp_path, "office", "book")
    enter(world, range(MANY), "office")
    gc.collect()
    seen = [living(Row)]
    world.engine.progress = lambda said: seen.append(living(Row)) if " 10 of" in said else None
    assert (await world.cycle()).writes == MANY
    before, writing = seen
    assert writing <= before


async def test_what_no_window_reaches_is_decoded_once_a_process(tmp_path: Path) -> None:
    """A vendor that lists its whole past costs no more for it, until a row changes; what is gone is forgotten."""
    world = crowded(tmp_path, "crm", "book", sync={"past": "1d", "future": "1d"})
    old = enter(world, range(200, 300), "crm")  # days after the window: to syncd it is all the same as the past
    await world.cycle()
    watched = watch(world)
    await world.cycle()
    assert not watched["crm"].calls
    world.servers["crm"].person_edit(old[0].id, location="elsewhere")
    world.servers["crm"].person_delete(old[1].id)
    await world.cycle()
    assert watched["crm"].calls == {"decode": 1}
    assert set(world.engine.recalls["crm"].ignored) == {entry.id for entry in old} - {old[1].id}


async def test_what_nobody_can_link_is_not_read_again_and_again(tmp_path: Path) -> None:
    """Records that fit one appointment equally well wait for a person; their rows say when to look again."""
    world = crowded(tmp_path, "book", "crm")
    world.enter("book", start_of(0), client(0))
    twins = [world.enter("crm", start_of(0), client(0), title=title) for title in ("One", "Two")]
    first = await world.cycle()
    assert {entry.remote_id for entry in first.quarantined} == {twin.id for twin in twins}
    for _ in range(2):
        idle = await world.cycle()
        assert (idle.exit_code, len(idle.quarantined)) == (0, 2)
        assert world.sent("crm") == {"list": 1}
    world.servers["crm"].person_delete(twins[1].id)
    linked = await world.cycle()
    assert [step.remote_id for step in linked.steps] == [twins[0].id]
    await world.cycle(minutes=90)
    assert world.sent("crm") == {"list": 1, "other": 1}  # its clients, once an hour


async def test_what_nobody_can_link_is_read_again_after_an_hour(tmp_path: Path) -> None:
    """A row does not show everything: an attendee may have been corrected."""
    world = crowded(tmp_path, "book", "crm")
    world.enter("book", start_of(0), client(0))
    for title in ("One", "Two"):
        world.enter("crm", start_of(0), client(0), title=title)
    await world.cycle()
    await world.cycle(minutes=61)
    assert world.sent("crm") == {"list": 1, "get": 2, "other": 1}  # its clients, once an hour

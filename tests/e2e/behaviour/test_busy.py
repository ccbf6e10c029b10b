"""`busy`: what takes whole days at one vendor is blocked time on the booking page, or is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from syncd.model.plan import Outcome
from syncd.sandbox.acuity.account import AccountData
from syncd.sandbox.acuity.server import Acuity
from syncd.sandbox.frame.exchange import Call
from syncd.sandbox.frame.records import Entry
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ANA, JANE, World, at, of, steps

DAY = timedelta(days=1)
CRM = {"options": {"crm": {"busy": True}}}
MIDNIGHT = 7
"""In Los Angeles, as UTC has it in October."""


def book_of(world: World) -> Acuity:
    """The booking page."""
    book = world.servers["book"]
    assert isinstance(book, Acuity)
    return book


def blocked(world: World) -> list[tuple[datetime, datetime]]:
    """From when to when time is blocked there."""
    rows = book_of(world).account.blocks
    return sorted((datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"])) for row in rows)


def away(world: World, days: int = 3, first: int = 22, **values: Any) -> Entry:
    """The CRM's people are away for some days."""
    start = at(MIDNIGHT, day=first)
    return world.servers["crm"].person_insert(start=start, end=start + days * DAY, title="Away", **values)


def free(world: World, day: int) -> int:
    """How many starts the booking page offers on a day of October."""
    query = f"date=2026-10-{day}&appointmentTypeID=94517100&calendarID=14209019"
    call = Call("GET", "/api/v1/availability/times", query, {}, b"")
    return len(book_of(world).availability.free_times(call.query))


@pytest.fixture
def busy(worlds: Worlds) -> World:
    """The CRM's whole days are blocked time."""
    return worlds(**CRM)


async def test_without_the_key_it_is_left_in_quarantine_and_no_block_is_asked_for(world: World) -> None:
    """As ever."""
    away(world)
    result = await world.cycle()
    assert {"book", "site"} <= {entry.vendor for entry in result.quarantined}
    assert blocked(world) == []
    assert "other" not in world.sent("book")


async def test_whole_days_are_blocked_on_the_booking_page(busy: World) -> None:
    """Once, without anybody's name; nobody can book then, and no appointment comes of it anywhere."""
    assert free(busy, 23) > 0
    away(busy, people=[JANE])
    dry = await busy.cycle(dry_run=True)
    [planned] = [step for step in dry.steps if step.operation.vendor == "book"]
    assert (planned.outcome, blocked(busy)) == (Outcome.PLANNED, [])
    result = await busy.cycle()
    [made] = [step for step in result.steps if step.operation.vendor == "book"]
    assert (made.outcome, result.exit_code) == (Outcome.DONE, 0)
    assert "crm has it for whole days" in made.operation.reason
    assert blocked(busy) == [(at(MIDNIGHT), at(MIDNIGHT, day=25))]
    assert [free(busy, day) for day in (22, 23, 24)] == [0, 0, 0]
    [row] = book_of(busy).account.blocks
    assert "Jane" not in str(row)
    assert busy.live("book") == []
    assert [entry for entry in result.quarantined if entry.vendor in ("book", "site")] == []
    assert any("site has no blocked time" in sentence for sentence in result.remarks)
    idle = await busy.settle()
    assert (idle.exit_code, len(blocked(busy))) == (0, 1)


@pytest.mark.parametrize("service", ["showing", None])
async def test_a_service_may_be_busy_instead(worlds: Worlds, service: str | None) -> None:
    """What is of that service is blocked time, and what is of none is not."""
    world = worlds()
    catalogue = world.configuration.catalogue
    first, *others = catalogue.services
    world.start_syncd(replace(catalogue, services=(replace(first, busy=True), *others)))
    away(world, service=service)
    await world.cycle()
    assert len(blocked(world)) == (0 if service is None else 1)


async def test_the_offices_flag_for_a_whole_day_is_blocked_time_as_well(worlds: Worlds) -> None:
    """`allDay`: the office's local day, whatever times stand beside it, and no longer once the flag is taken away."""
    world = worlds(options={"office": {"busy": True}})
    start = at(MIDNIGHT, day=23)
    entry = world.servers["office"].person_insert(start=start, end=start + DAY, all_day=True, title="Away")
    result = await world.cycle()
    assert (result.exit_code, blocked(world)) == (0, [(start, start + DAY)])
    assert (free(world, 23), world.live("book"), world.live("site")) == (0, [], [])
    assert (await world.settle()).exit_code == 0
    world.servers["office"].person_edit(entry.id, all_day=False, start=at(15, day=23), end=at(15.5, day=23))
    await world.settle()
    assert (blocked(world), free(world, 23) > 0) == ([], True)


async def test_it_is_moved_by_a_new_block_before_the_old_one_is_removed(busy: World) -> None:
    """Longer, later, and at last called off."""
    entry = away(busy)
    await busy.settle()
    busy.servers["crm"].person_edit(entry.id, end=entry.end + DAY)
    result = await busy.cycle()
    assert [step.operation.action.value for step in result.steps if step.operation.vendor == "book"] == [
        "create",
        "cancel",
    ]
    assert blocked(busy) == [(entry.start, entry.start + 4 * DAY)]
    busy.move("crm", entry.id, entry.start + 5 * DAY)
    await busy.settle()
    assert blocked(busy) == [(entry.start + 5 * DAY, entry.start + 9 * DAY)]
    busy.call_off("crm", entry.id)
    await busy.settle()
    assert blocked(busy) == []


async def test_a_block_that_somebody_removes_cancels_nothing_and_is_made_again(busy: World) -> None:
    """It says what the CRM says."""
    away(busy)
    await busy.settle()
    book_of(busy).account.blocks.clear()
    await busy.settle()
    assert (len(blocked(busy)), len(busy.live("crm"))) == (1, 1)


async def test_a_block_of_somebody_else_is_left_alone(busy: World) -> None:
    """It carries no mark of ours."""
    await busy.cycle()
    book = book_of(busy)
    theirs = {"id": 5, "calendarID": 14209019, "start": "2026-10-22T10:00:00-0400", "end": "2026-10-22T12:00:00-0400"}
    book.account.blocks.append({**theirs, "notes": "Dentist"})
    entry = away(busy)
    await busy.settle()
    busy.call_off("crm", entry.id)
    await busy.settle()
    assert [row["notes"] for row in book.account.blocks] == ["Dentist"]


@pytest.mark.parametrize("done", [False, True])
async def test_an_answer_that_is_lost_leaves_one_block(busy: World, done: bool) -> None:
    """Done, it is found by its mark; not done, it is made then. Done late, one too many is removed."""
    away(busy)
    book = book_of(busy)

    def lose(request: httpx.Request) -> httpx.Response | None:
        lost = request.method == "POST" and request.url.path.endswith("/blocks")
        return httpx.Response(502, text="") if lost else None

    busy.wires["book"].instead = lose
    assert (await busy.cycle()).exit_code == 3
    busy.mend()
    late = [{**row, "id": row["id"] + 7} for row in book.account.blocks]
    if not done:
        book.account.blocks.clear()
    assert (await busy.cycle()).exit_code == 0
    book.account.blocks += late
    await busy.settle()
    assert blocked(busy) == [(at(MIDNIGHT), at(MIDNIGHT, day=25))]


async def test_a_listing_that_leaves_it_out_makes_no_second_one(busy: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many blocks a listing shows nobody says: what is known is asked for by its id."""
    away(busy)
    await busy.settle()
    monkeypatch.setattr(AccountData, "_blocks", lambda account, query: [])
    result = await busy.cycle()
    assert (steps(result), len(blocked(busy))) == ([], 1)


async def test_a_store_that_was_lost_finds_its_blocks_again(worlds: Worlds) -> None:
    """By the appointment that they are marked with."""
    world = worlds(**CRM)
    away(world)
    await world.settle()
    with world.ledger.store.write() as tx:
        tx.put_meta("blocks:book", "[]")
    await world.settle()
    assert len(blocked(world)) == 1


async def test_blocks_that_cannot_be_read_hold_nothing_else_up(busy: World) -> None:
    """The cycle ends with 3, the appointments go on, and nothing is blocked twice."""
    away(busy)
    await busy.settle()
    busy.enter("crm", at(20), ANA)
    busy.wires["book"].instead = lambda request: (
        httpx.Response(500, text="") if request.url.path.endswith("/blocks") else None
    )
    result = await busy.cycle()
    assert (result.exit_code, "blocks" in (of(result, "book").error or "")) == (3, True)
    assert at(20) in busy.starts("book")
    busy.mend()
    await busy.settle()
    assert len(blocked(busy)) == 1


async def test_removals_are_guarded(busy: World) -> None:
    """Three called off at once, of the four records that the booking page has: held, and done once approved."""
    busy.enter("crm", at(20), ANA)
    entries = [away(busy, days=2, first=first) for first in (22, 25, 28)]
    await busy.settle()
    assert len(blocked(busy)) == 3
    for entry in entries:
        busy.call_off("crm", entry.id)
    result = await busy.cycle()
    assert {step.outcome for step in result.steps if step.operation.vendor == "book"} == {Outcome.HELD}
    assert (result.exit_code, len(blocked(busy))) == (4, 3)
    busy.desk.approve([])
    await busy.settle()
    assert blocked(busy) == []


async def test_without_the_key_again_the_blocks_are_removed(busy: World) -> None:
    """Nothing is left behind on the booking page."""
    away(busy)
    await busy.settle()
    busy.start_syncd()
    await busy.cycle()
    assert blocked(busy) == []
    await busy.cycle()
    assert "other" not in busy.sent("book")

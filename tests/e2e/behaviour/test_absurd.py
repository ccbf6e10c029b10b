"""Answers that nobody foresaw, or that never end: they are one vendor's failure, and the day goes on for the others."""

from __future__ import annotations

import json
import re
from collections import abc
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import capture_logs

from syncd import report
from syncd.model.plan import Outcome
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, OMAR, World, at, of, steps


@pytest.fixture
def behaviour() -> str:
    """The least that the vendors may show."""
    return "unkind"


EACH_VENDOR = pytest.mark.parametrize("name", ALL)


async def in_step(world: World) -> str:
    """Two appointments everywhere; the first one's id at the CRM."""
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    await world.settle()
    return entry.id


def breaks(world: World, name: str, *operations: str) -> None:
    """Let what reads a vendor's answers meet an error that nobody thought of."""

    def hook(request: httpx.Request) -> None:
        if world.operation(name, request) in operations:
            raise ZeroDivisionError("Jane Smith")

    world.wires[name].before.append(hook)


@EACH_VENDOR
async def test_an_error_that_nobody_thought_of_fails_one_vendors_listing(world: World, name: str) -> None:
    """Logged once with its traceback; the others are brought in step, and that vendor as soon as it can be read."""
    crm_id = await in_step(world)
    breaks(world, name, "list")
    mover = next(vendor for vendor in ALL if vendor != name)
    world.move(mover, world.the("crm", crm_id, mover).id, at(16))
    structlog.reset_defaults()  # what was played before may have silenced it
    with capture_logs() as logged:
        result = await world.cycle()
    assert result.exit_code == 3
    assert of(result, name).snapshot == "failed"
    assert "ZeroDivisionError" in (of(result, name).error or "")
    assert "Jane" not in (of(result, name).error or "")
    assert len([entry for entry in logged if entry["event"] == "vendor_broke" and entry.get("exc_info")]) == 1
    assert world.calendars([vendor for vendor in ALL if vendor != name]) == [[at(10), at(16)]]
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10), at(16)]]


@EACH_VENDOR
async def test_an_error_over_a_record_that_is_asked_for_concludes_nothing(world: World, name: str) -> None:
    """It is missing from the listing, and whether it is there nobody can tell: what follows from that is held."""
    crm_id = await in_step(world)
    struck = world.the("crm", crm_id, name).id
    hidden = world.hide(name, struck)
    breaks(world, name, "get")
    result = await world.cycle()
    assert result.exit_code in (3, 4)
    assert {step.outcome for step in steps(result)} <= {Outcome.HELD}
    world.mend()
    world.unhide(name, hidden)
    assert (await world.settle()).exit_code == 0
    assert world.calendars() == [[at(10), at(15)]]


@EACH_VENDOR
async def test_an_error_over_a_writes_answer_leaves_open_whether_it_was_done(world: World, name: str) -> None:
    """It is looked for, and nothing is made twice."""
    await in_step(world)

    def broken(request: httpx.Request) -> None:
        if world.operation(name, request) == "create":
            raise ZeroDivisionError

    world.wires[name].after.append(broken)
    origin = "site" if name != "site" else "office"
    world.enter(origin, at(18))
    await world.cycle()
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10), at(15), at(18)]]


@pytest.mark.parametrize(
    "moment", [datetime(1970, 1, 1, 9, tzinfo=UTC), datetime(2101, 1, 1, 9, tzinfo=UTC)], ids=["1970", "2101"]
)
@EACH_VENDOR
async def test_a_time_that_is_a_programs_word_for_none_goes_nowhere(world: World, name: str, moment: datetime) -> None:
    """For one cycle a vendor shows 1970: it is a row that cannot be read, and nobody's appointment is moved there."""
    crm_id = await in_step(world)
    struck = world.the("crm", crm_id, name).id
    before = world.servers[name].entries[struck]
    start, end = before.start, before.end
    keeps_window = name in ("site", "book")  # these list by days, so that it leaves the listing as well
    world.servers[name].person_edit(struck, start=moment, end=moment + timedelta(minutes=30))
    result = await world.cycle()
    assert steps(result) == []
    others = [vendor for vendor in ALL if vendor != name]
    assert world.calendars(others) == [[at(10), at(15)]]
    assert keeps_window or "outside the years 2000 to 2100" in report.text(result)
    world.servers[name].person_edit(struck, start=start, end=end)
    await world.settle()
    assert world.calendars() == [[at(10), at(15)]]


def endless(number: int) -> dict[str, Any]:
    """A row of the CRM that no listing had before."""
    start = at(9) + timedelta(minutes=number)
    return {
        "id": f"endless-{number}",
        "title": "x",
        "start_time": start.isoformat(),
        "end_time": (start + timedelta(minutes=30)).isoformat(),
        "status": "scheduled",
        "version": 1,
        "attendees": [],
    }


@pytest.mark.parametrize("listing", [{"bytes": "20K"}, {"time": "30s"}], ids=["bytes", "time"])
async def test_pages_without_end_are_half_a_listing(worlds: Worlds, listing: dict[str, str]) -> None:
    """It ends within its budget, says which key raises that, and the others are brought in step meanwhile."""
    world = worlds(options={"crm": {"listing": listing}})
    crm_id = await in_step(world)
    numbers = iter(range(2_000))

    def page(request: httpx.Request) -> httpx.Response | None:
        if world.operation("crm", request) != "list":
            return None
        world.clock.forward(seconds=1)
        rows = [endless(next(numbers)) for _ in range(5)]
        meta = {"total": 10**6, "hasMore": True}
        return httpx.Response(200, json={"success": True, "data": {"appointments": rows, "meta": meta}})

    world.wires["crm"].instead = page
    world.move("office", world.the("crm", crm_id, "office").id, at(16))
    result = await world.cycle()
    assert result.exit_code == 3
    assert of(result, "crm").snapshot == "partial"
    assert f"raise {next(iter(listing))} of listing in [vendors.crm]" in (of(result, "crm").error or "")
    assert of(result, "crm").requests < 200
    assert world.calendars(["book", "office", "site"])[0][-1] == at(16)
    assert json.loads(report.json_text(result))


@EACH_VENDOR
async def test_a_record_whose_reading_breaks_does_not_stop_the_others(worlds: Worlds, name: str) -> None:
    """One row of the CRM, say, is read by id in vain: those behind it are read all the same."""
    world = worlds()
    entries = [world.enter(name, at(hour)) for hour in (10, 12, 14, 16)]

    def hook(request: httpx.Request) -> None:
        if world.operation(name, request) == "get" and request.url.path.endswith(f"/{entries[0].id}"):
            raise ZeroDivisionError

    world.wires[name].before.append(hook)
    for _ in range(3):
        await world.cycle()
    others = [vendor for vendor in ALL if vendor != name]
    for vendor in others:
        assert set(world.starts(vendor)) >= {at(12), at(14), at(16)}, vendor


async def test_a_text_of_thousands_of_letters_makes_no_line_of_the_report_endless(world: World) -> None:
    """It goes where it can, whole, and the report shows as much of it as a person reads; the JSON has it all."""
    crm_id = await in_step(world)
    office = world.the("crm", crm_id, "office").id
    world.servers["office"].person_edit(office, notes="N" * 60_000)
    world.enter("office", at(18), title="U" * 60_000)
    result = await world.cycle()
    assert max(map(len, report.text(result).splitlines())) < 3_000
    assert len(report.html(result)) < 60_000 < len(report.json_text(result))
    assert world.the("crm", crm_id, "site").notes.startswith("N" * 60_000)


def _every_number(body: bytes) -> bytes:
    return re.sub(rb'((?<!"id)(?<!"_id)":\s*)\d+', rb"\g<1>9223372036854775808", body)


def _no_utf8(body: bytes) -> bytes:
    return re.sub(rb'":\s*"', lambda found: found[0] + b"\xff\xfe", body)


def _never(body: bytes) -> bytes:
    return re.sub(rb"2026-", b"9999-", body)


def _brackets(_: bytes) -> bytes:
    return b'{"data":' + b"[" * 100_000


def _thousands_of_rows(body: bytes) -> bytes:
    """The first row of a list again and again, without a time and each time with another id."""
    found = re.search(rb'\{"_?id":\s*"?([^",]+)', body)
    if found is None:
        return body
    end, depth = found.start(), 0
    for end in range(found.start(), len(body)):
        depth += {b"{": 1, b"}": -1}.get(body[end : end + 1], 0)
        if not depth:
            break
    row = re.sub(rb"2026-\d\d-\d\d", b"soon", body[found.start() : end + 1])
    rows = [row.replace(found[1], b"7%d" % number, 1) for number in range(2_000)]
    return body[: found.start()] + b",".join([*rows, body[found.start() : end + 1]]) + body[end + 1 :]


def _nameless(body: bytes) -> bytes:
    """Instead of the first row of a list thousands without anything."""
    found = re.search(rb'\{"_?id":', body)
    if found is None:
        return body
    return body[: found.start()] + b"{}," * 10_001 + body[found.start() :]


ABSURD: dict[str, tuple[abc.Callable[[bytes], bytes], dict[str, str]]] = {
    "numbers": (_every_number, {}),
    "bytes": (_no_utf8, {}),
    "dates": (_never, {}),
    "brackets": (_brackets, {}),
    "rows": (_thousands_of_rows, {}),
    "no ids": (_nameless, {}),
    "crumbs": (lambda _: b"[" + b"{}," * 400_000 + b"{}]", {}),
    "date": (bytes, {"date": "Fri, 31 Dec 9999 23:59:59 GMT"}),
    "packed twice": (bytes, {"content-encoding": "gzip, gzip"}),
}


@EACH_VENDOR
@pytest.mark.parametrize("what", ABSURD)
async def test_three_cycles_of_an_absurd_answer_are_that_vendors_affair_alone(
    world: World, name: str, what: str
) -> None:
    """Others are moved meanwhile and stay in step; nothing is called off; it is in step when it answers well again."""
    crm_id = await in_step(world)
    change, headers = ABSURD[what]
    answers = world.wires[name].handle_async_request
    absurd = [True]

    async def struck(request: httpx.Request) -> httpx.Response:
        answer = await answers(request)
        if not absurd[0] or world.operation(name, request) != "list":
            return answer
        kept = {key: value for key, value in answer.headers.items() if key != "content-length"}
        return httpx.Response(answer.status_code, headers=kept | headers, content=change(await answer.aread()))

    world.wires[name].handle_async_request = struck  # type: ignore[method-assign]
    others = [vendor for vendor in ALL if vendor != name]
    for number, mover in enumerate(others):
        world.move(mover, world.the("crm", crm_id, mover).id, at(16 + number))
        result = await world.cycle()
        assert result.exit_code in (0, 3, 4), result
        assert world.calendars(others) == [[at(10), at(16 + number)]]
    absurd[0] = False
    await world.settle()
    assert world.calendars() == [[at(10), at(18)]]

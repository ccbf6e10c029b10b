"""Reading an Acuity account, in each of the shapes that its two documents give it."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from syncd.model.errors import Misconfigured, TooSlow, Unreadable
from syncd.model.record import Absent
from syncd.sandbox.frame.faults import Fault
from tests.vendors.acuity.world import (
    JANE,
    JORDAN,
    ROBIN,
    SHAPES,
    SMITH,
    WINDOW,
    World,
    appointment,
    at,
    listing,
    partly,
    read,
)


@pytest.fixture(params=SHAPES, ids=lambda shape: f"{shape['times']}-{shape['paging']}")
def world(request: pytest.FixtureRequest) -> World:
    """An account in each of its shapes."""
    return World(dict(request.param))


async def test_a_listing_shows_every_appointment_cancelled_ones_included(world: World) -> None:
    """451 bookings, one of them cancelled and one a no-show, all come with what a decision needs."""
    ids = world.person_books(451, people=SMITH)
    world.account.person_cancel(ids[3])
    world.account.person_edit(ids[4], status="no_show")
    vendor = world.vendor()
    records = [vendor.decode(row) for row in await listing(vendor)]
    assert sorted(record.remote_id for record in records) == sorted(ids)
    assert {record.content.clients for record in records} == {(JANE,)}
    statuses = {record.remote_id: record.content.status for record in records}
    assert (statuses[ids[3]], statuses[ids[4]], statuses[ids[5]]) == ("cancelled", "no_show", "scheduled")


async def test_a_second_listing_has_the_fingerprints_of_the_first(world: World) -> None:
    """What did not change is recognised without being decoded; what did is not."""
    ids = world.person_books(30)
    vendor = world.vendor()
    before = {row.remote_id: row.fingerprint for row in await listing(vendor)}
    world.account.person_edit(ids[7], notes="Side door")
    after = {row.remote_id: row.fingerprint for row in await listing(vendor)}
    assert [remote for remote in ids if before[remote] != after[remote]] == [ids[7]]


@pytest.mark.parametrize(("count", "paging", "requests"), [(50, "doc", 1), (451, "doc", 1), (451, "reference", 3)])
async def test_an_idle_cycle_costs_the_fewest_list_requests(count: int, paging: str, requests: int) -> None:
    """One answer where the server does not page, full pages where it does."""
    world = World({"paging": paging})
    world.person_books(count)
    vendor = world.vendor()
    await listing(vendor)
    assert vendor.traffic.requests == requests == world.account.counters.lists


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
async def test_the_window_is_whole_in_every_zone(zone: str) -> None:
    """Days are the calendar's, which may be a day off: the edges of the window are listed all the same."""
    world = World({"calendar_zone": zone})
    vendor = world.vendor()
    edges = [WINDOW.since, WINDOW.until - timedelta(minutes=1)]
    ids = [world.account.person_insert(start=start).id for start in edges]
    assert [row.remote_id for row in await listing(vendor)] == ids


async def test_many_pages_keep_to_the_vendors_rate() -> None:
    """Nothing is asked faster than Acuity allows, so that it never has to say so."""
    world = World({"paging": "reference", "rate": (10, 1)})
    world.person_books(1901)
    vendor = world.vendor()
    assert len(await listing(vendor)) == 1901
    assert vendor.traffic.requests == 10
    assert world.account.counters.refused == 0


async def test_rows_that_slip_between_pages_are_found() -> None:
    """Where a page repeats the row before it, the rest of it is read again in stretches that fit on one page."""
    world = World({"paging": "reference"})
    ids = world.person_books(300)
    world.account.faults.add(Fault("page_shift"))
    assert sorted(row.remote_id for row in await listing(world.vendor())) == ids


async def test_other_calendars_are_not_ours() -> None:
    """With one calendar the vendor is asked for it alone; with several their rows are picked out of all."""
    world = World()
    [mine] = world.person_books(1, staff=JORDAN)
    [other] = world.person_books(1, staff=ROBIN)
    assert [row.remote_id for row in await listing(world.vendor(calendar_ids=[JORDAN]))] == [mine]
    assert world.queries[-1]["calendarID"] == str(JORDAN)
    assert [row.remote_id for row in await listing(world.vendor(calendar_ids=[ROBIN, 5]))] == [other]
    assert "calendarID" not in world.queries[-1]


@pytest.mark.parametrize("kind", ["html", "empty", "truncate", "not_json"])
async def test_what_is_no_listing_is_not_read_as_one(kind: str) -> None:
    """A page of HTML, nothing, or half of it: unreadable, so that nothing looks deleted."""
    world = World()
    world.person_books(30)
    world.account.faults.add(Fault(kind, operation="list"))
    with pytest.raises(Unreadable, match="book: GET /appointments"):
        await listing(world.vendor())


async def test_an_error_that_comes_with_success_is_no_listing() -> None:
    """An object where a list belongs is unreadable."""
    world = World()
    world.account.faults.add(Fault("status", code=200, body={"status_code": 500, "error": "oops", "message": ""}))
    with pytest.raises(Unreadable):
        await listing(world.vendor())


async def test_a_page_that_fails_leaves_the_listing_partial() -> None:
    """The first page is given, of the whole and then of its first half, then the error."""
    world = World({"paging": "reference"})
    world.person_books(300)
    world.account.faults.add(Fault("partial_list"))
    found, error = await partly(world.vendor(timeout="1s").pages(WINDOW))
    assert 200 <= len({row.remote_id for row in found}) < 300
    assert isinstance(error, TooSlow)


@pytest.mark.parametrize("kind", ["hang", "status"])
async def test_days_that_are_too_much_at_once_are_read_in_halves(world: World, kind: str) -> None:
    """After a time-out or a 500 the halves come in the same cycle, and the next begins with them, in any process."""
    ids = {*world.person_books(301), *world.person_books(20, start=at(14) + timedelta(days=60))}
    days = "minDate=2026-11-29&maxDate=2027-03-02"
    world.account.faults.add(Fault(kind, operation="list", path=days, code=500))
    vendor = world.vendor()
    assert {row.remote_id for row in await listing(vendor)} == ids
    asked = [(query["minDate"], query["maxDate"]) for query in world.queries]
    assert asked[0] == ("2026-11-29", "2027-03-02")
    assert {*asked[1:]} == {("2026-11-29", "2027-01-14"), ("2027-01-15", "2027-03-02")}
    assert any("pieces of 47 days" in notice.text for notice in vendor.notices())
    world.seen.clear()
    again = world.vendor()
    again.recall(vendor.memory())
    assert {row.remote_id for row in await listing(again)} == ids
    assert asked[0] not in [(query["minDate"], query["maxDate"]) for query in world.queries]


async def test_a_row_that_cannot_be_identified_is_reported() -> None:
    """The others are given as usual."""
    world = World()
    ids = world.person_books(3)
    world.account.faults.add(Fault("status", code=200, body=[{"id": int(ids[0])}, None, {"id": True}, {"id": None}]))
    [page] = [page async for page in world.vendor().pages(WINDOW)]
    assert [row.remote_id for row in page.rows] == [ids[0]]
    assert len(page.unidentified) == 3


@pytest.mark.parametrize("code", [401, 403])
async def test_wrong_credentials_are_the_operators_to_correct(code: int) -> None:
    """Reads and writes alike say so, and never show the key."""
    world = World({"plan_has_api": code != 403})
    vendor = world.vendor(api_key="wrong-key" if code == 401 else world.account.api_key)
    [remote] = world.person_books()
    with pytest.raises(Misconfigured, match=str(code)) as caught:
        await listing(vendor)
    assert "wrong-key" not in str(caught.value)
    for call in (vendor.get(remote), vendor.create(appointment(), "token"), vendor.check()):
        with pytest.raises(Misconfigured, match=str(code)):
            await call


async def test_credentials_go_as_http_basic() -> None:
    """User id and key, as the vendor wants them."""
    world = World()
    await listing(world.vendor())
    sent = world.seen[0].headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == f"{world.account.user_id}:{world.account.api_key}"


async def test_a_record_by_id_is_what_its_list_row_is(world: World) -> None:
    """The keys that only an answer by id has carry nothing; such a record has no fingerprint to be compared by."""
    [remote] = world.person_books(people=SMITH)
    vendor = world.vendor()
    [row] = await listing(vendor)
    record = await read(vendor, remote)
    assert record.content == vendor.decode(row).content
    assert record.fingerprint is None


async def test_only_the_vendors_own_not_found_is_absence(world: World) -> None:
    """A 404 of somebody else's making, or another appointment, proves nothing."""
    vendor = world.vendor()
    assert await vendor.get("4711") == Absent(vendor="book", remote_id="4711")
    world.account.faults.add(Fault("status", code=404, body="<html>Not Found</html>", times=1))
    with pytest.raises(Unreadable, match="404"):
        await vendor.get("4711")
    world.account.faults.add(Fault("status", code=200, body={"id": 12}, times=1))
    with pytest.raises(Unreadable):
        await vendor.get("4711")


@pytest.mark.parametrize("kind", ["html", "empty", "truncate"])
async def test_a_broken_answer_by_id_is_no_record(kind: str) -> None:
    """Neither absent nor malformed: unreadable."""
    world = World()
    [remote] = world.person_books()
    world.account.faults.add(Fault(kind, operation="get"))
    with pytest.raises(Unreadable):
        await world.vendor().get(remote)

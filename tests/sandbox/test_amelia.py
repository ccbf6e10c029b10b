"""The WordPress site of the sandbox: what it shows, to whom, and in which shape."""

from typing import Any

import httpx
import pytest

from syncd.sandbox.serving.asgi import Application
from tests.sandbox.amelia_client import CONSULTATION, JANE, PATH, ROBIN, SHOWING, amelia, ask, entered, get, ids
from tests.sandbox.clients import Clock, at

ONE = {
    *("id", "bookings", "notifyParticipants", "internalNotes", "status", "serviceId", "parentId", "providerId"),
    *("locationId", "provider", "service", "location", "googleCalendarEventId", "googleMeetUrl", "isFull"),
    *("outlookCalendarEventId", "zoomMeeting", "lessonSpace", "bookingStart", "bookingEnd", "type", "isRescheduled"),
    "resources",
}
MARKS = {"cancelable", "reschedulable", "past", "isGroup"}
LISTED = ONE - {"isFull"} | MARKS
BOOKED = {
    *("id", "customerId", "customer", "status", "extras", "couponId", "price", "coupon", "customFields", "info"),
    *("appointmentId", "persons", "token", "payments", "utcOffset", "aggregatedPrice", "isChangedStatus", "isUpdated"),
    *("isLastBooking", "packageCustomerService", "ticketsData", "duration", "created", "actionsCompleted"),
}


async def test_one_appointment_has_the_keys_of_the_reference() -> None:
    """Wall-clock times of the site, no customer details, and an empty `recurring`."""
    vendor = amelia(by_id="reference")
    entry = entered(vendor, notes="gate code")
    data = await get(vendor, f"{PATH}/{entry.id}")
    row = data["appointment"]
    assert (set(data), set(row), set(row["bookings"][0])) == ({"appointment", "recurring"}, ONE, BOOKED)
    assert (row["bookingStart"], row["bookingEnd"]) == ("2026-12-10 11:00:00", "2026-12-10 11:30:00")
    assert (row["status"], row["internalNotes"], row["serviceId"]) == ("approved", "gate code", SHOWING)
    assert row["bookings"][0]["customer"] is None
    assert row["bookings"][0]["payments"][0]["dateTime"] == "2026-12-10 11:00:00"


async def test_a_listing_has_the_keys_of_the_reference() -> None:
    """Keyed by date, with each customer's details and with totals."""
    vendor = amelia()
    entered(vendor)
    entered(vendor, 34, status="pending")
    data = await get(vendor, dates="2026-12-10,2026-12-11", skipServices=1, skipProviders=1)
    assert set(data) == {
        *("appointments", "availablePackageBookings", "emptyPackageBookings", "occupied", "total"),
        *("totalApproved", "totalPending", "currentUser"),
    }
    assert (data["total"], data["totalApproved"], data["totalPending"]) == (2, 1, 1)
    assert [*data["appointments"]] == ["2026-12-10", "2026-12-11"]
    (row,) = data["appointments"]["2026-12-10"]["appointments"]
    assert (set(row), set(row["bookings"][0])) == (LISTED, BOOKED - {"isUpdated"})
    customer = row["bookings"][0]["customer"]
    assert (customer["firstName"], customer["email"], customer["phone"]) == ("Jane", JANE.email, JANE.phone)
    assert (row["past"], row["service"], row["provider"]) == (False, None, None)


async def test_services_and_providers_are_left_out_on_request() -> None:
    """Otherwise each row carries them."""
    vendor = amelia()
    entered(vendor)
    (row,) = (await get(vendor, asArray="true"))["appointments"]
    assert (row["service"]["name"], row["provider"]["firstName"]) == ("Showing", "Jordan")


@pytest.mark.parametrize(
    ("behaviour", "as_array", "rows", "expected"),
    [
        ({}, "true", 1, list),
        ({}, "false", 1, dict),
        ({"list_shape": "by_date"}, "true", 1, dict),
        ({}, "false", 0, list),
        ({"empty_as_array": False}, "false", 0, dict),
    ],
)
async def test_a_listing_is_an_object_or_an_array(
    behaviour: dict[str, Any], as_array: str, rows: int, expected: type
) -> None:
    """`asArray` decides where the build honours it; an empty object comes as `[]`."""
    vendor = amelia(**behaviour)
    for number in range(rows):
        entered(vendor, number)
    assert type((await get(vendor, asArray=as_array))["appointments"]) is expected


@pytest.mark.parametrize(
    ("query", "hours"),
    [
        # The site is an hour ahead of UTC: its 11 December begins at 23:00 UTC.
        ({"dates": "2026-12-10,2026-12-10"}, [-1, 22.5]),
        ({"dates": "2026-12-11,2026-12-11"}, [23]),
        ({"dates": "2026-12-11"}, [23]),
        ({"dates": ",2026-12-09"}, [-2]),
        ({}, [-2, -1, 22.5, 23]),
    ],
)
async def test_dates_are_local_days_of_the_start(query: dict[str, str], hours: list[float]) -> None:
    """Both days count; a day that is not given bounds nothing."""
    vendor = amelia()
    known: dict[float, int] = {hour: int(entered(vendor, hour).id) for hour in (-2, -1)}
    known[22.5] = int(entered(vendor, 22.5, staff={"provider": ROBIN}).id)
    known[23] = int(entered(vendor, 23, service=CONSULTATION).id)
    assert await ids(vendor, **query) == [known[hour] for hour in hours]


@pytest.mark.parametrize("key", ["status", "customerId", "search", "locations", "providers", "services", "foo"])
async def test_a_filter_that_no_document_shows_is_refused(key: str) -> None:
    """400 instead of an answer that would be taken for a filtered one; a site's language is no filter."""
    vendor = amelia()
    entered(vendor, 1)
    answer = await ask(vendor, "GET", PATH, **{key: "1"})
    assert (answer.status_code, f'no filter "{key}"' in answer.json()["message"]) == (400, True)
    assert len(await ids(vendor, lang="en")) == 1


async def test_a_malformed_date_is_silently_today() -> None:
    """Today by the vendor's own clock, in the site's zone."""
    vendor = amelia(Clock(at(23.5, day=9)))
    entered(vendor, -2)
    today = entered(vendor, 10)
    entered(vendor, 30)
    assert await ids(vendor, dates="10.12.2026,soon") == [int(today.id)]


async def test_without_a_page_everything_comes_at_once() -> None:
    """With one: twelve rows, or `limit`, which is at most 500; totals count everything."""
    vendor = amelia()
    every = [int(entered(vendor, number).id) for number in range(30)]
    assert await ids(vendor) == every
    assert await ids(vendor, page=2) == every[12:24]
    assert await ids(vendor, page=3) == every[24:]
    assert await ids(vendor, page=2, limit=20) == every[20:]
    assert (await get(vendor, page=1))["total"] == 30


@pytest.mark.parametrize(
    ("behaviour", "rows"), [({"generation": "1.x"}, 12), ({"generation": "2.1.3"}, 12), ({"page_size": 5}, 25)]
)
async def test_page_sizes_are_the_sites(behaviour: dict[str, Any], rows: int) -> None:
    """Builds before 2.4.2 ignore `limit` (measured); the usual size is a setting."""
    vendor = amelia(**behaviour)
    for number in range(30):
        entered(vendor, number)
    first, limited = await ids(vendor, page=1), await ids(vendor, page=1, limit=25)
    assert (len(first), len(limited)) == (behaviour.get("page_size", 12), rows)


async def test_equal_starts_may_come_in_any_order() -> None:
    """So pages can repeat and skip; sorted by id they do not."""
    vendor = amelia(shuffle_ties=True)
    every = [int(entered(vendor).id) for _ in range(24)]
    assert len({tuple(await ids(vendor)) for _ in range(5)}) > 1
    assert await ids(vendor, sort="id", page=1) + await ids(vendor, sort="id", page=2) == every


@pytest.mark.parametrize(("flags", "on", "off"), [("int", 1, 0), ("text", "1", "0"), ("bool", True, False)])
async def test_flags_come_in_three_forms(flags: str, on: Any, off: Any) -> None:
    """`notifyParticipants` may be a number, a text or a boolean."""
    vendor = amelia(flags=flags)
    shown = []
    for notify in (True, False):
        entry = entered(vendor, notify=notify)
        shown.append((await get(vendor, f"{PATH}/{entry.id}"))["appointment"]["notifyParticipants"])
    assert [(type(value), value) for value in shown] == [(type(on), on), (type(off), off)]


@pytest.mark.parametrize(("status", "word"), [("cancelled", "canceled"), ("no_show", "no-show")])
async def test_a_called_off_appointment_seems_to_take_no_time(status: str, word: str) -> None:
    """`bookingEnd` equals `bookingStart`, in listings as by id; the end comes back with a revival."""
    vendor = amelia()
    entry = entered(vendor, status=status)
    row = (await get(vendor, f"{PATH}/{entry.id}"))["appointment"]
    (listed,) = (await get(vendor, asArray="true"))["appointments"]
    assert (row["status"], row["bookings"][0]["status"]) == (word, word)
    assert row["bookingEnd"] == listed["bookingEnd"] == "2026-12-10 11:00:00"
    vendor.person_revive(entry.id)
    assert (await get(vendor, f"{PATH}/{entry.id}"))["appointment"]["bookingEnd"] == "2026-12-10 11:30:00"


@pytest.mark.parametrize(("zone", "local"), [("+05:30", "15:30:00"), ("-03:00", "07:00:00"), ("UTC", "10:00:00")])
async def test_a_site_may_have_a_fixed_offset(zone: str, local: str) -> None:
    """Times follow the zone of the switch."""
    vendor = amelia(zone=zone)
    entry = entered(vendor)
    row = (await get(vendor, f"{PATH}/{entry.id}"))["appointment"]
    assert row["bookingStart"] == f"2026-12-10 {local}"
    assert vendor.settings() == {"api_key": vendor.api_key, "timezone": zone}


async def test_a_row_knows_when_it_has_passed() -> None:
    """Without any change to the record; a row of an array says nothing about it (measured)."""
    clock = Clock()
    vendor = amelia(clock)
    entered(vendor)
    marks = []
    for now in (clock.now, at(11)):
        clock.now = now
        (row,) = (await get(vendor))["appointments"]["2026-12-10"]["appointments"]
        marks.append((row["past"], row["cancelable"]))
    assert marks == [(False, True), (True, False)]
    (bare,) = (await get(vendor, asArray="true"))["appointments"]
    assert set(bare) == LISTED - MARKS


@pytest.mark.parametrize("build", ["slim3", "slim4"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_unknown_id_is_an_invalid_key(build: str, method: str) -> None:
    """HTTP 500 in every build, and never 404."""
    answer = await ask(amelia(build=build), method, f"{PATH}/742")
    assert (answer.status_code, answer.json()) == (500, {"message": "Invalid key 742."})


@pytest.mark.parametrize(("bad_key", "status"), [("403", 403), ("empty", 200)])
async def test_a_wrong_key_gets_no_body(bad_key: str, status: int) -> None:
    """403, or 200 with nothing in it; both count as refused."""
    vendor = amelia(bad_key=bad_key)
    right, vendor.api_key = vendor.api_key, "another"
    wrong = httpx.Headers({"Amelia": right})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Application(vendor)), headers=wrong) as client:
        query = {"action": "wpamelia_api", "call": PATH}
        answer = await client.get(f"http://site.test{vendor.base_path}", params=query)
    assert (answer.status_code, answer.content, vendor.counters.refused) == (status, b"", 1)


@pytest.mark.parametrize(("build", "status"), [("slim3", 200), ("slim4", 400)])
async def test_without_the_plugin_the_body_is_a_nought(build: str, status: int) -> None:
    """As WordPress answers an action that nobody takes."""
    vendor = amelia(build=build, plugin_off=True)
    answer = await ask(vendor, "GET", PATH)
    assert (answer.status_code, answer.content) == (status, b"0")
    vendor.set_behaviour(plugin_off=False)
    assert (await ask(vendor, "GET", PATH, action="heartbeat")).content == b"0"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Application(vendor))) as client:
        assert (await client.get("http://site.test/wp-json/")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", PATH, 405),
        ("DELETE", f"{PATH}/1", 405),
        ("GET", "/api/v1/nothing", 404),
        ("GET", f"{PATH}/abc", 404),
        ("GET", "/services", 404),
        ("POST", "/api/v1/settings", 404),
    ],
)
@pytest.mark.parametrize("build", ["slim3", "slim4"])
async def test_there_is_no_route_to_another_endpoint(build: str, method: str, path: str, status: int) -> None:
    """GET and POST only, and only below `/api/v1`: a message on Slim 4, nothing on Slim 3 (measured)."""
    answer = await ask(amelia(build=build), method, path)
    assert answer.status_code == status
    assert ("message" in answer.json()) if build == "slim4" else answer.content == b""


async def test_requests_are_counted_by_their_call() -> None:
    """All of them have the same path."""
    vendor = amelia()
    await ask(vendor, "GET", PATH)
    await ask(vendor, "POST", f"{PATH}/status/5", {})
    assert list(vendor.counters.requests) == [f"GET {PATH}", f"POST {PATH}/status/5"]
    assert (vendor.counters.lists, vendor.counters.refused) == (1, 1)

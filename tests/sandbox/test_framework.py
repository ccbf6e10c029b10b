"""Every sandbox vendor has a control surface, counters, switches and faults."""

import json
import tomllib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from syncd.sandbox.actuallycare.server import ActuallyCare
from syncd.sandbox.frame.faults import ARGUMENTS, ConnectionDropped, Fault, NoAnswer, NoDelivery
from syncd.sandbox.frame.normalise import COMMON_SWITCHES
from syncd.sandbox.frame.records import Entry, Person
from syncd.sandbox.frame.vendor import SandboxVendor, UnknownRecord
from syncd.sandbox.serving.config import configuration
from tests.sandbox.clients import NOW, Clock, actuallycare, aivapad, api, at, control

MAKERS = pytest.mark.parametrize("make", [actuallycare, aivapad])
CREATE = {
    "actuallycare": {"title": "New", "start_time": "2026-12-10T10:00:00Z", "end_time": "2026-12-10T11:00:00Z"},
    "aivapad": {"title": "New", "date": "2026-12-10", "startTime": "09:00", "endTime": "10:00"},
}


def filled(make: Callable[..., SandboxVendor], count: int = 4, **behaviour: Any) -> SandboxVendor:
    """A vendor with records an hour apart, titled by number."""
    vendor = make(**behaviour)
    for number in range(count):
        person = Person("Jane", "Smith", f"jane{number}@example.com")
        vendor.person_insert(
            start=at(number), end=at(number + 1), title=str(number), people=[person], location="1 Elm Street"
        )
    return vendor


async def titles(client: httpx.AsyncClient, **query: Any) -> list[str]:
    """The titles of one list request."""
    data = (await client.get("/appointments", params=query)).json()["data"]
    return [row["title"] for row in (data if isinstance(data, list) else data["appointments"])]


# -- the control surface -------------------------------------------------------------------------------------------


@MAKERS
async def test_a_person_can_do_everything_by_the_control_surface(make: Callable[..., SandboxVendor]) -> None:
    """Insert, look, edit, delete: without credentials, in neutral terms, and counted nowhere."""
    clock = Clock()
    vendor = make(clock)
    jane = {"first_name": "Jane", "last_name": "Smith", "email": "jane@example.com", "phone": ""}
    async with control(vendor) as person:
        body = {
            "start": "2026-12-10T10:00:00Z",
            "end": "2026-12-10T11:00:00+00:00",
            "title": "Visit",
            "clients": [jane],
        }
        made = await person.post("/records", json=body)
        record = made.json()
        clock.advance(minutes=1)
        edited = (await person.patch(f"/records/{record['id']}", json={"title": "Second visit"})).json()
        listed = (await person.get("/records")).json()
        one = (await person.get(f"/records/{record['id']}")).json()
        gone = await person.delete(f"/records/{record['id']}")
        missing = await person.get(f"/records/{record['id']}")
    assert (made.status_code, record["clients"], record["version"], record["status"]) == (201, [jane], 1, "scheduled")
    assert (record["start"], record["modified_at"]) == ("2026-12-10T10:00:00Z", "2026-12-01T12:00:00.000Z")
    assert listed == [edited] == [one]
    assert (edited["title"], edited["version"], edited["modified_at"]) == (
        "Second visit",
        2,
        "2026-12-01T12:01:00.000Z",
    )
    assert (gone.json()["deleted"], missing.status_code) == (True, 404)
    assert not vendor.counters.requests
    assert [line["by"] for line in vendor.log] == ["person"] * 3


async def test_a_person_can_cancel_and_revive() -> None:
    """As far as the vendor's own screens allow it."""
    vendor = filled(actuallycare, 1)
    (record_id,) = vendor.entries
    async with control(vendor) as person:
        cancelled = (await person.post(f"/records/{record_id}/cancel")).json()
        revived = (await person.post(f"/records/{record_id}/revive")).json()
    assert [cancelled["status"], revived["status"], revived["version"]] == ["cancelled", "scheduled", 3]
    with pytest.raises(UnknownRecord):
        vendor.person_cancel("nobody's")


@pytest.mark.parametrize(
    ("method", "path", "body", "key"),
    [
        ("POST", "/records", {"end": "2026-12-10T11:00:00Z"}, "start"),
        ("POST", "/records", {"start": "2026-12-10T10:00:00"}, "start"),
        ("POST", "/records", {"start": "soon"}, "start"),
        ("POST", "/records", {"start": "2026-12-10T10:00:00Z", "colour": "red"}, "colour"),
        ("POST", "/records", {"start": "2026-12-10T10:00:00Z", "title": 5}, "title"),
        ("POST", "/records", {"start": "2026-12-10T10:00:00Z", "clients": [{"age": 5}]}, "clients.age"),
        ("POST", "/records", {"start": "2026-12-10T10:00:00Z", "clients": "Jane"}, "clients"),
        ("POST", "/records/bulk", {}, "list"),
        ("PATCH", "/records/taken", {"id": "other"}, "id"),
        ("POST", "/records", {"id": "taken", "start": "2026-12-10T10:00:00Z"}, "id"),
        ("PUT", "/behaviour", {"moody": True}, "moody"),
        ("PUT", "/behaviour", {"order": "random"}, "order"),
        ("PUT", "/behaviour", {"rate": [0, 1]}, "rate"),
        ("PUT", "/behaviour", [], "object"),
        ("POST", "/faults", {"kind": "earthquake"}, "kind"),
        ("POST", "/faults", {}, "kind"),
        ("POST", "/faults", {"kind": "hang", "code": 500}, "code"),
        ("POST", "/faults", {"kind": "hang", "times": 0}, "times"),
        ("POST", "/faults", {"kind": "hang", "after": "x"}, "after"),
        ("POST", "/faults", {"kind": "hang", "method": "FETCH"}, "method"),
        ("POST", "/faults", {"kind": "hang", "operation": "dance"}, "operation"),
        ("POST", "/faults", {"kind": "missing_field"}, "field"),
    ],
)
async def test_bad_control_input_is_refused_by_name(method: str, path: str, body: object, key: str) -> None:
    """A 400 whose message names the key."""
    vendor = actuallycare()
    vendor.person_insert(id="taken", start=at(1), end=at(2))
    async with control(vendor) as person:
        answer = await person.request(method, path, json=body)
    assert answer.status_code == 400
    assert key in answer.json()["error"]
    assert list(vendor.entries) == ["taken"]


async def test_an_unknown_control_is_404() -> None:
    """And a body that is not JSON is a 400."""
    async with control(actuallycare()) as person:
        assert (await person.get("/weather")).status_code == 404
        assert (await person.post("/records", content=b"{")).status_code == 400
        assert (await person.post("/records/1/delete")).status_code == 404


async def test_many_records_can_be_inserted_at_once() -> None:
    """For load: the answer has their ids in order."""
    vendor = actuallycare()
    async with control(vendor) as person:
        rows = [{"start": f"2026-12-{day:02}T10:00:00Z", "end": f"2026-12-{day:02}T11:00:00Z"} for day in range(1, 31)]
        answer = await person.post("/records/bulk", json=rows)
    assert answer.json()["inserted"] == list(vendor.entries)
    assert len(vendor.entries) == 30


async def test_counters_tell_reads_from_writes_and_can_be_reset() -> None:
    """With the recent requests; the log has what became of them."""
    vendor = filled(actuallycare, 1)
    (record_id,) = vendor.entries
    async with api(vendor) as client, control(vendor) as person:
        await client.get("/appointments")
        await client.get(f"/appointments/{record_id}")
        await client.post("/appointments", json=CREATE["actuallycare"])
        await client.post("/appointments", json={})
        counted = (await person.get("/counters")).json()
        log = (await person.get("/log")).json()
        await person.post("/counters/reset")
        zero = (await person.get("/counters")).json()
    counts = {key: counted[key] for key in ("lists", "gets", "writes", "creates", "refused")}
    assert counts == {"lists": 1, "gets": 1, "writes": 1, "creates": 1, "refused": 1}
    assert counted["requests"][:2] == ["GET /v1/appointments", f"GET /v1/appointments/{record_id}"]
    assert [line["outcome"] for line in log if line["event"] == "request"] == [200, 200, 201, 400]
    assert not any(zero.values())


async def test_control_requests_suffer_no_fault_and_take_none_of_the_rate() -> None:
    """Otherwise a hanging vendor could never be healed."""
    vendor = actuallycare(rate=(1, 60))
    async with api(vendor) as client, control(vendor) as person:
        added = await person.post("/faults", json={"kind": "hang"})
        listed = (await person.get("/faults")).json()
        with pytest.raises(NoAnswer):
            await client.get("/appointments")
        await person.delete("/faults")
        assert (await client.get("/appointments")).status_code == 200
        assert (await client.get("/appointments")).status_code == 429
    assert (added.status_code, listed[0]["kind"], listed[0]["fired"]) == (201, "hang", 0)


async def test_behaviour_is_shown_and_turned_at_run_time() -> None:
    """What is kept of earlier renderings is forgotten with it."""
    vendor = filled(actuallycare, 2)
    async with api(vendor) as client, control(vendor) as person:
        before = await titles(client)
        shown = (await person.put("/behaviour", json={"order": "desc"})).json()
        after = await titles(client)
        read = (await person.get("/behaviour")).json()
    assert (before, after) == (["0", "1"], ["1", "0"])
    assert (shown["order"], read["order"], read["trim_title"]) == ("desc", "desc", None)
    assert set(read) == set(ActuallyCare.all_switches()) > set(COMMON_SWITCHES)


@pytest.mark.parametrize(
    ("behaviour", "field", "kept"),
    [
        ({"trim_title": 5}, "title", "Site"),
        ({"drop_notes": True}, "notes", ""),
        ({"round_minutes": 15}, "start", at(10)),
        ({"reformat_phone": "digits"}, "people", [Person("Jane", phone="6615550101")]),
        ({"reformat_phone": "us"}, "people", [Person("Jane", phone="(661) 555-0101")]),
    ],
)
async def test_a_vendor_may_reword_what_it_keeps(behaviour: dict[str, Any], field: str, kept: object) -> None:
    """So a client has to read back what became of its write."""
    vendor = aivapad(**behaviour)
    start = at(10) + timedelta(minutes=7)
    people = [Person("Jane", phone="661-555-0101")]
    entry = vendor.person_insert(start=start, end=at(11), title="Site visit", notes="n", people=people)
    assert getattr(entry, field) == kept


# -- time and rate -------------------------------------------------------------------------------------------------


@MAKERS
async def test_the_date_header_comes_from_the_vendors_own_clock(make: Callable[..., SandboxVendor]) -> None:
    """So do modification times, whatever the world's clock says."""
    vendor = make(Clock())
    vendor.skew = timedelta(minutes=-10)
    async with api(vendor) as client:
        answer = await client.post("/appointments", json=CREATE[vendor.kind])
    (entry,) = vendor.entries.values()
    assert answer.headers["Date"] == "Tue, 01 Dec 2026 11:50:00 GMT"
    assert entry.modified_at == NOW - timedelta(minutes=10)


async def test_a_sliding_rate_lets_one_more_through_as_one_falls_out() -> None:
    """Retry-After says when."""
    clock = Clock()
    vendor = aivapad(clock, rate=(2, 10))
    async with api(vendor) as client:
        statuses = []
        for seconds in (0, 4, 4, 2, 1):
            clock.advance(seconds=seconds)
            answer = await client.get("/appointments")
            statuses.append((answer.status_code, answer.headers.get("Retry-After")))
    assert statuses == [(200, None), (200, None), (429, "2"), (200, None), (429, "3")]
    assert vendor.counters.refused == 2


# -- faults --------------------------------------------------------------------------------------------------------


@MAKERS
@pytest.mark.parametrize(
    ("fault", "status", "kind", "is_json"),
    [
        ({"kind": "status", "code": 502}, 502, "application/json", True),
        ({"kind": "status", "code": 500, "body": "oops"}, 500, "text/plain", False),
        ({"kind": "status", "code": 403, "body": {"a": 1}, "headers": {"X-A": "b"}}, 403, "application/json", True),
        ({"kind": "retry_after", "value": 7}, 429, "application/json", True),
        ({"kind": "html"}, 200, "text/html", False),
        ({"kind": "empty"}, 200, "application/json", False),
        ({"kind": "truncate"}, 200, "application/json", False),
        ({"kind": "not_json"}, 200, "application/json", False),
        ({"kind": "partial_list", "page": 1}, 500, "application/json", True),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else None,
)
async def test_a_fault_answers_instead_of_the_vendor(
    make: Callable[..., SandboxVendor], fault: dict[str, Any], status: int, kind: str, is_json: bool
) -> None:
    """Errors, pages and broken bodies as they come from a real vendor's bad day."""
    vendor = filled(make)
    struck = vendor.faults.add(Fault(**fault))
    async with api(vendor) as client:
        answer = await client.get("/appointments")
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (status, kind)
    if is_json:
        assert isinstance(answer.json(), dict)
    else:
        with pytest.raises(json.JSONDecodeError):
            answer.json()
    assert answer.headers.get("Retry-After") == ("7" if fault["kind"] == "retry_after" else None)
    assert struck.fired == 1


@MAKERS
@pytest.mark.parametrize(
    ("kind", "error", "committed"),
    [
        ("reset", ConnectionDropped, False),
        ("hang", NoAnswer, False),
        ("reset_after", ConnectionDropped, True),
        ("reset_body", ConnectionDropped, True),
        ("hang_after", NoAnswer, True),
    ],
)
async def test_a_lost_answer_says_whether_the_write_happened(
    make: Callable[..., SandboxVendor], kind: str, error: type[NoDelivery], committed: bool
) -> None:
    """In memory a lost answer is an exception, with the truth that a client over a socket never learns."""
    vendor = make()
    vendor.faults.add(Fault(kind, operation="create", times=1))
    async with api(vendor) as client:
        with pytest.raises(error) as lost:
            await client.post("/appointments", json=CREATE[vendor.kind])
        assert lost.value.committed is committed
        assert len(vendor.entries) == vendor.counters.writes == int(committed)
        assert (await client.post("/appointments", json=CREATE[vendor.kind])).status_code == 201


async def test_a_refused_write_is_not_committed_even_if_its_answer_is_lost() -> None:
    """`committed` is about the record, not about the request."""
    vendor = actuallycare()
    vendor.faults.add(Fault("reset_after"))
    async with api(vendor) as client:
        with pytest.raises(ConnectionDropped) as lost:
            await client.post("/appointments", json={})
    assert not lost.value.committed


async def test_a_fault_lets_some_requests_pass_and_ends() -> None:
    """`after` pass, `times` are struck, the rest pass."""
    vendor = actuallycare()
    fault = vendor.faults.add(Fault("status", after=1, times=2))
    async with api(vendor) as client:
        statuses = [(await client.get("/appointments")).status_code for _ in range(5)]
    assert statuses == [200, 503, 503, 200, 200]
    assert (fault.fired, vendor.counters.faulted, vendor.counters.lists) == (2, 2, 3)


@pytest.mark.parametrize(
    ("selection", "struck"),
    [
        ({}, [True, True, True]),
        ({"method": "POST"}, [False, False, True]),
        ({"operation": "list"}, [True, False, False]),
        ({"path": "/appointments/"}, [False, True, False]),
        ({"path": "page=1"}, [True, False, False]),
        ({"method": "GET", "operation": "get"}, [False, True, False]),
    ],
)
async def test_a_fault_strikes_what_it_selects(selection: dict[str, Any], struck: list[bool]) -> None:
    """By method, operation, and a part of path or query."""
    vendor = filled(actuallycare, 1)
    (record_id,) = vendor.entries
    vendor.faults.add(Fault("status", code=599, **selection))
    async with api(vendor) as client:
        answers = [
            await client.get("/appointments", params={"page": 1}),
            await client.get(f"/appointments/{record_id}"),
            await client.post("/appointments", json=CREATE["actuallycare"]),
        ]
    assert [answer.status_code == 599 for answer in answers] == struck


@MAKERS
async def test_listings_can_lie_in_five_ways(make: Callable[..., SandboxVendor]) -> None:
    """Empty, half, twice, with holes: each a well-formed 200."""
    vendor = filled(make)
    for kind in ("empty_list", "half_list", "duplicate_row"):
        vendor.faults.add(Fault(kind, times=1))
    async with api(vendor) as client:
        seen = [await titles(client) for _ in range(4)]
    assert seen == [[], ["0", "1"], ["0", "0", "1", "2", "3"], ["0", "1", "2", "3"]]


@MAKERS
async def test_a_listing_can_be_without_end(make: Callable[..., SandboxVendor]) -> None:
    """The last row again and again, under ids of the vendor's own make; the records are as they were."""
    vendor = filled(make)
    vendor.faults.add(Fault("endless_list", value=20_000, times=1))
    async with api(vendor) as client:
        answer = await client.get("/appointments")
        seen = await titles(client)
    assert len(answer.content) > 20_000
    assert seen == ["0", "1", "2", "3"]
    listed = answer.json()["data"]
    rows = listed if isinstance(listed, list) else listed["appointments"]
    ids = [row.get("id") or row.get("_id") for row in rows]
    assert len(set(ids)) == len(ids) > 4
    assert {row["title"] for row in rows[4:]} == {"3"}


@MAKERS
async def test_texts_can_be_in_no_encoding(make: Callable[..., SandboxVendor]) -> None:
    """Bytes that no letter begins with; for the vendor's users nothing has happened."""
    vendor = filled(make)
    vendor.faults.add(Fault("not_utf_8", times=1))
    async with api(vendor) as client:
        answer = await client.get("/appointments")
        assert await titles(client) == ["0", "1", "2", "3"]
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode()
    assert b'"\xff\xfe0"' in answer.content


@MAKERS
async def test_a_value_can_be_bad_in_every_row(make: Callable[..., SandboxVendor]) -> None:
    """Or in one of them only."""
    vendor = filled(make)
    one = list(vendor.entries)[1]
    for record in ("*", one, None):
        vendor.faults.add(Fault("bad_value", field="title", body=[], record=record, times=1))
    async with api(vendor) as client:
        seen = [await titles(client) for _ in range(3)]
    assert [[isinstance(title, list) for title in some] for some in seen] == [
        [True, True, True, True],
        [False, True, False, False],
        [True, False, False, False],
    ]


async def test_a_half_listing_keeps_its_totals_and_an_empty_one_does_not() -> None:
    """Only the first can be found out from the answer alone."""
    vendor = filled(actuallycare)
    vendor.faults.add(Fault("half_list", times=1))
    vendor.faults.add(Fault("empty_list", times=1))
    async with api(vendor) as client:
        totals = [(await client.get("/appointments")).json()["data"]["meta"]["total"] for _ in range(2)]
    assert totals == [4, 0]


@pytest.mark.parametrize(("shift", "second"), [(-1, ["1", "2"]), (1, ["3"])], ids=["repeated", "skipped"])
async def test_paging_can_shift_under_the_reader(shift: int, second: list[str]) -> None:
    """As when a record is inserted, or removed, between two pages."""
    vendor = filled(actuallycare)
    vendor.faults.add(Fault("page_shift", shift=shift))
    async with api(vendor) as client:
        assert await titles(client, limit=2) == ["0", "1"]
        assert await titles(client, limit=2, page=2) == second


async def test_one_page_of_a_listing_can_fail() -> None:
    """The others arrive."""
    vendor = filled(actuallycare)
    vendor.faults.add(Fault("partial_list", page=2))
    async with api(vendor) as client:
        statuses = [
            (await client.get("/appointments", params={"limit": 2, "page": page})).status_code for page in (1, 2, 1)
        ]
    assert statuses == [200, 500, 200]


@MAKERS
@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ({"kind": "unknown_status"}, lambda row: row["status"] == "on_hold"),
        ({"kind": "unknown_status", "value": "snoozed"}, lambda row: row["status"] == "snoozed"),
        ({"kind": "null_fields"}, lambda row: row["location"] is None),
        ({"kind": "null_fields", "fields": ["title"]}, lambda row: row["title"] is None),
        ({"kind": "missing_field", "field": "status"}, lambda row: "status" not in row),
        ({"kind": "extra_fields"}, lambda row: row.get("ext") == {"nested": {"value": 1}}),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else None,
)
async def test_rows_can_be_odd_in_listings_and_by_id(
    make: Callable[..., SandboxVendor], fault: dict[str, Any], check: Callable[[dict[str, Any]], bool]
) -> None:
    """Unknown words, nulls, holes and new keys; when the fault ends, the rows are as before."""
    vendor = filled(make)
    record_id = next(iter(vendor.entries))
    vendor.faults.add(Fault(**fault))
    async with api(vendor) as client:
        listed = (await client.get("/appointments")).json()["data"]
        rows = listed if isinstance(listed, list) else listed["appointments"]
        one = (await client.get(f"/appointments/{record_id}")).json()["data"]
        vendor.faults.clear()
        healed = (await client.get(f"/appointments/{record_id}")).json()["data"]
    assert all(check(row) for row in [*rows, one])
    assert not check(healed)


@MAKERS
async def test_a_stale_read_shows_the_record_before_its_last_write(make: Callable[..., SandboxVendor]) -> None:
    """Edited: as it was; just created by the API: not there; just deleted: still there."""
    vendor = filled(make, 3)
    edited, deleted, _ = vendor.entries
    vendor.person_edit(edited, title="new")
    vendor.person_delete(deleted)
    async with api(vendor) as client:
        await client.post("/appointments", json=CREATE[vendor.kind])
        vendor.faults.add(Fault("stale", times=2))
        listed = await titles(client)
        one = (await client.get(f"/appointments/{deleted}")).status_code
        now = await titles(client)
    assert sorted(listed) == ["0", "1", "2"]
    assert one == 200
    assert sorted(now) == ["2", "New", "new"]


def test_every_kind_of_fault_can_be_told_from_json() -> None:
    """The control surface shows a fault with the arguments of its kind."""
    for kind, arguments in ARGUMENTS.items():
        shown = Fault(kind, field="id").as_json()
        assert set(arguments) <= set(shown)
        json.dumps(shown)


# -- rendering, configuration --------------------------------------------------------------------------------------


async def test_a_record_is_rendered_once_until_it_changes() -> None:
    """Five thousand records list fast because their text is kept."""
    rendered: list[str] = []

    class Watched(ActuallyCare):
        """Notes each rendering."""

        def render(self, entry: Entry, shape: str) -> dict[str, Any]:
            rendered.append(entry.title)
            return super().render(entry, shape)

    vendor = Watched("crm", clock=Clock())
    for number in range(3):
        vendor.person_insert(start=at(number), end=at(number + 1), title=str(number))
    async with api(vendor) as client:
        first = await titles(client)
        await titles(client)
        vendor.person_edit(next(iter(vendor.entries)), title="9")
        last = await titles(client)
    assert (first, last) == (["0", "1", "2"], ["9", "1", "2"])
    assert rendered == ["0", "1", "2", "9"]


def test_the_configuration_is_complete_and_readable() -> None:
    """Addresses, credentials, zones and the catalogue of the vendors that are there; options on top."""
    vendors = [actuallycare(), aivapad()]
    text = configuration(
        {"crm": "http://127.0.0.1:1", "office": "http://127.0.0.1:2"},
        vendors,
        "sqlite:///state.db",
        rate="1000/s",
        sync={"conflict": "manual"},
        options={"office": {"read_only": True, "rate": None}},
    )
    read = tomllib.loads(text)
    assert read["sync"] == {"priority": ["crm", "office"], "conflict": "manual"}
    assert read["state"] == {"url": "sqlite:///state.db"}
    assert read["vendors"]["crm"] == {
        "kind": "actuallycare",
        "base_url": "http://127.0.0.1:1/v1",
        "own_addresses": ["agent@example.com"],
        "api_key": "5a" * 32,
        "rate": "1000/s",
    }
    assert read["vendors"]["office"]["timezone"] == "America/Los_Angeles"
    assert (read["vendors"]["office"]["read_only"], "rate" in read["vendors"]["office"]) == (True, False)
    assert [row["ids"] for row in read["services"]] == [{"crm": "showing"}, {"crm": "meeting"}]


@MAKERS
async def test_the_control_surface_says_what_can_be_done_there(make: Callable[..., SandboxVendor]) -> None:
    """Every control that takes no record answers as it is listed; every fault is listed with its arguments."""
    async with control(make(Clock())) as person:
        listed = (await person.get("/")).json()
        assert listed["faults"]["status"] == ["code", "body", "headers"]
        for control_name in listed["controls"]:
            method, path = control_name.split()
            if method == "GET" and "ID" not in path:
                assert (await person.get(f"/{path}")).status_code == 200

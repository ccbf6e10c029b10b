"""The back office of the sandbox keeps to Aivapad's reference, and to its switches where that is silent."""

from datetime import timedelta
from typing import Any

import pytest

from syncd.sandbox.frame.records import Person
from tests.sandbox.clients import Clock, aivapad, api, at

JANE = Person("Jane", "Smith", "jane@example.com", "(661) 555-0101")
NEW = {
    "title": "Site Visit",
    "date": "2026-12-10",
    "startTime": "09:00",
    "endTime": "10:00",
    "clientFirstName": "Jane",
    "clientLastName": "Smith",
    "clientEmail": "jane@example.com",
    "notificationEnabled": False,
}
KEYS = {
    *("_id", "title", "date", "startTime", "endTime", "status", "clientFirstName", "clientLastName", "clientEmail"),
    *("location", "notificationEnabled", "allDay", "createdAt", "updatedAt"),
}


async def test_a_record_has_the_keys_of_the_reference() -> None:
    """Local wall-clock times without a zone, an update time, no version and no phone."""
    vendor = aivapad()
    vendor.person_insert(start=at(17), end=at(18), title="Site Visit", people=[JANE])
    async with api(vendor) as client:
        answer = await client.get("/appointments")
    (row,) = answer.json()["data"]
    assert set(row) == KEYS
    assert (row["date"], row["startTime"], row["endTime"]) == ("2026-12-10", "09:00", "10:00")
    assert (row["status"], row["clientEmail"], row["updatedAt"]) == (
        "default",
        "jane@example.com",
        "2026-12-01T12:00:00.000Z",
    )


async def test_a_create_stores_local_times_and_answers_in_part() -> None:
    """201 with id and title; a phone number is not kept."""
    vendor = aivapad()
    async with api(vendor) as client:
        answer = await client.post("/appointments", json={**NEW, "clientPhone": "5550101", "notes": "gate code"})
    (entry,) = vendor.entries.values()
    assert (answer.status_code, answer.json()) == (
        201,
        {"success": True, "data": {"_id": entry.id, "title": "Site Visit"}},
    )
    assert (entry.start, entry.end, entry.notes) == (at(17), at(18), "gate code")
    assert entry.people == [Person("Jane", "Smith", "jane@example.com", "")]


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"title": None},
        {"date": None},
        {"date": "2026-02-30"},
        {"date": "10/12/2026"},
        {"startTime": "9:00"},
        {"startTime": "25:00"},
        {"endTime": None},
        {"notificationEnabled": "no"},
        {"location": 3},
        {"status": 1},
    ],
)
async def test_a_wrong_create_is_refused_in_words(change: dict[str, Any]) -> None:
    """A 400 with a text and no code."""
    vendor = aivapad()
    async with api(vendor) as client:
        answer = await client.post("/appointments", json={**NEW, **change})
    assert (answer.status_code, answer.json()["success"]) == (400, False)
    assert isinstance(answer.json()["error"], str)
    assert not vendor.entries


async def test_a_title_may_be_all_that_is_required() -> None:
    """The reference names the title alone: without strict dates the rest has defaults."""
    vendor = aivapad(strict_dates=False)
    async with api(vendor) as client:
        assert (await client.post("/appointments", json={"title": "Note"})).status_code == 201
        loose = {"title": "Visit", "date": "2026-12-9", "startTime": "9:00", "endTime": "10:30:00"}
        assert (await client.post("/appointments", json=loose)).status_code == 201
    first, second = vendor.entries.values()
    assert (first.start, first.end) == (at(8, day=1), at(9, day=1))
    assert (second.start, second.end) == (at(17, day=9), at(18.5, day=9))


@pytest.mark.parametrize("header", [None, "Bearer aiva_wrong", "Basic x"], ids=["missing", "wrong", "another scheme"])
async def test_every_failure_of_authentication_is_403(header: str | None) -> None:
    """The body is a Portuguese text."""
    async with api(aivapad()) as client:
        del client.headers["Authorization"]
        answer = await client.get("/appointments", headers={} if header is None else {"Authorization": header})
    assert (answer.status_code, answer.json()["success"]) == (403, False)
    assert "Token" in answer.json()["error"]


async def test_a_token_may_lack_the_scope_to_write() -> None:
    """Reads and conflict checks go on."""
    vendor = aivapad(can_write=False)
    times = {key: NEW[key] for key in ("date", "startTime", "endTime")}
    async with api(vendor) as client:
        statuses = [
            (await client.get("/appointments")).status_code,
            (await client.post("/appointments/check-conflict", json=times)).status_code,
            (await client.post("/appointments", json=NEW)).status_code,
        ]
    assert statuses == [200, 200, 403]


async def test_an_update_is_partial() -> None:
    """What it does not name stays; the answer has id and status."""
    clock = Clock()
    vendor = aivapad(clock)
    entry = vendor.person_insert(start=at(17), end=at(18), title="Site Visit", people=[JANE], notify=False)
    clock.advance(minutes=3)
    async with api(vendor) as client:
        body = {"status": "success", "notes": "Client confirmed on site", "clientLastName": "Jones"}
        answer = await client.put(f"/appointments/{entry.id}", json=body)
        full = (await client.get(f"/appointments/{entry.id}")).json()["data"]
    assert answer.json() == {"success": True, "data": {"_id": entry.id, "status": "success"}}
    assert (full["title"], full["notes"], full["clientLastName"]) == ("Site Visit", "Client confirmed on site", "Jones")
    assert (full["startTime"], full["updatedAt"]) == ("09:00", "2026-12-01T12:03:00.000Z")
    assert vendor.entries[entry.id].people == [Person("Jane", "Jones", "jane@example.com", "(661) 555-0101")]


@pytest.mark.parametrize(
    ("body", "start", "end"),
    [
        ({"date": "2026-12-11"}, at(17, day=11), at(18, day=11)),
        ({"startTime": "08:30"}, at(16.5), at(18)),
        ({"endTime": "00:30"}, at(17), at(32.5)),
        ({"startTime": "22:00", "endTime": "21:00"}, at(30), at(53)),
        ({"allDay": True}, at(8), at(32)),
    ],
    ids=["another day", "another start", "past midnight", "nearly a day", "all day"],
)
async def test_an_update_moves_what_it_names(body: dict[str, Any], start: object, end: object) -> None:
    """An end before the start is the next day's."""
    vendor = aivapad()
    entry = vendor.person_insert(start=at(17), end=at(18), title="Site Visit")
    async with api(vendor) as client:
        await client.put(f"/appointments/{entry.id}", json=body)
    kept = vendor.entries[entry.id]
    assert (kept.start, kept.end) == (start, end)
    assert vendor.log[-1]["operation"] == "reschedule"


@pytest.mark.parametrize(("switch", "status"), [("refused", 400), ("kept", 201)])
async def test_equal_times_are_no_length(switch: str, status: int) -> None:
    """Whether the vendor takes them is unknown; a day they are not."""
    vendor = aivapad(equal_times=switch)
    body = {"title": "Site Visit", "date": "2026-12-10", "startTime": "10:00", "endTime": "10:00"}
    async with api(vendor) as client:
        assert (await client.post("/appointments", json=body)).status_code == status
    assert [entry.end - entry.start for entry in vendor.entries.values()] == [timedelta(0)] * (status == 201)


@pytest.mark.parametrize(("switch", "minutes"), [("refused", 60), ("kept", 0)])
async def test_a_person_enters_equal_times_where_the_account_keeps_them(switch: str, minutes: int) -> None:
    """Elsewhere it takes an hour, as what is entered without an end does anywhere."""
    vendor = aivapad(equal_times=switch)
    entry = vendor.person_insert(start=at(20), end=at(20), title="Site Visit")
    assert entry.end - entry.start == timedelta(minutes=minutes)
    async with api(vendor) as client:
        [row] = (await client.get("/appointments")).json()["data"]
    assert (row["startTime"] == row["endTime"]) is (minutes == 0)
    assert vendor.person_insert(start=at(22), title="Visit").end == at(23)


@pytest.mark.parametrize(
    ("behaviour", "times"),
    [
        ("midnights", {"startTime": "00:00", "endTime": "00:00"}),
        ("empty", {"startTime": "", "endTime": ""}),
        ("absent", {}),
    ],
)
async def test_an_all_day_record_takes_the_whole_local_day(behaviour: str, times: dict[str, str]) -> None:
    """What stands for its times is unknown."""
    vendor = aivapad(all_day_times=behaviour)
    entry = vendor.person_insert(start=at(20), all_day=True, title="Closed")
    async with api(vendor) as client:
        (row,) = (await client.get("/appointments")).json()["data"]
    assert (entry.start, entry.end) == (at(8), at(32))
    assert {key: row[key] for key in ("date", "startTime", "endTime", "allDay") if key in row} == {
        "date": "2026-12-10",
        "allDay": True,
        **times,
    }


async def test_local_times_follow_daylight_saving() -> None:
    """The same wall-clock time is another instant in summer."""
    vendor = aivapad()
    async with api(vendor) as client:
        await client.post("/appointments", json={**NEW, "date": "2026-07-10"})
        await client.post("/appointments", json={**NEW, "date": "2026-11-01", "startTime": "01:30", "endTime": "02:30"})
    summer, overlap = vendor.entries.values()
    assert summer.start.isoformat() == "2026-07-10T16:00:00+00:00"
    assert (overlap.start.isoformat(), overlap.end.isoformat()) == (
        "2026-11-01T08:30:00+00:00",
        "2026-11-01T10:30:00+00:00",
    )


async def test_an_unknown_status_is_kept_as_it_is() -> None:
    """Only `default` and `success` have a known meaning."""
    vendor = aivapad()
    entry = vendor.person_insert(start=at(17), end=at(18), title="Visit")
    async with api(vendor) as client:
        await client.put(f"/appointments/{entry.id}", json={"status": "danger"})
        assert (await client.get(f"/appointments/{entry.id}")).json()["data"]["status"] == "danger"


async def test_an_account_may_have_a_word_for_cancelled() -> None:
    """Without one, people cancel by deleting."""
    plain, worded = aivapad(), aivapad(cancelled_status="danger")
    for vendor in (plain, worded):
        vendor.person_cancel(vendor.person_insert(start=at(17), end=at(18), title="Visit").id)
    assert not plain.entries
    async with api(worded) as client:
        (row,) = (await client.get("/appointments")).json()["data"]
        assert row["status"] == "danger"
        await client.put(f"/appointments/{row['_id']}", json={"status": "default"})
        await client.put(f"/appointments/{row['_id']}", json={"status": "danger"})
    (entry,) = worded.entries.values()
    assert entry.status == "cancelled"


async def test_a_delete_is_for_good() -> None:
    """`success` alone is the answer; then the id is unknown, in Portuguese."""
    vendor = aivapad()
    entry = vendor.person_insert(start=at(17), end=at(18), title="Visit")
    async with api(vendor) as client:
        gone = await client.delete(f"/appointments/{entry.id}")
        again = await client.delete(f"/appointments/{entry.id}")
    assert (gone.status_code, gone.json()) == (200, {"success": True})
    assert (again.status_code, again.json()["error"]) == (404, "Agendamento não encontrado")


@pytest.mark.parametrize(
    ("stored", "flag", "mails"), [(True, None, 3), (True, False, 1), (False, None, 0), (False, True, 2)]
)
async def test_mails_follow_the_effective_flag(stored: bool, flag: bool | None, mails: int) -> None:
    """The request's flag counts and stays; a request without one leaves the stored flag; a delete has only that."""
    vendor = aivapad()
    body = {**NEW, "notificationEnabled": stored}
    change = {"notes": "x"} if flag is None else {"notes": "x", "notificationEnabled": flag}
    async with api(vendor) as client:
        await client.post("/appointments", json=body)
        (entry_id,) = vendor.entries
        await client.put(f"/appointments/{entry_id}", json=change)
        await client.delete(f"/appointments/{entry_id}")
    assert vendor.counters.notifications == mails


async def test_a_create_without_the_flag_mails() -> None:
    """And where there is no address, nobody is mailed."""
    vendor = aivapad()
    async with api(vendor) as client:
        await client.post("/appointments", json={key: NEW[key] for key in NEW if key != "notificationEnabled"})
        await client.post("/appointments", json={key: NEW[key] for key in ("title", "date", "startTime", "endTime")})
    assert vendor.counters.notifications == 1


async def test_a_conflict_check_names_what_overlaps() -> None:
    """Touching is no overlap, and a record does not conflict with itself."""
    vendor = aivapad()
    entry = vendor.person_insert(start=at(17), end=at(18), title="Visit")
    times = {"date": "2026-12-10", "startTime": "09:30", "endTime": "10:30"}
    async with api(vendor) as client:
        hit = (await client.post("/appointments/check-conflict", json=times)).json()["data"]
        own = (await client.post("/appointments/check-conflict", json={**times, "excludeId": entry.id})).json()["data"]
        after = (await client.post("/appointments/check-conflict", json={**times, "startTime": "10:00"})).json()["data"]
        short = await client.post("/appointments/check-conflict", json={"date": "2026-12-10"})
    assert (hit["hasConflict"], [row["_id"] for row in hit["conflictingAppointments"]]) == (True, [entry.id])
    assert own == after == {"hasConflict": False, "conflictingAppointments": []}
    assert short.status_code == 400
    assert vendor.counters.writes == 0


async def test_what_would_be_ignored_is_refused() -> None:
    """No filter is documented, so none is accepted and forgotten; a page only where it pages."""
    vendor, paging = aivapad(), aivapad(paged=True)
    entry = vendor.person_insert(start=at(17), end=at(18), title="Visit")
    times = {"date": "2026-12-10", "startTime": "09:30", "endTime": "10:30"}
    async with api(vendor) as client, api(paging) as pages:
        answers = [
            await client.get("/appointments", params={"date": "2026-12-10"}),
            await client.get("/appointments", params={"page": 1}),
            await client.get(f"/appointments/{entry.id}", params={"fields": "title"}),
            await client.post("/appointments/check-conflict", json={**times, "staff": "Jordan"}),
            await client.post("/appointments/check-conflict", json={**times, "excludeId": 7}),
            await pages.get("/appointments", params={"page": 1, "limit": 5}),
        ]
        assert (await pages.get("/appointments", params={"page": 1})).status_code == 200
    assert [answer.status_code for answer in answers] == [400] * 6


@pytest.mark.parametrize(("enforced", "statuses"), [(True, [400, 400]), (False, [201, 200])])
async def test_conflicts_are_refused_only_where_the_vendor_does(enforced: bool, statuses: list[int]) -> None:
    """Whether it does is unknown."""
    vendor = aivapad(enforce_conflicts=enforced)
    vendor.person_insert(start=at(17), end=at(18), title="Visit")
    other = vendor.person_insert(start=at(20), end=at(21), title="Other")
    async with api(vendor) as client:
        create = await client.post("/appointments", json={**NEW, "startTime": "09:30"})
        move = await client.put(f"/appointments/{other.id}", json={"startTime": "09:30", "endTime": "10:30"})
    assert [create.status_code, move.status_code] == statuses


async def test_answers_may_be_bare_and_full() -> None:
    """Sibling resources answer without the envelope; the id's key may be `id`."""
    vendor = aivapad(envelope="bare", answers="full", id_key="id")
    async with api(vendor) as client:
        created = (await client.post("/appointments", json=NEW)).json()
        listed = (await client.get("/appointments")).json()
        one = (await client.get(f"/appointments/{created['id']}")).json()
    assert listed == [created] == [one]
    assert set(created) == KEYS - {"_id"} | {"id"}


@pytest.mark.parametrize("envelope", ["wrapped", "bare"])
async def test_a_paged_listing_says_that_it_is_one(envelope: str) -> None:
    """Should the vendor ever page, it would show by its keys."""
    vendor = aivapad(paged=True, page_size=2, envelope=envelope)
    for hour in range(3):
        vendor.person_insert(start=at(hour), end=at(hour + 1), title=str(hour))
    async with api(vendor) as client:
        first = (await client.get("/appointments")).json()
        second = (await client.get("/appointments", params={"page": 2})).json()
    assert [len(first["data"]), first["page"], first["hasMore"]] == [2, 1, True]
    assert [len(second["data"]), second["page"], second["hasMore"]] == [1, 2, False]
    assert ("success" in first) == (envelope == "wrapped")

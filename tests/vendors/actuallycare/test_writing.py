"""What ActuallyCare is asked to write, and what each of its answers proves."""

from __future__ import annotations

import json
from collections import abc
from datetime import timedelta
from typing import Any

import httpx
import pytest

from syncd.model.appointment import Field, Status
from syncd.model.errors import Misconfigured, Refused, Stale, Unreachable, Unreadable
from syncd.model.record import Record
from syncd.model.times import Slot
from syncd.vendors.actuallycare.adapter import Adapter
from syncd.vendors.port import Uncertain, WriteResult, Written
from tests.vendors.actuallycare.world import NOW, World, answering, appointment, failure, known

HTML = httpx.Response(404, headers={"content-type": "text/html"}, content=b"<html>not here</html>")
SLOT = frozenset({Field.SLOT})
LATER = Slot(start=NOW + timedelta(hours=5), end=NOW + timedelta(hours=6))


async def test_a_create_makes_one_record_that_reads_back() -> None:
    """Title, times, type and location arrive; the id comes back, the rest is to be read."""
    world = World()
    target = appointment(title="Visit", service="Consultation", location="12 Sample Street")
    written = await world.crm.create(target, "token")
    assert isinstance(written, Written)
    assert written.record is None
    assert (await known(world, written.remote_id)).content == target
    assert world.server.counters.creates == 1


@pytest.mark.parametrize("behaviour", [{"get_rows": "reference"}, {"get_rows": "full"}])
async def test_a_reschedule_answers_with_the_whole_record(behaviour: dict[str, Any]) -> None:
    """The update shows the record as it is now, one version later."""
    world = World(**behaviour)
    entry = world.insert(10)
    record = await known(world, entry.id)
    written = await world.crm.write(record, record.content.with_values({Field.SLOT: LATER}), SLOT)
    assert isinstance(written, Written)
    assert written.record is not None
    assert (written.record.content.slot, written.record.revision) == (LATER, 2)
    assert written.record.modified_at == NOW
    assert written.note is None
    assert world.server.entries[entry.id].start == LATER.start


async def test_slot_and_status_go_in_one_request() -> None:
    """A cancelled appointment that comes back at another time is one write."""
    world = World()
    entry = world.insert(10, status="cancelled")
    record = await known(world, entry.id)
    target = record.content.with_values({Field.SLOT: LATER, Field.STATUS: Status.SCHEDULED})
    await world.crm.write(record, target, frozenset({Field.SLOT, Field.STATUS}))
    assert world.server.counters.writes == 1
    kept = world.server.entries[entry.id]
    assert (kept.start, kept.status) == (LATER.start, "scheduled")


async def test_a_cancelled_record_stays_and_can_be_revived() -> None:
    """Cancelling sets a status; nothing is deleted."""
    world = World()
    entry = world.insert(10)
    cancelled = await world.crm.cancel(await known(world, entry.id))
    assert isinstance(cancelled, Written)
    assert world.server.entries[entry.id].status == "cancelled"
    record = await known(world, entry.id)
    target = record.content.with_values({Field.STATUS: Status.SCHEDULED})
    await world.crm.write(record, target, frozenset({Field.STATUS}))
    assert world.server.entries[entry.id].status == "scheduled"


@pytest.mark.parametrize("answer", ["409", "400"])
async def test_a_write_over_somebody_elses_change_is_stale(answer: str) -> None:
    """However the vendor refuses an old version, the record is to be observed again; the change stands."""
    world = World(stale_version=answer)
    entry = world.insert(10)
    record = await known(world, entry.id)
    world.server.person_edit(entry.id, title="Changed by a person")
    with pytest.raises(Stale, match=rf"crm: PUT /appointments/.*{answer}"):
        await world.crm.write(record, record.content.with_values({Field.SLOT: LATER}), SLOT)
    assert world.server.entries[entry.id].start == entry.start


async def test_a_vendor_that_ignores_versions_is_noticed_by_the_version_it_answers() -> None:
    """A version that rose by two tells of a change between our read and our write."""
    world = World(stale_version="ignored")
    entry = world.insert(10)
    record = await known(world, entry.id)
    world.server.person_edit(entry.id, title="Changed by a person")
    written = await world.crm.write(record, record.content.with_values({Field.SLOT: LATER}), SLOT)
    assert isinstance(written, Written)
    assert written.note is not None
    assert "crm took the write" in written.note
    assert written.record is not None
    assert written.record.content.title == "Changed by a person"


async def test_a_write_to_a_record_that_is_gone_is_stale() -> None:
    """The record vanished after it was read: that is for the next observation to settle."""
    world = World()
    entry = world.insert(10)
    record = await known(world, entry.id)
    world.server.person_delete(entry.id)
    with pytest.raises(Stale, match="gone"):
        await world.crm.cancel(record)


async def test_a_record_without_a_version_is_written_without_one() -> None:
    """Where the vendor shows no version, none is invented."""
    requests: list[httpx.Request] = []
    row = {"id": "a", "start_time": "2026-12-02T10:00:00Z", "end_time": "2026-12-02T10:30:00Z"}
    crm = answering(httpx.Response(200, json={"success": True, "data": row}), requests=requests)
    record = await crm.get("a")
    assert isinstance(record, Record)
    written = await crm.write(record, record.content.with_values({Field.SLOT: LATER}), SLOT)
    assert written == Written(remote_id="a")
    assert set(json.loads(requests[1].content)) == {"start_time", "end_time"}


async def test_a_write_whose_answer_is_no_appointment_is_done_and_read_back() -> None:
    """The vendor names the record that it wrote; what it shows of it is of no use, so that nothing is made of it."""
    crm = answering(httpx.Response(200, json={"success": True, "data": {"id": "a", "version": 4}}))
    assert await moving(crm) == Written(remote_id="a")


Write = abc.Callable[[Adapter], abc.Awaitable[WriteResult]]


def creating(crm: Adapter) -> abc.Awaitable[WriteResult]:
    """A create."""
    return crm.create(appointment(), "token")


def moving(crm: Adapter) -> abc.Awaitable[WriteResult]:
    """A reschedule of a record that was read at version 3."""
    record = Record(vendor="crm", remote_id="a", content=appointment(), shows=SLOT, revision=3)
    return crm.write(record, appointment(slot=LATER), SLOT)


@pytest.mark.parametrize("write", [creating, moving])
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200),
        httpx.Response(201, content=b"<html>thank you</html>"),
        httpx.Response(200, json={"success": True, "data": {}}),
        httpx.Response(200, content=b'{"success":true,"data":{"id"'),
        httpx.Response(200, json=[]),
        failure(500),
        httpx.Response(502, content=b"<html>bad gateway</html>"),
    ],
)
async def test_a_write_without_a_clear_answer_is_uncertain(write: Write, answer: httpx.Response) -> None:
    """A success that shows no record, and any failure on the vendor's side, may have been carried out."""
    requests: list[httpx.Request] = []
    result = await write(answering(answer, requests=requests))
    assert isinstance(result, Uncertain)
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("write", "answer", "error", "word"),
    [
        (creating, failure(400), Refused, "VALIDATION_ERROR"),
        (creating, failure(409, "SLOT_CONFLICT"), Refused, "SLOT_CONFLICT"),
        (creating, failure(422), Refused, "422"),
        (creating, httpx.Response(200, json={"success": False, "error": {"code": "NO"}}), Refused, "NO"),
        (creating, failure(404, "NOT_FOUND"), Misconfigured, "base_url"),
        (creating, failure(402, "PLAN"), Misconfigured, "PLAN"),
        (moving, failure(400), Refused, "VALIDATION_ERROR"),
        (moving, failure(400, "STALE_RECORD"), Stale, "STALE_RECORD"),
        (moving, failure(400, "EDIT_CONFLICT"), Stale, "EDIT_CONFLICT"),
        (moving, failure(409, "ANYTHING"), Stale, "ANYTHING"),
        (moving, failure(401, "TOKEN_EXPIRED"), Misconfigured, "api_key"),
        (moving, failure(403, "ACCOUNT_NOT_ACTIVE"), Misconfigured, "ACCOUNT_NOT_ACTIVE"),
        (moving, failure(403, "INSUFFICIENT_SCOPE"), Misconfigured, "scopes"),
        (moving, failure(400, "not a code: jordan@example.com"), Refused, "UNKNOWN"),
        (moving, failure(405, "METHOD_NOT_ALLOWED"), Misconfigured, "base_url"),
        (moving, HTML, Unreadable, "base_url"),
        (moving, httpx.Response(400, content=b"<html>"), Unreadable, "400"),
        (moving, httpx.Response(302, headers={"location": "https://x.example"}), Misconfigured, "base_url"),
        (moving, httpx.Response(429), Unreachable, "429"),
    ],
)
async def test_a_refused_write_says_what_to_do(
    write: Write, answer: httpx.Response, error: type[Exception], word: str
) -> None:
    """Each clear no becomes the error that names the next move, with the code and without the vendor's message."""
    with pytest.raises(error, match=word) as caught:
        await write(answering(answer))
    assert str(caught.value).startswith("crm: P")
    assert "jordan@" not in str(caught.value)


@pytest.mark.parametrize("fault", ["reset_after", "hang_after", "reset", "hang", "truncate", "html"])
async def test_a_create_whose_answer_is_lost_is_never_sent_twice(fault: str) -> None:
    """Whatever happened to it, one request left and its outcome is open."""
    world = World()
    world.fault(fault, operation="create")
    assert isinstance(await world.crm.create(appointment(), "token"), Uncertain)
    assert len(world.requests) == 1


async def test_a_full_rate_is_waited_out_as_long_as_the_vendor_asks() -> None:
    """A 429 with Retry-After delays a write and loses nothing."""
    world = World()
    world.fault("retry_after", value="7", times=1)
    assert isinstance(await world.crm.create(appointment(), "token"), Written)
    assert world.now - NOW >= timedelta(seconds=7)
    assert world.server.counters.creates == 1

"""Aivapad through the port: what it can do, what is read, what is written, and what an answer proves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from syncd.model.appointment import Field, Status
from syncd.model.capabilities import Ability
from syncd.model.catalogue import Catalogue, Entry
from syncd.model.errors import Misconfigured, Refused, Stale, Unreachable, Unreadable, VendorError
from syncd.model.record import Absent
from syncd.model.times import Slot
from syncd.vendors.port import Uncertain, Written
from tests.vendors.aivapad.world import (
    HALF_HOUR,
    PERSON,
    World,
    adapter,
    answering,
    appointment,
    failure,
    row,
    wrapped,
)

HTML = httpx.Response(404, headers={"content-type": "text/html"}, content=b"<html>not here</html>")
SHAPES = [{}, {"envelope": "bare"}, {"id_key": "id"}, {"answers": "full"}, {"all_day_times": "empty"}]
SLOT, STATUS, NOTES = frozenset({Field.SLOT}), frozenset({Field.STATUS}), frozenset({Field.NOTES})


@pytest.mark.parametrize("shape", SHAPES, ids=str)
async def test_an_appointment_is_created_and_read_back_as_it_was_meant(shape: dict[str, Any]) -> None:
    """Whatever shape the answers have, what is created is what was wanted."""
    world = World(**shape)
    target = appointment(location="12 Sample Street", notes="bring keys")
    written = await world.office.create(target, "token")
    assert isinstance(written, Written)
    assert (await world.known(written.remote_id)).content == target
    assert (written.record is not None) == (shape == {"answers": "full"})


@pytest.mark.parametrize("shape", SHAPES, ids=str)
async def test_each_field_can_be_changed_alone(shape: dict[str, Any]) -> None:
    """A change brings its field to the target and leaves the others."""
    world = World(**shape)
    entry = world.insert(notes="bring keys")
    target = appointment(
        slot=Slot(start=entry.start + HALF_HOUR, end=entry.end + timedelta(hours=1)),
        title="Talk",
        location="There",
        notes="nothing",
        status=Status.COMPLETED,
    )
    for field in (Field.SLOT, Field.TITLE, Field.LOCATION, Field.NOTES, Field.STATUS):
        before = await world.known(entry.id)
        written = await world.office.write(before, target, frozenset({field}))
        assert isinstance(written, Written)
        after = await world.known(entry.id)
        assert after.content == before.content.with_values({field: target.get(field)})


async def test_all_day_is_written_as_such_and_read_back() -> None:
    """The whole local day in Los Angeles."""
    world = World()
    entry = world.insert()
    start = appointment().slot.start - timedelta(hours=10)
    target = appointment(slot=Slot(start=start, end=start + timedelta(days=1), all_day=True))
    await world.office.write(await world.known(entry.id), target, SLOT)
    assert (await world.known(entry.id)).content.slot == target.slot
    assert world.sent("PUT")[0]["allDay"] is True


async def test_an_unknown_status_is_kept_until_another_one_is_asked_for() -> None:
    """A word of the account's own survives every other change, and a request for what it already means."""
    world = World()
    entry = world.insert(status="warning")
    record = await world.known(entry.id)
    assert (record.content.status, dict(record.kept)) == (Status.SCHEDULED, {"status": "warning"})
    await world.office.write(record, appointment(notes="n"), NOTES | SLOT | STATUS)
    assert (await world.known(entry.id)).kept == {"status": "warning"}
    assert "status" not in world.sent("PUT")[0]
    await world.office.write(record, appointment(status=Status.COMPLETED), STATUS)
    assert (await world.known(entry.id)).content.status is Status.COMPLETED


async def test_a_status_that_the_answer_left_out_is_written() -> None:
    """An answer without the key says nothing of it: what is asked for is sent, and not taken for done."""
    world = World(cancelled_status="Cancelada", settings={"cancelled_status": "Cancelada"})
    entry = world.insert(status="cancelled")
    ended = appointment(status=Status.CANCELLED)
    record = await world.known(entry.id)
    silent = replace(record, content=ended, shows=record.shows - STATUS)
    for before in (silent, replace(silent, content=appointment())):  # whatever it was taken for
        world.server.person_edit(entry.id, status="cancelled")
        await world.office.write(before, appointment(), STATUS)
        assert (await world.known(entry.id)).content.status is Status.SCHEDULED


async def test_a_status_that_is_there_already_costs_no_request() -> None:
    """Nothing to say, nothing sent."""
    world = World()
    record = await world.known(world.insert().id)
    written = await world.office.write(record, appointment(), STATUS)
    assert written == Written(remote_id=record.remote_id, record=record)
    assert world.sent("PUT") == []


async def test_without_a_word_for_it_cancelling_deletes() -> None:
    """The record is gone, by the vendor's own not-found."""
    world = World()
    entry = world.insert()
    assert isinstance(await world.office.cancel(await world.known(entry.id)), Written)
    assert await world.office.get(entry.id) == Absent(vendor="office", remote_id=entry.id)


async def test_with_a_word_for_it_cancelling_sets_the_status() -> None:
    """The record stays, and can be revived."""
    world = World(cancelled_status="Cancelada", settings={"cancelled_status": "Cancelada"})
    entry = world.insert()
    record = await world.known(entry.id)
    await world.office.cancel(record)
    cancelled = await world.known(entry.id)
    assert cancelled.content.status is Status.CANCELLED
    await world.office.write(cancelled, record.content, STATUS)
    assert (await world.known(entry.id)).content.status is Status.SCHEDULED
    capabilities = world.office.capabilities
    assert (capabilities.soft_cancel, capabilities.uncancels) == (True, True)
    assert Status.CANCELLED in capabilities.statuses


async def test_no_write_of_syncd_s_mails_a_client() -> None:
    """Even where a person had left the notifications on."""
    world = World()
    entry = world.insert(notify=True)
    await world.office.create(appointment(), "token")
    await world.office.write(await world.known(entry.id), appointment(notes="n"), NOTES)
    other = world.insert(notify=True)
    written = await world.office.cancel(await world.known(other.id))
    assert isinstance(written, Written)
    assert written.note is not None
    assert world.server.counters.notifications == 0
    assert world.sent("PUT")[-1] == {"notificationEnabled": False}


async def test_a_record_whose_notifications_are_off_is_deleted_by_one_request() -> None:
    """Nothing has to be switched off."""
    world = World()
    entry = world.insert(notify=False)
    assert await world.office.cancel(await world.known(entry.id)) == Written(remote_id=entry.id)
    assert [request.method for request in world.requests] == ["GET", "DELETE"]


async def test_clients_are_mailed_where_the_operator_says_so() -> None:
    """`notify_clients` leaves the account's own flags alone."""
    world = World(notify=True)
    entry = world.insert(notify=True)
    await world.office.create(appointment(), "token")
    await world.office.write(await world.known(entry.id), appointment(notes="n"), NOTES)
    await world.office.cancel(await world.known(entry.id))
    assert world.server.counters.notifications == 3
    assert world.sent("PUT") == [{"notes": "n"}]


async def test_a_record_is_not_deleted_while_its_notifications_may_be_on() -> None:
    """No clear answer to switching them off: nothing is cancelled, and the next cycle tries again."""
    world = World()
    entry = world.insert(notify=True)
    record = await world.known(entry.id)
    world.fault("reset_after", method="PUT")
    with pytest.raises(Unreachable, match="not deleted"):
        await world.office.cancel(record)
    assert entry.id in world.server.entries


async def test_the_token_stands_in_the_notes_only_if_the_operator_wants_it() -> None:
    """Clients may see the notes."""
    silent, marked = World(), World(settings={"token_in_notes": True})
    for world in (silent, marked):
        await world.office.create(appointment(notes="n"), "t-1")
    assert silent.sent("POST")[0]["notes"] == "n"
    assert marked.sent("POST")[0]["notes"] == "n\n\n[syncd:t-1]"
    [row] = await marked.rows()
    assert (marked.office.decode(row).token, marked.office.decode(row).content.notes) == ("t-1", "n")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (HTML, Unreadable),
        (httpx.Response(404), Unreadable),
        (httpx.Response(404, json={"error": "not found"}), Unreadable),
        (failure(400), Unreadable),
        (failure(401), Misconfigured),
        (failure(403), Misconfigured),
        (httpx.Response(403, content=b"<html>"), Misconfigured),
        (failure(500), Unreachable),
        (failure(200), Unreadable),
        (wrapped({}), Unreadable),
        (wrapped(None), Unreadable),
        (wrapped([row()]), Unreadable),
        (wrapped(row(_id="b")), Unreadable),
        (httpx.Response(200, json={"success": True}), Unreadable),
        (httpx.Response(200, content=b'{"success":true,"data":{"_id":"a1"'), Unreadable),
        (httpx.Response(200, content=b"<html>"), Unreadable),
        (httpx.Response(200), Unreadable),
        (httpx.Response(200, content=b"[" * 100_000), Unreadable),
        (httpx.Response(302, headers={"location": "https://example.com/login"}), Misconfigured),
    ],
)
async def test_no_other_answer_than_the_vendors_own_makes_a_record_absent(
    answer: httpx.Response, error: type[VendorError]
) -> None:
    """The error says what the caller does next, and quotes neither vendor nor client."""
    with pytest.raises(error) as caught:
        await answering(answer).get("a1")
    assert "office: GET /appointments/a1: " in str(caught.value)
    assert "jordan" not in str(caught.value)


async def test_the_vendors_own_not_found_makes_a_record_absent() -> None:
    """404 in its envelope."""
    assert await answering(failure(404)).get("a1") == Absent(vendor="office", remote_id="a1")


async def test_a_refused_token_names_all_that_it_may_be() -> None:
    """Aivapad answers 403 to everything: token, scope, account."""
    with pytest.raises(Misconfigured) as caught:
        await answering(failure(403)).check()
    assert all(word in str(caught.value) for word in ("token", "scope", "account"))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (failure(400), Refused),
        (failure(409), Refused),
        (failure(200), Refused),
        (httpx.Response(422, content=b"no"), Refused),
        (failure(403), Misconfigured),
        (failure(404), Stale),
        (HTML, Unreadable),
        (failure(500), Uncertain),
        (httpx.Response(200), Uncertain),
        (httpx.Response(200, content=b"<html>"), Uncertain),
        (httpx.Response(200, content=b'{"success":tr'), Uncertain),
        (httpx.Response(200, json={}), Uncertain),
        (wrapped({"_id": "b"}), Uncertain),
        (wrapped({"_id": "a1", "status": "default"}), Written(remote_id="a1")),
        (httpx.Response(200, json={"success": True}), Written(remote_id="a1")),
        (httpx.Response(200, json={"_id": "a1"}), Written(remote_id="a1")),
    ],
)
@pytest.mark.parametrize("write", ["update", "cancel"])
async def test_a_write_is_believed_only_for_a_clear_answer(write: str, answer: httpx.Response, expected: Any) -> None:
    """Refused, stale and misconfigured mean that nothing was done; anything unclear is uncertain."""
    read = answering(wrapped(row()), answer)
    record = await read.get("a1")
    assert not isinstance(record, Absent)

    async def written() -> object:
        if write == "cancel":
            return await read.cancel(record)
        return await read.write(record, appointment(notes="other"), NOTES)

    if isinstance(expected, type) and issubclass(expected, VendorError):
        with pytest.raises(expected) as caught:
            await written()
        assert "jordan" not in str(caught.value)
    elif expected is Uncertain:
        assert isinstance(await written(), Uncertain)
    else:
        done = await written()
        assert isinstance(done, Written)
        assert replace(done, record=None) == expected
        told = b"status" in answer.content and write == "update"
        assert (None if done.record is None else done.record.shows) == ({Field.STATUS} if told else None)


async def test_a_deletion_without_content_is_one() -> None:
    """204 has no body by its nature."""
    office = answering(wrapped(row()), httpx.Response(204))
    record = await office.get("a1")
    assert not isinstance(record, Absent)
    assert await office.cancel(record) == Written(remote_id="a1")


@pytest.mark.parametrize(
    "answer", [wrapped({"title": "Visit"}, 201), httpx.Response(201), httpx.Response(201, json={"success": True})]
)
async def test_a_create_without_an_id_is_uncertain(answer: httpx.Response) -> None:
    """It is looked for before anything else happens."""
    assert isinstance(await answering(answer).create(appointment(), "token"), Uncertain)


async def test_a_create_is_sent_once() -> None:
    """An answer that got lost is no reason to create again."""
    world = World()
    world.fault("reset_after", method="POST")
    assert isinstance(await world.office.create(appointment(), "token"), Uncertain)
    assert len(world.sent("POST")) == 1


async def test_a_slot_that_is_taken_is_refused() -> None:
    """Where the account enforces it."""
    world = World(enforce_conflicts=True)
    entry = world.insert()
    with pytest.raises(Refused):
        await world.office.create(appointment(slot=Slot(start=entry.start, end=entry.end)), "token")


async def test_the_conflict_check_tells_of_overlaps_but_for_the_record_itself() -> None:
    """A read, although it is sent as POST."""
    world = World()
    entry = world.insert()
    client = world.office.api
    times = {"date": "2026-12-01", "startTime": "10:00", "endTime": "10:30", "allDay": False}
    found = await client.conflicts(times)
    assert found.hasConflict
    assert entry.id.encode() in bytes(found.conflictingAppointments)
    assert not (await client.conflicts(times, exclude=entry.id)).hasConflict
    with pytest.raises(Unreadable):
        await answering(wrapped({})).api.conflicts(times)


def test_it_declares_what_it_can_do() -> None:
    """One write carries everything; no service, no staff, no telephone number."""
    capabilities = adapter(lambda connection: httpx.MockTransport(lambda request: HTML)).capabilities
    everything = Ability(seen=True, created=True, updated=True)
    assert {field: capabilities.ability(field) for field in Field} == {
        **dict.fromkeys((Field.SLOT, Field.TITLE, Field.LOCATION, Field.NOTES, Field.CLIENTS), everything),
        Field.STATUS: Ability(seen=True, updated=True),
        Field.SERVICE: Ability(),
        Field.STAFF: Ability(),
    }
    assert capabilities.together == (frozenset(Field) - {Field.SERVICE, Field.STAFF},)
    assert capabilities.statuses == {Status.SCHEDULED, Status.COMPLETED}
    assert (capabilities.soft_cancel, capabilities.uncancels, capabilities.guards_writes) == (False, False, False)
    assert (capabilities.sets_all_day, capabilities.whole_minutes, capabilities.modification_times) == (True,) * 3
    assert "phone" not in capabilities.client_parts


def test_it_objects_to_what_takes_longer_than_a_day() -> None:
    """An appointment of two days is not cut short."""
    capabilities = adapter(lambda connection: httpx.MockTransport(lambda request: HTML)).capabilities
    slot = appointment().slot
    long = appointment(slot=Slot(start=slot.start, end=slot.end + timedelta(days=1)))
    assert capabilities.objection(appointment()) is None
    assert "office" in (capabilities.objection(long) or "")
    assert not capabilities.holds(Field.SLOT, long)
    assert capabilities.holds(Field.CLIENTS, appointment())
    assert not capabilities.holds(Field.CLIENTS, appointment(clients=()))
    assert not capabilities.holds(Field.TITLE, appointment(title=""))
    assert not capabilities.holds(Field.STAFF, appointment(staff="Jordan"))
    assert capabilities.holds(Field.NOTES, appointment())


async def test_a_check_tells_what_would_have_no_effect() -> None:
    """Unknown statuses, unreadable records, catalogue ids that mean nothing here."""
    rows = [row(), row(_id="b", status="warning"), row(_id="c", status="warning"), row(_id="d", date="")]
    catalogue = Catalogue(services=(Entry(name="Showing", ids={"office": 1}), Entry(name="Talk", ids={"crm": 1})))
    office = answering(wrapped([*rows, {"title": "Visit"}]), catalogue=catalogue)
    sentences = await office.check()
    assert len(sentences) == 4
    assert any("'warning'" in sentence and "(2 records)" in sentence for sentence in sentences)
    assert any("date is missing" in sentence for sentence in sentences)
    assert any("no id" in sentence for sentence in sentences)
    assert any("'Showing'" in sentence for sentence in sentences)
    assert await answering(wrapped([])).check() == ()


async def test_the_token_goes_as_a_bearer_and_into_no_error() -> None:
    """The header carries it, messages do not."""
    requests: list[httpx.Request] = []
    office = answering(failure(403), requests=requests, token="aiva_canary")
    with pytest.raises(Misconfigured) as caught:
        await office.get("a1")
    assert requests[0].headers["authorization"] == "Bearer aiva_canary"
    assert "canary" not in str(caught.value)
    assert PERSON.email not in str(caught.value)
    await office.aclose()

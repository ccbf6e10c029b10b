"""Writing to an Acuity account: what is sent, what an answer proves, and who is mailed (nobody)."""

from __future__ import annotations

import pytest

from syncd.model.appointment import Client, Field, Status
from syncd.model.errors import Refused, Stale
from syncd.sandbox.frame.faults import Fault
from tests.vendors.acuity.world import (
    ROBIN,
    SHAPES,
    SMITH,
    World,
    appointment,
    at,
    body_of,
    listing,
    read,
    slot,
    uncertain,
    written,
)

CLIENT_AND_NOTES = frozenset({Field.CLIENTS, Field.NOTES})


@pytest.fixture(params=SHAPES, ids=lambda shape: f"{shape['times']}-{shape['paging']}")
def world(request: pytest.FixtureRequest) -> World:
    """An account in each of its shapes."""
    return World(dict(request.param))


async def test_a_created_appointment_is_the_one_that_was_asked_for(world: World) -> None:
    """As the admin, in the staff's calendar, without a mail to anybody."""
    vendor = world.vendor()
    target = appointment(notes="Side door", staff="Robin")
    record = written(await vendor.create(target, "token"))
    assert record.content.with_values({Field.TITLE: ""}) == target
    assert (await read(vendor, record.remote_id)).content == record.content
    assert world.queries[0] == {"admin": "true", "noEmail": "true"}
    assert body_of(world.seen[0])["calendarID"] == ROBIN
    assert world.account.counters.notifications == 0


async def test_clients_are_mailed_only_if_the_operator_says_so() -> None:
    """`notify_clients` lets the vendor send what it sends."""
    world = World()
    vendor = world.vendor(notify_clients=True)
    record = written(await vendor.create(appointment(), "token"))
    await vendor.cancel(record)
    assert world.account.counters.notifications == 2


async def test_times_are_written_on_the_calendars_clock_once_it_is_known() -> None:
    """Before any row was seen they are in UTC; either way the offset makes them unambiguous."""
    world = World({"calendar_zone": "Asia/Kolkata"})
    vendor = world.vendor()
    await vendor.create(appointment(), "token")
    await listing(vendor)
    await vendor.create(appointment(), "token")
    sent = [body_of(request)["datetime"] for request in world.seen if request.method == "POST"]
    assert sent == ["2026-12-10T15:00:00+0000", "2026-12-10T20:30:00+0530"]


async def test_the_placeholder_is_booked_where_there_is_no_client(world: World) -> None:
    """And it reads back as no client."""
    vendor = world.vendor()
    record = written(await vendor.create(appointment(clients=()), "token"))
    assert record.content.clients == ()
    assert world.account.entries[record.remote_id].people[0].email == "desk@example.com"


async def test_the_only_synced_calendar_serves_staff_without_one() -> None:
    """A row of other vendors' staff needs no id here if there is nothing to choose."""
    world = World()
    vendor = world.vendor(calendar_ids=[ROBIN])
    record = written(await vendor.create(appointment(staff="Kim"), "token"))
    assert record.content.staff == "Robin"


async def test_what_cannot_be_booked_is_refused_before_anything_is_sent() -> None:
    """The refusal says what to do."""
    world = World()
    with pytest.raises(Refused, match="client = "):
        await world.vendor(client=None).create(appointment(clients=()), "token")
    assert not world.seen


@pytest.mark.parametrize(
    ("fault", "answered"),
    [
        (Fault("reset_after"), True),
        (Fault("hang_after"), True),
        (Fault("truncate"), True),
        (Fault("html"), True),
        (Fault("empty"), True),
        (Fault("status", code=500), False),
        (Fault("status", code=200, body={"id": None}), False),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
async def test_a_create_without_a_clear_answer_is_uncertain_and_never_repeated(fault: Fault, answered: bool) -> None:
    """Whether it was made is not known; it is asked once."""
    world = World()
    world.account.faults.add(fault)
    assert "not known" in uncertain(await world.vendor().create(appointment(), "token"))
    assert len(world.seen) == 1
    assert len(world.account.entries) <= int(answered)


async def test_a_create_that_was_answered_with_an_odd_row_is_done() -> None:
    """Its id is known, so that it is read back."""
    world = World()
    world.account.faults.add(Fault("missing_field", field="duration", operation="create"))
    result = await world.vendor().create(appointment(), "token")
    assert (getattr(result, "remote_id", None), getattr(result, "record", ...)) == (*world.account.entries, None)


@pytest.mark.parametrize(
    ("code", "error", "message"),
    [
        (400, "not_available", "Jane's time is gone"),
        (409, "double_booked", ""),
        (422, "invalid_data", "time_unavailable"),
    ],
)
async def test_a_no_is_a_refusal_with_the_vendors_code_and_no_client(code: int, error: str, message: str) -> None:
    """Acuity's sentences may quote the client: only its codes are shown."""
    world = World()
    world.account.faults.add(Fault("status", code=code, body={"status_code": code, "error": error, "message": message}))
    with pytest.raises(Refused, match=f"book: POST /appointments: refused with {code} {error}") as caught:
        await world.vendor().create(appointment(), "token")
    assert "Jane" not in str(caught.value)
    assert ("time_unavailable" in str(caught.value)) == (code == 422)


async def test_a_move_keeps_the_id_the_calendar_and_all_else(world: World) -> None:
    """By the reschedule call, as the admin, in the calendar that the record is in."""
    [remote] = world.person_books(people=SMITH, staff=ROBIN, notes="Side door")
    vendor = world.vendor()
    before = await read(vendor, remote)
    target = before.content.with_values({Field.SLOT: slot(at(20))})
    record = written(await vendor.write(before, target, frozenset({Field.SLOT})))
    assert record.content == target
    assert body_of(world.seen[-1])["calendarID"] == ROBIN
    assert world.queries[-1] == {"admin": "true", "noEmail": "true"}


async def test_staff_changes_by_a_move_to_the_same_time(world: World) -> None:
    """Acuity ignores a calendar in an update, so that it goes with a reschedule."""
    [remote] = world.person_books(people=SMITH)
    vendor = world.vendor()
    before = await read(vendor, remote)
    target = appointment(staff="Robin", slot=slot(at(20)))
    record = written(await vendor.write(before, target, frozenset({Field.STAFF})))
    assert (record.content.staff, record.content.slot) == ("Robin", before.content.slot)


async def test_client_and_notes_go_in_one_update(world: World) -> None:
    """Only with what differs; the rest of the record stays."""
    [remote] = world.person_books(people=SMITH)
    vendor = world.vendor()
    before = await read(vendor, remote)
    ann = Client(first_name="Ann", last_name="Smith", email="jane@example.com", phone="212-555-0123")
    target = before.content.with_values({Field.CLIENTS: (ann,), Field.NOTES: "Ring twice"})
    record = written(await vendor.write(before, target, CLIENT_AND_NOTES))
    assert (record.content.clients[0].first_name, record.content.notes) == ("Ann", "Ring twice")
    assert body_of(world.seen[-1]) == {"firstName": "Ann", "notes": "Ring twice"}
    assert world.account.counters.notifications == 0


async def test_an_update_without_a_difference_sends_nothing() -> None:
    """A phone that is only written otherwise is no reason for a request."""
    world = World()
    [remote] = world.person_books(people=SMITH)
    vendor = world.vendor()
    before = await read(vendor, remote)
    same = Client(first_name="Jane", last_name="Smith", email="jane@example.com", phone="212.555.0123")
    result = await vendor.write(before, before.content.with_values({Field.CLIENTS: (same,)}), CLIENT_AND_NOTES)
    assert written(result) == before
    assert world.account.counters.writes == 0


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW])
async def test_a_cancel_leaves_the_record_there(world: World, status: Status) -> None:
    """Plain or as a no-show; a second one asks nothing of the vendor."""
    [remote] = world.person_books(people=SMITH)
    vendor = world.vendor()
    before = await read(vendor, remote)
    if status is Status.CANCELLED:
        record = written(await vendor.cancel(before))
    else:
        target = before.content.with_values({Field.STATUS: status})
        record = written(await vendor.write(before, target, frozenset({Field.STATUS})))
    assert record.content == before.content.with_values({Field.STATUS: status})
    assert world.account.counters.notifications == 0
    again = await vendor.write(record, record.content, frozenset({Field.STATUS}))
    assert written(again) == record
    assert world.account.counters.writes == 1


@pytest.mark.parametrize(("old", "new"), [("no_show", Status.CANCELLED), ("cancelled", Status.NO_SHOW)])
async def test_whether_it_was_a_no_show_is_said_either_way(world: World, old: str, new: Status) -> None:
    """A cancelled record keeps its word unless it is given the other: so it is named, even where that is false."""
    [remote] = world.person_books(people=SMITH, status=old)
    vendor = world.vendor()
    before = await read(vendor, remote)
    target = before.content.with_values({Field.STATUS: new})
    if new is Status.CANCELLED:
        answer = await vendor.cancel(before)
    else:
        answer = await vendor.write(before, target, frozenset({Field.STATUS}))
    assert written(answer).content.status is new
    assert (await read(vendor, remote)).content == target
    assert body_of(world.seen[-2]) == {"noShow": new is Status.NO_SHOW}
    assert world.account.counters.notifications == 0


async def test_what_acuity_cannot_become_is_refused() -> None:
    """Nothing revives or completes an appointment there."""
    world = World()
    [remote] = world.person_books(status="cancelled")
    vendor = world.vendor()
    record = await read(vendor, remote)
    for status in (Status.SCHEDULED, Status.COMPLETED):
        target = record.content.with_values({Field.STATUS: status})
        with pytest.raises(Refused, match="only cancel"):
            await vendor.write(record, target, frozenset({Field.STATUS}))
    with pytest.raises(Refused, match="refused with 4"):
        await vendor.write(record, appointment(slot=slot(at(20))), frozenset({Field.SLOT}))
    with pytest.raises(Refused, match="calendar of Kim"):
        await vendor.write(record, appointment(staff="Kim"), frozenset({Field.STAFF}))


async def test_a_record_that_went_away_is_observed_again(world: World) -> None:
    """Its write was not done."""
    [remote] = world.person_books()
    vendor = world.vendor()
    record = await read(vendor, remote)
    world.account.person_delete(remote)
    with pytest.raises(Stale, match="observe again"):
        await vendor.cancel(record)


async def test_a_write_answered_with_another_appointment_is_uncertain() -> None:
    """An answer that is not about this record proves nothing."""
    world = World()
    [remote] = world.person_books()
    vendor = world.vendor()
    record = await read(vendor, remote)
    world.account.faults.add(Fault("status", code=200, body={"id": 5}))
    assert "not known" in uncertain(await vendor.cancel(record))

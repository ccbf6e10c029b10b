"""Statuses at Amelia: whom they are about, that nobody is mailed about them, and what is left for the reminders."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from syncd.model.appointment import Field, Status
from syncd.model.errors import Refused, Unreachable
from syncd.model.record import Record
from syncd.model.times import Slot
from syncd.sandbox.amelia.bookings import Appointment as Kept
from syncd.vendors.amelia.adapter import Adapter
from syncd.vendors.port import Row, Uncertain, Written
from tests.vendors.amelia.world import (
    GENERATIONS,
    JANE,
    OMAR,
    SHOWING,
    World,
    answering,
    appointment,
    at,
    booking,
    handled,
    listing,
    person,
    read,
    row,
    slot,
    written,
)

STATUS = frozenset({Field.STATUS})
WHOLE = frozenset({Field.SLOT, Field.NOTES, Field.STATUS})
EACH_GENERATION = pytest.mark.parametrize("generation", GENERATIONS)
BEFORE_213 = ("1.x", "2.0")


def words(world: World, remote_id: str) -> list[str]:
    """The statuses of a record's bookings, oldest first."""
    entry = world.site.entries[remote_id]
    assert isinstance(entry, Kept)
    return [one.status for one in entry.bookings]


def call_off_one(world: World, remote_id: str, which: int) -> None:
    """A person calls one of several bookings off."""
    entry = world.site.entries[remote_id]
    assert isinstance(entry, Kept)
    changed = [replace(one, status="canceled") if n == which else one for n, one in enumerate(entry.bookings)]
    world.site.site.amend(entry, by="person", **world.site.site.derived(entry.start, changed))


def as_told(record: Record, before: Record) -> Record:
    """The record as the engine gives it to a write: with the parts that stood when it last did."""
    return replace(record, parts=record.parts or before.parts)


async def in_status(vendor: Adapter, record: Record, status: Status) -> Written:
    """A write of a status that was done."""
    return written(await vendor.write(record, record.content.with_values({Field.STATUS: status}), STATUS))


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW, Status.PENDING])
@EACH_GENERATION
async def test_no_status_of_ours_mails_a_customer(generation: str, status: Status, stored: bool) -> None:
    """From 2.1.3 on the status endpoint mails whatever the flag says: it is not used, the bookings are written."""
    world = World({"generation": generation})
    kept = world.enter(notify=stored)
    vendor = world.vendor()
    await listing(vendor)
    record = await read(vendor, kept.id)
    await in_status(vendor, record, status)
    assert (await read(vendor, kept.id, record.content)).content == record.content.with_values({Field.STATUS: status})
    assert not any("status" in call for call in world.calls)
    assert world.site.counters.notifications == 0


@pytest.mark.parametrize("stored", [True, False])
@EACH_GENERATION
async def test_a_revival_mails_nobody_and_brings_everything_back(generation: str, stored: bool) -> None:
    """Before 2.1.3 by the status endpoint, with the flag off: there nobody has seen an update revive."""
    world = World({"generation": generation})
    kept = world.enter(people=[person(JANE), person(OMAR)], notify=stored)
    vendor = world.vendor()
    await listing(vendor)
    before = await read(vendor, kept.id)
    written(await vendor.cancel(before))
    world.site.person_edit(kept.id, notify=stored)
    ended = await read(vendor, kept.id, before.content)
    await in_status(vendor, as_told(ended, before), Status.SCHEDULED)
    assert (await read(vendor, kept.id)).content == before.content
    assert any("/appointments/status/" in call for call in world.calls) is (generation in BEFORE_213)
    assert world.site.counters.notifications == 0


@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.PENDING])
async def test_an_unknown_build_is_revived_in_the_way_that_mails_nobody(status: Status) -> None:
    """A key that may not read the settings tells nothing of the build: then the status endpoint is never used."""
    world = World({"generation": "2.1.3", "settings": "403"})
    kept = world.enter(status="cancelled")
    vendor = world.vendor()
    await listing(vendor)
    await in_status(vendor, await read(vendor, kept.id), status)
    assert (await read(vendor, kept.id)).content.status is status
    assert world.site.counters.notifications == 0


async def test_a_plugin_that_was_updated_since_the_look_mails_nobody() -> None:
    """What the site said of its build may be hours old: it is asked again before the status endpoint is used."""
    world = World({"generation": "2.0"})
    kept = world.enter(status="cancelled", notify=True)
    vendor = world.vendor()
    await listing(vendor)
    world.site.set_behaviour(generation="2.1.3")
    await in_status(vendor, await read(vendor, kept.id), Status.SCHEDULED)
    assert (await read(vendor, kept.id)).content.status is Status.SCHEDULED
    assert world.site.counters.notifications == 0


@EACH_GENERATION
async def test_a_cancel_and_a_revival_leave_a_booking_alone_that_was_called_off_before(generation: str) -> None:
    """A cancel ends the bookings that stand, and a revival brings back those that it ended, and no other."""
    world = World({"generation": generation})
    kept = world.enter(people=[person(JANE), person(OMAR)])
    call_off_one(world, kept.id, 0)
    vendor = world.vendor()
    await listing(vendor)
    before = await read(vendor, kept.id)
    assert before.content.clients == (OMAR,)
    assert len(before.parts) == 1
    written(await vendor.cancel(before))
    assert words(world, kept.id) == ["canceled", "canceled"]
    ended = as_told(await read(vendor, kept.id, before.content), before)
    await in_status(vendor, ended, Status.SCHEDULED)
    revived = generation not in BEFORE_213  # there the status endpoint would revive both, and an update revives none
    assert words(world, kept.id) == ["canceled", "approved" if revived else "canceled"]
    assert world.site.counters.notifications == 0


async def hosting(world: World, **values: Any) -> tuple[Adapter, Record, str]:
    """Jane's appointment, read without the booking of a guest in it, which is `values`; and that booking's number."""
    kept = world.enter(people=[person(JANE), person(OMAR)])
    vendor = world.vendor()
    await listing(vendor)
    entry = world.site.entries[kept.id]
    assert isinstance(entry, Kept)
    first, guest = entry.bookings
    world.site.site.amend(entry, **world.site.site.derived(entry.start, [first, replace(guest, **values)]))
    found = await vendor.get(kept.id, guests=[str(guest.id)])
    assert isinstance(found, Record)
    return vendor, found, str(guest.id)


async def test_a_record_is_read_without_its_guests_and_for_them_alone() -> None:
    """Whose it is, how long it takes and whether it stands; so it is as a list row."""
    world = World()
    vendor, record, guest = await hosting(world, status="pending", duration=3600)
    [line] = await listing(vendor)
    for found in (record, vendor.decode(line, guests=[guest])):
        assert (found.content.clients, found.content.status, found.content.slot) == (
            (JANE,),
            Status.SCHEDULED,
            slot(at(8)),
        )
        assert found.of_guests is not None
        theirs = found.of_guests.content
        assert (theirs.clients, theirs.status, theirs.slot) == ((OMAR,), Status.PENDING, slot(at(8), 60))
        assert found.of_guests.parts == (f"{guest} pending",)


async def test_a_guest_who_does_not_stand_is_none() -> None:
    """The record is its own appointment's again, and moves."""
    vendor, record, _ = await hosting(World(), status="canceled")
    assert (record.of_guests, record.content.clients) == (None, (JANE,))
    written(await vendor.write(record, record.content.with_values({Field.SLOT: slot(at(11))}), WHOLE))


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW, Status.PENDING])
@EACH_GENERATION
async def test_no_status_is_about_a_guest(generation: str, status: Status) -> None:
    """What is answered and read back is the status of the appointment's own booking, and the note names the other."""
    world = World({"generation": generation})
    vendor, record, guest = await hosting(world)
    done = await in_status(vendor, record, status)
    assert words(world, record.remote_id)[1] == "approved"
    assert done.record is not None
    assert done.record.content.status is status
    assert f"booking {guest} in it" in (done.note or "")
    after = await vendor.get(record.remote_id, record.content, [guest])
    assert isinstance(after, Record)
    assert after.content.status is status


@pytest.mark.parametrize("new", [slot(at(11)), slot(at(8), 60)], ids=["start", "length"])
async def test_what_holds_a_guest_is_not_moved(new: Slot) -> None:
    """Nor made longer: the guest's booking would be, too. Nothing is sent."""
    world = World()
    vendor, record, guest = await hosting(world)
    sent = len(world.bodies)
    with pytest.raises(Refused, match=f"take booking {guest} out of it there, by hand"):
        await vendor.write(record, record.content.with_values({Field.SLOT: new}), WHOLE)
    assert len(world.bodies) == sent


def test_a_row_without_bookings_says_no_status_of_what_holds_a_guest() -> None:
    """The status that it shows is that of all of them."""
    raw = __import__("json").dumps(row(bookings=None)).encode()
    assert Field.STATUS not in answering(handled()).decode(Row("742", raw, b""), guests=["979"]).shows


async def test_each_booking_gets_its_own_status_back() -> None:
    """Of two that stood, one was waiting for approval and still is after a revival."""
    world = World()
    kept = world.enter(people=[person(JANE), person(OMAR)])
    entry = world.site.entries[kept.id]
    assert isinstance(entry, Kept)
    mixed = [replace(one, status=word) for one, word in zip(entry.bookings, ("pending", "approved"), strict=True)]
    world.site.site.amend(entry, by="person", **world.site.site.derived(entry.start, mixed))
    vendor = world.vendor()
    before = await read(vendor, kept.id)
    written(await vendor.cancel(before))
    ended = await read(vendor, kept.id, before.content)
    await in_status(vendor, as_told(ended, before), Status.SCHEDULED)
    assert words(world, kept.id) == ["pending", "approved"]


async def test_which_of_several_bookings_stood_is_asked_and_not_guessed() -> None:
    """A record of two that was first met when it was over: nobody knows whether one had been called off before."""
    world = World()
    kept = world.enter(people=[person(JANE), person(OMAR)], status="cancelled")
    vendor = world.vendor()
    record = await read(vendor, kept.id)
    with pytest.raises(Refused, match="which of its 2 bookings stood"):
        await vendor.write(record, record.content.with_values({Field.STATUS: Status.SCHEDULED}), STATUS)
    assert world.bodies == []


async def test_bookings_go_back_complete_and_otherwise_as_they_were_read() -> None:
    """Status, start and notes go in one request; whom a booking is for, its extras and its fields stay."""
    seen: list[httpx.Request] = []
    old = row(status="canceled", bookings=[booking(979, status="canceled", extras=[{"id": 5}], duration=1800)])
    new = row(bookingStart="2026-10-22 13:00:00", bookingEnd="2026-10-22 13:30:00")
    vendor = answering(handled(appointment=old), handled(appointment=new), seen=seen)
    record = await read(vendor, "742")
    target = appointment(slot=slot(at(11)), notes="Ring")
    written(await vendor.write(record, target, WHOLE))
    [sent] = [one for one in seen if one.method == "POST"]
    body: dict[str, Any] = __import__("json").loads(sent.content)
    assert body == {
        "bookingStart": "2026-10-22 11:00",
        "utc": True,
        "bookings": [
            {
                "id": 979,
                "customFields": '{"1":{"label":"text","value":"yes","type":"text"}}',
                "customerId": 79,
                "extras": [{"id": 5}],
                "persons": 1,
                "status": "approved",
                "duration": 1800,
                "packageCustomerId": None,
            }
        ],
        "internalNotes": "Ring",
        "notifyParticipants": 0,
    }


@EACH_GENERATION
async def test_a_revival_to_another_time_arrives_in_each_generation(generation: str) -> None:
    """One request from 2.1.3 on; before that the revival, and then the time."""
    world = World({"generation": generation})
    kept = world.enter(status="cancelled")
    vendor = world.vendor()
    await listing(vendor)
    record = await read(vendor, kept.id)
    target = record.content.with_values({Field.STATUS: Status.SCHEDULED, Field.SLOT: slot(at(13), 60)})
    written(await vendor.write(record, target, WHOLE))
    assert (await read(vendor, kept.id)).content == target
    assert world.site.counters.notifications == 0


async def test_a_revival_whose_move_is_not_accepted_for_now_is_no_write_that_did_nothing() -> None:
    """An old build revives by one request and moves by another: it stands again, and the rest is looked for."""
    world = World({"generation": "2.0"})
    kept = world.enter(status="cancelled", notify=False)
    vendor = world.vendor()
    await listing(vendor)
    record = await read(vendor, kept.id)
    world.fault("status", operation="reschedule", code=403, body=None)
    target = record.content.with_values({Field.STATUS: Status.SCHEDULED, Field.SLOT: slot(at(13), 60)})
    done = await vendor.write(record, target, WHOLE)
    assert isinstance(done, Uncertain)
    assert "stands again" in done.reason
    assert words(world, kept.id) == ["approved"]


@pytest.mark.parametrize("generation", BEFORE_213)
async def test_a_flag_that_was_switched_on_since_mails_nobody(generation: str) -> None:
    """A copy that is a second old shows it off: it is switched off in any case before the status is set."""
    world = World({"generation": generation})
    kept = world.enter(status="cancelled", notify=False)
    vendor = world.vendor()
    await listing(vendor)
    record = await read(vendor, kept.id)
    entry = world.site.entries[kept.id]
    assert isinstance(entry, Kept)
    world.site.site.amend(entry, by="person", notify=True)
    written(await vendor.write(record, record.content.with_values({Field.STATUS: Status.SCHEDULED}), STATUS))
    assert words(world, kept.id) == ["approved"]
    assert world.site.counters.notifications == 0


async def test_an_old_build_whose_flag_may_still_be_on_is_not_revived() -> None:
    """No status is set by the endpoint while it is not certain that nobody is mailed by it."""
    world = World({"generation": "2.0"})
    kept = world.enter(status="cancelled", notify=True)
    vendor = world.vendor()
    await listing(vendor)
    record = await read(vendor, kept.id)
    world.fault("status", operation="update", code=502)
    with pytest.raises(Unreachable, match="its status was left"):
        await vendor.write(record, record.content.with_values({Field.STATUS: Status.SCHEDULED}), STATUS)
    assert not any("status" in call for call in world.calls)


@EACH_GENERATION
async def test_a_revival_into_a_time_that_is_taken_is_refused(generation: str) -> None:
    """Whatever the build checks and writes first: the record alone tells, and it stays cancelled."""
    world = World({"generation": generation})
    world.enter(people=[person(OMAR)])
    gone = world.enter(status="cancelled")
    vendor = world.vendor()
    await listing(vendor)
    with pytest.raises(Refused, match="not free"):
        await vendor.write(await read(vendor, gone.id), appointment(), STATUS)
    assert words(world, gone.id) == ["canceled"]


@pytest.mark.parametrize("flags", ["int", "text", "bool"])
@EACH_GENERATION
async def test_a_write_ends_reminders_and_giving_back_brings_them_again(generation: str, flags: str) -> None:
    """The stored flag decides about reminders too; the request that restores it carries nothing else."""
    world = World({"generation": generation, "flags": flags})
    kept = world.enter(notify=True)
    vendor = world.vendor()
    record = await read(vendor, kept.id)
    owed = vendor.owed(record)
    written(await vendor.write(record, record.content.with_values({Field.NOTES: "Ring"}), WHOLE))
    assert list(world.site.reminders()) == []
    assert owed
    written(await vendor.give_back(kept.id, owed))
    assert world.bodies[-1] == {"notifyParticipants": 1}
    assert [entry.id for entry in world.site.reminders()] == [kept.id]
    assert world.site.counters.notifications == 0


async def test_nothing_is_owed_where_nobody_would_be_reminded() -> None:
    """A flag that is off, that is not shown, or that an operator does not want back is left as a write leaves it."""
    world = World()
    quiet, loud = world.enter(at(12), notify=False), world.enter(notify=True)
    vendor = world.vendor()
    assert vendor.owed(await read(vendor, quiet.id)) == ""
    assert vendor.owed(await read(vendor, loud.id))
    for other in (world.vendor(keep_reminders=False), world.vendor(notify_clients=True)):
        assert other.owed(await read(other, loud.id)) == ""
    world.fault("null_fields", operation="get", times=1)
    assert vendor.owed(await read(vendor, loud.id)) == ""


async def test_giving_back_is_refused_or_unclear_as_any_write() -> None:
    """What became of it is told, so that it can be made up for."""
    world = World()
    kept = world.enter(notify=True)
    vendor = world.vendor()
    owed = vendor.owed(await read(vendor, kept.id))
    world.fault("hang_after", operation="update")
    assert isinstance(await vendor.give_back(kept.id, owed), Uncertain)
    before = len(world.seen)
    assert isinstance(await world.vendor(keep_reminders=False).give_back(kept.id, owed), Written)
    assert len(world.seen) == before


def test_what_these_tests_need_is_what_the_site_offers() -> None:
    """The generations are the sandbox's, so that none is left out."""
    choices = World().site.all_switches()["generation"].choices
    assert set(choices or ()) == set(GENERATIONS)
    assert SHOWING in World().site.site.catalogue.services


async def test_a_status_that_nobody_knows_is_not_written_back() -> None:
    """It may be what was read that is wrong; written down, the booking would have it for good."""
    world = World({})
    kept = world.enter()
    vendor = world.vendor()
    await listing(vendor)
    world.fault("unknown_status", value="blessed")
    record = await read(vendor, kept.id)
    slot = record.content.slot
    longer = record.content.with_values({Field.SLOT: Slot(start=slot.start, end=slot.end + slot.duration)})
    with pytest.raises(Refused, match="a status that syncd does not know"):
        await vendor.write(record, longer, frozenset({Field.SLOT}))
    booked = world.site.entries[kept.id]
    assert isinstance(booked, Kept)
    assert [booking.status for booking in booked.bookings] == ["approved"]

"""Every capability that a vendor declares is true: what it can is seen to work, what it cannot is seen not to."""

from __future__ import annotations

from collections import abc
from datetime import timedelta
from typing import Any

import pytest

from syncd.model.appointment import ALL_FIELDS, Client, Field, Status
from syncd.model.errors import Refused, Stale, VendorError
from syncd.model.times import Slot
from syncd.sandbox.frame.records import Entry
from syncd.vendors.port import Uncertain
from tests.contract.world import HALF_HOUR, HOUR, JANE, OMAR, World, at, done, person, slot

EACH_FIELD = pytest.mark.parametrize("name", sorted(ALL_FIELDS))
NEW: dict[Field, Any] = {
    Field.SLOT: slot(at(11)),
    Field.TITLE: "Second visit",
    Field.LOCATION: "8 Oak Lane",
    Field.NOTES: "Call first",
    Field.CLIENTS: (OMAR,),
    Field.SERVICE: "Consultation",
    Field.STAFF: "Robin",
}
"""A value for each field but the status that no record of these tests has before."""


def stands_at(world: World, entry: Entry, name: Field, value: Any) -> bool:
    """Whether the vendor's own record has that value of a field."""
    match name:
        case Field.SLOT:
            return bool(entry.start == value.start)
        case Field.STATUS:
            return bool(entry.status == value)
        case Field.CLIENTS:
            return [one.email for one in entry.people] == [client.email for client in value]
        case Field.SERVICE:
            return entry.service is not None and entry.service == world.subject.services.get(value)
        case Field.STAFF:
            return entry.staff is not None and entry.staff == world.subject.staff.get(value)
        case _:
            return str(getattr(entry, name)).startswith(value)


@EACH_FIELD
async def test_a_field_is_set_on_create_as_declared(world: World, name: Field) -> None:
    """A create with its value makes a record that has it, or one that does not."""
    value = NEW.get(name, Status.PENDING)
    long = {"slot": slot(at(14), HOUR)} if name is Field.SERVICE else {}
    answer = await world.create(world.target(**{**long, name.value: value}))
    assert stands_at(world, world.entry(answer.remote_id), name, value) is world.able.ability(name).created


@EACH_FIELD
async def test_a_field_is_updated_as_declared(world: World, name: Field) -> None:
    """A write of it changes the record, or nothing of the record at all."""
    able = world.able.ability(name)
    value = NEW.get(name, Status.NO_SHOW if Status.NO_SHOW in world.able.statuses else Status.COMPLETED)
    entry = world.enter()
    before = world.entry(entry.id)
    try:
        done(await world.write(entry.id, {name}, **{name.value: value}))
    except VendorError:
        assert not able.updated
    assert stands_at(world, world.entry(entry.id), name, value) is able.updated
    for other in ALL_FIELDS - {name}:
        if not able.updated or other is not Field.CLIENTS:
            attribute = {Field.SLOT: "start", Field.CLIENTS: "people"}.get(other, other.value)
            assert getattr(world.entry(entry.id), attribute) == getattr(before, attribute)


@EACH_FIELD
async def test_a_field_is_seen_as_declared(world: World, name: Field) -> None:
    """A whole record shows it, or claims nothing of it."""
    record = await world.read(world.enter().id)
    assert (name in record.shows) is (name in world.seen)


async def test_one_write_carries_each_group_of_fields(world: World) -> None:
    """Fields that are declared to go together are all written at once, and each is in one group alone."""
    updated = {name for name in ALL_FIELDS if world.able.ability(name).updated}
    assert sorted(name for group in world.able.together for name in group) == sorted(updated)
    for group in world.able.together:
        fields = group - {Field.STATUS}
        if not fields:
            continue
        entry = world.enter(at(15))
        record = await world.read(entry.id)
        sent = len(world.wire.requests)
        target = record.content.with_values({name: NEW[name] for name in fields})
        done(await world.vendor.write(record, target, fields))
        assert len(world.wire.requests) == sent + 1
        assert all(stands_at(world, world.entry(entry.id), name, NEW[name]) for name in fields)
        world.server.person_delete(entry.id)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.CANCELLED])
async def test_a_status_can_be_written_as_declared(world: World, status: Status) -> None:
    """Each of the declared ones is written and reads back; none of the others is."""
    entry = world.enter(status="scheduled")
    if status is Status.SCHEDULED:  # from anything that is not that
        if Status.COMPLETED not in world.able.statuses:
            pytest.skip("its records cannot be completed and stand again")
        entry = world.server.person_edit(entry.id, status="completed")
    try:
        done(await world.write(entry.id, {Field.STATUS}, status=status))
    except VendorError:
        assert status not in world.able.statuses
    declared = status in world.able.statuses
    assert (world.entry(entry.id).status == status) is declared
    if declared:
        assert (await world.read(entry.id)).content.status is status


async def test_one_of_several_clients_is_taken_out_as_declared(worlds: abc.Callable[..., World]) -> None:
    """She alone, whoever else is in the record; and nobody is mailed. Where it cannot be done, nothing is."""
    world = worlds()
    world = worlds(switches=world.subject.several)
    try:
        entry = world.enter(people=[person(JANE), person(OMAR)])
    except ValueError:
        pytest.skip("its appointments have one client")
    record = await world.read(entry.id)
    if len(record.content.clients) < 2:
        pytest.skip("its records show one client")
    target = record.content.with_values({Field.CLIENTS: record.content.clients[1:]})
    try:
        await world.vendor.write(record, target, frozenset({Field.CLIENTS}))
    except VendorError:
        assert not world.able.ends_seats
    able = world.able.ends_seats or world.able.ability(Field.CLIENTS).updated
    left = (await world.read(entry.id)).content
    assert [one.email for one in left.clients] == [OMAR.email] if able else [JANE.email, OMAR.email]
    assert left.status is record.content.status
    assert world.server.counters.notifications == 0


async def test_one_more_client_gets_a_seat_as_declared(worlds: abc.Callable[..., World]) -> None:
    """Beside those who are there, and once: who was taken out before is in it again. Nobody is mailed."""
    world = worlds()
    if not world.able.adds_seats:
        pytest.skip("its records can be given nobody")
    world = worlds(switches=world.subject.several)
    entry = world.enter(people=[person(JANE)])
    for who in ((JANE, OMAR), (JANE,), (JANE, OMAR)):
        record = await world.read(entry.id)
        there, new = record.content.clients[:1], who[1:]
        target = record.content.with_values({Field.CLIENTS: (*there, *new)})
        done(await world.vendor.write(record, target, frozenset({Field.CLIENTS})))
        shown = (await world.read(entry.id)).content.clients
        assert [one.email for one in shown] == [one.email for one in who]
    assert world.server.counters.notifications == 0


@pytest.mark.parametrize("status", [Status.PENDING, Status.SCHEDULED])
async def test_a_record_is_created_with_a_status_as_declared(world: World, status: Status) -> None:
    """What cannot be said there becomes scheduled."""
    answer = await world.create(world.target(status=status))
    shown = (await world.read(answer.remote_id)).content.status
    assert shown is (status if status in world.able.create_statuses else Status.SCHEDULED)


async def test_the_end_can_be_chosen_as_declared(world: World) -> None:
    """On create and on a move; otherwise it follows from something else, and nothing shorter is made of it."""
    service = "Showing" if world.subject.services else None
    hour = world.target(slot=slot(at(14), HOUR), service=service)
    entry = world.enter(at(9))
    done(await world.write(entry.id, {Field.SLOT}, slot=slot(at(10), HOUR + HALF_HOUR)))
    assert (world.entry(entry.id).end == at(10) + HOUR + HALF_HOUR) is world.able.end_can_be_set
    if world.able.end_can_be_set:
        made = world.entry((await world.create(hour)).remote_id)
        assert made.end - made.start == HOUR
    else:
        assert world.able.objection(hour) is not None
        with pytest.raises(Refused):
            await world.create(hour)


@pytest.mark.parametrize("status", [Status.NO_SHOW, Status.COMPLETED])
async def test_a_status_ends_a_record_as_declared(world: World, status: Status) -> None:
    """From what it calls an end, a record neither moves nor comes back."""
    if status not in world.able.statuses:
        pytest.skip("it has no word for that")
    entry = world.enter(at(9))
    await world.listing()  # as in a cycle, where a vendor has told by then what it is
    done(await world.write(entry.id, {Field.STATUS}, status=status))
    stands = []
    for name, value in ((Field.SLOT, slot(at(10))), (Field.STATUS, Status.SCHEDULED)):
        try:
            done(await world.write(entry.id, {name}, **{name.value: value}))
        except VendorError:
            stands.append(False)
        else:
            stands.append(stands_at(world, world.entry(entry.id), name, value))
    assert stands == [status not in world.able.ending] * 2


async def test_seconds_are_kept_as_declared(world: World) -> None:
    """A time between two minutes comes back as it was, or at the minute."""
    entry = world.enter()
    odd = slot(at(14.5).replace(second=40))
    done(await world.write(entry.id, {Field.SLOT}, slot=odd))
    shown = (await world.read(entry.id)).content.slot.start
    assert shown == (odd.start.replace(second=0) if world.able.whole_minutes else odd.start)


async def test_whole_days_are_told_as_declared(world: World) -> None:
    """Where that can be set, it is, and reads back so; elsewhere no such slot is asked for."""
    zone = getattr(world.server, "zone", None)
    if not world.able.sets_all_day or zone is None:
        pytest.skip("it shows no whole days")
    entry = world.enter()
    begins, ends = (at(0, day=day).replace(tzinfo=zone) for day in (27, 28))
    whole = Slot(start=begins, end=ends, all_day=True)
    done(await world.write(entry.id, {Field.SLOT}, slot=whole))
    assert world.entry(entry.id).all_day
    assert (await world.read(entry.id)).content.slot == whole
    done(await world.write(entry.id, {Field.SLOT}, slot=slot(at(12))))
    assert not world.entry(entry.id).all_day


async def test_time_is_blocked_as_declared(world: World) -> None:
    """Where there is blocked time, it is made, found by its mark and removed, and is no appointment."""
    entry = world.enter()
    target = (await world.read(entry.id)).content.with_values({Field.SLOT: slot(at(0, day=27), timedelta(days=2))})
    if not world.able.blocks:
        assert await world.vendor.blocked(frozenset()) == ()
        return
    done(await world.vendor.block(target, "an-appointment"))
    [block] = await world.vendor.blocked(frozenset())
    assert (block.appointment, block.slot, block.calendar) == (
        "an-appointment",
        target.slot,
        world.able.whose_calendar(target),
    )
    assert [row.remote_id for row in await world.listing()] == [entry.id]
    done(await world.vendor.unblock(block.id))
    assert list(await world.vendor.blocked(frozenset({block.id}))) == []
    with pytest.raises(Stale):
        await world.vendor.unblock(block.id)


async def test_what_a_vendor_holds_it_takes(world: World) -> None:
    """A declared field whose value it says it holds is as it was asked to be."""
    entry = world.enter()
    record = await world.read(entry.id)
    target = record.content.with_values({**NEW, Field.CLIENTS: (Client(first_name="Ana", email="ana@example.com"),)})
    for group in world.able.together:
        fields = frozenset(name for name in group - {Field.STATUS} if world.able.holds(name, target))
        answer = await world.vendor.write(await world.read(entry.id), target, fields)
        assert not isinstance(answer, Uncertain)
        for name in fields:
            assert stands_at(world, world.entry(entry.id), name, target.get(name))


async def test_what_is_listed_is_not_said_to_be_left_out(world: World) -> None:
    """A record with these values is missed, should a listing lack it."""
    entry = world.enter()
    [row] = [row for row in await world.listing() if row.remote_id == entry.id]
    assert world.able.lists(world.vendor.decode(row).content)


async def test_free_starts_depend_on_the_appointments_around_as_declared(world: World) -> None:
    """After one until 09:45, 10:00 may be refused where that is declared, and nowhere else."""
    world.enter(at(9), end=at(9.75))
    try:
        await world.create(world.target(slot=slot(at(10))))
    except VendorError:
        assert world.able.calendar_day is not None


@pytest.mark.parametrize("minutes", [30, 45, 60])
async def test_what_shifts_later_starts_is_declared(world: World, minutes: int) -> None:
    """Where 11:00 is refused that day behind one of that length at 09:00, it is said to shift them."""
    earlier = slot(at(9), timedelta(minutes=minutes))
    world.enter(at(9), end=earlier.end)
    try:
        await world.create(world.target(slot=slot(at(11))))
    except VendorError:
        assert world.able.shifts(world.target(slot=earlier))


async def test_what_is_made_latest_first_in_a_day_is_all_taken(world: World) -> None:
    """Whether or not free starts depend on the appointments around."""
    for start in (at(11), at(10), at(9)):
        await world.create(world.target(slot=slot(start)))
    assert len(world.server.entries) == 3


async def test_a_calendar_day_is_one_persons_day_on_the_vendors_clock(world: World) -> None:
    """Appointments of one day and staff share it; another day, or other staff, has another."""
    if world.able.calendar_day is None:
        pytest.skip("its starts are free or not whatever is around them")
    day = world.able.calendar_day
    assert day(world.target(slot=slot(at(9)))) == day(world.target(slot=slot(at(15))))
    assert day(world.target(slot=slot(at(9)))) != day(world.target(slot=slot(at(9) + 24 * HOUR)))
    assert day(world.target(staff="Jordan")) != day(world.target(staff="Robin"))

"""Writing to a vendor: what is made and changed there, what its answer proves, and how it says no."""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.compare.sameness import same_at
from syncd.model.appointment import ALL_FIELDS, Appointment, Client, Field, Status
from syncd.model.errors import Misconfigured, Refused, Stale
from syncd.model.record import Absent, Record
from syncd.vendors.port import Written
from tests.contract.world import HALF_HOUR, HOUR, JANE, OMAR, WRITES, World, at, done, slot

SLOT = frozenset({Field.SLOT})
TARGETS = [
    pytest.param({}, id="usual"),
    pytest.param({"notes": "Zażółć\n„gęślą” ⚿", "location": "Straße 1 & 2"}, id="unicode"),
    pytest.param({"notes": "", "location": "", "title": ""}, id="bare"),
    pytest.param({"clients": (replace(JANE, last_name=""),)}, id="one name"),
    pytest.param({"clients": (replace(JANE, phone=""),)}, id="no phone"),
    pytest.param({"clients": ()}, id="no client"),
    pytest.param({"slot": slot(at(14), HOUR), "service": None}, id="an hour"),
]


def missed(world: World, target: Appointment, record: Record) -> list[Field]:
    """Fields of a record that are not the target's, although the vendor can take and show them.

    Where it has room for fewer clients, the first of them count.
    """
    able, shown = world.able, record.content
    if Field.CLIENTS in record.shows and shown.clients:
        target = target.with_values({Field.CLIENTS: target.clients[: len(shown.clients)]})
    return [
        name
        for name in sorted(ALL_FIELDS & record.shows)
        if able.ability(name).created
        and able.holds(name, target)
        and target.get(name)
        and not same_at(name, target, shown, able)
    ]


@pytest.mark.parametrize("values", TARGETS)
async def test_what_is_created_reads_back_as_it_was_meant(world: World, values: dict[str, object]) -> None:
    """Made once, under the id that the answer gives, with everything that the vendor can hold."""
    target = world.target(**values)
    assert world.able.objection(target) is None
    answer = await world.create(target)
    assert list(world.server.entries) == [answer.remote_id]
    record = await world.read(answer.remote_id, target)
    assert missed(world, target, record) == []
    [row] = await world.listing()
    assert row.remote_id == answer.remote_id


@pytest.mark.parametrize(
    ("kindness", "values"),
    [
        pytest.param("several", {"clients": (JANE, OMAR)}, id="two clients"),
        pytest.param("any_time", {"slot": slot(at(23.75)), "service": None, "staff": None}, id="past midnight"),
    ],
)
async def test_what_not_every_site_takes_reads_back_where_it_does(
    worlds: abc.Callable[..., World], kindness: str, values: dict[str, object]
) -> None:
    """Several clients need a service with room, and the night a vendor without opening hours."""
    subject = worlds().subject
    world = worlds(switches=getattr(subject, kindness))
    target = world.target(**values)
    answer = await world.create(target)
    assert missed(world, target, await world.read(answer.remote_id, target)) == []


async def test_a_note_that_the_vendor_cannot_store_is_refused(world: World) -> None:
    """Characters of four bytes at some; at the others it arrives."""
    target = world.target(notes="The key 🗝 is under the mat")
    if world.behaviour.emoji:
        answer = await world.create(target)
        assert missed(world, target, await world.read(answer.remote_id, target)) == []
        return
    with pytest.raises(Refused):
        await world.create(target)
    assert world.server.entries == {}


async def test_what_a_vendor_objects_to_it_does_not_create(world: World) -> None:
    """An objection is a sentence that names the way out; where there is none, the create works."""
    long = timedelta(days=3)
    odd = [
        world.target(slot=replace(slot(at(0), long), all_day=True)),
        world.target(slot=slot(at(9), long)),
        world.target(service="Massage", staff="Nobody"),
        world.target(clients=(Client(first_name="Ana"),)),
    ]
    for target in odd:
        before = len(world.server.entries)
        objection = world.able.objection(target)
        if objection is None:
            await world.create(target)
        else:
            assert len(objection) > 20
            with pytest.raises(Refused):
                await world.create(target)
        assert len(world.server.entries) == before + (objection is None)


async def test_without_a_stand_in_a_create_without_a_client_may_be_impossible(world: World) -> None:
    """The objection says which key to add."""
    bare = world.connected(**dict.fromkeys(world.subject.options))
    target = world.target(clients=())
    objection = bare.capabilities.objection(target)
    if world.subject.options:
        assert objection is not None
        assert any(key in objection for key in world.subject.options)
    else:
        assert objection is None


async def test_the_stand_in_reads_as_no_client(world: World) -> None:
    """So that nobody at another vendor is ever called that."""
    answer = await world.create(world.target(clients=()))
    assert (await world.read(answer.remote_id)).content.clients == ()
    [row] = await world.listing()
    assert world.vendor.decode(row).content.clients == ()


@pytest.mark.parametrize("write", WRITES)
async def test_an_answer_proves_what_was_done(world: World, write: str) -> None:
    """It has the record's id, and a record only where that is whole and as it is read afterwards."""
    entry = world.enter()
    before = set(world.server.entries)
    answer = done(await world.perform(write, entry.id))
    assert world.performed(write, entry.id)
    new = set(world.server.entries) - before
    assert answer.remote_id == (new.pop() if new else entry.id)
    if answer.record is not None:
        read = await world.read(answer.remote_id, answer.record.content)
        assert answer.record.whole
        shown = answer.record.shows & read.shows
        assert {name: answer.record.content.get(name) for name in shown} == {n: read.content.get(n) for n in shown}


async def test_a_reschedule_keeps_the_record_and_all_else(world: World) -> None:
    """The id stays, the new time reads back, and no other field moves."""
    entry = world.enter()
    before = (await world.read(entry.id)).content
    moved = slot(at(9, day=29))
    done(await world.write(entry.id, {Field.SLOT}, slot=moved))
    after = (await world.read(entry.id)).content
    assert list(world.server.entries) == [entry.id]
    assert after == before.with_values({Field.SLOT: moved})


@pytest.mark.parametrize("days", [-2, 0, 3])
async def test_a_reschedule_across_days_and_midnight_arrives(worlds: abc.Callable[..., World], days: int) -> None:
    """To an earlier day, late on the same, and to a later one."""
    world = worlds(switches=worlds().subject.any_time)
    entry = world.enter()
    moved = slot(at(23.75, day=24 + days))
    done(await world.write(entry.id, {Field.SLOT}, slot=moved))
    assert (await world.read(entry.id)).content.slot == moved


async def test_cancelling_ends_the_record(world: World) -> None:
    """Softly it stays and reads as cancelled; otherwise the vendor says that it does not exist."""
    entry = world.enter()
    done(await world.perform("cancel", entry.id))
    after = await world.vendor.get(entry.id)
    if world.able.soft_cancel:
        assert isinstance(after, Record)
        assert after.content.status is Status.CANCELLED
    else:
        assert isinstance(after, Absent)


async def test_a_cancelled_record_is_revived_where_that_is_declared(world: World) -> None:
    """As it was; elsewhere the attempt changes nothing."""
    if not world.able.soft_cancel:
        pytest.skip("it deletes")
    entry = world.enter()
    await world.listing()  # as in a cycle, where a vendor has told by then what it is
    before = (await world.read(entry.id)).content
    world.server.person_cancel(entry.id)
    if world.able.uncancels:
        done(await world.write(entry.id, {Field.STATUS}, status=Status.SCHEDULED))
        assert (await world.read(entry.id)).content == before
        assert world.entry(entry.id).status == "scheduled"
    else:
        with pytest.raises(Refused):
            await world.write(entry.id, {Field.STATUS}, status=Status.SCHEDULED)
        assert world.entry(entry.id).is_cancelled


async def test_a_record_that_moved_on_is_stale(world: World) -> None:
    """Where the vendor has versions, a write on an old one is turned down and changes nothing."""
    if not world.able.guards_writes:
        pytest.skip("it has no versions")
    entry = world.enter()
    record = await world.read(entry.id)
    world.server.person_edit(entry.id, start=at(8), end=at(8.5))
    with pytest.raises(Stale):
        await world.vendor.write(record, record.content.with_values({Field.SLOT: slot(at(16))}), SLOT)
    with pytest.raises(Stale):
        await world.vendor.cancel(record)
    assert (world.entry(entry.id).start, world.entry(entry.id).status) == (at(8), "scheduled")


@pytest.mark.parametrize("write", ["reschedule", "cancel"])
async def test_a_record_that_is_gone_is_not_written(world: World, write: str) -> None:
    """Nor is anything made in its place: observe again."""
    entry = world.enter()
    record = await world.read(entry.id)
    world.server.person_delete(entry.id)
    moved = record.content.with_values({Field.SLOT: slot(at(16))})
    with pytest.raises(Stale):
        await (world.vendor.cancel(record) if write == "cancel" else world.vendor.write(record, moved, SLOT))
    assert world.server.entries == {}


async def test_a_vendors_own_no_is_a_refusal(world: World) -> None:
    """In its own words, which may come with any status: nothing is made, and the reason names the vendor."""
    values = world.subject.refusing(world.server, world.neutral())
    before = set(world.server.entries)
    with pytest.raises(Refused, match=r"^agenda: "):
        await world.vendor.create(world.target().with_values(values), "token-1")
    assert set(world.server.entries) == before


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("code", [400, 409, 422])
async def test_a_write_that_is_turned_down_is_refused_or_stale(world: World, write: str, code: int) -> None:
    """A clear no is no unknown outcome; only a record of a version can be stale by it."""
    entry = world.enter()
    world.fault_on(write, "status", code=code)
    with pytest.raises((Refused, Stale)) as caught:
        await world.perform(write, entry.id)
    assert isinstance(caught.value, Refused) or (world.able.guards_writes and write != "create")
    assert not world.performed(write, entry.id)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("code", [401, 403])
async def test_credentials_that_do_not_suffice_are_the_operators_affair(world: World, write: str, code: int) -> None:
    """Whether a reading or a write shows it."""
    entry = world.enter()
    world.fault_on(write, "status", code=code)
    with pytest.raises(Misconfigured, match=r"^agenda: "):
        await world.perform(write, entry.id)
    assert not world.performed(write, entry.id)


async def test_an_update_of_nothing_new_sends_at_most_what_changes_nothing(world: World) -> None:
    """Writing what a record shows already leaves it as it is."""
    entry = world.enter()
    record = await world.read(entry.id)
    for group in world.able.together:
        result = await world.vendor.write(await world.read(entry.id), record.content, group - {Field.STATUS})
        assert isinstance(result, Written)
    after = await world.read(entry.id)
    assert after.content == record.content
    assert (world.entry(entry.id).start, world.entry(entry.id).end) == (entry.start, entry.start + HALF_HOUR)

"""Records have new ids, as after an import or a restore of their vendor: they go on as they are, nothing doubles."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from syncd import report
from syncd.engine.result import CycleResult
from syncd.model.appointment import Field
from syncd.model.plan import Action
from syncd.sandbox.frame.records import Person
from tests.e2e.behaviour.world import ALL, World, at, steps

EACH_VENDOR = pytest.mark.parametrize("vendor", ALL)
TWO = pytest.mark.parametrize("vendor", ["office", "site"])
UNKIND = pytest.mark.parametrize("behaviour", ["unkind"], indirect=True)
MANY = 14
STARTS = tuple(at(9 + number % 7, day=22 + number // 7) for number in range(MANY))


def person(number: int) -> Person:
    """One of the clients, with an address and a number of the own."""
    first, last = f"First{chr(97 + number)}", f"Last{chr(97 + number)}"
    return Person(first, last, f"client{number}@example.com", f"21255501{number:02}")


async def in_step(world: World, many: int = MANY) -> list[datetime]:
    """So many appointments at four vendors; their starts."""
    for number, start in enumerate(STARTS[:many]):
        world.enter("crm", start, person(number))
    await world.settle()
    assert world.calendars() == [list(STARTS[:many])]
    return list(STARTS[:many])


async def left_alone(world: World) -> CycleResult:
    """Two cycles in which nothing is written, held or asked; the first one."""
    first = await world.cycle()
    for result in (first, await world.cycle()):
        assert [step for step in result.steps if step.operation.action is not Action.ADOPT] == []
        assert (result.exit_code, result.quarantined, world.desk.conflicts()) == (0, (), [])
        assert {name: world.written(name) for name in ALL} == dict.fromkeys(ALL, 0)
    return first


@EACH_VENDOR
async def test_with_all_ids_new_nothing_is_written_and_nothing_is_asked(world: World, vendor: str) -> None:
    """Each record goes on in the place of the one that it equals, and is written under its new id later."""
    await in_step(world)
    world.renumber(vendor)
    result = await left_alone(world)
    assert len(steps(result, Action.ADOPT)) == MANY
    assert f"{MANY} new record(s) of {vendor} go on in the place" in str(result.remarks)
    assert world.calendars() == [list(STARTS)]
    other = next(name for name in ALL if name != vendor)
    moved = world.known("crm", world.live("crm")[0].id).at(other)
    assert moved is not None
    world.move(other, moved.remote_id, at(17))
    await world.settle()
    assert world.calendars() == [sorted((at(17), *STARTS[1:]))]


@UNKIND
@EACH_VENDOR
async def test_with_half_of_the_ids_new_either(world: World, vendor: str) -> None:
    """The old ones are asked for by id, and its vendor says that they do not exist."""
    await in_step(world)
    world.renumber(vendor, *[entry.id for entry in world.live(vendor)[::2]])
    result = await left_alone(world)
    assert len(steps(result, Action.ADOPT)) == MANY // 2
    assert world.calendars() == [list(STARTS)]


@UNKIND
@TWO
async def test_a_single_record_that_is_entered_anew_is_not_called_off(world: World, vendor: str) -> None:
    """Deleted and entered again, as it was, between two cycles."""
    starts = await in_step(world, 5)
    world.renumber(vendor, world.live(vendor)[3].id)
    await left_alone(world)
    assert world.calendars() == [starts]


@UNKIND
@TWO
async def test_a_restore_that_is_undone_is_no_news_either(world: World, vendor: str) -> None:
    """The old ids are back, and the new ones are not there any more."""
    starts = await in_step(world, 5)
    new = world.renumber(vendor)
    await left_alone(world)
    server = world.servers[vendor]
    for old, key in new.items():
        server.entries[old] = replace(server.entries.pop(key), id=old)
    server.forget_rows()
    await left_alone(world)
    assert world.calendars() == [starts]


async def two_of_one(world: World, vendor: str) -> tuple[str, str]:
    """A record of a vendor has a new id, and then the old one is there again beside it; both ids, the old one first."""
    await in_step(world, 5)
    old = world.live(vendor)[3].id
    new = world.renumber(vendor, old)[old]
    await left_alone(world)
    server = world.servers[vendor]
    server.entries[old] = replace(server.entries[new], id=old)
    server.forget_rows()
    for _ in range(2):
        result = await left_alone(world)
        assert f"stands again, beside record {new}, which is in use: cancel {old} there" in report.text(result)
    return old, new


@UNKIND
@EACH_VENDOR
async def test_a_record_that_is_back_beside_its_successor_is_told_and_schedules_nothing_again(
    world: World, vendor: str
) -> None:
    """The appointment is called off elsewhere: the old record has stood all the time, and a person has to end it."""
    old, new = await two_of_one(world, vendor)
    other = next(name for name in ALL if name != vendor)
    world.call_off(other, world.the(vendor, new, other).id)
    await world.settle()
    expected = [*STARTS[:3], STARTS[4]]
    for _ in range(3):
        result = await left_alone(world)
        assert f"{vendor}'s record {old} was given up" in report.text(result)
        assert world.calendars([name for name in ALL if name != vendor]) == [expected]
        assert world.starts(vendor) == list(STARTS[:5])
    world.call_off(vendor, old)
    result = await left_alone(world)
    assert "given up" not in report.text(result)
    assert world.calendars() == [expected]


@UNKIND
@EACH_VENDOR
async def test_the_old_one_of_two_is_cancelled_and_the_appointment_goes_on(world: World, vendor: str) -> None:
    """As the report asks for; later the appointment is called off by the other one, as any."""
    old, new = await two_of_one(world, vendor)
    world.call_off(vendor, old)
    result = await left_alone(world)
    assert "given up" not in report.text(result)
    assert world.calendars() == [list(STARTS[:5])]
    world.call_off(vendor, new)
    await world.settle()
    assert world.calendars() == [[*STARTS[:3], STARTS[4]]]


@UNKIND
@EACH_VENDOR
@pytest.mark.parametrize("called_off", [True, False])
async def test_where_the_new_one_of_two_ended_a_person_is_asked(world: World, vendor: str, *, called_off: bool) -> None:
    """The client does not come, or one of two was one too many; what is said is done, and nobody books it twice."""
    old, new = await two_of_one(world, vendor)
    other = next(name for name in ALL if name != vendor)
    world.call_off(vendor, new)
    for _ in range(2):
        assert (await world.cycle()).steps == ()
        assert [one.field for one in world.desk.conflicts()] == [Field.STATUS]
    [asked] = world.desk.conflicts()
    world.desk.resolve(asked.id, vendor if called_off else other)
    for _ in range(3):
        await world.cycle()
    assert world.desk.conflicts() == []
    left = [*STARTS[:3], STARTS[4]] if called_off else list(STARTS[:5])
    assert world.calendars([name for name in ALL if name != vendor]) == [left]
    if len(world.starts(vendor)) > len(left):  # the old one stands, and is named until somebody ends it
        world.call_off(vendor, old)
    await world.settle()
    assert world.calendars() == [left]
    assert (await world.cycle()).exit_code == 0


@UNKIND
@EACH_VENDOR
@pytest.mark.parametrize("share", [1, 2], ids=["all new", "half new"])
async def test_what_was_restored_at_an_older_time_waits_and_doubles_nothing(
    world: World, vendor: str, share: int
) -> None:
    """It fits nothing: its appointment is neither called off nor moved, nor is another one made of it, in any cycle."""
    await in_step(world)
    [first, *_] = world.live(vendor)
    other = next(name for name in ALL if name != vendor)
    moved = world.the(vendor, first.id, other)
    world.move(other, moved.id, at(17))
    await world.settle()
    expected = sorted((at(17), *STARTS[1:]))
    new = world.renumber(vendor, first.id, *[entry.id for entry in world.live(vendor)[::share] if entry.id != first.id])
    restored = world.servers[vendor].entries[new[first.id]]
    world.servers[vendor].entries[restored.id] = replace(
        restored, start=STARTS[0], end=STARTS[0] + (restored.end - restored.start)
    )
    for _ in range(3):
        result = await world.cycle()
        assert {name: world.written(name) for name in ALL} == dict.fromkeys(ALL, 0)
        assert [entry.remote_id for entry in result.quarantined] == [restored.id]
        assert world.calendars([name for name in ALL if name != vendor]) == [expected]
        assert {step.outcome.value for step in steps(result) if step.operation.action is not Action.ADOPT} == {"held"}
        assert result.exit_code in (3, 4)


async def restored(world: World, vendor: str) -> tuple[str, str]:
    """All ids of a vendor new, and one record at the time that it had before; its old and its new id."""
    await in_step(world)
    [first, *_] = world.live(vendor)
    other = next(name for name in ALL if name != vendor)
    world.move(other, world.the(vendor, first.id, other).id, at(17))
    await world.settle()
    new = world.renumber(vendor)[first.id]
    world.servers[vendor].entries[new] = replace(
        world.servers[vendor].entries[new], start=STARTS[0], end=STARTS[0] + timedelta(minutes=30)
    )
    await world.cycle()
    return first.id, new


@UNKIND
@TWO
async def test_a_person_says_that_a_record_at_another_time_is_that_appointments(world: World, vendor: str) -> None:
    """Linked, it is brought to the time that was agreed on; nothing is held any more."""
    old, new = await restored(world, vendor)
    world.desk.link(f"{vendor}:{new}", f"{vendor}:{old}")
    await world.settle()
    assert world.calendars() == [sorted((at(17), *STARTS[1:]))]
    assert (await world.cycle()).exit_code == 0


@UNKIND
@TWO
async def test_or_that_it_is_another_booking_and_the_old_one_is_gone(world: World, vendor: str) -> None:
    """Released, it is made at the others; the vendor's word on the old one counts then."""
    _, new = await restored(world, vendor)
    [entry] = [one for one in world.desk.quarantines() if one.remote_id == new]
    world.desk.release([entry.id])
    await world.settle()
    assert world.calendars() == [list(STARTS)]


@UNKIND
@TWO
async def test_or_approves_that_the_missing_one_is_called_off(world: World, vendor: str) -> None:
    """Then the record that waited is an appointment of its own."""
    await restored(world, vendor)
    world.desk.approve([])
    await world.settle()
    assert world.calendars() == [list(STARTS)]

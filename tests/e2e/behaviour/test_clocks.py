"""Appointments around the changes of daylight saving, at vendors with clocks in different zones."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from syncd.model.plan import Outcome
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, ANY_TIME, HALF_HOUR, HOUR, JANE, OMAR, World, at, steps

ZONES = {"office": "America/Los_Angeles", "site": "Europe/Belgrade", "book": "America/New_York"}
EUROPE_BACK, AMERICA_BACK = at(1, day=25), at(9, day=1, month=11)
"""The instants at which clocks are set back by an hour in Belgrade and in Los Angeles."""
AMERICA_ON, EUROPE_ON = at(10, day=14, month=3, year=2027), at(1, day=28, month=3, year=2027)
"""And those at which they are set on."""
STARTS = [
    pytest.param(change + timedelta(minutes=minutes), id=f"{name}{minutes:+}")
    for name, change in (("back-europe", EUROPE_BACK), ("back-america", AMERICA_BACK))
    for minutes in (-60, -30, 0, 30, 60)
] + [
    pytest.param(change + timedelta(minutes=minutes), id=f"{name}{minutes:+}")
    for name, change in (("on-america", AMERICA_ON), ("on-europe", EUROPE_ON))
    for minutes in (-30, 0)
]
LONG = {"future": "200d"}


def shown(world: World, name: str, moment: datetime) -> datetime:
    """What the vendor's own clock shows at an instant; where it has no clock of its own, the instant."""
    zone = ZONES.get(name) if world.servers[name].kind in ("aivapad", "amelia") else None
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if zone else moment


def same_times(world: World, start: datetime, origin: str = "crm") -> bool:
    """Whether every vendor has it at one instant: that one, as far as the words of the origin can tell.

    Aivapad has no words for which of two equal times is meant, and Amelia has the second alone: there the clock must
    show the right one.
    """
    assert {name: len(world.live(name)) for name in ALL} == dict.fromkeys(ALL, 1)
    found = {name: world.starts(name)[0] for name in ALL}
    exact = {found[name] for name in ("crm", "book") if name != origin}
    if len(exact) > 1:
        return False
    [instant] = exact
    return all(
        shown(world, name, one) == shown(world, name, other)
        for name, one, other in (
            (origin, start, instant),
            ("office", found["office"], instant),
            ("site", found["site"], instant),
        )
    )


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("origin", ["crm", "site"])
async def test_an_appointment_next_to_a_change_of_clocks_is_at_one_instant_everywhere(
    worlds: Worlds, origin: str, start: datetime
) -> None:
    """Or is left alone at the vendor that has no words for it, with the reason; and nothing moves afterwards."""
    world = worlds(sync=LONG, switches=ANY_TIME)
    world.enter(origin, start)
    result = await world.cycle()
    assert result.exit_code == 0 or {entry.vendor for entry in result.quarantined} == {"office"}
    assert all(len(entry.reason) > 20 for entry in result.quarantined)
    if not result.quarantined:
        assert same_times(world, start, origin)
    assert steps(await world.cycle()) == []


@pytest.mark.parametrize("start", STARTS)
async def test_a_move_next_to_a_change_of_clocks_arrives_once(worlds: Worlds, start: datetime) -> None:
    """From an ordinary time, and on to another ordinary one."""
    world = worlds(sync=LONG, switches=ANY_TIME)
    entry = world.enter_everywhere(start + timedelta(days=3))
    await world.cycle()
    world.move("crm", entry.id, start)
    await world.cycle()
    await world.settle()
    assert same_times(world, start)
    world.move("crm", entry.id, start + timedelta(days=4))
    await world.cycle()
    await world.settle()
    assert {tuple(world.starts(name)) for name in ALL} == {(start + timedelta(days=4),)}


@pytest.mark.parametrize("name", ["office", "site"])
async def test_a_time_that_does_not_exist_is_quarantined_with_its_reason(worlds: Worlds, name: str) -> None:
    """02:30 on the day on which it is skipped. Nothing else suffers, and a correction releases it."""
    world = worlds(sync=LONG)
    day = "2027-03-14" if name == "office" else "2027-03-28"
    raw: dict[str, Any] = {"date": day, "startTime": "02:30", "endTime": "03:00"}
    if name == "site":
        raw = {"bookingStart": f"{day} 02:30:00", "bookingEnd": f"{day} 03:00:00"}
    bad = world.enter(name, at(15), extra=raw)
    world.enter("crm", at(17))
    first = await world.cycle()
    assert first.exit_code == 3
    [entry] = first.quarantined
    assert (entry.vendor, entry.remote_id) == (name, bad.id)
    assert f"{day} 02:30 does not exist in {ZONES[name]}" in entry.reason
    assert at(17) in world.starts("book")
    second = await world.cycle()
    assert (second.exit_code, steps(second)) == (0, [])
    assert [entry.new for entry in second.quarantined] == [False]
    world.servers[name].person_edit(bad.id, extra={})
    third = await world.cycle()
    assert (third.exit_code, third.quarantined) == (0, ())
    assert {tuple(world.starts(vendor)) for vendor in ALL} == {(at(15), at(17))}


@pytest.mark.parametrize("name", ["office", "site"])
async def test_a_known_record_moved_to_a_time_that_does_not_exist_cancels_nothing(worlds: Worlds, name: str) -> None:
    """It is left alone until it is put right; the others keep what was agreed."""
    world = worlds(sync=LONG)
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    here = world.the("crm", entry.id, name)
    day = "2027-03-14" if name == "office" else "2027-03-28"
    raw: dict[str, Any] = {"date": day, "startTime": "02:30", "endTime": "03:00"}
    if name == "site":
        raw = {"bookingStart": f"{day} 02:30:00", "bookingEnd": f"{day} 03:00:00"}
    world.servers[name].person_edit(here.id, extra=raw)
    result = await world.cycle()
    assert [entry.vendor for entry in result.quarantined] == [name]
    assert steps(result) == []
    world.servers[name].person_edit(here.id, extra={}, start=at(16), end=at(16) + HALF_HOUR)
    await world.cycle()
    await world.settle()
    assert {tuple(world.starts(vendor)) for vendor in ALL} == {(at(16),)}


@pytest.mark.parametrize("name", ["office", "site"])
@pytest.mark.parametrize("later", [False, True])
async def test_a_person_who_types_an_ambiguous_time_means_the_known_one(worlds: Worlds, name: str, later: bool) -> None:
    """A note added to an appointment at the second 01:30, or 02:30, does not move it to the first."""
    world = worlds(sync=LONG, switches=ANY_TIME)
    change = AMERICA_BACK if name == "office" else EUROPE_BACK
    start = change + (HALF_HOUR if later else -HALF_HOUR)
    entry = world.enter("crm", start)
    await world.cycle()
    await world.settle()
    here = world.the("crm", entry.id, name)
    world.servers[name].person_edit(here.id, notes="Second bell")
    await world.cycle()
    await world.settle()
    assert world.servers["crm"].entries[entry.id].start == start
    assert world.the("crm", entry.id, "book").start == start
    assert world.the("crm", entry.id, "book").notes == "Second bell"


@pytest.mark.parametrize("offset", ["+02:00", "-03:30"])
async def test_a_site_with_a_fixed_offset_is_read_by_it(worlds: Worlds, offset: str) -> None:
    """WordPress can be set to one; it never changes its clocks."""
    world = worlds(sync=LONG, switches={"site": {"zone": offset}})
    for day in (24, 25, 26):
        world.enter("site", at(0.5, day=day))
    await world.cycle()
    assert world.calendars() == [[at(0.5, day=day) for day in (24, 25, 26)]]
    assert (await world.cycle()).steps == ()


@pytest.mark.parametrize("later", [True, False])
async def test_what_a_person_enters_in_the_repeated_hour_is_when_amelia_means_it(worlds: Worlds, later: bool) -> None:
    """Amelia takes a time that its clock shows twice for the second, as PHP does: so do the others."""
    world = worlds(sync=LONG)
    start = EUROPE_BACK + (HALF_HOUR if later else timedelta())
    world.enter("site", start)
    await world.cycle()
    await world.settle()
    assert [world.starts(name) for name in ("crm", "book")] == [[start], [start]]
    assert steps(await world.cycle()) == []


@pytest.mark.parametrize("hours", [-1, 0], ids=["first", "second"])
async def test_a_start_in_the_first_of_two_equal_hours_is_refused_as_such(worlds: Worlds, hours: int) -> None:
    """Amelia can hold the second alone, where somebody is: whoever sees the first hour free there is told why."""
    world = worlds(names=("crm", "site"))
    world.enter("site", EUROPE_BACK, OMAR)
    await world.cycle()
    world.enter("crm", EUROPE_BACK + hours * HOUR, JANE)
    [step] = steps(await world.cycle(), vendor="site")
    assert step.outcome is Outcome.QUARANTINED
    assert ("only the second of the two hours" in (step.error or "")) is (hours < 0)


@pytest.mark.parametrize("generation", ["2.0", "2.4"])
@pytest.mark.parametrize("hours", [-1, 0], ids=["first", "second"])
@pytest.mark.parametrize("revived", [False, True], ids=["moved", "revived"])
async def test_so_is_what_is_moved_or_revived_there(worlds: Worlds, generation: str, hours: int, revived: bool) -> None:
    """Whichever request it was: before 2.1.3 a revival goes by an endpoint of its own."""
    world = worlds(names=("crm", "site"), switches={"site": {"generation": generation}})
    start = EUROPE_BACK + hours * HOUR
    jane = world.enter("crm", start if revived else at(15), JANE)
    await world.settle()
    if revived:
        world.call_off("crm", jane.id)
        await world.settle()
    world.enter("site", EUROPE_BACK, OMAR)
    await world.settle()
    change = {"status": "scheduled"} if revived else {"start": start, "end": start + HALF_HOUR}
    world.servers["crm"].person_edit(jane.id, **change)
    [step] = steps(await world.cycle(), vendor="site")
    assert step.outcome is Outcome.QUARANTINED
    assert ("only the second of the two hours" in (step.error or "")) is (hours < 0)

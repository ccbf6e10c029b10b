"""A vendor's wall clock around the changes of daylight saving, and instants that say what they are."""

from __future__ import annotations

from collections import abc
from datetime import datetime, timedelta

import pytest

from syncd.model.appointment import Field
from syncd.model.errors import Malformed
from syncd.model.times import Slot
from tests.contract.world import HALF_HOUR, HOUR, World, at, done, slot

ZONE = "Europe/Belgrade"
FIRST_OF_TWO, SECOND_OF_TWO = at(0.5, day=25), at(1.5, day=25)
"""02:30 on 25 October 2026, which Belgrade's clocks show twice."""
EDGES = [
    pytest.param(at(23.5, day=24), id="before the overlap"),
    pytest.param(FIRST_OF_TWO, id="first reading"),
    pytest.param(SECOND_OF_TWO, id="second reading"),
    pytest.param(at(2, day=25), id="after the overlap"),
    pytest.param(at(0.5, day=28, month=3, year=2027), id="before the gap"),
    pytest.param(at(1, day=28, month=3, year=2027), id="after the gap"),
]


@pytest.fixture
def zoned(worlds: abc.Callable[..., World], world: World) -> World:
    """The vendor in Belgrade, where it has a wall clock."""
    switch = world.subject.zone_switch
    return world if switch is None else worlds(switches={switch: ZONE, **world.subject.any_time})


def naive(text: str) -> datetime:
    """A time on a wall."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("start", EDGES)
async def test_a_time_next_to_a_change_of_clocks_reads_as_it_was_entered(zoned: World, start: datetime) -> None:
    """By what is known of it; without that, as the vendor means it unless the row itself tells more."""
    entry = zoned.enter(start)
    if zoned.subject.means_second and start == FIRST_OF_TWO:
        assert entry.start == SECOND_OF_TWO  # there is no other half past two
        start = entry.start
    hint = zoned.shown(entry)
    [row] = await zoned.listing()
    assert zoned.vendor.decode(row, hint).content.slot.start == start
    assert (await zoned.read(entry.id, hint)).content.slot.start == start
    record = zoned.vendor.decode(row)
    readings = {record.content.slot.start, *(other.start for other in record.other_readings)}
    assert start in readings
    meant = max(readings) if zoned.subject.means_second else min(readings)
    assert record.content.slot.start in (meant, start)
    assert readings <= {FIRST_OF_TWO, SECOND_OF_TWO} or readings == {start}


@pytest.mark.parametrize("start", EDGES)
@pytest.mark.parametrize("write", ["create", "reschedule"])
async def test_a_time_next_to_a_change_of_clocks_is_written_as_it_was_meant(
    zoned: World, start: datetime, write: str
) -> None:
    """The vendor's own record starts at that instant, or the vendor shows by its reading that it has only the other."""
    target = zoned.target(slot=slot(start))
    if write == "create":
        remote_id = (await zoned.create(target)).remote_id
    else:
        remote_id = zoned.enter(at(9, day=26)).id
        done(await zoned.write(remote_id, {Field.SLOT}, slot=target.slot))
    kept = zoned.entry(remote_id).start
    if kept != start:
        assert {start, kept} == {FIRST_OF_TWO, SECOND_OF_TWO}
        assert kept == (SECOND_OF_TWO if zoned.subject.means_second else FIRST_OF_TWO)
    record = await zoned.read(remote_id, target)
    assert record.content.slot.start == start
    assert record.content.slot.duration == HALF_HOUR


async def test_a_time_that_the_clocks_skip_is_malformed(zoned: World) -> None:
    """The reason names the time and the zone, and no other row suffers."""
    if zoned.subject.wall_clock is None:
        pytest.skip("its times carry an offset")
    skipped = zoned.subject.wall_clock(naive("2027-03-28T02:30"), naive("2027-03-28T03:00"))
    bad = zoned.enter(at(14), extra=skipped)
    good = zoned.enter(at(15))
    rows = {row.remote_id: row for row in await zoned.listing()}
    assert zoned.vendor.decode(rows[good.id]).content.slot.start == at(15)
    with pytest.raises(Malformed, match=r"2027-03-28 02:30 does not exist in Europe/Belgrade"):
        zoned.vendor.decode(rows[bad.id])
    with pytest.raises(Malformed):
        await zoned.read(bad.id)


@pytest.mark.parametrize(
    ("start", "end", "word"),
    [
        ("2027-02-28T14:00", "2027-02-28T14:30", "2027-02-30"),
        ("2027-02-28T14:00", "2027-02-28T14:30", "soon"),
        ("2027-02-28T14:00", "2027-02-28T14:30", ""),
    ],
)
async def test_a_day_that_does_not_exist_is_malformed(zoned: World, start: str, end: str, word: str) -> None:
    """30 February, a word, nothing at all."""
    if zoned.subject.wall_clock is None:
        pytest.skip("its times carry an offset")
    words = zoned.subject.wall_clock(naive(start), naive(end))
    extra = {key: text.replace("2027-02-28", word) if isinstance(text, str) else text for key, text in words.items()}
    entry = zoned.enter(at(14), extra=extra)
    with pytest.raises(Malformed):
        await zoned.read(entry.id)


async def test_the_hint_decides_a_time_that_the_clock_shows_twice(zoned: World) -> None:
    """Without one, what the vendor means; and the other reading is told."""
    if zoned.subject.wall_clock is None:
        pytest.skip("its times carry an offset")
    words = zoned.subject.wall_clock(naive("2026-10-25T02:30"), naive("2026-10-25T02:45"))
    entry = zoned.enter(at(14), extra=words)
    for begins in (FIRST_OF_TWO, SECOND_OF_TWO):
        hint = zoned.shown(entry).with_values({Field.SLOT: Slot(start=begins, end=begins + timedelta(minutes=15))})
        assert (await zoned.read(entry.id, hint)).content.slot.start == begins
    record = await zoned.read(entry.id)
    meant, other = FIRST_OF_TWO, SECOND_OF_TWO
    if zoned.subject.means_second:
        meant, other = other, meant
    assert record.content.slot.start == meant
    assert other in {one.start for one in record.other_readings}


async def test_an_appointment_over_a_change_of_clocks_takes_as_long_as_it_takes(zoned: World) -> None:
    """An hour that begins before the clocks change is an hour."""
    for start in (at(0.25, day=25), at(0.25, day=28, month=3, year=2027)):
        target = zoned.target(slot=slot(start, HOUR), service="Consultation" if zoned.subject.services else None)
        if zoned.able.objection(target) is not None or not zoned.able.holds(Field.SLOT, target):
            continue
        answer = await zoned.create(target)
        assert (await zoned.read(answer.remote_id, target)).content.slot == target.slot

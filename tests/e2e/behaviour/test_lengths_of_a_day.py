"""Appointments of a whole day or longer, and of no length, beside a vendor whose records have one date."""

from __future__ import annotations

import pytest

from syncd import report
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ANA, JANE, OMAR, World, at, of, steps

DAY = 24 * 60
EQUAL_TIMES = {"office": {"equal_times": "kept"}}
"""An account that takes an end which equals the start."""


async def test_no_length_is_no_day(worlds: Worlds) -> None:
    """10:00 to 10:00 in the back office: left alone with its reason, and made nowhere, as a day least of all."""
    world = worlds(switches=EQUAL_TIMES)
    entry = world.enter("office", at(17), minutes=0)
    world.enter("office", at(12), OMAR)
    result = await world.cycle()
    assert result.exit_code == 3
    [kept] = result.quarantined
    assert (kept.vendor, kept.remote_id) == ("office", entry.id)
    assert "endTime equals startTime" in kept.reason
    await world.settle()
    assert world.calendars(["crm", "book", "site"]) == [[at(12)]]


async def test_a_record_that_loses_its_length_keeps_its_time_elsewhere(worlds: Worlds) -> None:
    """Somebody types the same end as start: the others stay as they are until that is corrected."""
    world = worlds(switches=EQUAL_TIMES)
    entry = world.enter_everywhere(at(17))
    world.enter_everywhere(at(10), OMAR)
    await world.settle()
    here = world.the("crm", entry.id, "office").id
    world.servers["office"].person_edit(here, end=at(17))
    result = await world.cycle()
    assert (result.exit_code, steps(result)) == (3, [])
    assert of(result, "office").snapshot == "complete"
    assert world.calendars() == [[at(10), at(17)]]
    world.servers["office"].person_edit(here, start=at(18), end=at(18.5))
    await world.settle()
    assert world.calendars() == [[at(10), at(18)]]


@pytest.mark.parametrize("minutes", [DAY, DAY + 30, 3 * DAY])
async def test_a_day_or_more_is_not_made_where_an_end_has_no_date(world: World, minutes: int) -> None:
    """It would come back as another length: it is left out there, with words."""
    world.enter("crm", at(17), ANA, minutes)
    result = await world.cycle()
    [kept] = [one for one in result.quarantined if one.vendor == "office"]
    assert "no date for an end" in kept.reason
    assert world.starts("office") == []
    assert (await world.cycle()).exit_code == 0


async def test_an_appointment_that_becomes_a_day_long_is_told_to_whoever_keeps_the_old_time(world: World) -> None:
    """The back office cannot show it: it keeps its record, which says so until somebody acts; nothing moves back."""
    entry = world.enter_everywhere(at(17))
    world.enter_everywhere(at(10), JANE)
    await world.settle()
    here = world.the("crm", entry.id, "office").id
    world.servers["crm"].person_edit(entry.id, start=at(17, day=23), end=at(17, day=24))
    result = await world.cycle()
    assert result.exit_code == 3
    [kept] = [one for one in result.quarantined if one.vendor == "office"]
    assert (kept.remote_id, kept.new) == (here, True)
    assert "it stays at 2026-10-22 17:00–17:30 UTC there" in kept.reason
    for _ in range(2):
        again = await world.cycle()
        assert kept.reason in report.text(again)
        assert [one.new for one in again.quarantined if one.vendor == "office"] == [False]
    assert world.servers["office"].entries[here].start == at(17)
    assert world.servers["crm"].entries[entry.id].start == at(17, day=23)
    world.servers["crm"].person_edit(entry.id, start=at(18, day=23), end=at(18.5, day=23))
    await world.settle()
    assert [one.start for one in world.live("office")] == [at(10), at(18, day=23)]
    assert not [one for one in world.results[-1].quarantined if one.vendor == "office"]

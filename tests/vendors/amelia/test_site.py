"""What an Amelia site says of itself, and that its times are believed only where its clock is the configured one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from syncd.model.catalogue import Catalogue, Entry
from syncd.model.errors import Misconfigured, Unreachable
from syncd.model.times import Window
from syncd.vendors.amelia.adapter import Adapter
from syncd.vendors.amelia.facts import Facts, read_facts
from tests.vendors.amelia.world import NOW, WINDOW, World, appointment, at, listing, slot

SETTINGS = "GET /settings"
SHORT = Window(since=NOW - timedelta(days=1), until=NOW + timedelta(days=3))
"""A window that ends before clocks are set back."""


async def texts(vendor: Adapter) -> str:
    """What it has to say after a listing."""
    await listing(vendor)
    return "\n".join(notice.text for notice in vendor.notices())


@pytest.mark.parametrize(
    ("site", "configured"),
    [
        ("Europe/Belgrade", "Europe/London"),
        ("Europe/Belgrade", "UTC"),
        ("Europe/Belgrade", "+02:00"),
        ("+05:30", "+05:00"),
        ("-03:30", "America/St_Johns"),
    ],
)
async def test_no_time_of_a_site_with_another_clock_is_believed(site: str, configured: str) -> None:
    """The listing ends before its first row, and the error names both clocks and the key."""
    world = World({"zone": site})
    world.enter()
    vendor = world.vendor(timezone=configured)
    with pytest.raises(Misconfigured) as caught:
        await anext(aiter(vendor.pages(WINDOW)))
    message = str(caught.value)
    assert message.startswith("site: ")
    assert all(part in message for part in (f"'{site}'", f"'{configured}'", "timezone in [vendors.site]"))
    [doubt] = await vendor.check()
    assert f"'{site}'" in doubt
    assert f"'{configured}'" in doubt


@pytest.mark.parametrize(
    ("site", "configured"),
    [
        ("Europe/Belgrade", "Europe/Belgrade"),
        ("Europe/Belgrade", "Europe/Paris"),
        ("Europe/Belgrade", "+02:00"),
        ("+02:00", "Europe/Belgrade"),
        ("+05:30", "Asia/Kolkata"),
        ("-03:30", "UTC-3:30"),
    ],
)
async def test_what_counts_is_what_clocks_show_in_the_window(site: str, configured: str) -> None:
    """Two names for one time are no difference, and an offset is a zone until the clocks change."""
    world = World({"zone": site})
    kept = world.enter()
    [row] = await listing(world.vendor(timezone=configured), SHORT)
    assert row.remote_id == kept.id


async def test_a_window_that_slides_into_a_difference_is_noticed_without_another_request() -> None:
    """What the site said is kept, and held against every window."""
    world = World({"zone": "Europe/Belgrade"})
    vendor = world.vendor(timezone="+02:00")
    await listing(vendor, SHORT)
    later = Window(since=SHORT.since + timedelta(hours=3), until=SHORT.until + timedelta(days=3))
    with pytest.raises(Misconfigured):
        await listing(vendor, later)
    assert world.calls.count(SETTINGS) == 2  # the second makes sure before it is said


async def test_the_settings_are_read_when_a_process_starts_and_every_few_hours() -> None:
    """A second listing costs nothing besides; a day of listings costs a handful."""
    world = World()
    vendor = world.vendor()
    for _ in range(2):
        await listing(vendor)
    assert world.calls == ["GET /appointments", SETTINGS, "GET /appointments"]
    for _ in range(24):
        world.now += timedelta(hours=1)
        await listing(vendor)
    assert 2 <= world.calls.count(SETTINGS) <= 6


async def test_a_process_that_remembers_asks_no_more_than_one_that_goes_on() -> None:
    """`--once` from cron makes no request beyond the listing, and what it remembers outlives no configuration."""
    world = World()
    first = world.vendor()
    await listing(first)
    world.seen.clear()
    second = world.vendor()
    second.recall(first.memory())
    await listing(second)
    assert world.calls == ["GET /appointments"]
    third = world.vendor(timezone="UTC")
    third.recall(second.memory())
    with pytest.raises(Misconfigured):
        await listing(third)


async def test_a_clock_that_was_put_right_at_the_site_is_believed_at_once() -> None:
    """While the two differ it is asked anew in each cycle."""
    world = World({"zone": "UTC"})
    vendor = world.vendor(timezone="Europe/Belgrade")
    for _ in range(2):
        with pytest.raises(Misconfigured):
            await listing(vendor)
    world.site.set_behaviour(zone="Europe/Belgrade")
    world.enter()
    assert len(await listing(vendor)) == 1


async def test_a_clock_that_somebody_changes_at_the_site_is_noticed_the_same_day() -> None:
    """What was read once is not believed for ever."""
    world = World()
    vendor = world.vendor(timezone="Europe/Belgrade")
    await listing(vendor)
    world.site.set_behaviour(zone="UTC")
    world.now += timedelta(hours=12)
    with pytest.raises(Misconfigured):
        await listing(vendor)


@pytest.mark.parametrize("denied", ["403", "404"])
async def test_a_key_that_may_not_read_the_settings_is_no_obstacle(denied: str) -> None:
    """The site is read as ever, once told that nobody compared the clocks; it is not asked in every cycle."""
    world = World({"settings": denied})
    world.enter()
    vendor = world.vendor()
    assert "is not compared" in await texts(vendor)
    assert not any(notice.grave for notice in vendor.notices())
    assert len(await listing(vendor)) == 1
    assert world.calls.count(SETTINGS) == 1
    assert await vendor.check() == ()


async def test_settings_that_cannot_be_read_for_now_are_waited_for() -> None:
    """A site whose clock nobody knows yet is not believed because it was busy; one that is known goes on."""
    world = World()
    world.enter()
    vendor = world.vendor()
    world.fault("status", path="/settings", code=503)
    with pytest.raises(Unreachable):
        await listing(vendor)
    world.site.faults.clear()
    assert len(await listing(vendor)) == 1
    world.fault("status", path="/settings", code=503)
    world.now += timedelta(days=1)
    assert len(await listing(vendor)) == 1


@pytest.mark.parametrize(
    ("step", "minutes", "warned"),
    [(30, (30, 45), True), (30, (30, 60), False), (5, (30, 45), False), (15, (45,), False), (30, (None,), True)],
)
async def test_a_coarse_step_of_starts_is_warned_of(step: int, minutes: tuple[int | None, ...], warned: bool) -> None:
    """Where some service's length would shift the starts behind it; the build is named in any case."""
    lengths = [None if one is None else timedelta(minutes=one) for one in minutes]
    rows = tuple(Entry(name=f"Service {one}", ids={"site": 2}, duration=one, default=True) for one in lengths)
    world = World({"slot_step": step, "generation": "2.4"})
    said = await texts(world.vendor(catalogue=Catalogue(services=rows)))
    assert "Amelia 2.4.3" in said
    assert f"every {step} minutes" in said
    assert ("default time slot step" in said) is warned


def raw(**tables: Any) -> bytes:
    """The JSON of settings."""
    return json.dumps(tables).encode()


@pytest.mark.parametrize(
    ("press", "zone"),
    [
        ({"timeZoneString": "Europe/Belgrade", "gmtOffset": 1}, "Europe/Belgrade"),
        ({"timeZoneString": "", "gmtOffset": 5.5}, "+05:30"),
        ({"timeZoneString": None, "gmtOffset": "-3"}, "-03:00"),
        ({"gmtOffset": 0}, "+00:00"),
        ({"timeZoneString": ""}, ""),
        ({"timeZoneString": 7, "gmtOffset": "soon"}, ""),
        ({"timeZoneString": "", "gmtOffset": 99}, ""),
        ({"timeZoneString": "", "gmtOffset": True}, ""),
    ],
)
def test_the_zone_is_a_name_or_an_offset_in_hours(press: dict[str, Any], zone: str) -> None:
    """WordPress has either; what is neither is not told."""
    assert read_facts(raw(wordpress=press), 0).zone == zone


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"[]",
        b"null",
        b"7",
        raw(wordpress=[], activation="x", general=None),
        raw(general={"timeSlotLength": "1e9"}),
    ],
)
def test_settings_of_another_shape_tell_nothing(odd: bytes) -> None:
    """No fact is guessed."""
    assert read_facts(odd, 3.0) == Facts(at=3.0)


@pytest.mark.parametrize(
    ("told", "step", "shifting"),
    [("yes", 15, []), ("yes", 30, [45]), ("yes", 60, [30, 45]), ("403", 60, [45])],
)
async def test_which_lengths_shift_later_starts_goes_by_the_step(told: str, step: int, shifting: list[int]) -> None:
    """As the site says it; where the key may not read that, by what Amelia is installed with, 30 minutes."""
    world = World({"slot_step": step, "settings": told, "generation": "2.4"})
    vendor = world.vendor()
    await listing(vendor)
    shifts = vendor.capabilities.shifts
    assert [minutes for minutes in (30, 45, 60) if shifts(appointment(slot=slot(at(8), minutes)))] == shifting

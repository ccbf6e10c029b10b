"""What a WordPress site under syncd may be like: in another zone, too big for one answer, with odd customers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.model.plan import Outcome
from syncd.sandbox.frame.records import Person
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ANA, JANE, OMAR, World, at, steps

TOLD: dict[str, Any] = {"site": {"settings": "yes"}}
"""The key may read the site's settings."""
OTHERS = ("crm", "book", "office")
AGENT = Person("Jordan", "Lee", "agent@example.com", "+1 661 555 0123")
"""Who attends every appointment of the sandbox's CRM."""


def result_of(world: World, name: str) -> Any:
    """The last cycle's line on a vendor."""
    [found] = [one for one in world.results[-1].vendors if one.name == name]
    return found


async def test_a_site_in_another_zone_than_configured_moves_nothing_anywhere(worlds: Worlds) -> None:
    """Not what was entered there and not to it: exit 3 in every cycle, both zones and the key named; put right, all
    is in step. The other vendors go on meanwhile."""
    world = worlds(switches=TOLD, options={"site": {"timezone": "UTC"}})
    world.enter("site", at(12))
    world.enter("crm", at(15), OMAR)
    for _ in range(2):
        result = await world.cycle()
        assert result.exit_code == 3
        assert {step.operation.vendor for step in result.steps} <= {*OTHERS}
        error = result_of(world, "site").error or ""
        assert all(part in error for part in ("'Europe/Belgrade'", "'UTC'", "timezone in [vendors.site]"))
    assert [world.starts(name) for name in OTHERS] == [[at(15)]] * 3
    assert world.starts("site") == [at(12)]
    world.start_syncd()
    await world.cycle()
    await world.settle()
    assert world.calendars() == [[at(12), at(15)]]


async def test_a_site_that_is_moved_to_another_zone_is_noticed_before_anything_moves(worlds: Worlds) -> None:
    """Also by a process that remembers what the site said before."""
    belgrade = {"site": {"timezone": "Europe/Belgrade"}}
    world = worlds(switches=TOLD, options=belgrade)
    world.enter_everywhere(at(12))
    await world.cycle()
    world.servers["site"].set_behaviour(zone="America/New_York")
    world.start_syncd(options=belgrade)
    world.clock.forward(hours=12)
    result = await world.cycle()
    assert (result.exit_code, steps(result)) == (3, [])
    assert "'America/New_York'" in (result_of(world, "site").error or "")


async def test_the_settings_are_asked_for_once_and_not_in_the_next_cycle(worlds: Worlds) -> None:
    """Nor by the next process within the hours that they are believed."""
    world = worlds(switches=TOLD)
    world.enter_everywhere(at(12))
    await world.cycle()
    for _ in range(2):
        before = len(world.wires["site"].requests)
        await world.cycle()
        assert len(world.wires["site"].requests) == before + 1
        world.start_syncd()


@pytest.mark.parametrize("overload", ["500", "silence"])
async def test_a_site_too_big_for_one_answer_is_read_in_pieces(worlds: Worlds, overload: str) -> None:
    """Nothing is missed, doubled or cancelled, the size that works is remembered, also by the next process."""
    big = {"generation": "2.1.3", "max_rows_unpaged": 12, "overload": overload}
    world = worlds(switches={"site": big})
    starts = [at(8, day=21) + timedelta(days=4 * number) for number in range(20)]
    for start in starts:
        world.enter("site", start)
    first = await world.cycle()
    assert result_of(world, "site").snapshot == "complete"
    assert {step.outcome for step in first.steps} <= {Outcome.DONE}
    assert world.calendars() == [starts]
    assert any("in pieces of" in text for text in result_of(world, "site").notices)
    world.start_syncd()
    before = len(world.wires["site"].requests)
    assert steps(await world.cycle()) == []
    assert len(world.wires["site"].requests) == before + 2


async def test_a_site_that_is_too_big_for_half_is_read_a_cycle_later(worlds: Worlds) -> None:
    """One step a cycle: until then it has failed, and nothing is concluded from it."""
    world = worlds(switches={"site": {"generation": "1.x", "max_rows_unpaged": 13}})
    starts = [at(8, day=21) + timedelta(days=number) for number in range(40)]
    world.enter("crm", at(15, day=20))
    for start in starts:
        world.enter("site", start)
    first = await world.cycle()
    assert first.exit_code == 3
    assert result_of(world, "site").snapshot in ("failed", "partial")
    assert not any(step.operation.vendor == "site" for step in first.steps)
    for _ in range(3):
        await world.cycle()
    await world.settle()
    assert result_of(world, "site").snapshot == "complete"
    assert world.calendars() == [[at(15, day=20), *starts]]


@pytest.mark.parametrize(
    ("email", "reason"),
    [("jordan@example.com", "an employee of the site"), ("jané@example.com", "none that Amelia takes")],
)
async def test_a_customer_that_amelia_refuses_is_quarantined_with_the_reason(
    worlds: Worlds, email: str, reason: str
) -> None:
    """In words, without the address; the other vendors have the appointment."""
    world = worlds()
    world.enter("book", at(12), replace(JANE, email=email))
    result = await world.cycle()
    [refused] = [step for step in result.steps if step.operation.vendor == "site"]
    assert refused.outcome is Outcome.QUARANTINED
    assert reason in (refused.error or "")
    assert email not in (refused.error or "")
    assert [world.starts(name) for name in OTHERS] == [[at(12)]] * 3


async def test_a_refused_create_says_what_it_left_behind(worlds: Worlds) -> None:
    """The customer is made before the time can be asked for: refused again, the reason says so still."""
    world = worlds(switches={"site": {"generation": "2.1.3"}})
    world.between("site", "create", lambda: world.enter("site", at(12), OMAR))
    world.enter("book", at(12), JANE)
    for _ in range(3):
        result = await world.cycle()
        [stuck] = [entry for entry in result.quarantined if entry.vendor == "site"]
        assert stuck.reason.endswith("1 customer(s) were made for it and stay in Amelia's list")


@pytest.mark.parametrize("restarted", [False, True], ids=["the same process", "each cycle a process"])
async def test_a_create_that_its_changed_day_makes_no_room_for_says_still_what_it_left(
    worlds: Worlds, *, restarted: bool
) -> None:
    """Refused, tried again as somebody booked that day, and refused again: the customer is there as before."""
    world = worlds(switches={"site": {"generation": "2.1.3"}})
    world.between("site", "create", lambda: world.enter("site", at(12), OMAR))
    world.enter("book", at(12), JANE)
    await world.cycle()
    world.enter("site", at(15), ANA)
    if restarted:
        world.start_syncd()
    result = await world.cycle()
    assert world.sent("site")["create"] == 1
    [stuck] = [entry for entry in result.quarantined if entry.vendor == "site"]
    assert stuck.reason.endswith("1 customer(s) were made for it and stay in Amelia's list")


@pytest.mark.parametrize("way", ["none", "own_addresses", "a service for several"])
async def test_two_people_at_a_service_for_one_are_refused_with_the_way_out(worlds: Worlds, way: str) -> None:
    """A client, and an agent of ours who attends: either way that is named leads out."""
    shown = {"get_rows": "full", "attendees": "agent"}
    several = {"group_services": (2, 3) if way == "a service for several" else ()}
    ours = [AGENT.email if way == "own_addresses" else "@elsewhere.example"]
    world = worlds(
        names=("crm", "site"), switches={"crm": shown, "site": several}, options={"crm": {"own_addresses": ours}}
    )
    world.enter("crm", at(12), JANE)
    result = await world.cycle()
    [step] = steps(result, vendor="site")
    said = step.error or ""
    if way == "none":
        assert step.outcome is Outcome.QUARANTINED
        hint = "a service for one person at a time takes none of its 2 clients together"
        assert all(words in said for words in (hint, "own_addresses", "a service for several people"))
        assert JANE.email not in said
    else:
        assert (step.outcome, world.starts("site")) == (Outcome.DONE, [at(12)])


async def test_one_client_is_told_nothing_about_services_for_several(worlds: Worlds) -> None:
    """The time alone was refused."""
    world = worlds(names=("crm", "site"), switches={"site": {"generation": "2.1.3"}})
    world.between("site", "create", lambda: world.enter("site", at(12), OMAR))
    world.enter("crm", at(12), JANE)
    [step] = steps(await world.cycle(), vendor="site")
    assert "own_addresses" not in (step.error or "")


async def test_a_customer_whom_somebody_booked_meanwhile_is_left_behind_no_more(worlds: Worlds) -> None:
    """What syncd made has an appointment by now: the reason says nothing of it."""
    world = worlds(names=("crm", "site"), switches={"site": {"generation": "2.1.3"}})
    world.between("site", "create", lambda: world.enter("site", at(12), OMAR))
    world.enter("crm", at(12), JANE)
    await world.cycle()
    world.enter("site", at(15), JANE)
    result = await world.cycle()
    [stuck] = [entry for entry in result.quarantined if entry.vendor == "site"]
    assert (world.sent("site")["create"], "stay in Amelia" in stuck.reason) == (1, False)

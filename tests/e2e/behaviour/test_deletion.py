"""Absence is not deletion: only the vendor's own "not found" is, from a vendor that finds what it has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from syncd.model.plan import Action, Outcome
from tests.e2e.behaviour.world import ALL, JANE, OMAR, World, at, of, outcomes, steps

EACH_VENDOR = pytest.mark.parametrize("origin", ALL)
NO_EVIDENCE: dict[str, tuple[str, dict[str, Any]]] = {
    "500": ("status", {"code": 500, "body": "<html>oops</html>"}),
    "401": ("status", {"code": 401}),
    "a 404 of the web server": ("status", {"code": 404, "body": "<html>Not Found</html>"}),
    "html": ("html", {}),
    "an empty body": ("empty", {}),
    "silence": ("hang", {}),
    "another 404": ("status", {"code": 404, "body": {"detail": "Not Found"}}),
}


async def settled(world: World, origin: str) -> tuple[str, str]:
    """Two appointments in step; the ids of the origin's records."""
    first, second = world.enter_everywhere(at(15), JANE), world.enter_everywhere(at(17), OMAR)
    assert (await world.cycle()).exit_code == 0
    return world.the("crm", first.id, origin).id, world.the("crm", second.id, origin).id


@EACH_VENDOR
async def test_a_record_that_its_vendor_does_not_have_any_more_is_cancelled_elsewhere(
    world: World, origin: str
) -> None:
    """It is asked for by id once, and the reason says who deleted it."""
    gone, _ = await settled(world, origin)
    world.servers[origin].person_delete(gone)
    result = await world.cycle()
    assert result.exit_code == 0
    assert outcomes(result) == dict.fromkeys(set(ALL) - {origin}, "done")
    assert all(f"{origin} deleted it" in step.operation.reason for step in steps(result, Action.CANCEL))
    assert world.calendars() == [[at(17)]]
    quiet = await world.cycle()
    assert quiet.steps == ()
    assert world.sent(origin) == {"list": 1}


@EACH_VENDOR
@pytest.mark.parametrize("what", NO_EVIDENCE)
async def test_a_missing_record_without_evidence_is_left_alone(world: World, origin: str, what: str) -> None:
    """Missing from a complete listing, and asked for by id it gives anything but the vendor's own word."""
    hidden, _ = await settled(world, origin)
    entry = world.hide(origin, hidden)
    kind, arguments = NO_EVIDENCE[what]
    world.fault(origin, kind, "get", **arguments)
    result = await world.cycle()
    assert result.exit_code == 3
    assert of(result, origin).error
    assert all(step.outcome.value == "held" for step in steps(result))
    others = [name for name in ALL if name != origin]
    assert world.calendars(others) == [[at(15), at(17)]]
    world.mend()
    world.unhide(origin, entry)
    assert (await world.settle()).exit_code == 0
    assert world.calendars() == [[at(15), at(17)]]


@EACH_VENDOR
async def test_a_vendor_that_does_not_find_what_it_lists_is_not_believed(world: World, origin: str) -> None:
    """It says "not found" of everything: that says nothing of the one that is missing, until it finds the others."""
    hidden, present = await settled(world, origin)
    world.servers[origin].person_delete(hidden)
    world.blind(origin)
    await world.cycle()
    others = [name for name in ALL if name != origin]
    assert world.calendars(others) == [[at(15), at(17)]]
    assert world.servers[origin].entries[present].start == at(17)
    world.mend()
    await world.cycle()
    world.desk.approve([])
    await world.settle()
    assert world.calendars() == [[at(17)]]


@EACH_VENDOR
async def test_a_cancellation_held_for_doubt_goes_out_once_the_vendor_says_so(world: World, origin: str) -> None:
    """What was held was the doubt: nobody has to approve a deletion that the vendor has confirmed since."""
    gone, _ = await settled(world, origin)
    world.servers[origin].person_delete(gone)
    world.fault(origin, "status", "get", code=500, body="<html>oops</html>")
    held = await world.cycle()
    assert set(outcomes(held).values()) == {"held"}
    world.mend()
    assert (await world.cycle()).exit_code == 0
    assert world.calendars() == [[at(17)]]


@EACH_VENDOR
async def test_a_vendor_that_finds_nothing_right_before_a_write_is_not_believed_either(
    world: World, origin: str
) -> None:
    """It lists everything, and says "not found" of what is about to be moved there: nothing is cancelled for that."""
    first, _ = await settled(world, origin)
    other = next(name for name in ALL if name != origin)
    world.move(other, world.the(origin, first, other).id, at(16))
    world.blind(origin)
    result = await world.cycle()
    assert steps(result, Action.CANCEL) == []
    assert {name: len(world.live(name)) for name in ALL} == dict.fromkeys(ALL, 2)
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(16), at(17)]]


@EACH_VENDOR
async def test_a_record_that_is_listed_and_not_found_right_before_a_write_is_not_gone(
    world: World, origin: str
) -> None:
    """Its vendor finds others. One of the two answers is wrong: the next listing says which."""
    first, _ = await settled(world, origin)
    other = next(name for name in ALL if name != origin)
    world.move(other, world.the(origin, first, other).id, at(16))
    world.blind(origin, first)
    assert steps(await world.cycle(), Action.CANCEL) == []
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(16), at(17)]]


@EACH_VENDOR
async def test_a_record_outside_the_window_is_gone_only_if_its_vendor_finds_anything(world: World, origin: str) -> None:
    """Moved into the window elsewhere; where it was, nothing is listed now, and nothing is found."""
    first, _ = await settled(world, origin)
    other = next(name for name in ALL if name != origin)
    world.start_syncd(sync={"future": "1d"})
    soon = world.clock.now.replace(minute=0, second=0) + timedelta(hours=20)
    world.move(other, world.the(origin, first, other).id, soon)
    world.blind(origin)
    assert steps(await world.cycle(), Action.CANCEL) == []
    world.mend()
    await world.settle()
    assert world.calendars() == [[soon, at(17)]]


async def test_an_ended_record_that_nothing_proves_to_be_gone_is_not_looked_for_in_every_cycle(world: World) -> None:
    """It was cancelled and then deleted at a site that has no other; a no-show elsewhere is to be written to it."""
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    there = world.the("crm", entry.id, "site").id
    world.servers["crm"].person_edit(entry.id, status="cancelled")
    await world.settle()
    world.servers["site"].person_delete(there)
    world.servers["crm"].person_edit(entry.id, status="no_show")
    [step] = steps(await world.cycle(), vendor="site")
    assert (step.outcome, step.remote_id) == (Outcome.QUARANTINED, there)
    for _ in range(2):
        result = await world.cycle()
        assert (steps(result), result.exit_code) == ([], 0)
        assert world.sent("site") == {"list": 1}
    assert world.servers["crm"].entries[entry.id].status == "no_show"

"""A vendor that cannot be read: the others go on, nothing is concluded from its silence, and nothing is lost by it."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.model.plan import Action, Outcome
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, HOUR, JANE, OMAR, World, at, of, steps

OUTAGES: dict[str, tuple[str, dict[str, Any], str]] = {
    "down": ("cut", {}, "no connection"),
    "silent": ("hang", {}, "no answer"),
    "unauthorised": ("status", {"code": 401}, "401"),
    "failing": ("status", {"code": 500}, "500"),
    "html": ("html", {}, "answer"),
    "truncated": ("truncate", {}, "answer"),
    "too busy": ("retry_after", {"value": "600"}, "429"),
}
EACH_VENDOR = pytest.mark.parametrize("lost", ALL)


def lose(world: World, name: str, how: str) -> str:
    """Let a vendor be lost in that way; returns a word that the report must have of it."""
    kind, arguments, word = OUTAGES[how]
    if kind == "cut":
        world.wires[name].cut = True
    else:
        world.fault(name, kind, **arguments)
    return word


@EACH_VENDOR
@pytest.mark.parametrize("how", OUTAGES)
async def test_the_others_stay_in_step_while_one_is_lost(world: World, lost: str, how: str) -> None:
    """A move goes round among them, nothing is cancelled anywhere, and the report names the vendor and why."""
    others = [name for name in ALL if name != lost]
    moved, kept = world.enter_everywhere(at(15), JANE), world.enter_everywhere(at(17), OMAR)
    assert (await world.cycle()).exit_code == 0
    origin = others[0]
    here = {who: world.the("crm", entry.id, origin) for who, entry in (("jane", moved), ("omar", kept))}
    world.move(origin, here["jane"].id, at(16))
    word = lose(world, lost, how)
    result = await world.cycle()
    assert result.exit_code == 3
    assert of(result, lost).snapshot == "failed"
    error = of(result, lost).error or ""
    assert lost in error
    assert word in error
    assert {of(result, name).snapshot for name in others} == {"complete"}
    assert world.calendars(others) == [[at(16), at(17)]]
    assert steps(result, Action.CANCEL) == steps(result, Action.CREATE) == []
    assert all(step.operation.vendor != lost or step.outcome.value != "done" for step in steps(result))
    world.mend()
    await world.cycle(minutes=15)  # as long as the longest that a vendor asks to be left alone
    back = await world.settle()
    assert back.exit_code == 0
    assert world.starts(lost) == [at(16), at(17)]


@EACH_VENDOR
async def test_edits_on_both_sides_of_an_outage_all_count(world: World, lost: str) -> None:
    """What its own people did meanwhile, and what the others did to other appointments and other fields."""
    others = [name for name in ALL if name != lost]
    first, second = world.enter_everywhere(at(15), JANE), world.enter_everywhere(at(17), OMAR)
    await world.cycle()
    mine, theirs = world.the("crm", first.id, lost), world.the("crm", second.id, others[0])
    lose(world, lost, "down")
    await world.cycle()
    world.move(lost, mine.id, at(11))
    world.move(others[0], theirs.id, at(12))
    new = world.enter(others[1], at(19), JANE)
    await world.cycle()
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(11), at(12), at(19)]]
    assert world.the(others[1], new.id, lost).start == at(19)


@EACH_VENDOR
async def test_the_same_field_changed_on_both_sides_of_an_outage_is_a_conflict(world: World, lost: str) -> None:
    """Recorded with both values when the vendor is back, although the others had agreed already."""
    others = [name for name in ALL if name != lost]
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    lose(world, lost, "html")
    world.move(others[0], world.the("crm", entry.id, others[0]).id, at(12))
    await world.cycle()
    world.move(lost, world.the("crm", entry.id, lost).id, at(13))
    await world.cycle()
    world.mend()
    result = await world.cycle()
    [conflict] = result.conflicts
    assert conflict.field == "slot"
    assert {value.start for value in conflict.values.values()} == {at(12), at(13)}
    assert conflict.winner is not None
    await world.settle()
    assert {tuple(world.starts(name)) for name in ALL} == {(conflict.values[conflict.winner].start,)}


@EACH_VENDOR
async def test_a_cancellation_while_a_vendor_is_lost_reaches_it_later(world: World, lost: str) -> None:
    """And one that its own people made reaches the others."""
    first, second = world.enter_everywhere(at(15), JANE), world.enter_everywhere(at(17), OMAR)
    third = world.enter_everywhere(at(19), JANE)
    others = [name for name in ALL if name != lost]
    await world.cycle()
    lose(world, lost, "down")
    world.call_off(others[0], world.the("crm", first.id, others[0]).id)
    await world.cycle()
    world.call_off(lost, world.the("crm", second.id, lost).id)
    await world.cycle()
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(19)]]
    assert world.the("crm", third.id, lost).start == at(19)


@pytest.mark.parametrize("kind", ["partial_list", "half_list"])
async def test_half_a_listing_cancels_and_creates_nothing(worlds: Worlds, kind: str) -> None:
    """Of a vendor that pages and counts: what is missing from it is not missing there."""
    world = worlds(names=("crm", "office"))
    days = range(106) if kind == "partial_list" else range(12)  # a second page, or one page cut in half
    for day in days:
        world.enter("crm", at(10, day=day // 2 + 21) + day % 2 * HOUR, JANE if day % 2 else OMAR)
    await world.settle()
    world.fault("crm", kind)
    moved = world.live("office")[0]
    world.move("office", moved.id, at(15, day=21))
    result = await world.cycle()
    assert result.exit_code == 3
    assert of(result, "crm").snapshot == "partial"
    assert "crm" in (of(result, "crm").error or "")
    assert steps(result, Action.CANCEL) == steps(result, Action.CREATE) == []
    assert {name: len(world.live(name)) for name in world.servers} == {"crm": len(days), "office": len(days)}
    world.mend()
    await world.settle()
    assert world.starts("crm") == world.starts("office")


async def test_a_vendor_lost_between_listing_and_writing_is_written_later(worlds: Worlds) -> None:
    """Its operations fail and are done in the next cycle; the others' are done."""
    world = worlds()
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    world.fault("site", "status", "get", "reschedule", "update", code=503)
    world.move("crm", entry.id, at(16))
    result = await world.cycle()
    assert result.exit_code == 3
    assert world.starts("book") == world.starts("office") == [at(16)]
    world.mend()
    await world.settle()
    assert world.starts("site") == [at(16)]


@EACH_VENDOR
async def test_a_listing_that_lacks_what_exists_is_half_a_listing(world: World, lost: str) -> None:
    """What else may be missing from it nobody knows: nothing is made at that vendor until it shows all."""
    seen, other = world.enter_everywhere(at(15), JANE), world.enter_everywhere(at(17), OMAR)
    assert (await world.cycle()).exit_code == 0
    keep = {world.the("crm", entry.id, lost).id for entry in (seen, other)}
    origin = next(name for name in ALL if name != lost)
    twin = world.enter(origin, at(19), JANE)
    there = world.enter(lost, at(19), JANE)
    world.fault(lost, "half_list")
    result = await world.cycle()
    assert steps(result, Action.CREATE, lost) == []
    assert (result.exit_code, of(result, lost).snapshot) == (3, "partial")
    tells_a_total = lost == "crm"
    assert tells_a_total or "its listing lacks record" in (of(result, lost).error or "")
    assert {*keep, there.id} == {entry.id for entry in world.live(lost)}
    world.mend()
    await world.settle()
    assert world.the(origin, twin.id, lost).id == there.id
    assert world.calendars() == [[at(15), at(17), at(19)]]


async def test_half_a_listing_asks_for_nothing_and_concludes_nothing(worlds: Worlds) -> None:
    """Even of a record that was deleted meanwhile, as its vendor would say: that counts once the listing is whole."""
    world = worlds(names=("crm", "office"))
    for hour in range(12):
        world.enter_everywhere(at(10, day=21 + hour), OMAR)
    await world.settle()
    gone = world.live("crm")[-1]
    world.fault("crm", "half_list")
    world.servers["crm"].person_delete(gone.id)
    result = await world.cycle()
    assert of(result, "crm").snapshot == "partial"
    assert world.sent("crm")["get"] == 0
    assert steps(result) == []
    assert len(world.live("office")) == 12
    world.mend()
    await world.settle()
    assert len(world.live("office")) == 11


@pytest.mark.parametrize("name", ALL)
async def test_a_vendor_that_accepts_the_key_no_more_is_sent_no_further_write(world: World, name: str) -> None:
    """The first of many writes shows it; every other would be refused for the same reason, and may lock the account."""
    origin = "office" if name != "office" else "crm"
    for hour in range(5):
        world.enter(origin, at(10 + hour), OMAR)
    world.fault(name, "status", "create", code=401)
    result = await world.cycle()
    assert world.sent(name)["create"] == 1
    assert {step.outcome for step in steps(result, vendor=name)} == {Outcome.FAILED}
    assert result.exit_code == 3
    world.mend()
    await world.settle()
    assert len(world.live(name)) == 5


@pytest.mark.parametrize("name", ALL)
async def test_nothing_is_made_at_a_vendor_that_lists_nothing_any_more(world: World, name: str) -> None:
    """People entered it there, too, and its empty listing does not show that: it waits, and both are linked."""
    world.enter_everywhere(at(18), OMAR)
    await world.cycle()
    for each in ALL:
        world.enter(each, at(15))
    world.fault(name, "empty_list", "list")
    result = await world.cycle()
    assert steps(result, Action.CREATE) == []
    assert any(f"{name} lists nothing at all any more" in line for line in result.waiting)
    world.mend()
    assert (await world.settle()).exit_code == 0
    assert world.calendars() == [[at(15), at(18)]]

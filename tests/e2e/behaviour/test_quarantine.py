"""What a vendor refuses is left alone, with its reason, until it changes or an operator acts. No word is lost."""

from __future__ import annotations

import pytest

from syncd import report
from syncd.model.plan import Action, Outcome
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, ANA, HALF_HOUR, OMAR, World, at, of, steps


async def taken_at_the_site(world: World) -> str:
    """An appointment of the back office whose time is taken at the site, by somebody whom nobody else knows yet."""
    world.servers["site"].set_behaviour(enforce_slots=True)
    entry = world.enter("office", at(15), ANA)
    world.between("site", "create", lambda: world.enter("site", at(14.5), OMAR, minutes=60))
    return entry.id


async def test_a_refused_create_is_quarantined_and_not_tried_again(world: World) -> None:
    """News once, with exit 3; then it rests, also in a dry run, and costs no request."""
    remote_id = await taken_at_the_site(world)
    first = await world.cycle()
    assert first.exit_code == 3
    [entry] = [entry for entry in first.quarantined if entry.vendor == "site"]
    assert entry.new
    assert "the time is not free there" in entry.reason
    assert world.twin("office", remote_id, "book") is not None
    await world.cycle()
    for how in ({}, {"dry_run": True}):
        again = await world.cycle(**how)
        assert again.exit_code == 0
        assert world.sent("site")["create"] == 0
        assert [(one.vendor, one.new, one.reason) for one in again.quarantined] == [("site", False, entry.reason)]
        assert steps(again) == []
        assert entry.reason in report.text(again)
    [stored] = world.desk.quarantines()
    assert (stored.vendor, stored.reason) == ("site", entry.reason)


async def test_a_change_releases_what_was_refused(world: World) -> None:
    """Another time is another operation: it is tried, and the quarantine ends."""
    remote_id = await taken_at_the_site(world)
    await world.cycle()
    await world.cycle()
    world.move("office", remote_id, at(18))
    result = await world.cycle()
    assert result.exit_code == 0
    assert [step.outcome for step in steps(result, Action.CREATE, "site")] == [Outcome.DONE]
    assert world.the("office", remote_id, "site").start == at(18)
    assert world.desk.quarantines() == []
    assert (await world.cycle()).quarantined == ()


async def test_an_operator_releases_what_was_refused(world: World) -> None:
    """Once more: refused again it is news again, and when the reason is gone it works."""
    remote_id = await taken_at_the_site(world)
    await world.cycle()
    await world.cycle()
    world.desk.release([])
    again = await world.cycle()
    assert (again.exit_code, world.sent("site")["create"]) == (3, 1)
    world.servers["site"].set_behaviour(enforce_slots=False)
    world.desk.release([])
    assert (await world.cycle()).exit_code == 0
    assert world.the("office", remote_id, "site").start == at(15)
    assert world.desk.quarantines() == []


@pytest.mark.parametrize("name", ["crm", "book", "office"])
async def test_a_refused_change_holds_nothing_else_up(world: World, name: str) -> None:
    """The others are moved, later changes of the same appointment are tried, and no conflict comes of it."""
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    origin = "site"
    here = world.the("crm", entry.id, origin).id
    world.fault(name, "status", "reschedule", code=422)
    world.move(origin, here, at(16))
    result = await world.cycle()
    assert result.exit_code == 3
    assert {step.operation.vendor: step.outcome for step in steps(result)}[name] in (
        Outcome.QUARANTINED,
        Outcome.STALE,
        Outcome.FAILED,
    )
    assert {tuple(world.starts(vendor)) for vendor in ALL if vendor != name} == {(at(16),)}
    sent = world.sent(name)["reschedule"]
    second = await world.cycle()
    assert world.sent(name)["reschedule"] <= sent
    assert second.conflicts == ()
    world.mend()
    world.move(origin, here, at(17))
    await world.cycle()
    assert world.calendars() == [[at(17)]]
    assert world.desk.quarantines() == []


async def test_quarantine_ends_when_its_appointment_does(world: World) -> None:
    """What was called off needs no place at the site."""
    remote_id = await taken_at_the_site(world)
    world.enter_everywhere(at(9), OMAR)
    await world.cycle()
    await world.cycle()
    world.call_off("office", remote_id)
    result = await world.cycle()
    assert (result.exit_code, result.quarantined) == (0, ())
    assert world.desk.quarantines() == []


@pytest.mark.parametrize("origin", ALL)
async def test_a_row_without_what_a_decision_needs_is_quarantined_alone(world: World, origin: str) -> None:
    """A time that is none: named with its id, news once, and no appointment around it suffers."""
    keys = {"crm": "start_time", "book": "datetime", "office": "date", "site": "bookingStart"}
    words = {keys[origin]: "soon"} | ({"time": "soon"} if origin == "book" else {})
    known, bad = world.enter_everywhere(at(15)), world.enter(origin, at(17), OMAR, extra=words)
    first = await world.cycle()
    assert first.exit_code == 3
    [entry] = first.quarantined
    assert (entry.vendor, entry.remote_id, entry.new) == (origin, bad.id, True)
    assert of(first, origin).snapshot == "complete"
    second = await world.cycle()
    assert (second.exit_code, [one.new for one in second.quarantined]) == (0, [False])
    moved = world.the("crm", known.id, origin).id
    world.move(origin, moved, at(16))
    await world.cycle()
    assert {name: at(16) in world.starts(name) for name in ALL} == dict.fromkeys(ALL, True)
    world.servers[origin].person_edit(bad.id, extra={})
    assert (await world.cycle()).exit_code == 0
    assert world.calendars() == [[at(16), at(17)]]


@pytest.mark.parametrize("origin", ALL)
async def test_a_status_that_nobody_knows_changes_nothing_and_is_reported(world: World, origin: str) -> None:
    """The appointment stands everywhere as it was; the report has the vendor's word."""
    entry = world.enter_everywhere(at(15))
    await world.cycle()
    here = world.the("crm", entry.id, origin).id
    shown = {"extra": {"status": "on_hold"}} if origin in ("book", "site") else {"status": "on_hold"}
    world.servers[origin].person_edit(here, **shown)
    result = await world.cycle()
    assert (result.exit_code, steps(result)) == (0, [])
    [said] = [sentence for sentence in result.waiting if "on_hold" in sentence]
    assert origin in said
    assert said in report.text(result)
    others = [name for name in ALL if name != origin]
    assert world.calendars(others) == [[at(15)]]
    other = others[0]
    world.move(other, world.the("crm", entry.id, other).id, at(16))
    await world.cycle()
    kept = world.servers[origin].entries[here]
    assert (kept.start, kept.end) == (at(16), at(16) + HALF_HOUR)


async def test_a_dry_run_shows_what_the_next_run_does_and_writes_nothing(worlds: Worlds) -> None:
    """The same operations by the same ids, and not a byte at any vendor or in the store."""
    world = worlds()
    world.enter("crm", at(15))
    entry = world.enter_everywhere(at(17), OMAR)
    await world.cycle()
    world.move("book", world.the("crm", entry.id, "book").id, at(18))
    world.enter("office", at(10), ANA)
    dry = await world.cycle(dry_run=True)
    assert {name: world.written(name) for name in ALL} == dict.fromkeys(ALL, 0)
    assert {step.outcome for step in steps(dry)} == {Outcome.PLANNED}
    real = await world.cycle(minutes=0)
    assert {step.operation.id for step in steps(real)} == {step.operation.id for step in steps(dry)}
    assert real.exit_code == 0


async def test_an_outage_releases_nothing(world: World) -> None:
    """What the vendor refused is not tried again only because it could not be listed meanwhile."""
    remote_id = await taken_at_the_site(world)
    await world.cycle()
    await world.cycle()
    for kind in ("status", "half_list"):
        arguments = {"code": 503} if kind == "status" else {}
        world.fault("site", kind, "list", **arguments)
        world.move("crm", world.the("office", remote_id, "crm").id, at(15))
        await world.cycle()
        assert [entry.vendor for entry in world.desk.quarantines()] == ["site"]
        world.mend()
    result = await world.cycle()
    assert world.sent("site")["create"] == 0
    assert [(entry.vendor, entry.new) for entry in result.quarantined] == [("site", False)]


async def test_a_dry_run_remembers_nothing(worlds: Worlds) -> None:
    """What is linked, agreed, pending, quarantined and held in the store stays as it was, to the last value."""
    world = worlds()
    entry = world.enter_everywhere(at(17), OMAR)
    await world.cycle()
    world.move("book", world.the("crm", entry.id, "book").id, at(18))
    world.enter("office", at(10), ANA)
    before = (world.desk.counts(), world.desk.observations(), world.desk.cycles(9), world.known("crm", entry.id))
    await world.cycle(dry_run=True)
    after = (world.desk.counts(), world.desk.observations(), world.desk.cycles(9), world.known("crm", entry.id))
    assert after == before

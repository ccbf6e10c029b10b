"""A record that people change while syncd is about to write it is read and merged again: no change is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd import report
from syncd.model.plan import Action, Outcome
from syncd.sandbox.frame.records import Person
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, ANA, JANE, OMAR, World, at, steps

ZOE = Person("Zoe", "Quist", "zoe.quist@example.com", "2125550111")
EACH_VENDOR = pytest.mark.parametrize("name", ALL)


async def prepared(world: World, name: str) -> str:
    """One appointment everywhere, moved at another vendor; its id at this one.

    There is another one, so that no vendor's calendar is ever empty.
    """
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    assert (await world.cycle()).exit_code == 0
    other = next(vendor for vendor in ALL if vendor != name)
    here = world.the("crm", entry.id, name).id
    world.move(other, world.the("crm", entry.id, other).id, at(16))
    return here


@EACH_VENDOR
@pytest.mark.parametrize("moment", ["get", "reschedule"])
async def test_a_move_between_reading_and_writing_is_merged(world: World, name: str, moment: str) -> None:
    """Before the record is looked at, and right before it is written: all vendors agree, one of the two times stands.

    A vendor without versions may take the write of an instant before: then the conflict is not seen, as by any client.
    """
    here = await prepared(world, name)
    world.between(name, moment, lambda: world.move(name, here, at(18)))
    result = await world.cycle()
    versions = world.vendors[name].capabilities.guards_writes
    if moment == "get" or versions:
        [conflict] = result.conflicts
        assert {value.start for value in conflict.values.values()} == {at(16), at(18)}
        assert Outcome.STALE not in {step.outcome for step in result.steps}
    await world.settle()
    times = {tuple(world.starts(vendor)) for vendor in ALL}
    assert len(times) == 1
    assert times <= {(at(10), at(16)), (at(10), at(18))}


@pytest.mark.parametrize("stale", ["409", "400"])
async def test_an_answer_without_a_version_takes_no_guard_away(world: World, stale: str) -> None:
    """What was known of its version guards the write: a move in that moment is seen, not written over.

    The CRM says nothing of versions for a while; somebody moves it between the look and the write.
    """
    world.servers["crm"].set_behaviour(stale_version=stale)
    here = await prepared(world, "crm")
    world.fault("crm", "missing_field", field="version")
    world.between("crm", "reschedule", lambda: world.move("crm", here, at(18)))
    result = await world.cycle()
    assert world.servers["crm"].entries[here].start == at(18)
    [conflict] = result.conflicts
    assert {value.start for value in conflict.values.values()} == {at(16), at(18)}
    world.mend("crm")
    await world.settle()
    assert len({tuple(world.starts(vendor)) for vendor in ALL}) == 1


@pytest.mark.parametrize("name", ["book", "office", "site"])
@pytest.mark.parametrize("moment", ["get", "reschedule"])
async def test_another_field_changed_meanwhile_survives_at_once_or_later(world: World, name: str, moment: str) -> None:
    """The move arrives, the note too, everywhere that both can be held."""
    here = await prepared(world, name)
    world.between(name, moment, lambda: world.servers[name].person_edit(here, notes="Side door"))
    await world.cycle()
    await world.settle()
    assert world.calendars() == [[at(10), at(16)]]
    notes = {vendor: world.the(name, here, vendor).notes for vendor in ("book", "office", "site")}
    assert {text.partition("\n")[0] for text in notes.values()} == {"Side door"}


@EACH_VENDOR
async def test_a_cancellation_while_it_is_written_wins(world: World, name: str) -> None:
    """`cancel_wins`: whichever request it came between."""
    here = await prepared(world, name)
    world.between(name, "get", lambda: world.call_off(name, here))
    await world.cycle()
    await world.settle()
    assert world.calendars() == [[at(10)]]


async def test_a_record_that_is_gone_as_it_is_to_be_cancelled_ended_with_the_rest(world: World) -> None:
    """Called off; deleted by its own people a moment before that is written; then scheduled again at another vendor.

    That it is gone was seen before it was scheduled again: it is no newer cancellation, which would win.
    """
    here = await prepared(world, "office")
    await world.settle()
    crm = world.the("office", here, "crm").id
    world.servers["crm"].person_edit(crm, status="cancelled")
    world.between("office", "get", lambda: world.servers["office"].entries.pop(here, None))
    await world.cycle()
    world.mend()
    assert here not in world.servers["office"].entries
    world.servers["crm"].person_edit(crm, status="scheduled")
    world.fault("office", "status", "get", code=503)
    await world.cycle()
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10), at(16)]]


@pytest.mark.parametrize("stale", ["409", "400"])
async def test_a_record_that_moves_all_the_time_is_given_up_for_this_cycle(world: World, stale: str) -> None:
    """At most three rounds: then it is stale in the report, exit 3, and the next cycle takes it up."""
    world.servers["crm"].set_behaviour(stale_version=stale)
    here = await prepared(world, "crm")
    crm = world.servers["crm"]
    moves = iter(at(19) + timedelta(minutes=5 * n) for n in range(30))
    world.between("crm", "reschedule", lambda: world.move("crm", here, next(moves)), times=30)
    result = await world.cycle()
    tried = world.sent("crm")["reschedule"]
    assert 1 <= tried <= 4
    world.mend()
    await world.settle()
    assert len({tuple(world.starts(vendor)) for vendor in ALL}) == 1
    assert crm.entries[here].start in {at(16), *(at(19) + timedelta(minutes=5 * n) for n in range(30))}
    if result.exit_code == 3:
        assert Outcome.STALE in {step.outcome for step in result.steps}


async def test_a_version_that_the_vendor_ignores_still_loses_nothing(world: World) -> None:
    """Both changes stand there, and what was written says that it came on top of another."""
    world.servers["crm"].set_behaviour(stale_version="ignored")
    here = await prepared(world, "crm")
    world.between("crm", "reschedule", lambda: world.servers["crm"].person_edit(here, status="completed"))
    await world.cycle()
    await world.settle()
    entry = world.servers["crm"].entries[here]
    assert (entry.start, entry.status) == (at(16), "completed")
    assert world.the("crm", here, "office").status == "completed"


async def test_a_stale_reading_is_no_change(world: World) -> None:
    """A listing that shows a record as it was before syncd's own write does not undo that write."""
    entry = world.enter("office", at(15))
    await world.cycle()
    world.move("office", entry.id, at(16))
    await world.cycle()
    world.fault("crm", "stale", "list", "get", times=1)
    result = await world.cycle()
    assert steps(result, Action.RESCHEDULE) == []
    await world.settle()
    assert world.calendars() == [[at(16)]]


@EACH_VENDOR
async def test_a_read_back_that_is_stale_is_not_believed(world: World, name: str) -> None:
    """Right after its own write syncd is shown the old record: no second write follows, and no other vendor moves."""
    await prepared(world, name)
    world.between(name, "reschedule", lambda: world.fault(name, "stale", "get", times=1))
    await world.cycle()
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10), at(16)]]


@pytest.mark.parametrize("kind", ["stale", "unknown_status"])
async def test_a_revival_that_the_list_shows_and_a_reading_by_id_does_not_is_not_overlooked(
    world: World, kind: str
) -> None:
    """A reading that says otherwise than its row, or less, is not the last: the next cycle looks at it anew."""
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    world.call_off("site", world.the("crm", entry.id, "site").id)
    await world.settle()
    world.servers["crm"].person_revive(entry.id)
    value = {"value": "on_hold"} if kind == "unknown_status" else {}
    world.fault("crm", kind, "get", times=1, **value)
    await world.cycle()
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10), at(15)]]


async def test_a_status_that_the_list_shows_and_a_reading_by_id_does_not_is_on_record(worlds: Worlds) -> None:
    """The client did not come, says the CRM's row; that its own record has a strange word does not take it back."""
    world = worlds(switches={"crm": {"list_rows": "reference", "get_rows": "full"}})
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    world.servers["crm"].person_edit(entry.id, status="no_show")
    world.call_off("book", world.the("crm", entry.id, "book").id)
    world.fault("crm", "unknown_status", "get", value="on_hold", times=40)
    result = await world.cycle()
    assert "no_show" in {str(conflict.values.get("crm")) for conflict in result.conflicts}
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10)]]


@pytest.mark.parametrize("name", ["book", "office", "site"])
async def test_an_edit_that_is_taken_back_at_once_leaves_the_same_operation_which_is_reported(
    world: World, name: str
) -> None:
    """It is overtaken by itself: moved on when it is looked at, as it was when it is read again, and then done."""
    here = await prepared(world, name)
    notes = iter(("Side door", world.servers[name].entries[here].notes))
    world.between(name, "get", lambda: world.servers[name].person_edit(here, notes=next(notes)), times=2)
    result = await world.cycle()
    [step] = steps(result, vendor=name)
    assert (step.operation.action, step.outcome) == (Action.RESCHEDULE, Outcome.DONE)
    assert world.calendars() == [[at(10), at(16)]]


async def test_a_record_that_people_keep_editing_is_given_up_for_this_cycle(world: World) -> None:
    """Each write finds a newer version: after the first and three more the cycle ends, and the next one does it."""
    here = await prepared(world, "crm")
    crm = world.servers["crm"]
    notes = iter(f"Edit {number}" for number in range(30))
    world.between("crm", "reschedule", lambda: crm.person_edit(here, notes=next(notes)), times=30)
    result = await world.cycle()
    assert world.sent("crm")["reschedule"] == 4
    assert result.exit_code == 3
    assert [step.outcome for step in steps(result, vendor="crm")] == [Outcome.STALE]
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10), at(16)]]
    assert crm.entries[here].notes == "Edit 3"


@EACH_VENDOR
async def test_a_stale_read_back_is_no_broken_promise(world: World, name: str) -> None:
    """A vendor that shows the old record for an instant has still done what it said: nothing is put in quarantine."""
    await prepared(world, name)
    world.between(name, "reschedule", lambda: world.fault(name, "stale", "get", times=1))
    result = await world.cycle()
    assert {step.outcome for step in steps(result)} == {Outcome.DONE}
    assert (result.exit_code, result.quarantined) == (0, ())


async def test_a_record_that_is_shown_as_it_was_until_the_next_cycle_is_not_believed(world: World) -> None:
    """The CRM's answer told its version: what is older says nothing, read back twice or listed, and undoes no move."""
    await prepared(world, "crm")
    world.between("crm", "reschedule", lambda: world.fault("crm", "stale", "list", "get"))
    result = await world.cycle()
    assert {step.outcome for step in steps(result)} == {Outcome.DONE}
    assert (result.exit_code, result.quarantined) == (0, ())
    again = await world.cycle()
    assert (again.exit_code, steps(again)) == (0, [])
    world.mend()
    await world.settle()
    assert world.calendars() == [[at(10), at(16)]]


async def test_a_create_that_a_second_merge_puts_off_is_said_and_made_in_the_next_cycle(world: World) -> None:
    """09:02 the CRM called it off, and Acuity, which revives nothing, is told; meanwhile the CRM takes that back."""
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    office = world.the("crm", entry.id, "office")
    world.call_off("crm", entry.id)

    def take_back() -> None:
        world.servers["crm"].person_revive(entry.id)
        world.servers["office"].person_edit(office.id, notes="Side door")

    world.between("office", "get", take_back)
    result = await world.cycle()
    assert steps(result, Action.CREATE) == []
    [said] = result.waiting
    assert said.startswith("1 create(s) at book put off: ")
    assert "in the next cycle" in said
    assert said in report.text(result)
    assert result.exit_code == 0
    assert [step.outcome for step in steps(await world.cycle(), Action.CREATE, "book")] == [Outcome.DONE]
    await world.settle()
    assert world.calendars() == [[at(10), at(15)]]


async def test_what_the_guard_holds_of_a_second_merge_is_held_at_once(worlds: Worlds) -> None:
    """Two are called off while they are moved: the report and the exit code say so, and it can be approved."""
    world = worlds(guard={"max_cancels": {"count": 1, "percent": 1}})
    world = worlds(guard={"max_cancels": {"count": 1, "percent": 1}})
    entries = [world.enter_everywhere(at(hour), who) for hour, who in ((13, OMAR), (15, JANE), (17, ANA))]
    world.enter_everywhere(at(10), OMAR)
    await world.cycle()
    for entry in entries[:2]:
        world.move("crm", entry.id, entry.start + timedelta(hours=1))

    def call_off() -> None:
        for entry in entries[:2]:
            world.call_off("book", world.the("crm", entry.id, "book").id)

    world.between("book", "get", call_off)
    result = await world.cycle()
    held = [step for step in steps(result, Action.CANCEL) if step.outcome is Outcome.HELD]
    assert {step.operation.vendor for step in held} == {"crm", "office", "site"}
    assert len(held) == 6
    assert result.exit_code == 4
    assert len(world.desk.approve([])) == 6
    assert (await world.cycle()).exit_code == 0
    await world.settle()
    assert world.calendars() == [[at(10), at(17)]]


@pytest.mark.parametrize("name", ["crm", "book", "site"])
async def test_what_is_held_as_too_much_is_missing_is_held_after_a_second_look(worlds: Worlds, name: str) -> None:
    """Nearly all of the office is missing at once, so that none was asked for: that one of them is looked at once
    more, as somebody wrote a note to it meanwhile, makes no cancellation of it.
    """
    world = worlds(guard={"max_cancels": {"count": 1, "percent": 1}})
    entries = [world.enter_everywhere(at(hour), who) for hour, who in ((10, OMAR), (12, ANA), (15, JANE), (17, ZOE))]
    assert (await world.cycle()).exit_code == 0
    here = world.the("crm", entries[2].id, name).id
    for entry in entries[:3]:
        world.servers["office"].person_delete(world.the("crm", entry.id, "office").id)
    other = next(vendor for vendor in ("crm", "book") if vendor != name)
    world.move(other, world.the("crm", entries[2].id, other).id, at(16))
    world.between(name, "get", lambda: world.servers[name].person_edit(here, location="Side entrance"))
    result = await world.cycle()
    assert "none was asked for" in report.text(result)
    assert [world.starts(vendor) for vendor in ("crm", "book", "site")] == [[at(10), at(12), at(16), at(17)]] * 3
    assert len({held.appointment for held in world.desk.held()}) == 3

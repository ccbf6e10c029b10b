"""People who are quicker than syncd's own look at what it wrote: what they did is theirs, and reaches the others."""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from syncd.model.plan import Outcome
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, JANE, OMAR, World, at, steps


def after(world: World, name: str, operation: str, act: abc.Callable[[], object]) -> None:
    """Let somebody do something right after a vendor has carried out the first request of that operation."""
    left, asked = [act], list[str | None]()
    world.wires[name].before.append(lambda request: asked.append(world.operation(name, request)))

    def hook(request: httpx.Request) -> None:
        if left and asked[-1] == operation:  # what it was before it was carried out
            left.pop()()

    world.wires[name].after.append(hook)


async def ids_of(world: World) -> dict[str, str]:
    """An appointment that is everywhere, beside another one; its id at each vendor."""
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    assert (await world.cycle()).exit_code == 0
    return {name: world.the("crm", entry.id, name).id for name in ALL}


async def test_a_revival_right_after_the_cancellation_is_a_revival(world: World) -> None:
    """Amelia answered that the appointment is cancelled: that it stands when read back is a person's doing."""
    ids = await ids_of(world)
    world.call_off("crm", ids["crm"])
    after(world, "site", "cancel", lambda: world.servers["site"].person_revive(ids["site"]))
    result = await world.cycle()
    assert {step.outcome for step in steps(result)} == {Outcome.DONE}
    await world.settle()
    assert world.calendars() == [[at(10), at(15)]]


@pytest.mark.parametrize("name", ["book", "office", "site"])
async def test_a_move_right_after_the_write_is_a_move(world: World, name: str) -> None:
    """Where no answer tells of the time, one that no time zone explains is a person's."""
    ids = await ids_of(world)
    world.move("crm", ids["crm"], at(17))
    after(world, name, "reschedule", lambda: world.move(name, ids[name], at(9.5, day=28)))
    result = await world.cycle()
    assert {step.outcome for step in steps(result)} == {Outcome.DONE}
    await world.settle()
    assert world.calendars() == [[at(10), at(9.5, day=28)]]


@pytest.mark.parametrize("name", ["office", "site"])
@pytest.mark.parametrize("minutes", [45, 60])
async def test_another_length_right_after_the_write_is_taken(world: World, name: str, minutes: int) -> None:
    """The start is as it was written, the end is not, and no rounding explains it: the others get the end."""
    ids = await ids_of(world)
    world.move("crm", ids["crm"], at(17))
    longer = at(17) + timedelta(minutes=minutes)
    after(world, name, "reschedule", lambda: world.servers[name].person_edit(ids[name], end=longer))
    await world.cycle()
    await world.settle()
    for each in ("crm", "office", "site"):
        assert world.servers[each].entries[ids[each]].end == longer


async def test_a_status_right_after_the_write_is_a_status(world: World) -> None:
    """Aivapad answered `success`: that the appointment is open again when read back is a person's doing."""
    ids = await ids_of(world)
    world.servers["crm"].person_edit(ids["crm"], status="completed")
    open_again = {"status": "scheduled"}
    after(world, "office", "status", lambda: world.servers["office"].person_edit(ids["office"], **open_again))
    after(world, "office", "update", lambda: world.servers["office"].person_edit(ids["office"], **open_again))
    result = await world.cycle()
    assert {step.outcome for step in steps(result)} == {Outcome.DONE}
    await world.settle()
    assert {world.servers[name].entries[ids[name]].status for name in ("crm", "office")} == {"scheduled"}


@pytest.mark.parametrize("reviver", ["crm", "site"])
async def test_a_note_right_before_a_cancellation_goes_to_the_others_when_it_is_revived(
    world: World, reviver: str
) -> None:
    """It was written into a record that syncd cancelled in the next instant; nobody loses it."""
    ids = await ids_of(world)
    world.call_off("book", ids["book"])
    world.between("site", "cancel", lambda: world.servers["site"].person_edit(ids["site"], notes="Side door"))
    await world.cycle()
    await world.cycle()
    world.servers[reviver].person_revive(ids[reviver])
    await world.cycle()
    await world.settle()
    assert world.calendars() == [[at(10), at(15)]]
    notes = {name: world.the(reviver, ids[reviver], name).notes for name in ("book", "office", "site")}
    assert {text.partition("\n")[0] for text in notes.values()} == {"Side door"}


async def test_a_first_note_right_before_the_look_at_a_record_to_be_cancelled_is_on_record(world: World) -> None:
    """A record that left out its empty note has one all of a sudden: that is a change, and the cancellation wins."""
    ids = await ids_of(world)
    world.call_off("crm", ids["crm"])
    world.between("office", "get", lambda: world.servers["office"].person_edit(ids["office"], notes="Side door"))
    await world.cycle()
    await world.settle()
    assert world.calendars() == [[at(10)]]
    [kept] = world.desk.explain(f"crm:{ids['crm']}").conflicts
    assert (kept.field, "Side door" in kept.values.values()) == ("notes", True)


@pytest.mark.parametrize("read_back", [True, False])
async def test_another_part_of_a_client_right_before_the_write_goes_to_the_others(
    world: World, read_back: bool
) -> None:
    """Only the phone number is written: the e-mail that the answer shows, and the reading, was typed in just before."""
    ids = await ids_of(world)
    if not read_back:
        after(world, "book", "update", lambda: world.fault("book", "truncate", "get"))
    world.servers["site"].person_edit(ids["site"], people=[replace(JANE, phone="2125550999")])
    renewed = replace(JANE, email="jane@new.example.com")
    world.between("book", "update", lambda: world.servers["book"].person_edit(ids["book"], people=[renewed]))
    await world.cycle()
    world.mend()
    await world.settle()
    assert {world.servers[name].entries[ids[name]].people[0].email for name in ("book", "office")} == {renewed.email}
    assert world.servers["book"].entries[ids["book"]].people[0].phone == "2125550999"


async def test_a_part_that_a_client_lacked_right_after_the_write_goes_to_the_others(world: World) -> None:
    """Nobody knew a phone number, and the write gave none: it was typed in before the record was read back."""
    entry = world.enter("site", at(15), replace(JANE, phone=""))
    await world.settle()
    ids = {name: world.the("site", entry.id, name).id for name in ALL}
    renamed = replace(JANE, first_name="Janet", phone="")
    world.servers["office"].person_edit(ids["office"], people=[renamed])
    called = replace(renamed, phone="2125550999")
    after(world, "book", "update", lambda: world.servers["book"].person_edit(ids["book"], people=[called]))
    await world.cycle()
    world.servers["office"].person_edit(ids["office"], people=[replace(renamed, email="janet@example.com")])
    await world.cycle()
    await world.settle()
    assert world.servers["book"].entries[ids["book"]].people[0].phone == called.phone


async def test_a_note_over_one_that_could_not_be_read_back_goes_to_the_others(world: World) -> None:
    """Aivapad confirmed a first note and then fell silent; a person wrote another one in its place."""
    ids = await ids_of(world)
    world.servers["site"].person_edit(ids["site"], notes="Side door")
    after(world, "office", "update", lambda: world.fault("office", "truncate", "get"))
    await world.cycle()
    world.mend()
    world.servers["office"].person_edit(ids["office"], notes="Front door")
    await world.cycle()
    await world.settle()
    notes = {name: world.the("crm", ids["crm"], name).notes for name in ("book", "office", "site")}
    assert {text.partition("\n")[0] for text in notes.values()} == {"Front door"}


@pytest.mark.parametrize("fault", [{"kind": "truncate"}, {"kind": "missing_field", "field": "title"}])
async def test_the_title_that_syncd_gave_a_record_is_no_rival_of_a_persons(world: World, fault: dict[str, str]) -> None:
    """Made without a title of its own and not read back whole, Aivapad's record is called by service and client."""
    entry = world.enter("site", at(15))
    world.servers["office"].set_behaviour(answers="partial")
    after(world, "office", "create", lambda: world.fault("office", fault["kind"], "get", field=fault.get("field")))
    await world.cycle()
    world.mend()
    crm = world.the("site", entry.id, "crm")
    world.servers["crm"].person_edit(crm.id, title="Second viewing")
    result = await world.cycle()
    assert not result.conflicts
    await world.settle()
    assert world.the("site", entry.id, "office").title == "Second viewing"


async def test_a_length_right_after_a_cancellation_is_on_record_when_it_is_revived_and_moved(world: World) -> None:
    """Amelia's record is un-cancelled and moved: the length that somebody gave it is not written over unseen."""
    ids = await ids_of(world)
    site = world.servers["site"]
    world.call_off("crm", ids["crm"])
    longer = {"start": at(15), "end": at(16)}
    after(world, "site", "cancel", lambda: site.person_edit(ids["site"], **longer))
    await world.cycle()
    assert site.entries[ids["site"]].status == "cancelled"
    world.servers["crm"].person_revive(ids["crm"])
    world.move("crm", ids["crm"], at(17))
    await world.cycle()
    result = await world.cycle()
    assert [(conflict.field, set(conflict.values)) for conflict in result.conflicts] == [("slot", {"crm", "site"})]
    await world.settle()
    assert len({tuple(calendar) for calendar in world.calendars()}) == 1


RENAMED = replace(JANE, first_name="Janet", phone="")
"""Jane under another name, as Aivapad has her."""


async def renamed_as_it_was_called_off(worlds: Worlds) -> tuple[World, dict[str, str]]:
    """Cancelled at Aivapad by its own word, where somebody renamed the client in that moment; then revived at Amelia.

    Amelia's people give her another e-mail at once, and a person says that it is hers.
    """
    word = {"cancelled_status": "cancelado"}
    world = worlds(switches={"office": word}, options={"office": word})
    ids = await ids_of(world)
    office, site = world.servers["office"], world.servers["site"]
    world.call_off("crm", ids["crm"])
    for operation in ("status", "update"):
        world.between("office", operation, lambda: office.person_edit(ids["office"], people=[RENAMED]))
    await world.cycle()
    assert office.entries[ids["office"]].status == "cancelled"
    site.person_revive(ids["site"])
    site.person_edit(ids["site"], people=[replace(JANE, email="janet@example.com")])
    await world.cycle()
    [question] = world.desk.conflicts()
    world.desk.resolve(question.id, "site")
    return world, ids


async def test_a_name_right_before_a_cancellation_and_an_email_with_the_revival_both_stand(worlds: Worlds) -> None:
    """Aivapad un-cancels with one write that could carry the client: what a person typed in there is told first."""
    world, ids = await renamed_as_it_was_called_off(worlds)
    for _ in range(3):
        await world.cycle()
    both = replace(RENAMED, email="janet@example.com")
    assert world.servers["office"].entries[ids["office"]].people[0] == both
    assert world.the("crm", ids["crm"], "book").people[0] == replace(both, phone=JANE.phone)


async def test_a_revival_that_is_refused_is_left_alone_though_a_part_of_it_would_have_been_told_first(
    worlds: Worlds,
) -> None:
    """It is quarantined under the name that it will have again, and written once."""
    world, _ = await renamed_as_it_was_called_off(worlds)
    world.fault("office", "status", "status", "update", code=422)
    result = await world.cycle()
    assert [step.outcome for step in steps(result, vendor="office")] == [Outcome.QUARANTINED]
    for _ in range(2):
        assert steps(await world.cycle(), vendor="office") == []


async def test_a_conflict_that_came_up_in_the_middle_of_a_cycle_is_remembered(world: World) -> None:
    """A record that moved under a write is merged again within the cycle, and the loser's value is in the record."""
    ids = await ids_of(world)
    world.move("site", ids["site"], at(17))
    world.between("crm", "reschedule", lambda: world.move("crm", ids["crm"], at(18)))
    result = await world.cycle()
    [reported] = result.conflicts
    [kept] = world.desk.explain(f"crm:{ids['crm']}").conflicts
    assert kept.field == reported.field.value
    assert all(f"T{hour}:00:00" in str(kept.values) for hour in (17, 18))

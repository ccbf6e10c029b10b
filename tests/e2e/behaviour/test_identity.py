"""Who is who between real records: front desks, forms of addresses, and what a person says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.engine.store.refusals import NotFound, NotJoined
from syncd.model.plan import Action
from syncd.sandbox.frame.records import Person
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, JANE, OMAR, World, at, steps

ANN = Person("Ann", "Lee", "front@example.com", "2125550143")
TED = Person("Ted", "Moss", "front@example.com", "2125550144")


async def test_who_shares_an_address_keeps_the_own_appointment(world: World) -> None:
    """One front desk's address, other names and numbers: Ann's is cancelled, and Ted's is not."""
    hers = world.enter("book", at(15), ANN)
    world.enter("office", at(15), TED)
    result = await world.cycle()
    assert steps(result, Action.ADOPT) == []
    assert [entry.vendor for entry in result.quarantined] == ["office"]
    world.call_off("book", hers.id)
    await world.cycle()
    assert [entry.people[0].first_name for entry in world.live("office")] == ["Ted"]


FORMS = (
    "Ann Lee <front@example.com>",
    '"Lee, Ann" <front@example.com>',
    "mailto:front@example.com",
    "'front@example.com'",
    '"front@example.com"',
    "front@example.com; ann@example.com",
    "ann@example.com, front@example.com",
    "front@example.com.",
    "front@EXAMPLE.com",
    "FRONT@Example.com",
)
"""One address in every form that docs/matching.md names."""


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("behaviour", ["unkind"], indirect=True)
async def test_an_address_in_another_form_doubles_nothing(world: World, form: str, name: str) -> None:
    """Whichever vendor's people typed it: it is Ann's, and stays there as they typed it."""
    other = "office" if name == "book" else "book"
    hers = world.enter(other, at(15), replace(ANN, phone=""))
    typed = world.enter(name, at(15), replace(ANN, email=form, phone=""))
    result = await world.settle()
    assert result.quarantined == ()
    assert world.calendars() == [[at(15)]]
    assert world.the(other, hers.id, name).id == typed.id
    assert [typed.people[0].email, hers.people[0].email] == [form, ANN.email]


def addresses_at(world: World, name: str) -> list[str]:
    """The clients' addresses as a vendor has them."""
    return [person.email for entry in world.live(name) for person in entry.people]


@pytest.mark.parametrize("name", ["crm", "office"])
async def test_what_is_no_address_stays_as_it_is_shown(world: World, name: str) -> None:
    """It goes unchanged to a vendor that takes any text, and where none is taken it waits until it is corrected."""
    entry = world.enter(name, at(15), replace(ANN, email="ann at example"))
    assert (await world.cycle()).exit_code == 3
    result = await world.settle()
    assert {left.vendor for left in result.quarantined} == {"book", "site"}
    assert addresses_at(world, name) == addresses_at(world, "office") == ["ann at example"]
    assert [len(world.live(vendor)) for vendor in ALL] == [1, 0, 1, 0]
    world.servers[name].person_edit(entry.id, people=[replace(ANN)])
    result = await world.settle()
    assert (result.quarantined, world.calendars()) == ((), [[at(15)]])
    assert addresses_at(world, "office") == addresses_at(world, "book") == addresses_at(world, "site") == [ANN.email]


async def test_of_two_with_one_address_each_is_linked_by_the_name(worlds: Worlds) -> None:
    """And each is known for whom it is from then on."""
    world = worlds(switches={"site": {"enforce_slots": False}})
    twin = Person("Tom", "Lee", ANN.email, ANN.phone)
    for name, several in (("book", (ANN, twin)), ("office", (twin, ANN))):
        for who in several:
            world.enter(name, at(15), who)
    await world.settle()
    # The site gives an address to one customer: there the second of them waits for another one.
    assert {name: len(world.live(name)) for name in ALL} == dict.fromkeys(ALL, 2) | {"site": 1}
    assert [entry.vendor for entry in world.results[-1].quarantined] == ["site"]
    [his] = [entry for entry in world.live("book") if entry.people[0].first_name == "Tom"]
    world.move("book", his.id, at(18))
    await world.settle()
    [moved] = [entry for entry in world.live("office") if entry.start == at(18)]
    assert moved.people[0].first_name == "Tom"


def history(world: World, what: str) -> list[str]:
    """Why things were done with an appointment, as `explain` has it."""
    return [entry.reason for entry in world.desk.explain(what).journal]


async def test_a_person_says_that_a_doubtful_record_is_hers(world: World) -> None:
    """It joins her appointment, whatever it tells, and stays there; `explain` tells of it."""
    world.enter("book", at(15), ANN)
    doubtful = world.enter("office", at(15), TED)
    await world.cycle()
    kept = world.desk.link(f"office:{doubtful.id}", f"book:{world.live('book')[0].id}")
    assert [step.operation.reason.rpartition(": ")[2] for step in steps(await world.cycle(), Action.ADOPT)] == [
        "somebody said so"
    ]
    assert (await world.settle()).quarantined == ()
    assert world.calendars() == [[at(15)]]
    assert world.desk.explain(f"office:{doubtful.id}").known.id == kept
    assert f"an operator said that office [{doubtful.id}] is of appointment {kept}" in history(world, kept)


async def test_a_doubtful_record_joins_nothing_that_was_called_off(world: World) -> None:
    """Refused, with the two ways out: what is over is scheduled again by nobody's word on a record."""
    hers = world.enter("book", at(15), ANN)
    doubtful = world.enter("office", at(15), TED)
    await world.settle()
    world.call_off("book", hers.id)
    await world.settle()
    said = r"is called off: end office \[.*\] with 'syncd quarantine end', or .* with 'syncd quarantine release'"
    with pytest.raises(NotJoined, match=said):
        world.desk.link(f"office:{doubtful.id}", f"book:{hers.id}")
    await world.settle()
    assert (world.live("book"), [one.id for one in world.live("office")]) == ([], [doubtful.id])


async def test_two_records_at_one_vendor_are_never_one(world: World) -> None:
    """Each was made where it was lacking, and one of both had to go first."""
    crm, book = world.enter("crm", at(15), JANE), world.enter("book", at(17), OMAR)
    await world.settle()
    with pytest.raises(NotJoined, match=r"both have a record at book, \d+ and \d+: cancel one of them"):
        world.desk.link(f"crm:{crm.id}", f"book:{book.id}")


async def test_what_is_one_by_word_is_joined_whole(worlds: Worlds) -> None:
    """Two that have no vendor in common, as each was entered where the other was not."""
    world = worlds(names=("crm", "book"), options={"crm": {"read_only": True}, "book": {"read_only": True}})
    crm = world.enter("crm", at(15), JANE)
    book = world.enter("book", at(15), OMAR)
    await world.cycle()
    former = world.desk.explain(f"book:{book.id}").known.id
    kept = world.desk.link(f"crm:{crm.id}", former)
    with pytest.raises(NotJoined, match="try again after it"):
        world.desk.unlink(f"book:{book.id}")
    await world.cycle()
    assert {mapping.vendor for mapping in world.desk.explain(kept).known.mappings} == {"crm", "book"}
    with pytest.raises(NotFound):
        world.desk.explain(former)
    await world.cycle()
    assert len(world.desk.explain(f"book:{book.id}").known.mappings) == 2
    with pytest.raises(NotJoined, match="they are one already"):
        world.desk.link(kept, f"book:{book.id}")


async def test_nothing_is_made_of_two_that_wait_to_be_one(worlds: Worlds) -> None:
    """A vendor cannot be read when somebody says so: until it can, neither is made where the other one is."""
    world = worlds(names=("crm", "book"), options={"crm": {"read_only": True}, "book": {"read_only": True}})
    crm = world.enter("crm", at(15), JANE)
    book = world.enter("book", at(15), OMAR)
    await world.cycle()
    world.desk.link(f"crm:{crm.id}", f"book:{book.id}")
    world.start_syncd()
    world.fault("book", "status", "list", code=500)
    await world.cycle()
    assert len(world.live("crm")) == 1
    world.servers["book"].faults.clear()
    await world.settle()
    assert (len(world.live("crm")), len(world.live("book"))) == (1, 1)


async def test_a_person_takes_one_record_out(worlds: Worlds) -> None:
    """Each of both is made where it is lacking then, and no later cycle links them again."""
    world = worlds(switches={"site": {"enforce_slots": False}})
    world.enter("book", at(15), ANN)
    office = world.enter("office", at(15), ANN)
    await world.settle()
    before = world.desk.explain(f"office:{office.id}").known.id
    founded = world.desk.unlink(f"office:{office.id}")
    await world.settle()
    assert world.desk.explain(f"office:{office.id}").known.id == founded != before
    for known in (world.desk.explain(one).known for one in (before, founded)):
        assert {mapping.vendor for mapping in known.mappings} == set(ALL)
    said = f"an operator said that office [{office.id}] is not of appointment {before}"
    assert said in history(world, before)
    assert said in history(world, founded)


async def test_what_cannot_be_joined_or_parted_is_refused(world: World) -> None:
    """With the reason, and nothing is kept of it."""
    only = world.enter("crm", at(15), JANE)
    await world.settle()
    with pytest.raises(NotFound, match="nor is it in quarantine"):
        world.desk.link(f"crm:{only.id}", "crm:nowhere")
    with pytest.raises(NotFound, match="no appointment has a record crm:nowhere"):
        world.desk.unlink("crm:nowhere")
    writes = {name: world.servers[name].counters.writes for name in ALL}
    await world.settle()
    assert {name: world.servers[name].counters.writes for name in ALL} == writes


async def test_the_only_record_stands_alone_already(worlds: Worlds) -> None:
    """There is nothing to take it out of."""
    world = worlds(names=("crm",))
    only = world.enter("crm", at(15), JANE)
    await world.cycle()
    with pytest.raises(NotJoined, match="it stands alone"):
        world.desk.unlink(f"crm:{only.id}")

"""One e-mail address at Amelia and two people: the site gives it to one customer, and nobody becomes the other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd import report
from syncd.engine.result import CycleResult
from syncd.model.plan import Outcome
from syncd.sandbox.amelia.bookings import Appointment
from syncd.sandbox.amelia.server import Amelia
from syncd.sandbox.frame.records import Person
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import OMAR, World, at, steps

ANN = Person("Ann", "Lee", "front@example.com", "2125550143")
BEN = Person("Ben", "Moss", "front@example.com", "2125550144")
OTHERS = ("book", "crm", "office")
ONE_BEHAVIOUR = pytest.mark.parametrize("behaviour", ["unkind"], indirect=True)


async def ann_is_there(world: World) -> None:
    """Ann's appointment is in step, so that the site's customer with the address is she."""
    world.enter("book", at(12), ANN)
    await world.settle()
    assert [entry.people[0].first_name for entry in world.live("site")] == ["Ann"]


def correct(world: World, who: Person, **parts: str) -> None:
    """Somebody corrects the customer of this address at the site."""
    site = world.servers["site"]
    assert isinstance(site, Amelia)
    customer = site.customers.same(who)
    assert customer is not None
    site.customers.change(customer, replace(customer.person, **parts))
    for entry in list(site.entries.values()):
        assert isinstance(entry, Appointment)
        shown = [site.customers[one.customer_id].person for one in entry.bookings]
        if shown != entry.people:
            site.person_edit(entry.id, people=shown)


def refused(result: CycleResult) -> list[str]:
    """Why what was to be made at the site is in quarantine."""
    return [entry.reason for entry in result.quarantined if entry.vendor == "site"]


def named(world: World, name: str) -> dict[str, str]:
    """Who has the standing appointments at a vendor, by the hour."""
    return {f"{entry.start:%H}": entry.people[0].first_name for entry in world.live(name) if entry.people}


async def test_who_would_be_another_there_is_not_made_there(world: World) -> None:
    """It is in quarantine, as the report says, with the way out and without a client's details; others have it."""
    await ann_is_there(world)
    world.enter("book", at(14), BEN)
    result = await world.cycle()
    [reason] = refused(result)
    assert "give one of the two another address, or correct the one there" in reason
    assert not any(part in reason for part in (*vars_of(ANN), *vars_of(BEN)))
    assert result.exit_code == 3
    assert world.starts("site") == [at(12)]
    assert [world.starts(name) for name in OTHERS] == [[at(12), at(14)]] * 3
    for _ in range(2):
        quiet = await world.cycle()
        assert (steps(quiet), len(refused(quiet)), quiet.exit_code) == ([], 1, 0)
    site = world.servers["site"]
    assert isinstance(site, Amelia)
    assert sum(one.person.email == ANN.email for one in site.customers) == 1


def vars_of(person: Person) -> tuple[str, ...]:
    """A person's details."""
    return person.first_name, person.last_name, person.email, person.phone


@ONE_BEHAVIOUR
async def test_a_plan_says_so_before_it_is_tried(world: World) -> None:
    """Where the customer was met in the listing; it asks the site nothing for it."""
    await ann_is_there(world)
    world.enter("book", at(14), BEN)
    planned = await world.cycle(dry_run=True)
    [create] = steps(planned, vendor="site")
    assert "it will be refused: site has this client's e-mail address for somebody" in create.operation.reason
    assert "it will be refused" in report.text(planned)
    assert world.sent("site") == {"list": 1}


@ONE_BEHAVIOUR
async def test_of_a_customer_without_a_booking_no_plan_knows(world: World) -> None:
    """The listing shows whoever is booked: a dry run has a plain create, which goes into quarantine when tried."""
    assert isinstance(world.site, Amelia)
    world.site.customers.add(ANN)
    await world.cycle()
    world.enter("book", at(14), BEN)
    planned = await world.cycle(dry_run=True)
    [create] = steps(planned, vendor="site")
    assert create.outcome is Outcome.PLANNED
    assert "it will be refused" not in create.operation.reason
    result = await world.cycle()
    [reason] = refused(result)
    assert "give one of the two another address, or correct the one there" in reason
    assert (result.exit_code, world.starts("site")) == (3, [])
    for _ in range(2):
        quiet = await world.cycle()
        assert (steps(quiet), len(refused(quiet)), world.written("site")) == ([], 1, 0)


@ONE_BEHAVIOUR
async def test_it_is_tried_again_once_the_customer_there_is_corrected(world: World) -> None:
    """The address was Ben's, and somebody had mistyped who that is."""
    await ann_is_there(world)
    world.enter("book", at(14), BEN)
    await world.settle()
    world.call_off("book", world.live("book")[0].id)
    await world.settle()
    correct(world, ANN, first_name="Ben", last_name="Moss", phone=BEN.phone)
    await world.settle()
    assert named(world, "site") == {"14": "Ben"}
    assert (await world.cycle()).quarantined == ()


@ONE_BEHAVIOUR
@pytest.mark.parametrize("how", ["address", "release"])
async def test_it_is_tried_again_with_another_address_or_when_released(world: World, how: str) -> None:
    """Given in the CRM, or at the site, where nothing of it shows in the listing."""
    await ann_is_there(world)
    his = world.enter("book", at(14), BEN)
    await world.settle()
    if how == "address":
        world.servers["book"].person_edit(his.id, people=[replace(BEN, email="ben@example.com")])
    else:
        correct(world, ANN, email="ann@example.com")
        [entry] = [one for one in world.desk.quarantines() if one.vendor == "site"]
        world.desk.release([entry.id])
    await world.settle()
    assert named(world, "site") == {"12": "Ann", "14": "Ben"}
    assert named(world, "book")["14"] == "Ben"


@ONE_BEHAVIOUR
@pytest.mark.parametrize(
    "shown",
    [
        replace(ANN, last_name="Miller"),
        replace(ANN, first_name="A."),
        replace(ANN, last_name="Leee"),
        replace(ANN, phone="2125550199"),
    ],
    ids=["married", "an initial", "a slip", "a second number"],
)
async def test_who_is_the_same_by_evidence_is_made_as_ever(world: World, shown: Person) -> None:
    """A marriage, a slip, initials and another number contradict nothing."""
    await ann_is_there(world)
    world.enter("book", at(14), shown)
    await world.settle()
    assert world.starts("site") == [at(12), at(14)]


async def bens_with_ann_at_the_site(worlds: Worlds) -> tuple[World, str]:
    """Ben's appointment, of which the site's record is with the customer who has his address: Ann. Its id there."""
    world = worlds()
    world.enter("book", at(14), BEN)
    doubtful = world.enter("site", at(14), ANN)
    await world.cycle()
    world.desk.link(f"site:{doubtful.id}", f"book:{world.live('book')[0].id}")
    await world.settle()
    return world, doubtful.id


async def test_who_is_corrected_at_the_site_renames_nobody_elsewhere(worlds: Worlds) -> None:
    """Another name, another number, another address of Ann's: nothing of it is Ben's, in any cycle."""
    world, _ = await bens_with_ann_at_the_site(worlds)
    for parts in ({"first_name": "Anna"}, {"phone": "2125550199"}, {"email": "anna@example.com"}):
        who = world.live("site")[0].people[0]
        correct(world, who, **parts)
        for _ in range(2):
            result = await world.cycle()
            assert [step for step in steps(result) if step.operation.vendor != "site"] == []
        for name in ("book", "office"):
            assert [entry.people[0].first_name for entry in world.live(name)] == ["Ben"]
            assert BEN.email in world.live(name)[0].people[0].email
    assert world.desk.conflicts() == []


async def test_giving_the_booking_to_a_third_person_is_a_change(worlds: Worlds) -> None:
    """Omar has it now, at every vendor that can be told."""
    world, booked = await bens_with_ann_at_the_site(worlds)
    world.servers["site"].person_edit(booked, people=[OMAR])
    await world.settle()
    assert [entry.people[0].first_name for entry in world.live("book")] == ["Omar"]


async def test_giving_the_booking_to_ben_himself_is_none(worlds: Worlds) -> None:
    """His own customer there, without his number: he keeps it elsewhere."""
    world, booked = await bens_with_ann_at_the_site(worlds)
    world.servers["site"].person_edit(booked, people=[replace(BEN, email="front@example.com", phone="")])
    await world.settle()
    assert [entry.people[0].phone[-4:] for entry in world.live("book")] == ["0144"]

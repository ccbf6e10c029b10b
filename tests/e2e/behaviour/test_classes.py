"""A class: one appointment with several bookings at the site, one appointment a participant at Acuity."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx
import pytest

from syncd import report
from syncd.model.catalogue import Catalogue, Entry, Group
from syncd.model.plan import Action, Outcome
from syncd.sandbox.frame import records
from syncd.sandbox.frame.records import Person
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.test_interrupted import PowerCut, cut_at_commit
from tests.e2e.behaviour.world import ANA, ANY_TIME, BEHAVIOURS, JANE, OMAR, SEVERAL, World, at, steps

ZOE = Person("Zoe", "Quist", "zoe.quist@example.com", "2125550111")
THREE = [JANE, OMAR, ANA]
OPEN_HOUSE, AT_SITE = 94517110, 3
FULL = {"status_code": 400, "message": "That time is not available.", "error": "not_available"}
"""Acuity's word for a class that is full, or is not given at that time."""
EACH_BEHAVIOUR = pytest.mark.parametrize("behaviour", BEHAVIOURS)
LENGTH = timedelta(minutes=45)
STAFF = {"book": 14209019, "site": {"provider": 1, "location": 1}}


@pytest.fixture
def behaviour() -> str:
    """As observed, unless a test is about all."""
    return "observed"


def catalogue(world: World, group: Group | None = Group.SEATS) -> Catalogue:
    """The usual one, with a class in it."""
    ids = {name: number for name, number in (("book", OPEN_HOUSE), ("site", AT_SITE)) if name in world.servers}
    row = Entry(name="Open House", ids=ids, duration=LENGTH, group=group)
    known = world.configuration.catalogue
    return replace(known, services=(*known.services, row))


def studio(worlds: Worlds, *names: str, group: Group | None = Group.SEATS) -> World:
    """The booking page and the site, with a class."""
    there = names or ("book", "site")
    switches = {name: {**ANY_TIME[name], **SEVERAL[name]} for name in there}
    switches["book"] = {**switches["book"], "classes": True}
    world = worlds(names=there, switches=switches)
    world.start_syncd(catalogue(world, group))
    return world


def at_book(world: World, who: Person, start: datetime) -> records.Entry:
    """One participant's appointment at Acuity."""
    return world.enter("book", start, who, service=OPEN_HOUSE, end=start + LENGTH)


def at_site(world: World, start: datetime, *who: Person) -> records.Entry:
    """The class at the site."""
    people = [replace(one) for one in who]
    return world.enter("site", start, who[0], service=AT_SITE, end=start + LENGTH, people=people)


@dataclass
class Class:
    """A class of which the site has the record `id`."""

    world: World
    id: str

    @property
    def words(self) -> list[str]:
        """Its bookings there."""
        return self.world.site.words(self.id)

    def change(self, number: int, status: str) -> None:
        """People at the site change one booking."""
        self.world.site.person_rebook(self.id, number, status=status)


def seats(world: World, name: str = "book") -> dict[datetime, list[str]]:
    """Who has a record at a vendor, by start."""
    found: dict[datetime, list[str]] = {}
    for entry in world.live(name):
        found.setdefault(entry.start, []).extend(one.email for one in entry.people)
    return {start: sorted(who) for start, who in found.items()}


def emails(*who: Person) -> list[str]:
    """Their addresses."""
    return sorted(one.email for one in who)


async def quiet(world: World) -> None:
    """Nothing is left to write."""
    for _ in range(2):
        result = await world.cycle()
        written = sum(world.written(name) for name in world.servers)
        assert (steps(result), written) == ([], 0), report.text(result)


async def test_both_have_it_and_it_is_linked_seat_by_seat(worlds: Worlds) -> None:
    """Nothing is written: three records at Acuity are one record at the site."""
    world = studio(worlds)
    for who in THREE:
        at_book(world, who, at(15))
    entry = at_site(world, at(15), *THREE)
    result = await world.cycle()
    assert (len(steps(result, Action.ADOPT)), steps(result)) == (1, []), report.text(result)
    known = world.known("site", entry.id)
    mapping = known.at("book")
    assert mapping is not None
    assert len(mapping.parts) == 3
    await quiet(world)


@EACH_BEHAVIOUR
async def test_the_site_has_it_and_each_gets_a_seat(worlds: Worlds, behaviour: str) -> None:
    """One operation, and one request for each; the dry run shows it."""
    world = studio(worlds)
    at_site(world, at(15), *THREE)
    dry = await world.cycle(dry_run=True)
    result = await world.cycle()
    assert [step.operation.id for step in steps(dry)] == [step.operation.id for step in steps(result)]
    [made] = steps(result)
    assert (made.operation.action, made.outcome) == (Action.CREATE, Outcome.DONE), report.text(result)
    assert world.sent("book")["create"] == 3
    assert seats(world) == {at(15): emails(*THREE)}
    await quiet(world)


async def test_acuity_has_it_and_the_site_gets_all(worlds: Worlds) -> None:
    """As one record."""
    world = studio(worlds)
    for who in THREE:
        at_book(world, who, at(15))
    await world.settle()
    [entry] = world.live("site")
    assert sorted(one.email for one in entry.people) == emails(*THREE)
    await quiet(world)


async def started(worlds: Worlds, *names: str) -> Class:
    """A class of three, in step."""
    world = studio(worlds, *names)
    entry = at_site(world, at(15), *THREE)
    await world.settle()
    return Class(world, entry.id)


@EACH_BEHAVIOUR
async def test_one_more_at_acuity(worlds: Worlds, behaviour: str) -> None:
    """Is one booking more at the site."""
    c = await started(worlds)
    at_book(c.world, ZOE, at(15))
    result = await c.world.cycle()
    [step] = steps(result)
    assert (step.operation.action, step.operation.vendor, step.outcome) == (Action.UPDATE, "site", Outcome.DONE)
    assert c.words == ["approved"] * 4
    assert sorted(one.email for one in c.world.site.entries[c.id].people) == emails(*THREE, ZOE)
    await quiet(c.world)


async def test_one_more_at_the_site(worlds: Worlds) -> None:
    """Is one record more at Acuity."""
    c = await started(worlds)
    stored = c.world.site.kept(c.world.site.entries[c.id])
    c.world.site.person_edit(c.id, people=[*stored.people, replace(ZOE)])
    await c.world.cycle()
    assert (c.world.sent("book")["create"], seats(c.world)) == (1, {at(15): emails(*THREE, ZOE)})
    await quiet(c.world)


async def test_one_less_at_acuity(worlds: Worlds) -> None:
    """Is one booking less at the site."""
    c = await started(worlds)
    c.world.call_off("book", c.world.live("book")[1].id)
    await c.world.cycle()
    assert sorted(c.words) == ["approved", "approved", "canceled"]
    await quiet(c.world)


async def test_one_less_at_the_site(worlds: Worlds) -> None:
    """Is one record less at Acuity."""
    c = await started(worlds)
    c.change(1, "canceled")
    await c.world.cycle()
    assert (c.world.sent("book")["cancel"], len(c.world.live("book"))) == (1, 2)
    await quiet(c.world)


@EACH_BEHAVIOUR
async def test_the_class_is_moved_at_the_site(worlds: Worlds, behaviour: str) -> None:
    """Each record at Acuity is written once."""
    c = await started(worlds)
    c.world.move("site", c.id, at(17))
    result = await c.world.cycle()
    [step] = steps(result)
    assert (step.operation.action, c.world.sent("book")["reschedule"]) == (Action.RESCHEDULE, 3)
    assert seats(c.world) == {at(17): emails(*THREE)}
    await quiet(c.world)


async def test_the_class_is_moved_at_acuity(worlds: Worlds) -> None:
    """All of them: it is the same class."""
    c = await started(worlds)
    for entry in c.world.live("book"):
        c.world.move("book", entry.id, at(17))
    await c.world.cycle()
    assert (c.world.starts("site"), c.words) == ([at(17)], ["approved"] * 3)
    await quiet(c.world)


@EACH_BEHAVIOUR
async def test_one_moves_herself_at_acuity(worlds: Worlds, behaviour: str) -> None:
    """She leaves this class, and is in one of her own."""
    c = await started(worlds)
    moved = c.world.live("book")[0]
    c.world.move("book", moved.id, at(17))
    await c.world.settle()
    assert seats(c.world) == {at(15): emails(OMAR, ANA), at(17): emails(JANE)}
    assert c.words == ["canceled", "approved", "approved"]
    assert c.world.starts("site") == [at(15), at(17)]
    await quiet(c.world)


async def test_one_moves_herself_where_nobody_s_name_is_shown(worlds: Worlds) -> None:
    """The office shows no staff, and the class has one: who stays is in it still, and she is out of it everywhere."""
    c = await started(worlds, "book", "site", "office")
    [moved] = [one for one in c.world.live("office") if one.people[0].email == JANE.email]
    c.world.move("office", moved.id, at(17))
    await c.world.settle()
    for name in ("book", "office"):
        assert seats(c.world, name) == {at(15): emails(OMAR, ANA), at(17): emails(JANE)}
    assert (c.words, c.world.starts("site")) == (["canceled", "approved", "approved"], [at(15), at(17)])
    await quiet(c.world)


async def test_the_class_is_cancelled_at_the_site(worlds: Worlds) -> None:
    """Every record at Acuity ends."""
    c = await started(worlds)
    c.world.call_off("site", c.id)
    await c.world.settle()
    assert (c.world.live("book"), c.world.live("site")) == ([], [])
    await quiet(c.world)


async def test_the_class_is_cancelled_at_acuity(worlds: Worlds) -> None:
    """The appointment at the site ends."""
    c = await started(worlds)
    for entry in c.world.live("book"):
        c.world.call_off("book", entry.id)
    await c.world.settle()
    assert (c.world.live("book"), c.world.live("site")) == ([], [])
    await quiet(c.world)


async def test_acuity_says_itself_that_a_type_is_a_class(worlds: Worlds) -> None:
    """Where its rows carry a class's id, no line of the configuration is needed."""
    world = studio(worlds, group=None)
    for who in THREE:
        at_book(world, who, at(15))
    entry = at_site(world, at(15), *THREE)
    await world.cycle()
    mapping = world.known("site", entry.id).at("book")
    assert mapping is not None
    assert len(mapping.parts) == 3
    at_book(world, ZOE, at(15))
    await world.settle()
    assert (Class(world, entry.id).words, seats(world)) == (["approved"] * 4, {at(15): emails(*THREE, ZOE)})
    again = at_site(world, at(17), *THREE)
    await world.settle()
    assert seats(world)[again.start] == emails(*THREE)


@pytest.mark.parametrize("group", [None, Group.ONE], ids=["not said", "one"])
async def test_where_no_row_says_otherwise_the_office_and_the_crm_keep_a_class_as_one_record(
    worlds: Worlds, group: Group | None
) -> None:
    """As with `group = "one"`: Acuity says itself that it is a class there, and elsewhere one record stays one."""
    world = studio(worlds, "book", "site", "office", "crm", group=group)
    entry = at_site(world, at(15), *THREE)
    for who in THREE:
        at_book(world, who, at(15))
    await world.settle()
    assert seats(world) == {at(15): emails(*THREE)}
    assert [len(world.live(name)) for name in ("site", "office", "crm")] == [1, 1, 1]
    at_book(world, ZOE, at(15))
    await world.settle()
    assert Class(world, entry.id).words == ["approved"] * 4
    assert seats(world) == {at(15): emails(*THREE, ZOE)}
    assert [world.starts(name) for name in ("site", "office", "crm")] == [[at(15)]] * 3
    assert len(world.live("office")[0].people) == 1
    await quiet(world)


async def test_a_lost_answer_makes_no_seat_twice(worlds: Worlds) -> None:
    """Each request is carried out and its answer lost: what came of it is looked for."""
    world = studio(worlds)
    at_site(world, at(15), *THREE)
    world.fault("book", "hang_after", "create", times=2)
    for _ in range(30):
        await world.cycle()
        assert len(world.live("book")) <= 3
    assert seats(world) == {at(15): emails(*THREE)}
    await quiet(world)


async def test_a_seat_whose_request_was_lost_is_made_later(worlds: Worlds) -> None:
    """Not before it is sure that it does not come."""
    world = studio(worlds)
    at_site(world, at(15), *THREE)
    world.fault("book", "hang", "create", times=1, after=1)
    await world.cycle()
    assert len(world.live("book")) == 1
    await world.cycle()
    assert len(world.live("book")) == 1
    for _ in range(30):
        await world.cycle()
    assert seats(world) == {at(15): emails(*THREE)}
    await quiet(world)


async def test_a_refused_seat_is_said(worlds: Worlds) -> None:
    """The others have theirs; who has none is not claimed to be in it."""
    world = studio(worlds)
    at_site(world, at(15), *THREE)
    world.fault("book", "status", "create", after=2, code=400, body=FULL)
    result = await world.cycle()
    [step] = steps(result)
    assert (step.outcome, len(world.live("book"))) == (Outcome.QUARANTINED, 2), report.text(result)
    again = await world.cycle()
    assert (world.written("book"), again.exit_code) == (0, 0), report.text(again)


async def test_half_a_move_is_taken_back(worlds: Worlds) -> None:
    """A class in two places would look as if some had left it."""
    c = await started(worlds)
    c.world.fault("book", "status", "reschedule", after=2, times=1, code=400, body=FULL)
    c.world.move("site", c.id, at(17))
    result = await c.world.cycle()
    assert (steps(result)[0].outcome, seats(c.world)) == (Outcome.QUARANTINED, {at(15): emails(*THREE)})
    await c.world.cycle()
    assert (c.words, c.world.starts("site"), len(c.world.live("book"))) == (["approved"] * 3, [at(17)], 3)


async def test_a_move_that_broke_off_goes_on(worlds: Worlds) -> None:
    """One of three was moved when no more answers came: nobody has left."""
    c = await started(worlds)
    c.world.fault("book", "hang", "reschedule", after=1)
    c.world.move("site", c.id, at(17))
    await c.world.cycle()
    c.world.mend()
    for _ in range(12):
        await c.world.cycle()
        assert c.words == ["approved"] * 3
    assert seats(c.world) == {at(17): emails(*THREE)}
    await quiet(c.world)


async def test_a_cancellation_that_broke_off_goes_on(worlds: Worlds) -> None:
    """All of it ends."""
    c = await started(worlds)
    c.world.fault("book", "hang", "cancel", after=1)
    c.world.call_off("site", c.id)
    await c.world.cycle()
    c.world.mend()
    for _ in range(12):
        await c.world.cycle()
    assert (c.world.live("book"), c.world.live("site")) == ([], [])
    await quiet(c.world)


async def test_a_second_look_does_not_say_where_a_class_is_either(worlds: Worlds) -> None:
    """While it is at several times the office moves it, and somebody is taken out at the site under the write: all is
    read once more, and what was held in this very cycle stays so.
    """
    c = await started(worlds, "book", "site", "office")
    for entry, hour in zip(c.world.live("book"), (17, 18, 19), strict=True):
        c.world.move("book", entry.id, at(hour))
    for entry in c.world.live("office"):
        c.world.move("office", entry.id, at(16))
    c.world.between("site", "get", lambda: c.change(1, "canceled"))
    for _ in range(2):
        result = await c.world.cycle()
        assert c.words == ["approved", "canceled", "approved"], report.text(result)
        assert seats(c.world, "office")[at(16)] == emails(JANE, ANA)
    assert c.world.starts("site") == [at(16)]
    assert c.world.known("site", c.id).id in {entry.appointment for entry in c.world.desk.held()}


async def test_where_a_class_is_that_is_at_several_times_is_asked(worlds: Worlds) -> None:
    """Everybody moved elsewhere: what would follow for the class is held, and each has a class by then."""
    c = await started(worlds)
    for entry, hour in zip(c.world.live("book"), (17, 18, 19), strict=True):
        c.world.move("book", entry.id, at(hour))
    result = await c.world.cycle()
    assert c.words == ["approved"] * 3
    assert "several times" in report.text(result)
    await c.world.cycle()
    [held] = {entry.appointment for entry in c.world.desk.held()}
    assert held == c.world.known("site", c.id).id
    c.world.desk.approve([])
    await c.world.settle()
    assert c.words == ["canceled"] * 3
    assert c.world.starts("site") == [at(17), at(18), at(19)]


async def test_one_who_joins_another_class(worlds: Worlds) -> None:
    """Is a seat of that one, and her own class is over if she was alone in it."""
    c = await started(worlds)
    alone = at_book(c.world, ZOE, at(17))
    await c.world.settle()
    assert c.world.starts("site") == [at(15), at(17)]
    c.world.move("book", alone.id, at(15))
    await c.world.settle()
    assert (c.words, c.world.starts("site")) == (["approved"] * 4, [at(15)])
    await quiet(c.world)


async def test_two_seats_of_one_client_are_one_elsewhere(worlds: Worlds) -> None:
    """It is said, and nothing is doubled."""
    c = await started(worlds)
    at_book(c.world, JANE, at(15))
    result = await c.world.cycle()
    assert (steps(result), c.words) == ([], ["approved"] * 3)
    assert "two seats of one client" in report.text(result)
    await quiet(c.world)
    c.change(1, "canceled")
    await c.world.settle()
    assert [one.people[0].email for one in c.world.live("book")] == [JANE.email, ANA.email, JANE.email]


async def test_her_address_is_corrected(worlds: Worlds) -> None:
    """In her record at Acuity alone."""
    c = await started(worlds, "book", "site", "office")
    [entry] = [one for one in c.world.live("office") if one.people[0].email == OMAR.email]
    c.world.servers["office"].person_edit(entry.id, people=[replace(OMAR, email="omar@work.example")])
    await c.world.settle()
    assert seats(c.world) == {at(15): sorted(["omar@work.example", JANE.email, ANA.email])}
    assert c.world.sent("book")["update"] <= 1


@EACH_BEHAVIOUR
async def test_a_vendor_without_services_knows_a_class_by_its_name(worlds: Worlds, behaviour: str) -> None:
    """One record a participant at the office, each called by the class and by whose it is."""
    c = await started(worlds, "book", "site", "office")
    assert seats(c.world, "office") == {at(15): emails(*THREE)}
    assert sorted(one.title for one in c.world.live("office")) == [
        f"Open House, {who.name}" for who in sorted(THREE, key=lambda one: one.name)
    ]
    renamed, gone = c.world.live("office")[:2]
    c.world.servers["office"].person_edit(renamed.id, title="VIP")
    await c.world.settle()
    assert c.words == ["approved"] * 3
    c.world.call_off("office", gone.id)
    await c.world.settle()
    assert sorted(c.words) == ["approved", "approved", "canceled"]
    assert len(c.world.live("book")) == 2
    await quiet(c.world)


async def test_one_record_for_all(worlds: Worlds) -> None:
    """With `group = "one"` the office has one, and the report says who is not in it."""
    world = studio(worlds, "book", "site", "office", group=Group.ONE)
    at_site(world, at(15), *THREE)
    result = await world.cycle()
    assert len(world.live("office")) == 1
    assert "room for 1 of its 3 clients" in report.text(result)


@pytest.mark.parametrize("behaviour", ["reference"])
async def test_a_store_that_knew_one_seat_goes_on(worlds: Worlds, behaviour: str) -> None:
    """Before, one record at Acuity stood for the group; from now on each has one, and nobody two."""
    world = studio(worlds, group=Group.ONE)
    entry = at_site(world, at(15), *THREE)
    await world.settle()
    assert len(world.live("book")) == 1
    at_book(world, OMAR, at(15))
    world.start_syncd(catalogue(world))
    await world.settle()
    assert (seats(world), len(world.live("book"))) == ({at(15): emails(*THREE)}, 3)
    assert Class(world, entry.id).words == ["approved"] * 3
    await quiet(world)


async def test_a_class_stays_one_whatever_the_configuration_says_later(worlds: Worlds) -> None:
    """To take the line away calls nobody off."""
    c = await started(worlds, "book", "site", "office")
    c.world.start_syncd(catalogue(c.world, None))
    await c.world.settle()
    assert (c.words, len(c.world.live("book")), len(c.world.live("office"))) == (["approved"] * 3, 3, 3)
    await quiet(c.world)


async def test_who_did_not_come_stays_in_her_class(worlds: Worlds) -> None:
    """Her record is moved no more, and the others go on without a word of her."""
    c = await started(worlds)
    missed = c.world.live("book")[0]
    c.world.servers["book"].person_edit(missed.id, status="no_show")
    await c.world.settle()
    c.world.move("site", c.id, at(17))
    await c.world.settle()
    assert (c.words, seats(c.world)) == (["approved"] * 3, {at(17): emails(OMAR, ANA)})
    await quiet(c.world)


async def test_half_a_listing_takes_nobody_out(worlds: Worlds) -> None:
    """A seat that the listing lacks and that is there by id makes it half a listing."""
    c = await started(worlds)
    seat = c.world.live("book")[1]
    hidden = c.world.hide("book", seat.id)
    c.world.between("book", "get", lambda: c.world.unhide("book", hidden))
    result = await c.world.cycle()
    assert c.words == ["approved"] * 3
    assert any("lacks record" in str(one.error) for one in result.vendors), report.text(result)
    await c.world.settle()
    assert c.words == ["approved"] * 3


async def test_who_is_in_it_at_one_vendor_alone_is_in_it_at_both(worlds: Worlds) -> None:
    """Linked by one whom both have; nobody is called off for being in one of them only."""
    world = studio(worlds)
    for who in (JANE, OMAR):
        at_book(world, who, at(15))
    entry = at_site(world, at(15), JANE, ANA)
    await world.settle()
    assert seats(world)[at(15)] == emails(JANE, OMAR, ANA)
    assert Class(world, entry.id).words == ["approved"] * 3
    at_book(world, ZOE, at(15))
    await world.settle()
    assert seats(world)[at(15)] == emails(JANE, OMAR, ANA, ZOE)
    assert Class(world, entry.id).words == ["approved"] * 4
    await quiet(world)


async def test_who_books_at_one_vendor_and_who_books_at_the_other_are_in_one_class(worlds: Worlds) -> None:
    """The first run of most: nobody is at both, and from then on everybody is."""
    world = studio(worlds)
    at_book(world, ZOE, at(15))
    entry = at_site(world, at(15), *THREE)
    other = at_site(world, at(17), JANE)
    result = await world.cycle()
    assert len(steps(result, Action.ADOPT)) == 1, report.text(result)
    await world.settle()
    assert seats(world) == {at(15): emails(*THREE, ZOE), at(17): emails(JANE)}
    assert (Class(world, entry.id).words, Class(world, other.id).words) == (["approved"] * 4, ["approved"])
    await quiet(world)


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_power_cut_between_the_seats_doubles_none(worlds: Worlds, number: int, when: str) -> None:
    """Three are to be made; the process is gone right before, or right after, one of them is."""
    world, left = studio(worlds), [number]

    def cut(request: httpx.Request) -> None:
        left[0] -= world.operation("book", request) == "create"
        if left[0] == 0:
            left[0] = -1
            raise PowerCut

    at_site(world, at(15), *THREE)
    hooks = world.wires["book"].before if when == "before" else world.wires["book"].after
    hooks.append(cut)
    with pytest.raises(PowerCut):
        await world.cycle()
    world.start_syncd(catalogue(world))
    for _ in range(30):
        await world.cycle()
        assert len(world.live("book")) <= 3
    assert seats(world) == {at(15): emails(*THREE)}
    await quiet(world)


async def test_a_power_cut_at_any_commit_doubles_none(worlds: Worlds) -> None:
    """While three seats are made, one is taken out and the class is moved."""
    for number in range(2, 40, 3):
        world = studio(worlds)
        cut_at_commit(world, number)
        world.start_syncd(catalogue(world))
        entry = at_site(world, at(15), *THREE)
        dead = await _interrupted(world)
        world.move("site", entry.id, at(17))
        Class(world, entry.id).change(1, "canceled")
        for _ in range(20):
            dead = await _interrupted(world) or dead
            assert len(world.live("book")) <= 3
        assert seats(world) == {at(17): emails(JANE, ANA)}, number
        if not dead:
            break


async def _interrupted(world: World) -> bool:
    try:
        await world.cycle()
    except PowerCut:
        world.start_syncd(catalogue(world))
        return True
    return False


async def test_the_guard_counts_the_seats_that_are_deleted_for_good(worlds: Worlds) -> None:
    """One class of three is three records at the office, and one booking page's cancellation."""
    c = await started(worlds, "book", "site", "office")
    c.world.call_off("site", c.id)
    result = await c.world.cycle()
    [held] = c.world.desk.held()
    assert (held.vendor, c.world.live("book"), len(c.world.live("office"))) == ("office", [], 3)
    assert "3 cancellations at office" in report.text(result)
    c.world.desk.approve([])
    await c.world.settle()
    assert c.world.live("office") == []


async def test_a_booking_that_could_not_be_made_is_made_later(worlds: Worlds) -> None:
    """While the site is down, who came at Acuity is not forgotten."""
    c = await started(worlds)
    at_book(c.world, ZOE, at(15))
    c.world.fault("site", "status", "update", code=503)
    for _ in range(3):
        await c.world.cycle()
    assert c.words == ["approved"] * 3
    c.world.mend()
    for _ in range(12):
        await c.world.cycle()
    assert c.words == ["approved"] * 4
    await quiet(c.world)


async def test_who_comes_at_one_vendor_sends_nobody_away_at_another(worlds: Worlds) -> None:
    """While Acuity is full for him, another comes there: he keeps his booking at the site."""
    c = await started(worlds)
    stored = c.world.site.kept(c.world.site.entries[c.id])
    c.world.site.person_edit(c.id, people=[*stored.people, replace(ZOE)])
    c.world.fault("book", "status", "create", code=400, body=FULL)
    await c.world.cycle()
    c.world.mend()
    mia = Person("Mia", "Brandt", "mia.brandt@example.com", "2125550122")
    at_book(c.world, mia, at(15))
    gone = c.world.live("book")[0]
    c.world.call_off("book", gone.id)
    for _ in range(3):
        await c.world.cycle()
    assert sorted(one.email for one in c.world.known("site", c.id).agreed.clients) == emails(OMAR, ANA, ZOE, mia)
    assert sorted(c.words) == ["approved"] * 4 + ["canceled"]

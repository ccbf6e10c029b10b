"""Classes: the site has one record with a booking for each, Acuity and the office have a record for each."""

from __future__ import annotations

from dataclasses import replace

from syncd.sandbox.amelia.server import Amelia
from syncd.sandbox.frame.records import Person
from tests import open_house
from tests.interruption.scenario import Step, Steps, scenario
from tests.interruption.stage import ANA, JANE, OMAR, Setting, Stage, at
from tests.open_house import EACH_HAS_ONE

_ONE = ("observed",)
"""Seats are the same to every behaviour, once they are there."""

STUDIO = Setting(switches={"book": {"classes": True}, "site": {"slot_step": None, "hours": None, **open_house.AT_SITE}})


def opened(s: Stage, *who: Person) -> None:
    """The site enters a class."""
    s.world.rows = open_house.ROW
    people = [replace(one) for one in who]
    staff = {"provider": 1, "location": 1}
    end = at(15) + open_house.LENGTH
    s.enter("site", who[0], at(15), end=end, people=people, service=open_house.SERVICE, staff=staff)


def seat(s: Stage, name: str, who: Person, hour: int = 15) -> None:
    """A vendor that has a record for each enters one."""
    s.enter(name, who, at(hour), end=at(hour) + open_house.LENGTH, **open_house.seat_at(name, who.name))


def expect_class(s: Stage, *who: Person, hour: int = 15) -> None:
    """These have a seat at each vendor, and nobody else has."""
    emails = sorted(one.email for one in who)
    for name in EACH_HAS_ONE:
        there = [entry for entry in s.vendors[name].entries.values() if not entry.is_cancelled]
        shown = sorted(person.email for entry in there for person in entry.people)
        assert (shown, {entry.start for entry in there}) == (emails, {at(hour)} if who else set()), f"{name}: {there}"
    for name in ("crm", "site"):
        there = [entry for entry in s.vendors[name].entries.values() if not entry.is_cancelled]
        assert [entry.start for entry in there] == [at(hour)] * bool(who), f"{name}: {there}"
    if who:
        assert sorted(_coming(s)) == emails, f"to the site come {_coming(s)}"


def _coming(s: Stage) -> list[str]:
    site = s.vendors["site"]
    assert isinstance(site, Amelia)
    [entry] = [entry for entry in site.entries.values() if not entry.is_cancelled]
    bookings = [one for one in site.kept(entry).bookings if one.status in ("approved", "pending")]
    return [site.customers[one.customer_id].person.email for one in bookings]


@scenario("a class at the site is made seat by seat", setting=STUDIO)
def made(s: Stage) -> Steps:
    """Whatever ends the process in between, nobody has two seats, and nobody none."""
    opened(s, JANE, OMAR, ANA)
    yield Step.ANYWHERE
    yield Step.REST
    expect_class(s, JANE, OMAR, ANA)


@scenario(
    "a seat of a class is made at {name}, and the answer is lost",
    name=EACH_HAS_ONE,
    setting=STUDIO,
    behaviours=_ONE,
)
def lost_answer(s: Stage, name: str) -> Steps:
    """It is looked for, and the rest are made."""
    opened(s, JANE, OMAR, ANA)
    s.fault(name, "hang_after", "create", times=1, after=1)
    yield Step.ANYWHERE
    yield Step.REST
    expect_class(s, JANE, OMAR, ANA)


@scenario("somebody takes a seat of a class at {name}", name=EACH_HAS_ONE, setting=STUDIO, behaviours=_ONE)
def comes(s: Stage, name: str) -> Steps:
    """A booking more at the site, a record more at the other one."""
    opened(s, JANE, OMAR)
    yield Step.CYCLE
    seat(s, name, ANA)
    yield Step.ANYWHERE
    yield Step.REST
    expect_class(s, JANE, OMAR, ANA)


@scenario("somebody is booked into a class at the site", setting=STUDIO, behaviours=_ONE)
def booked(s: Stage) -> Steps:
    """A record more where each has one."""
    opened(s, JANE, OMAR)
    yield Step.CYCLE
    [entry] = s.vendors["site"].entries.values()
    s.edit("site", JANE, people=[*entry.people, replace(ANA)])
    yield Step.ANYWHERE
    yield Step.REST
    expect_class(s, JANE, OMAR, ANA)


@scenario("a booking of a class is cancelled at the site", setting=STUDIO, behaviours=_ONE)
def taken_out(s: Stage) -> Steps:
    """Hers ends where each has one, and no other."""
    opened(s, JANE, OMAR, ANA)
    yield Step.CYCLE
    site = s.vendors["site"]
    assert isinstance(site, Amelia)
    site.person_rebook(s.record("site", JANE).id, 1, status="canceled")
    yield Step.ANYWHERE
    yield Step.REST
    expect_class(s, JANE, ANA)


@scenario("somebody gives up a seat of a class at {name}", name=EACH_HAS_ONE, setting=STUDIO, behaviours=_ONE)
def leaves(s: Stage, name: str) -> Steps:
    """Hers ends everywhere, and no other."""
    opened(s, JANE, OMAR, ANA)
    yield Step.CYCLE
    if name == "office":
        s.delete(name, OMAR)
    else:
        s.cancel(name, OMAR)
    yield Step.ANYWHERE
    yield Step.REST
    expect_class(s, JANE, ANA)


@scenario("a class is moved at {name}", name=("crm", "book", "office", "site"), setting=STUDIO, behaviours=_ONE)
def moved(s: Stage, name: str) -> Steps:
    """All of it, everywhere, and nobody leaves it on the way."""
    opened(s, JANE, OMAR, ANA)
    yield Step.CYCLE
    for entry in list(s.vendors[name].entries.values()):
        s.vendors[name].person_edit(entry.id, start=at(18), end=at(18) + open_house.LENGTH)
    yield Step.ANYWHERE
    yield Step.REST
    expect_class(s, JANE, OMAR, ANA, hour=18)


@scenario("a class is called off at the site", setting=STUDIO, behaviours=_ONE)
def called_off(s: Stage) -> Steps:
    """Every seat ends."""
    opened(s, JANE, OMAR, ANA)
    yield Step.CYCLE
    s.cancel("site", JANE)
    yield Step.ANYWHERE
    yield Step.CYCLE
    s.approve()
    yield Step.REST
    expect_class(s)

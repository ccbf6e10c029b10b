"""What looks like an accident: held, shown, and carried out exactly when an operator says so."""

from __future__ import annotations

from datetime import timedelta

from syncd.sandbox.frame.records import Person
from tests.interruption.scenario import Step, Steps, scenario
from tests.interruption.stage import ALL, JANE, OMAR, Setting, Stage, at

PEOPLE = tuple(Person(f"Client{n}", "Guarded", f"client{n}@example.com", f"21255502{n:02}") for n in range(5))
CAREFUL = Setting(guard={name: {"count": 2, "percent": 10} for name in ("max_cancels", "max_changes")})


def calendar(s: Stage) -> Steps:
    """Five appointments at every vendor."""
    for number, who in enumerate(PEOPLE):
        s.enter_everywhere(who, at(8 + number, day=3, month=11))
    yield Step.CYCLE


@scenario(
    "many cancellations at {origin} are held, and carried out when they are approved", origin=ALL, setting=CAREFUL
)
def mass_cancel(s: Stage, origin: str) -> Steps:
    """Nothing is cancelled before, everything after."""
    yield from calendar(s)
    for who in PEOPLE[:3]:
        s.cancel(origin, who)
    yield Step.ANYWHERE
    assert all(s.live(name, who) for name in ALL if name != origin for who in PEOPLE)
    s.approve()
    yield Step.ANYWHERE
    yield Step.REST
    for who in PEOPLE[:3]:
        s.expect_none(who)
    s.expect(PEOPLE[4], at(12, day=3, month=11))


@scenario(
    "many moves at {origin} are held, and carried out when they are approved", origin=("crm", "book"), setting=CAREFUL
)
def mass_move(s: Stage, origin: str) -> Steps:
    """Four by half an hour, one by an hour: no changed zone does that."""
    yield from calendar(s)
    moved = [at(8 + n, day=3, month=11) + timedelta(minutes=60 if n == 4 else 30) for n in range(len(PEOPLE))]
    for who, start in zip(PEOPLE, moved, strict=True):
        s.move(origin, who, start)
    yield Step.ANYWHERE
    s.approve()
    yield Step.ANYWHERE
    yield Step.REST
    for who, start in zip(PEOPLE, moved, strict=True):
        s.expect(who, start)


@scenario("many cancellations at {origin} are held and never approved", origin=("crm", "site"), setting=CAREFUL)
def not_approved(s: Stage, origin: str) -> Steps:
    """They wait, while something new goes on."""
    yield from calendar(s)
    for who in PEOPLE[:3]:
        s.cancel(origin, who)
    s.enter("book", JANE, at(15))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))
    for who in PEOPLE:
        s.expect(who, s.record("office", who).start, *(name for name in ALL if name != origin))


@scenario("many cancellations at {origin} are held, and rejected", origin=("crm", "book", "office"), setting=CAREFUL)
def mass_cancel_rejected(s: Stage, origin: str) -> Steps:
    """They are taken back where they were made: uncancelled, or made anew, and nothing is there twice."""
    yield from calendar(s)
    for who in PEOPLE[:3]:
        s.cancel(origin, who)
    yield Step.CYCLE
    s.reject()
    yield Step.ANYWHERE
    s.approve()
    yield Step.ANYWHERE
    yield Step.REST
    for number, who in enumerate(PEOPLE):
        s.expect(who, at(8 + number, day=3, month=11))


@scenario("an operator approves what is held at one vendor alone", setting=CAREFUL)
def approved_in_part(s: Stage) -> Steps:
    """The rest goes on waiting."""
    yield from calendar(s)
    for who in PEOPLE[:3]:
        s.cancel("crm", who)
    yield Step.ANYWHERE
    s.approve("book")
    yield Step.ANYWHERE
    yield Step.REST
    for who in PEOPLE[:3]:
        s.expect_none(who, "crm", "book")
        s.expect(who, s.record("office", who).start, "office", "site")


@scenario("the listing of {name} is suddenly empty, and full again", name=ALL)
def emptied(s: Stage, name: str) -> Steps:
    """Nothing is asked for, nothing cancelled, and it goes by."""
    yield from calendar(s)
    s.fault(name, "empty_list", times=1)
    yield Step.ANYWHERE
    s.mend()
    yield Step.ANYWHERE
    yield Step.REST
    for number, who in enumerate(PEOPLE):
        s.expect(who, at(8 + number, day=3, month=11))


@scenario(
    "an approved deletion of everything at {name} is asked for one by one", name=("office", "site"), setting=CAREFUL
)
def all_deleted(s: Stage, name: str) -> Steps:
    """The approval is no evidence, the vendor's own word is."""
    yield from calendar(s)
    s.enter_everywhere(OMAR, at(10))
    yield Step.CYCLE
    for who in PEOPLE[:3]:
        s.delete(name, who)
    yield Step.ANYWHERE
    s.approve()
    yield Step.ANYWHERE
    yield Step.REST
    for who in PEOPLE[:3]:
        s.expect_none(who)
    s.expect(OMAR, at(10))
    s.expect(PEOPLE[3], at(11, day=3, month=11))

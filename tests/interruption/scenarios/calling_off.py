"""Appointments that are cancelled, deleted, completed or scheduled again."""

from __future__ import annotations

from tests.interruption.scenario import Step, Steps, scenario
from tests.interruption.scenarios.changing import known
from tests.interruption.stage import ALL, JANE, OMAR, Setting, Stage, at, other_than

WORD = Setting(switches={"office": {"cancelled_status": "cancelado"}})
"""An account whose appointments have a word for cancelled, so that nothing is deleted there."""


@scenario("a cancellation at {origin} goes to the others", origin=ALL)
def cancel(s: Stage, origin: str) -> Steps:
    """By the vendor's own way of cancelling."""
    yield from known(s)
    s.cancel(origin, JANE)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_none(JANE)
    s.expect(OMAR, at(10))


@scenario("a deletion at {origin} cancels it at the others", origin=ALL)
def delete(s: Stage, origin: str) -> Steps:
    """By the vendor's own word that it is gone."""
    yield from known(s)
    s.delete(origin, JANE)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_none(JANE)
    s.expect(OMAR, at(10))


@scenario("the answer to a cancellation at {name} is lost by {fault}", name=ALL, fault=("hang_after", "hang"))
def lost_answer_to_a_cancel(s: Stage, name: str, fault: str) -> Steps:
    """The record itself tells."""
    yield from known(s)
    for operation in ("cancel", "delete", "status", "update"):
        s.fault(name, fault, operation, times=1)
    s.cancel(other_than(name), JANE)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_none(JANE)
    s.expect(OMAR, at(10))


@scenario("a cancellation at one vendor and a deletion at another are one end", behaviours=("reference",))
def both_ways(s: Stage) -> Steps:
    """No conflict."""
    yield from known(s)
    s.cancel("book", JANE)
    s.delete("site", JANE)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_none(JANE)


@scenario("an appointment is deleted at {name} while syncd is about to cancel it there", name=("crm", "office", "site"))
def gone_already(s: Stage, name: str) -> Steps:
    """Gone is gone."""
    yield from known(s)
    s.meanwhile(name, "get", lambda: s.delete(name, JANE))
    s.cancel("book", JANE)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_none(JANE)
    s.expect(OMAR, at(10))


@scenario("a cancellation at {origin} is taken back before the next cycle", origin=("crm", "site"), people_go_on=True)
def taken_back(s: Stage, origin: str) -> Steps:
    """It stands once everywhere, revived where it had ended."""
    yield from known(s)
    s.cancel(origin, JANE)
    yield Step.DOWN
    s.revive(origin, JANE)
    yield Step.CYCLE
    yield Step.REST
    s.expect(JANE, at(15))


@scenario("an appointment is scheduled again at {origin}", origin=("crm", "site"))
def revive(s: Stage, origin: str) -> Steps:
    """The same records where the vendor un-cancels, new ones where it cannot."""
    yield from known(s)
    s.cancel("crm", JANE)
    yield Step.CYCLE
    s.expect_none(JANE)
    s.revive(origin, JANE)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))
    s.expect(OMAR, at(10))


@scenario("an appointment is scheduled again at the office, which has a word for cancelled", setting=WORD)
def revive_at_the_office(s: Stage) -> Steps:
    """As it un-cancels, it is the origin too."""
    yield from known(s)
    s.cancel("office", JANE)
    yield Step.ANYWHERE
    s.expect_none(JANE)
    s.revive("office", JANE)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))


@scenario(
    "an appointment is scheduled again at {origin}, and the new record's answer at {name} is lost",
    origin=("crm", "site"),
    name=("book", "office"),
)
def revived_and_lost(s: Stage, origin: str, name: str) -> Steps:
    """Found and adopted, though the former record is still there."""
    yield from known(s)
    s.cancel("crm", JANE)
    yield Step.CYCLE
    s.fault(name, "hang_after", "create", times=1)
    s.revive(origin, JANE)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))


@scenario(
    "an appointment is scheduled again at {origin} and called off before the next cycle",
    origin=("crm", "site"),
    people_go_on=True,
)
def revived_in_vain(s: Stage, origin: str) -> Steps:
    """It stands nowhere."""
    yield from known(s)
    s.cancel("crm", JANE)
    yield Step.CYCLE
    s.revive(origin, JANE)
    yield Step.DOWN
    s.cancel(origin, JANE)
    yield Step.CYCLE
    yield Step.REST
    s.expect_none(JANE)


@scenario("the same is booked again at {origin} after it was called off", origin=ALL)
def booked_again(s: Stage, origin: str) -> Steps:
    """A new appointment, once everywhere."""
    yield from known(s)
    s.cancel("crm", JANE)
    yield Step.CYCLE
    s.enter(origin, JANE, at(15))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))


@scenario("the same is booked again at {origin} in the cycle in which it is called off", origin=("book", "office"))
def replaced(s: Stage, origin: str) -> Steps:
    """One is cancelled and one is made."""
    yield from known(s)
    s.cancel("crm", JANE)
    s.enter(origin, JANE, at(18))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(18))


@scenario("{origin} says that it was completed", origin=("crm", "office"))
def completed(s: Stage, origin: str) -> Steps:
    """To those that can say so."""
    yield from known(s)
    s.edit(origin, JANE, status="completed")
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15), "crm", "office", status="completed")
    s.expect(JANE, at(15), "book", "site", status="scheduled")


@scenario("{origin} says that the client did not come", origin=("crm", "book", "site"))
def no_show(s: Stage, origin: str) -> Steps:
    """To those that can say so; the office keeps it as it is."""
    yield from known(s)
    s.edit(origin, JANE, status="no_show")
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15), "crm", "book", "site", status="no_show")
    s.expect(JANE, at(15), "office", status="scheduled")


@scenario("a new appointment at {origin} is called off before the next cycle", origin=ALL, people_go_on=True)
def created_in_vain(s: Stage, origin: str) -> Steps:
    """Whatever was made of it ends."""
    yield from known(s)
    s.enter(origin, who := s.somebody("Noa"), at(18))
    yield Step.DOWN
    s.cancel(origin, who)
    yield Step.CYCLE
    yield Step.REST
    s.expect_none(who)
    s.expect(JANE, at(15))


@scenario("one is cancelled at the CRM while another is moved at the site")
def one_ends_one_moves(s: Stage) -> Steps:
    """And the mover takes the other's time."""
    yield from known(s)
    s.cancel("crm", OMAR)
    yield Step.ANYWHERE
    s.move("site", JANE, at(10))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_none(OMAR)
    s.expect(JANE, at(10))


@scenario(
    "a cancelled appointment is cancelled nowhere where nothing may be written",
    behaviours=("reference",),
    setting=Setting(options={"site": {"read_only": True}}),
)
def read_only(s: Stage) -> Steps:
    """The read-only vendor keeps it."""
    yield from known(s)
    s.cancel("crm", JANE)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_none(JANE, "crm", "book", "office")
    s.expect(JANE, at(15), "site")

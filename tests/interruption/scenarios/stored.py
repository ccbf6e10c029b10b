"""Stores in a file, which every stop leaves as a power cut would, and a version with a later schema."""

from __future__ import annotations

from tests.interruption.scenario import Step, Steps, scenario
from tests.interruption.scenarios.changing import known
from tests.interruption.stage import ANA, JANE, OMAR, Setting, Stage, at

FILE = Setting(in_file=True)


@scenario("the very first start makes a store in a file, and a new appointment is made", setting=FILE)
def first_start(s: Stage) -> Steps:
    """From nothing."""
    s.enter("book", JANE, at(15))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))


@scenario("a move and a cancellation with the store in a file", setting=FILE)
def changes_in_a_file(s: Stage) -> Steps:
    """What was committed is there, what was not is not."""
    yield from known(s)
    s.move("site", JANE, at(17))
    s.cancel("crm", OMAR)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))
    s.expect_none(OMAR)


@scenario("a later version opens an older store, and a move goes on", setting=FILE)
def upgraded(s: Stage) -> Steps:
    """The schema is upgraded whole, or not at all."""
    yield from known(s)
    s.install_later_version()
    s.move("book", JANE, at(17))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))
    s.expect_later_schema()


@scenario("a later version opens an older store with a create that got no answer", setting=FILE)
def upgraded_with_a_lost_create(s: Stage) -> Steps:
    """The journal comes along."""
    yield from known(s)
    s.fault("office", "hang_after", "create", times=1)
    s.fault("office", "status", "list", code=503, after=1, times=1)
    s.enter("crm", ANA, at(18))
    yield Step.CYCLE
    s.install_later_version()
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(ANA, at(18))
    s.expect_later_schema()


@scenario("a later version is installed over a cycle that was stopped", setting=FILE, people_go_on=True)
def upgraded_over_a_stop(s: Stage) -> Steps:
    """Whatever the older one left half done, the later one finishes."""
    yield from known(s)
    s.move("crm", JANE, at(17))
    s.enter("office", ANA, at(18))
    yield Step.DOWN
    s.install_later_version()
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))
    s.expect(ANA, at(18))
    s.expect_later_schema()

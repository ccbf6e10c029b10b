"""Writes that a vendor carries out minutes after their answer was lost, while the process is gone and back again.

0:00 a write is sent, and a gateway gives up; the process ends
3:00 the next one lists the vendors, and nothing of it shows
3:20 it is carried out
4:00 until then it may be
"""

from __future__ import annotations

from tests.interruption.scenario import Step, Steps, scenario
from tests.interruption.scenarios.changing import known
from tests.interruption.stage import ALL, JANE, OMAR, Setting, Stage, at, other_than

LATE = 200
"""Seconds after which it is carried out: the process that follows a death has looked by then."""
WAITS = Setting(options={name: {"settle": "4m"} for name in ALL})
CANCELS = ("cancel", "delete", "status", "update")
"""What a cancellation is at one vendor or another, in the sandbox's words."""


def come_late(s: Stage, name: str, *operations: str, code: int = 504) -> None:
    """The next of these requests is carried out late; a gateway answers at once, or (0) nobody does."""
    s.fault(name, "late", *operations, times=1, value=LATE, code=code)


@scenario(
    "a create at {name} is carried out late, and {silence}",
    name=ALL,
    silence=("a gateway gives up", "nobody answers"),
    setting=WAITS,
)
def late_create(s: Stage, name: str, silence: str) -> Steps:
    """It is waited for and adopted, and made once."""
    s.enter_everywhere(OMAR, at(10))
    yield Step.CYCLE
    come_late(s, name, "create", code=504 if silence == "a gateway gives up" else 0)
    s.enter(other_than(name), JANE, at(15))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))
    s.expect(OMAR, at(10))


@scenario("a move at {name} is carried out late", name=ALL, setting=WAITS)
def late_move(s: Stage, name: str) -> Steps:
    """It is nobody's change when it is carried out, and nothing is moved twice."""
    yield from known(s)
    come_late(s, name, "reschedule")
    s.move(other_than(name), JANE, at(17))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))
    s.expect(OMAR, at(10))


@scenario("a cancellation at {name} is carried out late", name=ALL, setting=WAITS)
def late_cancel(s: Stage, name: str) -> Steps:
    """Until then the record stands, which brings nothing back at the others."""
    yield from known(s)
    come_late(s, name, *CANCELS)
    s.cancel(other_than(name), JANE)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_none(JANE)
    s.expect(OMAR, at(10))


@scenario(
    "a create at {name} is carried out late, and its appointment was called off before",
    name=ALL,
    setting=WAITS,
    people_go_on=True,
)
def late_and_called_off(s: Stage, name: str) -> Steps:
    """It is ended where it comes to stand, at once or by an operator's word, and no other vendor hears of it."""
    s.enter_everywhere(OMAR, at(10))
    yield Step.CYCLE
    come_late(s, name, "create")
    s.enter(other_than(name), JANE, at(15))
    yield Step.DOWN
    s.cancel(other_than(name), JANE)
    yield Step.CYCLE
    s.expect_none(JANE)
    s.passes(minutes=4)
    yield Step.CYCLE
    s.expect_none(JANE, *(other for other in ALL if other != name))
    s.end()
    yield Step.CYCLE
    yield Step.REST
    s.expect_none(JANE)
    s.expect(OMAR, at(10))


@scenario(
    "a move at {name} is carried out late, and its appointment was moved on before",
    name=ALL,
    setting=WAITS,
    people_go_on=True,
)
def late_and_moved_on(s: Stage, name: str) -> Steps:
    """The later time is what stands, whenever the earlier one comes."""
    yield from known(s)
    come_late(s, name, "reschedule")
    s.move(other_than(name), JANE, at(17))
    yield Step.DOWN
    s.move(other_than(name), JANE, at(19))
    yield Step.CYCLE
    yield Step.REST
    s.expect(JANE, at(19))

"""Appointments that are entered at one vendor and must come to stand once at each of the others."""

from __future__ import annotations

from tests.interruption.scenario import Step, Steps, scenario
from tests.interruption.stage import ALL, ANA, ANY_TIME, HOUR, JANE, NOW, OMAR, Setting, Stage, at, other_than

CHANGING_CLOCKS = {"Europe": at(1, day=25), "America": at(9, day=1, month=11)}
"""The instants at which clocks are set back by an hour in Belgrade and in Los Angeles."""


@scenario("a new appointment at {origin} reaches the others", origin=ALL)
def new_appointment(s: Stage, origin: str) -> Steps:
    """The plainest case."""
    s.enter(origin, JANE, at(15), notes="" if origin == "crm" else "Ring twice")
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))


@scenario("two new appointments at two vendors cross each other")
def crossing(s: Stage) -> Steps:
    """Each vendor gives one and gets one."""
    s.enter("book", JANE, at(15))
    s.enter("office", OMAR, at(16), location="8 Oak Lane")
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))
    s.expect(OMAR, at(16))


@scenario("an appointment without a client at {origin} is made with the desk's", origin=("crm", "office"))
def without_client(s: Stage, origin: str) -> Steps:
    """Where a vendor needs somebody, it is the configured one."""
    s.enter(origin, None, at(15), title="Kitchen, second visit")
    yield Step.ANYWHERE
    yield Step.REST
    assert [len(s.vendors[name].entries) for name in ALL] == [1, 1, 1, 1]


@scenario("an appointment of two vendors is made at the two that lack it")
def half_known(s: Stage) -> Steps:
    """Two records are linked, two are made."""
    s.enter("crm", JANE, at(15))
    s.enter("site", JANE, at(15))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))


@scenario("a create at {name} is made, and the answer is lost by {fault}", name=ALL, fault=("hang_after", "truncate"))
def lost_answer(s: Stage, name: str, fault: str) -> Steps:
    """It is looked for and adopted."""
    s.fault(name, fault, "create", times=1)
    s.enter(other_than(name), JANE, at(15))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))


@scenario("a create at {name} is not made, and nothing says so", name=ALL)
def lost_request(s: Stage, name: str) -> Steps:
    """It is looked for, and made once when it is not found."""
    s.fault(name, "hang", "create", times=1)
    s.enter(other_than(name), JANE, at(15))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))


@scenario("a create at {name} gets no answer, and neither does the look for it", name=("book", "office"))
def lost_answer_and_look(s: Stage, name: str) -> Steps:
    """The next cycle finds it."""
    s.fault(name, "hang_after", "create", times=1)
    s.fault(name, "status", "list", code=503, after=1, times=1)
    s.enter(other_than(name), JANE, at(15))
    yield Step.ANYWHERE
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))


@scenario("a lost create at {name} is called off before anybody looks", name=ALL, people_go_on=True)
def lost_and_called_off(s: Stage, name: str) -> Steps:
    """What was made is cancelled with the others, what was not is never made."""
    s.enter_everywhere(OMAR, at(10))
    yield Step.CYCLE
    s.fault(name, "hang_after", "create", times=1)
    s.fault(name, "status", "list", code=503, after=1, times=1)
    s.enter(other_than(name), JANE, at(15))
    yield Step.DOWN
    s.cancel(other_than(name), JANE)
    yield Step.CYCLE
    yield Step.REST
    s.expect_none(JANE)
    s.expect(OMAR, at(10))


@scenario("a new appointment at {origin} is moved before the next cycle", origin=ALL, people_go_on=True)
def moved_at_once(s: Stage, origin: str) -> Steps:
    """Whatever was made before is moved, not made again."""
    s.enter(origin, JANE, at(15))
    yield Step.DOWN
    s.move(origin, JANE, at(17))
    yield Step.CYCLE
    yield Step.REST
    s.expect(JANE, at(17))


@scenario("a new appointment at {origin} gets a note while it is made elsewhere", origin=("book", "office", "site"))
def noted_meanwhile(s: Stage, origin: str) -> Steps:
    """The note arrives too."""
    s.meanwhile("crm", "create", lambda: s.edit(origin, JANE, notes="Second floor"))
    s.enter(origin, JANE, at(15))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))
    s.expect(JANE, at(15), "book", "office", "site", notes="Second floor")


@scenario("an appointment of an hour at {origin} keeps its length", origin=ALL)
def long_one(s: Stage, origin: str) -> Steps:
    """Of two services, the one of an hour."""
    s.enter(origin, JANE, at(15), minutes=60)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15), end=at(16))


@scenario(
    "a new appointment half an hour {side} the clocks change in {where}",
    setting=ANY_TIME,
    side=("before", "after"),
    where=tuple(CHANGING_CLOCKS),
)
def next_to_a_change_of_clocks(s: Stage, side: str, where: str) -> Steps:
    """One instant, or no record where a vendor has no words for it; Amelia has words for the later of two alone."""
    start = CHANGING_CLOCKS[where] + (-HOUR if side == "before" else HOUR) / 2
    s.enter("crm", JANE, start)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, start, "crm", "book")
    s.expect(JANE, start + HOUR if (side, where) == ("before", "Europe") else start, "site")


@scenario("an appointment that is over is made nowhere")
def over(s: Stage) -> Steps:
    """And the one to come is."""
    s.enter("crm", JANE, NOW - HOUR)
    s.enter("office", OMAR, at(15))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, NOW - HOUR, "crm")
    s.expect_none(JANE, "book", "office", "site")


@scenario("an appointment far ahead is made when the window reaches it", behaviours=("observed",))
def entering_the_window(s: Stage) -> Steps:
    """And not before."""
    far = NOW + 95 * 24 * HOUR
    s.enter("office", JANE, far)
    yield Step.CYCLE
    s.expect_none(JANE, "crm", "book", "site")
    s.passes(days=6)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, far)


@scenario(
    "a title is cut by {lossy} and stays whole elsewhere",
    lossy=("crm", "office"),
    setting=Setting(switches={"crm": {"trim_title": 9}, "office": {"trim_title": 11}}),
)
def cut_title(s: Stage, lossy: str) -> Steps:
    """What a vendor cannot keep is written to it once, and is nobody's change."""
    giver = "office" if lossy == "crm" else "crm"
    s.enter(giver, JANE, at(15), title="Kitchen and bath, second visit")
    yield Step.ANYWHERE
    yield Step.CYCLE
    yield Step.REST
    s.expect(JANE, at(15))
    s.expect(JANE, at(15), giver, title={"office": "Kitchen and", "crm": "Kitchen a"}[giver])


@scenario(
    "nothing is written to {name}, which is read-only",
    name=("crm", "site"),
    behaviours=("reference",),
    setting=lambda name: Setting(options={name: {"read_only": True}}),
)
def read_only_everywhere(s: Stage, name: str) -> Steps:
    """Its own appointment goes out, the other's does not come in."""
    s.enter(name, JANE, at(15))
    s.enter("book", OMAR, at(17))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))
    s.expect(OMAR, at(17), *(other for other in ALL if other != name))
    s.expect_none(OMAR, name)


@scenario("three new appointments come at once from three vendors", behaviours=("observed",))
def three(s: Stage) -> Steps:
    """Nine records are made."""
    for name, who, hour in (("crm", JANE, 15), ("book", OMAR, 16), ("site", ANA, 17)):
        s.enter(name, who, at(hour))
    yield Step.ANYWHERE
    yield Step.REST
    for who, hour in ((JANE, 15), (OMAR, 16), (ANA, 17)):
        s.expect(who, at(hour))

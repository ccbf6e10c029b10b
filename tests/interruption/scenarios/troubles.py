"""Vendors that fail, refuse, or show what cannot be read, with people who put it right later."""

from __future__ import annotations

from tests.interruption.scenario import Step, Steps, scenario
from tests.interruption.scenarios.changing import STRICT, known
from tests.interruption.stage import ALL, ANA, HALF_HOUR, HOUR, JANE, OMAR, Setting, Stage, at, other_than

OFFICE_ALONE = Setting(switches={"office": {"enforce_conflicts": True}, "site": {"enforce_slots": False}})
TAKEN = Setting(switches={"site": {"enforce_slots": True}})


@scenario("the site refuses a create until an operator releases it", setting=TAKEN)
def refused_create(s: Stage) -> Steps:
    """Its time is taken; nobody tries again by himself. What was sent in the end of the process is waited for."""
    s.enter("site", OMAR, at(15) + HALF_HOUR / 3)
    s.enter("office", JANE, at(15))
    yield Step.ANYWHERE
    yield Step.CYCLE
    yield Step.CYCLE
    s.expect_quarantined("site")
    s.behave("site", enforce_slots=False)
    s.release()
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))


@scenario("the site refuses a create until it is moved", setting=TAKEN)
def refused_and_moved(s: Stage) -> Steps:
    """Another time is another operation. Free starts count from the end of the appointment before: 15:40, 16:10, …"""
    s.enter("site", OMAR, at(15) + HALF_HOUR / 3)
    s.enter("office", JANE, at(15))
    yield Step.ANYWHERE
    s.move("office", JANE, at(18) + HALF_HOUR / 3)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(18) + HALF_HOUR / 3)
    s.expect_quarantined()


@scenario("the site refuses a create, and the appointment is called off", setting=TAKEN)
def refused_and_cancelled(s: Stage) -> Steps:
    """What is over needs no place."""
    s.enter("site", OMAR, at(15) + HALF_HOUR / 3)
    s.enter("office", JANE, at(15))
    yield Step.ANYWHERE
    s.cancel("office", JANE)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_none(JANE)
    s.expect_quarantined()


@scenario("the office refuses a move until an operator releases it", setting=OFFICE_ALONE)
def refused_move(s: Stage) -> Steps:
    """The others have moved."""
    yield from known(s)
    s.enter("office", ANA, at(17) + HALF_HOUR / 3)
    s.move("crm", JANE, at(17))
    yield Step.ANYWHERE
    s.expect_quarantined("office")
    s.expect(JANE, at(17), "crm", "book", "site")
    s.behave("office", enforce_conflicts=False)
    s.release()
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))


@scenario("{name} refuses a move with 422", name=("crm", "office"), behaviours=("reference",))
def refused_with_422(s: Stage, name: str) -> Steps:
    """Until it is moved again."""
    yield from known(s)
    s.fault(name, "status", "reschedule", code=422)
    s.move("site", JANE, at(16))
    yield Step.ANYWHERE
    s.mend()
    s.move("site", JANE, at(17))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))
    s.expect_quarantined()


@scenario("a row of {name} has a time that is none, until somebody corrects it", name=ALL)
def bad_row(s: Stage, name: str) -> Steps:
    """It is left alone, and nothing around it suffers."""
    key = {"crm": "start_time", "book": "datetime", "office": "date", "site": "bookingStart"}[name]
    words = {key: "soon"} | ({"time": "soon"} if name == "book" else {})
    yield from known(s)
    s.enter(name, ANA, at(18), extra=words)
    s.move(other_than(name), JANE, at(16))
    yield Step.ANYWHERE
    s.expect_quarantined(name)
    s.edit(name, ANA, extra={})
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(ANA, at(18))
    s.expect(JANE, at(16))


@scenario(
    "a record at {name} is moved to a time that the clocks skip, and put right",
    name=("office", "site"),
    setting=Setting(sync={"future": "200d"}),
)
def skipped_time(s: Stage, name: str) -> Steps:
    """It is left alone meanwhile."""
    day = "2027-03-14" if name == "office" else "2027-03-28"
    raw = {"date": day, "startTime": "02:30", "endTime": "03:00"}
    if name == "site":
        raw = {"bookingStart": f"{day} 02:30:00", "bookingEnd": f"{day} 03:00:00"}
    yield from known(s)
    s.edit(name, JANE, extra=raw)
    yield Step.ANYWHERE
    s.expect_quarantined(name)
    s.edit(name, JANE, extra={}, start=at(16), end=at(16.5))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(16))


@scenario("{name} cannot be listed for a cycle", name=ALL)
def down(s: Stage, name: str) -> Steps:
    """What concerns the others goes on, the rest follows."""
    yield from known(s)
    s.fault(name, "status", "list", code=503)
    s.move(other_than(name), JANE, at(17))
    s.enter(other_than(name), ANA, at(18))
    yield Step.ANYWHERE
    s.mend()
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))
    s.expect(ANA, at(18))


@scenario("{name} answers every write with 503 for a cycle", name=ALL)
def read_but_not_written(s: Stage, name: str) -> Steps:
    """A 503 may hide that it was done; here it was not."""
    yield from known(s)
    for operation in ("create", "update", "reschedule", "status", "cancel", "delete"):
        s.fault(name, "status", operation, code=503)
    origin = other_than(name)
    s.move(origin, JANE, at(17))
    s.cancel(origin, OMAR)
    s.enter(origin, ANA, at(18))
    yield Step.ANYWHERE
    s.mend()
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))
    s.expect_none(OMAR)
    s.expect(ANA, at(18))


@scenario("a listing of {name} is an HTML page, and then has a row twice", name=ALL, behaviours=("observed",))
def page_for_a_listing(s: Stage, name: str) -> Steps:
    """Absence proves nothing."""
    yield from known(s)
    s.fault(name, "html", "list", times=1)
    s.fault(name, "duplicate_row", "list", times=1)
    s.move(other_than(name), JANE, at(17))
    yield Step.ANYWHERE
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))


@scenario(
    "the office turns an overlap down until there is room",
    setting=STRICT,
)
def room_made_later(s: Stage) -> Steps:
    """Of two moves in one cycle the second makes room for the first."""
    s.enter_everywhere(JANE, at(15))
    s.enter_everywhere(OMAR, at(16))
    yield Step.CYCLE
    s.move("crm", JANE, at(16))
    s.move("crm", OMAR, at(17))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(16))
    s.expect(OMAR, at(16) + HOUR)


@scenario("{name} cannot be read back after its writes", name=("crm", "book", "office"))
def not_read_back(s: Stage, name: str) -> Steps:
    """They are believed until the next listing."""
    yield from known(s)
    s.fault(name, "status", "get", code=500, after=1, times=2)
    s.move(other_than(name), JANE, at(17))
    s.enter(other_than(name), ANA, at(18))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))
    s.expect(ANA, at(18))

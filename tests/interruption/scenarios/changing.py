"""Appointments that stand at every vendor and are moved or edited at one of them."""

from __future__ import annotations

from tests.interruption.scenario import Step, Steps, scenario
from tests.interruption.stage import (
    ALL,
    ANA,
    ANY_TIME,
    HALF_HOUR,
    HOUR,
    JANE,
    NOW,
    OMAR,
    Setting,
    Stage,
    at,
    other_than,
)

STRICT = Setting(switches={"office": {"enforce_conflicts": True}})
"""An office that turns an overlap down."""

TWICE_STRICT = Setting(switches={"office": {"enforce_conflicts": True}, "site": {"generation": "2.1.3"}})
"""And a site that does not take a time twice either."""
ONLY_TOMORROW = Setting(switches=TWICE_STRICT.switches, sync={"future": "3d"})
"""No other day is listed on which one could stand for a moment."""


def known(s: Stage) -> Steps:
    """Two appointments that everybody has and syncd knows."""
    s.enter_everywhere(OMAR, at(10))
    s.enter_everywhere(JANE, at(15))
    yield Step.CYCLE


@scenario("a move at {origin} goes to the others", origin=ALL)
def move(s: Stage, origin: str) -> Steps:
    """The plainest change."""
    yield from known(s)
    s.move(origin, JANE, at(17))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))


@scenario("a move at {origin} is followed by another before the next cycle", origin=ALL, people_go_on=True)
def move_again(s: Stage, origin: str) -> Steps:
    """The later one is what stands, however far the first one came."""
    yield from known(s)
    s.move(origin, JANE, at(17))
    yield Step.DOWN
    s.move(origin, JANE, at(19))
    yield Step.CYCLE
    yield Step.REST
    s.expect(JANE, at(19))


@scenario("a move at {origin} is taken back before the next cycle", origin=ALL, people_go_on=True)
def move_back(s: Stage, origin: str) -> Steps:
    """Those that had moved come back."""
    yield from known(s)
    s.move(origin, JANE, at(17))
    yield Step.DOWN
    s.move(origin, JANE, at(15))
    yield Step.CYCLE
    yield Step.REST
    s.expect(JANE, at(15))


@scenario("a longer end at {origin} goes to those that take one", origin=("crm", "office", "site"))
def longer(s: Stage, origin: str) -> Steps:
    """The start stays."""
    yield from known(s)
    s.edit(origin, JANE, end=at(16.5))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15), "crm", "office", "site", end=at(16.5))


@scenario("a note at {origin} goes to the others", origin=("book", "office", "site"))
def note(s: Stage, origin: str) -> Steps:
    """To those that have notes."""
    yield from known(s)
    s.edit(origin, JANE, notes="Bring the plans")
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15), "book", "office", "site", notes="Bring the plans")


@scenario("a title and a place at {origin} go to those that take them", origin=("crm", "office"))
def title_and_place(s: Stage, origin: str) -> Steps:
    """Two fields in one write."""
    yield from known(s)
    s.edit(origin, JANE, title="Jane Smith: last visit", location="8 Oak Lane")
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15), "office", title="Jane Smith: last visit", location="8 Oak Lane")


@scenario("a move at {one} and a note at {other} both arrive", one=("crm", "site"), other=("book", "office"))
def two_fields_at_two_vendors(s: Stage, one: str, other: str) -> Steps:
    """No conflict."""
    yield from known(s)
    s.move(one, JANE, at(17))
    s.edit(other, JANE, notes="Bring the plans")
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))
    s.expect(JANE, at(17), "book", "office", "site", notes="Bring the plans")


@scenario(
    "a move at {one} meets a note at {other} that comes while it is written",
    one=("crm", "book"),
    other=("office", "site"),
)
def note_meanwhile(s: Stage, one: str, other: str) -> Steps:
    """The note is seen before the write, or in the next cycle."""
    yield from known(s)
    s.move(one, JANE, at(17))
    s.meanwhile(other, "reschedule", lambda: s.edit(other, JANE, notes="Bring the plans"))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))
    s.expect(JANE, at(17), "book", "office", "site", notes="Bring the plans")


@scenario("two appointments are moved at two vendors")
def two_moves(s: Stage) -> Steps:
    """Side by side."""
    yield from known(s)
    s.move("book", JANE, at(17))
    s.move("office", OMAR, at(11))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))
    s.expect(OMAR, at(11))


@scenario("two appointments change places at {origin}", origin=("crm", "book"), setting=STRICT)
def change_places(s: Stage, origin: str) -> Steps:
    """At the office, one time cannot be taken twice; a third time in between makes room."""
    yield from known(s)
    s.move(origin, JANE, at(12))
    yield Step.ANYWHERE
    s.move(origin, OMAR, at(15))
    s.move(origin, JANE, at(10))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(OMAR, at(15))
    s.expect(JANE, at(10))


@scenario("two appointments exchange their times at {origin}", origin=("crm", "book"), setting=TWICE_STRICT)
def exchange(s: Stage, origin: str) -> Steps:
    """One stands aside for a moment, and wherever that moment ends, nobody else ever hears of it."""
    yield from known(s)
    s.move(origin, JANE, at(10))
    s.move(origin, OMAR, at(15))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(OMAR, at(15))
    s.expect(JANE, at(10))
    s.expect_never_written("crm", "book", but=[at(10), at(15)])


@scenario("three appointments exchange their times", setting=TWICE_STRICT)
def exchange_of_three(s: Stage) -> Steps:
    """One stands aside, and the others follow."""
    people = ((JANE, 15, 16), (OMAR, 16, 17), (ANA, 17, 15))
    for who, before, _ in people:
        s.enter_everywhere(who, at(before))
    yield Step.CYCLE
    for who, _, after in people:
        s.move("crm", who, at(after))
    yield Step.ANYWHERE
    yield Step.REST
    for who, _, after in people:
        s.expect(who, at(after))


@scenario("two appointments exchange their times, and no other is free for a moment", setting=ONLY_TOMORROW)
def exchange_by_a_cancellation(s: Stage) -> Steps:
    """Where a record can be revived it is cancelled for that moment; elsewhere people have to do it."""
    yield from known(s)
    s.move("crm", JANE, at(10))
    s.move("crm", OMAR, at(15))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(OMAR, at(15), "crm", "book", "site")
    s.expect(JANE, at(10), "crm", "book", "site")
    s.expect_quarantined("office", "office")


@scenario(
    "the answer to the move aside of an exchange is lost by {fault} at {name}",
    name=("office", "site"),
    fault=("hang_after", "hang"),
    setting=TWICE_STRICT,
)
def lost_answer_to_a_move_aside(s: Stage, name: str, fault: str) -> Steps:
    """Looked at again, it is gone on with."""
    yield from known(s)
    s.fault(name, fault, "reschedule", after=2, times=1)
    s.move("crm", JANE, at(10))
    s.move("crm", OMAR, at(15))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(OMAR, at(15))
    s.expect(JANE, at(10))
    s.expect_never_written("crm", "book", but=[at(10), at(15)])


@scenario("an appointment of an exchange is moved on before the next cycle", setting=TWICE_STRICT, people_go_on=True)
def exchange_and_on(s: Stage) -> Steps:
    """Wherever it stands by then, it goes to its last time."""
    yield from known(s)
    s.move("crm", JANE, at(10))
    s.move("crm", OMAR, at(15))
    yield Step.DOWN
    s.move("crm", OMAR, at(18))
    yield Step.CYCLE
    yield Step.REST
    s.expect(OMAR, at(18))
    s.expect(JANE, at(10))


@scenario("three appointments move up in a row, each into the next one's time", setting=STRICT)
def move_up(s: Stage) -> Steps:
    """The office refuses the first until the others have made room."""
    for who, hour in ((JANE, 15), (OMAR, 15.5), (ANA, 16)):
        s.enter_everywhere(who, at(hour))
    yield Step.CYCLE
    for who, hour in ((JANE, 15.5), (OMAR, 16), (ANA, 16.5)):
        s.move("crm", who, at(hour))
    yield Step.ANYWHERE
    yield Step.REST
    for who, hour in ((JANE, 15.5), (OMAR, 16), (ANA, 16.5)):
        s.expect(who, at(hour))


@scenario("the answer to a move at {name} is lost by {fault}", name=ALL, fault=("hang_after", "hang"))
def lost_answer_to_a_move(s: Stage, name: str, fault: str) -> Steps:
    """The record itself tells whether it happened, and that is nobody's own edit."""
    yield from known(s)
    s.fault(name, fault, "reschedule", times=1)
    s.move(other_than(name), JANE, at(17))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))


@scenario("the first look after a move at {name} is stale", name=ALL)
def stale_look(s: Stage, name: str) -> Steps:
    """The write is not repeated, and the old time is nobody's edit."""
    yield from known(s)
    s.move(other_than(name), JANE, at(17))
    s.fault(name, "stale", "get", after=1, times=1)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))


@scenario(
    "a note goes to {name} while somebody moves that very record",
    name=("book", "office", "site"),
    setting=Setting(sync={"conflict": "priority"}),
)
def moved_under_a_note(s: Stage, name: str) -> Steps:
    """Nothing is written over; the move goes to the others."""
    giver = "office" if name != "office" else "book"
    yield from known(s)
    s.edit(giver, JANE, notes="Bring the plans")
    s.meanwhile(name, "update", lambda: s.move(name, JANE, at(18)))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(18))
    s.expect(JANE, at(18), "book", "office", "site", notes="Bring the plans")


@scenario(
    "a move at the CRM is refused for its version, which is stale by {answer}",
    answer=("409", "400"),
    behaviours=("reference",),
)
def stale_version(s: Stage, answer: str) -> Steps:
    """Somebody completed it in the same moment: read again, merged again, both arrive."""
    s.behave("crm", stale_version=answer)
    yield from known(s)
    s.move("office", JANE, at(17))
    s.meanwhile("crm", "reschedule", lambda: s.edit("crm", JANE, status="completed"))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))
    s.expect(JANE, at(17), "crm", "office", status="completed")


@scenario(
    "a move at {origin} is kept in quarter hours by {rounding}",
    origin=("crm", "book"),
    rounding=("office", "site"),
    setting=ANY_TIME,
)
def rounded(s: Stage, origin: str, rounding: str) -> Steps:
    """Written once, accepted as it is kept."""
    yield from known(s)
    s.behave(rounding, round_minutes=15)
    s.move(origin, JANE, at(17) + HALF_HOUR / 3)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17) + HALF_HOUR / 3, *(name for name in ALL if name != rounding))
    s.expect(JANE, at(17), rounding)


@scenario(
    "a title is changed at {origin} and cut at the office",
    origin=("crm", "office"),
    setting=Setting(switches={"office": {"trim_title": 12}}),
)
def cut_again(s: Stage, origin: str) -> Steps:
    """The cut one is not taken for an edit."""
    yield from known(s)
    s.edit(origin, JANE, title="Jane Smith and the whole family")
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15), "office", title="Jane Smith a")


@scenario("an appointment is moved at {origin} to a time far beyond the window", origin=ALL, behaviours=("reference",))
def out_of_the_window(s: Stage, origin: str) -> Steps:
    """It is missing from the listing, and is moved everywhere, not cancelled."""
    far = NOW + 200 * 24 * HOUR
    yield from known(s)
    s.move(origin, JANE, far)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, far)


@scenario("time goes by, and a move is made when the appointment has left the window", behaviours=("observed",))
def left_the_window(s: Stage) -> Steps:
    """Nobody's business, while another is moved."""
    yield from known(s)
    s.enter_everywhere(ANA, at(10, day=10, month=11))
    yield Step.CYCLE
    s.passes(days=6)
    s.delete("crm", JANE)
    s.delete("book", OMAR)
    s.move("site", ANA, at(12, day=10, month=11))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(ANA, at(12, day=10, month=11))
    s.expect(JANE, at(15), "book", "office", "site")
    s.expect(OMAR, at(10), "crm", "office", "site")


@scenario(
    "a move at {origin} goes into the hour that {where} has twice",
    setting=ANY_TIME,
    origin=("crm", "book"),
    where=("Europe", "America"),
)
def into_the_double_hour(s: Stage, origin: str, where: str) -> Steps:
    """To the first of the two; and on to an ordinary time."""
    start = {"Europe": at(0.5, day=25), "America": at(8.5, day=1, month=11)}[where]
    yield from known(s)
    s.move(origin, JANE, start)
    yield Step.ANYWHERE
    s.move(origin, JANE, start + 4 * 24 * HOUR)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, start + 4 * 24 * HOUR)


@scenario(
    "a move at book goes to all but {name}, which is read-only",
    name=("crm", "site"),
    behaviours=("observed",),
    setting=lambda name: Setting(options={name: {"read_only": True}}),
)
def past_the_read_only(s: Stage, name: str) -> Steps:
    """It keeps what it has, and is asked for nothing."""
    yield from known(s)
    s.move("book", JANE, at(17))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17), *(other for other in ALL if other != name))
    s.expect(JANE, at(15), name)

"""Two people who want different things: whatever the rule, it is decided once, recorded once, and carried out.

By `newest`, two modification times decide however often they are read. Of vendors without them only the interval
between two listings is known, which a stop can make wider, never narrower: those intervals overlap with or without a
stop, so that priority decides in both.
"""

from __future__ import annotations

from tests.interruption.scenario import Step, Steps, scenario
from tests.interruption.scenarios.changing import known
from tests.interruption.stage import ALL, JANE, OMAR, Setting, Stage, at

PAIRS = (("crm", "book"), ("office", "site"), ("book", "office"), ("site", "crm"))
FULL_ROWS = {"crm": {"list_rows": "full", "get_rows": "full"}}
NEWEST, PRIORITY, MANUAL = ({"conflict": rule} for rule in ("newest", "priority", "manual"))
MINE = ["site", "office", "book", "crm"]


def rivals(s: Stage, first: str, then: str) -> Steps:
    """`first` moves to 16:00 and, five minutes later, `then` to 18:00; half an hour has passed since the last cycle."""
    yield from known(s)
    s.passes(minutes=30)
    s.move(first, JANE, at(16))
    s.passes(minutes=5)
    s.move(then, JANE, at(18))


@scenario(
    "of two moves at vendors that tell when, the newer one at {then} wins",
    then=("crm", "office"),
    setting=Setting(sync=NEWEST, switches=FULL_ROWS),
)
def newest(s: Stage, then: str) -> Steps:
    """By modification times."""
    yield from rivals(s, "office" if then == "crm" else "crm", then)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_conflict(then, "newest")
    s.expect(JANE, at(18))


@scenario(
    "of moves at {pair[0]} and {pair[1]}, where nobody can tell which is newer, priority decides",
    pair=(("book", "site"), ("site", "book"), ("book", "office"), ("site", "crm")),
    setting=Setting(sync=NEWEST),
)
def undecidable(s: Stage, pair: tuple[str, str]) -> Steps:
    """Overlapping intervals decide nothing."""
    yield from rivals(s, *pair)
    yield Step.ANYWHERE
    yield Step.REST
    winner = min(pair, key=ALL.index)
    s.expect_conflict(winner, "priority")
    s.expect(JANE, at(16) if winner == pair[0] else at(18))


@scenario(
    "of moves at {pair[0]} and {pair[1]}, the operator's order decides",
    pair=PAIRS,
    setting=Setting(sync={**PRIORITY, "priority": MINE}),
)
def priority(s: Stage, pair: tuple[str, str]) -> Steps:
    """Whatever is newer."""
    yield from rivals(s, *pair)
    yield Step.ANYWHERE
    yield Step.REST
    winner = min(pair, key=MINE.index)
    s.expect_conflict(winner, "priority")
    s.expect(JANE, at(16) if winner == pair[0] else at(18))


@scenario(
    "moves at {pair[0]} and {pair[1]} wait for an operator, who decides for the second",
    pair=PAIRS,
    setting=Setting(sync=MANUAL),
)
def manual(s: Stage, pair: tuple[str, str]) -> Steps:
    """Nothing is written for that field before."""
    yield from rivals(s, *pair)
    yield Step.ANYWHERE
    assert s.record(pair[0], JANE).start == at(16)
    s.resolve(pair[1])
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_conflict(pair[1], "manual")
    s.expect(JANE, at(18))


@scenario(
    "moves at {pair[0]} and {pair[1]} wait for an operator, and the second moves it once more",
    pair=PAIRS[:2],
    setting=Setting(sync=MANUAL),
)
def manual_of_other_values(s: Stage, pair: tuple[str, str]) -> Steps:
    """The operator decides about the times that the vendors have by then."""
    yield from rivals(s, *pair)
    yield Step.ANYWHERE
    s.passes(minutes=5)
    s.move(pair[1], JANE, at(19))
    yield Step.ANYWHERE
    s.resolve(pair[0])
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(16))


@scenario(
    "moves at {pair[0]} and {pair[1]} wait for an operator until both agree",
    pair=PAIRS[:2],
    setting=Setting(sync=MANUAL),
)
def manual_ended(s: Stage, pair: tuple[str, str]) -> Steps:
    """There is nothing left to decide then."""
    yield from rivals(s, *pair)
    yield Step.ANYWHERE
    s.passes(minutes=5)
    s.move(pair[1], JANE, at(16))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(16))


@scenario(
    "moves at {pair[0]} and {pair[1]} wait for an operator while the first is away",
    pair=PAIRS[:2],
    setting=Setting(sync=MANUAL),
)
def manual_with_one_away(s: Stage, pair: tuple[str, str]) -> Steps:
    """What the others show decides nothing."""
    yield from rivals(s, *pair)
    yield Step.ANYWHERE
    s.fault(pair[0], "status", "list", code=503)
    yield Step.ANYWHERE
    s.mend()
    s.resolve(pair[0])
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_conflict(pair[0], "manual")
    s.expect(JANE, at(16))


@scenario("moves at two vendors wait for an operator, and a note goes on", setting=Setting(sync=MANUAL))
def manual_and_a_note(s: Stage) -> Steps:
    """The waiting field holds up no other."""
    yield from rivals(s, "crm", "book")
    s.edit("office", JANE, notes="Meanwhile")
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_conflict(None, "manual")
    s.expect(JANE, at(15), "office", "site", notes="Meanwhile")
    s.expect(JANE, at(18), "book", notes="Meanwhile")


@scenario("a cancellation at {pair[0]} wins over a move at {pair[1]}", pair=PAIRS)
def cancel_wins(s: Stage, pair: tuple[str, str]) -> Steps:
    """And the move that loses is recorded."""
    yield from known(s)
    s.cancel(pair[0], JANE)
    s.passes(minutes=5)
    s.move(pair[1], JANE, at(18))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_conflict(pair[0], "cancel_wins")
    s.expect_none(JANE)
    s.expect(OMAR, at(10))


@scenario(
    "without cancel_wins, a cancellation at {pair[0]} and a move at {pair[1]} are decided by priority",
    pair=PAIRS,
    setting=Setting(sync={**PRIORITY, "cancel_wins": False}),
)
def cancel_is_a_change(s: Stage, pair: tuple[str, str]) -> Steps:
    """A cancellation is a change like any other."""
    yield from known(s)
    s.cancel(pair[0], JANE)
    s.passes(minutes=5)
    s.move(pair[1], JANE, at(18))
    yield Step.ANYWHERE
    yield Step.REST
    winner = min(pair, key=ALL.index)
    s.expect_conflict(winner, "priority")
    if winner == pair[0]:
        s.expect_none(JANE)
    else:
        s.expect(JANE, at(18))


@scenario(
    "without cancel_wins, a cancellation at the CRM and a newer move at the office are decided by time",
    setting=Setting(sync={**NEWEST, "cancel_wins": False}, switches=FULL_ROWS),
)
def newer_than_a_cancel(s: Stage) -> Steps:
    """The move is newer, so that it stands again everywhere."""
    yield from known(s)
    s.cancel("crm", JANE)
    s.passes(minutes=5)
    s.move("office", JANE, at(18))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_conflict("office", "newest")
    s.expect(JANE, at(18))


@scenario(
    "without cancel_wins, a cancellation at {pair[0]} and a move at {pair[1]} wait for an operator",
    pair=PAIRS,
    setting=Setting(sync={**MANUAL, "cancel_wins": False}),
)
def manual_cancel(s: Stage, pair: tuple[str, str]) -> Steps:
    """Who decides for the move."""
    yield from known(s)
    s.cancel(pair[0], JANE)
    s.passes(minutes=5)
    s.move(pair[1], JANE, at(18))
    yield Step.ANYWHERE
    s.resolve(pair[1])
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(18))


@scenario("the same move at {pair[0]} and {pair[1]} is agreement", pair=PAIRS)
def agreement(s: Stage, pair: tuple[str, str]) -> Steps:
    """No conflict, and only the others are written."""
    yield from known(s)
    for name in pair:
        s.move(name, JANE, at(17))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(17))


@scenario("two different notes are a conflict of the notes alone", setting=Setting(sync=PRIORITY))
def notes(s: Stage) -> Steps:
    """The move beside them goes on."""
    yield from known(s)
    s.edit("book", JANE, notes="Front door")
    s.edit("site", JANE, notes="Back door")
    s.move("crm", JANE, at(17))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_conflict("book", "priority")
    s.expect(JANE, at(17))
    s.expect(JANE, at(17), "book", "office", "site", notes="Front door")


@scenario(
    "two moves at {name} and elsewhere meet in the moment of the write",
    name=("book", "office", "site"),
    setting=Setting(sync={**PRIORITY, "priority": MINE}),
)
def in_the_moment(s: Stage, name: str) -> Steps:
    """Somebody there is quicker than syncd, and stands before the CRM in the order."""
    yield from known(s)
    s.move("crm", JANE, at(17))
    s.meanwhile(name, "get", lambda: s.move(name, JANE, at(19)))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(19))

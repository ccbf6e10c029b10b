"""Which records are one appointment: a first run, a lost store, twins, and what cannot be told."""

from __future__ import annotations

from tests.interruption.scenario import Step, Steps, scenario
from tests.interruption.stage import ALL, ANA, JANE, OMAR, Setting, Stage, at

FREE = Setting(switches={"site": {"enforce_slots": False}})
GROUPS = Setting(switches={"site": {"group_services": [2], "enforce_slots": False}})

READ_ONLY = Setting(options={name: {"read_only": True} for name in ("crm", "site")})


@scenario("a first run links what is everywhere and makes nothing")
def first_run(s: Stage) -> Steps:
    """Three appointments, twelve records, no write."""
    for who, hour in ((JANE, 15), (OMAR, 16), (ANA, 17)):
        s.enter_everywhere(who, at(hour))
    yield Step.ANYWHERE
    yield Step.REST
    assert sum(vendor.counters.writes for vendor in s.vendors.values()) == 0
    s.expect(JANE, at(15))


@scenario("a first run links what is the same and makes the rest")
def first_run_with_gaps(s: Stage) -> Steps:
    """One is everywhere, one at two vendors, one at a single one."""
    s.enter_everywhere(JANE, at(15))
    for name in ("book", "site"):
        s.enter(name, OMAR, at(16))
    s.enter("office", ANA, at(17))
    yield Step.ANYWHERE
    yield Step.REST
    for who, hour in ((JANE, 15), (OMAR, 16), (ANA, 17)):
        s.expect(who, at(hour))


@scenario("a first run meets a move that was made at {name} before", name=ALL, behaviours=("reference",))
def first_run_of_two_times(s: Stage, name: str) -> Steps:
    """Nobody knows that they are one: each stands everywhere, and no time is guessed."""
    s.enter_everywhere(JANE, at(15))
    s.move(name, JANE, at(17))
    yield Step.ANYWHERE
    yield Step.REST
    for other in ALL:
        assert [entry.start for entry in s.live(other, JANE)] == [at(15), at(17)]


@scenario("after a loss of the store everything is linked again")
def lost_store(s: Stage) -> Steps:
    """Nothing is made, nothing written."""
    s.enter("book", JANE, at(15))
    s.enter("office", OMAR, at(16))
    yield Step.CYCLE
    yield Step.CYCLE
    s.lose_store()
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15))
    s.expect(OMAR, at(16))


@scenario(
    "a move at {name} after a loss of the store is a second appointment", name=("crm", "site"), behaviours=("observed",)
)
def lost_store_and_a_move(s: Stage, name: str) -> Steps:
    """What nobody remembers cannot be told; nothing is lost."""
    s.enter_everywhere(JANE, at(15))
    yield Step.CYCLE
    s.lose_store()
    s.move(name, JANE, at(17))
    yield Step.ANYWHERE
    yield Step.REST
    for other in ALL:
        assert [entry.start for entry in s.live(other, JANE)] == [at(15), at(17)]


@scenario("identical twins at {origin} are made twice everywhere", origin=("book", "office", "crm"), setting=FREE)
def twins(s: Stage, origin: str) -> Steps:
    """The same client, time and everything else."""
    for _ in range(2):
        s.enter(origin, JANE, at(15))
    yield Step.ANYWHERE
    yield Step.REST
    assert {name: len(s.live(name, JANE)) for name in ALL} == dict.fromkeys(ALL, 2)


@scenario("identical twins at two vendors are paired off and made at the two others", setting=FREE)
def twins_at_two(s: Stage) -> Steps:
    """Four records are two appointments."""
    for name in ("book", "office"):
        for _ in range(2):
            s.enter(name, JANE, at(15))
    yield Step.ANYWHERE
    yield Step.REST
    assert {name: len(s.live(name, JANE)) for name in ALL} == dict.fromkeys(ALL, 2)


@scenario("of identical twins one is {what} at {origin}", what=("moved", "cancelled"), origin=ALL, setting=FREE)
def one_of_twins(s: Stage, what: str, origin: str) -> Steps:
    """The other one stays."""
    for _ in range(2):
        s.enter_everywhere(JANE, at(15))
    s.enter_everywhere(OMAR, at(10))
    yield Step.CYCLE
    if what == "moved":
        s.move(origin, JANE, at(18))
    else:
        s.cancel(origin, JANE)
    yield Step.ANYWHERE
    yield Step.REST
    left = [at(15), at(18)] if what == "moved" else [at(15)]
    for name in ALL:
        assert [entry.start for entry in s.live(name, JANE)] == left, name


@scenario("of identical twins one create at {name} gets no answer", name=("crm", "book", "office"), setting=FREE)
def lost_twin(s: Stage, name: str) -> Steps:
    """Two in the end, never three."""
    for _ in range(2):
        s.enter("site", JANE, at(15))
    s.fault(name, "hang_after", "create", times=1)
    yield Step.ANYWHERE
    yield Step.REST
    assert {each: len(s.live(each, JANE)) for each in ALL} == dict.fromkeys(ALL, 2)


@scenario("twins that something tells apart are reported and not made", setting=READ_ONLY)
def apart(s: Stage) -> Steps:
    """Two here and two there, whose notes differ: nothing says which is which.

    The two other vendors are read-only: which of the first two gets its record there, before the doubt holds up the
    other, would depend on where the first cycle ended.
    """
    for name, notes in (("book", ("A", "B")), ("office", ("C", "D"))):
        for text in notes:
            s.enter(name, JANE, at(15), notes=text)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect_quarantined("office", "office")
    assert [len(s.live(name, JANE)) for name in ("book", "office")] == [2, 2]


@scenario("a record that fits two is linked when people make a difference", setting=FREE)
def fits_two(s: Stage) -> Steps:
    """Not guessed before."""
    s.enter("book", JANE, at(15), notes="Back door")
    s.enter("book", JANE, at(15), notes="Front door", staff=14209020)
    s.enter("office", JANE, at(15), notes="Side door")
    yield Step.ANYWHERE
    [first] = [entry for entry in s.live("book", JANE) if entry.notes == "Back door"]
    s.vendors["book"].person_edit(first.id, start=at(11), end=at(11.5))
    yield Step.ANYWHERE
    yield Step.REST
    assert [entry.start for entry in s.live("office", JANE)] == [at(11), at(15)]


@scenario("a group service puts two clients into one record", setting=GROUPS)
def joined(s: Stage) -> Steps:
    """Reported, not repeated, and the first appointment is unharmed."""
    s.enter_everywhere(JANE, at(15))
    yield Step.CYCLE
    s.enter("office", OMAR, at(15))
    yield Step.ANYWHERE
    yield Step.REST
    assert [entry.start for entry in s.live("book", OMAR)] == [at(15)]
    assert len([entry for entry in s.vendors["site"].entries.values() if not entry.is_cancelled]) == 1


@scenario("of two clients in one record the first is cancelled", setting=GROUPS)
def first_of_joined(s: Stage) -> Steps:
    """The record is the second one's from then on, and follows."""
    s.enter_everywhere(JANE, at(15))
    yield Step.CYCLE
    s.enter("office", OMAR, at(15))
    yield Step.ANYWHERE
    yield Step.CYCLE
    s.cancel("crm", JANE)
    yield Step.ANYWHERE
    yield Step.CYCLE
    yield Step.CYCLE
    s.move("office", OMAR, at(17))
    yield Step.REST
    assert not s.live("book", JANE)
    assert {name: [entry.start for entry in s.live(name, OMAR)] for name in ("book", "site")} == {
        "book": [at(17)],
        "site": [at(17)],
    }
    assert len([entry for entry in s.vendors["site"].entries.values() if not entry.is_cancelled]) == 1


@scenario("a client is the same by mail, phone or name")
def one_client(s: Stage) -> Steps:
    """Three records and three spellings are one appointment."""
    s.enter("book", JANE, at(15))
    s.enter("site", type(JANE)("J.", "Smith-Jones", "JANE.SMITH@example.com", ""), at(15))
    s.enter("crm", type(JANE)("Jane", "Smith", "", "(212) 555-0123"), at(15))
    yield Step.ANYWHERE
    yield Step.REST
    assert {name: len(s.vendors[name].entries) for name in ALL} == dict.fromkeys(ALL, 1)

"""What a write to the site takes and gives back, and records that are taken over, wherever the process is gone."""

from __future__ import annotations

from tests.interruption.scenario import Step, Steps, scenario
from tests.interruption.stage import ANA, JANE, OMAR, Setting, Stage, at

OLD = Setting(switches={"site": {"generation": "1.x"}})
"""A site at which any create goes into a cancelled record of its start."""


def reminded(s: Stage) -> Steps:
    """Two appointments that are everywhere; the site reminds their clients."""
    s.enter_everywhere(JANE, at(15), notify=True)
    s.enter_everywhere(OMAR, at(10), notify=True)
    yield Step.CYCLE


def expect_reminders(s: Stage) -> None:
    """The site's flags are as they were before syncd wrote."""
    quiet = [entry.id for entry in s.vendors["site"].entries.values() if not entry.notify]
    assert not quiet, f"nobody is reminded of {quiet} any more"


def edit(s: Stage, what: str) -> None:
    """Somebody in the back office changes Jane's appointment."""
    match what:
        case "move":
            s.move("office", JANE, at(17))
        case "note":
            s.edit("office", JANE, notes="Ring twice")
        case _:
            s.cancel("office", JANE)


@scenario("a {what} leaves the site's reminders as they were", what=("move", "note", "cancellation"))
def reminders(s: Stage, what: str) -> Steps:
    """Switched off by the write, and on again by the next process at the latest."""
    yield from reminded(s)
    edit(s, what)
    yield Step.ANYWHERE
    yield Step.REST
    expect_reminders(s)


@scenario("a {what} without an answer leaves the site's reminders as they were", what=("move", "cancellation"))
def unanswered(s: Stage, what: str) -> Steps:
    """Whether it took anything is looked up."""
    yield from reminded(s)
    s.fault("site", "hang_after", "reschedule" if what == "move" else "cancel", times=1)
    edit(s, what)
    yield Step.ANYWHERE
    yield Step.REST
    expect_reminders(s)


@scenario("a revival leaves the site's reminders as they were")
def revived(s: Stage) -> Steps:
    """Whichever endpoint the build is revived by."""
    yield from reminded(s)
    s.cancel("crm", JANE)
    yield Step.CYCLE
    s.revive("crm", JANE)
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(JANE, at(15), "site", "crm")
    expect_reminders(s)


@scenario("what a write took cannot be given back until the site is mended")
def given_back_late(s: Stage) -> Steps:
    """It is owed from cycle to cycle."""
    yield from reminded(s)
    s.fault("site", "status", "update", code=503)
    s.move("office", JANE, at(17))
    yield Step.ANYWHERE
    yield Step.CYCLE
    yield Step.REST
    expect_reminders(s)


@scenario("a new appointment takes a cancelled record of the site over", setting=OLD)
def taken_over(s: Stage) -> Steps:
    """It is the new one's from then on, and the old one does not come back."""
    yield from reminded(s)
    s.cancel("office", JANE)
    yield Step.CYCLE
    s.enter("office", ANA, at(15))
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(ANA, at(15), "crm", "book", "office")
    s.expect_none(JANE, "crm", "book", "office")
    assert [entry.start for entry in s.vendors["site"].entries.values()] == [at(15), at(10)]


@scenario("a cancelled record of the site is taken over without an answer", setting=OLD)
def taken_over_unheard(s: Stage) -> Steps:
    """Whoever looks first, it is nobody's revival."""
    yield from reminded(s)
    s.cancel("office", JANE)
    yield Step.CYCLE
    s.fault("site", "hang_after", "create", times=1)
    s.fault("site", "status", "list", code=503, after=1, times=1)
    s.enter("office", ANA, at(15))
    yield Step.ANYWHERE
    yield Step.ANYWHERE
    yield Step.REST
    s.expect(ANA, at(15), "crm", "book", "office")
    s.expect_none(JANE, "crm", "book", "office")
    live = [entry.start for entry in s.vendors["site"].entries.values() if not entry.is_cancelled]
    assert sorted(live) == [at(10), at(15)]

"""A history that is drawn from a seed: what people do, how runs are interrupted, and what became of it.

Decides what is drawn, how often, and what is counted. What must hold is for `history` to say.
"""

from __future__ import annotations

import random
import signal
from collections import Counter
from dataclasses import dataclass, field

from syncd.sandbox.frame.faults import Fault
from tests.e2e.behaviour.world import BEHAVIOURS
from tests.e2e.cli.command import Commands, Finished
from tests.e2e.cli.world import ALL
from tests.kills.history import EXIT_LOCKED, KILLED, Broken, History, history
from tests.kills.moments import OUTSIDE, Moment, Place, drawn

LOST_ANSWERS = ("reset", "reset_after", "reset_body", "truncate", "html", "status")
"""Faults of a vendor that leave a write without a clear answer."""

_MET = 0.12
"""The share of runs that are not interrupted, but met by a second one."""


@dataclass
class Played:
    """What became of the history of a seed, or of many.

    `kills` are those by SIGKILL and `stops` those by SIGTERM, by what was counted up to them; so many `storms` of the
    stops came again and again. `system_calls` counts deaths at system calls by name, `cut_short` those in the middle
    of a write, `met` second runs. `asked` is what the vendors were asked at a kill where they were the ones to strike,
    `in_flight` counts operations that were begun and not settled at any death. `late` came after the end.
    """

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    system_calls: Counter[str] = field(default_factory=Counter)
    cut_short: int = 0
    stops: Counter[str] = field(default_factory=Counter)
    storms: int = 0
    met: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    in_flight: Counter[str] = field(default_factory=Counter)
    late: int = 0
    told: list[str] = field(default_factory=list)
    failure: str | None = None

    def add(self, other: Played) -> None:
        """Count what was counted there."""
        for name in ("kills", "system_calls", "stops", "asked", "in_flight"):
            getattr(self, name).update(getattr(other, name))
        for name in ("cut_short", "storms", "met", "late"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def interruptions(self) -> int:
        """All that came in time."""
        return sum(map(Counter.total, (self.kills, self.system_calls, self.stops))) + self.cut_short + self.met

    @property
    def figures(self) -> list[str]:
        """Lines for a person."""
        return [
            f"{self.kills.total()} kills, by what was counted up to them: {_counted(self.kills)}",
            f"of these at a vendor's request: {_counted(self.asked)}",
            f"{self.system_calls.total()} deaths at a system call: {_counted(self.system_calls)}",
            f"{self.cut_short} deaths in the middle of a write",
            f"operations in flight at a death: {_counted(self.in_flight)}",
            f"{self.stops.total()} SIGTERMs, by what was counted up to them: {_counted(self.stops)}",
            f"of these again at every line: {self.storms}",
            f"{self.met} second instances",
            f"too late, after the run's end: {self.late}",
        ]


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counter.most_common()) or "none"


def play(seed: int, commands: Commands) -> Played:
    """The history of a seed: two rounds of deeds and interruptions, after a first sync that may have had some as well.

    The same seed gives the same people and moments; how the process's own tasks interleave is not in its hand.
    """
    rng = random.Random(seed)
    played = Played(seed)
    with history(commands, rng, rng.choice(BEHAVIOURS)) as story:
        played.told = story.told
        try:
            _play(story, rng, played)
        except AssertionError as error:
            played.failure = str(error)
    return played


def _play(story: History, rng: random.Random, played: Played) -> None:
    story.begin(rng.randint(10, 14))
    for _ in range(rng.choice((0, 0, 1, 2))):
        _interrupt(story, rng, played)
    story.put_right()
    for _ in range(2):
        story.act(rng.randint(4, 8))
        for _ in range(rng.randint(1, 4)):
            _interrupt(story, rng, played)
            story.act(rng.choice((0, 1, 2, 3)))
        story.put_right()
    story.idle()


def _interrupt(story: History, rng: random.Random, played: Played) -> None:
    """A run that something happens to; sometimes the answer to a write is lost before that."""
    fault = Fault(rng.choice(LOST_ANSWERS), method=rng.choice(("POST", "PUT")), after=rng.randrange(4), times=1)
    if rng.random() < 0.25:
        vendor = story.world.vendors[rng.choice(ALL)]
        vendor.faults.add(fault)
        story.tell(f"{vendor.name} is about to fail: {fault.kind} at {fault.method} number {fault.after + 1}")
    deed = _meet if rng.random() < _MET else _strike
    deed(story, rng, played, fault)
    for vendor in story.world.vendors.values():
        vendor.faults.clear()


def _strike(story: History, rng: random.Random, played: Played, fault: Fault) -> None:
    """The run is killed or stopped."""
    moment, daemon = drawn(rng, story.people.outstanding()), rng.random() < 0.3
    before = story.left_open()
    finished = story.interrupted(moment, daemon=daemon)
    if finished.code in KILLED:
        _count_death(story, moment, finished, played)
    elif moment.stops and story.struck:
        played.stops[moment.place] += 1
        played.storms += moment.again
        story.stopped(finished, before, daemon=daemon, lost=bool(fault.fired))
    else:
        played.late += 1
        _require_normal(story, finished)


def _meet(story: History, rng: random.Random, played: Played, fault: Fault) -> None:
    """A second run finds the first in its middle."""
    moment, daemon = drawn(rng, story.people.outstanding(), OUTSIDE), rng.random() < 0.3
    before = story.left_open()
    first, second = story.met(moment, daemon=daemon)
    if second is None:
        played.late += 1
        _require_normal(story, first)
        return
    played.met += 1
    if second.code != EXIT_LOCKED or "Traceback" in second.err:
        raise Broken(f"a second run ended with {second.code}\n{second.out}\n{second.err}")
    if first.code not in {0, *story.holding()} and not fault.fired:
        raise Broken(f"a run that was met by a second one ended with {first.code}\n{first.out}\n{first.err}")
    story.stopped(first, before, daemon=daemon, lost=bool(fault.fired))


def _count_death(story: History, moment: Moment, finished: Finished, played: Played) -> None:
    match -finished.code:
        case signal.SIGSYS:
            played.system_calls[str(moment.name)] += 1
        case signal.SIGXFSZ:
            played.cut_short += 1
        case _:
            # Where the kernel takes no filter, the death that was to come at a system call came right at the commit.
            place = Place.COMMIT if moment.place is Place.SYSTEM_CALL else moment.place
            played.kills[place] += 1
            played.asked.update([story.watch.struck] if story.watch.struck else [])
    with story.remembered() as tx:
        played.in_flight.update(row.action for row in tx.journal_unsettled() if row.state == "intended")


def _require_normal(story: History, finished: Finished) -> None:
    if finished.code not in {0, 3, *story.holding()}:
        raise Broken(f"a run that nobody interrupted ended with {finished.code}\n{finished.err}")

"""What happens in one world: people act, the command is interrupted, a normal run must put everything right.

After every run, however it ended, it is checked that no harm was done; after a normal run also that all is as people
want it. What a history is made of comes from its caller, or from a seed by `play`.
"""

from __future__ import annotations

import random
import signal
import tempfile
from collections import Counter, abc
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import state
from syncd.assembly import system_clock
from syncd.sandbox.faults import Fault
from syncd.sandbox.samples import demo_vendors
from syncd.sandbox.server import Sandbox
from tests.e2e.behaviour.world import BEHAVIOURS, SWITCHES
from tests.e2e.cli.command import Commands, Finished, Run, eventually
from tests.e2e.cli.world import ALL, World
from tests.kills.moments import Moment, drawn
from tests.kills.people import People
from tests.kills.watch import Watch

KILLED = (-signal.SIGKILL, -signal.SIGXFSZ, -signal.SIGSYS)
LOST_ANSWERS = ("reset", "reset_after", "reset_body", "truncate", "html", "status")
"""Faults of a vendor that leave a write without a clear answer."""


class Broken(AssertionError):
    """Something is not as it must be; the text says what."""


@dataclass
class History:
    """A world with people, and runs of the command in it. `told` is what happened so far."""

    world: World
    rng: random.Random
    told: list[str] = field(default_factory=list)
    people: People = field(init=False)
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        self.people = People(self.world, self.rng)
        self.watch = Watch(self.world.vendors)

    # -- people -------------------------------------------------------------------------------------------------

    def begin(self, appointments: int) -> None:
        """People enter appointments, each at some of the vendors or at all."""
        for _ in range(appointments):
            self.tell(self.people.enter(*self.rng.sample(ALL, self.rng.choice((1, 1, 2, 3, 4)))))

    def act(self, deeds: int) -> None:
        """People do something, so many times."""
        for _ in range(deeds):
            self.tell(self.people.act())

    # -- the command --------------------------------------------------------------------------------------------

    def start(self, moment: Moment, *, daemon: bool = False) -> Run:
        """A run that is interrupted at this moment, unless it ends before."""
        self.watch.arm(moment if moment.outside else None)
        run = self.world.daemon(*(() if daemon else ("--once",)), "--log-format", "json", **moment.options)
        self.watch.started(run.process.pid)
        return run

    def interrupted(self, moment: Moment, *, daemon: bool = False) -> Finished:
        """Such a run, at its end. A daemon that comes to the end of its cycle is stopped then."""
        run = self.start(moment, daemon=daemon)
        if daemon and moment.signal != signal.SIGTERM:
            eventually(lambda: run.process.ended() is not None or run.said("cycle_finished"), "the end of the cycle")
            if run.process.ended() is None:
                run.send(signal.SIGTERM)
        finished = run.wait()
        self.watch.disarm()
        what = f" ({self.watch.struck})" if self.watch.struck else ""
        self.after(finished, f"{'daemon' if daemon else 'run'} interrupted {moment}{what}")
        return finished

    def put_right(self) -> None:
        """A normal run after which all is as people want it."""
        finished = self.world.syncd("--once", "--log-format", "json")
        self.after(finished, "a normal run")
        missing = self.people.missing()
        if missing or finished.code != 0:
            raise Broken(f"after a normal run (exit {finished.code}): {missing}\n{finished.out}\n{finished.err}")
        self.people.settle()

    def idle(self) -> None:
        """One more run has nothing to do, and nothing is left open."""
        writes = self.world.writes
        finished = self.world.syncd("--once", "--log-format", "json")
        self.after(finished, "an idle run")
        if self.world.writes != writes or finished.code != 0:
            raise Broken(f"an idle run (exit {finished.code}) wrote {self.world.writes - writes} times\n{finished.out}")
        if left := self.left_open():
            raise Broken(f"left open: {left}")

    def left_open(self) -> list[object]:
        """What the state store says is not settled, or waits for a person."""
        with self.remembered() as tx:
            return [*tx.journal_unsettled(), *tx.quarantines(), *tx.conflicts_open(), *tx.held()]

    @contextmanager
    def remembered(self) -> abc.Iterator[state.Transaction]:
        """What is in the state store; looking changes no byte of it."""
        with state.open_store(f"sqlite:///{self.world.state}", readonly=True) as store, store.read() as tx:
            yield tx

    def after(self, finished: Finished, what: str) -> None:
        """What must be so after every run."""
        self.people.wait_for_vendors()
        self.people.look_around()
        self.tell(f"{what}: exit {finished.code}, to do: {'; '.join(self.people.missing()) or 'nothing'}")
        if harm := self.people.harm():
            raise Broken(f"{what} did harm: {harm}\n{finished.out}\n{finished.err}")

    def tell(self, text: str) -> None:
        """Remember what happened."""
        self.told.append(text)


@contextmanager
def history(commands: Commands, rng: random.Random, behaviour: str) -> abc.Iterator[History]:
    """An empty world, with vendors that behave so.

    It lies in memory where there is such a folder: what a process wrote outlives its death there as on any disk.
    """
    vendors = demo_vendors(system_clock)
    for vendor in vendors:
        vendor.set_behaviour(rate=None, **SWITCHES[vendor.kind][behaviour])
    memory = Path("/dev/shm")  # noqa: S108 - the name below it is random
    place = tempfile.TemporaryDirectory(prefix="syncd-kills-", dir=memory if memory.is_dir() else None)
    with place as folder, Sandbox(vendors) as sandbox:
        world = World(Path(folder), sandbox, {vendor.name: vendor for vendor in vendors}, commands)
        world.state.parent.mkdir()
        world.configure(sync={"interval": "1h"})
        made = History(world, rng)
        made.tell(f"vendors as in {behaviour}")
        try:
            yield made
        finally:
            commands.forget()


@dataclass
class Played:
    """What became of the history of a seed.

    `kills` counts them by what was counted up to them, `asked` by what the vendors were asked at that moment where they
    were the ones to strike, `in_flight` counts operations that were begun and not settled. `late` came after the end.
    """

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    in_flight: Counter[str] = field(default_factory=Counter)
    late: int = 0
    told: list[str] = field(default_factory=list)
    failure: str | None = None


def play(seed: int, commands: Commands) -> Played:
    """The history of a seed: two rounds of deeds and kills, after a first sync that may have been killed as well.

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
        _kill(story, rng, played)
    story.put_right()
    for _ in range(2):
        story.act(rng.randint(4, 8))
        for _ in range(rng.randint(1, 4)):
            _kill(story, rng, played)
            story.act(rng.choice((0, 1, 2, 3)))
        story.put_right()
    story.idle()


def _kill(story: History, rng: random.Random, played: Played) -> None:
    """A run that is killed somewhere; sometimes the answer to a write was lost before that."""
    if rng.random() < 0.25:
        fault = Fault(rng.choice(LOST_ANSWERS), method=rng.choice(("POST", "PUT")), after=rng.randrange(4), times=1)
        vendor = story.world.vendors[rng.choice(ALL)]
        vendor.faults.add(fault)
        story.tell(f"{vendor.name} is about to fail: {fault.kind} at {fault.method} number {fault.after + 1}")
    moment = drawn(rng, story.people.outstanding())
    finished = story.interrupted(moment, daemon=rng.random() < 0.3)
    for vendor in story.world.vendors.values():
        vendor.faults.clear()
    if finished.code in KILLED:
        played.kills[moment.place] += 1
        played.asked.update([story.watch.struck] if story.watch.struck else [])
        with story.remembered() as tx:
            played.in_flight.update(row.action for row in tx.journal_unsettled() if row.state == "intended")
    elif finished.code in (0, 3):
        played.late += 1
    else:
        raise Broken(f"a run that nobody killed ended with {finished.code}\n{finished.err}")

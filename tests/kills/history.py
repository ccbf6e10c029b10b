"""What happens in one world: people act, the command is interrupted, a normal run must put everything right.

After every run, however it ended, it is checked that no harm was done; after a normal run also that all is as people
want it. What a history is made of comes from its caller; `playing` draws it from a seed.
"""

from __future__ import annotations

import random
import signal
import tempfile
from collections import abc
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import syncd_state
from syncd.assembly import system_clock
from syncd.sandbox.samples import demo_vendors
from syncd.sandbox.serving.server import Sandbox
from syncd_state.schema import SHIPPED, Schema
from tests.e2e.behaviour.world import SWITCHES
from tests.e2e.cli.command import Commands, Finished, Run, eventually
from tests.e2e.cli.world import ALL, World
from tests.kills.moments import MARK, Moment
from tests.kills.people import People
from tests.kills.watch import Deed, Watch

KILLED = (-signal.SIGKILL, -signal.SIGXFSZ, -signal.SIGSYS)
EXIT_PARTLY = 3
EXIT_HELD = 4
EXIT_LOCKED = 75
_LOOKS = 2
"""So many further runs may have to look for a create whose answer a death cut off."""


class Broken(AssertionError):
    """Something is not as it must be; the text says what."""


@dataclass
class History:
    """A world with people, and runs of the command in it. `told` is what happened so far.

    `schema` is that of the state store as the last version wrote it.
    """

    world: World
    rng: random.Random
    told: list[str] = field(default_factory=list)
    schema: Schema = SHIPPED
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

    def start(self, moment: Moment, *, daemon: bool = False, deed: Deed | None = None) -> Run:
        """A run that is interrupted at this moment, unless it ends before; or at which something else is done then."""
        self._mark.unlink(missing_ok=True)
        self.watch.arm(moment if moment.outside else None, deed)
        run = self.world.daemon(*(() if daemon else ("--once",)), "--log-format", "json", **moment.options)
        self.watch.started(run.process.pid)
        return run

    def interrupted(self, moment: Moment, *, daemon: bool = False) -> Finished:
        """Such a run, at its end. A daemon that comes to the end of its cycle is stopped then."""
        finished = self._ended(self.start(moment, daemon=daemon), daemon, lambda: moment.stops and self.struck)
        how = "stopped" if moment.stops else "interrupted"
        what = f" ({self.watch.struck})" if self.watch.struck else ""
        self.after(finished, f"{'daemon' if daemon else 'run'} {how} {moment}{what}")
        return finished

    def met(self, moment: Moment, *, daemon: bool = False) -> tuple[Finished, Finished | None]:
        """A run in the middle of which a second one is started, and that second one; None where it came too late."""
        met: list[Finished] = []
        asked: list[int] = []

        def meet() -> None:
            asked.append(self.world.requests)
            met.append(self.world.syncd("--once", "--log-format", "json"))
            asked.append(self.world.requests)

        first = self._ended(self.start(moment, daemon=daemon, deed=meet), daemon, lambda: False)
        self.after(first, f"{'daemon' if daemon else 'run'} met by a second run {moment}")
        if self.struck and (not met or len(set(asked)) != 1):
            raise Broken(f"the second run did not end, or asked a vendor: {asked}, {met}")
        return first, met[0] if met else None

    def _ended(self, run: Run, daemon: bool, stopped: abc.Callable[[], bool]) -> Finished:
        """The run at its end. A daemon that nobody stopped before the end of its cycle is stopped there."""
        if daemon:
            eventually(lambda: run.process.ended() is not None or run.said("cycle_finished"), "the end of the cycle")
            if run.process.ended() is None and not stopped():
                with suppress(ProcessLookupError):
                    run.send(signal.SIGTERM)
        finished = run.wait()
        self.watch.disarm()
        return finished

    @property
    def struck(self) -> bool:
        """Whether the moment of the last run came before its end, as far as it was not the kernel that struck."""
        return self.watch.struck is not None or self._mark.exists()

    @property
    def _mark(self) -> Path:
        return self.world.folder / MARK

    def put_right(self) -> None:
        """Normal runs after which all is as people want it: one, or as many as wait for what was sent at the end."""
        finished = self.world.syncd("--once", "--log-format", "json")
        self.after(finished, "a normal run")
        if self.held():  # several cancellations at once are many for so few appointments
            self.world.syncd("approve", "--all")
            finished = self.world.syncd("--once", "--log-format", "json")
            self.after(finished, "a run after an approval")
        for _ in range(_LOOKS):
            if finished.code != 3 or "its answer was lost" not in finished.out:
                break
            finished = self.world.syncd("--once", "--log-format", "json")
            self.after(finished, "a run that looks again")
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

    def held(self) -> list[syncd_state.HeldRow]:
        """What the guard holds, and nobody has released."""
        with self.remembered() as tx:
            return [row for row in tx.held() if row.approved_at is None]

    def holding(self) -> set[int]:
        """The exit code of a run that holds something, if one does: three at once may be a quarter of a vendor's."""
        return {EXIT_HELD} if self.held() else set()

    def left_open(self) -> list[object]:
        """What the state store says is not settled, or waits for a person."""
        with self.remembered() as tx:
            return [*tx.journal_unsettled(), *tx.quarantines(), *tx.conflicts_open(), *tx.held()]

    @contextmanager
    def remembered(self) -> abc.Iterator[syncd_state.Transaction]:
        """What is in the state store; looking changes no byte of it."""
        with (
            syncd_state.open_store(f"sqlite:///{self.world.state}", readonly=True, schema=self.schema) as store,
            store.read() as tx,
        ):
            yield tx

    def after(self, finished: Finished, what: str) -> None:
        """What must be so after every run."""
        self.people.wait_for_vendors()
        self.people.look_around()
        self.tell(f"{what}: exit {finished.code}, to do: {'; '.join(self.people.missing()) or 'nothing'}")
        if harm := self.people.harm():
            raise Broken(f"{what} did harm: {harm}\n{finished.out}\n{finished.err}")

    def stopped(self, finished: Finished, before: list[object], *, daemon: bool, lost: bool) -> None:
        """What must be so after a stop; `before` was left open before it, `lost` says that an answer was lost."""
        wrong = []
        expected = {0} if daemon else {0, EXIT_PARTLY, *self.holding()}
        if finished.code not in expected:
            wrong.append(f"exit {finished.code}")
        if finished.code == 0 and not daemon and (missing := self.people.missing()):
            wrong.append(f"exit 0, but to do: {missing}")
        wrong += [
            f"{word!r} on standard error" for word in ("Traceback", "unexpected", "ignored") if word in finished.err
        ]
        wrong += [f"left open: {row}" for row in self.left_open() if not _excused(row, before, lost=lost)]
        if wrong:
            raise Broken(f"after a stop: {wrong}\n{finished.out}\n{finished.err}")

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


def _excused(row: object, before: list[object], *, lost: bool) -> bool:
    """Whether a stop may leave this open: it was so before, nobody heard how the write ended, or the guard holds it."""
    if isinstance(row, syncd_state.HeldRow):
        return True
    if not isinstance(row, syncd_state.JournalRow):
        return row in before
    if row.id in {other.id for other in before if isinstance(other, syncd_state.JournalRow)}:
        return True
    return lost and row.state == "unknown"

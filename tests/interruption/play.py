"""Plays a scenario, without a stop or with the process gone at chosen boundaries, and tells how it went.

After a stop a new process starts a minute later and the interrupted cycle is run once more, and twice more while what
it left open is waited for: it may have been sent until then. Where people act before that, the scenario says so. When
the scenario is over, so many cycles may do something that with the repeated ones they are five, as a lost answer is
waited for; the one after them must ask for nothing but listings.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import structlog

from syncd.model.plan import Outcome
from tests.interruption.ending import Ending, ending
from tests.interruption.scenario import Scenario, Step
from tests.interruption.stage import Stage
from tests.interruption.stops import Stops

CYCLES_TO_REST = 5
BETWEEN, DOWN = 120.0, 60.0
"""Seconds before a cycle, and for which there is no process after a death."""


@dataclass(slots=True)
class Played:
    """How it went. `boundaries` were met before the first stop, or at all; `deaths` is how often the process died.

    `stopped_at` are the boundaries at which it did, in words. `wrong` are sentences on what did not hold; `ending` is
    None where it did not come to one. `lines` is the story, if it was to be told.
    """

    boundaries: int
    deaths: int = 0
    stopped_at: list[str] = field(default_factory=list)
    ending: Ending | None = None
    wrong: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def play(scenario: Scenario, stops: tuple[int, ...] = (), *, tell: bool = False) -> Played:
    """Play it from its beginning to its end."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    playing = _Playing(scenario, stops, tell)
    try:
        asyncio.run(playing.run())
    except (Exception, AssertionError) as error:  # noqa: BLE001 - one broken scenario must not hide the others
        playing.played.wrong.append(f"{type(error).__name__}: {error}")
    finally:
        playing.stage.world.close()
    playing.played.deaths = playing.stops.deaths
    return playing.played


def judge(reference: Played, stopped: Played, scenario: Scenario) -> list[str]:
    """What is wrong with a playing that was stopped, in sentences."""
    wrong = list(stopped.wrong)
    if reference.ending is not None and stopped.ending is not None:
        wrong += reference.ending.differences(stopped.ending, live_alone=scenario.people_go_on)
    return wrong


class _Playing:
    def __init__(self, scenario: Scenario, stops: tuple[int, ...], tell: bool) -> None:
        self.scenario = scenario
        self.played = Played(0)
        self._tell = tell
        self.stops = Stops(list(stops), say=self._say, died=self._died)
        self.stage = Stage(scenario.setting, scenario.behaviour, self.stops, self._say, scenario.name)
        self._repeated = 0
        self._last_exit = 0
        self._waits = False

    def _say(self, line: str) -> None:
        if self._tell:
            self.played.lines.append(f"{self.stage.world.clock():%m-%d %H:%M:%S} {line}")

    def _died(self, where: str) -> None:
        self.played.stopped_at.append(where)
        if self.stops.deaths == 1:
            self.played.boundaries = self.stops.met
        if self.scenario.setting.in_file:
            self.stage.world.cut_off()

    async def run(self) -> None:
        """All steps of the scenario."""
        for step in self.scenario.steps(self.stage):
            match step:
                case Step.CYCLE:
                    await self._cycle()
                case Step.ANYWHERE:
                    deaths = self.stops.deaths
                    while not await self._lives_through():
                        self._repeated += 1
                    for _ in range(2 if self.stops.deaths > deaths else 0):
                        if self._waits:
                            await self._cycle()
                            self._repeated += 1
                case Step.DOWN:
                    await self._lives_through()
                case Step.REST:
                    await self._rest()
        if not self.stops.deaths:
            self.played.boundaries = self.stops.met
        left = [one for one in self.stops.meanwhile if not one.done]
        assert not left, f"nobody ever got to act at {left}: the scenario has a mistake"
        self.played.ending = ending(self.stage, self._last_exit)

    async def _lives_through(self) -> bool:
        """One cycle that may be stopped; False if it was, and then there is a new process."""
        self.stops.counting = True
        try:
            await self._cycle()
        except BaseException:
            # What is left of a dead process may fail on its way out in any manner.
            if not self.stops.dead:
                raise
            self.stage.world.died()
            self.stage.passes(seconds=DOWN)
            self.stops.alive_again()
            return False
        finally:
            self.stops.counting = False
        return True

    async def _cycle(self) -> bool:
        """The next cycle; whether it had nothing to do."""
        self.stage.passes(seconds=BETWEEN)
        self._say("— a cycle")
        self.stops.unquiet = self.stops.writes = 0
        result = await self.stage.world.running.cycle()
        self._last_exit, self._waits = result.exit_code, bool(result.unanswered)
        for step in result.steps:
            operation = step.operation
            because = f"{operation.reason}{f' [{step.error}]' if step.error else ''}"
            self._say(f"    {step.outcome}: {operation.action} at {operation.vendor} of {step.remote_id}; {because}")
            assert "this is a bug" not in (step.error or ""), step.error
        for conflict in result.conflicts:
            self._say(f"    conflict about {conflict.field}: {conflict.explanation}")
        for entry in result.quarantined:
            self._say(f"    quarantined at {entry.vendor} ({entry.remote_id}): {entry.reason}")
        self._say(f"  the cycle ends with {result.exit_code}")
        # A record whose conflict waits differs from its base: a vendor with poor rows is asked for it in every cycle.
        asked = self.stops.writes if self.stage.world.desk.conflicts() else self.stops.unquiet
        return not asked and not result.unanswered and all(step.outcome is Outcome.HELD for step in result.steps)

    async def _rest(self) -> None:
        self.stage.mend()
        self._say("— at rest")
        idle = False
        for _ in range(max(CYCLES_TO_REST - self._repeated, 1) + 1):
            idle = await self._cycle()
            if idle and not self._is_open():
                return
        if not idle:
            self.played.wrong.append(f"after {CYCLES_TO_REST} cycles, one more still has something to do")

    def _is_open(self) -> bool:
        """Whether a process that died may have sent what nobody waits for: its appointment is called off by now.

        What it left may have been sent until the next cycle began, and counts as not done a settle time after that.
        """
        with self.stage.world.ledger.store.read() as tx:
            return self.stops.deaths > 0 and bool(tx.journal_unsettled())

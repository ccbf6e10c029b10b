"""All stops of all scenarios, spread over processes, and what they came to in figures."""

from __future__ import annotations

import multiprocessing
import time
from collections import abc
from contextlib import contextmanager
from dataclasses import dataclass

from tests.interruption.play import Played, judge, play
from tests.interruption.scenario import Scenario, scenarios

_ROUNDS = 16
"""In each round one of so many boundaries of every scenario is taken, so that a run that ends early has seen all."""


@dataclass(slots=True)
class Figures:
    """What was played. `seconds` on the clock, `processor_seconds` in all processes."""

    scenarios: int = 0
    boundaries: int = 0
    interruptions: int = 0
    failures: int = 0
    seconds: float = 0.0
    processor_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _Task:
    name: str
    stops: tuple[tuple[int, ...], ...]
    reference: Played | None = None


@dataclass(frozen=True, slots=True)
class _Done:
    interruptions: int
    failures: tuple[str, ...]
    seconds: float
    reference: Played | None = None


def explore(
    chosen: abc.Sequence[Scenario],
    *,
    jobs: int,
    seconds: float | None = None,
    share: int | None = None,
    twice: bool = False,
    say: abc.Callable[[str], None],
) -> Figures:
    """Play them all; `say` gets a line for each failure, with the way to replay it."""
    began = time.monotonic()
    figures = Figures(scenarios=len(chosen))
    references: dict[str, Played] = {}
    with _workers(jobs) as carried_out:
        for task, done in carried_out([_Task(scenario.name, ()) for scenario in chosen]):
            assert done.reference is not None
            references[task.name] = done.reference
            _count(figures, done, say)
        figures.boundaries = sum(reference.boundaries for reference in references.values())
        tasks = [
            _Task(name, stops, references[name])
            for name, stops in spread({n: r.boundaries for n, r in references.items()}, share, twice)
        ]
        for _, done in carried_out(tasks):
            _count(figures, done, say)
            if seconds is not None and time.monotonic() - began > seconds:
                break
    figures.seconds = time.monotonic() - began
    return figures


@contextmanager
def _workers(jobs: int) -> abc.Iterator[abc.Callable[[abc.Sequence[_Task]], abc.Iterable[tuple[_Task, _Done]]]]:
    """Carries out tasks, in so many processes; what is not fetched when the block ends is dropped."""
    if jobs == 1:
        yield lambda tasks: map(_carry_out, tasks)
        return
    with multiprocessing.Pool(jobs) as pool:
        yield lambda tasks: pool.imap_unordered(_carry_out, tasks)


def spread(
    boundaries: abc.Mapping[str, int], share: int | None, twice: bool
) -> abc.Iterator[tuple[str, tuple[tuple[int, ...], ...]]]:
    """Scenarios with some of their stops, round after round, until all are taken, or the share of them.

    `twice`: the next process is stopped too, at a boundary that depends on the first.
    """
    every = max(sum(boundaries.values()) // share, 1) if share else 1
    met = 0
    chosen: dict[str, list[int]] = {}
    for name, count in boundaries.items():
        chosen[name] = [number for number in range(1, count + 1) if (met + number) % every == 0]
        met += count
    for first in range(_ROUNDS):
        for name, numbers in chosen.items():
            some = numbers[first::_ROUNDS]
            if some:
                yield name, tuple((n, 1 + n * 7 % 23) if twice else (n,) for n in some)


def _carry_out(task: _Task) -> tuple[_Task, _Done]:
    """One scenario's reference, or some of its stops; in a process of its own."""
    began = time.process_time()
    [scenario] = [one for one in scenarios(task.name) if one.name == task.name]
    if task.reference is None:
        reference = play(scenario)
        failures = (_failure(scenario, (), reference, reference.wrong),) if reference.wrong else ()
        return task, _Done(0, failures, time.process_time() - began, reference)
    found = []
    for stops in task.stops:
        stopped = play(scenario, stops)
        wrong = judge(task.reference, stopped, scenario)
        if not stopped.deaths:
            wrong.append("it was not stopped: its boundaries are not the same each time")
        if wrong:
            found.append(_failure(scenario, stops, stopped, wrong))
    return _Task(task.name, ()), _Done(len(task.stops), tuple(found), time.process_time() - began)


def _failure(scenario: Scenario, stops: tuple[int, ...], played: Played, wrong: abc.Sequence[str]) -> str:
    where = "".join(f"\n    stopped {place}" for place in played.stopped_at)
    what = "".join(f"\n    {line[:600]}" for line in wrong)
    numbers = "+".join(map(str, stops)) or "0"
    return f'FAILED --replay "{scenario.name}@{numbers}"{where}{what}'


def _count(figures: Figures, done: _Done, say: abc.Callable[[str], None]) -> None:
    figures.interruptions += done.interruptions
    figures.failures += len(done.failures)
    figures.processor_seconds += done.seconds
    for failure in done.failures:
        say(failure)

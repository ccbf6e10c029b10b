"""Plants bugs one at a time, runs the tests that must catch each, and prints who caught it.

python -m tests.planted
python -m tests.planted --only page-limit lost-value --jobs 2 --time 600
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections import abc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.planted.bug import Bug, Misplaced
from tests.planted.bugs import BUGS
from tests.planted.replica import Replica, Run, Unusable


@dataclass
class Planting:
    """The bugs that are still to be planted, and what became of the others."""

    waiting: list[Bug]
    until: float | None = None
    caught: list[str] = field(default_factory=list)
    survived: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, jobs: int) -> None:
        """Plant all of them, in so many copies side by side."""
        with ThreadPoolExecutor(jobs) as pool:
            for lane in [pool.submit(self._lane) for _ in range(jobs)]:
                lane.result()

    def _lane(self) -> None:
        with tempfile.TemporaryDirectory(prefix="syncd-planted-") as name:
            replica = Replica(Path(name))
            while (bug := self._next()) is not None:
                began = time.monotonic()
                try:
                    with replica.with_bug(bug):
                        run = replica.test(bug.tests)
                except (Misplaced, Unusable) as error:
                    self._note(self.broken, bug, f"CANNOT BE TRIED: {error}")
                    continue
                kind = self.survived if run.passed else self.caught
                self._note(kind, bug, f"{_told(bug, run)} ({time.monotonic() - began:.1f} s)")

    def _next(self) -> Bug | None:
        with self._lock:
            late = self.until is not None and time.monotonic() > self.until
            return None if late or not self.waiting else self.waiting.pop(0)

    def _note(self, kind: list[str], bug: Bug, told: str) -> None:
        with self._lock:
            kind.append(bug.id)
            _say(f"{bug.id}: {told}")


def main(arguments: abc.Sequence[str]) -> int:
    """The exit code: 0 if every bug that was planted was caught; 2 where the tests fail without any."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.planted", description="Plants bugs in a copy of the sources: each must make a test fail."
    )
    parser.add_argument("--only", nargs="+", metavar="ID", help="plant these alone")
    parser.add_argument("--jobs", type=int, default=1, help="how many copies are tested side by side")
    parser.add_argument("--time", type=float, metavar="SECONDS", help="begin with no further bug after that")
    given = parser.parse_args(arguments)
    known = {bug.id: bug for bug in BUGS}
    unknown = [name for name in given.only or () if name not in known]
    if unknown:
        parser.error(f"there is no bug {unknown[0]}; there are {', '.join(known)}")
    chosen = [known[name] for name in given.only or known]
    began = time.monotonic()
    if not _sound(chosen):
        return 2
    planting = Planting(list(chosen), None if given.time is None else began + given.time)
    planting.run(given.jobs)
    return _sum(planting, len(chosen), time.monotonic() - began)


def _sound(bugs: abc.Iterable[Bug]) -> bool:
    """Whether their tests pass as long as nothing is planted: else nothing would follow from a failure."""
    tests = sorted({test for bug in bugs for test in bug.tests})
    with tempfile.TemporaryDirectory(prefix="syncd-planted-") as name:
        try:
            run = Replica(Path(name)).test(tests, patience=1200)
        except Unusable as error:
            _say(f"without any bug: {error}")
            return False
    if not run.passed:
        _say(f"without any bug: {'the tests hang' if run.hung else f'{run.failed} fails'}; mend that first")
    return run.passed


def _told(bug: Bug, run: Run) -> str:
    if run.passed:
        return f"SURVIVED. {bug.says} No test of {', '.join(bug.tests)} notices"
    return "caught: the tests hung" if run.hung else f"caught by {run.failed}"


def _sum(planting: Planting, chosen: int, seconds: float) -> int:
    tried = len(planting.caught) + len(planting.survived) + len(planting.broken)
    _say(f"{len(planting.caught)} of {tried} planted bugs caught in {seconds:.0f} s")
    if tried < chosen:
        _say(f"not tried for lack of time: {chosen - tried}")
    for kind, names in (("SURVIVED", planting.survived), ("could not be tried", planting.broken)):
        if names:
            _say(f"{kind}: {' '.join(sorted(names))}")
    return 1 if planting.survived or planting.broken else 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Plays histories until enough kills have been made, and prints figures and the seed of every failure.

python -m tests.kills --kills 200 --seed 1 --jobs 2
python -m tests.kills --replay 17
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.e2e.cli.command import Commands
from tests.kills.playing import Played, play


@dataclass
class Length:
    """Histories of consecutive seeds, until so many kills have been made, or until that moment has come."""

    seed: int
    wanted: int
    until: float | None = None
    total: Played = field(init=False)
    histories: int = 0
    failed: list[int] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.total = Played(self.seed)
        self._seeds = count(self.seed)

    def run(self, jobs: int) -> None:
        """Play them, so many side by side."""
        with ThreadPoolExecutor(jobs) as pool:
            for lane in [pool.submit(self._lane) for _ in range(jobs)]:
                lane.result()

    def _lane(self) -> None:
        with tempfile.TemporaryDirectory(prefix="syncd-kills-") as name:
            commands = Commands(Path(name))
            try:
                while self.total.kills.total() < self.wanted and not self._late():
                    seed = next(self._seeds)
                    self._add(play(seed, commands))
            finally:
                commands.close()

    def _late(self) -> bool:
        return self.until is not None and time.monotonic() > self.until

    def _add(self, one: Played) -> None:
        with self._lock:
            self.histories += 1
            self.total.add(one)
            if one.failure is not None:
                self.failed.append(one.seed)
                _say(f"seed {one.seed} FAILED", one.failure, "")


def main(arguments: list[str]) -> int:
    """The exit code: 0 if nothing went wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.kills", description="Kills, stops and disturbs runs of syncd, and looks at what follows."
    )
    parser.add_argument(
        "--kills", type=int, default=200, help="how many SIGKILLs to make at least; SIGTERMs and the rest come on top"
    )
    parser.add_argument("--seed", type=int, default=1, help="the seed of the first history")
    parser.add_argument("--jobs", type=int, default=2, help="how many histories are played side by side")
    parser.add_argument("--time", type=float, metavar="SECONDS", help="begin with no further history after that")
    parser.add_argument("--replay", type=int, metavar="SEED", help="play this history alone, and tell it")
    given = parser.parse_args(arguments)
    if given.replay is not None:
        return _replay(given.replay)
    return _at_length(given.seed, given.kills, given.jobs, given.time)


def _replay(seed: int) -> int:
    with tempfile.TemporaryDirectory(prefix="syncd-kills-") as name:
        commands = Commands(Path(name))
        try:
            one = play(seed, commands)
        finally:
            commands.close()
    _say(*one.told, one.failure or "all of it was put right")
    return 1 if one.failure else 0


def _at_length(seed: int, kills: int, jobs: int, seconds: float | None) -> int:
    began = time.monotonic()
    length = Length(seed, kills, None if seconds is None else began + seconds)
    length.run(jobs)
    _say(
        f"{length.histories} histories in {time.monotonic() - began:.0f} s",
        *length.total.figures,
        f"failures: {', '.join(f'--replay {one}' for one in length.failed) or 'none'}",
    )
    return 1 if length.failed else 0


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

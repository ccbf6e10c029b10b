"""The proof at length: everything that may go wrong goes wrong, and nothing is lost, doubled or cancelled by mistake.

`make prove`, or `python -m tests.prove [--seed N] [--minutes M] [--only PART] [--histories N] [--interruptions N]
[--kills N] [--jobs N]`.
Each part is a command of its own, which says what it found and how to play a failure again; this one runs them in
turn, in one run, and adds up. Without `--seed`, half of the histories are those of seed 1, which were played before,
and half those of a fresh seed, which is printed and was never. With `--minutes` each part gets its share of the time
and says how far it came; without, all of it is run, whatever it takes.
"""

from __future__ import annotations

import argparse
import secrets
import subprocess
import sys
import time
from collections import abc
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Part:
    """One of the commands: what it shows, its arguments, its share of a limited time."""

    name: str
    shows: str
    module: str
    arguments: tuple[str, ...]
    share: float


def parts(given: argparse.Namespace) -> list[Part]:
    """The parts in the order in which they are run: what finds most comes first."""
    jobs = ("--jobs", str(given.jobs))
    stops = ("--share", str(given.interruptions)) if given.interruptions else ()
    first = [given.seed] if given.seed is not None else [1, given.fresh]
    number = -(-given.histories // len(first))
    histories = [
        Part(
            "histories",
            f"people, faults and deaths at random, from seed {seed} on",
            "simulation",
            ("--seeds", f"{seed}..{seed + number}", *jobs),
            0.5 / len(first),
        )
        for seed in first
    ]
    return [
        *histories,
        Part("interruptions", "stops at the boundaries of every scenario", "interruption", (*stops, *jobs), 0.15),
        Part("behaviours", "every end-to-end case in every behaviour of the vendors", "behaviours", jobs, 0.1),
        Part("planted", "every planted bug is caught", "planted", jobs, 0.15),
        Part(
            "kills",
            "the installed command, killed, stopped and started twice",
            "kills",
            ("--kills", str(given.kills), "--seed", str(first[-1] + 1), *jobs),
            0.1,
        ),
    ]


def main(arguments: abc.Sequence[str]) -> int:
    """0 if all that was tried held."""
    given = _parser().parse_args(arguments)
    chosen = [part for part in parts(given) if given.only in (None, part.name)]
    told = [_run(part, given.minutes) for part in chosen]
    _say("", *(line for line, _ in told))
    broken = sum(not held for _, held in told)
    _say(f"{broken} of {len(told)} parts did not hold" if broken else "all of it held")
    return 1 if broken else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description="The proof at length.")
    parser.add_argument("--seed", type=int, help="the first seed, instead of 1 and a fresh one")
    parser.add_argument("--fresh", type=int, default=_fresh(), help="what takes the place of the fresh one")
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--interruptions", type=int, default=0, help="how many, instead of one at every boundary")
    parser.add_argument("--kills", type=int, default=200, help="SIGKILLs; SIGTERMs and the rest come on top")
    parser.add_argument("--minutes", type=float, help="about how long it may take; without it, as long as it takes")
    parser.add_argument("--jobs", type=int, default=2, help="processes side by side")
    parser.add_argument(
        "--only", choices=("histories", "interruptions", "behaviours", "planted", "kills"), help="this part alone"
    )
    return parser


def _fresh() -> int:
    """A seed of histories that most likely nobody has played, away from 1 and from those that the tests play."""
    return 100_000 * (1 + secrets.randbelow(10_000))


def _run(part: Part, minutes: float | None) -> tuple[str, bool]:
    """Run one part; a line on it for the end, and whether it held."""
    _say("", f"== {part.name}: {part.shows}")
    limit = () if minutes is None else ("--time", str(round(minutes * 60 * part.share)))
    began = time.monotonic()
    command = [sys.executable, "-m", f"tests.{part.module}", *part.arguments, *limit]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    spent = (time.monotonic() - began) / 60
    return f"{part.name}: {'held' if code == 0 else f'DID NOT HOLD (exit {code})'}, {spent:.1f} min", code == 0


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m tests.simulation --seeds 0..10000 --jobs 2 [--time 1500]`, and `--replay SEED` for the story of one."""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import sys
import time
from collections import Counter
from dataclasses import replace

from tests.simulation.history import Played, play
from tests.simulation.plays import PLAYS
from tests.simulation.script import CYCLES, EDITS, FAULTS, LEVELS, Script, write


def main() -> int:
    """Play histories; 0 if all that was claimed held."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", default="0..200", help="FIRST..LAST, the last one left out")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--time", type=float, help="seconds after which no further history is begun")
    parser.add_argument("--level", choices=LEVELS, default=LEVELS[-1])
    parser.add_argument("--replay", type=int, metavar="SEED")
    parser.add_argument("--play", choices=sorted(PLAYS), help="have every history end with this one")
    given = parser.parse_args()
    if given.replay is not None:
        return _replay(given.replay, given.level, given.play)
    return _many(given)


def _replay(seed: int, level: str, name: str | None) -> int:
    from tests.simulation.story import story

    print(story(_written(seed, level, name)))
    return 0


def _written(seed: int, level: str, name: str | None) -> Script:
    script = write(seed, level)
    return script if name is None else replace(script, new_rules=False, play=name)


def one(asked: tuple[int, str, str | None]) -> tuple[Played, float]:
    """One history, with the seconds of processor time that it took."""
    began = time.process_time()
    seed, level, name = asked
    try:
        played = play(_written(seed, level, name))
    except Exception as error:  # noqa: BLE001 - one broken history must not hide the others
        played = Played(seed, "", f"{type(error).__name__}: {error}", Counter())
    return played, time.process_time() - began


def _settle() -> None:
    """Before the first history: have garbage looked for among what histories make, not among all that is imported.

    Otherwise all modules are searched about once a history, which takes as long as all other collections together.
    """
    gc.collect()
    gc.freeze()


_MOST_EXCUSED, _MOST_LEFT, _MOST_ASKED, _MANY = 0.1, 0.01, 0.005, 100
"""The shares of appointments that may be left out at rest, and still when operators have released and decided all that
waits: as a vendor refuses them for good, too, and as a person is asked about them still; in so many histories or more.
"""

_LEAST_LATE, _LEAST_TOO_LATE, _VERY_MANY = 2_000, 500, 10_000
"""How many writes must have been carried out after their answer was lost, while syncd still waited for them, and after
that; in so many histories at the highest level, or more.
"""


def _many(given: argparse.Namespace) -> int:
    first, _, last = given.seeds.partition("..")
    seeds = range(int(first), int(last))
    until = time.monotonic() + given.time if given.time else None
    figures: Counter[str] = Counter()
    failed: list[Played] = []
    taken: list[float] = []
    least: Counter[str] = Counter()
    again = "" if given.level == LEVELS[-1] else f" --level {given.level}"
    again += f" --play {given.play}" if given.play else ""
    began = time.monotonic()
    with multiprocessing.Pool(given.jobs, initializer=_settle) as pool:
        for played, seconds in pool.imap_unordered(
            one, ((seed, given.level, given.play) for seed in seeds), chunksize=4
        ):
            figures.update(played.figures)
            taken.append(seconds)
            if played.broken is None:
                _enough(played, given.level, least)
            if played.broken is not None:
                failed.append(played)
                print(f"seed {played.seed}: {played.broken[:300]}", flush=True)
                print(f"  play it again: python -m tests.simulation --replay {played.seed}{again}", flush=True)
            if until is not None and time.monotonic() > until:
                pool.terminate()
                break
    spent = time.monotonic() - began
    taken.sort()
    print(f"{len(taken)} histories in {spent:.0f} s; one takes {sum(taken) / len(taken):.3f} s on average, ", end="")
    print(f"{taken[len(taken) // 2]:.3f} s in the middle, {taken[-1]:.2f} s at most")
    print("each at least: " + ", ".join(f"{number} {name}" for name, number in least.items()))
    for name, number in sorted(figures.items()):
        print(f"  {name}: {number} ({number / len(taken):.2f} a history)")
    print(f"{len(failed)} failed: {' '.join(str(played.seed) for played in failed)}")
    too_many = len(taken) >= _MANY and _too_many_excused(figures)
    too_few = len(taken) >= _VERY_MANY and given.level == LEVELS[-1] and _too_few_late(figures)
    return 1 if failed or too_many or too_few else 0


def _too_many_excused(figures: Counter[str]) -> bool:
    """Whether so many appointments are left out that the rest proves too little; says so."""
    everyone = max(1, figures["appointments at rest"])
    at_rest, left = figures["excused at rest"] / everyone, figures["excused after decisions"] / everyone
    asked = figures["asked about after decisions"] / everyone
    print(f"left out, as quarantined or undecided: {at_rest:.1%} of the appointments; {left:.2%} after all decisions, ")
    print(f"of them {asked:.2%} as a person is asked still")
    too_many = at_rest > _MOST_EXCUSED or left > _MOST_LEFT or asked > _MOST_ASKED
    if too_many:
        print("that proves too little")
    return too_many


def _too_few_late(figures: Counter[str]) -> bool:
    """Whether so few writes were carried out late that nothing is proved of those; says so."""
    late, too_late = figures["carried out late"], figures["carried out too late"]
    if late >= _LEAST_LATE and too_late >= _LEAST_TOO_LATE:
        return False
    print(
        f"{late} writes were carried out late within the settle time and {too_late} later: "
        f"{_LEAST_LATE} and {_LEAST_TOO_LATE} are the least that prove something"
    )
    return True


def _enough(played: Played, level: str, least: Counter[str]) -> None:
    """Whether enough happened in a history for it to prove something; the least of all is kept."""
    wanted = {"edits": EDITS, "cycles": CYCLES} | ({"faults befallen": FAULTS} if level in LEVELS[2:] else {})
    for name, number in wanted.items():
        had = played.figures[name]
        least[name] = min(least.get(name, had), had)
        if had < number:
            played.broken = f"there were {had} {name}, and {number} are the least"


if __name__ == "__main__":
    sys.exit(main())

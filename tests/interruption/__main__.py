"""`python -m tests.interruption [--scenarios GLOB] [--jobs N] [--time S]`, and `--replay "SCENARIO@BOUNDARY"`.

Every scenario is played without a stop, and then once for each of its boundaries. `--share N` takes N of them, spread
evenly; `--time` begins no further ones after so many seconds, and takes them in an order that is spread as well.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.interruption.explore import Figures, explore
from tests.interruption.play import judge, play
from tests.interruption.scenario import scenarios


def main() -> int:
    """0 if every stop ended as if there had been none."""
    parser = argparse.ArgumentParser(prog="python -m tests.interruption", description=__doc__)
    parser.add_argument("--scenarios", default="*", metavar="GLOB", help="of their names; a part will do")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--time", type=float, help="seconds after which no further interruption is begun")
    parser.add_argument("--share", type=int, help="so many interruptions, instead of all")
    parser.add_argument("--twice", action="store_true", help="stop the process that follows as well")
    parser.add_argument("--list", action="store_true", help="the scenarios with the number of their boundaries")
    parser.add_argument("--replay", metavar="SCENARIO@BOUNDARY")
    given = parser.parse_args()
    if given.replay is not None:
        return _replay(given.replay)
    chosen = scenarios(given.scenarios)
    if not chosen:
        parser.error(f"no scenario fits {given.scenarios!r}")
    if given.list:
        for scenario in chosen:
            print(f"{play(scenario).boundaries:5} {scenario.name}")
        return 0
    figures = explore(
        chosen, jobs=given.jobs, seconds=given.time, share=given.share, twice=given.twice, say=_say_at_once
    )
    _show(figures)
    return 1 if figures.failures or not figures.interruptions else 0


def _say_at_once(line: str) -> None:
    print(line, flush=True)


def _show(figures: Figures) -> None:
    rate = figures.processor_seconds / max(figures.interruptions, 1)
    print(f"{figures.scenarios} scenarios with {figures.boundaries} boundaries")
    print(f"{figures.interruptions} interruptions in {figures.seconds:.0f} s, {rate:.3f} s of processor time each")
    print(f"{figures.failures} failures")


def _replay(what: str) -> int:
    """Tell one as a story; `SCENARIO@0`, or no boundary, is the one without a stop, and `@17+5` has two stops."""
    name, _, numbers = what.rpartition("@") if "@" in what else (what, "@", "0")
    found = [scenario for scenario in scenarios(name) if scenario.name == name]
    if not found:
        print(f"no scenario is named {name!r}; --list shows them", file=sys.stderr)
        return 2
    [scenario] = found
    stops = tuple(int(number) for number in numbers.split("+") if int(number))
    began = time.monotonic()
    reference, played = play(scenario), play(scenario, stops, tell=True)
    wrong = judge(reference, played, scenario)
    print(f"{scenario.name}, {'stopped' if stops else 'not stopped'}; {reference.boundaries} boundaries")
    print(*played.lines, sep="\n")
    print(*(f"WRONG: {line}" for line in wrong), sep="\n")
    print("It did not end as it should." if wrong else "It ended as it should.", f"({time.monotonic() - began:.1f} s)")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

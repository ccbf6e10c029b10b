"""The figures of the README's limits: `python -m benchmarks.scale`, or `make bench`. Writes a table as Markdown.

Vendors run in a process of their own and every cycle in a fresh one, so that the figures are syncd's alone. Time is
given as a ratio to parsing the same JSON once in the same process, which says more than seconds of some machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import abc
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ALL = "crm,book,office,site"


@dataclass(frozen=True, slots=True)
class World:
    """What the vendors hold: `number` appointments, at all of `vendors` or (`spread` one) each at one of them.

    `cycles` names the cycles that are measured, from the first one on.
    """

    number: int
    vendors: str
    spread: str
    cycles: tuple[str, ...]


WORLDS = (
    World(5_000, _ALL, "all", ("5,000 at each of 4 vendors, first run: all are matched", "idle")),
    World(
        5_000,
        _ALL,
        "one",
        (
            "5,000, each at 1 of 4 vendors, first run: 15,000 are created",
            "the cycle after that, which recognises what was created",
            "idle",
        ),
    ),
    World(20_000, "book,office", "all", ("20,000 at each of 2 vendors, first run: all are matched", "idle")),
)
_HEAD = (
    ("cycle", "---"),
    ("requests", "---:"),
    ("JSON", "---:"),
    ("CPU, as a multiple of parsing that JSON", "---:"),
    ("peak memory", "---:"),
    ("of it before the cycle", "---:"),
)


def main() -> None:
    """Measure the cycles of every world."""
    _say(*(name for name, _ in _HEAD))
    _say(*(line for _, line in _HEAD))
    for world in WORLDS:
        with tempfile.TemporaryDirectory(prefix="syncd-bench-") as folder, served(world, Path(folder)):
            for cycle in world.cycles:
                _say(*_cells(cycle, _measured(Path(folder))))


@contextmanager
def served(world: World, folder: Path) -> abc.Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.world", str(folder), str(world.number), world.vendors, world.spread]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if process.stdout.readline() != "ready\n":
                raise SystemExit("the vendors could not be served")
            yield
        finally:
            process.stdin.close()


def _measured(folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.measure", str(folder / "syncd.toml")]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)  # noqa: S603
    figures: dict[str, Any] = json.loads(done.stdout)
    if figures["exit_code"] != 0:
        raise SystemExit(f"a cycle ended with {figures['exit_code']}: its figures would mean nothing")
    return figures


def _cells(name: str, figures: dict[str, Any]) -> tuple[str, ...]:
    return (
        name,
        f"{figures['requests']:,}",
        f"{figures['bodies'] / 1e6:.1f} MB",
        f"{figures['cpu'] / figures['parsing']:.1f} ×",
        f"{figures['peak']:.0f} MiB",
        f"{figures['before']:.0f} MiB",
    )


def _say(*cells: str) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""What a process that lives for long keeps: `python -m benchmarks.days` writes a table as Markdown.

A thousand cycles in one process, over real connections to vendors in another one, with an edit before each and a fault
in every fifth. It fails where memory or descriptors go on growing; the store grows, and the table shows by how much.
"""

from __future__ import annotations

import asyncio
import random
import re
import sys
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import structlog

from benchmarks.scale import World, served
from syncd.assembly import build_engine, build_vendors, open_ledger, real_surroundings
from syncd.config import load
from syncd.engine.cycle import Engine

CYCLES, EVERY = 1_000, 100
NUMBER = 200
_FAULTS = ("status", "reset", "not_json", "truncate", "html", "empty")
_PAGE = 4096 / 1024 / 1024
_MAY_GROW = 12.0
"""So many MiB more than after the first 300 cycles are no leak: Python's memory comes in pieces."""


def main() -> None:
    """The table, and whether anything grows."""
    world = World(NUMBER, "crm,book,office,site", "all", ())
    with tempfile.TemporaryDirectory(prefix="syncd-days-") as folder, served(world, Path(folder)):
        asyncio.run(_days(Path(folder)))


async def _days(folder: Path) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    configuration = load(folder / "syncd.toml", {})
    surroundings = real_surroundings(configuration)
    vendors = build_vendors(configuration, surroundings)
    ledger = open_ledger(configuration)
    text = (folder / "syncd.toml").read_text(encoding="utf-8")
    found = re.findall(r"\[vendors\.(\w+)\][^\[]*?base_url = \"(http://[^/\"]+)", text)
    async with httpx.AsyncClient(trust_env=False) as people:
        try:
            engine = build_engine(configuration, ledger, vendors, surroundings)
            await _live(engine, people, dict(found), folder)
        finally:
            ledger.store.close()
            for vendor in vendors.values():
                await vendor.aclose()


async def _live(engine: Engine, people: httpx.AsyncClient, addresses: dict[str, str], folder: Path) -> None:
    rng, seen = random.Random(7), []  # noqa: S311 - the same edits in every run
    _say("cycles", "memory", "descriptors", "store")
    _say("---:", "---:", "---:", "---:")
    for number in range(1, CYCLES + 1):
        name = rng.choice(sorted(addresses))
        await _edited(people, addresses[name], rng)
        if number % 5 == 0:
            fault = {"kind": rng.choice(_FAULTS), "times": 2, "after": rng.randrange(3)}
            await people.post(f"{addresses[rng.choice(sorted(addresses))]}/_sandbox/faults", json=fault)
        await engine.cycle()
        if number % EVERY == 0:
            memory, descriptors, size = _taken(folder)
            seen.append((memory, descriptors))
            _say(str(number), f"{memory:.0f} MiB", str(descriptors), f"{size:.1f} MiB")
    (first, held), (last, holds) = seen[2], seen[-1]
    if last - first > _MAY_GROW or holds > held:
        raise SystemExit(f"it grows: {last - first:.1f} MiB and {holds - held} descriptors since cycle {3 * EVERY}")


def _taken(folder: Path) -> tuple[float, int, float]:
    """Memory in MiB, open descriptors, the store in MiB."""
    memory = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    size = sum(path.stat().st_size for path in folder.glob("state.db*")) / 1024 / 1024
    return memory, len(list(Path("/proc/self/fd").iterdir())), size


async def _edited(people: httpx.AsyncClient, address: str, rng: random.Random) -> None:
    """Somebody moves an appointment, or writes something into it."""
    listed = (await people.get(f"{address}/_sandbox/records")).json()
    entry: dict[str, Any] = rng.choice([one for one in listed if one["status"] != "cancelled"])
    change: dict[str, Any] = {"notes": f"note {rng.randrange(10**6)}"}
    if rng.random() < 0.6:
        start = datetime.fromisoformat(entry["start"]) + timedelta(minutes=30 * rng.randrange(1, 48))
        change = {"start": start.isoformat(), "end": (start + timedelta(minutes=30)).isoformat()}
    with suppress(httpx.HTTPError):
        await people.patch(f"{address}/_sandbox/records/{entry['id']}", json=change)


def _say(*cells: str) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

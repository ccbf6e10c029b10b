"""The demonstration: four vendors on loopback, a few cycles with edits between, everything explained.

It checks what it claims: if the vendors do not end in step, it says so and fails. It leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import abc
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from syncd import report
from syncd.assembly import build_engine, build_vendors, open_ledger, real_surroundings, system_clock
from syncd.config import Configuration, load
from syncd.engine.cycle import Engine
from syncd.engine.result import CycleResult
from syncd.engine.store.desk import Desk
from syncd.model.plan import Outcome
from syncd.sandbox.frame.records import Entry
from syncd.sandbox.frame.vendor import SandboxVendor
from syncd.sandbox.samples import demo_vendors, fill
from syncd.sandbox.serving.server import Sandbox

Say = abc.Callable[[str], None]
_HOUR = timedelta(hours=1)


@dataclass(slots=True)
class Scene:
    """The vendors as people there see them."""

    vendors: abc.Mapping[str, SandboxVendor]
    say: Say
    failures: int = 0

    def live(self, name: str) -> dict[datetime, Entry]:
        """A vendor's standing appointments by their start."""
        return {e.start: e for e in self.vendors[name].entries.values() if e.status not in ("cancelled", "no_show")}

    def in_step(self) -> bool:
        """Whether all vendors have appointments at the same times, none twice."""
        starts = [sorted(e.start for e in self.live_entries(name)) for name in self.vendors]
        return all(one == starts[0] for one in starts) and len(set(starts[0])) == len(starts[0])

    def live_entries(self, name: str) -> list[Entry]:
        """A vendor's standing appointments, doubles included."""
        return [e for e in self.vendors[name].entries.values() if e.status not in ("cancelled", "no_show")]

    def move(self, name: str, start: datetime, by: timedelta) -> None:
        """A person at a vendor moves an appointment."""
        entry = self.live(name)[start]
        self.vendors[name].person_edit(entry.id, start=start + by, end=entry.end + by)
        self.say(f"  at {name} somebody moves {_name(entry)} from {_at(start)} to {_at(start + by)}")

    def cancel(self, name: str, start: datetime) -> None:
        """A person at a vendor cancels an appointment, or deletes it where there is no other way."""
        entry = self.live(name)[start]
        deletes = self.vendors[name].kind == "aivapad"
        if deletes:
            self.vendors[name].person_delete(entry.id)
        else:
            self.vendors[name].person_cancel(entry.id)
        self.say(f"  at {name} somebody {'deletes' if deletes else 'cancels'} {_name(entry)}, {_at(start)}")

    def expect(self, holds: bool, claim: str) -> None:
        """Say whether a claim holds, and remember if it does not."""
        self.say(f"{'ok' if holds else 'NOT TRUE'}: {claim}")
        self.failures += not holds


def run(say: Say, *, unkind: bool = False) -> int:
    """The whole demonstration; 0 if everything that it claims was seen to be so, else 1.

    `unkind`: at vendors that give least and take most, as they were measured or documented.
    """
    vendors = demo_vendors(system_clock, unkind=unkind)
    fill(vendors, system_clock())
    scene = Scene({vendor.name: vendor for vendor in vendors}, say)
    with tempfile.TemporaryDirectory(prefix="syncd-demo-") as folder, Sandbox(vendors) as sandbox:
        path = Path(folder) / "syncd.toml"
        path.write_text(sandbox.config_text(state="sqlite:///state.db"), encoding="utf-8")
        path.chmod(0o600)
        asyncio.run(_play(scene, load(path, {})))
    say("")
    say("All of it held." if not scene.failures else f"{scene.failures} claim(s) did not hold.")
    return 1 if scene.failures else 0


async def _play(scene: Scene, configuration: Configuration) -> None:
    surroundings = real_surroundings(configuration)
    vendors = build_vendors(configuration, surroundings)
    ledger = open_ledger(configuration)
    try:
        engine = build_engine(configuration, ledger, vendors, surroundings)
        await _first_cycle(scene, engine)
        starts = sorted(scene.live("crm"))
        await _moves(scene, engine, starts[:4])
        await _cancels(scene, engine, starts[4:8])
        await _conflict(scene, engine, starts[8])
        await _last_cycle(scene, engine)
    finally:
        ledger.close()
        for vendor in vendors.values():
            await vendor.aclose()


async def _first_cycle(scene: Scene, engine: Engine) -> None:
    counts = ", ".join(f"{name} {len(scene.live_entries(name))}" for name in scene.vendors)
    scene.say(f"1. Four vendors with partly the same appointments: {counts}. The first cycle:\n")
    result = await _cycle(scene, engine)
    scene.expect(
        result.exit_code == 0 and scene.in_step(), "matched without duplicates, and what was missing is created"
    )


async def _moves(scene: Scene, engine: Engine, starts: abc.Sequence[datetime]) -> None:
    scene.say("\n2. At each vendor somebody moves an appointment:")
    for name, start in zip(scene.vendors, starts, strict=True):
        scene.move(name, start, _HOUR / 2)
    await _cycle(scene, engine)
    moved = {start + _HOUR / 2 for start in starts}
    everywhere = all(moved <= set(scene.live(name)) for name in scene.vendors)
    scene.expect(everywhere and scene.in_step(), "each move reached the other three vendors")


async def _cancels(scene: Scene, engine: Engine, starts: abc.Sequence[datetime]) -> None:
    scene.say("\n3. At each vendor somebody cancels an appointment (aivapad knows deletion alone):")
    for name, start in zip(scene.vendors, starts, strict=True):
        scene.cancel(name, start)
    held = [step for step in (await _cycle(scene, engine)).steps if step.outcome is Outcome.HELD]
    deletes = [name for name, vendor in scene.vendors.items() if vendor.kind == "aivapad"]
    scene.expect(
        len(held) == len(starts) - 1 and {step.operation.vendor for step in held} == set(deletes),
        "where a cancellation deletes for good, three that are a quarter of all wait for a person",
    )
    scene.say("\n   Somebody reads 'syncd approve --list', and releases them with 'syncd approve office':\n")
    Desk(engine.ledger, operator="the demonstration").approve([step.operation.id for step in held])
    await _cycle(scene, engine)
    nowhere = all(not set(starts) & set(scene.live(name)) for name in scene.vendors)
    scene.expect(nowhere and scene.in_step(), "each cancellation reached the other three vendors")


async def _conflict(scene: Scene, engine: Engine, start: datetime) -> None:
    scene.say("\n4. Two people move the same appointment to different times between two cycles:")
    scene.move("crm", start, _HOUR)
    scene.move("book", start, 2 * _HOUR)
    result = await _cycle(scene, engine)
    decided = [conflict for conflict in result.conflicts if conflict.winner]
    scene.expect(len(decided) == 1 and scene.in_step(), "the conflict is decided, explained, and the same everywhere")


async def _last_cycle(scene: Scene, engine: Engine) -> None:
    scene.say("\n5. Nobody touches anything:\n")
    await _cycle(scene, engine, quiet=True)
    result = await _cycle(scene, engine)
    lists = sum(vendor.requests for vendor in result.vendors)
    scene.expect(result.writes == 0 and not result.steps, f"the last cycle makes no write ({lists} list requests)")
    mails = sum(vendor.counters.notifications for vendor in scene.vendors.values())
    scene.expect(mails == 0, f"clients were mailed {mails} times")


async def _cycle(scene: Scene, engine: Engine, *, quiet: bool = False) -> CycleResult:
    result = await engine.cycle()
    if not quiet:
        scene.say(report.text(result))
    return result


def _name(entry: Entry) -> str:
    person = next((f"{p.first_name} {p.last_name}".strip() for p in entry.people), "")
    return person or entry.title


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"

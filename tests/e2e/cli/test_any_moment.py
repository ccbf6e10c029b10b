"""An operator's act is never lost, whatever the daemon is doing at that moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from syncd.engine.store.desk import Desk
from syncd.engine.store.rejecting import Rejection
from syncd.sandbox.frame.faults import Fault
from tests.e2e.cli.rehearsal import Rehearsal, Story
from tests.e2e.cli.world import ALL

_NOW = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
_LAST = 40
"""More calls of the store than a cycle makes."""


def prepared(folder: Path, sync: Mapping[str, Any], guard: Mapping[str, Any]) -> Rehearsal:
    """Two appointments everywhere, in step."""
    story = Story(
        behaviour={name: {} for name in ALL},
        entered=[(0, frozenset(ALL)), (1, frozenset(ALL))],
        days=[],
        sync=sync,
        guard=guard,
    )
    rehearsal = Rehearsal(story, folder, _NOW)
    rehearsal.happen([])
    assert rehearsal.run(dry_run=False).exit_code == 0
    rehearsal.happen([])
    return rehearsal


def move(rehearsal: Rehearsal, name: str, by: timedelta) -> datetime:
    """Somebody moves the first appointment at a vendor; returns the new start."""
    entry = min(rehearsal.vendors[name].entries.values(), key=lambda entry: entry.start)
    rehearsal.vendors[name].person_edit(entry.id, start=entry.start + by, end=entry.end + by)
    return entry.start + by


def starts(rehearsal: Rehearsal, name: str) -> list[datetime]:
    """When a vendor's standing appointments start."""
    return sorted(e.start for e in rehearsal.vendors[name].entries.values() if e.status == "scheduled")


def acted_during_every_call(
    tmp_path: Path, world: Callable[[Path], Rehearsal], act: Callable[[Desk], object], kept: Callable[[Rehearsal], bool]
) -> None:
    """For each call that a cycle makes of its store: let the act come right before it; two cycles later it counts."""
    for number in range(_LAST):
        (tmp_path / str(number)).mkdir()
        rehearsal = world(tmp_path / str(number))
        acted = rehearsal.run_with_act(number, act)
        for _ in range(2):
            rehearsal.happen([])
            rehearsal.run(dry_run=False)
        if not acted:
            assert number > 5
            return
        assert kept(rehearsal), f"lost before call {number}"
    pytest.fail("a cycle makes more calls than that")


@pytest.mark.parametrize("busy", [False, True])
def test_a_decision_about_a_conflict_counts_whenever_it_comes(tmp_path: Path, busy: bool) -> None:
    """The winner's time is at every vendor, and no conflict is left; also where a write to the same record goes on."""
    wanted = _NOW

    def world(folder: Path) -> Rehearsal:
        nonlocal wanted
        rehearsal = prepared(folder, {"conflict": "manual"}, {})
        move(rehearsal, "crm", timedelta(hours=2))
        wanted = move(rehearsal, "office", timedelta(hours=3))
        assert len(rehearsal.run(dry_run=False).conflicts) == 1
        rehearsal.happen([])
        if busy:
            crm = rehearsal.vendors["crm"]
            first = min(crm.entries.values(), key=lambda entry: entry.start)
            crm.person_edit(first.id, title="Renamed")
            assert rehearsal.run(dry_run=True).writes
        return rehearsal

    def kept(rehearsal: Rehearsal) -> bool:
        return all(wanted in starts(rehearsal, name) for name in ALL) and not rehearsal.desk(Desk.conflicts)

    acted_during_every_call(tmp_path, world, lambda desk: desk.resolve(1, "office"), kept)


def test_an_approval_counts_whenever_it_comes(tmp_path: Path) -> None:
    """What was held is carried out."""

    def world(folder: Path) -> Rehearsal:
        rehearsal = prepared(folder, {}, {"max_cancels": {"count": 0, "percent": 0}})
        crm = rehearsal.vendors["crm"]
        crm.person_cancel(min(crm.entries.values(), key=lambda entry: entry.start).id)
        assert rehearsal.run(dry_run=False).exit_code == 4
        rehearsal.happen([])
        return rehearsal

    def kept(rehearsal: Rehearsal) -> bool:
        return [len(starts(rehearsal, name)) for name in ALL] == [1, 1, 1, 1]

    acted_during_every_call(tmp_path, world, lambda desk: desk.approve([]), kept)


def test_a_rejection_counts_whenever_it_comes(tmp_path: Path) -> None:
    """The cancelled record stands again, and no other was touched."""

    def world(folder: Path) -> Rehearsal:
        rehearsal = prepared(folder, {}, {"max_cancels": {"count": 0, "percent": 0}})
        crm = rehearsal.vendors["crm"]
        crm.person_cancel(min(crm.entries.values(), key=lambda entry: entry.start).id)
        assert rehearsal.run(dry_run=False).exit_code == 4
        rehearsal.happen([])
        return rehearsal

    def rejected(desk: Desk) -> list[Rejection]:
        return desk.reject([entry.operation for entry in desk.held()])

    def kept(rehearsal: Rehearsal) -> bool:
        return [len(starts(rehearsal, name)) for name in ALL] == [2, 2, 2, 2]

    acted_during_every_call(tmp_path, world, rejected, kept)


def test_a_release_from_quarantine_counts_whenever_it_comes(tmp_path: Path) -> None:
    """What was refused is tried again."""

    def world(folder: Path) -> Rehearsal:
        rehearsal = prepared(folder, {}, {})
        wanted = move(rehearsal, "crm", timedelta(hours=2))
        rehearsal.vendors["office"].faults.add(Fault("status", method="PUT", code=400))
        assert rehearsal.run(dry_run=False).exit_code == 3
        rehearsal.happen([])
        assert wanted not in starts(rehearsal, "office")
        return rehearsal

    def kept(rehearsal: Rehearsal) -> bool:
        return len({tuple(starts(rehearsal, name)) for name in ALL}) == 1

    acted_during_every_call(tmp_path, world, lambda desk: desk.release([]), kept)

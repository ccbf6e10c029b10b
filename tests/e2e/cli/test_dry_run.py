"""`syncd --dry-run`: what `--once` right after it does, and nothing is written anywhere."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from tests.e2e.cli import schema
from tests.e2e.cli.command import eventually
from tests.e2e.cli.rehearsal import STORIES, Rehearsal, Story, operations
from tests.e2e.cli.world import HOUR, World, contents

_NOW = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)


@settings(max_examples=settings().max_examples * 3 // 10)
@given(story=STORIES)
def test_a_dry_run_tells_exactly_what_the_cycle_right_after_it_does(story: Story) -> None:
    """The same operations by id, vendor, action, record and values; the same held, conflicts and quarantine.

    And it sends nothing but reads, and leaves every file of the store as it is.
    """
    with TemporaryDirectory() as folder:
        rehearsal = Rehearsal(story, Path(folder), _NOW)
        for day in ([], *story.days):
            rehearsal.happen(day)
            files, written = rehearsal.files(), rehearsal.written()
            dry = rehearsal.run(dry_run=True)
            assert rehearsal.files() == files
            assert rehearsal.written() == written
            done = rehearsal.run(dry_run=False)
            for held in (False, True):
                assert operations(dry, held=held) == operations(done, held=held)
            assert dry.conflicts == done.conflicts
            fresh = {step.operation.id for step in done.steps if step.outcome.value == "quarantined"}
            assert {q.key for q in dry.quarantined} == {q.key for q in done.quarantined} - fresh
            assert dry.exit_code == done.exit_code or done.exit_code == 3


def test_the_command_itself_tells_what_it_will_do(world: World) -> None:
    """`syncd --dry-run`, then `syncd --once`: equal but for the reasons, which may tell the time."""
    told = ("id", "vendor", "action", "appointment", "summary", "changes")
    world.book(0, 1, 2, at=("crm", "site"))
    world.book(3, at=("office",))
    for happens in (lambda: None, lambda: world.move("site", 1, HOUR), lambda: world.cancel("crm", 2)):
        happens()
        dry = world.syncd("--dry-run", "--report", "json")
        done = world.syncd("--once", "--report", "json")
        schema.check(dry.report)
        assert (dry.code, done.code) == (0, 0)
        planned, carried_out = dry.report["operations"], done.report["operations"]
        assert planned
        assert [[o[key] for key in told] for o in planned] == [[o[key] for key in told] for o in carried_out]
        assert {o["outcome"] for o in planned} == {"planned"}
        assert {o["outcome"] for o in carried_out} == {"done"}
        known = [(o["id"], o["remote_id"]) for o in planned if o["action"] != "create"]
        assert known == [(o["id"], o["remote_id"]) for o in carried_out if o["action"] != "create"]
        assert all(o["remote_id"] is None for o in planned if o["action"] == "create")


def test_a_dry_run_on_no_store_makes_none(world: World) -> None:
    """The first thing that a careful operator runs leaves nothing behind."""
    world.book(0, at=("crm",))
    before = contents(world.folder)
    done = world.syncd("--dry-run")
    assert done.code == 0
    assert "planned: create at book" in done.out
    assert contents(world.folder) == before
    assert world.asked_to_write == []


def test_a_dry_run_leaves_a_store_as_it_is_even_one_that_was_left_in_the_middle(world: World) -> None:
    """Bytes, times and the folder's list are the same, also where a killed daemon left a write-ahead log."""
    world.book(0, 1)
    daemon = world.daemon()
    eventually(lambda: daemon.said("cycle_finished"))
    daemon.stop(signal.SIGKILL)
    assert (world.state.parent / "state.db-wal").exists()
    world.move("crm", 0)
    before, written = contents(world.folder), list(world.asked_to_write)
    dry = world.syncd("--dry-run", "--report", "json")
    assert len(dry.report["operations"]) == 3
    assert contents(world.folder) == before
    assert world.asked_to_write == written
    done = world.syncd("--once", "--report", "json")
    assert [o["id"] for o in done.report["operations"]] == [o["id"] for o in dry.report["operations"]]


def test_a_dry_run_implies_once_and_takes_no_lock(world: World) -> None:
    """It can be read while the daemon runs, and ends by itself."""
    world.book(0)
    daemon = world.daemon()
    eventually(lambda: daemon.said("cycle_finished"))
    assert world.syncd("--dry-run").code == 0
    assert world.syncd("--once", "--dry-run").code == 0
    assert daemon.stop().code == 0


@pytest.mark.parametrize(("fails", "code"), [(False, 4), (True, 3)])
def test_a_dry_run_ends_with_the_codes_of_a_cycle(world: World, fails: bool, code: int) -> None:
    """4 where something would be held, 3 where a vendor cannot be read, and 3 before 4."""
    world.configure(guard={"max_cancels": {"count": 0, "percent": 0}})
    world.book(0, 1)
    assert world.syncd("--once").code == 0
    world.cancel("crm", 0)
    if fails:
        world.fault("site", "status", code=403)
    dry = world.syncd("--dry-run", "--report", "json")
    schema.check(dry.report)
    assert (dry.code, dry.report["exit_code"]) == (code, code)
    assert dry.report["summary"]["held"] == (2 if fails else 3)
    assert world.syncd("--once").code == code

"""`timezone` is another one: what an operator sees, and how the question is answered for all records at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.e2e.cli import schema
from tests.e2e.cli.world import HOUR, World

EARLIER = timedelta(hours=-3)
NEW_YORK = {"office": {"timezone": "America/New_York"}}


@pytest.fixture
def shifted(world: World) -> World:
    """Eight appointments everywhere, until the office gets another zone in the configuration."""
    world.book(*range(8))
    assert world.syncd("--once").code == 0
    world.configure(options=NEW_YORK)
    return world


def test_another_zone_moves_nothing_and_ends_with_four(shifted: World) -> None:
    """Nor does a second cycle, and the report says what to do."""
    writes = shifted.writes
    for how in ("--dry-run", "--once", "--once"):
        done = shifted.syncd(how, "--report", "json")
        schema.check(done.report)
        assert (done.code, done.report["operations"]) == (4, [])
    assert shifted.writes == writes
    text = shifted.syncd("--once").out
    assert "office: its zone changed, or all of it was moved. Nothing is written there" in text
    assert "8 open conflicts: 'syncd conflicts' lists them" in shifted.syncd("status").out


@pytest.mark.parametrize(("winner", "vendors"), [("crm", {"office"}), ("office", {"crm", "book", "site"})])
def test_one_command_says_whose_times_are_right_and_a_dry_run_shows_what_follows(
    shifted: World, winner: str, vendors: set[str]
) -> None:
    """Those that had their times from the others are corrected, and only those."""
    assert shifted.syncd("--once").code == 4
    decided = shifted.syncd("conflicts", "resolve", "--zone-data", "--winner", winner)
    assert (decided.code, decided.out.count(f"is decided for {winner}")) == (0, 8)
    plan = shifted.syncd("--dry-run", "--report", "json").report["operations"]
    assert {one["vendor"] for one in plan} == vendors
    assert {one["action"] for one in plan} == {"reschedule"}
    before = shifted.starts("crm")
    assert shifted.syncd("--once").code == 0
    moved = [start + EARLIER for start in before]
    assert shifted.starts("crm") == (moved if winner == "office" else before)
    assert shifted.once()["operations"] == []


def test_what_a_vendor_shows_otherwise_all_at_once_ends_with_four(world: World) -> None:
    """Five of five, by an hour: nobody is believed to have done that before somebody says so."""
    world.book(*range(5))
    assert world.syncd("--once").code == 0
    writes = world.writes
    for number in range(5):
        world.move("site", number, HOUR)
    done = world.syncd("--once")
    assert (done.code, world.writes) == (4, writes)
    assert "site: 5 of its 5 records moved by +1 hours at once" in done.out

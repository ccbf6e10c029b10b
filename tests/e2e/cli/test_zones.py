"""`timezone` is another one: what an operator sees, and how the question is answered for all records at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.e2e.cli import schema
from tests.e2e.cli.command import typed
from tests.e2e.cli.world import HOUR, World, contents

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
    assert "office: its zone changed, or all of it was moved. No time is written there" in text
    assert "8 open conflicts: 'syncd conflicts' lists them" in shifted.syncd("status").out


@pytest.mark.parametrize(("winner", "vendors"), [("crm", {"office"}), ("office", {"crm", "book", "site"})])
def test_one_command_says_whose_times_are_right_and_shows_what_follows_first(
    shifted: World, winner: str, vendors: set[str]
) -> None:
    """Nothing is decided before that; then exactly what was shown is written, and the guard does not ask once more."""
    shifted.configure(guard={"max_changes": {"count": 2, "percent": 1}})
    assert shifted.syncd("--once").code == 4
    before, kept = shifted.starts("crm"), contents(shifted.state.parent)
    asked = ("conflicts", "resolve", "--zone-data", "--winner", winner)
    shown = shifted.syncd(*asked)
    assert (shown.code, shown.out.splitlines()[-1]) == (0, "nothing was changed: the same with --yes does it")
    assert contents(shifted.state.parent) == kept
    planned = [line.split()[3] for line in shown.out.splitlines() if line.startswith("  planned: move at ")]
    assert set(planned) == vendors
    assert len(planned) == 8 * len(vendors)
    decided = shifted.syncd(*asked, "--yes")
    assert (decided.code, decided.out.count(f"is decided for {winner}")) == (0, 8)
    report = shifted.once()
    assert (report["exit_code"], {one["outcome"] for one in report["operations"]}) == (0, {"done"})
    assert sorted(one["vendor"] for one in report["operations"]) == sorted(planned)
    moved = [start + EARLIER for start in before]
    assert shifted.starts("crm") == (moved if winner == "office" else before)
    assert shifted.once()["operations"] == []


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_where_nobody_moved_anything_each_keeps_the_time_that_it_came_with(world: World, answer: str) -> None:
    """Three came from the office, and go with its clock; three from the CRM, and are put right at the office."""
    world.book(0, 1, 2, at=("office",))
    world.book(3, 4, 5, at=("crm",))
    assert world.syncd("--once").code == 0
    world.configure(options=NEW_YORK)
    assert world.syncd("--once").code == 4
    before = world.starts("crm")
    with typed(answer) as terminal:
        done = world.syncd("conflicts", "resolve", "--zone-changed", "office", terminal=terminal)
    assert (done.code, done.out.count("to decide for office"), done.out.count("to decide for crm")) == (0, 3, 3)
    assert "[y/N]" in done.err
    # What will be written stands there before the question: three go with the office, three are put right there.
    planned = sorted(line.split()[3] for line in done.out.splitlines() if line.startswith("  planned: move at "))
    assert planned == sorted([*("crm", "book", "site") * 3, *("office",) * 3])
    assert world.syncd("--once").code == (0 if answer == "yes" else 4)
    right = sorted([*(start + EARLIER for start in before[:3]), *before[3:]])
    assert world.starts("crm") == world.starts("site") == (right if answer == "yes" else before)


def test_what_nothing_tells_stays_a_question(shifted: World) -> None:
    """All eight were entered at every vendor: no time came from anywhere, and each is a person's to decide."""
    assert shifted.syncd("--once").code == 4
    left = shifted.syncd("conflicts", "resolve", "--zone-changed", "office", "--yes")
    assert (left.code, left.out.count("left open: "), left.out.count("--winner VENDOR'")) == (0, 8, 8)
    assert "8 open conflicts" in shifted.syncd("status").out


def test_an_answer_that_cannot_be_planned_is_not_given(shifted: World) -> None:
    """A vendor cannot be read; of another name there is none; and two answers at once are none."""
    assert shifted.syncd("--once").code == 4
    shifted.fault("site", "html", operation="list")
    refused = shifted.syncd("conflicts", "resolve", "--zone-data", "--winner", "crm", "--yes")
    assert (refused.code, "site was not wholly read" in refused.told, refused.out) == (2, True, "")
    unknown = shifted.syncd("conflicts", "resolve", "--zone-changed", "offce")
    assert (unknown.code, "did you mean office?" in unknown.told) == (2, True)
    for arguments in (["--zone-data"], ["--zone-changed", "office", "--winner", "crm"], ["--zone-data", "1"], []):
        assert shifted.syncd("conflicts", "resolve", *arguments).code == 2
    assert "8 open conflicts" in shifted.syncd("status").out


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

"""`syncd approve`: what looks like an accident waits for an operator, and nothing else does."""

from __future__ import annotations

import pytest

from tests.e2e.cli import schema
from tests.e2e.cli.command import eventually
from tests.e2e.cli.world import ALL, World

_MANY = range(14)
_CANCELLED = range(11)


@pytest.fixture
def emptied(world: World) -> World:
    """Fourteen appointments everywhere, eleven of which somebody has cancelled at the CRM."""
    world.book(*_MANY)
    assert world.syncd("--once").code == 0
    world.cancel("crm", *_CANCELLED)
    return world


def test_a_mass_cancellation_is_held_until_it_is_approved(emptied: World) -> None:
    """More than 10 and more than 20 %: exit 4, exit 4 again, then `approve`, and exit 0."""
    moved = emptied.move("book", 12)
    emptied.book(20, at=("site",))
    first = emptied.syncd("--once", "--report", "json")
    schema.check(first.report)
    assert first.code == 4
    held = [o for o in first.report["operations"] if o["outcome"] == "held"]
    assert {(o["vendor"], o["action"]) for o in held} == {(name, "cancel") for name in ALL[1:]}
    assert len(held) == 3 * len(_CANCELLED)
    assert all("guard.max_cancels" in o["error"] for o in held)
    assert all(moved in emptied.starts(name) for name in ALL)
    assert [len(emptied.starts(name)) for name in ALL] == [4, 15, 15, 15]

    cancelled_last = emptied.cancel, ("office", 13)
    cancelled_last[0](*cancelled_last[1])
    again = emptied.syncd("--once", "--report", "json")
    assert again.code == 4
    assert {o["id"] for o in again.report["operations"] if o["outcome"] == "held"} >= {o["id"] for o in held}

    approved = emptied.syncd("approve")
    assert approved.code == 0
    assert approved.out.count("released ") == again.report["summary"]["held"]
    assert emptied.syncd("approve").out == "nothing is held that is not released already\n"
    done = emptied.syncd("--once", "--report", "json")
    assert (done.code, done.report["summary"]["held"]) == (0, 0)
    assert emptied.in_step()
    assert emptied.syncd("--once", "--report", "json").report["operations"] == []


def test_eleven_of_many_are_no_accident(world: World) -> None:
    """Beyond the count but within the percentage: carried out at once."""
    world.configure(guard={"max_cancels": {"percent": 80}})
    world.book(*_MANY)
    assert world.syncd("--once").code == 0
    world.cancel("crm", *_CANCELLED)
    assert world.syncd("--once").code == 0
    assert world.in_step()


def test_single_operations_can_be_approved_by_the_start_of_their_id(emptied: World) -> None:
    """Exactly those are carried out; the rest stays held, exit 4; an unknown id is wrong usage and releases nothing."""
    held = emptied.once()["operations"]
    chosen = next(o for o in held if o["vendor"] == "site")
    wrong = emptied.syncd("approve", chosen["id"][:12], "nonesuch")
    assert (wrong.code, "nonesuch" in wrong.told) == (2, True)
    some = emptied.syncd("approve", chosen["id"][:12])
    assert some.out.startswith(f"released {chosen['id']}: cancel at site: ")
    done = emptied.syncd("--once", "--report", "json")
    assert done.code == 4
    assert [o["id"] for o in done.report["operations"] if o["outcome"] == "done"] == [chosen["id"]]
    assert [len(emptied.starts(name)) for name in ALL] == [3, 14, 14, 13]


def test_approving_works_while_the_daemon_holds_the_lock(emptied: World) -> None:
    """The daemon takes the approval up in its next cycle."""
    emptied.configure(sync={"interval": "0.2s"})
    daemon = emptied.daemon()
    eventually(lambda: '"held": 33' in daemon.err)
    assert emptied.syncd("approve").code == 0
    eventually(emptied.in_step, "the cancellations")
    assert daemon.stop().code == 0
    assert emptied.syncd("--once").code == 0


def test_a_vendor_that_lists_nothing_cancels_nothing(world: World) -> None:
    """An emptied account, even with the vendor's own word for each record, waits for an operator."""
    world.book(0, 1, 2)
    assert world.syncd("--once").code == 0
    world.vendors["office"].faults.clear()
    for entry in list(world.vendors["office"].entries):
        world.vendors["office"].person_delete(entry)
    assert world.syncd("--once").code == 4
    assert [len(world.starts(name)) for name in ALL] == [3, 3, 0, 3]


def test_what_is_held_can_be_looked_at_before_it_is_released(emptied: World) -> None:
    """`approve --list` names each operation and why it is held, and releases none."""
    assert emptied.syncd("approve", "--list").out == "nothing is held\n"
    held = [o for o in emptied.once()["operations"] if o["outcome"] == "held"]
    shown = emptied.syncd("approve", "--list")
    assert shown.code == 0
    assert all(f"{o['id']}  held: cancel at {o['vendor']}: {o['summary']}\n" in shown.out for o in held)
    assert shown.out.count("(guard.max_cancels)") == len(held)
    assert emptied.syncd("approve", "--list", held[0]["id"]).code == 2
    assert emptied.once()["summary"]["held"] == len(held)
    emptied.syncd("approve", held[0]["id"])
    assert f"{held[0]['id']}  released at " in emptied.syncd("approve", "--list").out

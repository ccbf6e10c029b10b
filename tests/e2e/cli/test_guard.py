"""`syncd approve`: what looks like an accident waits for an operator, and nothing else does."""

from __future__ import annotations

import os
import pwd
import re
from dataclasses import replace

import pytest

from syncd.model.wallclock import WallClock
from tests.e2e.cli import schema
from tests.e2e.cli.command import eventually, typed
from tests.e2e.cli.world import ALL, HOUR, World, start_of

_MANY = range(14)
_CANCELLED = range(11)
OFFICE = "America/Los_Angeles"
"""The office's zone, and that in which people read a time of a vendor without one."""


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

    approved = emptied.syncd("approve", "--all")
    assert approved.code == 0
    assert approved.out.count("released ") == again.report["summary"]["held"]
    assert emptied.syncd("approve", "--all").out == "nothing is held that is not released already\n"
    done = emptied.syncd("--once", "--report", "json")
    assert (done.code, done.report["summary"]["held"]) == (0, 0)
    assert emptied.in_step()
    assert emptied.syncd("--once", "--report", "json").report["operations"] == []


def test_eleven_of_many_are_no_accident(world: World) -> None:
    """Beyond the count but within the percentage, and less than half: carried out at once."""
    world.configure(guard={"max_cancels": {"percent": 50}})
    world.book(*range(24))
    assert world.syncd("--once").code == 0
    world.cancel("office", *_CANCELLED)  # which itself deletes: at the others less than half is no accident
    assert world.syncd("--once").code == 0
    assert world.in_step()


def test_single_operations_can_be_approved_by_the_start_of_their_id(emptied: World) -> None:
    """Exactly those are carried out; the rest stays held, exit 4; an unknown id is wrong usage and releases nothing."""
    held = emptied.once()["operations"]
    chosen = next(o for o in held if o["vendor"] == "site")
    wrong = emptied.syncd("approve", chosen["id"][:12], "nonesuch")
    assert wrong.code == 2
    assert "no held operations start with 'nonesuch'; 'syncd approve --list' shows them with their ids" in wrong.told
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
    assert emptied.syncd("approve", "--all").code == 0
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
    listed = emptied.syncd("approve", "--list").out
    assert re.search(rf"{held[0]['id']}  released at \S+ by {pwd.getpwuid(os.getuid()).pw_name}: ", listed)


def ids(world: World, *, vendor: str | None = None) -> list[str]:
    """What is held and not released, at one vendor or all."""
    found = re.findall(r"^(\w+)  held: \w+ at (\w+):", world.syncd("approve", "--list").out, re.MULTILINE)
    return [key for key, at in found if vendor in (None, at)]


def test_approve_releases_nothing_that_nobody_named(emptied: World) -> None:
    """Without a terminal: all is listed, exit 2, and the way out; also where nothing is held."""
    assert emptied.syncd("approve").code == 2
    emptied.once()
    listed = emptied.syncd("approve", "--list").out
    refused = emptied.syncd("approve")
    assert (refused.code, refused.out) == (2, listed)
    assert "nothing was released: name operations or vendors, or --all" in refused.told
    assert len(ids(emptied)) == 3 * len(_CANCELLED)
    assert emptied.syncd("approve", "--all", "book").code == 2


@pytest.mark.parametrize(("answer", "released"), [("y", 33), ("n", 0), ("", 0), ("all", 0)])
def test_approve_asks_on_a_terminal(emptied: World, answer: str, released: int) -> None:
    """What is held is shown first; only a yes releases it."""
    emptied.once()
    listed = emptied.syncd("approve", "--list").out
    with typed(answer) as terminal:
        done = emptied.syncd("approve", terminal=terminal)
    assert (done.code, done.out.startswith(listed)) == (0, True)
    assert "Release these 33 operations? [y/N]" in done.err
    assert done.out.count("\nreleased ") == released
    assert done.out.endswith("nothing was released\n") is not bool(released)
    assert len(ids(emptied)) == 33 - released


def test_what_is_held_at_a_vendor_can_be_approved_by_its_name(emptied: World) -> None:
    """All of it, and nothing else; who released it stands in the report of what is done."""
    emptied.once()
    done = emptied.syncd("approve", "site", environ={"SYNCD_OPERATOR": "ann"})
    assert (done.code, done.out.count("released ")) == (0, len(_CANCELLED))
    assert " by ann: cancel at site: " in emptied.syncd("approve", "--list").out
    report = emptied.once()
    carried_out = [o for o in report["operations"] if o["outcome"] == "done"]
    assert {o["vendor"] for o in carried_out} == {"site"}
    assert all(re.search(r"; released by ann on \S+ \S+ UTC$", o["reason"]) for o in carried_out)
    assert "; released by ann on " in emptied.syncd("explain", carried_out[0]["appointment"]).out
    assert [len(emptied.starts(name)) for name in ALL] == [3, 14, 14, 3]
    assert (emptied.syncd("approve", "site").out, emptied.syncd("approve", "sote").code) == (
        "nothing is held that is not released already\n",
        2,
    )


def test_in_a_small_account_seven_of_eight_are_held(world: World) -> None:
    """Cancelled at one vendor, or deleted: none is cancelled at two others, or deleted at a third."""
    world.book(*range(8))
    assert world.syncd("--once").code == 0
    for number in range(7):
        world.vendors["office"].person_delete(world.entry("office", number).id)
    report = world.once()
    assert report["exit_code"] == 4
    assert {(o["vendor"], o["outcome"]) for o in report["operations"]} == {(n, "held") for n in ("crm", "book", "site")}
    assert [len(world.starts(name)) for name in ALL] == [8, 8, 1, 8]


def test_one_or_two_are_never_held_for_their_share(world: World) -> None:
    """Both of two, also at the vendor that deletes for good."""
    world.book(0, 1)
    assert world.syncd("--once").code == 0
    world.cancel("crm", 0, 1)
    assert world.syncd("--once").code == 0
    assert [len(world.starts(name)) for name in ALL] == [0, 0, 0, 0]


def test_a_quarter_is_held_where_a_cancellation_deletes(world: World) -> None:
    """Three of twelve: held at the office alone, which deletes for good."""
    world.book(*range(12))
    assert world.syncd("--once").code == 0
    world.cancel("crm", 0, 1, 2)
    report = world.once()
    assert [o["vendor"] for o in report["operations"] if o["outcome"] == "held"] == ["office"] * 3
    assert "3 cancellations at office in one cycle, of 12 live records: at least 3 and at least 25 %" in str(report)
    assert [len(world.starts(name)) for name in ALL] == [9, 9, 12, 9]


def test_the_reason_outlives_the_count(emptied: World) -> None:
    """Eleven were held; nine are scheduled again at the CRM: the two that are left say of how many they were."""
    emptied.once()
    for number in list(_CANCELLED)[:9]:
        emptied.vendors["crm"].person_edit(emptied.entry("crm", number).id, status="scheduled")
    report = emptied.once()
    held = [o for o in report["operations"] if o["outcome"] == "held"]
    assert len(held) == 6
    assert all(o["error"].startswith(f"11 cancellations at {o['vendor']} in one cycle, of 14 live") for o in held)
    listed = emptied.syncd("approve", "--list").out
    assert listed.count("    11 cancellations at ") == 6
    assert listed.count("(guard.max_cancels)") == 6


def test_what_is_held_names_the_appointment_by_the_clock_on_the_wall_and_what_changes(world: World) -> None:
    """The client, the local time, and the e-mail address that is another: in the list and in every report."""
    world.configure(guard={"max_changes": {"count": 0, "percent": 0}})
    world.book(0)
    assert world.syncd("--once").code == 0
    entry = world.entry("office", 0)
    [one] = entry.people
    world.vendors["office"].person_edit(entry.id, people=[replace(one, email="other@example.com")])
    report = world.once()
    [held] = [o for o in report["operations"] if o["vendor"] == "book"]
    names = [f"First0 Last0, e-mail {email}" for email in ("client0@example.com", "other@example.com")]
    assert held["changes"]["clients"] == [[name] for name in names]
    local = WallClock("America/Los_Angeles").local(start_of(0))
    assert f"({local:%a %Y-%m-%d %H:%M}–{local + HOUR / 2:%H:%M} America/Los_Angeles)" in held["summary"]
    listed, text = world.syncd("approve", "--list").out, world.syncd("--once").out
    for shown in (listed, text):
        assert f"clients: {names[0]} → {names[1]}\n" in shown
        assert held["summary"] in shown
    assert "other@example.com" in world.syncd("--once", "--report", "html").out


@pytest.mark.parametrize("what", ["cancel", "reschedule"])
def test_a_held_cancel_or_move_names_the_client_and_the_times_by_the_clock_on_the_wall(world: World, what: str) -> None:
    """Whose it is and when, in the zone of its vendor, if that has one; of a move when it was and when it would be."""
    world.configure(guard={key: {"count": 0, "percent": 0} for key in ("max_cancels", "max_changes")})
    world.book(0)
    assert world.syncd("--once").code == 0
    if what == "cancel":
        world.cancel("crm", 0)
    else:
        world.move("crm", 0, HOUR)
    assert world.syncd("--once").code == 4
    listed = world.syncd("approve", "--list").out
    for name, zone in (("book", OFFICE), ("office", OFFICE), ("site", "Europe/Belgrade")):
        [line] = [line for line in listed.splitlines() if f"  held: {what} at {name}: " in line]
        assert "First0 Last0" in line
        starts = [
            WallClock(zone).local(start_of(0) + by) for by in (0 * HOUR, HOUR)[: 2 if what == "reschedule" else 1]
        ]
        times = [f"{start:%a %Y-%m-%d %H:%M}–{start + HOUR / 2:%H:%M}" for start in starts]
        assert f"({' → '.join(times)} {zone})" in line

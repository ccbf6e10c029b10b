"""`syncd status`, `history` and `explain`: what happened, and why."""

from __future__ import annotations

import os

import pytest

import syncd_state
from syncd import config
from syncd.cli.desk import desk_of
from syncd.compare.phones import same_number
from tests.e2e.cli.world import HOUR, World, contents


def test_status_tells_of_the_last_cycle_and_of_what_waits(world: World) -> None:
    """Before any cycle it says so; after one, each vendor's listing and everything that needs somebody."""
    empty = world.syncd("status")
    assert (empty.code, empty.out.splitlines()[0]) == (0, "no cycle has run on this store yet")
    world.configure(guard={"max_cancels": {"count": 0, "percent": 0}}, sync={"conflict": "manual"})
    world.book(0, 1, 2)
    assert world.syncd("--once").code == 0
    calm = world.syncd("status").out
    assert "3 appointments (0 ended, 0 waiting for work), 12 live records" in calm
    assert calm.count("listed completely at ") == 4
    world.cancel("crm", 0)
    world.move("crm", 1)
    world.move("office", 1, 2 * HOUR)
    world.book(3, at=("crm",))
    world.fault("site", "status", operation="create", code=409)
    report = world.once()
    busy = world.syncd("status").out
    assert f"last cycle {report['cycle']} began" in busy
    assert "with exit 3" in busy
    assert "3 operations held: 'syncd approve --list'" in busy
    assert "1 in quarantine: 'syncd quarantine'" in busy
    assert "1 open conflicts: 'syncd conflicts'" in busy


def test_status_dates_no_listing_that_the_clock_has_overtaken(world: World) -> None:
    """After the clock was set back, nothing is known of when a vendor was listed until it is listed again."""
    world.book(0)
    assert world.syncd("--once").code == 0
    store = syncd_state.open_store(f"sqlite:///{world.state}")
    with store.write() as tx:
        tx.forget_moments()
    store.close()
    assert world.syncd("status").out.count(": listed completely before the clock was set back, 1 records") == 4
    assert world.syncd("--once").code == 0
    assert world.syncd("status").out.count("listed completely at ") == 4


def test_history_has_a_line_for_each_cycle_newest_first(world: World) -> None:
    """With its exit code and what it did, also where a vendor could not be read."""
    world.book(0, at=("crm",))
    first = world.once()["cycle"]
    world.fault("office", "html", operation="list", times=1)
    second = world.once()["cycle"]
    third = world.once()["cycle"]
    lines = world.syncd("history").out.splitlines()
    assert [line.split()[1] for line in lines] == [third, second, first]
    assert [line.split("  ")[2] for line in lines] == [
        "exit 0: nothing to do",
        "exit 3: office not wholly read",
        "exit 0: 3 create",
    ]
    assert len(world.syncd("history", "--count", "2").out.splitlines()) == 2
    world.fault("office", "html", operation="list", times=3)
    for _ in range(3):
        world.once()
    lines = world.syncd("history").out.splitlines()
    assert [line.split("  ")[2] for line in lines] == [
        "exit 3: office not wholly read",
        "exit 3: as the cycle before it",
        "exit 3: office not wholly read",
        "exit 0: nothing to do",
        "exit 3: office not wholly read",
        "exit 0: 3 create",
    ]
    assert world.syncd("history", "-n", "0").code == 2


def test_a_dry_run_is_no_cycle_of_the_history(world: World) -> None:
    """It leaves no trace."""
    world.syncd("--dry-run")
    assert world.syncd("history").out == ""


def test_explain_finds_an_appointment_by_its_id_its_start_or_a_record(world: World) -> None:
    """The same account each time: values with their reasons, every record, every operation."""
    world.book(0, 1, at=("crm",))
    world.once()
    moved = world.move("site", 0)
    [move, *_] = world.once()["operations"]
    name = move["appointment"]
    told = world.syncd("explain", name).out
    assert told.startswith(f"appointment {name}: Visit 0, First0 Last0, ")
    assert f"slot is {moved:%Y-%m-%d %H:%M}" in told
    assert "site moved it from" in told
    for vendor in world.vendors:
        assert f"  at {vendor} [{world.entry(vendor, 0).id}]: {moved:%Y-%m-%d %H:%M}" in told
    assert told.count(" create at ") == told.count(" reschedule at ") == 3
    for asked in (name[:8], f"crm:{world.entry('crm', 0).id}", f"site:{world.entry('site', 0).id}"):
        assert world.syncd("explain", asked).out == told


def test_explain_shows_conflicts_and_quarantine(world: World) -> None:
    """Who won, and what is left alone since when."""
    world.book(0)
    world.once()
    world.move("crm", 0)
    world.move("book", 0, 2 * HOUR)
    world.fault("site", "status", operation="reschedule", code=409)
    world.fault("site", "status", operation="update", code=409)
    world.once()
    told = world.syncd("explain", f"crm:{world.entry('crm', 0).id}").out
    assert "conflict about slot: crm won (priority)" in told
    assert "in quarantine at site since " in told


@pytest.mark.parametrize("filled", [False, True])
def test_explaining_what_is_not_there_is_wrong_usage(world: World, filled: bool) -> None:
    """Exit 2 and the way out, on an empty store as on a full one."""
    if filled:
        world.book(0, at=("crm",))
        world.once()
    for asked, words in {
        "00000000-0000-0000-0000-000000000000": "no appointment starts with",
        "crm:00": "no appointment has the record 00 of crm",
        "nobody:1": "no appointment has the record 1 of nobody",
        "abc": "too short",
        "": "too short",
        "%%%%": "no appointment starts with",
    }.items():
        done = world.syncd("explain", asked)
        assert (done.code, done.out, done.events) == (2, "", [])
        assert words in done.told
        assert "VENDOR:REMOTE_ID" in done.told
        assert "'--report json'" in done.told


@pytest.mark.parametrize("filled", [False, True])
def test_looking_makes_no_store_and_changes_none(world: World, filled: bool) -> None:
    """Looking is safe at any time."""
    if filled:
        world.book(0, at=("crm",))
        world.once()
    before = contents(world.folder)
    for arguments in (["status"], ["history"], ["conflicts"], ["quarantine"], ["explain", "abcdef"], ["check"]):
        assert world.syncd(*arguments).code in (0, 2)
        assert contents(world.folder) == before


def test_status_says_which_vendor_the_last_cycle_could_not_read(world: World) -> None:
    """With the reason: nobody has to look for the report at night."""
    world.book(0, at=("crm",))
    world.fault("office", "status", code=503)
    world.once()
    assert (
        "  office was not wholly read then (failed): office: GET /appointments: answered 503"
        in world.syncd("status").out
    )


def test_whoever_decides_reads_numbers_by_the_configured_region(world: World) -> None:
    """As a cycle does; outside of it nothing says which country is meant."""
    world.configure(sync={"region": "DE"})
    world.book(0)
    assert world.syncd("--once").code == 0
    two = ("0151 12345678", "+49 151 12345678")
    with desk_of(config.load(world.config, os.environ)):
        assert same_number(*two)
    assert same_number(*two) is None

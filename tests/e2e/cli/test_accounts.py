"""`syncd account` and `moved`: whose records the store has, and what is done when another account is opened."""

from __future__ import annotations

import pytest

import syncd_state
from syncd.sandbox.acuity.server import Acuity
from syncd_state import columns
from tests.e2e.cli import schema
from tests.e2e.cli.command import eventually
from tests.e2e.cli.world import ALL, HOUR, World, person


@pytest.fixture
def changed(world: World) -> World:
    """Six appointments everywhere; then the booking page's user id is another account's, which has none of them."""
    world.book(*range(6))
    assert world.syncd("--once").code == 0
    book = world.vendors["book"]
    assert isinstance(book, Acuity)
    book.entries.clear()
    book.forget_rows()
    book.user_id, book.api_key = "99000111", "7c" * 16
    world.configure()
    return world


def test_another_user_id_ends_with_three_and_says_what_to_do(changed: World) -> None:
    """Nothing is written to anybody, whether the run is dry or not; the log says it as well, and no secret is in it."""
    writes = changed.writes
    for how in ("--dry-run", "--once"):
        done = changed.syncd(how, "--report", "json")
        report = done.report
        schema.check(report)
        assert (done.code, report["operations"], report["conflicts"]) == (3, [], [])
        [book] = [one for one in report["vendors"] if one["name"] == "book"]
        assert (book["snapshot"], book["requests"]) == ("failed", 1)
        assert "'syncd account moved book'" in book["error"]
        assert "account_in_doubt" in done.err
        assert "99000111" not in done.err + done.out
    assert changed.writes == writes
    assert "book was not wholly read then (failed): book: it opens " in changed.syncd("status").out


def test_the_accounts_are_listed_with_what_the_configuration_says_now(changed: World) -> None:
    """One line for each vendor; where the two differ, both are there."""
    lines = changed.syncd("account").out.splitlines()
    assert [line.partition(":")[0] for line in lines] == list(ALL)
    assert [line.count("(account ") for line in lines] == [1, 2, 1, 1]
    assert "; the configuration says " in lines[1]


def test_before_any_cycle_no_account_is_known(world: World) -> None:
    """And none can have moved."""
    assert world.syncd("account").out.count("no account is known yet") == 4
    done = world.syncd("account", "moved", "book")
    assert (done.code, done.out) == (2, "")
    assert "no record of book is known" in done.err


def test_appointments_that_moved_are_linked_anew_and_made_where_they_lack(changed: World) -> None:
    """Two are in the new account already, by other ids; the next cycle makes the other four, and none twice."""
    assert changed.syncd("--once").code == 3
    changed.book(0, 1, at=("book",))
    moved = changed.syncd("account", "moved", "book")
    assert (moved.code, moved.err) == (0, "")
    assert moved.out.startswith("book: 6 records of the account before are set aside.")
    report = changed.once()
    assert (report["exit_code"], report["summary"]["adopt"], report["summary"]["create"]) == (0, 2, 4)
    assert changed.in_step()
    assert len(changed.starts("book")) == 6
    assert changed.once()["operations"] == []
    again = changed.syncd("account", "moved", "book")
    assert (again.code, again.out) == (2, "")
    assert "which its records are of: nothing moved" in again.err


def test_no_vendor_of_another_name_moved(changed: World) -> None:
    """It is wrong usage, and a name that is near is offered."""
    for says in ("moved", "same"):
        done = changed.syncd("account", says, "bock")
        assert (done.code, done.out) == (2, "")
        assert "bock: no vendor has this name; did you mean book?" in done.err


def test_the_same_account_whose_records_are_all_others_now_is_read_once_somebody_says_so(world: World) -> None:
    """An older version's store, and six records that people moved and gave to somebody else: what they did goes on."""
    world.book(*range(6))
    assert world.syncd("--once").code == 0
    store = syncd_state.open_store(f"sqlite:///{world.state}")
    with store.write() as tx:
        tx._delete(columns.ACCOUNT, vendor="site")
    store.close()
    for number in range(6):
        world.move("site", number, HOUR / 4 * (number + 1))
        world.vendors["site"].person_edit(world.entry("site", number).id, people=[person(10 + number)])
    assert world.syncd("--once").code == 3
    said = world.syncd("account", "same", "site")
    assert (said.code, said.out.startswith("site: its records are of 127.0.0.1")) == (0, True)
    assert world.syncd("account", "same", "site").code == 2
    report = world.once()
    assert {one["snapshot"] for one in report["vendors"]} == {"complete"}
    assert {one["vendor"] for one in report["operations"]} == {"crm", "book", "office"}


def test_no_account_moves_while_a_daemon_runs(changed: World) -> None:
    """Its cycle may know of the old one: exit 75, and nothing is set aside."""
    daemon = changed.daemon()
    try:
        eventually(lambda: daemon.said("cycle_finished"))
        done = changed.syncd("account", "moved", "book")
        assert (done.code, done.out) == (75, "")
    finally:
        daemon.stop()

"""`syncd reject`: what was an accident is put back where it was made, and nothing of it goes anywhere."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.e2e.cli.command import eventually, typed
from tests.e2e.cli.world import ALL, HOUR, World, contents, start_of

_EIGHT = range(8)
_SEVEN = range(7)
_STRICT = {name: {"count": 0, "percent": 0} for name in ("max_cancels", "max_changes")}


@pytest.fixture
def strict(world: World) -> World:
    """Two appointments everywhere, and a guard that holds every cancellation and change."""
    world.configure(guard=_STRICT)
    world.book(0, 1)
    assert world.syncd("--once").code == 0
    return world


def held(world: World) -> dict[str, str]:
    """What is held and not released, by vendor."""
    found = re.findall(r"^(\w+)  held: \w+ at (\w+):", world.syncd("approve", "--list").out, re.MULTILINE)
    return {vendor: key for key, vendor in found}


def settled(world: World) -> bool:
    """Whether one cycle puts all vendors in step, asks about nothing, and leaves nothing to do for the next one."""
    first, second = world.once(), world.once()
    return first["exit_code"] == second["exit_code"] == 0 and second["operations"] == [] and world.in_step()


@pytest.mark.parametrize("origin", ALL)
def test_a_mass_cancellation_is_taken_back_where_it_was_made(world: World, origin: str) -> None:
    """Seven of eight: uncancelled, or made anew where the vendor cannot; the guard asks about none of that again."""
    world.book(*_EIGHT)
    assert world.syncd("--once").code == 0
    for number in _SEVEN:
        entry = world.entry(origin, number)
        if origin == "office":
            world.vendors[origin].person_delete(entry.id)
        else:
            world.vendors[origin].person_cancel(entry.id)
    assert world.once()["exit_code"] == 4
    done = world.syncd("reject", "--all", "--yes")
    assert (done.code, done.out.count("\nrejected ")) == (0, 21)
    assert held(world) == {}
    assert settled(world)
    assert [len(world.starts(name)) for name in ALL] == [8, 8, 8, 8]


def test_a_rejection_is_shown_as_a_plan_first(strict: World) -> None:
    """Exit 0, and nothing is changed, neither in the store nor at a vendor; then exactly that is written."""
    strict.cancel("crm", 0)
    strict.once()
    [one, *others] = held(strict).values()
    before, writes = contents(strict.state.parent), strict.writes
    shown = strict.syncd("reject", one[:12])
    assert (shown.code, shown.told) == (0, "")
    assert (contents(strict.state.parent), strict.writes) == (before, writes)
    assert shown.out.startswith(f"to reject {one}: cancel at ")
    assert all(f"as it comes from the same change, {other}: cancel at " in shown.out for other in others)
    assert shown.out.count("  planned: ") == shown.out.count("planned: update at crm [") == 1
    assert "status: cancelled → scheduled" in shown.out
    assert shown.out.endswith("nothing was changed: the same with --yes does it\n")
    assert strict.syncd("reject", one, "--yes").code == 0
    report = strict.once()
    assert [(o["vendor"], o["action"], o["outcome"]) for o in report["operations"]] == [("crm", "update", "done")]
    assert len(strict.starts("crm")) == 2


def test_who_rejected_it_and_when_is_recorded(strict: World) -> None:
    """In the reason of what is written, and in the account of the appointment."""
    strict.move("book", 0)
    strict.once()
    done = strict.syncd("reject", held(strict)["site"], "--yes", environ={"SYNCD_OPERATOR": "ann"})
    assert done.code == 0
    [put_back] = strict.once()["operations"]
    assert re.match(
        r"ann rejected on \S+ \S+ UTC the change of its slot at book: it is as site has it", put_back["reason"]
    )
    told = strict.syncd("explain", put_back["appointment"]).out
    assert "conflict about slot: rejected by ann: it stays as site has it" in told
    assert "because ann rejected on " in told


@pytest.mark.parametrize("origin", ALL)
def test_a_move_is_moved_back(strict: World, origin: str) -> None:
    """From whichever vendor it came."""
    moved = strict.move(origin, 0)
    assert strict.once()["exit_code"] == 4
    assert strict.syncd("reject", next(iter(held(strict).values())), "--yes").code == 0
    assert settled(strict)
    assert (start_of(0) in strict.starts(origin), moved in strict.starts(origin)) == (True, False)


def test_a_client_s_address_is_put_back_and_nothing_else_of_the_client(strict: World) -> None:
    """The office's people changed it; a new phone number elsewhere is not touched by that."""
    entry = strict.entry("office", 0)
    [one] = entry.people
    strict.vendors["office"].person_edit(entry.id, people=[replace(one, email="other@example.com")])
    strict.once()
    shown = strict.syncd("reject", held(strict)["book"])
    assert "clients: First0 Last0, e-mail other@example.com → First0 Last0, e-mail client0@example.com" in shown.out
    assert strict.syncd("reject", held(strict)["book"], "--yes").code == 0
    assert settled(strict)
    [again] = strict.entry("office", 0).people
    assert (again.email, again.first_name) == ("client0@example.com", "First0")


def test_what_was_carried_out_elsewhere_meanwhile_is_taken_back_too(strict: World) -> None:
    """Approved and done at the booking page; then rejected at the site."""
    strict.cancel("crm", 0)
    strict.once()
    strict.syncd("approve", "book")
    strict.once()
    assert [len(strict.starts(name)) for name in ALL] == [1, 1, 2, 2]
    shown = strict.syncd("reject", "site", "--yes")
    assert "planned: update at crm [" in shown.out
    assert "planned: create at book: " in shown.out
    assert settled(strict)
    assert [len(strict.starts(name)) for name in ALL] == [2, 2, 2, 2]


def test_what_cannot_be_put_back_is_refused(strict: World) -> None:
    """The vendor is read-only: exit 2, the reason, and everything is as it was."""
    strict.configure(options={"crm": {"read_only": True}})
    strict.cancel("crm", 0)
    strict.once()
    before = contents(strict.state.parent)
    for arguments in ([], ["--yes"]):
        refused = strict.syncd("reject", "--all", *arguments)
        assert (refused.code, refused.out) == (2, "")
        assert "crm would not take it back: [vendors.crm] is read_only; nothing was changed" in refused.told
    assert contents(strict.state.parent) == before


def test_a_vendor_that_cannot_be_read_takes_nothing_back_now(strict: World) -> None:
    """Nothing is decided that cannot be planned."""
    strict.cancel("crm", 0)
    strict.once()
    strict.fault("crm", "html", operation="list")
    refused = strict.syncd("reject", "--all", "--yes")
    assert (refused.code, len(held(strict))) == (2, 3)
    assert "crm would not take it back: it was not wholly read" in refused.told


def test_wrong_usage_rejects_nothing(strict: World) -> None:
    """Nothing named, both named, an unknown id; and where nothing is held, that is said."""
    assert strict.syncd("reject", "--all").out == "nothing is held\n"
    strict.cancel("crm", 0)
    strict.once()
    for arguments in ([], ["--yes"], ["--all", "book"], ["nonesuch", "--yes"]):
        refused = strict.syncd("reject", *arguments)
        assert (refused.code, "nonesuch" not in arguments or "'syncd approve --list'" in refused.told) == (2, True)
    assert len(held(strict)) == 3


@pytest.mark.parametrize(("answer", "rejected"), [("yes", True), ("no", False)])
def test_reject_asks_on_a_terminal(strict: World, answer: str, rejected: bool) -> None:
    """After the plan; only a yes does it."""
    strict.cancel("crm", 0)
    strict.once()
    with typed(answer) as terminal:
        done = strict.syncd("reject", "--all", terminal=terminal)
    assert (done.code, "[y/N]" in done.err) == (0, True)
    assert (len(held(strict)) == 0) is rejected


def test_rejecting_works_while_the_daemon_holds_the_lock(strict: World) -> None:
    """The daemon takes it up in its next cycle."""
    strict.configure(sync={"interval": "0.2s"})
    daemon = strict.daemon()
    strict.cancel("crm", 0)
    eventually(lambda: '"held": 3' in daemon.err)
    assert strict.syncd("reject", "--all", "--yes").code == 0
    eventually(lambda: len(strict.starts("crm")) == 2 and strict.in_step(), "the record at the CRM")
    assert daemon.stop().code == 0
    assert settled(strict)


def test_records_that_are_missing_without_the_vendor_s_word_are_made_again(world: World) -> None:
    """The office lists nothing any more, and has nothing: asked for by id each is not found, and it is made anew."""
    world.book(0, 1, 2)
    assert world.syncd("--once").code == 0
    for entry in list(world.vendors["office"].entries):
        world.vendors["office"].person_delete(entry)
    assert world.once()["exit_code"] == 4
    shown = world.syncd("reject", "--all", "--yes")
    assert (shown.code, shown.out.count("  planned: create at office: ")) == (0, 3)
    assert settled(world)
    assert [len(world.starts(name)) for name in ALL] == [3, 3, 3, 3]
    known = world.syncd("explain", f"crm:{world.entry('crm', 0).id}").out
    assert re.search(r"conflict about status: rejected by \w+: it stays as", known)


def test_a_record_that_is_there_after_all_is_not_made_twice(world: World) -> None:
    """An empty listing of an account that has everything: there is nothing to put back, and the next cycle sees it."""
    world.book(0, 1, 2)
    assert world.syncd("--once").code == 0
    world.fault("office", "empty_list", operation="list")
    assert world.once()["exit_code"] == 4
    refused = world.syncd("reject", "--all", "--yes")
    assert (refused.code, "is there after all: nothing has to be put back" in refused.told) == (2, True)
    world.vendors["office"].faults.clear()
    assert settled(world)
    assert [len(world.starts(name)) for name in ALL] == [3, 3, 3, 3]


def test_a_revival_can_be_rejected_too(strict: World) -> None:
    """Scheduled again at the CRM by mistake: it is cancelled there once more, and nowhere revived."""
    strict.cancel("crm", 0)
    strict.once()
    strict.syncd("approve", "--all")
    assert strict.once()["exit_code"] == 0
    strict.vendors["crm"].person_edit(strict.entry("crm", 0).id, status="scheduled")
    assert [o["vendor"] for o in strict.once()["operations"] if o["outcome"] == "held"] == ["site"]
    done = strict.syncd("reject", "site", "--yes")
    assert (done.code, done.out.count("  planned: cancel at crm [")) == (0, 1)


def test_all_that_waits_for_one_appointment_is_rejected_where_all_is_named(strict: World) -> None:
    """A move at the booking page and a new address at the office, which other vendors are given in one write."""
    entry = strict.entry("office", 0)
    [one] = entry.people
    strict.vendors["office"].person_edit(entry.id, people=[replace(one, email="other@example.com")])
    strict.move("book", 0, 2 * HOUR)
    assert strict.once()["exit_code"] == 4
    assert strict.syncd("reject", "--all", "--yes").code == 0
    assert settled(strict)
    assert (start_of(0) in strict.starts("book"), [p.email for p in strict.entry("office", 0).people]) == (
        True,
        ["client0@example.com"],
    )


def test_other_held_work_of_the_appointment_stays_held(strict: World) -> None:
    """Its e-mail address changed and it was moved: to reject the move decides nothing about the address."""
    entry = strict.entry("office", 0)
    [one] = entry.people
    strict.vendors["office"].person_edit(entry.id, people=[replace(one, email="other@example.com")])
    strict.move("book", 0, 2 * HOUR)
    report = strict.once()
    moves = [o for o in report["operations"] if "slot" in o["changes"] and "clients" not in o["changes"]]
    assert strict.syncd("reject", moves[0]["id"], "--yes").code == 0
    after = strict.once()
    assert {o["outcome"] for o in after["operations"] if "clients" in o["changes"]} == {"held"}
    assert start_of(0) in strict.starts("book")

"""`syncd conflicts` and `resolve`: what two people changed differently, decided by a third."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.e2e.cli import schema
from tests.e2e.cli.command import eventually
from tests.e2e.cli.world import ALL, HOUR, World


@pytest.fixture
def manual(world: World) -> World:
    """Two appointments everywhere, and the rule that a person decides."""
    world.configure(sync={"conflict": "manual", "cancel_wins": False})
    world.book(0, 1)
    assert world.syncd("--once").code == 0
    return world


def number_of(world: World) -> str:
    """The number of the one open conflict."""
    [line, hint] = world.syncd("conflicts").out.splitlines()
    assert hint.startswith("'syncd conflicts resolve")
    return line.split()[0]


def test_all_of_the_zone_database_is_decided_for_a_vendor_that_there_is(manual: World) -> None:
    """Where there is nothing to decide, that is said; another name is no vendor."""
    none = manual.syncd("conflicts", "resolve", "--zone-data", "--winner", "crm")
    assert (none.code, none.out) == (0, "no open conflict of crm comes from a zone\n")
    wrong = manual.syncd("conflicts", "resolve", "--zone-data", "--winner", "cmr")
    assert (wrong.code, wrong.out) == (2, "")
    assert "cmr: no vendor has this name; did you mean crm?" in wrong.err


@pytest.mark.parametrize("winner", ["crm", "office"])
def test_a_move_against_a_move_waits_and_then_the_chosen_one_is_written(manual: World, winner: str) -> None:
    """Nothing is written for the field until then; after it, every vendor has the winner's time."""
    times = {"crm": manual.move("crm", 0), "office": manual.move("office", 0, 2 * HOUR)}
    writes = manual.writes
    report = manual.once()
    schema.check(report)
    [conflict] = report["conflicts"]
    assert (conflict["field"], conflict["winner"], conflict["rule"]) == ("slot", None, "manual")
    assert set(conflict["values"]) == {"crm", "office"}
    assert manual.writes == writes
    assert manual.syncd("--once").code == 0
    assert manual.writes == writes

    number = number_of(manual)
    shown = manual.syncd("conflicts").out
    assert all(f"{time:%Y-%m-%d}T{time:%H:%M}" in shown for time in times.values())
    decided = manual.syncd("conflicts", "resolve", number, "--winner", winner)
    assert (decided.code, f"is decided for {winner}" in decided.out) == (0, True)
    assert manual.syncd("conflicts").out == "no open conflicts\n"
    assert manual.syncd("--once").code == 0
    assert {times[winner] in manual.starts(name) for name in ALL} == {True}
    assert manual.in_step()
    assert manual.syncd("--once", "--report", "json").report["operations"] == []


@pytest.mark.parametrize(("winner", "stands"), [("book", False), ("crm", True)])
def test_a_cancellation_against_a_move_can_be_decided_either_way(manual: World, winner: str, stands: bool) -> None:
    """The other kind of value: cancelled everywhere, or moved and standing everywhere that can revive it."""
    moved = manual.move("crm", 0)
    manual.cancel("book", 0)
    [conflict] = manual.once()["conflicts"]
    assert conflict["winner"] is None
    assert sorted(conflict["values"]) == ["book", "crm"]
    assert manual.syncd("conflicts", "resolve", number_of(manual), "--winner", winner).code == 0
    assert manual.syncd("--once").code == 0
    assert [moved in manual.starts(name) for name in ALL] == [stands] * 4
    assert manual.in_step()
    assert manual.syncd("--once", "--report", "json").report["operations"] == []


def test_a_conflict_of_earlier_values_is_shown_as_overtaken(manual: World) -> None:
    """It can be decided no more; what it was about can still be read."""
    manual.move("crm", 0)
    manual.move("office", 0, 2 * HOUR)
    [conflict] = manual.once()["conflicts"]
    number = number_of(manual)
    manual.move("office", 0, HOUR)
    assert manual.syncd("--once").code == 0
    assert number_of(manual) != number
    assert manual.syncd("conflicts", "resolve", number, "--winner", "crm").code == 2
    told = [line for line in manual.syncd("explain", conflict["appointment"]).out.splitlines() if "conflict" in line]
    assert [line.rpartition(": ")[2] for line in told] == ["the values changed", "open"]
    assert "overtaken" in told[0]


def test_a_text_against_a_text_can_be_decided(manual: World) -> None:
    """A title as one vendor has it goes to the others that can take one."""
    for name in ("crm", "office"):
        manual.vendors[name].person_edit(manual.entry(name, 1).id, title=f"As {name} calls it")
    assert [c["field"] for c in manual.once()["conflicts"]] == ["title"]
    assert manual.syncd("conflicts", "resolve", number_of(manual), "--winner", "crm").code == 0
    assert manual.syncd("--once").code == 0
    assert manual.entry("office", 1).title == "As crm calls it"
    assert manual.syncd("conflicts").out == "no open conflicts\n"


@pytest.mark.parametrize("winner", ["office", "book"])
def test_a_name_can_be_decided_for_a_vendor_that_shows_no_phone_numbers(manual: World, winner: str) -> None:
    """The phone number that the others have is not emptied by that."""
    phone = manual.entry("book", 1).people[0].phone
    assert phone
    ids = {name: manual.entry(name, 1).id for name in ALL}
    for name in ("office", "book"):
        vendor = manual.vendors[name]
        one = vendor.entries[ids[name]].people[0]
        vendor.person_edit(ids[name], people=[replace(one, first_name=f"As {name} calls her")])
    assert [c["field"] for c in manual.once()["conflicts"]] == ["clients"]
    assert manual.syncd("conflicts", "resolve", number_of(manual), "--winner", winner).code == 0
    assert manual.syncd("--once").code == 0
    shown = {name: manual.vendors[name].entries[ids[name]].people[0] for name in ("office", "book")}
    assert {one.first_name for one in shown.values()} == {f"As {winner} calls her"}
    assert shown["book"].phone == phone
    assert manual.syncd("--once", "--report", "json").report["operations"] == []


@pytest.mark.parametrize("winner", ["office", "book"])
def test_a_text_that_is_a_status_word_stays_a_text(manual: World, winner: str) -> None:
    """Somebody notes "cancelled": nothing is cancelled by that, whoever is right, whether office is there or not."""
    notes = {"office": "cancelled", "book": "bring keys"}
    for name, text in notes.items():
        manual.vendors[name].person_edit(manual.entry(name, 1).id, notes=text)
    assert [c["field"] for c in manual.once()["conflicts"]] == ["notes"]
    assert manual.syncd("conflicts", "resolve", number_of(manual), "--winner", winner).code == 0
    manual.fault("office", "status", code=503)
    report = manual.once()
    assert "cancel" not in {operation["action"] for operation in report["operations"]}
    manual.vendors["office"].faults.clear()
    manual.once()
    assert {manual.entry(name, 1).notes.partition("[syncd:")[0].strip() for name in ("office", "book", "site")} == {
        notes[winner]
    }
    assert manual.in_step()
    assert manual.syncd("conflicts").out == "no open conflicts\n"


def test_a_wrong_decision_is_wrong_usage_and_decides_nothing(manual: World) -> None:
    """Exit 2 with the way out; the conflict is still open."""
    manual.move("crm", 0)
    manual.move("office", 0, 2 * HOUR)
    manual.once()
    number = number_of(manual)
    for arguments, words in (
        (["999", "--winner", "crm"], "no open conflict 999"),
        ([number, "--winner", "site"], "its values come from crm, office"),
        ([number], "--winner"),
        (["one", "--winner", "crm"], "ID"),
    ):
        wrong = manual.syncd("conflicts", "resolve", *arguments)
        assert (wrong.code, words in wrong.told) == (2, True)
    assert number_of(manual) == number


def test_a_conflict_can_be_decided_while_the_daemon_runs(manual: World) -> None:
    """The daemon's next cycle writes it."""
    manual.configure(sync={"conflict": "manual", "interval": "0.2s"})
    manual.move("crm", 0)
    wanted = manual.move("office", 0, 2 * HOUR)
    daemon = manual.daemon()
    eventually(lambda: "open conflicts" not in manual.syncd("conflicts").out)
    assert manual.syncd("conflicts", "resolve", number_of(manual), "--winner", "office").code == 0
    eventually(lambda: wanted in manual.starts("site") and manual.in_step(), "the decision")
    assert daemon.stop().code == 0


def test_what_differs_when_syncd_first_sees_it_is_asked_or_listed_and_not_levelled(world: World) -> None:
    """A length is an open conflict, whatever the rule; a text is listed by its own command; `resolve` decides both."""
    world.book(0, 1)
    for name, number, changes in (
        ("crm", 0, {"end": world.entry("crm", 0).end + HOUR}),
        ("book", 1, {"notes": "Ring twice"}),
        ("site", 1, {"notes": "Knock"}),
    ):
        world.vendors[name].person_edit(world.entry(name, number).id, **changes)
    report = world.once()
    schema.check(report)
    [conflict] = report["conflicts"]
    assert (conflict["field"], conflict["winner"], conflict["rule"]) == ("slot", None, "manual")
    assert world.writes == 0
    plain = world.syncd("--once")
    assert plain.code == 0
    assert plain.out.endswith(
        "nothing to do; 1 open conflict ('syncd conflicts'); "
        "1 text(s) differ since linking ('syncd conflicts --at-linking') (exit 0)\n"
    )
    status = world.syncd("status").out
    assert "1 open conflicts: 'syncd conflicts'" in status
    assert "1 text(s) differ since linking: 'syncd conflicts --at-linking'" in status

    length = number_of(world)
    shown, texts, _ = world.syncd("conflicts", "--at-linking").out.splitlines()
    assert shown.split()[:2] == [length, "slot"]
    assert "notes" in texts
    assert all(text in texts for text in ("book: Ring twice", "site: Knock"))
    assert world.syncd("conflicts", "resolve", length, "--winner", "crm").code == 0
    assert world.syncd("conflicts", "resolve", texts.split()[0], "--winner", "site").code == 0
    assert world.syncd("--once").code == 0
    lasts = {name: world.entry(name, 0).end - world.entry(name, 0).start for name in ALL}
    assert lasts == {"crm": HOUR * 1.5, "office": HOUR * 1.5, "site": HOUR * 1.5, "book": HOUR / 2}
    assert {world.entry(name, 1).notes for name in ("book", "site")} == {"Knock"}
    assert world.syncd("conflicts", "--at-linking").out == "no linked records differ\n"


@pytest.mark.parametrize(("first", "other"), [("book", "site"), ("site", "book")])
def test_of_two_moves_around_a_step_of_the_clock_the_priority_decides(world: World, first: str, other: str) -> None:
    """The machine's clock is an hour back in the second run: nobody can tell which is the later, and it says so."""
    world.configure(sync={"priority": [first, other, "crm", "office"]})
    world.book(0, 1)
    assert world.syncd("--once").code == 0
    (world.folder / "set back").touch()
    wanted = world.move(first, 0)
    world.move(other, 0, 2 * HOUR)
    report = world.syncd("--once", "--report", "json", imports=("tests.e2e.cli.set_back",)).report
    [conflict] = report["conflicts"]
    assert (conflict["winner"], conflict["rule"]) == (first, "priority")
    reasons = {one["reason"] for one in report["operations"]}
    assert len(reasons) == 1
    assert "which was later cannot be told, as the clock was set back since" in reasons.pop()
    assert {wanted in world.starts(name) for name in ALL} == {True}

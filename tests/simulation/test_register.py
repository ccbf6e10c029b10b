"""What the oracle's register takes for heard of: nothing that only a killed cycle had seen, or that was taken back."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syncd.sandbox import KINDS
from syncd.sandbox.frame.records import Entry
from tests.simulation.deeds import Deed, owner_of
from tests.simulation.history import play
from tests.simulation.register import Register
from tests.simulation.script import write

NOW = datetime(2026, 12, 21, 8, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
START = datetime(2026, 12, 29, 1, tzinfo=UTC)
OFFICE = Entry(
    id="1", start=START, end=START + timedelta(hours=1), created_at=NOW, modified_at=NOW, notes="the first note"
)


class Office:
    """The records of one appointment at the office and the site, a note of which is known to syncd."""

    def __init__(self) -> None:
        vendors = {
            name: KINDS[kind](name, clock=lambda: NOW, rng=random.Random(1), behaviour={})
            for name, kind in (
                ("office", "aivapad"),
                ("site", "amelia"),
                ("crm", "actuallycare"),
                ("book", "acuity"),
            )
        }
        self.entries = {"office": OFFICE, "site": OFFICE}
        for name, entry in self.entries.items():
            vendors[name].entries[entry.id] = entry
        self.who = owner_of(START)
        self.register = Register(vendors)
        self.register.born(self.who, self.entries, NOW)
        self.cycle(1)

    def types(self, note: str, vendor: str = "office") -> Deed:
        """Somebody there changes the note."""
        (deed,) = self.changes(vendor, notes=note)
        return deed

    def changes(self, vendor: str, **values: str) -> list[Deed]:
        """Somebody there changes the record; returns what is new."""
        before = self.entries[vendor]
        after = self.entries[vendor] = replace(before, **values)  # type: ignore[arg-type]
        self.register.vendors[vendor].entries[after.id] = after
        return self.register.did(vendor, before, after, LATER)

    def writes(self, vendor: str, before: Entry | None, after: Entry, *, late: bool = False) -> None:
        """syncd does, and is told so, unless it is carried out late."""
        self.register.vendors[vendor].entries[after.id] = after
        self.register.written(vendor, before, after, answered=not late, late=late)

    def calls_off_and_takes_back(self) -> Deed:
        """Somebody at the office cancels the appointment, and schedules it again before syncd has looked."""
        (cancelled,) = self.changes("office", status="cancelled")
        assert not self.changes("office", status="scheduled")
        assert not cancelled.stands
        return cancelled

    def begins(self) -> None:
        """A cycle begins, and the vendors list what they have."""
        self.register.fresh.clear()
        for name, entry in self.entries.items():
            self.register.was_served(name, [entry], {"notes", "status"})

    def cycle(self, number: int) -> None:
        """A whole one."""
        self.begins()
        self.register.decided(number)
        self.register.ended_well()

    def dies(self) -> None:
        """The process is gone."""
        self.register.died(set(), {(name, entry.id) for name, entry in self.entries.items()})


def test_a_note_that_only_killed_cycles_saw_and_that_is_erased_need_not_be_kept() -> None:
    """However many they were."""
    office = Office()
    typed = office.types("another note")
    for _ in range(2):
        office.begins()
        office.dies()
    assert not typed.optional  # a cycle will come to see it, if it stays
    office.types("")
    assert typed.stands
    assert typed.optional


@pytest.mark.parametrize("decided", [False, True])
def test_a_note_that_is_erased_is_kept_if_a_cycle_that_goes_on_saw_it(decided: bool) -> None:
    """One that has still to decide will do so by what it was shown."""
    office = Office()
    typed = office.types("another note")
    office.begins()
    office.dies()
    office.begins()
    if decided:
        office.register.decided(2)
    office.types("")
    assert typed.stands
    assert not typed.optional


def test_what_is_in_the_store_outlives_the_cycle() -> None:
    """A sudden end after the decisions takes nothing of them."""
    office = Office()
    typed = office.types("another note")
    office.begins()
    office.register.decided(2)
    office.dies()
    office.types("")
    assert not typed.optional


@pytest.mark.parametrize("settled", [False, True])
def test_what_only_reading_back_showed_is_forgotten_with_its_write(settled: bool) -> None:
    """Decisions and other writes were stored after that, and the write itself was not settled."""
    office = Office()
    office.register.knowledge.wrote(("office", "1"), "notes", "syncd's note", answered=True)
    office.entries["office"] = replace(OFFICE, notes="syncd's note")
    put_back = office.types("the first note")
    office.register.was_served("office", [office.entries["office"]], {"notes"}, observing=False)
    office.register.decided(2)
    office.register.died(set() if settled else {("office", "1")}, set())
    assert put_back.optional is not settled


def test_what_was_typed_into_another_record_is_no_less_to_be_kept() -> None:
    """Only who erases it knows of it."""
    office = Office()
    elsewhere = office.types("the site's note", "site")
    office.types("another note")
    office.begins()
    office.dies()
    office.types("")
    assert elsewhere.stands
    assert not elsewhere.optional


def test_a_cancellation_that_was_taken_back_unseen_is_not_what_ends_a_record_that_came_too_late() -> None:
    """That one is ended as the site has another one."""
    office = Office()
    cancelled = office.calls_off_and_takes_back()
    stray = replace(OFFICE, id="2")
    office.register.strays.add(("site", "2"))
    office.writes("site", None, stray, late=True)
    office.writes("site", stray, replace(stray, status="cancelled"))
    assert not cancelled.stands


@pytest.mark.parametrize("late", [False, True])
def test_what_a_late_write_hid_is_not_brought_by_the_end_of_a_record_that_came_too_late(late: bool) -> None:
    """A cancellation that only a look in passing showed was undone by a write of ours; any other record that syncd
    calls off says that it has heard of it.
    """
    office = Office()
    (cancelled,) = office.changes("site", status="cancelled")
    called_off = office.entries["site"]
    office.register.was_served("site", [called_off], {"status"}, decisive=False)
    office.writes("site", called_off, replace(called_off, status="scheduled"), late=True)
    assert not cancelled.stands
    other = replace(OFFICE, id="2")
    if late:
        office.register.strays.add(("site", "2"))
    office.writes("site", None, other, late=late)
    office.writes("site", other, replace(other, status="cancelled"))
    assert cancelled.stands is not late


def test_a_cancellation_that_was_taken_back_unseen_is_not_what_a_no_show_is_cancelled_for() -> None:
    """The booking page takes nothing else back: the appointment stands."""
    office = Office()
    cancelled = office.calls_off_and_takes_back()
    no_show = replace(OFFICE, status="no_show")
    office.writes("book", None, no_show)
    office.writes("book", no_show, replace(no_show, status="cancelled"))
    assert not cancelled.stands


def test_a_cancellation_that_was_taken_back_unseen_makes_no_history_fail() -> None:
    """The CRM's people do that, and hours later a create of ours is carried out that the site needs no more."""
    assert play(write(1819)).broken is None


def test_a_note_typed_as_somebody_else_calls_it_off_only_waits() -> None:
    """So does the one that is put in its place, until syncd brings it to somebody."""
    office = Office()
    office.changes("site", status="cancelled")
    first = office.types("another note")
    office.cycle(2)
    second = office.types("a third note")
    office.cycle(3)
    assert [office.register.only_waited(note) for note in (first, second)] == [True, True]
    site = office.entries["site"]
    office.writes("site", site, replace(site, status="scheduled", notes="another note"))
    assert [office.register.only_waited(note) for note in (first, second)] == [False, True]


def test_a_note_does_not_wait_that_nobody_elsewhere_had_called_off() -> None:
    """It was agreed on before the site called it off; a cancellation of the same record goes against nothing."""
    office = Office()
    before = office.types("another note")
    office.cycle(2)
    office.changes("site", status="cancelled")
    office.cycle(3)
    own = Office()
    own.changes("office", status="cancelled")
    beside = own.types("another note")
    own.cycle(2)
    assert [office.register.only_waited(before), own.register.only_waited(beside)] == [False, False]


def test_what_was_entered_with_the_appointment_does_not_wait() -> None:
    """However soon it is called off."""
    office = Office()
    (entered,) = office.register.deeds[office.who, "notes"]
    office.changes("site", status="cancelled")
    entered.taken_in = 2
    office.cycle(2)
    assert not office.register.only_waited(entered)


def test_two_notes_that_an_operator_decided_against_make_no_history_fail() -> None:
    """The booking page's people type them while it is asked whether the CRM's cancellation holds."""
    assert play(write(760_000_715)).broken is None


def test_an_erased_note_of_a_killed_cycle_makes_no_history_fail() -> None:
    """The erasure is heard, and loses against the booking page's note, which is then written over it."""
    assert play(write(680_001_579)).broken is None

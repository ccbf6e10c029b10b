"""A status that a vendor cannot say, or to which its record does not come: the nearest word, a new record, or none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.compare.words import says, word_for
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Known
from syncd.model.plan import Create, Plan
from syncd.model.record import Failed
from syncd.model.times import Slot
from tests.reconcile.world import (
    ABLE,
    MANUAL,
    NOON,
    NOW,
    again,
    known,
    listing,
    mapping,
    only,
    plan_for,
    record,
    rules,
    slot,
    told,
    visit,
)

MISSED = visit(status=Status.NO_SHOW)
DONE = visit(status=Status.COMPLETED)
LATER = slot().end
"""When the visit has passed."""


def missed(*vendors: str) -> Known:
    """A visit to which nobody came, as these vendors know."""
    return known(*(mapping(vendor, MISSED) for vendor in vendors), agreed=MISSED)


def changed(content: Appointment, before: Known, *others: str, at: str = "crm", passed: bool = False) -> Plan:
    """The plan when crm shows this, and the others are as they were."""
    shots = [listing(at, record(at, content)), *(listing(vendor, unchanged={"1"}) for vendor in others)]
    return plan_for(shots, before, now=LATER if passed else NOW)


@given(st.sampled_from(Status), st.sampled_from(Status), st.sampled_from(sorted(ABLE)))
def test_a_word_is_one_that_the_vendor_can_be_given_and_never_calls_off_what_stands(
    agreed: Status, shown: Status, vendor: str
) -> None:
    """It is a status that a write can set, or the one that is shown; and no live appointment is cancelled by it."""
    able = ABLE[vendor]
    if not agreed.live:
        return
    word = word_for(agreed, shown, able)
    assert word in (None, shown, *able.statuses)
    assert word is not Status.CANCELLED
    if word is not None and not says(word, agreed):
        assert agreed not in able.statuses
        assert not able.ends(word)


def test_a_no_show_that_is_scheduled_again_is_made_anew_where_it_is_cancelled() -> None:
    """Its record at book does not come back, and says so no more; the others are told the status."""
    plan = changed(visit(), missed("crm", "book", "site"), "book", "site")
    assert told(plan) == ["create book", "update book status", "update site status"]
    [made] = [operation for operation in plan.operations if isinstance(operation, Create)]
    assert made.reason.endswith("book cannot take back that nobody came, so it is made anew")
    assert made.replaces == "1"
    [old] = [m for m in only(plan).mappings if m.vendor == "book"]
    assert old.tombstone == "replaced: it was no_show for good"
    taken_back = plan.operations[1]
    assert (taken_back.remote_id, taken_back.target.status) == ("1", Status.CANCELLED)
    assert taken_back.reason.endswith("; book's record 1 was replaced, and 'no_show' is not so any more")


def replaced(shown: Appointment, agreed: Appointment, base: Appointment = MISSED) -> Plan:
    """The plan when crm and an appointment are as agreed, and book's record, which was replaced, shows this."""
    former = mapping("book", base, tombstone="replaced: it was no_show for good")
    before = known(mapping("crm", agreed), former, agreed=agreed)
    return plan_for([listing("crm", unchanged={"1"}), listing("book", record("book", shown))], before)


def test_a_no_show_that_was_replaced_is_taken_back_whatever_became_of_what_took_its_place() -> None:
    """Its replacement never came to be, and the appointment is cancelled; or somebody noted something in it."""
    for agreed in (visit(status=Status.CANCELLED), visit()):
        for shown in (MISSED, replace(MISSED, notes="Called twice", title="Old")):
            assert "update book status" in told(replaced(shown, agreed))


def test_nothing_is_taken_back_of_what_is_so_or_is_somebody_elses_word() -> None:
    """The appointment became a no-show after all; somebody cancelled the record, or called it a no-show afterwards."""
    assert told(replaced(MISSED, MISSED)) == []
    ended = visit(status=Status.CANCELLED)
    assert told(replaced(ended, ended)) == []
    assert told(replaced(MISSED, ended, base=ended)) == []
    shots = [listing("crm", unchanged={"1"}), listing("book", unchanged={"1"})]
    assert told(plan_for(shots, again(replaced(ended, ended)))) == []


def test_what_is_taken_back_waits_for_its_vendor_and_for_a_person() -> None:
    """Nothing is written to a vendor that was not read, or about a status that somebody has yet to decide."""
    ended = visit(status=Status.CANCELLED)
    former = mapping("book", MISSED, tombstone="replaced: it was no_show for good")
    before = known(mapping("crm", ended), former, agreed=ended)
    away = plan_for([listing("crm", unchanged={"1"}), Failed(vendor="book", reason="down")], before)
    assert told(away) == []
    assert only(away).needs_another_cycle
    policy = rules("crm", replace(rules("book").vendors[0], read_only=True))
    shots = [listing("crm", unchanged={"1"}), listing("book", unchanged={"1"})]
    assert told(plan_for(shots, before, policy=policy)) == []
    assert told(plan_for(shots, before)) == ["update book status"]
    asked = known(mapping("crm", MISSED), mapping("office", MISSED), former, agreed=MISSED)
    shots = [listing("crm", record("crm")), listing("office", record("office", DONE)), listing("book", unchanged={"1"})]
    assert told(plan_for(shots, asked, policy=rules("crm", "office", "book", conflict=MANUAL))) == []


def test_a_vendor_that_was_away_makes_it_anew_later() -> None:
    """That it is scheduled again does not count as told before it was."""
    plan = plan_for([listing("crm", record("crm")), Failed(vendor="book", reason="down")], missed("crm", "book"))
    assert not plan.operations
    for _ in range(2):
        plan = plan_for([listing("crm", unchanged={"1"}), listing("book", unchanged={"1"})], again(plan))
        assert told(plan) == ["create book", "update book status"]


def test_a_replaced_no_show_that_is_seen_again_is_no_news() -> None:
    """It is not the record of the appointment any more, although a no-show is no cancellation."""
    plan = changed(visit(), missed("crm", "book"), "book")
    noted = record("book", replace(MISSED, notes="Called twice"))
    following = plan_for([listing("crm", unchanged={"1"}), listing("book", noted)], again(plan))
    assert told(following) == ["create book", "update book status"]
    assert only(following).agreed == visit()


@pytest.mark.parametrize(
    ("old", "new"), [(visit(status=Status.CANCELLED), MISSED), (MISSED, visit(status=Status.CANCELLED))]
)
@pytest.mark.parametrize("passed", [False, True])
def test_what_is_cancelled_becomes_a_no_show_and_the_other_way(
    old: Appointment, new: Appointment, passed: bool
) -> None:
    """In the record that is there, past or not: nothing comes back by that."""
    before = known(mapping("crm", old), mapping("book", old), agreed=old)
    plan = changed(new, before, "book", passed=passed)
    assert told(plan) == ["update book status" if new is MISSED else "cancel book"]
    assert plan.operations[0].target.status is new.status


def test_a_no_show_does_not_move_where_it_is_cancelled() -> None:
    """Its record there takes the note and no other time; scheduled again, it is made where it is then."""
    plan = changed(replace(MISSED, slot=NOON, notes="Ring"), missed("crm", "book"), "book")
    assert told(plan) == ["update book notes"]
    [said] = plan.remarks
    assert said.startswith(f"book keeps {slot()} for Visit, Jane Smith, {NOON}: ")
    quiet = plan_for([listing("crm", unchanged={"1"}), listing("book", record("book", MISSED))], again(plan))
    assert not quiet.remarks
    plan = changed(visit(slot=NOON), missed("crm", "book"), "book")
    assert [operation.target.slot for operation in plan.operations] == [NOON, slot()]
    assert told(plan) == ["create book", "update book status"]


@pytest.mark.parametrize(
    ("vendor", "old", "new", "word"),
    [
        ("site", Status.NO_SHOW, Status.COMPLETED, Status.SCHEDULED),
        ("crm", Status.NO_SHOW, Status.PENDING, Status.SCHEDULED),
        ("crm", Status.COMPLETED, Status.PENDING, Status.SCHEDULED),
        ("office", Status.COMPLETED, Status.NO_SHOW, Status.SCHEDULED),
        ("office", Status.COMPLETED, Status.PENDING, Status.SCHEDULED),
    ],
)
def test_the_nearest_word_takes_the_place_of_one_that_has_become_false(
    vendor: str, old: Status, new: Status, word: Status
) -> None:
    """Once; from the next cycle on it stands for what was agreed."""
    other = "site" if new is Status.PENDING else "crm"
    was, now = visit(status=old), visit(status=new)
    before = known(mapping(other, was), mapping(vendor, was), agreed=was)
    plan = changed(now, before, vendor, at=other)
    [operation] = plan.operations
    assert (operation.vendor, operation.target.status) == (vendor, word)
    done = [
        replace(m, base=m.base.with_values({Field.STATUS: word}), acknowledged=operation.target)
        if m.vendor == vendor
        else m
        for m in only(plan).mappings
    ]
    after = again(plan, replace(only(plan), mappings=tuple(done)))
    for _ in range(2):
        quiet = plan_for([listing(other, unchanged={"1"}), listing(vendor, unchanged={"1"})], after)
        assert not quiet.operations
        assert only(quiet).agreed.status is new
        after = again(quiet)


def test_a_write_that_failed_twice_is_still_due() -> None:
    """A stand-in that has not reached a vendor does not count as heard there."""
    before = known(mapping("crm", MISSED), mapping("site", MISSED), agreed=MISSED)
    plan = changed(DONE, before, "site")
    for _ in range(3):
        assert told(plan) == ["update site status"]
        plan = plan_for([listing("crm", unchanged={"1"}), listing("site", unchanged={"1"})], again(plan))


@pytest.mark.parametrize(("vendor", "new"), [("book", visit()), ("book", DONE), ("site", DONE)])
def test_what_is_past_keeps_its_word_and_the_report_says_so_once(vendor: str, new: Appointment) -> None:
    """The agreed status counts as accepted, nobody is asked about it, and the next cycles are quiet."""
    plan = changed(new, missed("crm", vendor), vendor, passed=True)
    assert not plan.operations
    [said] = plan.remarks
    assert said.startswith(f"{vendor} keeps 'no_show' for Visit, Jane Smith, ")
    for _ in range(2):
        plan = plan_for([listing("crm", unchanged={"1"}), listing(vendor, unchanged={"1"})], again(plan), now=LATER)
        assert (plan.operations, plan.remarks, plan.conflicts) == ((), (), ())
        assert not only(plan).needs_another_cycle
        assert [m.acknowledged.status for m in only(plan).mappings] == [new.status] * 2


def test_a_cancelled_record_that_kept_its_word_is_nobodys_dispute() -> None:
    """Found cancelled beside one that stands it would be asked about; here everybody knows why."""
    ended = visit(status=Status.CANCELLED)
    before = known(mapping("crm", ended), mapping("book", ended), agreed=ended)
    plan = changed(visit(), before, "book", passed=True)
    assert plan.remarks
    seen = listing("book", record("book", ended))
    assert not plan_for([listing("crm", unchanged={"1"}), seen], again(plan), now=LATER).conflicts


def test_moved_ahead_after_all_it_is_made_anew() -> None:
    """What kept its word as it was past stands in the way of nothing."""
    plan = changed(visit(), missed("crm", "book"), "book", passed=True)
    tomorrow = visit(slot=Slot(start=LATER + slot().duration * 40, end=LATER + slot().duration * 41))
    moved = plan_for(
        [listing("crm", record("crm", tomorrow)), listing("book", unchanged={"1"})], again(plan), now=LATER
    )
    assert told(moved) == ["create book", "update book status"]
    assert not moved.remarks


def test_a_vendor_that_is_only_read_keeps_its_word_without_a_word() -> None:
    """Nothing would have been written anyway."""
    policy = rules("crm", replace(rules("book").vendors[0], read_only=True))
    shots = [listing("crm", record("crm")), listing("book", unchanged={"1"})]
    for now in (NOW, LATER):
        plan = plan_for(shots, missed("crm", "book"), policy=policy, now=now)
        assert (plan.operations, plan.remarks) == ((), ())


def test_a_status_that_waits_for_a_person_makes_nothing_anew() -> None:
    """Scheduled again at crm, completed at office: until somebody decides, book keeps what it has."""
    before = known(mapping("crm", MISSED), mapping("office", MISSED), mapping("book", MISSED), agreed=MISSED)
    shots = [listing("crm", record("crm")), listing("office", record("office", DONE)), listing("book", unchanged={"1"})]
    plan = plan_for(shots, before, policy=rules("crm", "office", "book", conflict=MANUAL))
    assert [conflict.winner for conflict in plan.conflicts] == [None]
    assert not plan.operations
    assert not plan.remarks

"""A cancelled appointment that is scheduled again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncd.engine.write.precheck import changed_since_planned
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Known
from syncd.model.plan import Create, Plan
from syncd.model.policy import ConflictRule
from syncd.model.record import Failed, Snapshot
from syncd.model.times import Slot
from tests.reconcile.world import (
    NOW,
    again,
    known,
    listing,
    mapping,
    merged,
    only,
    origin,
    part,
    plan_for,
    record,
    rules,
    slot,
    told,
    visit,
)

GONE = visit(status=Status.CANCELLED)
OTHERS = ("book", "office", "site")


def ended(*vendors: str, agreed: Appointment = GONE) -> Known:
    """An appointment that is cancelled at these vendors; office has deleted its record."""
    mappings = [mapping(v, GONE, tombstone="deleted" if v == "office" else None) for v in vendors]
    return known(*mappings, agreed=agreed)


def revived(*others: str, content: Appointment | None = None, **more: Any) -> Plan:
    """The plan when crm schedules it again."""
    snapshots: list[Snapshot] = [listing("crm", record("crm", content or visit()))]
    snapshots += [listing(v, unchanged=set() if v == "office" else {"1"}) for v in others]
    return plan_for(snapshots, ended("crm", *others), **more)


def test_it_is_revived_where_that_can_be_done_and_made_anew_elsewhere() -> None:
    """site un-cancels its record; book, which cannot, and office, which deleted it, get a new one."""
    plan = revived(*OTHERS)
    assert told(plan) == ["create book", "create office", "update site status"]
    reasons = {operation.vendor: operation.reason for operation in plan.operations}
    assert reasons["book"].endswith("book cannot un-cancel its record, so it is made anew")
    assert "crm scheduled it again" in reasons["site"]


def test_revived_as_pending_it_is_scheduled_where_pending_has_no_word() -> None:
    """The record at crm is un-cancelled all the same, rather than made a second time; and then all is quiet."""
    waits = visit(status=Status.PENDING)
    before = known(mapping("crm", GONE), mapping("site", GONE), agreed=GONE)
    plan = plan_for([listing("crm", unchanged={"1"}), listing("site", record("site", waits))], before)
    [operation] = plan.operations
    assert told(plan) == ["update crm status"]
    assert operation.changes == {Field.STATUS: (Status.CANCELLED, Status.SCHEDULED)}
    assert operation.target.status is Status.SCHEDULED
    [crm, site] = only(plan).mappings
    done = replace(crm, base=visit(), acknowledged=visit())
    after = again(plan, replace(only(plan), mappings=(done, site)))
    quiet = plan_for([listing("crm", unchanged={"1"}), listing("site", unchanged={"1"})], after)
    assert not quiet.operations
    assert only(quiet).agreed.status is Status.PENDING


def test_the_record_that_is_replaced_gets_a_tombstone() -> None:
    """The cancelled record at book is no longer the appointment's; the next cycle still knows to make a new one."""
    plan = revived("book")
    [old] = [m for m in only(plan).mappings if m.vendor == "book"]
    assert old.tombstone
    following = plan_for([listing("crm", unchanged={"1"}), listing("book", unchanged={"1"})], again(plan))
    assert [operation.id for operation in following.operations] == [operation.id for operation in plan.operations]


def test_revived_and_moved_at_once_it_is_both_everywhere() -> None:
    """Scheduled again at another time, it is un-cancelled first and moved then, or made at the new time."""
    plan = revived("book", "site", content=visit(slot=slot(12)))
    assert told(plan) == ["create book", "update site status", "move site slot"]
    assert isinstance(plan.operations[0], Create)
    assert plan.operations[0].target.slot == slot(12)


def test_moved_while_it_was_cancelled_it_is_revived_at_the_new_time() -> None:
    """A cancelled record that is moved first and scheduled again a cycle later is where it was moved to."""
    moved = visit(slot=slot(12), status=Status.CANCELLED)
    first = plan_for([listing("crm", record("crm", moved)), listing("site", unchanged={"1"})], ended("crm", "site"))
    assert not first.operations
    assert only(first).agreed == moved
    snapshots = [listing("crm", record("crm", visit(slot=slot(12)))), listing("site", unchanged={"1"})]
    assert told(plan_for(snapshots, again(first))) == ["update site status", "move site slot"]


def test_moved_while_it_was_cancelled_and_revived_elsewhere_in_one_cycle() -> None:
    """Moved at one vendor while it was cancelled, and scheduled again at another before that was seen: it has moved."""
    moved = record("site", visit(slot=slot(12), status=Status.CANCELLED))
    plan = plan_for([listing("crm", record("crm")), listing("site", moved)], ended("crm", "site"))
    assert only(plan).agreed == visit(slot=slot(12))
    assert told(plan) == ["move crm slot", "update site status"]


def test_moved_and_cancelled_at_once_it_has_moved_if_it_is_revived() -> None:
    """What a person moved and cancelled in one go is revived where it was moved to, at every vendor."""
    moved = visit(slot=slot(12), status=Status.CANCELLED)
    first = plan_for(
        [listing("crm", record("crm", moved)), listing("site", unchanged={"1"})], known(mapping("crm"), mapping("site"))
    )
    assert told(first) == ["cancel site"]
    assert only(first).agreed == moved
    assert [m.base.slot for m in only(first).mappings if m.vendor == "crm"] == [slot(12)]


def test_what_was_written_into_a_cancelled_record_goes_out_if_it_is_revived() -> None:
    """Notes taken with the cancellation concern nobody until it is scheduled again with them."""
    noted = record("crm", visit(notes="Ring", status=Status.CANCELLED))
    before = known(mapping("crm"), mapping("site"))
    first = plan_for([listing("crm", noted), listing("site", unchanged={"1"})], before)
    assert told(first) == ["cancel site"]
    ended_with = [m for m in only(first).mappings if m.vendor == "crm"]
    snapshots = [listing("crm", record("crm", visit(notes="Ring"))), listing("site", unchanged={"1"})]
    plan = plan_for(snapshots, known(*ended_with, mapping("site", GONE), agreed=GONE))
    assert told(plan) == ["update site status", "update site notes"]


def test_so_does_a_first_note_in_a_record_that_left_out_its_empty_one() -> None:
    """That a cancelled record shows a note all of a sudden is remembered as untold, even if it never showed one."""
    noted = record("office", visit(notes="Ring", status=Status.CANCELLED))
    bare = mapping("office", GONE, shows=mapping("office").shows - {Field.NOTES})
    first = plan_for([listing("office", noted), listing("site", unchanged={"1"})], known(bare, mapping("site", GONE)))
    snapshots = [listing("office", record("office", visit(notes="Ring"))), listing("site", unchanged={"1"})]
    assert told(plan_for(snapshots, again(first))) == ["update site status", "update site notes"]


def test_a_cancelled_record_that_moves_concerns_no_live_appointment() -> None:
    """Where the others stand and a record was found cancelled, its move is nobody's move."""
    before = known(mapping("crm"), mapping("site", base=mapping("site", GONE).base))
    torn = visit(slot=slot(12), status=Status.CANCELLED)
    plan = plan_for([listing("crm", unchanged={"1"}), listing("site", record("site", torn))], before)
    assert not plan.operations
    assert only(plan).agreed == visit()


def test_a_move_of_a_cancelled_record_that_comes_to_light_after_a_revival_is_on_record() -> None:
    """The appointment stands already when crm's cancelled record turns out to have been moved: that time is kept."""
    before = known(
        mapping("crm", GONE),
        mapping("site"),
        agreed=visit(),
        provenance={Field.SLOT: origin("site", text="site did it")},
    )
    moved = record("crm", visit(status=Status.CANCELLED, slot=slot(12)))
    plan = plan_for([listing("crm", moved), listing("site", unchanged={"1"})], before)
    [conflict] = plan.conflicts
    assert (conflict.values, conflict.winner) == ({"crm": slot(12), "site": slot()}, "site")
    assert only(plan).agreed == visit()


@pytest.mark.parametrize(
    ("base", "later", "recorded"),
    [(slot(), slot(14), True), (slot(12), slot(14), False), (slot(), slot(12), False)],
    ids=["unheard", "heard", "the same"],
)
def test_so_is_the_time_that_a_later_one_of_another_cancelled_record_takes_the_place_of(
    base: Slot, later: Slot, recorded: bool
) -> None:
    """Both were moved right before they were cancelled; one of the two was seen a cycle earlier."""
    before = known(
        mapping("crm", visit(status=Status.CANCELLED, slot=slot(12))),
        mapping("site", visit(status=Status.CANCELLED, slot=base)),
        agreed=visit(status=Status.CANCELLED, slot=slot(12)),
        provenance={Field.SLOT: origin("crm", text="crm did it")},
    )
    moved = record("site", visit(status=Status.CANCELLED, slot=later))
    plan = plan_for([listing("crm", unchanged={"1"}), listing("site", moved)], before)
    assert only(plan).agreed.slot == later
    assert [conflict.values for conflict in plan.conflicts] == ([{"crm": slot(12), "site": later}] if recorded else [])
    assert {conflict.winner for conflict in plan.conflicts} <= {"site"}


def test_so_is_one_where_nobody_ever_moved_the_appointment_itself() -> None:
    """Whoever revived it stands for the time that it has had from the beginning."""
    text = "crm scheduled it again"
    before = known(
        mapping("crm"), mapping("site", GONE), agreed=visit(), provenance={Field.STATUS: origin("crm", text=text)}
    )
    moved = record("site", visit(status=Status.CANCELLED, slot=slot(12)))
    plan = plan_for([listing("crm", unchanged={"1"}), listing("site", moved)], before)
    [conflict] = plan.conflicts
    assert (conflict.values, conflict.winner) == ({"site": slot(12), "crm": slot()}, "crm")
    assert conflict.explanation.startswith(text)
    assert only(plan).agreed.slot == slot()


def test_it_is_lost_once_and_scheduled_again_while_a_person_is_asked_which_time_of_two_others_is_right() -> None:
    """site's record is based on where it is now: else each look right before the write would find it moved."""
    policy = rules("crm", "office", "site", conflict=ConflictRule.MANUAL)
    moved = (
        record("crm", visit(slot=slot(12))),
        record("office", visit(slot=slot(15))),
        record("site", visit(status=Status.CANCELLED, slot=slot(17))),
    )
    before = known(
        mapping("crm"),
        mapping("office"),
        mapping("site", GONE),
        agreed=visit(),
        provenance={Field.STATUS: origin("crm")},
    )
    first = merged(*moved, policy=policy, before=before)
    second = merged(*moved, policy=policy, before=again(first))
    for plan in (first, second):
        [operation] = plan.operations
        assert told(plan) == ["update site status"]
        assert operation.mapping is not None
        assert changed_since_planned(operation.mapping, operation, moved[2]) == []
        assert {m.vendor: m.base.slot for m in only(plan).mappings}["crm"] == slot()
    assert [conflict.winner for conflict in first.conflicts] == [None, "crm"]
    assert [conflict.winner for conflict in second.conflicts] == [None]
    # Whoever is right, site's record is moved there: so it is if both take back what they did.
    taken_back = merged(record("crm"), record("office"), moved[2], policy=policy, before=again(second))
    assert told(taken_back) == ["update site status", "move site slot"]


def test_it_is_no_change_any_more_where_it_moved_to_the_time_that_is_agreed() -> None:
    """site's record was behind: it is scheduled again where it is, and nothing is on record."""
    policy = rules("crm", "office", "site", conflict=ConflictRule.MANUAL)
    behind = mapping("site", visit(status=Status.CANCELLED, slot=slot(9)))
    plan = merged(
        record("crm", visit(slot=slot(12))),
        record("office", visit(slot=slot(15))),
        record("site", GONE),
        policy=policy,
        before=known(mapping("crm"), mapping("office"), behind, provenance={Field.SLOT: origin("crm")}),
    )
    assert told(plan) == ["update site status"]
    assert [conflict.winner for conflict in plan.conflicts] == [None]
    assert {m.vendor: m.base.slot for m in only(plan).mappings}["site"] == slot()


def test_it_is_not_lost_while_nothing_says_against_what() -> None:
    """Nobody moved the appointment so far, nor gave it a status: its move is on record once the time is decided."""
    before = known(mapping("crm"), mapping("office"), mapping("site", GONE), agreed=visit())
    plan = merged(
        record("crm", visit(slot=slot(12))),
        record("office", visit(slot=slot(15))),
        record("site", visit(status=Status.CANCELLED, slot=slot(17))),
        policy=rules("crm", "office", "site", conflict=ConflictRule.MANUAL),
        before=before,
    )
    assert [conflict.winner for conflict in plan.conflicts] == [None]
    assert {m.vendor: m.base.slot for m in only(plan).mappings}["site"] == slot()


def test_it_is_not_lost_while_a_person_is_asked_whether_the_appointment_stands() -> None:
    """Moved and cancelled at crm, and moved at site: if crm is right, it is cancelled, and where crm moved it."""
    policy = rules("crm", "site", conflict=ConflictRule.MANUAL, cancel_wins=False)
    plan = merged(
        record("crm", visit(status=Status.CANCELLED, slot=slot(12))),
        record("site", visit(slot=slot(15))),
        policy=policy,
        before=known(mapping("crm"), mapping("site"), provenance={Field.SLOT: origin("crm")}),
    )
    assert {m.vendor: m.base.slot for m in only(plan).mappings} == {"crm": slot(), "site": slot()}


@pytest.mark.parametrize(("minutes_ago", "agreed"), [(0, slot(12)), (60, slot())])
def test_a_move_that_may_have_been_made_before_the_revival_is_taken(minutes_ago: float, agreed: Slot) -> None:
    """It was in a record that no listing shows while it is cancelled. Of one that was made afterwards nobody hears."""
    before = known(
        mapping("crm", GONE),
        mapping("site"),
        agreed=visit(),
        provenance={Field.STATUS: origin("site", minutes_ago=minutes_ago), Field.SLOT: origin("crm", minutes_ago=90)},
    )
    moved = record("crm", visit(status=Status.CANCELLED, slot=slot(12)))
    plan = plan_for([listing("crm", moved), listing("site", unchanged={"1"})], before)
    assert only(plan).agreed.slot == agreed


@pytest.mark.parametrize(("rule", "winner"), [(ConflictRule.PRIORITY, "crm"), (ConflictRule.MANUAL, None)])
def test_revived_as_two_different_things_it_is_a_conflict(rule: ConflictRule, winner: str | None) -> None:
    """Not shown up at crm, scheduled at site: one of them wins and the other is kept, or a person decides."""
    snapshots = [listing("crm", record("crm", visit(status=Status.NO_SHOW))), listing("site", record("site", visit()))]
    plan = plan_for(snapshots, ended("crm", "site"), policy=rules("crm", "site", conflict=rule))
    [conflict] = plan.conflicts
    assert (conflict.values, conflict.winner) == ({"crm": Status.NO_SHOW, "site": Status.SCHEDULED}, winner)
    assert "crm changed its status from 'cancelled' to 'no_show'" in conflict.explanation
    assert told(plan) == (["update site status"] if winner else [])


def test_a_vendor_that_was_away_is_revived_later() -> None:
    """A vendor that could not be read then is revived when it can be."""
    down = Failed(vendor="site", reason="down")
    plan = plan_for([listing("crm", record("crm")), down], ended("crm", "site"))
    assert not plan.operations
    assert only(plan).needs_another_cycle
    back = plan_for([listing("crm", unchanged={"1"}), listing("site", unchanged={"1"})], again(plan))
    assert told(back) == ["update site status"]


def test_a_cancelled_record_that_a_listing_leaves_out_is_revived_by_id() -> None:
    """A vendor need not list what is cancelled: its record is written all the same, after a look at it by id."""
    plan = plan_for([listing("crm", record("crm")), listing("site", unchanged={"2"})], ended("crm", "site"))
    assert told(plan) == ["update site status"]
    assert plan.operations[0].expected is None


def test_a_cancelled_record_that_was_deleted_is_made_anew() -> None:
    """A vendor that says its cancelled record is gone gets a new one."""
    plan = plan_for([listing("crm", record("crm")), listing("site", gone={"1"})], ended("crm", "site"))
    assert told(plan) == ["create site"]


def test_completed_after_all_it_stands_where_completed_is_unknown() -> None:
    """While it lies ahead, its cancelled record is scheduled again, the nearest word. Later it keeps its own."""
    snapshots = [listing("site", record("site", visit(status=Status.COMPLETED))), listing("crm", unchanged={"1"})]
    policy = rules("site", replace(rules("crm").vendors[0], capabilities=_only_scheduled()))
    ahead = plan_for(snapshots, ended("crm", "site"), policy=policy)
    [operation] = ahead.operations
    assert (told(ahead), operation.target.status) == (["update crm status"], Status.SCHEDULED)
    past = plan_for(snapshots, ended("crm", "site"), policy=policy, now=slot().end)
    assert not past.operations
    assert "crm keeps 'cancelled'" in past.remarks[0]


def _only_scheduled() -> Any:
    able = rules("crm").vendors[0].capabilities
    return replace(able, statuses=frozenset({Status.SCHEDULED, Status.CANCELLED}))


def test_what_is_past_is_not_made_anew() -> None:
    """Scheduled again after its time, it is un-cancelled where it can be, and created nowhere."""
    plan = revived(*OTHERS, now=slot().end)
    assert told(plan) == ["update site status"]
    assert slot().end > NOW


def test_a_revival_has_one_name_whether_its_record_is_seen_again_or_not() -> None:
    """Somebody noted something in the cancelled record: what is left alone under that name stays left alone."""
    noted = visit(notes="Ring")
    before = known(mapping("crm", noted), mapping("site", GONE, acknowledged=GONE), agreed=noted)
    shots = [listing("crm", unchanged={"1"})]
    seen = plan_for([*shots, listing("site", record("site", replace(noted, status=Status.CANCELLED)))], before)
    same = plan_for([*shots, listing("site", unchanged={"1"})], before)
    assert told(seen) == told(same)
    assert [operation.id for operation in seen.operations] == [operation.id for operation in same.operations]
    assert seen.operations


def test_what_was_gone_as_it_was_to_be_cancelled_is_no_answer_to_who_schedules_it_again() -> None:
    """Called off; the office's own people deleted their record before that was written, and the CRM's revived theirs.

    Both are seen in one look. That it is gone says what was agreed until then, and is no newer cancellation.
    """
    before = known(mapping("crm", GONE), mapping("office"), agreed=GONE)
    looked = [part("crm", record("crm", visit()), again=True), part("office", again=True, vanished={"1"})]
    plan = plan_for(looked, before)
    assert only(plan).agreed.status is Status.SCHEDULED
    later = plan_for([listing("crm", unchanged={"1"}), listing("office", gone={"1"})], again(plan))
    assert (told(later), later.conflicts) == (["create office"], ())

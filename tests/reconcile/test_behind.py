"""A vendor that is behind: what it has not taken yet, beside what its own people change meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.model.appointment import Field, Status
from syncd.model.memory import Provenance
from syncd.model.policy import ConflictRule, Traits
from syncd.model.record import NotPolled, Snapshot
from syncd.model.times import Interval
from tests.reconcile.world import (
    GONE,
    JANE,
    MANUAL,
    NEWEST,
    NOON,
    OFFICE,
    PRIORITY,
    THREE,
    again,
    ago,
    known,
    listing,
    mapping,
    merged,
    only,
    origin,
    plan_for,
    record,
    rules,
    slot,
    told,
    visit,
)


@pytest.mark.parametrize("field", [Field.SLOT, Field.NOTES, Field.STATUS])
def test_what_did_not_reach_it_is_planned_until_it_does(field: Field) -> None:
    """A write that fails is planned again, however often its record is seen as it was."""
    wanted = visit(slot=NOON, notes="Ring", status=Status.NO_SHOW)
    agreed = visit().with_values({field: wanted.get(field)})
    before = known(mapping("crm", agreed), mapping("site"), agreed=agreed, provenance={field: origin("crm")})
    first = merged(policy=rules("crm", "site"), before=before)
    second = merged(policy=rules("crm", "site"), before=again(first))
    assert len(first.operations) == 1
    assert [step.id for step in second.operations] == [step.id for step in first.operations]
    assert not only(first).needs_another_cycle


def test_a_cancellation_that_it_missed_may_lose_where_it_need_not_win() -> None:
    """Without cancel_wins, notes that its people took later schedule the appointment again everywhere."""
    before = known(mapping("crm", GONE), mapping("site"), agreed=GONE, provenance={Field.STATUS: origin("crm")})
    policy = rules("crm", "site", cancel_wins=False)
    plan = merged(record("site", visit(notes="Ring")), policy=policy, before=before)
    assert only(plan).agreed == visit(notes="Ring")
    assert told(plan) == ["update crm status", "update crm notes"]


def test_what_else_it_missed_is_no_part_of_that_conflict() -> None:
    """Moved by office and cancelled by crm while it was away: its people's notes go against the cancellation."""
    ended = replace(GONE, slot=NOON)
    before = known(
        mapping("crm", ended),
        mapping("office", ended, tombstone="deleted"),
        mapping("site"),
        agreed=ended,
        provenance={Field.STATUS: origin("crm"), Field.SLOT: origin("office")},
    )
    plan = merged(record("site", visit(notes="Ring")), before=before)
    assert told(plan) == ["cancel site"]
    assert [conflict.field for conflict in plan.conflicts] == [Field.NOTES]


def test_who_came_to_the_agreed_time_alone_may_have_done_so_last() -> None:
    """Moved to noon by crm, to three by office, to noon by book nobody knows when: no move is surely the latest."""
    when = Interval(earliest=ago(600), latest=ago(300))
    before = known(
        mapping("crm", visit(slot=NOON)),
        mapping("office"),
        mapping("book", known_at=ago(600)),
        agreed=visit(slot=NOON),
        provenance={Field.SLOT: Provenance(vendor="crm", when=when, text="crm moved it to noon")},
    )
    by_itself = record("book", visit(slot=slot(12, minutes=50)))
    later = record("office", visit(slot=THREE), modified_at=ago(100))
    plan = merged(by_itself, later, policy=rules("book", "crm", "office"), before=before)
    assert [conflict.rule for conflict in plan.conflicts] == ["priority"]
    assert only(plan).agreed.slot == NOON


@pytest.mark.parametrize(
    ("conflict", "seconds_ago", "winner", "rule"),
    [
        (NEWEST, 90, "office", None),
        (NEWEST, 30, "crm", "newest"),
        (NEWEST, 60, "office", "priority"),
        (PRIORITY, 30, "office", "priority"),
        (MANUAL, 60, None, "manual"),
    ],
)
def test_who_came_to_the_agreed_time_after_others_went_on_goes_against_them(
    conflict: ConflictRule, seconds_ago: float, winner: str | None, rule: str | None
) -> None:
    """Moved to noon by office, which waits at crm, and on to three; crm's people move it to noon, and that is kept."""
    why = {Field.SLOT: origin("office", minutes_ago=1.9)}
    before = known(mapping("office", visit(slot=NOON)), mapping("crm"), agreed=visit(slot=NOON), provenance=why)
    further = record("office", visit(slot=THREE), modified_at=ago(60))
    by_itself = record("crm", visit(slot=NOON), modified_at=ago(seconds_ago))
    plan = merged(further, by_itself, policy=rules("office", "crm", conflict=conflict), before=before)
    found = [(one.values, one.winner, one.rule) for one in plan.conflicts]
    assert found == ([] if rule is None else [({"office": THREE, "crm": NOON}, winner, rule)])
    assert only(plan).agreed.slot == (THREE if winner == "office" else NOON)
    if winner is None:
        later = merged(further, by_itself, policy=rules("office", "crm", conflict=conflict), before=again(plan))
        assert (told(plan), told(later), later.conflicts) == ([], [], plan.conflicts)


def test_a_number_that_it_does_not_show_is_no_rival_of_a_name() -> None:
    """The client has another number at crm and another name at site: both are agreed."""
    agreed = visit(clients=(replace(JANE, phone="999"),))
    why = {Field.CLIENTS: origin("crm", minutes_ago=1)}
    before = known(mapping("crm", agreed), mapping("site"), agreed=agreed, provenance=why)
    renamed = replace(JANE, last_name="Jones")
    plan = merged(record("site", visit(clients=(renamed,))), policy=rules("crm", "site"), before=before)
    assert told(plan) == ["update crm clients"]
    assert only(plan).agreed.clients == (replace(renamed, phone="999"),)
    assert not plan.conflicts


def test_a_title_that_lost_against_one_that_it_cannot_take_is_no_sight_of_that() -> None:
    """What crm's people typed instead is what crm stands for, until it is seen beside the agreed one."""
    new = visit(title="New")
    why = {Field.TITLE: origin("office", minutes_ago=1)}
    before = known(mapping("crm"), mapping("office", new), agreed=new, provenance=why)
    policy = rules("office", "crm", conflict=PRIORITY)
    plan = merged(record("crm", visit(title="Newer")), policy=policy, before=before)
    assert plan.conflicts[0].winner == "office"
    assert only(plan).needs_another_cycle


def test_notes_that_it_cannot_hold_compete_no_more_once_it_was_seen_beside_them() -> None:
    """As with a field that it never takes: from then on they are no rival of its own."""
    able = replace(OFFICE, holds=lambda field, _: field is not Field.NOTES)
    policy = rules("crm", Traits(name="office", capabilities=able), conflict=PRIORITY)
    rung = visit(notes="Ring")
    before = known(mapping("crm", rung), mapping("office"), agreed=rung, provenance={Field.NOTES: origin("crm")})
    own = record("office", visit(notes="Knock"))
    assert merged(own, policy=policy, before=before).conflicts
    seen = merged(policy=policy, before=before)
    assert not merged(own, policy=policy, before=again(seen)).conflicts


def test_a_title_that_it_never_shows_is_not_waited_for() -> None:
    """Nothing that site could show tells whether it has it, so no later look at site is due."""
    new = visit(title="New")
    before = known(mapping("site"), mapping("office", new), agreed=new, provenance={Field.TITLE: origin("office")})
    snapshots: list[Snapshot] = [NotPolled(vendor="site"), listing("office", unchanged={"1"})]
    assert not only(plan_for(snapshots, before, policy=rules("office", "site"))).needs_another_cycle


@pytest.mark.parametrize(
    ("vendor", "agreed_on", "status", "winner"),
    [("crm", "site", Status.PENDING, "crm"), ("site", "crm", Status.COMPLETED, "crm")],
)
def test_a_revival_goes_against_a_status_that_its_vendor_has_no_word_for(
    vendor: str, agreed_on: str, status: Status, winner: str
) -> None:
    """Cancelled here, pending or completed there: whoever revives it here can only call it scheduled. Both are kept."""
    agreed = visit(status=status)
    why = {Field.STATUS: origin(agreed_on, minutes_ago=1)}
    before = known(mapping(vendor, GONE), mapping(agreed_on, agreed), agreed=agreed, provenance=why)
    plan = merged(record(vendor), policy=rules("crm", "site", conflict=PRIORITY), before=before)
    [conflict] = plan.conflicts
    assert (conflict.values, conflict.winner) == ({vendor: Status.SCHEDULED, agreed_on: status}, winner)
    assert only(plan).agreed.status is conflict.values[winner]


def test_who_was_away_longest_says_what_was_missed() -> None:
    """Two vendors missed a move, of which one had missed another before: the older value is what it moved from."""
    why = {Field.SLOT: origin("crm", minutes_ago=1, text="crm moved it")}
    before = known(
        mapping("crm", visit(slot=NOON)),
        mapping("office", visit(slot=slot(11)), known_at=ago(30)),
        mapping("site", known_at=ago(900)),
        agreed=visit(slot=NOON),
        provenance=why,
    )
    moved = [record("office", visit(slot=THREE)), record("site", visit(slot=THREE))]
    plan = merged(*moved, policy=rules("crm", "office", "site", conflict=PRIORITY), before=before)
    assert only(plan).agreed.slot == NOON
    assert [set(conflict.values) for conflict in plan.conflicts] == [{"crm", "office", "site"}]


def test_its_own_earlier_change_is_no_rival_of_its_next_one() -> None:
    """Site's move was agreed and taken otherwise than it was shown; site moves it again."""
    before = known(mapping("crm"), mapping("site"), agreed=visit(slot=NOON), provenance={Field.SLOT: origin("site")})
    plan = merged(record("site", visit(slot=THREE)), policy=rules("crm", "site"), before=before)
    assert not plan.conflicts
    assert only(plan).agreed.slot == THREE


def test_what_it_has_taken_hides_nothing_that_it_has_not() -> None:
    """Notes and time were agreed, and site took the notes alone: its people's move goes against the agreed one."""
    agreed = visit(slot=NOON, notes="Ring")
    why = {Field.NOTES: origin("crm", minutes_ago=1), Field.SLOT: origin("crm", minutes_ago=1)}
    before = known(mapping("crm", agreed), mapping("site", visit(notes="Ring")), agreed=agreed, provenance=why)
    own = record("site", visit(slot=THREE, notes="Ring twice"))
    plan = merged(own, policy=rules("crm", "site"), before=before)
    assert [conflict.values for conflict in plan.conflicts] == [{"crm": NOON, "site": THREE}]


@pytest.mark.parametrize(("minutes_ago", "conflict"), [(2, False), (1, False), (0.5, True)])
def test_a_cancellation_goes_against_a_revival_that_it_may_have_missed(minutes_ago: float, conflict: bool) -> None:
    """Site was seen a minute ago as it was: what crm had scheduled again by then is not what site's people missed."""
    why = {Field.STATUS: origin("crm", minutes_ago=minutes_ago)}
    before = known(mapping("crm"), mapping("site", known_at=ago(60)), provenance=why)
    plan = merged(record("site", GONE), policy=rules("crm", "site"), before=before)
    assert told(plan) == ["cancel crm"]
    assert bool(plan.conflicts) is conflict

"""Who wins when people change the same appointment at several vendors."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from syncd.model.appointment import Appointment, Field, Status
from tests.reconcile.world import (
    GONE,
    JANE,
    MANUAL,
    NEWEST,
    NOON,
    PRIORITY,
    THREE,
    ago,
    known,
    listing,
    mapping,
    merged,
    only,
    plan_for,
    record,
    rules,
    slot,
    told,
    visit,
)

ALL = ("crm", "book", "office", "site")


def test_one_vendors_change_goes_to_the_others() -> None:
    """A moved appointment is moved at every other vendor, and each move says who moved it, from when to when."""
    plan = merged(record("crm", visit(slot=NOON), modified_at=ago(60)))
    assert told(plan) == ["move office slot", "move site slot"]
    assert plan.operations[0].reason == (
        "crm moved it from 2030-03-05 10:00–10:30 UTC to 2030-03-05 12:00–12:30 UTC at 2030-03-04 07:59:01 UTC; "
        "unchanged elsewhere"
    )
    assert only(plan).provenance[Field.SLOT].vendor == "crm"


def test_different_fields_do_not_compete() -> None:
    """Moved at one vendor and noted at another, it gets both."""
    plan = merged(record("crm", visit(slot=NOON)), record("office", visit(notes="Ring")))
    assert told(plan) == ["update crm notes", "move office slot", "update site notes", "move site slot"]
    assert not plan.conflicts


def test_the_same_change_at_several_vendors_is_agreed() -> None:
    """Moved to the same time at two vendors, only the third is moved; there is no conflict."""
    plan = merged(record("crm", visit(slot=NOON)), record("office", visit(slot=NOON)))
    assert told(plan) == ["move site slot"]
    assert not plan.conflicts


def test_the_newest_change_wins_where_the_times_tell() -> None:
    """Of two moves with modification times, the later one wins; the conflict keeps both values and the rule."""
    plan = merged(
        record("crm", visit(slot=NOON), modified_at=ago(90)), record("office", visit(slot=THREE), modified_at=ago(30))
    )
    assert told(plan) == ["move crm slot", "move site slot"]
    [conflict] = plan.conflicts
    assert (conflict.field, conflict.winner, conflict.rule) == (Field.SLOT, "office", "newest")
    assert conflict.values == {"crm": NOON, "office": THREE}
    assert conflict.explanation.endswith("the later change wins")


def test_a_vendors_clock_is_corrected() -> None:
    """A vendor whose clock is a minute fast has not changed the record a minute later."""
    fast = listing("office", record("office", visit(slot=THREE), modified_at=ago(30)), clock_offset=60.0)
    right = listing("crm", record("crm", visit(slot=NOON), modified_at=ago(60)), clock_offset=0.0)
    plan = plan_for([right, fast], known(mapping("crm"), mapping("office")))
    assert only(plan).agreed.slot == NOON
    assert plan.conflicts[0].rule == "newest"


@pytest.mark.parametrize(("order", "winner"), [(("crm", "site"), NOON), (("site", "crm"), THREE)])
def test_times_that_overlap_decide_nothing(order: tuple[str, str], winner: Any) -> None:
    """Against a vendor that tells no modification time, the priority decides if the change may have been later."""
    plan = merged(
        record("crm", visit(slot=NOON), modified_at=ago(60)),
        record("site", visit(slot=THREE)),
        policy=rules(*order),
    )
    assert only(plan).agreed.slot == winner
    assert plan.conflicts[0].rule == "priority"


def test_a_change_that_was_surely_later_wins_even_without_a_modification_time() -> None:
    """A record that was still unchanged after the other vendor's change was changed later."""
    before = known(mapping("crm"), mapping("site", known_at=ago(60)))
    plan = merged(
        record("crm", visit(slot=NOON), modified_at=ago(70)),
        record("site", visit(slot=THREE)),
        policy=rules("crm", "site"),
        before=before,
    )
    assert only(plan).agreed.slot == THREE
    assert plan.conflicts[0].rule == "newest"


@pytest.mark.parametrize(("order", "winner"), [(("crm", "site"), NOON), (("site", "crm"), THREE)])
@pytest.mark.parametrize("ahead", [("crm", "site"), ("site",)], ids=["both", "one"])
def test_of_two_listings_under_a_clock_that_was_set_back_neither_is_the_later(
    order: tuple[str, str], winner: Any, ahead: tuple[str, ...]
) -> None:
    """Records last seen at a moment that is yet to come were changed nobody knows when: the priority says so."""
    first = listing("crm", record("crm", visit(slot=NOON)), ended_at=ago(5))
    last = listing("site", record("site", visit(slot=THREE)))
    seen = [mapping(name, known_at=ago(-3600)) if name in ahead else mapping(name) for name in ("crm", "site")]
    plan = plan_for([first, last], known(*seen), policy=rules(*order))
    assert only(plan).agreed.slot == winner
    [conflict] = plan.conflicts
    assert conflict.rule == "priority"
    assert conflict.explanation.endswith(
        "which was later cannot be told, as the clock was set back since, or the database is from another host: "
        f"{order[0]} comes first in the priority"
    )


@pytest.mark.parametrize("order", [("crm", "site"), ("site", "crm")])
def test_a_deletion_under_a_clock_that_was_set_back_is_no_later_than_a_move(order: tuple[str, str]) -> None:
    """Where cancellations do not win by themselves, the priority decides between the two, and says why."""
    seen = [mapping("crm", known_at=ago(-3600)), mapping("site", known_at=ago(-3600))]
    last = [listing("crm", record("crm", visit(slot=NOON)), ended_at=ago(5)), listing("site", gone={"1"})]
    plan = plan_for(last, known(*seen), policy=rules(*order, cancel_wins=False))
    assert {conflict.rule for conflict in plan.conflicts} == {"priority"}
    assert {conflict.winner for conflict in plan.conflicts} == {order[0]}
    assert "the clock was set back" in plan.conflicts[0].explanation


@pytest.mark.parametrize("order", list(itertools.permutations(("crm", "office", "site"))))
def test_by_priority_the_vendor_named_first_wins(order: tuple[str, ...]) -> None:
    """Under `priority` the time of a change does not matter."""
    slots = dict(zip(("crm", "office", "site"), (NOON, THREE, slot(17)), strict=True))
    changed = [record(vendor, visit(slot=when), modified_at=ago(40)) for vendor, when in slots.items()]
    plan = merged(*changed, policy=rules(*order, conflict=PRIORITY))
    assert only(plan).agreed.slot == slots[order[0]]
    assert plan.conflicts[0].winner == order[0]


def test_the_first_vendor_wins_with_whoever_agrees_with_it() -> None:
    """Two vendors that made the same change stand together, under the better priority of the two."""
    plan = merged(
        record("crm", visit(slot=NOON)),
        record("office", visit(slot=THREE)),
        record("site", visit(slot=NOON)),
        policy=rules("crm", "office", "site", conflict=PRIORITY),
        before=known(mapping("crm"), mapping("office"), mapping("site", known_at=ago(20))),
    )
    assert told(plan) == ["move office slot"]
    assert plan.conflicts[0].winner == "crm"


def test_the_losers_record_gets_the_winners_value() -> None:
    """A vendor that lost is brought in step; what it had is in the conflict."""
    plan = merged(
        record("crm", visit(notes="one")), record("office", visit(notes="two")), policy=rules("crm", "office")
    )
    assert told(plan) == ["update office notes"]
    assert plan.conflicts[0].values == {"crm": "one", "office": "two"}


def test_a_value_that_the_loser_cannot_take_is_not_written() -> None:
    """A vendor that changes no titles keeps the title that lost, and is not asked again."""
    policy = rules("office", "crm", conflict=PRIORITY)
    plan = merged(record("crm", visit(title="Two")), record("office", visit(title="One")), policy=policy)
    assert told(plan) == []
    assert only(plan).agreed.title == "One"
    assert [conflict.field for conflict in plan.conflicts] == [Field.TITLE]


class TestCancelling:
    """A cancellation against other changes."""

    def test_it_goes_everywhere(self) -> None:
        """Cancelled at one vendor and unchanged at the others, it is cancelled everywhere."""
        plan = merged(record("crm", GONE))
        assert told(plan) == ["cancel office", "cancel site"]
        assert "crm cancelled it" in plan.operations[0].reason

    def test_it_wins(self) -> None:
        """By default a cancellation wins over any other change, and the conflict keeps what was changed."""
        plan = merged(record("crm", GONE), record("site", visit(slot=NOON, notes="Ring")))
        assert told(plan) == ["cancel office", "cancel site"]
        assert {c.field: c.values["site"] for c in plan.conflicts} == {Field.SLOT: NOON, Field.NOTES: "Ring"}

    def test_it_does_not_win_if_it_must_not(self) -> None:
        """Without cancel_wins the later change wins: the appointment stands, and is revived where it was cancelled."""
        plan = merged(
            record("crm", GONE, modified_at=ago(90)),
            record("office", visit(slot=NOON), modified_at=ago(30)),
            policy=rules("crm", "office", "site", cancel_wins=False),
        )
        assert told(plan) == ["move crm slot status", "move site slot"]
        assert plan.conflicts[0].rule == "newest"

    def test_without_the_rule_it_may_win_all_the_same(self) -> None:
        """Without cancel_wins a cancellation that came later wins like any other change."""
        plan = merged(
            record("crm", GONE, modified_at=ago(30)),
            record("office", visit(slot=NOON), modified_at=ago(90)),
            policy=rules("crm", "office", "site", cancel_wins=False),
        )
        assert told(plan) == ["cancel office", "cancel site"]

    def test_what_else_became_of_the_cancelled_record_concerns_nobody(self) -> None:
        """A cancelled record's other changes are no changes of the appointment."""
        ended = visit(status=Status.CANCELLED, notes="No longer", slot=slot(minutes=1))
        plan = merged(record("site", ended))
        assert told(plan) == ["cancel crm", "cancel office"]
        assert only(plan).agreed == GONE

    def test_completed_goes_to_those_that_can_say_so(self) -> None:
        """An appointment that took place is completed at the vendors that know the word."""
        plan = merged(record("crm", visit(status=Status.COMPLETED)), policy=rules(*ALL))
        assert told(plan) == ["update office status"]

    def test_no_show_goes_to_those_that_can_say_so(self) -> None:
        """A no-show likewise."""
        plan = merged(record("crm", visit(status=Status.NO_SHOW)), policy=rules(*ALL))
        assert told(plan) == ["update book status", "update site status"]


@pytest.mark.parametrize("rule", [NEWEST, PRIORITY, MANUAL])
def test_blanks_case_of_an_address_and_the_look_of_a_number_are_no_change(rule: Any) -> None:
    """A text with other blanks around it, an address in capitals and a number with hyphens change nothing."""
    same: Appointment = visit(title=" Visit ", clients=(replace(JANE, email="JANE@example.com", phone="555-01 00"),))
    plan = merged(record("crm", same), record("office", same), policy=rules("crm", "office", conflict=rule))
    assert not plan.operations
    assert not plan.conflicts


def test_what_was_modified_before_its_row_was_seen_unchanged_has_no_time() -> None:
    """No row shows notes: that they were as ever a minute ago does not make an old note the later one."""
    noted = record("crm", visit(notes="Ring the bell"), modified_at=ago(15_000))
    before = known(mapping("crm", known_at=ago(60)), mapping("office", known_at=ago(400)), mapping("site"))
    gone = listing("office", gone={"1"}, ended_at=ago(300))
    seen = [listing("crm", noted), gone, listing("site", unchanged={"1"})]
    policy = rules("office", "crm", "site", cancel_wins=False)
    plan = plan_for(seen, before, policy=policy)
    assert told(plan) == ["cancel crm", "cancel site"]
    assert any("office comes first in the priority" in one.explanation for one in plan.conflicts)
    later = [listing("crm", replace(noted, modified_at=ago(30))), *seen[1:]]
    assert "cancel site" not in told(plan_for(later, before, policy=policy))

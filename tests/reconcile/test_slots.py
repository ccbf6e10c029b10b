"""A slot is one unit: whoever moves an appointment decides start and end, and no other vendor has a part in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.model.appointment import Field
from syncd.model.times import Slot
from tests.reconcile.world import (
    JANE,
    NOON,
    PRIORITY,
    ago,
    at,
    known,
    mapping,
    merged,
    only,
    record,
    rules,
    slot,
    told,
    visit,
)

MOVES = {
    "later": slot(15),
    "earlier": slot(8),
    "a little earlier": slot(9, 45),
    "longer": slot(10, minutes=90),
    "shorter": slot(10, minutes=10),
    "around it": slot(9, minutes=180),
    "the day before": slot(10, day=0, minutes=45),
}


@pytest.mark.parametrize("moved", MOVES.values(), ids=MOVES)
def test_others_get_the_start_and_the_end_of_the_vendor_that_moved_it(moved: Slot) -> None:
    """Earlier, later, longer or shorter: both ends are that vendor's, and nothing is left of the old slot."""
    plan = merged(record("crm", visit(slot=moved)))
    assert told(plan) == ["move office slot", "move site slot"]
    assert {operation.target.slot for operation in plan.operations} == {moved}
    assert plan.operations[0].changes == {Field.SLOT: (slot(), moved)}


@pytest.mark.parametrize(("crm", "office"), [(slot(8), slot(10, minutes=90)), (slot(10, minutes=90), slot(8))])
def test_of_two_slots_the_whole_of_one_wins(crm: Slot, office: Slot) -> None:
    """Moved at one vendor and made longer at another: a conflict, and never the start of one with the other's end."""
    policy = rules("crm", "office", "site", conflict=PRIORITY)
    plan = merged(record("crm", visit(slot=crm)), record("office", visit(slot=office)), policy=policy)
    assert only(plan).agreed.slot == crm
    [conflict] = plan.conflicts
    assert conflict.values == {"crm": crm, "office": office}


def test_a_vendor_that_is_behind_gets_the_whole_slot() -> None:
    """What it lacks is both ends, however much of its own slot it shares with the agreed one."""
    before = known(mapping("crm", visit(slot=NOON)), mapping("office", visit(slot=slot(12, minutes=60))))
    plan = merged(
        record("crm", visit(slot=slot(11, 30)), modified_at=ago(60)), policy=rules("crm", "office"), before=before
    )
    assert told(plan) == ["move office slot"]
    assert plan.operations[0].target.slot == slot(11, 30)


@pytest.mark.parametrize("order", [("crm", "site"), ("site", "crm")])
def test_seconds_at_both_ends_are_nobody_s_conflict(order: tuple[str, str]) -> None:
    """One of two keeps them and the other cannot: the same move at both is agreed, to the second."""
    exact = Slot(start=at(12, second=20), end=at(12, 30, second=40))
    plan = merged(record("crm", visit(slot=exact)), record("site", visit(slot=NOON)), policy=rules(*order))
    assert not plan.conflicts
    assert only(plan).agreed.slot == exact


def test_a_blank_is_no_conflict_and_a_letter_s_case_is() -> None:
    """Equal texts are agreed whatever blanks surround them; a name that is written otherwise is another."""
    policy = rules("crm", "office", "site")
    notes = [record("crm", visit(notes="Ring")), record("office", visit(notes="Ring "))]
    assert not merged(*notes, policy=policy).conflicts
    names = [replace(JANE, last_name=name) for name in ("Doe", "doe")]
    renamed = [record(name, visit(clients=(one,))) for name, one in zip(("crm", "office"), names, strict=True)]
    assert [conflict.field for conflict in merged(*renamed, policy=policy).conflicts] == [Field.CLIENTS]


def test_a_person_s_move_to_a_local_time_that_means_two_instants_goes_to_the_earlier() -> None:
    """Where neither the base nor a write of syncd's is at one of them, it is what the vendor's codec made of it."""
    moved = record("office", visit(slot=slot(14)), other_readings=(slot(15),))
    plan = merged(moved, policy=rules("crm", "office"))
    assert told(plan) == ["move crm slot"]
    assert only(plan).agreed.slot == slot(14)

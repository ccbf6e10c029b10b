"""What a rejection comes to: the change is taken back where it was made, and was never anybody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.compare.sameness import same_value
from syncd.model.appointment import Appointment, Field, Status
from syncd.model.memory import Aspect, Known
from syncd.model.plan import Create, Held, Step
from syncd.model.policy import Guard, Limit
from syncd.reconcile import Rejected, Verdict, reject_absence, reject_change
from tests.reconcile.people import CHANGES, ENDINGS, VENDORS, Edit, edited
from tests.reconcile.play import World, cycle
from tests.reconcile.test_laws import settled, writes
from tests.reconcile.world import (
    JANE,
    NOW,
    OMAR,
    known,
    listing,
    mapping,
    only,
    plan_for,
    record,
    rules,
    slot,
    visit,
)

NOTHING = Limit(count=0, percent=0)
STRICT = rules(*VENDORS, guard=Guard(max_cancels=NOTHING, max_changes=NOTHING))
VERDICT = Verdict("ann", NOW)
EVERYWHERE = [set(VENDORS)] * 3


def rejecting(world: World, held: tuple[Held, ...]) -> tuple[World, dict[str, set[Field]]]:
    """The world once all that is held was rejected, and the fields that were, by appointment."""
    remembered = dict(world.known)
    fields: dict[str, set[Field]] = {key: set() for key in remembered}
    for one in held:
        operation = one.operation
        if one.missing_at:
            remembered[operation.appointment] = reject_absence(
                remembered[operation.appointment], one.missing_at, VERDICT
            ).known
            continue
        left = {name: both for name, both in operation.changes.items() if name not in fields[operation.appointment]}
        back = reject_change(remembered[operation.appointment], operation.vendor, left, VERDICT)
        assert back.origins or not left
        remembered[operation.appointment] = back.known
        fields[operation.appointment] |= left.keys()
    return replace(world, known=remembered), fields


@settings(max_examples=20)
@given(
    st.sampled_from(VENDORS),
    st.dictionaries(st.integers(0, 2), st.one_of(CHANGES, ENDINGS), max_size=3),
)
def test_whatever_one_vendor_s_people_did_is_as_before_once_it_is_rejected(
    vendor: str, done: dict[int, tuple[str, object]]
) -> None:
    """It is agreed as before, no other vendor is written, and the cycle after finds nothing to do."""
    world = settled(EVERYWHERE)
    before = {key: one.agreed for key, one in world.known.items()}
    world, _ = edited(world, [Edit(client, vendor, *kind) for client, kind in done.items()])
    world, plan = cycle(world, STRICT)
    assert not writes(plan)
    world, fields = rejecting(world, plan.held)
    world, taken_back = cycle(world, STRICT)
    released: list[Step] = [*writes(taken_back), *(one.operation for one in taken_back.held)]
    assert {one.vendor for one in released} <= {vendor}
    for key, names in fields.items():
        assert all(same_value(name, before[key].get(name), world.known[key].agreed.get(name)) for name in names)
    world = replace(world, approved=frozenset(one.id for one in released))
    world, _ = cycle(world, STRICT)
    _, quiet = cycle(world, STRICT)
    assert not [*writes(quiet), *quiet.held]


def waiting(changed: Appointment) -> tuple[Known, Step]:
    """An appointment that crm's people changed, and what is held of that at the office."""
    plan = plan_for(
        [listing("crm", record("crm", changed)), listing("office", unchanged={"1"})],
        known(mapping("crm"), mapping("office")),
        policy=replace(STRICT, vendors=rules("crm", "office").vendors),
    )
    state = only(plan)
    held = [one.operation for one in plan.held if one.operation.vendor == "office"]
    return known(*state.mappings, agreed=state.agreed, provenance=state.provenance), held[0]


def back(changed: Appointment) -> Rejected:
    """The same once it was rejected."""
    remembered, operation = waiting(changed)
    return reject_change(remembered, operation.vendor, operation.changes, VERDICT)


def test_the_reason_says_who_rejected_what_and_when() -> None:
    """It stands in the report, in the journal, and in the account of the appointment."""
    found = back(visit(slot=slot(15)))
    assert found.origins == {"crm"}
    assert (found.known.agreed.slot, found.known.provenance["slot"].vendor) == (slot(10), "office")
    assert found.known.provenance["slot"].text == (
        "ann rejected on 2030-03-04 08:00 UTC the change of its slot at crm: it is as office has it"
    )


def test_a_move_of_a_record_that_was_then_called_off_is_rejected_with_that() -> None:
    """It stands where the office has it: nobody was asked about the other time."""
    found = back(visit(slot=slot(16), status=Status.CANCELLED))
    assert (found.known.agreed.status, found.known.agreed.slot) == (Status.SCHEDULED, slot(10))


def test_of_a_client_only_what_would_change_is_put_back() -> None:
    """Another vendor's new phone number, which the office does not show, stays."""
    remembered, operation = waiting(visit(clients=(replace(JANE, email="other@example.com"),)))
    newer = replace(JANE, email="other@example.com", phone="5550199")
    remembered = replace(remembered, agreed=visit(clients=(newer,)))
    found = reject_change(remembered, "office", operation.changes, VERDICT)
    assert found.known.agreed.clients == (replace(JANE, phone="5550199"),)


def test_the_former_client_comes_back_with_the_number_that_the_vendor_does_not_show() -> None:
    """Somebody else was put in Jane's place at crm: rejected at the office, Jane's number is not lost."""
    remembered, operation = waiting(visit(clients=(OMAR,)))
    nameless = [
        replace(one, acknowledged=visit(clients=(replace(JANE, phone=""),))) if one.vendor == "office" else one
        for one in remembered.mappings
    ]
    site = mapping("site")
    found = reject_change(replace(remembered, mappings=(*nameless, site)), "office", operation.changes, VERDICT)
    assert found.known.agreed.clients == (JANE,)


def test_a_length_about_which_nobody_decided_is_left_alone() -> None:
    """The move is rejected; whether it takes 30 or 45 minutes is another question, which stays."""
    remembered, operation = waiting(visit(slot=slot(15, minutes=45)))
    unlike = tuple(replace(one, unlike=frozenset({Aspect.LENGTH})) for one in remembered.mappings)
    found = reject_change(replace(remembered, mappings=unlike), "office", operation.changes, VERDICT)
    assert found.known.agreed.slot == slot(10, minutes=45)


def test_who_changed_it_must_be_known() -> None:
    """Without an origin there is nowhere to put it back."""
    remembered, operation = waiting(visit(slot=slot(15)))
    assert (
        reject_change(replace(remembered, provenance={}), "office", operation.changes, VERDICT).origins == frozenset()
    )


@pytest.mark.parametrize("again", [False, True])
def test_a_missing_record_is_made_anew_or_taken_back_where_it_shows_again(again: bool) -> None:
    """Rejected, its absence says nothing; and it is never there twice."""
    missing = known(mapping("crm"), replace(mapping("office", remote_id="7"), missing=True))
    found = reject_absence(missing, ["office"], VERDICT)
    assert found.origins == {"office"}
    assert [m.tombstone for m in found.known.mappings] == [
        None,
        "ann rejected on 2030-03-04 08:00 UTC that it was called off, as its record is missing at office",
    ]
    shown = [record("office", remote_id="7")] if again else []
    plan = plan_for(
        [listing("crm", unchanged={"1"}), listing("office", *shown)], found.known, policy=rules("crm", "office")
    )
    assert [(type(o), o.vendor) for o in plan.operations] == ([] if again else [(Create, "office")])
    assert only(plan).agreed.status is Status.SCHEDULED

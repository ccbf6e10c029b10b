"""Two appointments that a third record shows to be one: what the known one of them keeps."""

from __future__ import annotations

from dataclasses import replace

from syncd.model.memory import UnsettledCreate
from syncd.model.plan import Adopt
from tests.reconcile.world import ago, known, listing, mapping, only, plan_for, record, rules, slot, told, visit


def test_what_unites_two_leaves_the_known_one_its_records() -> None:
    """Its own vendor, which comes last, has a twin of its record: that is an appointment of its own."""
    policy = rules("site", "office", "crm")
    titled = visit(title="Open house", clients=())
    snapshots = [
        listing("site", record("site", visit(title=""))),
        listing("office", record("office", visit(title="Open house"))),
        listing("crm", record("crm", titled, "2"), unchanged={"1"}),
    ]
    plan = plan_for(snapshots, known(mapping("crm", titled)), policy=policy)
    [mine] = [next_state for next_state in plan.next_states if next_state.id == "a"]
    assert {(m.vendor, m.remote_id) for m in mine.mappings} == {("site", "1"), ("office", "1"), ("crm", "1")}
    assert len(plan.next_states) == 2


def test_what_unites_two_leaves_the_known_one_its_old_time() -> None:
    """It was moved at the CRM: a copy at the time that it had is linked all the same, and moved."""
    policy = rules("crm", "site", "office", "book")
    noon = slot(12)
    snapshots = [
        listing("crm", record("crm", visit(slot=noon, title="Open house", clients=()))),
        listing("site", record("site", visit(slot=noon, title=""))),
        listing("office", record("office", visit(slot=noon, title="Open house"))),
        listing("book", record("book", visit(title="Open house", clients=()))),
    ]
    plan = plan_for(snapshots, known(mapping("crm", visit(title="Open house", clients=()))), policy=policy)
    assert "move book slot" in told(plan)
    assert [next_state.id for next_state in plan.next_states] == ["a"]


def test_what_unites_two_leaves_the_known_one_the_create_that_was_found() -> None:
    """Its lost create comes to light by its mark in the same cycle: it is settled."""
    titled = visit(title="Open house", clients=())
    create = UnsettledCreate(operation="1", vendor="site", intended=titled, token="mark", intended_at=ago(600))
    before = replace(known(mapping("crm", titled)), unsettled=(create,))
    snapshots = [
        listing("site", record("site", titled, token="mark")),
        listing("book", record("book", visit(title=""))),
        listing("office", record("office", visit(title="Open house"))),
        listing("crm", unchanged={"1"}),
    ]
    plan = plan_for(snapshots, before, policy=rules("site", "book", "office", "crm"))
    assert only(plan).settled == ("1",)
    reasons = {adopt.vendor: adopt.reason for adopt in plan.operations if isinstance(adopt, Adopt)}
    assert [vendor for vendor, reason in reasons.items() if "got no answer" in reason] == ["site"]

"""Records that nobody but their vendor's own people can write."""

from __future__ import annotations

from tests.reconcile.world import GONE, NOON, again, known, left_alone, listing, mapping, plan_for, record, told, visit

MAILS = "its server would mail the attendees"
FIXED = record("office", visit(notes="Ring"), fixed=MAILS)


def test_what_it_shows_is_merged_and_nothing_is_written_to_it() -> None:
    """Its note goes to the CRM; the CRM's move is left to a person, who reads why."""
    before = known(mapping("crm"), mapping("office"))
    plan = plan_for([listing("crm", record("crm", visit(slot=NOON))), listing("office", FIXED)], before)
    [entry] = plan.quarantined
    assert told(plan) == ["update crm notes"]
    assert (entry.vendor, entry.remote_id, entry.operation is not None) == ("office", "1", True)
    assert MAILS in entry.reason


def test_once_it_can_be_written_it_is() -> None:
    """What was left is not left for ever: the record is not fixed any more."""
    before = known(mapping("crm", GONE), mapping("office", visit(notes="Ring")), agreed=GONE)
    fixed = plan_for([listing("crm", unchanged={"1"}), listing("office", FIXED)], before)
    assert told(fixed) == []
    free = listing("office", record("office", visit(notes="Ring")))
    later = plan_for([listing("crm", unchanged={"1"}), free], again(fixed), quarantines=left_alone(fixed.quarantined))
    assert told(later) == ["cancel office"]

"""What is left alone of a record that did not keep the status, or the time, that was written there."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.compare.identity import until_elsewhere, until_otherwise
from syncd.model.appointment import Status
from syncd.model.memory import Known, Quarantine
from syncd.model.plan import Plan
from tests.reconcile.world import EARLIER, GONE, NOON, known, listing, mapping, plan_for, record, slot, told, visit

LEFT = Quarantine(
    vendor="site", key=until_otherwise("a"), reason="not kept", appointment="a", remote_id="1", since=EARLIER
)


def plan(before: Known, site: Any, crm: Any = None) -> Plan:
    """What follows, with that entry; the CRM's record as it was, or with these values."""
    here = listing("crm", unchanged={"1"}) if crm is None else listing("crm", record("crm", crm))
    return plan_for([here, site], before, quarantines=(LEFT,))


@pytest.mark.parametrize("crm", [None, visit(slot=NOON), visit(title="New"), visit(status=Status.COMPLETED)])
def test_nothing_is_written_to_it_whatever_else_is_to_be(crm: Any) -> None:
    """A revival that was not kept: neither that nor a move of the cancelled record."""
    before = known(mapping("crm"), mapping("site", GONE), agreed=visit())
    found = plan(before, listing("site", unchanged={"1"}), crm)
    assert [one for one in told(found) if "site" in one] == []
    assert {(one.vendor, one.key, one.new) for one in found.quarantined} == {("site", LEFT.key, False)}


def test_what_does_not_turn_it_is_written() -> None:
    """It stands again, by its people's hand: the entry is about something else, and ends with the cycle."""
    before = known(mapping("crm"), mapping("site", GONE), agreed=visit())
    found = plan(before, listing("site", record("site", visit())), visit(slot=NOON))
    assert told(found) == ["move site slot"]
    assert found.quarantined == ()


def test_another_record_of_its_appointment_is_not_meant() -> None:
    """One that syncd made once too often is ended all the same."""
    surplus = mapping("site", visit(), "2", tombstone="made once too often", surplus=True)
    before = known(mapping("crm", GONE), mapping("site"), surplus, agreed=GONE)
    found = plan(before, listing("site", unchanged={"1", "2"}))
    assert [(one.vendor, one.remote_id) for one in found.operations] == [("site", "2")]
    assert [one.remote_id for one in found.quarantined] == ["1"]


def test_another_vendor_is_not_meant() -> None:
    """Whoever missed the cancellation gets it."""
    before = known(mapping("crm", GONE), mapping("office"), mapping("site"), agreed=GONE)
    shots = [listing(name, unchanged={"1"}) for name in ("crm", "office", "site")]
    found = plan_for(shots, before, quarantines=(LEFT,))
    assert told(found) == ["cancel office"]


_OFF = slot(16)
_ELSEWHERE = Quarantine(
    vendor="office",
    key=until_elsewhere("a", _OFF),
    reason="is its time zone right?",
    appointment="a",
    remote_id="1",
    since=EARLIER,
)


def off(crm: Any, office: Any = None) -> Plan:
    """What follows where the office's record was found at 16:00 right after it was written to noon."""
    agreed = visit(slot=NOON)
    there = mapping("office", visit(slot=_OFF), acknowledged=visit())
    before = known(mapping("crm", agreed), there, agreed=agreed)
    here = listing("office", unchanged={"1"}) if office is None else listing("office", record("office", office))
    return plan_for([listing("crm", record("crm", crm)), here], before, quarantines=(_ELSEWHERE,))


@pytest.mark.parametrize("crm", [visit(slot=NOON), visit(slot=NOON, notes="New"), visit(slot=slot(18))])
def test_what_was_found_elsewhere_is_not_moved_whatever_else_is_to_be(crm: Any) -> None:
    """Somebody may have moved it there."""
    found = off(crm)
    assert [one for one in told(found) if "office" in one] == []
    assert {(one.vendor, one.key, one.new) for one in found.quarantined} == {("office", _ELSEWHERE.key, False)}


def test_it_is_cancelled_with_its_appointment() -> None:
    """Wherever it stands."""
    assert told(off(visit(slot=NOON, status=Status.CANCELLED))) == ["cancel office"]


def test_elsewhere_by_its_peoples_hand_it_is_as_any_other() -> None:
    """They move it once more, and that goes round."""
    found = off(visit(slot=NOON), visit(slot=slot(17)))
    assert told(found) == ["move crm slot"]
    assert found.quarantined == ()

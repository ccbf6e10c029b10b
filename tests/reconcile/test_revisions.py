"""What revisions tell: numbers which state is earlier and how often a record was written, tags neither."""

from __future__ import annotations

import pytest

from syncd.model.revision import Revision, is_earlier, writes_between
from tests.reconcile.world import NOON, listing, mapping, plan_for, record, told, visit
from tests.reconcile.world import known as known_of


@pytest.mark.parametrize(
    ("one", "other", "earlier", "writes"),
    [
        (1, 2, True, 1),
        (2, 1, False, -1),
        (7, 7, False, 0),
        ("a", "b", False, None),
        (1, "b", False, None),
        (None, 2, False, None),
    ],
)
def test_only_numbers_tell(one: Revision | None, other: Revision | None, earlier: bool, writes: int | None) -> None:
    """Of a tag, or of none, nothing is concluded."""
    assert (is_earlier(one, other), writes_between(one, other)) == (earlier, writes)


@pytest.mark.parametrize(
    ("before", "now", "operations"),
    [
        (7, 6, []),
        (7, 8, ["move office slot"]),
        ('"a"', '"b"', ["move office slot"]),
        ('"a"', '"a"', ["move office slot"]),
    ],
)
def test_a_reading_is_stale_by_its_number_alone(before: Revision, now: Revision, operations: list[str]) -> None:
    """An earlier number says that the reading is old; another tag is a change like any other."""
    crm = listing("crm", record("crm", visit(slot=NOON), revision=now))
    plan = plan_for(
        [crm, listing("office", unchanged={"1"})], known_of(mapping("crm", revision=before), mapping("office"))
    )
    assert told(plan) == operations

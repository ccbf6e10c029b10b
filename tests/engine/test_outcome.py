"""What became of a write, by its answer and by the record as it is after it."""

from __future__ import annotations

import pytest

from syncd.compare.attribution import edited_since
from syncd.model.appointment import Field, Status
from tests.reconcile.world import NOON, record, visit

GONE = visit(status=Status.CANCELLED)
ASKED = visit(slot=NOON)


@pytest.mark.parametrize(
    ("shown", "theirs"),
    [
        (Status.NO_SHOW, {Field.STATUS: Status.SCHEDULED}),
        (Status.SCHEDULED, {}),
        (Status.CANCELLED, {}),
    ],
)
def test_a_third_status_in_the_answer_to_the_last_of_two_requests_is_a_persons(
    shown: Status, theirs: dict[Field, object]
) -> None:
    """Revived, then marked as not come by the site's people, then moved: the second answer shows what they did.

    As it was before, nobody can tell whether the revival was done.
    """
    seen = record("site", visit(slot=NOON, status=shown))
    answer = record("site", visit(slot=NOON, status=shown))
    fields = frozenset({Field.SLOT, Field.STATUS})
    assert edited_since(seen, answer, ASKED, fields, GONE) == theirs

"""What became of a write, by its answer and by the record as it is after it."""

from __future__ import annotations

import pytest

from syncd.compare.attribution import edited_since
from syncd.engine.write.outcome import mapping_assumed_written
from syncd.model.appointment import Field, Status
from syncd.model.capabilities import Capabilities, EndFrom
from syncd.model.plan import Reschedule
from tests.reconcile.world import EARLIER, NOON, mapping, record, slot, visit

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


@pytest.mark.parametrize(("end_from", "minutes"), [(EndFrom.TYPE, 30), (EndFrom.OWN, 90)])
def test_a_move_that_could_not_be_read_back_keeps_a_length_that_is_the_vendors_to_say(
    end_from: EndFrom, minutes: int
) -> None:
    """Half an hour there, and an hour and a half agreed: that it takes half an hour after the move is nobody's edit."""
    before = mapping("book", visit(slot=slot(15, minutes=30)))
    target = visit(slot=slot(16, minutes=90))
    move = Reschedule(
        id="1",
        vendor="book",
        appointment="a",
        target=target,
        changes={Field.SLOT: (before.base.slot, target.slot)},
        reason="the office moved it",
        remote_id="1",
    )
    able = Capabilities(fields={}, end_from=end_from)
    after = mapping_assumed_written(able, before, move, EARLIER)
    assert (after.base.slot, after.acknowledged.slot) == (slot(16, minutes=minutes), target.slot)

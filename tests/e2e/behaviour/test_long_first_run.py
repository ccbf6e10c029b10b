"""A first run that a vendor's rate makes longer than a cycle: bounded cycles, an honest forecast, and no double."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from syncd.model.plan import Action
from syncd.sandbox.frame.records import Person
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import World, at, of, steps

MINUTES = 16
"""Between two cycles: a little more than the rate is counted over."""
ROWS, SHARED = 5_000, 600
"""Rows of ActuallyCare that nobody knows yet, and those of them that the other vendor has as well."""


def filled(worlds: Worlds) -> World:
    """ActuallyCare at its documented rate with all these rows, and a back office that is only read."""
    world = worlds(
        names=("crm", "office"),
        rated=True,
        switches={"crm": {"list_rows": "reference"}},
        sync={"interval": f"{MINUTES}m"},
        options={"office": {"read_only": True, "rate": "1000/s"}},
    )
    quarter = timedelta(minutes=15)
    for n in range(ROWS):
        start = at(6, day=2, month=11) + n * quarter
        who = Person("Client", str(n), f"client{n}@example.com")
        title = "Visit"
        world.servers["crm"].person_insert(
            start=start, end=start + timedelta(minutes=MINUTES), title=title, people=[who], service="other"
        )
        if n % (ROWS // SHARED) == 0 and n < SHARED * (ROWS // SHARED):
            world.servers["office"].person_insert(
                start=start, end=start + timedelta(minutes=MINUTES), title="Besuch", people=[who]
            )
    return world


@pytest.mark.parametrize("behaviour", ["reference"], indirect=True)
async def test_five_thousand_unknown_rows_are_read_over_several_cycles(worlds: Worlds) -> None:
    """Never beyond the rate; what an unread row could turn out to be is not created, anything else is."""
    world = filled(worlds)
    alone = world.enter("office", at(5, day=30, month=10))
    unread, forecasts = [ROWS], []
    while unread[-1]:
        begun = world.clock()
        result = await world.cycle(minutes=MINUTES)
        assert world.servers["crm"].counters.refused == 0
        assert sum(world.sent("crm").values()) <= 500
        assert world.clock() - begun <= timedelta(minutes=31)
        unread.append(of(result, "crm").unread)
        assert unread[-1] < unread[-2]
        created = steps(result, Action.CREATE)
        assert len(created) == (len(unread) == 2)  # the one that no row can be
        if unread[-1]:
            [said] = [sentence for sentence in result.waiting if "records are not read yet" in sentence]
            assert "crm" in said
            forecasts.append(_minutes(said))
    assert 8 <= len(forecasts) <= 20
    left = [MINUTES * (len(forecasts) - done) for done in range(len(forecasts))]
    assert all(abs(said - true) <= MINUTES for said, true in zip(forecasts, left, strict=True))
    assert world.the("office", alone.id, "crm").start == alone.start
    assert len(world.live("crm")) == ROWS + 1
    result = await world.cycle(minutes=MINUTES)
    assert (result.exit_code, steps(result)) == (0, [])
    assert world.sent("crm")["get"] == 0
    assert world.desk.counts().live >= ROWS


def _minutes(sentence: str) -> int:
    found = re.search(r"about (?:(\d+) h )?(\d+) min", sentence)
    assert found is not None, sentence
    return int(found[1] or 0) * 60 + int(found[2])

"""What is blocked, and what is opened again, from what a vendor shows of syncd's own blocks alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncd.model.plan import Plan
from syncd.model.record import Block
from syncd.model.times import Slot
from tests.reconcile.world import ABLE, known, listing, mapping, plan_for, rules, slot, visit

DAYS = slot(minutes=3 * 24 * 60)
BEGUN = slot(day=-1, hour=20, minutes=3 * 24 * 60)
OVER = slot(day=-1, hour=20, minutes=30)


def block(at: Slot = DAYS, number: str = "7", calendar: str = "Jordan") -> Block:
    """One that syncd made for the appointment."""
    return Block(id=number, appointment="a", calendar=calendar, slot=at)


def plan_of(*blocks: Block, at: Slot = DAYS, busy: Any = (), **traits: Any) -> Plan:
    """The plan where the CRM, which is busy, has it for these days, and the booking page shows these blocks."""
    able = replace(
        ABLE["book"],
        blocks=True,
        objection=lambda one: "whole days" if one.slot.whole_days else None,
        whose_calendar=lambda _: "Jordan",
    )
    crm, book = rules("crm", "book").vendors
    policy = rules(replace(crm, busy=True), replace(book, **{"capabilities": able, **traits}))
    seen = [listing("crm", unchanged={"1"}), listing("book", blocks=blocks)]
    return plan_for(seen, known(mapping("crm", visit(slot=at))), policy=policy, busy=busy)


@pytest.mark.parametrize(
    ("blocks", "at", "planned"),
    [
        ((), DAYS, ["create"]),
        ((block(),), DAYS, []),
        ((block(), block(number="8")), DAYS, ["cancel 8"]),
        ((block(calendar="Robin"),), DAYS, ["create", "cancel 7"]),
        ((block(slot(hour=11)),), DAYS, ["create", "cancel 7"]),
        ((block(),), slot(), ["cancel 7"]),
        ((), BEGUN, []),
        ((block(BEGUN),), BEGUN, []),
        ((block(BEGUN),), DAYS, ["create", "cancel 7"]),
        ((block(OVER),), DAYS, ["create"]),
        ((block(slot(day=200)),), DAYS, ["create"]),
    ],
)
def test_what_stands_becomes_what_there_is_to_be(blocks: tuple[Block, ...], at: Slot, planned: list[str]) -> None:
    """New ones first; nothing is blocked that has begun, and nothing opened that is over or out of the window."""
    plan = plan_of(*blocks, at=at)
    told = [f"{one.action} {one.remote_id}" if one.remote_id else str(one.action) for one in plan.blocks]
    assert told == planned


@pytest.mark.parametrize("traits", [{"busy": None}, {"read_only": True}, {"slots_held": True}])
def test_nothing_is_blocked_or_opened_where_that_must_not_be(traits: dict[str, Any]) -> None:
    """Where only a part of it was loaded, where nothing is written, and where the zone is in question."""
    assert plan_of(block(slot(hour=11)), **traits).blocks == ()

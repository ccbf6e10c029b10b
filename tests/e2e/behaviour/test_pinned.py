"""Plans that were saved by an earlier version: what they name is still planned, and is carried out.

The ids of operations stand in saved plans, approvals and quarantines in the field. The files in `plans/` were written
by version 0.1.0 and are never made anew: where a change of the code gives an operation another id, the code is wrong.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syncd import report
from syncd.model.plan import Outcome
from tests.e2e.behaviour.world import ANA, JANE, OMAR, World, at

PLANS = Path(__file__).with_name("plans")
IDS = {
    "crm": "11111111-0000-4000-8000-{:012d}",
    "book": "77700{:02d}",
    "office": "0f0f0f0f-0000-4000-8000-{:012d}",
    "site": "8{:03d}",
}
"""Ids of records as each vendor makes them."""


@pytest.fixture
def behaviour() -> str:
    """Ids say what a vendor has, in whichever behaviour."""
    return "observed"


def number(name: str, count: int) -> str:
    """The id of a vendor's record of that number."""
    return IDS[name].format(count)


def everywhere(world: World, count: int, hour: float, who: Any, minutes: int = 30) -> None:
    """The same appointment at every vendor, under the ids of that number."""
    for name in world.servers:
        world.enter(name, at(hour), who, minutes, id=number(name, count))


async def first_run(world: World) -> None:
    """Three appointments, each at one vendor, and one at two."""
    world.enter("crm", at(9), JANE, id=number("crm", 1))
    world.enter("book", at(11), OMAR, id=number("book", 2))
    world.enter("site", at(13), ANA, 60, id=number("site", 3))
    for name in ("crm", "office"):
        world.enter(name, at(15), JANE, id=number(name, 4))


async def edits(world: World) -> None:
    """Four that are in step, and then a move, a note, a title, another phone number, and a length."""
    for count, who in enumerate((JANE, OMAR, ANA, JANE), 1):
        everywhere(world, count, 8 + 2 * count, who)
    await world.settle()
    world.move("crm", number("crm", 1), at(19))
    world.servers["book"].person_edit(number("book", 2), notes="Side door")
    world.servers["office"].person_edit(number("office", 3), title="A second viewing")
    book = world.servers["book"]
    [client] = book.entries[number("book", 4)].people
    book.person_edit(number("book", 4), people=[replace(client, phone="2125550199")])
    world.servers["crm"].person_edit(number("crm", 3), end=at(15))


async def cancellations(world: World) -> None:
    """Three that are in step: one called off, one deleted, and one revived that had been called off."""
    for count, who in enumerate((JANE, OMAR, ANA), 1):
        everywhere(world, count, 8 + 2 * count, who)
    await world.settle()
    world.call_off("crm", number("crm", 3))
    await world.settle()
    world.call_off("book", number("book", 1))
    world.servers["office"].person_delete(number("office", 2))
    world.servers["site"].person_edit(number("site", 3), status="scheduled")


SITUATIONS = {"first_run": first_run, "edits": edits, "cancellations": cancellations}


@pytest.mark.parametrize("name", SITUATIONS)
async def test_a_plan_that_was_saved_before_is_planned_and_carried_out(world: World, name: str) -> None:
    """Each operation has the id that it had, with the same changes of the same appointment; and all are done."""
    await SITUATIONS[name](world)
    planned = report.document(await world.engine.cycle(dry_run=True))["operations"]
    saved = json.loads((PLANS / f"{name}.json").read_text(encoding="utf-8"))["report"]["operations"]
    assert len(saved) >= 4
    assert [_told(one) for one in planned] == [_told(one) for one in saved]
    chosen = {one["id"]: (one["appointment"], one["vendor"]) for one in saved if one["outcome"] == "planned"}
    result = await world.cycle(only=chosen)
    assert result.refused == frozenset()
    assert {step.operation.id: step.outcome for step in result.steps} == dict.fromkeys(chosen, Outcome.DONE)


def _told(operation: dict[str, Any]) -> dict[str, Any]:
    return {key: operation[key] for key in ("id", "action", "vendor", "appointment", "remote_id", "changes", "outcome")}

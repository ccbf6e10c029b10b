"""Another edition of the zone database: wall-clock times mean other instants, and nobody moved anything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.engine.store import zones as stored
from syncd.model import wallclock
from syncd.model.appointment import Field
from syncd.report import as_json
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import World, at, steps

EAST = {"America/Los_Angeles": "America/Denver", "Europe/Belgrade": "Europe/Athens"}
"""Zones of the office and of the site, and others whose clocks are an hour ahead of theirs."""

HOUR = timedelta(hours=1)


def new_edition(world: World, patch: pytest.MonkeyPatch, *zones: str) -> None:
    """syncd starts with another edition, by which it is an hour earlier in these zones when their clocks show noon."""
    before = wallclock._zone
    moved = {zone: EAST[zone] for zone in zones}
    patch.setattr(wallclock, "_zone", lambda name: before(moved.get(name) or name))
    for module in (wallclock, stored):
        patch.setattr(module, "EDITION", "2030a")
    world.start_syncd()


async def test_the_store_says_by_which_edition_it_was_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """For all of it, and with each report that is kept: what was decided by an older one can be told from it."""
    for edition, start in (("2029c", 15), ("2030a", 16)):
        for module in (wallclock, stored, as_json):
            monkeypatch.setattr(module, "EDITION", edition)
        world.start_syncd()
        world.enter("crm", at(start))
        await world.cycle()
        with world.ledger.store.read() as tx:
            assert tx.get_meta("zones") == edition
    assert [cycle.report["zones"] for cycle in world.desk.cycles(2) if cycle.report] == ["2030a", "2029c"]


async def test_a_time_that_a_rule_changed_is_nobodys_move(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The office shows 08:00 as before, which was 15:00 UTC and is 14:00 now: a person is asked, nothing written."""
    entry = world.enter_everywhere(at(15))
    await world.settle()
    new_edition(world, monkeypatch, "America/Los_Angeles")
    first = await world.cycle()
    assert steps(first) == []
    [asked] = first.conflicts
    assert (asked.field, asked.winner) == (Field.SLOT, None)
    assert {name: slot.start for name, slot in asked.values.items()} == dict.fromkeys(world.servers, at(15)) | {
        "office": at(14)
    }
    assert "nobody moved the records" in asked.explanation
    for _ in range(2):
        assert steps(await world.cycle()) == []
    assert world.calendars() == [[at(15)]]
    assert [row.rule for row in world.desk.conflicts()] == ["zone_data"]
    assert world.desk.differences() == []
    assert entry.start == at(15)


@pytest.mark.parametrize("right", ["office", "crm"])
async def test_a_person_says_whose_time_came_from_whom(
    world: World, monkeypatch: pytest.MonkeyPatch, right: str
) -> None:
    """The office's 08:00 is what the client was told: the others move. Or it was made of theirs: it is corrected."""
    world.enter_everywhere(at(15))
    await world.settle()
    new_edition(world, monkeypatch, "America/Los_Angeles")
    await world.cycle()
    [row] = world.desk.conflicts()
    assert [one.conflict.id for one in world.desk.timed(right, moved=True)] == [row.id]
    assert row.id is not None
    world.desk.resolve(row.id, right)
    await world.settle()
    others = ["crm", "book", "site"]
    # The office's clock still goes by the old rules: an hour later than syncd has it.
    expected = ([[at(14)]], [[at(15)]]) if right == "office" else ([[at(15)]], [[at(16)]])
    assert (world.calendars(others), world.calendars(["office"])) == expected
    assert world.desk.conflicts() == []
    assert steps(await world.cycle()) == []


async def test_where_every_record_goes_by_that_clock_the_appointment_does(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is asked and nothing written; from then on it is moved as ever."""
    world = worlds(names=("office", "site"))
    entry = world.enter("office", at(15))
    await world.settle()
    new_edition(world, monkeypatch, *EAST)
    result = await world.cycle()
    assert (steps(result), result.conflicts) == ([], ())
    assert world.desk.explain(f"office:{entry.id}").known.agreed.slot.start == at(14)
    world.move("site", world.the("office", entry.id, "site").id, at(18))
    await world.settle()
    assert world.calendars() == [[at(18)]]


async def test_who_was_away_at_first_changes_nothing_of_that(worlds: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site is not read in the first cycle: a person is asked, until it turns out to have moved as well."""
    world = worlds(names=("office", "site"))
    entry = world.enter("office", at(15))
    await world.settle()
    world.fault("site", "status", "list", code=503)
    new_edition(world, monkeypatch, *EAST)
    await world.cycle()
    assert len(world.desk.conflicts()) == 1
    world.mend()
    result = await world.cycle()
    assert (steps(result), world.desk.conflicts()) == ([], [])
    assert world.desk.explain(f"office:{entry.id}").known.agreed.slot.start == at(14)


async def test_a_move_is_a_move_in_that_cycle_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The office's clock shows another time than before: somebody moved that."""
    entry = world.enter_everywhere(at(15))
    await world.settle()
    world.move("office", world.the("crm", entry.id, "office").id, at(18))
    new_edition(world, monkeypatch, "America/Los_Angeles")
    await world.settle()
    assert world.calendars(["crm", "book", "site"]) == [[at(17)]]
    assert world.desk.conflicts() == []


async def test_a_move_elsewhere_answers_the_question(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever moves one of them says when it is."""
    entry = world.enter_everywhere(at(15))
    await world.settle()
    new_edition(world, monkeypatch, "America/Los_Angeles")
    await world.cycle()
    world.move("book", world.the("crm", entry.id, "book").id, at(18))
    await world.settle()
    assert world.calendars(["crm", "book", "site"]) == [[at(18)]]
    assert world.starts("office") == [at(19)]
    assert world.desk.conflicts() == []


async def test_an_edition_that_changes_nothing_here_is_not_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every record is read again once, and the next cycle is idle."""
    world.enter_everywhere(at(15))
    await world.settle()
    new_edition(world, monkeypatch)
    for _ in range(2):
        result = await world.cycle()
        assert (steps(result), result.conflicts, result.remarks) == ([], (), ())
    assert {name: dict(world.sent(name)) for name in world.servers} == {name: {"list": 1} for name in world.servers}

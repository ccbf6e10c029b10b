"""The system's clock is set back between two cycles, or the store comes from a host whose clock was ahead."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.engine.store.ledger import Ledger
from syncd.engine.store.thread import at_once
from tests.e2e.behaviour.world import ALL, OMAR, World, at

BACK = timedelta(hours=1)
UNTOLD = "which was later cannot be told, as the clock was set back since"


async def everywhere(world: World) -> dict[str, str]:
    """One appointment at every vendor; its id at each. Another one keeps their calendars from being empty."""
    entry = world.enter_everywhere(at(15))
    world.enter_everywhere(at(10), OMAR)
    assert (await world.cycle()).exit_code == 0
    return {name: world.the("crm", entry.id, name).id for name in ALL}


def set_back(world: World, *, noticed: bool) -> None:
    """The clock is set back; where that is `noticed`, in another process, which finds what the last one left."""
    world.clock.now -= BACK
    if noticed:
        restart(world)
    world.start_syncd()


def restart(world: World) -> None:
    """Another process."""
    world.ledger = Ledger(world.ledger.store, world.clock, run=at_once)
    world.desk.ledger = world.ledger
    world.start_syncd()


def take_turns(world: World) -> None:
    """Each listing that begins takes ten seconds longer to arrive than the one before."""
    for wire in world.wires.values():
        wire.before.append(lambda request: world.clock.forward(seconds=10))


@pytest.mark.parametrize("noticed", [True, False], ids=["restarted", "running"])
@pytest.mark.parametrize("order", [("book", "site"), ("site", "book")])
async def test_which_vendor_is_listed_last_decides_nothing(world: World, order: tuple[str, str], noticed: bool) -> None:
    """Moves at two vendors that tell no times: the priority decides, and the reason says why it had to."""
    world.start_syncd(sync={"priority": [*order, "crm", "office"]})
    ids = await everywhere(world)
    set_back(world, noticed=noticed)
    world.start_syncd(sync={"priority": [*order, "crm", "office"]})
    world.move("book", ids["book"], at(16))
    world.move("site", ids["site"], at(18))
    take_turns(world)
    result = await world.cycle()
    [conflict] = result.conflicts
    assert (conflict.winner, conflict.rule) == (order[0], "priority")
    assert UNTOLD in conflict.explanation
    world.mend()
    await world.settle()
    assert {tuple(world.starts(name)) for name in ALL} == {(at(10), at(16 if order[0] == "book" else 18))}


async def test_what_was_agreed_before_is_no_later_than_what_was_changed_after(world: World) -> None:
    """11:58 by the clock of before may be earlier than 11:08 by that of now: the CRM comes first in the priority."""
    ids = await everywhere(world)
    world.fault("crm", "status", code=503)
    world.move("office", ids["office"], at(16))
    await world.cycle()
    set_back(world, noticed=True)
    world.mend()
    world.move("crm", ids["crm"], at(18))
    result = await world.cycle()
    [conflict] = result.conflicts
    assert (conflict.winner, conflict.rule) == ("crm", "priority")
    assert UNTOLD in conflict.explanation
    await world.settle()
    assert {tuple(world.starts(name)) for name in ALL} == {(at(10), at(18))}


async def test_nor_is_it_when_the_clock_has_caught_up_with_it(world: World) -> None:
    """Its moment is not to come any more when that is noticed, and is still another clock's.

    09:04:20 the office moves it, 09:04:30 a cycle sees that, and the clock is set back to 09:03:00
    09:03:10 the CRM's people move it as well, fifty seconds after the office's
    09:04:25 a cycle reads the CRM's record
    """
    ids = await everywhere(world)
    world.fault("crm", "status", code=503)
    world.clock.forward(seconds=140)
    world.move("office", ids["office"], at(16))
    await world.cycle(minutes=1 / 6)
    world.mend()
    world.clock.now -= timedelta(seconds=80)
    world.move("crm", ids["crm"], at(18))
    world.clock.forward(seconds=75)
    restart(world)
    [conflict] = (await world.cycle(minutes=0)).conflicts
    assert conflict.winner == "crm"
    # What was agreed before is known to have been before that was noticed, and no more.
    assert (UNTOLD in conflict.explanation) is (conflict.rule == "priority")


async def test_changes_of_the_cycles_after_that_are_dated_again(world: World) -> None:
    """One cycle in which every record was seen, and the later of two moves wins as ever.

    The vendors went by the same clock: their times count from where they were before.
    """
    ids = await everywhere(world)
    set_back(world, noticed=True)
    await world.cycle()
    world.clock.forward(minutes=90)
    world.move("office", ids["office"], at(16))
    world.fault("office", "status", code=503)
    await world.cycle()
    world.mend()
    world.move("site", ids["site"], at(18))
    [conflict] = (await world.cycle()).conflicts
    assert (conflict.winner, conflict.rule) == ("site", "newest")
    assert UNTOLD not in conflict.explanation

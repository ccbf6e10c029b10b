"""No client is mailed by any operation, in any generation of Amelia, with the default configuration."""

from __future__ import annotations

import pytest

from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import OMAR, World, at


async def silent(world: World) -> None:
    """Two cycles; each of them is checked to have mailed nobody (`World.cycle`)."""
    await world.cycle()
    await world.cycle()
    assert sum(server.counters.notifications for server in world.servers.values()) == 0


@pytest.mark.parametrize("settings", ["yes", "403"])
@pytest.mark.parametrize("generation", ["1.x", "2.0", "2.1.3", "2.4"])
async def test_whatever_people_do_elsewhere_the_site_mails_nobody(
    worlds: Worlds, generation: str, settings: str
) -> None:
    """Made, moved, lengthened, missed, noted, cancelled, revived, deleted: the site's flag is on throughout."""
    world = worlds(switches={"site": {"generation": generation, "settings": settings}})
    first = world.enter_everywhere(at(15), notify=True)
    world.enter("crm", at(10), OMAR)
    await silent(world)
    crm = world.servers["crm"]
    for edit in ({"start": at(16), "end": at(16.5)}, {"end": at(17)}, {"status": "no_show"}, {"status": "scheduled"}):
        crm.person_edit(first.id, **edit)
        await silent(world)
    world.servers["office"].person_edit(world.the("crm", first.id, "office").id, notes="Ring twice")
    await silent(world)
    for again in ({}, {"start": at(18), "end": at(18.5)}):
        world.call_off("crm", first.id)
        await silent(world)
        crm.person_edit(first.id, status="scheduled", **again)
        await silent(world)
    crm.person_delete(first.id)
    await silent(world)
    assert world.servers["site"].counters.writes > 5

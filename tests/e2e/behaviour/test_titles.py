"""A title of syncd's making follows whom the appointment is for; a person's never does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.e2e.behaviour.world import JANE, World, at

ANNE = replace(JANE, first_name="Anne")
SALLY = replace(ANNE, first_name="Sally")


def titled(world: World) -> str:
    """What the office calls its only appointment."""
    [entry] = world.live("office")
    return entry.title


async def named_by_syncd(world: World) -> str:
    """An appointment without a title, which the office has under one of syncd's making; its id at Acuity."""
    entry = world.enter("book", at(15))
    await world.settle()
    assert titled(world) == "Showing, Jane Smith"
    return entry.id


async def test_a_title_of_syncds_making_follows_the_client(world: World) -> None:
    """Corrected twice, and written once each time."""
    booked = await named_by_syncd(world)
    for client in (ANNE, SALLY):
        world.servers["book"].person_edit(booked, people=[client])
        await world.cycle()
        assert titled(world) == f"Showing, {client.first_name} Smith"
        assert (await world.settle()).exit_code == 0
        assert world.sent("office")["update"] == 0


async def test_so_it_does_where_the_answer_was_lost(world: World) -> None:
    """The title that shows later is nobody's edit."""
    booked = await named_by_syncd(world)
    world.fault("office", "hang_after", "update")
    world.servers["book"].person_edit(booked, people=[ANNE])
    await world.cycle()
    await world.settle()
    world.servers["book"].person_edit(booked, people=[SALLY])
    await world.settle()
    assert titled(world) == "Showing, Sally Smith"
    assert {entry.title for entry in world.live("crm")} == {
        "Showing, Jane Smith"
    }  # which takes no title once it is made


async def test_a_title_that_a_person_gave_stays(world: World) -> None:
    """At the office or anywhere else: it names no client that syncd knows of."""
    booked = await named_by_syncd(world)
    [entry] = world.live("office")
    world.servers["office"].person_edit(entry.id, title="First visit")
    await world.settle()
    world.servers["book"].person_edit(booked, people=[ANNE])
    await world.settle()
    assert titled(world) == "First visit"


@pytest.mark.parametrize("founded", ["by it", "by another", "by another, which is linked in the same cycle"])
@pytest.mark.parametrize("corrected_at", ["book", "office"])
async def test_a_persons_title_that_names_the_client_stays_too(world: World, founded: str, corrected_at: str) -> None:
    """In the very words that syncd would choose, it is the office's people's own: they change it themselves."""
    if founded == "by another":  # and the office could not be read, so that it is linked later
        world.fault("office", "status", "list", code=503)
    if founded != "by it":
        world.enter("book", at(15))
    theirs = world.enter("office", at(15), title="Showing, Jane Smith")
    await world.cycle()
    world.mend()
    await world.settle()
    assert [len(world.live(name)) for name in world.servers] == [1] * 4
    [booked] = world.live("book")
    world.servers[corrected_at].person_edit(booked.id if corrected_at == "book" else theirs.id, people=[ANNE])
    await world.settle()
    assert [world.live(name)[0].people[0].first_name for name in ("book", "office")] == ["Anne", "Anne"]
    assert titled(world) == "Showing, Jane Smith"

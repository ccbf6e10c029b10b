"""A record that people change while the pages of a listing are read: what it is now counts, not what it was."""

from __future__ import annotations

import httpx

from tests.e2e.behaviour.world import World, at

PAGE = 100
"""ActuallyCare's rows a page."""
PAST = at(10, month=3)


async def test_of_a_record_that_a_listing_shows_twice_the_later_row_counts(world: World) -> None:
    """It is moved between two pages, and all is read again: it is created elsewhere at its new time alone."""
    for number in range(PAGE + 1):
        world.enter("crm", PAST, title=f"Past {number}")
    entry = world.enter("crm", at(15))
    pages = list[httpx.Request]()

    def move_once(request: httpx.Request) -> None:
        if world.operation("crm", request) == "list":
            pages.append(request)
            if len(pages) == 2:
                world.move("crm", entry.id, at(18))
                world.enter("crm", PAST, title="One more, so that the listing is read again")

    world.wires["crm"].before.append(move_once)
    result = await world.cycle()
    assert len(pages) > 1
    assert result.exit_code == 0
    assert world.calendars(["book", "office", "site"]) == [[at(18)]]

"""The stand-in for what a client lacks: nobody's value, and no evidence of who somebody is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.sandbox.frame.records import Person
from tests.e2e.behaviour.conftest import Worlds
from tests.e2e.behaviour.world import ALL, JANE, World, at

DESK = ("desk@example.com", "5550100")


def strangers(world: World) -> list[Person]:
    """People at the other vendors who have something of the stand-in's."""
    entries = [entry for name in ALL if name != "book" for entry in world.servers[name].entries.values()]
    people = [person for entry in entries for person in entry.people]
    return [person for person in people if set(DESK) & {person.email, person.phone} or "Desk" in person.name]


async def test_a_client_without_a_phone_is_booked_as_far_as_she_is_known(world: World) -> None:
    """With the stand-in's number only where the account insists on one; it comes back to nobody."""
    entry = world.enter("site", at(15), replace(JANE, phone=""))
    assert (await world.cycle()).exit_code == 0
    booked = world.the("site", entry.id, "book")
    optional = not world.servers["book"].behaviour["phone_required"]
    assert booked.people[0].phone == ("" if optional else "5550100")
    world.servers["book"].person_edit(booked.id, notes="Second floor")
    await world.settle()
    assert strangers(world) == []


async def test_her_own_address_beside_the_stand_ins_is_all_that_travels(world: World) -> None:
    """Somebody adds it to the field at Acuity, and leaves the desk's in it."""
    entry = world.enter("site", at(15), replace(JANE, email=""))
    await world.cycle()
    booked = world.the("site", entry.id, "book")
    shown = replace(booked.people[0], email=f"desk@example.com, {JANE.email}")
    world.servers["book"].person_edit(booked.id, people=[shown])
    await world.settle()
    assert strangers(world) == []
    assert world.known("book", booked.id).agreed.clients[0].email == JANE.email


@pytest.mark.parametrize("lacking", ["email", "phone"])
async def test_two_who_share_the_stand_ins_part_are_two(worlds: Worlds, lacking: str) -> None:
    """At one time, at different vendors, with nothing in common but what the desk lent one of them."""
    world = worlds()
    lent = dict(zip(("email", "phone"), DESK, strict=True))[lacking]
    world.enter("book", at(15), replace(JANE, **{lacking: lent}))
    other = Person("Omar", "Haddad", "omar.haddad@example.com", "2125550177")
    world.enter("crm", at(15), replace(other, **{lacking: ""}))
    await world.cycle()
    assert strangers(world) == []
    assert len(world.live("book")) == len(world.live("crm")) == 2

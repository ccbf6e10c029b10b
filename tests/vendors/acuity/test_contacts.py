"""What of a client an account insists on, and what is sent where the client lacks it."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.model.appointment import Client, Field
from syncd.model.errors import Refused
from syncd.sandbox.frame.faults import Fault
from tests.vendors.acuity.world import JANE, SMITH, World, appointment, at, body_of, read, slot, uncertain, written

NAMED = Client(first_name="Jane", last_name="Smith")
OPTIONAL = {"email_required": False, "phone_required": False}
SHOWN = ("firstName", "lastName", "email", "phone")


def sent(world: World) -> list[dict[str, Any]]:
    """The client's parts in each write so far."""
    return [{k: v for k, v in body_of(r).items() if k in SHOWN} for r in world.seen if r.method in ("POST", "PUT")]


async def test_what_there_is_is_sent() -> None:
    """E-mail and phone are optional for an admin: nobody gets the desk's without need."""
    world = World(OPTIONAL)
    record = written(await world.vendor().create(appointment(clients=(NAMED,)), "token"))
    assert sent(world) == [{"firstName": "Jane", "lastName": "Smith"}]
    assert (record.content.clients, world.account.entries[record.remote_id].people[0].email) == ((NAMED,), "")


@pytest.mark.parametrize(
    ("behaviour", "filled"),
    [
        ({"email_required": False}, {"phone": "5550100"}),
        ({"phone_required": False}, {"email": "desk@example.com"}),
        ({}, {"email": "desk@example.com", "phone": "5550100"}),
    ],
)
async def test_an_account_that_insists_gets_the_stand_ins_part(
    behaviour: dict[str, Any], filled: dict[str, str]
) -> None:
    """After its refusal, which is a clear no; from then on at once. It reads back as a part that the client lacks."""
    world = World(behaviour)
    vendor = world.vendor()
    record = written(await vendor.create(appointment(clients=(NAMED,)), "token"))
    names = {"firstName": "Jane", "lastName": "Smith"}
    assert sent(world)[0] == names
    assert sent(world)[-1] == names | filled
    assert len(sent(world)) == 1 + len(filled)
    assert (record.content.clients, len(world.account.entries)) == ((NAMED,), 1)
    before = len(sent(world))
    written(await vendor.create(appointment(clients=(NAMED,), slot=slot(at(18))), "token"))
    assert len(sent(world)) == before + 1


@pytest.mark.parametrize(("part", "word"), [("email", "e-mail"), ("phone", "phone")])
async def test_without_a_stand_in_the_refusal_names_the_part_and_the_way_out(part: str, word: str) -> None:
    """And nothing is booked."""
    world = World({**OPTIONAL, f"{part}_required": True})
    with pytest.raises(Refused, match=f"required_{part}.*client's {word}.*client = "):
        await world.vendor(client=None).create(appointment(clients=(NAMED,)), "token")
    assert not world.account.entries
    assert len(sent(world)) == 1


async def test_an_account_that_refuses_a_part_that_it_was_given_is_not_asked_for_ever() -> None:
    """The same refusal once more is the answer."""
    world = World()
    world.account.faults.add(Fault("status", code=400, body={"status_code": 400, "error": "required_phone"}))
    with pytest.raises(Refused, match="required_phone"):
        await world.vendor().create(appointment(), "token")
    assert len(sent(world)) == 2


async def test_a_second_attempt_without_an_answer_is_uncertain() -> None:
    """It may have been made: it is not sent a third time."""
    world = World({"email_required": False})
    world.account.faults.add(Fault("reset_after", operation="create", after=1))
    reason = uncertain(await world.vendor().create(appointment(clients=(NAMED,)), "token"))
    assert "not known" in reason
    assert (len(sent(world)), len(world.account.entries)) == (2, 1)


@pytest.mark.parametrize(("required", "kept"), [(False, ""), (True, "5550100")])
async def test_a_phone_that_was_taken_away_elsewhere_is_emptied_where_that_may_be(required: bool, kept: str) -> None:
    """Else the stand-in's takes its place, and the record shows none either way."""
    world = World({**OPTIONAL, "phone_required": required})
    [remote] = world.person_books(people=SMITH)
    vendor = world.vendor()
    before = await read(vendor, remote)
    assert before.content.clients == (JANE,)
    wanted = Client(first_name="Jane", last_name="Smith", email="jane@example.com")
    target = before.content.with_values({Field.CLIENTS: (wanted,)})
    record = written(await vendor.write(before, target, frozenset({Field.CLIENTS})))
    assert record.content.clients == (wanted,)
    assert world.account.entries[remote].people[0].phone == kept

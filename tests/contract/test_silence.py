"""Vendors' clients are never mailed about what syncd writes, unless the operator says so."""

from __future__ import annotations

from collections import abc

import pytest

from syncd.model.appointment import ALL_FIELDS, Field, Status
from syncd.model.errors import VendorError
from tests.contract.test_capabilities import NEW
from tests.contract.world import WRITES, World, done


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("stored", [True, False])
async def test_no_write_mails_anybody(world: World, write: str, stored: bool) -> None:
    """Whatever the record itself says about notifications."""
    entry = world.enter(notify=stored)
    done(await world.perform(write, entry.id))
    assert world.performed(write, entry.id)
    assert world.server.counters.notifications == 0


@pytest.mark.parametrize("name", sorted(ALL_FIELDS))
async def test_no_update_of_any_field_mails_anybody(world: World, name: Field) -> None:
    """Statuses included, each of which the vendor can say."""
    entry = world.enter(notify=True)
    values = [NEW[name]] if name in NEW else sorted(world.able.statuses - {Status.CANCELLED})
    for value in values:
        try:
            await world.write(entry.id, {name}, **{name.value: value})
        except VendorError:
            assert not world.able.ability(name).updated or name is Field.STATUS
    assert world.server.counters.notifications == 0


async def test_reviving_mails_nobody(world: World) -> None:
    """Even where the vendor goes by the stored flag."""
    if not world.able.uncancels:
        pytest.skip("it cannot un-cancel")
    entry = world.enter(notify=True)
    world.server.person_cancel(entry.id)
    done(await world.write(entry.id, {Field.STATUS}, status=Status.SCHEDULED))
    assert world.server.counters.notifications == 0


@pytest.mark.parametrize("write", WRITES)
async def test_a_write_that_could_not_be_silenced_is_not_made(world: World, write: str) -> None:
    """Where switching a stored flag off takes a request of its own and that fails, nothing else happens."""
    entry = world.enter(notify=True)
    world.fault("status", "update", code=503)
    try:
        await world.perform(write, entry.id)
    except VendorError:
        assert not world.performed(write, entry.id)
    assert world.server.counters.notifications == 0


@pytest.mark.parametrize("write", WRITES)
async def test_an_operator_may_let_the_vendor_mail(worlds: abc.Callable[..., World], write: str) -> None:
    """`notify_clients = true`: then a vendor that mails its clients does."""
    world = worlds(notify_clients=True)
    entry = world.enter(notify=True)
    done(await world.perform(write, entry.id))
    assert (world.server.counters.notifications > 0) is world.subject.mails
    assert world.vendor.capabilities.tells_clients is world.subject.mails

"""Accounts for programs: how they are opened, what importing them costs, and what is special about some vendor's."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import syncd.vendors
from syncd.model.appointment import Status
from syncd.model.errors import Misconfigured, Refused, Unsettled
from syncd.sandbox.acuity.server import Acuity as Server
from syncd.sandbox.serving.server import Sandbox
from syncd.vendors import KINDS, Account, ActuallyCare, Acuity, Aivapad, Amelia, Client
from tests.contract.subjects import SUBJECTS
from tests.contract.world import HALF_HOUR, JANE, OMAR, World, account_of, at

CREDENTIALS: dict[str, dict[str, Any]] = {
    "actuallycare": {"api_key": "5a" * 16},
    "acuity": {"user_id": "18274655", "api_key": "5b" * 16},
    "aivapad": {"token": "aiva_demo", "timezone": "America/Los_Angeles"},
    "amelia": {
        "base_url": "https://example.com/wp-admin/admin-ajax.php",
        "api_key": "3d" * 22,
        "timezone": "Europe/Belgrade",
    },
}


def opened(kind: str, **keys: Any) -> Account:
    """An account with credentials, and other keys as given."""
    return account_of(kind)(**CREDENTIALS[kind], **keys)


def world_of(kind: str, **switches: Any) -> World:
    """A vendor of that kind as its documents show it."""
    [subject] = [one for one in SUBJECTS if one.kind == kind]
    return World(subject, subject.behaviours[0], switches=switches)


def imported(code: str) -> set[str]:
    """The modules that a process has after running some code."""
    said = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], check=True, capture_output=True, text=True
    )
    return set(said.stdout.split())


# -- importing ------------------------------------------------------------------------------------------------------


def test_the_vendors_cost_next_to_nothing_until_one_is_asked_for() -> None:
    """No HTTP, no validation, no package of a vendor."""
    modules = imported("import syncd.vendors")
    assert {name for name in modules if name.startswith("syncd")} == {"syncd", "syncd.vendors"}
    assert modules.isdisjoint({"httpx", "pydantic", "msgspec"})


def test_an_account_brings_its_own_vendor_and_no_store() -> None:
    """A program that lists appointments needs no database."""
    modules = imported("from syncd.vendors import Acuity, Client")
    assert modules.isdisjoint({"sqlalchemy", "sqlmodel", "syncd_state", "starlette", "syncd.engine", "syncd.config"})
    assert "syncd.vendors.acuity.adapter" in modules
    assert "syncd.vendors.amelia.adapter" not in modules


def test_everything_exported_is_there_and_nothing_else() -> None:
    """By its own name; a misspelt one is an error that names it."""
    for name in syncd.vendors.__all__:
        assert getattr(syncd.vendors, name) is not None
    assert {syncd.vendors.Acuity, syncd.vendors.Amelia} == {Acuity, Amelia}
    with pytest.raises(AttributeError, match="no attribute 'Caldav'"):
        getattr(syncd.vendors, "Caldav")  # noqa: B009 - a type checker would say so


# -- opening --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_an_account_takes_the_keys_of_the_configuration(kind: str) -> None:
    """As text or as the value itself; the rate is kept to, and nothing is sent by opening."""
    for timeout, rate in (("5s", "3/2s"), (timedelta(seconds=5), (3, 2.0))):
        async with opened(kind, timeout=timeout, rate=rate, own_addresses=["@agency.example"], name="diary") as book:
            assert (book.name, book.adapter.name, book.adapter.kind) == ("diary", "diary", kind)
            assert book.adapter.traffic.rate == (3, 2.0)
            assert book.adapter.traffic.requests == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_account_of_its_own(kind: str) -> None:
    """Exported by its class's name, with the kind's name for its own unless it is given another."""
    found = opened(kind)
    assert getattr(syncd.vendors, type(found).__name__) is type(found)
    assert found.name == kind


@pytest.mark.parametrize(
    ("kind", "keys", "said"),
    [
        ("acuity", {"timeout": "soon"}, 'acuity: timeout: a duration is written as "90s"'),
        ("acuity", {"base_url": "http://example.com"}, "acuity: base_url: http:// is allowed to loopback"),
        ("acuity", {"calendar_ids": []}, "acuity: calendar_ids: names no calendar"),
        ("acuity", {"client": Client(first_name="Front")}, "acuity: client.last_name: some text, not blank"),
        ("acuity", {"services": {"Showing": "short"}}, "acuity: services: the id of 'Showing' must be the number"),
        ("amelia", {"staff": {"Jordan": {"location": 1}}}, "amelia: staff: the id of 'Jordan' must be the number"),
        ("amelia", {"customer_id": 0}, "amelia: customer_id: "),
        ("aivapad", {"statuses": {"ok": "fine"}}, "aivapad: statuses.ok: "),
        ("actuallycare", {"clients": "guess"}, "actuallycare: clients: "),
        ("actuallycare", {"name": "crm", "ca_file": "nowhere.pem"}, "crm: ca_file: nowhere.pem is not a file"),
    ],
)
def test_a_value_that_is_none_is_said_before_anything_is_sent(kind: str, keys: dict[str, Any], said: str) -> None:
    """In the words of the configuration, with the key."""
    with pytest.raises(Misconfigured) as caught:
        opened(kind, **keys)
    assert str(caught.value).startswith(said)
    for secret in CREDENTIALS[kind].values():
        assert secret not in str(caught.value)


@pytest.mark.parametrize("secret", ["", "two\nlines"])
def test_a_secret_that_is_none_is_not_shown(secret: str) -> None:
    """Not even a bad one."""
    with pytest.raises(Misconfigured, match=r"^aivapad: token: the secret ") as caught:
        Aivapad(token=secret, timezone="America/Los_Angeles")
    assert not secret or secret not in str(caught.value)


def test_accounts_of_one_address_share_its_rate() -> None:
    """A vendor counts the requests of an address; a program with two accounts there does too."""

    async def spare_after_a_request(base_url: str) -> list[int]:
        first, second = (Acuity(user_id=18274655, api_key="5b" * 16, base_url=base_url, rate="50/h") for _ in "ab")
        async with first, second:
            before = second.adapter.traffic.spare()
            await first.appointment("7")
            return [before, second.adapter.traffic.spare()]

    with Sandbox([Server("book", clock=lambda: datetime.now(UTC))]) as sandbox:
        assert asyncio.run(spare_after_a_request(sandbox.base_url("book"))) == [45, 44]


# -- what is special ------------------------------------------------------------------------------------------------


async def test_a_single_service_need_not_be_named() -> None:
    """Nor a single member of staff; several must be told apart."""
    world = world_of("acuity")
    one = {"services": {"Showing": 94517100}, "staff": {"Jordan": 14209019}}
    async with world.account(**one) as book:
        made = await book.create(at(18), at(18) + HALF_HOUR, clients=[JANE])
    assert (made.content.service, made.content.staff) == ("Showing", "Jordan")
    async with world.account() as book:
        with pytest.raises(Refused, match=r"several \[\[services\]\] rows fit"):
            await book.create(at(20), at(20) + HALF_HOUR, clients=[JANE])


async def test_fields_that_go_by_several_writes_are_all_written() -> None:
    """At Acuity a calendar, a note and a status are three requests."""
    world = world_of("acuity")
    entry = world.enter()
    async with world.account() as book:
        changed = await book.update(entry.id, staff="Robin", notes="Ring twice", clients=[OMAR], status=Status.NO_SHOW)
        assert (changed.content.staff, changed.content.notes) == ("Robin", "Ring twice")
        assert (changed.content.clients, changed.content.status) == ((OMAR,), Status.NO_SHOW)


async def test_what_is_written_in_part_says_which_part() -> None:
    """A refusal of the second request is no "nothing was written"."""
    world = world_of("acuity")
    entry = world.enter()
    async with world.account() as book:
        world.fault("status", "update", code=400)
        with pytest.raises(Unsettled, match=r"refused with 400.*; its staff had been written"):
            await book.update(entry.id, staff="Robin", notes="Ring twice")
        assert (world.entry(entry.id).staff, world.entry(entry.id).notes) == (14209020, entry.notes)


async def test_a_write_at_amelia_leaves_its_reminders_on() -> None:
    """The flag that the write takes is given back, as in a sync; where that fails, it is said."""
    world = world_of("amelia")
    entry = world.enter()
    async with world.account() as book:
        await book.update(entry.id, notes="Ring once")
        assert [one.id for one in world.server.reminders()] == [entry.id]
        world.fault("status", "update", code=503, after=1)
        with pytest.raises(Unsettled, match=r"it was written, but what that took from the record .* not given back"):
            await book.update(entry.id, notes="Ring twice")
        assert "Ring twice" in world.entry(entry.id).notes


async def test_what_amelia_puts_into_another_record_is_told() -> None:
    """It would be cancelled together with whoever is there."""
    world = world_of("amelia", group_services=(2,))
    async with world.account() as book:
        await book.create(at(14), at(14) + HALF_HOUR, clients=[OMAR], service="Showing", staff="Jordan")
        with pytest.raises(Unsettled, match=r"it went into record .* beside others: take it out there"):
            await book.create(at(14), at(14) + HALF_HOUR, clients=[JANE], service="Showing", staff="Jordan")


async def test_actuallycares_clients_are_told_by_name() -> None:
    """Its rows name them by ids; who that is, is read with them."""
    world = world_of("actuallycare")
    world.enter()
    async with world.account() as book:
        [record] = [record async for record in book.appointments(at(0), at(24))]
    assert record.content.clients[0].email == JANE.email
    assert isinstance(book, ActuallyCare)


async def test_aivapads_own_word_for_cancelled_keeps_the_record() -> None:
    """Without one, cancelling deletes there."""
    world = world_of("aivapad")
    kept, deleted = world.enter(at(14)), world.enter(at(16))
    async with world.account(cancelled_status="Void") as book:
        await book.cancel(kept.id)
    async with world.account() as book:
        await book.cancel(deleted.id)
    assert list(world.server.entries) == [kept.id]

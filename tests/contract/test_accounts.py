"""An account as a program uses it: the same verbs at every vendor, and each means what it means to a sync."""

from __future__ import annotations

from collections import abc
from datetime import timedelta
from typing import Any

import pytest

from syncd.model.appointment import ALL_FIELDS, Field, Status
from syncd.model.errors import InvalidSlot, Malformed, Misconfigured, Refused, Stale, Unsettled, VendorError
from syncd.sandbox.frame.records import Entry
from syncd.vendors import Account
from tests.contract.test_capabilities import NEW
from tests.contract.world import DURATIONS, HALF_HOUR, HOUR, JANE, OMAR, WINDOW, WRITES, World, at, sent, slot


async def performed(book: Account, write: str, entry: Entry) -> None:
    """One of `WRITES`, as the world asks for it."""
    match write:
        case "create":
            await book.create(at(18), at(18) + HALF_HOUR, clients=[JANE], service="Showing", staff="Jordan")
        case "reschedule":
            await book.reschedule(entry.id, at(16))
        case _:
            await book.cancel(entry.id)


def wanted(world: World, field: Field) -> dict[str, Any]:
    """A new value of a field, as a keyword of `update`."""
    values: dict[Field, Any] = {Field.STATUS: Status.NO_SHOW if Status.NO_SHOW in world.able.statuses else None}
    values[Field.STATUS] = values[Field.STATUS] or Status.COMPLETED
    values[Field.CLIENTS] = [OMAR]
    return {field.value: {**NEW, **values}[field]}


async def test_the_appointments_of_a_window_come_once_each(world: World) -> None:
    """Those that start in it, cancelled ones included, however the vendor pages and however far it lists."""
    wide = [world.enter(at(14)), world.enter(at(16)), world.enter(WINDOW.until - HOUR)]
    world.server.person_edit(wide[1].id, status="cancelled")
    world.fault("duplicate_row")
    async with world.account() as book:
        shown = [record async for record in book.appointments(at(0), at(24))]
        none = [record async for record in book.appointments(at(2), at(3))]
    assert sorted(record.remote_id for record in shown) == sorted(entry.id for entry in wide[:2])
    assert none == []


async def test_whole_records_show_all_that_the_vendor_shows(world: World) -> None:
    """`whole` reads by id what a list row lacks."""
    entries = {entry.id: entry for entry in (world.enter(at(14)), world.enter(at(16), people=[], title="Nobody"))}
    async with world.account() as book:
        for record in [record async for record in book.appointments(at(0), at(24), whole=True)]:
            assert record.whole
            assert record.shows >= world.seen - {Field.CLIENTS}
            expected = world.shown(entries.pop(record.remote_id))
            for field in record.shows:
                assert record.content.get(field) == expected.get(field), field
    assert entries == {}


async def test_a_row_that_cannot_be_read_is_told_after_all_others(world: World) -> None:
    """It costs one row, and nobody takes what was given for all there is."""
    broken, sound = world.enter(at(14)), world.enter(at(16))
    world.fault("bad_value", field=world.behaviour.start_key, body="soon", record=broken.id)
    async with world.account() as book:
        records = book.appointments(at(0), at(24))
        assert (await anext(records)).remote_id == sound.id
        with pytest.raises(Malformed, match=rf"^agenda: 1 row\(s\) cannot be read: {broken.id}: "):
            await anext(records)


async def test_a_listing_that_ends_early_raises(world: World) -> None:
    """Half a listing looks like no other."""
    world.enter()
    world.fault("truncate", "list")
    async with world.account() as book:
        with pytest.raises(VendorError, match=r"^agenda: "):
            [record async for record in book.appointments(at(0), at(24))]


async def test_a_record_is_read_by_its_id(world: World) -> None:
    """Whole; None where the vendor says that it has none, and nothing is written to such an id."""
    entry = world.enter()
    async with world.account() as book:
        found = await book.appointment(entry.id)
        assert found is not None
        assert found.whole
        assert found.content.slot == slot(entry.start)
        world.server.person_delete(entry.id)
        assert await book.appointment(entry.id) is None
        for write in ("reschedule", "cancel"):
            with pytest.raises(Stale, match=f"{entry.id}: there is no such record"):
                await performed(book, write, entry)


async def test_what_is_made_is_read_back(world: World) -> None:
    """With what the vendor has a place for; what it has none for is left out."""
    async with world.account() as book:
        made = await book.create(
            at(18), at(18) + HALF_HOUR, title="Visit", notes="Gate 4", clients=[JANE], service="Showing", staff="Jordan"
        )
    entry = world.entry(made.remote_id)
    assert (entry.start, made.content.slot, made.whole) == (at(18), slot(at(18)), True)
    for field, value in ((Field.TITLE, "Visit"), (Field.NOTES, "Gate 4"), (Field.SERVICE, "Showing")):
        if world.able.ability(field).created and field in made.shows:
            assert made.content.get(field) == value


async def test_a_move_keeps_the_length_unless_it_is_given_another(world: World) -> None:
    """And all else; what the vendor made of it comes back."""
    entry = world.enter(end=at(15), service=world.subject.services.get("Consultation"))
    async with world.account() as book:
        moved = await book.reschedule(entry.id, at(16))
        assert (moved.remote_id, moved.content.slot) == (entry.id, slot(at(16), HOUR))
        again = await book.reschedule(entry.id, at(12), at(12.5))
    length = HALF_HOUR if world.able.end_can_be_set else HOUR
    assert again.content.slot == slot(at(12), length)
    assert world.entry(entry.id).end - at(12) == length


@pytest.mark.parametrize("field", sorted(ALL_FIELDS - {Field.SLOT}))
async def test_a_field_is_changed_where_the_vendor_takes_it(world: World, field: Field) -> None:
    """Elsewhere it is refused, before anything is written; nobody is told that something changed which did not."""
    entry = world.enter()
    async with world.account() as book:
        if not world.able.ability(field).updated:
            with pytest.raises(Refused, match=f"its {field} cannot be changed there"):
                await book.update(entry.id, **wanted(world, field))
            assert all(sent(world, write) == 0 for write in ("update", "reschedule", "cancel"))
            return
        changed = await book.update(entry.id, **wanted(world, field))
    [value] = wanted(world, field).values()
    if field is Field.CLIENTS:
        assert [one.email for one in changed.content.clients] == [OMAR.email]
    elif field in changed.shows:
        assert changed.content.get(field) == value


async def test_a_status_that_the_vendor_has_no_word_for_is_refused(world: World) -> None:
    """So is a cancellation in disguise: where cancelling deletes, there would be no record to give back."""
    entry = world.enter()
    async with world.account() as book:
        with pytest.raises(Refused, match="use cancel"):
            await book.update(entry.id, status=Status.CANCELLED)
        for status in set(Status) - world.able.statuses - {Status.CANCELLED}:
            with pytest.raises(Refused, match=f"no word for {status} there"):
                await book.update(entry.id, status=status)
        for status in set(Status) - world.able.create_statuses:
            with pytest.raises(Refused, match=f"none can be made as {status}"):
                await book.create(at(18), at(19), status=status)
    assert (len(world.server.entries), world.entry(entry.id).status) == (1, "scheduled")


async def test_a_cancelled_appointment_is_not_cancelled_again(world: World) -> None:
    """It is cancelled, or gone where the vendor knows no other way."""
    entry = world.enter()
    async with world.account() as book:
        await book.cancel(entry.id)
        assert world.performed("cancel", entry.id)
        if world.able.soft_cancel:
            before = len(world.wire.requests)
            await book.cancel(entry.id)
            assert len(world.wire.requests) == before + 1


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("kind", ["hang", "hang_after", "html"])
async def test_a_write_without_a_clear_answer_raises_and_is_sent_once(world: World, write: str, kind: str) -> None:
    """Nobody overlooks an exception, and nothing is made twice."""
    entry = world.enter()
    world.fault_on(write, kind)
    async with world.account() as book:
        with pytest.raises(Unsettled, match=r"^agenda: "):
            await performed(book, write, entry)
    assert sent(world, write) == 1


async def test_what_was_made_and_cannot_be_read_back_is_no_failure(world: World) -> None:
    """Its id comes back all the same: an error would have it made again."""
    async with world.account() as book:
        world.fault("status", "get", code=503)
        made = await book.create(at(18), at(18) + HALF_HOUR, clients=[JANE], service="Showing", staff="Jordan")
    assert list(world.server.entries) == [made.remote_id]


async def test_a_refusal_is_the_vendors_own(world: World) -> None:
    """In its words, with its name."""
    values = world.subject.refusing(world.server, world.neutral())
    target = world.target().with_values(values)
    async with world.account() as book:
        with pytest.raises(Refused, match=r"^agenda: "):
            await book.create(
                target.slot.start, target.slot.end, clients=[JANE], service=target.service, staff=target.staff
            )


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("asked", [False, True])
async def test_clients_are_mailed_only_where_that_is_asked_for(
    worlds: abc.Callable[..., World], write: str, asked: bool
) -> None:
    """As in a sync, not by itself."""
    world = worlds(notify_clients=asked)
    entry = world.enter(notify=True)
    async with world.account() as book:
        await performed(book, write, entry)
    assert world.performed(write, entry.id)
    assert (world.server.counters.notifications > 0) is (asked and world.subject.mails)


async def test_times_without_a_zone_are_no_times(world: World) -> None:
    """Nothing is sent for them."""
    async with world.account() as book:
        naive = at(14).replace(tzinfo=None)
        with pytest.raises(InvalidSlot):
            await book.create(naive, naive + HOUR)
        with pytest.raises(InvalidSlot):
            [record async for record in book.appointments(naive, naive + timedelta(days=1))]
    assert world.wire.requests == []


async def test_checking_reads_and_finds_what_does_not_exist(world: World) -> None:
    """Credentials, address and ids, by reads alone."""
    ids = {
        "services": {name: world.subject.services[name] for name in world.subject.services if name in DURATIONS},
        "staff": {name: world.subject.staff[name] for name in world.subject.staff if name == "Jordan"},
    }
    async with world.account(**ids) as book:
        assert await book.check() == ()
    world.fault("status", code=401)
    async with world.account(**ids) as book:
        with pytest.raises(Misconfigured, match=r"^agenda: "):
            await book.check()


async def test_an_account_is_used_within_its_block(world: World) -> None:
    """Outside there are no connections; one that was open can be opened again."""
    book = world.account()
    with pytest.raises(RuntimeError, match="within 'async with'"):
        await book.appointment("7")
    for _ in range(2):
        async with book:
            assert await book.appointment("7") is None
            with pytest.raises(RuntimeError, match="open already"):
                await book.__aenter__()
    with pytest.raises(RuntimeError, match="within 'async with'"):
        await book.appointment("7")


async def test_every_call_of_the_vendors_is_at_hand(world: World) -> None:
    """By `api`, over the same connections."""
    async with world.account() as book:
        assert type(book.api).__name__ == "ApiClient"  # type: ignore[attr-defined] # each class has its own
        assert book.adapter.traffic.requests == 0

"""Damage inside an answer: one text, one number, one header. It costs one row at most, and the row says which key."""

from __future__ import annotations

import contextlib
import json
from collections import abc
from typing import Any

import pytest

from syncd.model.errors import Malformed, VendorError
from syncd.model.record import Record
from syncd.sandbox.frame.records import Person
from syncd.vendors.port import Row, Uncertain, Written
from tests.contract.test_write_trouble import EACH_WRITE
from tests.contract.world import WINDOW, World, at

WHOLE_NUMBERS = 2**63
"""Beyond it no store keeps a number as one."""
ODD = {
    "a long number": 10**30,
    "a very long number": 10**400,
    "a long number as text": "9" * 40,
    "a fraction": 12.5,
    "nothing": None,
    "an empty text": "",
    "a text": "soon",
    "true": True,
    "a list": [1],
    "an object": {"a": 1},
    "the last year": "9999-12-31T23:59:59Z",
    "the last year with an offset": "9999-12-31T23:59:59-0500",
    "the last day": "9999-12-31",
    "the first year": "0001-01-01T00:00:00+0900",
    "the year nought": "0000-00-00 00:00:00",
}
REPLACED = "\ufffd"


def damaged_keys(world: World, row: Row, wanted: abc.Callable[[Any], bool]) -> list[str]:
    """The keys of a row whose values are such, the one that tells the row apart left out; inside of lists as well."""
    found = []
    for key, value in json.loads(row.raw).items():
        if key == world.behaviour.id_key:
            continue
        if wanted(value):
            found.append(key)
        inner = value[0] if isinstance(value, list) and value else value
        if isinstance(inner, dict):
            way = f"{key}.0" if inner is not value else key
            found += [f"{way}.{name}" for name, part in inner.items() if wanted(part)]
    return found


def decoded(world: World, row: Row) -> Record | Malformed:
    """What a row comes to; nothing but `Malformed` may be raised."""
    try:
        return world.vendor.decode(row)
    except Malformed as error:
        return error


def texts_of(record: Record) -> str:
    """Every text of a record."""
    content = record.content
    people = [part for one in content.clients for part in (one.first_name, one.last_name, one.email, one.phone)]
    return "\n".join([content.title, content.location, content.notes, *people])


async def test_half_a_character_in_one_text_costs_no_row(world: World) -> None:
    """As JavaScript leaves it when it cuts a text: every other row is as it was, this one stays readable."""
    struck, other = world.enter(at(14)), world.enter(at(16))
    before = {row.remote_id: row for row in await world.listing()}
    keys = damaged_keys(world, before[struck.id], lambda value: isinstance(value, str))
    assert keys
    shown = 0
    for key in [*keys, "a_key_that_nobody_reads"]:
        world.server.faults.clear()
        world.fault("half_character", "list", field=key, record=struck.id)
        rows = {row.remote_id: row for row in await world.listing()}
        assert rows.keys() == {struck.id, other.id}, key
        assert rows[other.id] == before[other.id]
        found = decoded(world, rows[struck.id])
        if isinstance(found, Malformed):
            assert key.partition(".")[0] in str(found)
        else:
            text = texts_of(found)
            text.encode()  # it can be kept and shown
            shown += REPLACED in text
    assert shown


async def test_half_a_character_in_a_record_by_id_spoils_no_reading(world: World) -> None:
    """It is read, or it is malformed in a key that is named; never is the address to blame."""
    entry = world.enter()
    [row] = await world.listing()
    for key in damaged_keys(world, row, lambda value: isinstance(value, str)):
        world.server.faults.clear()
        world.fault("half_character", "get", field=key)
        reason = ""
        try:
            texts_of(await world.read(entry.id)).encode()
        except Malformed as error:
            reason = str(error)
        assert not reason or key.partition(".")[0] in reason


async def test_an_emoji_is_no_damage(world: World) -> None:
    """A whole pair comes as it is, and so does what only looks like half of one."""
    name = Person("Zoë", "O'Hara 🦊", "zoe@example.com", "2125550199")
    entry = world.enter(people=[name], notes="Ring 🔔 twice", title="Viewing \\ud83d 🏡")
    for record in (decoded(world, (await world.listing())[0]), await world.read(entry.id)):
        assert isinstance(record, Record)
        assert REPLACED not in texts_of(record)
        if record.whole:
            assert world.shown(world.entry(entry.id)) == record.content


async def test_an_odd_value_in_one_key_costs_one_row(world: World) -> None:
    """Whatever stands in a key: the others are read, and this one is, or says what cannot be read."""
    struck, other = world.enter(at(14)), world.enter(at(16))
    before = {row.remote_id: row for row in await world.listing()}
    for key in damaged_keys(world, before[struck.id], lambda value: True):
        for what, value in ODD.items():
            world.server.faults.clear()
            world.fault("bad_value", "list", field=key, body=value, record=struck.id)
            rows = {row.remote_id: row for row in await world.listing()}
            assert rows[other.id] == before[other.id], (key, what)
            _is_sane(world, rows[struck.id], key, what)


def _is_sane(world: World, row: Row, key: str, what: str) -> None:
    found = decoded(world, row)
    if isinstance(found, Malformed):
        assert "1000000000000" not in str(found), (key, what)
        return
    assert not isinstance(found.revision, int) or found.revision < WHOLE_NUMBERS, (key, what)
    slot = found.content.slot
    assert all(1 < moment.year < 9999 for moment in (slot.start, slot.end)), (key, what)
    assert found.modified_at is None or 1 < found.modified_at.year < 9999, (key, what)
    texts_of(found).encode()


@pytest.mark.parametrize("what", sorted(ODD))
async def test_an_id_of_another_kind_costs_one_row(world: World, what: str) -> None:
    """A row whose id is no id is counted as one that cannot be told apart; or it has another id."""
    struck, other = world.enter(at(14)), world.enter(at(16))
    world.fault("bad_value", "list", field=world.behaviour.id_key, body=ODD[what], record=struck.id)
    rows: list[Row] = []
    unidentified = 0
    async for page in world.vendor.pages(WINDOW):
        rows += page.rows
        unidentified += len(page.unidentified)
    assert other.id in {row.remote_id for row in rows}
    assert len(rows) + unidentified == 2
    for row in rows:
        decoded(world, row)


async def test_an_odd_value_in_a_record_by_id_is_an_error_of_that_record(world: World) -> None:
    """Malformed, or another record than was asked for; nothing that is called a bug."""
    entry = world.enter()
    [row] = await world.listing()
    for key in [*damaged_keys(world, row, lambda value: True), world.behaviour.id_key]:
        for value in ODD.values():
            world.server.faults.clear()
            world.fault("bad_value", "get", field=key, body=value)
            with contextlib.suppress(Malformed, VendorError):
                await world.vendor.get(entry.id)


@EACH_WRITE
async def test_damage_in_the_answer_to_a_write_leaves_it_done_or_not_known(world: World, write: str) -> None:
    """The write was carried out: half a character or an odd value in its answer is no failure of it."""
    for field in ("title", "notes", "firstName", "version", "status", "bookings.0.info", world.behaviour.start_key):
        for kind, value in (("half_character", None), ("bad_value", 10**30), ("bad_value", [1])):
            world.server.faults.clear()
            entry = world.enter()
            world.fault_on(write, kind, field=field, body=value)
            result = await world.perform(write, entry.id)
            assert isinstance(result, Written | Uncertain)
            assert isinstance(result, Uncertain) or result.remote_id in world.server.entries or write == "cancel"
            for key in list(world.server.entries):
                world.server.remove(key)


async def test_a_damaged_id_in_the_answer_to_a_create_names_no_record(world: World) -> None:
    """It was made; under an id that is none, it would look as if somebody had deleted it the next time it is read."""
    for field, kind in ((world.behaviour.id_key, "half_character"), ("", "not_utf_8")):
        world.server.faults.clear()
        world.fault_on("create", kind, **({"field": field} if field else {}))
        result = await world.perform("create", "")
        assert isinstance(result, Uncertain) or result.remote_id in world.server.entries
        for key in list(world.server.entries):
            world.server.remove(key)


async def test_a_damaged_id_in_a_row_is_no_id(world: World) -> None:
    """The row is told, and taken for no record."""
    world.enter()
    world.fault("half_character", "list", field=world.behaviour.id_key)
    assert await world.listing() == []


@pytest.mark.parametrize("name", ["latin1", "utf8mb4", "bogus", "utf-16", "binary; x=1", "base64", "UTF-8"])
@pytest.mark.parametrize("reading", ["list", "get"])
async def test_a_charset_that_is_named_wrongly_changes_no_letter(world: World, reading: str, name: str) -> None:
    """JSON is UTF-8, whatever its content type says."""
    entry = world.enter(people=[Person("Zoë", "Šimić", "zoe@example.com", "2125550199")])
    plain = await world.read(entry.id)
    world.fault("charset", reading, value=name)
    if reading == "list":
        assert [row.remote_id for row in await world.listing()] == [entry.id]
    else:
        assert (await world.read(entry.id)).content == plain.content


async def test_letters_of_another_encoding_cost_no_row(world: World) -> None:
    """Named UTF-8 and written as single bytes: what is no letter is shown as such, the rest is as it was."""
    struck = world.enter(at(14), people=[Person("Zoë", "Smith", "zoe@example.com", "2125550199")], notes="Café")
    other = world.enter(at(16), people=[Person("Omar", "Haddad", "omar@example.com", "2125550177")])
    plain = {row.remote_id: decoded(world, row) for row in await world.listing()}
    by_id = await world.read(struck.id)
    world.vendor = world.connected()  # what was met before does not help
    world.fault("latin_1", "list", "get")
    rows = {row.remote_id: row for row in await world.listing()}
    assert rows.keys() == {struck.id, other.id}
    found = {key: decoded(world, row) for key, row in rows.items()}
    there = plain[other.id]
    assert isinstance(there, Record)
    assert getattr(found[other.id], "content", None) == there.content
    here, whole = found[struck.id], plain[struck.id]
    assert isinstance(here, Record)
    assert isinstance(whole, Record)
    assert texts_of(here) == texts_of(whole).replace("ë", REPLACED).replace("é", REPLACED)
    assert (await world.read(struck.id)).content.slot == by_id.content.slot


@pytest.mark.parametrize(
    "value",
    [
        "Fri, 31 Dec 9999 23:59:59 -0500",
        "Mon, 01 Jan 0001 00:00:00 +1400",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Tue, 20 Oct 2026 09:00:00 +9999",
        "Tue, 99 Oct 2026 99:99:99 GMT",
        "2026-10-20T09:00:00Z",
        "0",
        ", , ,",
        "now",
    ],
)
async def test_a_broken_date_tells_nothing_of_the_vendors_clock(world: World, value: str) -> None:
    """Its answer is good all the same, and no clock is thousands of years off."""
    entry = world.enter()
    world.fault("date_header", value=value)
    assert [row.remote_id for row in await world.listing()] == [entry.id]
    await world.read(entry.id)
    offset = world.vendor.traffic.clock_offset
    assert offset is None or abs(offset) < 86400


@pytest.mark.parametrize("value", ["9" * 400, "Fri, 31 Dec 9999 23:59:59 -0500", "-1", "1e9", "½", "0.5", "12, 13"])
async def test_a_wait_that_is_no_wait_breaks_nothing(world: World, value: str) -> None:
    """After too many requests the vendor is asked again, or found too busy; nothing else."""
    world.enter()
    world.fault("retry_after", "list", value=value, times=1)
    _, error = await world.partly()
    assert error is None or "429" in str(error)

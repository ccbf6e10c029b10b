"""Amelia's rows as records, and records as the bodies of writes."""

from __future__ import annotations

import contextlib
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.errors import Malformed
from syncd.model.record import Record
from syncd.model.wallclock import WallClock
from syncd.vendors.amelia import people
from syncd.vendors.amelia.capabilities import Place
from syncd.vendors.amelia.codec import Codec
from syncd.vendors.amelia.people import People
from syncd.vendors.amelia.schemas import read_row
from tests.vendors.amelia.world import CATALOGUE, DESK, JANE, OMAR, at, booking, customer, row, slot

CODEC = Codec("site", WallClock("Europe/Belgrade"), CATALOGUE, People(str(DESK)), notify=False)
HERE = Place(2, {"providerId": 1, "locationId": 1})


def decode(
    hint: Appointment | None = None, seen: dict[str, Client] | None = None, *, settled: bool = False, **changes: Any
) -> Record:
    """The record of a row with these changes."""
    raw = json.dumps(row(**changes)).encode()
    return CODEC.decode(read_row(raw), raw, seen or {}, hint=hint, settled=settled)


def test_a_row_is_a_whole_record() -> None:
    """A list row shows everything that Amelia has of an appointment."""
    record = decode(internalNotes=" Bring keys \n[syncd:ab12]")
    assert record.content == Appointment(
        slot=slot(at(8)), notes="Bring keys", clients=(JANE,), service="Showing", staff="Jordan"
    )
    assert record.shows == {Field.SLOT, Field.STATUS, Field.NOTES, Field.CLIENTS, Field.SERVICE, Field.STAFF}
    assert (record.remote_id, record.token, record.whole) == ("742", "ab12", True)


@pytest.mark.parametrize(
    ("word", "status", "kept"),
    [
        ("approved", Status.SCHEDULED, {}),
        ("pending", Status.PENDING, {}),
        ("canceled", Status.CANCELLED, {}),
        ("rejected", Status.CANCELLED, {}),
        ("no-show", Status.NO_SHOW, {}),
        ("waiting", Status.SCHEDULED, {"status": "waiting"}),
        ("blessed", Status.SCHEDULED, {"status": "blessed"}),
    ],
)
def test_statuses_are_translated_and_unknown_ones_kept(word: str, status: Status, kept: dict[str, str]) -> None:
    """A word that is no status of an appointment reads as scheduled, and is kept for the report."""
    record = decode(status=word)
    assert (record.content.status, record.kept) == (status, kept)


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("status", Field.STATUS),
        ("internalNotes", Field.NOTES),
        ("serviceId", Field.SERVICE),
        ("providerId", Field.STAFF),
        ("bookings", Field.CLIENTS),
    ],
)
def test_what_a_row_leaves_out_is_not_shown(key: str, field: Field) -> None:
    """A key that is absent says nothing: its field is not shown, rather than empty."""
    raw = json.dumps({name: value for name, value in row().items() if name != key}).encode()
    assert field not in CODEC.decode(read_row(raw), raw, {}).shows


def test_nulls_are_empty() -> None:
    """Null text is empty text; a null status is not shown."""
    record = decode(internalNotes=None, status=None, locationId=None, notifyParticipants=None)
    assert record.content.notes == ""
    assert Field.NOTES in record.shows
    assert Field.STATUS not in record.shows
    assert record.content.staff == "Jordan"


def test_numbers_may_be_text_and_lists_objects() -> None:
    """Ids and durations may be text, and PHP writes a list with gaps as an object."""
    spelled = booking(customerId="79", duration="1800", id="979")
    record = decode(id="742", serviceId="2", providerId="1", locationId="1", bookings={"979": spelled})
    assert record.content == decode().content


@pytest.mark.parametrize(
    ("staff", "name"),
    [
        ((1, 1), "Jordan"),
        ((1, 2), "#1,2"),
        ((1, None), "Jordan"),
        ((2, None), "Robin"),
        ((2, 7), "Robin"),
        ((9, 1), "#9,1"),
        ((9, None), "#9"),
    ],
)
def test_staff_is_provider_and_location_or_the_provider_alone(staff: tuple[int, int | None], name: str) -> None:
    """A catalogue row may name a location or leave it open, and so may the record, where that is the provider's only
    row; what no row names is kept by its ids.
    """
    assert decode(providerId=staff[0], locationId=staff[1]).content.staff == name


@pytest.mark.parametrize("changes", [{"id": None}, {"id": [1]}, {"bookings": "none"}, {"bookings": [None]}])
def test_a_row_that_is_no_appointment_is_malformed(changes: dict[str, Any]) -> None:
    """What lacks an id, or has bookings of another shape, is quarantined without naming a client."""
    with pytest.raises(Malformed) as caught:
        decode(**changes)
    assert "jane" not in str(caught.value).casefold()


def test_a_token_survives_whatever_is_written_around_it() -> None:
    """Text that people add below the mark is notes, and of two marks the later counts."""
    record = decode(internalNotes="One\n[syncd:old]\n\nTwo\r\n  [syncd:new] \r\nThree")
    assert record.token == "new"
    assert [line for line in record.content.notes.split() if line] == ["One", "Two", "Three"]


def test_an_update_of_notes_keeps_the_token() -> None:
    """Notes that change are written with the mark that the record has."""
    record = decode(internalNotes="Old\n[syncd:ab12]")
    target = record.content.with_values({Field.NOTES: " New "})
    body = CODEC.changes(record, target, frozenset({Field.NOTES}))
    assert body == {"internalNotes": "New\n[syncd:ab12]", "notifyParticipants": 0}


def test_a_new_start_is_written_in_utc_and_leaves_the_bookings_out() -> None:
    """Only the start goes, in the one form that is unambiguous; `utc` never stands alone."""
    record = decode()
    target = record.content.with_values({Field.SLOT: slot(at(1.5, day=25))})
    body = CODEC.changes(record, target, frozenset({Field.SLOT, Field.NOTES}))
    assert body == {"bookingStart": "2026-10-25 01:30", "utc": True, "notifyParticipants": 0}


def test_a_new_length_is_written_by_all_bookings_complete() -> None:
    """Each booking goes back as it is but for the duration, with the package that it belongs to."""
    bought = {"id": 5, "packageCustomer": {"id": 31}}
    two = [booking(979), booking(980, OMAR, status="canceled", persons=2, packageCustomerService=bought)]
    record = decode(bookings=two)
    body = CODEC.changes(record, record.content.with_values({Field.SLOT: slot(at(8), 60)}), frozenset({Field.SLOT}))
    kept = ("id", "customerId", "customFields", "extras", "persons", "status")
    assert body["bookings"] == [
        {key: two[0][key] for key in kept} | {"duration": 3600, "packageCustomerId": None},
        {key: two[1][key] for key in kept} | {"duration": 3600, "packageCustomerId": 31},
    ]
    assert body["bookingStart"] == "2026-10-22 08:00"


def test_extras_take_their_part_of_a_new_length() -> None:
    """A booking is as much longer as the appointment gets, so that its extras keep their time."""
    record = decode(bookingEnd="2026-10-22 10:45:00")
    longer = CODEC.changes(record, record.content.with_values({Field.SLOT: slot(at(8), 75)}), frozenset({Field.SLOT}))
    assert longer["bookings"][0]["duration"] == 3600
    with pytest.raises(Malformed, match="extras"):
        CODEC.changes(record, record.content.with_values({Field.SLOT: slot(at(8), 15)}), frozenset({Field.SLOT}))


def test_nothing_is_written_where_nothing_differs() -> None:
    """A field that is already as wanted makes no request."""
    record = decode()
    assert CODEC.changes(record, record.content, frozenset({Field.SLOT, Field.NOTES})) == {}


@pytest.mark.parametrize(("notify", "flag"), [(False, 0), (True, 1)])
def test_a_creation_names_everything_that_amelia_requires(notify: bool, flag: int) -> None:
    """The body has the mandatory keys, one booking a client, syncd's mark, and mails nobody unless told to."""
    codec = Codec("site", WallClock("Europe/Belgrade"), CATALOGUE, People(), notify=notify)
    target = Appointment(slot=slot(at(8)), notes="Keys", status=Status.PENDING)
    body = codec.creation(target, "ab12", place=HERE, customers=[4, 5])
    assert [one["customerId"] for one in body["bookings"]] == [4, 5]
    assert {(one["duration"], one["status"], one["persons"]) for one in body["bookings"]} == {(1800, "pending", 1)}
    assert body["internalNotes"] == "Keys\n[syncd:ab12]"
    assert (body["bookingStart"], body["utc"]) == ("2026-10-22 08:00", True)
    assert (body["serviceId"], body["providerId"], body["locationId"]) == (2, 1, 1)
    assert (body["notifyParticipants"], body["recurring"]) == (flag, [])


NAMES = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)
CLIENTS = st.builds(
    Client,
    first_name=NAMES,
    last_name=st.just("") | NAMES,
    email=st.emails() | st.just(""),
    phone=st.just("") | st.from_regex(r"\A\+[0-9]{7,12}\Z"),
) | st.builds(Client, first_name=st.just(""), last_name=NAMES, phone=st.from_regex(r"\A[0-9]{7}\Z"))
LETTERS = st.characters(exclude_categories=["C"])
NOTES = st.lists(st.text(LETTERS, max_size=20), max_size=3).map("\n".join)
APPOINTMENTS = st.builds(
    Appointment,
    slot=st.builds(
        lambda start, minutes: slot(start.replace(second=0, microsecond=0), minutes),
        st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda moment: moment.astimezone(at(0).tzinfo)),  # noqa: DTZ001
        st.integers(1, 24 * 60),
    ),
    status=st.sampled_from([Status.SCHEDULED, Status.PENDING]),
    notes=NOTES.map(str.strip).filter(lambda text: "[syncd:" not in text),
    clients=st.lists(CLIENTS, max_size=3).map(tuple),
    service=st.just("Showing"),
    staff=st.just("Jordan"),
)


def served(body: dict[str, Any], clients: tuple[Client, ...], zone: WallClock) -> bytes:
    """The row that Amelia makes of a creation: on its wall clock, as long as the longest booking."""
    start = datetime.fromisoformat(body["bookingStart"] + "+00:00")
    end = start + timedelta(seconds=max(one["duration"] for one in body["bookings"]))
    stored = [customer(one["customerId"], client) for one, client in zip(body["bookings"], clients, strict=False)]
    stored = [one | people.body(client) for one, client in zip(stored, clients, strict=True)]
    rows = [
        {"id": number, "customer": stored[number] if stored else None} | one
        for number, one in enumerate(body["bookings"])
    ]
    times = {"bookingStart": f"{zone.local(start)}", "bookingEnd": f"{zone.local(end)}"}
    return json.dumps({**body, "id": 1, "status": rows[0]["status"], "bookings": rows, **times}).encode()


@pytest.mark.parametrize("zone", ["Europe/Belgrade", "America/New_York", "Australia/Lord_Howe", "+05:45"])
@given(target=APPOINTMENTS)
def test_what_is_created_reads_back_as_it_was(zone: str, target: Appointment) -> None:
    """Law: an appointment that Amelia can hold decodes to itself, where its slot is known."""
    codec = Codec("site", WallClock(zone), CATALOGUE, People(str(DESK)), notify=False)
    ids = [100 + number for number in range(len(target.clients))] or [DESK]
    raw = served(codec.creation(target, "ab12", place=HERE, customers=ids), target.clients, codec.wall)
    record = codec.decode(read_row(raw), raw, {}, hint=target)
    assert record.content == target
    assert record.token == "ab12"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists))
def test_any_value_in_any_key_is_read_or_malformed(value: Any) -> None:
    """No payload brings the codec down: each is a record, or malformed with a reason."""
    for key in row():
        with contextlib.suppress(Malformed):
            assert decode(**{key: value}).raw

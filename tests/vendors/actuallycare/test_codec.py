"""ActuallyCare's rows and canonical appointments, in both directions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.errors import Malformed
from syncd.model.times import Slot
from syncd.vendors.actuallycare.codec import STATUSES, Codec
from syncd.vendors.actuallycare.people import Untold
from syncd.vendors.ours import ours_of
from tests.vendors.actuallycare.world import CATALOGUE, NOW, appointment

JORDAN = Client(first_name="Jordan", last_name="van der Lee", email="jordan@example.com", phone="6615550123")
PEOPLE: dict[str, Client | Untold] = {"c": JORDAN, "gone": Untold("gone"), "later": Untold()}
CODEC = Codec("crm", CATALOGUE, lambda client_id: PEOPLE.get(client_id, Untold()))
LIST_KEYS = ("id", "title", "appointment_type", "start_time", "end_time", "location", "client_id", "status")
FULL: dict[str, Any] = {
    "id": "0f8d2f6e-55d1-4a0c-9d7e-3f0b6a1c2d3e",
    "user_id": "u",
    "title": " Visit ",
    "description": "kept nowhere",
    "appointment_type": "showing",
    "start_time": "2026-12-02T10:00:00Z",
    "end_time": "2026-12-02T10:30:00.000Z",
    "location": "12 Sample Street",
    "client_id": "c",
    "status": "scheduled",
    "attendees": [{"name": "Jordan  van der Lee", "email": "jordan@example.com", "phone": 6615550123}],
    "notes": "bring keys",
    "version": 3,
    "updated_at": "2026-11-15T14:32:10.000Z",
}
REQUIRED = {"id", "start_time", "end_time"}


def row(**changes: Any) -> bytes:
    """A full row with some keys changed; `...` takes a key away."""
    return json.dumps({key: value for key, value in {**FULL, **changes}.items() if value is not ...}).encode()


def test_a_full_row_is_a_whole_record() -> None:
    """Everything that the vendor shows arrives in canonical form."""
    record = CODEC.decode(row(), listed=True)
    start = datetime(2026, 12, 2, 10, tzinfo=UTC)
    assert record.content == Appointment(
        slot=Slot(start=start, end=start + timedelta(minutes=30)),
        status=Status.SCHEDULED,
        title="Visit",
        location="12 Sample Street",
        notes="bring keys",
        clients=(JORDAN,),
        service="Showing",
    )
    assert record.shows == frozenset(Field) - {Field.STAFF}
    assert (record.remote_id, record.revision, record.whole) == (FULL["id"], 3, True)
    assert record.modified_at == datetime(2026, 11, 15, 14, 32, 10, tzinfo=UTC)
    assert record.kept == {}


def test_a_list_row_of_the_reference_says_what_it_lacks() -> None:
    """A row without version and notes is not whole and does not pretend that they are empty; it names its client."""
    record = CODEC.decode(json.dumps({key: FULL[key] for key in LIST_KEYS}).encode(), listed=True)
    assert not record.whole
    assert record.revision is None
    assert Field.NOTES not in record.shows
    assert record.content.clients == (JORDAN,)


def test_an_answer_by_id_is_whole_whatever_it_shows() -> None:
    """Nothing more can be read than the record by its id."""
    record = CODEC.decode(json.dumps({key: FULL[key] for key in LIST_KEYS}).encode())
    assert record.whole
    assert Field.NOTES not in record.shows


@pytest.mark.parametrize(
    ("word", "status"),
    [
        *((word, status) for status, word in STATUSES.items()),
        ("canceled", Status.CANCELLED),
        ("No-Show", Status.NO_SHOW),
    ],
)
def test_statuses_are_known_in_any_spelling(word: str, status: Status) -> None:
    """The vendor's four statuses, however they are written."""
    record = CODEC.decode(row(status=word))
    assert record.content.status is status
    assert Field.STATUS in record.shows


@pytest.mark.parametrize(("hint", "status"), [(None, Status.SCHEDULED), (Status.CANCELLED, Status.CANCELLED)])
def test_an_unknown_status_is_kept_and_changes_nothing(hint: Status | None, status: Status) -> None:
    """A word that arrived without notice is reported; it neither cancels nor revives."""
    record = CODEC.decode(row(status="on_hold"), hint=appointment(status=hint) if hint else None)
    assert record.content.status is status
    assert Field.STATUS not in record.shows
    assert record.kept == {"status": "on_hold"}


@pytest.mark.parametrize("value", [None, ...])
def test_a_status_that_is_not_there_is_not_shown(value: object) -> None:
    """No status is no news."""
    record = CODEC.decode(row(status=value))
    assert Field.STATUS not in record.shows
    assert record.kept == {}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"start_time": ...}, "start_time"),
        ({"start_time": None}, "start_time"),
        ({"end_time": ""}, "end_time"),
        ({"start_time": "2026-12-02T10:00:00"}, "start_time is no time with an offset"),
        ({"start_time": "2026-02-30T10:00:00Z"}, "start_time"),
        ({"start_time": "0001-01-01T00:00:00+14:00"}, "start_time"),
        ({"end_time": "2026-12-02T10:00:00Z"}, "end_time is not after start_time"),
        ({"attendees": "Jordan"}, "attendees"),
        ({"attendees": [None]}, "attendees"),
        ({"title": {"en": "Visit"}}, "title"),
        ({"id": None}, "id"),
    ],
)
def test_a_row_that_makes_no_appointment_names_the_key(changes: dict[str, Any], reason: str) -> None:
    """What is wrong with a row is told by its key, without anything that the row says."""
    with pytest.raises(Malformed, match=reason) as caught:
        CODEC.decode(row(**changes))
    assert "Jordan" not in str(caught.value)
    assert "jordan@" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": 17}, ("17", 3)),
        ({"version": "4"}, (FULL["id"], 4)),
        ({"version": True}, (FULL["id"], None)),
        ({"version": "newest"}, (FULL["id"], None)),
        ({"version": 1.5}, (FULL["id"], None)),
    ],
)
def test_ids_and_versions_may_be_text_or_numbers(changes: dict[str, Any], expected: tuple[str, int | None]) -> None:
    """Numbers as text count as numbers; nonsense counts as no version."""
    record = CODEC.decode(row(**changes))
    assert (record.remote_id, record.revision) == expected


def test_null_texts_are_empty_and_null_attendees_say_nothing() -> None:
    """Null is how the vendor writes an empty text; who attends beside the client is as it is known."""
    nulls = dict.fromkeys(("title", "location", "notes", "attendees", "updated_at"))
    known = appointment(clients=(JORDAN, Client(first_name="Omar")))
    record = CODEC.decode(row(**nulls), listed=True, hint=known)
    assert (record.content.title, record.content.location, record.content.notes) == ("", "", "")
    assert {Field.TITLE, Field.LOCATION, Field.NOTES} <= record.shows
    assert record.content.clients == known.clients
    assert record.modified_at is None
    assert not record.whole


def test_attendees_without_a_word_are_nobody() -> None:
    """An empty attendee is no client."""
    assert CODEC.decode(row(client_id=None, attendees=[{}, {"name": " "}])).content.clients == ()


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, ["Jordan"]),
        ({"attendees": [{"name": "Ana", "email": "ana@agency.example"}]}, ["Jordan"]),
        ({"attendees": [{"name": "Ana", "email": "ana@agency.example"}, {"name": "Omar"}]}, ["Jordan", "Omar"]),
        ({"client_id": None, "attendees": [{"name": "Ana", "email": "Ana@Agency.example"}]}, []),
        ({"client_id": None, "attendees": [{"name": "Ana", "email": "ana@agency.example, ana@home.example"}]}, ["Ana"]),
        ({"client_id": None, "attendees": ...}, []),
        ({"client_id": "agent", "attendees": ...}, ["Ana"]),
    ],
)
def test_the_client_is_who_is_named_by_the_id_and_our_own_people_never_are(
    changes: dict[str, Any], names: list[str]
) -> None:
    """The client first, then whoever attends and is not ours; the vendor's own word goes before the address."""
    people = {**PEOPLE, "agent": Client(first_name="Ana", email="ana@agency.example")}
    codec = Codec("crm", CATALOGUE, people.__getitem__, ours_of(["@agency.example"]))
    assert [one.first_name for one in codec.decode(row(**changes)).content.clients] == names


def test_who_attends_beside_the_client_is_as_known_where_a_row_does_not_show_it() -> None:
    """A list row names the client alone: nobody else has left."""
    known = appointment(clients=(Client(first_name="Ana"), Client(first_name="Omar")))
    record = CODEC.decode(row(attendees=...), listed=True, hint=known)
    assert [one.first_name for one in record.content.clients] == ["Jordan", "Omar"]


def test_a_create_s_answer_says_nothing_of_people() -> None:
    """By the reference it has neither key."""
    assert Field.CLIENTS not in CODEC.decode(row(client_id=..., attendees=...)).shows


@pytest.mark.parametrize(("key", "whole", "reason"), [("gone", True, "gone"), ("later", False, None)])
def test_a_client_who_cannot_be_told_is_not_nobody(key: str, whole: bool, reason: str | None) -> None:
    """The record shows no client and keeps no fingerprint: it is to be looked at anew. A later reading may tell."""
    record = CODEC.decode(row(client_id=key), fingerprint=b"x")
    assert Field.CLIENTS not in record.shows
    assert (record.whole, record.untold, record.fingerprint) == (whole, reason, None)


@pytest.mark.parametrize(("key", "shown"), [("gone", True), ("later", False)])
def test_with_a_stand_in_a_client_who_cannot_be_told_for_good_is_none(key: str, shown: bool) -> None:
    """One who is not read yet still is somebody."""
    codec = Codec("crm", CATALOGUE, PEOPLE.__getitem__, stand_in=True)
    record = codec.decode(row(client_id=key, attendees=...))
    assert (Field.CLIENTS in record.shows, record.content.clients, record.untold) == (shown, (), None)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"null", b"[]", b"\xff", b'{"id":"\xff"}', b'{"id":' + b"[" * 5000, b"3", b'{"id":"a","x":NaN}'],
)
def test_bytes_that_are_no_row_are_malformed(raw: bytes) -> None:
    """Nothing that a vendor can send crashes the codec."""
    with pytest.raises(Malformed):
        CODEC.decode(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*FULL, "new"]), JSON, max_size=6))
def test_no_value_in_any_key_crashes_the_codec(changes: dict[str, Any]) -> None:
    """Any JSON in any key is a record or malformed."""
    try:
        record = CODEC.decode(row(**changes))
    except Malformed:
        return
    assert record.vendor == "crm"


TEXT = st.text(st.characters(codec="utf-8"), max_size=12).map(str.strip)


@st.composite
def appointments(draw: st.DrawFn) -> Appointment:
    """Appointments that ActuallyCare can hold in what is written to it."""
    start = NOW + draw(st.timedeltas(timedelta(days=-400), timedelta(days=4000)))
    length = draw(st.timedeltas(timedelta(microseconds=1), timedelta(days=3)))
    minutes, service = draw(st.sampled_from([(30, "Showing"), (60, "Consultation"), (None, None)]))
    if minutes is not None:
        length = timedelta(minutes=minutes)
    return Appointment(
        slot=Slot(start=start, end=start + length),
        status=draw(st.sampled_from(sorted(STATUSES))),
        title=draw(TEXT.filter(bool)),
        location=draw(TEXT),
        service=service,
    )


@given(appointments())
def test_what_is_written_reads_back_as_the_same_appointment(target: Appointment) -> None:
    """decode(encode(a)) == a, over a create and the update that sets the status."""
    body = {**CODEC.creation(target), **CODEC.changes(target, frozenset({Field.SLOT, Field.STATUS}), 1)}
    if target.service is None:
        body.pop("appointment_type", None)
    record = CODEC.decode(json.dumps({"id": "a", **body}).encode())
    assert record.content == target
    assert record.revision == 1


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (appointment(title="", service="Showing", clients=(Client(first_name="Jo"),)), ("Showing, Jo", "showing")),
        (appointment(service=None), ("Visit", "showing")),
        (appointment(service="Massage"), ("Visit", None)),
        (appointment(service="#99"), ("Visit", None)),
    ],
)
def test_a_create_has_a_title_and_a_type_where_the_catalogue_knows_one(
    target: Appointment, expected: tuple[str, str | None]
) -> None:
    """The vendor needs a title; a type that it does not have is left out."""
    body = CODEC.creation(target)
    assert (body["title"], body.get("appointment_type")) == expected
    assert body["start_time"] == "2026-12-02T10:00:00Z"
    assert "location" not in body


@pytest.mark.parametrize(
    ("fields", "version", "keys"),
    [
        ({Field.SLOT}, 3, {"start_time", "end_time", "version"}),
        ({Field.STATUS}, None, {"status"}),
        ({Field.SLOT, Field.STATUS}, 3, {"start_time", "end_time", "status", "version"}),
    ],
)
def test_an_update_carries_only_what_changes(fields: set[Field], version: int | None, keys: set[str]) -> None:
    """Slot and status, each only when asked for, with the version where there is one."""
    assert set(CODEC.changes(appointment(), frozenset(fields), version)) == keys

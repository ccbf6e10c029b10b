"""Acuity's appointments to records and back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.model.appointment import ALL_FIELDS, Appointment, Client, Field, Status
from syncd.model.errors import Malformed
from syncd.model.record import Record
from syncd.model.times import Slot
from syncd.vendors.acuity.codec import Codec
from syncd.vendors.acuity.people import People
from syncd.vendors.acuity.slots import write_start
from tests.vendors.acuity.world import (
    CATALOGUE,
    CONSULTATION,
    JANE,
    JORDAN,
    PLACEHOLDER,
    RECORDED,
    ROBIN,
    SHOWING,
    appointment,
    at,
    slot,
)

CODEC = Codec("book", CATALOGUE, People(Client(**PLACEHOLDER)))
REFERENCE = {
    "id": 7,
    "firstName": "Jane",
    "lastName": "Smith",
    "email": "jane@example.com",
    "phone": "2125550123",
    "date": "December 10, 2026",
    "endDate": "December 10, 2026",
    "time": "2026-12-10T10:00:00-0500",
    "endTime": "2026-12-10T10:30:00-0500",
    "type": "Showing",
    "appointmentTypeID": SHOWING,
    "calendar": "Jordan",
    "calendarID": JORDAN,
    "calendarTimeZone": "America/New_York",
    "notes": "Side door",
}

_JANES_KEYS = {"firstName": "Jane", "lastName": "Smith", "email": "jane@example.com", "phone": "2125550123"}


def decoded(row: dict[str, Any], hint: Appointment | None = None, **keys: Any) -> Record:
    """The record of a row with some keys replaced; `...` takes a key out."""
    changed = {"id": 7, **row, **keys}
    raw = json.dumps({key: value for key, value in changed.items() if value is not ...})
    return CODEC.decode(raw.encode(), hint=hint)


def test_a_recorded_row_is_read_from_its_start_with_offset_and_its_duration_in_text() -> None:
    """`datetime` and `duration` count; the display times beside them do not."""
    record = decoded(RECORDED, notes=" Side door ", location="12 High St ")
    assert record.remote_id == "7"
    assert record.content == appointment(notes="Side door", location="12 High St")
    assert record.shows == ALL_FIELDS - {Field.TITLE}  # it has none: its type is the service
    assert record.whole
    assert not record.other_readings


def test_a_reference_row_is_read_from_its_two_iso_times() -> None:
    """Without `datetime` and `duration`, ISO `time` and `endTime` give the slot; what it lacks it does not show."""
    record = decoded(REFERENCE)
    assert record.content == appointment(notes="Side door")
    assert record.shows == ALL_FIELDS - {Field.LOCATION, Field.TITLE}


@pytest.mark.parametrize(
    "keys",
    [
        {"duration": 30},
        {"duration": 30.0},
        {"datetime": "2026-12-10T10:00:00-05:00"},
        {"datetime": "2026-12-10T15:00:00Z"},
        {"datetime": ..., "time": "2026-12-10T10:00:00-0500"},
        {"duration": ..., "endTime": "2026-12-10T10:30:00-0500"},
        {"duration": None, "endTime": "2026-12-10T15:30:00+0000"},
        {"datetime": "2026-12-10T10:00:00"},
        {"time": "14:00", "endTime": "14:30"},
        {"id": "7", "appointmentTypeID": str(SHOWING), "calendarID": str(JORDAN), "canceled": "0"},
        {"location": None, "notes": None, "canceled": None, "labels": [1], "image": False},
        {"scheduledBy": "x", "isVerified": True, "forms": [{"id": 1}]},
    ],
)
def test_the_shapes_that_were_seen_mean_the_same(keys: dict[str, Any]) -> None:
    """Numbers as text, other offsets, absent, null and unknown keys change nothing."""
    assert decoded(RECORDED, **keys).content == decoded(RECORDED).content


@pytest.mark.parametrize(
    ("key", "part"), [("firstName", "first_name"), ("lastName", "last_name"), ("email", "email"), ("phone", "phone")]
)
def test_a_part_of_a_client_whose_key_is_left_out_is_as_it_was_known(key: str, part: str) -> None:
    """Nobody emptied it: taken for emptied, it would be emptied at the other vendors too."""
    known = appointment(clients=(JANE,))
    [client] = decoded({**RECORDED, **_JANES_KEYS, key: ...}, known).content.clients
    assert client == JANE
    [emptied] = decoded({**RECORDED, **_JANES_KEYS, key: ""}, known).content.clients
    assert emptied == replace(JANE, **{part: ""})


@pytest.mark.parametrize(
    ("keys", "status"),
    [
        ({}, Status.SCHEDULED),
        ({"canceled": True}, Status.CANCELLED),
        ({"canceled": "1", "noShow": "0"}, Status.CANCELLED),
        ({"canceled": True, "noShow": True}, Status.NO_SHOW),
        ({"canceled": False, "noShow": True}, Status.SCHEDULED),
        ({"canceled": ..., "noShow": True}, Status.NO_SHOW),
        ({"canceled": ...}, Status.SCHEDULED),
    ],
)
def test_a_status_is_live_cancelled_or_a_no_show(keys: dict[str, Any], status: Status) -> None:
    """`noShow` counts on cancelled ones alone."""
    record = decoded(RECORDED, **keys)
    assert record.content.status is status
    assert Field.STATUS in record.shows
    assert not record.kept


def test_a_cancelled_appointment_is_not_revived_by_a_row_that_does_not_say_canceled() -> None:
    """Where it was cancelled, such a row shows no status at all."""
    record = decoded(RECORDED, hint=appointment(status=Status.CANCELLED), canceled=...)
    assert record.content.status is Status.CANCELLED
    assert Field.STATUS not in record.shows


@pytest.mark.parametrize(
    ("keys", "kept"),
    [
        ({"canceled": "postponed"}, {"canceled": "postponed"}),
        ({"status": "waitlisted"}, {"status": "waitlisted"}),
        ({"canceled": True, "noShow": "perhaps"}, {"noShow": "perhaps"}),
    ],
)
def test_an_unknown_word_is_kept_and_breaks_nothing(keys: dict[str, Any], kept: dict[str, str]) -> None:
    """What the codec does not know is preserved for the report."""
    assert decoded(RECORDED, **keys).kept == kept


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"id": ...}, "`id`"),
        ({"id": True}, "`id`"),
        ({"datetime": ...}, "`datetime`"),
        ({"datetime": "2026-02-30T10:00:00-0500"}, "`datetime`"),
        ({"datetime": "December 10"}, "`datetime`"),
        ({"datetime": "0001-01-01T00:00:00+1400"}, "`datetime`"),
        ({"datetime": "2026-12-10T10:00:00", "calendarTimezone": ...}, "`datetime`"),
        ({"datetime": "2026-12-10T10:00:00", "calendarTimezone": "Mars/North"}, "time zone"),
        ({"datetime": "2026-03-08T02:30:00"}, "clocks skip"),
        ({"duration": ...}, "`duration`"),
        ({"duration": "an hour"}, "`duration`"),
        ({"duration": "0"}, "`duration`"),
        ({"duration": "-30"}, "`duration`"),
        ({"duration": "1e300"}, "`duration`"),
        ({"duration": "nan"}, "`duration`"),
        ({"duration": ..., "endTime": "2026-12-10T09:30:00-0500"}, "`endTime`"),
    ],
)
def test_a_row_that_lacks_what_an_appointment_needs_is_malformed(keys: dict[str, Any], named: str) -> None:
    """The reason names the key, and nothing of the client."""
    with pytest.raises(Malformed, match=named) as caught:
        decoded(RECORDED, **keys)
    assert "jane" not in str(caught.value).casefold()


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b'{"id": 7', b'{"id":7,"notes":"\xff"}', b'{"a":' + b"[" * 9999])
def test_what_is_no_row_is_malformed(raw: bytes) -> None:
    """Truncated, not UTF-8, nested beyond reason: a reason, never a crash."""
    with pytest.raises(Malformed):
        CODEC.decode(raw)


def test_a_time_without_offset_in_an_overlap_is_what_it_was_known_to_be() -> None:
    """At the end of summer time a naive 01:30 has two readings: the earlier counts unless the later was known."""
    naive: dict[str, Any] = {"datetime": "2026-11-01T01:30:00"}
    early, late = (slot(datetime(2026, 11, 1, hour, 30, tzinfo=UTC)) for hour in (5, 6))
    assert decoded(RECORDED, **naive).content.slot == early
    assert decoded(RECORDED, **naive).other_readings == (late,)
    hinted = decoded(RECORDED, hint=appointment(slot=late), **naive)
    assert (hinted.content.slot, hinted.other_readings) == (late, (early,))


def test_ids_beyond_the_catalogue_are_kept_as_they_are() -> None:
    """An appointment type or calendar without a row is shown by its id."""
    record = decoded(RECORDED, appointmentTypeID=5, calendarID=2**33)
    assert (record.content.service, record.content.staff) == ("#5", "#8589934592")


@pytest.mark.parametrize(
    ("instant", "zone", "text"),
    [
        (at(15), "America/New_York", "2026-12-10T10:00:00-0500"),
        (at(15), "Asia/Kolkata", "2026-12-10T20:30:00+0530"),
        (at(15), None, "2026-12-10T15:00:00+0000"),
        (at(15), "Mars/North", "2026-12-10T15:00:00+0000"),
        (datetime(2026, 11, 1, 6, 30, 59, tzinfo=UTC), "America/New_York", "2026-11-01T01:30:00-0500"),
    ],
)
def test_times_are_written_with_the_offset_of_the_calendar(instant: datetime, zone: str | None, text: str) -> None:
    """Where the zone is not known it is UTC; seconds, which Acuity drops, are not sent."""
    assert write_start(instant, zone) == text


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), max_size=12)
names = words.filter(lambda name: name != "-")
addresses = st.one_of(st.just(""), st.from_regex(r"[a-z]{1,8}@example\.(net|org)", fullmatch=True))
phones = st.one_of(st.just(""), st.from_regex(r"212555[0-9]{4}", fullmatch=True))
clients = st.builds(Client, first_name=names, last_name=names, email=addresses, phone=phones)
starts = st.integers(0, 20 * 365 * 24 * 60).map(
    lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
kinds = st.sampled_from([("Showing", SHOWING, 30), ("Consultation", CONSULTATION, 60)])
zones = st.sampled_from(["America/New_York", "Europe/Belgrade", "Indian/Mayotte", "Australia/Lord_Howe"])


@st.composite
def appointments(draw: st.DrawFn) -> Appointment:
    """What Acuity can hold."""
    service, _, minutes = draw(kinds)
    start = draw(starts)
    client = draw(clients)
    return Appointment(
        slot=Slot(start=start, end=start + timedelta(minutes=minutes)),
        notes=draw(words),
        clients=() if client.empty else (client,),
        service=service,
        staff=draw(st.sampled_from(["Jordan", "Robin"])),
    )


def stored(body: dict[str, Any], shape: str, zone: str) -> dict[str, Any]:
    """The row that Acuity makes of a booking's body, in one of its two shapes."""
    title, minutes = {SHOWING: ("Showing", 30), CONSULTATION: ("Consultation", 60)}[body["appointmentTypeID"]]
    start = datetime.fromisoformat(body["datetime"]).astimezone(ZoneInfo(zone))
    end = start.astimezone(UTC) + timedelta(minutes=minutes)
    row = {"id": 7, "location": "", "notes": "", **body, "type": title, "canceled": False}
    form = "%Y-%m-%dT%H:%M:%S%z"
    if shape == "recorded":
        shown = {"time": f"{start:%H:%M}", "duration": str(minutes), "calendarTimezone": zone}
        return {**row, **shown, "datetime": start.strftime(form)}
    del row["datetime"]
    ends = end.astimezone(ZoneInfo(zone)).strftime(form)
    return {**row, "time": start.strftime(form), "endTime": ends, "calendarTimeZone": zone}


@given(appointments(), st.sampled_from(["recorded", "reference"]), zones, st.sampled_from(["UTC", "known"]))
def test_what_is_written_reads_back_as_it_was(target: Appointment, shape: str, zone: str, written: str) -> None:
    """Through either shape of rows and any zone, a booking comes back as the appointment that it was made from."""
    service = str(SHOWING if target.service == "Showing" else CONSULTATION)
    calendar = str(JORDAN if target.staff == "Jordan" else ROBIN)
    body = CODEC.creation(target, service=service, calendar=calendar, zone=zone if written == "known" else None)
    assert CODEC.decode(json.dumps(stored(body, shape, zone)).encode()).content == target


@given(appointments(), appointments())
def test_an_update_brings_a_record_to_the_target(before: Appointment, target: Appointment) -> None:
    """Only what differs is sent, and with it the record shows the target's client and notes."""
    row = stored(
        CODEC.creation(before, service=str(SHOWING), calendar=str(JORDAN), zone=None), "recorded", "Europe/Belgrade"
    )
    shown = CODEC.decode(json.dumps(row).encode()).content
    body = CODEC.changes(shown, target, frozenset({Field.CLIENTS, Field.NOTES}))
    after = CODEC.decode(json.dumps({**row, **body}).encode()).content
    assert (after.clients, after.notes) == (target.clients, target.notes)
    assert not CODEC.changes(after, target, frozenset({Field.CLIENTS, Field.NOTES}))


def test_of_several_clients_the_one_who_is_there_stays() -> None:
    """Acuity has one place: another order of the same people moves nobody in or out."""
    other = Client(first_name="Ann", email="ann@example.com")
    shown = appointment()
    assert CODEC.changes(shown, appointment(clients=(other, JANE)), frozenset({Field.CLIENTS})) == {}
    body = CODEC.changes(shown, appointment(clients=(other,)), frozenset({Field.CLIENTS}))
    assert body == {"firstName": "Ann", "lastName": "-", "email": "ann@example.com", "phone": ""}

"""Aivapad's rows and bodies: what is read, what is written, and that both agree."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.errors import Malformed
from syncd.model.record import Record
from syncd.model.times import Slot
from syncd.model.wallclock import WallClock
from syncd.vendors.aivapad.codec import Codec
from syncd.vendors.aivapad.settings import Words
from syncd.vendors.aivapad.slots import holds
from tests.vendors.aivapad.world import PERSON, appointment, row

ZONES = ["America/Los_Angeles", "Europe/Belgrade", "Australia/Lord_Howe", "America/Havana", "UTC+2", "Asia/Kathmandu"]
EVERYTHING = frozenset(Field) - {Field.SERVICE, Field.STAFF}


def codec(zone: str = "America/Los_Angeles", cancelled: str | None = None, **statuses: str) -> Codec:
    """A codec for an account in a zone."""
    return Codec("office", WallClock(zone), Words(statuses, cancelled))


def read(zone: str = "America/Los_Angeles", hint: Appointment | None = None, **changes: Any) -> Record:
    """What a row means; a key whose value is `...` is left out."""
    shown = {key: value for key, value in row(**changes).items() if value is not ...}
    return codec(zone).decode(msgspec.json.encode(shown), hint)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """An instant."""
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def test_a_row_of_the_reference_is_read_as_an_appointment() -> None:
    """Every documented key arrives where it belongs."""
    record = read()
    assert record.remote_id == "a1"
    assert record.content == appointment(
        slot=Slot(start=utc(2026, 12, 2, 18), end=utc(2026, 12, 2, 18, 30)),
        location="12 Sample Street",
        notes="bring keys",
    )
    assert record.shows == EVERYTHING
    assert record.modified_at == utc(2026, 11, 6, 20, 33, 50).replace(microsecond=414000)
    assert (record.whole, record.revision, record.kept) == (True, None, {})


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ({"endTime": "09:00"}, utc(2026, 12, 2, 18), utc(2026, 12, 3, 17)),
        ({"endTime": "24:00"}, utc(2026, 12, 2, 18), utc(2026, 12, 3, 8)),
        ({"startTime": "9:05", "endTime": "10:00:30"}, utc(2026, 12, 2, 17, 5), utc(2026, 12, 2, 18, 0, 30)),
        ({"date": "2026-12-02T00:00:00.000Z"}, utc(2026, 12, 2, 18), utc(2026, 12, 2, 18, 30)),
        ({"date": "2026-7-2"}, utc(2026, 7, 2, 17), utc(2026, 7, 2, 17, 30)),
    ],
)
def test_times_are_those_of_the_account_s_clock(words: dict[str, Any], start: datetime, end: datetime) -> None:
    """An end before the start is the next day's."""
    assert read(**words).content.slot == Slot(start=start, end=end)


@pytest.mark.parametrize(
    ("zone", "day", "start", "end"),
    [
        ("America/Los_Angeles", "2026-12-02", utc(2026, 12, 2, 8), utc(2026, 12, 3, 8)),
        ("America/Los_Angeles", "2026-11-01", utc(2026, 11, 1, 7), utc(2026, 11, 2, 8)),
        ("America/Los_Angeles", "2026-03-08", utc(2026, 3, 8, 8), utc(2026, 3, 9, 7)),
        ("America/Havana", "2026-03-08", utc(2026, 3, 8, 5), utc(2026, 3, 9, 4)),
    ],
)
@pytest.mark.parametrize("times", [("00:00", "00:00"), ("", ""), (None, None), (..., ...), ("09:00", "10:00")])
def test_an_all_day_record_is_the_whole_local_day_whatever_its_times(
    zone: str, day: str, start: datetime, end: datetime, times: tuple[Any, Any]
) -> None:
    """23, 24 or 25 hours, from the day's first moment to the next day's."""
    record = read(zone, date=day, allDay=True, startTime=times[0], endTime=times[1])
    assert record.content.slot == Slot(start=start, end=end, all_day=True)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"date": ...}, "date is missing"),
        ({"date": None}, "date is missing"),
        ({"date": "2026-02-30"}, "date: there is no 2026-02-30"),
        ({"date": "02/03/2026"}, "date is not written"),
        ({"date": "2026-12-02T09:00:00Z"}, "date is not written"),
        ({"date": "9999-12-31", "endTime": "09:00"}, "date"),
        ({"date": "9999-12-31", "allDay": True}, "date"),
        ({"startTime": "25:00"}, "startTime: there is no 25:00"),
        ({"startTime": "24:00"}, "startTime: there is no 24:00"),
        ({"endTime": "10:60"}, "endTime: there is no 10:60"),
        ({"endTime": "24:01"}, "endTime: there is no 24:01"),
        ({"startTime": ""}, "startTime is missing"),
        ({"endTime": "noon"}, "endTime is not written"),
        ({"endTime": "10:00"}, "endTime equals startTime"),
        ({"startTime": "00:00", "endTime": "00:00"}, "endTime equals startTime"),
        ({"date": "2026-03-08", "startTime": "02:30", "endTime": "04:00"}, "does not exist"),
        ({"date": "2026-03-08", "startTime": "01:30", "endTime": "02:30"}, "does not exist"),
        ({"allDay": "perhaps"}, "allDay"),
        ({"notes": {"text": "x"}}, "notes"),
        ({"_id": None}, "id"),
        ({"_id": True}, "id"),
    ],
)
def test_a_row_that_makes_no_appointment_is_malformed_with_its_key(changes: dict[str, Any], key: str) -> None:
    """The reason names the key and quotes no client."""
    with pytest.raises(Malformed) as caught:
        read(**changes)
    assert key in str(caught.value)
    assert "Jordan" not in str(caught.value)


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b'{"_id": "a"', b'{"_id": "a", "title": "\xff"}', b'{"_id":NaN}'])
def test_a_row_that_is_no_object_is_malformed(raw: bytes) -> None:
    """Whatever bytes there are, a record or a reason comes of them."""
    with pytest.raises(Malformed):
        codec().decode(raw)


@given(
    st.dictionaries(st.sampled_from(sorted(row())), st.none() | st.booleans() | st.integers() | st.floats() | st.text())
)
def test_no_row_crashes_the_codec(changes: dict[str, Any]) -> None:
    """Nonsense under any key is a record or a reason."""
    with contextlib.suppress(Malformed):
        assert codec().decode(msgspec.json.encode(row(**changes))).vendor == "office"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"_id": ..., "id": 42}, ("42", "Visit")),
        ({"_id": 7, "id": 42}, ("7", "Visit")),
        ({"title": "  Visit \n"}, ("a1", "Visit")),
        ({"title": 12}, ("a1", "12")),
        ({"title": None}, ("a1", "")),
    ],
)
def test_ids_and_texts_are_read_leniently(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    """`_id` or `id`, numbers for texts, null for nothing."""
    record = read(**changes)
    assert (record.remote_id, record.content.title) == expected


def test_only_what_the_answer_has_is_shown() -> None:
    """A key that is left out says nothing, an empty one says that there is nothing."""
    assert read(notes=...).shows == EVERYTHING - {Field.NOTES}
    assert read(notes=None).shows == EVERYTHING
    assert read(clientEmail=...).shows == EVERYTHING - {Field.CLIENTS}
    assert read(clientFirstName="", clientLastName=None, clientEmail=" ").content.clients == ()


@pytest.mark.parametrize(
    ("word", "status", "kept"),
    [
        ("default", Status.SCHEDULED, {}),
        ("", Status.SCHEDULED, {}),
        (None, Status.SCHEDULED, {}),
        ("Success", Status.COMPLETED, {}),
        ("missed", Status.NO_SHOW, {}),
        ("Void", Status.CANCELLED, {}),
        ("warning ", Status.SCHEDULED, {"status": "warning"}),
    ],
)
def test_a_status_is_read_by_the_operator_s_words(word: str | None, status: Status, kept: dict[str, str]) -> None:
    """An unknown word is scheduled, and kept for the report."""
    record = codec("UTC+0", "VOID", Missed="no_show").decode(msgspec.json.encode(row(status=word)))
    assert (record.content.status, dict(record.kept)) == (status, kept)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("shown", ["on_hold", ...])
def test_a_word_that_nobody_knows_cancels_and_revives_nothing(status: Status, shown: Any) -> None:
    """Nor does none at all: the record is what it was, and its status counts as not shown."""
    record = read(hint=appointment(status=status), status=shown)
    assert record.content.status is status
    assert Field.STATUS not in record.shows


def test_a_status_is_written_by_the_account_s_own_word() -> None:
    """The documented words come first, the operator's as they are written."""
    words = Words({"Confirmed": "scheduled", "Missed": "no_show", "Off": "cancelled"}, None)
    assert [words.word(status) for status in (Status.SCHEDULED, Status.COMPLETED, Status.NO_SHOW)] == [
        "default",
        "success",
        "Missed",
    ]
    assert words.word(Status.CANCELLED) is None
    assert Words({"Off": "cancelled"}, "Gone").word(Status.CANCELLED) == "Gone"


@pytest.mark.parametrize(
    ("hint", "expected", "others"),
    [
        (None, (utc(2026, 11, 1, 8, 15), utc(2026, 11, 1, 8, 45)), 2),
        ((utc(2026, 11, 1, 9, 15), utc(2026, 11, 1, 9, 45)), (utc(2026, 11, 1, 9, 15), utc(2026, 11, 1, 9, 45)), 0),
        ((utc(2026, 11, 1, 8, 15), utc(2026, 11, 1, 9, 45)), (utc(2026, 11, 1, 8, 15), utc(2026, 11, 1, 9, 45)), 0),
        ((utc(2026, 11, 1, 9, 15), utc(2026, 11, 1, 12)), (utc(2026, 11, 1, 9, 15), utc(2026, 11, 1, 9, 45)), 0),
        ((utc(2026, 12, 1), utc(2026, 12, 2)), (utc(2026, 11, 1, 8, 15), utc(2026, 11, 1, 8, 45)), 2),
    ],
)
def test_in_an_overlap_what_is_known_decides_and_else_the_earlier(
    hint: tuple[datetime, datetime] | None, expected: tuple[datetime, datetime], others: int
) -> None:
    """01:15 to 01:45 on the day when clocks are set back has three readings."""
    known = appointment(slot=Slot(start=hint[0], end=hint[1])) if hint else None
    record = read(hint=known, date="2026-11-01", startTime="01:15", endTime="01:45")
    assert record.content.slot == Slot(start=expected[0], end=expected[1])
    assert len(record.other_readings) == others


def test_a_mark_in_the_notes_is_the_token_and_no_note() -> None:
    """What syncd wrote below the notes is not shown as notes, and survives an update."""
    record = read(notes="bring keys\n\n[syncd:t-1]\n")
    assert (record.content.notes, record.token) == ("bring keys", "t-1")
    body = codec().changes(appointment(notes="bring more"), frozenset({Field.NOTES}), record.token)
    assert body == {"notes": "bring more\n\n[syncd:t-1]"}


def test_a_body_has_the_fields_that_are_asked_for_and_no_others() -> None:
    """Times and status are not repeated where only a note changes."""
    assert codec().changes(appointment(notes="n"), frozenset({Field.NOTES})) == {"notes": "n"}
    assert codec().changes(appointment(), frozenset({Field.SLOT})) == {
        "date": "2026-12-02",
        "startTime": "10:00",
        "endTime": "10:30",
        "allDay": False,
    }


def test_a_title_is_never_written_empty() -> None:
    """Aivapad refuses a record without one; a person recognises it by its client."""
    assert codec().creation(appointment(title=" "), "t")["title"] == "Jordan Lee"


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20).map(str.strip)
_CLIENTS = st.builds(Client, first_name=_TEXTS, last_name=_TEXTS, email=st.just("a@example.com")).map(
    lambda one: (one,)
)
_STARTS = st.integers(0, 2 * 366 * 24 * 60).map(lambda minutes: utc(2026, 1, 1) + timedelta(minutes=minutes))


@st.composite
def _appointments(draw: st.DrawFn, zone: str) -> Appointment:
    start = draw(_STARTS)
    slot = Slot(start=start, end=start + timedelta(minutes=draw(st.integers(1, 30 * 60))))
    if draw(st.booleans()):
        clock = WallClock(zone)
        day = clock.local(start)
        slot = Slot(start=clock.next_midnight(day, days=0), end=clock.next_midnight(day), all_day=True)
    return Appointment(
        slot=slot,
        status=draw(st.sampled_from([Status.SCHEDULED, Status.COMPLETED, Status.CANCELLED])),
        title=draw(_TEXTS) or "Visit",
        location=draw(_TEXTS),
        notes=draw(_TEXTS),
        clients=draw(st.just(()) | _CLIENTS),
    )


@given(st.data(), st.sampled_from(ZONES))
def test_what_is_written_is_read_back(data: st.DataObject, zone: str) -> None:
    """decode(encode(a)) == a for every appointment that the vendor can hold."""
    target = data.draw(_appointments(zone))
    if not holds(target.slot, WallClock(zone)):
        assert target.slot.duration > timedelta(hours=22)
        return
    translation = codec(zone, "void")
    body = translation.changes(target, EVERYTHING)
    assert translation.decode(msgspec.json.encode({"_id": "a", **body}), target).content == target


@given(_STARTS, st.integers(1, 40 * 60), st.sampled_from(ZONES))
def test_a_slot_is_held_if_and_only_if_its_words_can_mean_it(start: datetime, minutes: int, zone: str) -> None:
    """A slot of a day or more on the clock is refused, never wrapped around: its words would mean no time at all."""
    slot = Slot(start=start, end=start + timedelta(minutes=minutes))
    clock = WallClock(zone)
    length = clock.local(slot.end) - clock.local(slot.start)
    if timedelta(0) < length < timedelta(days=1):
        assert holds(slot, clock)
    elif length >= timedelta(days=1):
        assert not holds(slot, clock)


def test_an_hour_that_the_clock_shows_twice_is_no_empty_one() -> None:
    """When clocks are set back, 01:30 to 01:30 is an hour."""
    hour = Slot(start=utc(2026, 11, 1, 8, 30), end=utc(2026, 11, 1, 9, 30))
    body = codec().changes(appointment(slot=hour), frozenset({Field.SLOT}))
    assert (body["startTime"], body["endTime"]) == ("01:30", "01:30")
    assert codec().decode(msgspec.json.encode(row(**body))).content.slot == hour


@pytest.mark.parametrize(
    "slot",
    [
        Slot(start=utc(2026, 12, 2, 8), end=utc(2026, 12, 4, 8), all_day=True),
        Slot(start=utc(2026, 12, 2, 8), end=utc(2026, 12, 3, 9)),
        Slot(start=utc(2026, 12, 2, 18), end=utc(2026, 12, 3, 18)),
        Slot(start=utc(2026, 12, 1, 23), end=utc(2026, 12, 2, 23), all_day=True),
        Slot(start=utc(2026, 12, 2, 8, 0, 10), end=utc(2026, 12, 2, 8, 0, 40)),
    ],
)
def test_what_its_words_cannot_say_is_not_held(slot: Slot) -> None:
    """Several days, more than a day, a day, a whole day of another zone, less than a minute."""
    assert not holds(slot, WallClock("America/Los_Angeles"))


def test_the_client_of_a_body_is_the_first() -> None:
    """Aivapad has place for one client; none empties the place."""
    two = appointment(clients=(PERSON, Client(first_name="Robin")))
    assert codec().changes(two, frozenset({Field.CLIENTS})) == {
        "clientFirstName": "Jordan",
        "clientLastName": "Lee",
        "clientEmail": "jordan@example.com",
    }
    assert set(codec().changes(appointment(clients=()), frozenset({Field.CLIENTS})).values()) == {""}

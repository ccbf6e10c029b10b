"""Which row of the catalogue an appointment is booked by, where the vendor is told the length and where it is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.model.appointment import Appointment
from syncd.model.catalogue import Catalogue, Entry, Lengths, Missing
from syncd.model.times import Slot

START = datetime(2030, 3, 5, 10, tzinfo=UTC)
LENGTHS = (None, 15, 30, 45, 60, 90)


def row(name: str, minutes: int | None, *vendors: str, default: bool = False, generic: bool = False) -> Entry:
    """A row with an id of its own at each of these vendors, at book and site where none is named."""
    duration = None if minutes is None else timedelta(minutes=minutes)
    ids = dict.fromkeys(vendors or ("book", "site"), f"{name} {minutes}")
    return Entry(name=name, ids=ids, duration=duration, default=default, generic=generic)


def visit(minutes: int, service: str | None) -> Appointment:
    """An appointment of this length."""
    return Appointment(slot=Slot(start=START, end=START + timedelta(minutes=minutes)), service=service)


ROWS = (
    row("Showing", 30, default=True),
    row("Showing", 60, "book"),
    row("Talk", 45, "book"),
    row("Any", None, "site"),
    row("Visit", 90, generic=True),
    row("Visit", 120, generic=True),
)


@pytest.mark.parametrize(
    ("minutes", "service", "exact", "cover"),
    [
        (30, "Showing", "Showing 30", "Showing 30"),
        (60, "Showing", "Showing 60", "Showing 60"),
        (45, "Showing", "no [[services]] row of 'Showing'", "Showing 60"),
        (20, "Showing", 'lengths = "cover"', "Showing 30"),
        (90, "Showing", "rows may share a name", "none covers it"),
        (50, "Talk", "add one, or one without a duration", "none covers it"),
        (30, "Any", "'Any' has no id for book", "'Any' has no id for book"),
        (75, "#5", "#5 is in no [[services]] row", "#5 is in no [[services]] row"),
    ],
)
def test_what_decides_the_length_is_as_long_or_covers_it(minutes: int, service: str, exact: str, cover: str) -> None:
    """The row of the appointment's own service that is as long; else none, or the shortest that is longer."""
    for lengths, expected in ((Lengths.EXACT, exact), (Lengths.COVER, cover)):
        found = Catalogue(ROWS, lengths=lengths).row_at("book", visit(minutes, service), decides_length=True)
        assert expected in (found.reason if isinstance(found, Missing) else found.ids["book"])


def test_a_vendor_that_is_told_the_length_books_any_row_of_the_service() -> None:
    """It takes as long as the appointment there, whatever its row says."""
    for minutes in (20, 45, 300):
        assert Catalogue(ROWS).service_at("site", visit(minutes, "Showing")) == "Showing 30"


@pytest.mark.parametrize(
    ("minutes", "exact", "cover"), [(75, "fits 75 minutes", "Visit 90"), (100, "fits", "Visit 120")]
)
def test_an_unknown_service_is_covered_by_generic_rows_alone(minutes: int, exact: str, cover: str) -> None:
    """And where lengths must be exact, by none. What no generic row covers waits."""
    rows = tuple(one for one in ROWS if one.name != "Any")
    for vendor in ("book", "site"):
        for lengths, expected in ((Lengths.EXACT, exact), (Lengths.COVER, cover)):
            found = Catalogue(rows, lengths=lengths).row_at(vendor, visit(minutes, None), decides_length=True)
            assert expected in (found.reason if isinstance(found, Missing) else found.ids[vendor])
    waits = Catalogue(rows, lengths=Lengths.COVER).row_at("book", visit(150, None), decides_length=True)
    assert isinstance(waits, Missing)
    assert "generic = true" in waits.reason


def test_of_rows_of_one_length_the_default_serves_an_unknown_service() -> None:
    """All lengths of the default service may be marked."""
    rows = (row("Showing", 30, default=True), row("Showing", 60, default=True), row("Talk", 60))
    for minutes in (30, 60):
        assert Catalogue(rows).service_at("book", visit(minutes, None)) == f"Showing {minutes}"


@given(
    rows=st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(LENGTHS), st.booleans()), max_size=6),
    minutes=st.integers(min_value=1, max_value=120),
    service=st.sampled_from(["A", "B", None]),
    lengths=st.sampled_from(Lengths),
)
def test_nothing_shorter_and_no_other_service_is_ever_booked(
    rows: list[tuple[str, int | None, bool]], minutes: int, service: str | None, lengths: Lengths
) -> None:
    """It is as long, says nothing of lengths, or covers it as was asked; where a service is known, of that name."""
    catalogue = Catalogue(tuple(row(name, long, generic=g) for name, long, g in rows), lengths=lengths)
    wanted = visit(minutes, service)
    found = catalogue.row_at("book", wanted, decides_length=True)
    if isinstance(found, Missing):
        return
    assert service in (None, found.name)
    assert found.duration is None or found.duration >= wanted.slot.duration
    longer = found.duration is not None and found.duration > wanted.slot.duration
    assert not longer or (lengths is Lengths.COVER and (service is not None or found.generic))

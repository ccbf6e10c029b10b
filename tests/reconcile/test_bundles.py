"""Which records of a vendor are one class: who left, who came, where it is; laws of any listing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.compare.bundles import Bundle, Bundled, Place, Seat, as_one, bundled, twice
from syncd.model.appointment import Appointment, Client, Field, Status
from syncd.model.record import Record
from syncd.model.times import Slot

DAY = datetime(2030, 3, 5, tzinfo=UTC)
ANN, OMAR = Client(first_name="Ann", email="ann@example.com"), Client(first_name="Omar", email="omar@example.com")


def place(hour: int, staff: str = "Jordan") -> Place:
    """A class at that hour."""
    return Place("Open House", staff, DAY + timedelta(hours=hour))


def seat(number: int, hour: int = 15, *, taken: bool = True, staff: str = "Jordan") -> Seat:
    """The record of that number."""
    return Seat(str(number), place(hour, staff), taken)


def at(hour: int, *seats: int, name: int | None = None, **more: bool) -> Bundle:
    """A class that is known, by its first seat."""
    ids = tuple(map(str, seats))
    start = frozenset({place(hour).start})
    return Bundle(str(name or seats[0]), ids, start, frozenset({"Jordan"}), **more)


@pytest.mark.parametrize(
    ("seats", "known", "found"),
    [
        ([seat(1), seat(2), seat(3)], [], {"1": "123"}),
        ([seat(1), seat(2, 16), seat(3, staff="Robin")], [], {"1": "1", "2": "2", "3": "3"}),
        ([seat(1), seat(2, taken=False)], [], {"1": "1"}),
        ([seat(1), seat(2), seat(3)], [at(15, 1, 2)], {"1": "123"}),
        ([seat(1, 16), seat(2, 16), seat(3, 16)], [at(15, 1, 2)], {"1": "123"}),
        ([seat(1, 16), seat(2)], [at(15, 1, 2)], {"1": "2", "1~2": "1"}),
        ([seat(1, 16), seat(2), seat(3, 16)], [at(15, 1, 2), at(16, 3)], {"1": "2", "3": "31"}),
        ([seat(1, 16), seat(2, 16), seat(3, 16)], [at(15, 1, 2), at(16, 3)], {"3": "312"}),
        ([seat(1, taken=False), seat(2)], [at(15, 1, 2)], {"1": "2"}),
        ([seat(1, taken=False), seat(2, taken=False)], [at(15, 1, 2)], {"1": "12"}),
        ([seat(2)], [at(15, 1, 2)], {"1": "2"}),
        ([seat(1), seat(2)], [at(15, 1), at(15, 2)], {"1": "1", "2": "2"}),
        ([seat(3)], [at(15, 1, 2)], {"3": "3"}),
        ([seat(1, taken=False), seat(2)], [at(15, 1, 2, ends=True)], {"1": "12"}),
        ([seat(1)], [at(15, 1, over=True)], {"1": "1"}),
        ([seat(1, 17)], [at(15, 1, over=True)], {"1~2": "1"}),
    ],
)
def test_each_seat_is_in_its_class(seats: list[Seat], known: list[Bundle], found: dict[str, str]) -> None:
    """By what is remembered first, then by time and staff."""
    told = {name: "".join(ids) for name, ids in bundled(seats, known).seats.items()}
    assert told == found


def test_a_vendor_that_shows_no_staff_keeps_the_seats_that_stay_together() -> None:
    """Whose the class is was learnt from others: who moves alone leaves it, and the others are where they were."""
    shown = [
        Seat(str(number), Place("Open House", None, place(hour).start), taken=True, whose=False)
        for number, hour in ((1, 16), (2, 15), (3, 15))
    ]
    told = bundled(shown, [at(15, 1, 2, 3)])
    assert (told.seats, told.scattered) == ({"1": ("2", "3"), "1~2": ("1",)}, set())
    elsewhere = [replace(seat(2), place=place(15, "Robin")), seat(3, 16)]
    assert bundled(elsewhere, [at(15, 2, 3)]).scattered == {"2"}


def test_nobody_can_tell_where_a_class_is_that_is_at_several_times() -> None:
    """Where one of its seats is where it was, the others left."""
    apart = bundled([seat(1, 16), seat(2, 17)], [at(15, 1, 2)])
    assert (apart.scattered, apart.seats) == ({"1"}, {"1~2": ("1",), "2": ("2",)})
    assert bundled([seat(1, 16), seat(2, 17), seat(3)], [at(15, 1, 2, 3)]).scattered == set()


def test_a_class_that_went_into_another_is_over() -> None:
    """All of its seats are in that one."""
    assert bundled([seat(1, 16), seat(2, 16)], [at(15, 1), at(16, 2)]).left == {"1"}


def test_a_move_under_way_leaves_nobody_behind() -> None:
    """While a write of ours may be moving a class, its seats are at either time."""
    moving = replace(at(15, 1, 2), starts=frozenset({place(15).start, place(16).start}))
    assert bundled([seat(1, 16), seat(2)], [moving]).seats == {"1": ("1", "2")}


SEATS = st.lists(
    st.builds(seat, st.integers(1, 9), st.integers(15, 17), taken=st.booleans()),
    unique_by=lambda one: one.remote_id,
    max_size=9,
)


@st.composite
def classes(draw: st.DrawFn) -> list[Bundle]:
    """Known classes, of which no two have one seat."""
    numbers = draw(st.permutations(range(1, 10)))
    cuts = sorted(draw(st.sets(st.integers(1, 8), max_size=3)))
    parts = [numbers[i:j] for i, j in zip([0, *cuts], cuts, strict=False)]
    return [at(draw(st.integers(15, 17)), *part) for part in parts if part]


def _places(found: Bundled) -> list[str]:
    return [key for ids in found.seats.values() for key in ids]


@given(SEATS, classes())
def test_nobody_is_lost_and_nobody_doubled(seats: list[Seat], known: list[Bundle]) -> None:
    """Every taken seat is in exactly one class."""
    there = _places(bundled(seats, known))
    assert len(there) == len(set(there))
    assert {one.remote_id for one in seats if one.taken} <= set(there)


@given(SEATS, classes(), st.randoms(use_true_random=False))
def test_the_order_of_rows_says_nothing(seats: list[Seat], known: list[Bundle], rng: object) -> None:
    """Nor does the order in which classes are known."""
    mixed, others = list(seats), list(known)
    rng.shuffle(mixed)  # type: ignore[attr-defined]
    rng.shuffle(others)  # type: ignore[attr-defined]
    one, other = bundled(seats, known), bundled(mixed, others)
    assert {key: sorted(ids) for key, ids in one.seats.items()} == {k: sorted(v) for k, v in other.seats.items()}
    assert (one.scattered, one.left) == (other.scattered, other.left)


@given(SEATS, st.integers(18, 20))
def test_what_is_remembered_comes_to_the_same_again(seats: list[Seat], hour: int) -> None:
    """The next listing of the same rows finds the same classes; of all moved at once, the same ones elsewhere."""
    first = bundled(seats, []).seats
    shown = {one.remote_id: one for one in seats}
    known = [at(shown[ids[0]].place.start.hour, *map(int, ids), name=int(key)) for key, ids in first.items()]
    assert bundled(seats, known).seats == first
    for one in known:
        moved = [seat(int(key), hour) if key in one.seats else each for key, each in shown.items()]
        assert bundled(moved, known).seats == first


@given(SEATS, classes())
def test_one_more_is_one_seat_more(seats: list[Seat], known: list[Bundle]) -> None:
    """Whoever is new changes no other seat's class."""
    before, after = bundled(seats, known), bundled([*seats, seat(99)], known)
    assert _places(after).count("99") == 1
    left = {key: tuple(one for one in ids if one != "99") for key, ids in after.seats.items()}
    assert {key: ids for key, ids in left.items() if ids} == before.seats


def record(number: int, *who: Client, status: Status = Status.SCHEDULED, notes: str = "") -> Record:
    """One participant's record."""
    slot = Slot(start=place(15).start, end=place(15).start + timedelta(minutes=45))
    content = Appointment(slot=slot, status=status, clients=who, service="Open House", notes=notes)
    shows = frozenset(Field) - {Field.TITLE}
    return Record(vendor="book", remote_id=str(number), content=content, shows=shows, seat_of="Open House")


def test_the_record_of_a_class_has_everybody_and_nobodys_notes() -> None:
    """What a client wrote is no other client's to read."""
    one = as_one("7", [record(8, OMAR), record(7, ANN, notes="My knee"), record(9, status=Status.NO_SHOW)])
    assert (one.remote_id, one.content.clients, one.content.status) == ("7", (ANN, OMAR), Status.SCHEDULED)
    assert (one.content.notes, Field.NOTES in one.shows) == ("", False)
    assert one.parts == ("7 scheduled", "8 scheduled", "9 no_show")


def test_two_seats_of_one_client_are_told() -> None:
    """She is in it once."""
    seats = [record(7, ANN), record(8, OMAR), record(9, ANN)]
    assert as_one("7", seats).content.clients == (ANN, OMAR)
    assert twice(seats) == [("7", "9")]

"""Which moves stand in each other's way all around, and where one of them may stand for a moment."""

from __future__ import annotations

from collections import abc
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from syncd.engine.write.exchange import circles, first_aside, times_aside
from syncd.model.appointment import Appointment
from syncd.model.capabilities import Capabilities
from syncd.model.plan import Reschedule, Step
from syncd.model.times import Slot

FIRST = datetime(2030, 3, 4, tzinfo=UTC)
ABLE = Capabilities(fields={})


def slot(hour: float) -> Slot:
    """An hour of the first day."""
    start = FIRST + timedelta(hours=hour)
    return Slot(start=start, end=start + timedelta(hours=1))


def found(moves: abc.Sequence[tuple[float, float]], staff: abc.Sequence[str] = ()) -> list[set[int]]:
    """The circles of moves from one hour to another, by their numbers."""
    whose = [*staff, *["Jordan"] * len(moves)]
    steps: list[Step] = [
        Reschedule(
            id=str(number),
            vendor="site",
            appointment=str(number),
            target=Appointment(slot=slot(to), staff=whose[number]),
            changes={},
            reason="",
        )
        for number, (_, to) in enumerate(moves)
    ]
    now = {str(number): Appointment(slot=slot(at), staff=whose[number]) for number, (at, _) in enumerate(moves)}
    return [{int(one.id) for one in circle} for circle in circles(steps, lambda one: now[one.id], ABLE)]


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([(10, 14), (14, 10)], [{0, 1}]),
        ([(10, 11), (11, 12), (12, 10)], [{0, 1, 2}]),
        ([(10, 10.5), (11, 10)], [{0, 1}]),
        ([(10, 11), (11, 12), (12, 13)], []),
        ([(10, 10.5)], []),
        ([(8, 10), (10, 14), (14, 10)], [{1, 2}]),
    ],
    ids=["two", "three", "overlapping", "a row that ends free", "over itself", "one that waits for a circle"],
)
def test_a_circle_is_what_has_no_free_end(moves: list[tuple[float, float]], expected: list[set[int]]) -> None:
    """Only there has one to be put aside."""
    assert found(moves) == expected


def test_two_people_with_one_time_are_not_in_each_others_way() -> None:
    """Each has a calendar of their own."""
    assert found([(10, 14), (14, 10)], ["Jordan", "Robin"]) == []


@given(some.permutations(range(6)))
def test_who_is_in_no_circle_can_always_be_moved_when_the_circles_are_gone(order: list[int]) -> None:
    """All times are exchanged among themselves: every move that changes anything is in exactly one circle."""
    moves = [(2 * number, 2 * to) for number, to in enumerate(order)]
    members = [number for circle in found(moves) for number in circle]
    assert sorted(members) == [number for number, to in enumerate(order) if to != number]


@given(some.integers(0, 120))
def test_a_time_aside_is_ahead_and_where_a_listing_shows_it(hours: int) -> None:
    """Never so near that a reminder goes out, never behind the window; as long as the record is."""
    own, until = slot(hours), FIRST + timedelta(days=20)
    for place in times_aside(own, [], FIRST, until):
        assert FIRST + timedelta(days=2) < place.start < place.end < until
        assert place.duration == own.duration
        assert place.start > own.start


def test_the_last_of_a_circle_is_put_aside() -> None:
    """Whose new time is furthest ahead."""
    moves = [
        Reschedule(id=key, vendor="", appointment=key, target=Appointment(slot=slot(hour)), changes={}, reason="")
        for key, hour in (("a", 10), ("b", 14), ("c", 12))
    ]
    assert first_aside(moves).id == "b"

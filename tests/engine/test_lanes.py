"""In which order one vendor's operations are carried out."""

from __future__ import annotations

from collections import abc
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from syncd.engine.write.lanes import arranged
from syncd.model.appointment import Appointment
from syncd.model.capabilities import CalendarDay, Capabilities
from syncd.model.plan import Cancel, Create, Reschedule, Step
from syncd.model.times import Slot

FIRST = date(2030, 3, 4)


def day(appointment: Appointment) -> CalendarDay:
    """Whose day, on a clock that shows UTC."""
    return appointment.slot.start.date(), appointment.staff or ""


def shifts(appointment: Appointment) -> bool:
    """As where a start is offered every half an hour."""
    return bool(appointment.slot.duration % timedelta(minutes=30))


ABLE = Capabilities(fields={}, calendar_day=day, shifts=shifts)
SAME_DAYS = replace(ABLE, shifts=lambda appointment: False)


def step(kind: type[Step], days: int, hour: int, minutes: int = 60, staff: str = "Jordan") -> Step:
    """An operation about an appointment so many days after the first."""
    start = datetime(FIRST.year, FIRST.month, FIRST.day, hour, tzinfo=UTC) + timedelta(days=days)
    target = Appointment(slot=Slot(start=start, end=start + timedelta(minutes=minutes)), staff=staff)
    return kind(
        id=f"{kind.__name__} {days} {hour} {staff}", vendor="site", appointment="", target=target, changes={}, reason=""
    )


def order(able: Capabilities, *operations: Step) -> list[tuple[int, int]]:
    """Days after the first and hours, in the order in which they are carried out."""
    starts = [operation.target.slot.start for operation in arranged(operations, able)]
    return [((start.date() - FIRST).days, start.hour) for start in starts]


def create(days: int, hour: int, minutes: int = 60, staff: str = "Jordan") -> Step:
    """A create of an hour, or of another length."""
    return step(Create, days, hour, minutes, staff)


@pytest.mark.parametrize("able", [ABLE, SAME_DAYS], ids=["a day may shift the next", "each day for itself"])
def test_creates_go_day_by_day_from_today_on_and_latest_first_in_each(able: Capabilities) -> None:
    """Tomorrow is not bookable for hours because the day after in three months is made before it."""
    given = (create(2, 9), create(0, 9), create(1, 15), create(0, 11, 45), create(1, 9), create(0, 15))
    assert order(able, *given) == [(0, 15), (0, 11), (0, 9), (1, 15), (1, 9), (2, 9)]


def test_two_peoples_days_go_side_by_side() -> None:
    """The first day of both is made before the second of either."""
    given = (create(1, 9), create(1, 10, staff="Robin"), create(0, 9), create(0, 10, staff="Robin"))
    assert order(ABLE, *given) == [(0, 10), (0, 9), (1, 10), (1, 9)]


def test_only_what_ends_a_day_off_the_grid_waits_for_the_rest_of_its_month() -> None:
    """Behind the last one of its day that leaves the grid as it is; latest first, and no other waits."""
    given = (create(0, 9, 45), create(0, 11), create(0, 15, 45), create(1, 9), create(1, 14, 45), create(1, 16, 45))
    assert order(ABLE, *given) == [(0, 11), (0, 9), (1, 9), (1, 16), (1, 14), (0, 15)]


def test_what_waits_is_made_before_the_next_month_begins() -> None:
    """A shifted grid ends with the month, and so does the wait."""
    given = (create(0, 15, 45), create(20, 9), create(28, 9), create(29, 9, 45))
    assert order(ABLE, *given) == [(20, 9), (0, 15), (28, 9), (29, 9)]


def test_what_a_colleague_has_that_day_says_nothing_about_ones_own() -> None:
    """A later one of another's does not end the grid that one's own shifts."""
    given = (create(0, 9, 45), create(0, 11, staff="Robin"), create(1, 9))
    assert order(ABLE, *given) == [(0, 11), (1, 9), (0, 9)]


def test_moves_and_cancels_go_first_and_as_they_were_planned() -> None:
    """They make room."""
    given = (create(0, 9), step(Reschedule, 1, 9), create(0, 10), step(Cancel, 0, 12))
    assert order(ABLE, *given) == [(1, 9), (0, 12), (0, 10), (0, 9)]


def test_where_free_starts_do_not_depend_on_others_the_plan_is_the_order() -> None:
    """A vendor without such a grid."""
    able = Capabilities(fields={})
    assert order(able, create(1, 9), create(0, 9), step(Cancel, 0, 12)) == [(1, 9), (0, 9), (0, 12)]


LENGTHS = some.sampled_from((30, 45, 60))
HOURS = some.tuples(some.integers(0, 40), some.integers(0, 23))


@given(wanted=some.dictionaries(HOURS, LENGTHS, min_size=1), nights=some.booleans())
def test_on_whole_hours_every_order_of_the_plan_is_taken(wanted: dict[tuple[int, int], int], *, nights: bool) -> None:
    """Whether a shifted grid ends at midnight or runs on to the end of the month."""
    made: list[Slot] = []
    for operation in arranged([create(*when, length) for when, length in wanted.items()], ABLE):
        slot = operation.target.slot
        assert _is_free(slot.start, made, nights=nights)
        made.append(slot)


def _is_free(start: datetime, made: abc.Iterable[Slot], *, nights: bool) -> bool:
    """Whether a start is a multiple of half an hour behind the end before it, that day or that month."""
    opening = start.replace(hour=0)
    if nights:
        opening = opening.replace(day=1)
    ends = [slot.end for slot in made if opening < slot.end <= start]
    return not (start - max([opening, *ends])) % timedelta(minutes=30)

"""A share of the exhaustive interruption: every scenario in one of its behaviours, each stopped here and there.

All of it: `python -m tests.interruption`.
"""

from __future__ import annotations

import zlib

import pytest

from tests.interruption.explore import explore, spread
from tests.interruption.play import judge, play
from tests.interruption.scenario import Scenario, scenarios

BOUNDARIES_A_STOP = 80
"""One stop for so many boundaries of a scenario, and at least one."""


def chosen() -> list[Scenario]:
    """Every scenario, with the vendors as documented or as observed: by a number made of its name."""
    behaviours: dict[str, list[Scenario]] = {}
    for scenario in scenarios():
        behaviours.setdefault(scenario.sentence, []).append(scenario)
    return [some[zlib.crc32(sentence.encode()) % len(some)] for sentence, some in behaviours.items()]


@pytest.mark.parametrize("scenario", chosen(), ids=lambda scenario: scenario.name)
def test_a_stop_changes_nothing_about_the_end(scenario: Scenario) -> None:
    """Wherever the process is gone, the next one comes to the same records, conflicts and quarantines."""
    reference = play(scenario)
    assert reference.wrong == []
    stops = 1 + reference.boundaries // BOUNDARIES_A_STOP
    first = zlib.crc32(scenario.name.encode()) % reference.boundaries
    for number in range(stops):
        boundary = 1 + (first + number * reference.boundaries // stops) % reference.boundaries
        stopped = play(scenario, (boundary,))
        assert stopped.deaths == 1
        assert judge(reference, stopped, scenario) == [], f'--replay "{scenario.name}@{boundary}"'


def test_a_stop_happens_where_it_is_told() -> None:
    """The same scenario meets the same boundaries each time, and its story is the same."""
    scenario = scenarios("a move at book goes to the others (observed)")[0]
    one, two = (play(scenario, (20,), tell=True) for _ in range(2))
    assert (one.boundaries, one.deaths) == (20, 1)
    assert one.stopped_at == two.stopped_at
    assert [line for line in one.lines if "✝" in line] == [line for line in two.lines if "✝" in line]
    assert one.ending == two.ending


def test_an_end_that_differs_is_told() -> None:
    """A move that did not arrive, or a record too many, is named with its vendor."""
    moved = play(scenarios("a move at crm goes to the others (observed)")[0])
    not_moved = play(scenarios("a note at book goes to the others (observed)")[0])
    scenario = scenarios("a move at crm goes to the others (observed)")[0]
    wrong = judge(moved, not_moved, scenario)
    assert any("site scheduled 10-22 17:00" in line and line.endswith("is missing") for line in wrong)
    assert any("site scheduled 10-22 15:00" in line and line.endswith("should not be") for line in wrong)


def test_all_stops_are_taken_once_or_a_share_that_is_spread() -> None:
    """Round after round, so that a run that ends early has been everywhere."""
    every = [(name, stop) for name, stops in spread({"a": 40, "b": 3}, None, False) for stop in stops]
    assert sorted(every) == [("a", (n,)) for n in range(1, 41)] + [("b", (n,)) for n in range(1, 4)]
    assert {name for name, _ in every[:4]} == {"a", "b"}
    share = [stop for _, stops in spread({"a": 40, "b": 60}, 20, False) for stop in stops]
    assert len(share) == 20


def test_the_command_counts_what_it_played() -> None:
    """Each boundary of a scenario is one interruption."""
    said: list[str] = []
    figures = explore(scenarios("an appointment that is over is made nowhere (ref"), jobs=1, say=said.append)
    assert (figures.scenarios, figures.failures, said) == (1, 0, [])
    assert figures.interruptions == figures.boundaries > 20

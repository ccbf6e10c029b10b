"""Each play in short histories, under seeds that are the same in every run; the long ones have them as they come."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.simulation.history import play
from tests.simulation.plays import PLAYS, drawn
from tests.simulation.script import Script, write

SEEDS = {
    "account": (1, 3),
    "class": (22, 46),
    "clock": (1,),
    "group": (1, 4),
    "ids": (1,),
    "shared": (2,),
    "small": (3,),
    "staff": (4,),
    "zone": (1,),
}
"""Each sees through what somebody might break: the guard of accounts, or of a small one, a seat, a zone's question."""


def short(seed: int, name: str) -> Script:
    """A history in which little happens before the play, and nothing goes wrong."""
    script = write(seed, "edits")
    return replace(script, rounds=script.rounds[:2], reserve=(), new_rules=False, play=name)


@pytest.mark.parametrize("name", sorted(PLAYS))
def test_what_befalls_an_account_as_a_whole_costs_nobody_anything(name: str) -> None:
    """See each play for what is claimed."""
    for seed in SEEDS[name]:
        played = play(short(seed, name))
        assert played.broken is None, f"seed {seed}: {played.broken}"
        assert played.figures[f"play: {name}"] == 1


def test_a_share_of_the_histories_has_each_of_them() -> None:
    """Drawn from a stream of its own."""
    found = [drawn(seed) for seed in range(400)]
    assert set(PLAYS) == set(found) - {None}
    assert 0.1 < sum(name is not None for name in found) / len(found) < 0.4

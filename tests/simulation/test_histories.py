"""A share of the histories: people, faults and sudden ends at random, under seeds that are the same in every run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.history import play
from tests.simulation.script import CYCLES, EDITS, FAULTS, write

ROOT = Path(__file__).resolve().parents[2]
SEEDS = range(100)
_AT_ONCE = 5


@pytest.mark.parametrize("first", SEEDS[::_AT_ONCE])
def test_nothing_is_lost_doubled_or_cancelled_by_mistake(first: int) -> None:
    """Whatever people do and whatever goes wrong: see the oracle for what is claimed."""
    for seed in range(first, first + _AT_ONCE):
        played = play(write(seed))
        assert played.broken is None, f"{played.broken}\nplay it again: python -m tests.simulation --replay {seed}"
        assert played.figures["edits"] >= EDITS
        assert played.figures["faults befallen"] >= FAULTS
        assert played.figures["cycles"] >= CYCLES


def test_a_question_about_the_only_record_of_a_vendor_is_asked_on_after_that_is_gone() -> None:
    """Nothing else tells whether the vendor's "not found" is true, until a person answers: idle cycles look for it."""
    assert play(write(20_330)).broken is None


def test_the_same_seed_is_the_same_history_in_every_process() -> None:
    """Whatever the process hashes by: sets and dictionaries decide nothing."""
    says = "print([play(write(seed)).trace for seed in range(8)])"
    command = f"from tests.simulation.history import play\nfrom tests.simulation.script import write\n{says}"
    traces = {
        subprocess.run(
            [sys.executable, "-c", command],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hashing},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for hashing in ("1", "2")
    }
    assert len(traces) == 1

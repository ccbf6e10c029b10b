"""What many histories must amount to, so that something follows from their not failing."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.simulation.__main__ import _too_few_late
from tests.simulation.history import play
from tests.simulation.script import write

SEEDS = (78, 135, 255)
"""Histories in which creates come late, and the process ends beside one. Where scripts change, others do."""


@pytest.mark.parametrize(
    ("late", "too_late", "few"),
    [(2_000, 500, False), (1_999, 500, True), (2_000, 499, True), (0, 0, True), (9_000, 9_000, False)],
)
def test_too_few_writes_that_come_late_prove_nothing(
    late: int, too_late: int, few: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """That is a failure, with a sentence that has both figures."""
    assert _too_few_late(Counter({"carried out late": late, "carried out too late": too_late})) is few
    said = capsys.readouterr().out
    assert (f"{late} writes were carried out late within the settle time and {too_late} later" in said) is few


def test_creates_that_come_late_are_counted_apart() -> None:
    """And so are the sudden ends of a cycle in which one was sent."""
    figures: Counter[str] = Counter()
    for seed in SEEDS:
        figures.update(play(write(seed)).figures)
    assert 0 < figures["late creates"] < figures["carried out late"]
    assert 0 < figures["too late creates"] <= figures["carried out too late"]
    assert 0 < figures["sudden ends with a late create"] < figures["sudden ends"]

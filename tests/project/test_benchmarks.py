"""A measurement that is over its limit fails, and says by how much."""

from __future__ import annotations

import pytest

from benchmarks import absurd


@pytest.mark.parametrize(
    ("peak", "seconds", "words"),
    [
        (300.0, 900.0, []),
        (301.0, 1.0, ["a cycle took 301 MiB, and may take 300"]),
        (84.0, 901.0, ["a cycle took 901 s, and a listing may take 900"]),
        (512.0, 2000.0, ["512 MiB", "2000 s"]),
    ],
)
def test_absurd_answers_that_take_more_than_they_may_are_named(peak: float, seconds: float, words: list[str]) -> None:
    """The vendor, the answer, what it took, and the limit."""
    said = absurd.over_budget("crm", "rows without end", peak, seconds)
    assert len(said) == len(words)
    for sentence, part in zip(said, words, strict=True):
        assert sentence.startswith("crm, rows without end: ")
        assert part in sentence

"""Which end-to-end cases `make test` plays, and that the proof plays the rest."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter, defaultdict

from tests.e2e.behaviour.world import BEHAVIOURS
from tests.project.sources import ROOT
from tests.share import EACH_CASE_ONCE, chosen


def collected(**extra: str) -> list[str]:
    """The names of one file's tests."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/e2e/behaviour/test_stale.py"]
    inherited = {name: value for name, value in os.environ.items() if name != EACH_CASE_ONCE}
    done = subprocess.run(command, cwd=ROOT, env=inherited | extra, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_each_case_is_played_once_and_every_behaviour_by_some() -> None:
    """Where that is asked for; else all are played."""
    whole, share = collected(), collected(**{EACH_CASE_ONCE: "1"})
    assert set(share) < set(whole)
    assert len(share) * len(BEHAVIOURS) == len(whole)
    cases = defaultdict[str, set[str]](set)
    for name in share:
        for behaviour in BEHAVIOURS:
            if behaviour in name:
                cases[name.replace(behaviour, "")].add(behaviour)
    assert {len(played) for played in cases.values()} == {1}
    assert set().union(*cases.values()) == set(BEHAVIOURS)


def test_what_has_no_behaviour_is_played_always() -> None:
    """And a case that exists in some of them alone is played in one of these."""
    names = [("a::test_x[crm]", None), ("a::test_y[observed-3h]", "observed"), ("a::test_y[unkind-3h]", "unkind")]
    played = chosen(names)
    assert played[0]
    assert Counter(played[1:]) == {True: 1, False: 1}

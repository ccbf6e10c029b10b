"""Which of the end-to-end cases `make test` plays: each one, in one of the behaviours of the vendors.

A case is a test with its arguments but for the behaviour. Which one it is played in goes by its name, so that it is the
same in every run and every process, and all behaviours are played by some of a test's cases. `make prove` plays each
case in each behaviour, as does pytest when it is called without more.
"""

from __future__ import annotations

import os
from collections import abc, defaultdict
from zlib import crc32

EACH_CASE_ONCE = "SYNCD_EACH_CASE_ONCE"
"""What in the environment asks for that."""


def asked_for() -> bool:
    """Whether each case is to be played once."""
    return os.environ.get(EACH_CASE_ONCE, "") not in ("", "0")


def chosen(names: abc.Iterable[tuple[str, str | None]]) -> list[bool]:
    """Of tests, each given by its whole name and its behaviour (None: it has none), which are played."""
    given = [(_case(name, behaviour), behaviour) for name, behaviour in names]
    several: dict[str, set[str]] = defaultdict(set)
    for case, behaviour in given:
        if behaviour is not None:
            several[case].add(behaviour)
    played = {case: sorted(some)[crc32(case.encode()) % len(some)] for case, some in several.items()}
    return [behaviour is None or played[case] == behaviour for case, behaviour in given]


def _case(name: str, behaviour: str | None) -> str:
    """The name without the behaviour: `test_x[observed-crm]` and `test_x[unkind-crm]` are one case."""
    test, _, arguments = name.partition("[")
    return f"{test}[{'-'.join(part for part in arguments.rstrip(']').split('-') if part != behaviour)}]"

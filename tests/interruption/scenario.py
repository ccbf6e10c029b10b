"""What a scenario is, and the list of all of them.

A scenario is a function of the stage: it lets people act and yields a step wherever syncd runs. Its name is a
sentence, with the values of its parameters in their places. Each is played with the vendors as their documents have
them and as they were observed, unless it says in which of these.
"""

from __future__ import annotations

import enum
from collections import abc
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import product
from typing import Any

from tests.interruption.stage import BEHAVIOURS, Setting, Stage


class Step(enum.Enum):
    """What syncd does between people's acts."""

    CYCLE = "a cycle that nothing stops"
    ANYWHERE = "a cycle that is stopped anywhere, and is run once more before anybody does anything"
    DOWN = "a cycle that is stopped anywhere, and people go on before the next one"
    REST = "cycles until there is nothing left to do"


Steps = abc.Iterator[Step]
Acts = abc.Callable[..., Steps]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario with its parameters and the vendors' behaviour; its `sentence` is the name without the latter.

    `people_go_on`: what is made and cancelled again then depends on how far the interrupted cycle came, so that only
    records that stand are compared.
    """

    name: str
    sentence: str
    acts: Acts
    given: tuple[tuple[str, Any], ...]
    setting: Setting
    behaviour: str
    people_go_on: bool

    def steps(self, stage: Stage) -> Steps:
        """Begin it."""
        return self.acts(stage, **dict(self.given))


_ALL: list[Scenario] = []


def scenario(
    sentence: str,
    /,
    *,
    behaviours: tuple[str, ...] = BEHAVIOURS,
    people_go_on: bool = False,
    setting: Setting | abc.Callable[..., Setting] | None = None,
    **parameters: abc.Sequence[Any],
) -> abc.Callable[[Acts], Acts]:
    """Enter a function into the list, once for each combination of its parameters' values."""

    def enter(acts: Acts) -> Acts:
        for values in product(*parameters.values()):
            given = dict(zip(parameters, values, strict=True))
            said = sentence.format(**given)
            made = setting(**given) if callable(setting) else setting or Setting()
            for behaviour in behaviours:
                name = f"{said} ({behaviour})" if len(behaviours) > 1 else said
                _ALL.append(Scenario(name, said, acts, tuple(given.items()), made, behaviour, people_go_on))
        return acts

    return enter


def scenarios(pattern: str = "*") -> list[Scenario]:
    """All scenarios whose name fits, as a file name fits a shell's pattern; a part of a name is enough."""
    from tests.interruption import scenarios as written

    assert written.MODULES
    names = [one.name for one in _ALL]
    assert len(set(names)) == len(names), "two scenarios have one name"
    return [one for one in _ALL if one.name == pattern or fnmatch(one.name, f"*{pattern}*")]

"""The world of each test: every registered vendor in each of its behaviours."""

from __future__ import annotations

from collections import abc

import pytest

from tests.contract.subjects import SUBJECTS, Behaviour, Subject
from tests.contract.world import World

_CASES = [
    pytest.param((subject, behaviour), id=f"{subject.kind}-{behaviour.name}")
    for subject in SUBJECTS
    for behaviour in subject.behaviours
]


@pytest.fixture(params=_CASES)
def case(request: pytest.FixtureRequest) -> tuple[Subject, Behaviour]:
    """A vendor and the behaviour that it shows."""
    found: tuple[Subject, Behaviour] = request.param
    return found


@pytest.fixture
def world(case: tuple[Subject, Behaviour]) -> World:
    """That vendor, connected as by default: no client is to be mailed."""
    return World(*case)


@pytest.fixture
def worlds(case: tuple[Subject, Behaviour]) -> abc.Callable[..., World]:
    """The same, made with other keys of `World`."""

    def made(**given: object) -> World:
        return World(*case, **given)  # type: ignore[arg-type]

    return made

"""Worlds for the tests of this folder."""

from __future__ import annotations

from collections import abc
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.behaviour.world import BEHAVIOURS, World

Worlds = abc.Callable[..., World]


@pytest.fixture(params=BEHAVIOURS)
def behaviour(request: pytest.FixtureRequest) -> str:
    """How the vendors behave: by their documents, or as observed."""
    found: str = request.param
    return found


@pytest.fixture
def worlds(tmp_path: Path, behaviour: str) -> abc.Iterator[Worlds]:
    """Makes a world in that behaviour; further arguments are `World`'s."""
    made: list[World] = []

    def make(**given: Any) -> World:
        made.append(World(tmp_path, behaviour, **given))
        return made[-1]

    yield make
    for world in made:
        world.ledger.store.close()


@pytest.fixture
def world(worlds: Worlds) -> World:
    """The four vendors, empty, and syncd as it is configured by default."""
    return worlds()

"""Worlds for the tests of this folder."""

from __future__ import annotations

from collections import abc
from pathlib import Path
from typing import Any

import pytest

from tests import share
from tests.e2e.behaviour.world import BEHAVIOURS, World

HERE = Path(__file__).parent
Worlds = abc.Callable[..., World]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave each case of this folder in one behaviour alone, where that is asked for."""
    if not share.asked_for():
        return
    played = share.chosen((item.nodeid, _behaviour_of(item)) for item in items)
    config.hook.pytest_deselected(items=[item for item, keep in zip(items, played, strict=True) if not keep])
    items[:] = [item for item, keep in zip(items, played, strict=True) if keep]


def _behaviour_of(item: pytest.Item) -> str | None:
    found = (
        item.callspec.params.get("behaviour")
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        else None
    )
    return found if HERE in item.path.parents and isinstance(found, str) else None


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

"""The store in both of its places: everything that it answers is the same in a file and in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd_state import Store, open_store
from tests.state.world import url


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store's file is, or will be: alone in its folder."""
    folder = tmp_path / "store"
    folder.mkdir()
    return folder / "state.db"


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, path: Path) -> Iterator[Store]:
    """An empty store."""
    with open_store(url(path) if request.param == "file" else "sqlite://", busy_timeout=0) as opened:
        yield opened

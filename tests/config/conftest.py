"""What the tests of the configuration share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.world import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An operator's empty folder."""
    return Desk(tmp_path)

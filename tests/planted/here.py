"""A plugin for the runs of pytest in a copy: that it is the copy which is tested, and not an installed syncd."""

from __future__ import annotations

from pathlib import Path

import pytest

import syncd
import syncd_state


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to test anything but the sources in pytest's own folder."""
    for package in (syncd, syncd_state):
        found = Path(str(package.__file__)).resolve()
        if not found.is_relative_to(config.rootpath.resolve()):
            raise pytest.UsageError(f"{package.__name__} comes from {found}, which is not in {config.rootpath}")

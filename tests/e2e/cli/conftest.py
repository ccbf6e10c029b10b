"""What the tests of the command line share: the command, and four vendors to run it against."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.cli.command import Commands
from tests.e2e.cli.world import World, served


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Starts runs of the command; its own process is shared by all tests of a worker."""
    commands = Commands(tmp_path_factory.mktemp("runs"))
    yield commands
    commands.close()


@pytest.fixture
def commands(started: Commands) -> Iterator[Commands]:
    """Starts runs of the command, none of which outlives the test."""
    yield started
    started.forget()


@pytest.fixture
def world(tmp_path: Path, commands: Commands) -> Iterator[World]:
    """Four served vendors without appointments, in a folder with a configuration."""
    with served(tmp_path, commands) as world:
        yield world

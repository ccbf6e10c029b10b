"""What the tests of this folder share: the command, and a history to happen."""

from __future__ import annotations

import random
from collections import abc

import pytest

from tests.e2e.cli.command import Commands
from tests.kills.history import History, history


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> abc.Iterator[Commands]:
    """Starts runs of the command; its own process is shared by all tests of a worker."""
    commands = Commands(tmp_path_factory.mktemp("runs"))
    yield commands
    commands.close()


@pytest.fixture
def commands(started: Commands) -> abc.Iterator[Commands]:
    """Starts runs of the command, none of which outlives the test."""
    yield started
    started.forget()


@pytest.fixture
def story(commands: Commands) -> abc.Iterator[History]:
    """Four empty vendors with people, and the command."""
    with history(commands, random.Random(7), "reference") as made:
        yield made

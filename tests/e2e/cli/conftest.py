"""What the tests of the command line share: the command, and four vendors to run it against."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.sandbox.serving.server import Sandbox
from tests.e2e.cli.command import Commands
from tests.e2e.cli.world import World, served, settle


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
def unkind() -> bool:
    """Whether the vendors are at their least kind; a module whose tests shall hold then as well says so itself."""
    return False


@pytest.fixture
def world(tmp_path: Path, commands: Commands, unkind: bool) -> Iterator[World]:
    """Four served vendors without appointments, in a folder with a configuration."""
    with served(unkind=unkind) as sandbox:
        yield settle(tmp_path, sandbox, commands)
        commands.forget()


@pytest.fixture(scope="session")
def idle() -> Iterator[Sandbox]:
    """Vendors that nobody asks for anything."""
    with served() as sandbox:
        yield sandbox


@pytest.fixture
def quiet(tmp_path: Path, idle: Sandbox, commands: Commands) -> World:
    """A world for what must not reach its vendors: many tests share them."""
    return settle(tmp_path, idle, commands)

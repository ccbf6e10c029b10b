"""A disk that is full, and a state store that is damaged: exit 74, nothing lost, nothing made worse."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections import abc
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.cli.world import ALL
from tests.kills.history import KILLED, History
from tests.kills.moments import Moment, Place

EXIT_STORE = 74


def intact(story: History) -> None:
    """The state store is a sound database, as far as there is one."""
    if story.world.state.exists():
        with closing(sqlite3.connect(story.world.state)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("size", [20_000, 40_000, 110_000])
@pytest.mark.parametrize("first", [True, False], ids=["first run", "later run"])
def test_a_write_that_fails_ends_the_run_and_harms_nothing(story: History, size: int, first: bool) -> None:
    """Wherever in the store's files the disk turns out to be full; with space again the next run does the rest."""
    for number in range(8):
        story.people.enter(ALL[number % 4])
    if not first:
        story.put_right()
        story.act(12)
    finished = story.interrupted(Moment(place=Place.FULL, number=size))
    assert finished.code == EXIT_STORE, finished.err
    assert "cannot be read or written" in finished.err
    intact(story)
    story.put_right()
    story.idle()


@pytest.fixture
def small_disk(story: History) -> abc.Iterator[Path]:
    """A file system of 2 MB that holds the state store."""
    folder = story.world.state.parent
    mounted = ["mount", "-t", "tmpfs", "-o", "size=2m", "syncd-kills", str(folder)]
    root = os.geteuid() == 0 and shutil.which("mount") is not None
    if not root or subprocess.run(mounted, check=False, capture_output=True).returncode != 0:
        pytest.skip("a small file system can be mounted by root alone, where the kernel lets it")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("spare", [0, 40_960])
def test_a_full_disk_ends_the_run_and_harms_nothing(story: History, small_disk: Path, spare: int) -> None:
    """As above, on a file system without room; a daemon ends as well, for its supervisor to see."""
    for number in range(8):
        story.people.enter(ALL[number % 4])
    story.put_right()
    story.act(12)
    filler = small_disk / "filler"
    free = os.statvfs(small_disk)
    filler.write_bytes(b"x" * (free.f_bavail * free.f_frsize - spare))
    for daemon in (False, True):
        finished = story.interrupted(Moment(place=Place.WRITE, number=10_000), daemon=daemon)
        assert finished.code == EXIT_STORE, finished.err
    filler.unlink()
    intact(story)
    story.put_right()
    story.idle()


def test_a_disk_without_room_for_a_new_store_is_left_as_it_was(story: History, small_disk: Path) -> None:
    """No half-made store stays behind, and no vendor is asked."""
    filler = small_disk / "filler"
    free = os.statvfs(small_disk)
    filler.write_bytes(b"x" * (free.f_bavail * free.f_frsize - 8_192))
    finished = story.world.syncd("--once")
    assert finished.code == EXIT_STORE, finished.err
    assert {path.name for path in small_disk.iterdir()} <= {"filler", "state.db.lock"}
    assert story.world.requests == 0


@pytest.mark.parametrize("arguments", [("--once",), (), ("--dry-run",)], ids=["once", "daemon", "dry run"])
def test_a_truncated_store_is_refused_and_not_touched(story: History, arguments: tuple[str, ...]) -> None:
    """Whatever is left of it: no byte changes, for an operator may still save some, and no vendor is asked."""
    story.people.enter(*ALL[:2])
    story.put_right()
    asked, whole = story.world.requests, story.world.state.read_bytes()
    for kept in (0, 1, 99, 4096, len(whole) // 2, len(whole) - 4096, len(whole) - 1):
        story.world.state.write_bytes(whole[:kept])
        before = files(story)
        finished = story.world.syncd(*arguments)
        assert finished.code == EXIT_STORE, (kept, finished.err)
        assert "damaged" in finished.err
        assert files(story) == before, kept
    assert story.world.requests == asked


def test_a_store_that_was_truncated_after_a_kill_is_refused_and_not_touched(story: History) -> None:
    """What the dead run left in the log beside it makes nothing whole."""
    story.begin(8)
    story.put_right()
    story.act(8)
    assert story.interrupted(Moment(place=Place.WRITE, number=4, after=True)).code in KILLED
    os.truncate(story.world.state, story.world.state.stat().st_size // 2)
    asked, before = story.world.requests, files(story)
    finished = story.world.syncd("--once")
    assert finished.code == EXIT_STORE, finished.err
    assert (story.world.requests, files(story)) == (asked, before)


def files(story: History) -> dict[str, bytes]:
    """The folder of the state store, but for the lock."""
    return {path.name: path.read_bytes() for path in story.world.state.parent.iterdir() if path.suffix != ".lock"}

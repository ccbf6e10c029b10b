"""The process dies in the kernel, at a system call of the state store's; the next run puts everything right."""

from __future__ import annotations

import signal

import pytest

from tests.e2e.cli.world import ALL
from tests.kills.history import History
from tests.kills.moments import Moment, Place


def at(name: str, commit: int, *, after: bool = False) -> Moment:
    """The first system call of that name after a commit began; or, `after`, after it ended."""
    return Moment(place=Place.SYSTEM_CALL, number=commit, after=after, name=name)


IN_A_NEW_STORE = [
    at("flock", 0),
    at("ftruncate", 0),
    at("pwrite", 0),
    at("fsync", 0),
    at("link", 0),
    at("unlink", 0),
    at("fcntl", 0, after=True),
    at("fsync", 1),
    at("fcntl", 4),
]
"""The lock is taken, its holder's number written; the new file is made durable, named, opened; the first commits."""

IN_A_STORE = [
    at("pwrite", 0, after=True),
    at("fsync", 5),
    at("fcntl", 5),
    at("fsync", 5, after=True),
    at("unlink", 5),
    at("ftruncate", 5),
]
"""A commit becomes durable, gives its lock back; at the end the log is moved into the file and vanishes."""


def died(story: History, moment: Moment) -> None:
    """It did. Skips where the kernel takes no filter."""
    finished = story.interrupted(moment)
    if finished.code == -signal.SIGKILL:
        pytest.skip("this machine lets no process filter its own system calls")
    assert finished.code == -signal.SIGSYS, (finished.code, finished.err)


@pytest.mark.parametrize("moment", IN_A_NEW_STORE, ids=str)
def test_a_death_at_a_system_call_while_the_store_is_made_is_put_right(story: History, moment: Moment) -> None:
    """What is left of the attempt keeps no later run from its work."""
    for name in ALL:
        story.people.enter(name)
    died(story, moment)
    story.put_right()
    story.idle()


@pytest.mark.parametrize("moment", IN_A_STORE, ids=str)
def test_a_death_at_a_system_call_of_a_later_run_is_put_right(story: History, moment: Moment) -> None:
    """Whether the commit holds or not: nothing is done twice, and nothing forgotten."""
    story.begin(4)
    story.put_right()
    story.act(6)
    died(story, moment)
    story.put_right()
    story.idle()

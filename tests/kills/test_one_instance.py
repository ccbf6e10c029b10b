"""Two runs at once on one state store: the second gives way, and the first does not notice."""

from __future__ import annotations

import threading

import pytest

from tests.e2e.cli.world import ALL
from tests.kills.history import KILLED, History
from tests.kills.moments import Moment, Place


@pytest.mark.parametrize("arguments", [("--once",), ()], ids=["once", "daemon"])
def test_a_second_instance_gives_way_and_asks_no_vendor(story: History, arguments: tuple[str, ...]) -> None:
    """It ends with 75 while the first is in the middle of a write, which then goes on as if nothing had been."""
    for name in ALL:
        story.people.enter(name)
    reached, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        go_on.wait()

    story.watch.arm(Moment(place=Place.WRITE, number=3), hold)
    first = story.world.daemon("--once")
    try:
        assert reached.wait(30)
        asked = story.world.requests
        second = story.world.syncd(*arguments)
        assert second.code == 75, second.err
        assert str(first.process.pid) in second.err
        assert story.world.requests == asked
    finally:
        go_on.set()
    finished = first.wait()
    story.after(finished, "the first run")
    assert finished.code == 0
    assert story.people.missing() == []
    story.people.settle()
    story.idle()


def test_a_killed_instance_leaves_no_lock_behind(story: History) -> None:
    """The lock dies with its holder: the next run needs nobody to tidy up."""
    for name in ALL:
        story.people.enter(name)
    assert story.interrupted(Moment(place=Place.WRITE, number=3)).code in KILLED
    assert story.world.state.with_name("state.db.lock").exists()
    story.put_right()

"""`kill -9`, and the next run puts everything right: each appointment once everywhere, and no person's edit lost."""

from __future__ import annotations

import pytest

from syncd.sandbox.frame.faults import Fault
from tests.e2e.cli.command import Commands, eventually
from tests.e2e.cli.world import ALL
from tests.kills.history import KILLED, History
from tests.kills.moments import Moment, Place
from tests.kills.playing import play


@pytest.mark.parametrize("seed", [1, 2])
def test_random_interruptions_leave_nothing_that_the_next_run_does_not_put_right(seed: int, commands: Commands) -> None:
    """Kills, stops and second runs, with people acting between them; `python -m tests.kills` plays many more."""
    played = play(seed, commands)
    assert played.failure is None, "\n".join([*played.told, played.failure])
    assert played.interruptions


@pytest.mark.parametrize("vendor", ALL)
def test_a_kill_after_every_single_write_at_a_vendor_repeats_none(story: History, vendor: str) -> None:
    """A create, a move, new notes, a cancellation: the vendor did it, and the process died before it heard of it."""
    others = [name for name in ("book", "office", "site", "crm") if name != vendor]
    story.people.enter(*ALL)
    for name in others[:2]:
        story.people.enter(name)
    story.put_right()
    people = story.people
    for told in (people.cancel(others[1]), people.move(others[0]), people.note(others[1]), people.enter(others[2])):
        story.tell(told)
    assert story.interrupted(Moment(place=Place.WRITE, number=1, vendor=vendor)).code in KILLED
    kills = 0
    while story.interrupted(Moment(place=Place.WRITE, number=1, vendor=vendor, after=True)).code in KILLED:
        kills += 1
    assert kills >= 3, "\n".join(story.told)
    story.put_right()
    story.idle()


@pytest.mark.parametrize(
    ("first", "killed", "then"),
    [("crm", "book", "book"), ("crm", "office", "office"), ("crm", "site", "site"), ("book", "crm", "book")],
)
def test_whoever_moves_on_what_a_dead_run_was_carrying_is_heard(
    story: History, first: str, killed: str, then: str
) -> None:
    """The first move had reached a vendor, of which nobody remembers; it never overrules the second."""
    story.people.enter(first)
    story.put_right()
    story.tell(story.people.move(first))
    finished = story.interrupted(Moment(place=Place.WRITE, number=1, vendor=killed, after=True))
    assert finished.code in KILLED
    story.tell(story.people.move(then))
    story.put_right()
    story.idle()


@pytest.mark.parametrize("vendor", ALL)
def test_a_kill_while_one_vendor_is_silent_and_the_others_are_done(story: History, vendor: str) -> None:
    """A vendor takes a booking and never answers; the command dies when it waits for nothing else."""
    story.begin(4)
    story.tell(story.people.enter(*(name for name in ALL if name != vendor)))
    hanging = story.world.vendors[vendor].faults.add(Fault("hang_after", operation="create", times=1))
    run = story.start(Moment(place=Place.WRITE, number=10_000))
    # The silent vendor's own lane is held up; everything else gets done.
    eventually(lambda: hanging.fired and all(f" at {vendor}:" in text for text in story.people.missing()), "silence")
    run.kill()
    story.put_right()
    story.idle()

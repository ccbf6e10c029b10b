"""SIGTERM at any moment: what is in flight is settled, nothing more is begun, and the next run does the rest."""

from __future__ import annotations

import signal

import pytest

from syncd.sandbox.frame.faults import Fault
from tests.e2e.cli.command import eventually
from tests.e2e.cli.world import ALL
from tests.kills.history import History
from tests.kills.moments import Moment, Place

TERM = signal.SIGTERM
DAEMON = pytest.mark.parametrize("daemon", [False, True], ids=["once", "daemon"])
IN_WRITES = [
    Moment(place=Place.WRITE, number=1, signal=TERM),
    Moment(place=Place.WRITE, number=3, after=True, signal=TERM),
    Moment(place=Place.COMMIT, number=8, after=True, signal=TERM),
    Moment(place=Place.COMMIT, number=11, signal=TERM),
    Moment(place=Place.SEND, number=12, after=True, signal=TERM),
]
"""Moments at which operations are being carried out, with many to come."""
ANYWHERE = [
    Moment(place=Place.CALL, number=3, signal=TERM),
    Moment(place=Place.CALL, number=900, signal=TERM),
    Moment(place=Place.CALL, number=6000, signal=TERM),
    Moment(place=Place.COMMIT, number=1, signal=TERM),
    Moment(place=Place.COMMIT, number=2, after=True, signal=TERM),
    Moment(place=Place.REQUEST, number=2, after=True, signal=TERM),
]

AGAIN = [
    Moment(place=Place.CALL, number=3, signal=TERM, again=True),
    Moment(place=Place.COMMIT, number=1, signal=TERM, again=True),
    Moment(place=Place.COMMIT, number=6, signal=TERM, again=True),
    Moment(place=Place.SEND, number=12, after=True, signal=TERM, again=True),
]


def busy(story: History) -> int:
    """A first sync with three dozen writes to do, and no more than one in flight at each vendor; says how many."""
    for number in range(12):
        story.people.enter(ALL[number % 4])
    return story.people.outstanding()


@DAEMON
@pytest.mark.parametrize("moment", IN_WRITES, ids=str)
def test_a_stop_settles_the_writes_in_flight_and_begins_no_other(story: History, moment: Moment, daemon: bool) -> None:
    """The daemon ends with 0, a single run says that it did a part; the journal knows of every write how it ended."""
    before = busy(story)
    finished = story.interrupted(moment, daemon=daemon)
    assert finished.code == (0 if daemon else 3), finished.err
    assert story.left_open() == []
    done = before - story.people.outstanding()
    assert 1 <= done <= 12
    counted = [event["writes"] for event in finished.events if event["event"] == "cycle_finished"]
    assert counted == ([done] if daemon else [])
    story.put_right()


@pytest.mark.parametrize(("moment", "daemon"), [*((m, True) for m in ANYWHERE), *((m, False) for m in ANYWHERE[::2])])
def test_a_stop_at_any_moment_ends_as_promised(story: History, moment: Moment, daemon: bool) -> None:
    """While it starts, reads or thinks there is nothing to settle: it ends at once."""
    busy(story)
    finished = story.interrupted(moment, daemon=daemon)
    assert finished.code == (0 if daemon else 3), finished.err
    assert "unexpected" not in finished.err
    story.put_right()


@DAEMON
def test_a_stop_while_a_vendor_is_silent_leaves_a_write_that_is_known_to_be_open(story: History, daemon: bool) -> None:
    """What was not answered is on record as such, and found by the next run."""
    story.world.configure(options={name: {"timeout": "1s"} for name in ALL})
    busy(story)
    silent = story.world.vendors["book"].faults.add(Fault("hang_after", operation="create", times=1))
    run = story.start(Moment(place=Place.WRITE, number=10_000), daemon=daemon)
    eventually(lambda: silent.fired, "the silence")
    finished = run.stop()
    story.after(finished, "stopped")
    assert finished.code == (0 if daemon else 3), finished.err
    with story.remembered() as tx:
        assert [(row.vendor, row.state) for row in tx.journal_unsettled()] == [("book", "unknown")]
    story.world.configure(options={})
    story.put_right()


@DAEMON
@pytest.mark.parametrize("moment", AGAIN, ids=str)
def test_an_impatient_second_stop_changes_nothing(story: History, moment: Moment, daemon: bool) -> None:
    """Whoever sends the signal again, at every line down to the end, gets the same orderly end."""
    busy(story)
    finished = story.interrupted(moment, daemon=daemon)
    assert finished.code == (0 if daemon else 3), finished.err
    assert "Traceback" not in finished.err
    assert "ignored" not in finished.err
    assert story.left_open() == []
    story.put_right()

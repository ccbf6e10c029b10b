"""What the oracle takes for heard: nothing that only a look shows by which nothing is decided."""

from __future__ import annotations

from tests.simulation.history import play
from tests.simulation.script import write


def test_what_a_look_for_reminders_alone_shows_is_not_heard() -> None:
    """Under a move without an answer somebody moves the record elsewhere; then the vendor carries the move out."""
    assert play(write(660_002_832)).broken is None

"""Seconds that go on over restarts and never run backwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.engine.store.ticks import Ticks

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@dataclass
class Machine:
    """A machine whose clock can be set, and processes on it."""

    clock: datetime = NOON
    ran: float = 0.0

    def process(self) -> Ticks:
        """A process that starts now; its monotonic clock has its own origin."""
        started = self.ran
        return Ticks(lambda: self.clock, lambda: self.ran - started + 7.0)

    def wait(self, seconds: float, *, set_back: float = 0.0) -> None:
        """Time passes, and the clock is set."""
        self.ran += seconds
        self.clock += timedelta(seconds=seconds - set_back)


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize(("set_back", "back", "counted"), [(0, False, 60), (-3600, False, 60), (90, True, 60)])
def test_what_counts_is_the_time_that_passed(restarted: bool, set_back: int, back: bool, counted: int) -> None:
    """A clock that was set back is told, in one process and between two; nothing ever counts less than none."""
    machine = Machine()
    ticks = machine.process()
    assert ticks.resume(None) is False
    before, left = ticks.now(), ticks.left()
    machine.wait(60, set_back=set_back)
    if restarted:
        ticks = machine.process()
    assert ticks.resume(left) is back
    passed = ticks.now() - before
    if restarted:
        counted = max(60 - set_back, 0)  # nothing but the system's clock tells how long nobody ran
    assert passed == pytest.approx(counted)
    assert ticks.moment(before) == machine.clock - timedelta(seconds=passed)


def test_a_clock_that_a_server_slows_down_was_not_set_back() -> None:
    """Half a thousandth, over the hours between two looks."""
    machine = Machine()
    ticks = machine.process()
    ticks.resume(None)
    machine.wait(4 * 3600, set_back=7.0)
    assert ticks.resume(None) is False


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(-1e5, 1e5), st.booleans()), max_size=12))
def test_seconds_never_run_backwards(steps: list[tuple[float, float, bool]]) -> None:
    """However the clock is set, and however often the process starts again."""
    machine = Machine()
    ticks = machine.process()
    ticks.resume(None)
    before = ticks.now()
    for seconds, set_back, restarted in steps:
        left = ticks.left()
        machine.wait(seconds, set_back=set_back)
        ticks = machine.process() if restarted else ticks
        ticks.resume(left)
        assert ticks.now() >= before - 1e-6
        before = ticks.now()


@pytest.mark.parametrize(("ahead", "leapt"), [(0, False), (86000, False), (87000, True), (-87000, False)])
def test_a_clock_that_leaps_ahead_is_remembered(ahead: int, leapt: bool) -> None:
    """By more than a day within a process, until it ends: nobody knows whether time passed, or the
    clock was set.
    """
    machine = Machine()
    ticks = machine.process()
    ticks.resume(None)
    machine.wait(60, set_back=-ahead)
    ticks.resume(None)
    assert ticks.leapt is leapt
    machine.wait(60)
    ticks.resume(None)
    assert ticks.leapt is leapt
    assert not machine.process().leapt

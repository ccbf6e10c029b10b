"""When a request is tried again, how long to wait before that, and when to give up.

It decides by values: an attempt ends in an answer or in a `Setback`. Which setbacks are safe to repeat is the caller's.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, retry_if_result

from syncd.vendors.transport.surroundings import Surroundings

_ATTEMPTS = 5
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 15.0


@dataclass(frozen=True, slots=True)
class Setback:
    """An attempt that brought no clear answer.

    `reason` says what happened. `perhaps_done` is True where the request may have reached the vendor. `wait` are the
    seconds that the vendor asked for, None where it asked for none. `unreadable` is an answer that came and cannot be
    used, which asking again would not change. `too_much` is one that asking for less may spare.
    """

    reason: str
    perhaps_done: bool
    wait: float | None = None
    unreadable: bool = False
    too_much: bool = False


def retrying(surroundings: Surroundings, budget: float, repeat: abc.Callable[[Setback], bool]) -> AsyncRetrying:
    """The policy for one request: attempts while `repeat` agrees and the next could start within `budget` seconds.

    It returns the last attempt's outcome, an answer or a setback. The waits that a vendor asks for are obeyed; others
    double, with full jitter.
    """
    started = surroundings.seconds()

    def wait(state: RetryCallState) -> float:
        setback = _outcome(state)
        if isinstance(setback, Setback) and setback.wait is not None:
            return setback.wait
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (state.attempt_number - 1))
        return surroundings.rng.uniform(longest / 2, longest)

    def stop(state: RetryCallState) -> bool:
        # A clock that stands still while the waits pass is no reason to go on for ever.
        elapsed = max(surroundings.seconds() - started, state.idle_for)
        return state.attempt_number >= _ATTEMPTS or elapsed + state.upcoming_sleep >= budget

    return AsyncRetrying(
        sleep=surroundings.sleep,
        wait=wait,
        stop=stop,
        retry=retry_if_result(lambda result: isinstance(result, Setback) and repeat(result)),
        retry_error_callback=_outcome,
    )


def _outcome(state: RetryCallState) -> Any:
    return None if state.outcome is None else state.outcome.result()

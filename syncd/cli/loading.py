"""Loading what a command works with: all of it stays, so that to look for garbage meanwhile finds nothing.

The interpreter would do it after every few hundred new objects, and among all that there are already.
"""

from __future__ import annotations

import gc


def begin() -> None:
    """From here on nothing is looked for."""
    gc.disable()


_THRESHOLDS = (10_000, 20, 20)
"""New objects, and younger searches, after which one follows. As Python has them (700, 10, 10) they take a sixth of a
first run's processor time: what that makes is held by a listing or a plan, and hardly anything is garbage in a circle.
"""


def end() -> None:
    """It is looked for again, more seldom than at first, among what is new since the first time that this is said."""
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(*_THRESHOLDS)
        gc.enable()

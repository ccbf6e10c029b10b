"""Loading what a command works with: all of it stays, so that to look for garbage meanwhile finds nothing.

The interpreter would do it after every few hundred new objects, and among all that there are already.
"""

from __future__ import annotations

import gc


def begin() -> None:
    """From here on nothing is looked for."""
    gc.disable()


def end() -> None:
    """As usual again, among what is new since the first time that this is said."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()

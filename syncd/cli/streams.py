"""Standard output and standard error as the commands write to them: neither ends a run by failing.

Decides that a reader who leaves early (`head`) is no failure, and that whatever else hinders standard output is told at
the end. Loads nothing of syncd.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO


class Stream(io.TextIOWrapper):
    """A stream that writes nowhere once it has failed; `lost` says how, unless its reader has just left."""

    lost: OSError | None = None

    def write(self, text: str) -> int:
        """Write, or give up."""
        try:
            return super().write(text)
        except OSError as error:
            self._give_up(error)
            return len(text)

    def flush(self) -> None:
        """Write what is still to be written, or give up."""
        try:
            super().flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        if not isinstance(error, BrokenPipeError):
            self.lost = self.lost or error
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def secure() -> None:
    """Make standard output and error such streams; what was closed by whoever started us leads nowhere.

    Nothing that is opened later may get one of their numbers: what is said would be written into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
    sys.stdout = _stream(sys.stdout, 1)
    sys.stderr = _stream(sys.stderr, 2)


def failure_of_output() -> OSError | None:
    """Why standard output could not be written wholly, after an attempt at what is still to be written."""
    sys.stdout.flush()
    sys.stderr.flush()
    return sys.stdout.lost if isinstance(sys.stdout, Stream) else None


def _stream(given: TextIO | None, number: int) -> TextIO:
    if isinstance(given, io.TextIOWrapper):
        encoding, lines = given.encoding, given.line_buffering
        return Stream(given.detach(), encoding, errors="backslashreplace", line_buffering=lines)
    raw = io.BufferedWriter(io.FileIO(number, "w", closefd=False))
    return Stream(raw, "utf-8", errors="backslashreplace", line_buffering=number == 2)

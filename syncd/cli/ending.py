"""How the process ends: the exit codes of the contract, and what a person is told on standard error.

Loads nothing of syncd's work: help and wrong usage need none of it.
"""

from __future__ import annotations

import typer

from syncd.cli import streams

EXIT_BUG = 1
EXIT_USAGE = 2
EXIT_PARTLY = 3
EXIT_STORE = 74
EXIT_LOCKED = 75
EXIT_CONFIGURATION = 78


def tell(sentence: str) -> None:
    """A line for a person. Where standard error takes no more, the exit code has to say it alone."""
    typer.echo(f"syncd: {sentence}", err=True)


def ended(text: str, code: int) -> typer.Exit:
    """Tell every line of a text; returns the end with an exit code, to be raised."""
    for line in text.splitlines():
        tell(line)
    return typer.Exit(code)


def code_after_output(code: int | str | None) -> int | str | None:
    """The exit code once everything is written: output that could not be is told, and is no success."""
    lost = streams.failure_of_output()
    if lost is None:
        return code
    tell(f"cannot write the report to standard output: {lost.strerror}")
    return code or EXIT_USAGE

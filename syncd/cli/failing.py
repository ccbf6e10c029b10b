"""How failures leave the process: the exit codes of the contract, and one clear message each on standard error."""

from __future__ import annotations

import asyncio
import functools
from collections import abc
from typing import ParamSpec, TypeVar

import structlog
import typer

from syncd.assembly import BadUrl, Locked, Misused, StoreError
from syncd.cli import streams
from syncd.config import ConfigurationError
from syncd.engine.store.desk import NotFound
from syncd.model.errors import SyncdError

EXIT_BUG = 1
EXIT_USAGE = 2
EXIT_PARTLY = 3
EXIT_STORE = 74
EXIT_LOCKED = 75
EXIT_CONFIGURATION = 78

P = ParamSpec("P")
R = TypeVar("R")


class WrongUse(SyncdError):
    """The command line asks for something that cannot be, beyond what its parser sees."""


def told(command: abc.Callable[P, R]) -> abc.Callable[P, R]:
    """A command whose errors become a message and an exit code."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except typer.Exit:
            raise
        except (ConfigurationError, BadUrl) as error:
            raise _exit(error, EXIT_CONFIGURATION) from None
        except Locked as error:
            raise _exit(error, EXIT_LOCKED) from None
        except StoreError as error:
            if isinstance(error, Misused):
                raise _bug() from None
            raise _exit(error, EXIT_STORE) from None
        except (WrongUse, NotFound) as error:
            raise _exit(error, EXIT_USAGE) from None
        except (KeyboardInterrupt, asyncio.CancelledError):
            tell("interrupted; a write that got no answer is looked for in the next cycle")
            raise typer.Exit(EXIT_PARTLY) from None
        except Exception:  # noqa: BLE001 - the outermost place: it is logged, and told as a bug
            raise _bug() from None

    return run


def tell(sentence: str) -> None:
    """A line for a person. Where standard error takes no more, the exit code has to say it alone."""
    typer.echo(f"syncd: {sentence}", err=True)


def code_after_output(code: int | str | None) -> int | str | None:
    """The exit code once everything is written: output that could not be is told, and is no success."""
    lost = streams.failure_of_output()
    if lost is None:
        return code
    tell(f"cannot write the report to standard output: {lost.strerror}")
    return code or EXIT_USAGE


def _bug() -> typer.Exit:
    """Log the exception being handled, and say that it is a bug."""
    structlog.get_logger("syncd").exception("unexpected_error")
    tell("an unexpected error, which is a bug; the log above says where")
    return typer.Exit(EXIT_BUG)


def _exit(error: Exception, code: int) -> typer.Exit:
    for line in str(error).splitlines() or [type(error).__name__]:
        tell(line)
    return typer.Exit(code)

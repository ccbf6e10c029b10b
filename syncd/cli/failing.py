"""How failures leave the process: the exit codes of the contract, and one clear message each on standard error."""

from __future__ import annotations

import asyncio
import functools
import sys
from collections import abc
from typing import ParamSpec, TypeVar

import structlog
import typer

from syncd.assembly import BadUrl, Locked, Misused, StoreError
from syncd.config import ConfigurationError
from syncd.engine.desk import NotFound
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
            print("syncd: interrupted before anything was written; nothing is half done", file=sys.stderr)
            raise typer.Exit(EXIT_PARTLY) from None
        except BrokenPipeError:
            raise typer.Exit(EXIT_BUG) from None
        except Exception:
            raise _bug() from None

    return run


def _bug() -> typer.Exit:
    """Log the exception being handled, and say that it is a bug."""
    structlog.get_logger("syncd").exception("unexpected_error")
    print("syncd: an unexpected error, which is a bug; the log above says where", file=sys.stderr)
    return typer.Exit(EXIT_BUG)


def _exit(error: Exception, code: int) -> typer.Exit:
    for line in str(error).splitlines() or [type(error).__name__]:
        print(f"syncd: {line}", file=sys.stderr)
    return typer.Exit(code)

"""How failures leave a command: an exit code, and one clear message each on standard error."""

from __future__ import annotations

import asyncio
import functools
from collections import abc
from typing import ParamSpec, TypeVar

import typer

from syncd.assembly import BadUrl, Locked, Misused, StoreError
from syncd.cli.ending import (
    EXIT_BUG,
    EXIT_CONFIGURATION,
    EXIT_LOCKED,
    EXIT_PARTLY,
    EXIT_STORE,
    EXIT_USAGE,
    ended,
    tell,
)
from syncd.config import ConfigurationError
from syncd.engine.store.refusals import NotFound, NotJoined, NotRejectable
from syncd.logs.lean import structlog
from syncd.model.errors import SyncdError

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
        except (WrongUse, NotFound, NotJoined, NotRejectable) as error:
            raise _exit(error, EXIT_USAGE) from None
        except (KeyboardInterrupt, asyncio.CancelledError):
            tell("interrupted; a write that got no answer is looked for in the next cycle")
            raise typer.Exit(EXIT_PARTLY) from None
        except Exception:  # noqa: BLE001 - the outermost place: it is logged, and told as a bug
            raise _bug() from None

    return run


def _bug() -> typer.Exit:
    """Log the exception being handled, and say that it is a bug."""
    structlog.get_logger("syncd").exception("unexpected_error")
    return ended("an unexpected error, which is a bug; the log above says where", EXIT_BUG)


def _exit(error: Exception, code: int) -> typer.Exit:
    return ended(str(error) or type(error).__name__, code)

"""The command line: parse, call, print. Everything that is decided is decided below it."""

import os

from syncd.cli import loading, stopping, streams

__all__ = ["main"]


def main() -> None:
    """The entry point. Raises SystemExit."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # it would look for one in every package installed
    loading.begin()
    stopping.hold()
    streams.secure()
    try:
        from syncd.cli.app import run  # a stop is held while this and what a command needs are loaded

        run()
    finally:
        stopping.end()

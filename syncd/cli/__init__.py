"""The command line: parse, call, print. Everything that is decided is decided below it."""

from syncd.cli import stopping

__all__ = ["main"]


def main() -> None:
    """The entry point. Raises SystemExit."""
    stopping.hold()
    try:
        from syncd.cli.app import run  # loads everything; a stop is held meanwhile

        run()
    finally:
        stopping.end()

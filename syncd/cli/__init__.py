"""The command line: parse, call, print. Everything that is decided is decided below it."""

from syncd.cli.app import main

__all__ = ["main"]

"""What is wrong with a configuration, gathered so that an operator mends a whole file at once.

Knows how a key is written and how a near miss is suggested; what counts as wrong is decided elsewhere. No line ever
shows a value that could be a secret.
"""

from __future__ import annotations

import difflib
import json
import re
from collections import abc
from pathlib import Path

from syncd.model.errors import SyncdError

Location = tuple[str | int, ...]
"""The place of a value: the keys and list indexes that lead to it."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")


class ConfigurationError(SyncdError):
    """The configuration is wrong: one line for each fault, with the file, the key, what is wrong and the way out."""

    def __init__(self, lines: abc.Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


class Problems:
    """The faults found so far in one file, in the order in which they were found."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: dict[str, None] = {}

    def add(self, location: Location, text: str) -> None:
        """Note one fault: `text` says what is wrong and the way out."""
        self._lines[f"{self._path}: {dotted(location)}: {text}"] = None

    def finish(self) -> None:
        """Raise `ConfigurationError` with all of them, if there are any."""
        if self._lines:
            raise ConfigurationError(tuple(self._lines))


def dotted(location: Location) -> str:
    """A key as an operator writes it: `vendors.office.timezone`, `services[2].ids.site`."""
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            written = part if _BARE.fullmatch(part) else json.dumps(part)
            text += f".{written}" if text else written
    return text


def nearest(word: str, known: abc.Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    words = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), words, n=1, cutoff=0.6)
    return words[found[0]] if found else None


def meant(word: str, known: abc.Iterable[str]) -> str:
    """The end of a sentence about an unknown word: the one that was probably meant, else all that there are."""
    names = list(known)
    near = nearest(word, names)
    if near is not None:
        return f"did you mean {near}?"
    return f"known here: {', '.join(names)}" if names else "nothing can stand here"

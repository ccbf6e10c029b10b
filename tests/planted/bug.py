"""What a planted bug is, and how it gets into a file. Which bugs there are is said in the lists beside this file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class Misplaced(Exception):
    """The list does not fit the sources any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """One small change that somebody could make by mistake.

    `says` names what an operator would suffer. `old` occurs exactly once in `file` (a path from the root of the
    sources). `tests` are pytest's arguments: the tests that are there to catch it.
    """

    id: str
    says: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def planted(self, root: Path) -> str:
        """The file's text with the bug in it. Raises `Misplaced`."""
        path = root / self.file
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        found = text.count(self.old)
        if found != 1:
            raise Misplaced(
                f"{self.id}: the text to replace occurs {found} times in {self.file}, and must occur once. The code "
                "moved on: give the entry the text that stands there now, or a longer part of it. Take the entry out "
                "only if nobody can make this mistake any more"
            )
        return text.replace(self.old, self.new)

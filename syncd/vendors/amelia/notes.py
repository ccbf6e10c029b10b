"""`internalNotes`: the appointment's notes, and below them syncd's own mark on a line of its own."""

from __future__ import annotations

import re

_MARK = re.compile(r"^[ \t]*\[syncd:([^\]\s]+)\][ \t]*\r?$", re.MULTILINE)


def split(internal: str) -> tuple[str, str | None]:
    """The notes without any mark, and the token of the last mark.

    Several marks occur: where Amelia joins two creates into one appointment, it appends the later notes.
    """
    tokens = _MARK.findall(internal)
    return _MARK.sub("", internal).strip(), tokens[-1] if tokens else None


def join(notes: str, token: str | None) -> str:
    """What goes into `internalNotes`; None for a record that carries no mark."""
    mark = "" if token is None else f"[syncd:{token}]"
    return "\n".join(part for part in (notes.strip(), mark) if part)

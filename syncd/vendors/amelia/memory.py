"""What is remembered of a site from one process to the next: it saves requests, and nothing rests on it."""

from __future__ import annotations

import msgspec

from syncd.vendors.amelia.facts import Facts
from syncd.vendors.pieces import Kept


class Memory(msgspec.Struct, frozen=True, omit_defaults=True):
    """How its listing was last read, and what it said of itself.

    `unpaged` is when it last ignored the size of a page, in seconds since 1970. `idle` are the ids of customers
    that syncd made and that have no appointment yet.
    """

    pieces: Kept = Kept()
    unpaged: float | None = None
    facts: Facts | None = None
    idle: tuple[int, ...] = ()

    def text(self) -> str:
        """As text; empty where there is nothing to remember."""
        return "" if self == Memory() else msgspec.json.encode(self).decode()


_MEMORY = msgspec.json.Decoder(Memory)


def remembered(text: str) -> Memory:
    """The memory from its text; nothing where it cannot be read."""
    try:
        return _MEMORY.decode(text)
    except msgspec.MsgspecError:
        return Memory()

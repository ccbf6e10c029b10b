"""Blocked time in Acuity: what is sent, and which of it is syncd's own. Pure.

`POST /blocks` takes `start`, `end`, `calendarID` and `notes` (the vendor's page and its published examples); the notes
carry syncd's mark, and nothing of a client. Who reads the calendar sees them, and no client does.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from syncd.model.errors import InvalidSlot, Malformed
from syncd.model.record import Block
from syncd.model.times import Slot
from syncd.vendors.acuity.answers import unreadable
from syncd.vendors.acuity.schemas import BLOCKS, BlockRow
from syncd.vendors.acuity.slots import write_start

_MARK = re.compile(r"\[syncd:([^\]\s]+)\]")


def body_of(slot: Slot, calendar: str, zone: str | None, mark: str) -> dict[str, Any]:
    """The body of a create."""
    return {
        "start": write_start(slot.start, zone),
        "end": write_start(slot.end, zone),
        "calendarID": int(calendar),
        "notes": f"Busy [syncd:{mark}]",
    }


def rows_of(vendor: str, shown: Any) -> list[BlockRow]:
    """The rows of `GET /blocks`. Raises `Unreadable`."""
    try:
        return BLOCKS.validate_python(shown)
    except ValidationError:
        raise unreadable(vendor, "GET /blocks", "the answer is no list of blocked times") from None


def own_block(row: BlockRow) -> Block | None:
    """A block that carries syncd's mark; None for anybody else's. Raises `Malformed` where it shows no time."""
    mark = _MARK.search(row.notes)
    if mark is None or row.id is None:
        return None
    try:
        slot = Slot(start=_instant(row.start), end=_instant(row.end))
    except InvalidSlot as error:
        raise Malformed(f"blocked time {row.id}: {error.why} (`start`, `end`)") from None
    return Block(id=row.id, appointment=mark[1], calendar=row.calendar_id or "", slot=slot)


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text[10:11] == "T" else _no_time()
    except ValueError:
        return _no_time()


def _no_time() -> datetime:
    raise Malformed("blocked time that syncd made shows no ISO time in `start` and `end`")

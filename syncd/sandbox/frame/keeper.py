"""What a sandbox vendor keeps, and what its own users do with it.

Decides when a record counts as changed and what a stale read would show. Knows nothing of requests but what they may
see; time and randomness come from outside.
"""

import dataclasses
import random
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from syncd.sandbox.frame.exchange import Call, Row, stamp
from syncd.sandbox.frame.normalise import normalised
from syncd.sandbox.frame.records import Entry

RECENT = 10_000


class UnknownRecord(LookupError):
    """A person's action named a record that the vendor does not have."""


class Keeper(ABC):
    """The records of one vendor. They change only by `insert`, `amend` and `remove`.

    So versions, stale reads and kept renderings stay right; an `Entry` is never changed in place.
    """

    def __init__(self, name: str, clock: Callable[[], datetime], rng: random.Random, skew: timedelta) -> None:
        self.name = name
        self.clock = clock
        self.rng = rng
        self.skew = skew
        self.entries: dict[str, Entry] = {}
        self.before: dict[str, Entry | None] = {}
        """Each record as it was before its last change; None if there was none."""
        self.behaviour: dict[str, Any] = {}
        self.log: deque[dict[str, Any]] = deque(maxlen=RECENT)
        """Requests, changes and mails, oldest first, as JSON objects with at least `at` and `event`."""
        self.revision = 0
        """Rises with each change of records or behaviour: a key for anything that a vendor keeps."""
        self.lock = threading.RLock()
        self._rows: dict[str, dict[str, Row]] = {}

    @abstractmethod
    def render(self, entry: Entry, shape: str) -> dict[str, Any]:
        """A record in the vendor's own words; `shape` is any name of the vendor's (`list`, `full`, …)."""

    @abstractmethod
    def new_id(self) -> str:
        """A fresh id as this vendor makes them."""

    def completed(self, entry: Entry) -> Entry:
        """A record that a person enters, with what this vendor adds or derives itself."""
        return entry

    def now(self) -> datetime:
        """The vendor's own clock."""
        return self.clock() + self.skew

    def note(self, event: str, **details: Any) -> None:
        """Add a line to the log."""
        self.log.append({"at": stamp(self.now(), milliseconds=True), "event": event, **details})

    def forget_rows(self) -> None:
        """Render every record anew from now on."""
        self._rows.clear()
        self.revision += 1

    # -- reading ------------------------------------------------------------------------------------------------

    def visible(self, call: Call) -> Iterable[Entry]:
        """The records that this request may see, in the order in which they were inserted."""
        match call.view:
            case "now":
                return self.entries.values()
            case "none":
                return ()
            case "before":
                seen = (self.before.get(key, entry) for key, entry in self.entries.items())
                gone = (entry for key, entry in self.before.items() if key not in self.entries)
                return [entry for entry in (*seen, *gone) if entry is not None]

    def find(self, call: Call, record_id: str | None = None) -> Entry | None:
        """The record that this request asks for by id, as it may see it."""
        key = call.record_id if record_id is None else record_id
        if key is None:
            return None
        return self.before.get(key, self.entries.get(key)) if call.view == "before" else self.entries.get(key)

    def page_of(self, call: Call, found: list[Entry], size: int) -> list[Entry]:
        """The rows of `call.page`, counted from 1."""
        offset = (call.page - 1) * size
        if offset:
            offset += call.shift
        return found[offset : offset + size]

    def row(self, entry: Entry, shape: str) -> Row:
        """The rendered record, kept until the record or a behaviour changes."""
        if self.entries.get(entry.id) is not entry:
            return Row(self.render(entry, shape))
        kept = self._rows.setdefault(entry.id, {})
        if shape not in kept:
            kept[shape] = Row(self.render(entry, shape))
        return kept[shape]

    # -- changing -----------------------------------------------------------------------------------------------

    def insert(self, entry: Entry, *, by: str = "api") -> Entry:
        """Store a new record, normalised as this vendor does. A stale read hides one that the API made."""
        with self.lock:
            kept = normalised(entry, self.behaviour)
            self._remember(kept.id)
            if by != "api":
                del self.before[kept.id]
            self.entries[kept.id] = kept
            self.note("insert", id=kept.id, by=by)
            return kept

    def amend(self, entry: Entry, *, by: str = "api", **changes: Any) -> Entry:
        """Store a changed copy with the next version and a new modification time, unless `changes` gives them."""
        with self.lock:
            stamped = {"version": entry.version + 1, "modified_at": self.now(), **changes}
            kept = normalised(dataclasses.replace(entry, **stamped), self.behaviour)
            self._remember(entry.id)
            self.entries[entry.id] = kept
            self.note("change", id=entry.id, by=by, keys=sorted(changes))
            return kept

    def remove(self, record_id: str, *, by: str = "api") -> Entry:
        """Take a record out for good; returns it."""
        with self.lock:
            gone = self.existing(record_id)
            self._remember(record_id)
            del self.entries[record_id]
            self.note("delete", id=record_id, by=by)
            return gone

    def _remember(self, record_id: str) -> None:
        self.before[record_id] = self.entries.get(record_id)
        self._rows.pop(record_id, None)
        self.revision += 1

    def existing(self, record_id: str) -> Entry:
        """The record. Raises `UnknownRecord`."""
        if record_id not in self.entries:
            raise UnknownRecord(record_id)
        return self.entries[record_id]

    # -- what a person does at this vendor ----------------------------------------------------------------------

    def person_insert(self, **neutral: Any) -> Entry:
        """Enter a record by hand: any fields of `Entry`; `start` is needed, `end` unless the vendor derives it."""
        now = self.now()
        filled: dict[str, Any] = {"created_at": now, "modified_at": now, "end": neutral.get("start"), **neutral}
        if "id" not in filled:
            filled["id"] = self.new_id()
        return self.insert(self.completed(Entry(**filled)), by="person")

    def person_edit(self, record_id: str, **neutral: Any) -> Entry:
        """Change fields of a record by hand. Raises `UnknownRecord`."""
        entry = self.existing(record_id)
        edited = self.completed(dataclasses.replace(entry, **neutral))
        changes = {
            item.name: getattr(edited, item.name)
            for item in dataclasses.fields(Entry)
            if item.name in neutral or getattr(edited, item.name) != getattr(entry, item.name)
        }
        return self.amend(entry, by="person", **changes)

    def person_cancel(self, record_id: str) -> None:
        """Cancel a record by hand, as this vendor's users do. Raises `UnknownRecord`."""
        self.person_edit(record_id, status="cancelled")

    def person_delete(self, record_id: str) -> None:
        """Delete a record for good. Raises `UnknownRecord`."""
        self.remove(record_id, by="person")

    def person_revive(self, record_id: str) -> None:
        """Put a cancelled record back. Raises `UnknownRecord`."""
        self.person_edit(record_id, status="scheduled")

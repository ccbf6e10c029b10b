"""Appointments and mappings: the largest tables, read and written in bulk."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from syncd_state.access import Access, chunks
from syncd_state.columns import APPOINTMENT, MAPPING
from syncd_state.rows import AppointmentRow, MappingRow


class IndexEntry(NamedTuple):
    """What a listing is compared with: a mapping without its texts. `live` and `tombstone` are 0 or 1."""

    remote_id: str
    fingerprint: bytes | None
    appointment_id: str
    start: float | None
    live: int
    tombstone: int


_ENTRIES = f"SELECT {', '.join(IndexEntry._fields)} FROM mapping"  # noqa: S608 (own names)
INDEX_OF_A_VENDOR = f"{_ENTRIES} WHERE vendor = ? AND start >= ?"
_WITH = "SELECT id FROM mapping WHERE vendor = ? AND start >= ? AND tombstone = 0 AND instr(base, ?) > 0 ORDER BY id"
_INDEX_BETWEEN = f"{INDEX_OF_A_VENDOR} AND start < ?"


class Appointments(Access):
    """Reading and writing appointments and their mappings."""

    def index(self, vendor: str, since: float) -> list[IndexEntry]:
        """The mappings of a vendor whose records start then (epoch seconds) or later, narrow: see
        `IndexEntry`.

        In no particular order. What it costs does not depend on how many there are before.
        """
        return [IndexEntry._make(row) for row in self._tuples(INDEX_OF_A_VENDOR, vendor, since)]

    def index_between(self, vendor: str, start: float, end: float) -> list[IndexEntry]:
        """The same for the half-open stretch [start, end), epoch seconds."""
        return [IndexEntry._make(row) for row in self._tuples(_INDEX_BETWEEN, vendor, start, end)]

    def index_of(self, vendor: str, remote_ids: Iterable[str]) -> list[IndexEntry]:
        """The same for these records, whenever they start; those without a mapping are left out."""
        found: list[IndexEntry] = []
        for chunk in chunks(remote_ids):
            marks = ", ".join("?" * len(chunk))
            sql = f"{_ENTRIES} WHERE vendor = ? AND remote_id IN ({marks})"
            rows = self._tuples(sql, vendor, *chunk)
            found += map(IndexEntry._make, rows)
        return found

    def appointments(self, ids: Iterable[str]) -> list[AppointmentRow]:
        """The appointments with these ids; unknown ids are left out."""
        return [row for chunk in chunks(ids) for row in self._rows(AppointmentRow, APPOINTMENT, id=chunk)]

    def appointments_pending(self) -> list[str]:
        """Ids of the appointments that need work in the next cycle."""
        return [row[0] for row in self._tuples("SELECT id FROM appointment WHERE pending = 1 ORDER BY id")]

    def appointments_starting(self, start: float, end: float) -> list[str]:
        """Ids of the appointments that start in the half-open stretch [start, end), epoch seconds, by start."""
        sql = "SELECT id FROM appointment WHERE start >= ? AND start < ? ORDER BY start, id"
        return [row[0] for row in self._tuples(sql, start, end)]

    def appointments_lasting(self, start: float, end: float, least: float) -> list[str]:
        """Those of them that take at least so many seconds."""
        sql = 'SELECT id FROM appointment WHERE start >= ? AND start < ? AND "end" - start >= ? ORDER BY start, id'
        return [row[0] for row in self._tuples(sql, start, end, least)]

    def mappings_of(self, appointment_ids: Iterable[str]) -> list[MappingRow]:
        """The mappings of these appointments, at every vendor, live or not."""
        return [
            row for chunk in chunks(appointment_ids) for row in self._rows(MappingRow, MAPPING, appointment_id=chunk)
        ]

    def mappings_with(self, vendor: str, since: float, text: str) -> list[MappingRow]:
        """The mappings in use of a vendor whose records start then (epoch seconds) or later, and whose base has a text.

        For what few records have: each base from then on is looked through.
        """
        found = [row[0] for row in self._tuples(_WITH, vendor, since, text)]
        return [row for chunk in chunks(found) for row in self._rows(MappingRow, MAPPING, id=chunk)]

    def mapping(self, vendor: str, remote_id: str) -> MappingRow | None:
        """The mapping of one record, or None."""
        found = self._rows(MappingRow, MAPPING, vendor=vendor, remote_id=remote_id)
        return found[0] if found else None

    def upsert_appointments(self, rows: Sequence[AppointmentRow]) -> None:
        """Write these appointments; one that exists already keeps its `created_at`."""
        self._upsert(APPOINTMENT, rows, key=("id",), keep=("created_at",))

    def upsert_mappings(self, rows: Sequence[MappingRow]) -> None:
        """Write these mappings by vendor and remote id; the `id` of a row is not looked at.

        Raises `Misused` where an appointment does not exist.
        """
        self._upsert(MAPPING, rows, key=("vendor", "remote_id"))

    def set_pending(self, appointment_ids: Iterable[str], *, pending: bool) -> None:
        """Mark these appointments as needing work in the next cycle, or as done with."""
        for chunk in chunks(appointment_ids):
            self._update(APPOINTMENT, {"pending": pending}, id=chunk)

    def forget_fingerprints(self, vendors: Iterable[str]) -> None:
        """Let every record of these vendors be looked at anew when it is next listed."""
        for chunk in chunks(vendors):
            self._update(MAPPING, {"fingerprint": None}, vendor=chunk)

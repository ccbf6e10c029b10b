"""The journal of operations: what was intended, and how it ended."""

from state import tables
from state.access import Access, values_of
from state.errors import Misused
from state.rows import JournalRow

_JOURNAL = tables.Journal.__table__

UNSETTLED = ("intended", "unknown")
"""The states of an entry whose outcome is open."""


class Journal(Access):
    """Writing intentions before, and outcomes after, an operation."""

    def journal_intend(self, row: JournalRow) -> int:
        """Record an intention; it is durable once the transaction is committed. Returns the entry's id."""
        entry = self._insert(_JOURNAL, values_of(row)).lastrowid
        assert entry is not None
        return entry

    def journal_settle(
        self, entry: int, state: str, error: str | None, settled_at: str, remote_id: str | None = None
    ) -> None:
        """Record an outcome; None as `remote_id` keeps the one that is there.

        Raises `Misused` for an unknown entry.
        """
        values = {"state": state, "error": error, "settled_at": settled_at}
        if remote_id is not None:
            values["remote_id"] = remote_id
        if self._update(_JOURNAL, values, id=entry) != 1:
            raise Misused(f"the journal has no entry {entry}; this is a bug, please report it")

    def journal_unsettled(self) -> list[JournalRow]:
        """Entries whose outcome is open: intended and never settled, or settled as unknown; oldest first."""
        return self._rows(JournalRow, _JOURNAL, state=list(UNSETTLED), order=("id",))

    def journal_of(self, appointment_id: str) -> list[JournalRow]:
        """All entries of an appointment, oldest first."""
        return self._rows(JournalRow, _JOURNAL, appointment_id=appointment_id, order=("id",))

    def journal_of_cycle(self, cycle_id: str) -> list[JournalRow]:
        """All entries of a cycle, oldest first."""
        return self._rows(JournalRow, _JOURNAL, cycle_id=cycle_id, order=("id",))

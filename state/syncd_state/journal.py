"""The journal of operations: what was intended, and how it ended."""

from collections.abc import Mapping

from syncd_state.access import Access, names_of, values_of
from syncd_state.columns import JOURNAL
from syncd_state.errors import Misused
from syncd_state.rows import JournalRow, JournalState
from syncd_state.statements import selecting

UNSETTLED = (JournalState.INTENDED, JournalState.UNKNOWN)
"""The states of an entry whose outcome is open."""

LATE = (
    f"{selecting(JOURNAL, names_of(JournalRow), ())} \n"
    "WHERE journal.missed IS NOT NULL AND journal.state = :state AND journal.sent > :since ORDER BY journal.id"
)


class Journal(Access):
    """Writing intentions before, and outcomes after, an operation."""

    def journal_intend(self, row: JournalRow) -> int:
        """Record an intention; it is durable once the transaction is committed. Returns the entry's id."""
        entry = self._insert(JOURNAL, values_of(row)).lastrowid
        assert entry is not None
        return entry

    def journal_settle(
        self,
        entry: int,
        state: str,
        error: str | None,
        settled_at: str,
        remote_id: str | None = None,
        sent: float | None = None,
    ) -> None:
        """Record an outcome; None as `remote_id` or `sent` keeps what is there.

        Of any but an open one nothing can come any more. Raises `Misused` for an unknown entry.
        """
        values: dict[str, object] = {"state": state, "error": error, "settled_at": settled_at}
        if remote_id is not None:
            values["remote_id"] = remote_id
        if sent is not None:
            values["sent"] = sent
        if state not in UNSETTLED:
            values["missed"] = None
        self._set(entry, values)

    def journal_interrupted(self, settled_at: str, sent: float) -> None:
        """Record that what was intended and never settled can have been sent until now, and no later."""
        values = {"state": JournalState.UNKNOWN, "settled_at": settled_at, "sent": sent}
        self._update(JOURNAL, values, state=JournalState.INTENDED)

    def journal_missed(self, entry: int, missed: int) -> None:
        """Record how many listings did not show what a create without an answer made. Raises `Misused`."""
        self._set(entry, {"missed": missed})

    def journal_give_up(self, entry: int, missed: int, settled_at: str) -> None:
        """Record that a create without an answer counts as not done, although it may still land. Raises `Misused`."""
        self._set(entry, {"state": "resolved", "settled_at": settled_at, "missed": missed})

    def journal_late(self, since: float) -> list[JournalRow]:
        """Creates that count as not done, were sent later than `since`, and may still land; oldest first."""
        found = self._read(LATE, state=JournalState.RESOLVED, since=since)
        return [JournalRow(*values) for values in found]

    def _set(self, entry: int, values: Mapping[str, object]) -> None:
        if self._update(JOURNAL, values, id=entry) != 1:
            raise Misused(f"the journal has no entry {entry}; this is a bug, please report it")

    def journal_unsettled(self) -> list[JournalRow]:
        """Entries whose outcome is open: intended and never settled, or settled as unknown; oldest first."""
        return self._rows(JournalRow, JOURNAL, state=list(UNSETTLED), order=("id",))

    def journal_unsettled_of(self, vendor: str, remote_id: str) -> list[JournalRow]:
        """Those of one record."""
        where = {"state": list(UNSETTLED), "vendor": vendor, "remote_id": remote_id}
        return self._rows(JournalRow, JOURNAL, order=("id",), **where)

    def hand_over_journal(self, appointment_id: str, to: str) -> None:
        """Let all entries of an appointment be another one's."""
        self._update(JOURNAL, {"appointment_id": to}, appointment_id=appointment_id)

    def journal_of(self, appointment_id: str) -> list[JournalRow]:
        """All entries of an appointment, oldest first."""
        return self._rows(JournalRow, JOURNAL, appointment_id=appointment_id, order=("id",))

"""Forgetting what is over: appointments by the end of their slots, everything else by its age.

Decides what of an appointment is still open as far as the tables tell it; what their JSON texts say
is for the store's user to judge. Every method takes a bounded number of rows, so that each may be a
short transaction of its own.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from syncd_state.access import Access, chunks
from syncd_state.columns import APPOINTMENT, CONFLICT, CYCLE, JOURNAL, MAPPING
from syncd_state.journal import UNSETTLED
from syncd_state.rows import MappingRow


class Bygone(NamedTuple):
    """What counts as over.

    `ended` is in seconds since the epoch, `since` the same moment as the store's text. `sent` is in
    the store's own seconds: a create that was sent later may still land. `move` is the action of a
    journal entry that moves an appointment: one that was moved since then is kept, however far back
    it was moved.
    """

    ended: float
    since: str
    sent: float
    move: str


class Ended(NamedTuple):
    """An appointment that may be forgotten; the order is that in which they are found."""

    end: float
    id: str


FIRST = Ended(float("-inf"), "")
"""Before every appointment."""

# A plus keeps SQLite from an index on that column: nearly every row has the value in question.
_OPEN = ", ".join(f"'{state}'" for state in UNSETTLED)
APPOINTMENTS_OVER = f"""
SELECT a."end", a.id FROM appointment AS a
WHERE a."end" < :ended AND (a."end", a.id) > (:end, :id) AND +a.pending = 0
AND NOT EXISTS (SELECT 1 FROM mapping AS m WHERE m.appointment_id = a.id
    AND (m.start IS NULL OR m.start >= :ended))
AND NOT EXISTS (SELECT 1 FROM conflict AS c WHERE c.appointment_id = a.id AND +c.open = 1)
AND NOT EXISTS (SELECT 1 FROM quarantine AS q WHERE q.appointment_id = a.id)
AND NOT EXISTS (SELECT 1 FROM mapping AS m JOIN quarantine AS q
    ON q.vendor = m.vendor AND q.remote_id = m.remote_id WHERE m.appointment_id = a.id)
AND NOT EXISTS (SELECT 1 FROM journal AS j WHERE j.appointment_id = a.id
    AND (j.state IN ({_OPEN}) OR (j.missed IS NOT NULL AND j.sent > :sent)
        OR (j.action = :move AND j.intended_at >= :since)))
AND NOT EXISTS (SELECT 1 FROM mapping AS m JOIN journal AS j
    ON j.vendor = m.vendor AND j.remote_id = m.remote_id
    WHERE m.appointment_id = a.id AND j.state IN ({_OPEN}))
ORDER BY a."end", a.id LIMIT :number
"""  # noqa: S608 (own words)
_ONE = APPOINTMENTS_OVER.replace('(a."end", a.id) > (:end, :id)', "a.id = :id")

ENTRIES_OVER = f"""
SELECT id FROM journal WHERE intended_at < :since AND state NOT IN ({_OPEN})
AND NOT (missed IS NOT NULL AND sent > :sent) ORDER BY intended_at, id LIMIT :number
"""  # noqa: S608 (own words)
CONFLICTS_OVER = """
SELECT id FROM conflict WHERE seen_at < :since AND coalesce(resolved_at, seen_at) < :since
AND +open = 0 ORDER BY seen_at, id LIMIT :number
"""
CYCLES_OVER = "SELECT id FROM cycle WHERE started_at < :since ORDER BY started_at, id LIMIT :number"

_BY_AGE = {ENTRIES_OVER: JOURNAL, CONFLICTS_OVER: CONFLICT, CYCLES_OVER: CYCLE}


class Retention(Access):
    """Finding and deleting what nothing depends on any more."""

    def appointments_over(self, bygone: Bygone, after: Ended, number: int) -> list[Ended]:
        """Appointments that are over and of which nothing is open, by the end of their slots; at
        most so many.

        Nothing open: no work, conflict, quarantine or unsettled operation, and no record,
        tombstones included, that starts later, or of which it is not known when it does.
        """
        found = self._read(APPOINTMENTS_OVER, **bygone._asdict(), **after._asdict(), number=number)
        return [Ended(*row) for row in found]

    def are_over(self, bygone: Bygone, ids: Iterable[str]) -> set[str]:
        """Those of these appointments that `appointments_over` would find."""
        return {id for id in ids if self._read(_ONE, **bygone._asdict(), id=id, number=1)}

    def mappings_shared(self) -> list[MappingRow]:
        """The mappings of records in which other appointments have a part."""
        return self._rows(MappingRow, MAPPING, shared=True)

    def forget_appointments(self, ids: Sequence[str]) -> None:
        """Delete these appointments with their mappings, journal entries and conflicts."""
        for chunk in chunks(ids):
            for table in (MAPPING, JOURNAL, CONFLICT):
                self._delete(table, appointment_id=chunk)
            self._delete(APPOINTMENT, id=chunk)

    def forget_before(self, bygone: Bygone, number: int) -> int:
        """Delete settled journal entries, closed conflicts and cycles that are older; at most so
        many of each.

        Returns how many there were.
        """
        gone = 0
        for sql, table in _BY_AGE.items():
            for chunk in chunks(self._old(sql, bygone, number)):
                gone += self._delete(table, id=chunk)
        return gone

    def is_anything_before(self, bygone: Bygone) -> bool:
        """Whether `forget_before` would delete something."""
        return any(self._old(sql, bygone, 1) for sql in _BY_AGE)

    def _old(self, sql: str, bygone: Bygone, number: int) -> list[object]:
        found = self._read(sql, since=bygone.since, sent=bygone.sent, number=number)
        return [row[0] for row in found]

"""What waits for a person or for a change: quarantine, conflicts, held operations."""

from collections.abc import Iterable, Sequence

from syncd_state.access import Access, chunks, values_of
from syncd_state.columns import CONFLICT, HELD, QUARANTINE
from syncd_state.rows import ConflictRow, HeldRow, QuarantineRow


class Attention(Access):
    """Reading and writing quarantine, conflicts and held operations."""

    def quarantines(self) -> list[QuarantineRow]:
        """Everything in quarantine, oldest entry first."""
        return self._rows(QuarantineRow, QUARANTINE, order=("id",))

    def put_quarantine(self, row: QuarantineRow) -> None:
        """Quarantine by vendor and key. An entry that exists keeps its id and its `since`; the rest is replaced."""
        self._upsert(QUARANTINE, [row], key=("vendor", "key"), keep=("since",))

    def drop_quarantine(self, vendor: str, key: str) -> bool:
        """Release by vendor and key; False where there is no such entry."""
        return self._delete(QUARANTINE, vendor=vendor, key=key) == 1

    def conflicts_open(self) -> list[ConflictRow]:
        """Conflicts that wait for a decision, oldest first."""
        return self._rows(ConflictRow, CONFLICT, open=True, order=("id",))

    def conflicts_of(self, appointment_id: str) -> list[ConflictRow]:
        """All conflicts of an appointment, open or not, oldest first."""
        return self._rows(ConflictRow, CONFLICT, appointment_id=appointment_id, order=("id",))

    def conflict(self, entry: int) -> ConflictRow | None:
        """One conflict by id, or None."""
        found = self._rows(ConflictRow, CONFLICT, id=entry)
        return found[0] if found else None

    def put_conflicts(self, rows: Sequence[ConflictRow]) -> set[str]:
        """Record conflicts by key; returns the keys that were not known before. A known one is refreshed."""
        known = {
            row.key for chunk in chunks(row.key for row in rows) for row in self._rows(ConflictRow, CONFLICT, key=chunk)
        }
        self._upsert(CONFLICT, rows, key=("key",), keep=("resolved_at", "resolution"))
        return {row.key for row in rows} - known

    def resolve_conflict(self, entry: int, *, resolution: str, resolved_at: str, winner: str | None = None) -> bool:
        """Close an open conflict; False where there is none with this id. `winner` is kept where None is given.

        Its key is its own from then on: the same values against each other are another conflict, if they come back.
        """
        row = self.conflict(entry)
        if row is None or not row.open:
            return False
        values = {"open": False, "resolution": resolution, "resolved_at": resolved_at, "key": f"{row.key}/{entry}"}
        if winner is not None:
            values["winner"] = winner
        return self._update(CONFLICT, values, id=entry, open=True) == 1

    def held(self) -> list[HeldRow]:
        """Operations that the guard keeps back, approved or not, by operation id."""
        return self._rows(HeldRow, HELD, order=("operation_id",))

    def replace_held(self, cycle_id: str, rows: Sequence[HeldRow]) -> None:
        """Hold these operations for this cycle and no others; one that was held already keeps its approval."""
        approved = {row.operation_id: row for row in self.held() if row.approved_at is not None}
        self._delete(HELD)
        kept = []
        for row in rows:
            by = approved.get(row.operation_id, row)
            approval = {"approved_at": by.approved_at, "approved_by": by.approved_by}
            kept.append(values_of(row) | {"cycle_id": cycle_id} | approval)
        if kept:
            self._insert(HELD, *kept)

    def approve(self, operation_ids: Iterable[str], *, approved_at: str, approved_by: str) -> list[str]:
        """Approve these held operations; returns the ids that were held and not yet approved."""
        approved: list[str] = []
        for chunk in chunks(operation_ids):
            held = self._rows(HeldRow, HELD, operation_id=chunk)
            waiting = [row.operation_id for row in held if row.approved_at is None]
            if waiting:
                self._update(HELD, {"approved_at": approved_at, "approved_by": approved_by}, operation_id=waiting)
            approved += waiting
        return approved

"""What waits for a person or for a change: quarantine, conflicts, held operations."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from state import tables
from state.access import Access, chunks, values_of
from state.rows import ConflictRow, HeldRow, QuarantineRow

_QUARANTINE = tables.Quarantine.__table__
_CONFLICT = tables.Conflict.__table__
_HELD = tables.Held.__table__


class Attention(Access):
    """Reading and writing quarantine, conflicts and held operations."""

    def quarantines(self) -> list[QuarantineRow]:
        """Everything in quarantine, oldest entry first."""
        return self._rows(QuarantineRow, _QUARANTINE, order=(_QUARANTINE.c.id,))

    def put_quarantine(self, row: QuarantineRow) -> None:
        """Quarantine by vendor and key. An entry that exists keeps its id and its `since`; the rest is replaced."""
        self._upsert(_QUARANTINE, [row], key=("vendor", "key"), keep=("since",))

    def drop_quarantine(self, vendor: str, key: str) -> bool:
        """Release by vendor and key; False where there is no such entry."""
        return self._dropped_quarantine((_QUARANTINE.c.vendor == vendor) & (_QUARANTINE.c.key == key))

    def drop_quarantine_id(self, entry: int) -> bool:
        """Release by id; False where there is no such entry."""
        return self._dropped_quarantine(_QUARANTINE.c.id == entry)

    def _dropped_quarantine(self, where: ColumnElement[bool]) -> bool:
        return self._write(delete(_QUARANTINE).where(where)).rowcount == 1

    def conflicts_open(self) -> list[ConflictRow]:
        """Conflicts that wait for a decision, oldest first."""
        return self._rows(ConflictRow, _CONFLICT, _CONFLICT.c.open, order=(_CONFLICT.c.id,))

    def conflicts_of(self, appointment_id: str) -> list[ConflictRow]:
        """All conflicts of an appointment, open or not, oldest first."""
        return self._rows(ConflictRow, _CONFLICT, _CONFLICT.c.appointment_id == appointment_id, order=(_CONFLICT.c.id,))

    def conflict(self, entry: int) -> ConflictRow | None:
        """One conflict by id, or None."""
        found = self._rows(ConflictRow, _CONFLICT, _CONFLICT.c.id == entry)
        return found[0] if found else None

    def put_conflicts(self, rows: Sequence[ConflictRow]) -> set[str]:
        """Record conflicts by key; returns the keys that were not known before.

        A known one is refreshed, except that a conflict which was resolved stays resolved: what it says about its
        resolution, and that it is closed, is kept.
        """
        known = {
            key
            for chunk in chunks(row.key for row in rows)
            for (key,) in self._execute(select(_CONFLICT.c.key).where(_CONFLICT.c.key.in_(chunk)))
        }
        fresh = insert(_CONFLICT)
        refreshed = ("cycle_id", "appointment_id", "field", "winner", "rule", "open", "seen_at", "values_json")
        upsert = fresh.on_conflict_do_update(
            index_elements=["key"],
            set_={name: fresh.excluded[name] for name in refreshed},
            where=_CONFLICT.c.resolved_at.is_(None),
        )
        if rows:
            self._write(upsert, [values_of(row) for row in rows])
        return {row.key for row in rows} - known

    def resolve_conflict(self, entry: int, *, resolution: str, resolved_at: str, winner: str | None = None) -> bool:
        """Close an open conflict; False where there is none with this id. `winner` is kept where None is given."""
        values: dict[str, object] = {"open": False, "resolution": resolution, "resolved_at": resolved_at}
        if winner is not None:
            values["winner"] = winner
        closed = update(_CONFLICT).where(_CONFLICT.c.id == entry, _CONFLICT.c.open).values(values)
        return self._write(closed).rowcount == 1

    def held(self) -> list[HeldRow]:
        """Operations that the guard keeps back, approved or not, by operation id."""
        return self._rows(HeldRow, _HELD, order=(_HELD.c.operation_id,))

    def replace_held(self, cycle_id: str, rows: Sequence[HeldRow]) -> None:
        """Hold these operations for this cycle and no others; one that was held already keeps its approval."""
        approved = {row.operation_id: row.approved_at for row in self.held()}
        self._write(delete(_HELD))
        kept = [
            values_of(row) | {"cycle_id": cycle_id, "approved_at": approved.get(row.operation_id, row.approved_at)}
            for row in rows
        ]
        if kept:
            self._write(insert(_HELD), kept)

    def approve(self, operation_ids: Iterable[str], *, approved_at: str) -> list[str]:
        """Approve these held operations; returns the ids that were held and not yet approved."""
        approved: list[str] = []
        for chunk in chunks(operation_ids):
            waiting = _HELD.c.operation_id.in_(chunk) & _HELD.c.approved_at.is_(None)
            approved += [entry for (entry,) in self._execute(select(_HELD.c.operation_id).where(waiting))]
            self._write(update(_HELD).where(waiting).values(approved_at=approved_at))
        return approved

    def drop_held(self, operation_ids: Iterable[str]) -> None:
        """Hold these operations no longer."""
        for chunk in chunks(operation_ids):
            self._write(delete(_HELD).where(_HELD.c.operation_id.in_(chunk)))

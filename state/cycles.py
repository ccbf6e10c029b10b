"""Cycles with their reports, the last observation of each vendor, single values, and counts."""

from sqlalchemy import ColumnElement, ScalarSelect, Table, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from state import tables
from state.access import Access
from state.errors import Misused
from state.journal import UNSETTLED
from state.rows import Counts, CycleRow, ObservationRow

_CYCLE = tables.Cycle.__table__
_OBSERVATION = tables.Observation.__table__
_META = tables.Meta.__table__

_NEWEST_FIRST = (_CYCLE.c.started_at.desc(), _CYCLE.c.id.desc())


class Cycles(Access):
    """Reading and writing cycles, observations and single values."""

    def begin_cycle(self, cycle_id: str, started_at: str) -> None:
        """Record that a cycle runs. Raises `Misused` where the id was used before."""
        self._write(insert(_CYCLE).values(id=cycle_id, started_at=started_at))

    def finish_cycle(self, cycle_id: str, *, finished_at: str, exit_code: int, report: str | None) -> None:
        """Record how a cycle ended; `report` is a JSON text. Raises `Misused` for an unknown cycle."""
        values = {"finished_at": finished_at, "exit_code": exit_code, "report": report}
        if self._write(update(_CYCLE).where(_CYCLE.c.id == cycle_id).values(values)).rowcount != 1:
            raise Misused(f"there is no cycle {cycle_id}; this is a bug, please report it")

    def last_cycles(self, count: int) -> list[CycleRow]:
        """The newest cycles, newest first."""
        newest = select(_CYCLE.c.id).order_by(*_NEWEST_FIRST).limit(count)
        return self._rows(CycleRow, _CYCLE, _CYCLE.c.id.in_(newest), order=_NEWEST_FIRST)

    def cycle(self, cycle_id: str) -> CycleRow | None:
        """One cycle, or None."""
        found = self._rows(CycleRow, _CYCLE, _CYCLE.c.id == cycle_id)
        return found[0] if found else None

    def prune_reports(self, keep: int = 200) -> int:
        """Forget all reports but the newest `keep`; the cycles stay. Returns how many were forgotten."""
        reported = _CYCLE.c.report.is_not(None)
        surplus = select(_CYCLE.c.id).where(reported).order_by(*_NEWEST_FIRST).limit(-1).offset(keep)
        return self._write(update(_CYCLE).where(_CYCLE.c.id.in_(surplus)).values(report=None)).rowcount

    def put_observation(self, row: ObservationRow) -> None:
        """Replace the last observation of a vendor."""
        self._upsert(_OBSERVATION, [row], key=("vendor",))

    def observations(self) -> dict[str, ObservationRow]:
        """The last observation of each vendor, by its name."""
        return {row.vendor: row for row in self._rows(ObservationRow, _OBSERVATION)}

    def get_meta(self, key: str) -> str | None:
        """A single value, or None where it was never put."""
        value: str | None = self._execute(select(_META.c.value).where(_META.c.key == key)).scalar_one_or_none()
        return value

    def put_meta(self, key: str, value: str) -> None:
        """Put or replace a single value."""
        statement = upsert(_META).values(key=key, value=value)
        self._write(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))

    def counts(self) -> Counts:
        """How much the store holds."""
        appointment, mapping = tables.Appointment.__table__, tables.Mapping.__table__
        conflict, held, journal = tables.Conflict.__table__, tables.Held.__table__, tables.Journal.__table__
        asked = select(
            _number(appointment),
            _number(appointment, appointment.c.ended),
            _number(appointment, appointment.c.pending),
            _number(mapping),
            _number(mapping, mapping.c.live),
            _number(mapping, mapping.c.tombstone),
            _number(tables.Quarantine.__table__),
            _number(conflict, conflict.c.open),
            _number(held),
            _number(held, held.c.approved_at.is_not(None)),
            _number(journal, journal.c.state.in_(UNSETTLED)),
        )
        return Counts(*self._execute(asked).one())


def _number(table: Table, *where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(table).where(*where).scalar_subquery()

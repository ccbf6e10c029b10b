"""Cycles with their reports, the last observation of each vendor, single values, and counts."""

from dataclasses import fields, replace
from itertools import starmap

from sqlalchemy import ColumnElement, ScalarSelect, Table, bindparam, func, null, select, text, update

from syncd_state import tables
from syncd_state.access import Access
from syncd_state.errors import Misused
from syncd_state.journal import UNSETTLED
from syncd_state.rows import Counts, CycleRow, ObservationRow
from syncd_state.statements import compiled, upserting

_CYCLE = tables.Cycle.__table__
_OBSERVATION = tables.Observation.__table__
_META = tables.Meta.__table__
_APPOINTMENT, _MAPPING = tables.Appointment.__table__, tables.Mapping.__table__
_CONFLICT, _HELD, _JOURNAL = tables.Conflict.__table__, tables.Held.__table__, tables.Journal.__table__

_NEWEST_FIRST = (_CYCLE.c.started_at.desc(), _CYCLE.c.id.desc())
_LAST = compiled(
    select(*(_CYCLE.c[field.name] for field in fields(CycleRow)))
    .where(_CYCLE.c.id.in_(select(_CYCLE.c.id).order_by(*_NEWEST_FIRST).limit(bindparam("number"))))
    .order_by(*_NEWEST_FIRST)
)
_IDLE_WITH_REPORT = text("idle = 1 AND report IS NOT NULL")  # the words of the index on it
_DROP_IDLE = compiled(
    update(_CYCLE).where(_IDLE_WITH_REPORT).where(_CYCLE.c.id != bindparam("but")).values(report=null())
)

_VALUE = compiled(select(_META.c.value).where(_META.c.key == bindparam("wanted")))
_PUT_VALUE = upserting(_META, ("key", "value"), ("key",), ())


def _number(table: Table, *where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(table).where(*where).scalar_subquery()


_COUNTS = compiled(
    select(
        _number(_APPOINTMENT),
        _number(_APPOINTMENT, _APPOINTMENT.c.ended),
        _number(_APPOINTMENT, _APPOINTMENT.c.pending),
        _number(_MAPPING),
        _number(_MAPPING, _MAPPING.c.live),
        _number(_MAPPING, _MAPPING.c.tombstone),
        _number(tables.Quarantine.__table__),
        _number(_CONFLICT, _CONFLICT.c.open),
        _number(_HELD),
        _number(_HELD, _HELD.c.approved_at.is_not(None)),
        _number(_JOURNAL, _JOURNAL.c.state.in_(UNSETTLED)),
    )
)


class Cycles(Access):
    """Reading and writing cycles, observations and single values."""

    def begin_cycle(self, cycle_id: str, started_at: str) -> None:
        """Record that a cycle runs. Raises `Misused` where the id was used before."""
        self._insert(_CYCLE, {"id": cycle_id, "started_at": started_at, "idle": False})

    def finish_cycle(
        self,
        cycle_id: str,
        *,
        finished_at: str,
        exit_code: int,
        report: str | None,
        idle: bool = False,
    ) -> None:
        """Record how a cycle ended; `report` is a JSON text. Raises `Misused` for an unknown cycle."""
        ending = {"finished_at": finished_at, "exit_code": exit_code}
        values = {**ending, "report": report, "idle": idle}
        if self._update(_CYCLE, values, id=cycle_id) != 1:
            raise Misused(f"there is no cycle {cycle_id}; this is a bug, please report it")

    def last_cycles(self, count: int) -> list[CycleRow]:
        """The newest cycles, newest first."""
        rows = starmap(CycleRow, self._read(_LAST, number=count))
        return [replace(row, idle=bool(row.idle)) for row in rows]

    def drop_idle_reports(self, but: str) -> int:
        """Forget the reports of idle cycles but this one; the cycles stay. Returns how many."""
        return self._write(_DROP_IDLE, {"but": but}).rowcount

    def put_observation(self, row: ObservationRow) -> None:
        """Replace the last observation of a vendor."""
        self._upsert(_OBSERVATION, [row], key=("vendor",))

    def observations(self) -> dict[str, ObservationRow]:
        """The last observation of each vendor, by its name."""
        return {row.vendor: row for row in self._rows(ObservationRow, _OBSERVATION)}

    def forget_moments(self) -> None:
        """Nothing is known any more of when records and vendors were last seen."""
        self._update(_MAPPING, {"base_at": 0.0})
        self._update(_OBSERVATION, {"started_at": 0.0})

    def get_meta(self, key: str) -> str | None:
        """A single value, or None where it was never put."""
        found = self._read(_VALUE, wanted=key)
        return found[0][0] if found else None

    def put_meta(self, key: str, value: str) -> None:
        """Put or replace a single value."""
        self._write(_PUT_VALUE, {"key": key, "value": value})

    def counts(self) -> Counts:
        """How much the store holds."""
        [counted] = self._read(_COUNTS)
        return Counts(*counted)

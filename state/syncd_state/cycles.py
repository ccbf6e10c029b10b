"""Cycles with their reports, the last observation of each vendor, single values, and counts."""

from dataclasses import replace
from itertools import starmap

from syncd_state.access import Access, names_of
from syncd_state.columns import CYCLE, MAPPING, META, OBSERVATION
from syncd_state.errors import Misused
from syncd_state.journal import UNSETTLED
from syncd_state.rows import Counts, CycleRow, ObservationRow
from syncd_state.statements import parameters_of, selecting, upserting

_NEWEST_FIRST = "ORDER BY cycle.started_at DESC, cycle.id DESC"
LAST = (
    f"{selecting(CYCLE, names_of(CycleRow), ())} \n"
    f"WHERE cycle.id IN ({selecting(CYCLE, ('id',), ())} {_NEWEST_FIRST}\n LIMIT :number OFFSET :first) {_NEWEST_FIRST}"
)
DROP_IDLE = "UPDATE cycle SET report=NULL WHERE idle = 1 AND report IS NOT NULL AND cycle.id != :but"
"""In the words of the index on it."""
VALUE = 'SELECT meta.value \nFROM meta \nWHERE meta."key" = :wanted'
PUT_VALUE = upserting(META, ("key", "value"), ("key",))

_COUNTED = (
    "appointment",
    "appointment \nWHERE appointment.ended = 1",
    "appointment \nWHERE appointment.pending = 1",
    "mapping",
    "mapping \nWHERE mapping.live = 1",
    "mapping \nWHERE mapping.tombstone = 1",
    "quarantine",
    '"conflict" \nWHERE "conflict".open = 1',
    "held",
    "held \nWHERE held.approved_at IS NOT NULL",
    "journal \nWHERE journal.state IN (:state_is_0, :state_is_1)",
)
"""As `Counts` has them."""
_NUMBERS = (f"(SELECT count(*) AS count_{n} \nFROM {what}) AS anon_{n}" for n, what in enumerate(_COUNTED, 1))
COUNTS = f"SELECT {', '.join(_NUMBERS)}"


class Cycles(Access):
    """Reading and writing cycles, observations and single values."""

    def begin_cycle(self, cycle_id: str, started_at: str) -> None:
        """Record that a cycle runs. Raises `Misused` where the id was used before."""
        self._insert(CYCLE, {"id": cycle_id, "started_at": started_at, "idle": False})

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
        if self._update(CYCLE, values, id=cycle_id) != 1:
            raise Misused(f"there is no cycle {cycle_id}; this is a bug, please report it")

    def last_cycles(self, count: int) -> list[CycleRow]:
        """The newest cycles, newest first."""
        rows = starmap(CycleRow, self._read(LAST, number=count, first=0))
        return [replace(row, idle=bool(row.idle)) for row in rows]

    def drop_idle_reports(self, but: str) -> int:
        """Forget the reports of idle cycles but this one; the cycles stay. Returns how many."""
        return self._write(DROP_IDLE, {"but": but}).rowcount

    def put_observation(self, row: ObservationRow) -> None:
        """Replace the last observation of a vendor."""
        self._upsert(OBSERVATION, [row], key=("vendor",))

    def observations(self) -> dict[str, ObservationRow]:
        """The last observation of each vendor, by its name."""
        return {row.vendor: row for row in self._rows(ObservationRow, OBSERVATION)}

    def forget_moments(self) -> None:
        """Nothing is known any more of when records and vendors were last seen."""
        self._update(MAPPING, {"base_at": 0.0})
        self._update(OBSERVATION, {"started_at": 0.0})

    def get_meta(self, key: str) -> str | None:
        """A single value, or None where it was never put."""
        found = self._read(VALUE, wanted=key)
        return found[0][0] if found else None

    def put_meta(self, key: str, value: str) -> None:
        """Put or replace a single value."""
        self._write(PUT_VALUE, {"key": key, "value": value})

    def counts(self) -> Counts:
        """How much the store holds."""
        _, unsettled = parameters_of({"state": list(UNSETTLED)})
        [counted] = self._read(COUNTS, **unsettled)
        return Counts(*counted)

"""The tables by their names and columns, as statements and the look at a file need them.

`tables` declares them, with types, constraints and indexes, and the migrations make them; the tests hold equal to that
what stands here. It is told twice because a store of this revision is opened, read and written without SQLAlchemy: to
load that takes longer than a cycle in which nothing happened.
"""

from collections.abc import Mapping
from dataclasses import dataclass

HEAD = "0006"
"""The revision of the migrations that `tables` describes."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table: its columns in their order, and those of them that hold truth values."""

    name: str
    columns: tuple[str, ...]
    flags: frozenset[str] = frozenset()


def _table(name: str, columns: str, flags: str = "") -> Table:
    return Table(name, tuple(columns.split()), frozenset(flags.split()))


APPOINTMENT = _table(
    "appointment",
    "id start end ended pending created_at updated_at agreed provenance",
    flags="ended pending",
)
MAPPING = _table(
    "mapping",
    "id appointment_id vendor remote_id start live tombstone tombstone_reason fingerprint version modified_at base_at "
    "base accepted written shared",
    flags="live tombstone shared",
)
QUARANTINE = _table("quarantine", "id vendor key appointment_id remote_id reason since cycle_id")
JOURNAL = _table(
    "journal",
    "id operation_id cycle_id vendor action appointment_id remote_id state intended_at settled_at reason error "
    "intended sent missed",
)
CONFLICT = _table(
    "conflict",
    "id cycle_id appointment_id field winner rule key open seen_at resolved_at resolution values_json",
    flags="open",
)
CYCLE = _table("cycle", "id started_at finished_at exit_code report idle", flags="idle")
OBSERVATION = _table(
    "observation",
    "vendor started_at ended_at window_start window_end records clock_offset unread",
)
HELD = _table("held", "operation_id cycle_id reason approved_at operation approved_by")
ACCOUNT = _table("account", "vendor place salt fingerprint name since")
META = _table("meta", "key value")

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        *(APPOINTMENT, MAPPING, QUARANTINE, JOURNAL, CONFLICT),
        *(CYCLE, OBSERVATION, HELD, ACCOUNT, META),
    )
}
"""All of them, by their names."""

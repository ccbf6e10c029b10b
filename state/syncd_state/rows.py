"""The rows that cross the store's interface: frozen values, one class a table.

Decides nothing. A table's SQLModel class declares the columns; these carry them, because thirty of them are built in
the time of one SQLModel instance and because a value that was read cannot be changed by accident. Units as in
`tables`: `str` instants are `YYYY-MM-DDTHH:MM:SS.ffffffZ`, `float` instants are seconds since the epoch.
An `id` that the database gives is None on the way in and set on the way out.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """One appointment; `agreed` and `provenance` are JSON texts."""

    id: str
    start: float
    end: float
    ended: bool
    pending: bool
    created_at: str
    updated_at: str
    agreed: str
    provenance: str


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One record of one vendor; `base`, `accepted` and `written` are JSON texts, the last None where there is none.

    Its identity is vendor and remote id. `shared`: other appointments have a part in the record.
    """

    appointment_id: str
    vendor: str
    remote_id: str
    start: float | None
    live: bool
    base_at: float
    base: str
    accepted: str
    fingerprint: bytes | None = None
    version: int | str | None = None
    modified_at: str | None = None
    tombstone: bool = False
    tombstone_reason: str | None = None
    written: str | None = None
    shared: bool = False
    id: int | None = None


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One thing left alone; its identity is vendor and key."""

    vendor: str
    key: str
    appointment_id: str | None
    remote_id: str | None
    reason: str
    since: str
    cycle_id: str
    id: int | None = None


class JournalState(StrEnum):
    """How an operation stands: the six that the table admits."""

    INTENDED = "intended"  # journalled; sent or about to be
    UNKNOWN = "unknown"  # sent, and no clear answer, or no reading, tells what came of it
    DONE = "done"
    FAILED = "failed"  # refused, or not kept: nothing was done
    STALE = "stale"  # the record had moved on: nothing was sent
    RESOLVED = "resolved"  # a later cycle found out what became of it


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One operation; `intended` is a JSON text, `state` a `JournalState`.

    `sent` is the last moment at which it can have been sent, in the store's own seconds; `missed` counts the listings
    that did not show a create without an answer.
    """

    operation_id: str
    cycle_id: str
    vendor: str
    action: str
    appointment_id: str
    remote_id: str | None
    intended: str
    reason: str
    intended_at: str
    state: str = JournalState.INTENDED
    settled_at: str | None = None
    error: str | None = None
    sent: float | None = None
    missed: int | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One conflict; `values_json` is a JSON text. Its identity is the key."""

    cycle_id: str
    appointment_id: str
    field: str
    values_json: str
    winner: str | None
    rule: str
    key: str
    open: bool
    seen_at: str
    resolved_at: str | None = None
    resolution: str | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class CycleRow:
    """One run; `report` is a JSON text, or None where it is not kept or the run did not finish.

    `idle`: it did nothing and had nothing new to tell.
    """

    id: str
    started_at: str
    finished_at: str | None
    exit_code: int | None
    report: str | None
    idle: bool = False


@dataclass(frozen=True, slots=True)
class ObservationRow:
    """The last listing of one vendor; all times in seconds since the epoch, `clock_offset` in seconds."""

    vendor: str
    started_at: float
    ended_at: float
    window_start: float
    window_end: float
    records: int
    clock_offset: float | None
    unread: int


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One operation that waits for approval, or has it: since when, and whose. `operation` is a JSON text."""

    operation_id: str
    cycle_id: str
    operation: str
    reason: str
    approved_at: str | None = None
    approved_by: str | None = None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """The account of one vendor; `fingerprint` and `name` are hashes under `salt`."""

    vendor: str
    place: str
    salt: bytes
    fingerprint: bytes
    name: bytes | None
    since: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the store holds, for a status line."""

    appointments: int
    ended: int
    pending: int
    mappings: int
    live: int
    tombstones: int
    quarantined: int
    conflicts_open: int
    held: int
    approved: int
    unsettled: int

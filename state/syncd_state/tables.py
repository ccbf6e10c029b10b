"""The tables of the store, their constraints and their indexes.

Decides the shape on disk; the migrations bring a file to it, and `columns` tells statements what they need to know of
it. Leaves the meaning of JSON texts, states and rules to the store's user. Instants are text
`YYYY-MM-DDTHH:MM:SS.ffffffZ` where the column is a `str`, and seconds since the epoch where it is a `float`. Wide JSON
columns come last, so that SQLite reads the narrow ones without them.
"""

from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, Integer, MetaData, Table, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Ids that people type must never be given to another row: an operator could release the wrong one.
_NEVER_REUSED = {"sqlite_autoincrement": True}


class _Stored(SQLModel):
    """A table of the store: in its own metadata, apart from any other SQLModel of the program."""

    metadata = metadata
    __table__: ClassVar[Table]
    __table_args__: ClassVar[Any] = ()


class Appointment(_Stored, table=True):
    """What the records of one real-life appointment agree on."""

    __tablename__ = "appointment"
    __table_args__ = (
        Index("ix_appointment_start", "start", "id"),
        Index("ix_appointment_pending", "pending", "id"),
        Index("ix_appointment_end", "end", "id"),
    )

    id: str = Field(primary_key=True)
    start: float
    end: float
    ended: bool
    pending: bool
    created_at: str
    updated_at: str
    agreed: str = Field(sa_type=Text)
    provenance: str = Field(sa_type=Text)


class Mapping(_Stored, table=True):
    """Which record at which vendor belongs to which appointment, and how it was last read back.

    `shared` says that other appointments have a part in the record.
    """

    __tablename__ = "mapping"
    __table_args__ = (
        UniqueConstraint("vendor", "remote_id"),
        # Covers the index of a vendor from some start on, so that a cycle reads no wide row and
        # nothing of the past to recognise unchanged records.
        Index(
            "ix_mapping_vendor_start",
            "vendor",
            "start",
            "live",
            "remote_id",
            "appointment_id",
            "tombstone",
            "fingerprint",
        ),
        Index("ix_mapping_shared", "shared", sqlite_where=text("shared = 1")),
    )

    id: int | None = Field(default=None, primary_key=True)
    appointment_id: str = Field(foreign_key="appointment.id", index=True)
    vendor: str
    remote_id: str
    start: float | None
    live: bool
    tombstone: bool
    tombstone_reason: str | None
    fingerprint: bytes | None
    version: int | str | None = Field(sa_type=Integer)
    modified_at: str | None
    base_at: float
    base: str = Field(sa_type=Text)
    accepted: str = Field(sa_type=Text)
    written: str | None = Field(sa_type=Text)
    shared: bool


class Quarantine(_Stored, table=True):
    """What is left alone at one vendor until it changes or an operator acts."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("vendor", "key"), _NEVER_REUSED)

    id: int | None = Field(default=None, primary_key=True)
    vendor: str
    key: str
    appointment_id: str | None
    remote_id: str | None
    reason: str
    since: str
    cycle_id: str


class Journal(_Stored, table=True):
    """Each operation: intended before it is sent, settled after.

    `sent` is the last moment at which it can have been, in the store's own seconds, which never run backwards. `missed`
    is how many listings did not show what a create without an answer made; none where its answer was clear, or it was
    found.
    """

    __tablename__ = "journal"
    __table_args__ = (
        CheckConstraint("state IN ('intended', 'done', 'failed', 'unknown', 'stale', 'resolved')", name="state"),
        Index("ix_journal_missed", "missed", sqlite_where=text("missed IS NOT NULL")),
        Index("ix_journal_intended_at", "intended_at", "id"),
        _NEVER_REUSED,
    )

    id: int | None = Field(default=None, primary_key=True)
    operation_id: str
    cycle_id: str = Field(index=True)
    vendor: str
    action: str
    appointment_id: str = Field(index=True)
    remote_id: str | None
    state: str = Field(index=True)
    intended_at: str
    settled_at: str | None
    reason: str
    error: str | None
    intended: str = Field(sa_type=Text)
    sent: float | None
    missed: int | None


class Conflict(_Stored, table=True):
    """Vendors that changed one field to different values, with all of them."""

    __tablename__ = "conflict"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_conflict_seen_at", "seen_at", "id"),
        _NEVER_REUSED,
    )

    id: int | None = Field(default=None, primary_key=True)
    cycle_id: str
    appointment_id: str = Field(index=True)
    field: str
    winner: str | None
    rule: str
    key: str
    open: bool = Field(index=True)
    seen_at: str
    resolved_at: str | None
    resolution: str | None
    values_json: str = Field(sa_type=Text)


class Cycle(_Stored, table=True):
    """One run, with its report as long as it is kept. `idle`: it did nothing and had nothing new to
    tell.
    """

    __tablename__ = "cycle"
    __table_args__ = (
        Index("ix_cycle_started_at", "started_at", "id"),
        # Pruning looks at the one or two idle cycles that still have a report, not at years.
        Index(
            "ix_cycle_idle",
            "started_at",
            "id",
            sqlite_where=text("idle = 1 AND report IS NOT NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    started_at: str
    finished_at: str | None
    exit_code: int | None
    report: str | None = Field(sa_type=Text)
    idle: bool


class Observation(_Stored, table=True):
    """The last listing of each vendor: when, which window, how much."""

    __tablename__ = "observation"

    vendor: str = Field(primary_key=True)
    started_at: float
    ended_at: float
    window_start: float
    window_end: float
    records: int
    clock_offset: float | None
    unread: int


class Held(_Stored, table=True):
    """An operation that waits for an operator's approval."""

    __tablename__ = "held"

    operation_id: str = Field(primary_key=True)
    cycle_id: str
    reason: str
    approved_at: str | None
    operation: str = Field(sa_type=Text)
    approved_by: str | None


class Account(_Stored, table=True):
    """Which account at a vendor the records are of.

    `place` is where it is. `fingerprint` and `name` are hashes under `salt`: of what opens it, and of what the vendor
    calls it, where it has a name for it.
    """

    __tablename__ = "account"

    vendor: str = Field(primary_key=True)
    place: str
    salt: bytes
    fingerprint: bytes
    name: bytes | None
    since: str


class Meta(_Stored, table=True):
    """Single values that belong to no other table."""

    __tablename__ = "meta"

    key: str = Field(primary_key=True)
    value: str

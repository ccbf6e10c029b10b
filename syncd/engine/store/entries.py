"""What an operator looks up at the desk, as values of the engine's own.

Instants are datetimes, and JSON is read. The store's rows end here, so that a column may change
without the command line.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, TypeVar

from syncd.compare.identity import MAY_BE_NEW
from syncd.engine.store.rows import moment_from, moment_if_any
from syncd.engine.store.texts import parsed, value_from
from syncd.model.appointment import Field
from syncd.model.memory import Known
from syncd.model.times import LONG_AGO
from syncd_state import (
    ConflictRow,
    Counts,
    CycleRow,
    HeldRow,
    JournalRow,
    ObservationRow,
    QuarantineRow,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How much the store holds. `pending` wait for work; `approved` are among those `held`."""

    appointments: int
    ended: int
    pending: int
    live: int
    unsettled: int
    held: int
    approved: int
    quarantined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LastListing:
    """A vendor's last complete listing. `at` is None where the clock was set back since."""

    at: datetime | None
    records: int
    unread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCycle:
    """One run. What it has not come to is None.

    `report` is the document that was stored, None where it is not kept. `idle`: it did nothing,
    and had nothing to tell that the one before it had not told.
    """

    id: str
    started_at: datetime
    finished_at: datetime | None
    exit_code: int | None
    report: abc.Mapping[str, Any] | None
    idle: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEntry:
    """An operation that the guard holds, and why. `approved_at`: None until it was released.

    `changes` are its fields before and after, empty where a former version held it; `missing_at`
    the vendors at which a record is missing, if it rests on that.
    """

    operation: str
    appointment: str
    vendor: str
    action: str
    summary: str
    reason: str
    changes: abc.Mapping[Field, tuple[Any, Any]]
    missing_at: frozenset[str]
    approved_at: datetime | None
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineEntry:
    """What is left alone at a vendor: a record, or where there is none an appointment's operation.

    `asks`: whether it is a question, if syncd made the record or somebody booked anew.
    """

    id: int
    vendor: str
    remote_id: str | None
    appointment: str | None
    reason: str
    since: datetime
    asks: bool

    @property
    def what(self) -> str:
        """The record or the appointment, in a word."""
        return self.remote_id or self.appointment or "a record"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictEntry:
    """A conflict with all values by vendor, as plain JSON; also a change that was rejected.

    `winner` is None where nobody won. `resolution` says how it was closed, None while it is open.
    """

    id: int
    appointment: str
    field: Field
    values: abc.Mapping[str, Any]
    winner: str | None
    rule: str
    seen_at: datetime
    resolution: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One operation that was sent or about to be; `settled_at`: None while its end is open."""

    vendor: str
    action: str
    state: str
    intended_at: datetime
    settled_at: datetime | None
    reason: str
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything that the store knows of one appointment."""

    known: Known
    journal: tuple[JournalEntry, ...]
    conflicts: tuple[ConflictEntry, ...]
    quarantines: tuple[QuarantineEntry, ...]


def tally_of(counts: Counts) -> Tally:
    """The store's counts."""
    return _told(Tally, counts)


def listing_of(row: ObservationRow) -> LastListing:
    """A vendor's last complete listing."""
    # Where the clock was set back, the time was forgotten: what is left reads as 1970.
    at = datetime.fromtimestamp(row.started_at, UTC)
    return _told(LastListing, row, at=at if at > LONG_AGO else None)


def cycle_of(row: CycleRow) -> PastCycle:
    """One run."""
    return _told(
        PastCycle,
        row,
        started_at=moment_from(row.started_at),
        finished_at=moment_if_any(row.finished_at),
        report=None if row.report is None else parsed(row.report),
    )


def held_of(row: HeldRow) -> HeldEntry:
    """A held operation."""
    said = parsed(row.operation)
    return _told(
        HeldEntry,
        row,
        operation=row.operation_id,
        appointment=said["appointment"],
        vendor=said["vendor"],
        action=said["action"],
        summary=said["summary"],
        changes={
            Field(name): (value_from(Field(name), old), value_from(Field(name), new))
            for name, (old, new) in said.get("changes", {}).items()
        },
        missing_at=frozenset(said.get("missing_at", ())),
        approved_at=moment_if_any(row.approved_at),
        approved_by=row.approved_by or "an operator",
    )


def quarantined_of(row: QuarantineRow) -> QuarantineEntry:
    """An entry of the quarantine."""
    return _told(
        QuarantineEntry,
        row,
        appointment=row.appointment_id,
        since=moment_from(row.since),
        asks=is_question(row),
    )


def is_question(row: QuarantineRow) -> bool:
    """Whether an entry asks if a record is what it seems to be, or a booking of its own."""
    return row.key.startswith(MAY_BE_NEW)


def conflict_of(row: ConflictRow) -> ConflictEntry:
    """A conflict, open or not."""
    return _told(
        ConflictEntry,
        row,
        appointment=row.appointment_id,
        field=Field(row.field),
        values=parsed(row.values_json),
        seen_at=moment_from(row.seen_at),
        resolution=None if row.open else row.resolution or "closed",
    )


def journalled_of(row: JournalRow) -> JournalEntry:
    """An entry of the journal."""
    return _told(
        JournalEntry,
        row,
        intended_at=moment_from(row.intended_at),
        settled_at=moment_if_any(row.settled_at),
    )


def _told(kind: type[T], row: Any, **otherwise: Any) -> T:
    """A value that has what its row has under the same names, but for some that are read first."""
    names = {one.name for one in fields(kind)} - otherwise.keys()  # type: ignore[arg-type]
    return kind(**{name: getattr(row, name) for name in names}, **otherwise)

"""What an operator looks up at the desk, as values of the engine's own.

Instants are datetimes, and JSON is read. The store's rows end here, so that a column may change
without the command line.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import syncd_state
from syncd.compare.identity import DOUBT, QUESTION
from syncd.engine.store.rows import moment_from
from syncd.engine.store.texts import parsed, value_from
from syncd.model.appointment import Field
from syncd.model.memory import Known
from syncd.model.times import LONG_AGO


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


def tally_of(counts: syncd_state.Counts) -> Tally:
    """The store's counts."""
    return Tally(
        appointments=counts.appointments,
        ended=counts.ended,
        pending=counts.pending,
        live=counts.live,
        unsettled=counts.unsettled,
        held=counts.held,
        approved=counts.approved,
        quarantined=counts.quarantined,
    )


def listing_of(row: syncd_state.ObservationRow) -> LastListing:
    """A vendor's last complete listing."""
    at = datetime.fromtimestamp(row.started_at, UTC)
    return LastListing(at=at if at > LONG_AGO else None, records=row.records, unread=row.unread)


def cycle_of(row: syncd_state.CycleRow) -> PastCycle:
    """One run."""
    return PastCycle(
        id=row.id,
        started_at=moment_from(row.started_at),
        finished_at=_moment(row.finished_at),
        exit_code=row.exit_code,
        report=None if row.report is None else parsed(row.report),
        idle=row.idle,
    )


def held_of(row: syncd_state.HeldRow) -> HeldEntry:
    """A held operation."""
    said = parsed(row.operation)
    return HeldEntry(
        operation=row.operation_id,
        appointment=said["appointment"],
        vendor=said["vendor"],
        action=said["action"],
        summary=said["summary"],
        reason=row.reason,
        changes={
            Field(name): (value_from(Field(name), old), value_from(Field(name), new))
            for name, (old, new) in said.get("changes", {}).items()
        },
        missing_at=frozenset(said.get("missing_at", ())),
        approved_at=_moment(row.approved_at),
        approved_by=row.approved_by or "an operator",
    )


def quarantined_of(row: syncd_state.QuarantineRow) -> QuarantineEntry:
    """An entry of the quarantine."""
    return QuarantineEntry(
        id=_id_of(row),
        vendor=row.vendor,
        remote_id=row.remote_id,
        appointment=row.appointment_id,
        reason=row.reason,
        since=moment_from(row.since),
        asks=is_question(row),
    )


def is_question(row: syncd_state.QuarantineRow) -> bool:
    """Whether an entry asks if a record is what it seems to be, or a booking of its own."""
    return row.key.startswith((QUESTION, DOUBT))


def conflict_of(row: syncd_state.ConflictRow) -> ConflictEntry:
    """A conflict, open or not."""
    return ConflictEntry(
        id=_id_of(row),
        appointment=row.appointment_id,
        field=Field(row.field),
        values=parsed(row.values_json),
        winner=row.winner,
        rule=row.rule,
        seen_at=moment_from(row.seen_at),
        resolution=None if row.open else row.resolution or "closed",
    )


def journalled_of(row: syncd_state.JournalRow) -> JournalEntry:
    """An entry of the journal."""
    return JournalEntry(
        vendor=row.vendor,
        action=row.action,
        state=row.state,
        intended_at=moment_from(row.intended_at),
        settled_at=_moment(row.settled_at),
        reason=row.reason,
        error=row.error,
    )


def _id_of(row: syncd_state.QuarantineRow | syncd_state.ConflictRow) -> int:
    """The number by which an operator names a row; one that was read has it."""
    assert row.id is not None
    return row.id


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment_from(text)

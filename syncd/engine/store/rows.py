"""Canonical values to the store's rows and back. Pure; when and why is `ledger`'s business."""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from datetime import UTC, datetime

from syncd.engine.store.texts import (
    Shown,
    appointment_from,
    parsed,
    shown_from,
    to_json,
    value_from,
)
from syncd.engine.store.unanswered import NOTHING_SENT, Intention
from syncd.model.appointment import Field
from syncd.model.memory import Known, Mapping, Quarantine, Waiting
from syncd.model.plan import Held, NextState, Quarantined
from syncd.model.record import Complete
from syncd.model.revision import Revision
from syncd.model.times import LONG_AGO
from syncd_state import AppointmentRow, HeldRow, MappingRow, ObservationRow, QuarantineRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What is kept for one vendor from cycle to cycle: its own memory, and the keys of the grave
    notices it gave.
    """

    memory: str = ""
    noticed: frozenset[str] = frozenset()


def _stored(revision: Revision | None) -> int | str | None:
    """A revision as its column has it: a tag in quotes, as SQLite makes a number of digits."""
    return to_json(revision) if isinstance(revision, str) else revision


def _revision_from(stored: int | str | None) -> Revision | None:
    return parsed(stored) if isinstance(stored, str) else stored


def _known_at(row: MappingRow, base: Shown, observed: ObservationRow | None) -> float:
    """When the record was last known to be as its base, in seconds since the epoch.

    A listing may leave out what is cancelled: one without a fingerprint was in none since it ended.
    """
    unlisted = row.fingerprint is None and not base.values.status.live
    # A listing that did not show it so, or could not, was no look at it.
    unseen = unlisted or base.missing or base.aside or base.base_unseen
    if observed is None or row.start is None or unseen:
        return row.base_at
    reached = observed.window_start <= row.start < observed.window_end
    return max(row.base_at, observed.started_at) if reached else row.base_at


def mapping_from(
    row: MappingRow,
    observed: ObservationRow | None,
    pending: abc.Mapping[tuple[str, str], Intention],
    *,
    undated: bool = False,
) -> Mapping:
    """A mapping from its row. `undated`: nothing tells when it was known to be as its base.

    `known_at` counts in the vendor's last listing, where that held the record, and an intention
    without an outcome: right before one is journalled, the record is seen to be as its base.

    12:00 a listing shows the record as its base
    12:04 it is looked at, still so; the intention to move it is journalled, and the process dies
    12:05 another time is shown: changed since 12:04, by whomever
    """
    base = shown_from(row.base)
    known_at = _known_at(row, base, observed)
    intention = pending.get((row.vendor, row.remote_id), NOTHING_SENT)
    if intention.at is not None:
        known_at = max(known_at, intention.at.timestamp())
    return Mapping(
        vendor=row.vendor,
        remote_id=row.remote_id,
        base=base.values,
        shows=base.shows,
        acknowledged=appointment_from(row.accepted),
        known_at=LONG_AGO if undated else datetime.fromtimestamp(known_at, UTC),
        fingerprint=row.fingerprint,
        revision=_revision_from(row.version),
        modified_at=moment_if_any(row.modified_at),
        in_flight=intention.target,
        in_flight_fields=intention.fields,
        in_flight_since=intention.at,
        in_flight_sent_by=intention.sent_by,
        tombstone=row.tombstone_reason,
        written=frozenset(map(Field, parsed(row.written or "[]"))),
        **base.marks,
    )


def appointment_row(one: NextState | Known, now: str, pending: bool) -> AppointmentRow:
    """An appointment as the store's row; one that is stored keeps the time when it was made.

    `pending`: the next cycle has a look at it, whatever the vendors show.
    """
    return AppointmentRow(
        id=one.id,
        start=one.agreed.slot.start.timestamp(),
        end=one.agreed.slot.end.timestamp(),
        ended=not one.agreed.status.live,
        pending=pending,
        created_at=now,
        updated_at=now,
        agreed=to_json(one.agreed),
        provenance=to_json(one.provenance),
    )


def mapping_row(appointment: str, mapping: Mapping) -> MappingRow:
    """A mapping as the store's row."""
    return MappingRow(
        appointment_id=appointment,
        vendor=mapping.vendor,
        remote_id=mapping.remote_id,
        start=mapping.base.slot.start.timestamp(),
        live=mapping.base.status.live and mapping.tombstone is None,
        base_at=mapping.known_at.timestamp(),
        base=to_json(Shown.of(mapping)),
        accepted=to_json(mapping.acknowledged),
        fingerprint=mapping.fingerprint,
        version=_stored(mapping.revision),
        modified_at=None if mapping.modified_at is None else text_of(mapping.modified_at),
        tombstone=mapping.tombstone is not None,
        tombstone_reason=mapping.tombstone,
        written=to_json(sorted(mapping.written)) if mapping.written else None,
        shared=bool(mapping.guests),
    )


def observation_row(snapshot: Complete) -> ObservationRow:
    """A complete snapshot as the row of its vendor's last listing."""
    return ObservationRow(
        vendor=snapshot.vendor,
        started_at=snapshot.started_at.timestamp(),
        ended_at=snapshot.ended_at.timestamp(),
        window_start=snapshot.window.since.timestamp(),
        window_end=snapshot.window.until.timestamp(),
        records=snapshot.listed,
        clock_offset=snapshot.clock_offset,
        unread=len(snapshot.unread),
    )


def release_of(row: HeldRow) -> str:
    """Who released an operation, and when."""
    at = moment_if_any(row.approved_at)
    return f"{row.approved_by or 'an operator'} on {at:%Y-%m-%d %H:%M} UTC" if at else ""


def waiting_from(row: HeldRow) -> Waiting:
    """What the guard is told of an operation that it held. One of a former version said nothing of
    its values.
    """
    said = parsed(row.operation)
    new = {Field(name): both[1] for name, both in said.get("changes", {}).items()}
    return Waiting(
        reason=row.reason,
        vendor=said["vendor"],
        appointment=said["appointment"],
        values={name: value_from(name, value) for name, value in new.items()},
    )


def held_row(cycle: str, held: Held) -> HeldRow:
    """A held operation as its row."""
    operation = held.operation
    shown = {
        "vendor": operation.vendor,
        "action": operation.action,
        "appointment": operation.appointment,
        "remote_id": operation.remote_id,
        "summary": held.summary,
        "reason": operation.reason,
        "doubtful": held.doubtful,
        "missing_at": held.missing_at,
        "changes": dict(operation.changes),
    }
    return HeldRow(
        operation_id=operation.id,
        cycle_id=cycle,
        operation=to_json(shown),
        reason=held.reason,
    )


def quarantine_from(row: QuarantineRow) -> Quarantine:
    """A quarantine from its row."""
    return Quarantine(
        vendor=row.vendor,
        key=row.key,
        reason=row.reason,
        appointment=row.appointment_id,
        remote_id=row.remote_id,
        since=moment_from(row.since),
    )


def quarantine_row(cycle: str, now: str, entry: Quarantine | Quarantined) -> QuarantineRow:
    """A quarantine as its row, from now on."""
    return QuarantineRow(
        vendor=entry.vendor,
        key=entry.key,
        appointment_id=entry.appointment,
        remote_id=entry.remote_id,
        reason=entry.reason,
        since=now,
        cycle_id=cycle,
    )


def text_of(moment: datetime) -> str:
    """An instant as the store's text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


moment_from = datetime.fromisoformat
"""An instant from the store's text."""


def moment_if_any(text: str | None) -> datetime | None:
    """The same where there may be none."""
    return None if text is None else moment_from(text)

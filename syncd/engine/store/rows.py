"""The store's rows to canonical values and back. Pure; when and why is `ledger`'s business."""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import syncd_state
from syncd.compare.identity import digest, plain
from syncd.engine.store.texts import Shown, appointment_from, parsed, shown_from, to_json, typed
from syncd.model.appointment import Appointment, Field
from syncd.model.memory import Mapping, Quarantine, UnsettledCreate
from syncd.model.plan import Action, Held, NextState, Step
from syncd.model.record import Complete
from syncd.model.revision import Revision
from syncd.model.times import LONG_AGO

IndexEntry = syncd_state.IndexEntry


@dataclass(slots=True)
class Index:
    """What is known of one vendor's records, narrow: to compare a listing with.

    `entries` are by remote id, those of an `Overview` and others that were looked up since. `live`
    counts the live records from the window's beginning on, of which the guard's percentages are.
    `untold` are the ids of those that were that in its last listing, `unlinked` of those in
    quarantine.
    """

    vendor: str
    entries: dict[str, syncd_state.IndexEntry]
    live: int
    observation: syncd_state.ObservationRow | None
    untold: frozenset[str] = frozenset()
    unlinked: frozenset[str] = frozenset()

    @property
    def read_before(self) -> bool:
        """Whether an earlier cycle saw all of it, with nothing left unread but what nobody can
        tell.
        """
        return self.observation is not None and self.observation.unread <= len(self.untold)

    @property
    def lingering(self) -> frozenset[str]:
        """The ids of records that were there before, although nothing could be made of them."""
        return self.untold | self.unlinked


def looked_at_anew(
    vendor: str,
    entry: IndexEntry,
    unsettled: abc.Container[tuple[str, str | None]],
    by_other_rules: bool,
) -> IndexEntry:
    """An entry without its fingerprint where an unchanged row proves nothing: a write to the record
    is unsettled, or its time was read by other rules of its zone.

    The write may have been carried out and undone by a person, which a version tells.
    """
    anew = by_other_rules or (vendor, entry.remote_id) in unsettled
    return entry._replace(fingerprint=None) if anew else entry


@dataclass(frozen=True, slots=True)
class Overview:
    """All that a cycle needs before it knows which appointments are concerned.

    The indexes hold the records that start at `since` (seconds since the epoch) or later; see
    `Ledger.find`, `reach`. `late` have a create that counts as not done and may still land; `said`,
    `decision` and `shifted` are as in `Memory`.
    """

    indexes: dict[str, Index]
    since: float
    pending: tuple[str, ...]
    late: tuple[str, ...]
    said: abc.Mapping[tuple[str, str], bool]
    quarantines: tuple[Quarantine, ...]
    approved: frozenset[str]
    held: frozenset[str]
    approved_appointments: frozenset[str]
    decision: str | None
    shifted: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What is kept for one vendor from cycle to cycle: its own memory, and the keys of the grave
    notices it gave.
    """

    memory: str = ""
    noticed: frozenset[str] = frozenset()


def remembered_from(kept: str | None) -> Remembered:
    """What was kept for a vendor, nothing where that is nothing."""
    if kept is None:
        return Remembered()
    values = parsed(kept)
    return Remembered(memory=values["memory"], noticed=frozenset(values["noticed"]))


def text_of_remembered(remembered: Remembered) -> str:
    """The same as the store keeps it."""
    return to_json({"memory": remembered.memory, "noticed": sorted(remembered.noticed)})


def plain_changes(operation: Step) -> dict[str, Any]:
    """The new values of an operation as plain JSON: what the payload is made from."""
    return {name.value: plain(new) for name, (_, new) in operation.changes.items()}


Moment = abc.Callable[[float], datetime]
"""When something was, of which the store's own seconds are known, as the system's clock counts now.
"""


class Intention(NamedTuple):
    """A write without an outcome: what it asked for, in which fields, and when it was about to be
    sent.
    """

    target: Appointment
    fields: frozenset[Field]
    at: datetime


def unsettled(
    tx: syncd_state.Transaction, moment: Moment
) -> tuple[dict[tuple[str, str], Intention], dict[str, list[UnsettledCreate]]]:
    """Intentions without an outcome: those on records, by record, and creates, by appointment."""
    pending: dict[tuple[str, str], Intention] = {}
    creates: dict[str, list[UnsettledCreate]] = defaultdict(list)
    for row in tx.journal_unsettled():
        intended = parsed(row.intended)
        target = typed(intended["target"], Appointment)
        if row.remote_id is not None:
            fields = frozenset(Field(name) for name in intended["fields"])
            pending[row.vendor, row.remote_id] = Intention(target, fields, _sent(row, moment))
        elif row.action == Action.CREATE.value:
            creates[row.appointment_id].append(create_from(row, moment))
    return pending, creates


def create_from(row: syncd_state.JournalRow, moment: Moment) -> UnsettledCreate:
    """A create without an answer, from its entry."""
    intended = parsed(row.intended)
    return UnsettledCreate(
        operation=str(row.id),
        vendor=row.vendor,
        intended=typed(intended["target"], Appointment),
        token=intended["token"],
        intended_at=_sent(row, moment),
        missed=row.missed or 0,
    )


def _sent(row: syncd_state.JournalRow, moment: Moment) -> datetime:
    """When an entry was written, which was right before it was sent. One of an older version has
    the system's time.
    """
    return moment_from(row.intended_at) if row.sent is None else moment(row.sent)


def _stored(revision: Revision | None) -> int | str | None:
    """A revision as its column has it: a tag in quotes, as SQLite makes a number of digits."""
    return to_json(revision) if isinstance(revision, str) else revision


def _revision_from(stored: int | str | None) -> Revision | None:
    return parsed(stored) if isinstance(stored, str) else stored


def _known_at(
    row: syncd_state.MappingRow, base: Shown, observed: syncd_state.ObservationRow | None
) -> float:
    """When the record was last known to be as its base, in seconds since the epoch.

    A listing may leave out what is cancelled: one without a fingerprint was in none since it ended.
    """
    unlisted = row.fingerprint is None and not base.values.status.live
    if observed is None or row.start is None or base.missing or base.aside or unlisted:
        return row.base_at
    reached = observed.window_start <= row.start < observed.window_end
    return max(row.base_at, observed.started_at) if reached else row.base_at


def mapping_from(
    row: syncd_state.MappingRow,
    observed: syncd_state.ObservationRow | None,
    pending: abc.Mapping[tuple[str, str], Intention],
    *,
    undated: bool = False,
) -> Mapping:
    """A mapping from its row. `undated`: nothing tells when it was known to be as its base.

    `known_at` counts in the vendor's last listing, where that held the record, and an intention
    without an outcome: right before one is journalled, the record is seen to be as its base.
    """
    base = shown_from(row.base)
    known_at = _known_at(row, base, observed)
    intention = pending.get((row.vendor, row.remote_id))
    if intention is not None:
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
        modified_at=None if row.modified_at is None else moment_from(row.modified_at),
        in_flight=intention.target if intention else None,
        in_flight_fields=intention.fields if intention else frozenset(),
        in_flight_since=intention.at if intention else None,
        tombstone=row.tombstone_reason if row.tombstone else None,
        missing=base.missing,
        lapsed=base.lapsed,
        keeps_word=base.keeps_word,
        written=frozenset(Field(name) for name in parsed(row.written or "[]")),
        parts=base.parts,
        guests=base.guests,
        aside=base.aside,
        surplus=base.surplus,
        unlike=base.unlike,
        wall=base.wall,
        unconfirmed=base.unconfirmed,
    )


def appointment_row(
    next_state: NextState, now: str, *, working: bool
) -> syncd_state.AppointmentRow:
    """An appointment as the store's row; `working` says that an operation of it is about to be
    carried out.
    """
    return syncd_state.AppointmentRow(
        id=next_state.id,
        start=next_state.agreed.slot.start.timestamp(),
        end=next_state.agreed.slot.end.timestamp(),
        ended=not next_state.agreed.status.live,
        pending=next_state.needs_another_cycle or working,
        created_at=now,
        updated_at=now,
        agreed=to_json(next_state.agreed),
        provenance=to_json(next_state.provenance),
    )


def mapping_row(appointment: str, mapping: Mapping) -> syncd_state.MappingRow:
    """A mapping as the store's row."""
    return syncd_state.MappingRow(
        appointment_id=appointment,
        vendor=mapping.vendor,
        remote_id=mapping.remote_id,
        start=mapping.base.slot.start.timestamp(),
        live=mapping.base.status.live and mapping.tombstone is None,
        base_at=mapping.known_at.timestamp(),
        base=to_json(_shown(mapping)),
        accepted=to_json(mapping.acknowledged),
        fingerprint=mapping.fingerprint,
        version=_stored(mapping.revision),
        modified_at=None if mapping.modified_at is None else text_of(mapping.modified_at),
        tombstone=mapping.tombstone is not None,
        tombstone_reason=mapping.tombstone,
        written=to_json(sorted(mapping.written)) if mapping.written else None,
        shared=bool(mapping.guests),
    )


def _shown(mapping: Mapping) -> Shown:
    return Shown(
        mapping.base,
        mapping.shows,
        missing=mapping.missing,
        lapsed=mapping.lapsed,
        keeps_word=mapping.keeps_word,
        aside=mapping.aside,
        parts=mapping.parts,
        surplus=mapping.surplus,
        guests=dict(mapping.guests),
        unlike=mapping.unlike,
        wall=mapping.wall,
        unconfirmed=mapping.unconfirmed,
    )


def observation_row(snapshot: Complete) -> syncd_state.ObservationRow:
    """A complete snapshot as the row of its vendor's last listing."""
    return syncd_state.ObservationRow(
        vendor=snapshot.vendor,
        started_at=snapshot.started_at.timestamp(),
        ended_at=snapshot.ended_at.timestamp(),
        window_start=snapshot.window.since.timestamp(),
        window_end=snapshot.window.until.timestamp(),
        records=snapshot.listed,
        clock_offset=snapshot.clock_offset,
        unread=len(snapshot.unread),
    )


def held_row(cycle: str, held: Held) -> syncd_state.HeldRow:
    """A held operation as its row."""
    operation = held.operation
    shown = {
        "vendor": operation.vendor,
        "action": operation.action.value,
        "appointment": operation.appointment,
        "remote_id": operation.remote_id,
        "summary": operation.summary,
        "reason": operation.reason,
        "doubtful": held.doubtful,
    }
    return syncd_state.HeldRow(
        operation_id=operation.id,
        cycle_id=cycle,
        operation=to_json(shown),
        reason=held.reason,
        approved_at=None,
    )


def journal_row(
    cycle: str,
    operation: Step,
    token: str,
    owed: str,
    now: str,
    sent: float,
) -> syncd_state.JournalRow:
    """An operation that is about to be sent, as the journal's row; `sent` is in the store's own
    seconds.
    """
    intended = {
        "target": operation.target,
        "fields": sorted(operation.changes),
        "token": token,
        "payload": digest(plain_changes(operation)),
        **({"owed": owed} if owed else {}),
    }
    return syncd_state.JournalRow(
        operation_id=operation.id,
        cycle_id=cycle,
        vendor=operation.vendor,
        action=operation.action.value,
        appointment_id=operation.appointment,
        remote_id=operation.remote_id,
        intended=to_json(intended),
        reason=operation.reason,
        intended_at=now,
        sent=sent,
        missed=0 if operation.action is Action.CREATE else None,
    )


def quarantine_from(row: syncd_state.QuarantineRow) -> Quarantine:
    """A quarantine from its row."""
    return Quarantine(
        vendor=row.vendor,
        key=row.key,
        reason=row.reason,
        appointment=row.appointment_id,
        remote_id=row.remote_id,
        since=moment_from(row.since),
    )


def quarantine_row(cycle: str, now: str, entry: Quarantine) -> syncd_state.QuarantineRow:
    """A quarantine as its row."""
    return syncd_state.QuarantineRow(
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


def moment_from(text: str) -> datetime:
    """An instant from the store's text."""
    return datetime.fromisoformat(text)

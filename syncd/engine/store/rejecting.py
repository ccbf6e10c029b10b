"""Rejecting what the guard holds: which operations go together, and what is stored of it.

What a rejection comes to is `reconcile.rejection`. Here it is one short transaction, as all that an
operator decides; the next cycle takes it up. Who rejected, and when, is kept as long as the
appointment: as a conflict that was decided, and as the reason of what is written.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import syncd_state
from syncd.engine.store.conflicts import conflict_row
from syncd.engine.store.entries import HeldEntry, held_of
from syncd.engine.store.lookup import DECISION, Lookup
from syncd.engine.store.refusals import NotRejectable
from syncd.engine.store.rows import appointment_row, held_row, mapping_row, text_of
from syncd.model.appointment import Field, Status
from syncd.model.memory import Known, Mapping
from syncd.model.plan import Action, Conflict, Held, Step
from syncd.reconcile import Rejected, Verdict, reject_absence, reject_change

REJECTED = "rejected"
"""The rule by which a rejected change and what it was against are stored as a conflict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """One change that is rejected, in `fields`: `named` is the operation that was named, `others`
    those that come from the same change, wholly or in part. At `origins` it is to be taken back;
    `missing` are their records, where they are that.
    """

    appointment: str
    named: HeldEntry
    fields: frozenset[Field]
    others: tuple[HeldEntry, ...]
    origins: frozenset[str]
    missing: tuple[Mapping, ...] = ()

    @property
    def ends(self) -> bool:
        """Whether it is rejected that the appointment was scheduled again."""
        was, _ = self.named.changes.get(Field.STATUS, (None, None))
        return was is Status.CANCELLED and not self.missing

    def settles(self, entry: HeldEntry) -> bool:
        """Whether nothing is left of a held operation; what is left waits as before."""
        return bool(entry.missing_at) or entry.changes.keys() <= self.fields


def reject(
    ledger: Lookup, entries: abc.Sequence[HeldEntry], by: str, released: abc.Iterable[Step] = ()
) -> list[Rejection]:
    """Reject what these held operations come from; `released` are those that take it back, as the
    operator was shown them: the guard does not ask about them once more.

    Raises NotRejectable, and then nothing is rejected.
    """
    now = ledger.clock()
    found: list[Rejection] = []
    done: dict[str, frozenset[Field]] = {}
    with ledger.store.write() as tx:
        left = {row.operation_id: row for row in tx.held()}
        held = frozenset(left)
        for entry in entries:
            _require(entry.operation in held, entry, "it is not held any more")
            if entry.operation not in left:
                continue  # it went with one before it
            before = done.get(entry.appointment, frozenset())
            rejection = _rejected(ledger, tx, entry, before, left, Verdict(by, now))
            done[entry.appointment] = before | rejection.fields
            for gone in (rejection.named, *rejection.others):
                if gone.missing_at or gone.changes.keys() <= done[entry.appointment]:
                    del left[gone.operation]
            found.append(rejection)
        hold_released(tx, left, released, "it takes back what was rejected", by, now)
        tx.put_meta(DECISION, f"{REJECTED} {text_of(now)}")
    return found


def _require(true: bool, entry: HeldEntry, why: str) -> None:
    if not true:
        raise NotRejectable(f"{entry.operation} cannot be rejected: {why}; nothing was changed")


def _rejected(
    ledger: Lookup,
    tx: syncd_state.Transaction,
    entry: HeldEntry,
    before: frozenset[Field],
    left: abc.Mapping[str, syncd_state.HeldRow],
    verdict: Verdict,
) -> Rejection:
    """Reject one of them in the fields that were not rejected `before`, and store what its
    appointment is then.
    """
    known = next(iter(ledger.known_in(tx, [entry.appointment])), None)
    if known is None:
        raise NotRejectable(
            f"{entry.operation} cannot be rejected: nothing is known of it any more"
        )
    changes = {name: both for name, both in entry.changes.items() if name not in before}
    back = _decided(known, entry, changes, verdict)
    entries = [held_of(row) for key, row in left.items() if key != entry.operation]
    missing = tuple(m for m in known.mappings if m.vendor in entry.missing_at and not m.tombstone)
    _keep(tx, back.known, text_of(verdict.at))
    _put_on_record(tx, known, back, entry, verdict)
    return Rejection(
        appointment=known.id,
        named=entry,
        fields=frozenset({Field.STATUS} if entry.missing_at else changes),
        others=tuple(one for one in entries if _is_of_one_change(one, entry)),
        origins=back.origins,
        missing=missing,
    )


def _keep(tx: syncd_state.Transaction, known: Known, now: str) -> None:
    """Store what an appointment is from now on; the next cycle looks at it."""
    tx.upsert_appointments([appointment_row(known, now, pending=True)])
    tx.upsert_mappings([mapping_row(known.id, mapping) for mapping in known.mappings])


def _decided(
    known: Known,
    entry: HeldEntry,
    changes: abc.Mapping[Field, tuple[Any, Any]],
    verdict: Verdict,
) -> Rejected:
    """What becomes of its appointment. Raises NotRejectable."""
    if entry.missing_at:
        makes = entry.action == Action.CREATE
        _require(not makes, entry, "it makes a record anew, as a rejection would: approve it")
        return reject_absence(known, entry.missing_at, verdict)
    _require(bool(changes), entry, "a former version held it; run one cycle first")
    back = reject_change(known, entry.vendor, changes, verdict)
    _require(bool(back.origins), entry, "nothing says which vendor's people changed it")
    return back


def _is_of_one_change(one: HeldEntry, other: HeldEntry) -> bool:
    """Whether two held operations come from one change: of the same field, or one absence."""
    if one.appointment != other.appointment or bool(one.missing_at) is not bool(other.missing_at):
        return False
    same_absence = bool(one.missing_at & other.missing_at)
    return same_absence or not one.changes.keys().isdisjoint(other.changes)


def _put_on_record(
    tx: syncd_state.Transaction, known: Known, back: Rejected, entry: HeldEntry, verdict: Verdict
) -> None:
    """Who rejected it and when, with the values on both sides: none is lost."""
    resolution = f"rejected by {verdict.by}: it stays as {entry.vendor} has it"
    called_off = {Field.STATUS: (known.agreed.status, Status.CANCELLED)}
    rows, now = [], text_of(verdict.at)
    [cycle] = tx.last_cycles(1)
    for name, (old, new) in (called_off if entry.missing_at else entry.changes).items():
        values = {entry.vendor: old, **dict.fromkeys(sorted(back.origins), new)}
        conflict = Conflict(
            appointment=known.id, field=name, values=values, winner=entry.vendor, rule=REJECTED
        )
        row = conflict_row(cycle.id, conflict, now)
        rows.append(replace(row, resolution=resolution, resolved_at=now))
    tx.put_conflicts(rows)


def hold_released(
    tx: syncd_state.Transaction,
    left: abc.Mapping[str, syncd_state.HeldRow],
    released: abc.Iterable[Step],
    reason: str,
    by: str,
    now: datetime,
) -> None:
    """What is held from now on: what is left of it, and what an operator was shown, released."""
    rows = dict(left)
    for step in released:
        row = rows.get(step.id) or held_row("", Held(operation=step, reason=reason))
        if not row.approved_at:
            rows[step.id] = replace(row, approved_at=text_of(now), approved_by=by)
    [cycle] = tx.last_cycles(1)
    tx.replace_held(cycle.id, list(rows.values()))

"""Moves of cancelled records: what they say of their appointment, and what is lost of them. Pure.

Nobody sees such a move where no listing shows what is cancelled, and it goes down with its record.
"""

from __future__ import annotations

from collections import abc

from syncd.compare.sameness import same_value
from syncd.model.appointment import Appointment, Field
from syncd.model.memory import Provenance
from syncd.model.policy import ConflictRule, Policy
from syncd.reconcile.diff.changes import Change
from syncd.reconcile.merge.merged import CANCEL_WINS, Merged
from syncd.reconcile.merge.taking import taken
from syncd.reconcile.merge.wording import describe


def those_telling(
    moves: abc.Iterable[Change],
    agreed: Appointment,
    provenance: abc.Mapping[str, Provenance],
    merged: Merged,
) -> list[Change]:
    """Those that tell something of an appointment: all, where it did not stand all the time."""
    stood = agreed.status.live and merged.appointment.status.live
    return [move for move in moves if not stood or _is_heard_late(move, agreed, provenance)]


def _is_heard_late(
    move: Change, agreed: Appointment, provenance: abc.Mapping[str, Provenance]
) -> bool:
    """Whether a cancelled record may have been moved before its appointment was scheduled again,
    and nobody moved that since: heard of in time, the move would have been taken.

        09:00 called off everywhere; the CRM's record, which no listing shows then, is moved
        10:00 the site schedules it again, at the old time
        10:01 the CRM's record is read, to be scheduled again too: it is at another time
    """
    again = provenance.get(Field.STATUS)
    unmoved = same_value(Field.SLOT, move.old, agreed.slot)
    return unmoved and again is not None and not again.when.surely_before(move.when)


def merge_moves(
    moves: abc.Sequence[Change],
    telling: abc.Sequence[Change],
    others: abc.Sequence[Change],
    merged: Merged,
    policy: Policy,
) -> None:
    """Moves of cancelled records: those `telling` of the appointment count, unless a record that
    was not cancelled was moved as well.
    """
    outdone = not telling or bool(others)
    if not outdone:
        _move_quietly(telling, merged, policy)
    _record_lost(moves, outdone, merged)


def _move_quietly(moves: abc.Sequence[Change], merged: Merged, policy: Policy) -> None:
    """Where records of a cancelled appointment were moved, it has moved: if it is revived, it is
    there. Nobody has to decide.
    """
    latest = max(moves, key=lambda change: change.when.latest)
    before, came = merged.appointment.slot, merged.provenance.get(Field.SLOT)
    seen = any(same_value(Field.SLOT, before, known) for known in (latest.old, latest.new))
    if came is not None and came.vendor != latest.vendor and not seen:
        values = {came.vendor: before, latest.vendor: latest.new}
        text = f"{describe(latest)}; against that, {came.text}: the later change wins"
        merged.record(Field.SLOT, values, latest, ConflictRule.NEWEST.value, text)
    moved = taken(merged.appointment, latest, (), policy)
    merged.take(latest, moved.slot, describe(latest))


def _record_lost(moves: abc.Sequence[Change], outdone: bool, merged: Merged) -> None:
    """Keep on record what was lost of moves of cancelled records.

    `outdone`: a record that was not cancelled was moved as well, or the appointment stands already.
    While a person is asked whether it stands, they may count yet.
    """
    # Where nobody ever moved the appointment itself, whoever revived it stands for the time that it
    # has.
    origin = merged.provenance.get(Field.SLOT) or merged.provenance.get(Field.STATUS)
    slot = merged.appointment.slot
    lost = [move for move in moves if not same_value(Field.SLOT, move.new, slot)]
    if lost:
        if origin is None:
            return
        _put_on_record(lost, origin, outdone, merged)
    if outdone and Field.STATUS not in merged.frozen:
        merged.outdone |= {move.vendor for move in moves}


def _put_on_record(
    lost: abc.Sequence[Change], origin: Provenance, outdone: bool, merged: Merged
) -> None:
    """That these moves were lost against the time that the appointment has, and why."""
    slot = merged.appointment.slot
    why, rule = "the later change wins", ConflictRule.NEWEST.value
    if outdone:
        why, rule = "its record was not cancelled", CANCEL_WINS
    against = "; ".join(describe(move) for move in lost)
    values = {move.vendor: move.new for move in lost} | {origin.vendor: slot}
    text = f"{origin.text}; against that, {against}: {why}"
    merged.record(Field.SLOT, values, origin, rule, text)

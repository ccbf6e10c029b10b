"""Writes without an outcome, in the journal: what each was to do, how long it may still be carried
out, and what has now been seen of it.

A create that got no answer, and was looked for in vain, counts as not done; for a day it may still
be carried out, and then be found.

    Fri 16:00 a create gets no answer, and two listings do not show what it made
    Fri 17:00 the daemon is stopped
    Sat 13:00 it is carried out after all
    Mon 09:00 the first listing since shows the record
So what counts is not when the day is over, but the first complete listing that began after it: that
one shows for the last time what the create may have made.

An intention says when a write was begun, and not when it was sent: a vendor may have to be asked
for much before that, or wait for its turn. What may still come is counted from when it got no
answer, or from when the next cycle found it open.

    12:00:00 a create is journalled; its client's customer is looked for
    12:00:22 it is sent, and a gateway gives up on it
    12:02:12 it is carried out: not yet two minutes since it was sent, and more since it was begun
"""

from __future__ import annotations

import math
from collections import abc, defaultdict
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from syncd.compare.identity import digest, plain
from syncd.engine.store.texts import parsed, to_json, typed
from syncd.engine.store.ticks import Ticks
from syncd.model.appointment import Appointment, Field
from syncd.model.memory import Mapping, UnsettledCreate
from syncd.model.plan import Action, NextState, Step
from syncd.model.record import Complete, Snapshot
from syncd_state import JournalRow, JournalState, Transaction

LATE = 86400.0
"""For so many seconds a create that got no answer may still be carried out."""

_LISTED = "listed"
"""By vendor, when the last complete listing began that was decided on, in the store's own seconds.
"""

Moment = abc.Callable[[float], datetime]
"""When something was, of which the store's own seconds are known, as the system's clock counts now.
"""

Creates = dict[str, list[UnsettledCreate]]
"""Creates without an answer, by appointment."""


class Intention(NamedTuple):
    """A write without an outcome: what it asked for, in which fields, when it was begun, and the
    last moment at which it can have been sent.
    """

    target: Appointment | None
    fields: frozenset[Field]
    at: datetime | None
    sent_by: datetime | None


NOTHING_SENT = Intention(None, frozenset(), None, None)
"""What is in flight to a record to which nothing is."""


def journal_row(
    cycle: str, operation: Step, token: str, owed: str, now: str, begun: float
) -> JournalRow:
    """An operation that is about to be sent, as the journal's row; `begun` is in the store's own
    seconds.
    """
    payload = {name.value: plain(new) for name, (_, new) in operation.changes.items()}
    intended = {
        "target": operation.target,
        "fields": sorted(operation.changes),
        "token": token,
        "payload": digest(payload),
        "begun": begun,
        **({"owed": owed} if owed else {}),
    }
    return JournalRow(
        operation_id=operation.id,
        cycle_id=cycle,
        vendor=operation.vendor,
        action=operation.action.value,
        appointment_id=operation.appointment,
        remote_id=operation.remote_id,
        intended=to_json(intended),
        reason=operation.reason,
        intended_at=now,
        sent=begun,
        missed=0 if operation.action is Action.CREATE else None,
    )


def unsettled(tx: Transaction, moment: Moment) -> tuple[dict[tuple[str, str], Intention], Creates]:
    """Intentions without an outcome: those on records, by record, and creates, by appointment."""
    pending: dict[tuple[str, str], Intention] = {}
    creates: Creates = defaultdict(list)
    for row in tx.journal_unsettled():
        # A create has no record yet; anything else is about one.
        if row.remote_id is not None:
            when = _begun(row, moment), _sent_by(row, moment)
            pending[row.vendor, row.remote_id] = Intention(*_asked(row), *when)
        elif row.action == Action.CREATE:
            creates[row.appointment_id].append(_create_from(row, moment))
    return pending, creates


def may_be_revived(tx: Transaction, vendor: str, remote_id: str) -> bool:
    """Whether a write that got no answer may still schedule a record again."""
    for row in tx.journal_unsettled():
        if (row.vendor, row.remote_id) == (vendor, remote_id):
            target, fields = _asked(row)
            if target.status.live and Field.STATUS in fields:
                return True
    return False


def overdue(tx: Transaction) -> list[JournalRow]:
    """The journal's entries of creates that count as not done, and may still be found."""
    listed = _listed(tx)
    rows = tx.journal_late(expected_since(tx))
    return [
        row
        for row in rows
        if row.sent is not None and row.sent > listed.get(row.vendor, 0.0) - LATE
    ]


def overdue_by_appointment(tx: Transaction, moment: Moment) -> Creates:
    """The same as creates."""
    found: Creates = defaultdict(list)
    for row in overdue(tx):
        found[row.appointment_id].append(_create_from(row, moment))
    return found


def open_marks(tx: Transaction, vendor: str) -> set[str]:
    """The marks of creates at a vendor of which nobody knows what they made, and that may have."""
    # One whose record is known is no surprise there: what that is owed is its own client's.
    rows = [row for row in (*tx.journal_unsettled(), *overdue(tx)) if row.remote_id is None]
    return {parsed(row.intended)["token"] for row in rows if row.vendor == vendor}


def expected_since(tx: Transaction) -> float:
    """From when on creates may still be found, whose vendor was listed least of all; in the store's
    own seconds.
    """
    return min(_listed(tx).values(), default=0.0) - LATE


def note_listed(
    tx: Transaction, snapshots: abc.Iterable[Snapshot], ticks: Ticks, now: datetime
) -> None:
    """Remember which complete listings are decided on with this transaction. `now` is on the
    system's clock.
    """
    listed = _listed(tx)
    for snapshot in snapshots:
        if isinstance(snapshot, Complete):
            ago = (now - snapshot.started_at).total_seconds()
            listed[snapshot.vendor] = ticks.now() - max(ago, 0.0)
        else:
            # One that was never listed holds up all: its creates are waited for from the beginning.
            listed.setdefault(snapshot.vendor, 0.0)
    tx.put_meta(_LISTED, to_json(listed))


def resolve(
    tx: Transaction,
    next_states: abc.Sequence[NextState],
    looked_at: abc.Container[str],
    now: str,
) -> None:
    """Close journal entries whose outcome has now been seen, and count the listings that show
    nothing of it; of the appointments that were looked at alone.
    """
    settled, missed, given_up = set[str](), set[str](), set[str]()
    for one in next_states:
        settled.update(one.settled)
        missed.update(one.missed)
        given_up.update(one.given_up)
    landed = _landed(next_states)
    for row in (*tx.journal_unsettled(), *overdue(tx)):
        if row.appointment_id not in looked_at:
            continue
        assert row.id is not None
        name, missing = str(row.id), (row.missed or 0) + 1
        if name in settled or (row.vendor, row.remote_id) in landed:
            tx.journal_settle(row.id, JournalState.RESOLVED, row.error, now)
        elif name in given_up:
            # It counts as not done, and is not forgotten: for a day it may still land.
            tx.journal_give_up(row.id, missing, now)
        elif name in missed:
            tx.journal_missed(row.id, missing)


def close_seen(tx: Transaction, cycle: str, before: Mapping, now: str) -> None:
    """Close what earlier cycles left open of a record, where a look at it right before a write
    shows that nothing is in flight to it any more.
    """
    if before.in_flight is not None:
        return
    for row in tx.journal_unsettled_of(before.vendor, before.remote_id):
        if row.cycle_id != cycle:  # what this one sent may be carried out yet
            assert row.id is not None
            tx.journal_settle(row.id, JournalState.RESOLVED, row.error, now)


def _landed(next_states: abc.Iterable[NextState]) -> set[tuple[str, str]]:
    """The records to which nothing is in flight any more."""
    mappings = chain.from_iterable(one.mappings for one in next_states)
    return {(one.vendor, one.remote_id) for one in mappings if one.in_flight is None}


def _create_from(row: JournalRow, moment: Moment) -> UnsettledCreate:
    intended = parsed(row.intended)
    return UnsettledCreate(
        operation=str(row.id),
        vendor=row.vendor,
        intended=typed(intended["target"], Appointment),
        token=intended["token"],
        intended_at=_begun(row, moment),
        sent_by=_sent_by(row, moment),
        missed=row.missed or 0,
    )


def _asked(row: JournalRow) -> tuple[Appointment, frozenset[Field]]:
    """What a write was to bring a record to, and in which fields."""
    intended = parsed(row.intended)
    return typed(intended["target"], Appointment), frozenset(map(Field, intended["fields"]))


def _begun(row: JournalRow, moment: Moment) -> datetime:
    """When an entry was written. One of an older version has the system's time."""
    begun = parsed(row.intended).get("begun", row.sent)
    return datetime.fromisoformat(row.intended_at) if begun is None else moment(begun)


def _sent_by(row: JournalRow, moment: Moment) -> datetime:
    """The last moment at which an entry can have been sent: as long as nothing says that it got no
    answer, that is now.
    """
    if row.state == JournalState.INTENDED:
        return moment(math.inf)
    return _begun(row, moment) if row.sent is None else moment(row.sent)


def _listed(tx: Transaction) -> dict[str, float]:
    return dict(parsed(tx.get_meta(_LISTED) or "{}"))

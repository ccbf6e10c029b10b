"""What the store knows of times after the clock was set back: nothing, but that it was before.

    12:00 the office moves an appointment, while the CRM cannot be reached
    12:05 the clock is set back to 11:05
    11:10 the CRM's people move it as well, and it can be read again: by the two times the office's
          move would be the later one
What was dated by the clock of before happened before the moment at which that was noticed. More
nobody can tell, and so such a change is neither later nor earlier than another.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from syncd.engine.store.texts import provenance_from, to_json
from syncd.model.memory import Provenance
from syncd.model.times import LONG_AGO, Interval
from syncd_state import AppointmentRow, Transaction

_BATCH = 500


def forget_moments(tx: Transaction, now: datetime) -> None:
    """Take every moment for an unknown one before `now`: of when records and vendors were last
    seen, and of when what is agreed was changed. It touches every appointment, and is rare.
    """
    tx.forget_moments()
    ids = tx.appointments_starting(float("-inf"), float("inf"))
    for first in range(0, len(ids), _BATCH):
        rows = tx.appointments(ids[first : first + _BATCH])
        tx.upsert_appointments([_undated(row, now) for row in rows])


def dated(said: dict[str, Provenance], now: datetime) -> dict[str, Provenance]:
    """Why values are what they are; what was changed at a moment yet to come, by another clock than
    this one, has none.
    """
    return {key: one if one.when.latest <= now else _before(one, now) for key, one in said.items()}


def _undated(row: AppointmentRow, now: datetime) -> AppointmentRow:
    said = {key: _before(one, now) for key, one in provenance_from(row.provenance).items()}
    return replace(row, provenance=to_json(said))


def _before(said: Provenance, now: datetime) -> Provenance:
    return replace(said, when=Interval(earliest=LONG_AGO, latest=now))

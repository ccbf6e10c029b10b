"""Records of which nobody moved one, and whose wall-clock times mean other instants than before.
Pure.

Governments change the rules of their zones, and a new edition of the zone database brings that to
syncd:
    March  10:00 in the office is 09:00 UTC, and the CRM has 09:00 UTC
    April  the rules change: 10:00 in the office is 08:00 UTC now; nobody moved anything, and the
          CRM has 09:00 UTC
    May    where all of an appointment's records are at another time now, so is the appointment;
          else a person is asked
Whether the CRM's time came from the office or the office's from the CRM, nothing tells. The same
holds where a vendor has another zone than before (`shifted`).
"""

from __future__ import annotations

from collections import abc
from datetime import datetime, timedelta

from syncd.compare.sameness import rounded
from syncd.model.appointment import Appointment, Field
from syncd.model.memory import Aspect, Mapping
from syncd.model.record import Record
from syncd.model.times import Slot
from syncd.model.wallclock import only_rules_changed
from syncd.reconcile.diff.observation import Presence, Replica

_QUARTER = timedelta(minutes=15)


def rezoned(
    replicas: dict[str, Replica], agreed: Appointment, shifts: abc.Mapping[str, timedelta]
) -> tuple[dict[str, Replica], Appointment]:
    """The replicas with what such a record means now as its base, and the agreed values with that
    time, if all have it.

    Where they do not, each keeps its own start, and who has it otherwise is noted (`unlike`). One
    that is to be moved anyway, as somebody moved another, is none of these. `shifts` are by how
    much nearly all records of a vendor moved at once.
    """
    moved = {name: _meant_now(replica, shifts.get(name)) for name, replica in replicas.items()}
    if not any(moved.values()):
        return replicas, agreed
    found = {vendor: _based(replica, moved[vendor]) for vendor, replica in replicas.items()}
    steady = [name for name, replica in replicas.items() if not _is_behind(replica, agreed)]
    return _compared(found, steady, agreed)


def _compared(
    found: dict[str, Replica], steady: abc.Sequence[str], agreed: Appointment
) -> tuple[dict[str, Replica], Appointment]:
    """The replicas and the agreed values once the `steady` records are at one time again, or each
    keeps its own.
    """
    timed = [found[name].mapping for name in steady if _has_a_time(found[name])]
    common = _common([mapping.base.slot for mapping in timed])
    if common is not None:
        agreed = _starting(agreed, common.start)
    for name in steady if timed else ():
        found[name] = _apart(found[name]) if common is None else _level(found[name], agreed)
    return found, agreed


def _common(slots: abc.Sequence[Slot]) -> Slot | None:
    """The one at whose start all are, as far as their vendors keep minutes; zones differ by more
    than that.

    09:07 everywhere, but for the office, which keeps 09:05 of it
    10:05 the office's zone changes, by an hour: 10:05 is none of 09:07
    09:05 the zone is put right: all are at one time again
    """
    for slot in slots:
        if all(_is_at(one, slot) for one in slots):
            return slot
    return None


def _is_at(one: Slot, other: Slot) -> bool:
    near = abs(one.start - other.start) < _QUARTER and rounded(one, other)
    return near or one.minute == other.minute


def _is_behind(replica: Replica, agreed: Appointment) -> bool:
    """Whether somebody moved the appointment, and the record has yet to be moved after it."""
    return replica.mapping.acknowledged.slot.minute != agreed.slot.minute


def _has_a_time(replica: Replica) -> bool:
    return not replica.gone and Field.SLOT in replica.mapping.shows


def _meant_now(replica: Replica, shift: timedelta | None) -> Slot | None:
    """When a record takes place by its clock's new rules, or by its vendor's new zone, as long as
    before; None where that is no other time.
    """
    before, record = replica.mapping, replica.record
    if replica.presence is not Presence.DECODED or record is None:
        return None
    slot, base = record.content.slot, before.base.slot
    if slot.start == base.start or not is_nobodys(before, record, shift):
        return None
    return slot if slot.all_day else Slot(start=slot.start, end=slot.start + base.duration)


def is_nobodys(mapping: Mapping, record: Record, shift: timedelta | None) -> bool:
    """Whether a record that is at another time is so by its clock, and nobody moved it."""
    as_all = shift is not None and record.content.slot.start - mapping.base.slot.start == shift
    return as_all or only_rules_changed(mapping.wall, record.wall)


def _based(replica: Replica, slot: Slot | None) -> Replica:
    if slot is None:
        return replica
    return replica.with_mapping(base=replica.mapping.base.with_values({Field.SLOT: slot}))


def _starting(appointment: Appointment, start: datetime) -> Appointment:
    slot = appointment.slot
    return appointment.with_values(
        {Field.SLOT: Slot(start=start, end=start + slot.duration, all_day=slot.all_day)}
    )


def _level(replica: Replica, agreed: Appointment) -> Replica:
    """All records are at one time again, which is the appointment's: nobody is behind in that."""
    mapping = replica.mapping
    acknowledged = mapping.acknowledged.with_values({Field.SLOT: agreed.slot})
    unlike = mapping.unlike - {Aspect.START}
    return replica.with_mapping(acknowledged=acknowledged, unlike=unlike)


def _apart(replica: Replica) -> Replica:
    if Field.SLOT not in replica.mapping.shows:
        return replica
    return replica.with_mapping(unlike=replica.mapping.unlike | {Aspect.START})

"""What goes against each other although no change of this cycle says so. Pure.

    12:00 the CRM's record was found cancelled and the office's not: nobody knows which is true
    12:00 a status shows as before a write of ours without answer, and the record was edited since
A person is asked about the first. The second is put on record, and written again.
"""

from __future__ import annotations

from collections import abc

from syncd.compare.atoms import Atom, origins_of
from syncd.compare.attribution import perhaps_put_back
from syncd.compare.sameness import same_value
from syncd.model.appointment import Field
from syncd.model.memory import Provenance
from syncd.model.plan import Conflict
from syncd.model.policy import ConflictRule
from syncd.reconcile.diff.changes import Change
from syncd.reconcile.diff.observation import Presence, Replica
from syncd.reconcile.merge.merge import Merged


def disputed(
    replicas: abc.Mapping[str, Replica], changes: abc.Iterable[Change], merged: Merged
) -> tuple[str, ...]:
    """The vendors whose record is cancelled while the appointment stands, or the other way round,
    and nobody changed it.
    """
    changed = {change.vendor for change in changes if change.field is Field.STATUS}
    live = merged.appointment.status.live
    return tuple(
        vendor
        for vendor, replica in replicas.items()
        if vendor not in changed and _says_otherwise(replica, live)
    )


def _says_otherwise(replica: Replica, live: bool) -> bool:
    """Whether a record says that the appointment stands, or does not, against what it took."""
    return (
        replica.presence is not Presence.GONE
        and not replica.mapping.keeps_word
        and replica.mapping.acknowledged.status.live is live
        and replica.content.status.live is not live
    )


def contested(
    appointment: str, replicas: abc.Mapping[str, Replica], vendors: abc.Collection[str]
) -> list[Conflict]:
    """What a person is asked about the `disputed` vendors' records."""
    if not vendors:
        return []
    text = (
        f"the records of {', '.join(vendors)} and the others were found as they are, cancelled and "
        "not cancelled; nothing says which is true. Change one of them, or use "
        "'syncd conflicts resolve'"
    )
    return [
        Conflict(
            appointment=appointment,
            field=Field.STATUS,
            values={vendor: replica.content.status for vendor, replica in replicas.items()},
            winner=None,
            rule=ConflictRule.MANUAL.value,
            explanation=text,
        )
    ]


def written_again(
    appointment: str, replicas: abc.Mapping[str, Replica], merged: Merged
) -> list[Conflict]:
    """On record: what is written again although a person may have put it back after a write of ours
    without answer.
    """
    found = []
    told = merged.frozen | {conflict.field for conflict in merged.conflicts}
    for vendor, replica in replicas.items():
        for name in perhaps_put_back(replica.mapping, replica.record):
            origins = origins_of(merged.provenance, Atom(name))
            shown, agreed = replica.content.get(name), merged.appointment.get(name)
            if not origins or name in told or same_value(name, shown, agreed):
                continue
            if origins[-1].vendor != vendor:
                values = {vendor: shown, origins[-1].vendor: agreed}
                found.append(_on_record(appointment, name, vendor, values, origins[-1]))
    return found


def _on_record(
    appointment: str, name: Field, vendor: str, values: abc.Mapping[str, object], came: Provenance
) -> Conflict:
    text = (
        f"{came.text}; against that, {vendor} shows its {name} as before syncd's write of it, "
        "which got no answer, and was edited since: whether somebody put it back cannot be told, "
        "and it is written again"
    )
    return Conflict(
        appointment=appointment,
        field=name,
        values=values,
        winner=came.vendor,
        rule=ConflictRule.NEWEST.value,
        explanation=text,
    )

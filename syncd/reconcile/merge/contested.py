"""What goes against each other although no change of this cycle says so. Pure.

    12:00 the CRM's record was found cancelled and the office's not: nobody knows which is true
A person is asked.
"""

from __future__ import annotations

from collections import abc

from syncd.model.appointment import Field
from syncd.model.plan import Conflict
from syncd.model.policy import ConflictRule
from syncd.reconcile.diff.changes import Change
from syncd.reconcile.diff.observation import Presence, Replica
from syncd.reconcile.merge.merge import Merged


def disputed(
    replicas: abc.Mapping[str, Replica],
    changes: abc.Iterable[Change],
    merged: Merged,
    seats: abc.Set[str] = frozenset(),
) -> tuple[str, ...]:
    """The vendors whose record is cancelled while the appointment stands, or the other way round,
    and nobody changed it. `seats` said so of one client alone.
    """
    changed = seats | {change.vendor for change in changes if change.field is Field.STATUS}
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

"""What goes against each other although no change of this cycle says so. Pure.

    12:00 the CRM's record was found cancelled and the office's not: nobody knows which is true
    12:00 or with other notes than the office's: each keeps its own until one is said to be right
A person is asked.
"""

from __future__ import annotations

from collections import abc
from typing import Any

from syncd.model.appointment import Appointment, Field
from syncd.model.memory import Aspect
from syncd.model.plan import Conflict, Found
from syncd.model.policy import Policy
from syncd.reconcile.diff.changes import Change
from syncd.reconcile.diff.observation import Replica, Replicas
from syncd.reconcile.merge.merged import Merged
from syncd.reconcile.merge.unlike import Side


def disputed(
    replicas: Replicas,
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
        not replica.gone
        and not replica.mapping.keeps_word
        and replica.mapping.acknowledged.status.live is live
        and replica.content.status.live is not live
    )


def contested(appointment: str, replicas: Replicas, vendors: abc.Collection[str]) -> list[Conflict]:
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
            explanation=text,
        )
    ]


def questions(
    appointment: str,
    agreed: Appointment,
    sides: abc.Sequence[Side],
    unlike: abc.Mapping[str, abc.Set[Aspect]],
    policy: Policy,
) -> list[Conflict]:
    """What a person is to decide, one conflict a field, with the own value of each vendor that has
    a say in it.
    """
    found = []
    ranked = sorted(sides, key=lambda side: policy.rank(side.vendor))
    for name in Field if agreed.status.live else ():
        own = {vendor: {a for a in some if a.field is name} for vendor, some in unlike.items()}
        values = {one.vendor: one.content.get(name) for one in ranked if own.get(one.vendor)}
        if len(values) > 1:
            concerned = sorted(set().union(*own.values()))
            found.append(_question(appointment, name, values, concerned))
    return found


def _question(
    appointment: str, name: Field, values: abc.Mapping[str, Any], aspects: abc.Sequence[Aspect]
) -> Conflict:
    return Conflict(
        appointment=appointment,
        field=name,
        values=values,
        explanation=_explained(aspects, values),
        found=Found.ZONE_DATA if Aspect.START in aspects else Found.AT_LINKING,
    )


def _explained(aspects: abc.Sequence[Aspect], values: abc.Iterable[str]) -> str:
    if Aspect.START in aspects:
        return (
            f"nobody moved the records of {', '.join(values)}, or all of one vendor's at once: one "
            "of their zones is another now, or has other rules, so that they are at different "
            "times. Move one of them, or use 'syncd conflicts resolve'"
        )
    what = " and ".join(
        "number of clients" if aspect is Aspect.PEOPLE else aspect.value for aspect in aspects
    )
    return (
        f"the records of {', '.join(values)} were linked as they are, and differ in the {what}: "
        "each keeps its own. Change one of them, or use 'syncd conflicts resolve'"
    )

"""What becomes of records that are unlike each other although nobody edited one: when they are
linked, and later. Pure.

`unlike` says what a difference is, and what a record is to have meanwhile.
"""

from __future__ import annotations

from collections import Counter, abc, defaultdict
from dataclasses import replace
from itertools import chain

from syncd.compare.sameness import same_value
from syncd.model.appointment import Appointment, Field
from syncd.model.memory import Aspect, Known
from syncd.model.policy import Policy
from syncd.reconcile.diff.changes import Change
from syncd.reconcile.diff.observation import Replica, Replicas
from syncd.reconcile.merge.unlike import (
    Side,
    differing,
    in_own_terms,
    lacking,
    newly_told,
    settled,
    spoken,
)


def gaining(replica: Replica, before: Appointment, agreed: Appointment, policy: Policy) -> Replica:
    """A record beside one that brought what the agreed values lacked: it has heard of that, or is
    to be given it.

    What it was behind in before, it still is.
    """
    mapping, able = replica.mapping, policy.able(replica.mapping.vendor)
    acknowledged = newly_told(mapping.acknowledged, before, agreed)
    gained = {name for name in Field if agreed.get(name) != before.get(name)}
    lacks = lacking(mapping, able, acknowledged, several=policy.is_class(agreed))
    acknowledged = acknowledged.with_values(
        {name: value for name, value in lacks.items() if name in gained}
    )
    return replica.with_mapping(acknowledged=acknowledged)


def as_found(
    replicas: dict[str, Replica], new: abc.Set[str], agreed: Appointment, policy: Policy
) -> dict[str, Replica]:
    """Records that were just linked, beside those that were there: what they lack is behind, what
    differs is noted.
    """
    if not new or not agreed.status.live:
        return replicas
    own = _own_in(replicas, new, agreed, policy)
    found = {}
    for vendor, replica in replicas.items():
        mapping, record = replica.mapping, replica.record
        acknowledged = mapping.acknowledged
        if vendor in new and record is not None and record.whole:
            several = policy.is_class(agreed)
            lacks = lacking(mapping, policy.able(vendor), agreed, several=several)
            acknowledged = acknowledged.with_values(lacks)
        unlike = mapping.unlike | own[vendor]
        found[vendor] = replica.with_mapping(unlike=unlike, acknowledged=acknowledged)
    return found


def _own_in(
    replicas: Replicas, new: abc.Set[str], agreed: Appointment, policy: Policy
) -> dict[str, set[Aspect]]:
    """By vendor, in what its record is to keep its own."""
    own: dict[str, set[Aspect]] = defaultdict(set)
    for aspect, vendors in differing(sides(replicas, policy), new).items():
        heard = {v for v in vendors if v in new or _has_heard(replicas[v], aspect.field, agreed)}
        for vendor in heard if len(heard) > 1 else ():
            own[vendor].add(aspect)
    return own


def _has_heard(replica: Replica, name: Field, agreed: Appointment) -> bool:
    """Whether a record took what was agreed of a field: what it is behind in is written there, and
    no difference.
    """
    return same_value(name, replica.mapping.acknowledged.get(name), agreed.get(name))


def without_questions(
    known: Known, replicas: dict[str, Replica], agreed: Appointment, policy: Policy
) -> tuple[dict[str, Replica], Appointment]:
    """The records without the differences that are none any more, and the agreed values as they are
    then.

    Where all that differed are alike by now, that is agreed. Where a single one is left that has
    its own, the others having been deleted, it has the only value that somebody typed: but a record
    without a client was given none by nobody, and takes hers from no appointment.
        09:00 linked: the office's record is Ann's, and the CRM's, which takes no client, nobody's
        09:05 the office's is deleted: the appointment is Ann's still
    A vendor that is out of the configuration for a while is still one of them.
    """
    if not agreed.status.live:
        return replicas, agreed
    ranked = sorted(replicas, key=policy.rank)
    for aspect, count in sorted(_counted(known, replicas).items()):
        keep = [name for name in ranked if aspect in replicas[name].mapping.unlike]
        if not keep or count > len(keep):
            continue
        if count == 1 or not _still_differs(aspect, replicas, policy):
            own = in_own_terms(agreed, {aspect}, replicas[keep[0]].mapping.base)
            agreed = own if own.clients else agreed
            replicas = {name: _without(one, aspect, agreed) for name, one in replicas.items()}
    return replicas, agreed


def _counted(known: Known, replicas: Replicas) -> Counter[Aspect]:
    """In what records have their own, with how many do, those of vendors that are away included."""
    away = [m.unlike for m in known.mappings if m.vendor not in replicas and m.tombstone is None]
    return Counter(chain(*unlike_of(replicas).values(), *away))


def _still_differs(aspect: Aspect, replicas: Replicas, policy: Policy) -> bool:
    mine = {
        vendor: replica for vendor, replica in replicas.items() if aspect in replica.mapping.unlike
    }
    if aspect is Aspect.START:
        return len({replica.mapping.base.slot.minute for replica in mine.values()}) > 1
    return aspect in differing(sides(mine, policy), mine.keys())


def _without(replica: Replica, aspect: Aspect, agreed: Appointment) -> Replica:
    """A record that keeps its own in that no more: what it has is what was agreed, or it is
    behind.
    """
    mapping = replica.mapping
    if aspect not in mapping.unlike:
        return replica
    acknowledged = in_own_terms(mapping.acknowledged, {aspect}, mapping.base)
    return replica.with_mapping(acknowledged=acknowledged, unlike=mapping.unlike - {aspect})


def once_said(replicas: dict[str, Replica], changes: abc.Sequence[Change]) -> dict[str, Replica]:
    """The records once people said, by their changes, what is right of that in which the records
    differ.
    """
    if not any(replica.mapping.unlike for replica in replicas.values()):
        return replicas
    said = spoken(changes)
    return {
        vendor: replace(replica, mapping=settled(replica.mapping, said))
        for vendor, replica in replicas.items()
    }


def sides(replicas: Replicas, policy: Policy) -> list[Side]:
    """The records as they are compared: as they were before anybody's change in this cycle."""
    return [
        Side(vendor, replica.mapping.base, replica.mapping.shows, policy.able(vendor))
        for vendor, replica in replicas.items()
        if not replica.gone
    ]


def unlike_of(replicas: Replicas) -> dict[str, frozenset[Aspect]]:
    """In what each record has its own; of those that are there."""
    return {
        vendor: replica.mapping.unlike for vendor, replica in replicas.items() if not replica.gone
    }

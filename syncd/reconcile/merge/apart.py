"""What becomes of records that are unlike each other although nobody edited one: when they are linked, and later. Pure.

`unlike` says what a difference is, and what a record is to have meanwhile.
"""

from __future__ import annotations

from collections import Counter, abc
from dataclasses import replace

from syncd.compare.sameness import same_value
from syncd.model.appointment import Appointment, Field
from syncd.model.memory import Atom, Known
from syncd.model.policy import Policy
from syncd.reconcile.diff.changes import Change
from syncd.reconcile.diff.observation import Seen, Sight
from syncd.reconcile.merge.unlike import Side, differing, in_own_terms, lacking, newly_told, settled, spoken


def gaining(sight: Sight, before: Appointment, agreed: Appointment, policy: Policy) -> Sight:
    """A record beside one that brought what the agreed values lacked: it has heard of that, or is to be given it.

    What it was behind in before, it still is.
    """
    mapping, able = sight.mapping, policy.traits(sight.mapping.vendor).capabilities
    accepted = newly_told(mapping.accepted, before, agreed)
    gained = {name for name in Field if agreed.get(name) != before.get(name)}
    lacks = lacking(mapping.base, mapping.shows, able, accepted)
    accepted = accepted.with_values({name: value for name, value in lacks.items() if name in gained})
    return replace(sight, mapping=replace(mapping, accepted=accepted))


def as_found(sights: dict[str, Sight], new: abc.Set[str], agreed: Appointment, policy: Policy) -> dict[str, Sight]:
    """Records that were just linked, beside those that were there: what they lack is behind, what differs is noted."""
    if not new or not agreed.status.live:
        return sights
    unlike = {
        atom: {v for v in vendors if v in new or _has_heard(sights[v], atom.field, agreed)}
        for atom, vendors in differing(sides(sights, policy), new).items()
    }
    unlike = {atom: vendors for atom, vendors in unlike.items() if len(vendors) > 1}
    found = {}
    for vendor, sight in sights.items():
        mapping, able = sight.mapping, policy.traits(vendor).capabilities
        mine = frozenset(atom for atom, vendors in unlike.items() if vendor in vendors)
        accepted = mapping.accepted
        if vendor in new and sight.record is not None and sight.record.whole:
            accepted = accepted.with_values(lacking(mapping.base, mapping.shows, able, agreed))
        found[vendor] = replace(sight, mapping=replace(mapping, accepted=accepted, unlike=mapping.unlike | mine))
    return found


def _has_heard(sight: Sight, name: Field, agreed: Appointment) -> bool:
    """Whether a record took what was agreed of a field: what it is behind in is written there, and no difference."""
    return same_value(name, sight.mapping.accepted.get(name), agreed.get(name))


def without_questions(
    known: Known, sights: dict[str, Sight], agreed: Appointment, policy: Policy
) -> tuple[dict[str, Sight], Appointment]:
    """The records without the differences that are none any more, and the agreed values as they are then.

    Where all that differed are alike by now, that is agreed. Where a single one is left that has its own, the others
    having been deleted, it has the only value that somebody typed. A vendor that is out of the configuration for a
    while is still one of them.
    """
    if not agreed.status.live:
        return sights, agreed
    elsewhere = [m.unlike for m in known.mappings if m.vendor not in sights and m.tombstone is None]
    counts = Counter(atom for atoms in (*unlike_of(sights).values(), *elsewhere) for atom in atoms)
    for atom in sorted(counts):
        ranked = sorted(sights, key=policy.rank)
        mine = [sights[vendor].mapping for vendor in ranked if atom in sights[vendor].mapping.unlike]
        if not mine or (counts[atom] > 1 and (counts[atom] > len(mine) or _still_differs(atom, sights, policy))):
            continue
        agreed = in_own_terms(agreed, {atom}, mine[0].base)
        sights = {vendor: _without(sight, atom, agreed) for vendor, sight in sights.items()}
    return sights, agreed


def _still_differs(atom: Atom, sights: abc.Mapping[str, Sight], policy: Policy) -> bool:
    mine = {vendor: sight for vendor, sight in sights.items() if atom in sight.mapping.unlike}
    if atom is Atom.START:
        return len({sight.mapping.base.slot.minute for sight in mine.values()}) > 1
    return atom in differing(sides(mine, policy), mine.keys())


def _without(sight: Sight, atom: Atom, agreed: Appointment) -> Sight:
    """A record that keeps its own in that no more: what it has is what was agreed, or it is behind."""
    mapping = sight.mapping
    if atom not in mapping.unlike:
        return sight
    accepted = in_own_terms(mapping.accepted, {atom}, mapping.base)
    return replace(sight, mapping=replace(mapping, accepted=accepted, unlike=mapping.unlike - {atom}))


def once_said(sights: dict[str, Sight], changes: abc.Sequence[Change]) -> dict[str, Sight]:
    """The records once people said, by their changes, what is right of that in which the records differ."""
    if not any(sight.mapping.unlike for sight in sights.values()):
        return sights
    said = spoken(changes)
    return {vendor: replace(sight, mapping=settled(sight.mapping, said)) for vendor, sight in sights.items()}


def sides(sights: abc.Mapping[str, Sight], policy: Policy) -> list[Side]:
    """The records as they are compared: as they were before anybody's change in this cycle."""
    return [
        Side(vendor, sight.mapping.base, sight.mapping.shows, policy.traits(vendor).capabilities)
        for vendor, sight in sights.items()
        if sight.seen is not Seen.GONE
    ]


def unlike_of(sights: abc.Mapping[str, Sight]) -> dict[str, frozenset[Atom]]:
    """In what each record has its own; of those that are there."""
    return {vendor: sight.mapping.unlike for vendor, sight in sights.items() if sight.seen is not Seen.GONE}

"""Vendors whose zone changed: nearly all of their records are at another time at once. Pure.

    09:00 eight appointments, each at one time everywhere
    09:30 the office's account, or its `timezone` in the configuration, gets another zone
    09:35 its eight records are three hours later; nobody moved one, and at the others nothing did
No person moves everything by one offset between two looks, and where five or more did it is worth
the question. Until it is answered, nothing is written at that vendor, whose clock is not known, and
what is new there is not taken up; all that is not a time goes on.
"""

from __future__ import annotations

from collections import Counter, abc, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain

from syncd.model.appointment import Field
from syncd.model.memory import Known, Mapping, Memory
from syncd.model.policy import Policy, Traits
from syncd.model.record import Complete, Listed, Record, Snapshot
from syncd.model.wallclock import only_rules_changed, zone_changed

_FEWEST = 5
"""Fewer records that moved alike may well be a person's doing: the ordinary rules hold."""

_TENTHS = 9
"""So many tenths of a vendor's records must have moved alike."""

_QUARTER = timedelta(minutes=15)
_MOST = timedelta(hours=26)
"""Zones differ by whole quarters of an hour, and by no more than this."""


@dataclass(frozen=True, slots=True)
class Shift:
    """That a vendor's zone changed: by how much `number` of its `of` records moved at once, or None
    where its clock has another name.
    """

    offset: timedelta | None
    number: int
    of: int

    def told(self, vendor: str) -> str:
        """A sentence on what was seen."""
        if self.offset is None:
            return (
                f"{vendor}: its clock has another zone, by which {self.number} of its records are "
                "at another time"
            )
        hours = f"{self.offset / timedelta(hours=1):+g} hours"
        return f"{vendor}: {self.number} of its {self.of} records moved by {hours} at once"


def shifts_of(
    known: abc.Iterable[Known], snapshots: abc.Mapping[str, Snapshot]
) -> dict[str, Shift]:
    """The vendors whose zone changed since their records were last seen."""
    seen: dict[str, list[tuple[Mapping, Record]]] = defaultdict(list)
    for one in known:
        for mapping in one.mappings:
            record = _record_of(mapping, snapshots.get(mapping.vendor))
            if record is not None:
                seen[mapping.vendor].append((mapping, record))
    shifts = {vendor: _shift(pairs, snapshots[vendor]) for vendor, pairs in seen.items()}
    return {vendor: shift for vendor, shift in shifts.items() if shift is not None}


def shifts_among(
    memory: Memory, snapshots: abc.Mapping[str, Snapshot], policy: Policy
) -> tuple[dict[str, Shift], Policy]:
    """The vendors whose zone changed, and the policy by which nothing is written there, nor at
    those about which a person was asked before.
    """
    shifts = shifts_of(memory.known, snapshots)
    traits = [_traits(one, shifts.get(one.name), memory.shifted) for one in policy.vendors]
    return shifts, replace(policy, vendors=tuple(traits))


def _record_of(mapping: Mapping, snapshot: Snapshot | None) -> Record | None:
    """What a complete listing shows of a record whose time counts, as nothing else may move it."""
    if not isinstance(snapshot, Complete) or mapping.tombstone or mapping.in_flight is not None:
        return None
    record = snapshot.records.get(mapping.remote_id)
    if record is None or Field.SLOT not in record.shows & mapping.shows:
        return None
    stands = mapping.base.status.live and record.content.status.live
    return record if stands else None


def _shift(pairs: abc.Sequence[tuple[Mapping, Record]], snapshot: Snapshot) -> Shift | None:
    assert isinstance(snapshot, Complete)
    of = max(snapshot.live, len(pairs))
    moved = [(mapping, record) for mapping, record in pairs if _offset(mapping, record)]
    renamed = sum(zone_changed(mapping.wall, record.wall) for mapping, record in moved)
    if renamed:
        return Shift(None, renamed, of)
    by_people = [one for one in moved if not only_rules_changed(one[0].wall, one[1].wall)]
    offsets = Counter(_offset(mapping, record) for mapping, record in by_people)
    [(offset, number)] = offsets.most_common(1) or [(timedelta(), 0)]
    whole = not offset % _QUARTER and abs(offset) <= _MOST
    return Shift(offset, number, of) if whole and _is_most(number, of) else None


def _is_most(number: int, of: int) -> bool:
    return number >= _FEWEST and number * 10 >= of * _TENTHS


def _offset(mapping: Mapping, record: Record) -> timedelta:
    """By how much a record moved, its length as before; nothing where it is another length now."""
    before, now = mapping.base.slot, record.content.slot
    return now.start - before.start if now.duration == before.duration else timedelta()


def _traits(traits: Traits, shift: Shift | None, asked: abc.Set[str]) -> Traits:
    if shift is None and traits.name not in asked:
        return traits
    offset = None if shift is None else shift.offset
    paused = traits.paused or not traits.read_only
    return replace(traits, read_only=True, paused=paused, shift=offset)


def without_new(
    snapshots: abc.Mapping[str, Snapshot], known: abc.Iterable[Known], vendors: abc.Set[str]
) -> dict[str, Snapshot]:
    """The snapshots, in which what is new at these vendors counts as not read: nobody knows when it
    is.
    """
    mappings = chain.from_iterable(one.mappings for one in known)
    ids = {(mapping.vendor, mapping.remote_id) for mapping in mappings}
    return {
        name: _known_alone(one, ids) if name in vendors and isinstance(one, Listed) else one
        for name, one in snapshots.items()
    }


def _known_alone(snapshot: Snapshot, ids: abc.Set[tuple[str, str]]) -> Snapshot:
    assert isinstance(snapshot, Listed)
    kept, new = dict[str, Record](), dict[str, Record]()
    for key, record in snapshot.records.items():
        (kept if (snapshot.vendor, key) in ids else new)[key] = record
    return replace(snapshot, records=kept, unread={**snapshot.unread, **new})


def remarks_on(shifts: abc.Mapping[str, Shift], asked: abc.Set[str]) -> list[str]:
    """What is to be said of these vendors: what was seen now, and for as long as it waits what is
    asked.
    """
    found = [shift.told(vendor) for vendor, shift in sorted(shifts.items())]
    return found + [_question(vendor) for vendor in sorted(asked | shifts.keys())]


def _question(vendor: str) -> str:
    return (
        f"{vendor}: its zone changed, or all of it was moved. Nothing is written there, and "
        "nothing new of it is taken up, until somebody says whose times are right: 'syncd "
        f"conflicts resolve --zone-data --winner {vendor}' for its own, with another vendor's name "
        "for that one's; 'syncd --dry-run' then shows what will be written"
    )

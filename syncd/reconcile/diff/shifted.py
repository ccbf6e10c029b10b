"""Vendors whose zone changed: nearly all of their records are at another time at once. Pure.

    09:00 eight appointments, each at one time everywhere
    09:30 the office's account, or its `timezone` in the configuration, gets another zone
    09:35 its eight records are three hours later; nobody moved one, and at the others nothing did
No person moves everything by one offset between two looks, and where five or more did it is worth
the question. Until it is answered, no time is written at that vendor, whose clock is not known, and
what is new or moved there is not taken up; all that is not a time goes on.

A listing that broke off shows the beginning of that alone. Nothing is asked then, and what moved
waits for a whole one, which tells of all at once:
    09:35 of eighty records the first fifty are three hours later; then the office answers no more
    09:40 all eighty are: taken by themselves, the last thirty would be no nine in ten
"""

from __future__ import annotations

from collections import Counter, abc, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain

from syncd.compare.sameness import differs
from syncd.model.appointment import Field
from syncd.model.memory import Known, Mapping, Memory
from syncd.model.policy import Policy, Traits
from syncd.model.record import Complete, Listed, Partial, Record, Snapshot
from syncd.model.wallclock import only_rules_changed, zone_changed
from syncd.reconcile.diff.rezoned import is_nobodys

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
    where its clock has another name. `in_part`: that is so as far as a listing went that broke off.
    """

    offset: timedelta | None
    number: int
    of: int
    in_part: bool = False

    def told(self, vendor: str) -> str:
        """A sentence on what was seen."""
        waits = "; its listing broke off, and what moved waits for a whole one"
        return f"{vendor}: {self._seen()}{waits if self.in_part else ''}"

    def _seen(self) -> str:
        if self.offset is None:
            return (
                f"its clock has another zone, by which {self.number} of its records are at another "
                "time"
            )
        hours = f"{self.offset / timedelta(hours=1):+g} hours"
        return f"{self.number} of its {self.of} records moved by {hours} at once"


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
    """The vendors whose zone changed, and the policy by which no time is written there, nor at
    those about which a person was asked before.
    """
    shifts = shifts_of(memory.known, snapshots)
    traits = [_traits(one, shifts.get(one.name), memory.shifted) for one in policy.vendors]
    return shifts, replace(policy, vendors=tuple(traits))


def _record_of(mapping: Mapping, snapshot: Snapshot | None) -> Record | None:
    """What a listing shows of a record whose time counts, as nothing else may move it."""
    if not isinstance(snapshot, Complete | Partial) or mapping.tombstone:
        return None
    # What is read once more shows single records: whether all have moved, it cannot tell.
    if mapping.in_flight is not None or (isinstance(snapshot, Partial) and snapshot.again):
        return None
    record = snapshot.records.get(mapping.remote_id)
    if record is None or Field.SLOT not in record.shows & mapping.shows:
        return None
    stands = mapping.base.status.live and record.content.status.live
    return record if stands else None


def _shift(pairs: abc.Sequence[tuple[Mapping, Record]], snapshot: Snapshot) -> Shift | None:
    assert isinstance(snapshot, Listed)
    in_part = isinstance(snapshot, Partial)
    of = len(pairs) + len(snapshot.unchanged) if in_part else max(snapshot.live, len(pairs))
    moved = [(mapping, record) for mapping, record in pairs if _offset(mapping, record)]
    renamed = sum(zone_changed(mapping.wall, record.wall) for mapping, record in moved)
    if renamed:
        return Shift(None, renamed, of, in_part)
    offset, number = _offset_of_most(moved)
    whole = not offset % _QUARTER and abs(offset) <= _MOST
    return Shift(offset, number, of, in_part) if whole and _is_most(number, of) else None


def _offset_of_most(moved: abc.Iterable[tuple[Mapping, Record]]) -> tuple[timedelta, int]:
    """By how much most of these moved, and how many did; those that only new rules of their zone
    moved do not count.
    """
    others = [one for one in moved if not only_rules_changed(one[0].wall, one[1].wall)]
    offsets = Counter(_offset(mapping, record) for mapping, record in others)
    [most] = offsets.most_common(1) or [(timedelta(), 0)]
    return most


def _is_most(number: int, of: int) -> bool:
    return number >= _FEWEST and number * 10 >= of * _TENTHS


def _offset(mapping: Mapping, record: Record) -> timedelta:
    """By how much a record moved, its length as before; nothing where it is another length now."""
    before, now = mapping.base.slot, record.content.slot
    return now.start - before.start if now.duration == before.duration else timedelta()


def _traits(traits: Traits, shift: Shift | None, asked: abc.Set[str]) -> Traits:
    if shift is not None and not shift.in_part:
        return replace(traits, slots_held=True, shift=shift.offset)
    held = shift is not None or traits.name in asked
    return replace(traits, slots_held=True) if held else traits


def without_times(
    snapshots: abc.Mapping[str, Snapshot], known: abc.Iterable[Known], policy: Policy
) -> abc.Mapping[str, Snapshot]:
    """The snapshots, in which what is new at these vendors, and what somebody moved there, counts
    as not read: nobody knows when it is.
    """
    held = {one.name: one.shift for one in policy.vendors if one.slots_held}
    if not held:
        return snapshots
    mappings = chain.from_iterable(one.mappings for one in known)
    of = {(one.vendor, one.remote_id): one for one in mappings if one.vendor in held}
    return {
        name: _timed(one, of, held[name]) if name in held and isinstance(one, Listed) else one
        for name, one in snapshots.items()
    }


def _timed(
    snapshot: Snapshot, of: abc.Mapping[tuple[str, str], Mapping], shift: timedelta | None
) -> Snapshot:
    assert isinstance(snapshot, Listed)
    kept, left = dict[str, Record](), dict[str, Record]()
    for key, record in snapshot.records.items():
        mapping = of.get((snapshot.vendor, key))
        put_off = mapping is None or _was_moved(mapping, record, shift)
        (left if put_off else kept)[key] = record
    return replace(snapshot, records=kept, unread={**snapshot.unread, **left})


def _was_moved(mapping: Mapping, record: Record, shift: timedelta | None) -> bool:
    """Whether somebody gave a record that stands another time, or another length."""
    both = record.shows & mapping.shows
    if Field.SLOT not in both or not (record.content.status.live and mapping.base.status.live):
        return False
    moved = differs(Field.SLOT, mapping.base, record.content)
    return moved and not is_nobodys(mapping, record, shift)


def remarks_on(shifts: abc.Mapping[str, Shift], asked: abc.Set[str]) -> list[str]:
    """What is to be said of these vendors: what was seen now, and for as long as it waits what is
    asked.
    """
    found = [shift.told(vendor) for vendor, shift in sorted(shifts.items())]
    return found + [_question(vendor) for vendor in sorted(asked | asked_for(shifts))]


def asked_for(shifts: abc.Mapping[str, Shift]) -> set[str]:
    """The vendors about which a person is asked by what was seen of them now."""
    return {vendor for vendor, shift in shifts.items() if not shift.in_part}


def _question(vendor: str) -> str:
    return (
        f"{vendor}: its zone changed, or all of it was moved. No time is written there, and what "
        "is new or moved there is not taken up, until somebody says which: 'syncd conflicts "
        f"resolve --zone-changed {vendor}' where nobody moved anything, 'syncd conflicts resolve "
        f"--zone-data --winner {vendor}' where all of it was moved, with another vendor's name "
        "where that one's times are right. Each shows first what will be written"
    )

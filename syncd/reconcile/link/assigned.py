"""Records of which a person said whose they are: they are linked, or found one of their own. Pure.

    11:00 an operator says that the office's record 41 is the appointment of the CRM's record 7
    11:02 record 41 leaves the appointment that it had, if any, and joins that one, whatever either
          of them tells
Several that are to join one appointment do so at once: the appointment that they leave would be
made anew at their vendors otherwise. Until all of them are read, neither is made anywhere.
"""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import dataclass, field

from syncd.model.memory import Assigned, Known, Memory
from syncd.model.policy import Policy
from syncd.model.record import Complete, Listed, Record, Ref, Snapshots, record_in
from syncd.reconcile.link.candidates import Ambiguity, Candidate, Matched, read_as

_WAITS = "somebody said that it is one with {other}: they are joined as soon as all of both is read"


@dataclass(frozen=True, slots=True)
class Moves:
    """What is to be done with records of which a person said whose they are.

    `records` are those that go to another appointment now, `emptied` the appointments that have
    none left then, and `waiting`, by appointment, with which it is to be one as soon as all can be
    read.
    """

    records: abc.Mapping[Ref, Assigned] = field(default_factory=dict)
    emptied: frozenset[str] = frozenset()
    waiting: abc.Mapping[str, str] = field(default_factory=dict)


def moves(memory: Memory, snapshots: Snapshots) -> Moves:
    """What follows from what people said, and is not done yet."""
    records, waiting = dict[Ref, Assigned](), dict[str, str]()
    for appointment, group in _to_be_done(memory).items():
        if all(_is_read(key, snapshots) for key in group):
            records |= group
            continue
        for key, said in group.items():
            if said.former:
                waiting |= {said.former: appointment, appointment: said.former}
            elif _is_unread(key, snapshots):
                waiting.setdefault(appointment, f"record {key[1]} of {key[0]}")
    return Moves(records, _emptied(memory.known, records), waiting)


def _to_be_done(memory: Memory) -> dict[str, dict[Ref, Assigned]]:
    """By appointment: the records that are to be its own and are not yet."""
    owners = dict[Ref, tuple[str, bool]]()
    for one in memory.known if memory.whose else ():
        for mapping in one.mappings:
            owners[mapping.ref] = one.id, mapping.tombstone is None
    groups: dict[str, dict[Ref, Assigned]] = defaultdict(dict)
    for key, said in memory.whose.items():
        owner, live = owners.get(key, (None, True))
        if owner != said.appointment and live:
            groups[said.appointment][key] = said
    return groups


def _is_read(ref: Ref, snapshots: Snapshots) -> bool:
    complete = isinstance(snapshots.get(ref[0]), Complete)
    return complete and record_in(snapshots, ref) is not None


def _is_unread(ref: Ref, snapshots: Snapshots) -> bool:
    """Whether a record is listed, and cannot be read now."""
    snapshot = snapshots.get(ref[0])
    return isinstance(snapshot, Listed) and snapshot.has_unread(ref[1])


def _emptied(known: abc.Iterable[Known], moved: abc.Container[Ref]) -> frozenset[str]:
    found = set[str]()
    for one in known:
        live = [m.ref for m in one.mappings if m.tombstone is None]
        if live and all(key in moved for key in live):
            found.add(one.id)
    return frozenset(found)


def take_assigned(
    vendor: str, records: abc.Iterable[Record], moved: Moves, matched: Matched
) -> list[Record]:
    """Give a vendor's records to the appointments that people said; returns the others."""
    everybody = {candidate.id: candidate for candidate in matched.separate()}
    left: list[Record] = []
    for record in records:
        said = moved.records.get((vendor, record.remote_id))
        if said is None:
            left.append(record)
            continue
        candidate = everybody.get(said.appointment)
        if candidate is not None and _has_room_for_it(candidate, vendor):
            _give(record, candidate)
        elif candidate is None and said.founds:
            made = Candidate(said.appointment, None, [], set(), record.content.status.live)
            made.link(record)
            matched.candidates.append(made)
        else:
            matched.ambiguous.append(Ambiguity(record, _undone(said, candidate)))
    return left


def _give(record: Record, candidate: Candidate) -> None:
    """Link a record. One that stands is what became of a create there that got no answer, so that
    what is otherwise in it was done to it since; that create is expected for a day all the same.

    12:00 a create gets no answer; 12:05 a record at another time is said to be what it made
    12:15 it is carried out after all: that one was entered by hand
    """
    found = read_as(record, candidate.contents)
    creates = candidate.open_at(record.vendor)
    candidate.link(found)
    candidate.assigned.add(record.ref)
    candidate.given_up += [create.operation for create in creates]
    if creates and record.content.status.live:
        candidate.recovered.append((found, creates[-1]))


def _has_room_for_it(candidate: Candidate, vendor: str) -> bool:
    """Whether an appointment has no record at a vendor, or one that is not there any more."""
    return vendor not in candidate.vendors or vendor in candidate.vacant


def _undone(said: Assigned, candidate: Candidate | None) -> str:
    why = "is not known any more" if candidate is None else "has another record here by now"
    return (
        f"somebody said that it is appointment {said.appointment}, which {why}: say it again with "
        "'syncd link', or make it one of its own with 'syncd unlink'"
    )


def block_waiting(moved: Moves, matched: Matched, policy: Policy) -> None:
    """Make none of two appointments that are to be one as soon as all can be read."""
    for candidate in matched.candidates if moved.waiting else ():
        other = moved.waiting.get(candidate.id)
        for traits in policy.vendors if other is not None else ():
            if traits.name not in candidate.vendors:
                candidate.blocked.setdefault(traits.name, _WAITS.format(other=other))

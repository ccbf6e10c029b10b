"""Which records without a mapping belong to which appointment.

A record is linked if exactly one appointment that lacks its vendor fits. Equal fits that nothing
tells apart are paired off; fits that something tells apart are ambiguous: named, not guessed. A
first run, a lost state and a create whose answer was lost are one case.
"""

from __future__ import annotations

from collections import abc
from dataclasses import dataclass
from itertools import chain

from syncd.compare.attribution import shown_over
from syncd.compare.identity import among_key, appointment_id, content_key
from syncd.compare.people import share_somebody
from syncd.model.appointment import Appointment
from syncd.model.memory import Known, Mapping, Memory
from syncd.model.policy import Policy, Traits
from syncd.model.record import Complete, Record, Ref, Snapshots, record_in
from syncd.model.wording import may_be_waiting, reused_record
from syncd.reconcile.link.absorbed import doubt
from syncd.reconcile.link.assigned import Moves, block_waiting, moves, take_assigned
from syncd.reconcile.link.candidates import (
    Ambiguity,
    Candidate,
    Matched,
    filed_by,
    fits,
    found_by,
    read_as,
    readings,
    starts_of,
)
from syncd.reconcile.link.components import components
from syncd.reconcile.link.doubtful import block_for_asked, without_doubtful
from syncd.reconcile.link.guests import left_to_guests, tell_of_guests
from syncd.reconcile.link.late import Asked
from syncd.reconcile.link.lost_creates import recover
from syncd.reconcile.link.renumbered import (
    doubt_beside_waiting,
    find_vacancies,
    open_to_new_ids,
    take_back,
    without_missing_ones,
)
from syncd.reconcile.link.revived import Reuse, reuses
from syncd.reconcile.link.takeover import Takeover, takeovers, without
from syncd.reconcile.link.telling import told_apart
from syncd.reconcile.link.unfound import without_lost
from syncd.reconcile.link.unreadable import block_for_unread


def match(memory: Memory, snapshots: Snapshots, policy: Policy) -> Matched:
    """Link every unmapped record of the window that can be linked; found an appointment for the
    others.
    """
    everybody = memory.known
    moved = moves(memory, snapshots)
    said = moved.records
    taken = left_to_guests(everybody, snapshots) | takeovers(everybody, snapshots)
    taken = {ref: one for ref, one in taken.items() if ref not in said}
    reused = reuses(everybody, snapshots, policy)
    reused = {ref: one for ref, one in reused.items() if ref not in taken and ref not in said}
    gone = {*taken, *reused, *said}
    left = [without(one, gone) for one in everybody if one.id not in moved.emptied]
    matched = Matched([_candidate(one, snapshots) for one in left], is_class=policy.is_class)
    tell_of_guests(matched.candidates, snapshots)
    _hand_over(taken.values(), matched)
    settled = _Settled(memory.mapped - reused.keys() - said.keys(), reused, moved)
    for traits in policy.vendors:
        snapshot = snapshots.get(traits.name)
        if isinstance(snapshot, Complete):
            _link_at(traits, snapshot, settled, matched, memory, policy)
        else:  # half a listing may hide the record that would make a link ambiguous
            doubt(snapshot, matched, memory.around)
    block_for_unread(matched, snapshots)
    matched.candidates = matched.separate()
    _block_beside_waiting(matched)
    block_waiting(moved, matched, policy)
    _leave_texts(reused, matched)
    return matched


@dataclass(frozen=True, slots=True)
class _Settled:
    """The records of which it is known whose they are: those `mapped`, those that are another's
    than before, and those of which a person said so.
    """

    mapped: abc.Set[Ref]
    reused: abc.Mapping[Ref, Reuse]
    moved: Moves


def _link_at(
    traits: Traits,
    snapshot: Complete,
    settled: _Settled,
    matched: Matched,
    memory: Memory,
    policy: Policy,
) -> None:
    """Link what can be linked of one vendor's records; found an appointment for each other one."""
    vendor, asked = traits.name, Asked.of(memory, traits.name)
    find_vacancies(snapshot, matched)
    take_back(snapshot, matched)
    alone = take_assigned(vendor, _fresh(snapshot, settled), settled.moved, matched)
    alone, unfound = recover(snapshot, alone, matched, traits, settled.mapped, asked)
    alone = [record for record in alone if _in_window(record, policy)]
    alone = _link_alike(snapshot, alone, matched)
    alone = without_missing_ones(vendor, alone, matched, asked)
    alone = without_doubtful(snapshot, alone, matched, asked)
    block_for_asked(snapshot, matched, asked)
    for record in without_lost(alone, unfound, matched):
        reuse = settled.reused.get(record.ref)
        matched.candidates.append(_found(record, None if reuse is None else reuse.appointment))
    doubt_beside_waiting(vendor, matched)


def _fresh(snapshot: Complete, settled: _Settled) -> list[Record]:
    """The records that are no appointment's yet, or another's now, in the order of their ids."""
    found = []
    for _, record in sorted(snapshot.records.items()):
        if record.ref not in settled.mapped:
            reuse = settled.reused.get(record.ref)
            found.append(record if reuse is None else reuse.record)
    return found


def _link_alike(snapshot: Complete, records: list[Record], matched: Matched) -> list[Record]:
    """Link records to candidates that stand as they do, then to those that do not; returns what no
    candidate fits. One whose own record is not there any more counts as lacking one among the
    first.
    """
    live, ended = _parted(records)
    vacated = open_to_new_ids(snapshot.vendor, matched)
    for candidate in vacated:
        candidate.vendors.discard(snapshot.vendor)
    live = _link_same_status(snapshot.vendor, live, matched, True)
    # Called off elsewhere, and not here yet, where its record has a new id.
    over = [candidate for candidate in vacated if not candidate.live]
    live = _link_or_ask(snapshot.vendor, live, over, matched)
    ended = _link_same_status(snapshot.vendor, ended, matched, False)
    for candidate in vacated:
        candidate.vendors.add(snapshot.vendor)
    return _link_opposite_status(snapshot, live, ended, matched)


def _parted(records: abc.Iterable[Record]) -> tuple[list[Record], list[Record]]:
    """Records that stand, and those that do not."""
    live: list[Record] = []
    ended: list[Record] = []
    for record in records:
        (live if record.content.status.live else ended).append(record)
    return live, ended


def _hand_over(taken: abc.Iterable[Takeover], matched: Matched) -> None:
    """Give records that creates without an answer took over to the creates' appointments."""
    by_id = {candidate.id: candidate for candidate in matched.candidates}
    for one in taken:
        candidate = by_id[one.appointment]
        record = read_as(one.record, [one.create.intended])
        candidate.link(record)
        candidate.recovered.append((record, one.create))
        if one.create.operation:
            candidate.settled.append(one.create.operation)


def _block_beside_waiting(matched: Matched) -> None:
    """Make nothing where a record waits for a person that may be it: it is linked once that one has
    said whose the record is.
    """
    waiting = [one for one in matched.ambiguous if one.record.content.status.live]
    lacking = [one for one in matched.candidates if one.live] if waiting else []
    starting = filed_by(lacking, lambda one: one.minutes)
    for record in (one.record for one in waiting):
        for candidate in found_by(starts_of(record), starting):
            if candidate.lacks(record.vendor) and fits(record, candidate, matched.is_class):
                reason = may_be_waiting(record.vendor, record.remote_id)
                candidate.blocked.setdefault(record.vendor, reason)


def _leave_texts(reused: abc.Mapping[Ref, Reuse], matched: Matched) -> None:
    """Let what is written in records that are another's now stay there alone, and say what became
    of them.
    """
    for candidate in matched.candidates if reused else ():
        for record in candidate.linked:
            reuse = reused.get(record.ref)
            if reuse is not None:
                candidate.texts[record.vendor] = reuse.left
                candidate.guests[record.vendor] = reuse.guests
                said = reused_record(
                    record.vendor, record.remote_id, reuse.former.agreed, sorted(reuse.left)
                )
                matched.remarks.append((record.vendor, said))


def _candidate(known: Known, snapshots: Snapshots) -> Candidate:
    """A known appointment, with what its records were and with what they are now.

    A record of a former account counts as long as nobody moved the appointment since: its vendor
    may round times, or cut titles, in the new account as well.
    """
    live = known.agreed.status.live
    standing = [mapping for mapping in known.mappings if mapping.tombstone is None]
    contents = [known.agreed, *_shown_of(standing, snapshots)]
    former = (one for one in known.mappings if one.tombstone is not None and one.former_account)
    contents += [one.base for one in former if one.acknowledged.slot == known.agreed.slot]
    vendors = {mapping.vendor for mapping in (standing if live else known.mappings)}
    return Candidate(known.id, known, contents, vendors, live)


def _shown_of(standing: abc.Iterable[Mapping], snapshots: Snapshots) -> abc.Iterator[Appointment]:
    """What records were when they were seen last, and what they are now."""
    for mapping in standing:
        yield mapping.base
        record = record_in(snapshots, mapping.ref)
        if record is not None:
            yield shown_over(mapping.base, record)


def _found(record: Record, named: str | None) -> Candidate:
    """A new appointment, by the id that its record gives it unless it is `named`."""
    key = named or appointment_id(*record.ref)
    made = Candidate(key, None, [], set(), record.content.status.live)
    made.link(record)
    return made


def _in_window(record: Record, policy: Policy) -> bool:
    return any(slot.start in policy.window for slot in readings(record))


def _link_same_status(
    vendor: str, records: list[Record], matched: Matched, live: bool
) -> list[Record]:
    """Link records to candidates of the same standing; returns what no candidate fits."""
    lacking = _lacking(matched, vendor, live=live)
    left: list[Record] = []
    for some, fitting in components(records, lacking, matched.is_class):
        if not fitting:
            left += some
        elif len(some) == 1 and _are_one(fitting):
            candidate = _united(fitting, matched)
            candidate.link(read_as(some[0], candidate.contents))
        elif _all_alike(some, fitting):
            for record, candidate in zip(some, fitting, strict=False):
                candidate.link(read_as(record, candidate.contents))
            left += some[len(fitting) :]
        else:
            left += _link_told_apart(vendor, some, fitting, matched)
    return left


def _link_told_apart(
    vendor: str, records: list[Record], candidates: list[Candidate], matched: Matched
) -> list[Record]:
    """Link the records of which something tells whose they are, and then what is left as if these
    had never been there; returns what no candidate fits then.
    """
    pairs = told_apart(records, candidates)
    if not pairs:
        _ambiguous(vendor, records, candidates, matched)
        return []
    for record, candidate in pairs:
        candidate.link(read_as(record, candidate.contents))
    linked = {record.remote_id for record, _ in pairs}
    left = [record for record in records if record.remote_id not in linked]
    return _link_same_status(vendor, left, matched, candidates[0].live)


def _link_opposite_status(
    snapshot: Complete, live: list[Record], ended: list[Record], matched: Matched
) -> list[Record]:
    """A cancelled record whose like still stands elsewhere, or the reverse: linked, and left to a
    person.

    A live record that appeared after its like had ended is neither: somebody booked again.
        09:00 Jane's appointment is cancelled, at every vendor
        09:20 a record of hers appears in the office, at the same time: another appointment
        09:20 the office is listed for the first time, and has such a record: nobody can tell
    """
    appeared: list[Record] = []
    found: list[Record] = []
    for record in live:
        is_new = snapshot.read_before and record.remote_id not in snapshot.lingering
        (appeared if is_new else found).append(record)
    vendor = snapshot.vendor
    lacking = [c for c in _lacking(matched, vendor, live=False) if c.known is None]
    left = _link_or_ask(vendor, appeared, lacking, matched)
    left += _link_or_ask(vendor, found, _lacking(matched, vendor, live=False), matched)
    return left + _link_or_ask(
        vendor, ended, _lacking(matched, vendor, live=True), matched, spare=True
    )


def _lacking(matched: Matched, vendor: str, *, live: bool) -> list[Candidate]:
    """The candidates that stand, or do not, and have no record at a vendor."""
    return [c for c in matched.separate() if c.live is live and vendor not in c.vendors]


def _link_or_ask(
    vendor: str,
    records: list[Record],
    candidates: list[Candidate],
    matched: Matched,
    *,
    spare: bool = False,
) -> list[Record]:
    """Link each record that one candidate alone fits; returns what none fits. `spare`: of several
    equal ones the first is linked, and the others are left.
    """
    left: list[Record] = []
    for group, fitting in components(records, candidates, matched.is_class):
        if len(fitting) == 1 and (len(group) == 1 or spare):
            fitting[0].link(read_as(group[0], fitting[0].contents))
            left += group[1:]
        elif fitting:
            _ambiguous(vendor, group, fitting, matched)
        else:
            left += group
    return left


def _all_alike(records: list[Record], candidates: list[Candidate]) -> bool:
    return (
        len({content_key(record.content) for record in records}) == 1
        and len({tuple(sorted(content_key(content) for content in c.contents)) for c in candidates})
        == 1
    )


def _are_one(candidates: list[Candidate]) -> bool:
    """Whether candidates that one record fits are one appointment: no vendor has two of it, and no
    client is another.

    One that is known by its title alone and one that is known by its client meet in the record that
    shows both.
    """
    vendors = list(chain.from_iterable(candidate.vendors for candidate in candidates))
    known = [candidate for candidate in candidates if candidate.known]
    named = [candidate.clients for candidate in candidates if candidate.clients]
    same = all(share_somebody(some, named[0]) for some in named)
    return len(vendors) == len(set(vendors)) and len(known) <= 1 and same


def _united(candidates: list[Candidate], matched: Matched) -> Candidate:
    """One candidate of several: the known one, if any."""
    first, *others = sorted(candidates, key=lambda candidate: candidate.known is None)
    for other in others:
        first.take_over(other)
        matched.united.add(other.id)
    return first


def _ambiguous(
    vendor: str, records: list[Record], candidates: list[Candidate], matched: Matched
) -> None:
    reason = (
        f"{len(records)} record(s) of {vendor} and {len(candidates)} appointments have the same "
        "start and client, and differ otherwise: nothing says which belongs to which"
    )
    _leave_open(vendor, records, candidates, matched, reason)


def _leave_open(
    vendor: str, records: list[Record], candidates: list[Candidate], matched: Matched, reason: str
) -> None:
    """Neither link records nor make what they may be."""
    ids = [candidate.id for candidate in candidates]
    matched.ambiguous += [
        Ambiguity(record, reason, among_key(record.remote_id, ids)) for record in records
    ]
    for candidate in candidates:
        # Two that are known were told apart before; any others may turn out to be one.
        others = [other for other in candidates if not (other.known and candidate.known)]
        theirs = {vendor}.union(*(other.vendors for other in others))
        candidate.blocked |= dict.fromkeys(theirs - candidate.vendors, reason)

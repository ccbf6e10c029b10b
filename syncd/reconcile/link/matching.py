"""Which records without a mapping belong to which appointment.

A record is linked if exactly one appointment that lacks its vendor fits. Equal fits that nothing
tells apart are paired off; fits that something tells apart are ambiguous: named, not guessed. A
first run, a lost state and a create whose answer was lost are one case.
"""

from __future__ import annotations

from collections import abc
from datetime import datetime, timedelta
from itertools import chain

from syncd.compare.attribution import shown_over
from syncd.compare.identity import among_key, appointment_id, content_key, row_key
from syncd.compare.people import share_somebody
from syncd.model.memory import Known, Memory
from syncd.model.policy import Policy
from syncd.model.record import BadRow, Complete, Partial, Record, Snapshot
from syncd.model.wording import reused_record
from syncd.reconcile.link.assigned import block_waiting, moves, take_assigned
from syncd.reconcile.link.candidates import (
    Ambiguity,
    Candidate,
    Handle,
    Matched,
    by_start,
    fits,
    lookup_keys,
    read_as,
    readings,
)
from syncd.reconcile.link.doubtful import without_doubtful
from syncd.reconcile.link.guests import left_to_guests, tell_of_guests
from syncd.reconcile.link.late import Asked
from syncd.reconcile.link.lost_creates import doubt, recover
from syncd.reconcile.link.renumbered import (
    doubt_beside_waiting,
    find_vacancies,
    open_to_new_ids,
    take_back,
    without_missing_ones,
)
from syncd.reconcile.link.revived import Key, Reuse, reuses
from syncd.reconcile.link.takeover import Takeover, takeovers, without
from syncd.reconcile.link.telling import told_apart

PATIENCE = timedelta(hours=1)
"""So long a row that says nothing of itself may be any appointment that is lacking at its
vendor.
"""


def match(memory: Memory, snapshots: abc.Mapping[str, Snapshot], policy: Policy) -> Matched:
    """Link every unmapped record of the window that can be linked; found an appointment for the
    others.
    """
    everybody = memory.known
    moved = moves(memory, snapshots)
    said = moved.records
    taken = left_to_guests(everybody, snapshots) | takeovers(everybody, snapshots)
    taken = {key: one for key, one in taken.items() if key not in said}
    reused = {
        key: one
        for key, one in reuses(everybody, snapshots, policy).items()
        if key not in taken and key not in said
    }
    gone = {*taken, *reused, *said}
    left = [without(one, gone) for one in everybody if one.id not in moved.emptied]
    matched = Matched([_candidate(one, snapshots) for one in left])
    candidates = matched.candidates
    mapped = _mapped(everybody) - reused.keys() - said.keys()
    tell_of_guests(candidates, snapshots)
    _hand_over(taken.values(), matched)
    for traits in policy.vendors:
        snapshot = snapshots.get(traits.name)
        if not isinstance(snapshot, Complete):
            doubt(snapshot, matched, memory.around)
            continue  # half a listing may hide the record that would make a link ambiguous
        find_vacancies(snapshot, matched)
        take_back(snapshot, matched)
        fresh = take_assigned(traits.name, _fresh(snapshot, mapped, reused), moved, matched)
        asked = Asked.of(memory, traits.name)
        alone = recover(snapshot, fresh, matched, traits, mapped, asked)
        alone = [record for record in alone if _in_window(record, policy)]
        alone = _link_alike(snapshot, alone, matched)
        alone = without_missing_ones(traits.name, alone, matched, asked)
        for record in without_doubtful(traits.name, alone, matched, asked):
            reuse = reused.get((traits.name, record.remote_id))
            matched.candidates.append(_found(record, None if reuse is None else reuse.appointment))
        doubt_beside_waiting(traits.name, matched)
    for traits in policy.vendors:
        snapshot = snapshots.get(traits.name)
        if isinstance(snapshot, Complete) and snapshot.unread:
            _block_unread(snapshot, matched)
    matched.candidates = matched.separate()
    block_waiting(moved, matched, policy)
    _leave_texts(reused, matched)
    return matched


def _fresh(
    snapshot: Complete, mapped: abc.Container[Key], reused: abc.Mapping[Key, Reuse]
) -> list[Record]:
    """The records that are no appointment's yet, or another's now, in the order of their ids."""
    found = []
    for remote_id, record in sorted(snapshot.records.items()):
        key = snapshot.vendor, remote_id
        if key not in mapped:
            found.append(reused[key].record if key in reused else record)
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


def _mapped(known: abc.Iterable[Known]) -> set[Key]:
    """The records, by vendor and id, that are or were an appointment's."""
    found = set[Key]()
    for one in known:
        found.update((mapping.vendor, mapping.remote_id) for mapping in one.mappings)
    return found


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


def _leave_texts(reused: abc.Mapping[Key, Reuse], matched: Matched) -> None:
    """Let what is written in records that are another's now stay there alone, and say what became
    of them.
    """
    for candidate in matched.candidates if reused else ():
        for record in candidate.linked:
            reuse = reused.get((record.vendor, record.remote_id))
            if reuse is not None:
                candidate.texts[record.vendor] = reuse.left
                candidate.guests[record.vendor] = reuse.guests
                said = reused_record(
                    record.vendor, record.remote_id, reuse.former.agreed, sorted(reuse.left)
                )
                matched.remarks.append((record.vendor, said))


def block_creates_for_unreadable(
    matched: Matched, snapshots: abc.Mapping[str, Snapshot], memory: Memory, now: datetime
) -> None:
    """No create may be made that a row which cannot be read could turn out to be.

    Where not even its start can be told, that may be any; so for `PATIENCE` nothing is made at its
    vendor. Most such faults have passed by then, and of the others the operator was told.
    """
    mapped = _mapped(memory.known)
    since = {(entry.vendor, entry.key): entry.since for entry in memory.quarantines}
    for snapshot in snapshots.values():
        anywhere: BadRow | None = None
        starting: dict[int, BadRow] = {}
        for row in snapshot.bad_rows if isinstance(snapshot, Complete) else ():
            first = since.get((row.vendor, row_key(row)))
            lasting = not row.starts and first is not None and now - first >= PATIENCE
            if lasting or (row.remote_id is not None and (row.vendor, row.remote_id) in mapped):
                continue
            anywhere = anywhere or (None if row.starts else row)
            for minute in row.starts:
                starting.setdefault(minute, row)
        if anywhere or starting:
            _block(matched.candidates, anywhere, starting)


def _block(
    candidates: abc.Iterable[Candidate], anywhere: BadRow | None, starting: abc.Mapping[int, BadRow]
) -> None:
    """Make nothing that one of these rows could be: one that may start at any time, or those that
    start in a minute.
    """
    for candidate in candidates:
        row = next(
            (starting[minute] for minute in sorted(candidate.minutes) if minute in starting),
            anywhere,
        )
        if row is not None and row.vendor not in candidate.vendors:
            said = f"{row.remote_id}: {row.reason}"
            reason = f"a row of {row.vendor} that could be it cannot be read ({said})"
            candidate.blocked.setdefault(row.vendor, reason)


def _candidate(known: Known, snapshots: abc.Mapping[str, Snapshot]) -> Candidate:
    """A known appointment, with what its records were and with what they are now.

    A record of a former account counts as long as nobody moved the appointment since: its vendor
    may round times, or cut titles, in the new account as well.
    """
    contents = [known.agreed]
    live = known.agreed.status.live
    vendors = set()
    for mapping in known.mappings:
        if mapping.tombstone is None or not live:
            vendors.add(mapping.vendor)
        if mapping.tombstone is None:
            contents.append(mapping.base)
            snapshot = snapshots.get(mapping.vendor)
            if isinstance(snapshot, Complete | Partial) and mapping.remote_id in snapshot.records:
                contents.append(shown_over(mapping.base, snapshot.records[mapping.remote_id]))
        elif mapping.former_account and mapping.acknowledged.slot == known.agreed.slot:
            contents.append(mapping.base)
    return Candidate(known.id, known, contents, vendors, live)


def _found(record: Record, named: str | None) -> Candidate:
    """A new appointment, by the id that its record gives it unless it is `named`."""
    key = named or appointment_id(record.vendor, record.remote_id)
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
    for some, fitting in _components(records, lacking):
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
    for group, fitting in _components(records, candidates):
        if len(fitting) == 1 and (len(group) == 1 or spare):
            fitting[0].link(read_as(group[0], fitting[0].contents))
            left += group[1:]
        elif fitting:
            _ambiguous(vendor, group, fitting, matched)
        else:
            left += group
    return left


def _components(
    records: list[Record], candidates: list[Candidate]
) -> list[tuple[list[Record], list[Candidate]]]:
    """Records and candidates grouped by who fits whom, directly or through others; candidates in
    their given order.
    """
    if not records:
        return []
    index = by_start(candidates)
    leaders: dict[str, str] = {}
    fitting_of: list[dict[str, Candidate]] = []
    for record in records:
        fitting = {c.id: c for c in _near(record, index) if fits(record, c)}
        fitting_of.append(fitting)
        for key in fitting:
            leaders[_leader(leaders, key)] = _leader(leaders, next(iter(fitting)))
    groups: dict[str | int, tuple[list[Record], dict[str, Candidate]]] = {}
    for number, (record, fitting) in enumerate(zip(records, fitting_of, strict=True)):
        leader = _leader(leaders, next(iter(fitting))) if fitting else number
        some, together = groups.setdefault(leader, ([], {}))
        some.append(record)
        together.update(fitting)
    order = {candidate.id: number for number, candidate in enumerate(candidates)}
    return [
        (some, sorted(together.values(), key=lambda c: order[c.id]))
        for some, together in groups.values()
    ]


def _near(
    record: Record, index: abc.Mapping[tuple[int, Handle], list[Candidate]]
) -> abc.Iterable[Candidate]:
    """The candidates that share a start and a key with a record, each once."""
    near: dict[str, Candidate] = {}
    keys = sorted(lookup_keys(record.content))
    for slot in readings(record):
        for key in keys:
            for candidate in index.get((slot.minute, key), ()):
                near.setdefault(candidate.id, candidate)
    return near.values()


def _leader(leaders: dict[str, str], key: str) -> str:
    """The one by whom a candidate's group is known."""
    leaders.setdefault(key, key)
    while leaders[key] != key:
        leaders[key] = leaders[leaders[key]]
        key = leaders[key]
    return key


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


def _block_unread(snapshot: Complete, matched: Matched) -> None:
    """No create may be made that a row not read yet could turn out to be."""
    vendor, why = snapshot.vendor, dict[int, str]()
    for row in snapshot.unread.values():
        reason = "that is not read yet" if row.untold is None else f"of which {row.untold}"
        why |= dict.fromkeys(
            (slot.minute for slot in readings(row)), f"{vendor} has a row at this time {reason}"
        )
    for candidate in matched.candidates:
        said = next((why[minute] for minute in sorted(candidate.minutes) if minute in why), None)
        if vendor not in candidate.vendors and said is not None:
            candidate.blocked.setdefault(vendor, said)

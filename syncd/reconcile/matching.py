"""Which records without a mapping belong to which appointment.

A record is linked if exactly one appointment that lacks its vendor fits. Equal fits that nothing tells apart are
paired off; fits that something tells apart are ambiguous: named, not guessed. A first run, a lost state and a create
whose answer was lost are one case.
"""

from __future__ import annotations

from collections import abc, defaultdict
from dataclasses import dataclass, field, replace

from syncd.model.appointment import Appointment, Client, Field, normal_text
from syncd.model.memory import Known, UnsettledCreate
from syncd.model.policy import Policy
from syncd.model.record import Complete, Record, Snapshot
from syncd.reconcile.identity import appointment_id, content_key


@dataclass(slots=True)
class Candidate:
    """An appointment as matching sees it: what is known of it, and what was linked to it in this cycle.

    `blocked` holds, per vendor, why no create may be made there. `contested` are vendors whose linked record is
    cancelled while the appointment stands, or the other way round.
    """

    id: str
    known: Known | None
    contents: list[Appointment]
    vendors: set[str]
    live: bool
    linked: list[Record] = field(default_factory=list)
    blocked: dict[str, str] = field(default_factory=dict)
    contested: list[Record] = field(default_factory=list)
    recovered: list[tuple[Record, UnsettledCreate]] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)

    @property
    def clients(self) -> list[Client]:
        """Every client that any of its records shows."""
        return [client for content in self.contents for client in content.clients if not client.empty]

    @property
    def titles(self) -> set[str]:
        """Every title that any of its records goes by."""
        return {normal_text(content.display_title) for content in self.contents}

    @property
    def minutes(self) -> set[int]:
        """Every start that any of its records has, in whole minutes."""
        return {content.slot.minute for content in self.contents}

    def link(self, record: Record) -> None:
        """Take a record in."""
        self.linked.append(record)
        self.contents.append(record.content)
        self.vendors.add(record.vendor)


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A record that fits several appointments, or one of several records that fit one: left alone."""

    record: Record
    reason: str


@dataclass(slots=True)
class Matched:
    """The result: every candidate, old and new, and the records that nobody dares to link."""

    candidates: list[Candidate]
    ambiguous: list[Ambiguity] = field(default_factory=list)
    unread: int = 0


def fits(record: Record, candidate: Candidate) -> bool:
    """Same start, and the same client or, where a side has no client, the same title."""
    starts = {record.content.slot.minute, *(slot.minute for slot in record.other_readings)}
    if starts.isdisjoint(candidate.minutes):
        return False
    clients = [client for client in record.content.clients if not client.empty]
    others = candidate.clients
    if clients and others:
        return any(one.same_person(other) for one in clients for other in others)
    return normal_text(record.content.display_title) in candidate.titles


def match(known: abc.Iterable[Known], snapshots: abc.Mapping[str, Snapshot], policy: Policy) -> Matched:
    """Link every unmapped record of the window that can be linked; found an appointment for the others."""
    candidates = [_candidate(one) for one in known]
    matched = Matched(candidates)
    mapped = {(m.vendor, m.remote_id) for one in candidates if one.known for m in one.known.mappings}
    for traits in policy.vendors:
        snapshot = snapshots.get(traits.name)
        if not isinstance(snapshot, Complete):
            continue  # half a listing may hide the record that would make a link ambiguous
        fresh = [r for key, r in sorted(snapshot.records.items()) if (traits.name, key) not in mapped]
        left = _recover(traits.name, fresh, matched)
        left = [record for record in left if _in_window(record, policy)]
        for live in (True, False):
            left = _pair(traits.name, [r for r in left if r.content.status.live is live], matched, live) + [
                r for r in left if r.content.status.live is not live
            ]
        left = _contest(snapshot, left, matched)
        for record in left:
            matched.candidates.append(_found(record))
    for snapshot in snapshots.values():
        if isinstance(snapshot, Complete):
            _block_unread(snapshot, matched)
    return matched


def _candidate(known: Known) -> Candidate:
    contents = [known.agreed, *(m.base for m in known.mappings if m.tombstone is None)]
    live = known.agreed.status.live
    vendors = {m.vendor for m in known.mappings if m.tombstone is None or not live}
    return Candidate(known.id, known, contents, vendors, live)


def _found(record: Record) -> Candidate:
    made = Candidate(appointment_id(record.vendor, record.remote_id), None, [], set(), record.content.status.live)
    made.link(record)
    return made


def _in_window(record: Record, policy: Policy) -> bool:
    return any(slot.start in policy.window for slot in (record.content.slot, *record.other_readings))


def _recover(vendor: str, fresh: list[Record], matched: Matched) -> list[Record]:
    """Find the records of creates whose answer was lost; what is left are the records that are none."""
    waiting = [
        (candidate, create)
        for candidate in matched.candidates
        if candidate.known
        for create in candidate.known.unsettled
        if create.vendor == vendor
    ]
    left = list(fresh)
    for candidate, create in waiting:  # the mark is proof, so it goes before every resemblance
        hit = next((record for record in left if record.token == create.token), None)
        if hit is not None:
            _recovered(candidate, hit, create)
            left.remove(hit)
    for candidate, create in waiting:
        if create.operation in candidate.settled:
            continue
        left = _recover_one(candidate, create, left, matched)
    return left


def _recover_one(candidate: Candidate, create: UnsettledCreate, left: list[Record], matched: Matched) -> list[Record]:
    wanted = Candidate(candidate.id, None, [create.intended], set(), True)
    unmarked = [record for record in left if record.token is None]
    hits = [record for record in unmarked if fits(record, wanted)]
    exact = [record for record in hits if _equal_text(record.content, create.intended)]
    chosen = exact or hits
    if chosen and len({content_key(record.content) for record in chosen}) == 1:
        _recovered(candidate, chosen[0], create)
        return [record for record in left if record is not chosen[0]]
    near = chosen or [r for r in unmarked if _same_client(r, create.intended)]
    if near:
        reason = (
            f"its create got no answer, and {create.vendor} now shows {len(near)} record(s) that it could have become: "
            "check there, then 'syncd quarantine release'"
        )
        candidate.blocked[create.vendor] = reason
        matched.ambiguous += [
            Ambiguity(record, f"may be the unanswered create of another record: {reason}") for record in near
        ]
        return [record for record in left if record not in near]
    candidate.settled.append(create.operation)  # a complete listing shows that it did not happen
    return left


def _recovered(candidate: Candidate, record: Record, create: UnsettledCreate) -> None:
    candidate.link(record)
    candidate.recovered.append((record, create))
    candidate.settled.append(create.operation)


def _equal_text(one: Appointment, other: Appointment) -> bool:
    return (normal_text(one.display_title), normal_text(one.notes)) == (
        normal_text(other.display_title),
        normal_text(other.notes),
    )


def _same_client(record: Record, intended: Appointment) -> bool:
    if record.content.clients and intended.clients:
        return any(a.same_person(b) for a in record.content.clients for b in intended.clients)
    return normal_text(record.content.display_title) == normal_text(intended.display_title)


def _pair(vendor: str, records: list[Record], matched: Matched, live: bool) -> list[Record]:
    """Link records to candidates of the same standing; returns what no candidate fits."""
    lacking = [c for c in matched.candidates if c.live is live and vendor not in c.vendors]
    left: list[Record] = []
    for some, fitting in _components(records, lacking):
        if not fitting:
            left += some
        elif (len(some) == 1 and len(fitting) == 1) or _all_alike(some, fitting):
            for record, candidate in zip(some, fitting, strict=False):
                candidate.link(_read_as(record, candidate))
            left += some[len(fitting) :]
        else:
            _ambiguous(vendor, some, fitting, matched)
    return left


def _contest(snapshot: Complete, records: list[Record], matched: Matched) -> list[Record]:
    """A cancelled record whose like still stands elsewhere, or the reverse: linked, and left to a person.

    A live record that appeared after its like had ended is neither: somebody booked again.
    """
    vendor, left = snapshot.vendor, list[Record]()
    for live in (True, False):
        some = [record for record in records if record.content.status.live is live]
        lacking = [
            c
            for c in matched.candidates
            if c.live is not live and vendor not in c.vendors and not (live and c.known and snapshot.read_before)
        ]
        for group, fitting in _components(some, lacking):
            if len(fitting) == 1 and (len(group) == 1 or not live):
                fitting[0].link(_read_as(group[0], fitting[0]))
                fitting[0].contested.append(fitting[0].linked[-1])
                left += group[1:]
            elif fitting:
                _ambiguous(vendor, group, fitting, matched)
            else:
                left += group
    return left


def _read_as(record: Record, candidate: Candidate) -> Record:
    """Of the readings of an ambiguous local time, the one that the appointment has."""
    wanted = candidate.minutes
    if record.content.slot.minute in wanted or not record.other_readings:
        return record
    slot = next(slot for slot in record.other_readings if slot.minute in wanted)
    return replace(record, content=record.content.with_values({Field.SLOT: slot}))


def _components(records: list[Record], candidates: list[Candidate]) -> list[tuple[list[Record], list[Candidate]]]:
    """Records and candidates grouped by who fits whom, directly or through others."""
    by_minute: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        for minute in candidate.minutes:
            by_minute[minute].append(candidate)
    groups: dict[int, tuple[list[Record], list[Candidate]]] = {}
    group_of: dict[str, int] = {}
    for number, record in enumerate(records):
        near = [c for slot in (record.content.slot, *record.other_readings) for c in by_minute.get(slot.minute, ())]
        some, fitting = [record], {c.id: c for c in near if fits(record, c)}
        for joined in sorted({group_of[key] for key in fitting if key in group_of}):
            earlier = groups.pop(joined)
            some = earlier[0] + some
            fitting = {**{c.id: c for c in earlier[1]}, **fitting}
        groups[number] = (some, list(fitting.values()))
        group_of.update(dict.fromkeys(fitting, number))
    return list(groups.values())


def _all_alike(records: list[Record], candidates: list[Candidate]) -> bool:
    return (
        len({content_key(record.content) for record in records}) == 1
        and len({tuple(sorted(content_key(content) for content in c.contents)) for c in candidates}) == 1
    )


def _ambiguous(vendor: str, records: list[Record], candidates: list[Candidate], matched: Matched) -> None:
    reason = (
        f"{len(records)} record(s) of {vendor} and {len(candidates)} appointments have the same start and client, "
        "and differ otherwise: nothing says which belongs to which"
    )
    matched.ambiguous += [Ambiguity(record, reason) for record in records]
    for candidate in candidates:
        candidate.blocked[vendor] = reason


def _block_unread(snapshot: Complete, matched: Matched) -> None:
    """No create may be made that a row not read yet could turn out to be."""
    starts = {slot.minute for row in snapshot.unread.values() for slot in (row.content.slot, *row.other_readings)}
    matched.unread += len(snapshot.unread)
    for candidate in matched.candidates:
        if snapshot.vendor not in candidate.vendors and not starts.isdisjoint(candidate.minutes):
            candidate.blocked.setdefault(
                snapshot.vendor, f"{snapshot.vendor} has a row at this time that is not read yet"
            )
